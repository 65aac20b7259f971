//! Execute: look and plan again, check every right again, then step by step: journal, call, journal.
//!
//! Invariants: no step is called unless its "doing" is committed; a step found in "doing" is read back
//! before anything else; what runs is what was agreed to.

use futures_util::future::join_all;
use serde_json::json;

use crate::catalog::{Stop as Stopped, digest};
use crate::model::{Effect, Millis, Plan, RequestId, State, Step};
use crate::policy::{Agreed, ApprovedPlan, Hold, Policy, Proposal};
use crate::ports::{Fault, PortError};
use crate::store::{JournalRow, PlanRow, RequestRow, StepState, Tx};

use super::effect::Holds;
use super::{AT_ONCE, Engine, Fact, Trouble, agreement, say};

/// How many requests one tick looks at. Those that wait for a rate limit must not hide those behind them.
const OPEN_MOST: u32 = 500;
/// How often one step is tried before it is given up, tries that were lost in a crash among them. With the pauses
/// below that is about half a minute, or as long as the far side's Retry-After says.
const TRIES: u32 = 4;
/// The first pause before a repeat; it doubles.
const PAUSE_MS: i64 = 1_000;
/// The longest that a step waits for a rate limit before it is given up: an hour-long wait needs a person.
const WAIT_MOST_MS: i64 = 10 * crate::model::MINUTE_MS;

impl Engine {
    /// Runs what was agreed to, one step of each request at a time. Returns how many requests it took.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn execute(&self) -> Result<usize, Trouble> {
        let states = [State::Approved, State::Running, State::Verifying];
        let ids = self.parts.store.requests_in(&states, OPEN_MOST).await?;
        let mut done = 0;
        for some in ids.chunks(AT_ONCE as usize) {
            let results = join_all(some.iter().map(|id| self.execute_one(id))).await;
            for (id, result) in some.iter().zip(results) {
                done += usize::from(self.contain(id, result).await?.unwrap_or(true));
            }
        }
        Ok(done)
    }

    async fn execute_one(&self, id: &RequestId) -> Result<bool, Trouble> {
        let Some(row) = self.parts.store.request(id).await? else { return Ok(false) };
        let Some(agreed) = self.parts.store.plan(id, row.revision).await? else {
            return Err(Trouble::Bug(format!("{id} has no plan")));
        };
        match row.state {
            State::Approved => self.begin(&row, &agreed).await.map(|()| true),
            State::Running => self.advance(&row, &agreed).await,
            State::Verifying if self.parts.store.waits(id, super::remind::VERIFY).await? => Ok(false),
            State::Verifying => self.verify(&row, &agreed).await,
            _ => Ok(false),
        }
    }

    /// What policy says of that plan now.
    async fn approved(
        &self,
        policy: &Policy,
        row: &RequestRow,
        plan: &Plan,
        agreed: &PlanRow,
        begun: bool,
    ) -> Result<Result<ApprovedPlan, Hold>, Trouble> {
        let Some(action) = self.parts.catalog.find(&row.action) else {
            return Err(Trouble::Bug(format!("no action {}", row.action)));
        };
        let votes = self.parts.store.votes(&row.id).await?;
        let yes: Vec<Agreed> = votes
            .into_iter()
            .filter(|v| v.yes && v.revision == row.revision)
            .map(|v| Agreed { staff: v.staff, digest: v.digest, at: v.at, reason: v.reason })
            .collect();
        let glass = match agreement::needs_others(plan) {
            true => self.parts.store.glass_of(&row.id).await?,
            false => None,
        };
        let proposal = Proposal {
            definition: action.definition(),
            plan,
            digest: &agreed.digest,
            requester: &row.requester,
            at: self.at(&row.place).await?,
            agreed: &yes,
            begun,
            glass: glass.as_ref(),
        };
        Ok(policy.approve(&proposal, self.parts.clock.now()))
    }

    /// Looks up everybody's rights, looks and plans again; runs only if that is still what was agreed to.
    async fn begin(&self, row: &RequestRow, agreed: &PlanRow) -> Result<(), Trouble> {
        let rights = self.rights_now(&row.action, false).await?;
        let found = (self.parts.catalog.find(&row.action), rights.policy.rules().staff(&row.requester));
        let (Some(action), Some(staff)) = found else {
            let why = rights.could_not_check().unwrap_or_else(|| "Its action or its requester is gone.".into());
            return self.end(row, State::Refused, &why).await;
        };
        let plan = match self.look_and_plan(action.as_ref(), staff, row).await {
            Ok(plan) => plan,
            Err(Stopped::Port(error)) => {
                return self
                    .end(row, State::Failed, &format!("I could not look again before running. {}", error.of_look()))
                    .await;
            }
            Err(Stopped::Fields(_)) => return self.end(row, State::Failed, "Its options can no longer be read.").await,
        };
        if plan.steps.is_empty() && plan.pick.is_none() {
            return self.end(row, State::Answered, &plan.title).await;
        }
        let now_digest = digest(action.definition(), &plan);
        if now_digest != agreed.digest {
            let line =
                "What there is to do has changed, so a new preview was made. Earlier agreement no longer counts.";
            let now = self.parts.clock.now();
            let mut tx = self.parts.store.begin().await?;
            self.update_approvals(&mut tx, row, line, now).await?;
            tx.clear_timers(&row.id).await?;
            self.commit(tx).await?;
            return self.store_preview(row, &plan, State::Approved, Some(line)).await;
        }
        let mut tx = self.parts.store.begin().await?;
        let what = (action.definition(), row.org.as_deref());
        let reached = self.limit_reached(&mut tx, &row.requester, what, Some(&row.id)).await?;
        drop(tx);
        if let Some(no) = reached {
            return self.end(row, State::Refused, &format!("{} {}", no.why, no.next)).await;
        }
        match self.approved(&rights.policy, row, &plan, agreed, false).await? {
            Ok(approved) => self.start(row, agreed, &approved).await,
            Err(Hold::Refused(no)) => self.end(row, State::Refused, &rights.why_not(&no)).await,
            Err(Hold::Confirmation | Hold::Agreement) => {
                self.end(row, State::Lapsed, "The agreement is too old, or no longer enough, to run it now.").await
            }
        }
    }

    async fn start(&self, row: &RequestRow, agreed: &PlanRow, approved: &ApprovedPlan) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let plan = approved.plan();
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_request(&row.id, &[State::Approved], State::Running, now).await? {
            return Ok(());
        }
        tx.add_steps(&row.id, 1, &self.seal(plan.steps.clone())?).await?;
        let details = json!({ "digest": agreed.digest, "approvers": approved.approvers(), "steps": plan.steps.len() });
        let fact = Fact {
            staff: Some(approved.requester()),
            action: &row.action,
            request: Some(&row.id),
            outcome: "started",
            details,
        };
        self.audit(&mut tx, fact).await?;
        self.update_approvals(&mut tx, row, "It was approved and is running.", now).await?;
        self.commit(tx).await
    }

    /// Takes the next step, if one is due.
    async fn advance(&self, row: &RequestRow, agreed: &PlanRow) -> Result<bool, Trouble> {
        let journal = self.parts.store.journal(&row.id).await?;
        let next = journal.iter().find(|j| matches!(j.state, StepState::Todo | StepState::Doing));
        let Some(next) = next else {
            let mut tx = self.parts.store.begin().await?;
            tx.move_request(&row.id, &[State::Running], State::Verifying, self.parts.clock.now()).await?;
            self.commit(tx).await?;
            return Ok(true);
        };
        if next.not_before.is_some_and(|due| due > self.parts.clock.now()) {
            return Ok(false);
        }
        let rights = self.rights_now(&row.action, true).await?;
        let approved = match self.approved(&rights.policy, row, &agreed.plan, agreed, true).await? {
            Ok(approved) => approved,
            Err(hold) => {
                let why = match hold {
                    Hold::Refused(no) => rights.could_not_check().unwrap_or(no.why),
                    Hold::Agreement | Hold::Confirmation => "The agreement no longer stands.".into(),
                };
                return self.stop_running(row, next, &why).await.map(|()| true);
            }
        };
        match &next.step.effect {
            Effect::ByHand { .. } => self.by_hand(row, next).await.map(|()| true),
            Effect::RotateKey { .. } => self.rotation(row, next, &approved).await.map(|()| true),
            Effect::LinkAccount { .. } | Effect::UnlinkAccount { .. } => {
                self.link_step(row, next, &approved).await.map(|()| true)
            }
            Effect::Prove { .. } => self.prove(row, next, &journal).await.map(|()| true),
            _ => self.step(row, next, &approved).await.map(|()| true),
        }
    }

    pub(super) async fn step(
        &self,
        row: &RequestRow,
        next: &JournalRow,
        approved: &ApprovedPlan,
    ) -> Result<(), Trouble> {
        let doubt = next.state == StepState::Doing || next.attempts > 0;
        if doubt {
            match self.read_back(&next.step.effect).await {
                Holds::Yes => return self.step_done(row, next, "done; found so by reading back").await,
                Holds::No => {}
                Holds::Unknown => return self.step_again(row, next, "It could not be read back.", None).await,
            }
        }
        let begun = match next.state {
            StepState::Doing => self.after_a_lost_try(row, next).await?,
            _ => self.step_begins(row, next).await?,
        };
        let Some(next) = &begun else { return Ok(()) };
        let key = format!("{}-{}", row.id, next.seq);
        match self.perform(approved, &next.step.effect, &row.requester, &key).await {
            Ok(()) => self.step_done(row, next, "done").await,
            Err(error) if error.fault == Fault::NotFound => self.step_done(row, next, "was already gone").await,
            Err(error) => self.step_trouble(row, next, &error).await,
        }
    }

    pub(super) async fn step_begins(&self, row: &RequestRow, next: &JournalRow) -> Result<Option<JournalRow>, Trouble> {
        let mut tx = self.parts.store.begin().await?;
        tx.step_doing(&row.id, next.seq, self.parts.clock.now()).await?;
        self.commit(tx).await?;
        Ok(Some(next.clone()))
    }

    /// A step was found in "doing", and reading back says that it is not done: whoever began it ended before it
    /// could say what came of it. That was a try. `None` when there were enough: something about this step ends us.
    async fn after_a_lost_try(&self, row: &RequestRow, next: &JournalRow) -> Result<Option<JournalRow>, Trouble> {
        let lost = next.attempts + 1;
        if lost >= TRIES {
            let why = format!(
                "Stuck: it was tried {lost} times and is not done, and the last time I was stopped in the middle of \
                 it. A person must look at why before it is asked again."
            );
            self.step_failed(row, next, &why).await?;
            return Ok(None);
        }
        tracing::warn!(request = %row.id, step.key = %next.step.key, step.tries = lost, "execute.lost_try");
        let mut tx = self.parts.store.begin().await?;
        let why = self.seal("I was stopped in the middle of it, and it was not done.".to_owned())?;
        tx.step_lost(&row.id, next.seq, &why).await?;
        self.commit(tx).await?;
        Ok(Some(JournalRow { attempts: lost, ..next.clone() }))
    }

    async fn step_trouble(&self, row: &RequestRow, next: &JournalRow, error: &PortError) -> Result<(), Trouble> {
        if error.ambiguous() && self.read_back(&next.step.effect).await == Holds::Yes {
            let outcome =
                format!("done; found so by reading back, since the call itself gave no clear answer: {error}");
            return self.step_done(row, next, &outcome).await;
        }
        if !error.passing() {
            return self.step_failed(row, next, &error.to_string()).await;
        }
        let wait = if let Fault::RateLimited { after_ms } = error.fault { Some(after_ms) } else { None };
        self.step_again(row, next, &error.to_string(), wait).await
    }

    /// Puts a step off, or gives it up when it was tried often enough.
    pub(super) async fn step_again(
        &self,
        row: &RequestRow,
        next: &JournalRow,
        why: &str,
        wait_ms: Option<i64>,
    ) -> Result<(), Trouble> {
        if next.attempts + 1 >= TRIES || wait_ms.is_some_and(|ms| ms > WAIT_MOST_MS) {
            let why = format!(
                "{why} It was given up after {} tries; it may have worked, so do not repeat it blindly.",
                next.attempts + 1
            );
            return self.step_failed(row, next, &why).await;
        }
        let pause = wait_ms.unwrap_or(PAUSE_MS << next.attempts.min(10));
        let mut tx = self.parts.store.begin().await?;
        let due = self.parts.clock.now().plus_ms(pause);
        tx.step_later(&row.id, next.seq, due, &self.scrub(why)).await?;
        self.commit(tx).await
    }

    async fn step_done(&self, row: &RequestRow, next: &JournalRow, outcome: &str) -> Result<(), Trouble> {
        self.step_ends(row, next, outcome, true).await
    }

    pub(super) async fn step_failed(&self, row: &RequestRow, next: &JournalRow, why: &str) -> Result<(), Trouble> {
        self.step_ends(row, next, why, false).await
    }

    async fn step_ends(&self, row: &RequestRow, next: &JournalRow, outcome: &str, well: bool) -> Result<(), Trouble> {
        let mut tx = self.parts.store.begin().await?;
        self.step_ends_in(&mut tx, row, next, outcome, well).await?;
        self.commit(tx).await
    }

    /// A step's end and its audit row, within a transaction that holds more.
    pub(super) async fn step_ends_in(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        next: &JournalRow,
        outcome: &str,
        well: bool,
    ) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let outcome = self.scrub(outcome);
        if well {
            tx.step_done(&row.id, next.seq, &outcome, now).await?;
        } else {
            tx.step_failed(&row.id, next.seq, &outcome, now).await?;
            tx.skip_rest(&row.id, &self.seal("a step before it failed".to_owned())?).await?;
        }
        let fact = Fact {
            staff: Some(&row.requester),
            action: &row.action,
            request: Some(&row.id),
            outcome: if well { "step_done" } else { "step_failed" },
            details: json!({ "step": next.step.key, "seq": next.seq, "outcome": outcome }),
        };
        self.audit(tx, fact).await
    }

    async fn stop_running(&self, row: &RequestRow, next: &JournalRow, why: &str) -> Result<(), Trouble> {
        let where_it_is = match next.state {
            StepState::Doing => "Stopped in this step, which may have worked",
            _ => "Stopped before this step",
        };
        self.step_failed(row, next, &format!("{where_it_is}. {why}")).await
    }

    /// A step by hand: the requester gets the page, the words, what was sealed before it, and a "Done".
    async fn by_hand(&self, row: &RequestRow, next: &JournalRow) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        if next.state == StepState::Todo {
            tx.step_doing(&row.id, next.seq, now).await?;
        }
        if !tx.move_request(&row.id, &[State::Running], State::ByHand, now).await? {
            return Ok(());
        }
        tx.set_timer("by_hand", &row.id, now.plus_ms(super::remind::BY_HAND_WITHIN_MS)).await?;
        let handed = tx.handed(&row.id).await?;
        self.tell_requester(&mut tx, row, say::by_hand(row, next, &handed), now).await?;
        let sealed = handed.iter().filter(|one| one.sealed.is_some()).count();
        let details = json!({ "step": next.step.key, "sealed_keys_shown": sealed });
        self.audit(
            &mut tx,
            Fact {
                staff: Some(&row.requester),
                action: &row.action,
                request: Some(&row.id),
                outcome: "by_hand",
                details,
            },
        )
        .await?;
        self.commit(tx).await
    }

    /// Further steps for what appeared meanwhile, within what was agreed to.
    pub(super) async fn further_pass(
        &self,
        row: &RequestRow,
        pass: u32,
        steps: &[Step],
        now: Millis,
    ) -> Result<(), Trouble> {
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_request(&row.id, &[State::Verifying], State::Running, now).await? {
            return Ok(());
        }
        tx.add_steps(&row.id, pass, &self.seal(steps.to_vec())?).await?;
        let details = json!({ "pass": pass, "steps": steps.len() });
        self.audit(
            &mut tx,
            Fact {
                staff: Some(&row.requester),
                action: &row.action,
                request: Some(&row.id),
                outcome: "further_pass",
                details,
            },
        )
        .await?;
        self.commit(tx).await
    }
}
