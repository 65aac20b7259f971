//! What became of new keys: how each begins, its way out, and what was sealed. Never a key.
//!
//! Invariant: a row is written once, with what was sealed in it; afterwards only how far it came is.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::guard::Redacted;
use crate::model::{Handed, Millis, RequestId, WayState};
use crate::ports::{HandedRead, PortError};

use super::column::{at, json, parsed, to_json, word};
use super::{Store, StoreError, Tx, changed};

const HANDED: &str = "select seq, org, key, prefix, way, sealed, state, why, at from handed where request = ?1 \
     order by seq";
const PUT: &str = "insert into handed (request, seq, org, key, prefix, way, sealed, state, why, at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const ENDED: &str = "update handed set state = ?3, why = ?4, ended = ?5 \
     where request = ?1 and seq = ?2 and state = 'begun'";

pub(crate) const STATEMENTS: &[&str] = &[HANDED, PUT, ENDED];

#[async_trait]
impl HandedRead for Store {
    async fn handed(&self, request: &RequestId) -> Result<Vec<Handed>, PortError> {
        Self::handed(self, request).await.map_err(|error| error.of_port("handed"))
    }
}

impl Store {
    /// Every key that the request made, in order.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn handed(&self, request: &RequestId) -> Result<Vec<Handed>, StoreError> {
        handed(&mut *self.reader().await?, request).await
    }
}

impl Tx<'_> {
    /// Every key that the request made, as this transaction sees them.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn handed(&mut self, request: &RequestId) -> Result<Vec<Handed>, StoreError> {
        handed(self.conn(), request).await
    }

    /// Keeps what became of a new key.
    ///
    /// # Errors
    /// What `SQLite` says; also where that step has made one already.
    pub async fn put_handed(&mut self, request: &RequestId, one: &Redacted<Handed>) -> Result<(), StoreError> {
        let query = sqlx::query(PUT).bind(request.as_str()).bind(one.seq).bind(one.org.as_str());
        let query = query.bind(to_json(&one.key, "handed.key")?).bind(one.prefix.as_str()).bind(one.way.as_str());
        let query = query.bind(one.sealed.as_deref()).bind(one.state.word()).bind(one.why.as_str()).bind(one.at.0);
        query.execute(self.conn()).await?;
        Ok(())
    }

    /// A key that was about to be passed on was, or was not.
    ///
    /// # Errors
    /// `Stale` when that is not (any more) open.
    pub async fn handed_ended(
        &mut self,
        request: &RequestId,
        seq: u32,
        state: WayState,
        why: &Redacted<String>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(ENDED).bind(request.as_str()).bind(seq).bind(state.word()).bind(why.as_str());
        changed(query.bind(now.0).execute(self.conn()).await?.rows_affected(), "handed")
    }
}

async fn handed(conn: &mut SqliteConnection, request: &RequestId) -> Result<Vec<Handed>, StoreError> {
    let rows = sqlx::query(HANDED).bind(request.as_str()).fetch_all(conn).await?;
    rows.iter().map(one).collect()
}

fn one(row: &SqliteRow) -> Result<Handed, StoreError> {
    Ok(Handed {
        seq: row.try_get("seq")?,
        org: parsed(row, "org")?,
        key: json(row, "key")?,
        prefix: row.try_get("prefix")?,
        way: row.try_get("way")?,
        sealed: row.try_get("sealed")?,
        state: word(row, "state", WayState::named)?,
        why: row.try_get("why")?,
        at: at(row, "at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, safe, text};
    use super::*;
    use crate::model::KeyOf;

    fn made(seq: u32, state: WayState) -> Handed {
        Handed {
            seq,
            org: "acme".parse().expect("a slug"),
            key: KeyOf::Webhook("wh_orders".into()),
            prefix: "begins so".into(),
            way: "sealed".into(),
            sealed: (state == WayState::Sealed).then(|| "armor".into()),
            state,
            why: String::new(),
            at: Millis(5),
        }
    }

    #[tokio::test]
    async fn what_was_made_is_kept_once_and_only_its_way_goes_on() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_handed(&id, &safe(made(2, WayState::Sealed))).await.expect("kept");
        tx.put_handed(&id, &safe(made(4, WayState::Begun))).await.expect("kept");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.handed(&id).await.expect("read"), [made(2, WayState::Sealed), made(4, WayState::Begun)]);

        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(
            tx.handed_ended(&id, 2, WayState::Arrived, &text(""), Millis(6)).await.expect_err("ended").is_conflict()
        );
        tx.handed_ended(&id, 4, WayState::Failed, &text("It is full."), Millis(6)).await.expect("ended");
        tx.commit().await.expect("committed");
        let rows = desk.store.handed(&id).await.expect("read");
        assert_eq!(
            (rows[1].state, rows[1].why.as_str(), rows[1].reachable()),
            (WayState::Failed, "It is full.", false)
        );

        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(tx.put_handed(&id, &safe(made(2, WayState::Begun))).await.is_err(), "a step makes one key");
        drop(tx);
        for forbidden in ["delete from handed", "update handed set sealed = null"] {
            let mut tx = desk.store.begin().await.expect("a transaction");
            assert!(sqlx::query(forbidden).execute(tx.conn()).await.is_err(), "{forbidden}");
        }
    }
}
