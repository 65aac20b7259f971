//! What is counted of incidents and alerts for the metrics. A drill is in none of it.

use sqlx::Row;

use crate::model::Severity;

use super::column::word;
use super::{Store, StoreError};

const INCIDENTS: &str = "select severity, count(*) as n from incident \
     where phase not in ('closed', 'cancelled') and kind <> 'drill' group by severity";
const ALERTS: &str = "select count(*) from alert where ended is null";

pub(crate) const STATEMENTS: &[&str] = &[INCIDENTS, ALERTS];

impl Store {
    /// How many incidents of each severity are not closed, those of 0 left out.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn open_incidents(&self) -> Result<Vec<(Severity, u32)>, StoreError> {
        let rows = sqlx::query(INCIDENTS).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| Ok((word(row, "severity", Severity::named)?, row.try_get("n")?))).collect()
    }

    /// How many alerts stand open.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn open_alerts(&self) -> Result<u32, StoreError> {
        Ok(sqlx::query_scalar(ALERTS).fetch_one(&mut *self.reader().await?).await?)
    }
}
