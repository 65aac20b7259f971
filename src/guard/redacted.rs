//! What the guard has passed.
//!
//! It cannot be deserialised and has no public constructor but for the words of our own source.
//! Invariant: outside this folder, a `Redacted<T>` comes from a gate of [`Guard`](super::Guard).

use std::fmt;
use std::ops::Deref;

use serde::Serialize;

/// A value that holds no secret the guard knows of. Only [`Guard`](super::Guard) makes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    pub(in crate::guard) fn seal(value: T) -> Self {
        Self(value)
    }

    /// Gives the value up. What is done to it afterwards is the caller's word, no longer the guard's.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl Redacted<String> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Words of our own source, which need no gate.
    #[must_use]
    pub fn from_static(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

impl<T> Deref for Redacted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display> fmt::Display for Redacted<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_transparent() {
        let text = Redacted::from_static("case opened");
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"case opened\"");
        assert_eq!(text.to_string(), "case opened");
        assert_eq!(text.len(), text.as_str().len());
        assert_eq!(Redacted::seal(7_u8).into_inner(), 7);
    }
}
