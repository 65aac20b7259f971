//! Replies to customers: what becomes of one after its request has ended is said to whoever sent it.
//!
//! Invariant: a reply that was owed when its request ended is said to be sent, or to be given up, in the commit that
//! records it.

use crate::model::{CustomerReply, NoticeContent, RequestId, State};
use crate::ports::PortError;
use crate::store::{OwedNotice, Tx};

use super::{Engine, Trouble, say};

impl Engine {
    /// Whether that request's reply is owed to the tracker, or was.
    pub(super) async fn reply_is_owed(&self, request: &RequestId, reply: &CustomerReply) -> Result<bool, PortError> {
        let all = self.parts.reads.replies.replies(&reply.ticket).await?;
        Ok(all.iter().any(|one| one.request.as_ref() == Some(request)))
    }

    /// A reply was taken, or (`why`) was given up. While its request runs, its verdict says so.
    pub(super) async fn reply_ended(
        &self,
        tx: &mut Tx<'_>,
        owed: &OwedNotice,
        why: Option<&str>,
    ) -> Result<(), Trouble> {
        let (NoticeContent::Reply(reply), Some(request)) = (&owed.notice.content, &owed.request) else { return Ok(()) };
        let Some(row) = tx.request(request).await? else { return Ok(()) };
        if row.state == State::Verifying {
            // Its verdict waits for this.
            tx.clear_timers(request).await?;
        }
        if !row.state.ended() {
            return Ok(());
        }
        let line = match why {
            None => format!("The reply on {} that was still owed was sent now.", reply.ticket),
            Some(why) => format!(
                "The reply on {} was given up: the customer may not have got it. {why} Look at the ticket before you \
                 send it again.",
                reply.ticket
            ),
        };
        let message = say::later(&row, &line, why.is_none());
        self.tell_requester(tx, &row, message, self.parts.clock.now()).await
    }
}
