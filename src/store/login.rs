//! Sign-ins: who asked for one, whether somebody came back with it, and who that was.
//!
//! Invariants: what a link holds stands in this table only as its hash; a link is come back with once.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::guard::Secret;
use crate::model::{Account, IdentityId, Millis, SignedIn};
use crate::ports::LoginAsk;

use super::column::{account_of, at, maybe_parsed, word};
use super::{Store, StoreError, Tx, changed};

const ASK: &str = "insert into login (state, account, nonce, verifier, at, expires) values (?1, ?2, ?3, ?4, ?5, ?6)";
const ASKED: &str = "select count(*) from login where account = ?1 and at > ?2";
const OPEN: &str = "select account, nonce, verifier from login where state = ?1 and came is null and expires > ?2 \
     and at <= ?2";
const CAME: &str = "update login set came = ?2 where state = ?1 and came is null";
const IS: &str = "update login set identity = ?2 where state = ?1 and came is not null and identity is null";
const SIGNED: &str = "select identity, came from login where account = ?1 and identity is not null and came > ?2 \
     order by came desc, rowid desc limit 1";
const FORGET: &str = "delete from login where at < ?1";

pub(crate) const STATEMENTS: &[&str] = &[ASK, ASKED, OPEN, CAME, IS, SIGNED, FORGET];

/// Where a verifier is sealed for.
fn place(state: &str) -> String {
    format!("login:{state}")
}

impl Store {
    /// The newest sign-in that account had asked for, if somebody came back after `since`.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn newest_sign_in(&self, account: &Account, since: Millis) -> Result<Option<SignedIn>, StoreError> {
        let query = sqlx::query(SIGNED).bind(account.to_string()).bind(since.0);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        let signed = |row: SqliteRow| {
            let to = maybe_parsed::<IdentityId>(&row, "identity")?.ok_or(StoreError::Unreadable("identity"))?;
            Ok(SignedIn { account: account.clone(), to, at: at(&row, "came")? })
        };
        row.map(signed).transpose()
    }

    /// Who asked for the link of that hash, and what it is bound to, while it can still be used. `state` is put back
    /// into the answer by whoever has it.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn login_open(
        &self,
        hash: &str,
        state: &str,
        now: Millis,
    ) -> Result<Option<(Account, LoginAsk)>, StoreError> {
        let query = sqlx::query(OPEN).bind(hash).bind(now.0);
        let Some(row) = query.fetch_optional(&mut *self.reader().await?).await? else { return Ok(None) };
        let account = word(&row, "account", account_of)?;
        let sealed: &[u8] = row.try_get("verifier")?;
        // Sealed under another key: nobody can use it any more.
        let Some(verifier) = self.inner.seal.open(&place(hash), sealed) else { return Ok(None) };
        let ask = LoginAsk { state: state.to_owned(), nonce: row.try_get("nonce")?, verifier: Secret::new(verifier) };
        Ok(Some((account, ask)))
    }
}

impl Tx<'_> {
    /// How many sign-ins that account has asked for since then.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn logins_asked(&mut self, account: &Account, since: Millis) -> Result<u32, StoreError> {
        Ok(sqlx::query_scalar(ASKED).bind(account.to_string()).bind(since.0).fetch_one(self.settled().await?).await?)
    }

    /// Keeps that a sign-in was asked for, under the hash of its state, and forgets those from before `old`.
    ///
    /// # Errors
    /// `Seal` when the system gives no randomness, or what `SQLite` says.
    pub async fn ask_login(
        &mut self,
        hash: &str,
        account: &Account,
        ask: &LoginAsk,
        (now, expires, old): (Millis, Millis, Millis),
    ) -> Result<(), StoreError> {
        let sealed = self.seal.seal(&place(hash), ask.verifier.expose())?;
        sqlx::query(FORGET).bind(old.0).execute(self.settled().await?).await?;
        let query = sqlx::query(ASK).bind(hash).bind(account.to_string()).bind(ask.nonce.as_str()).bind(sealed);
        query.bind(now.0).bind(expires.0).execute(self.conn()).await?;
        Ok(())
    }

    /// Somebody came back with it.
    ///
    /// # Errors
    /// `Stale` when somebody had before.
    pub async fn login_came(&mut self, hash: &str, now: Millis) -> Result<(), StoreError> {
        let query = sqlx::query(CAME).bind(hash).bind(now.0);
        changed(query.execute(self.settled().await?).await?.rows_affected(), "login")
    }

    /// It was that person.
    ///
    /// # Errors
    /// `Stale` when nobody has come back with it, or who it was is known.
    pub async fn login_was(&mut self, hash: &str, who: &IdentityId) -> Result<(), StoreError> {
        let query = sqlx::query(IS).bind(hash).bind(who.as_str());
        changed(query.execute(self.settled().await?).await?.rows_affected(), "login")
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, account};
    use super::*;

    #[tokio::test]
    async fn a_link_is_come_back_with_once_and_in_time() {
        let desk = Desk::open().await;
        let ask = LoginAsk { state: "s".into(), nonce: "n".into(), verifier: Secret::new("v") };
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.ask_login("hash", &account(), &ask, (Millis(5), Millis(15), Millis(0))).await.expect("kept");
        assert_eq!(tx.logins_asked(&account(), Millis(4)).await.expect("counted"), 1);
        assert_eq!(tx.logins_asked(&account(), Millis(5)).await.expect("counted"), 0);
        tx.commit().await.expect("committed");

        for (hash, now, there) in [("hash", 5, true), ("hash", 14, true), ("hash", 15, false), ("hash", 4, false)] {
            let open = desk.store.login_open(hash, "s", Millis(now)).await.expect("read");
            assert_eq!(open.is_some(), there, "at {now}");
        }
        assert!(desk.store.login_open("other", "s", Millis(6)).await.expect("read").is_none());
        let (whose, read) = desk.store.login_open("hash", "s", Millis(6)).await.expect("read").expect("open");
        assert_eq!((whose, read.nonce.as_str(), read.verifier.expose()), (account(), "n", "v"));

        let who: IdentityId = "00000000-0000-4000-8000-00000000000b".parse().expect("a uuid");
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(tx.login_was("hash", &who).await.expect_err("nobody came").is_conflict());
        drop(tx);
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.login_came("hash", Millis(7)).await.expect("the first");
        tx.commit().await.expect("committed");
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(tx.login_came("hash", Millis(8)).await.expect_err("the second").is_conflict());
        drop(tx);
        assert!(desk.store.login_open("hash", "s", Millis(8)).await.expect("read").is_none(), "it was used");
        assert!(desk.store.newest_sign_in(&account(), Millis(0)).await.expect("read").is_none(), "nobody signed in");
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.login_was("hash", &who).await.expect("known");
        tx.commit().await.expect("committed");
        let signed = SignedIn { account: account(), to: who, at: Millis(7) };
        assert_eq!(desk.store.newest_sign_in(&account(), Millis(6)).await.expect("read"), Some(signed));
        assert!(desk.store.newest_sign_in(&account(), Millis(7)).await.expect("read").is_none(), "too old");
    }
}
