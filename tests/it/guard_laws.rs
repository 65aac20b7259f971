//! What holds for every text: places are exact, redacting is final, and nothing that is put around a secret hides it.
//!
//! The texts are made of secrets, harmless lines, disguises and odd pieces, from seeds. Invariant: a law is checked
//! on every text, not on those that were chosen for it.

use seqn_chatops::guard::{Finding, Guard, MAX_TEXT_BYTES, TOO_LARGE, Untrusted};

use crate::guard_sets::disguise::EVASIONS;
use crate::guard_sets::harmless::TEXTS;
use crate::guard_sets::secrets::KINDS;
use crate::guard_sets::{Dice, guard};

/// Texts for each law.
const TEXTS_EACH: u64 = 1500;
/// What may stand between two pieces.
const BETWEEN: &[&str] = &[
    " ",
    "\n",
    "",
    "\u{200b}",
    "\r\n> ",
    "é",
    "🔑",
    "**",
    "`",
    "||",
    "<",
    ">",
    "&amp;",
    "%20",
    "\\",
    "\\n",
    "\"",
    "'",
    "…",
    "=",
    ":",
    "-----",
    "\u{1}",
    "//",
    "\t",
    "[redacted]",
    "\u{202e}",
    "K",
];

fn made(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..dice.range(1, 9) {
        let piece = match dice.range(0, 5) {
            0 => (KINDS[dice.range(0, KINDS.len())].make)(dice).text,
            1 => {
                let secret = (KINDS[dice.range(0, KINDS.len())].make)(dice).text;
                let secret: String = secret.chars().filter(char::is_ascii).collect();
                EVASIONS[dice.range(0, EVASIONS.len())].1(dice, &secret)
            }
            _ => TEXTS[dice.range(0, TEXTS.len())].1(dice),
        };
        let keep = if dice.range(0, 4) == 0 { dice.range(0, piece.chars().count() + 1) } else { usize::MAX };
        text.extend(piece.chars().take(keep));
        text.push_str(dice.one(BETWEEN));
    }
    text
}

fn check_places(text: &str, findings: &[Finding]) {
    let mut end = 0;
    for finding in findings {
        assert!(finding.span.start >= end && finding.span.start < finding.span.end, "{text}");
        assert!(text.get(finding.span.clone()).is_some(), "no boundary: {text}");
        end = finding.span.end;
    }
}

/// The laws of one text.
fn check(guard: &Guard, text: &str) {
    let findings = guard.findings(text);
    check_places(text, &findings);
    check_places(text, &guard.review(text));
    let once = guard.redact(text).into_owned();
    assert_eq!(guard.findings(&once), vec![], "{text}\n-> {once}");
    assert_eq!(guard.redact(&once), once, "{text}");
    assert_eq!(findings.is_empty(), once == text, "{text}");
    assert_eq!(guard.admit(Untrusted::from(text)).is_ok(), findings.is_empty(), "{text}");
    assert_eq!(guard.findings_in_bytes(text.as_bytes()), findings, "{text}");
}

#[test]
fn every_text_keeps_the_laws() {
    let guard = guard();
    for seed in 1..=TEXTS_EACH {
        check(&guard, &made(&mut Dice::new(seed)));
    }
}

#[test]
fn places_are_exactly_those_of_the_secret() {
    let guard = guard();
    for seed in 1..=TEXTS_EACH {
        let mut dice = Dice::new(seed);
        let kind = &KINDS[dice.range(0, KINDS.len())];
        let planted = (kind.make)(&mut dice);
        let (before, after) = (TEXTS[0].1(&mut dice), TEXTS[0].1(&mut dice));
        let text = format!("{before} {} {after}", planted.text);
        let findings = guard.findings(&text);
        assert_eq!(findings.len(), 1, "{}: {text}", kind.name);
        let slice = &text[findings[0].span.clone()];
        assert!(slice.contains(&planted.secret) && planted.text.contains(slice), "{}: {slice} of {text}", kind.name);
    }
}

#[test]
fn harmless_text_around_hides_nothing() {
    let guard = guard();
    for seed in 1..=TEXTS_EACH / 3 {
        let mut dice = Dice::new(seed * 13);
        let kind = &KINDS[dice.range(0, KINDS.len())];
        let planted = (kind.make)(&mut dice);
        let mut line = || TEXTS[dice.range(0, TEXTS.len())].1(&mut dice);
        let text = format!("{}\n{}\n{} \n{}\n{}", line(), line(), planted.text, line(), line());
        let redacted = guard.redact(&text);
        let left = &planted.secret[planted.secret.len() - 10..];
        assert!(!redacted.contains(left), "{}: {text}", kind.name);
    }
}

#[test]
fn bytes_that_are_no_text_keep_their_places() {
    let guard = guard();
    for seed in 1..=TEXTS_EACH / 3 {
        let mut dice = Dice::new(seed * 17);
        let mut bytes = made(&mut dice).into_bytes();
        for _ in 0..dice.range(1, 6) {
            let at = dice.range(0, bytes.len() + 1);
            let odd = dice.bytes(2);
            bytes.splice(at..at, odd);
        }
        let mut end = 0;
        for finding in guard.findings_in_bytes(&bytes) {
            assert!(finding.span.start >= end && finding.span.end <= bytes.len(), "{bytes:?}");
            end = finding.span.end;
        }
    }
}

#[test]
fn what_is_too_large_or_full_of_anchors_is_withheld_or_judged_and_never_passed_unseen() {
    let guard = guard();
    let mut dice = Dice::new(3);
    let key = (KINDS[0].make)(&mut dice).text;
    let large = format!("{}{key}", "a ".repeat(MAX_TEXT_BYTES / 2));
    assert_eq!(guard.findings(&large)[0].rule, TOO_LARGE);
    assert!(!guard.redact(&large).contains(&key[8..]));
    // The longest message of Slack, made of what the detector stops at, with one key in it.
    for rule in seqn_chatops::guard::rules() {
        for anchor in rule.anchors {
            for gap in [" ", "", "=", ".", "-----", "%5f", "\n"] {
                let piece = format!("{anchor}{gap}");
                let around = piece.repeat(20_000 / piece.len());
                let redacted = guard.redact(&format!("{around} {key} {around}")).into_owned();
                assert!(!redacted.contains(&key[16..]), "{piece}");
            }
        }
    }
}
