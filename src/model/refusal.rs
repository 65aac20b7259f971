//! Refusals: a no that says what, why and what to do next. The reference is added where it is sent.

use serde::{Deserialize, Serialize};

/// The kind of a refusal: what is counted and audited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The input held a raw secret.
    Secret,
    /// The chat account belongs to no member of staff.
    UnknownPerson,
    /// The account is of another team, a guest or a bot.
    Outsider,
    /// No such action, option or control.
    Unknown,
    /// The input could not be read.
    BadInput,
    /// The person's roles do not allow it.
    Role,
    /// It may not be asked in this place.
    Place,
    /// The requester tried to agree to their own request.
    OwnRequest,
    /// Too many open requests, or too much input.
    Limit,
    /// The preview or the request is no longer the current one.
    Superseded,
    /// It lapsed.
    Expired,
    /// It is already done, or being done.
    Already,
    /// The action cannot be offered here (console mode says more).
    Unavailable,
}

/// A no, in sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The kind.
    pub code: RefusalCode,
    /// What was refused.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do next.
    pub next: String,
}

impl Refusal {
    /// A refusal of that kind, with its three sentences.
    #[must_use]
    pub fn new(code: RefusalCode, what: impl Into<String>, why: impl Into<String>, next: impl Into<String>) -> Self {
        Self { code, what: what.into(), why: why.into(), next: next.into() }
    }
}
