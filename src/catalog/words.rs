//! Cuts a line into words: pairs, flags, quoted values, bare words. It knows no action and no option.
//!
//! A quote opens at the start of a word or after its first `=`; elsewhere it is a letter (`reason=can't`).
//! Invariant: `split(quoted(v))` is one quoted word with the text `v`.

/// One word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// `acme`.
    Bare(String),
    /// `"lost laptop"`.
    Quoted(String),
    /// `--org`; without the dashes.
    Flag(String),
    /// `org=acme`, `--org=acme`.
    Pair {
        /// What stands before the `=`, without dashes.
        name: String,
        /// What stands after it, without quotes.
        value: String,
    },
}

impl Word {
    /// The text, if it is a bare word.
    pub(super) fn bare(&self) -> Option<&str> {
        match self {
            Self::Bare(text) => Some(text),
            _ => None,
        }
    }
}

/// A double quote was opened and never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed;

const DOUBLE: &[char] = &['"', '“', '”', '„', '‟', '＂'];
const SINGLE: &[char] = &['\'', '‘', '’', '‚', '‛', '＇'];
const DASH: &[char] = &['-', '–', '—', '―', '−', '－'];
const EQUALS: &[char] = &['=', '＝'];

/// The words of a line.
pub(super) fn split(line: &str) -> Result<Vec<Word>, Unclosed> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = one(rest)?;
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

/// The value as it must be typed to be read back: quoted where a bare word would not do.
#[must_use]
pub fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "@._-/:+#".contains(c);
    if !value.is_empty() && value.chars().all(plain) && !value.starts_with('-') {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        if c == '"' || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// The first word of a text that does not begin with a space, and what follows it.
fn one(text: &str) -> Result<(Word, &str), Unclosed> {
    if let Some((value, after)) = quote(text)? {
        let (tail, after) = bare(after);
        return Ok((Word::Quoted(value + tail), after));
    }
    let undashed = text.trim_start_matches(DASH);
    let dashed = undashed.len() < text.len() && undashed.starts_with(char::is_alphabetic);
    let body = if dashed { undashed } else { text };
    let name_end = body.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(body.len());
    let (name, after) = body.split_at(name_end);
    if let Some(value) = after.strip_prefix(EQUALS).filter(|_| name.starts_with(char::is_alphabetic)) {
        let name = name.to_owned();
        if let Some((value, after)) = quote(value)? {
            let (tail, after) = bare(after);
            return Ok((Word::Pair { name, value: value + tail }, after));
        }
        let (value, after) = bare(value);
        return Ok((Word::Pair { name, value: value.to_owned() }, after));
    }
    let (word, after) = bare(body);
    Ok((if dashed { Word::Flag(word.to_owned()) } else { Word::Bare(word.to_owned()) }, after))
}

/// Up to the next space.
fn bare(text: &str) -> (&str, &str) {
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// The quoted text at the start, if a quote opens there, and what follows its end.
fn quote(text: &str) -> Result<Option<(String, &str)>, Unclosed> {
    let Some(open) = text.chars().next() else { return Ok(None) };
    let inside = &text[open.len_utf8()..];
    if SINGLE.contains(&open) {
        return Ok(single(inside));
    }
    if !DOUBLE.contains(&open) {
        return Ok(None);
    }
    let straight = (open == '"').then(|| double(inside, &['"'])).flatten();
    straight.or_else(|| double(inside, DOUBLE)).map(Some).ok_or(Unclosed)
}

/// Up to the closing double quote; a backslash before a double quote or a backslash takes its meaning away.
fn double<'a>(text: &'a str, closers: &[char]) -> Option<(String, &'a str)> {
    let mut out = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(|(_, next)| *next == '\\' || DOUBLE.contains(next)) => {
                out.extend(chars.next().map(|(_, next)| next));
            }
            c if closers.contains(&c) => return Some((out, &text[at + c.len_utf8()..])),
            c => out.push(c),
        }
    }
    None
}

/// Up to a single quote that ends a word; `None` when there is none, and the quote was an apostrophe.
fn single(text: &str) -> Option<(String, &str)> {
    text.char_indices().filter(|(_, c)| SINGLE.contains(c)).find_map(|(at, c)| {
        let after = &text[at + c.len_utf8()..];
        let ends = after.is_empty() || after.starts_with(char::is_whitespace);
        ends.then(|| (text[..at].to_owned(), after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> Word {
        Word::Pair { name: name.into(), value: value.into() }
    }

    #[test]
    fn cuts_as_people_type() {
        let bare = |t: &str| Word::Bare(t.into());
        let flag = |t: &str| Word::Flag(t.into());
        let text = |t: &str| Word::Quoted(t.into());
        for (line, words) in [
            ("", vec![]),
            ("  a  b\t\nc ", vec![bare("a"), bare("b"), bare("c")]),
            ("org=acme --org=acme —org＝acme", vec![pair("org", "acme"), pair("org", "acme"), pair("org", "acme")]),
            ("--org acme –h - --", vec![flag("org"), bare("acme"), flag("h"), bare("-"), bare("--")]),
            ("r=\"lost laptop\" x", vec![pair("r", "lost laptop"), bare("x")]),
            ("r=“lost laptop” x", vec![pair("r", "lost laptop"), bare("x")]),
            ("r=‘lost laptop’", vec![pair("r", "lost laptop")]),
            ("r=\"lost laptop”", vec![pair("r", "lost laptop")]),
            ("r=\"he said “hi” – twice\"", vec![pair("r", "he said “hi” – twice")]),
            (r#"r="a \"b\" \\ \n""#, vec![pair("r", r#"a "b" \ \n"#)]),
            ("r=can’t r=O'Brien 'tis", vec![pair("r", "can’t"), pair("r", "O'Brien"), bare("'tis")]),
            ("r='he's gone' x", vec![pair("r", "he's gone"), bare("x")]),
            ("\"two words\" ''", vec![text("two words"), text("")]),
            ("org= org=\"\"", vec![pair("org", ""), pair("org", "")]),
            (
                "/v1/me?x=1 https://x/?a=b a@b=c =x",
                vec![bare("/v1/me?x=1"), bare("https://x/?a=b"), bare("a@b=c"), bare("=x")],
            ),
        ] {
            assert_eq!(split(line), Ok(words), "{line}");
        }
        for open in ["\"", "r=\"lost", "r=“lost laptop", r#"r="a\""#] {
            assert_eq!(split(open), Err(Unclosed), "{open}");
        }
    }

    #[test]
    fn what_is_quoted_is_read_back() {
        for value in ["acme", "", " ", "a b", "\"", "\\", "\\\"", "it's", "“x”", "-x", "a=b", "\u{1F600}", "\n"] {
            let line = quoted(value);
            let read = split(&line).expect("it is closed");
            assert!(read == [Word::Quoted(value.into())] || read == [Word::Bare(value.into())], "{value:?} {line}");
            assert_eq!(split(&format!("r={line} x")).expect("it is closed")[0], pair("r", value));
        }
    }
}
