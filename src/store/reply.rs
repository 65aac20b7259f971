//! Replies to customers: owed to the tracker like every notice, and read with how they stand.
//!
//! Invariant: one request owes one reply, however often it is told to.

use async_trait::async_trait;

use crate::model::{CustomerReply, Millis, Notice, NoticeContent, RequestId, TRACKER, Ticket};
use crate::ports::{OwedReply, PortError, ReplyAct, ReplyRead};

use super::{Store, StoreError};

fn unreadable(error: &StoreError) -> PortError {
    error.of_port("replies")
}

#[async_trait]
impl ReplyRead for Store {
    async fn replies(&self, ticket: &Ticket) -> Result<Vec<OwedReply>, PortError> {
        self.replies_on(ticket.as_str()).await.map_err(|error| unreadable(&error))
    }
}

#[async_trait]
impl ReplyAct for Store {
    async fn owe_reply(&self, request: &RequestId, reply: &CustomerReply, at: Millis) -> Result<(), PortError> {
        let notice = Notice {
            key: format!("{request}:reply"),
            target: TRACKER.to_owned(),
            subject: reply.ticket.to_string(),
            pages: false,
            content: NoticeContent::Reply(reply.clone()),
        };
        let work = async {
            let mut tx = self.begin().await?;
            tx.owe_plainly(&notice, Some(request), at).await?;
            tx.commit().await
        };
        work.await.map_err(|error| unreadable(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Desk;
    use super::*;
    use crate::model::DeliveryState;

    #[tokio::test]
    async fn a_reply_is_owed_once_and_read_with_how_it_stands() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let ticket: Ticket = "SUP-7".parse().expect("a ticket");
        let reply = CustomerReply {
            ticket: ticket.clone(),
            title: "Late".into(),
            text: "It works again.".into(),
            mark: "a1".into(),
        };
        for at in [5, 9] {
            desk.store.owe_reply(&id, &reply, Millis(at)).await.expect("owed");
        }
        let there = desk.store.replies(&ticket).await.expect("read");
        assert_eq!(there.len(), 1);
        assert_eq!((there[0].request.as_ref(), &there[0].reply), (Some(&id), &reply));
        assert_eq!((there[0].line.state, there[0].line.next_try), (DeliveryState::Owed, Some(Millis(5))));
        assert_eq!(desk.store.replies(&"SUP-8".parse().expect("a ticket")).await.expect("read"), []);
    }
}
