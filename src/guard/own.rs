//! The bot's own credentials, matched exactly in every form that they could leave in.
//!
//! It knows no rules. Invariant: no form of a credential is printed; they are held as long as the guard is.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::encode;
use super::secret::Secret;

/// Shorter credentials would be found in ordinary words.
const LEAST_BYTES: usize = 8;

/// An automaton over all forms of all credentials.
pub(super) struct OwnSecrets {
    automaton: AhoCorasick,
    /// Per pattern the index of its credential.
    owners: Vec<usize>,
    secrets: Vec<Secret>,
}

impl OwnSecrets {
    /// `None` where no credential is long enough to be looked for.
    pub(super) fn of(secrets: impl IntoIterator<Item = Secret>) -> Option<Self> {
        let secrets: Vec<Secret> = secrets.into_iter().filter(|one| one.expose().len() >= LEAST_BYTES).collect();
        let mut owners = Vec::new();
        let mut forms = Vec::new();
        for (index, secret) in secrets.iter().enumerate() {
            for form in forms_of(secret.expose()) {
                owners.push(index);
                forms.push(form);
            }
        }
        if forms.is_empty() {
            return None;
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&forms)
            .expect("configured credentials are few and short");
        Some(Self { automaton, owners, secrets })
    }

    pub(super) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// Where a credential stands in a text, in any form.
    pub(super) fn places<'s>(&'s self, text: &'s str) -> impl Iterator<Item = (Range<usize>, Secret)> + 's {
        self.automaton.find_iter(text).filter_map(|found| {
            let owner = self.owners.get(found.pattern().as_usize())?;
            let secret = self.secrets.get(*owner)?;
            let span = found.start()..found.end();
            (text.is_char_boundary(span.start) && text.is_char_boundary(span.end)).then(|| (span, secret.clone()))
        })
    }
}

fn forms_of(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex = encode::hex(bytes);
    let percent = encode::percent(bytes, encode::Digits::Upper);
    let percent_lower = encode::percent(bytes, encode::Digits::Lower);
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let mut forms = vec![secret.to_owned(), hex.to_uppercase(), hex, percent, percent_lower, json];
    for (_, core) in encode::base64_cores(bytes) {
        forms.push(core.replace('+', "-").replace('/', "_"));
        forms.push(core);
    }
    forms.sort();
    forms.dedup();
    forms.retain(|form| form.len() >= LEAST_BYTES);
    forms
}
