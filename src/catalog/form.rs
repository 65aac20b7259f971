//! The form of an action: what a modal asks, from the definition alone.
//!
//! What must be looked up first (which session?) is chosen in the preview, not here. Invariant: at most five
//! fields, each with a limit, each within both platforms' limits.

use crate::model::{Field, FieldKind, Fields, Form, RequestId, cut};

use super::kind::longest;
use super::name::spoken;
use super::{Definition, Kind, OptionDef};

/// The most fields (Discord's modal).
pub const FIELDS_MAX: usize = 5;
/// Longest title, in characters (Slack's modal; Discord allows 45).
pub const TITLE_MAX: usize = 24;
/// Longest text that is asked on one line, in characters; longer ones get several lines.
pub const LINE_CHARS: u16 = 150;

/// The form of that action; `token` comes back with its submission.
#[must_use]
pub fn form(definition: &Definition, token: &RequestId, filled: &Fields) -> Form {
    let mut asked = askable(definition);
    if asked.len() > FIELDS_MAX {
        // What is known already gives way to what is not; it is kept beside the form.
        asked.sort_by_key(|option| (!option.required, filled.get(option.name).is_some()));
    }
    let fields = asked.into_iter().take(FIELDS_MAX).map(|option| field(option, filled)).collect();
    Form { token: token.to_string(), title: cut(&sentence(&spoken(definition)), TITLE_MAX), fields }
}

/// The options that a form can ask, required ones first. A session is none unless it is required: nobody
/// knows an id by heart, and the preview offers them.
#[must_use]
pub fn askable(definition: &Definition) -> Vec<&'static OptionDef> {
    let (required, optional): (Vec<&OptionDef>, Vec<&OptionDef>) = definition.options.iter().partition(|o| o.required);
    required.into_iter().chain(optional.into_iter().filter(|o| o.kind != Kind::Session)).collect()
}

/// The title before it is cut: `revoke-session` as `Revoke session`.
#[must_use]
pub fn sentence(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn field(option: &OptionDef, filled: &Fields) -> Field {
    let known = filled.get(option.name);
    let (kind, initial) = match option.kind {
        Kind::Choice(choices) => {
            let choices: Vec<_> = choices.iter().map(|(v, l)| ((*v).to_owned(), (*l).to_owned())).collect();
            let initial = known.filter(|k| choices.iter().any(|(v, _)| v == k)).map(str::to_owned);
            (FieldKind::Choice { choices }, initial)
        }
        kind => {
            let max = u16::try_from(longest(kind)).unwrap_or(u16::MAX);
            let initial = known.filter(|k| k.chars().count() <= usize::from(max)).map(str::to_owned);
            let long = matches!(kind, Kind::Text(most) | Kind::Log(most) if most > LINE_CHARS);
            (if long { FieldKind::Paragraph { max } } else { FieldKind::Line { max } }, initial)
        }
    };
    Field {
        key: option.name.to_owned(),
        label: sentence(option.name),
        help: option.help.to_owned(),
        required: option.required,
        initial,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples::{CASE_OPEN, REVOKE, WHOAMI};

    fn token() -> RequestId {
        "rq-7k3qf2xh".parse().expect("an id")
    }

    #[test]
    fn asks_at_most_five_required_first() {
        let keys = |of: &Definition| -> Vec<String> {
            form(of, &token(), &Fields::default()).fields.into_iter().map(|f| f.key).collect()
        };
        assert_eq!(keys(&REVOKE), ["org", "user", "ticket", "reason"]);
        assert_eq!(keys(&CASE_OPEN), ["org", "issue", "since", "route", "at"]);
        assert!(keys(&WHOAMI).is_empty());
    }

    #[test]
    fn is_filled_with_what_is_known_and_fits() {
        let mut filled = Fields::default();
        filled.set("org", "acme");
        filled.set("issue", "weather");
        filled.set("since", "x".repeat(7));
        filled.set("dry-run", "true");
        let form = form(&CASE_OPEN, &token(), &filled);
        assert_eq!((form.token.as_str(), form.title.as_str()), ("rq-7k3qf2xh", "Case open"));
        let initial: Vec<_> = form.fields.iter().map(|f| f.initial.as_deref()).collect();
        assert_eq!(initial, [Some("acme"), None, None, None, None]);
        assert!(matches!(&form.fields[1].kind, FieldKind::Choice { choices } if choices.len() == 2));
        assert_eq!(form.fields[0].kind, FieldKind::Line { max: 63 });
    }

    #[test]
    fn long_texts_get_several_lines_and_titles_fit() {
        let form = form(&REVOKE, &token(), &Fields::default());
        assert_eq!(form.fields[3].kind, FieldKind::Paragraph { max: 300 });
        assert_eq!(cut("Rotate the project secret", TITLE_MAX).chars().count(), TITLE_MAX);
        assert_eq!(cut("Rotate a project secret", TITLE_MAX), "Rotate a project secret");
    }
}
