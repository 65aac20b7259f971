//! What the operator says is no secret although it looks like one: by fingerprint, or by a pattern of the whole value.
//!
//! It never lets a credential of the bot pass. Invariant: no pattern that was taken matches the example of a rule.

use std::collections::BTreeSet;

use regex::Regex;

use super::custom::{Refused, compiled};
use super::decode::View;
use super::detect::sightings;
use super::fingerprint::Fingerprint;
use super::rules::rows;

/// Digits of a fingerprint.
const FINGERPRINT_DIGITS: usize = 32;

/// Values that are let pass.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    fingerprints: BTreeSet<String>,
    patterns: Vec<Regex>,
}

impl Allowed {
    /// Takes entries: a fingerprint as it is shown with a finding, or a regular expression of the whole value.
    ///
    /// # Errors
    /// Every entry that is refused, with the reason.
    pub fn new(entries: &[&str]) -> Result<Self, Vec<Refused>> {
        let (mut allowed, mut refused) = (Self::default(), Vec::new());
        for (at, entry) in entries.iter().enumerate() {
            if entry.len() == FINGERPRINT_DIGITS && entry.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                allowed.fingerprints.insert(entry.to_lowercase());
                continue;
            }
            let mut refuse = |key, why: &str, fix: &str| {
                refused.push(Refused { at, key, why: why.to_owned(), fix: fix.to_owned() });
            };
            if compiled(entry, &mut refuse).is_none() {
                continue;
            }
            // The frame makes it no larger by more than a few bytes, and it was within the limits.
            let Some(whole) = compiled_whole(entry) else {
                refuse("pattern", "It is too large when it is compiled.", "Write a shorter one.");
                continue;
            };
            if lets_an_example_pass(&whole) {
                refuse(
                    "pattern",
                    "It would let real secrets of a built-in rule pass.",
                    "Write what only the harmless value has, or use its fingerprint.",
                );
                continue;
            }
            allowed.patterns.push(whole);
        }
        if refused.is_empty() { Ok(allowed) } else { Err(refused) }
    }

    /// Whether a value is let pass. The fingerprint is made only where there are some to compare it with.
    pub(super) fn lets(&self, value: &str, fingerprint: impl FnOnce() -> Fingerprint) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(value))
            || !self.fingerprints.is_empty() && self.fingerprints.contains(&fingerprint().to_string())
    }
}

fn compiled_whole(pattern: &str) -> Option<Regex> {
    Regex::new(&format!(r"\A(?:{pattern})\z")).ok()
}

fn lets_an_example_pass(pattern: &Regex) -> bool {
    let settings = super::Settings::default();
    rows().iter().any(|row| {
        let example = (row.example)();
        let seen = sightings(&View::whole(&example), None, &settings).unwrap_or_default();
        seen.iter().any(|sighting| pattern.is_match(sighting.value.expose()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{FingerprintKey, Guard, Secret, Settings, examples};
    use super::*;

    fn guard(entries: &[&str]) -> Guard {
        let allowed = Allowed::new(entries).unwrap();
        Guard::new(FingerprintKey::new([1; 32])).with_settings(Settings { allowed, ..Settings::default() })
    }

    #[test]
    fn lets_pass_what_was_named_and_nothing_else() {
        let key = format!("sk_{}_{}", "live", examples::alnum(43, 30));
        let other = examples::webhook_key();
        let text = format!("{key} {other}");
        let print = guard(&[]).findings(&key)[0].fingerprint.to_string();
        for entries in [vec![print.as_str()], vec![&key]] {
            let guard = guard(&entries);
            assert_eq!(guard.findings(&text).len(), 1);
            assert!(guard.redact(&text).starts_with(&key));
        }
        let own = guard(&[".*correct.*"]).with_own_secrets([Secret::new("correct horse")]);
        assert_eq!(own.findings("a correct horse").len(), 1);
        let doubt = examples::alnum(41, 40);
        assert_eq!((guard(&[]).review(&doubt).len(), guard(&[&doubt]).review(&doubt).len()), (1, 0));
    }

    #[test]
    fn refuses_what_would_let_real_secrets_pass() {
        for entry in [".+", "sk_live_.*", "(?i)[a-z0-9_.-]+"] {
            let refused = Allowed::new(&["acme-[0-9]+", entry]).unwrap_err();
            assert_eq!((refused.len(), refused[0].at), (1, 1), "{entry}");
        }
        assert_eq!(Allowed::new(&["(", ""]).unwrap_err().len(), 2);
    }
}
