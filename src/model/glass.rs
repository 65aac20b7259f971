//! Break-glass: one request that runs without the agreement that it needs, and what is said of that afterwards.

use super::ids::{RequestId, StaffId};
use super::plan::Digest;
use super::time::Millis;

/// The glass was broken for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glass {
    /// The request that broke it: its reference.
    pub request: RequestId,
    /// The request that may run.
    pub of: RequestId,
    /// Who broke it: the requester of both.
    pub staff: StaffId,
    /// The plan that it was broken for.
    pub digest: Digest,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Millis,
    /// Until when the run must have begun.
    pub until: Millis,
    /// What somebody else said of it afterwards.
    pub review: Option<GlassReview>,
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlassReview {
    /// Whose.
    pub by: StaffId,
    /// When.
    pub at: Millis,
    /// Whether it was right to break it.
    pub justified: bool,
    /// In words.
    pub says: String,
}

/// A request that may wait for agreement, as far as break-glass asks about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Who asked.
    pub requester: StaffId,
    /// The action.
    pub action: String,
    /// Its plan in one line, without personal details.
    pub outline: String,
    /// Its digest.
    pub digest: Digest,
    /// Whether it waits for agreement now.
    pub asking: bool,
    /// Whether its plan names who alone may agree.
    pub named: bool,
    /// Its ticket.
    pub ticket: Option<String>,
}
