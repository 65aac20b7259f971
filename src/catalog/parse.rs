//! The grammar: one line of text, a platform's tree, or a form's values, read into an invocation.
//!
//! It authorises nothing and looks nothing up. Invariant: whatever comes in, the answer is a `Parsed`, and
//! an `Invocation` in it holds every required option, each in its kind's normal form.

use crate::guard::Redacted;
use crate::model::{Fields, Invocation};

use super::draft::{DRY_RUN, Draft};
use super::kind::grouped;
use super::name::{self, canonical};
use super::nearest::{echo, nearest};
use super::typed::{self, Typed};
use super::words::{self, Word};
use super::{Catalog, Definition, FieldError};

/// Longest line, in characters: what Slack lets people send in one message.
pub const LINE_MAX: usize = 4_000;
/// The most words after the action: more than that is a sentence without quotes (Discord has 25 options).
pub const OPTIONS_MAX: usize = 50;
/// The action that gives help, where the catalog has it.
const HELP: &str = "help";

/// What a command's input means.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// It can be asked.
    Invocation(Invocation),
    /// Only the action was named and it needs more: a form asks for it.
    Form {
        /// The action.
        action: &'static Definition,
        /// What is known already: `dry-run` is `true` here when it was asked for.
        filled: Fields,
    },
    /// Help was asked for with `--help`, or the catalog has no action `help`; about that action or family, or in general.
    Help(Option<String>),
    /// It cannot be read. All that is wrong at once.
    Errors {
        /// The action, where it was understood.
        action: Option<&'static str>,
        /// What is wrong; `option` is `action` or `line` where it is not about an option.
        errors: Vec<FieldError>,
        /// What was read, where nothing is wrong but that something is missing.
        lacks: Option<Invocation>,
    },
}

/// Reads one line: `revoke-session org=acme user=jo@acme.example`.
#[must_use]
pub fn parse(catalog: &Catalog, line: &Redacted<String>) -> Parsed {
    let length = line.chars().count();
    if length > LINE_MAX {
        let says =
            format!("The line has {} characters; {} is the most. Shorten it.", grouped(length), grouped(LINE_MAX));
        return wrong("line", says);
    }
    let typed = typed::undo(line.as_str());
    let parsed = read(catalog, &typed.text);
    noted(parsed, &typed)
}

/// Reads what a platform parsed: the words below the command, and named options.
#[must_use]
pub fn parse_tree(catalog: &Catalog, path: &[String], options: &[(String, String)]) -> Parsed {
    let words: Vec<&str> = path.iter().map(String::as_str).skip_while(|w| canonical(w) == "seqn").collect();
    if words.is_empty() {
        return help(catalog, &[]);
    }
    match name::find(catalog, &words) {
        Some((definition, taken)) if taken == words.len() => named(catalog, definition, options).finish(),
        _ => unknown(catalog, &words),
    }
}

/// Reads a submitted form. An empty value is an option left out; what is missing is an error, not a form again.
#[must_use]
pub fn parse_form(catalog: &Catalog, action: &str, values: &[(String, String)]) -> Parsed {
    let Some((definition, 1)) = name::find(catalog, &[action]) else { return unknown(catalog, &[action]) };
    let given: Vec<_> = values.iter().filter(|(_, value)| !value.trim().is_empty()).cloned().collect();
    named(catalog, definition, &given).finish_form()
}

fn read(catalog: &Catalog, line: &str) -> Parsed {
    let Ok(words) = words::split(line) else {
        return wrong(
            "line",
            "A quote is opened and not closed. Close it, or write \\\" for a quote in a value.".into(),
        );
    };
    let skip = usize::from(words.first().and_then(Word::bare).is_some_and(|w| canonical(w) == "seqn"));
    let words = &words[skip..];
    // The action is named by one or two bare words.
    let bare: Vec<&str> = words.iter().take(2).map_while(Word::bare).collect();
    match (words.first(), bare.first()) {
        (None, _) => return help(catalog, &[]),
        (Some(first), _) if asks_help(first) => return Parsed::Help(None),
        (_, Some(first)) if canonical(first) == HELP => return help(catalog, &words[1..]),
        (_, Some(family)) if name::family(catalog, family).is_some() && words.get(1).is_some_and(names_help) => {
            return help(catalog, &[&words[..1], &words[2..]].concat());
        }
        (_, None) => return wrong("action", "Begin with an action's name. `help` lists them.".into()),
        _ => {}
    }
    let Some((definition, taken)) = name::find(catalog, &bare) else { return unknown(catalog, &bare) };
    let rest = &words[taken..];
    if rest.iter().any(asks_help) || matches!(rest, [Word::Bare(only)] if canonical(only) == HELP) {
        return Parsed::Help(Some(definition.name.to_owned()));
    }
    if rest.len() > OPTIONS_MAX {
        let says = format!(
            "There are {} words after the action; {OPTIONS_MAX} is the most. A value with spaces needs quotes.",
            grouped(rest.len())
        );
        return errors(Some(definition), "line", says);
    }
    let mut draft = Draft::of(definition);
    draft.words(catalog, rest);
    draft.finish()
}

/// `help` or `--help`.
fn names_help(word: &Word) -> bool {
    asks_help(word) || word.bare().is_some_and(|word| canonical(word) == HELP)
}

fn asks_help(word: &Word) -> bool {
    match word {
        Word::Flag(name) => matches!(canonical(name).as_str(), "help" | "h"),
        _ => false,
    }
}

/// `help [action]`, by the catalog's own action where it has one; `help incident` is about a family.
fn help(catalog: &Catalog, words: &[Word]) -> Parsed {
    if let [word] = words
        && let Some(family) = word.bare().and_then(|word| name::family(catalog, word))
    {
        return Parsed::Help(Some(family.name().to_owned()));
    }
    if let Some(action) = catalog.find(HELP) {
        if words.iter().any(asks_help) {
            return Parsed::Help(Some(HELP.into()));
        }
        let mut draft = Draft::of(action.definition());
        draft.words(catalog, words);
        return draft.finish();
    }
    let bare: Vec<&str> = words.iter().take(2).map_while(Word::bare).collect();
    match (bare.is_empty(), name::find(catalog, &bare)) {
        (true, _) => Parsed::Help(None),
        (false, Some((definition, _))) => Parsed::Help(Some(definition.name.to_owned())),
        (false, None) => unknown(catalog, &bare),
    }
}

fn named(catalog: &Catalog, definition: &'static Definition, options: &[(String, String)]) -> Draft {
    let mut draft = Draft::of(definition);
    for (name, value) in options.iter().take(OPTIONS_MAX) {
        // The kind's own limit speaks later; this keeps undoing from walking through what is refused anyway.
        let value = if value.chars().nth(LINE_MAX).is_some() { value.clone() } else { typed::undo(value).text };
        if canonical(name) == DRY_RUN { draft.dry_run(&value) } else { draft.named(catalog, name, &value) }
    }
    draft
}

/// No such action: what was meant, or what there is.
fn unknown(catalog: &Catalog, words: &[&str]) -> Parsed {
    let family = words.first().and_then(|w| name::family(catalog, w)).filter(|f| f.name() != "seqn");
    let in_family = |d: &&'static Definition| family.is_none_or(|f| d.family == f);
    let definitions: Vec<&'static Definition> = catalog.definitions().filter(in_family).collect();
    let says = match (family, words.get(1)) {
        (Some(family), None) => {
            let all: Vec<String> = definitions.iter().map(|d| format!("`{}`", name::spoken(d))).collect();
            format!("`{}` needs one more word: {}.", family.name(), all.join(", "))
        }
        (family, second) => {
            let wrong = canonical(second.filter(|_| family.is_some()).unwrap_or(words.first().unwrap_or(&"")));
            let meant = nearest(&wrong, definitions.iter().map(|d| name::word(d)))
                .and_then(|word| definitions.iter().find(|d| name::word(d) == word))
                .or_else(|| {
                    let name = nearest(&wrong, definitions.iter().map(|d| d.name))?;
                    definitions.iter().find(|d| d.name == name)
                });
            let meant = meant.map(|d| format!(" Did you mean `{}`?", name::spoken(d))).unwrap_or_default();
            format!("There is no action {}.{meant} `help` lists what there is.", echo(&wrong))
        }
    };
    wrong("action", says)
}

fn wrong(option: &str, says: String) -> Parsed {
    errors(None, option, says)
}

fn errors(action: Option<&'static Definition>, option: &str, says: String) -> Parsed {
    let errors = vec![FieldError { option: option.to_owned(), says }];
    Parsed::Errors { action: action.map(|d| d.name), errors, lacks: None }
}

/// With errors, the person is also told that something unseen was in the line.
fn noted(mut parsed: Parsed, typed: &Typed) -> Parsed {
    if let (Parsed::Errors { errors, .. }, Some(note)) = (&mut parsed, typed.note()) {
        errors.push(FieldError { option: "line".into(), says: note.into() });
    }
    parsed
}
