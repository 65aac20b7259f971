//! The system's clock and random numbers, behind the ports. Stories bring their own instead.
//!
//! Invariant: ids and salts come from the system's secure source; nothing falls back to a guessable one.

use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};

use crate::model::{Millis, RequestId};
use crate::ports::{Clock, Ids};

/// What ids are written with: no vowels, so that none spells a word, and no `l`, `0` or `1`, which are mixed up.
const ALPHABET: &[u8] = b"23456789bcdfghjkmnpqrstvwxyz";
/// Characters of a request id: 28^8 are 4·10^11, so that nobody guesses one while it is open.
const REQUEST_CHARS: usize = 8;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The system's secure random numbers.
#[derive(Clone, Debug)]
pub struct SystemIds(SystemRandom);

impl SystemIds {
    /// Ids from the system's source.
    #[must_use]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes).expect("the system's random source does not fail once the system has started");
        bytes
    }

    /// A number in `0..below` without a preference for any.
    fn below(&self, below: u64) -> u64 {
        if below == 0 {
            return 0;
        }
        let fair = u64::MAX - u64::MAX % below;
        loop {
            let number = u64::from_le_bytes(self.bytes());
            if number < fair {
                return number % below;
            }
        }
    }
}

impl Default for SystemIds {
    fn default() -> Self {
        Self::new()
    }
}

impl Ids for SystemIds {
    fn request(&self) -> RequestId {
        let letters = ALPHABET.len() as u64;
        let letter = |_| {
            let index = usize::try_from(self.below(letters)).unwrap_or_default();
            char::from(ALPHABET.get(index).copied().unwrap_or(b'x'))
        };
        let id: String = (0..REQUEST_CHARS).map(letter).collect();
        format!("rq-{id}").parse().expect("letters, digits and a dash are an id")
    }

    fn salt(&self) -> [u8; 16] {
        self.bytes()
    }

    fn jitter(&self, below: u64) -> u64 {
        self.below(below)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_can_be_read_out_and_do_not_repeat() {
        let ids = SystemIds::new();
        let many: BTreeSet<String> = (0..500).map(|_| ids.request().to_string()).collect();
        assert_eq!(many.len(), 500);
        for id in &many {
            let rest = id.strip_prefix("rq-").expect("the prefix");
            assert_eq!(rest.len(), REQUEST_CHARS);
            assert!(rest.bytes().all(|b| ALPHABET.contains(&b)), "{id}");
        }
        assert_ne!(ids.salt(), ids.salt());
    }

    #[test]
    fn jitter_stays_below() {
        let ids = SystemIds::new();
        assert_eq!(ids.jitter(0), 0);
        assert_eq!(ids.jitter(1), 0);
        let seen: BTreeSet<u64> = (0..300).map(|_| ids.jitter(3)).collect();
        assert_eq!(seen, BTreeSet::from([0, 1, 2]));
    }

    #[test]
    fn the_clock_is_of_this_century() {
        assert!(SystemClock.now() > Millis::from_rfc3339("2025-01-01T00:00:00Z").expect("a time"));
    }
}
