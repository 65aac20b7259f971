//! What an envelope means, by the model: who it is from, and what that person may do there at that moment.
//!
//! Invariant: what means nothing changes nothing but the trail.

use seqn_chatops::model::{Account, RequestId, Staff, StaffId, State, Verb};
use seqn_chatops::store::{RequestRow, Vote};

use super::play::{Claim, Does, Known, Play, Stands};
use crate::histories::{History, model};

/// How long a preview waits.
const PREVIEW_MS: i64 = 15 * crate::histories::MINUTE;
/// The longest reason.
const REASON_MOST: usize = 300;

/// What an envelope means.
#[derive(Clone, Debug)]
pub enum Means {
    /// Nothing: it is refused, or opens a form, or says what is wrong with one.
    Nothing,
    /// A command: there may be one more request, of that person.
    Asks(StaffId),
    Confirms(Claim),
    Cancels(RequestId),
    Reviews(RequestId, u32, StaffId),
    Agrees(Claim),
    Denies(RequestId, StaffId),
}

impl Play<'_> {
    pub fn who(&self, account: &Account) -> Option<Staff> {
        self.known_staff().into_iter().find(|staff| staff.accounts.contains(account))
    }

    pub async fn means(&mut self, account: &Account, does: &Does) -> Means {
        let Some(staff) = self.who(account) else { return Means::Nothing };
        let (verb, id, revision, values) = match does {
            Does::Types(_) => return Means::Asks(staff.id),
            Does::Forges(_) => return Means::Nothing,
            Does::Presses(verb, id, revision) => (*verb, id, *revision, None),
            Does::Submits(verb, id, revision, values) => (*verb, id, *revision, Some(values)),
        };
        let Some(row) = self.stood.get(id).map(|known| known.row.clone()) else { return Means::Nothing };
        let Some(plan) = self.plan(&row).await else { return Means::Nothing };
        if revision != row.revision || row.dry_run {
            return Means::Nothing;
        }
        let history = self.history(&row, &plan, self.known_staff(), false);
        let claim = |reason: &str| Claim {
            request: row.id.clone(),
            revision,
            staff: staff.id.clone(),
            at: history.now,
            reason: reason.to_owned(),
        };
        let own = staff.id == row.requester;
        match verb {
            // What a bulk act asks in a form is no part of these plans, so that both ways confirm.
            Verb::Confirm if own && row.state == State::Previewed => {
                let young = history.now - row.changed.0 < PREVIEW_MS;
                let possible = model::tier(&history) < 2 || model::enough(&history, &model::everybody(&history));
                if young && possible { Means::Confirms(claim("")) } else { Means::Nothing }
            }
            Verb::Cancel if values.is_none() && own && [State::Previewed, State::Asking].contains(&row.state) => {
                Means::Cancels(row.id)
            }
            Verb::Review | Verb::Approve | Verb::Deny if !own && row.state == State::Asking => {
                if !may_vote(&history, &staff) {
                    return Means::Nothing;
                }
                self.votes(verb, &row, &history, &staff, values.map(Vec::as_slice), &claim)
            }
            _ => Means::Nothing,
        }
    }

    fn votes(
        &self,
        verb: Verb,
        row: &RequestRow,
        history: &History,
        staff: &Staff,
        values: Option<&[(&'static str, String)]>,
        claim: &impl Fn(&str) -> Claim,
    ) -> Means {
        let value = |key: &str| {
            let values = values.unwrap_or_default();
            values.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| value.trim()).to_owned()
        };
        if verb == Verb::Review {
            let pressed = values.is_none();
            return if pressed {
                Means::Reviews(row.id.clone(), row.revision, staff.id.clone())
            } else {
                Means::Nothing
            };
        }
        let voted =
            self.stood[&row.id].votes.iter().any(|vote| vote.revision == row.revision && vote.staff == staff.id);
        if voted || !self.reviewed.contains(&(row.id.clone(), row.revision, staff.id.clone())) {
            return Means::Nothing;
        }
        let tier = model::tier(history);
        let needs_reason = tier == 3 || model::rule(history).is_some_and(|need| need.reason);
        let reason = value("reason");
        let said = !reason.is_empty() && reason.chars().count() <= REASON_MOST;
        let right_org = tier < 3 || Some(value("org").as_str()) == row.org.as_deref();
        match (verb, values.is_some()) {
            (Verb::Deny, true) if said => Means::Denies(row.id.clone(), staff.id.clone()),
            (Verb::Approve, false) if !needs_reason => Means::Agrees(claim("")),
            (Verb::Approve, true) if said && right_org => Means::Agrees(claim(&reason)),
            _ => Means::Nothing,
        }
    }

    /// The model keeps what was said.
    pub fn keeps(&mut self, means: &Means) {
        match means {
            Means::Confirms(claim) | Means::Agrees(claim) => self.claims.push(claim.clone()),
            Means::Reviews(id, revision, staff) => {
                self.reviewed.insert((id.clone(), *revision, staff.clone()));
            }
            Means::Denies(id, _) => {
                self.denied.insert(id.clone());
                self.seen.denied += 1;
            }
            Means::Cancels(_) => self.seen.cancelled += 1,
            Means::Nothing | Means::Asks(_) => {}
        }
    }

    /// Holds what the rows say now against what the envelope means.
    pub fn holds(&self, means: &Means, before: &Stands, after: &Stands) -> Result<(), String> {
        let about = match means {
            Means::Nothing | Means::Asks(_) => None,
            Means::Confirms(claim) | Means::Agrees(claim) => Some(&claim.request),
            Means::Cancels(id) | Means::Reviews(id, ..) | Means::Denies(id, _) => Some(id),
        };
        for (id, known) in after {
            match before.get(id) {
                Some(was) if was == known || Some(id) == about => {}
                Some(was) => return Err(format!("{id} was changed by what is not about it: {was:?} to {known:?}")),
                None => match means {
                    Means::Asks(staff) if known.row.requester == *staff => {}
                    _ => return Err(format!("{id} came from nowhere")),
                },
            }
        }
        let Some((was, is)) = about.and_then(|id| before.get(id).zip(after.get(id))) else { return Ok(()) };
        let new: Vec<_> = is.votes.iter().filter(|vote| !was.votes.contains(vote)).collect();
        let is_now = |states: &[State]| states.contains(&is.row.state);
        let fine = match means {
            Means::Nothing | Means::Asks(_) => true,
            Means::Confirms(claim) => is_now(&[State::Asking, State::Approved]) && is_of(&new, &claim.staff, true),
            Means::Cancels(_) => is_now(&[State::Cancelled]) && new.is_empty(),
            Means::Reviews(..) => was == is,
            Means::Agrees(claim) => agreed(was, is, is_of(&new, &claim.staff, true)),
            Means::Denies(_, staff) => is_now(&[State::Denied]) && is_of(&new, staff, false),
        };
        if fine { Ok(()) } else { Err(format!("it is not so afterwards: {was:?} to {is:?}")) }
    }
}

fn is_of(new: &[&Vote], staff: &StaffId, yes: bool) -> bool {
    matches!(new, [vote] if vote.staff == *staff && vote.yes == yes)
}

/// A yes is kept; one that fills nothing is refused, which only happens after another's.
fn agreed(was: &Known, is: &Known, kept: bool) -> bool {
    let before = |vote: &&Vote| vote.yes && vote.revision == was.row.revision && vote.staff != was.row.requester;
    let others = was.votes.iter().any(|vote| before(&vote));
    let states = [State::Asking, State::Approved].contains(&is.row.state);
    states && (kept || (others && was == is))
}

fn may_vote(history: &History, staff: &Staff) -> bool {
    let requester = history.rules.staff.iter().find(|one| one.id == history.requester);
    requester.is_some_and(|requester| model::able(history, requester, staff) && model::named(history, &staff.id))
}
