//! Chat accounts that admins have linked. A link that ended stays, with who ended it.
//!
//! It decides nothing: who may ask and agree is policy's. Invariant: an account has at most one link that holds, and none
//! that nobody agreed to.

use std::path::Path;

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

use crate::model::{Account, AccountLink, LinkedTo, Millis, RequestId, SignedIn, StaffId};
use crate::ports::{Fault, LinkAct, LinkRead, NewLink, PortError};

use super::column::{account_of, at, json, maybe_at, maybe_parsed, parsed, to_json};
use super::error::refused;
use super::{Store, StoreError, Tx, open};

/// More are not read: each member of a staff has a few accounts, and a staff that links this many has its own directory.
const LINKS_MOST: u32 = 2_000;

const HOLDING: &str = "select request, account, identity, staff, by_staff, agreed, at from account_link \
     where ended_at is null order by at, request limit ?1";
const EVER: &str = "select distinct account from account_link order by account limit ?1";
const MADE: &str = "select ended_at from account_link where request = ?1";
const LINK: &str = "insert into account_link (request, account, identity, staff, by_staff, agreed, at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const UNLINK: &str = "update account_link set ended_request = ?2, ended_by = ?3, ended_at = ?4 \
     where request = ?1 and ended_at is null";

pub(crate) const STATEMENTS: &[&str] = &[HOLDING, EVER, MADE, LINK, UNLINK];

fn failed(error: &StoreError) -> PortError {
    error.of_port("account_link")
}

impl Store {
    /// Every link that holds, the oldest first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn account_links(&self) -> Result<Vec<AccountLink>, StoreError> {
        let rows = sqlx::query(HOLDING).bind(LINKS_MOST).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(link).collect()
    }

    /// Every account that was ever linked.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn accounts_ever_linked(&self) -> Result<Vec<Account>, StoreError> {
        let rows = sqlx::query(EVER).bind(LINKS_MOST).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(account).collect()
    }

    async fn made(&self, request: &RequestId) -> Result<Option<bool>, StoreError> {
        let row = sqlx::query(MADE).bind(request.as_str()).fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| Ok(maybe_at(&row, "ended_at")?.is_none())).transpose()
    }
}

/// The links that hold in a file that may be in use by another process. Changes nothing.
///
/// # Errors
/// `File`, `Foreign`, `TooNew`, or what `SQLite` says.
pub async fn account_links_file(path: &Path) -> Result<Vec<AccountLink>, StoreError> {
    let mut conn = open::look_only(path).await?;
    let rows = sqlx::query(HOLDING).bind(LINKS_MOST).fetch_all(&mut conn).await?;
    let links = rows.iter().map(link).collect();
    conn.close().await?;
    links
}

impl Tx<'_> {
    async fn link(&mut self, request: &RequestId, what: &NewLink<'_>, at: Millis) -> Result<(), StoreError> {
        let (identity, staff) = match what.to {
            LinkedTo::Identity(id) => (Some(id.as_str()), None),
            LinkedTo::Staff(id) => (None, Some(id.as_str())),
        };
        let agreed = to_json(what.agreed, "account_link.agreed")?;
        let query = sqlx::query(LINK).bind(request.as_str()).bind(what.account.to_string()).bind(identity).bind(staff);
        query.bind(what.by.as_str()).bind(agreed).bind(at.0).execute(self.conn()).await?;
        Ok(())
    }
}

#[async_trait]
impl LinkRead for Store {
    async fn links(&self) -> Result<Vec<AccountLink>, PortError> {
        self.account_links().await.map_err(|error| failed(&error))
    }

    async fn signed_in(&self, account: &Account, since: Millis) -> Result<Option<SignedIn>, PortError> {
        self.newest_sign_in(account, since).await.map_err(|error| failed(&error))
    }

    async fn link_made(&self, request: &RequestId) -> Result<Option<bool>, PortError> {
        self.made(request).await.map_err(|error| failed(&error))
    }
}

#[async_trait]
impl LinkAct for Store {
    async fn link_account(&self, request: &RequestId, what: &NewLink<'_>, at: Millis) -> Result<(), PortError> {
        if what.agreed.is_empty() {
            return Err(refused("nobody_agreed"));
        }
        if self.link_made(request).await?.is_some() {
            return Ok(());
        }
        let work = async {
            let mut tx = self.begin().await?;
            tx.link(request, what, at).await?;
            tx.commit().await
        };
        match work.await {
            Err(error) if error.is_conflict() => Err(refused("it_is_linked_already")),
            done => done.map_err(|error| failed(&error)),
        }
    }

    async fn unlink_account(
        &self,
        link: &RequestId,
        request: &RequestId,
        by: &StaffId,
        at: Millis,
    ) -> Result<(), PortError> {
        let work = async {
            let mut tx = self.begin().await?;
            let query = sqlx::query(UNLINK).bind(link.as_str()).bind(request.as_str()).bind(by.as_str()).bind(at.0);
            let rows = query.execute(tx.conn()).await?.rows_affected();
            tx.commit().await?;
            Ok::<_, StoreError>(rows)
        };
        match work.await.map_err(|error| failed(&error))? {
            0 => Err(PortError::new("account_link", Fault::NotFound)),
            _ => Ok(()),
        }
    }
}

fn account(row: &SqliteRow) -> Result<Account, StoreError> {
    let text = row.try_get::<&str, _>("account").map_err(|_| StoreError::Unreadable("account"))?;
    account_of(text).ok_or(StoreError::Unreadable("account"))
}

fn link(row: &SqliteRow) -> Result<AccountLink, StoreError> {
    let (identity, staff) = (maybe_parsed(row, "identity")?, maybe_parsed(row, "staff")?);
    let to = match (identity, staff) {
        (Some(id), None) => LinkedTo::Identity(id),
        (None, Some(id)) => LinkedTo::Staff(id),
        _ => return Err(StoreError::Unreadable("identity")),
    };
    Ok(AccountLink {
        request: parsed(row, "request")?,
        account: account(row)?,
        to,
        by: parsed(row, "by_staff")?,
        agreed: json(row, "agreed")?,
        at: at(row, "at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, account, kim};
    use super::*;

    #[tokio::test]
    async fn an_account_has_one_link_that_holds_and_keeps_those_that_ended() {
        let desk = Desk::open().await;
        let (first, second, ends) = (desk.asks("rq-1").await, desk.asks("rq-2").await, desk.asks("rq-3").await);
        let (account, lee): (Account, StaffId) = (account(), "lee".parse().expect("an id"));
        let uuid = "00000000-0000-4000-8000-00000000000b".parse().expect("a uuid");
        let (to, other) = (LinkedTo::Identity(uuid), LinkedTo::Staff("joe".parse().expect("an id")));
        let (by, agreed) = (kim(), vec![lee.clone()]);
        let what = NewLink { account: &account, to: &to, by: &by, agreed: &agreed };
        let alone = desk.store.link_account(&first, &NewLink { agreed: &[], ..what }, Millis(5)).await;
        assert!(matches!(alone.map_err(|e| e.fault), Err(Fault::Refused { .. })), "nobody agreed");
        for _ in 0..2 {
            desk.store.link_account(&first, &what, Millis(5)).await.expect("linked, and twice is once");
        }
        let held = desk.store.account_links().await.expect("read");
        let want =
            AccountLink { request: first.clone(), account: account.clone(), to: to.clone(), by, agreed, at: Millis(5) };
        assert_eq!(held, [want]);
        assert_eq!(account_links_file(&desk.path()).await.expect("read"), held);
        let twice = desk.store.link_account(&second, &NewLink { to: &other, ..what_of(&held[0]) }, Millis(6)).await;
        assert!(matches!(twice.map_err(|e| e.fault), Err(Fault::Refused { .. })), "it is somebody's already");
        assert_eq!(desk.store.link_made(&first).await.expect("read"), Some(true));
        desk.store.unlink_account(&first, &ends, &lee, Millis(7)).await.expect("ended");
        let again = desk.store.unlink_account(&first, &ends, &lee, Millis(8)).await;
        assert_eq!(again.map_err(|e| e.fault), Err(Fault::NotFound));
        assert!(desk.store.account_links().await.expect("read").is_empty());
        assert_eq!(desk.store.link_made(&first).await.expect("read"), Some(false));
        assert_eq!(desk.store.link_made(&second).await.expect("read"), None);
        desk.store.link_account(&first, &what_of(&held[0]), Millis(9)).await.expect("a repeat changes nothing");
        assert!(desk.store.account_links().await.expect("read").is_empty(), "what was ended is not begun again");
        desk.store.link_account(&second, &NewLink { to: &other, ..what_of(&held[0]) }, Millis(9)).await.expect("free");
        assert_eq!(desk.store.account_links().await.expect("read")[0].to, other);
        assert_eq!(desk.store.accounts_ever_linked().await.expect("read"), [account]);
    }

    fn what_of(link: &AccountLink) -> NewLink<'_> {
        NewLink { account: &link.account, to: &link.to, by: &link.by, agreed: &link.agreed }
    }
}
