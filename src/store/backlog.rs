//! Backlogs: history that is still to be read, page by page, after a gap or because somebody asked for it.
//!
//! Invariant: what was read and where the next page begins are written together, so that a crash repeats at most
//! one page.

use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::guard::Redacted;
use crate::model::{Millis, Place, RequestId};

use super::column::{json, maybe_parsed, to_json, word};
use super::{Store, StoreError, Tx};

const ADD: &str = "insert into backlog (platform, channel, place, request, after, until, page, began, messages, found, \
     files, state, why, attempts, not_before, leased_until, at, changed) \
     values (?1, ?2, ?3, ?4, ?5, ?6, null, 0, 0, 0, 0, 'open', '', 0, ?7, 0, ?7, ?7)";
/// A catch-up that nobody has begun takes a later gap along.
const EXTEND: &str = "update backlog set until = ?3 where platform = ?1 and channel = ?2 and request is null \
     and state = 'open' and began = 0 and leased_until = 0";
const LEASE: &str = "update backlog set leased_until = ?2, attempts = attempts + 1 where id in \
     (select id from backlog where state = 'open' and not_before <= ?1 and leased_until <= ?1 \
       order by not_before, id limit ?3) \
     returning id, place, request, after, until, page, messages, found, files, state, why, attempts";
const MOVE: &str = "update backlog set page = ?2, began = 1, messages = ?3, found = ?4, files = ?5, state = ?6, \
     why = ?7, attempts = ?8, not_before = ?9, leased_until = 0, changed = ?10 where id = ?1 and state = 'open'";
const OF_REQUEST: &str = "select id, place, request, after, until, page, messages, found, files, state, why, attempts \
     from backlog where request = ?1";
const FORGET: &str = "delete from backlog where id in \
     (select id from backlog where state <> 'open' and request is null and changed < ?1 order by id limit ?2)";

pub(crate) const STATEMENTS: &[&str] = &[ADD, EXTEND, LEASE, MOVE, OF_REQUEST, FORGET];

/// Where a backlog stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BacklogState {
    /// There is more to read.
    Open,
    /// It was read to its end.
    Done,
    /// It cannot be read on.
    Failed,
}

impl BacklogState {
    /// The word that rows use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn named(word: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::Failed].into_iter().find(|state| state.word() == word)
    }
}

/// One piece of history of one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backlog {
    /// The row; 0 before it is kept.
    pub id: i64,
    /// The channel.
    pub place: Place,
    /// The request that asked for it; `None` after a gap.
    pub request: Option<RequestId>,
    /// What was posted after this message.
    pub after: String,
    /// And not after this one; empty: till now.
    pub until: String,
    /// What the next page is asked with.
    pub page: Option<String>,
    /// How many messages were read.
    pub messages: u32,
    /// How many of them held secrets.
    pub found: u32,
    /// How many files they had.
    pub files: u32,
    /// Where it stands.
    pub state: BacklogState,
    /// Why it failed or waits; may be empty.
    pub why: String,
    /// How often the page was tried before.
    pub attempts: u32,
}

impl Store {
    /// The backlog that was begun for that request.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn backlog_of(&self, request: &RequestId) -> Result<Option<Backlog>, StoreError> {
        let row = sqlx::query(OF_REQUEST).bind(request.as_str()).fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(read).transpose()
    }
}

impl Tx<'_> {
    /// Adds history to be read from `at` on; a catch-up of that channel that was not begun is extended instead.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn add_backlog(&mut self, row: &Redacted<Backlog>, at: Millis) -> Result<(), StoreError> {
        let (platform, channel) = (row.place.platform.name(), row.place.channel.as_str());
        if row.request.is_none() {
            let query = sqlx::query(EXTEND).bind(platform).bind(channel).bind(row.until.as_str());
            if query.execute(self.conn()).await?.rows_affected() > 0 {
                return Ok(());
            }
        }
        let query = sqlx::query(ADD).bind(platform).bind(channel).bind(to_json(&row.place, "backlog.place")?);
        let query = query.bind(row.request.as_ref().map(RequestId::as_str)).bind(row.after.as_str());
        query.bind(row.until.as_str()).bind(at.0).execute(self.conn()).await?;
        Ok(())
    }

    /// Leases at most `limit` backlogs that are due, longest due first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn lease_backlogs(&mut self, now: Millis, lease_ms: i64, limit: u32) -> Result<Vec<Backlog>, StoreError> {
        let query = sqlx::query(LEASE).bind(now.0).bind(now.plus_ms(lease_ms).0).bind(limit);
        let mut rows = query.fetch_all(self.conn()).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        rows.sort_by_key(|row| row.id);
        Ok(rows)
    }

    /// Writes how far a backlog was read and when it goes on, and ends its lease.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn move_backlog(
        &mut self,
        row: &Redacted<Backlog>,
        not_before: Millis,
        at: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(MOVE).bind(row.id).bind(row.page.as_deref()).bind(row.messages).bind(row.found);
        let query = query.bind(row.files).bind(row.state.word()).bind(row.why.as_str()).bind(row.attempts);
        query.bind(not_before.0).bind(at.0).execute(self.conn()).await?;
        Ok(())
    }

    /// Forgets at most `limit` catch-ups that ended before `before`; gives how many.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn forget_backlogs(&mut self, before: Millis, limit: u32) -> Result<u64, StoreError> {
        Ok(sqlx::query(FORGET).bind(before.0).bind(limit).execute(self.conn()).await?.rows_affected())
    }
}

fn read(row: &SqliteRow) -> Result<Backlog, StoreError> {
    Ok(Backlog {
        id: row.try_get("id")?,
        place: json(row, "place")?,
        request: maybe_parsed(row, "request")?,
        after: row.try_get("after")?,
        until: row.try_get("until")?,
        page: row.try_get("page")?,
        messages: row.try_get("messages")?,
        found: row.try_get("found")?,
        files: row.try_get("files")?,
        state: word(row, "state", BacklogState::named)?,
        why: row.try_get("why")?,
        attempts: row.try_get("attempts")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, place, safe};
    use super::*;

    fn backlog(request: Option<RequestId>, until: &str) -> Backlog {
        Backlog {
            id: 0,
            place: place(),
            request,
            after: "m1".into(),
            until: until.into(),
            page: None,
            messages: 0,
            found: 0,
            files: 0,
            state: BacklogState::Open,
            why: String::new(),
            attempts: 0,
        }
    }

    #[tokio::test]
    async fn it_goes_on_where_it_stopped() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.add_backlog(&safe(backlog(None, "m5")), Millis(10)).await.expect("added");
        tx.add_backlog(&safe(backlog(None, "m9")), Millis(11)).await.expect("extended");
        tx.add_backlog(&safe(backlog(Some(id.clone()), "m9")), Millis(12)).await.expect("added");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.next_due().await.expect("read"), Some(Millis(10)));

        let mut tx = desk.store.begin().await.expect("a transaction");
        let mut due = tx.lease_backlogs(Millis(10), 90, 9).await.expect("leased");
        assert_eq!((due.len(), due[0].until.as_str(), due[0].attempts), (1, "m9", 1));
        assert!(tx.lease_backlogs(Millis(11), 90, 9).await.expect("leased").is_empty());
        let mut one = due.remove(0);
        (one.page, one.messages, one.attempts) = (Some("p2".into()), 100, 0);
        tx.move_backlog(&safe(one), Millis(20), Millis(20)).await.expect("moved");
        tx.add_backlog(&safe(backlog(None, "m12")), Millis(300)).await.expect("added: the other was begun");
        tx.commit().await.expect("committed");

        let mut tx = desk.store.begin().await.expect("a transaction");
        let due = tx.lease_backlogs(Millis(30), 90, 9).await.expect("leased");
        assert_eq!(
            due.iter().map(|b| (b.page.as_deref(), b.messages)).collect::<Vec<_>>(),
            [(Some("p2"), 100), (None, 0)]
        );
        let ended = Backlog { state: BacklogState::Done, page: None, ..due[0].clone() };
        tx.move_backlog(&safe(ended), Millis(0), Millis(31)).await.expect("moved");
        assert_eq!(tx.forget_backlogs(Millis(32), 9).await.expect("forgot"), 1);
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.backlog_of(&id).await.expect("read").expect("there").state, BacklogState::Open);
    }
}
