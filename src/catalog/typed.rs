//! Undoes what chat clients and keyboards do to typing, character by character and link by link.
//!
//! Quotes, a dash for `--` and a full-width `＝` depend on where they stand: `words` reads those. This is
//! no defence: renderers escape again. Invariant: the result holds no control, bidi or invisible character
//! but the line break and the tab.

/// A text with typing undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The text.
    pub text: String,
    /// How many control, bidi or invisible characters were taken out.
    pub removed: usize,
}

impl Typed {
    /// A sentence about what was taken out; `None` when nothing was.
    #[must_use]
    pub fn note(&self) -> Option<&'static str> {
        (self.removed > 0).then_some("Invisible or control characters were taken out of what was typed.")
    }
}

/// Undoes entities, link wrappers, odd spaces and hyphens, and takes out what cannot be seen.
#[must_use]
pub fn undo(text: &str) -> Typed {
    let mut out = String::with_capacity(text.len());
    let mut removed = 0;
    for c in unwrapped(text).chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\u{2010}' | '\u{2011}' => out.push('-'),
            c if c.is_whitespace() => out.push(' '),
            c if unseen(c) => removed += 1,
            c => out.push(c),
        }
    }
    Typed { text: entities(&out), removed }
}

/// Characters that show nothing, or that change the direction of what stands beside them.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// `&amp;`, `&lt;`, `&gt;`: the three that Slack writes. Each is undone once.
fn entities(text: &str) -> String {
    const PAIRS: [(&str, char); 3] = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (skip, c) =
            PAIRS.iter().find(|(name, _)| rest.starts_with(name)).map_or((1, '&'), |(name, c)| (name.len(), *c));
        out.push(c);
        rest = &rest[skip..];
    }
    out + rest
}

/// `<mailto:a@b|a@b>` and `<https://x|x>` as the words that were typed.
fn unwrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // A link has no `<` inside, so that a stray one costs one step and not the rest of the text.
        let end = rest[1..].find(['<', '>']).map(|i| i + 1).filter(|i| rest.as_bytes()[*i] == b'>');
        let (typed, taken) = end.and_then(|end| Some((link(&rest[1..end])?, end + 1))).unwrap_or(("<", 1));
        out.push_str(typed);
        rest = &rest[taken..];
    }
    out + rest
}

/// The words of one link: its label where that says the same as the address, else the address, since a
/// label can be made to say anything.
fn link(inside: &str) -> Option<&str> {
    let (address, label) = inside.split_once('|').unwrap_or((inside, ""));
    let bare = ["mailto:", "tel:"].iter().find_map(|scheme| address.strip_prefix(scheme));
    let host = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme));
    match (bare, host) {
        (Some(bare), _) => Some(bare),
        (None, Some(host)) if label == host || label == host.trim_end_matches('/') => Some(label),
        (None, Some(_)) => Some(address),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_what_clients_do() {
        for (typed, meant) in [
            ("org=acme\u{a0}user=jo", "org=acme user=jo"),
            ("org=ac\u{200b}me", "org=acme"),
            ("\u{feff}help", "help"),
            ("user=<mailto:jo@acme.example|jo@acme.example>", "user=jo@acme.example"),
            ("user=<mailto:jo@acme.example>", "user=jo@acme.example"),
            ("user=<mailto:jo@acme.example|the boss>", "user=jo@acme.example"),
            ("at <https://x.example|x.example>", "at x.example"),
            ("at <http://x.example/|x.example>", "at x.example"),
            ("at <https://x.example>", "at https://x.example"),
            ("at <https://evil.example|good.example>", "at https://evil.example"),
            ("as=<@U0KIM|kim>", "as=<@U0KIM|kim>"),
            ("a &lt;b&gt; &amp; c", "a <b> & c"),
            ("&amp;lt;", "&lt;"),
            ("R&D &copy;", "R&D &copy;"),
            ("a < b <<mailto:x@y.z|x@y.z>", "a < b <x@y.z"),
            ("revoke\u{2011}session", "revoke-session"),
            ("a\r\nb", "a\n\nb"),
        ] {
            assert_eq!(undo(typed).text, meant, "{typed:?}");
        }
    }

    #[test]
    fn says_that_it_took_something_out() {
        let typed = undo("org=a\u{202e}cme\u{7}");
        assert_eq!((typed.text.as_str(), typed.removed), ("org=acme", 2));
        assert!(typed.note().is_some());
        assert_eq!(undo("org=acme").note(), None);
    }
}
