//! Texts cut to a surface's limits, in characters or in bytes.
//!
//! Invariant: what is given back is within the limit, ends at a character, and says by "…" that it was cut.

pub(super) use crate::model::cut as chars;

/// What stands at the end of a text that was cut: three bytes, one character.
const MORE: &str = "…";

/// At most so many bytes of UTF-8.
pub(super) fn bytes(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(most.saturating_sub(MORE.len()));
    text.get(..end).unwrap_or_default().trim_end().to_owned() + MORE
}

/// A body of at most so many bytes, built around a text that is cut until it fits. Empty where nothing fits.
pub(super) fn body(text: &str, most: usize, build: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let whole = build(text);
    if whole.len() <= most {
        return whole;
    }
    // How long a text becomes in JSON depends on its letters: the longest that fits is looked for by halves.
    let (mut fits, mut too_long) = (0, text.len());
    while too_long - fits > 1 {
        let middle = fits.midpoint(too_long);
        match build(&bytes(text, middle)).len() <= most {
            true => fits = middle,
            false => too_long = middle,
        }
    }
    let cut = build(&bytes(text, fits));
    if cut.len() <= most { cut } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_as_characters() {
        assert_eq!(chars("äöü", 3), "äöü");
        assert_eq!(chars("äöüß", 3), "äö…");
        assert_eq!((chars("abc", 1), chars("a bc", 3)), ("…".into(), "a…".into()));
    }

    #[test]
    fn bytes_are_cut_at_a_character() {
        assert_eq!(bytes("äöü", 6), "äöü");
        for most in 3..40 {
            let cut = bytes(&"ä€😀".repeat(9), most);
            assert!(cut.len() <= most && cut.ends_with('…'), "{most}: {cut}");
        }
    }

    #[test]
    fn a_body_is_cut_until_it_fits() {
        let build = |text: &str| serde_json::json!({ "text": text, "more": "x" }).to_string().into_bytes();
        for text in ["\n\"\\".repeat(500), "😀".repeat(500), "\u{1}".repeat(500), "short".into()] {
            let cut = body(&text, 200, build);
            assert!(!cut.is_empty() && cut.len() <= 200 && serde_json::from_slice::<serde_json::Value>(&cut).is_ok());
        }
        assert!(body("text", 5, build).is_empty());
        let whole = body(&"ö\n\"".repeat(500), 200, build).len();
        assert!(whole > 190, "as much as fits: {whole}");
    }
}
