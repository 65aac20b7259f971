//! What a rule is: a row of the table, and a name with its words for people.
//!
//! It decides nothing; the checks do. Invariant: two names are equal when their texts are.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use super::checks::Check;
use super::finding::Confidence;
use super::table;

/// A rule's name, as it is stored and shown, with its words for people.
#[derive(Clone, Copy)]
pub struct RuleName {
    name: &'static str,
    kind: &'static str,
    rotation: &'static str,
    confidence: Confidence,
}

/// A credential of the bot itself was seen.
pub const OWN_SECRET: RuleName = named("own-secret", "credential of this bot")
    .rotate("Rotate this credential at its service and give the bot the new one.");
/// A text is larger than the guard reads.
pub const TOO_LARGE: RuleName = named("too-large", "text too large to check").rotate("Send less text at once.");
/// A text would take too long to read.
pub const TOO_SLOW: RuleName =
    named("too-slow", "text too tangled to check").rotate("Send the text without repeated or nested encoding.");
/// A value could not be turned into text to be read.
pub const UNREADABLE: RuleName =
    named("unreadable", "value that could not be checked").rotate("Report this to the maintainers of the bot.");
/// A text holds more secrets than are told apart; this is the rest of it.
pub const TOO_MANY: RuleName = named("too-many", "text with too many secrets")
    .rotate("Rotate every secret of this text, and send less text at once.");
/// A run of characters looks generated, and nothing says what it is.
pub const UNKNOWN: RuleName = named("unknown", "value that looks generated")
    .rotate("If it is a secret, rotate it where it was issued; if it is none, say so.")
    .sure(Confidence::Entropy);

/// The name of the row for keys of test projects, which are allowed unless the operator says otherwise.
pub(super) const TEST_KEY: &str = "test-key";

/// Names that stand for no row.
const APART: [RuleName; 6] = [OWN_SECRET, TOO_LARGE, TOO_SLOW, UNREADABLE, TOO_MANY, UNKNOWN];

pub(super) const fn named(name: &'static str, kind: &'static str) -> RuleName {
    RuleName { name, kind, rotation: "Rotate this secret.", confidence: Confidence::Named }
}

impl RuleName {
    pub(super) const fn rotate(mut self, rotation: &'static str) -> Self {
        self.rotation = rotation;
        self
    }

    pub(super) const fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// The name of a row or of one of the names apart; `None` for any other text.
    #[must_use]
    pub fn known(name: &str) -> Option<Self> {
        let rows = rows().iter().map(|rule| rule.name);
        rows.chain(APART).find(|known| known.name == name)
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.name
    }

    /// What kind of secret it is, in words for people.
    #[must_use]
    pub fn kind(self) -> &'static str {
        self.kind
    }

    /// The rotation step to take, as one sentence.
    #[must_use]
    pub fn rotation(self) -> &'static str {
        self.rotation
    }

    /// How sure the rule is.
    #[must_use]
    pub fn confidence(self) -> Confidence {
        self.confidence
    }
}

impl PartialEq for RuleName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RuleName {}

impl PartialOrd for RuleName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RuleName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for RuleName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for RuleName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Debug for RuleName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RuleName({self})")
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// One kind of secret. Rows that stand higher win where two see the same bytes.
#[derive(Debug)]
pub struct Rule {
    /// Its name, with its words for people.
    pub name: RuleName,
    /// Literals without which there is none; found without regard to case.
    pub anchors: &'static [&'static str],
    /// Makes a text in which it must be found.
    pub example: fn() -> String,
    /// Makes a text in which nothing must be found.
    pub lookalike: fn() -> String,
    pub(super) check: Check,
    /// Whether the anchor and the beginning of the body may be shown. Such an anchor also ends the body before it.
    pub(super) named: bool,
    /// Whether it is also looked for inside base64 and hexadecimal text.
    pub(super) encoded: bool,
    /// Whether its anchor may stand inside its own body.
    pub(super) nests: bool,
    /// A first look at an anchor of one byte, which is too common to be checked each time.
    pub(super) peek: Option<fn(&[u8], usize) -> bool>,
}

/// All rows that are always looked for.
#[must_use]
pub fn rules() -> &'static [Rule] {
    table::RULES.split_last().map_or(&[], |(_, always)| always)
}

/// All rows: the last is the one for keys of test projects.
pub(super) fn rows() -> &'static [Rule] {
    table::RULES
}

pub(super) const fn row(
    name: &'static str,
    kind: &'static str,
    anchors: &'static [&'static str],
    check: Check,
) -> Rule {
    Rule {
        name: named(name, kind),
        anchors,
        example: String::new,
        lookalike: String::new,
        check,
        named: false,
        encoded: false,
        nests: false,
        peek: None,
    }
}

impl Rule {
    pub(super) const fn named(mut self) -> Self {
        self.named = true;
        self.encoded = true;
        self
    }

    pub(super) const fn encoded(mut self) -> Self {
        self.encoded = true;
        self
    }

    pub(super) const fn peek(mut self, peek: fn(&[u8], usize) -> bool) -> Self {
        self.peek = Some(peek);
        self
    }

    pub(super) const fn nests(mut self) -> Self {
        self.nests = true;
        self
    }

    /// What stands beside it says what it is.
    pub(super) const fn contextual(mut self) -> Self {
        self.name = self.name.sure(Confidence::Contextual);
        self
    }

    pub(super) const fn rotate(mut self, advice: &'static str) -> Self {
        self.name = self.name.rotate(advice);
        self
    }

    pub(super) const fn shown(mut self, example: fn() -> String, lookalike: fn() -> String) -> Self {
        self.example = example;
        self.lookalike = lookalike;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_filled_in_and_named_once() {
        for (index, rule) in rules().iter().enumerate() {
            assert!(rule.name.rotation().ends_with('.') && !rule.name.kind().is_empty(), "{}", rule.name);
            assert!(!rule.anchors.is_empty(), "{}", rule.name);
            assert!(rules().iter().skip(index + 1).all(|other| other.name != rule.name), "{}", rule.name);
            assert_eq!(RuleName::known(rule.name.as_str()), Some(rule.name));
        }
        assert_eq!(RuleName::known("own-secret").map(RuleName::kind), Some("credential of this bot"));
        assert_eq!(RuleName::known("unheard-of"), None);
    }
}
