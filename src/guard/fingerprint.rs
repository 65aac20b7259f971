//! Keyed fingerprints: the same secret seen twice is one leak, and nobody can guess it back.
//!
//! It never gives out a plain hash. Invariant: without the installation's key a fingerprint says nothing.

use std::fmt;
use std::str::FromStr;

use ring::hmac;
use serde::{Serialize, Serializer};

/// Bytes kept of the HMAC: enough that two leaks of one installation never meet by chance.
const FINGERPRINT_BYTES: usize = 16;

/// The installation's key, made at first start and kept in its secret store.
#[derive(Clone)]
pub struct FingerprintKey(hmac::Key);

impl FingerprintKey {
    /// Takes the key's bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
    }

    pub(in crate::guard) fn fingerprint(&self, value: &[u8]) -> Fingerprint {
        let tag = hmac::sign(&self.0, value);
        let mut kept = [0; FINGERPRINT_BYTES];
        for (to, from) in kept.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        Fingerprint(kept)
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("FingerprintKey(hidden)")
    }
}

/// HMAC-SHA256 of a secret under the installation's key, cut to 16 bytes. Shown in hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; FINGERPRINT_BYTES]);

impl Fingerprint {
    /// The bytes, for storing.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; FINGERPRINT_BYTES] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// A text that is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is no fingerprint.")]
pub struct NoFingerprint;

/// Reads the hex form back, as rows keep it.
impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        if text.len() != 2 * FINGERPRINT_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoFingerprint);
        }
        let mut bytes = [0; FINGERPRINT_BYTES];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or(NoFingerprint)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NoFingerprint)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depends_on_the_key_and_the_value() {
        let one = FingerprintKey::new([1; 32]);
        let two = FingerprintKey::new([2; 32]);
        assert_eq!(one.fingerprint(b"a"), one.fingerprint(b"a"));
        assert_ne!(one.fingerprint(b"a"), one.fingerprint(b"b"));
        assert_ne!(one.fingerprint(b"a"), two.fingerprint(b"a"));
        assert_eq!(one.fingerprint(b"a").to_string().len(), 32);
        assert_eq!(format!("{one:?}"), "FingerprintKey(hidden)");
        let print = one.fingerprint(b"a");
        assert_eq!(print.to_string().parse(), Ok(print));
        for bad in ["", "00", "zz00ff00ff00ff00ff00ff00ff00ff00", "äöü0ff00ff00ff00ff00ff00ff00ff"] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(NoFingerprint), "{bad}");
        }
    }
}
