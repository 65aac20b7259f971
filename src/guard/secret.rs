//! A credential that the bot was configured with.
//!
//! It is never printed, serialised or compared. Invariant: `expose` is the only way to the text,
//! and the last copy overwrites it when it is dropped.

use std::fmt;
use std::hint::black_box;
use std::mem;
use std::sync::Arc;

/// A configured credential. Clones share one copy of the text.
#[derive(Clone)]
pub struct Secret(Arc<Wiped>);

/// Text that is overwritten when it is dropped.
pub(super) struct Wiped(String);

impl Wiped {
    /// The pieces, one after the other, in memory that is never moved while they are added.
    pub(super) fn joined<'a>(pieces: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut text = String::with_capacity(pieces.clone().map(str::len).sum());
        text.extend(pieces);
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Secret {
    /// Takes a credential.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Wiped(text.into())))
    }

    /// The credential itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(hidden)")
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        // Without this the writes to memory that nobody reads again could be left out.
        black_box(&bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_pieces() {
        assert_eq!(Wiped::joined(["a", "", "bc"].into_iter()).as_str(), "abc");
    }

    #[test]
    fn shows_nothing() {
        let secret = Secret::new("correct horse");
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(secret.clone().expose(), "correct horse");
    }
}
