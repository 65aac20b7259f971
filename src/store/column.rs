//! How the words of the model stand in columns, there and back.
//!
//! No SQL. Invariant: what one function here writes its counterpart reads; what cannot be read is an
//! error that names the column, never its content.

use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::model::{Account, Millis, Platform};

use super::error::StoreError;

/// A value as JSON text.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T, column: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Unwritable(column))
}

/// The value of JSON text.
pub(super) fn of_json<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable(column))
}

/// A column that holds JSON.
pub(super) fn json<T: DeserializeOwned>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    of_json(row.try_get::<&str, _>(column).map_err(|_| StoreError::Unreadable(column))?, column)
}

/// A column whose type reads its own text.
pub(super) fn parsed<T: FromStr>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    row.try_get::<&str, _>(column).ok().and_then(|text| text.parse().ok()).ok_or(StoreError::Unreadable(column))
}

/// As `parsed`, for a column that may be null.
pub(super) fn maybe_parsed<T: FromStr>(row: &SqliteRow, column: &'static str) -> Result<Option<T>, StoreError> {
    match row.try_get::<Option<&str>, _>(column) {
        Ok(None) => Ok(None),
        Ok(Some(text)) => text.parse().map(Some).map_err(|_| StoreError::Unreadable(column)),
        Err(_) => Err(StoreError::Unreadable(column)),
    }
}

/// A column that holds a moment.
pub(super) fn at(row: &SqliteRow, column: &'static str) -> Result<Millis, StoreError> {
    row.try_get(column).map(Millis).map_err(|_| StoreError::Unreadable(column))
}

/// A column that may hold a moment.
pub(super) fn maybe_at(row: &SqliteRow, column: &'static str) -> Result<Option<Millis>, StoreError> {
    Ok(row.try_get::<Option<i64>, _>(column).map_err(|_| StoreError::Unreadable(column))?.map(Millis))
}

/// A column that holds a word of a closed list.
pub(super) fn word<T>(
    row: &SqliteRow,
    column: &'static str,
    of: impl FnOnce(&str) -> Option<T>,
) -> Result<T, StoreError> {
    row.try_get::<&str, _>(column).ok().and_then(of).ok_or(StoreError::Unreadable(column))
}

/// An account from its `platform:team:user`. Platform and team have no colon; a user's id may.
pub(super) fn account_of(text: &str) -> Option<Account> {
    let mut parts = text.splitn(3, ':');
    let (platform, team, user) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Account { platform: Platform::named(platform)?, team: team.to_owned(), user: user.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_go_there_and_back() {
        for (team, user) in [("T1", "U1"), ("", "88"), ("local", "a:b")] {
            let account = Account { platform: Platform::Discord, team: team.into(), user: user.into() };
            assert_eq!(account_of(&account.to_string()), Some(account));
        }
        for bad in ["", "slack", "slack:T1", "irc:a:b"] {
            assert_eq!(account_of(bad), None, "{bad}");
        }
    }
}
