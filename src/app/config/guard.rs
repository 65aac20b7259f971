//! What is a secret besides the built-in kinds, and what is none: `[guard]`.
//!
//! The guard itself judges patterns; this file only reads them. Invariant: no pattern and no example is ever in an
//! error, since operators may have written a real secret there.

use crate::guard::{AUTHENTIK_TOKEN_CHARS, Allowed, CustomRules, Refused, RuleText, Settings};

use super::section::Section;

/// The shortest token that Authentik may be told to make and that can be told from a word.
const TOKEN_CHARS_LEAST: usize = 30;
/// The longest run that the guard reads as one token.
const TOKEN_CHARS_MOST: usize = 256;

/// `[guard]`.
pub(super) fn settings(section: &Section<'_>) -> Settings {
    let allow_test_keys = section.flag("allow_test_keys", true);
    let authentik_token_chars = token_chars(section);
    let entries = section.texts("allow");
    let allowed = Allowed::new(&entries).unwrap_or_else(|refused| {
        for Refused { at, why, fix, .. } in refused {
            section.wrong(&format!("allow[{}]", at + 1), why, fix);
        }
        Allowed::default()
    });
    let rules = rules(section);
    section.end();
    Settings { allow_test_keys, authentik_token_chars, rules, allowed }
}

fn token_chars(section: &Section<'_>) -> usize {
    let Some(number) = section.number("authentik_token_chars") else { return AUTHENTIK_TOKEN_CHARS };
    match usize::try_from(number) {
        Ok(chars) if (TOKEN_CHARS_LEAST..=TOKEN_CHARS_MOST).contains(&chars) => chars,
        _ => {
            section.wrong(
                "authentik_token_chars",
                format!("A length is {TOKEN_CHARS_LEAST} to {TOKEN_CHARS_MOST} characters."),
                "Write what Authentik's tenant settings say about the length of tokens, such as 60.",
            );
            AUTHENTIK_TOKEN_CHARS
        }
    }
}

/// `[[guard.rules]]`.
fn rules(section: &Section<'_>) -> CustomRules {
    let sections = section.list("rules");
    let texts: Vec<RuleText> = sections.iter().map(rule).collect();
    CustomRules::new(&texts).unwrap_or_else(|refused| {
        for Refused { at, key, why, fix } in refused {
            match sections.get(at) {
                Some(one) => one.wrong(key, why, fix),
                None => section.wrong("rules", why, fix),
            }
        }
        CustomRules::default()
    })
}

fn rule(section: &Section<'_>) -> RuleText {
    let text = |key: &str| section.text(key).unwrap_or_default().to_owned();
    let rule = RuleText {
        name: text("name"),
        kind: text("kind"),
        pattern: text("pattern"),
        keywords: section.texts("keywords").into_iter().map(str::to_owned).collect(),
        example: text("example"),
        lookalike: text("lookalike"),
        rotation: text("rotation"),
    };
    section.end();
    rule
}
