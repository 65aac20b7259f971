//! Watermarks: the last message of each channel that passed the guard. Never what it said.
//!
//! Invariant: a watermark only moves forward in time.

use sqlx::Row;

use crate::model::{Millis, Place, Platform};

use super::column::{at, json, to_json};
use super::{Store, StoreError, Tx};

const WATERMARK: &str = "select place, message, at from watermark where platform = ?1 and channel = ?2";
const MARK: &str = "insert into watermark (platform, channel, place, message, at) values (?1, ?2, ?3, ?4, ?5) \
     on conflict (platform, channel) do update set message = excluded.message, at = excluded.at \
     where excluded.at >= watermark.at";

pub(crate) const STATEMENTS: &[&str] = &[WATERMARK, MARK];

/// How far a channel was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watermark {
    /// The channel.
    pub place: Place,
    /// The last message; empty when there was none yet.
    pub message: String,
    /// When it passed.
    pub at: Millis,
}

impl Store {
    /// How far that channel was read; `None` when it was never watched.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn watermark(&self, platform: Platform, channel: &str) -> Result<Option<Watermark>, StoreError> {
        let query = sqlx::query(WATERMARK).bind(platform.name()).bind(channel);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| {
            Ok(Watermark { place: json(&row, "place")?, message: row.try_get("message")?, at: at(&row, "at")? })
        })
        .transpose()
    }
}

impl Tx<'_> {
    /// Moves a channel's watermark forward; an older one changes nothing.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn mark(&mut self, mark: &Watermark) -> Result<(), StoreError> {
        let query = sqlx::query(MARK).bind(mark.place.platform.name()).bind(mark.place.channel.as_str());
        let query = query.bind(to_json(&mark.place, "watermark.place")?).bind(mark.message.as_str()).bind(mark.at.0);
        query.execute(self.conn()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, place};
    use super::*;

    #[tokio::test]
    async fn it_only_moves_forward() {
        let desk = Desk::open().await;
        let mark = |message: &str, at| Watermark { place: place(), message: message.into(), at: Millis(at) };
        assert_eq!(desk.store.watermark(Platform::Slack, "C1").await.expect("read"), None);
        for step in [mark("", 5), mark("m2", 20), mark("m1", 10)] {
            let mut tx = desk.store.begin().await.expect("a transaction");
            tx.mark(&step).await.expect("marked");
            tx.commit().await.expect("committed");
        }
        assert_eq!(desk.store.watermark(Platform::Slack, "C1").await.expect("read"), Some(mark("m2", 20)));
        assert_eq!(desk.store.watermark(Platform::Discord, "C1").await.expect("read"), None);
    }
}
