//! A leak: one secret that was seen in chat, wherever and however often. Never the secret itself.
//!
//! Invariant: a case stands for one keyed fingerprint, and all of its texts may be shown.

use serde::{Deserialize, Serialize};

use crate::guard::Fingerprint;

use super::ids::{BadId, RequestId};
use super::time::Millis;

/// Hex digits of the fingerprint that make a case's id: 48 bits, so that ten thousand cases do not meet by chance.
const ID_DIGITS: usize = 12;

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakState {
    /// Nobody has said that the secret is being replaced.
    Open,
    /// Somebody is replacing it.
    Rotating,
    /// It was replaced.
    Closed,
}

impl LeakState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Rotating, Self::Closed];

    /// The word that rows, options and people use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Rotating => "rotating",
            Self::Closed => "closed",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyOwner {
    /// The organization's slug.
    pub org: String,
    /// The project's slug.
    pub project: String,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leak {
    /// Its id for people, which is also its reference in the audit trail.
    pub id: RequestId,
    /// What makes it the same secret.
    pub fingerprint: Fingerprint,
    /// The rule that saw it first.
    pub rule: String,
    /// The kind of secret, in words.
    pub kind: String,
    /// What may be shown of it; may be empty.
    pub prefix: String,
    /// Where the case stands.
    pub state: LeakState,
    /// When it was first seen.
    pub first_seen: Millis,
    /// When it was last seen.
    pub last_seen: Millis,
    /// In how many messages it was seen.
    pub seen: u32,
    /// Whose it is, where that was found out.
    pub owner: Option<KeyOwner>,
    /// How the case ended, or why it does not go on; a sentence, or empty.
    pub outcome: String,
}

impl Leak {
    /// The case's id for that secret.
    ///
    /// # Errors
    /// Never: hex digits make an id.
    pub fn id_of(fingerprint: &Fingerprint) -> Result<RequestId, BadId> {
        let hex = fingerprint.to_string();
        format!("LK-{}", hex.get(..ID_DIGITS).unwrap_or(&hex)).parse()
    }

    /// In how many messages it was seen, as words.
    #[must_use]
    pub fn where_seen(&self) -> String {
        format!("in {} message{}", self.seen, if self.seen == 1 { "" } else { "s" })
    }

    /// The kind with what may be shown of it: `project secret key sk_live_abcd1234…`.
    #[must_use]
    pub fn named(&self) -> String {
        if self.prefix.is_empty() { self.kind.clone() } else { format!("{} {}…", self.kind, self.prefix) }
    }
}

/// How many cases there are of one kind in one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeakCount {
    /// The kind of secret, in words.
    pub kind: String,
    /// Where the cases stand.
    pub state: LeakState,
    /// How many there are.
    pub cases: u32,
    /// How many of them were seen since the beginning of the count.
    pub recent: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_named_after_its_fingerprint() {
        let fingerprint: Fingerprint = "00ff00ff00ff00ff00ff00ff00ff00ff".parse().expect("a fingerprint");
        assert_eq!(Leak::id_of(&fingerprint).expect("an id").as_str(), "LK-00ff00ff00ff");
        assert_eq!(LeakState::named("rotating"), Some(LeakState::Rotating));
        assert_eq!(LeakState::named("lost"), None);
    }
}
