//! Broken glass: a request that waits for agreement goes on without it, in one transaction with the row that says so.
//!
//! It decides nothing: that the person may, and that the time has not run out, is policy's at the moment of running.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::model::{Digest, Glass, GlassReview, Millis, RequestId, StaffId, State, Waiting};
use crate::ports::{Breaking, GlassAct, GlassRead, PortError};

use super::column::{at, maybe_at, maybe_parsed, parsed};
use super::error::refused;
use super::{Store, StoreError, Tx};

/// The rows of which this holds.
macro_rules! glasses {
    ($which:literal) => {
        concat!(
            "select request, of, staff, digest, reason, at, until, reviewed_by, reviewed_at, justified, review \
             from break_glass where ",
            $which
        )
    };
}

const BY_REQUEST: &str = glasses!("request = ?1");
const OF: &str = glasses!("of = ?1");
const UNREVIEWED: &str = glasses!("reviewed_at is null and reminded <= ?1 order by at, request limit ?2");
const ASKING: &str = "select id from request where state = 'asking' and requester = ?1 order by asked";
const BREAK: &str = "insert into break_glass (request, of, staff, digest, reason, at, until, reminded) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6)";
const REVIEW: &str = "update break_glass set reviewed_by = ?2, reviewed_at = ?3, justified = ?4, review = ?5 \
     where request = ?1 and reviewed_at is null";
const REMINDED: &str = "update break_glass set reminded = ?2 where request = ?1 and reviewed_at is null";

pub(crate) const STATEMENTS: &[&str] = &[ASKING, BY_REQUEST, OF, UNREVIEWED, BREAK, REVIEW, REMINDED];

fn failed(error: &StoreError) -> PortError {
    error.of_port("glass")
}

impl Store {
    /// The glass that was broken for that request.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn glass_of(&self, of: &RequestId) -> Result<Option<Glass>, StoreError> {
        let row = sqlx::query(OF).bind(of.as_str()).fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(glass).transpose()
    }

    /// At most `most` whose review was last asked for by then.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn unreviewed_since(&self, reminded: Millis, most: u32) -> Result<Vec<Glass>, StoreError> {
        let query = sqlx::query(UNREVIEWED).bind(reminded.0).bind(most);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(glass).collect()
    }

    async fn waiting_for_glass(&self, of: &RequestId) -> Result<Option<Waiting>, StoreError> {
        let Some(row) = self.request(of).await? else { return Ok(None) };
        let Some(plan) = self.plan(of, row.revision).await? else { return Ok(None) };
        Ok(Some(Waiting {
            requester: row.requester,
            action: row.action,
            outline: plan.plan.outline,
            digest: plan.digest,
            asking: row.state == State::Asking,
            named: !plan.plan.approvers.is_empty(),
            ticket: row.ticket,
        }))
    }

    async fn breaks(
        &self,
        request: &RequestId,
        what: &Breaking<'_>,
        by: &StaffId,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let Some(row) = tx.request(what.of).await? else { return Ok(false) };
        let same = tx.plan(what.of, row.revision).await?.is_some_and(|plan| plan.digest == *what.digest);
        if !same || row.requester != *by || !tx.move_request(what.of, &[State::Asking], State::Approved, at).await? {
            return Ok(false);
        }
        tx.clear_timers(what.of).await?;
        let query = sqlx::query(BREAK).bind(request.as_str()).bind(what.of.as_str()).bind(by.as_str());
        let query = query.bind(&what.digest.0).bind(what.reason).bind(at.0).bind(what.until.0);
        query.execute(tx.conn()).await?;
        tx.commit().await?;
        Ok(true)
    }
}

impl Tx<'_> {
    /// Its review was asked for now.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn review_reminded(&mut self, request: &RequestId, now: Millis) -> Result<bool, StoreError> {
        let query = sqlx::query(REMINDED).bind(request.as_str()).bind(now.0);
        Ok(query.execute(self.conn()).await?.rows_affected() == 1)
    }
}

#[async_trait]
impl GlassRead for Store {
    async fn waiting(&self, of: &RequestId) -> Result<Option<Waiting>, PortError> {
        self.waiting_for_glass(of).await.map_err(|error| failed(&error))
    }

    async fn asking_of(&self, staff: &StaffId) -> Result<Vec<RequestId>, PortError> {
        let read = async {
            let rows = sqlx::query(ASKING).bind(staff.as_str()).fetch_all(&mut *self.reader().await?).await?;
            rows.iter().map(|row| parsed(row, "id")).collect::<Result<_, StoreError>>()
        };
        read.await.map_err(|error| failed(&error))
    }

    async fn glass(&self, request: &RequestId) -> Result<Option<Glass>, PortError> {
        let read = async {
            let query = sqlx::query(BY_REQUEST).bind(request.as_str());
            let row = query.fetch_optional(&mut *self.reader().await?).await?;
            row.as_ref().map(glass).transpose()
        };
        read.await.map_err(|error| failed(&error))
    }

    async fn unreviewed(&self, most: u32) -> Result<Vec<Glass>, PortError> {
        // Whenever they were asked for last.
        self.unreviewed_since(Millis(i64::MAX), most).await.map_err(|error| failed(&error))
    }
}

#[async_trait]
impl GlassAct for Store {
    async fn break_glass(
        &self,
        request: &RequestId,
        what: &Breaking<'_>,
        by: &StaffId,
        at: Millis,
    ) -> Result<(), PortError> {
        if self.glass(request).await?.is_some() {
            return Ok(());
        }
        match self.breaks(request, what, by, at).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(refused("it_does_not_wait_for_that_agreement")),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn review_glass(&self, request: &RequestId, review: &GlassReview) -> Result<(), PortError> {
        let work = async {
            let mut tx = self.begin().await?;
            let query = sqlx::query(REVIEW).bind(request.as_str()).bind(review.by.as_str()).bind(review.at.0);
            query.bind(review.justified).bind(&review.says).execute(tx.conn()).await?;
            tx.commit().await
        };
        work.await.map_err(|error| failed(&error))
    }
}

fn glass(row: &SqliteRow) -> Result<Glass, StoreError> {
    let (by, when): (Option<StaffId>, _) = (maybe_parsed(row, "reviewed_by")?, maybe_at(row, "reviewed_at")?);
    let (justified, says): (Option<bool>, Option<String>) = (row.try_get("justified")?, row.try_get("review")?);
    let review = by.zip(when).map(|(by, at)| GlassReview {
        by,
        at,
        justified: justified.unwrap_or_default(),
        says: says.unwrap_or_default(),
    });
    Ok(Glass {
        request: parsed(row, "request")?,
        of: parsed(row, "of")?,
        staff: parsed(row, "staff")?,
        digest: Digest(row.try_get("digest")?),
        reason: row.try_get("reason")?,
        at: at(row, "at")?,
        until: at(row, "until")?,
        review,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, kim, plan, safe};
    use super::*;
    use crate::ports::Fault;

    #[tokio::test]
    async fn only_what_waits_for_that_agreement_goes_on_without_it_and_once() {
        let desk = Desk::open().await;
        let (of, request) = (desk.asks("rq-1").await, desk.asks("rq-2").await);
        let digest = Digest("d1".into());
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_plan(&of, 1, &digest, &safe(plan()), Millis(5)).await.expect("a plan");
        tx.commit().await.expect("committed");
        let what = Breaking { of: &of, digest: &digest, reason: "nobody answers", until: Millis(99) };
        let refused = desk.store.break_glass(&request, &what, &kim(), Millis(10)).await;
        assert!(matches!(refused.map_err(|e| e.fault), Err(Fault::Refused { status: 409, .. })), "it does not wait");
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(tx.move_request(&of, &[State::Received], State::Asking, Millis(6)).await.expect("moved"));
        tx.commit().await.expect("committed");
        let other = Breaking { digest: &Digest("d2".into()), ..what };
        assert!(desk.store.break_glass(&request, &other, &kim(), Millis(10)).await.is_err(), "another plan");
        let lee = "lee".parse().expect("an id");
        assert!(desk.store.break_glass(&request, &what, &lee, Millis(10)).await.is_err(), "somebody else's");
        for _ in 0..2 {
            desk.store.break_glass(&request, &what, &kim(), Millis(10)).await.expect("broken");
        }
        let row = desk.store.request(&of).await.expect("read").expect("there");
        assert_eq!(row.state, State::Approved);
        let found = desk.store.glass_of(&of).await.expect("read").expect("there");
        assert_eq!((found.staff, found.until, found.review), (kim(), Millis(99), None));
        let review = GlassReview { by: lee, at: Millis(20), justified: true, says: "it was on fire".into() };
        desk.store.review_glass(&request, &review).await.expect("kept");
        let second = GlassReview { justified: false, ..review.clone() };
        desk.store.review_glass(&request, &second).await.expect("ignored");
        let kept = desk.store.glass(&request).await.expect("read").expect("there").review;
        assert_eq!(kept, Some(review), "the first review stays");
        assert!(desk.store.unreviewed(9).await.expect("read").is_empty());
    }
}
