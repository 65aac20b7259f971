//! Whether a run of characters is a key, a word or a placeholder.
//!
//! It knows nothing of rules or places. Invariant: when in doubt, a run is not a placeholder.

/// Words of documentation. None is shorter than four letters: those turn up in random keys.
const DOC_WORDS: &[&str] = &[
    "your",
    "example",
    "placeholder",
    "redacted",
    "change",
    "replace",
    "dummy",
    "sample",
    "secret",
    "here",
    "insert",
    "fake",
    "test",
    "token",
    "value",
    "project",
    "masked",
    "hidden",
    "prefix",
    "body",
    "todo",
    "xxxx",
    "foobar",
    "lorem",
    "ipsum",
    "qwerty",
    "asdf",
    "something",
    "whatever",
    "notreal",
    "docs",
    "webhook",
    "signing",
    "demo",
    "password",
    "passwd",
    "string",
    "goes",
    "abcd",
];
/// A run with so few different characters was typed, not generated.
const FEW_CHARACTERS: usize = 4;
/// A repeated block up to this long is a pattern.
const BLOCK_BYTES: usize = 10;
/// The longest English word that is worth knowing.
const WORD_BYTES: usize = 14;
/// A piece of a name so short may mix letters and digits: `v2`, `eu1`.
const SHORT_BYTES: usize = 3;
/// Body characters that the runbook allows to be shown.
pub(super) const PREFIX_BYTES: usize = super::finding::SAFE_BODY_CHARS;
/// A body of so many bytes may be a whole key.
const WHOLE_KEY_BYTES: usize = 16;
/// Neighbours of different class that the rest of a key has at least; `SUP-1234`, `10am` and `Please` have fewer.
const REST_IN_MESSAGE_TURNS: usize = 3;
/// The rest of a key of one case, after a name that is never shown alone, is at least so long.
const LONG_REST_BYTES: usize = 20;
/// A line after exactly a prefix must be at least this long to be read as the rest of the key.
const REST_OF_KEY_BYTES: usize = 12;

/// Whether a run looks generated: letters and digits mixed, or upper and lower case mixed, and no placeholder.
pub(super) fn looks_random(run: &[u8]) -> bool {
    is_mixed(run) && !is_placeholder(run)
}

/// Whether a run is plainly not a secret: few characters, a sequence, a repeated block, words.
pub(super) fn is_placeholder(run: &[u8]) -> bool {
    is_sample(run) || is_wording(run)
}

/// Whether a run was typed to fill a place. Unlike a placeholder, a phrase of words may still be a password.
pub(super) fn is_sample(run: &[u8]) -> bool {
    few_characters(run) || is_sequence(run) || is_repeated_block(run) || is_documented(run)
}

/// Whether a run that is only joined to a key by a line break or by markup is more of that key.
pub(super) fn continues(body: &[u8], piece: &[u8]) -> bool {
    if body.len() == PREFIX_BYTES {
        return is_rest_behind_prefix(piece);
    }
    let mut parts = piece.split(|byte| is_separator(*byte)).filter(|part| !part.is_empty());
    let pieces_are_words = parts.all(|part| is_word(part) || is_numbered_word(part));
    let stands_for_itself =
        starts_like_an_id(piece) || starts_like_a_date(piece) || is_digest(piece) && (!is_hex(body) || is_digest(body));
    let assigns = piece.iter().zip(piece.iter().skip(1)).any(|(one, two)| *one == b'=' && *two != b'=');
    let ended = body.len() > PREFIX_BYTES && is_placeholder(body);
    !piece.is_empty() && !stands_for_itself && !assigns && !ended && !pieces_are_words
}

/// The same for a line break behind a key that may be shown in part: lines end in `whsec_` and `sk_live_abcd1234`.
pub(super) fn continues_line(body: &[u8], piece: &[u8]) -> bool {
    if body.len() <= PREFIX_BYTES { is_rest_behind_prefix(piece) } else { continues(body, piece) }
}

/// `sha256`, `line42`.
fn is_numbered_word(piece: &[u8]) -> bool {
    let letters = piece.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let digits = piece.iter().skip(letters).filter(|byte| byte.is_ascii_digit()).count();
    letters >= 3 && (1..=3).contains(&digits) && letters + digits == piece.len()
}

fn is_rest_behind_prefix(piece: &[u8]) -> bool {
    piece.len() >= REST_OF_KEY_BYTES && has_all_classes(piece) && !starts_like_an_id(piece)
}

fn has_all_classes(run: &[u8]) -> bool {
    let classes = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase];
    classes.iter().all(|is_class| run.iter().any(is_class))
}

/// Small hexadecimal digits, with the dashes of a UUID.
fn is_hex(run: &[u8]) -> bool {
    run.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// The length and the digits of a trace id, a UUID, a SHA-1 or a SHA-256.
fn is_digest(run: &[u8]) -> bool {
    matches!(run.len(), 32 | 36 | 40 | 64) && is_hex(run)
}

/// `2026-11-24`.
fn starts_like_a_date(piece: &[u8]) -> bool {
    let shape: Vec<bool> = piece.iter().take(8).map(u8::is_ascii_digit).collect();
    shape == [true, true, true, true, false, true, true, false] && piece.get(4) == Some(&b'-')
}

/// Whether the beginning of a message is more of the key that the message before ended in. A message stands for
/// itself more than a line does, so that more is asked of it; most where the key could be whole without it.
/// `named`: the key's prefix and eight characters may be shown, so that a message may end in them.
pub(super) fn continues_message(body: &[u8], piece: &[u8], named: bool) -> bool {
    let (len, turns) = (piece.len(), turns(piece));
    let all_classes = has_all_classes(piece);
    let end_of_body = body.get(body.len().saturating_sub(PREFIX_BYTES)..).unwrap_or_default();
    let both_hex = is_hex(piece) && is_hex(end_of_body);
    let like_a_rest = match body.len() {
        0..=PREFIX_BYTES if len >= REST_OF_KEY_BYTES && all_classes => true,
        0..=PREFIX_BYTES if named => false,
        0..=PREFIX_BYTES => both_hex && !body.is_empty() || len >= LONG_REST_BYTES && !is_hex(piece),
        shown if shown < WHOLE_KEY_BYTES => true,
        _ => both_hex || turns * 2 >= len || len >= WHOLE_KEY_BYTES && all_classes && turns * 3 >= len,
    };
    let like_before = both_hex || !is_hex(piece) && !starts_like_an_id(piece);
    like_a_rest && like_before && turns >= REST_IN_MESSAGE_TURNS
}

/// The class of a character; separators are one of their own.
pub(super) fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    }
}

/// How many neighbours differ in class, separators left aside.
pub(super) fn turns(run: &[u8]) -> usize {
    let classes = run.iter().map(|byte| class(*byte)).filter(|class| *class < 3);
    classes.clone().zip(classes.skip(1)).filter(|(one, two)| one != two).count()
}

/// `req_…`, `case-…`: an id with a name of its own is not the rest of something else; a JWT is not either.
pub(super) fn starts_like_an_id(piece: &[u8]) -> bool {
    if piece.starts_with(b"eyJ") {
        return true;
    }
    let name = piece.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    (2..=8).contains(&name) && piece.get(name).is_some_and(|byte| matches!(byte, b'_' | b'-' | b'='))
}

/// Whether a run has letters and digits, or changes case inside.
pub(super) fn is_mixed(run: &[u8]) -> bool {
    let digits = run.iter().any(u8::is_ascii_digit);
    let letters = run.iter().any(u8::is_ascii_alphabetic);
    let rises = run
        .iter()
        .zip(run.iter().skip(1))
        .filter(|(one, two)| one.is_ascii_lowercase() && two.is_ascii_uppercase())
        .count();
    (digits && letters) || rises >= 2
}

/// Whether a piece is a word, a short number, or something like `v2`.
pub(super) fn is_word(piece: &[u8]) -> bool {
    if piece.is_empty() {
        return false;
    }
    if piece.iter().all(u8::is_ascii_digit) {
        return piece.len() <= 4;
    }
    if piece.len() <= SHORT_BYTES {
        return piece.iter().all(u8::is_ascii_alphanumeric);
    }
    let tail = piece.get(1..).unwrap_or_default();
    piece.len() <= WORD_BYTES
        && piece.iter().all(u8::is_ascii_alphabetic)
        && (tail.iter().all(u8::is_ascii_lowercase) || piece.iter().all(u8::is_ascii_uppercase))
}

/// Characters that stand between the words of a name and may also stand in a key.
pub(super) fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'/' | b'+' | b'=' | b'.')
}

fn few_characters(run: &[u8]) -> bool {
    let mut kinds: Vec<u8> = Vec::with_capacity(FEW_CHARACTERS + 1);
    for byte in run.iter().filter(|byte| !is_separator(**byte)).map(u8::to_ascii_lowercase) {
        if !kinds.contains(&byte) {
            kinds.push(byte);
        }
        if kinds.len() > FEW_CHARACTERS {
            return false;
        }
    }
    true
}

/// `abcdefgh12345678`, `98765…`: nearly every neighbour differs by one at most.
fn is_sequence(run: &[u8]) -> bool {
    let steps = run.len().saturating_sub(1);
    let near = run.iter().zip(run.iter().skip(1)).filter(|(one, two)| one.abs_diff(**two) <= 1).count();
    steps >= 5 && near * 4 >= steps * 3
}

fn is_repeated_block(run: &[u8]) -> bool {
    (1..=BLOCK_BYTES)
        .filter(|block| run.len() >= block * 2)
        .any(|block| run.iter().zip(run.iter().skip(block)).all(|(one, two)| one == two))
}

/// Nothing but words with separators between them.
fn is_wording(run: &[u8]) -> bool {
    let parts: Vec<&[u8]> = run.split(|byte| is_separator(*byte)).filter(|part| !part.is_empty()).collect();
    parts.len() >= 2 && parts.iter().all(|part| is_word(part)) && parts.iter().any(|part| part.len() >= 3)
}

/// Documentation words fill most of the run.
fn is_documented(run: &[u8]) -> bool {
    let letters = run.iter().filter(|byte| !is_separator(**byte)).count();
    let mut covered = 0;
    let mut documented = false;
    for part in run.split(|byte| is_separator(*byte)) {
        let lower = part.to_ascii_lowercase();
        let worded = doc_bytes(&lower);
        documented |= worded > 0;
        covered += if is_word(part) { part.len() } else { worded };
    }
    documented && covered * 5 >= letters * 3
}

/// How many bytes of a lower-case run documentation words cover.
fn doc_bytes(run: &[u8]) -> usize {
    let mut covered = 0;
    let mut at = 0;
    while at < run.len() {
        let rest = run.get(at..).unwrap_or_default();
        let word = DOC_WORDS.iter().filter(|word| rest.starts_with(word.as_bytes())).map(|word| word.len()).max();
        covered += word.unwrap_or(0);
        at += word.unwrap_or(1);
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_placeholders() {
        for run in [
            "xxxxxxxxxxxxxxxxxxxxxxxx",
            "0000000000000000",
            "abcdefghijklmnopqrstuvwx",
            "1234567890123456789012345",
            "your_secret_key_here",
            "YOUR-KEY-GOES-HERE",
            "placeholdersecretkey",
            "abc123abc123abc123abc123",
            "YourSecretKeyHere",
            "example_key_1",
            "deadbeefdeadbeefdeadbeef",
            "replace_me_please",
        ] {
            assert!(is_placeholder(run.as_bytes()), "{run}");
        }
        for run in
            ["51HqX8fKq2mZ7pLw9RtYv3Nb", "4f9d2c7b1a8e6035d9c4b7a2", "qwzxkvjhgfpldmnbtrwqplmk", "MfKQ9r8GKYqrTwjU"]
        {
            assert!(!is_placeholder(run.as_bytes()), "{run}");
        }
    }

    #[test]
    fn knows_the_rest_of_a_key_from_the_next_word() {
        assert!(continues(b"a1B2c3D4e5F6", b"9RtYv3Nb"));
        assert!(continues(b"a1B2c3D4e5F6", b"qXbTzRw"));
        assert!(!continues(b"a1B2c3D4e5F6", b"please"));
        assert!(!continues(b"a1B2c3D4e5F6", b"Please"));
        assert!(!continues(b"a1B2c3D4", b"req_8f7d6a5b4c3d"));
        assert!(!continues(b"a1B2c3D4e5F6", b"case-4f9d2c7b"));
        assert!(continues(b"a1B2c3D4", b"7pLw9RtYv3NbQ2"));
    }
}
