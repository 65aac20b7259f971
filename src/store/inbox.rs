//! What came in: by what a redelivery repeats, so that it gets the same answer and has no second effect.
//!
//! No envelope is kept, only its key, its request and its answer.

use sqlx::Row;

use crate::guard::Redacted;
use crate::model::{DeliveryKey, Millis, RequestId};

use super::column::maybe_parsed;
use super::{StoreError, Tx};

const SEEN: &str = "select request, answer from delivery where key = ?1";
const REMEMBER: &str = "insert into delivery (key, request, answer, at) values (?1, ?2, ?3, ?4)";
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

impl Tx<'_> {
    /// What is remembered of that delivery; `None` when it is new.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn seen(&mut self, key: &DeliveryKey) -> Result<Option<Seen>, StoreError> {
        let row = sqlx::query(SEEN).bind(key.as_str()).fetch_optional(self.conn()).await?;
        row.map(|row| Ok(Seen { request: maybe_parsed(&row, "request")?, answer: row.try_get("answer")? })).transpose()
    }

    /// Remembers a delivery with its answer.
    ///
    /// # Errors
    /// A conflict when it is remembered already.
    pub async fn remember(
        &mut self,
        key: &DeliveryKey,
        request: Option<&RequestId>,
        answer: &Redacted<String>,
        at: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(REMEMBER).bind(key.as_str()).bind(request.map(RequestId::as_str));
        query.bind(answer.as_str()).bind(at.0).execute(self.conn()).await?;
        Ok(())
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
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert_eq!(tx.seen(&key).await.expect("read"), None);
        tx.remember(&key, Some(&id), &text(r#"{"say":"hello"}"#), Millis(5)).await.expect("kept");
        tx.commit().await.expect("committed");

        let mut tx = desk.store.begin().await.expect("a transaction");
        let seen = tx.seen(&key).await.expect("read").expect("seen");
        assert_eq!((seen.request, seen.answer.as_str()), (Some(id), r#"{"say":"hello"}"#));
        let again = tx.remember(&key, None, &text("{}"), Millis(6)).await.expect_err("only once");
        assert!(again.is_conflict(), "{again}");
        assert_eq!(tx.forget_seen(Millis(5), 10).await.expect("forgot"), 0);
        assert_eq!(tx.forget_seen(Millis(6), 10).await.expect("forgot"), 1);
        assert_eq!(tx.seen(&key).await.expect("read"), None);
    }
}
