//! Views: a text as it reads after what people and platforms do to it has been undone.
//!
//! A view is only looked at, never kept or shown. Invariant: every byte of a view knows which bytes
//! of the original it came from, so that the original can be redacted exactly.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::unwrap::{self, Step};

/// Encoded bytes that are decoded from one place: more than any key, less than a file.
const ENCODED_RUN_BYTES: usize = 64 * 1024;

/// Reads base64 as people cut it: without padding, and with loose last bits.
const LOOSE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Base64 text of a whole secret is at least so long.
const ENCODED_LEAST_BYTES: usize = 40;
/// So much of a run is decoded to see whether it says something readable.
const SAMPLE_BYTES: usize = 32;

/// A place in a view where something was taken out between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Join {
    /// Offset in the view of the first byte after the gap.
    pub at: usize,
    /// Whether a line ended here; otherwise it was markup.
    pub line: bool,
    /// Whether a message ended here.
    pub message: bool,
}

/// A text and where each of its bytes came from.
#[derive(Clone, Debug, Default)]
pub(super) struct View<'a> {
    text: Cow<'a, str>,
    /// Per byte the original's bytes; `None` for the original itself.
    places: Option<Vec<(usize, usize)>>,
    joins: Vec<Join>,
}

impl<'a> View<'a> {
    /// The original, unchanged.
    pub(super) fn whole(text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text), places: None, joins: Vec::new() }
    }

    /// Messages of one author one after the other; `ends` are the places where one follows another.
    pub(super) fn of_messages(text: &'a str, ends: &[usize]) -> Self {
        let joins = ends.iter().map(|at| Join { at: *at, line: true, message: true }).collect();
        Self { joins, ..Self::whole(text) }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn joins(&self) -> &[Join] {
        &self.joins
    }

    /// The bytes of the original behind a non-empty range of this view.
    pub(super) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        match &self.places {
            None => range.clone(),
            Some(places) => {
                let start = places.get(range.start).map_or(0, |place| place.0);
                let end = places.get(range.end.saturating_sub(1)).map_or(start, |place| place.1);
                start..end.max(start)
            }
        }
    }

    /// The text with invisible characters, look-alikes, escapes, markup and line breaks undone, if that changes it.
    pub(super) fn unwrapped(&self) -> Option<View<'static>> {
        let text = self.text();
        let first = first_change(text)?;
        let mut weaver = Weaver::after(self, first);
        let mut inherited = self.joins.iter().skip_while(|join| join.at < first).peekable();
        let mut at = first;
        while at < text.len() {
            while let Some(join) = inherited.next_if(|join| join.at <= at) {
                weaver.join(join.line, join.message);
            }
            let (step, len) = unwrap::step(text, at);
            match step {
                Step::Keep(letter) | Step::Fold(letter) => weaver.push(letter, self.origin(&(at..at + len))),
                Step::Drop => {}
                Step::Join { line } => weaver.join(line, false),
            }
            at += len;
        }
        Some(weaver.finish())
    }

    /// What the base64 text that begins at `start` says, and where it ends.
    pub(super) fn base64_from(&self, start: usize) -> (View<'static>, usize) {
        let bytes = self.text().as_bytes().get(start..).unwrap_or_default();
        let run = bytes.iter().take(ENCODED_RUN_BYTES).take_while(|byte| is_base64(**byte)).count();
        let whole = if run % 4 == 1 { run - 1 } else { run };
        let letters: Vec<u8> = bytes.iter().take(whole).map(|byte| standard(*byte)).collect();
        let decoded = LOOSE.decode(letters).unwrap_or_default();
        let mut weaver = Weaver::default();
        for (index, byte) in decoded.into_iter().enumerate() {
            let first = start + index / 3 * 4 + index % 3;
            weaver.push(seen(byte), self.origin(&(first..first + 2)));
        }
        (weaver.finish(), start + run)
    }

    /// Where long runs of base64 begin that say something readable, whatever it is.
    pub(super) fn readable_base64(&self) -> Vec<usize> {
        let bytes = self.text().as_bytes();
        let mut starts = Vec::new();
        let mut at = ENCODED_LEAST_BYTES - 1;
        // A run of that length covers one of the places that are looked at.
        while let Some(byte) = bytes.get(at) {
            if is_base64(*byte) {
                let before = bytes.get(..at).unwrap_or_default().iter().rev().take(ENCODED_LEAST_BYTES);
                let start = at - before.take_while(|byte| is_base64(**byte)).count();
                let run = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| is_base64(**byte)).count();
                let sample = bytes.get(start..start + SAMPLE_BYTES).and_then(base64_bytes).unwrap_or_default();
                if run >= ENCODED_LEAST_BYTES && !sample.is_empty() && sample.iter().all(|byte| is_readable(*byte)) {
                    starts.push(start);
                }
                at = start + run;
            }
            at += ENCODED_LEAST_BYTES;
        }
        starts
    }

    /// What the hexadecimal text that begins at `start` says, and where it ends.
    pub(super) fn hex_from(&self, start: usize) -> (View<'static>, usize) {
        let bytes = self.text().as_bytes().get(start..).unwrap_or_default();
        let run = bytes.iter().take(ENCODED_RUN_BYTES).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let mut weaver = Weaver::default();
        for (index, pair) in bytes.iter().take(run).copied().collect::<Vec<u8>>().chunks_exact(2).enumerate() {
            let byte = pair.iter().fold(0, |sum, digit| sum << 4 | unwrap::hex_value(*digit).unwrap_or(0));
            let first = start + index * 2;
            weaver.push(seen(byte), self.origin(&(first..first + 2)));
        }
        (weaver.finish(), start + run)
    }
}

/// Collects a view byte by byte.
#[derive(Default)]
struct Weaver {
    text: String,
    places: Vec<(usize, usize)>,
    joins: Vec<Join>,
}

impl Weaver {
    /// A weaver that has already taken the part of a view that cannot change.
    fn after(view: &View<'_>, end: usize) -> Self {
        let text = view.text().get(..end).unwrap_or_default().to_owned();
        let places = match &view.places {
            None => (0..end).map(|at| (at, at + 1)).collect(),
            Some(places) => places.iter().take(end).copied().collect(),
        };
        let joins = view.joins.iter().take_while(|join| join.at < end).copied().collect();
        Self { text, places, joins }
    }

    fn push(&mut self, letter: char, place: Range<usize>) {
        self.text.push(letter);
        self.places.resize(self.text.len(), (place.start, place.end));
    }

    fn join(&mut self, line: bool, message: bool) {
        let at = self.text.len();
        match self.joins.last_mut() {
            Some(last) if last.at == at => {
                last.line |= line;
                last.message |= message;
            }
            _ => self.joins.push(Join { at, line, message }),
        }
    }

    fn finish(self) -> View<'static> {
        View { text: Cow::Owned(self.text), places: Some(self.places), joins: self.joins }
    }
}

/// Where undoing begins to change the text.
fn first_change(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let sign = from + bytes.get(from..)?.iter().position(|byte| unwrap::is_sign(*byte))?;
        match unwrap::step(text, sign) {
            (Step::Keep(_), len) => from = sign + len,
            _ => return Some(text.get(..sign)?.trim_end_matches([' ', '\t']).len()),
        }
    }
}

fn is_readable(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) || matches!(byte, b'\n' | b'\r' | b'\t')
}

/// Both base64 alphabets, without padding.
pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn standard(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

/// A decoded byte as a character: what is not ASCII becomes one that belongs to no key.
fn seen(byte: u8) -> char {
    if byte.is_ascii() { char::from(byte) } else { '\u{1}' }
}

/// Base64 without padding, in either alphabet; `None` where it is none.
pub(super) fn base64_bytes(text: &[u8]) -> Option<Vec<u8>> {
    LOOSE.decode(text.iter().map(|byte| standard(*byte)).collect::<Vec<u8>>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(text: &str) -> String {
        View::whole(text).unwrapped().map_or_else(|| "(same)".to_owned(), |view| view.text().to_owned())
    }

    #[test]
    fn undoes_what_platforms_do() {
        assert_eq!(unwrapped("plain words"), "(same)");
        assert_eq!(unwrapped("a\u{200b}b ｃ%5Fd&amp;e"), "ab c_d&e");
        assert_eq!(unwrapped("see <https://a.example/x|label> now"), "see label now");
        assert_eq!(unwrapped("ab\n   cd **e**f \\_"), "abcd ef _");
        assert_eq!(unwrapped("100% sure"), "(same)");
    }

    #[test]
    fn knows_where_each_byte_came_from() {
        let text = "x a\u{200b}b%5Fc\nd";
        let view = View::whole(text).unwrapped().unwrap();
        assert_eq!(view.text(), "x ab_cd");
        assert_eq!(view.origin(&(2..5)), 2..10);
        assert_eq!(view.origin(&(5..7)), 10..13);
        assert_eq!(view.joins(), &[Join { at: 6, line: true, message: false }]);
    }

    #[test]
    fn reads_base64_and_hex_with_places() {
        let (view, end) = View::whole("--> aGVsbG8 <").base64_from(4);
        assert_eq!((view.text(), end), ("hello", 11));
        assert_eq!(view.origin(&(0..5)), 4..11);
        let (view, end) = View::whole("68656c6C6f!").hex_from(0);
        assert_eq!((view.text(), end), ("hello", 10));
        assert_eq!(view.origin(&(1..2)), 2..4);
    }
}
