//! The audit trail as it is proved and asked about: its head, which rows are meant, and a row as it is told.
//!
//! Invariant: what a head is written as, it is read from; also inside a sentence, a log line or a chat message.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Email, OrgSlug, RequestId, StaffId, Ticket};
use super::time::Millis;

/// Digits of a hash in hex.
const HASH_DIGITS: usize = 64;

/// Where the trail ended at some time: published outside, it proves later that nothing before it was rewritten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailHead {
    /// When that was said; `None` where it is not known.
    pub at: Option<Millis>,
    /// The last row's number; 0: there was none.
    pub seq: i64,
    /// Its hash in hex.
    pub hash: String,
}

impl TrailHead {
    /// The head that a line names: a number, and after it a hash; a time where one stands in it. `None` when there is
    /// none.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let mut seq = None;
        for word in line.split(|c: char| !c.is_ascii_alphanumeric()) {
            if word.len() == HASH_DIGITS && word.bytes().all(|b| b.is_ascii_hexdigit()) {
                let at = line.split_whitespace().find_map(Millis::from_rfc3339);
                return Some(Self { at, seq: seq?, hash: word.to_ascii_lowercase() });
            }
            if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
                seq = word.parse().ok();
            }
        }
        None
    }
}

/// As it is published: time, number, hash.
impl fmt::Display for TrailHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(f, "{} ", at.to_rfc3339())?;
        }
        write!(f, "{} {}", self.seq, self.hash)
    }
}

/// Which rows of the trail are meant: those to which everything that is given applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrailFilter {
    /// From then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
    /// Until before then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// Of requests for that ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// Of that case: the requests that opened it and noted in it, and those for its customer and ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<RequestId>,
    /// Of requests about that user of a customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Email>,
    /// Of requests about that organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgSlug>,
    /// Of that action, also where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// By that person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<StaffId>,
}

/// Whose details are erased from the trail: those of rows that belong to requests about that user in that organization,
/// and of rows that name the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasing {
    /// The organization.
    pub org: OrgSlug,
    /// The user.
    pub user: Email,
    /// Rows that were there by then.
    pub until: Millis,
    /// Rows of that request stay: it is the one that erases.
    pub but: RequestId,
}

/// One row as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailRow {
    /// Its number, from 1.
    pub seq: i64,
    /// When it happened.
    pub at: Millis,
    /// Who did it; `None`: the bot, or somebody unknown.
    pub staff: Option<String>,
    /// What was done.
    pub action: String,
    /// For which request.
    pub request: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// The details as JSON; `None` when they were erased.
    pub details: Option<String>,
    /// Who erased the details, and when.
    pub erased: Option<(String, Millis)>,
    /// The request's ticket.
    pub ticket: Option<String>,
    /// The request's organization.
    pub org: Option<String>,
    /// Whether the request was a dry run.
    pub dry_run: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash() -> String {
        "0aF".repeat(21) + "9"
    }

    #[test]
    fn a_head_is_read_where_it_stands() {
        let hash = hash();
        let lower = hash.to_lowercase();
        let at = Millis::from_rfc3339("2026-11-29T23:00:00Z");
        for (line, at) in [
            (format!("2026-11-29T23:00:00Z 12 {hash}"), at),
            (format!("12 {hash}"), None),
            (format!("The audit trail ends at row 12: `{hash}`."), None),
            (format!("INFO audit.row=12 audit.head=\"{hash}\" the audit trail ends here"), None),
            (format!("{{\"audit.row\":12,\"audit.head\":\"{hash}\"}}"), None),
        ] {
            let want = TrailHead { at, seq: 12, hash: lower.clone() };
            assert_eq!(TrailHead::read(&line).as_ref(), Some(&want), "{line}");
            assert_eq!(TrailHead::read(&want.to_string()), Some(want), "{line}");
        }
        for line in ["", "12", &hash, &format!("row {hash}"), &format!("12 {}", &hash[1..]), &format!("12 {hash}0")] {
            assert_eq!(TrailHead::read(line), None, "{line}");
        }
    }
}
