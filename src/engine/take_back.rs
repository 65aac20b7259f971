//! The end of a change that was agreed to for a while: its step runs, is read back, and everybody is told.
//!
//! Invariant: it is taken back once, whenever we die; where it cannot be, a person is told to do it by hand.

use serde_json::json;

use crate::model::{Address, MINUTE_MS, Millis, Platform, Step};
use crate::policy::ApprovedPlan;
use crate::store::{Owe, OweKind, RequestRow, Timer};

use super::effect::Holds;
use super::remind::TAKE_BACK;
use super::ticket::Told;
use super::{Engine, Fact, Trouble, say};

/// How often it is tried before a person must do it: with the pauses, for an hour.
const TRIES: u32 = 7;
/// How long it waits after the first try; twice as long after each further one.
const PAUSE_MS: i64 = MINUTE_MS;

/// The kind of the timer for the try after `tried` ones.
fn kind(tried: u32) -> String {
    if tried == 0 { TAKE_BACK.to_owned() } else { format!("{TAKE_BACK}:{tried}") }
}

/// How often it was tried before, by the timer's kind.
fn tried(timer: &Timer) -> u32 {
    timer.kind.rsplit_once(':').and_then(|(_, tried)| tried.parse().ok()).unwrap_or(0)
}

impl Engine {
    pub(super) async fn take_back(&self, timer: &Timer, now: Millis) -> Result<(), Trouble> {
        let Some(row) = self.parts.store.request(&timer.request).await? else { return self.forget(timer).await };
        let Some(agreed) = self.parts.store.plan(&row.id, row.revision).await? else { return self.forget(timer).await };
        let Some(approved) = self.policy().approve_end(&agreed.plan, &row.requester, now) else {
            return self.forget(timer).await;
        };
        let Some(step) = approved.plan().steps.first() else { return self.forget(timer).await };
        let tries = tried(timer) + 1;
        match self.end_it(&row, &approved, step).await {
            Ok(()) => self.said(timer, &row, step, None, now).await,
            Err(why) if tries < TRIES => {
                tracing::warn!(request = %row.id, error = %self.scrub(&why), "take_back.put_off");
                let mut tx = self.parts.store.begin().await?;
                tx.timer_done(timer.id).await?;
                tx.set_timer(&kind(tries), &row.id, now.plus_ms(PAUSE_MS << (tries - 1))).await?;
                self.commit(tx).await
            }
            Err(why) => self.said(timer, &row, step, Some(&why), now).await,
        }
    }

    /// Does it unless it is so already, and reads it back.
    async fn end_it(&self, row: &RequestRow, approved: &ApprovedPlan, step: &Step) -> Result<(), String> {
        if self.read_back(&step.effect).await == Holds::Yes {
            return Ok(());
        }
        let done = self.perform(approved, &step.effect, &row.requester, &format!("{}-back", row.id)).await;
        match (done, self.read_back(&step.effect).await) {
            (_, Holds::Yes) => Ok(()),
            (Err(error), _) => Err(error.to_string()),
            (Ok(()), Holds::No) => Err("It was done, but reading back does not show it.".into()),
            (Ok(()), Holds::Unknown) => Err("It was done, but it could not be read back.".into()),
        }
    }

    /// The record and the messages. `trouble`: why a person must do it.
    async fn said(
        &self,
        timer: &Timer,
        row: &RequestRow,
        step: &Step,
        trouble: Option<&str>,
        now: Millis,
    ) -> Result<(), Trouble> {
        let (line, outcome) = match trouble {
            None => (format!("Taken back as agreed: {}.", step.says), "taken_back"),
            Some(why) => (format!("NOT taken back: {}. A person must do it now. {why}", step.says), "not_taken_back"),
        };
        let mut tx = self.parts.store.begin().await?;
        if !tx.timer_done(timer.id).await? {
            return Ok(());
        }
        let details = json!({ "step": step.key, "why": trouble.map(|why| self.scrub(why)) });
        let fact = Fact { staff: Some(&row.requester), action: &row.action, request: Some(&row.id), outcome, details };
        self.audit(&mut tx, fact).await?;
        let message = say::later(row, &line, trouble.is_none());
        self.tell_requester(&mut tx, row, message.clone(), now).await?;
        if let Some(agreed) = self.parts.store.plan(&row.id, row.revision).await? {
            let told = Told { key: "note:back", line: &line, approvers: &[], evidence: &[] };
            self.note_on_ticket(&mut tx, row, &agreed.plan, &told).await?;
        }
        if !row.place.direct && row.place.platform != Platform::Console {
            let to = Address::Channel { place: row.place.clone() };
            let key = format!("public:{}:back", row.id);
            let owe = Owe { target: row.place.platform, key, kind: OweKind::Post { to }, message };
            tx.owe(&self.seal(owe)?, now).await?;
        }
        self.commit(tx).await
    }

    async fn forget(&self, timer: &Timer) -> Result<(), Trouble> {
        let mut tx = self.parts.store.begin().await?;
        tx.timer_done(timer.id).await?;
        self.commit(tx).await
    }
}
