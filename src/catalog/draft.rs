//! An invocation that is being read: options as they come, and everything that is wrong with them.
//!
//! Invariant: an option is set once; what is wrong is said once, and never with the value in it.

use crate::model::{Fields, Invocation};

use super::kind;
use super::name::{self, canonical};
use super::nearest::{did_you_mean, echo};
use super::parse::Parsed;
use super::words::{Word, quoted};
use super::{Catalog, Definition, FieldError, Kind, OptionDef};

/// The name of the option that stops before the act; every action that changes something has it.
pub const DRY_RUN: &str = "dry-run";
/// The most errors that are told at once; more would not be read.
const ERRORS_MAX: usize = 10;
/// The word that stands for `as=` where an action has that option.
const AS: &str = "as";

/// What has been read of an invocation.
pub(super) struct Draft {
    definition: &'static Definition,
    fields: Fields,
    seen: Vec<&'static str>,
    dry_run: Option<bool>,
    errors: Vec<FieldError>,
}

impl Draft {
    /// Nothing read yet.
    pub(super) fn of(definition: &'static Definition) -> Self {
        Self { definition, fields: Fields::default(), seen: Vec::new(), dry_run: None, errors: Vec::new() }
    }

    /// Reads words: named options first, then what is left by position.
    pub(super) fn words(&mut self, catalog: &Catalog, words: &[Word]) {
        let mut loose: Vec<(usize, &str)> = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let next = words.get(at + 1);
            at += 1 + match word {
                Word::Pair { name, value } if canonical(name) == DRY_RUN => {
                    self.dry_run(value);
                    0
                }
                Word::Pair { name, value } => {
                    self.named(catalog, name, value);
                    0
                }
                Word::Flag(name) if canonical(name) == DRY_RUN => self.dry_run_flag(next),
                Word::Flag(name) => self.flag(catalog, name, next),
                Word::Bare(text) if canonical(text) == DRY_RUN => self.dry_run_flag(None),
                Word::Bare(text) if canonical(text) == AS && self.definition.option(AS).is_some() => {
                    self.flag(catalog, AS, next)
                }
                Word::Bare(text) | Word::Quoted(text) => {
                    loose.push((at, text));
                    0
                }
            };
        }
        self.by_position(catalog, words, &loose);
    }

    /// Sets the option of that name.
    pub(super) fn named(&mut self, catalog: &Catalog, name: &str, value: &str) {
        let wanted = canonical(name);
        if let Some(option) = self.definition.option(&wanted) {
            return self.set(catalog, option, value);
        }
        let names = self.definition.options.iter().map(|o| o.name).chain([DRY_RUN]);
        let meant = did_you_mean(&wanted, names);
        let action = name::spoken(self.definition);
        self.error(&wanted, format!("`{action}` has no option {}.{meant}", echo(&wanted)));
    }

    /// Sets `dry-run`.
    pub(super) fn dry_run(&mut self, value: &str) {
        let value = match value.trim().to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => true,
            "false" | "no" | "off" | "0" => false,
            _ => return self.error(DRY_RUN, "Write `--dry-run` alone, or `dry-run=true`.".into()),
        };
        if self.dry_run.replace(value).is_some_and(|before| before != value) {
            self.error(DRY_RUN, "It is given twice, with different values.".into());
        }
    }

    /// What it came to; a form when nothing but the action was given and something is required.
    pub(super) fn finish(self) -> Parsed {
        let bare = self.seen.is_empty() && self.errors.is_empty();
        if bare && self.definition.options.iter().any(|o| o.required) {
            let mut filled = Fields::default();
            if self.dry_run == Some(true) {
                filled.set(DRY_RUN, "true");
            }
            return Parsed::Form { action: self.definition, filled };
        }
        self.finish_form()
    }

    /// What it came to; never a form.
    pub(super) fn finish_form(mut self) -> Parsed {
        let sound = self.errors.is_empty();
        for option in self.definition.options {
            if option.required && !self.seen.contains(&option.name) {
                self.error(option.name, format!("It is missing. {}.", option.help.trim_end_matches('.')));
            }
        }
        let dry_run = self.dry_run.unwrap_or(false);
        let invocation = Invocation { action: self.definition.name.into(), fields: self.fields, dry_run };
        if self.errors.is_empty() {
            return Parsed::Invocation(invocation);
        }
        self.errors.truncate(ERRORS_MAX);
        let lacks = sound.then_some(invocation);
        Parsed::Errors { action: Some(self.definition.name), errors: self.errors, lacks }
    }

    /// `--name value`: how many words the value took.
    fn flag(&mut self, catalog: &Catalog, name: &str, next: Option<&Word>) -> usize {
        let value = match next {
            Some(Word::Bare(text) | Word::Quoted(text)) => Some(text.clone()),
            // `--text a=b`: a pair is the value unless it names an option of its own.
            Some(Word::Pair { name, value }) if self.definition.option(&canonical(name)).is_none() => {
                Some(format!("{name}={value}"))
            }
            _ => None,
        };
        let taken = usize::from(value.is_some());
        self.named(catalog, name, value.as_deref().unwrap_or(""));
        taken
    }

    fn dry_run_flag(&mut self, next: Option<&Word>) -> usize {
        let said = next.and_then(Word::bare).filter(|w| matches!(w.to_lowercase().as_str(), "true" | "false"));
        self.dry_run(said.unwrap_or("true"));
        usize::from(said.is_some())
    }

    fn by_position(&mut self, catalog: &Catalog, words: &[Word], loose: &[(usize, &str)]) {
        let mut loose = loose.iter().copied().peekable();
        for option in self.definition.options.iter().filter(|o| o.positional) {
            if self.seen.contains(&option.name) {
                continue;
            }
            let Some((_, text)) = loose.next() else { break };
            // An action of a family is two words: `help case open`.
            let family = option.kind == Kind::Action && name::family(catalog, text).is_some();
            match loose.peek() {
                Some((_, second)) if family => {
                    let both = format!("{text} {second}");
                    loose.next();
                    self.set(catalog, option, &both);
                }
                _ => self.set(catalog, option, text),
            }
        }
        if let Some((at, text)) = loose.next() {
            self.stray(words, at, text, loose.count());
        }
    }

    /// Words that fit nowhere: most often a text without quotes.
    fn stray(&mut self, words: &[Word], after: usize, text: &str, more: usize) {
        let count = if more == 0 { "A word stands".to_owned() } else { format!("{} words stand", more + 1) };
        let before = words[..after].iter().rev().find_map(|word| match word {
            Word::Pair { name, .. } | Word::Flag(name) => self.definition.option(&canonical(name)),
            _ => None,
        });
        let advice = match before {
            Some(option) if matches!(option.kind, Kind::Text(_) | Kind::Log(_)) => {
                format!("If the text goes on, put it in quotes: {}={}.", option.name, quoted("two words"))
            }
            _ => "Write options as name=value; a value with spaces needs quotes.".to_owned(),
        };
        let names = self.definition.options.iter().map(|o| o.name);
        let meant = did_you_mean(text, names);
        let first = match echo(text).as_str() {
            "this" => String::new(),
            word => format!(", from {word} on"),
        };
        self.error("line", format!("{count} alone{first}.{meant} {advice}"));
    }

    fn set(&mut self, catalog: &Catalog, option: &'static OptionDef, value: &str) {
        if self.seen.contains(&option.name) {
            return self.error(option.name, "It is given twice. Give it once.".into());
        }
        self.seen.push(option.name);
        let checked = kind::check(option, value).and_then(|value| known(catalog, option, value));
        match checked {
            Ok(value) => self.fields.set(option.name, value),
            Err(says) => self.error(option.name, says),
        }
    }

    fn error(&mut self, option: &str, says: String) {
        let option = if self.definition.option(option).is_some() || matches!(option, DRY_RUN | "line") {
            option.to_owned()
        } else {
            Some(echo(option)).filter(|word| word != "this").map_or("line".into(), |word| word.replace('`', ""))
        };
        let error = FieldError { option, says };
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }
}

/// An action's name must be in the catalog; other values are looked up later.
fn known(catalog: &Catalog, option: &OptionDef, value: String) -> Result<String, String> {
    if option.kind != Kind::Action {
        return Ok(value);
    }
    let name = value.strip_prefix("seqn-").filter(|n| catalog.find(n).is_some()).unwrap_or(&value);
    if catalog.find(name).is_some() {
        return Ok(name.to_owned());
    }
    let meant = did_you_mean(&value, catalog.definitions().map(|d| d.name));
    Err(format!("There is no action {}.{meant}", echo(&value)))
}
