//! When the audit trail's end was last published outside.
//!
//! Invariant: it is written in the transaction that owes the publication.

use std::path::Path;

use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

use crate::model::{Millis, TrailHead, hex};

use super::column::{at, maybe_at};
use super::{Store, StoreError, Tx, open};

pub(super) const HEAD: &str = "select seq, hash from audit_head where one = 1";
const SINCE: &str = "select coalesce((select at from audit_published where one = 1), \
     (select at from audit where seq = 1)) as at";
const LAST: &str = "select at, seq, hash from audit_published where one = 1";
const PUBLISHED: &str = "insert into audit_published (one, at, seq, hash) \
     select 1, ?1, seq, hash from audit_head where one = 1 \
     on conflict (one) do update set at = excluded.at, seq = excluded.seq, hash = excluded.hash";

pub(crate) const STATEMENTS: &[&str] = &[HEAD, SINCE, LAST, PUBLISHED];

impl Store {
    /// Since when nothing was published: the last time, else the first row's; `None` while there is no row.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn unpublished_since(&self) -> Result<Option<Millis>, StoreError> {
        maybe_at(&sqlx::query(SINCE).fetch_one(&mut *self.reader().await?).await?, "at")
    }

    /// What was published last.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn last_published(&self) -> Result<Option<TrailHead>, StoreError> {
        let row = sqlx::query(LAST).fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| Ok(TrailHead { at: Some(at(&row, "at")?), ..head(&row)? })).transpose()
    }
}

/// The trail's end in a file that may be in use by another process. Changes nothing.
///
/// # Errors
/// `File`, `Foreign`, `TooNew`, or what `SQLite` says.
pub async fn audit_head_file(path: &Path) -> Result<TrailHead, StoreError> {
    let mut conn = open::look_only(path).await?;
    let row = sqlx::query(HEAD).fetch_one(&mut conn).await?;
    let head = head(&row)?;
    conn.close().await?;
    Ok(head)
}

impl Tx<'_> {
    /// Keeps that the trail's end is published now, and gives it: as it is before anything that this transaction adds
    /// from here on.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn publish_head(&mut self, now: Millis) -> Result<TrailHead, StoreError> {
        let conn = self.settled().await?;
        sqlx::query(PUBLISHED).bind(now.0).execute(&mut *conn).await?;
        let row = sqlx::query(HEAD).fetch_one(conn).await?;
        Ok(TrailHead { at: Some(now), ..head(&row)? })
    }
}

pub(super) fn head(row: &SqliteRow) -> Result<TrailHead, StoreError> {
    Ok(TrailHead { at: None, seq: row.try_get("seq")?, hash: hex(row.try_get("hash")?) })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, entry};
    use super::*;

    #[tokio::test]
    async fn what_was_published_is_the_end_as_it_was_and_when() {
        let desk = Desk::open().await;
        assert_eq!(desk.store.unpublished_since().await.expect("read"), None);
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.audit(&entry("one")).await.expect("recorded");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.unpublished_since().await.expect("read"), Some(Millis(1_000)));
        let (seq, hash) = desk.store.audit_head().await.expect("a head");
        let mut tx = desk.store.begin().await.expect("a transaction");
        let head = tx.publish_head(Millis(5_000)).await.expect("published");
        tx.audit(&entry("published")).await.expect("recorded");
        tx.commit().await.expect("committed");
        assert_eq!(head, TrailHead { at: Some(Millis(5_000)), seq, hash });
        assert_eq!(desk.store.last_published().await.expect("read"), Some(head));
        assert_eq!(desk.store.unpublished_since().await.expect("read"), Some(Millis(5_000)));
        let mut tx = desk.store.begin().await.expect("a transaction");
        let later = tx.publish_head(Millis(9_000)).await.expect("published");
        tx.commit().await.expect("committed");
        assert_eq!((later.seq, later.at), (2, Some(Millis(9_000))));
    }
}
