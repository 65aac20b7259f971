//! What is kept of a secret that was seen.
//!
//! It never holds the secret. Invariant: a finding may be logged, stored and shown as it is.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use super::fingerprint::Fingerprint;
use super::rules::RuleName;

/// Body characters that a safe prefix may show: the documented length of a key prefix.
pub const SAFE_BODY_CHARS: usize = 8;

/// How sure a rule is. The surer come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The secret says itself what it is: by a prefix, a frame or its own structure.
    Named,
    /// What stands beside it says what it is.
    Contextual,
    /// It only looks generated. Nothing is refused or removed for it: its author is asked.
    Entropy,
}

/// One secret seen in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule saw it.
    pub rule: RuleName,
    /// How sure that rule is.
    pub confidence: Confidence,
    /// Where it is, in bytes of the text that was given.
    pub span: Range<usize>,
    /// What may be shown of it.
    pub prefix: SafePrefix,
    /// The same secret has the same fingerprint, however it was wrapped.
    pub fingerprint: Fingerprint,
}

impl Finding {
    /// What stands in the text instead of the secret.
    #[must_use]
    pub fn mark(&self) -> String {
        if self.prefix.is_empty() {
            format!("[redacted: {}]", self.rule.kind())
        } else {
            format!("{}…[redacted]", self.prefix)
        }
    }
}

/// The known prefix of a key and at most eight characters of its body, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SafePrefix(String);

impl SafePrefix {
    /// The text of the prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing of the secret may be shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Never more than half of the body, so that a short key is not shown nearly whole.
    pub(in crate::guard) fn of(known: &str, body: &str) -> Self {
        let shown = body.chars().filter(char::is_ascii_graphic).take(SAFE_BODY_CHARS.min(body.len() / 2));
        Self(known.chars().chain(shown).collect())
    }
}

impl fmt::Display for SafePrefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The finding for a text that could not be judged: too large, too tangled, or not readable.
pub(in crate::guard) fn unjudged(rule: RuleName, len: usize, fingerprint: Fingerprint) -> Finding {
    Finding { rule, confidence: rule.confidence(), span: 0..len, prefix: SafePrefix::default(), fingerprint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_safe_prefix_shows_at_most_eight_and_at_most_half() {
        assert_eq!(SafePrefix::of("k_", "abcdefghijklmnopqrst").as_str(), "k_abcdefgh");
        assert_eq!(SafePrefix::of("k_", "abcdefghij").as_str(), "k_abcde");
    }
}
