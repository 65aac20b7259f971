//! Evidence: entries of outside audit logs that belong to a request. Read again, an entry replaces itself.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::guard::Redacted;
use crate::model::{Evidence, RequestId};

use super::column::at;
use super::{Store, StoreError, Tx};

const EVIDENCE: &str = "select source, id, at, action, is_after, suspicion from evidence where request = ?1 \
     order by at, source, id";
const PUT: &str = "insert into evidence (request, source, id, at, action, is_after, suspicion) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (request, source, id) do update set at = excluded.at, \
     action = excluded.action, is_after = excluded.is_after, suspicion = excluded.suspicion";

pub(crate) const STATEMENTS: &[&str] = &[EVIDENCE, PUT];

impl Store {
    /// What was kept for that request, oldest first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn evidence(&self, id: &RequestId) -> Result<Vec<Evidence>, StoreError> {
        let rows = sqlx::query(EVIDENCE).bind(id.as_str()).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(entry).collect()
    }
}

/// The entry of a row.
pub(super) fn entry(row: &SqliteRow) -> Result<Evidence, StoreError> {
    Ok(Evidence {
        source: row.try_get("source")?,
        id: row.try_get("id")?,
        at: at(row, "at")?,
        action: row.try_get("action")?,
        after: row.try_get("is_after")?,
        suspicion: row.try_get("suspicion")?,
    })
}

impl Tx<'_> {
    /// Keeps entries for that request.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn put_evidence(&mut self, id: &RequestId, rows: &Redacted<Vec<Evidence>>) -> Result<(), StoreError> {
        self.put_entries(id, rows).await
    }

    /// Keeps entries for that request which were within an agreed plan.
    pub(super) async fn put_entries(&mut self, id: &RequestId, rows: &[Evidence]) -> Result<(), StoreError> {
        for row in rows {
            let query = sqlx::query(PUT).bind(id.as_str()).bind(row.source.as_str()).bind(row.id.as_str());
            let query = query.bind(row.at.0).bind(row.action.as_str()).bind(row.after).bind(row.suspicion.as_str());
            query.execute(self.conn()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, safe};
    use super::*;
    use crate::model::Millis;

    #[tokio::test]
    async fn an_entry_that_is_read_again_replaces_itself() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let entry = |id: &str, at, suspicion: &str| Evidence {
            source: "seqn".into(),
            id: id.into(),
            at: Millis(at),
            action: "session.revoked".into(),
            after: at > 5,
            suspicion: suspicion.into(),
        };
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_evidence(&id, &safe(vec![entry("b", 9, ""), entry("a", 3, "")])).await.expect("kept");
        tx.put_evidence(&id, &safe(vec![entry("b", 9, "From another country.")])).await.expect("kept");
        tx.commit().await.expect("committed");
        let rows = desk.store.evidence(&id).await.expect("read");
        assert_eq!(rows, [entry("a", 3, ""), entry("b", 9, "From another country.")]);
    }
}
