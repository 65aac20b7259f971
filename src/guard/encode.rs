//! How a literal looks inside encoded text.
//!
//! It encodes only. Invariant: what it gives is in the encoded text wherever the literal is in the plain one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Shorter pieces of encoded anchors are found everywhere.
const CORE_BYTES: usize = 4;

/// The characters of base64 text that depend on nothing but the literal, for each of its three places in a group
/// of three bytes, and how many characters before them the group begins.
pub(super) fn base64_cores(literal: &[u8]) -> Vec<(usize, String)> {
    let mut cores = Vec::new();
    for before in 0..3_usize {
        let skipped = (3 - before) % 3;
        let Some(aligned) = literal.get(skipped..) else { continue };
        let whole = aligned.len() * 8 / 6;
        let core = STANDARD_NO_PAD.encode(aligned).get(..whole).unwrap_or_default().to_owned();
        let lead = if skipped == 0 { 0 } else { 4 };
        if !core.is_empty() {
            cores.push((lead, core));
        }
    }
    cores
}

/// How an anchor reads in base64, at each of its three places, and in hexadecimal text.
pub(super) fn coded_forms(anchor: &[u8]) -> Vec<String> {
    let mut forms = vec![hex(anchor), hex(anchor).to_uppercase()];
    for (_, core) in base64_cores(anchor) {
        if core.len() >= CORE_BYTES {
            forms.push(core.replace('+', "-").replace('/', "_"));
            forms.push(core);
        }
    }
    if anchor.len() <= CORE_BYTES {
        forms.extend((1..3_usize).flat_map(|before| edged_forms(anchor, before)));
    }
    forms.sort();
    forms.dedup();
    forms
}

/// The same with the character that an anchor shares with what stands before it: for anchors that are short.
fn edged_forms(anchor: &[u8], before: usize) -> impl Iterator<Item = String> {
    let (from, to) = (before * 8 / 6, (before + anchor.len()) * 8 / 6);
    (0..=u8::MAX).filter_map(move |last| {
        let whole = [&[0, last][2 - before..], anchor].concat();
        STANDARD_NO_PAD.encode(whole).get(from..to).map(str::to_owned)
    })
}

/// Lower-case hexadecimal.
pub(super) fn hex(literal: &[u8]) -> String {
    let digits = literal.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// The case of hexadecimal digits.
#[derive(Clone, Copy)]
pub(super) enum Digits {
    Upper,
    Lower,
}

/// Percent-encoding of everything that is not unreserved.
pub(super) fn percent(literal: &[u8], digits: Digits) -> String {
    literal
        .iter()
        .map(|byte| match (byte, digits) {
            (b'-' | b'_' | b'.' | b'~', _) => char::from(*byte).to_string(),
            (byte, _) if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
            (byte, Digits::Upper) => format!("%{byte:02X}"),
            (byte, Digits::Lower) => format!("%{byte:02x}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_found_at_every_place() {
        let cores = base64_cores(b"needle_");
        for before in 0..6 {
            let text = format!("{}needle_{}", "x".repeat(before), "tail");
            let encoded = STANDARD_NO_PAD.encode(text);
            assert!(cores.iter().any(|(_, core)| encoded.contains(core)), "{before}");
        }
        assert_eq!(hex(b"a_"), "615f");
        assert_eq!(percent(b"a/b+c", Digits::Upper), "a%2Fb%2Bc");
    }
}
