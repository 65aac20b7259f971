//! Clear: removing a message that holds a secret, or telling its author to.
//!
//! Invariant: a message is called removed only when its platform says so; whoever cannot be helped at once is told
//! at once.

use crate::guard::Redacted;
use crate::model::{Message, SECOND_MS};
use crate::ports::{Fault, PortError, Removal};
use crate::store::{Exposure, ExposureState};

use super::super::deliver::GIVE_UP_MS;
use super::super::{Engine, Trouble};
use super::remind::REMIND_AFTER_MS;
use super::say;

/// The first pause before a removal is tried again; it doubles.
const PAUSE_MS: i64 = 500;
/// The longest pause.
const PAUSE_MOST_MS: i64 = 5 * 60 * SECOND_MS;
/// The author is told when the message stands there this long: people delete faster than a platform recovers.
const TELL_AFTER_MS: i64 = 5 * SECOND_MS;

impl Engine {
    pub(super) async fn remove(&self, mut row: Exposure) -> Result<(), Trouble> {
        let Some(moderator) = self.parts.moderators.0.get(&row.place.platform).cloned() else {
            return self.tell(row, "I cannot remove messages on this platform.").await;
        };
        let to = match moderator.remove(&row.posted()).await {
            Ok(Removal::Removed) => ExposureState::Removed,
            Ok(Removal::Gone) => ExposureState::Gone,
            Ok(Removal::Refused(why)) => return self.tell(row, &why).await,
            Err(error) => return self.removal_failed(row, &error).await,
        };
        let also = self.clear_files(&moderator, &mut row).await;
        self.settle(row, to, &also).await
    }

    /// Tries again as long as it may help; the author hears of it when that takes long.
    async fn removal_failed(&self, mut row: Exposure, error: &PortError) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        if !error.passing() || now.since(row.first_seen) >= GIVE_UP_MS {
            return self.tell(row, &error.to_string()).await;
        }
        let due = match error.fault {
            Fault::RateLimited { after_ms } => now.plus_ms(after_ms),
            _ => self.after_pause(now, PAUSE_MS, PAUSE_MOST_MS, row.attempts),
        };
        row.why = self.scrub(error.to_string()).into_inner();
        if row.told || due.since(row.first_seen) < TELL_AFTER_MS {
            return self.put_off(row, due, now).await;
        }
        row.told = true;
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_exposure(&self.seal(row.clone())?, due, now).await? {
            return Ok(());
        }
        self.tell_all(&mut tx, &row, "not_removed_yet", now).await?;
        self.commit(tx).await?;
        self.whisper(&row).await
    }

    /// It cannot be removed: its author is told now, and reminded later.
    pub(super) async fn tell(&self, mut row: Exposure, why: &str) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        row.why = self.scrub(why).into_inner();
        (row.state, row.told, row.attempts) = (ExposureState::Told, true, 0);
        let due = now.plus_ms(REMIND_AFTER_MS[0]);
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_exposure(&self.seal(row.clone())?, due, now).await? {
            return Ok(());
        }
        self.tell_all(&mut tx, &row, "not_removed", now).await?;
        self.commit(tx).await?;
        self.whisper(&row).await
    }

    /// A word to the author in the channel. It is said at most once; the direct message is what is owed.
    async fn whisper(&self, row: &Exposure) -> Result<(), Trouble> {
        let mut tx = self.parts.store.begin().await?;
        let leaks = tx.leaks_in(row.id).await?;
        drop(tx);
        let message = self.seal(say::to_author(row, &leaks, &self.link(row)))?;
        self.whisper_to_author(row, &message).await;
        Ok(())
    }

    pub(super) async fn whisper_to_author(&self, row: &Exposure, message: &Redacted<Message>) {
        if row.by_app || row.place.direct {
            return;
        }
        let Some(moderator) = self.parts.moderators.0.get(&row.place.platform) else { return };
        if let Err(error) = moderator.whisper(&row.place, &row.account, message).await {
            tracing::warn!(error = %error, platform = row.place.platform.name(), "watch.whisper_failed");
        }
    }
}
