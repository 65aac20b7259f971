//! Votes and reviews: who said yes or no to which digest, and who was shown the full plan before.
//!
//! Invariant: a person has at most one vote on a revision, whatever account it came from.

use serde::Serialize;
use sqlx::{Row, SqliteConnection};

use crate::guard::Redacted;
use crate::model::{Account, Digest, Millis, RequestId, StaffId};

use super::column::{account_of, at, parsed, word};
use super::{Store, StoreError, Tx};

const VOTES: &str = "select revision, digest, staff, account, yes, reason, at from vote where request = ?1 \
     order by revision, at, staff";
const INSERT: &str = "insert into vote (request, revision, digest, staff, account, yes, reason, at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (request, revision, staff) do nothing";
const REVIEW: &str = "insert into review (request, revision, staff, at) values (?1, ?2, ?3, ?4) \
     on conflict (request, revision, staff) do nothing";
const REVIEWED: &str = "select count(*) from review where request = ?1 and revision = ?2 and staff = ?3";

pub(crate) const STATEMENTS: &[&str] = &[VOTES, INSERT, REVIEW, REVIEWED];

/// One person's yes or no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Vote {
    /// The revision that was voted on.
    pub revision: u32,
    /// Its digest.
    pub digest: Digest,
    /// The person.
    pub staff: StaffId,
    /// The account that the vote came from.
    pub account: Account,
    /// Yes or no.
    pub yes: bool,
    /// Why; may be empty.
    pub reason: String,
    /// When.
    pub at: Millis,
}

impl Store {
    /// The votes on every revision of that request.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn votes(&self, id: &RequestId) -> Result<Vec<Vote>, StoreError> {
        votes(&mut *self.reader().await?, id).await
    }
}

impl Tx<'_> {
    /// The votes on every revision of that request as this transaction sees them.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn votes(&mut self, id: &RequestId) -> Result<Vec<Vote>, StoreError> {
        votes(self.conn(), id).await
    }

    /// Keeps a vote; false when that person has voted on that revision.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn put_vote(&mut self, id: &RequestId, vote: &Redacted<Vote>) -> Result<bool, StoreError> {
        let query = sqlx::query(INSERT).bind(id.as_str()).bind(vote.revision).bind(vote.digest.0.as_str());
        let query = query.bind(vote.staff.as_str()).bind(vote.account.to_string()).bind(vote.yes);
        let query = query.bind(vote.reason.as_str()).bind(vote.at.0);
        Ok(query.execute(self.conn()).await?.rows_affected() > 0)
    }

    /// Keeps that this person was shown the full plan of that revision; the first time counts.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn put_review(
        &mut self,
        id: &RequestId,
        revision: u32,
        staff: &StaffId,
        at: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(REVIEW).bind(id.as_str()).bind(revision).bind(staff.as_str()).bind(at.0);
        query.execute(self.conn()).await?;
        Ok(())
    }

    /// Whether this person was shown the full plan of that revision.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn reviewed(&mut self, id: &RequestId, revision: u32, staff: &StaffId) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(REVIEWED).bind(id.as_str()).bind(revision).bind(staff.as_str());
        let found: i64 = query.fetch_one(self.conn()).await?;
        Ok(found > 0)
    }
}

async fn votes(conn: &mut SqliteConnection, id: &RequestId) -> Result<Vec<Vote>, StoreError> {
    let rows = sqlx::query(VOTES).bind(id.as_str()).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(Vote {
                revision: row.try_get("revision")?,
                digest: Digest(row.try_get("digest")?),
                staff: parsed(row, "staff")?,
                account: word(row, "account", account_of)?,
                yes: row.try_get("yes")?,
                reason: row.try_get("reason")?,
                at: at(row, "at")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, account, kim, safe};
    use super::*;
    use crate::model::Platform;

    #[tokio::test]
    async fn one_person_has_one_vote_whatever_the_account() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let digest = Digest("ab".into());
        let vote = Vote {
            revision: 1,
            digest,
            staff: kim(),
            account: account(),
            yes: true,
            reason: String::new(),
            at: Millis(5),
        };
        let elsewhere = Account { platform: Platform::Discord, team: String::new(), user: "88".into() };
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(tx.put_vote(&id, &safe(vote.clone())).await.expect("kept"));
        let again = Vote { account: elsewhere, yes: false, ..vote.clone() };
        assert!(!tx.put_vote(&id, &safe(again.clone())).await.expect("looked"));
        let newer = Vote { revision: 2, ..again };
        assert!(tx.put_vote(&id, &safe(newer.clone())).await.expect("a new revision is voted on anew"));
        assert_eq!(tx.votes(&id).await.expect("read"), [vote.clone(), newer.clone()]);
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.votes(&id).await.expect("read"), [vote, newer]);
    }

    #[tokio::test]
    async fn a_review_counts_for_its_revision() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(!tx.reviewed(&id, 1, &kim()).await.expect("read"));
        tx.put_review(&id, 1, &kim(), Millis(5)).await.expect("kept");
        tx.put_review(&id, 1, &kim(), Millis(6)).await.expect("again is no error");
        assert!(tx.reviewed(&id, 1, &kim()).await.expect("read"));
        assert!(!tx.reviewed(&id, 2, &kim()).await.expect("read"));
    }

    #[tokio::test]
    async fn a_vote_on_nothing_is_not_committed() {
        let desk = Desk::open().await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_review(&"rq-0".parse().expect("an id"), 1, &kim(), Millis(5)).await.expect("checked at the end");
        assert!(tx.commit().await.is_err());
    }
}
