//! Cases: the file, its checklist and its notes.
//!
//! Invariant: one open case in each channel or thread; a deed is done once for its request; a case closes only when no
//! step is left to do.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::model::{
    CaseClass, CaseDeed, CaseFile, CaseNote, CaseStep, CaseStepState, Fields, Millis, Place, RequestId, StaffId,
};
use crate::ports::{CaseAct, CaseRead, PortError};

use super::column::{at, maybe_parsed, parsed, word};
use super::error::refused;
use super::{Store, StoreError, Tx};

const FILE: &str = "select id, state, class, ticket, org, project, user, request_id, happened, route, platform, \
     channel, thread, opened_by, opened, outcome from case_file where id = ?1";
const HERE: &str = "select id from case_file where platform = ?1 and channel = ?2 and thread = ?3 and state = 'open'";
const LIST: &str = "select id, state, class, ticket, org, project, user, request_id, happened, route, platform, \
     channel, thread, opened_by, opened, outcome from case_file where state = ?1 order by opened desc, id limit ?2";
const OPEN: &str = "insert into case_file (id, state, class, ticket, org, project, user, request_id, happened, route, \
     platform, channel, thread, opened_by, opened, outcome) \
     values (?1, 'open', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, '')";
const CLOSE: &str = "update case_file set state = 'closed', closed_by = ?2, closed = ?3, outcome = ?4 \
     where id = ?1 and state = 'open' and not exists \
       (select 1 from case_step where case_id = ?1 and case_step.state = 'todo')";
const STEPS: &str = "select says, action, state, staff, evidence from case_step where case_id = ?1 order by seq";
const ADD_STEP: &str = "insert into case_step (case_id, seq, says, action, state, evidence) \
     values (?1, ?2, ?3, ?4, 'todo', '')";
const END_STEP: &str = "update case_step set state = ?3, staff = ?4, evidence = ?5, at = ?6 \
     where case_id = ?1 and seq = ?2";
const RAN: &str = "update case_step set state = 'done', staff = ?5, evidence = ?6, at = ?7 \
     where action = ?4 and state = 'todo' and case_id in (select id from case_file \
       where platform = ?1 and channel = ?2 and thread = ?3 and state = 'open')";
const NOTES: &str = "select request, staff, says, at from case_note where case_id = ?1 order by at, request";
const NOTE: &str = "insert into case_note (request, case_id, staff, says, at) values (?1, ?2, ?3, ?4, ?5)";
const NOTED: &str = "select 1 from case_note where request = ?1";

pub(crate) const STATEMENTS: &[&str] =
    &[FILE, HERE, LIST, OPEN, CLOSE, STEPS, ADD_STEP, END_STEP, RAN, NOTES, NOTE, NOTED];

fn unreadable(error: &StoreError) -> PortError {
    error.of_port("cases")
}

#[async_trait]
impl CaseRead for Store {
    async fn case(&self, id: &RequestId) -> Result<Option<CaseFile>, PortError> {
        let read = async { whole(&mut *self.reader().await?, id).await };
        read.await.map_err(|error| unreadable(&error))
    }

    async fn case_here(&self, place: &Place) -> Result<Option<CaseFile>, PortError> {
        let read = async {
            let mut conn = self.reader().await?;
            match here(&mut conn, place).await? {
                Some(id) => whole(&mut conn, &id).await,
                None => Ok(None),
            }
        };
        read.await.map_err(|error| unreadable(&error))
    }

    async fn cases(&self, open: bool, most: u32) -> Result<Vec<CaseFile>, PortError> {
        let read = async {
            let query = sqlx::query(LIST).bind(if open { "open" } else { "closed" }).bind(most);
            let rows = query.fetch_all(&mut *self.reader().await?).await?;
            rows.iter().map(file).collect::<Result<Vec<_>, StoreError>>()
        };
        read.await.map_err(|error| unreadable(&error))
    }

    async fn case_deed_done(&self, request: &RequestId, deed: &CaseDeed) -> Result<bool, PortError> {
        Ok(match deed {
            CaseDeed::Open { case } => self.case(&case.id).await?.is_some(),
            CaseDeed::Close { case, .. } => self.case(case).await?.is_some_and(|case| !case.open),
            CaseDeed::Note { .. } => {
                let read = async { noted(&mut *self.reader().await?, request).await };
                read.await.map_err(|error| unreadable(&error))?
            }
        })
    }
}

#[async_trait]
impl CaseAct for Store {
    async fn case_deed(&self, request: &RequestId, deed: &CaseDeed, by: &StaffId, at: Millis) -> Result<(), PortError> {
        if self.case_deed_done(request, deed).await? {
            return Ok(());
        }
        let work = async {
            let mut tx = self.begin().await?;
            let done = tx.case_deed(request, deed, by, at).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(done)
        };
        work.await.map_err(|error| unreadable(&error))?.map_err(refused)
    }
}

impl Tx<'_> {
    /// Does that deed. The inner error: why it cannot be.
    async fn case_deed(
        &mut self,
        request: &RequestId,
        deed: &CaseDeed,
        by: &StaffId,
        at: Millis,
    ) -> Result<Result<(), &'static str>, StoreError> {
        match deed {
            CaseDeed::Open { case } => self.open_case(case, by, at).await,
            CaseDeed::Note { case, says, step } => self.note_case(request, case, (says, *step), by, at).await,
            CaseDeed::Close { case, outcome } => {
                let query = sqlx::query(CLOSE).bind(case.as_str()).bind(by.as_str()).bind(at.0).bind(outcome);
                let closed = query.execute(self.conn()).await?.rows_affected() == 1;
                Ok(if closed { Ok(()) } else { Err("case_not_ready") })
            }
        }
    }

    async fn open_case(
        &mut self,
        case: &CaseFile,
        by: &StaffId,
        at: Millis,
    ) -> Result<Result<(), &'static str>, StoreError> {
        if here(self.conn(), &case.place).await?.is_some() {
            return Ok(Err("another_case_is_open_here"));
        }
        let query = sqlx::query(OPEN)
            .bind(case.id.as_str())
            .bind(case.class.word())
            .bind(case.known("ticket"))
            .bind(case.known("org"))
            .bind(case.intake.get("project"))
            .bind(case.intake.get("user"))
            .bind(case.intake.get("request-id"))
            .bind(case.intake.get("time"))
            .bind(case.intake.get("route"))
            .bind(case.place.platform.name())
            .bind(&case.place.channel)
            .bind(case.place.thread.as_deref().unwrap_or_default())
            .bind(by.as_str())
            .bind(at.0);
        query.execute(self.conn()).await?;
        for (seq, step) in (1_u32..).zip(&case.steps) {
            let query = sqlx::query(ADD_STEP).bind(case.id.as_str()).bind(seq).bind(&step.says).bind(&step.action);
            query.execute(self.conn()).await?;
        }
        Ok(Ok(()))
    }

    async fn note_case(
        &mut self,
        request: &RequestId,
        case: &RequestId,
        (says, step): (&str, Option<(u32, CaseStepState)>),
        by: &StaffId,
        at: Millis,
    ) -> Result<Result<(), &'static str>, StoreError> {
        if whole(self.conn(), case).await?.is_none_or(|case| !case.open) {
            return Ok(Err("case_not_open"));
        }
        if let Some((seq, state)) = step {
            let query = sqlx::query(END_STEP).bind(case.as_str()).bind(seq).bind(state.word());
            let query = query.bind(by.as_str()).bind(says).bind(at.0);
            if query.execute(self.conn()).await?.rows_affected() == 0 {
                return Ok(Err("no_such_step"));
            }
        }
        let query = sqlx::query(NOTE).bind(request.as_str()).bind(case.as_str()).bind(by.as_str());
        query.bind(says).bind(at.0).execute(self.conn()).await?;
        Ok(Ok(()))
    }

    /// The case of that id.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn case(&mut self, id: &RequestId) -> Result<Option<CaseFile>, StoreError> {
        whole(self.conn(), id).await
    }

    /// The open case that lives in that channel or thread.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn case_here(&mut self, place: &Place) -> Result<Option<CaseFile>, StoreError> {
        match here(self.conn(), place).await? {
            Some(id) => whole(self.conn(), &id).await,
            None => Ok(None),
        }
    }

    /// An action ran in that place: the steps of its case that it is the evidence for are done.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn case_ran(
        &mut self,
        place: &Place,
        action: &str,
        by: &StaffId,
        request: &RequestId,
        now: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(RAN)
            .bind(place.platform.name())
            .bind(&place.channel)
            .bind(place.thread.as_deref().unwrap_or_default())
            .bind(action)
            .bind(by.as_str())
            .bind(request.as_str())
            .bind(now.0);
        query.execute(self.conn()).await?;
        Ok(())
    }
}

async fn here(conn: &mut SqliteConnection, place: &Place) -> Result<Option<RequestId>, StoreError> {
    let thread = place.thread.as_deref().unwrap_or_default();
    let query = sqlx::query(HERE).bind(place.platform.name()).bind(&place.channel).bind(thread);
    query.fetch_optional(conn).await?.map(|row| parsed(&row, "id")).transpose()
}

async fn noted(conn: &mut SqliteConnection, request: &RequestId) -> Result<bool, StoreError> {
    Ok(sqlx::query(NOTED).bind(request.as_str()).fetch_optional(conn).await?.is_some())
}

async fn whole(conn: &mut SqliteConnection, id: &RequestId) -> Result<Option<CaseFile>, StoreError> {
    let Some(row) = sqlx::query(FILE).bind(id.as_str()).fetch_optional(&mut *conn).await? else { return Ok(None) };
    let mut case = file(&row)?;
    let steps = sqlx::query(STEPS).bind(id.as_str()).fetch_all(&mut *conn).await?;
    case.steps = steps.iter().map(step).collect::<Result<_, _>>()?;
    let notes = sqlx::query(NOTES).bind(id.as_str()).fetch_all(&mut *conn).await?;
    case.notes = notes.iter().map(note).collect::<Result<_, _>>()?;
    Ok(Some(case))
}

fn file(row: &SqliteRow) -> Result<CaseFile, StoreError> {
    let mut intake = Fields::default();
    let columns = [
        ("org", "org"),
        ("ticket", "ticket"),
        ("project", "project"),
        ("user", "user"),
        ("request-id", "request_id"),
        ("time", "happened"),
        ("route", "route"),
    ];
    for (option, column) in columns {
        if let Some(value) = row.try_get::<Option<String>, _>(column)? {
            intake.set(option, value);
        }
    }
    let thread: String = row.try_get("thread")?;
    Ok(CaseFile {
        id: parsed(row, "id")?,
        open: row.try_get::<&str, _>("state")? == "open",
        class: word(row, "class", CaseClass::named)?,
        intake,
        place: Place {
            platform: word(row, "platform", crate::model::Platform::named)?,
            team: String::new(),
            channel: row.try_get("channel")?,
            thread: (!thread.is_empty()).then_some(thread),
            direct: false,
        },
        opened_by: parsed(row, "opened_by")?,
        opened: at(row, "opened")?,
        outcome: row.try_get("outcome")?,
        steps: Vec::new(),
        notes: Vec::new(),
    })
}

fn step(row: &SqliteRow) -> Result<CaseStep, StoreError> {
    Ok(CaseStep {
        says: row.try_get("says")?,
        action: row.try_get("action")?,
        state: word(row, "state", CaseStepState::named)?,
        staff: maybe_parsed(row, "staff")?,
        evidence: row.try_get("evidence")?,
    })
}

fn note(row: &SqliteRow) -> Result<CaseNote, StoreError> {
    Ok(CaseNote {
        request: parsed(row, "request")?,
        staff: parsed(row, "staff")?,
        says: row.try_get("says")?,
        at: at(row, "at")?,
    })
}
