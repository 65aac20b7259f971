//! What a story's words in double braces stand for: keys and odd characters that no file should hold.
//!
//! It changes what is typed and expected, never what the transcript shows of the line. Invariant: the same
//! word is the same text in every play.

use crate::sandbox::world::story_key;

/// How many characters `{{long}}` has: far more than any field takes.
const LONG: usize = 10_000;

/// Replaces `{{sk_live}}`, `{{whsec}}` (keys made now), `{{long}}`, `{{bidi}}`, `{{control}}` and `{{nbsp}}`.
pub(super) fn fill(text: &str) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    text.replace("{{sk_live}}", &story_key(false))
        .replace("{{whsec}}", &story_key(true))
        .replace("{{long}}", &"x".repeat(LONG))
        .replace("{{bidi}}", "\u{202e}")
        .replace("{{control}}", "\u{7}")
        .replace("{{nbsp}}", "\u{a0}")
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn keys_are_made_and_repeat() {
        let key = fill("{{sk_live}}");
        assert!(key.starts_with(concat!("sk", "_live_")) && key == fill("{{sk_live}}"));
        assert_eq!(fill("{{long}}").len(), 10_000);
        assert_eq!(fill("no {braces}"), "no {braces}");
    }
}
