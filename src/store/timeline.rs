//! The timeline of an incident: it only grows.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::model::{Entry, EntryKind, Posted, RequestId};

use super::column::{at, maybe_parsed, of_json, to_json, word};
use super::{Store, StoreError, Tx};

const ENTRIES: &str = "select seq, at, staff, kind, says, request, posted, corrects from incident_entry \
     where incident = ?1 and seq > ?2 order by seq limit ?3";
const ADD: &str = "insert into incident_entry (incident, seq, at, staff, kind, says, request, posted, corrects) \
     select ?1, (select coalesce(max(e.seq), 0) + 1 from incident_entry e where e.incident = ?1), ?2, ?3, ?4, ?5, ?6, \
     ?7, ?8";
const FROM: &str = "select incident, seq, at, staff, kind, says, request, posted, corrects from incident_entry \
     where posted = ?1 order by incident, seq";
const IS_NOTED: &str = "select exists (select 1 from incident_entry where posted = ?1)";

pub(crate) const STATEMENTS: &[&str] = &[ENTRIES, ADD, FROM, IS_NOTED];

impl Store {
    /// At most `most` entries after the one of that number, in their order.
    pub(super) async fn entries_of(&self, id: &RequestId, after: u32, most: u32) -> Result<Vec<Entry>, StoreError> {
        let query = sqlx::query(ENTRIES).bind(id.as_str()).bind(after).bind(most);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(entry).collect()
    }

    /// Whether entries were taken from that chat message.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn is_noted(&self, posted: &Posted) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(IS_NOTED).bind(to_json(posted, "incident_entry.posted")?);
        Ok(query.fetch_one(&mut *self.reader().await?).await?)
    }
}

impl Tx<'_> {
    /// The entries that were taken from that chat message, each with its incident, in their order.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn entries_from(&mut self, posted: &Posted) -> Result<Vec<(RequestId, Entry)>, StoreError> {
        let query = sqlx::query(FROM).bind(to_json(posted, "incident_entry.posted")?);
        let rows = query.fetch_all(self.conn()).await?;
        rows.iter().map(|row| Ok((super::column::parsed(row, "incident")?, entry(row)?))).collect()
    }

    /// Adds entries at the end, in their order.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn add_entries(&mut self, id: &RequestId, entries: &[Entry]) -> Result<(), StoreError> {
        for one in entries {
            let posted = one.posted.as_ref().map(|posted| to_json(posted, "incident_entry.posted")).transpose()?;
            let query = sqlx::query(ADD).bind(id.as_str()).bind(one.at.0);
            let query = query.bind(one.staff.as_ref().map(|staff| staff.as_str())).bind(one.kind.word());
            let query = query.bind(&one.says).bind(one.request.as_ref().map(RequestId::as_str));
            query.bind(posted).bind(one.corrects).execute(self.conn()).await?;
        }
        Ok(())
    }
}

fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let posted: Option<String> = row.try_get("posted")?;
    Ok(Entry {
        seq: row.try_get("seq")?,
        at: at(row, "at")?,
        staff: maybe_parsed(row, "staff")?,
        kind: word(row, "kind", EntryKind::named)?,
        says: row.try_get("says")?,
        request: maybe_parsed(row, "request")?,
        posted: posted.map(|text| of_json(&text, "posted")).transpose()?,
        corrects: row.try_get("corrects")?,
    })
}
