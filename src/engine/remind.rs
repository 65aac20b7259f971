//! Remind: timers. Previews and requests for agreement lapse, forms close, handles end, and what is owed to a
//! platform that is switched off is given up.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::model::{MINUTE_MS, Millis, Platform, State};
use crate::store::{RequestRow, Tx};

use super::vote::yeses;
use super::{Engine, Fact, Trouble};

/// How long a step by hand may take before it is said to be not confirmed: an operator may be interrupted.
pub(super) const BY_HAND_WITHIN_MS: i64 = 4 * 60 * MINUTE_MS;
/// The timer of a request that waits to be read back again.
pub(super) const VERIFY: &str = "verify";
/// The timer of a change that is taken back at its end.
pub(super) const TAKE_BACK: &str = "take_back";
/// How often what nobody needs any more is looked for.
const SWEEP_EVERY_MS: i64 = MINUTE_MS;
/// How long deliveries are remembered: platforms redeliver for an hour at most, people ask for a week.
const KEEP_MS: i64 = 7 * 24 * 60 * MINUTE_MS;
/// How long alerts are remembered that are over: a report that comes later than that is a new one.
const ALERTS_KEEP_MS: i64 = 30 * 24 * 60 * MINUTE_MS;
/// The most rows that one sweep forgets, so that it never holds the writer for long.
const SWEEP_MOST: u32 = 500;
/// How many timers one tick takes.
const TIMERS: u32 = 50;

impl Engine {
    /// Does what is due by the clock. Returns how many timers there were.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn remind(&self) -> Result<usize, Trouble> {
        let now = self.parts.clock.now();
        let due = self.parts.store.due_timers(now, TIMERS).await?;
        for timer in &due {
            if timer.kind.starts_with(TAKE_BACK) {
                let taken = self.take_back(timer, now).await;
                self.contain(&timer.request, taken).await?;
                continue;
            }
            let mut tx = self.parts.store.begin().await?;
            if tx.timer_done(timer.id).await?
                && let Some(row) = tx.request(&timer.request).await?
            {
                self.lapse(&mut tx, &row, now).await?;
            }
            self.commit(tx).await?;
        }
        Ok(due.len() + self.sweep(now).await?)
    }

    /// What is seldom due: forgets what nobody needs any more (response handles that ran out, old deliveries), publishes
    /// the audit trail's head, asks for reviews. Returns how many of the latter two there were.
    async fn sweep(&self, now: Millis) -> Result<usize, Trouble> {
        let last = self.swept_ms.load(Ordering::SeqCst);
        if now.0 - last < SWEEP_EVERY_MS {
            return Ok(0);
        }
        self.swept_ms.store(now.0, Ordering::SeqCst);
        let mut tx = self.parts.store.begin().await?;
        tx.expire_handles(now).await?;
        let before = now.plus_ms(-KEEP_MS);
        tx.forget_seen(before, SWEEP_MOST).await?;
        tx.forget_delivered(before, SWEEP_MOST).await?;
        tx.forget_alerts(now.plus_ms(-ALERTS_KEEP_MS), SWEEP_MOST).await?;
        self.strand(&mut tx, now).await?;
        self.commit(tx).await?;
        Ok(self.publish_head(now).await? + self.ask_for_reviews(now).await?)
    }

    /// What is owed to a platform that is switched off would be owed for ever: it is given up, and said.
    async fn strand(&self, tx: &mut Tx<'_>, now: Millis) -> Result<(), Trouble> {
        for platform in Platform::ALL.into_iter().filter(|platform| !self.parts.chats.0.contains_key(platform)) {
            let messages = tx.strand(platform, now, SWEEP_MOST).await?;
            if messages == 0 {
                continue;
            }
            tracing::warn!(%platform, outbox.messages = messages, "deliver.platform_is_off");
            let details = json!({ "platform": platform.name(), "messages": messages });
            let fact = Fact { staff: None, action: "deliver", request: None, outcome: "switched_off", details };
            self.audit(tx, fact).await?;
        }
        Ok(())
    }

    /// Ends what waited too long, if it still waits.
    pub(super) async fn lapse(&self, tx: &mut Tx<'_>, row: &RequestRow, now: Millis) -> Result<(), Trouble> {
        let why = match row.state {
            State::Form => "The form was not sent within an hour.".to_owned(),
            State::Previewed => "It was not confirmed within 15 minutes. Nothing was changed.".to_owned(),
            State::Asking => self.not_agreed(tx, row).await?,
            State::ByHand => {
                "It was not marked as done within 4 hours. What was done by hand is not confirmed.".to_owned()
            }
            _ => return Ok(()),
        };
        if !tx.move_request(&row.id, &[row.state], State::Lapsed, now).await? {
            return Ok(());
        }
        let made = !tx.handed(&row.id).await?.is_empty();
        let why = if made { format!("{why} A key was rotated before: `/rotate handover {}`.", row.id) } else { why };
        tx.set_outcome(&row.id, &self.seal(why.clone())?).await?;
        let details = json!({ "was": row.state.word() });
        self.audit(
            tx,
            Fact {
                staff: Some(&row.requester),
                action: &row.action,
                request: Some(&row.id),
                outcome: "lapsed",
                details,
            },
        )
        .await?;
        if row.state == State::Form {
            return Ok(());
        }
        self.update_approvals(tx, row, &why, now).await?;
        self.tell_requester_ended(tx, row, &why, now).await
    }

    /// Why an agreement lapsed: who was missing, after how long.
    async fn not_agreed(&self, tx: &mut Tx<'_>, row: &RequestRow) -> Result<String, Trouble> {
        let Some(plan) = tx.plan(&row.id, row.revision).await? else {
            return Ok("Nobody agreed in time. Nothing was changed.".into());
        };
        let yes = yeses(tx.votes(&row.id).await?, row, &plan);
        let Some(agreement) = self.agreement(row, &plan.plan, &yes) else {
            return Ok("Its requester is no longer on the list of staff. Nothing was changed.".into());
        };
        let span = agreement.span();
        Ok(match yes.as_slice() {
            [] => format!("Nobody agreed within {span}. Nothing was changed."),
            _ => format!("Only {} agreed within {span}. Nothing was changed.", agreement.count()),
        })
    }
}
