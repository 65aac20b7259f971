//! Response handles: the right to answer an interaction privately. Secrets, so they are sealed, and gone when
//! they are used up or have expired.
//!
//! Invariant: no handle stands in the file in clear.

use sqlx::{Arguments, Row};

use crate::guard::Secret;
use crate::model::{Account, AnswerMode, Millis, Reply, RequestId};

use super::column::{maybe_at, word};
use super::{StoreError, Tx, changed};

/// How many handles of one request and account are tried; each is one interaction, and older ones have expired.
const NEWEST_TRIED: u32 = 8;

const PUT: &str = "insert into handle (request, account, mode, sealed, expires, form_until, uses_left, at) \
     values (?, ?, ?, ?, ?, ?, ?, ?)";
const NEWEST: &str = "select id, mode, sealed, form_until, uses_left from handle \
     where request = ?1 and account = ?2 and expires > ?3 and uses_left > 0 order by id desc limit ?4";
const USED: &str = "update handle set uses_left = uses_left - 1, mode = ?2 where id = ?1 and uses_left > 0";
const DROP: &str = "delete from handle where id = ?1";
const EXPIRE: &str = "delete from handle where expires <= ?1 or uses_left <= 0";

pub(crate) const STATEMENTS: &[&str] = &[PUT, NEWEST, USED, DROP, EXPIRE];

/// A handle that can be used.
#[derive(Clone)]
pub struct Handle {
    /// Its id.
    pub id: i64,
    /// What the platform needs.
    pub handle: Secret,
    /// Whether the answer stands alone.
    pub mode: AnswerMode,
    /// How often it may still be used.
    pub uses_left: u8,
    /// The last moment at which it opens a form.
    pub form_until: Option<Millis>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("id", &self.id).field("uses_left", &self.uses_left).finish_non_exhaustive()
    }
}

impl Tx<'_> {
    /// Keeps a handle, sealed for that request and account.
    ///
    /// # Errors
    /// `Seal` when the system gives no randomness; what `SQLite` says is the commit's error.
    pub fn put_handle(
        &mut self,
        request: &RequestId,
        account: &Account,
        reply: &Reply,
        mode: AnswerMode,
        at: Millis,
    ) -> Result<(), StoreError> {
        let sealed = self.seal.seal(&place(request, account), reply.handle.expose())?;
        self.put_off(PUT, |row| {
            row.add(request.as_str())?;
            row.add(account.to_string())?;
            row.add(mode_word(mode))?;
            row.add(sealed)?;
            row.add(reply.expires.0)?;
            row.add(reply.form_until.map(|until| until.0))?;
            row.add(reply.uses)?;
            row.add(at.0)
        })
    }

    /// The newest handle of that request and account that can be used at `now`. One that does not open (the key
    /// was changed) is passed over.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn newest_handle(
        &mut self,
        request: &RequestId,
        account: &Account,
        now: Millis,
    ) -> Result<Option<Handle>, StoreError> {
        let seal = self.seal;
        let query = sqlx::query(NEWEST).bind(request.as_str()).bind(account.to_string()).bind(now.0);
        let rows = query.bind(NEWEST_TRIED).fetch_all(self.settled().await?).await?;
        for row in &rows {
            let Some(text) = seal.open(&place(request, account), row.try_get("sealed")?) else { continue };
            return Ok(Some(Handle {
                id: row.try_get("id")?,
                handle: Secret::new(text),
                mode: word(row, "mode", mode_of)?,
                uses_left: row.try_get("uses_left")?,
                form_until: maybe_at(row, "form_until")?,
            }));
        }
        Ok(None)
    }

    /// Counts one use of a handle; the next answer through it has that mode.
    ///
    /// # Errors
    /// `Stale` when it is gone or used up.
    pub async fn use_handle(&mut self, id: i64, mode_after: AnswerMode) -> Result<(), StoreError> {
        let query = sqlx::query(USED).bind(id).bind(mode_word(mode_after));
        changed(query.execute(self.conn()).await?.rows_affected(), "response handle")
    }

    /// Deletes a handle, if it is still there.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn drop_handle(&mut self, id: i64) -> Result<(), StoreError> {
        sqlx::query(DROP).bind(id).execute(self.conn()).await?;
        Ok(())
    }

    /// Deletes what has expired or is used up; gives how many.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn expire_handles(&mut self, now: Millis) -> Result<u64, StoreError> {
        Ok(sqlx::query(EXPIRE).bind(now.0).execute(self.conn()).await?.rows_affected())
    }
}

/// What a handle is sealed for: a row that was copied to another request or account does not open.
fn place(request: &RequestId, account: &Account) -> String {
    format!("handle {request} {account}")
}

const fn mode_word(mode: AnswerMode) -> &'static str {
    match mode {
        AnswerMode::Fresh => "fresh",
        AnswerMode::Replace => "replace",
    }
}

fn mode_of(word: &str) -> Option<AnswerMode> {
    [AnswerMode::Fresh, AnswerMode::Replace].into_iter().find(|mode| mode_word(*mode) == word)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, account, key};
    use super::*;
    use crate::store::{SealKey, Store};

    fn reply(handle: &str, expires: i64) -> Reply {
        Reply { handle: Secret::new(handle), expires: Millis(expires), form_until: Some(Millis(3)), uses: 2 }
    }

    #[tokio::test]
    async fn the_newest_that_can_be_used_is_given() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_handle(&id, &account(), &reply("old", 100), AnswerMode::Fresh, Millis(1)).expect("kept");
        tx.put_handle(&id, &account(), &reply("new", 50), AnswerMode::Replace, Millis(2)).expect("kept");
        let newest = tx.newest_handle(&id, &account(), Millis(3)).await.expect("read").expect("one");
        assert_eq!((newest.handle.expose(), newest.uses_left, newest.mode), ("new", 2, AnswerMode::Replace));
        assert_eq!(newest.form_until, Some(Millis(3)));
        tx.use_handle(newest.id, AnswerMode::Fresh).await.expect("used");
        tx.use_handle(newest.id, AnswerMode::Fresh).await.expect("used");
        assert!(tx.use_handle(newest.id, AnswerMode::Fresh).await.expect_err("used up").is_conflict());
        let older = tx.newest_handle(&id, &account(), Millis(3)).await.expect("read").expect("one");
        assert_eq!(older.handle.expose(), "old");
        assert!(tx.newest_handle(&id, &account(), Millis(100)).await.expect("read").is_none(), "expired");
        let stranger = Account { user: "U2".into(), ..account() };
        assert!(tx.newest_handle(&id, &stranger, Millis(3)).await.expect("read").is_none());
        assert_eq!(tx.expire_handles(Millis(3)).await.expect("expired"), 1, "the one that is used up");
        tx.drop_handle(older.id).await.expect("dropped");
        assert_eq!(tx.expire_handles(Millis(100)).await.expect("expired"), 0);
    }

    #[tokio::test]
    async fn no_file_holds_a_handle_in_clear() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let handle = format!("https://hooks.example/{}", "response-handle");
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_handle(&id, &account(), &reply(&handle, 100), AnswerMode::Fresh, Millis(1)).expect("kept");
        tx.commit().await.expect("committed");
        let mut bytes = 0;
        for file in std::fs::read_dir(desk.folder.path()).expect("a folder") {
            let content = std::fs::read(file.expect("a file").path()).expect("its content");
            bytes += content.len();
            assert!(!content.windows(15).any(|part| part == b"response-handle"));
        }
        assert!(bytes > 0);
        desk.store.clone().close().await;

        let store = Store::open(&desk.path(), &SealKey::new([8; 32])).await.expect("a store");
        let mut tx = store.begin().await.expect("a transaction");
        assert!(tx.newest_handle(&id, &account(), Millis(3)).await.expect("read").is_none(), "another key opens none");
        drop(tx);
        store.close().await;
        let store = Store::open(&desk.path(), &key()).await.expect("a store");
        let mut tx = store.begin().await.expect("a transaction");
        let found = tx.newest_handle(&id, &account(), Millis(3)).await.expect("read").expect("one");
        assert_eq!(found.handle.expose(), handle);
        assert!(!format!("{found:?}").contains("hooks"));
    }
}
