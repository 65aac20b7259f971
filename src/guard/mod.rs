//! The guard: what secrets look like, and the gates that every text passes.
//!
//! It does no I/O, awaits nothing and knows nothing of the bot. Invariant: a [`Redacted`] value holds no secret
//! that the rules or the configured credentials name; where the guard cannot judge, it refuses or withholds.
//!
//! Lower-case percent-encoding, escapes and look-alikes of a credential need no form of their own: the detector
//! undoes them before it looks.

mod checks;
mod confusable;
mod decode;
mod detect;
mod encode;
mod examples;
mod finding;
mod fingerprint;
mod judge;
mod own;
mod redacted;
mod rules;
mod secret;
mod sight;
mod untrusted;
mod unwrap;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use self::finding::{Finding, SAFE_BODY_CHARS, SafePrefix};
pub use self::fingerprint::{Fingerprint, FingerprintKey};
pub use self::redacted::Redacted;
pub use self::rules::{OWN_SECRET, Rule, RuleName, TOO_LARGE, TOO_SLOW, UNREADABLE, rules};
pub use self::secret::Secret;
pub use self::untrusted::Untrusted;

use self::own::OwnSecrets;

/// Larger texts are not read: six times the longest message of any platform, and still milliseconds.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Redacting once is enough for all that was ever seen; a text that needs more rounds is withheld.
const REDACT_ROUNDS: usize = 4;
const WITHHELD_LARGE: &str = "[withheld: too large]";
const WITHHELD_UNCLEAR: &str = "[withheld: could not be made safe]";

/// The gates. Clones share the key and the credentials.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

struct Inner {
    key: FingerprintKey,
    own: Option<OwnSecrets>,
}

impl Guard {
    /// A guard whose findings are fingerprinted with the installation's key.
    #[must_use]
    pub fn new(key: FingerprintKey) -> Self {
        Self(Arc::new(Inner { key, own: None }))
    }

    /// The same guard, which also knows these credentials, in addition to those it knows already.
    /// Credentials of fewer than eight bytes are ignored: they would be found in ordinary words.
    #[must_use]
    pub fn with_own_secrets(self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        let known: Vec<Secret> = self.0.own.iter().flat_map(|own| own.secrets().iter().cloned()).collect();
        let own = OwnSecrets::of(known.into_iter().chain(secrets));
        Self(Arc::new(Inner { key: self.0.key.clone(), own }))
    }

    /// The gate for what comes in: the text as it is, or what is wrong with it.
    ///
    /// # Errors
    /// The findings, where the text holds a secret or is too large to be judged.
    pub fn admit(&self, text: Untrusted) -> Result<Redacted<String>, Vec<Finding>> {
        let text = text.into_text();
        let findings = self.findings(&text);
        if findings.is_empty() { Ok(Redacted::seal(text)) } else { Err(findings) }
    }

    /// The gate for outside error texts and kept chat text: secrets are replaced in place.
    #[must_use]
    pub fn scrub(&self, text: Untrusted) -> Redacted<String> {
        self.reread(text.into_text())
    }

    /// The gate for text out of our own database. It redacts again, since rules may be newer than rows.
    #[must_use]
    pub fn reread(&self, stored: String) -> Redacted<String> {
        let changed = match self.redact(&stored) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text),
        };
        Redacted::seal(changed.unwrap_or(stored))
    }

    /// The gate for what goes out: the value as it is, or what is wrong with its strings.
    /// The places of the findings are places in the string that held them.
    ///
    /// # Errors
    /// The findings, where a string of the value holds a secret or the value cannot be read.
    pub fn outgoing<T: Serialize>(&self, value: T) -> Result<Redacted<T>, Vec<Finding>> {
        let Ok(tree) = serde_json::to_value(&value) else { return Err(vec![self.unjudged(UNREADABLE, "")]) };
        let mut findings = Vec::new();
        let mut open = vec![&tree];
        while let Some(node) = open.pop() {
            match node {
                Value::String(text) => findings.extend(self.findings(text)),
                Value::Array(items) => open.extend(items),
                Value::Object(fields) => {
                    for (name, field) in fields {
                        findings.extend(self.findings(name));
                        open.push(field);
                    }
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        if findings.is_empty() { Ok(Redacted::seal(value)) } else { Err(findings) }
    }

    /// The gate for log lines and span fields. Redacting twice changes nothing.
    /// What is borrowed is the text itself; whatever differs from it is owned.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if text.len() > MAX_TEXT_BYTES {
            return Cow::Owned(WITHHELD_LARGE.to_owned());
        }
        let mut redacted = Cow::Borrowed(text);
        for _ in 0..REDACT_ROUNDS {
            let findings = self.findings(&redacted);
            if findings.is_empty() {
                return redacted;
            }
            redacted = Cow::Owned(marked(&redacted, &findings));
        }
        Cow::Owned(WITHHELD_UNCLEAR.to_owned())
    }

    /// What is secret in a text, in order and without overlaps.
    #[must_use]
    pub fn findings(&self, text: &str) -> Vec<Finding> {
        if text.len() > MAX_TEXT_BYTES {
            return vec![self.unjudged(TOO_LARGE, text)];
        }
        match detect::sightings(text, self.0.own.as_ref()) {
            Ok(sightings) => sightings.into_iter().map(|sighting| self.finding(sighting)).collect(),
            Err(detect::TooSlow) => vec![self.unjudged(TOO_SLOW, text)],
        }
    }

    fn finding(&self, sighting: detect::Sighting) -> Finding {
        let value = sighting.value.expose();
        let prefix = sighting.shown.map_or_else(SafePrefix::default, |known| {
            SafePrefix::of(known, value.get(known.len()..).unwrap_or_default())
        });
        let fingerprint = self.0.key.fingerprint(value.as_bytes());
        Finding { rule: sighting.rule, span: sighting.span, prefix, fingerprint }
    }

    fn unjudged(&self, rule: RuleName, text: &str) -> Finding {
        finding::unjudged(rule, text.len(), self.0.key.fingerprint(text.as_bytes()))
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Guard")
    }
}

/// The text with every finding replaced by its mark.
fn marked(text: &str, findings: &[Finding]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for finding in findings {
        let Some(before) = text.get(from..finding.span.start) else { return WITHHELD_UNCLEAR.to_owned() };
        out.push_str(before);
        out.push_str(&finding.mark());
        from = finding.span.end;
    }
    match text.get(from..) {
        Some(rest) => out + rest,
        None => WITHHELD_UNCLEAR.to_owned(),
    }
}
