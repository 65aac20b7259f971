//! One step of undoing what people and platforms do to text.
//!
//! It decides about one place at a time and keeps no state. Invariant: a step always moves on by at least
//! one byte and ends on a character boundary.

use super::confusable;

/// How far a `<url|label>` wrapper may reach: longer than any link that a platform makes.
const WRAPPER_BYTES: usize = 4096;
/// Repeated marks up to this many are markup (`***bold italic***`, code fences); more are a mask or a rule.
const MARKUP_REPEAT: usize = 3;
/// White space around one line break: indentation and quote marks.
const BREAK_BYTES: usize = 64;
/// Stands in a view for a mask, which ends every key.
pub(super) const MASK: char = '\u{1}';
/// The longest entity that matters (`&#x1F600;`), with its ends.
const ENTITY_BYTES: usize = 10;

/// What to do with the next piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It stays.
    Keep(char),
    /// It stands for this character.
    Fold(char),
    /// It was never meant to be seen.
    Drop,
    /// It is a line break or markup; what is on its two sides may belong together.
    Join {
        /// Whether it was a line break.
        line: bool,
    },
}

/// The bytes that can begin something that has to be undone.
const SIGNS: [bool; 256] = {
    let mut signs = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = byte >= 128;
        byte += 1;
    }
    let marks = b"%&\\<>*~`|\n\r\"'";
    let mut index = 0;
    while index < marks.len() {
        signs[marks[index] as usize] = true;
        index += 1;
    }
    signs
};

/// Whether a byte can begin something that has to be undone.
pub(super) fn is_sign(byte: u8) -> bool {
    SIGNS[usize::from(byte)]
}

/// What to do at `at`, and how many bytes that takes.
pub(super) fn step(text: &str, at: usize) -> (Step, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let Some(letter) = rest.chars().next() else { return (Step::Drop, 1) };
    let keep = (Step::Keep(letter), letter.len_utf8());
    match letter {
        '%' => percent(rest).map_or(keep, |c| (Step::Fold(c), 3)),
        '&' => entity(rest).map_or(keep, |(c, len)| (Step::Fold(c), len)),
        '\\' => backslash(rest),
        '<' => bracket(rest),
        '>' => (Step::Join { line: false }, 1),
        '*' | '~' | '`' | '|' => marks(rest, letter),
        '"' | '\'' => quotes(rest, letter),
        ' ' | '\t' | '\r' | '\n' => blank(rest, letter),
        _ if letter.is_ascii() => keep,
        _ if confusable::is_invisible(letter) => (Step::Drop, letter.len_utf8()),
        _ => confusable::fold(letter).map_or(keep, |c| (Step::Fold(c), letter.len_utf8())),
    }
}

/// The value of a hexadecimal digit.
pub(super) fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn hex_char(digits: &[u8]) -> Option<char> {
    let mut code = 0_u32;
    for digit in digits {
        code = code.checked_mul(16)?.checked_add(u32::from(hex_value(*digit)?))?;
    }
    char::from_u32(code).filter(|c| c.is_ascii() && !c.is_ascii_control())
}

fn percent(rest: &str) -> Option<char> {
    hex_char(rest.as_bytes().get(1..3)?)
}

fn entity(rest: &str) -> Option<(char, usize)> {
    let bytes = rest.as_bytes();
    let end = bytes.iter().take(ENTITY_BYTES).position(|byte| *byte == b';')?;
    let letter = match bytes.get(1..end)? {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        b"nbsp" => ' ',
        b"lowbar" => '_',
        [b'#', b'x' | b'X', digits @ ..] => hex_char(digits)?,
        [b'#', digits @ ..] => {
            let code = std::str::from_utf8(digits).ok()?.parse::<u32>().ok()?;
            char::from_u32(code).filter(|c| c.is_ascii() && !c.is_ascii_control())?
        }
        _ => return None,
    };
    Some((letter, end + 1))
}

fn backslash(rest: &str) -> (Step, usize) {
    let bytes = rest.as_bytes();
    let line = Step::Join { line: true };
    match bytes.get(1) {
        Some(b'u') => {
            bytes.get(2..6).and_then(hex_char).map_or((Step::Keep('\\'), 1), |letter| (Step::Fold(letter), 6))
        }
        Some(b'x') => {
            bytes.get(2..4).and_then(hex_char).map_or((Step::Keep('\\'), 1), |letter| (Step::Fold(letter), 4))
        }
        Some(b'n' | b'r') => (line, 2),
        Some(b'\n') => {
            let rest = bytes.get(2..).unwrap_or_default().iter();
            (line, 2 + rest.take(BREAK_BYTES).take_while(|byte| matches!(byte, b' ' | b'\t')).count())
        }
        Some(b'\\') => (Step::Fold('\\'), 2),
        Some(next) if next.is_ascii_punctuation() => (Step::Drop, 1),
        _ => (Step::Keep('\\'), 1),
    }
}

/// `<url|label>`, `<url>` and small tags; anything else is a plain sign.
fn bracket(rest: &str) -> (Step, usize) {
    let bytes = rest.as_bytes();
    let join = Step::Join { line: false };
    let inside = bytes.get(1..).unwrap_or_default();
    let Some(len) = inside.iter().take(WRAPPER_BYTES).position(|byte| matches!(byte, b'>' | b'<' | b'\n')) else {
        return (Step::Keep('<'), 1);
    };
    if inside.get(len) != Some(&b'>') {
        return (Step::Keep('<'), 1);
    }
    let inside = inside.get(..len).unwrap_or_default();
    if let Some(bar) = memchr::memchr(b'|', inside) {
        return (join, bar + 2);
    }
    for scheme in ["https://", "http://", "mailto:", "tel:"] {
        if inside.starts_with(scheme.as_bytes()) {
            return (join, 1 + scheme.len());
        }
    }
    let name = inside.strip_prefix(b"/").unwrap_or(inside);
    let is_tag = name.first().is_some_and(u8::is_ascii_lowercase)
        && name.len() <= 12
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'/'));
    if is_tag { (join, len + 2) } else { (Step::Keep('<'), 1) }
}

fn marks(rest: &str, letter: char) -> (Step, usize) {
    let run = rest.chars().take(MARKUP_REPEAT + 1).take_while(|next| *next == letter).count();
    if run <= MARKUP_REPEAT { (Step::Join { line: false }, run) } else { (Step::Fold(MASK), 1) }
}

/// The seam of two joined string literals: `"a" + "b"`, `'a' . 'b'`, `"a" "b"`.
fn quotes(rest: &str, letter: char) -> (Step, usize) {
    let mut seen_sign = false;
    for (at, next) in rest.char_indices().skip(1).take(BREAK_BYTES) {
        match next {
            ' ' | '\t' | '\r' | '\n' | '\\' => {}
            '+' | '.' | '&' if !seen_sign => seen_sign = true,
            '"' | '\'' if next == letter && at > 1 => return (Step::Join { line: false }, at + 1),
            _ => break,
        }
    }
    (Step::Keep(letter), 1)
}

fn blank(rest: &str, letter: char) -> (Step, usize) {
    let mut breaks = 0_usize;
    let mut len = 0;
    for byte in rest.bytes().take(BREAK_BYTES) {
        match byte {
            b'\n' => breaks += 1,
            b' ' | b'\t' | b'\r' => {}
            b'>' | b'|' if breaks > 0 => {}
            _ => break,
        }
        len += 1;
    }
    match breaks {
        0 => (Step::Keep(letter), 1),
        _ => (Step::Join { line: true }, len),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_moves_and_ends_on_a_boundary() {
        let odd = "a%5f%zz&lt;&x;\\u0041\\x41\\n\\_\\\\<b><u|l><<>***** ~~`x` \"a\" + \"b\" \r\n > é\u{200b}ｋ<";
        let mut at = 0;
        while at < odd.len() {
            let (_, len) = step(odd, at);
            assert!(len > 0);
            at += len;
            assert!(odd.is_char_boundary(at), "{at}");
        }
        assert_eq!(at, odd.len());
    }

    #[test]
    fn knows_marks_from_masks() {
        assert_eq!(step("**bold**", 0), (Step::Join { line: false }, 2));
        assert_eq!(step("********", 0), (Step::Fold(MASK), 1));
        assert_eq!(step("\"a\"", 0), (Step::Keep('"'), 1));
        assert_eq!(step("\" + \"b", 0), (Step::Join { line: false }, 5));
        assert_eq!(step("&#95;x", 0), (Step::Fold('_'), 5));
    }
}
