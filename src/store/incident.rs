//! Incidents: how each stands, and the deeds that were done to it. The timeline is in `timeline`.
//!
//! Invariant: a deed is done once for its request, and only to the version that it was planned for; state, timeline and
//! what is owed to the surfaces are one transaction.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::model::{
    DeliveryLine, Entry, Incident, IncidentDeed, IncidentKind, Millis, Notice, NoticeContent, Phase, Place, RequestId,
    Severity, StaffId,
};
use crate::ports::{IncidentAct, IncidentRead, PortError};

use super::column::{at, json, maybe_at, parsed, to_json, word};
use super::error::refused;
use super::{Store, StoreError, Tx, room};

/// The columns of one incident, in every statement that reads one.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, number, kind, title, phase, severity, version, updates, parts, started, next_update, duties, \
             rooms, opened_by, opened, changed_by, changed, mitigated, resolved, closed, reminded from incident ",
            $rest
        )
    };
}

const ONE: &str = select!("where id = ?1");
const NUMBERED: &str = select!("where number = ?1");
const OPEN: &str = select!("where phase not in ('closed', 'cancelled') order by opened desc limit ?1");
const OVER: &str = select!("where phase in ('closed', 'cancelled') order by opened desc limit ?1");
const DUE: &str = select!("where look_at <= ?1 order by look_at limit ?2");
const STALE: &str = select!("where stale = 1 order by id limit ?1");
const NEXT_NUMBER: &str = "select coalesce(max(number), 0) + 1 from incident";
const INSERT: &str = "insert into incident (id, number, kind, title, phase, severity, version, updates, parts, started, \
     next_update, duties, rooms, opened_by, opened, changed_by, changed, mitigated, resolved, closed, reminded, \
     look_at, stale) values (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?13, ?14, ?15, ?16, \
     ?17, '', ?14, 1)";
const CHANGE: &str = "update incident set title = ?3, phase = ?4, severity = ?5, version = version + 1, updates = ?6, \
     parts = ?7, started = ?8, reminded = iif(next_update is ?9, reminded, ''), next_update = ?9, duties = ?10, \
     changed_by = ?11, changed = ?12, mitigated = ?13, resolved = ?14, closed = ?15, look_at = ?12, stale = 1 \
     where id = ?1 and version = ?2";
const DEED: &str = "insert into incident_deed (request, incident, version, at) values (?1, ?2, ?3, ?4)";
const DONE: &str = "select exists (select 1 from incident_deed where request = ?1)";
const MARK_STALE: &str = "update incident set stale = 1 where id = ?1";
const FRESH: &str = "update incident set stale = 0 where id = ?1";
const LOOK: &str = "update incident set reminded = ?2, look_at = ?3 where id = ?1 and version = ?4";

pub(crate) const STATEMENTS: &[&str] =
    &[ONE, NUMBERED, OPEN, OVER, DUE, STALE, NEXT_NUMBER, INSERT, CHANGE, DEED, DONE, MARK_STALE, FRESH, LOOK];

fn unreadable(error: &StoreError) -> PortError {
    error.of_port("incidents")
}

#[async_trait]
impl IncidentRead for Store {
    async fn incident(&self, id: &RequestId) -> Result<Option<Incident>, PortError> {
        let read = async { one(&mut *self.reader().await?, id).await };
        read.await.map_err(|error| unreadable(&error))
    }

    async fn incident_numbered(&self, number: u32) -> Result<Option<Incident>, PortError> {
        let read = async {
            let row = sqlx::query(NUMBERED).bind(number).fetch_optional(&mut *self.reader().await?).await?;
            row.as_ref().map(incident).transpose()
        };
        read.await.map_err(|error: StoreError| unreadable(&error))
    }

    async fn incident_here(&self, place: &Place) -> Result<Option<Incident>, PortError> {
        let read = async { room::here(&mut *self.reader().await?, place).await };
        read.await.map_err(|error| unreadable(&error))
    }

    async fn incidents(&self, open: bool, most: u32) -> Result<Vec<Incident>, PortError> {
        let statement = if open { OPEN } else { OVER };
        let read = async { many(sqlx::query(statement).bind(most).fetch_all(&mut *self.reader().await?).await?) };
        read.await.map_err(|error| unreadable(&error))
    }

    async fn timeline(&self, id: &RequestId, after: u32, most: u32) -> Result<Vec<Entry>, PortError> {
        self.entries_of(id, after, most).await.map_err(|error| unreadable(&error))
    }

    async fn board(&self, id: &RequestId) -> Result<Vec<DeliveryLine>, PortError> {
        self.board_of(id.as_str()).await.map_err(|error| unreadable(&error))
    }

    async fn deliveries(&self, id: &RequestId) -> Result<Vec<DeliveryLine>, PortError> {
        self.deliveries_of(id.as_str()).await.map_err(|error| unreadable(&error))
    }

    async fn incident_deed_done(&self, request: &RequestId) -> Result<bool, PortError> {
        let read = async { done(&mut *self.reader().await?, request).await };
        read.await.map_err(|error| unreadable(&error))
    }
}

#[async_trait]
impl IncidentAct for Store {
    async fn incident_deed(
        &self,
        request: &RequestId,
        deed: &IncidentDeed,
        by: &StaffId,
        at: Millis,
    ) -> Result<(), PortError> {
        let work = async {
            let mut tx = self.begin().await?;
            let done = tx.incident_deed(request, deed, by, at).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(done)
        };
        work.await.map_err(|error| unreadable(&error))?.map_err(refused)
    }

    async fn retry_deliveries(&self, id: &RequestId, key: Option<&str>, at: Millis) -> Result<(), PortError> {
        let work = async {
            let mut tx = self.begin().await?;
            tx.retry_notices(id.as_str(), key, at).await?;
            tx.stale_card(id).await?;
            tx.commit().await
        };
        work.await.map_err(|error| unreadable(&error))
    }
}

/// An incident whose promise is to be looked at, and what was reminded of last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// The incident.
    pub incident: Incident,
    /// The last reminder; empty where there was none.
    pub reminded: String,
}

impl Store {
    /// At most `most` incidents whose promise is to be looked at now.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn promises_due(&self, now: Millis, most: u32) -> Result<Vec<Promised>, StoreError> {
        let query = sqlx::query(DUE).bind(now.0).bind(most);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| Ok(Promised { incident: incident(row)?, reminded: row.try_get("reminded")? })).collect()
    }

    /// At most `most` incidents whose cards are to be written anew.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn stale_cards(&self, most: u32) -> Result<Vec<Incident>, StoreError> {
        many(sqlx::query(STALE).bind(most).fetch_all(&mut *self.reader().await?).await?)
    }
}

impl Tx<'_> {
    /// Does that deed. The inner error: who was first, and when.
    async fn incident_deed(
        &mut self,
        request: &RequestId,
        deed: &IncidentDeed,
        by: &StaffId,
        now: Millis,
    ) -> Result<Result<(), String>, StoreError> {
        if done(self.conn(), request).await? {
            return Ok(Ok(()));
        }
        let number = if deed.version == 0 {
            let number = self.open_incident(&deed.after, now).await?;
            self.link_alert(&deed.incident).await?;
            number
        } else {
            let Some(now_is) = one(self.conn(), &deed.incident).await? else {
                return Ok(Err("no_such_incident".into()));
            };
            if !self.change_incident(deed, by, now).await? {
                return Ok(Err(format!("{} was first, at {}", now_is.changed_by, now_is.changed)));
            }
            now_is.number
        };
        self.add_entries(&deed.incident, &deed.entries).await?;
        for notice in &deed.notices {
            let notice = numbered(notice, number);
            self.owe_plainly(&notice, Some(request), now).await?;
        }
        let query = sqlx::query(DEED).bind(request.as_str()).bind(deed.incident.as_str());
        query.bind(deed.version + 1).bind(now.0).execute(self.conn()).await?;
        Ok(Ok(()))
    }

    async fn open_incident(&mut self, it: &Incident, now: Millis) -> Result<u32, StoreError> {
        let number: u32 = sqlx::query_scalar(NEXT_NUMBER).fetch_one(self.conn()).await?;
        let query = sqlx::query(INSERT).bind(it.id.as_str()).bind(number).bind(it.kind.word()).bind(&it.title);
        let query = query.bind(it.phase.word()).bind(it.severity.word()).bind(it.updates);
        let query = query.bind(to_json(&it.parts, "incident.parts")?).bind(it.started.0);
        let query = query.bind(it.next_update.map(|at| at.0)).bind(to_json(&it.duties, "incident.duties")?);
        let query = query.bind("[]").bind(it.opened_by.as_str()).bind(now.0);
        let query = query.bind(it.mitigated.map(|at| at.0)).bind(it.resolved.map(|at| at.0));
        query.bind(it.closed.map(|at| at.0)).execute(self.conn()).await?;
        for room in &it.rooms {
            self.add_room(&it.id, room).await?;
        }
        Ok(number)
    }

    async fn change_incident(&mut self, deed: &IncidentDeed, by: &StaffId, now: Millis) -> Result<bool, StoreError> {
        let it = &deed.after;
        let query = sqlx::query(CHANGE).bind(deed.incident.as_str()).bind(deed.version).bind(&it.title);
        let query = query.bind(it.phase.word()).bind(it.severity.word()).bind(it.updates);
        let query = query.bind(to_json(&it.parts, "incident.parts")?).bind(it.started.0);
        let query = query.bind(it.next_update.map(|at| at.0)).bind(to_json(&it.duties, "incident.duties")?);
        let query = query.bind(by.as_str()).bind(now.0).bind(it.mitigated.map(|at| at.0));
        let query = query.bind(it.resolved.map(|at| at.0)).bind(it.closed.map(|at| at.0));
        Ok(query.execute(self.conn()).await?.rows_affected() == 1)
    }

    /// Its cards are to be written anew.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn stale_card(&mut self, id: &RequestId) -> Result<(), StoreError> {
        sqlx::query(MARK_STALE).bind(id.as_str()).execute(self.conn()).await?;
        Ok(())
    }

    /// Its cards are owed as it stands.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn fresh_card(&mut self, id: &RequestId) -> Result<(), StoreError> {
        sqlx::query(FRESH).bind(id.as_str()).execute(self.conn()).await?;
        Ok(())
    }

    /// Its promise was looked at: what was reminded of last, and when to look again. Nothing, where it has changed.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn looked_at_promise(
        &mut self,
        it: &Incident,
        reminded: &str,
        next: Option<Millis>,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(LOOK).bind(it.id.as_str()).bind(reminded).bind(next.map(|at| at.0)).bind(it.version);
        Ok(query.execute(self.conn()).await?.rows_affected() == 1)
    }
}

/// The notice with the incident's number, which an opening does not know yet.
fn numbered(notice: &Notice, number: u32) -> Notice {
    let mut notice = notice.clone();
    if let NoticeContent::Incident(told) = &mut notice.content {
        told.number = number;
    }
    notice
}

pub(super) async fn one(conn: &mut SqliteConnection, id: &RequestId) -> Result<Option<Incident>, StoreError> {
    let row = sqlx::query(ONE).bind(id.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(incident).transpose()
}

async fn done(conn: &mut SqliteConnection, request: &RequestId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(DONE).bind(request.as_str()).fetch_one(conn).await?)
}

fn many(rows: Vec<SqliteRow>) -> Result<Vec<Incident>, StoreError> {
    rows.iter().map(incident).collect()
}

pub(super) fn incident(row: &SqliteRow) -> Result<Incident, StoreError> {
    Ok(Incident {
        id: parsed(row, "id")?,
        number: row.try_get("number")?,
        kind: word(row, "kind", IncidentKind::named)?,
        title: row.try_get("title")?,
        phase: word(row, "phase", Phase::named)?,
        severity: word(row, "severity", Severity::named)?,
        version: row.try_get("version")?,
        updates: row.try_get("updates")?,
        parts: json(row, "parts")?,
        started: at(row, "started")?,
        next_update: maybe_at(row, "next_update")?,
        duties: json(row, "duties")?,
        rooms: json(row, "rooms")?,
        opened_by: parsed(row, "opened_by")?,
        opened: at(row, "opened")?,
        changed_by: parsed(row, "changed_by")?,
        changed: at(row, "changed")?,
        mitigated: maybe_at(row, "mitigated")?,
        resolved: maybe_at(row, "resolved")?,
        closed: maybe_at(row, "closed")?,
    })
}

#[cfg(test)]
mod tests;
