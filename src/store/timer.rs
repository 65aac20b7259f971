//! Timers: what falls due without anybody doing anything. At most one of a kind per request.
//!
//! Invariant: setting a timer again gives it a new id, so that ending the old one cannot end the new one.

use sqlx::Row;

use crate::model::{Millis, RequestId};

use super::column::{at, parsed};
use super::{Store, StoreError, Tx};

const DUE: &str = "select id, kind, request, due from timer where due <= ?1 order by due, id limit ?2";
const SET: &str = "insert or replace into timer (kind, request, due) values (?1, ?2, ?3)";
const CLEAR: &str = "delete from timer where request = ?1";
const DONE: &str = "delete from timer where id = ?1";
const NEXT: &str = "select min(at) from ( \
       select min(due) as at from timer \
     union all \
       select min(max(o.not_before, o.leased_until)) from outbox o where o.state = 'owed' and not exists \
         (select 1 from outbox e where e.state = 'owed' and e.target = o.target and e.key = o.key and e.id < o.id) \
     union all \
       select min(j.not_before) from journal j join request r on r.id = j.request \
         where j.state = 'todo' and j.not_before is not null and r.ended = 0 \
     union all \
       select min(max(not_before, leased_until)) from exposure where state in ('unread', 'todo', 'told') \
     union all \
       select min(max(not_before, leased_until)) from backlog where state = 'open' \
     union all \
       select min(look_at) from leak where look_at is not null \
     union all \
       select min(max(n.not_before, n.leased_until)) from notice n where n.id in \
         (select min(h.id) from notice h where h.state = 'owed' group by h.target, h.subject) \
     union all \
       select min(look_at) from incident where look_at is not null \
     union all \
       select min(changed) from incident where stale = 1 \
     union all \
       select min(raised) from alert where stale = 1 \
     union all \
       select min(due) from health_check)";

const WAITS: &str = "select 1 from timer where request = ?1 and kind = ?2";

pub(crate) const STATEMENTS: &[&str] = &[DUE, SET, CLEAR, DONE, NEXT, WAITS];

/// Something that falls due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Its id.
    pub id: i64,
    /// What is to be done; the engine's word.
    pub kind: String,
    /// For which request.
    pub request: RequestId,
    /// When.
    pub due: Millis,
}

impl Store {
    /// At most `limit` timers that are due, longest due first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn due_timers(&self, now: Millis, limit: u32) -> Result<Vec<Timer>, StoreError> {
        let query = sqlx::query(DUE).bind(now.0).bind(limit);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter()
            .map(|row| {
                Ok(Timer {
                    id: row.try_get("id")?,
                    kind: row.try_get("kind")?,
                    request: parsed(row, "request")?,
                    due: at(row, "due")?,
                })
            })
            .collect()
    }

    /// Whether that request has a timer of that kind.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn waits(&self, request: &RequestId, kind: &str) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar::<_, i64>(WAITS).bind(request.as_str()).bind(kind);
        Ok(query.fetch_optional(&mut *self.reader().await?).await?.is_some())
    }

    /// The earliest moment at which a timer, a message or a step that was put off is due; it may have passed.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn next_due(&self) -> Result<Option<Millis>, StoreError> {
        let next: Option<i64> = sqlx::query_scalar(NEXT).fetch_one(&mut *self.reader().await?).await?;
        Ok(next.map(Millis))
    }
}

impl Tx<'_> {
    /// Sets the timer of that kind for that request, in place of the one before.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn set_timer(&mut self, kind: &str, request: &RequestId, due: Millis) -> Result<(), StoreError> {
        sqlx::query(SET).bind(kind).bind(request.as_str()).bind(due.0).execute(self.conn()).await?;
        Ok(())
    }

    /// Takes every timer of that request away.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn clear_timers(&mut self, request: &RequestId) -> Result<(), StoreError> {
        sqlx::query(CLEAR).bind(request.as_str()).execute(self.conn()).await?;
        Ok(())
    }

    /// Takes a due timer away; false when it was taken away or set anew meanwhile, and must not be acted on.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn timer_done(&mut self, id: i64) -> Result<bool, StoreError> {
        Ok(sqlx::query(DONE).bind(id).execute(self.conn()).await?.rows_affected() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, post, safe, step, text};
    use super::*;
    use crate::model::{Platform, State};

    #[tokio::test]
    async fn a_timer_that_was_set_anew_is_another_one() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.set_timer("lapse", &id, Millis(50)).await.expect("set");
        tx.set_timer("remind", &id, Millis(20)).await.expect("set");
        tx.commit().await.expect("committed");
        assert!(desk.store.due_timers(Millis(19), 9).await.expect("read").is_empty());
        let due = desk.store.due_timers(Millis(50), 9).await.expect("read");
        assert_eq!(due.iter().map(|timer| timer.kind.as_str()).collect::<Vec<_>>(), ["remind", "lapse"]);

        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.set_timer("lapse", &id, Millis(90)).await.expect("set anew");
        assert!(!tx.timer_done(due[1].id).await.expect("looked"), "the old one is gone");
        assert!(tx.timer_done(due[0].id).await.expect("done"));
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.next_due().await.expect("read"), Some(Millis(90)));

        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.clear_timers(&id).await.expect("cleared");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.next_due().await.expect("read"), None);
    }

    #[tokio::test]
    async fn the_next_moment_counts_only_what_can_go_then() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.add_steps(&id, 1, &safe(vec![step("s1")])).await.expect("added");
        tx.step_later(&id, 1, Millis(500), &text("later")).await.expect("put off");
        tx.owe(&post("k", "first"), Millis(10)).await.expect("owed");
        tx.owe(&post("k", "second"), Millis(10)).await.expect("owed");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.next_due().await.expect("read"), Some(Millis(10)));

        let mut tx = desk.store.begin().await.expect("a transaction");
        assert_eq!(tx.lease(Platform::Slack, Millis(10), 290, 9).await.expect("leased").len(), 1);
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.next_due().await.expect("read"), Some(Millis(300)), "the second waits for the first");

        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.sent(1, None, Millis(20)).await.expect("sent");
        tx.sent(2, None, Millis(20)).await.expect("sent");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.next_due().await.expect("read"), Some(Millis(500)));

        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.move_request(&id, &[State::Received], State::Failed, Millis(30)).await.expect("moved");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.next_due().await.expect("read"), None, "an ended request has nothing to do");
    }
}
