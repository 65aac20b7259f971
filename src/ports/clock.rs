//! Time and ids as ports, so that stories repeat exactly.

use crate::model::{Millis, RequestId};

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Millis;
}

/// Where ids and randomness come from.
pub trait Ids: Send + Sync {
    /// A new request id: short enough to be read out, and not guessable in practice.
    fn request(&self) -> RequestId;
    /// 16 random bytes, for salts and nonces.
    fn salt(&self) -> [u8; 16];
    /// A number in `0..below`, for jitter; 0 when `below` is 0.
    fn jitter(&self, below: u64) -> u64;
}
