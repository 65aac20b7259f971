//! The store (F4): every table, behind functions. SQL is known here only.
//!
//! It decides nothing and calls nobody. Invariant: whatever belongs together (state, journal, audit, what is
//! owed) is written through one `Tx`, which is there as a whole after a crash or not at all.

mod account_link;
mod alert;
mod audit;
mod backlog;
mod case_file;
mod column;
mod error;
mod evidence;
mod exposure;
#[cfg(test)]
mod fixture;
mod glass;
mod handed;
mod handle;
mod heads;
mod health_check;
mod held;
mod inbox;
mod incident;
mod journal;
mod later;
mod leak;
mod lease;
mod link;
mod login;
mod migrate;
mod notice;
mod open;
mod outbox;
mod people;
mod plan;
mod published;
mod reply;
mod request;
mod room;
mod seal;
mod tally;
mod ticket;
mod timeline;
mod timer;
mod trail;
mod used;
mod verify;
mod vote;
mod wal;
mod watermark;

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use crate::model::StaffId;

pub use account_link::account_links_file;
pub use audit::{AuditEntry, AuditRow, Erase, Hash};
pub use backlog::{Backlog, BacklogState};
pub use error::StoreError;
pub use exposure::{Exposure, ExposureState, Sighted};
pub use handle::Handle;
pub use inbox::Seen;
pub use incident::Promised;
pub use journal::{JournalRow, StepState};
pub use lease::Owed;
pub use notice::{NoticeCounts, OwedNotice};
pub use outbox::{OutboxCounts, Owe, OweKind};
pub use plan::PlanRow;
pub use published::audit_head_file;
pub use request::RequestRow;
pub use seal::SealKey;
pub use ticket::TicketUse;
pub use timer::Timer;
pub use trail::{Asked, ExportRow, audit_export_file};
pub use used::Used;
pub use verify::{AuditVerdict, Erasure, audit_verify_file};
pub use vote::Vote;
pub use watermark::Watermark;

/// How long the writer is waited for. No transaction spans a network call, so each takes milliseconds.
const WRITER_WAIT: Duration = Duration::from_secs(10);

const BEGIN: &str = "begin immediate";
const COMMIT: &str = "commit";
const ROLLBACK: &str = "rollback";

/// The database. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Mutex<Option<Writer>>,
    readers: SqlitePool,
    seal: SealKey,
    growth: wal::Growth,
    /// Held for life; the system lets go of it when the process ends, however it ends.
    lock: File,
}

/// The one connection that writes. `open`: a transaction may have been left in it by a dropped `Tx`.
struct Writer {
    conn: SqliteConnection,
    open: bool,
    /// The end of the audit trail, where it is known: nobody else writes.
    head: Option<(i64, Hash)>,
    /// People as they are kept, by their id.
    known: HashMap<StaffId, String>,
}

/// One transaction on the writer. Dropped without `commit`, it never happened. After an error that is no
/// conflict it must be dropped: `SQLite` may have ended the transaction by itself.
pub struct Tx<'a> {
    writer: MappedMutexGuard<'a, Writer>,
    seal: &'a SealKey,
    growth: &'a wal::Growth,
    /// People whom this transaction keeps anew.
    learned: Vec<(StaffId, String)>,
    later: later::Later,
}

impl Store {
    /// Begins a transaction; waits for the one before it.
    ///
    /// # Errors
    /// `Busy`, `Closed`, or what `SQLite` says.
    pub async fn begin(&self) -> Result<Tx<'_>, StoreError> {
        let mut tx = self.opened().await?;
        sqlx::query(BEGIN).execute(tx.conn()).await?;
        Ok(tx)
    }

    /// A transaction whose first statement is still to begin it.
    async fn opened(&self) -> Result<Tx<'_>, StoreError> {
        let mut writer = self.writer().await?;
        writer.open = true;
        Ok(Tx {
            writer,
            seal: &self.inner.seal,
            growth: &self.inner.growth,
            learned: Vec::new(),
            later: later::Later::default(),
        })
    }

    /// The writer outside a transaction.
    async fn writer(&self) -> Result<MappedMutexGuard<'_, Writer>, StoreError> {
        let guard = tokio::time::timeout(WRITER_WAIT, self.inner.writer.lock()).await.map_err(|_| StoreError::Busy)?;
        let mut writer = MutexGuard::try_map(guard, Option::as_mut).map_err(|_| StoreError::Closed)?;
        if writer.open {
            // It fails where the transaction was never begun, or was ended by SQLite itself; both are what we want.
            if let Err(error) = sqlx::query(ROLLBACK).execute(&mut writer.conn).await {
                tracing::debug!(error = %StoreError::from(error), "there was no transaction to roll back");
            }
            writer.open = false;
            writer.head = None;
        }
        Ok(writer)
    }

    /// A connection that reads what was committed.
    async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.inner.readers.acquire().await?)
    }
}

impl Tx<'_> {
    /// Makes it so, on the disk.
    ///
    /// # Errors
    /// What `SQLite` says; then nothing of it happened.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.settle_and(COMMIT).await?;
        self.writer.open = false;
        self.writer.known.extend(std::mem::take(&mut self.learned));
        self.growth.committed();
        Ok(())
    }

    fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.writer.conn
    }
}

/// That a statement changed a row; else what it should have changed is not there, or has moved on.
fn changed(rows: u64, what: &'static str) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Stale(what)) } else { Ok(()) }
}

/// Every statement of the store, for `Store::check`.
const EVERY_STATEMENT: &[&[&str]] = &[
    &[BEGIN, COMMIT, ROLLBACK],
    account_link::STATEMENTS,
    alert::STATEMENTS,
    audit::STATEMENTS,
    backlog::STATEMENTS,
    case_file::STATEMENTS,
    evidence::STATEMENTS,
    exposure::STATEMENTS,
    glass::STATEMENTS,
    handed::STATEMENTS,
    handle::STATEMENTS,
    health_check::STATEMENTS,
    held::STATEMENTS,
    inbox::STATEMENTS,
    incident::STATEMENTS,
    journal::STATEMENTS,
    leak::STATEMENTS,
    lease::STATEMENTS,
    link::STATEMENTS,
    login::STATEMENTS,
    migrate::STATEMENTS,
    notice::STATEMENTS,
    open::STATEMENTS,
    outbox::STATEMENTS,
    people::STATEMENTS,
    plan::STATEMENTS,
    published::STATEMENTS,
    request::STATEMENTS,
    tally::STATEMENTS,
    ticket::STATEMENTS,
    used::STATEMENTS,
    room::STATEMENTS,
    timeline::STATEMENTS,
    timer::STATEMENTS,
    trail::STATEMENTS,
    verify::STATEMENTS,
    vote::STATEMENTS,
    wal::STATEMENTS,
    watermark::STATEMENTS,
];
