//! How the scheduled checks stand, so that a restart neither forgets a failure nor repeats what was said of it.

use sqlx::Row;

use crate::incidents::checks::Watched;
use crate::ports::Subject;

use super::column::{at, maybe_at, word};
use super::{Store, StoreError, Tx};

const ALL: &str = "select subject, due, failures, successes, since, down from health_check order by subject";
const PUT: &str = "insert or replace into health_check (subject, due, failures, successes, since, down) \
     values (?1, ?2, ?3, ?4, ?5, ?6)";
const FORGET: &str = "delete from health_check";

pub(crate) const STATEMENTS: &[&str] = &[ALL, PUT, FORGET];

impl Store {
    /// How each check stands that was made before.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn watched_checks(&self) -> Result<Vec<(Subject, Watched)>, StoreError> {
        let rows = sqlx::query(ALL).fetch_all(&mut *self.reader().await?).await?;
        rows.iter()
            .map(|row| {
                let watched = Watched {
                    due: at(row, "due")?,
                    failures: row.try_get("failures")?,
                    successes: row.try_get("successes")?,
                    since: maybe_at(row, "since")?,
                    down: row.try_get("down")?,
                };
                Ok((word(row, "subject", Subject::named)?, watched))
            })
            .collect()
    }
}

impl Tx<'_> {
    /// A check stands so.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn put_check(&mut self, subject: Subject, now: &Watched) -> Result<(), StoreError> {
        let query = sqlx::query(PUT).bind(subject.word()).bind(now.due.0).bind(now.failures).bind(now.successes);
        query.bind(now.since.map(|at| at.0)).bind(now.down).execute(self.conn()).await?;
        Ok(())
    }

    /// No check is made any more.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn forget_checks(&mut self) -> Result<(), StoreError> {
        sqlx::query(FORGET).execute(self.conn()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Desk;
    use super::*;
    use crate::model::Millis;

    #[tokio::test]
    async fn how_a_check_stands_is_kept_and_its_next_time_wakes_the_loops() {
        let desk = Desk::open().await;
        let down = Watched { due: Millis(70), failures: 3, successes: 0, since: Some(Millis(5)), down: true };
        let well = Watched { successes: 9, ..Watched::new(Millis(60)) };
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_check(Subject::PublicHealth, &Watched::new(Millis(1))).await.expect("put");
        tx.put_check(Subject::PublicHealth, &down).await.expect("put anew");
        tx.put_check(Subject::Tls, &well).await.expect("put");
        tx.commit().await.expect("committed");
        let kept = desk.store.watched_checks().await.expect("read");
        assert_eq!(kept, [(Subject::PublicHealth, down), (Subject::Tls, well)]);
        assert_eq!(desk.store.next_due().await.expect("read"), Some(Millis(60)));
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.forget_checks().await.expect("forgotten");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.next_due().await.expect("read"), None);
    }
}
