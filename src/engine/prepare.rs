//! Prepare: look (reads through ports), plan (pure), and say what would happen.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::catalog::{Action, Asked, Stop as Stopped, digest};
use crate::model::{Block, Message, Plan, RequestId, Staff, State, Tone};
use crate::policy::{PREVIEW_WITHIN_MS, RightsHere};
use crate::ports::{Fault, PortError};
use crate::store::RequestRow;

use super::{AT_ONCE, Engine, Fact, Trouble, say};

/// How long looking may take before the answer is "could not look".
const LOOK_WITHIN: Duration = Duration::from_secs(25);

impl Engine {
    /// Prepares what was asked. Returns how many requests it took.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn prepare(&self) -> Result<usize, Trouble> {
        let waiting = self.parts.store.requests_in(&[State::Received], AT_ONCE).await?;
        let results = join_all(waiting.iter().map(|id| self.prepare_one(id))).await;
        for (id, result) in waiting.iter().zip(results) {
            self.contain(id, result).await?;
        }
        Ok(waiting.len())
    }

    async fn prepare_one(&self, id: &RequestId) -> Result<(), Trouble> {
        let Some(row) = self.parts.store.request(id).await? else { return Ok(()) };
        let policy = self.policy();
        let (Some(action), Some(staff)) = (self.parts.catalog.find(&row.action), policy.rules().staff(&row.requester))
        else {
            return self.end(&row, State::Refused, "Its action or its requester is gone.").await;
        };
        let planned = self.look_and_plan(action.as_ref(), staff, &row).await;
        let plan = match planned {
            Ok(plan) => plan,
            Err(Stopped::Port(error)) => could_not_look(&error),
            Err(Stopped::Fields(errors)) => {
                let lines = errors.iter().map(|e| format!("{}: {}", e.option, e.says)).collect();
                Plan::answer(
                    Tone::Bad,
                    "I could not read that.",
                    vec![Block::Items { heading: String::new(), items: lines }],
                )
            }
        };
        if plan.steps.is_empty() && plan.pick.is_none() {
            return self.answer(&row, &plan).await;
        }
        let definition = action.definition();
        let tier = plan.tier.max(definition.tier);
        if let Err(no) = policy.may_ask(staff, definition, tier, self.at(&row.place).await?) {
            return self.end(&row, State::Refused, &format!("{} {}", no.why, no.next)).await;
        }
        if let Some(why) = self.ticket_stops(&row).await {
            return self.end(&row, State::Refused, &why).await;
        }
        self.store_preview(&row, &plan, State::Received, None).await
    }

    /// Looks and plans, within a deadline.
    pub(super) async fn look_and_plan(
        &self,
        action: &dyn Action,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Plan, Stopped> {
        // What cannot be looked up is no right.
        let room = self.at(&row.place).await.is_ok_and(|at| at.room);
        let policy = self.policy();
        let rights = policy.rights(room);
        let asked = self.asked(staff, row, &rights);
        let looking = action.prepare(&asked, &row.fields, &self.parts.reads);
        match tokio::time::timeout(LOOK_WITHIN, looking).await {
            Ok(planned) => planned,
            Err(_) => Err(Stopped::Port(PortError::new("seqn", Fault::NoAnswer))),
        }
    }

    pub(super) fn asked<'a>(&'a self, staff: &'a Staff, row: &'a RequestRow, rights: &'a RightsHere<'a>) -> Asked<'a> {
        Asked {
            request: &row.id,
            asker: staff,
            place: &row.place,
            asked: row.asked,
            now: self.parts.clock.now(),
            catalog: &self.parts.catalog,
            rights,
        }
    }

    /// Stores a plan and shows it. `because`: why there is a new one.
    pub(super) async fn store_preview(
        &self,
        row: &RequestRow,
        plan: &Plan,
        from: State,
        because: Option<&str>,
    ) -> Result<(), Trouble> {
        let Some(action) = self.parts.catalog.find(&row.action) else { return Ok(()) };
        let now = self.parts.clock.now();
        let digest = digest(action.definition(), plan);
        let mut next = row.clone();
        next.revision += 1;
        let mut message = self.preview(&next, plan);
        if let Some(because) = because {
            message.blocks.insert(0, Block::Text(because.to_owned()));
        }
        let mut tx = self.parts.store.begin().await?;
        let to = if row.dry_run { State::Answered } else { State::Previewed };
        if !tx.move_request(&row.id, &[from], to, now).await? {
            return Ok(());
        }
        tx.put_plan(&row.id, next.revision, &digest, &self.seal(plan.clone())?, now).await?;
        tx.set_fields(&row.id, &self.seal(plan.pinned.clone())?).await?;
        tx.put_evidence(&row.id, &self.seal(plan.evidence.clone())?).await?;
        if !row.dry_run {
            tx.set_timer("preview", &row.id, now.plus_ms(PREVIEW_WITHIN_MS)).await?;
        }
        let details =
            json!({ "revision": next.revision, "digest": digest, "steps": plan.steps.len(), "tier": plan.tier });
        let outcome = if row.dry_run { "dry_run_shown" } else { "previewed" };
        self.audit(
            &mut tx,
            Fact { staff: Some(&row.requester), action: &row.action, request: Some(&row.id), outcome, details },
        )
        .await?;
        self.tell_requester(&mut tx, row, message, now).await?;
        self.commit(tx).await
    }

    /// The preview with the controls that fit its tier.
    pub(super) fn preview(&self, row: &RequestRow, plan: &Plan) -> Message {
        say::preview(row, plan, self.agreement(row, plan, &[]).as_ref())
    }

    /// The whole plan for an approver; with the vote's controls when it can be voted on.
    pub(super) fn for_review(&self, row: &RequestRow, plan: &Plan, open: bool) -> Message {
        say::for_review(row, &self.name_of(&row.requester), plan, open)
    }

    async fn answer(&self, row: &RequestRow, plan: &Plan) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let message = say::answer(row, plan, &self.offered(row, plan).await?);
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_request(&row.id, &[State::Received], State::Answered, now).await? {
            return Ok(());
        }
        self.keep_offers(&mut tx, row, plan, now).await?;
        tx.set_outcome(&row.id, &self.seal(plan.title.clone())?).await?;
        if plan.looked {
            tx.case_ran(&row.place, &row.action, &row.requester, &row.id, now).await?;
        }
        tx.put_evidence(&row.id, &self.seal(plan.evidence.clone())?).await?;
        let details = json!({ "evidence": plan.evidence.iter().map(|e| &e.id).collect::<Vec<_>>() });
        let fact = Fact {
            staff: Some(&row.requester),
            action: &row.action,
            request: Some(&row.id),
            outcome: "answered",
            details,
        };
        self.audit(&mut tx, fact).await?;
        self.tell_requester(&mut tx, row, message, now).await?;
        self.commit(tx).await
    }

    /// Ends a request that has not begun to run.
    pub(super) async fn end(&self, row: &RequestRow, to: State, why: &str) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_request(&row.id, &[row.state], to, now).await? {
            return Ok(());
        }
        let why = self.scrub(why);
        tx.set_outcome(&row.id, &why).await?;
        tx.clear_timers(&row.id).await?;
        let fact = Fact {
            staff: Some(&row.requester),
            action: &row.action,
            request: Some(&row.id),
            outcome: to.word(),
            details: json!({ "why": why }),
        };
        self.audit(&mut tx, fact).await?;
        self.update_approvals(&mut tx, row, &format!("It did not run. {why}"), now).await?;
        self.tell_requester_ended(&mut tx, row, &format!("{why} Nothing was changed."), now).await?;
        self.commit(tx).await
    }
}

fn could_not_look(error: &PortError) -> Plan {
    let text = vec![Block::Text(error.of_look())];
    Plan { looked: false, ..Plan::answer(Tone::Bad, "I could not look. Nothing was changed.", text) }
}
