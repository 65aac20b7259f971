//! The guard: what secrets look like, and the gates that every text passes.
//!
//! It does no I/O, awaits nothing and knows nothing of the bot. Invariant: a [`Redacted`] value holds no secret
//! that the rules or the configured credentials name; where the guard cannot judge, it refuses or withholds.
//!
//! Lower-case percent-encoding, escapes and look-alikes of a credential need no form of their own: the detector
//! undoes them before it looks.

mod allow;
mod bulk;
mod bytes;
mod checks;
mod confusable;
mod context;
mod custom;
mod decode;
mod detect;
mod encode;
mod entropy;
mod examples;
mod finding;
mod fingerprint;
mod judge;
mod own;
mod pem;
mod redacted;
mod rules;
mod screen;
mod secret;
mod settings;
mod sight;
mod stream;
mod table;
mod tail;
mod untrusted;
mod unwrap;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use self::allow::Allowed;
pub use self::bulk::readable;
pub use self::custom::{CustomRules, Refused, RuleText};
pub use self::finding::{Confidence, Finding, SAFE_BODY_CHARS, SafePrefix};
pub use self::fingerprint::{Fingerprint, FingerprintKey, NoFingerprint};
pub use self::redacted::Redacted;
pub use self::rules::{OWN_SECRET, Rule, RuleName, TOO_LARGE, TOO_MANY, TOO_SLOW, UNKNOWN, UNREADABLE, rules};
pub use self::secret::{Arriving, Secret};
pub use self::settings::{AUTHENTIK_TOKEN_CHARS, Settings};
pub use self::stream::Redactor;
pub use self::tail::{Split, Tail, TailLimits};
pub use self::untrusted::Untrusted;

use self::decode::View;
use self::own::OwnSecrets;

/// Larger texts are not read: six times the longest message of any platform, and still milliseconds.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Findings that are told apart in one text. Where there are more, the rest of the text is one finding:
/// nobody reads a thousand warnings, and a row for each would be a flood.
const MAX_FINDINGS: usize = 1000;
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
    settings: Settings,
}

impl Guard {
    /// A guard whose findings are fingerprinted with the installation's key.
    #[must_use]
    pub fn new(key: FingerprintKey) -> Self {
        Self(Arc::new(Inner { key, own: None, settings: Settings::default() }))
    }

    /// The same guard, which also knows these credentials, in addition to those it knows already.
    /// Credentials of fewer than eight bytes are ignored: they would be found in ordinary words.
    #[must_use]
    pub fn with_own_secrets(self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        let settings = self.0.settings.clone();
        Self(Arc::new(Inner { key: self.0.key.clone(), own: self.own_and(secrets), settings }))
    }

    /// The same guard with what the operator has set.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self(Arc::new(Inner { key: self.0.key.clone(), own: self.own_and([]), settings }))
    }

    fn own_and(&self, more: impl IntoIterator<Item = Secret>) -> Option<OwnSecrets> {
        let known: Vec<Secret> = self.0.own.iter().flat_map(|own| own.secrets().iter().cloned()).collect();
        OwnSecrets::of(known.into_iter().chain(more))
    }

    /// The rule of that name, one of the operator's own too.
    #[must_use]
    pub fn rule_name(&self, name: &str) -> Option<RuleName> {
        RuleName::known(name).or_else(|| self.0.settings.rules.name(name))
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

    /// What a text holds that its author must hear of: the secrets, and the runs that only look generated
    /// ([`Confidence::Entropy`]), which are to be asked about and not to be removed. In order, without overlaps.
    #[must_use]
    pub fn review(&self, text: &str) -> Vec<Finding> {
        let mut findings = self.findings(text);
        if text.len() > MAX_TEXT_BYTES {
            return findings;
        }
        let mut doubts = Vec::new();
        for span in entropy::runs(text) {
            let apart = findings.iter().all(|known| known.span.end <= span.start || span.end <= known.span.start);
            let value = text.get(span.clone()).unwrap_or_default();
            if apart && doubts.len() < MAX_FINDINGS && !self.is_allowed(UNKNOWN, value) {
                let fingerprint = self.0.key.fingerprint(value.as_bytes());
                let confidence = Confidence::Entropy;
                doubts.push(Finding { rule: UNKNOWN, confidence, span, prefix: SafePrefix::default(), fingerprint });
            }
        }
        findings.extend(doubts);
        findings.sort_by_key(|finding| finding.span.start);
        findings
    }

    /// The same of a text that is only looked at: it stays untrusted, and nobody gets to see it.
    #[must_use]
    pub fn review_unseen(&self, text: &Untrusted) -> Vec<Finding> {
        self.review(text.as_text())
    }

    /// What is secret in a text, in order and without overlaps. Runs that only look generated are not among it.
    #[must_use]
    pub fn findings(&self, text: &str) -> Vec<Finding> {
        if text.len() > MAX_TEXT_BYTES {
            return vec![self.unjudged(TOO_LARGE, text)];
        }
        self.findings_in(&View::whole(text))
    }

    /// What is secret in messages that follow each other; `ends` are the places where one follows another.
    fn findings_across(&self, text: &str, ends: &[usize]) -> Vec<Finding> {
        self.findings_in(&View::of_messages(text, ends))
    }

    fn findings_in(&self, view: &View<'_>) -> Vec<Finding> {
        let text = view.text();
        match detect::sightings(view, self.0.own.as_ref(), &self.0.settings) {
            Ok(mut sightings) => {
                sightings.retain(|one| !self.is_allowed(one.rule, one.value.expose()));
                let rest = sightings.get(MAX_FINDINGS).map(|first| first.span.start..text.len());
                sightings.truncate(MAX_FINDINGS);
                let mut findings: Vec<Finding> = sightings.into_iter().map(|one| self.finding(one)).collect();
                findings.extend(rest.map(|span| Finding { span, ..self.unjudged(TOO_MANY, text) }));
                findings
            }
            Err(detect::TooSlow) => vec![self.unjudged(TOO_SLOW, text)],
        }
    }

    fn is_allowed(&self, rule: RuleName, value: &str) -> bool {
        let settings = &self.0.settings;
        let test_key = settings.allow_test_keys && rule.as_str() == rules::TEST_KEY;
        let fingerprint = || self.0.key.fingerprint(value.as_bytes());
        rule != OWN_SECRET && (test_key || settings.allowed.lets(value, fingerprint))
    }

    fn finding(&self, sighting: detect::Sighting) -> Finding {
        let value = sighting.value.expose();
        let prefix = sighting.shown.map_or_else(SafePrefix::default, |known| {
            SafePrefix::of(known, value.get(known.len()..).unwrap_or_default())
        });
        let fingerprint = self.0.key.fingerprint(value.as_bytes());
        let confidence = sighting.rule.confidence();
        Finding { rule: sighting.rule, confidence, span: sighting.span, prefix, fingerprint }
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
