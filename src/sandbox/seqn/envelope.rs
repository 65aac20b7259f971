//! The shapes in which SEQN may say that something went wrong.
//!
//! The documentation leaves the shape open, so a client must read them all. Invariant: the status is the
//! same in every shape.

use serde_json::json;

use crate::sandbox::world::Refused;
use crate::sandbox::world::door::Answer;

/// The shape of an error body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Envelope {
    /// `{"error": {"code", "message", "requestId"}}`.
    #[default]
    Nested,
    /// `{"error": "<code>", "message"}`.
    Flat,
    /// `{"code", "message"}`.
    TopLevel,
    /// No body at all.
    Bare,
}

impl Envelope {
    pub(super) fn answer(self, refused: &Refused, request_id: &str) -> Answer {
        let Refused { status, code, message } = refused;
        let body = match self {
            Self::Nested => json!({ "error": { "code": code, "message": message, "requestId": request_id } }),
            Self::Flat => json!({ "error": code, "message": message }),
            Self::TopLevel => json!({ "code": code, "message": message }),
            Self::Bare => return Answer::bare(*status),
        };
        Answer::json(*status, &body)
    }
}
