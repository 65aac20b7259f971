//! The filter for a stream of bytes: what goes in comes out, but for secrets.
//!
//! It reads and writes nothing itself; it is given bytes and appends to a buffer. Invariant: a line comes out only
//! when it is whole, and only when what it ends in cannot be the beginning of a secret; bytes that are no text
//! come out as they are.

use super::bulk::{REST_BYTES, readable};
use super::{Finding, Guard};

/// A longer line is withheld: more than any log line, and little enough to be held.
const LINE_BYTES: usize = 1024 * 1024;
/// More than any private key or wrapped token that is held until its end is seen.
const HELD_BYTES: usize = 64 * 1024;
/// Bytes of what came out already that are looked at again, since a name may be cut by the end of a line.
const CONTEXT_BYTES: usize = 1024;
/// Redacting once is enough for all that was ever seen; what needs more rounds is withheld.
const ROUNDS: usize = 4;
/// Stands for what may come next: as much of a key, a token or a private key as any rule asks for.
const PROBE: &str = "\nZq7Lx2VbN9tRk4WmYc8HsJd3FgPa6EuT5oXw1BiQnKvS0zMh";
const WITHHELD_LINE: &[u8] = b"[withheld: line too long]";
const WITHHELD_WIDE: &[u8] = b"[withheld: not plain text]";
const WITHHELD_UNCLEAR: &[u8] = b"[withheld: could not be made safe]";

/// Redacts a stream.
#[derive(Debug)]
pub struct Redactor {
    guard: Guard,
    held: Vec<u8>,
    /// The first bytes of `held` came out already.
    shown: usize,
    /// The bytes of `held` in whole lines.
    whole: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Passing,
    /// A line was too long: nothing of it comes out any more.
    LongLine,
    /// A secret was too long to be held: lines that may be the rest of it do not come out.
    LongSecret,
}

impl Redactor {
    /// A filter that has seen nothing yet.
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        Self { guard, held: Vec::new(), shown: 0, whole: 0, state: State::Passing }
    }

    /// Takes the next bytes, and appends to `out` what may come out.
    pub fn push(&mut self, mut input: &[u8], out: &mut Vec<u8>) {
        if self.state == State::LongLine {
            let Some(end) = memchr::memchr(b'\n', input) else { return };
            input = input.get(end..).unwrap_or_default();
            self.state = State::Passing;
        }
        let before = self.held.len();
        self.held.extend_from_slice(input);
        if let Some(last) = memchr::memrchr(b'\n', input) {
            self.whole = before + last + 1;
            self.release(out);
        }
        if self.held.len() - self.whole > LINE_BYTES {
            self.give(self.whole, out);
            out.extend_from_slice(WITHHELD_LINE);
            self.held.clear();
            (self.shown, self.whole, self.state) = (0, 0, State::LongLine);
        }
    }

    /// Says that nothing follows, and appends the rest.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.give(self.held.len(), out);
    }

    /// Gives the whole lines out, up to what may be the beginning of a secret.
    fn release(&mut self, out: &mut Vec<u8>) {
        self.drop_rest();
        let lines = self.held.get(..self.whole).unwrap_or_default();
        let text = readable(lines) + PROBE;
        let mut findings = self.guard.sweep(&text);
        findings.retain(|finding| finding.span.start < lines.len());
        let open = findings.last().filter(|last| last.span.end > lines.len()).map(|last| last.span.start);
        let Some(open) = open else {
            let end = self.whole;
            self.tell(end, &findings, out);
            return;
        };
        let line = memchr::memrchr(b'\n', lines.get(..open).unwrap_or_default()).map_or(0, |at| at + 1);
        if self.whole - line > HELD_BYTES {
            self.give(self.whole, out);
            self.state = State::LongSecret;
        } else if line > self.shown {
            findings.retain(|finding| finding.span.start < line);
            self.tell(line, &findings, out);
        }
    }

    /// Gives out everything up to there, as if nothing followed.
    fn give(&mut self, end: usize, out: &mut Vec<u8>) {
        let findings = self.guard.sweep(&readable(self.held.get(..end).unwrap_or_default()));
        self.tell(end, &findings, out);
    }

    /// Gives out what is not yet shown up to there without the findings, and keeps the last line as context.
    fn tell(&mut self, end: usize, findings: &[Finding], out: &mut Vec<u8>) {
        let from = self.shown.min(end);
        let shown = self.held.get(..end).unwrap_or_default();
        let fresh = shown.get(from..).unwrap_or_default();
        let has_wide = memchr::memchr(0, fresh).is_some();
        if findings.iter().all(|finding| finding.span.end <= from) && !has_wide {
            out.extend_from_slice(fresh);
        } else {
            let marked = marked(shown, from, findings);
            let marked = if has_wide { self.without_wide(&marked) } else { marked };
            out.extend(self.settled(marked));
        }
        let context = shown.len().saturating_sub(CONTEXT_BYTES);
        let last = shown.get(context..shown.len().saturating_sub(1)).unwrap_or_default();
        let context = memchr::memrchr(b'\n', last).map_or(context, |line| context + line + 1);
        self.held.drain(..context);
        self.shown = end - context;
        self.whole = self.whole.saturating_sub(context).max(self.shown);
    }

    /// What was redacted is read again, since a mark may join what stood apart.
    fn settled(&self, mut text: Vec<u8>) -> Vec<u8> {
        for _ in 0..ROUNDS {
            let findings = self.guard.sweep(&readable(&text));
            if findings.is_empty() {
                return text;
            }
            text = marked(&text, 0, &findings);
        }
        let lines = memchr::memchr_iter(b'\n', &text).count();
        [WITHHELD_UNCLEAR, &b"\n".repeat(lines)].concat()
    }

    /// Text of two bytes a character is withheld by the line, where it holds a secret.
    fn without_wide(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let narrow: Vec<u8> = line.iter().copied().filter(|byte| *byte != 0).collect();
            if narrow.len() < line.len() && !self.guard.sweep(&readable(&narrow)).is_empty() {
                out.extend_from_slice(WITHHELD_WIDE);
                out.extend(line.ends_with(b"\n").then_some(b'\n'));
            } else {
                out.extend_from_slice(line);
            }
        }
        out
    }

    /// Takes out the lines that may be the rest of a secret whose beginning is gone.
    fn drop_rest(&mut self) {
        while self.state == State::LongSecret {
            let fresh = self.held.get(self.shown..self.whole).unwrap_or_default();
            let Some(end) = memchr::memchr(b'\n', fresh) else { return };
            let line = fresh.get(..end).unwrap_or_default().trim_ascii();
            if line.len() >= REST_BYTES && !line.iter().any(u8::is_ascii_whitespace) {
                self.held.drain(self.shown..=self.shown + end);
                self.whole -= end + 1;
            } else {
                self.state = State::Passing;
            }
        }
    }
}

/// The bytes behind `from` with every finding replaced by its mark.
fn marked(text: &[u8], from: usize, findings: &[Finding]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() - from);
    let mut at = from;
    for finding in findings.iter().filter(|finding| finding.span.end > from) {
        out.extend_from_slice(text.get(at..finding.span.start.max(at)).unwrap_or_default());
        out.extend_from_slice(finding.mark().as_bytes());
        at = finding.span.end;
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::super::{FingerprintKey, examples, rules};
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(Guard::new(FingerprintKey::new([7; 32])))
    }

    fn through(parts: &[&[u8]]) -> Vec<u8> {
        let (mut redactor, mut out) = (redactor(), Vec::new());
        parts.iter().for_each(|part| redactor.push(part, &mut out));
        redactor.finish(&mut out);
        out
    }

    #[test]
    fn every_cut_gives_the_same() {
        for rule in rules() {
            let text = format!("first\n{} second\nthird é\n", (rule.example)());
            let whole = through(&[text.as_bytes()]);
            assert!(whole.starts_with(b"first\n") && whole.ends_with("third é\n".as_bytes()), "{}", rule.name);
            assert_ne!(whole, text.as_bytes(), "{}", rule.name);
            for cut in 1..text.len() {
                assert_eq!(through(&[&text.as_bytes()[..cut], &text.as_bytes()[cut..]]), whole, "{} {cut}", rule.name);
            }
            for size in [1, 2, 3, 7, 64] {
                let parts: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                assert_eq!(through(&parts), whole, "{} by {size}", rule.name);
            }
        }
    }

    #[test]
    fn a_plain_line_comes_out_at_once_and_a_key_at_its_end_waits() {
        let (mut redactor, mut out) = (redactor(), Vec::new());
        redactor.push(b"plain\npart", &mut out);
        assert_eq!(out, b"plain\n");
        redactor.push(b" of a line\n", &mut out);
        assert_eq!(out, b"plain\npart of a line\n");
        let key = examples::project_key();
        redactor.push(format!("{}\n", &key[..20]).as_bytes(), &mut out);
        assert_eq!(out, b"plain\npart of a line\n");
        redactor.push(format!("{}\nafter that\n", &key[20..]).as_bytes(), &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("…[redacted]\nafter that\n") && !text.contains(&key[20..]), "{text}");
    }

    #[test]
    fn a_name_cut_by_a_line_end_is_seen_in_what_came_out() {
        let key = examples::project_key();
        let out = through(&[format!("say {}\n", &key[..5]).as_bytes(), format!("{}\nnext\n", &key[5..]).as_bytes()]);
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with(&format!("say {}\n", &key[..5])) && !text.contains(&key[17..]), "{text}");
    }

    #[test]
    fn bytes_that_are_no_text_stay_and_what_is_too_long_does_not() {
        let key = examples::project_key();
        let input = [b"\xff\xfe \x80", key.as_bytes(), b"\xc3\nok\xf0\n"].concat();
        let out = through(&[&input]);
        assert!(out.starts_with(b"\xff\xfe \x80sk_") && out.ends_with(b"[redacted]\xc3\nok\xf0\n"));
        assert!(memchr::memmem::find(&out, &key.as_bytes()[17..]).is_none());
        let wide: Vec<u8> = key.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(through(&[&wide, b"\n\0plain\n"]), [WITHHELD_WIDE, b"\n\0plain\n"].concat());
        let long = "x".repeat(LINE_BYTES + 10);
        let out = through(&[b"a\n", long.as_bytes(), key.as_bytes(), b"\nb\n"]);
        assert_eq!(out, [b"a\n", WITHHELD_LINE, b"\nb\n"].concat());
    }

    #[test]
    fn a_secret_too_long_to_hold_is_dropped_to_its_last_line() {
        let line = "Zq7Lx2VbN9tRk4WmYc8HsJd3FgPa6EuT\n";
        let mut input = format!("{}{line}", &examples::project_key()[..8]);
        input.push_str(&line.repeat(HELD_BYTES / line.len() * 2));
        input.push_str("plain words\n");
        let parts: Vec<&[u8]> = input.as_bytes().chunks(4096).collect();
        let out = String::from_utf8(through(&parts)).unwrap();
        assert!(out.ends_with("…[redacted]\nplain words\n"), "{out:.200}");
        assert!(!out.contains("VbN9tRk4"), "{out:.200}");
    }
}
