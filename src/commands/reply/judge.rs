//! Whether a text may be read by a customer: the lint of public texts, and who of the staff is named.
//!
//! Invariant: a raw secret holds every text back; what else is said all the same has a reason.

use std::collections::BTreeSet;

use crate::catalog::Asked;
use crate::incidents::lint::{LintFinding, LintKind, LintRules, weigh};
use crate::model::{Audience, Staff};
use crate::ports::Readers;

use super::Input;

/// What a text is called in a finding.
const PART: &str = "text";
/// The shortest name that is looked for, in characters.
const NAME_CHARS_LEAST: usize = 2;

/// What holds the text back, and what is said all the same. `readers`: who will read it, where that is known.
pub(super) fn judged(
    rules: &LintRules,
    asked: &Asked<'_>,
    input: &Input,
    readers: Option<&Readers>,
) -> (Vec<LintFinding>, Vec<LintFinding>) {
    let own = |finding: &LintFinding| {
        let named = matches!(finding.kind, LintKind::Account | LintKind::Customer);
        // Customers may read their own name, where nobody else reads it.
        named && readers.is_some_and(Readers::is_closed) && finding.shown.eq_ignore_ascii_case(input.org.as_str())
    };
    let mut findings = rules.findings(Audience::Public, PART, &input.text);
    findings.retain(|finding| !own(finding));
    let staff = named(asked, &input.text).into_iter();
    findings.extend(staff.map(|shown| LintFinding {
        audience: Audience::Public,
        part: PART.into(),
        kind: LintKind::Mention,
        shown,
    }));
    weigh(findings, &input.allowed)
}

/// The members of staff that the text names: by a name with a capital letter (a verb has none), or by an account.
fn named(asked: &Asked<'_>, text: &str) -> BTreeSet<String> {
    let part = |c: char| !(c.is_alphanumeric() || "-_.'".contains(c));
    let words: Vec<&str> = text
        .split(part)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .map(|word| word.strip_suffix("'s").unwrap_or(word))
        .filter(|word| word.chars().count() >= NAME_CHARS_LEAST)
        .collect();
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    let all = words.iter().map(|word| (*word).to_owned()).chain(pairs);
    all.filter(|word| asked.rights.staff(word).is_some_and(|staff| is_named(&staff, word))).collect()
}

fn is_named(staff: &Staff, word: &str) -> bool {
    word.starts_with(char::is_uppercase) || staff.accounts.iter().any(|account| account.user == word)
}
