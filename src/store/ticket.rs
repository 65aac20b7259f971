//! Tickets, as requests name them: one ticket is one customer's.

use sqlx::Row;

use crate::model::{Millis, RequestId, StaffId};

use super::column::{at, parsed};
use super::{StoreError, Tx};

const OF_OTHERS: &str = "select id, action, org, requester, changed from request where ticket = ?1 and org <> ?2 \
     and dry_run = 0 and state in ('approved', 'running', 'by_hand', 'verifying', 'done', 'unconfirmed', 'failed') \
     order by changed desc limit 1";

pub(crate) const STATEMENTS: &[&str] = &[OF_OTHERS];

/// For what a ticket was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketUse {
    /// The request.
    pub request: RequestId,
    /// What was asked.
    pub action: String,
    /// About which organization.
    pub org: String,
    /// By whom.
    pub staff: StaffId,
    /// When it last changed.
    pub at: Millis,
}

impl Tx<'_> {
    /// What was done last for that ticket in another organization than that one.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn ticket_of_others(&mut self, ticket: &str, org: &str) -> Result<Option<TicketUse>, StoreError> {
        let row = sqlx::query(OF_OTHERS).bind(ticket).bind(org).fetch_optional(self.conn()).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(TicketUse {
            request: parsed(&row, "id")?,
            action: row.try_get("action")?,
            org: row.try_get("org")?,
            staff: parsed(&row, "requester")?,
            at: at(&row, "changed")?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Desk;
    use crate::model::{Millis, State};

    #[tokio::test]
    async fn only_what_was_done_for_another_organization_counts() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let used = async |org: &str| {
            let mut tx = desk.store.begin().await.expect("a transaction");
            tx.ticket_of_others("SUP-1", org).await.expect("read").map(|used| used.org)
        };
        assert_eq!(used("globex").await, None, "it was only asked");
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(tx.move_request(&id, &[State::Received], State::Done, Millis(2_000)).await.expect("moved"));
        tx.commit().await.expect("committed");
        assert_eq!(used("globex").await.as_deref(), Some("acme"));
        assert_eq!(used("acme").await, None);
    }
}
