//! Statements whose results nobody waits for. They run together, in their order, before the next that is asked to
//! see them, and at the latest with the commit.
//!
//! A statement of its own costs a way to the database's thread and back, which is more than its work. Invariant:
//! nothing is committed without them; what one of them is refused for is the commit's error.

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{StoreError, Tx};

/// What is still to be run.
#[derive(Default)]
pub(super) struct Later {
    statements: Vec<&'static str>,
    arguments: SqliteArguments,
}

impl Tx<'_> {
    /// Puts a statement off. Its parameters are nameless (`?`), so that they follow those of the ones before.
    pub(super) fn put_off(
        &mut self,
        statement: &'static str,
        bind: impl FnOnce(&mut SqliteArguments) -> Result<(), BoxDynError>,
    ) -> Result<(), StoreError> {
        bind(&mut self.later.arguments).map_err(|_| StoreError::Sql("a value cannot be written".into()))?;
        self.later.statements.push(statement);
        Ok(())
    }

    /// Runs what was put off, and then that statement, which has no parameters.
    pub(super) async fn settle_and(&mut self, last: &'static str) -> Result<(), StoreError> {
        self.later.statements.push(last);
        self.settle().await
    }

    /// The connection after what was put off.
    pub(super) async fn settled(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if !self.later.statements.is_empty() {
            self.settle().await?;
        }
        Ok(self.conn())
    }

    async fn settle(&mut self) -> Result<(), StoreError> {
        let Later { statements, arguments } = std::mem::take(&mut self.later);
        // Constants of this module only: no value is ever part of the text.
        let sql = AssertSqlSafe(statements.join("; "));
        sqlx::query_with(sql, arguments).execute(self.conn()).await?;
        Ok(())
    }
}
