//! Runs of characters that look generated although nothing says what they are.
//!
//! It judges runs of letters and digits only, and never names a kind. Invariant: digests, ids, addresses and
//! encoded files are let pass by their form; what remains is asked about, never removed.

use std::ops::Range;

use super::decode::base64_bytes;
use super::judge::{self, is_placeholder};

/// Shorter runs are ids: a nanoid has 21 characters, a ULID 26 without small letters.
const LEAST_BYTES: usize = 24;
/// Longer runs are files: the longest generated credential without a frame is Authentik's, of 128.
const MOST_BYTES: usize = 160;
/// Of a hundred neighbours, so many differ in class (small, capital, digit). Generated runs have 62, names under 35.
const TURNS_PER_HUNDRED: usize = 42;
/// A run of one class longer than this is a word or a number. In generated runs it is rarer than one in a thousand.
const SAME_CLASS_BYTES: usize = 10;
/// A text that was encoded, not generated, decodes to so many readable characters of a hundred.
const READABLE_PER_HUNDRED: usize = 90;
/// Names of digests that stand before one.
const DIGESTS: [&[u8]; 8] = [b"sha1", b"sha256", b"sha384", b"sha512", b"md5", b"h1", b"blake3", b"etag"];
/// Beginnings of encoded files and public keys: PNG, GIF, JPEG, PDF, ZIP, gzip, SSH keys, certificates, WebAssembly.
const FILES: [&[u8]; 9] = [b"iVBORw0", b"R0lGOD", b"/9j/", b"JVBERi", b"UEsDB", b"H4sI", b"AAAA", b"MII", b"AGFzbQ"];

/// The runs of a text that look generated, in order.
pub(super) fn runs(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = LEAST_BYTES - 1;
    // A run of that length covers one of the places that are looked at.
    while let Some(byte) = bytes.get(at) {
        if !is_run(*byte) {
            at += LEAST_BYTES;
            continue;
        }
        let run = around(bytes, at);
        if looks_generated(bytes, &run) {
            found.push(run.clone());
        }
        at = run.end + LEAST_BYTES;
    }
    found
}

fn is_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The whole run that a place is in.
fn around(bytes: &[u8], at: usize) -> Range<usize> {
    let before = bytes.get(..at).unwrap_or_default().iter().rev().take_while(|byte| is_run(**byte)).count();
    let after = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_run(**byte)).count();
    at - before..at + after
}

fn looks_generated(bytes: &[u8], place: &Range<usize>) -> bool {
    let run = bytes.get(place.clone()).unwrap_or_default();
    (LEAST_BYTES..=MOST_BYTES).contains(&run.len())
        && has_all_classes(run)
        && judge::turns(run) * 100 >= TURNS_PER_HUNDRED * (run.len() - 1)
        && longest_of_one_class(run) <= SAME_CLASS_BYTES
        && !judge::starts_like_an_id(run)
        && !starts_with_digest(run)
        && !begins_like_a_file(run)
        && stands_alone(bytes, place)
        && !is_encoded_line(bytes, place)
        && !is_readable_base64(run)
        && !is_placeholder(run)
}

/// Whether a run begins as encoded files and public keys do.
pub(super) fn begins_like_a_file(run: &[u8]) -> bool {
    FILES.iter().any(|magic| run.starts_with(magic))
}

fn has_all_classes(run: &[u8]) -> bool {
    let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits >= 2 && run.iter().any(u8::is_ascii_lowercase) && run.iter().any(u8::is_ascii_uppercase)
}

fn longest_of_one_class(run: &[u8]) -> usize {
    let mut longest = 1;
    let mut len = 1;
    for (one, two) in run.iter().zip(run.iter().skip(1)) {
        len = if judge::class(*one) == judge::class(*two) { len + 1 } else { 1 };
        longest = longest.max(len);
    }
    longest
}

/// `sha512-…`, and `sha256:…` by what stands before.
fn starts_with_digest(run: &[u8]) -> bool {
    DIGESTS
        .iter()
        .any(|name| run.len() > name.len() && run.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)))
}

/// Whether the run is a word of its own: no part of an address, a path, base64 with signs or a digest.
fn stands_alone(bytes: &[u8], place: &Range<usize>) -> bool {
    let after = bytes.get(place.end).copied();
    let behind = bytes.get(place.end + 1).copied();
    let ends = match after {
        None => true,
        Some(b'.') => !behind.is_some_and(|byte| byte.is_ascii_alphanumeric()),
        Some(b':') => !behind.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'/'),
        Some(byte) => byte < 128 && !matches!(byte, b'/' | b'+' | b'=' | b'@' | b'%' | b'&' | b'\\'),
    };
    ends && may_begin(bytes.get(..place.start).unwrap_or_default())
}

fn may_begin(before: &[u8]) -> bool {
    let Some(last) = before.last() else { return true };
    if matches!(last, b'/' | b'+' | b'.' | b'@' | b'%' | b'&' | b'#' | b'?' | b'\\' | b'$') {
        return false;
    }
    let word = before.iter().rev().take_while(|byte| !byte.is_ascii_whitespace()).take(MOST_BYTES).count();
    let word = before.get(before.len() - word..).unwrap_or_default();
    let is_address =
        memchr::memmem::find(word, b"://").is_some() || word.starts_with(b"/") || word.starts_with(b"arn:");
    let is_file = memchr::memmem::find(word, b"base64,").is_some();
    let name = word
        .strip_suffix(b":")
        .or_else(|| word.strip_suffix(b"="))
        .or_else(|| word.strip_suffix(b"("))
        .unwrap_or_default();
    let name = name.rsplit(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or_default();
    let is_digest = DIGESTS.iter().any(|digest| name.eq_ignore_ascii_case(digest));
    !is_address && !is_file && !is_digest
}

/// Whether the run is a whole line among lines of the same kind: a certificate, an attachment, a public key.
fn is_encoded_line(bytes: &[u8], place: &Range<usize>) -> bool {
    let above = bytes.get(..place.start).unwrap_or_default();
    let below = bytes.get(place.end..).unwrap_or_default();
    let neighbours = [
        above.strip_suffix(b"\n").and_then(|above| above.rsplit(|byte| *byte == b'\n').next()),
        below.strip_prefix(b"\n").and_then(|below| below.split(|byte| *byte == b'\n').next()),
    ];
    neighbours.into_iter().flatten().any(|line| {
        let line = line.trim_ascii();
        line.starts_with(b"-----")
            || line.len() >= LEAST_BYTES && line.iter().all(|byte| is_run(*byte) || matches!(byte, b'+' | b'/' | b'='))
    })
}

fn is_readable_base64(run: &[u8]) -> bool {
    let whole = run.len() - run.len() % 4;
    let decoded = run.get(..whole).and_then(base64_bytes).unwrap_or_default();
    let readable = decoded.iter().filter(|byte| (b' '..=b'~').contains(*byte)).count();
    !decoded.is_empty() && readable * 100 >= decoded.len() * READABLE_PER_HUNDRED
}

#[cfg(test)]
mod tests {
    use super::super::examples::alnum;
    use super::*;

    #[test]
    fn sees_what_looks_generated() {
        for seed in 1..200 {
            let run = alnum(seed, 32 + usize::try_from(seed).unwrap() % 97);
            for text in [run.clone(), format!("try {run}, please"), format!("key={run}"), format!("\"{run}\"")] {
                let at = text.find(&run).unwrap();
                if judge::turns(run.as_bytes()) * 100 >= TURNS_PER_HUNDRED * run.len() {
                    assert_eq!(runs(&text), vec![at..at + run.len()], "{text}");
                }
            }
        }
    }

    #[test]
    fn lets_pass_what_has_a_form() {
        let run = alnum(3, 44);
        for text in [
            format!("sha512-{run}"),
            format!("SHA256:{run}"),
            format!("h1:{run}="),
            format!("https://acme.example/d/{run}"),
            format!("https://acme.example/?q={run}"),
            format!("/srv/{run}"),
            format!("arn:aws:iam::123456789012:role:{run}"),
            format!("req_{run}"),
            format!("{run}=="),
            format!("{run}/{run}"),
            format!("data:image/png;base64,{run}"),
            format!("{run}\n{run}\n{run}"),
            "4f9d2c7b1a8e6035d9c4b7a28f1e0d3c5b6a7988".to_owned(),
            "3f2b8c1e-5d4a-4c7e-9b1f-0a2d6e8c7b5f".to_owned(),
            "getUserByIdAndOrganization2FactoryBeanTest".to_owned(),
            "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
            "SGVsbG8gd29ybGQsIHRoaXMgaXMgYSB0ZXN0".to_owned(),
        ] {
            assert_eq!(runs(&text), Vec::<Range<usize>>::new(), "{text}");
        }
    }
}
