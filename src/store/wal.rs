//! The write-ahead file: copied back into the database beside the writer, so that no commit waits for it.
//!
//! Where nobody copies back, a commit does it itself at `PAGES_MOST`. Invariant: a copy never delays a commit, and a
//! commit that comes in between is simply copied the next time.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Notify;

use super::{Store, StoreError};

/// Commits after which the file is copied back: about a thousand pages, as `SQLite` itself would.
const COMMITS: u32 = 48;
/// At this many pages (16 MB) a commit copies back by itself.
pub(super) const PAGES_MOST: &str = "4000";

const COPY_BACK: &str = "pragma wal_checkpoint(passive)";

pub(crate) const STATEMENTS: &[&str] = &[COPY_BACK];

/// What was committed since the last copy.
#[derive(Default)]
pub(super) struct Growth {
    commits: AtomicU32,
    enough: Notify,
}

impl Growth {
    /// One more commit.
    pub(super) fn committed(&self) {
        if self.commits.fetch_add(1, Ordering::Relaxed) + 1 >= COMMITS {
            self.commits.store(0, Ordering::Relaxed);
            self.enough.notify_one();
        }
    }
}

impl Store {
    /// Ends when so much was committed that it should be copied back.
    pub async fn grown(&self) {
        self.inner.growth.enough.notified().await;
    }

    /// Copies what was committed into the database, as far as that goes without waiting for anybody.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn copy_back(&self) -> Result<(), StoreError> {
        sqlx::query(COPY_BACK).execute(&mut *self.reader().await?).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, key};
    use super::*;

    #[tokio::test]
    async fn what_was_committed_reaches_the_database_while_the_writer_is_busy() {
        let desk = Desk::open().await;
        for n in 0..COMMITS {
            desk.asks(&format!("rq-{n}")).await;
        }
        desk.store.grown().await;
        let busy = desk.store.begin().await.expect("a transaction");
        desk.store.copy_back().await.expect("copied");
        drop(busy);
        // Without its write-ahead file.
        let copy = desk.folder.path().join("copy.db");
        std::fs::copy(desk.path(), &copy).expect("copied");
        let copied = Store::open(&copy, &key()).await.expect("a store");
        for n in 0..COMMITS {
            let id = format!("rq-{n}").parse().expect("an id");
            assert!(copied.request(&id).await.expect("read").is_some(), "{id} is only in the write-ahead file");
        }
    }
}
