//! Break-glass as its commands may read it, and the two things that may be done.

use async_trait::async_trait;

use crate::model::{Digest, Glass, GlassReview, Millis, RequestId, StaffId, Waiting};

use super::error::PortError;

/// Reading it.
#[async_trait]
pub trait GlassRead: Send + Sync {
    /// The request of that id, as far as break-glass asks about it. `None`: there is none, or it has no plan.
    async fn waiting(&self, of: &RequestId) -> Result<Option<Waiting>, PortError>;
    /// The requests of that person that wait for agreement.
    async fn asking_of(&self, staff: &StaffId) -> Result<Vec<RequestId>, PortError>;
    /// The glass that was broken with that request.
    async fn glass(&self, request: &RequestId) -> Result<Option<Glass>, PortError>;
    /// Those that nobody has reviewed, the oldest first, at most `most`.
    async fn unreviewed(&self, most: u32) -> Result<Vec<Glass>, PortError>;
}

/// Which glass is broken, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Breaking<'a> {
    /// For that request.
    pub of: &'a RequestId,
    /// For that plan of it.
    pub digest: &'a Digest,
    /// Why.
    pub reason: &'a str,
    /// Until when the run must have begun.
    pub until: Millis,
}

/// Acting on it.
#[async_trait]
pub trait GlassAct: Send + Sync {
    /// Breaks it: that request waits for nobody any more. Twice is once. `Refused`: it does not wait, or for another
    /// plan.
    async fn break_glass(
        &self,
        request: &RequestId,
        what: &Breaking<'_>,
        by: &StaffId,
        at: Millis,
    ) -> Result<(), PortError>;
    /// Keeps a review, the first one only.
    async fn review_glass(&self, request: &RequestId, review: &GlassReview) -> Result<(), PortError>;
}
