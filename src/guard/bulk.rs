//! The sweep: findings in a text of any size, at the cost of reading it once.
//!
//! It keeps nothing between two texts. Invariant: the detector is asked about every place that the screen names,
//! with what stands around it; a finding that reaches the end of what was shown is asked about again with more.

use std::ops::Range;

use super::decode::is_base64;
use super::screen::screen;
use super::{Finding, Guard};

/// Bytes before a place that the detector sees at least, where the text has as many.
const BEFORE_BYTES: usize = 512;
/// Bytes behind a place that the detector sees at most, before it has found something there.
const AHEAD_BYTES: usize = 4096;
/// Lines behind a place that the detector sees: a private key has up to three lines of headers.
const AHEAD_LINES: usize = 6;
/// The longest text that the detector is shown at once: more than any key, less than it refuses.
const SHOWN_BYTES: usize = 128 * 1024;
/// The shortest line that may be the rest of a secret that is too long to be shown.
pub(super) const REST_BYTES: usize = 16;
/// White space around a line break inside a secret.
const LINE_BREAK_BYTES: usize = 64;
/// Places that are nearer to each other are looked at together: fewer secrets fit than are told apart in one text.
const TOGETHER_BYTES: usize = 16 * 1024;
/// A finding so near to the end of what was shown may go on behind it.
const NEAR_END_BYTES: usize = 8;

impl Guard {
    /// What is secret in a text of any size, in order and without overlaps.
    #[must_use]
    pub fn sweep(&self, text: &str) -> Vec<Finding> {
        let mut places = screen().places(text);
        if let Some(own) = &self.0.own {
            places.extend(own.places(text).map(|(span, _)| span.start));
            places.sort_unstable();
        }
        let mut found: Vec<Finding> = Vec::new();
        let mut seen = 0;
        let mut next = 0;
        while let Some(place) = places.get(next) {
            let mut shown = around(text, *place);
            if shown.end <= seen {
                next += 1;
                continue;
            }
            while let Some(place) = places.get(next) {
                let wider = around(text, *place);
                if wider.start > shown.end || wider.end - shown.start > TOGETHER_BYTES {
                    break;
                }
                shown.end = shown.end.max(wider.end);
                next += 1;
            }
            // A place that fits into no window of its own is looked at in the one that it began.
            seen = self.look(text, shown, &mut found);
        }
        found
    }

    /// Asks about a part of the text, and says up to where it was shown.
    fn look(&self, text: &str, mut shown: Range<usize>, found: &mut Vec<Finding>) -> usize {
        loop {
            let part = text.get(shown.clone()).unwrap_or_default();
            let mut findings = self.findings(part);
            let reaches = |last: &&Finding| part.len() - last.span.end <= NEAR_END_BYTES && shown.end < text.len();
            let Some(open) = findings.last().filter(reaches).map(|last| shown.start + last.span.start) else {
                add(found, findings, shown.start);
                return shown.end;
            };
            let from = around(text, open).start.max(shown.start);
            let room = SHOWN_BYTES.saturating_sub(shown.end - from);
            if room == 0 {
                add(found, findings, shown.start);
                let end = rest_of_secret(text, shown.end);
                found.iter_mut().rev().take(1).for_each(|last| last.span.end = end);
                return end;
            }
            // The last one is looked at again with more behind it; those before it are settled.
            findings.pop();
            add(found, findings, shown.start);
            let more = (shown.end - from).max(AHEAD_BYTES).min(room);
            shown = from..text.ceil_char_boundary((shown.end + more).min(text.len()));
        }
    }
}

/// Adds what was found in a part that begins there, but for what was found before.
fn add(found: &mut Vec<Finding>, findings: Vec<Finding>, start: usize) {
    let done = found.last().map_or(0, |last| last.span.end);
    found.extend(findings.into_iter().filter_map(|mut finding| {
        finding.span = finding.span.start + start..finding.span.end + start;
        (finding.span.start >= done).then_some(finding)
    }));
}

/// What the detector should see around a place: the line before, its own, and some behind.
fn around(text: &str, place: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let least = place.saturating_sub(BEFORE_BYTES);
    let before = &bytes[least..place];
    let start = memchr::memrchr_iter(b'\n', before).nth(1).map_or(least, |line| least + line + 1);
    let most = (place + AHEAD_BYTES).min(bytes.len());
    let ahead = &bytes[place..most];
    let end = memchr::memchr_iter(b'\n', ahead).nth(AHEAD_LINES).map_or(most, |line| place + line + 1);
    text.floor_char_boundary(start)..text.ceil_char_boundary(end)
}

/// Where a secret ends that is longer than what the detector can be shown: behind the last line that is nothing
/// but a long run of its characters.
fn rest_of_secret(text: &str, from: usize) -> usize {
    let is_code = |byte: &u8| is_base64(*byte) || *byte == b'=';
    let bytes = text.as_bytes();
    let mut end = from + bytes[from..].iter().take_while(|byte| is_code(byte)).count();
    loop {
        let rest = bytes.get(end..).unwrap_or_default();
        let gap = rest.iter().take(LINE_BREAK_BYTES).take_while(|byte| byte.is_ascii_whitespace()).count();
        let run = rest.get(gap..).unwrap_or_default().iter().take_while(|byte| is_code(byte)).count();
        let whole = rest.get(gap + run).is_none_or(u8::is_ascii_whitespace);
        if gap == 0 || run < REST_BYTES || !whole {
            return end;
        }
        end += gap + run;
    }
}

/// Bytes as text of the same length, so that places stay what they are: what is no text becomes a character
/// that belongs to no key.
#[must_use]
pub fn readable(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    /// The unit separator: in no key, no word and no markup.
    const STAND_IN: char = '\u{1f}';
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(STAND_IN, chunk.invalid().len()));
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::super::{FingerprintKey, Secret, rules};
    use super::*;

    fn guard() -> Guard {
        Guard::new(FingerprintKey::new([7; 32]))
    }

    #[test]
    fn finds_in_a_large_text_what_the_detector_finds_in_the_example() {
        let guard = guard();
        let filler = "let total = items.iter().map(|item| item.price * 2).sum::<u64>(); // see docs\n".repeat(150);
        for rule in rules() {
            let example = (rule.example)();
            let alone = guard.findings(&example);
            let text = format!("{filler}please look: {example} thanks\n{filler}");
            let found = guard.sweep(&text);
            let kept: Vec<_> = found.iter().map(|one| (one.rule, one.fingerprint)).collect();
            assert_eq!(kept, alone.iter().map(|one| (one.rule, one.fingerprint)).collect::<Vec<_>>(), "{}", rule.name);
            let place = filler.len() + "please look: ".len();
            assert_eq!(found[0].span.start, place + alone[0].span.start, "{}", rule.name);
            assert_eq!(guard.sweep(&format!("{filler}{}\n{filler}", (rule.lookalike)())), vec![], "{}", rule.name);
        }
        assert_eq!(guard.sweep(&include_str!("ordinary.txt").repeat(5)), vec![]);
    }

    #[test]
    fn a_long_key_without_a_line_break_is_found_whole() {
        let guard = guard().with_own_secrets([Secret::new(format!("hunter-{}", "of-the-lake"))]);
        let body = "Zq7Lx2VbN9tRk4WmYc8HsJd3FgPa6EuT5oXw".repeat(300);
        let key = format!("sk_{}_{body}", "live");
        let text = format!("{} {key} {}hunter-{} ", "é".repeat(3000), "ß ".repeat(3000), "of-the-lake");
        let found = guard.sweep(&text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].span.len(), key.len());
        assert_eq!(&text[found[1].span.clone()][..6], "hunter");
        let many = format!("{key:.40}\n").repeat(3000);
        assert_eq!(guard.sweep(&many).len(), 3000);
        assert_eq!(readable(b"a\xffb\xe2\x82"), "a\u{1f}b\u{1f}\u{1f}");
    }
}
