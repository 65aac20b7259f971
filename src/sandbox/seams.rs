//! The bot's clock, ids and outside in the sandbox: the dial, and a seeded sequence, so that stories repeat exactly; and
//! the receivers instead of the internet.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::model::{Millis, RequestId};
use crate::ports::{Clock, Ids, Outside};

use super::dial::Dial;
use super::receivers::Receivers;

/// Letters and digits that cannot be mistaken for each other, without vowels, so that no word appears.
const ALPHABET: &[u8; 24] = b"23456789bcdfghjkmnpqrstv";
/// How many of them make an id.
const LENGTH: usize = 8;

/// The dial as the bot's clock.
pub struct DialClock(pub Dial);

impl Clock for DialClock {
    fn now(&self) -> Millis {
        Millis(self.0.now_ms())
    }
}

/// The receivers as the bot's outside.
pub struct Around(pub Arc<Receivers>);

#[async_trait]
impl Outside for Around {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.addresses(host))
    }

    fn door(&self, judged: SocketAddr) -> SocketAddr {
        self.0.door(judged)
    }

    fn issuers(&self) -> Option<Vec<Vec<u8>>> {
        Some(vec![self.0.issuer()])
    }
}

/// A seeded sequence of ids (SplitMix64: small, and its quality does not matter here).
pub struct SeededIds(Mutex<u64>);

impl SeededIds {
    /// The sequence of that seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Ids for SeededIds {
    fn request(&self) -> RequestId {
        let mut left = self.next();
        let mut id = String::from("rq-");
        for _ in 0..LENGTH {
            let at = usize::try_from(left % 24).unwrap_or(0);
            id.push(char::from(ALPHABET[at]));
            left /= 24;
        }
        id.parse().expect("letters, digits and a dash make an id")
    }

    fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.next().to_be_bytes());
        salt[8..].copy_from_slice(&self.next().to_be_bytes());
        salt
    }

    fn jitter(&self, below: u64) -> u64 {
        if below == 0 { 0 } else { self.next() % below }
    }
}
