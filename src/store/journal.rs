//! The journal: each step of a request, and how far it came. A step that is found in `doing` after a start was
//! begun by a process that died; whether it was done must be read back.
//!
//! Invariant: a row moves todo → doing → done or failed, or back to todo with a time, or todo → skipped.

use serde::Serialize;
use sqlx::{Row, SqliteConnection};

use crate::guard::Redacted;
use crate::model::{Millis, RequestId, Step};

use super::column::{json, maybe_at, to_json, word};
use super::{Store, StoreError, Tx, changed};

const JOURNAL: &str = "select seq, pass, step, state, outcome, attempts, not_before, began, ended from journal \
     where request = ?1 order by seq";
const ADD: &str = "insert into journal (request, seq, pass, step, state, outcome, attempts) \
     select ?1, (select coalesce(max(seq), 0) from journal where request = ?1) + new.key + 1, ?2, new.value, \
     'todo', '', 0 from json_each(?3) as new order by new.key";
const DOING: &str = "update journal set state = 'doing', began = coalesce(began, ?3), not_before = null \
     where request = ?1 and seq = ?2 and state = 'todo'";
const LOST: &str = "update journal set attempts = attempts + 1, outcome = ?3 \
     where request = ?1 and seq = ?2 and state = 'doing'";
const ENDED: &str = "update journal set state = ?3, outcome = ?4, ended = ?5, not_before = null \
     where request = ?1 and seq = ?2 and state in ('todo', 'doing')";
const LATER: &str = "update journal set state = 'todo', attempts = attempts + 1, not_before = ?3, outcome = ?4 \
     where request = ?1 and seq = ?2 and state in ('todo', 'doing')";
const SKIP: &str = "update journal set state = 'skipped', outcome = ?2, not_before = null \
     where request = ?1 and state = 'todo'";

pub(crate) const STATEMENTS: &[&str] = &[JOURNAL, ADD, DOING, LOST, ENDED, LATER, SKIP];

/// How far a step came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun, or to be tried again.
    Todo,
    /// Begun; nobody has recorded an end.
    Doing,
    /// Done.
    Done,
    /// Failed for good.
    Failed,
    /// Never begun, since one before it failed or the request was stopped.
    Skipped,
}

impl StepState {
    const WORDS: [(Self, &'static str); 5] = [
        (Self::Todo, "todo"),
        (Self::Doing, "doing"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Skipped, "skipped"),
    ];

    /// The word that rows use.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, w)| *w == word).map(|(state, _)| *state)
    }
}

/// One step of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JournalRow {
    /// Its number in the request, from 1.
    pub seq: u32,
    /// The pass that it belongs to.
    pub pass: u32,
    /// What it does.
    pub step: Step,
    /// How far it came.
    pub state: StepState,
    /// What came of it, or why it waits; may be empty.
    pub outcome: String,
    /// How often it was tried before: put off, or lost with the process that had begun it.
    pub attempts: u32,
    /// Not before that moment, while it waits.
    pub not_before: Option<Millis>,
    /// When it was first begun.
    pub began: Option<Millis>,
    /// When it ended.
    pub ended: Option<Millis>,
}

impl Store {
    /// The steps of that request in order.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn journal(&self, id: &RequestId) -> Result<Vec<JournalRow>, StoreError> {
        journal(&mut *self.reader().await?, id).await
    }
}

impl Tx<'_> {
    /// The steps of that request in order, as this transaction sees them.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn journal(&mut self, id: &RequestId) -> Result<Vec<JournalRow>, StoreError> {
        journal(self.conn(), id).await
    }

    /// Adds steps in state `todo` behind those that are there.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn add_steps(
        &mut self,
        id: &RequestId,
        pass: u32,
        steps: &Redacted<Vec<Step>>,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(ADD).bind(id.as_str()).bind(pass).bind(to_json(&**steps, "journal.step")?);
        query.execute(self.conn()).await?;
        Ok(())
    }

    /// A step begins.
    ///
    /// # Errors
    /// `Stale` when it is not to be done (any more).
    pub async fn step_doing(&mut self, id: &RequestId, seq: u32, at: Millis) -> Result<(), StoreError> {
        let query = sqlx::query(DOING).bind(id.as_str()).bind(seq).bind(at.0);
        changed(query.execute(self.conn()).await?.rows_affected(), "step")
    }

    /// A step that was found begun is not done: the try that was lost counts, and the step is begun anew.
    ///
    /// # Errors
    /// `Stale` when it is not begun (any more).
    pub async fn step_lost(&mut self, id: &RequestId, seq: u32, why: &Redacted<String>) -> Result<(), StoreError> {
        let query = sqlx::query(LOST).bind(id.as_str()).bind(seq).bind(why.as_str());
        changed(query.execute(self.conn()).await?.rows_affected(), "step")
    }

    /// A step was done.
    ///
    /// # Errors
    /// `Stale` when it has ended already.
    pub async fn step_done(
        &mut self,
        id: &RequestId,
        seq: u32,
        outcome: &Redacted<String>,
        at: Millis,
    ) -> Result<(), StoreError> {
        self.step_ended(id, seq, StepState::Done, outcome, at).await
    }

    /// A step failed for good.
    ///
    /// # Errors
    /// `Stale` when it has ended already.
    pub async fn step_failed(
        &mut self,
        id: &RequestId,
        seq: u32,
        outcome: &Redacted<String>,
        at: Millis,
    ) -> Result<(), StoreError> {
        self.step_ended(id, seq, StepState::Failed, outcome, at).await
    }

    /// A step is tried again later; counts as an attempt.
    ///
    /// # Errors
    /// `Stale` when it has ended already.
    pub async fn step_later(
        &mut self,
        id: &RequestId,
        seq: u32,
        not_before: Millis,
        why: &Redacted<String>,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(LATER).bind(id.as_str()).bind(seq).bind(not_before.0).bind(why.as_str());
        changed(query.execute(self.conn()).await?.rows_affected(), "step")
    }

    /// Every step that has not begun never will; gives how many.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn skip_rest(&mut self, id: &RequestId, why: &Redacted<String>) -> Result<u64, StoreError> {
        Ok(sqlx::query(SKIP).bind(id.as_str()).bind(why.as_str()).execute(self.conn()).await?.rows_affected())
    }

    async fn step_ended(
        &mut self,
        id: &RequestId,
        seq: u32,
        state: StepState,
        outcome: &Redacted<String>,
        at: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(ENDED).bind(id.as_str()).bind(seq).bind(state.word());
        let query = query.bind(outcome.as_str()).bind(at.0);
        changed(query.execute(self.conn()).await?.rows_affected(), "step")
    }
}

async fn journal(conn: &mut SqliteConnection, id: &RequestId) -> Result<Vec<JournalRow>, StoreError> {
    let rows = sqlx::query(JOURNAL).bind(id.as_str()).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(JournalRow {
                seq: row.try_get("seq")?,
                pass: row.try_get("pass")?,
                step: json(row, "step")?,
                state: word(row, "state", StepState::of_word)?,
                outcome: row.try_get("outcome")?,
                attempts: row.try_get("attempts")?,
                not_before: maybe_at(row, "not_before")?,
                began: maybe_at(row, "began")?,
                ended: maybe_at(row, "ended")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, safe, step, text};
    use super::*;

    #[tokio::test]
    async fn steps_go_their_way_and_keep_their_order() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        let many: Vec<_> = (0..12).map(|n| step(&format!("s{n}"))).collect();
        tx.add_steps(&id, 1, &safe(many.clone())).await.expect("added");
        tx.add_steps(&id, 2, &safe(vec![step("late")])).await.expect("added");
        let rows = tx.journal(&id).await.expect("read");
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=13).collect::<Vec<_>>());
        assert!(rows.iter().zip(many.iter().chain([&step("late")])).all(|(row, step)| row.step == *step));
        assert_eq!((rows[11].pass, rows[12].pass), (1, 2));

        tx.step_doing(&id, 1, Millis(10)).await.expect("begun");
        assert!(tx.step_doing(&id, 1, Millis(11)).await.expect_err("begun already").is_conflict());
        tx.step_later(&id, 1, Millis(50), &text("It is slow.")).await.expect("put off");
        let row = tx.journal(&id).await.expect("read").swap_remove(0);
        assert_eq!((row.state, row.attempts, row.not_before), (StepState::Todo, 1, Some(Millis(50))));
        tx.step_doing(&id, 1, Millis(50)).await.expect("begun again");
        tx.step_lost(&id, 1, &text("The bot was stopped.")).await.expect("found begun");
        let row = tx.journal(&id).await.expect("read").swap_remove(0);
        assert_eq!((row.state, row.attempts), (StepState::Doing, 2));
        tx.step_done(&id, 1, &text("It is gone."), Millis(51)).await.expect("done");
        assert!(tx.step_lost(&id, 1, &text("no")).await.expect_err("it ended").is_conflict());
        assert!(tx.step_failed(&id, 1, &text("no"), Millis(52)).await.expect_err("it ended").is_conflict());
        assert!(tx.step_later(&id, 1, Millis(53), &text("no")).await.expect_err("it ended").is_conflict());
        tx.step_doing(&id, 2, Millis(54)).await.expect("begun");
        tx.step_failed(&id, 2, &text("It was refused."), Millis(55)).await.expect("failed");
        assert_eq!(tx.skip_rest(&id, &text("One before it failed.")).await.expect("skipped"), 11);
        tx.commit().await.expect("committed");

        let rows = desk.store.journal(&id).await.expect("read");
        let first = &rows[0];
        assert_eq!((first.state, first.began, first.ended), (StepState::Done, Some(Millis(10)), Some(Millis(51))));
        assert_eq!((first.outcome.as_str(), first.not_before), ("It is gone.", None));
        assert_eq!(rows[1].state, StepState::Failed);
        assert!(rows[2..].iter().all(|row| row.state == StepState::Skipped && row.began.is_none()));
        assert!(StepState::WORDS.iter().all(|(state, word)| StepState::of_word(word) == Some(*state)));
    }
}
