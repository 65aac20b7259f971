//! What was found out: audit-log entries kept as evidence, and the verdict of a verification.

use serde::{Deserialize, Serialize};

use super::ids::{RequestId, StaffId};
use super::message::Block;
use super::plan::Step;
use super::time::Millis;

/// One entry of an outside audit log that belongs to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// `seqn` or `authentik`.
    pub source: String,
    /// The entry's id there.
    pub id: String,
    /// When it happened.
    pub at: Millis,
    /// What happened, in that log's words.
    pub action: String,
    /// True when it came after we acted.
    pub after: bool,
    /// Why it is suspicious; empty when it is not.
    pub suspicion: String,
}

/// An entry of an outside audit log, and the request that it is linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The entry.
    pub entry: Evidence,
    /// The request.
    pub request: RequestId,
    /// What was asked with it.
    pub action: String,
    /// By whom.
    pub staff: StaffId,
    /// For which ticket.
    pub ticket: Option<String>,
    /// About which organization.
    pub org: Option<String>,
}

/// What reading back said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "result", content = "why")]
pub enum CheckResult {
    /// It is as planned.
    Confirmed,
    /// It is not as planned, and how.
    NotConfirmed(String),
    /// It could not be read, and why.
    CouldNotLook(String),
}

/// One thing that was read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at.
    pub what: String,
    /// What was seen.
    pub result: CheckResult,
}

/// The verdict after acting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Each thing that was read back.
    pub checks: Vec<Check>,
    /// What it means, for the operator.
    pub conclusion: Vec<Block>,
    /// What was kept of outside logs.
    pub evidence: Vec<Evidence>,
    /// True while the far side is still at it: it is read back again in a while.
    #[serde(default)]
    pub later: bool,
    /// What the public line says besides how it ended; without personal details, and mostly empty.
    #[serde(default)]
    pub remark: String,
    /// Steps that a further pass must do: what appeared meanwhile within an approved predicate.
    pub again: Vec<Step>,
}

impl Verdict {
    /// True when everything was confirmed.
    #[must_use]
    pub fn confirmed(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|c| c.result == CheckResult::Confirmed)
    }
}
