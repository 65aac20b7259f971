//! Alerts: what is wrong as a source outside chat says it, and the incident that was opened from it.
//!
//! Invariants: of one group of one source at most one alert stands open; a line is kept once, by its fingerprint and when
//! it began, and an end that belongs to an earlier beginning ends nothing.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::guard::Redacted;
use crate::model::{Alert, AlertLine, AlertSource, Millis, RequestId, Severity};

use super::column::{at, json, maybe_at, maybe_parsed, parsed, to_json, word};
use super::{Store, StoreError, Tx};

const ONE: &str = "select id, source, severity, raised, paged, incident, ended from alert where id = ?1";
const LINES: &str = "select line, ended from alert_line where alert = ?1 order by began, fingerprint limit ?2";
const STALE: &str = "select id from alert where stale = 1 order by id limit ?1";
const OPEN: &str = "select id from alert where source = ?1 and grouping = ?2 and ended is null";
const RAISE: &str = "insert into alert (id, source, grouping, severity, raised, paged, incident, stale, ended) \
     values (?1, ?2, ?3, ?4, ?5, '[]', null, 0, null)";
/// Told already: what is known of it began then or later.
const KNOWN: &str = "select exists (select 1 from alert_line where fingerprint = ?1 and began >= ?2)";
const ADD: &str = "insert into alert_line (alert, fingerprint, began, severity, line, ended) \
     values (?1, ?2, ?3, ?4, ?5, null)";
const END: &str = "update alert_line set ended = max(?3, began) where fingerprint = ?1 and began <= ?2 and ended is null \
     returning alert, line, ended";
const TOLD: &str = "update alert set severity = ?2, paged = ?3, ended = ?4, stale = 0 where id = ?1";
const ASKED: &str = "insert or replace into alert_ask (request, alert) values (?1, ?2)";
const GOES_ON: &str =
    "insert or ignore into alert_ask (request, alert) select ?2, alert from alert_ask where request = ?1";
/// The first incident that is opened from it is the one.
const LINK: &str = "update alert set incident = ?1, stale = 1 \
     where id = (select alert from alert_ask where request = ?1) and incident is null";
const FORGET: &str = "delete from alert where id in \
     (select id from alert where ended is not null and ended < ?1 order by ended limit ?2)";

pub(crate) const STATEMENTS: &[&str] =
    &[ONE, LINES, STALE, OPEN, RAISE, KNOWN, ADD, END, TOLD, ASKED, GOES_ON, LINK, FORGET];

/// The most lines of one alert that are read at once: what is said shows far fewer.
const LINES_MOST: u32 = 2_000;

impl Store {
    /// That alert.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn alert(&self, id: &RequestId) -> Result<Option<Alert>, StoreError> {
        one(&mut *self.reader().await?, id).await
    }

    /// At most `most` alerts whose messages are to be written anew.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn stale_alerts(&self, most: u32) -> Result<Vec<RequestId>, StoreError> {
        let rows = sqlx::query(STALE).bind(most).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }
}

impl Tx<'_> {
    /// That alert, as it stands in this transaction.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn alert(&mut self, id: &RequestId) -> Result<Option<Alert>, StoreError> {
        one(self.conn(), id).await
    }

    /// The alert of that group that stands open.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn open_alert(&mut self, source: AlertSource, group: &str) -> Result<Option<RequestId>, StoreError> {
        let row = sqlx::query(OPEN).bind(source.word()).bind(group).fetch_optional(self.conn()).await?;
        row.as_ref().map(|row| parsed(row, "id")).transpose()
    }

    /// A new alert of that group, without a line yet.
    ///
    /// # Errors
    /// What `SQLite` says; a conflict where one stands open.
    pub async fn raise_alert(
        &mut self,
        id: &RequestId,
        source: AlertSource,
        group: &str,
        severity: Severity,
        now: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(RAISE).bind(id.as_str()).bind(source.word()).bind(group);
        query.bind(severity.word()).bind(now.0).execute(self.conn()).await?;
        Ok(())
    }

    /// Whether that was told already: what was told of it began then or later.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn knows_line(&mut self, fingerprint: &str, began: Millis) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(KNOWN).bind(fingerprint).bind(began.0).fetch_one(self.conn()).await?)
    }

    /// Adds a line to an alert.
    ///
    /// # Errors
    /// What `SQLite` says; a conflict where it is known.
    pub async fn add_line(&mut self, id: &RequestId, line: &Redacted<AlertLine>) -> Result<(), StoreError> {
        let query = sqlx::query(ADD).bind(id.as_str()).bind(&line.fingerprint).bind(line.began.0);
        let query = query.bind(line.severity.word()).bind(to_json(&**line, "alert_line.line")?);
        query.execute(self.conn()).await?;
        Ok(())
    }

    /// Ends the open line of that fingerprint, if it began by then: the alert that it belongs to, and the line.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn end_line(
        &mut self,
        fingerprint: &str,
        began: Millis,
        ended: Millis,
    ) -> Result<Option<(RequestId, AlertLine)>, StoreError> {
        let query = sqlx::query(END).bind(fingerprint).bind(began.0).bind(ended.0);
        let row = query.fetch_optional(self.conn()).await?;
        row.as_ref().map(|row| Ok((parsed(row, "alert")?, line(row)?))).transpose()
    }

    /// What was told of an alert: how bad, to whom as a page, and whether it is over. Its message is fresh.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn told_alert(&mut self, alert: &Alert) -> Result<(), StoreError> {
        let query = sqlx::query(TOLD).bind(alert.id.as_str()).bind(alert.severity.word());
        let query = query.bind(to_json(&alert.paged, "alert.paged")?).bind(alert.ended.map(|at| at.0));
        query.execute(self.conn()).await?;
        Ok(())
    }

    /// That request is the form which a press on the alert opened.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn asked_from_alert(&mut self, form: &RequestId, alert: &RequestId) -> Result<(), StoreError> {
        sqlx::query(ASKED).bind(form.as_str()).bind(alert.as_str()).execute(self.conn()).await?;
        Ok(())
    }

    /// What was filled into that form is asked for with this request. Nothing, where the form came from no alert.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn form_became(&mut self, form: &RequestId, request: &RequestId) -> Result<(), StoreError> {
        sqlx::query(GOES_ON).bind(form.as_str()).bind(request.as_str()).execute(self.conn()).await?;
        Ok(())
    }

    /// An incident was opened: the alert that it was opened from knows it, if there is one.
    pub(super) async fn link_alert(&mut self, incident: &RequestId) -> Result<(), StoreError> {
        sqlx::query(LINK).bind(incident.as_str()).execute(self.conn()).await?;
        Ok(())
    }

    /// Forgets at most `limit` alerts that have been over since before then. What came of them is in the incidents'
    /// timelines and in the audit trail.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn forget_alerts(&mut self, before: Millis, limit: u32) -> Result<u64, StoreError> {
        Ok(sqlx::query(FORGET).bind(before.0).bind(limit).execute(self.conn()).await?.rows_affected())
    }
}

async fn one(conn: &mut SqliteConnection, id: &RequestId) -> Result<Option<Alert>, StoreError> {
    let Some(row) = sqlx::query(ONE).bind(id.as_str()).fetch_optional(&mut *conn).await? else { return Ok(None) };
    let lines = sqlx::query(LINES).bind(id.as_str()).bind(LINES_MOST).fetch_all(&mut *conn).await?;
    Ok(Some(Alert {
        id: parsed(&row, "id")?,
        source: word(&row, "source", AlertSource::named)?,
        severity: word(&row, "severity", Severity::named)?,
        raised: at(&row, "raised")?,
        paged: json(&row, "paged")?,
        incident: maybe_parsed(&row, "incident")?,
        ended: maybe_at(&row, "ended")?,
        lines: lines.iter().map(line).collect::<Result<_, _>>()?,
    }))
}

fn line(row: &SqliteRow) -> Result<AlertLine, StoreError> {
    let kept: AlertLine = json(row, "line")?;
    let ended: Option<i64> = row.try_get("ended")?;
    Ok(AlertLine { ended: ended.map(Millis), ..kept })
}

#[cfg(test)]
mod tests;
