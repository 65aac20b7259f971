//! The detector against another one that is slow and obvious: one regular expression for each kind that has a shape.
//!
//! The oracle sees no disguises, and the texts have none. Invariant: on every text both see the same places; there
//! is no list of exceptions.

use std::collections::BTreeSet;
use std::ops::Range;

use regex::Regex;

use crate::guard_sets::harmless::TEXTS;
use crate::guard_sets::secrets::KINDS;
use crate::guard_sets::{Dice, guard};

/// Texts that both read.
const ROUNDS: u64 = 2500;

/// The rule's name, its regular expression, and the group that is the secret.
const SHAPES: &[(&str, &str, usize)] = &[
    ("project-secret-key", r"sk_live_[A-Za-z0-9]{16,}", 0),
    ("restricted-key", r"rk_live_[A-Za-z0-9]{16,}", 0),
    ("webhook-secret", r"whsec_[A-Za-z0-9+/]{16,}={0,2}", 0),
    ("private-key", r"-----BEGIN [A-Z ]*PRIVATE KEY[A-Z ]*-----(?:\n[A-Za-z0-9]{64})+(?:\n-----END [A-Z ]*-----)?", 0),
    ("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{58}", 0),
    ("slack-token", r"xox[bpc]-[0-9]{10,}-[0-9]{10,}-[A-Za-z0-9]{24}", 0),
    ("slack-token", r"xoxp-1-[A-Za-z0-9]{140}", 0),
    ("slack-token", r"xoxd-[A-Za-z0-9]{40}%2B[A-Za-z0-9]{30}%3D", 0),
    ("slack-token", r"xapp-1-[A-Z0-9]+-[0-9]+-[0-9a-f]{64}", 0),
    ("discord-token", r"[A-Za-z0-9]{24}\.[A-Za-z0-9]{6}\.[A-Za-z0-9]{38}", 0),
    ("webhook-url", r"hooks\.slack\.com/[a-z]+/([A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]{24})", 1),
    ("webhook-url", r"discord\.com/api/webhooks/([0-9]{18}/[A-Za-z0-9]{68})", 1),
    ("paging-token", r"\bu\+[A-Za-z0-9]{18}\b", 0),
    ("jwt", r"eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", 0),
    ("database-url", r"[a-z]+://seqn:([A-Za-z0-9]{20})@", 1),
    ("database-url", r"seqn:([A-Za-z0-9]{16})@tcp\(", 1),
    ("database-password", r"POSTGRES_PASSWORD=([A-Za-z0-9]{20})", 1),
    ("oidc-client-secret", r"(?:OIDC_CLIENT_SECRET=|client secret for acme is )([A-Za-z0-9]{128})", 1),
    ("authentik-token", r"(?:AUTHENTIK_API_TOKEN=|authentik token: )([A-Za-z0-9]{60})", 1),
    ("session-cookie", r"(?:authentik|seqn)_session=([A-Za-z0-9]{40,})", 1),
    ("curl-user", r"curl -u admin:([A-Za-z0-9]{16})", 1),
];

/// What documentation writes where a key would stand.
const PLACEHOLDERS: &str = "(?i)^[a-z]+_(?:live_)?(?:x+|.*your_.*|1234567890.*)$";

fn oracle(
    text: &str,
    shapes: &[(&'static str, Regex, usize)],
    placeholder: &Regex,
) -> BTreeSet<(&'static str, usize, usize)> {
    let mut seen: Vec<(&'static str, Range<usize>)> = Vec::new();
    for (name, shape, group) in shapes {
        for found in shape.captures_iter(text) {
            let span = found.get(*group).unwrap();
            // A token behind `Bearer` is named by its own shape.
            if !placeholder.is_match(span.as_str()) {
                seen.push((name, span.range()));
            }
        }
    }
    seen.into_iter().map(|(name, span)| (name, span.start, span.end)).collect()
}

/// Lookalikes that stand beside secrets.
fn lookalike(dice: &mut Dice) -> String {
    let key = dice.key(24);
    match dice.range(0, 10) {
        0 => format!("sk_{}_{}", "live", &key[..8]),
        1 => format!("pk_{}_{key}", "live"),
        2 => format!("sk_{}_xxxxxxxxxxxxxxxxxxxxxxxx", "live"),
        3 => format!("sk_{}_your_secret_key_here", "live"),
        4 => format!("wh{}_", "sec"),
        5 => format!("age1{}", key.to_lowercase()),
        6 => format!("xox{}-your-token", "b"),
        7 => format!("eyJ{key}.{key}.{key}"),
        8 => format!("{key}.{}.{key}", &key[..6]),
        _ => format!("u{}{}", "+", &key[..12]),
    }
}

fn text(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..dice.range(1, 7) {
        match dice.range(0, 3) {
            0 => text.push_str(&(KINDS[dice.range(0, KINDS.len())].make)(dice).text),
            1 => text.push_str(&lookalike(dice)),
            _ => text.push_str(&TEXTS[dice.range(0, TEXTS.len())].1(dice)),
        }
        text.push_str(dice.one(&[" ", "\nand ", ", ", " (", ") ", ". ", "; "]));
    }
    text
}

#[test]
fn both_see_the_same_places() {
    let shapes: Vec<_> =
        SHAPES.iter().map(|(name, shape, group)| (*name, Regex::new(shape).unwrap(), *group)).collect();
    let placeholder = Regex::new(PLACEHOLDERS).unwrap();
    let names: BTreeSet<&str> = SHAPES.iter().map(|shape| shape.0).collect();
    let (guard, mut places, mut disagreements) = (guard(), 0, Vec::new());
    for seed in 1..=ROUNDS {
        let text = text(&mut Dice::new(seed));
        let found = guard.findings(&text).into_iter().filter(|one| names.contains(one.rule.as_str()));
        let found: BTreeSet<_> = found.map(|one| (one.rule.as_str(), one.span.start, one.span.end)).collect();
        let wanted = oracle(&text, &shapes, &placeholder);
        places += wanted.len();
        for (name, start, end) in found.symmetric_difference(&wanted) {
            let who = if found.contains(&(*name, *start, *end)) { "only the detector" } else { "only the oracle" };
            disagreements.push(format!("{seed}: {who}: {name} {}", &text[*start..*end]));
        }
    }
    println!("{ROUNDS} texts, {places} places");
    assert!(places > 1000, "only {places} places");
    assert!(
        disagreements.is_empty(),
        "{}:\n{}",
        disagreements.len(),
        disagreements[..disagreements.len().min(30)].join("\n")
    );
}
