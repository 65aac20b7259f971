//! Makes ids, keys and time stamps, always the same ones for the same label.
//!
//! It is no source of randomness. Invariant: no key is written in a source file; each is made at run time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Characters after the kind in a full key: as long as such keys usually are.
const KEY_LETTERS: usize = 32;
/// Characters after the kind that may be shown: the documented prefix form.
const PREFIX_LETTERS: usize = 8;

/// The kinds of key that the emulators make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// A project's publishable key, which may be shown.
    Publishable,
    /// A project's secret key.
    Secret,
    /// A webhook's signing secret.
    Signing,
}

impl KeyKind {
    pub(crate) fn head(self) -> String {
        match self {
            Self::Publishable => ["pk", "live", ""].join("_"),
            Self::Secret => ["sk", "live", ""].join("_"),
            Self::Signing => ["whsec", ""].join("_"),
        }
    }
}

/// A full key of that kind; the same label gives the same key.
pub(crate) fn key(kind: KeyKind, label: &str) -> String {
    format!("{}{}", kind.head(), letters(label, KEY_LETTERS))
}

/// The part of a key that may be shown.
pub(crate) fn prefix(kind: KeyKind, key: &str) -> String {
    key.chars().take(kind.head().len() + PREFIX_LETTERS).collect()
}

/// `n` letters and digits that look random and depend on the label only.
pub(crate) fn letters(label: &str, n: usize) -> String {
    let mut out = String::with_capacity(n);
    let mut block = 0_u32;
    while out.len() < n {
        let sum = digest(&SHA256, format!("sandbox/{label}/{block}").as_bytes());
        for byte in sum.as_ref().iter().take(n - out.len()) {
            out.push(char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        }
        block += 1;
    }
    out
}

/// A UUID in version 4 form that depends on the label only.
pub(crate) fn uuid(label: &str) -> String {
    let mut hex: Vec<char> = hex_digest(label).chars().take(32).collect();
    hex[12] = '4';
    hex[16] = '8';
    let text: String = hex.into_iter().collect();
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

/// The SHA-256 of a text in hex: what is kept of a secret.
pub(crate) fn hex_digest(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let sum = digest(&SHA256, text.as_bytes());
    let digits = sum.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Something shaped like a signed token; it verifies nowhere.
pub(crate) fn signed_token(label: &str) -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","typ":"JWT"}"#);
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{label}"}}"#));
    format!("{head}.{claims}.{}", letters(label, 86))
}

/// RFC 3339 in UTC with milliseconds. A time beyond the calendar is shown as the epoch.
pub(crate) fn stamp(ms: i64) -> String {
    let moment =
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let shape = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    moment.format(&shape).unwrap_or_default()
}

/// The UTC milliseconds of an RFC 3339 text.
pub(crate) fn read_stamp(text: &str) -> Option<i64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_label_gives_the_same_key_and_prefix() {
        let made = key(KeyKind::Secret, "x");
        assert_eq!(made, key(KeyKind::Secret, "x"));
        assert_ne!(made, key(KeyKind::Secret, "y"));
        assert_eq!(prefix(KeyKind::Secret, &made).len(), 16);
        assert_eq!(prefix(KeyKind::Signing, &key(KeyKind::Signing, "x")).len(), 14);
    }

    #[test]
    fn stamps_are_read_back() {
        assert_eq!(stamp(1_793_610_000_250), "2026-11-02T09:00:00.250Z");
        assert_eq!(read_stamp("2026-11-02T10:00:00.25+01:00"), Some(1_793_610_000_250));
        assert_eq!(read_stamp("yesterday"), None);
    }

    #[test]
    fn uuids_have_version_and_variant() {
        let made = uuid("a");
        assert_eq!((made.len(), &made[14..15], &made[19..20]), (36, "4", "8"));
    }
}
