//! What goes wrong with the store, in sentences for the operator.
//!
//! No error text holds what a row holds: names of tables, columns and files only.

use sqlx::error::ErrorKind;

use crate::ports::{Fault, PortError};

/// `SQLite`'s primary result codes that call for a sentence of their own.
const SQLITE_BUSY: i32 = 5;
const SQLITE_FULL: i32 = 13;
/// An extended result code carries the primary one in its low byte.
const PRIMARY_CODE: i32 = 0xff;

/// What ports call the database.
const SYSTEM: &str = "the database";

/// What an acting port says when what stands there does not let it be done.
pub(super) fn refused(code: impl Into<String>) -> PortError {
    PortError::new(SYSTEM, Fault::Refused { status: 409, code: code.into() })
}

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the file.
    #[error("The database {path} is in use by another running process. Stop that process first.")]
    InUse {
        /// The database file.
        path: String,
    },
    /// A newer version of this program wrote the file.
    #[error(
        "The database {path} has schema {found}, and this version of the program knows schemas up to {known}. \
         Start the newer version again, or restore a copy made before the upgrade. \
         To keep a copy first: sqlite3 '{path}' \".backup '{path}.backup'\""
    )]
    TooNew {
        /// The database file.
        path: String,
        /// Its schema.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// A shipped migration is not what it was when it ran.
    #[error("Schema {version} of the database is not the one that this program shipped. Use the program that made it.")]
    Altered {
        /// The migration's number.
        version: i64,
    },
    /// A migration failed.
    #[error("The database could not be brought to the current schema: {0}")]
    Migration(String),
    /// The file is a database of something else.
    #[error("{path} is not a database of this program. Check the path.")]
    Foreign {
        /// The file.
        path: String,
    },
    /// The file system said no.
    #[error("The file {path} could not be opened: {why}.")]
    File {
        /// The file.
        path: String,
        /// Why, in the operating system's words.
        why: std::io::ErrorKind,
    },
    /// The store was closed.
    #[error("The database is closed: the program is ending.")]
    Closed,
    /// Nobody let go of the writer in time.
    #[error("The database was busy for too long. Try again.")]
    Busy,
    /// The disk is full.
    #[error("The disk that holds the database is full. Free some space; nothing was changed.")]
    Full,
    /// A row of that key is there already.
    #[error("A row like it is there already ({0}).")]
    Conflict(String),
    /// What should be changed is not there, or not in a state that allows it.
    #[error("There is no {0} that could be changed so.")]
    Stale(&'static str),
    /// A column holds what this version cannot read.
    #[error("The column {0} holds something that this version cannot read.")]
    Unreadable(&'static str),
    /// A value has no text form.
    #[error("A value for {0} could not be written as text.")]
    Unwritable(&'static str),
    /// The system gave no randomness, or a value was too long to seal.
    #[error("A secret could not be sealed.")]
    Seal,
    /// Anything else that `SQLite` said.
    #[error("The database refused: {0}")]
    Sql(String),
}

impl StoreError {
    /// What a reading or acting port says of it; the log has the rest, as `<what>.failed`.
    pub(super) fn of_port(&self, what: &str) -> PortError {
        tracing::error!(error = %self, "{what}.failed");
        PortError::new(SYSTEM, Fault::Unreachable)
    }

    /// True when the row was there already, or had moved on meanwhile: somebody else was first.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Stale(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0) & PRIMARY_CODE;
                match (error.kind(), code) {
                    // SQLite names the columns of the constraint, never their values.
                    (ErrorKind::UniqueViolation, _) => Self::Conflict(error.message().to_owned()),
                    (_, SQLITE_BUSY) => Self::Busy,
                    (_, SQLITE_FULL) => Self::Full,
                    _ => Self::Sql(error.message().to_owned()),
                }
            }
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::Io(error) => Self::Sql(error.kind().to_string()),
            sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Sql("a column could not be read".into())
            }
            _ => Self::Sql("the statement could not be run".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_sentences() {
        let errors = [
            StoreError::InUse { path: "a.db".into() },
            StoreError::TooNew { path: "a.db".into(), found: 9, known: 1 },
            StoreError::Closed,
            StoreError::Busy,
            StoreError::Full,
            StoreError::Stale("step"),
        ];
        for error in errors {
            let text = error.to_string();
            assert!(text.starts_with(char::is_uppercase), "{text}");
        }
        assert!(StoreError::Stale("step").is_conflict());
        assert!(!StoreError::Busy.is_conflict());
    }
}
