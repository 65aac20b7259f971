//! Sealing with age (age-encryption.org/v1, X25519, ASCII armor): what `age --decrypt` opens.
//!
//! Nothing is opened here. Invariant: what comes out is chosen so that the guard has no doubt about it, however chat shows
//! it: cipher text looks like anything now and then, and must neither be withheld nor be asked about.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use age::Encryptor;
use age::armor::{ArmoredWriter, Format};
use age::x25519;

use crate::guard::{Guard, Redacted};
use crate::ports::NoWay;

use super::super::base::BadConfig;
use super::NO_KEY;

/// How often it is sealed anew until the guard has no doubt. Each time it is another text, and the guard doubts less than
/// every second one: 64 in a row are not seen before the sun goes out.
const TRIES: usize = 64;
/// How much of a receiver is shown, in characters.
const SHORT: usize = 12;

/// Somebody who can open what is sealed: the public half of an age key.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(x25519::Recipient);

impl Recipient {
    /// Its beginning, by which people tell it from others.
    pub(super) fn short(&self) -> String {
        let whole = self.to_string();
        format!("{}…", whole.get(..SHORT).unwrap_or(&whole))
    }
}

impl FromStr for Recipient {
    type Err = BadConfig;

    fn from_str(text: &str) -> Result<Self, BadConfig> {
        let wrong =
            |_| BadConfig("It is no age recipient: those begin with age1 and are the public half of a key.".into());
        text.parse().map(Self).map_err(wrong)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Seals what is no key.
pub(super) fn test(to: &[Recipient], guard: &Guard) -> Result<(), NoWay> {
    sealed(to, NO_KEY, guard).map(drop)
}

/// The key, sealed to all of them.
pub(super) fn sealed(to: &[Recipient], key: &[u8], guard: &Guard) -> Result<Redacted<String>, NoWay> {
    for _ in 0..TRIES {
        let armored = armored(to, key).map_err(|_| NoWay(Redacted::from_static("It could not be sealed with age.")))?;
        let in_one_line = armored.replace('\n', " ");
        if guard.review(&armored).is_empty()
            && guard.review(&in_one_line).is_empty()
            && let Ok(passed) = guard.outgoing(armored)
        {
            return Ok(passed);
        }
    }
    Err(NoWay(Redacted::from_static("Whatever was sealed looked like a secret, so that it could not be shown.")))
}

fn armored(to: &[Recipient], key: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
    let encryptor = Encryptor::with_recipients(to.iter().map(|one| &one.0 as &dyn age::Recipient))?;
    let mut out = Vec::new();
    let armor = ArmoredWriter::wrap_output(&mut out, Format::AsciiArmor)?;
    let mut writer = encryptor.wrap_output(armor)?;
    writer.write_all(key)?;
    writer.finish()?.finish()?;
    Ok(String::from_utf8(out)?)
}
