//! Did-you-mean: the candidate that a mistyped word is nearest to. It corrects nothing by itself.

/// Longest word that is compared, in characters: names end at 32, and comparing is quadratic.
const COMPARED_MAX: usize = 64;
/// The most edits (insert, delete, change, swap) between a word and what was meant.
const EDITS_MAX: usize = 2;
/// The least Jaro-Winkler likeness; it favours a common beginning such as `revoke` for `revoke-session`.
const LIKENESS_MIN: f64 = 0.85;
/// Longest unknown word that is repeated to the person, in characters.
const ECHO_MAX: usize = 40;

/// The nearest candidate, if any is near enough.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    if length == 0 || length > COMPARED_MAX {
        return None;
    }
    let edits_max = if length <= 3 { 1 } else { EDITS_MAX };
    let near = candidates.into_iter().filter_map(|candidate| {
        let edits = strsim::damerau_levenshtein(&word, candidate);
        let likeness = strsim::jaro_winkler(&word, candidate);
        let fits = edits <= edits_max && edits < length || likeness >= LIKENESS_MIN;
        fits.then_some((edits.min(EDITS_MAX + 1), likeness, candidate))
    });
    near.min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1))).map(|(_, _, candidate)| candidate)
}

/// ` Did you mean …?` with a space in front, or nothing.
pub(super) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|meant| format!(" Did you mean `{meant}`?")).unwrap_or_default()
}

/// An unknown word as it may be repeated: short and plain, else no more than "this".
pub(super) fn echo(word: &str) -> String {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if plain && !word.is_empty() && word.len() <= ECHO_MAX { format!("`{word}`") } else { "this".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["revoke-session", "whoami", "can", "help", "case open"];
        for (word, meant) in [
            ("revoke-sesion", Some("revoke-session")),
            ("revoke", Some("revoke-session")),
            ("Whoaim", Some("whoami")),
            ("cna", Some("can")),
            ("x", None),
            ("", None),
            ("banana-split", None),
        ] {
            assert_eq!(nearest(word, names), meant, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(5_000), names), None);
    }

    #[test]
    fn repeats_short_plain_words_only() {
        assert_eq!(echo("foo-bar"), "`foo-bar`");
        for odd in ["", "<!channel>", "a b", &"x".repeat(41)] {
            assert_eq!(echo(odd), "this");
        }
    }
}
