//! Remind: whoever was told to remove a message is reminded until it is gone or clean.
//!
//! Invariant: it is looked first, and never said to be there when it is not.

use crate::model::{Address, MINUTE_MS, Millis, SECOND_MS, Seen};
use crate::ports::{Fault, Removal};
use crate::store::{Exposure, ExposureState};

use super::super::{Engine, Trouble};
use super::say;

/// One hour in milliseconds.
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// When the author is reminded, each after the one before; then daily. Soon at first, since a secret that is read
/// cannot be unread.
pub(super) const REMIND_AFTER_MS: [i64; 4] = [5 * MINUTE_MS, 30 * MINUTE_MS, 4 * HOUR_MS, 24 * HOUR_MS];
/// How often the author is reminded before the security channels alone are told: two weeks.
const REMINDERS_MOST: u32 = 17;
/// The pause when it could not be looked whether the message is still there.
const LOOK_AGAIN_MS: i64 = 30 * SECOND_MS;

impl Engine {
    pub(super) async fn remind_author(&self, mut row: Exposure) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        if let Some(moderator) = self.parts.moderators.0.get(&row.place.platform).cloned() {
            match moderator.read(&row.place, &row.message).await {
                Ok(None) => return self.settle(row, ExposureState::Gone, &[]).await,
                Ok(Some(said)) => {
                    let texts = said.texts.iter().flat_map(|text| self.parts.guard.review_unseen(text)).collect();
                    let waits_for_files = !row.files.is_empty() && !said.files.is_empty();
                    if self.sift(texts).await?.is_empty() && !waits_for_files && !self.is_split(&row).await? {
                        return self.settle(row, ExposureState::Clean, &[]).await;
                    }
                }
                Err(error) if error.passing() => {
                    let pause = match error.fault {
                        Fault::RateLimited { after_ms } => after_ms,
                        _ => LOOK_AGAIN_MS,
                    };
                    return self.put_off(row, now.plus_ms(pause), now).await;
                }
                Err(error) => row.why = self.scrub(error.to_string()).into_inner(),
            }
            if row.seen != Seen::Topic {
                match moderator.remove(&row.posted()).await {
                    Ok(Removal::Removed) => return self.settle(row, ExposureState::Removed, &[]).await,
                    Ok(Removal::Gone) => return self.settle(row, ExposureState::Gone, &[]).await,
                    Ok(Removal::Refused(why)) => row.why = self.scrub(why).into_inner(),
                    Err(error) => row.why = self.scrub(error.to_string()).into_inner(),
                }
            }
        }
        if row.reminders >= REMINDERS_MOST {
            return self.settle(row, ExposureState::Unheeded, &[]).await;
        }
        self.remind_once(row, now).await
    }

    /// Whether the message holds only a part of a secret, which cannot be seen in it alone.
    async fn is_split(&self, row: &Exposure) -> Result<bool, Trouble> {
        let sighted = self.parts.store.sighted_in(row.id).await?;
        let mut tx = self.parts.store.begin().await?;
        for one in &sighted {
            let others = tx.exposures_of(&one.fingerprint, 2).await?;
            if others.iter().any(|other| other.id != row.id && other.first_seen == row.first_seen) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn remind_once(&self, mut row: Exposure, now: Millis) -> Result<(), Trouble> {
        row.reminders += 1;
        row.attempts = 0;
        let step = usize::try_from(row.reminders).unwrap_or(usize::MAX).min(REMIND_AFTER_MS.len() - 1);
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_exposure(&self.seal(row.clone())?, now.plus_ms(REMIND_AFTER_MS[step]), now).await? {
            return Ok(());
        }
        self.note_exposure(&mut tx, &row, "reminded").await?;
        let leaks = tx.leaks_in(row.id).await?;
        if !row.by_app {
            let key = format!("leak-reminder:{}:{}", row.id, row.reminders);
            let to = Address::Direct { account: row.account.clone() };
            self.owe_update(&mut tx, &key, to, say::reminder(&row, &leaks, &self.link(&row)), now).await?;
        }
        for leak in &leaks {
            self.owe_case(&mut tx, leak, now).await?;
        }
        self.commit(tx).await
    }
}
