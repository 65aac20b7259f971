//! The operator's own rules: a pattern, the words without which it is never tried, an example and a lookalike.
//!
//! It compiles and tries them, and knows no configuration file. Invariants: a rule that was taken finds its
//! example, not its lookalike and none of the bot's own words; a pattern is tried near its words only.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::{Regex, RegexBuilder};

use super::finding::Confidence;
use super::rules::{RuleName, named, rows};
use super::sight::Work;

/// More rules than this are a rule set of another tool.
const RULES_MOST: usize = 100;
/// Longer patterns cannot be read any more.
const PATTERN_BYTES: usize = 500;
/// The memory of one compiled pattern, so that a hundred of them stay small.
const COMPILED_BYTES: usize = 256 * 1024;
/// The memory in which one pattern remembers what it has seen.
const CACHE_BYTES: usize = 256 * 1024;
/// Shorter words stand in every other message.
const KEYWORD_BYTES: usize = 4;
/// Words of one rule: spellings of one name.
const KEYWORDS_MOST: usize = 8;
/// Names are shown in messages and columns.
const NAME_BYTES: usize = 40;
/// How far before a word its secret may begin.
const BEFORE_BYTES: usize = 256;
/// How much is tried at once behind a word.
const AHEAD_BYTES: usize = 4096;
/// How far behind a word its secret may end.
const REACH_BYTES: usize = 1024;

/// A rule as it is written.
#[derive(Clone, Debug, Default)]
pub struct RuleText {
    /// Its name: small letters, digits and dashes.
    pub name: String,
    /// What kind of secret it is, in words for people.
    pub kind: String,
    /// A regular expression. Its first group is the secret; without one, all of it is.
    pub pattern: String,
    /// Words of which one stands near every such secret, in any case.
    pub keywords: Vec<String>,
    /// A made-up text in which it must be found.
    pub example: String,
    /// A text that looks alike, in which it must not be found.
    pub lookalike: String,
    /// The rotation step to take, as one sentence.
    pub rotation: String,
}

/// Why a rule was refused. Nothing of its pattern or its example is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The place of the rule, or of the entry, in its list; counted from 0.
    pub at: usize,
    /// Which of its settings: `pattern`, `example`.
    pub key: &'static str,
    /// Why, as a sentence.
    pub why: String,
    /// What to do about it, as a sentence.
    pub fix: String,
}

/// Rules that were taken.
#[derive(Clone, Debug, Default)]
pub struct CustomRules {
    rules: Vec<CustomRule>,
    keywords: Option<AhoCorasick>,
    /// Per keyword the index of its rule.
    owners: Vec<usize>,
}

#[derive(Clone, Debug)]
struct CustomRule {
    name: RuleName,
    regex: Regex,
}

impl CustomRules {
    /// Takes rules. Names and words live as long as the process: they are read once, at its start.
    ///
    /// # Errors
    /// Everything for which one of them is refused.
    pub fn new(texts: &[RuleText]) -> Result<Self, Vec<Refused>> {
        let mut refused = Vec::new();
        let mut rules = Self::default();
        if texts.len() > RULES_MOST {
            let why = format!("There are more than {RULES_MOST} rules.");
            refused.push(Refused { at: RULES_MOST, key: "name", why, fix: "Join patterns of one kind.".into() });
        }
        let mut literals = Vec::new();
        for (at, text) in texts.iter().enumerate().take(RULES_MOST) {
            let mut refuse = |key, why: &str, fix: &str| {
                refused.push(Refused { at, key, why: why.to_owned(), fix: fix.to_owned() });
            };
            check_words(text, &mut refuse);
            if texts.iter().take(at).any(|other| other.name == text.name) {
                refuse("name", "Another rule has the same name.", "Give each rule a name of its own.");
            }
            let Some(regex) = compiled(&text.pattern, &mut refuse) else { continue };
            let rule = CustomRule { name: name_of(text), regex };
            let alone = Self::of(vec![rule.clone()], &text.keywords, vec![0; text.keywords.len()]);
            check_texts(text, &alone, &mut refuse);
            rules.owners.extend(text.keywords.iter().map(|_| rules.rules.len()));
            literals.extend(text.keywords.iter().cloned());
            rules.rules.push(rule);
        }
        if refused.is_empty() { Ok(Self::of(rules.rules, &literals, rules.owners)) } else { Err(refused) }
    }

    fn of(rules: Vec<CustomRule>, keywords: &[String], owners: Vec<usize>) -> Self {
        let keywords = keywords.iter().map(|word| word.trim());
        let mut builder = AhoCorasick::builder();
        let builder = builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard);
        // Too many words for an automaton would be more than the limits let through.
        Self { keywords: builder.build(keywords).ok().filter(|_| !rules.is_empty()), rules, owners }
    }

    /// The name of that rule, if there is one.
    #[must_use]
    pub fn name(&self, name: &str) -> Option<RuleName> {
        self.rules.iter().map(|rule| rule.name).find(|known| known.as_str() == name)
    }

    /// The secrets of a text: rule, its place among the rules, and bytes.
    pub(super) fn places(&self, text: &str, work: &Work<'_>) -> Vec<(RuleName, usize, Range<usize>)> {
        let mut found = Vec::new();
        let Some(keywords) = &self.keywords else { return found };
        let mut tried = vec![0; self.rules.len()];
        let mut taken = vec![0; self.rules.len()];
        for hit in keywords.find_overlapping_iter(text) {
            let Some(owner) = self.owners.get(hit.pattern().as_usize()).copied() else { continue };
            let (Some(rule), Some(tried), Some(taken)) =
                (self.rules.get(owner), tried.get_mut(owner), taken.get_mut(owner))
            else {
                continue;
            };
            if hit.end() + REACH_BYTES <= *tried {
                continue;
            }
            let from = text.floor_char_boundary(hit.start().saturating_sub(BEFORE_BYTES).max(*taken));
            let to = text.ceil_char_boundary((hit.end() + AHEAD_BYTES).min(text.len()));
            *tried = if to == text.len() { usize::MAX } else { to };
            let part = text.get(from..to).unwrap_or_default();
            work.add(part.len());
            for captures in rule.regex.captures_iter(part) {
                let Some(secret) = captures.get(1).or_else(|| captures.get(0)).filter(|one| !one.is_empty()) else {
                    continue;
                };
                *taken = from + captures.get(0).map_or(secret.end(), |all| all.end());
                found.push((rule.name, owner, from + secret.start()..from + secret.end()));
                work.add(part.len() - secret.start());
            }
        }
        found
    }
}

fn check_words(text: &RuleText, refuse: &mut impl FnMut(&'static str, &str, &str)) {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (3..=NAME_BYTES).contains(&text.name.len()) && text.name.bytes().all(is_name);
    if !fits {
        refuse(
            "name",
            "It is no name of a rule.",
            "Write 3 to 40 small letters, digits and dashes, such as \"acme-key\".",
        );
    }
    if RuleName::known(&text.name).is_some() {
        refuse("name", "A built-in rule has this name.", "Choose another one.");
    }
    if text.keywords.is_empty() || text.keywords.len() > KEYWORDS_MOST {
        refuse(
            "keywords",
            "A rule has 1 to 8 keywords: without one it would be tried on every text.",
            "Write what stands in or near every such secret, such as [\"acme_\"].",
        );
    }
    if text.keywords.iter().any(|word| word.trim().len() < KEYWORD_BYTES) {
        refuse(
            "keywords",
            "A keyword has fewer than 4 characters.",
            "Write a longer one: it is looked for in all texts.",
        );
    }
}

fn check_texts(text: &RuleText, alone: &CustomRules, refuse: &mut impl FnMut(&'static str, &str, &str)) {
    let settings = super::Settings::default();
    let finds = |text: &str| !alone.places(text, &Work::new(&settings)).is_empty();
    let lower = text.example.to_lowercase();
    let has_keyword = text.keywords.iter().any(|word| lower.contains(&word.trim().to_lowercase()));
    if text.example.is_empty() || !has_keyword {
        refuse(
            "example",
            "It holds none of the keywords.",
            "Write a made-up secret as it stands in a text, with a keyword.",
        );
    } else if !finds(&text.example) {
        refuse("example", "The pattern does not find it.", "Correct the pattern, or the example.");
    }
    if text.lookalike.is_empty() {
        refuse("lookalike", "It is missing.", "Write a harmless text that looks like such a secret, with a keyword.");
    } else if finds(&text.lookalike) {
        refuse("lookalike", "The pattern finds it.", "Make the pattern stricter.");
    }
    let own_words = rows().iter().flat_map(|row| [row.name.as_str(), row.name.kind(), row.name.rotation()]);
    if own_words.chain([text.kind.as_str(), text.rotation.as_str(), text.name.as_str()]).any(finds) {
        refuse("pattern", "It finds the bot's own words, which could not be said any more.", "Make it stricter.");
    }
}

/// Compiles a pattern, within limits.
pub(super) fn compiled(pattern: &str, refuse: &mut impl FnMut(&'static str, &str, &str)) -> Option<Regex> {
    if pattern.is_empty() || pattern.len() > PATTERN_BYTES {
        refuse("pattern", "A pattern has 1 to 500 bytes.", "Write a shorter one, or several rules.");
        return None;
    }
    let built = RegexBuilder::new(pattern).size_limit(COMPILED_BYTES).dfa_size_limit(CACHE_BYTES).build();
    match built {
        Ok(regex) if regex.is_match("") => {
            refuse(
                "pattern",
                "It matches the empty text.",
                "Demand at least one character that stands in every such secret.",
            );
            None
        }
        Ok(regex) => Some(regex),
        Err(regex::Error::CompiledTooBig(_)) => {
            refuse(
                "pattern",
                "It is too large when it is compiled.",
                "Make its counts ({20,40}) smaller, or write (?-u:\\w) for \\w.",
            );
            None
        }
        Err(error) => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            let fix = "Look-around and back references are not known: patterns take time in proportion to the text.";
            refuse("pattern", &format!("It is no regular expression: {reason}."), fix);
            None
        }
    }
}

fn name_of(text: &RuleText) -> RuleName {
    let kept = |text: &str, or: &'static str| match text.trim() {
        "" => or,
        text => &*text.to_owned().leak(),
    };
    let rotation = kept(&text.rotation, "Rotate this secret at the service that issued it.");
    named(kept(&text.name, "custom"), kept(&text.kind, "secret of a rule of your own"))
        .rotate(rotation)
        .sure(Confidence::Contextual)
}

#[cfg(test)]
mod tests {
    use super::super::{Confidence, FingerprintKey, Guard, Settings};
    use super::*;

    fn acme() -> RuleText {
        RuleText {
            name: "acme-key".into(),
            kind: "key of Acme".into(),
            pattern: r"\bacme_([A-Za-z0-9]{20})\b".into(),
            keywords: vec!["ACME_".into()],
            example: "acme_a1B2c3D4e5F6g7H8i9J0".into(),
            lookalike: "acme_your-key-here".into(),
            rotation: "Rotate it at Acme.".into(),
        }
    }

    fn guard(rules: &[RuleText]) -> Guard {
        let rules = CustomRules::new(rules).unwrap();
        Guard::new(FingerprintKey::new([1; 32])).with_settings(Settings { rules, ..Settings::default() })
    }

    #[test]
    fn finds_redacts_and_names_what_the_operator_described() {
        let guard = guard(&[acme(), RuleText { name: "other-key".into(), ..acme() }]);
        let text = "use acme_a1B2c3D4e5F6g7H8i9J0, or in pieces acme_\u{200b}a1B2c3D4e5F6g7H8i9J0";
        let found = guard.findings(text);
        assert_eq!((found.len(), found[0].rule.as_str(), found[0].rule.kind()), (2, "acme-key", "key of Acme"));
        assert_eq!((found[0].confidence, found[0].span.clone()), (Confidence::Contextual, 9..29));
        assert_eq!(
            guard.redact(text),
            "use acme_[redacted: key of Acme], or in pieces acme_\u{200b}[redacted: key of Acme]"
        );
        assert_eq!(guard.findings("acme_short"), vec![]);
        assert_eq!(guard.rule_name("acme-key").map(RuleName::rotation), Some("Rotate it at Acme."));
        assert_eq!(guard.rule_name("jwt").map(RuleName::as_str), Some("jwt"));
    }

    #[test]
    fn many_keywords_cost_time_in_proportion_to_the_text() {
        let guard = guard(&[
            acme(),
            RuleText {
                name: "wide".into(),
                pattern: r"acme_([A-Za-z0-9]{30,60})".into(),
                example: format!("acme_{}", "xY3".repeat(12)),
                lookalike: "acme_ no".into(),
                ..acme()
            },
        ]);
        assert_eq!(guard.findings(&"acme_ ".repeat(8_000)), vec![]);
        assert!(!guard.findings(&"acme_a1B2c3D4e5F6g7H8i9J0 ".repeat(2_000)).is_empty());
        let far = format!("{} acme_a1B2c3D4e5F6g7H8i9J0", "acme_ text ".repeat(2_000));
        assert_eq!(guard.findings(&far).len(), 1);
    }

    #[test]
    fn refuses_with_the_reason_and_all_at_once() {
        let bad = [
            (RuleText { name: "Acme Key".into(), ..acme() }, "name"),
            (RuleText { name: "jwt".into(), ..acme() }, "name"),
            (RuleText { pattern: "acme_(".into(), ..acme() }, "pattern"),
            (RuleText { pattern: r"acme_(?=x)".into(), ..acme() }, "pattern"),
            (RuleText { pattern: r"acme_\w{1000}\w{1000}".into(), ..acme() }, "pattern"),
            (RuleText { pattern: "(acme_)?".into(), ..acme() }, "pattern"),
            (RuleText { pattern: "x".repeat(501), ..acme() }, "pattern"),
            (RuleText { pattern: String::new(), ..acme() }, "pattern"),
            (RuleText { keywords: vec![], ..acme() }, "keywords"),
            (RuleText { keywords: vec!["ac".into()], ..acme() }, "keywords"),
            (RuleText { keywords: vec!["elsewhere".into()], ..acme() }, "example"),
            (RuleText { example: "acme_short".into(), ..acme() }, "example"),
            (RuleText { lookalike: "acme_z1B2c3D4e5F6g7H8i9J0".into(), ..acme() }, "lookalike"),
            (RuleText { lookalike: String::new(), ..acme() }, "lookalike"),
            (
                RuleText {
                    pattern: "rotate|acme_[a-zA-Z0-9]{20}".into(),
                    keywords: vec!["rotate".into(), "acme_".into()],
                    ..acme()
                },
                "pattern",
            ),
        ];
        for (text, key) in &bad {
            let refused = CustomRules::new(std::slice::from_ref(text)).unwrap_err();
            assert!(refused.iter().any(|one| one.key == *key), "{text:?}: {refused:?}");
            assert!(refused.iter().all(|one| one.why.ends_with('.') && one.fix.ends_with(['.', ':'])), "{refused:?}");
        }
        let all: Vec<RuleText> = bad.iter().map(|(text, _)| text.clone()).collect();
        let refused = CustomRules::new(&all).unwrap_err();
        for at in 0..all.len() {
            assert!(refused.iter().any(|one| one.at == at), "{at}");
        }
        let unclosed = CustomRules::new(&[bad[2].0.clone()]).unwrap_err();
        assert_eq!(unclosed[0].why, "It is no regular expression: unclosed group.");
        assert_eq!(CustomRules::new(&[acme(), acme()]).unwrap_err()[0].at, 1);
        assert!(CustomRules::new(&vec![acme(); 101]).unwrap_err().iter().any(|one| one.at == 100));
    }
}
