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

struct Wiped(String);

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
    fn shows_nothing() {
        let secret = Secret::new("correct horse");
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(secret.clone().expose(), "correct horse");
    }
}
