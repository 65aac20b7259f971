//! Sealing: what must be kept but not read, encrypted under the operator's key (ChaCha20-Poly1305).
//!
//! Invariant: a sealed value opens only in the place that it was sealed for; the place is authenticated with it.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use super::error::StoreError;

/// The key that seals response handles. Its content is never shown.
#[derive(Clone)]
pub struct SealKey(LessSafeKey);

impl SealKey {
    /// A key of 32 random bytes.
    ///
    /// # Panics
    /// Never: the algorithm's keys have 32 bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).expect("the algorithm's keys have 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// Seals `text` for `place`: a random nonce, then the ciphertext with its tag.
    pub(super) fn seal(&self, place: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| StoreError::Seal)?;
        let mut sealed = text.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed)
            .map_err(|_| StoreError::Seal)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for `place`; `None` when it was sealed for another, with another key, or was changed.
    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let text = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut body).ok()?;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_where_it_was_sealed() {
        let key = SealKey::new([7; 32]);
        let sealed = key.seal("here", "a handle").expect("sealed");
        assert_eq!(key.open("here", &sealed).as_deref(), Some("a handle"));
        assert_eq!(key.open("there", &sealed), None);
        assert_eq!(SealKey::new([8; 32]).open("here", &sealed), None);
        assert_ne!(key.seal("here", "a handle").expect("sealed"), sealed);
        for end in 0..sealed.len() {
            assert_eq!(key.open("here", &sealed[..end]), None);
        }
    }
}
