//! A credential that the bot was configured with, or a key on its way through.
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

/// Bytes in which a secret arrives: they are read once, and overwritten when they are dropped. They are never moved
/// while more are added, so that no copy stays behind.
pub struct Arriving(Vec<u8>);

impl Arriving {
    /// Room for that many bytes, and no more.
    #[must_use]
    pub fn with_room(most: usize) -> Self {
        Self(Vec::with_capacity(most))
    }

    /// Takes more bytes; false when there is no room for them.
    #[must_use]
    pub fn take(&mut self, bytes: &[u8]) -> bool {
        let fits = self.0.len() + bytes.len() <= self.0.capacity();
        if fits {
            self.0.extend_from_slice(bytes);
        }
        fits
    }

    /// The bytes, for the one reading that takes the secret out of them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        wipe(&mut self.0);
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
        wipe(&mut mem::take(&mut self.0).into_bytes());
    }
}

fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    // Without this the writes to memory that nobody reads again could be left out.
    black_box(&bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_pieces() {
        assert_eq!(Wiped::joined(["a", "", "bc"].into_iter()).as_str(), "abc");
    }

    #[test]
    fn takes_what_fits_and_nothing_else() {
        let mut bytes = Arriving::with_room(8);
        let room = bytes.0.capacity();
        assert!(bytes.take(b"correct"));
        assert!(!bytes.take(&vec![b'x'; room]));
        assert_eq!(bytes.expose(), b"correct");
        wipe(&mut bytes.0);
        assert_eq!(bytes.expose(), [0; 7]);
    }

    #[test]
    fn shows_nothing() {
        let secret = Secret::new("correct horse");
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(secret.clone().expose(), "correct horse");
    }
}
