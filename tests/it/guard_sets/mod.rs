//! Generated texts with secrets, with what only looks like secrets, and without either.
//!
//! Everything is made from seeds when it is asked for, so that no file holds what looks like a live key.
//! Invariant: the same seed gives the same text.

pub mod disguise;
pub mod harmless;
pub mod secrets;

use seqn_chatops::guard::{FingerprintKey, Guard};

pub const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
pub const HEX: &str = "0123456789abcdef";
pub const DIGITS: &str = "123456789";
pub const UPPER: &str = "ABCDEFGHJKMNPQRSTVWXYZ0123456789";

/// A guard without settings and credentials.
pub fn guard() -> Guard {
    Guard::new(FingerprintKey::new([5; 32]))
}

/// A source of choices: xorshift64*.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number from `from` to `to`, without `to`.
    pub fn range(&mut self, from: usize, to: usize) -> usize {
        from + usize::try_from(self.next()).unwrap() % (to - from)
    }

    pub fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.range(0, of.len())]
    }

    pub fn run(&mut self, len: usize, alphabet: &str) -> String {
        (0..len).map(|_| char::from(alphabet.as_bytes()[self.range(0, alphabet.len())])).collect()
    }

    /// Letters and digits, always of all three classes, as generators of keys give nearly always.
    pub fn key(&mut self, len: usize) -> String {
        loop {
            let run = self.run(len, ALNUM);
            let has = |is_class: fn(&u8) -> bool| run.bytes().any(|byte| is_class(&byte));
            if has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) {
                return run;
            }
        }
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| u8::try_from(self.next() & 255).unwrap()).collect()
    }

    pub fn uuid(&mut self) -> String {
        let part = |dice: &mut Self, len| dice.run(len, HEX);
        format!("{}-{}-4{}-a{}-{}", part(self, 8), part(self, 4), part(self, 3), part(self, 3), part(self, 12))
    }
}
