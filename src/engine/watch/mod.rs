//! The watch over what is said in chat: secrets are recorded at once, and followed until they are gone.
//!
//! It knows no platform. Invariants: nothing is ever called removed unless its platform says so; what was seen and
//! what is owed for it are one commit; an ordinary message costs no commit of its own.

mod ask;
mod case;
mod case_press;
mod catch_up;
mod clear;
mod eyes;
mod files;
mod look_up;
mod remind;
mod say;
mod see;
mod settle;
mod summary;
mod survey;
#[cfg(test)]
pub(in crate::engine) mod tests;
mod withheld;

use futures_util::future::join_all;

use crate::model::{Millis, SECOND_MS, Seen};
use crate::store::{Exposure, ExposureState};

use super::{Engine, Trouble};

pub(super) use eyes::Eyes;
pub use eyes::Watched;
pub use survey::Histories;

/// How many messages are cleared at once: enough for a burst, few enough for the platforms' pace.
const AT_ONCE: u32 = 16;
/// How long one message may take before another may try: longer than its calls' deadlines together.
const LEASE_MS: i64 = 120 * SECOND_MS;

impl Engine {
    /// Follows what was seen: clears messages, reminds their authors, looks after the cases. Returns how much it did.
    ///
    /// # Errors
    /// The store failed, or we are shutting down. What was not finished is found again by the next tick.
    pub async fn watch(&self) -> Result<usize, Trouble> {
        let done = self.report_withheld().await? + self.follow().await?;
        Ok(done + self.look_up_cases().await? + self.sum_up().await?)
    }

    async fn follow(&self) -> Result<usize, Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        let due = tx.lease_exposures(now, LEASE_MS, AT_ONCE).await?;
        if due.is_empty() {
            return Ok(0);
        }
        self.commit(tx).await?;
        let count = due.len();
        let results = join_all(together(due).into_iter().map(|rows| self.follow_in_order(rows))).await;
        results.into_iter().collect::<Result<Vec<()>, Trouble>>()?;
        Ok(count)
    }

    async fn follow_in_order(&self, rows: Vec<Exposure>) -> Result<(), Trouble> {
        for row in rows {
            self.follow_one(row).await?;
        }
        Ok(())
    }

    async fn follow_one(&self, row: Exposure) -> Result<(), Trouble> {
        match row.state {
            ExposureState::Unread => self.read_files(row).await,
            ExposureState::Told => self.remind_author(row).await,
            ExposureState::Todo => self.clear(row).await,
            _ => Ok(()),
        }
    }

    async fn clear(&self, row: Exposure) -> Result<(), Trouble> {
        let sighted = self.parts.store.sighted_in(row.id).await?;
        if sighted.iter().all(|one| one.doubtful) {
            return self.ask_author(row, &sighted).await;
        }
        match row.seen {
            Seen::Blocked => self.settle(row, ExposureState::Blocked, &[]).await,
            Seen::Topic => self.tell(row, "A channel's name, topic or purpose can only be changed.").await,
            Seen::New | Seen::Edited | Seen::Listed => self.remove(row).await,
        }
    }

    /// The moment after a pause that doubles with each attempt, with jitter.
    fn after_pause(&self, now: Millis, pause_ms: i64, most_ms: i64, attempts: u32) -> Millis {
        let pause = pause_ms.saturating_mul(1 << attempts.min(20)).min(most_ms);
        let jitter = self.parts.ids.jitter(u64::try_from(pause / 4).unwrap_or(0));
        now.plus_ms(pause.saturating_add(i64::try_from(jitter).unwrap_or(0)))
    }
}

/// Groups what is followed one after the other: messages over which one secret is split end in one order.
fn together(mut due: Vec<Exposure>) -> Vec<Vec<Exposure>> {
    due.sort_by_key(|row| row.id);
    let of = |row: &Exposure| (row.first_seen, row.account.clone(), row.place.channel.clone());
    let mut groups: Vec<Vec<Exposure>> = Vec::new();
    for row in due {
        match groups.last_mut().filter(|group| group.last().is_some_and(|last| of(last) == of(&row))) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}
