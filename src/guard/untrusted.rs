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

    /// The texts one after another, with `between` between them. The result is as untrusted as before.
    #[must_use]
    pub fn joined(texts: &[Self], between: &str) -> Self {
        Self(texts.iter().map(|text| text.0.as_str()).collect::<Vec<_>>().join(between))
    }

    /// The text in pieces of at most `most` bytes, cut after a line where one ends in the second half. Each piece
    /// begins with the last `again` bytes of the one before, so that nothing is hidden by a cut.
    #[must_use]
    pub fn pieces(&self, most: usize, again: usize) -> Vec<Self> {
        let (text, most) = (self.0.as_str(), most.max(8));
        let (mut pieces, mut from) = (Vec::new(), 0);
        while from < text.len() {
            let limit = text.floor_char_boundary(from.saturating_add(most));
            let line = text.get(from..limit).and_then(|piece| piece.rfind('\n')).filter(|at| *at >= most / 2);
            let to = if limit == text.len() { limit } else { line.map_or(limit, |at| from + at + 1) };
            pieces.push(Self(text.get(from..to).unwrap_or_default().to_owned()));
            if to == text.len() {
                break;
            }
            from = text.floor_char_boundary(to.saturating_sub(again.min(most / 4)));
        }
        pieces
    }

    pub(in crate::guard) fn as_text(&self) -> &str {
        &self.0
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

    #[test]
    fn is_joined_and_cut_into_pieces_that_overlap() {
        let both = Untrusted::joined(&["a".into(), "b".into()], " ");
        assert_eq!(both, Untrusted::from("a b"));
        let long: String = (0..100).map(|line| format!("line {line} äö\n")).collect();
        let pieces = Untrusted::from(long.as_str()).pieces(64, 10);
        assert!(pieces.len() > 10 && pieces.iter().all(|piece| piece.0.len() <= 64));
        for at in (0..long.len()).filter(|at| long.is_char_boundary(*at) && long.is_char_boundary(at + 8)) {
            let part = &long[at..(at + 8).min(long.len())];
            assert!(pieces.iter().any(|piece| piece.0.contains(part)), "{part}");
            if at + 9 > long.len() {
                break;
            }
        }
        assert_eq!(Untrusted::default().pieces(64, 10), []);
        assert_eq!(Untrusted::from("short").pieces(64, 10), [Untrusted::from("short")]);
    }
}
