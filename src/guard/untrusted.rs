//! Text from outside, before the guard has seen it.
//!
//! It can be measured and moved, never printed, serialised or compared with a pattern.
//! Invariant: the text leaves only through a gate of [`Guard`](super::Guard).

use std::fmt;

use serde::Deserialize;

/// Text from outside. `Debug` and `Display` show its length only.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Untrusted(String);

impl Untrusted {
    /// Takes text as it arrived.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// How many characters the text has.
    #[must_use]
    pub fn chars_len(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Undoes what a platform did to the text (escaping, wrappers). The result is as untrusted as before.
    #[must_use]
    pub fn map_lossless(self, undo: impl FnOnce(String) -> String) -> Self {
        Self(undo(self.0))
    }

    pub(in crate::guard) fn into_text(self) -> String {
        self.0
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Untrusted({} bytes)", self.0.len())
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "[untrusted text, {} bytes]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_only_its_length() {
        let text = Untrusted::from("hush now");
        assert_eq!(format!("{text:?} {text}"), "Untrusted(8 bytes) [untrusted text, 8 bytes]");
        assert_eq!(Untrusted::new("äö").chars_len(), 2);
    }

    #[test]
    fn reads_as_a_plain_string_and_undoes_escaping() {
        let text: Untrusted = serde_json::from_str("\"a &amp; b\"").unwrap();
        assert_eq!(text.map_lossless(|t| t.replace("&amp;", "&")), Untrusted::from("a & b"));
        assert!(Untrusted::default().is_empty());
    }
}
