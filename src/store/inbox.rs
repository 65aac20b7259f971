//! What came in: by what a redelivery repeats, so that it gets the same answer and has no second effect.
//!
//! No envelope is kept, only its key, its request and its answer.

use sqlx::sqlite::SqliteRow;
use sqlx::{Arguments, AssertSqlSafe, Row};

use crate::guard::Redacted;
use crate::model::{DeliveryKey, Millis, RequestId};

use super::column::maybe_parsed;
use super::{BEGIN, Store, StoreError, Tx};

const SEEN: &str = "select request, answer from delivery where key = ?1";
const REMEMBER: &str = "insert into delivery (key, request, answer, at) values (?, ?, ?, ?)";
const FORGET: &str = "delete from delivery where key in (select key from delivery where at < ?1 order by at limit ?2)";

pub(crate) const STATEMENTS: &[&str] = &[SEEN, REMEMBER, FORGET];

/// What is remembered of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The request that it made or touched.
    pub request: Option<RequestId>,
    /// The answer that it got, as JSON.
    pub answer: String,
}

impl Store {
    /// Begins a transaction for a delivery, with what is remembered of it: `None` when it is new.
    ///
    /// # Errors
    /// `Busy`, `Closed`, or what `SQLite` says.
    pub async fn begin_delivery(&self, key: &DeliveryKey) -> Result<(Tx<'_>, Option<Seen>), StoreError> {
        let mut tx = self.opened().await?;
        // One statement fewer to wait for, before every ack.
        let sql = AssertSqlSafe(format!("{BEGIN}; {SEEN}"));
        let row = sqlx::query(sql).bind(key.as_str()).fetch_optional(tx.conn()).await?;
        let seen = row.map(|row| remembered(&row)).transpose()?;
        Ok((tx, seen))
    }
}

fn remembered(row: &SqliteRow) -> Result<Seen, StoreError> {
    Ok(Seen { request: maybe_parsed(row, "request")?, answer: row.try_get("answer")? })
}

impl Tx<'_> {
    /// Remembers a delivery with its answer.
    ///
    /// # Errors
    /// None now; the commit's is a conflict when it is remembered already.
    pub fn remember(
        &mut self,
        key: &DeliveryKey,
        request: Option<&RequestId>,
        answer: &Redacted<String>,
        at: Millis,
    ) -> Result<(), StoreError> {
        self.put_off(REMEMBER, |row| {
            row.add(key.as_str())?;
            row.add(request.map(RequestId::as_str))?;
            row.add(answer.as_str())?;
            row.add(at.0)
        })
    }

    /// Forgets at most `limit` deliveries older than `before`; gives how many.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn forget_seen(&mut self, before: Millis, limit: u32) -> Result<u64, StoreError> {
        Ok(sqlx::query(FORGET).bind(before.0).bind(limit).execute(self.conn()).await?.rows_affected())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, text};
    use super::*;

    #[tokio::test]
    async fn a_redelivery_gets_the_same_answer() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let key: DeliveryKey = "slack:Ev1".parse().expect("a key");
        let begin = || async { desk.store.begin_delivery(&key).await.expect("a transaction") };
        let (mut tx, seen) = begin().await;
        assert_eq!(seen, None);
        tx.remember(&key, Some(&id), &text(r#"{"say":"hello"}"#), Millis(5)).expect("a row");
        tx.commit().await.expect("committed");

        let (mut tx, seen) = begin().await;
        let seen = seen.expect("seen");
        assert_eq!((seen.request, seen.answer.as_str()), (Some(id), r#"{"say":"hello"}"#));
        tx.remember(&key, None, &text("{}"), Millis(6)).expect("a row");
        let again = tx.commit().await.expect_err("only once");
        assert!(again.is_conflict(), "{again}");
        let (mut tx, _) = begin().await;
        assert_eq!(tx.forget_seen(Millis(5), 10).await.expect("forgot"), 0);
        assert_eq!(tx.forget_seen(Millis(6), 10).await.expect("forgot"), 1);
        tx.commit().await.expect("committed");
        assert_eq!(begin().await.1, None);
    }
}
