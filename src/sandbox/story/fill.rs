//! What a story's words in double braces stand for: keys and odd characters that no file should hold.
//!
//! It changes what is typed and expected, never what the transcript shows of the line. Invariant: the same
//! word is the same text in every play.

use crate::sandbox::world::{story_key, story_noise, story_private_key, story_project_key};

/// How many characters `{{long}}` has: far more than any field takes.
const LONG: usize = 10_000;

/// How much of a key may be said: its kind and 8 characters.
const PREFIX: usize = 16;
/// Where a key is cut in two.
const CUT: usize = 13;

/// Replaces `{{sk_live}}`, `{{sk_live_head}}`, `{{sk_live_tail}}`, `{{whsec}}`, `{{private_key}}` (keys made now),
/// `{{acme_key}}` (that of a project), `{{acme_prefix}}` (how it begins), `{{generated}}` (no key), `{{long}}`, `{{bidi}}`, `{{control}}` and `{{nbsp}}`.
pub(super) fn fill(text: &str) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let key = story_key(false);
    text.replace("{{sk_live}}", &key)
        .replace("{{sk_live_head}}", &key[..CUT])
        .replace("{{sk_live_tail}}", &key[CUT..])
        .replace("{{private_key}}", &story_private_key())
        .replace("{{acme_key}}", &story_project_key())
        .replace("{{acme_prefix}}", &story_project_key()[..PREFIX])
        .replace("{{generated}}", &story_noise())
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
