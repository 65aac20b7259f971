//! Opening and closing: the file, its lock, the one writer and the readers.
//!
//! Invariant: while a `Store` lives, its process holds the lock beside the file, and every write goes
//! through the one writer.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, SqlSafeStr, SqliteConnection};
use tokio::sync::Mutex;

use super::error::StoreError;
use super::seal::SealKey;
use super::{EVERY_STATEMENT, Inner, Store, Writer, migrate, wal};

/// Connections that read; `SQLite` reads from disk one thread each, and the machine is small.
const READERS: u32 = 4;
/// How long a statement waits for `SQLite`'s own locks. Only a backup or a person's shell could hold them.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// How long a reader is waited for.
const READER_WAIT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection; above the number of statements in this module.
const STATEMENTS_KEPT: usize = 240;
/// The write-ahead file is cut back to this many bytes once it has been copied over.
const WAL_BYTES: &str = "16777216";
/// Only the owner reads and writes.
const OWNER_ONLY: u32 = 0o600;

const QUICK_CHECK: &str = "pragma quick_check(1)";
const FOREIGN_KEY_CHECK: &str = "pragma foreign_key_check";
const CHECKPOINT: &str = "pragma wal_checkpoint(truncate)";

impl Store {
    /// Opens the database, and makes it where there is none: readable to its owner alone, locked against a
    /// second process, migrated. Refuses a newer schema and files of other programs.
    ///
    /// # Errors
    /// `InUse`, `TooNew`, `Foreign`, `File`, or what `SQLite` says.
    pub async fn open(path: &Path, key: &SealKey) -> Result<Self, StoreError> {
        Self::open_at(path, key, migrate::SHIPPED).await
    }

    async fn open_at(
        path: &Path,
        key: &SealKey,
        shipped: &[(i64, &'static str, &'static str)],
    ) -> Result<Self, StoreError> {
        let path = make(path)?;
        let lock = lock(&path)?;
        let shown = path.display().to_string();
        let mut conn = writer_options(&path).connect().await?;
        migrate::check(&mut conn, &shown).await?;
        migrate::run(&mut conn, shipped).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(READER_WAIT)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options(&path).pragma("query_only", "on"))
            .await?;
        let writer = Mutex::new(Some(Writer { conn, open: false, head: None, known: HashMap::new() }));
        Ok(Self { inner: Arc::new(Inner { writer, readers, seal: key.clone(), growth: wal::Growth::default(), lock }) })
    }

    /// Closes the file after what is running has ended, and lets go of the lock. Clones can do nothing more.
    pub async fn close(self) {
        self.inner.readers.close().await;
        if let Some(writer) = self.inner.writer.lock().await.take()
            && let Err(error) = writer.conn.close().await
        {
            tracing::warn!(error = %StoreError::from(error), "the database did not close cleanly");
        }
        if let Err(error) = self.inner.lock.unlock() {
            tracing::warn!(error = %error.kind(), "the database's lock could not be let go");
        }
    }

    /// Looks whether the file is sound, its references hold, and every statement of the store fits the schema.
    ///
    /// # Errors
    /// What is wrong, as `SQLite` says it.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut conn = self.reader().await?;
        let verdict: String = sqlx::query_scalar(QUICK_CHECK).fetch_one(&mut *conn).await?;
        if verdict != "ok" {
            return Err(StoreError::Sql("the file is damaged: restore a copy".into()));
        }
        if sqlx::query(FOREIGN_KEY_CHECK).fetch_optional(&mut *conn).await?.is_some() {
            return Err(StoreError::Sql("a row refers to another that is missing: restore a copy".into()));
        }
        for statement in EVERY_STATEMENT.iter().copied().flatten() {
            conn.prepare((*statement).into_sql_str()).await?;
        }
        Ok(())
    }

    /// Copies the write-ahead file into the database and empties it, so that erased text is in neither.
    ///
    /// # Errors
    /// `Busy`, `Closed`, or what `SQLite` says.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query(CHECKPOINT).execute(&mut writer.conn).await?;
        Ok(())
    }
}

/// A connection that only reads, to a file that another process may hold.
pub(super) async fn look_only(path: &Path) -> Result<SqliteConnection, StoreError> {
    let missing = |error: &std::io::Error| StoreError::File { path: path.display().to_string(), why: error.kind() };
    File::open(path).map_err(|error| missing(&error))?;
    let reading = || options(path).create_if_missing(false).read_only(true);
    let mut conn = reading().connect().await?;
    if let Err(error) = migrate::check(&mut conn, &path.display().to_string()).await {
        // A copy without its write-ahead file, in a folder that we may not write to, opens as immutable only.
        if !matches!(error, StoreError::Sql(_)) || beside(path, "-wal").exists() {
            return Err(error);
        }
        conn = reading().immutable(true).connect().await?;
        migrate::check(&mut conn, &path.display().to_string()).await?;
    }
    Ok(conn)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_WAIT)
        .statement_cache_capacity(STATEMENTS_KEPT)
        .pragma("temp_store", "memory")
        .pragma("trusted_schema", "off")
        .disable_statement_logging()
}

fn writer_options(path: &Path) -> SqliteConnectOptions {
    options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "on")
        .pragma("journal_size_limit", WAL_BYTES)
        .pragma("wal_autocheckpoint", wal::PAGES_MOST)
        .thread_name(|_| "store-writer".into())
}

/// Makes the file where there is none, takes others' rights to it away, and gives its full path, so that
/// two names of one file share a lock. `SQLite` gives its side files the same rights.
fn make(path: &Path) -> Result<PathBuf, StoreError> {
    let failed = |error: std::io::Error| StoreError::File { path: path.display().to_string(), why: error.kind() };
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNER_ONLY)
        .open(path)
        .map_err(failed)?;
    file.set_permissions(Permissions::from_mode(OWNER_ONLY)).map_err(failed)?;
    path.canonicalize().map_err(failed)
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let beside = beside(path, ".lock");
    let failed = |error: std::io::Error| StoreError::File { path: beside.display().to_string(), why: error.kind() };
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(OWNER_ONLY).open(&beside).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

pub(crate) const STATEMENTS: &[&str] = &[QUICK_CHECK, FOREIGN_KEY_CHECK, CHECKPOINT];

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, key};
    use super::*;

    const NEWER: &str = "update _sqlx_migrations set version = version + 1000";

    #[tokio::test]
    async fn every_statement_fits_a_migrated_file() {
        let desk = Desk::open().await;
        desk.store.check().await.expect("sound");
        for statement in EVERY_STATEMENT.iter().copied().flatten() {
            assert_eq!(*statement, statement.to_lowercase(), "SQL is lower case");
            assert!(!statement.contains("select *"), "{statement}");
            assert!(!statement.contains(';'), "one statement per constant: {statement}");
        }
        assert!(EVERY_STATEMENT.iter().map(|part| part.len()).sum::<usize>() < STATEMENTS_KEPT);
    }

    #[tokio::test]
    async fn only_the_owner_may_read_the_files() {
        let desk = Desk::open().await;
        desk.asks("rq-1").await;
        let mut seen = 0;
        for file in std::fs::read_dir(desk.folder.path()).expect("a folder") {
            let file = file.expect("a file");
            assert_eq!(file.metadata().expect("rights").permissions().mode() & 0o777, OWNER_ONLY, "{file:?}");
            seen += 1;
        }
        assert!(seen >= 3, "database, write-ahead file, lock");
    }

    #[tokio::test]
    async fn rights_of_others_are_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bot.db");
        std::fs::write(&path, "").expect("an empty file");
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("wide rights");
        let store = Store::open(&path, &key()).await.expect("an empty file is migrated");
        assert_eq!(path.metadata().expect("rights").permissions().mode() & 0o777, OWNER_ONLY);
        store.close().await;
    }

    #[tokio::test]
    async fn a_second_process_is_refused_until_the_first_ends() {
        let desk = Desk::open().await;
        let other = desk.folder.path().join("other-name.db");
        std::os::unix::fs::symlink(desk.path(), &other).expect("a link");
        for path in [desk.path(), other] {
            let refused = Store::open(&path, &key()).await.err().expect("refused");
            assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
        }
        desk.store.clone().close().await;
        assert!(matches!(desk.store.begin().await.err(), Some(StoreError::Closed)));
        Store::open(&desk.path(), &key()).await.expect("free again").close().await;
    }

    #[tokio::test]
    async fn a_file_of_the_first_schema_keeps_what_it_holds() {
        use super::super::fixture::{entry, post, request, safe};
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bot.db");
        let old = Store::open_at(&path, &key(), &migrate::SHIPPED[..1]).await.expect("the first schema");
        let mut tx = old.begin().await.expect("a transaction");
        tx.insert_request(&safe(request("rq-1"))).await.expect("kept");
        tx.audit(&entry("asked")).await.expect("recorded");
        tx.owe(&post("k", "first"), crate::model::Millis(1)).await.expect("owed");
        tx.commit().await.expect("committed");
        old.close().await;

        let new = Store::open(&path, &key()).await.expect("the newest schema");
        new.check().await.expect("sound");
        let id = "rq-1".parse().expect("an id");
        assert_eq!(new.request(&id).await.expect("read"), Some(request("rq-1")));
        assert_eq!(new.audit_of(&id).await.expect("read").len(), 1);
        assert_eq!(new.outbox_counts().await.expect("read").owed, 1);
        assert!(new.audit_verify().await.expect("verified").first_bad.is_none());
        assert!(new.leaks(None, 9).await.expect("read").is_empty());
        new.close().await;
    }

    #[tokio::test]
    async fn a_newer_schema_is_refused_and_left_alone() {
        let desk = Desk::open().await;
        let mut writer = desk.store.writer().await.expect("the writer");
        sqlx::query(NEWER).execute(&mut writer.conn).await.expect("from the future");
        drop(writer);
        desk.store.clone().close().await;
        let before = std::fs::read(desk.path()).expect("the file");
        let refused = Store::open(&desk.path(), &key()).await.err().expect("refused");
        let newer = 1_000 + migrate::newest_known();
        assert!(matches!(refused, StoreError::TooNew { found, .. } if found == newer), "{refused}");
        assert!(refused.to_string().contains(".backup"), "{refused}");
        assert_eq!(std::fs::read(desk.path()).expect("the file"), before);
    }

    #[tokio::test]
    async fn files_of_others_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notes.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut other = options.connect().await.expect("a database");
        sqlx::query("create table note (text text)").execute(&mut other).await.expect("a table");
        other.close().await.expect("closed");
        assert!(matches!(Store::open(&path, &key()).await.err(), Some(StoreError::Foreign { .. })));
        std::fs::write(&path, "no database at all, but long enough to look like a page of one").expect("written");
        assert!(Store::open(&path, &key()).await.is_err());
        let nowhere = folder.path().join("missing/bot.db");
        assert!(matches!(Store::open(&nowhere, &key()).await.err(), Some(StoreError::File { .. })));
    }

    #[tokio::test]
    async fn what_was_not_committed_never_happened() {
        let desk = Desk::open().await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.insert_request(&super::super::fixture::safe(super::super::fixture::request("rq-1"))).await.expect("kept");
        drop(tx);
        let id = "rq-1".parse().expect("an id");
        let mut tx = desk.store.begin().await.expect("the next transaction");
        assert_eq!(tx.request(&id).await.expect("read"), None);
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.request(&id).await.expect("read"), None);
    }
}
