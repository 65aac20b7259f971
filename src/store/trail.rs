//! The audit trail as it is asked about: page by page for people, or as a stream for an export.
//!
//! Invariant: a row that was asked for is whole or says who erased its details; of any other row an export holds what
//! the chain covers and nothing else.

use std::ops::ControlFlow;
use std::path::Path;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Connection, Row, Sqlite};

use crate::model::{Erasing, Evidence, Linked, Millis, RequestId, StaffId, TrailFilter, TrailHead, TrailRow, hex};
use crate::ports::{Linking, PortError, TrailAct, TrailRead};

use super::column::{at, maybe_at};
use super::published::{HEAD, head};
use super::{Store, StoreError, open};

/// Whether a row is asked for; the parameters are those of `with`.
macro_rules! asked {
    () => {
        "(?1 is null or a.at >= ?1) and (?2 is null or a.at < ?2) \
         and (?3 is null or d.details ->> 'ticket' = ?3 or a.request in (select id from request where ticket = ?3)) \
         and (?4 is null or a.request in (select id from case_file where id = ?4 \
           union select request from case_note where case_id = ?4 \
           union select r.id from request r join case_file c on c.id = ?4 and r.ticket = c.ticket and r.org = c.org)) \
         and (?5 is null or lower(d.details ->> 'user') = lower(?5) or a.request in (select id from request \
           where lower(fields ->> 'user') = lower(?5) or lower(fields ->> 'email') = lower(?5))) \
         and (?6 is null or d.details ->> 'org' = ?6 or a.request in (select id from request where org = ?6)) \
         and (?7 is null or a.action = ?7 or d.details ->> 'action' = ?7) \
         and (?8 is null or a.staff = ?8)"
    };
}

const PAGE: &str = concat!(
    "select a.seq, a.at, a.staff, a.action, a.request, a.outcome, d.details, d.erased_by, d.erased_at, r.ticket, \
     r.org, coalesce(r.dry_run, 0) as dry_run from audit a left join audit_detail d on d.seq = a.seq \
     left join request r on r.id = a.request where (?9 is null or a.seq < ?9) and ",
    asked!(),
    " order by a.seq desc limit ?10"
);
const EXPORT: &str = concat!(
    "select a.seq, a.at, a.staff, a.action, a.request, a.outcome, a.commitment, a.prev_hash, a.hash, d.details, \
     d.salt, d.erased_by, d.erased_at, r.ticket, r.org, (",
    asked!(),
    ") as asked from audit a left join audit_detail d on d.seq = a.seq left join request r on r.id = a.request \
     order by a.seq"
);
/// Whose details are erased: of requests about the user in the organization, and of rows that name the address.
macro_rules! theirs {
    () => {
        "d.erased_at is null and a.at <= ?3 and a.request is not ?4 \
         and (a.request in (select id from request where org = ?2 \
             and (lower(fields ->> 'user') = lower(?1) or lower(fields ->> 'email') = lower(?1))) \
           or a.request in (select id from case_file where org = ?2 and lower(user) = lower(?1)) \
           or instr(lower(d.details), lower(?1)) > 0)"
    };
}

const TO_ERASE: &str = concat!("select count(*) from audit a join audit_detail d on d.seq = a.seq where ", theirs!());
const ERASE: &str = concat!(
    "update audit_detail set details = null, salt = null, erased_by = ?5, erased_at = ?6 where seq in \
     (select a.seq from audit a join audit_detail d on d.seq = a.seq where ",
    theirs!(),
    ")"
);

pub(crate) const STATEMENTS: &[&str] = &[PAGE, EXPORT, TO_ERASE, ERASE];

/// One row of an export: what the chain covers, and where it was asked for, its details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRow {
    /// Its number, from 1.
    pub seq: i64,
    /// When it happened.
    pub at: Millis,
    /// Who did it.
    pub staff: Option<String>,
    /// What was done.
    pub action: String,
    /// For which request.
    pub request: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// The commitment to its details, in hex.
    pub commitment: String,
    /// The hash of the row before, in hex.
    pub prev_hash: String,
    /// Its hash, in hex.
    pub hash: String,
    /// What is not covered by the hash; `None` where the row was not asked for.
    pub asked: Option<Asked>,
}

/// The details of a row that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The details, as the text that was committed to; `None` when they were erased.
    pub details: Option<String>,
    /// The salt, in hex.
    pub salt: Option<String>,
    /// Who erased them, and when.
    pub erased: Option<(String, Millis)>,
    /// The request's ticket. The chain does not cover it.
    pub ticket: Option<String>,
    /// The request's organization. The chain does not cover it.
    pub org: Option<String>,
}

/// Gives the whole trail of a file that may be in use by another process, oldest first, until `take` breaks: the head of
/// that moment first. Changes nothing.
///
/// # Errors
/// `File`, `Foreign`, `TooNew`, or what `SQLite` says.
pub async fn audit_export_file(
    path: &Path,
    filter: &TrailFilter,
    begin: impl FnOnce(&TrailHead) -> ControlFlow<()>,
    mut take: impl FnMut(&ExportRow) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut conn = open::look_only(path).await?;
    let mut snapshot = conn.begin().await?;
    let row = sqlx::query(HEAD).fetch_one(&mut *snapshot).await?;
    let head = head(&row)?;
    if begin(&head).is_continue() {
        let mut rows = with(sqlx::query(EXPORT), filter).fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            if take(&exported(&row)?).is_break() {
                break;
            }
        }
    }
    snapshot.rollback().await?;
    conn.close().await?;
    Ok(())
}

impl Store {
    /// At most `most` rows that are asked for, the newest first, from before the row of that number on.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn trail(
        &self,
        filter: &TrailFilter,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<TrailRow>, StoreError> {
        let query = with(sqlx::query(PAGE), filter).bind(before).bind(most);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(told).collect()
    }
}

#[async_trait]
impl TrailRead for Store {
    async fn trail(&self, filter: &TrailFilter, before: Option<i64>, most: u32) -> Result<Vec<TrailRow>, PortError> {
        Self::trail(self, filter, before, most).await.map_err(|error| failed(&error))
    }

    async fn to_erase(&self, what: &Erasing) -> Result<u64, PortError> {
        let count = async {
            let query = sqlx::query_scalar(TO_ERASE).bind(what.user.as_str()).bind(what.org.as_str());
            let query = query.bind(what.until.0).bind(what.but.as_str());
            let rows: i64 = query.fetch_one(&mut *self.reader().await?).await?;
            Ok::<_, StoreError>(rows.unsigned_abs())
        };
        count.await.map_err(|error| failed(&error))
    }

    async fn linked(&self, filter: &TrailFilter, entry: Option<&str>, most: u32) -> Result<Vec<Linked>, PortError> {
        self.links(filter, entry, most).await.map_err(|error| failed(&error))
    }

    async fn linked_to(&self, request: &RequestId) -> Result<Vec<Evidence>, PortError> {
        self.evidence(request).await.map_err(|error| failed(&error))
    }
}

#[async_trait]
impl TrailAct for Store {
    async fn erase(&self, what: &Erasing, by: &StaffId, at: Millis) -> Result<(), PortError> {
        let erased = async {
            let mut tx = self.begin().await?;
            let query = sqlx::query(ERASE).bind(what.user.as_str()).bind(what.org.as_str());
            let query = query.bind(what.until.0).bind(what.but.as_str()).bind(by.as_str()).bind(at.0);
            query.execute(tx.settled().await?).await?;
            tx.commit().await?;
            // What the write-ahead file still holds goes too.
            self.checkpoint().await
        };
        erased.await.map_err(|error| failed(&error))
    }

    async fn link(&self, request: &RequestId, what: &Linking<'_>, by: &StaffId, at: Millis) -> Result<(), PortError> {
        self.put_links(request, what, by, at).await.map_err(|error| failed(&error))
    }
}

fn failed(error: &StoreError) -> PortError {
    error.of_port("trail")
}

type Asking<'q> = Query<'q, Sqlite, SqliteArguments>;

/// The parameters of `asked`, in their order.
fn with<'q>(query: Asking<'q>, filter: &TrailFilter) -> Asking<'q> {
    query
        .bind(filter.since.map(|at| at.0))
        .bind(filter.until.map(|at| at.0))
        .bind(filter.ticket.as_ref().map(|ticket| ticket.as_str().to_owned()))
        .bind(filter.case.as_ref().map(|case| case.as_str().to_owned()))
        .bind(filter.user.as_ref().map(|user| user.as_str().to_owned()))
        .bind(filter.org.as_ref().map(|org| org.as_str().to_owned()))
        .bind(filter.action.clone())
        .bind(filter.staff.as_ref().map(|staff| staff.as_str().to_owned()))
}

fn erased(row: &SqliteRow) -> Result<Option<(String, Millis)>, StoreError> {
    let by: Option<String> = row.try_get("erased_by")?;
    Ok(by.zip(maybe_at(row, "erased_at")?))
}

fn told(row: &SqliteRow) -> Result<TrailRow, StoreError> {
    Ok(TrailRow {
        seq: row.try_get("seq")?,
        at: at(row, "at")?,
        staff: row.try_get("staff")?,
        action: row.try_get("action")?,
        request: row.try_get("request")?,
        outcome: row.try_get("outcome")?,
        details: row.try_get("details")?,
        erased: erased(row)?,
        ticket: row.try_get("ticket")?,
        org: row.try_get("org")?,
        dry_run: row.try_get("dry_run")?,
    })
}

fn exported(row: &SqliteRow) -> Result<ExportRow, StoreError> {
    let asked = if row.try_get("asked")? {
        let salt: Option<&[u8]> = row.try_get("salt")?;
        Some(Asked {
            details: row.try_get("details")?,
            salt: salt.map(hex),
            erased: erased(row)?,
            ticket: row.try_get("ticket")?,
            org: row.try_get("org")?,
        })
    } else {
        None
    };
    Ok(ExportRow {
        seq: row.try_get("seq")?,
        at: at(row, "at")?,
        staff: row.try_get("staff")?,
        action: row.try_get("action")?,
        request: row.try_get("request")?,
        outcome: row.try_get("outcome")?,
        commitment: hex(row.try_get("commitment")?),
        prev_hash: hex(row.try_get("prev_hash")?),
        hash: hex(row.try_get("hash")?),
        asked,
    })
}

#[cfg(test)]
mod tests;
