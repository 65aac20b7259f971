//! Bytes that may be no text: files, pipes, answers.
//!
//! It reads nothing itself. Invariant: a finding's place is a place in the bytes that were given, and bytes that
//! are no text hide nothing that stands around them.

use std::borrow::Cow;
use std::ops::Range;

use super::{Finding, Guard};

impl Guard {
    /// What is secret in bytes, in order and without overlaps. Bytes that are no UTF-8 are read as invisible.
    #[must_use]
    pub fn findings_in_bytes(&self, bytes: &[u8]) -> Vec<Finding> {
        let (text, gaps) = lossy(bytes);
        let mut findings = self.findings(&text);
        for finding in &mut findings {
            finding.span = origin(&finding.span, &gaps);
        }
        findings
    }
}

/// A replaced piece: where it is in the text, and where it ended in the bytes.
struct Gap {
    text: Range<usize>,
    bytes: Range<usize>,
}

/// The bytes as text, and what was replaced in it.
fn lossy(bytes: &[u8]) -> (Cow<'_, str>, Vec<Gap>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let (mut text, mut gaps, mut at) = (String::with_capacity(bytes.len()), Vec::new(), 0);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            let start = text.len();
            text.push(char::REPLACEMENT_CHARACTER);
            gaps.push(Gap { text: start..text.len(), bytes: at..at + chunk.invalid().len() });
            at += chunk.invalid().len();
        }
    }
    (Cow::Owned(text), gaps)
}

/// The bytes behind a place of the text. A place inside a replaced piece is all of it.
fn origin(span: &Range<usize>, gaps: &[Gap]) -> Range<usize> {
    let place = |at: usize, is_end: bool| {
        let before = gaps.partition_point(|gap| gap.text.start < at);
        match gaps.get(before.wrapping_sub(1)) {
            Some(gap) if at < gap.text.end => {
                if is_end {
                    gap.bytes.end
                } else {
                    gap.bytes.start
                }
            }
            Some(gap) => gap.bytes.end + (at - gap.text.end),
            None => at,
        }
    };
    place(span.start, false)..place(span.end, true)
}

#[cfg(test)]
mod tests {
    use super::super::{FingerprintKey, examples};
    use super::*;

    #[test]
    fn places_are_those_of_the_bytes() {
        let guard = Guard::new(FingerprintKey::new([1; 32]));
        let key = examples::project_key();
        let mut bytes = [&[0xff, 0xfe, 0xf0, 0x9f][..], b" a ", &[0xc3]].concat();
        let start = bytes.len();
        bytes.extend(key.bytes());
        bytes.extend([0x80, b' ', 0xff]);
        let found = guard.findings_in_bytes(&bytes);
        assert_eq!((found.len(), found[0].span.clone()), (1, start..start + key.len()));
        assert_eq!(found[0].fingerprint, guard.findings(&key)[0].fingerprint);
        let mut cut = key.clone().into_bytes();
        cut.splice(20..20, [0xff, 0xff]);
        let found = guard.findings_in_bytes(&cut);
        assert_eq!((found.len(), found[0].span.clone()), (1, 0..cut.len()));
        assert_eq!(found[0].fingerprint, guard.findings(&key)[0].fingerprint);
        assert_eq!(guard.findings_in_bytes(key.as_bytes())[0].span, 0..key.len());
        assert_eq!(guard.findings_in_bytes(&[0xff; 3000]), vec![]);
    }
}
