//! The schema's history, built into the program. Migrations only go forward; one that has shipped is
//! never edited, and a schema newer than the program is refused before anything is changed.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Row, SqlSafeStr, SqliteConnection};

use super::error::StoreError;

/// Every migration: number, name, text.
pub(super) const SHIPPED: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../../migrations/0001_first.sql")),
    (2, "leaks", include_str!("../../migrations/0002_leaks.sql")),
    (3, "cases", include_str!("../../migrations/0003_cases.sql")),
    (4, "notices", include_str!("../../migrations/0004_notices.sql")),
    (5, "incidents", include_str!("../../migrations/0005_incidents.sql")),
    (6, "sealed", include_str!("../../migrations/0006_sealed.sql")),
    (7, "alerts", include_str!("../../migrations/0007_alerts.sql")),
    (8, "behind", include_str!("../../migrations/0008_behind.sql")),
    (9, "trail", include_str!("../../migrations/0009_trail.sql")),
    (10, "break_glass", include_str!("../../migrations/0010_break_glass.sql")),
    (11, "account_links", include_str!("../../migrations/0011_account_links.sql")),
    (12, "logins", include_str!("../../migrations/0012_logins.sql")),
];

/// `application_id` of our files, as the first migration sets it.
pub(super) const APPLICATION_ID: i64 = 1_397_051_726;

const TABLES: &str = "select count(*) as tables from sqlite_schema where type = 'table'";
const HAS_HISTORY: &str =
    "select count(*) as tables from sqlite_schema where type = 'table' and name = '_sqlx_migrations'";
const NEWEST: &str = "select coalesce(max(version), 0) as version from _sqlx_migrations";
const APPLICATION: &str = "pragma application_id";

pub(crate) const STATEMENTS: &[&str] = &[TABLES, HAS_HISTORY, NEWEST, APPLICATION];

/// The newest schema that this program knows.
pub(super) fn newest_known() -> i64 {
    SHIPPED.iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

/// Refuses a file of another program, and a schema that is newer than this program. Changes nothing.
pub(super) async fn check(conn: &mut SqliteConnection, path: &str) -> Result<(), StoreError> {
    let tables: i64 = sqlx::query(TABLES).fetch_one(&mut *conn).await?.try_get("tables")?;
    if tables == 0 {
        return Ok(());
    }
    let foreign = || StoreError::Foreign { path: path.to_owned() };
    let history: i64 = sqlx::query(HAS_HISTORY).fetch_one(&mut *conn).await?.try_get("tables")?;
    if history == 0 {
        return Err(foreign());
    }
    let found: i64 = sqlx::query(NEWEST).fetch_one(&mut *conn).await?.try_get("version")?;
    let application: i64 = sqlx::query(APPLICATION).fetch_one(&mut *conn).await?.try_get(0)?;
    // A history without any migration is a first start that was cut off.
    if found > 0 && application != APPLICATION_ID {
        return Err(foreign());
    }
    if found > newest_known() {
        return Err(StoreError::TooNew { path: path.to_owned(), found, known: newest_known() });
    }
    Ok(())
}

/// Brings the file to the last of these schemas, each migration in a transaction of its own.
pub(super) async fn run(
    conn: &mut SqliteConnection,
    shipped: &[(i64, &'static str, &'static str)],
) -> Result<(), StoreError> {
    let migrations = shipped
        .iter()
        .map(|(version, name, sql)| {
            Migration::new(*version, (*name).into(), MigrationType::Simple, (*sql).into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(migrations).run(conn).await.map_err(|error| match error {
        MigrateError::VersionMismatch(version) => StoreError::Altered { version },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            StoreError::Migration(StoreError::from(error).to_string())
        }
        other => StoreError::Migration(other.to_string()),
    })
}
