//! What must hold whenever the bot rests, and at the end.

use std::collections::BTreeSet;

use seqn_chatops::model::{Effect, Plan, RequestId, State, Step};
use seqn_chatops::store::StepState;

use super::bot::ROSTER_EVERY_MS;
use super::meaning::Means;
use super::play::{Known, Play, Stands};
use super::staff::staff_of;
use super::world::Sent;
use crate::histories::model;

/// How often one step is tried.
const TRIES: usize = 4;

impl Play<'_> {
    pub async fn judges(&mut self, means: Option<&Means>) -> Result<(), String> {
        let stands = self.looks().await;
        let sent = self.lives.world.get().sent.clone();
        self.ended_stays(&stands)?;
        for at in self.judged..sent.len() {
            self.judges_act(&sent, at, &stands).await?;
        }
        self.judged = sent.len();
        if let Some(Means::Confirms(claim) | Means::Agrees(claim)) = means {
            self.runs(&claim.request, &stands).await?;
        }
        for (id, known) in &stands {
            let moved = self.stood.get(id).is_none_or(|was| was.row.state != known.row.state);
            match known.row.state {
                State::Lapsed if moved => self.seen.lapsed += 1,
                State::Refused if moved && known.row.revision > 0 => self.seen.refused += 1,
                State::Previewed if moved && known.row.revision > 1 => self.seen.superseded += 1,
                _ => {}
            }
        }
        self.stood = stands;
        let issued = self.lives.world.get().issued.clone();
        self.references = issued.into_iter().filter(|id| !self.stood.contains_key(id)).collect();
        Ok(())
    }

    /// What has ended stays as it is, and nothing is lost.
    fn ended_stays(&self, stands: &Stands) -> Result<(), String> {
        for (id, was) in &self.stood {
            match stands.get(id) {
                None => return Err(format!("{id} is lost")),
                Some(now) if was.row.state.ended() && now != was => {
                    return Err(format!("{id} had ended, and goes on: {was:?} to {now:?}"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// One act: was it agreed to, was it recorded, and may it be done again?
    async fn judges_act(&mut self, all: &[Sent], at: usize, stands: &Stands) -> Result<(), String> {
        let act = &all[at];
        let id = &act.request;
        let is = |what: bool, says: &str| if what { Ok(()) } else { Err(format!("{says}: {act:?}")) };
        let known = stands.get(id).ok_or_else(|| format!("nobody asked for it: {act:?}"))?;
        let row = &known.row;
        is(act.recorded, "it was not recorded before it was sent")?;
        is(act.by == row.requester, "it is done for somebody else")?;
        is(!self.denied.contains(id), "it was denied")?;
        let was = self.stood.get(id);
        is(was.is_none_or(|was| !was.row.state.ended()), "it had ended")?;
        is(was.is_none_or(|was| was.row.revision == row.revision), "the plan has changed while it ran")?;
        let plan = self.plan(row).await.ok_or("it has no plan")?;
        let target = |step: &&Step| {
            matches!(&step.effect, Effect::EndSession { org, session, .. }
                if org.as_str() == act.org && session.as_str() == act.session)
        };
        is(plan.steps.iter().any(|step| target(&step)), "it is not in the plan that was agreed to")?;
        let begun = was.is_some_and(|was| !was.journal.is_empty());
        let first = !all[..at].iter().any(|one| one.request == *id);
        if !begun && first {
            self.as_agreed((all, at), &plan, if row.action == "end" { 2 } else { 1 })?;
        }
        self.repeats(all, at)?;
        let staff = {
            let world = self.lives.world.get();
            let young = |at: i64| (0..=ROSTER_EVERY_MS).contains(&(act.now - at));
            let read = world.given.as_ref().filter(|(at, _)| begun && young(*at)).map(|(_, people)| people);
            is(read.is_some() || !world.roster_down, "nobody could say who may")?;
            staff_of(read.unwrap_or(&world.people))
        };
        let history = self.history(row, &plan, staff, begun);
        let content = model::content(&history);
        let glass = !content && self.glass_broken(known, begun).await && model::asked(&history);
        is(content || glass, "not everybody agreed who must")?;
        if first {
            self.seen.ran += 1;
            self.seen.glass += u64::from(glass);
            let people = model::counting(&history).len();
            self.seen.by_several += u64::from(!glass && model::tier(&history) >= 2 && people > 1);
            self.seen.with_another += u64::from(!glass && model::tier(&history) >= 2);
        }
        self.seen.unknown += u64::from(act.doubtful);
        Ok(())
    }

    /// What runs is what was agreed to: the customer is as the plan says, but for what others did meanwhile.
    fn as_agreed(&self, (all, at): (&[Sent], usize), plan: &Plan, least: u8) -> Result<(), String> {
        let act = &all[at];
        let (tier, lived) = &self.lived[&act.org];
        let tier = (*tier).max(least);
        let planned: BTreeSet<String> = plan.steps.iter().map(|step| step.key.clone()).collect();
        let lived: BTreeSet<String> = lived.iter().map(|id| format!("session:{id}")).collect();
        let others = all[self.judged..at].iter().any(|one| one.org == act.org && one.request != act.request);
        if planned != lived && !others {
            return Err(format!("{planned:?} was agreed to, and there was {lived:?}: {act:?}"));
        }
        if u8::from(plan.tier) != tier {
            return Err(format!("tier {tier} is needed now: {act:?}"));
        }
        Ok(())
    }

    /// An act is done again only where nobody knows what came of it, and a look said that it is not so.
    fn repeats(&self, all: &[Sent], at: usize) -> Result<(), String> {
        let act = &all[at];
        let same = |one: &&Sent| (&one.request, one.seq) == (&act.request, act.seq);
        let before: Vec<&Sent> = all[..at].iter().filter(same).collect();
        if !act.allowed {
            return Err(format!("it is done again after {:?}: {act:?}", before.last()));
        }
        if before.len() >= TRIES {
            return Err(format!("it is tried more than {TRIES} times: {act:?}"));
        }
        Ok(())
    }

    /// Whether the requester has broken the glass for that plan, in time.
    async fn glass_broken(&self, known: &Known, begun: bool) -> bool {
        let row = &known.row;
        if !self.lives.rules.glass.people.contains(&row.requester) {
            return false;
        }
        let store = &self.lives.house.store;
        let digest = store.plan(&row.id, row.revision).await.expect("read").map(|kept| kept.digest);
        for (id, revision) in
            self.claims.iter().filter(|one| one.staff == row.requester).map(|c| (&c.request, c.revision))
        {
            let Some(plan) = store.plan(id, revision).await.expect("read") else { continue };
            for step in &plan.plan.steps {
                let Effect::BreakGlass { of, digest: on, until, .. } = &step.effect else { continue };
                let in_time = begun || self.now() < until.0;
                if *of == row.id && Some(on) == digest.as_ref() && in_time && plan.plan.approvers.is_empty() {
                    return store.glass_of(of).await.expect("read").is_some_and(|glass| glass.review.is_none());
                }
            }
        }
        false
    }

    /// What everybody has agreed to who must does run, or says why not.
    async fn runs(&mut self, id: &RequestId, stands: &Stands) -> Result<(), String> {
        let row = &stands[id].row;
        let Some(plan) = self.plan(row).await else { return Ok(()) };
        let history = self.history(row, &plan, self.true_staff(), false);
        let content = row.action != "break-glass" && model::content(&history);
        if !content {
            self.seen.held += u64::from(row.state == State::Asking);
            return Ok(());
        }
        let (down, blind) = {
            let world = self.lives.world.get();
            (world.roster_down, world.blind)
        };
        let began = !stands[id].journal.is_empty();
        let (tier, lived) = &self.lived[row.org.as_deref().unwrap_or_default()];
        let same =
            plan.steps.len() == lived.len() && u8::from(plan.tier) == (*tier).max(u8::from(history.definition.tier));
        if began || down || blind || !same {
            return Ok(());
        }
        Err(format!("everybody has agreed who must, and it does not run: {row:?}"))
    }

    /// At the end: everything has ended, and the trail tells it whole.
    pub async fn closes(&mut self) -> Result<(), String> {
        let store = self.lives.house.store.clone();
        let sent = self.lives.world.get().sent.clone();
        for (id, known) in &self.stood {
            let is = |what: bool, says: String| if what { Ok(()) } else { Err(format!("{id}: {says}: {known:?}")) };
            is(known.row.state.ended(), "it never ends".into())?;
            let rows = store.audit_of(id).await.expect("read");
            let count = |word: &str| rows.iter().filter(|row| row.outcome == word).count();
            let of =
                |word: &str, staff| rows.iter().any(|row| row.outcome == word && row.staff.as_ref() == Some(staff));
            let ends = rows.iter().filter(|row| State::of_word(&row.outcome).is_some_and(State::ended)).count();
            let dry = count("dry_run_shown");
            // A refused press on it is a row of the action `refusal`.
            let refusals = rows.iter().filter(|row| row.action == "refusal").count();
            is(ends - refusals + dry == 1, format!("it ends {ends} times in the trail, {refusals} refusals"))?;
            is(count("bug") == 0, "something broke".into())?;
            for vote in known.votes.iter().filter(|vote| vote.staff != known.row.requester) {
                is(of(if vote.yes { "approved" } else { "denied" }, &vote.staff), format!("no row of {vote:?}"))?;
            }
            let ran = known.journal.iter().filter(|step| [StepState::Done, StepState::Failed].contains(&step.state));
            is(count("step_done") + count("step_failed") == ran.count(), "steps without a row".into())?;
            is(count("started") == usize::from(!known.journal.is_empty()), "how often it started".into())?;
        }
        let asked = sent.iter().all(|act| self.stood.contains_key(&act.request));
        if asked { Ok(()) } else { Err("something was done that nobody asked for".into()) }
    }
}
