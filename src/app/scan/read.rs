//! Reads one file part by part, and gives its findings with their places.
//!
//! It holds one part at a time, whatever the file's size. Invariant: neighbouring parts overlap by more than the
//! longest secret that is reported whole.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read};

use crate::guard::{Finding, Guard, readable};

use super::place::{Cursor, Place, Width, narrow, wide};
use super::{Hit, shown};

/// Bytes that are read before they are looked at.
const PART_BYTES: usize = 4 * 1024 * 1024;
/// Bytes at the end of a part that are looked at again with the next.
const OVERLAP_BYTES: usize = 256 * 1024;
/// Bytes before them that are kept, so that what stands before a secret is seen.
const LEAD_BYTES: usize = 4 * 1024;
/// Bytes in which a file shows whether it is text.
const HEAD_BYTES: usize = 8 * 1024;
/// Findings that are kept of one file; the others are counted.
const HITS_MAX: usize = 100_000;
/// Bytes of the line that are shown before and after a finding.
const SNIPPET_BYTES: usize = 60;

/// How binary files begin that may have no zero byte near their beginning.
const MAGIC: [&[u8]; 12] = [
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"%PDF-",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf",
    b"Rar!",
];

/// How the bytes of a file become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Utf8,
    Utf16 { big: bool },
}

/// What was read of a file.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) hits: Vec<Hit>,
    pub(super) more: u64,
    pub(super) bytes: u64,
    /// Whether the file is no text, so that it was not looked at.
    pub(super) binary: bool,
}

/// A thread's reader; its buffer is used again for each file.
pub(super) struct Reader {
    guard: Guard,
    part: Vec<u8>,
}

impl Reader {
    pub(super) fn new(guard: Guard) -> Self {
        Self { guard, part: Vec::new() }
    }

    /// Reads to the end. What was found before an error is in `reading`.
    pub(super) fn read(&mut self, mut from: impl Read, reading: &mut Reading) -> io::Result<()> {
        self.part.clear();
        let mut ended = self.fill(&mut from)?;
        let Some(script) = script(&self.part) else {
            (reading.binary, reading.bytes) = (true, self.part.len() as u64);
            return Ok(());
        };
        let mark = if matches!(script, Script::Utf16 { .. }) { 2 } else { 0 };
        self.part.drain(..mark);
        reading.bytes = (mark + self.part.len()) as u64;
        let mut begin = Place { byte: mark as u64, ..Place::BEGIN };
        let mut reported = 0;
        loop {
            let text = decoded(&self.part, script);
            let keep = if ended { text.len() } else { cut(&text, OVERLAP_BYTES) };
            let width: Width = if script == Script::Utf8 { narrow } else { wide };
            let mut cursor = Cursor::new(begin, width);
            let findings = self.guard.sweep(&text);
            for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.span.start < keep) {
                let place = cursor.go(&text, finding.span.start);
                if place.byte < reported {
                    continue;
                }
                let bytes = width(text.get(finding.span.clone()).unwrap_or_default());
                reported = place.byte + bytes;
                if reading.hits.len() < HITS_MAX {
                    let snippet = snippet(&self.guard, &text, &findings, index);
                    reading.hits.push(Hit { place, bytes, snippet, finding: finding.clone() });
                } else {
                    reading.more += 1;
                }
            }
            if ended {
                return Ok(());
            }
            let lead = cut(&text, text.len() - keep + LEAD_BYTES);
            let mut cursor = Cursor::new(begin, width);
            let next = cursor.go(&text, lead);
            let passed = usize::try_from(next.byte - begin.byte).unwrap_or(usize::MAX).min(self.part.len());
            begin = next;
            drop(text);
            self.part.drain(..passed);
            let before = self.part.len();
            ended = self.fill(&mut from)?;
            reading.bytes += (self.part.len() - before) as u64;
        }
    }

    /// Reads until the part is full. Says whether the file ended.
    fn fill(&mut self, from: &mut impl Read) -> io::Result<bool> {
        let mut filled = self.part.len();
        let least = filled;
        loop {
            if filled == self.part.len() {
                // A small file needs no large buffer.
                let size = (filled * 2).clamp(64 * 1024, PART_BYTES.max(least + OVERLAP_BYTES));
                if size <= filled {
                    return Ok(false);
                }
                self.part.resize(size, 0);
            }
            match from.read(self.part.get_mut(filled..).unwrap_or_default()) {
                Ok(0) => {
                    self.part.truncate(filled);
                    return Ok(true);
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.part.truncate(filled);
                    return Err(error);
                }
            }
        }
    }
}

/// What a file's beginning says; `None` where it is no text.
fn script(part: &[u8]) -> Option<Script> {
    let head = part.get(..HEAD_BYTES.min(part.len())).unwrap_or_default();
    if head.starts_with(b"\xff\xfe") && !head.starts_with(b"\xff\xfe\0\0") {
        return Some(Script::Utf16 { big: false });
    }
    if head.starts_with(b"\xfe\xff") {
        return Some(Script::Utf16 { big: true });
    }
    let is_binary = MAGIC.iter().any(|magic| head.starts_with(magic)) || memchr::memchr(0, head).is_some();
    (!is_binary).then_some(Script::Utf8)
}

fn decoded(part: &[u8], script: Script) -> Cow<'_, str> {
    let Script::Utf16 { big } = script else { return readable(part) };
    let units = part.chunks_exact(2).map(|two| match two {
        [one, two] if big => u16::from_be_bytes([*one, *two]),
        [one, two] => u16::from_le_bytes([*one, *two]),
        _ => 0,
    });
    char::decode_utf16(units).map(|letter| letter.unwrap_or('\u{fffd}')).collect::<String>().into()
}

/// The place so many bytes before the end.
fn cut(text: &str, bytes: usize) -> usize {
    text.floor_char_boundary(text.len().saturating_sub(bytes))
}

/// The finding's line, or as much of it as helps, with every finding in it replaced.
fn snippet(guard: &Guard, text: &str, findings: &[Finding], index: usize) -> String {
    let Some(finding) = findings.get(index) else { return String::new() };
    let (start, end) = (finding.span.start, finding.span.end);
    let line = |byte: &u8| *byte == b'\n';
    let least = text.floor_char_boundary(start.saturating_sub(SNIPPET_BYTES));
    let before = text.as_bytes().get(least..start).unwrap_or_default();
    let from = before.iter().rposition(line).map_or(least, |at| least + at + 1);
    let most = text.ceil_char_boundary((end + SNIPPET_BYTES).min(text.len()));
    let behind = text.as_bytes().get(end..most).unwrap_or_default();
    let to = behind.iter().position(line).map_or(most, |at| end + at);
    let first = findings.get(..index).unwrap_or_default().iter().rposition(|one| one.span.end <= from);
    let mut out = String::new();
    let mut at = from;
    for one in findings.iter().skip(first.map_or(0, |first| first + 1)).take_while(|one| one.span.start < to) {
        out.push_str(text.get(at..one.span.start).unwrap_or_default());
        out.push_str(&one.mark());
        at = one.span.end;
    }
    out.push_str(text.get(at..to.max(at)).unwrap_or_default());
    shown(guard, out.trim())
}
