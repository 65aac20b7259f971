//! Plans: each revision as it was shown. A revision is written once and never changed.

use serde::Serialize;
use sqlx::{Row, SqliteConnection};

use crate::guard::Redacted;
use crate::model::{Digest, Millis, Plan, RequestId};

use super::column::{at, json, to_json};
use super::{Store, StoreError, Tx, changed};

const PLAN: &str = "select revision, digest, plan, at from plan where request = ?1 and revision = ?2";
const INSERT: &str = "insert into plan (request, revision, digest, plan, at) values (?1, ?2, ?3, ?4, ?5)";
const SET_REVISION: &str = "update request set revision = ?2, changed = ?3 where id = ?1";

pub(crate) const STATEMENTS: &[&str] = &[PLAN, INSERT, SET_REVISION];

/// One revision of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanRow {
    /// Its revision.
    pub revision: u32,
    /// Its digest.
    pub digest: Digest,
    /// The plan.
    pub plan: Plan,
    /// When it was made.
    pub at: Millis,
}

impl Store {
    /// That revision of that request's plan.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn plan(&self, id: &RequestId, revision: u32) -> Result<Option<PlanRow>, StoreError> {
        plan(&mut *self.reader().await?, id, revision).await
    }
}

impl Tx<'_> {
    /// That revision of that request's plan as this transaction sees it.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn plan(&mut self, id: &RequestId, revision: u32) -> Result<Option<PlanRow>, StoreError> {
        plan(self.conn(), id, revision).await
    }

    /// Keeps a revision, which becomes the request's current one.
    ///
    /// # Errors
    /// A conflict when the revision is there already; `Stale` when there is no such request.
    pub async fn put_plan(
        &mut self,
        id: &RequestId,
        revision: u32,
        digest: &Digest,
        plan: &Redacted<Plan>,
        at: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(INSERT).bind(id.as_str()).bind(revision).bind(digest.0.as_str());
        query.bind(to_json(&**plan, "plan.plan")?).bind(at.0).execute(self.conn()).await?;
        let query = sqlx::query(SET_REVISION).bind(id.as_str()).bind(revision).bind(at.0);
        changed(query.execute(self.conn()).await?.rows_affected(), "request")
    }
}

async fn plan(conn: &mut SqliteConnection, id: &RequestId, revision: u32) -> Result<Option<PlanRow>, StoreError> {
    let row = sqlx::query(PLAN).bind(id.as_str()).bind(revision).fetch_optional(conn).await?;
    row.map(|row| {
        Ok(PlanRow {
            revision: row.try_get("revision")?,
            digest: Digest(row.try_get("digest")?),
            plan: json(&row, "plan")?,
            at: at(&row, "at")?,
        })
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, plan as two_steps, safe};
    use super::*;

    #[tokio::test]
    async fn a_revision_is_written_once_and_becomes_the_current_one() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let digest = Digest("ab".into());
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_plan(&id, 1, &digest, &safe(two_steps()), Millis(5)).await.expect("kept");
        assert!(tx.plan(&id, 1).await.expect("read").is_some());
        let twice = tx.put_plan(&id, 1, &digest, &safe(two_steps()), Millis(6)).await.expect_err("once");
        assert!(twice.is_conflict());
        tx.commit().await.expect("committed");
        let row = desk.store.plan(&id, 1).await.expect("read").expect("there");
        assert_eq!(row, PlanRow { revision: 1, digest, plan: two_steps(), at: Millis(5) });
        assert_eq!(desk.store.plan(&id, 2).await.expect("read"), None);
        let request = desk.store.request(&id).await.expect("read").expect("there");
        assert_eq!((request.revision, request.changed), (1, Millis(5)));
    }
}
