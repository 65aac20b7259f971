//! Texts in forms that are needed everywhere: cut to a limit, calm enough for a sentence, and bytes as digits.
//!
//! Invariant: what was cut says so by "…", and is within the limit, in characters.

use std::fmt::Write as _;

/// At most so many characters of a text; the last one is "…" where it was cut, with no space before it.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(most.saturating_sub(1)).map_or(0, |(at, _)| at);
            text.get(..end).unwrap_or_default().trim_end().to_owned() + "…"
        }
    }
}

/// A name that somebody may have chosen, as it may stand in a sentence: no markup, no invisible characters, at most so many.
#[must_use]
pub fn calm(name: &str, most: usize) -> String {
    let plain = |c: char| if c.is_alphanumeric() || ".,-_()'\u{2019}+".contains(c) { c } else { ' ' };
    let plain: String = name.chars().take(4 * most).map(plain).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").chars().take(most).collect()
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A text that cannot leave its place, in HTML and in XML alike. What neither can hold is left out, and so are the
/// letters that turn the direction of what stands around them.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_within_the_limit_and_says_so() {
        assert_eq!((cut("äöü", 3), cut("äöüß", 3)), ("äöü".to_owned(), "äö…".to_owned()));
        assert_eq!((cut("", 0), cut("ab", 1)), (String::new(), "…".to_owned()));
    }

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(calm("*Eve*\n<!channel> O\u{2019}Neil", 60), "Eve channel O\u{2019}Neil");
        assert_eq!((calm("", 3), calm("Eve Marsh", 3)), (String::new(), "Eve".to_owned()));
    }

    #[test]
    fn bytes_have_two_digits_each() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
