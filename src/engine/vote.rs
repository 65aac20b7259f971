//! Votes: a second person reviews the whole plan, then says yes or no. The requester never does.

use serde_json::json;

use crate::model::{
    Ack, AnswerMode, Field, FieldKind, Form, Plan, Press, Refusal, RefusalCode, Staff, State, Tier, Verb,
};
use crate::policy::AGREE_WITHIN_MS;
use crate::store::{PlanRow, RequestRow, Tx, Vote};

use super::intake::{Arrival, Decided};
use super::press::already;
use super::{Engine, Fact, Trouble};

/// The field in which the organization is typed; also its name in a plan's subject.
const ORG: &str = "org";
const REASON: &str = "reason";
/// The longest reason for a yes, in characters.
const REASON_MOST: u16 = 300;

/// What a second person says.
pub(super) enum Answer {
    /// Yes, with the reason where one is needed.
    Yes(String),
    /// No.
    No,
}

impl Engine {
    /// Shows the whole plan to somebody who may agree; only then is "Approve" there for that person.
    pub(super) async fn review(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Decided, Trouble> {
        let plan = match self.votable(tx, arrival, staff, row).await? {
            Ok(plan) => plan,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
        };
        tx.put_review(&row.id, row.revision, &staff.id, arrival.now).await?;
        self.note(tx, staff, row, "reviewed").await?;
        let message = self.seal(self.for_review(row, &plan.plan, true))?;
        Ok(Decided { ack: Ack::Say(AnswerMode::Fresh, Box::new(message)), request: Some(row.id.clone()) })
    }

    /// A yes; at tier 3 only with the organization typed and a reason, which a form asks for.
    pub(super) async fn approve(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Decided, Trouble> {
        let plan = tx.plan(&row.id, row.revision).await?;
        let Some(plan) = plan.filter(|plan| row.state == State::Asking && plan.plan.tier >= Tier::OtherRole) else {
            return self.vote(tx, arrival, staff, row, Answer::Yes(String::new())).await;
        };
        if let Err(no) = self.votable(tx, arrival, staff, row).await? {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await;
        }
        if !tx.reviewed(&row.id, row.revision, &staff.id).await? {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &review_first()).await;
        }
        let form = self.seal(reason_form(row, &plan.plan))?;
        Ok(Decided { ack: Ack::Form(Box::new(form)), request: Some(row.id.clone()) })
    }

    /// The form of a tier-3 yes came back.
    pub(super) async fn approve_with_reason(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        press: &Press,
        values: &[(String, String)],
    ) -> Result<Decided, Trouble> {
        let row = tx.request(&press.request).await?.filter(|_| press.verb == Verb::Approve);
        let Some(row) = row else {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &super::press::unknown()).await;
        };
        if let Err(no) = super::press::current(press, &row) {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await;
        }
        let Some(plan) = tx.plan(&row.id, row.revision).await? else {
            return Err(Trouble::Bug(format!("{} has no plan", row.id)));
        };
        let value = |key: &str| values.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.trim());
        let mut errors = Vec::new();
        if let Some(org) = plan.plan.subject.get(ORG).filter(|org| org.as_str() != value(ORG)) {
            errors.push((ORG.to_owned(), format!("Type {org}, character by character, to agree to it there.")));
        }
        let reason = value(REASON).to_owned();
        if reason.is_empty() || reason.chars().count() > usize::from(REASON_MOST) {
            errors.push((REASON.to_owned(), format!("Say why you agree, in 1 to {REASON_MOST} characters.")));
        }
        if !errors.is_empty() {
            return Ok(Decided { ack: Ack::FieldErrors(errors), request: None });
        }
        self.vote(tx, arrival, staff, &row, Answer::Yes(reason)).await
    }

    pub(super) async fn vote(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
        answer: Answer,
    ) -> Result<Decided, Trouble> {
        let (yes, reason) = match answer {
            Answer::Yes(reason) => (true, reason),
            Answer::No => (false, String::new()),
        };
        let by_form = !reason.is_empty();
        let plan = match self.votable(tx, arrival, staff, row).await? {
            Ok(plan) => plan,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
        };
        if !tx.reviewed(&row.id, row.revision, &staff.id).await? {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &review_first()).await;
        }
        let vote = Vote {
            revision: row.revision,
            digest: plan.digest.clone(),
            staff: staff.id.clone(),
            account: arrival.envelope.account.clone(),
            yes,
            reason: reason.clone(),
            at: arrival.now,
        };
        if !tx.put_vote(&row.id, &self.seal(vote)?).await? {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &already(row)).await;
        }
        let to = if yes { State::Approved } else { State::Denied };
        tx.move_request(&row.id, &[State::Asking], to, arrival.now).await?;
        tx.clear_timers(&row.id).await?;
        let word = if yes { "approved" } else { "denied" };
        let details = json!({ "revision": row.revision, "digest": plan.digest, "reason": reason });
        self.audit(
            tx,
            Fact { staff: Some(&staff.id), action: &row.action, request: Some(&row.id), outcome: word, details },
        )
        .await?;
        let line = format!("{} {word} it.", staff.name);
        self.update_approvals(tx, row, &line, arrival.now).await?;
        if !yes {
            self.tell_requester_ended(tx, row, &format!("{line} Nothing was changed."), arrival.now).await?;
        }
        let mut message = self.for_review(row, &plan.plan, false);
        message.title = format!("You {word} this request. The requester is told.");
        let message = self.seal(message)?;
        // A form has no message of its own that could be replaced.
        let mode = if by_form { AnswerMode::Fresh } else { AnswerMode::Replace };
        Ok(Decided { ack: Ack::Say(mode, Box::new(message)), request: Some(row.id.clone()) })
    }

    /// The plan that can be voted on now by that person, or why not.
    async fn votable(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Result<PlanRow, Refusal>, Trouble> {
        let Some(plan) = tx.plan(&row.id, row.revision).await? else {
            return Err(Trouble::Bug(format!("{} has no plan", row.id)));
        };
        let policy = self.policy();
        let Some(requester) = policy.rules().staff(&row.requester) else {
            return Ok(Err(super::press::unknown()));
        };
        if let Err(no) = policy.may_agree_to(requester, staff, &plan.plan) {
            return Ok(Err(no));
        }
        if row.state != State::Asking {
            return Ok(Err(already(row)));
        }
        if arrival.now.since(row.changed) >= AGREE_WITHIN_MS {
            self.lapse(tx, row, arrival.now).await?;
            return Ok(Err(lapsed()));
        }
        Ok(Ok(plan))
    }
}

/// What a tier-3 yes asks for.
fn reason_form(row: &RequestRow, plan: &Plan) -> Form {
    let press = Press { verb: Verb::Approve, request: row.id.clone(), revision: row.revision };
    let field = |key: &str, label: &str, help: &str, kind| Field {
        key: key.into(),
        label: label.into(),
        help: help.into(),
        required: true,
        initial: None,
        kind,
    };
    let org = plan.subject.contains_key(ORG).then(|| {
        let help = "So that nobody agrees to it for another organization.";
        field(ORG, "Type the organization", help, FieldKind::Line { max: REASON_MOST })
    });
    let why = field(REASON, "Why do you agree?", "It goes into the record.", FieldKind::Paragraph { max: REASON_MOST });
    Form { token: press.to_string(), title: "Agree".into(), fields: org.into_iter().chain([why]).collect() }
}

fn review_first() -> Refusal {
    Refusal::new(
        RefusalCode::BadInput,
        "Review it first.",
        "A yes counts only from somebody who was shown the whole plan.",
        "Press Review on the request, then Approve under what you see.",
    )
}

fn lapsed() -> Refusal {
    Refusal::new(
        RefusalCode::Expired,
        "This request has lapsed.",
        "Agreement must come within 15 minutes, since an old plan says little about now.",
        "The requester can ask again.",
    )
}
