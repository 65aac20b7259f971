//! How much the detector finds and how often it is wrong, on generated sets.
//!
//! `cargo test --test it guard_tables -- --nocapture` prints the tables. Invariant: the aims are asserted, so that
//! a table that got worse fails.

use std::collections::BTreeMap;

use seqn_chatops::guard::{Confidence, Tail, TailLimits};

use crate::guard_sets::disguise::{EVASIONS, WRAPPINGS};
use crate::guard_sets::harmless::TEXTS;
use crate::guard_sets::secrets::{KINDS, Planted};
use crate::guard_sets::{Dice, guard};

/// Secrets of each kind in each wrapping.
const ROUNDS: u64 = 6;
/// Lines of each kind of harmless text.
const LINES: u64 = 1200;
/// Lines that are read as one message.
const BLOCK: usize = 12;
/// The last characters of a secret must not be left: fewer cannot be told from a word.
const LEFT: usize = 10;

/// Found, out of.
#[derive(Clone, Copy, Default)]
struct Count {
    found: u32,
    all: u32,
}

impl Count {
    fn add(&mut self, found: bool) {
        self.found += u32::from(found);
        self.all += 1;
    }

    fn rate(self) -> f64 {
        f64::from(self.found) * 100.0 / f64::from(self.all.max(1))
    }
}

fn row(name: &str, count: Count) {
    println!("{name:<34} {:>6} of {:>6} {:>7.2} %", count.found, count.all, count.rate());
}

fn total<'a>(counts: impl Iterator<Item = &'a Count>) -> Count {
    counts.fold(Count::default(), |sum, one| Count { found: sum.found + one.found, all: sum.all + one.all })
}

/// Whether something was found and the secret's end is gone from the text.
fn caught(text: &str, secret: &str) -> bool {
    let redacted = guard().redact(text).into_owned();
    redacted != text && !redacted.contains(&secret[secret.len() - LEFT..])
}

#[test]
fn every_kind_is_found_in_plain_wrappings() {
    println!("\nrecall in plain wrappings");
    let (mut by_kind, mut own) = (BTreeMap::new(), Count::default());
    for (index, kind) in (1_u64..).zip(KINDS) {
        for seed in 0..ROUNDS {
            let mut dice = Dice::new(index * 1000 + seed);
            for (name, wrap) in WRAPPINGS {
                let Planted { text, secret } = (kind.make)(&mut dice);
                let message = wrap(&mut dice, &text);
                let found = caught(&message, &secret);
                by_kind.entry(kind.name).or_insert_with(Count::default).add(found);
                if kind.own {
                    own.add(found);
                }
                if !found {
                    println!("missed: {} {name}", kind.name);
                }
            }
        }
    }
    KINDS.iter().for_each(|kind| row(kind.name, by_kind[kind.name]));
    let all = total(by_kind.values());
    row("own kinds", own);
    row("all kinds", all);
    assert_eq!(own.found, own.all, "an own kind was missed");
    assert!(all.rate() >= 99.5, "{:.2} %", all.rate());
}

#[test]
fn evasions_are_seen_through() {
    println!("\nrecall of own kinds by evasion");
    let mut counts = Vec::new();
    for (name, hide) in EVASIONS {
        let mut count = Count::default();
        for (index, kind) in (1_u64..).zip(KINDS.iter().filter(|kind| kind.own)) {
            for seed in 0..20 {
                let mut dice = Dice::new(index * 7000 + seed);
                let Planted { text, secret } = (kind.make)(&mut dice);
                let hidden = hide(&mut dice, &text);
                let message = format!("hi {hidden} bye");
                let left: String = hidden.chars().rev().take(LEFT).collect::<Vec<_>>().into_iter().rev().collect();
                let redacted = guard().redact(&message).into_owned();
                count.add(
                    redacted != message
                        && !redacted.contains(&secret[secret.len() - LEFT..])
                        && !redacted.contains(&left),
                );
            }
        }
        row(name, count);
        counts.push((name, count));
    }
    let all = total(counts.iter().map(|(_, count)| count));
    row("all evasions", all);
    for (name, count) in &counts {
        assert!(count.rate() >= 90.0, "{name}: {:.2} %", count.rate());
    }
    assert!(all.rate() >= 95.0, "{:.2} %", all.rate());
}

#[test]
fn splits_over_messages_are_found() {
    println!("\nsecrets split over two and three messages (found; every message named)");
    let (mut sums, mut named) = (Count::default(), Count::default());
    for (index, kind) in (1_u64..).zip(KINDS.iter().filter(|kind| kind.splits)) {
        let (mut found, mut complete) = (Count::default(), Count::default());
        for seed in 0..40 {
            let mut dice = Dice::new(index * 9000 + seed);
            let Planted { text, secret } = (kind.make)(&mut dice);
            let start = text.rfind(&secret).unwrap();
            let parts = split(&mut dice, &text, start);
            let (mut tail, guard) = (Tail::new(TailLimits::default()), guard());
            let mut flagged = vec![false; parts.len()];
            for (at, part) in parts.iter().enumerate() {
                flagged[at] |= !guard.findings(part).is_empty();
                for split in tail.see(&guard, &"jo", &at, 0, &[part]) {
                    split.messages.iter().for_each(|message| flagged[*message] = true);
                }
            }
            found.add(flagged.iter().any(|flag| *flag));
            complete.add(flagged.iter().all(|flag| *flag));
        }
        println!("{:<34} {:>7.2} % {:>7.2} %", kind.name, found.rate(), complete.rate());
        sums = total([sums, found].iter());
        named = total([named, complete].iter());
    }
    row("found", sums);
    row("every message named", named);
    assert!(sums.rate() >= 95.0, "{:.2} %", sums.rate());
}

/// Two or three pieces of a text; each holds a piece of the secret that begins at `start`.
fn split(dice: &mut Dice, text: &str, start: usize) -> Vec<String> {
    let secret = text.len() - start;
    let first = start + dice.range(2, secret - 3);
    let mut parts = vec![text[..first].to_owned()];
    if text.len() - first > 24 && dice.range(0, 2) == 0 {
        let second = first + dice.range(12, text.len() - first - 8);
        parts.push(text[first..second].to_owned());
        parts.push(text[second..].to_owned());
    } else {
        parts.push(text[first..].to_owned());
    }
    parts
}

#[test]
fn harmless_text_is_left_alone() {
    println!("\nfalse alarms: findings, doubts, of lines");
    let (guard, mut alarms) = (guard(), Vec::new());
    for (index, (name, make)) in (1_u64..).zip(TEXTS) {
        let mut dice = Dice::new(index);
        let lines: Vec<String> = (0..LINES).map(|_| make(&mut dice)).collect();
        let blocks: Vec<String> = lines.chunks(BLOCK).map(|block| block.join("\n")).collect();
        let (mut sure, mut doubts) = (0, 0);
        for text in lines.iter().chain(&blocks) {
            for finding in guard.review(text) {
                match finding.confidence {
                    Confidence::Entropy => doubts += 1,
                    Confidence::Named | Confidence::Contextual => sure += 1,
                }
                alarms.push(format!("{name}: {}: {} in {text}", finding.rule, &text[finding.span]));
            }
        }
        println!(
            "{name:<34} {sure:>6} {doubts:>6} of {LINES} lines, and of {} messages of {BLOCK} lines",
            blocks.len()
        );
    }
    assert!(alarms.is_empty(), "{} alarms:\n{}", alarms.len(), alarms[..alarms.len().min(40)].join("\n"));
}

#[test]
fn harmless_messages_are_never_joined() {
    println!("\nfalse alarms of messages that follow each other");
    let (guard, mut alarms, mut messages) = (guard(), Vec::new(), 0);
    for seed in 1..=4 {
        let mut dice = Dice::new(seed * 77);
        let mut tail = Tail::new(TailLimits::default());
        for message in 0..LINES {
            let text = TEXTS[dice.range(0, TEXTS.len())].1(&mut dice);
            messages += 1;
            for split in tail.see(&guard, &dice.range(0, 3), &message, 0, &[&text]) {
                alarms.push(format!("{} in {text}", split.finding.rule));
            }
        }
    }
    println!("{:<34} {:>6} of {messages} messages", "joined", alarms.len());
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}
