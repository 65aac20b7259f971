//! Private keys in PEM form: RSA, EC, OpenSSH, PGP, whole and cut off.
//!
//! It reads at most one key's length behind the label. Invariant: a public key, a certificate and a block of
//! documentation are none.

use std::ops::Range;

use super::checks::KEY_BYTES;
use super::decode::is_base64;
use super::judge::is_placeholder;
use super::sight::Sight;

/// The largest private key in PEM form, with room: an 16,384-bit RSA key has 12.5 kB.
const PEM_BYTES: usize = 32 * 1024;
/// The longest label of a PEM line, with its dashes: `ENCRYPTED PRIVATE KEY BLOCK`, and room.
const PEM_LABEL_BYTES: usize = 48;
/// What stands around a label.
const DASHES: &[u8] = b"-----";
/// Encoded characters that make a PEM block a real one; documentation shows fewer.
const PEM_BODY_BYTES: usize = 32;
/// Words of the headers of a PEM block (`Proc-Type: 4,ENCRYPTED`, `Comment: …`).
const PEM_HEADER_WORDS: usize = 16;

/// A PEM block, also one that was cut off before its end.
pub(super) fn private_key(sight: &Sight<'_>) -> Option<Range<usize>> {
    let len = sight.bytes().len();
    let label_end = sight.find(sight.end..(sight.end + PEM_LABEL_BYTES).min(len), DASHES)?;
    sight.find(sight.end..label_end, b"PRIVATE").or_else(|| sight.find(sight.end..label_end, b"private"))?;
    let from = label_end + DASHES.len();
    let last = from.saturating_add(PEM_BYTES).min(len);
    let dashes = sight.find(from..last, DASHES);
    let stop = dashes.unwrap_or(last);
    let label = stop + DASHES.len();
    let end = if dashes.is_some() && sight.slice(label..(label + 3).min(len)).eq_ignore_ascii_case(b"END") {
        sight.find(label..(label + PEM_LABEL_BYTES).min(len), DASHES).map_or(label + 3, |at| at + DASHES.len())
    } else {
        cut_off_end(sight, from..stop)
    };
    let body = sight.slice(from..end);
    let encoded = body.iter().filter(|byte| is_base64(**byte)).count();
    (encoded >= PEM_BODY_BYTES && has_code(body)).then_some(sight.start..end)
}

/// Where a key without an end line ends: at the last line of code, where nothing but
/// headers stands before the first and nothing at all between.
fn cut_off_end(sight: &Sight<'_>, range: Range<usize>) -> usize {
    let mut end = range.start;
    let mut at = range.start;
    let (mut in_header, mut header_words) = (false, 0);
    for line in sight.lines(range.clone()) {
        for token in line.split(|byte| byte.is_ascii_whitespace() || *byte == b'\\') {
            let frame = token.iter().take_while(|byte| is_frame(**byte)).count();
            let core = token.get(frame..).unwrap_or_default();
            let (core, behind) = core.split_at(core.iter().take_while(|byte| is_code(**byte)).count());
            let ends = behind.iter().all(|byte| !byte.is_ascii_alphanumeric());
            if ends && (is_code_line(core) || end > range.start && core.ends_with(b"=")) {
                end = at + frame + core.len();
            } else if token.len() > 2 {
                in_header |= token.ends_with(b":");
                header_words += 1;
                if end > range.start || !in_header || header_words > PEM_HEADER_WORDS {
                    return end;
                }
            }
            at += token.len() + 1;
        }
        // Where a line break was taken out, no byte stands for it.
        at -= 1;
    }
    end
}

/// Quotes and what editors put before a line.
fn is_frame(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'>' | b'|' | b',' | b'*' | b'#')
}

fn is_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// A line of base64: long, and of both cases, which digests and ids are not.
fn is_code_line(line: &[u8]) -> bool {
    line.len() >= KEY_BYTES
        && line.iter().all(|byte| is_code(*byte))
        && line.iter().any(u8::is_ascii_lowercase)
        && line.iter().any(u8::is_ascii_uppercase)
        && !is_placeholder(line)
}

/// Whether some token of a block is long enough to be encoded; documentation has none.
fn has_code(body: &[u8]) -> bool {
    body.split(|byte| !is_base64(*byte)).any(|part| part.len() >= KEY_BYTES && !is_placeholder(part))
}
