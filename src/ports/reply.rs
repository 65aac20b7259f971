//! Replies to customers as runbooks may read them, and the one way to send one.

use async_trait::async_trait;

use crate::model::{CustomerReply, DeliveryLine, Millis, RequestId, Ticket};

use super::error::PortError;

/// A reply, and how its delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedReply {
    /// The request that sends it.
    pub request: Option<RequestId>,
    /// What is sent, and where.
    pub reply: CustomerReply,
    /// How that stands.
    pub line: DeliveryLine,
}

/// Reading them.
#[async_trait]
pub trait ReplyRead: Send + Sync {
    /// The replies on that ticket, oldest first.
    async fn replies(&self, ticket: &Ticket) -> Result<Vec<OwedReply>, PortError>;
}

/// Sending them.
#[async_trait]
pub trait ReplyAct: Send + Sync {
    /// Owes that request's reply to the tracker, once however often it is called.
    async fn owe_reply(&self, request: &RequestId, reply: &CustomerReply, at: Millis) -> Result<(), PortError>;
}
