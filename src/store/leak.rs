//! Leak cases: one row per secret, by its keyed fingerprint; and what people said is no secret.
//!
//! Invariant: a secret that is seen again is counted in its case, never a second case.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::guard::{Fingerprint, Redacted};
use crate::model::{Account, KeyOwner, Leak, LeakCount, LeakState, Millis, RequestId, StaffId};
use crate::ports::{LeakRead, PortError};

use super::column::{at, maybe_at, parsed, word};
use super::{Store, StoreError, Tx, changed};

const LEAK: &str = "select id, fingerprint, rule, kind, prefix, state, first_seen, last_seen, seen, org, project, \
     outcome from leak where id = ?1";
const LEAKS: &str = "select id, fingerprint, rule, kind, prefix, state, first_seen, last_seen, seen, org, project, \
     outcome from leak where ?1 is null or state = ?1 order by last_seen desc, id limit ?2";
const TO_LOOK: &str = "select id, fingerprint, rule, kind, prefix, state, first_seen, last_seen, seen, org, project, \
     outcome, looked from leak where look_at <= ?1 order by look_at, id limit ?2";
const SEE: &str = "insert into leak (fingerprint, id, rule, kind, prefix, state, first_seen, last_seen, seen, org, \
     project, outcome, look_at, looked, changed) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1, null, null, '', ?8, 0, ?7) \
     on conflict (fingerprint) do update set last_seen = max(last_seen, excluded.last_seen), seen = seen + 1 \
     returning id, fingerprint, rule, kind, prefix, state, first_seen, last_seen, seen, org, project, outcome";
const MOVE: &str = "update leak set state = ?2, outcome = ?3, changed = ?4 where id = ?1 and state <> 'closed'";
const OWNER: &str = "update leak set org = ?2, project = ?3 where id = ?1";
const LOOK_AT: &str = "update leak set look_at = ?2, looked = ?3 where id = ?1";
const COUNTS: &str = "select kind, state, count(*) as cases, \
     sum(iif(last_seen >= ?1 or changed >= ?1, 1, 0)) as recent from leak group by kind, state order by kind, state";
const JUDGE: &str = "insert into judged (fingerprint, account, staff, at) values (?1, ?2, ?3, ?4) \
     on conflict (fingerprint) do nothing";
const IS_JUDGED: &str = "select exists (select 1 from judged where fingerprint = ?1)";
const SUMMED: &str = "select at from summary where one = 1";
const SUM_UP: &str = "insert into summary (one, at) values (1, ?1) on conflict (one) do update set at = excluded.at";

pub(crate) const STATEMENTS: &[&str] =
    &[LEAK, LEAKS, TO_LOOK, SEE, MOVE, OWNER, LOOK_AT, COUNTS, JUDGE, IS_JUDGED, SUMMED, SUM_UP];

#[async_trait]
impl LeakRead for Store {
    async fn leaks(&self, state: Option<LeakState>, most: u32) -> Result<Vec<Leak>, PortError> {
        Self::leaks(self, state, most).await.map_err(|error| error.of_port("leaks"))
    }
}

impl Store {
    /// That case.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn leak(&self, id: &RequestId) -> Result<Option<Leak>, StoreError> {
        leak(&mut *self.reader().await?, id).await
    }

    /// At most `limit` cases in that state (or in any), the last seen first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn leaks(&self, state: Option<LeakState>, limit: u32) -> Result<Vec<Leak>, StoreError> {
        let query = sqlx::query(LEAKS).bind(state.map(LeakState::word)).bind(limit);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(read).collect()
    }

    /// At most `limit` cases whose owner or rotation is to be looked up now, each with how often that was tried.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn leaks_to_look(&self, now: Millis, limit: u32) -> Result<Vec<(Leak, u32)>, StoreError> {
        let rows = sqlx::query(TO_LOOK).bind(now.0).bind(limit).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| Ok((read(row)?, row.try_get("looked")?))).collect()
    }

    /// How many cases there are of each kind in each state; `recent` counts what was seen or moved since then.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn leak_counts(&self, since: Millis) -> Result<Vec<LeakCount>, StoreError> {
        let rows = sqlx::query(COUNTS).bind(since.0).fetch_all(&mut *self.reader().await?).await?;
        rows.iter()
            .map(|row| {
                Ok(LeakCount {
                    kind: row.try_get("kind")?,
                    state: word(row, "state", LeakState::named)?,
                    cases: row.try_get("cases")?,
                    recent: row.try_get("recent")?,
                })
            })
            .collect()
    }

    /// Whether somebody said that this is no secret.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn judged_harmless(&self, fingerprint: &Fingerprint) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(IS_JUDGED).bind(fingerprint.to_string());
        Ok(query.fetch_one(&mut *self.reader().await?).await?)
    }

    /// When the cases were last summed up.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn summed_up(&self) -> Result<Option<Millis>, StoreError> {
        let row = sqlx::query(SUMMED).fetch_optional(&mut *self.reader().await?).await?;
        row.map_or(Ok(None), |row| maybe_at(&row, "at"))
    }
}

impl Tx<'_> {
    /// That case as this transaction sees it.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn leak(&mut self, id: &RequestId) -> Result<Option<Leak>, StoreError> {
        leak(self.conn(), id).await
    }

    /// Counts a secret that was seen in one more message: opens its case, or counts it in the case that it has.
    /// `look`: when its owner is looked up, for a new case.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn see_leak(&mut self, row: &Redacted<Leak>, look: Option<Millis>) -> Result<Leak, StoreError> {
        let query = sqlx::query(SEE).bind(row.fingerprint.to_string()).bind(row.id.as_str()).bind(row.rule.as_str());
        let query = query.bind(row.kind.as_str()).bind(row.prefix.as_str()).bind(row.state.word());
        let found = query.bind(row.last_seen.0).bind(look.map(|at| at.0)).fetch_one(self.conn()).await?;
        read(&found)
    }

    /// Moves a case that is not closed; false when it is.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn move_leak(
        &mut self,
        id: &RequestId,
        to: LeakState,
        outcome: &Redacted<String>,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(MOVE).bind(id.as_str()).bind(to.word()).bind(outcome.as_str()).bind(at.0);
        Ok(query.execute(self.conn()).await?.rows_affected() > 0)
    }

    /// Keeps whose key it is.
    ///
    /// # Errors
    /// `Stale` when there is no such case, or what `SQLite` says.
    pub async fn set_leak_owner(&mut self, id: &RequestId, owner: &Redacted<KeyOwner>) -> Result<(), StoreError> {
        let query = sqlx::query(OWNER).bind(id.as_str()).bind(owner.org.as_str()).bind(owner.project.as_str());
        changed(query.execute(self.conn()).await?.rows_affected(), "leak")
    }

    /// Sets when the case's owner or rotation is looked up next, and how often that was tried.
    ///
    /// # Errors
    /// `Stale` when there is no such case, or what `SQLite` says.
    pub async fn look_leak_up(&mut self, id: &RequestId, at: Option<Millis>, looked: u32) -> Result<(), StoreError> {
        let query = sqlx::query(LOOK_AT).bind(id.as_str()).bind(at.map(|at| at.0)).bind(looked);
        changed(query.execute(self.conn()).await?.rows_affected(), "leak")
    }

    /// Keeps that somebody said that this is no secret. The first word counts.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn judge_harmless(
        &mut self,
        fingerprint: &Fingerprint,
        account: &Account,
        staff: Option<&StaffId>,
        at: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(JUDGE).bind(fingerprint.to_string()).bind(account.to_string());
        query.bind(staff.map(StaffId::as_str)).bind(at.0).execute(self.conn()).await?;
        Ok(())
    }

    /// Keeps when the cases were summed up.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn sum_up(&mut self, at: Millis) -> Result<(), StoreError> {
        sqlx::query(SUM_UP).bind(at.0).execute(self.conn()).await?;
        Ok(())
    }
}

async fn leak(conn: &mut SqliteConnection, id: &RequestId) -> Result<Option<Leak>, StoreError> {
    let row = sqlx::query(LEAK).bind(id.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

pub(super) fn read(row: &SqliteRow) -> Result<Leak, StoreError> {
    let (org, project): (Option<String>, Option<String>) = (row.try_get("org")?, row.try_get("project")?);
    Ok(Leak {
        id: parsed(row, "id")?,
        fingerprint: parsed(row, "fingerprint")?,
        rule: row.try_get("rule")?,
        kind: row.try_get("kind")?,
        prefix: row.try_get("prefix")?,
        state: word(row, "state", LeakState::named)?,
        first_seen: at(row, "first_seen")?,
        last_seen: at(row, "last_seen")?,
        seen: row.try_get("seen")?,
        owner: org.zip(project).map(|(org, project)| KeyOwner { org, project }),
        outcome: row.try_get("outcome")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, account, kim, safe, text};
    use super::*;

    fn print(digit: char) -> Fingerprint {
        String::from_iter([digit; 32]).parse().expect("a fingerprint")
    }

    fn case(digit: char, at: i64) -> Redacted<Leak> {
        let fingerprint = print(digit);
        safe(Leak {
            id: Leak::id_of(&fingerprint).expect("an id"),
            fingerprint,
            rule: "project-secret-key".into(),
            kind: "project secret key".into(),
            prefix: String::new(),
            state: LeakState::Open,
            first_seen: Millis(at),
            last_seen: Millis(at),
            seen: 1,
            owner: None,
            outcome: String::new(),
        })
    }

    #[tokio::test]
    async fn a_secret_has_one_case_however_often_it_is_seen() {
        let desk = Desk::open().await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        let first = tx.see_leak(&case('a', 10), Some(Millis(10))).await.expect("seen");
        let again = tx.see_leak(&case('a', 20), Some(Millis(99))).await.expect("seen");
        tx.see_leak(&case('b', 15), None).await.expect("seen");
        assert_eq!(
            (again.id.clone(), again.seen, again.first_seen, again.last_seen),
            (first.id, 2, Millis(10), Millis(20))
        );
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.leaks(None, 9).await.expect("read").len(), 2);
        assert_eq!(desk.store.next_due().await.expect("read"), Some(Millis(10)));
        let due = desk.store.leaks_to_look(Millis(10), 9).await.expect("read");
        assert_eq!(
            due.iter().map(|(leak, tries)| (leak.id.clone(), *tries)).collect::<Vec<_>>(),
            [(again.id.clone(), 0)]
        );

        let mut tx = desk.store.begin().await.expect("a transaction");
        let owner = KeyOwner { org: "acme".into(), project: "web".into() };
        tx.set_leak_owner(&again.id, &safe(owner.clone())).await.expect("kept");
        tx.look_leak_up(&again.id, None, 1).await.expect("kept");
        assert!(tx.move_leak(&again.id, LeakState::Closed, &text("It is done."), Millis(30)).await.expect("moved"));
        assert!(!tx.move_leak(&again.id, LeakState::Open, &text(""), Millis(31)).await.expect("closed stays closed"));
        tx.commit().await.expect("committed");
        let closed = desk.store.leak(&again.id).await.expect("read").expect("there");
        assert_eq!(
            (closed.state, closed.owner, closed.outcome.as_str()),
            (LeakState::Closed, Some(owner), "It is done.")
        );
        assert_eq!(desk.store.leaks(Some(LeakState::Open), 9).await.expect("read").len(), 1);
        let counts = desk.store.leak_counts(Millis(25)).await.expect("read");
        assert_eq!(
            counts.iter().map(|c| (c.state, c.cases, c.recent)).collect::<Vec<_>>(),
            [(LeakState::Closed, 1, 1), (LeakState::Open, 1, 0)]
        );
    }

    #[tokio::test]
    async fn what_is_no_secret_and_when_was_summed_up_are_remembered() {
        let desk = Desk::open().await;
        assert!(!desk.store.judged_harmless(&print('a')).await.expect("read"));
        assert_eq!(desk.store.summed_up().await.expect("read"), None);
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.judge_harmless(&print('a'), &account(), Some(&kim()), Millis(1)).await.expect("kept");
        tx.judge_harmless(&print('a'), &account(), None, Millis(2)).await.expect("the first word counts");
        tx.sum_up(Millis(5)).await.expect("kept");
        tx.sum_up(Millis(6)).await.expect("kept");
        tx.commit().await.expect("committed");
        assert!(desk.store.judged_harmless(&print('a')).await.expect("read"));
        assert!(!desk.store.judged_harmless(&print('b')).await.expect("read"));
        assert_eq!(desk.store.summed_up().await.expect("read"), Some(Millis(6)));
    }
}
