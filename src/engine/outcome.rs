//! The end: read back, say what is confirmed and what is not, keep the evidence, tell everybody.

use serde_json::json;

use crate::catalog::{Stop as Stopped, Visibility};
use crate::model::{
    Ack, Address, AnswerMode, Check, CheckResult, Effect, Evidence, MINUTE_MS, Message, Plan, Platform, RequestId,
    SECOND_MS, Staff, State, Verdict,
};
use crate::store::{JournalRow, Owe, OweKind, PlanRow, RequestRow, StepState, Tx};

use super::intake::{Arrival, Decided};
use super::press::{already, step_done_already};
use super::remind::{TAKE_BACK, VERIFY};
use super::ticket::Told;
use super::vote::yeses;
use super::{Engine, Fact, Trouble, say};

/// How often newcomers within an agreed predicate are taken along.
const PASSES: u32 = 3;

/// How long the far side may be at it before it is said to be not confirmed: a failed delivery's first repeats.
const LATER_WITHIN_MS: i64 = 5 * MINUTE_MS;
/// How often it is read back meanwhile.
const LATER_EVERY_MS: i64 = 15 * SECOND_MS;

impl Engine {
    /// Reads back what was done. False when it will be read back again.
    pub(super) async fn verify(&self, row: &RequestRow, agreed: &PlanRow) -> Result<bool, Trouble> {
        let journal = self.parts.store.journal(&row.id).await?;
        let verdict = self.read_all_back(row, &agreed.plan, &journal).await;
        let failed = journal.iter().any(|j| j.state == StepState::Failed);
        let pass = journal.iter().map(|j| j.pass).max().unwrap_or(1);
        if !failed && !verdict.again.is_empty() && pass < PASSES {
            self.further_pass(row, pass + 1, &verdict.again, self.parts.clock.now()).await?;
            return Ok(true);
        }
        if !failed && verdict.later && self.parts.clock.now().since(row.changed) < LATER_WITHIN_MS {
            return self.verify_later(row).await.map(|()| false);
        }
        let to = match (failed, verdict.confirmed()) {
            (true, _) => State::Failed,
            (false, true) => State::Done,
            (false, false) => State::Unconfirmed,
        };
        self.finish(row, agreed, &journal, &verdict, to).await.map(|()| true)
    }

    /// The far side is still at it: the request waits for its timer, and is then read back again.
    async fn verify_later(&self, row: &RequestRow) -> Result<(), Trouble> {
        let mut tx = self.parts.store.begin().await?;
        tx.set_timer(VERIFY, &row.id, self.parts.clock.now().plus_ms(LATER_EVERY_MS)).await?;
        self.commit(tx).await
    }

    async fn read_all_back(&self, row: &RequestRow, plan: &Plan, journal: &[JournalRow]) -> Verdict {
        let mut whole = plan.clone();
        whole.steps = journal.iter().map(|j| j.step.clone()).collect();
        let policy = self.policy();
        let looked = match (self.parts.catalog.find(&row.action), policy.rules().staff(&row.requester)) {
            (Some(action), Some(staff)) => {
                action
                    .verify(&self.asked(staff, row, &policy.rights(false)), &row.fields, &whole, &self.parts.reads)
                    .await
            }
            _ => Err(Stopped::Fields(Vec::new())),
        };
        looked.unwrap_or_else(|stopped| {
            let why = match stopped {
                Stopped::Port(error) => error.of_look(),
                Stopped::Fields(_) => "the request can no longer be read".into(),
            };
            let check = Check { what: "Everything".into(), result: CheckResult::CouldNotLook(why) };
            Verdict { checks: vec![check], ..Verdict::default() }
        })
    }

    async fn finish(
        &self,
        row: &RequestRow,
        agreed: &PlanRow,
        journal: &[JournalRow],
        verdict: &Verdict,
        to: State,
    ) -> Result<(), Trouble> {
        let plan = &agreed.plan;
        let found = self.around(row, plan, journal, verdict).await;
        let now = self.parts.clock.now();
        let votes = self.parts.store.votes(&row.id).await?;
        let approvers: Vec<String> = yeses(votes, row, agreed).iter().map(|staff| self.name_of(staff)).collect();
        let mut line = say::outcome_line(to, &plan.outline);
        if !verdict.remark.is_empty() {
            line = format!("{line} {}", verdict.remark);
        }
        let glass = self.parts.store.glass_of(&row.id).await?.map(|glass| glass.request);
        if let Some(glass) = &glass {
            line = format!("{line} It ran without the agreement that it needs: the glass was broken ({glass}).");
        }
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_request(&row.id, &[State::Verifying], to, now).await? {
            return Ok(());
        }
        tx.set_outcome(&row.id, &self.seal(line.clone())?).await?;
        tx.put_evidence(&row.id, &self.seal(found.clone())?).await?;
        tx.clear_timers(&row.id).await?;
        if to == State::Done {
            tx.case_ran(&row.place, &row.action, &row.requester, &row.id, now).await?;
        }
        if let Some(end) = plan.take_back.as_ref().filter(|_| to != State::Failed) {
            tx.set_timer(TAKE_BACK, &row.id, end.at).await?;
        }
        let details = json!({
            "steps": journal.iter().map(|j| json!({ "step": j.step.key, "state": j.state.word(), "outcome": j.outcome })).collect::<Vec<_>>(),
            "checks": verdict.checks,
            "evidence": found.iter().map(|e| &e.id).collect::<Vec<_>>(),
            "approvers": approvers,
            "glass": glass,
            "ticket": row.ticket,
        });
        let fact = Fact {
            staff: Some(&row.requester),
            action: &row.action,
            request: Some(&row.id),
            outcome: to.word(),
            details,
        };
        self.audit(&mut tx, fact).await?;
        self.tell_requester(&mut tx, row, say::result(row, plan, journal, verdict, to), now).await?;
        self.update_approvals(&mut tx, row, &line, now).await?;
        self.tell_the_channel(&mut tx, row, &line, &approvers).await?;
        let evidence: Vec<Evidence> = plan.evidence.iter().chain(&found).cloned().collect();
        let told = Told { key: "note", line: &line, approvers: &approvers, evidence: &evidence };
        self.note_on_ticket(&mut tx, row, plan, &told).await?;
        self.ran_for_incident(&mut tx, row, plan, &told).await?;
        self.brief(&mut tx, plan, now).await?;
        self.tell_skipped(&mut tx, row, plan, now).await?;
        self.tell_linked(&mut tx, row, plan, now).await?;
        self.commit(tx).await
    }

    /// Keeps our own mistake with one request from stopping all others: that request ends, and says so.
    pub(super) async fn contain<T>(&self, id: &RequestId, result: Result<T, Trouble>) -> Result<Option<T>, Trouble> {
        let why = match result {
            Ok(done) => return Ok(Some(done)),
            Err(Trouble::Bug(why)) => why,
            Err(trouble) => return Err(trouble),
        };
        tracing::error!(request = %id, error = %self.scrub(why), "request.bug");
        let Some(row) = self.parts.store.request(id).await?.filter(|row| !row.state.ended()) else { return Ok(None) };
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        tx.move_request(id, &[row.state], State::Failed, now).await?;
        tx.set_outcome(id, &self.seal("Something went wrong on my side.".to_owned())?).await?;
        tx.clear_timers(id).await?;
        let details = json!({ "was": row.state.word() });
        self.audit(
            &mut tx,
            Fact { staff: Some(&row.requester), action: &row.action, request: Some(id), outcome: "bug", details },
        )
        .await?;
        self.tell_requester(&mut tx, &row, say::bug(id), now).await?;
        self.commit(tx).await?;
        Ok(None)
    }

    /// The public line: what happened, without personal details.
    async fn tell_the_channel(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        line: &str,
        approvers: &[String],
    ) -> Result<(), Trouble> {
        let public = self
            .parts
            .catalog
            .find(&row.action)
            .is_some_and(|a| a.definition().visibility == Visibility::PrivateWithOutcome);
        if !public || row.place.direct || row.place.platform == Platform::Console {
            return Ok(());
        }
        let message: Message = say::public_line(row, &self.name_of(&row.requester), line, approvers);
        let to = Address::Channel { place: row.place.clone() };
        let owe =
            Owe { target: row.place.platform, key: format!("public:{}", row.id), kind: OweKind::Post { to }, message };
        tx.owe(&self.seal(owe)?, self.parts.clock.now()).await?;
        Ok(())
    }

    /// "Done" under the step by hand of that number: it ends, and the run goes on.
    pub(super) async fn done_by_hand(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        (row, number): (&RequestRow, u32),
    ) -> Result<Decided, Trouble> {
        let journal = tx.journal(&row.id).await?;
        let by_hand = |j: &&JournalRow| matches!(j.step.effect, Effect::ByHand { .. } | Effect::Prove { .. });
        let step = journal.iter().filter(|j| j.state == StepState::Doing).find(by_hand);
        let waiting = match step.filter(|_| row.state == State::ByHand) {
            Some(step) if step.seq == number => Ok(step),
            Some(_) => Err(step_done_already()),
            None => Err(already(row)),
        };
        let step = match waiting {
            Ok(step) => step,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
        };
        let outcome = self.seal(format!("done by hand, says {}", staff.name))?;
        if matches!(step.step.effect, Effect::Prove { .. }) {
            // Nobody's word stands for what can be looked at.
            tx.step_later(&row.id, step.seq, arrival.now, &outcome).await?;
        } else {
            tx.step_done(&row.id, step.seq, &outcome, arrival.now).await?;
        }
        tx.move_request(&row.id, &[State::ByHand], State::Running, arrival.now).await?;
        tx.clear_timers(&row.id).await?;
        self.answer_here(tx, arrival, row).await?;
        let details = json!({ "step": step.step.key });
        self.audit(
            tx,
            Fact {
                staff: Some(&staff.id),
                action: &row.action,
                request: Some(&row.id),
                outcome: "done_by_hand",
                details,
            },
        )
        .await?;
        Ok(Decided { ack: Ack::Working(AnswerMode::Replace), request: Some(row.id.clone()) })
    }
}
