//! Reading one table of the configuration, key by key, and remembering everything that is wrong with it.
//!
//! It knows no setting by name. Invariants: no value is repeated in an error unless it is an id or a name,
//! and a key that nobody asked for is an error.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml::{Table, Value};
use url::Url;

use crate::clients::Base;
use crate::guard::{FingerprintKey, Guard, Secret};

use super::secret::{SecretSource, source};
use super::{ConfigError, Secrets};

/// Two keys this alike (of 1) are taken for a slip of the pen.
const ALIKE: f64 = 0.6;
/// Shorter texts are no credentials, and the guard could not look for them in ordinary words.
const SECRET_LEAST_BYTES: usize = 8;
/// Longer keys are shown as dots: no setting is called so, and a credential may have slipped in.
const NAME_MOST_CHARS: usize = 32;

/// What all sections of one configuration share.
pub(super) struct Reading<'a> {
    pub(super) resolve: Secrets<'a>,
    pub(super) errors: RefCell<Vec<ConfigError>>,
    pub(super) secrets: RefCell<Vec<Secret>>,
}

/// One table and its name.
pub(super) struct Section<'a> {
    pub(super) name: String,
    reading: &'a Reading<'a>,
    table: Option<&'a Table>,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Section<'a> {
    pub(super) fn new(name: impl Into<String>, table: Option<&'a Table>, reading: &'a Reading<'a>) -> Self {
        Self { name: name.into(), reading, table, asked: RefCell::default() }
    }

    /// Whether it was written at all.
    pub(super) const fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// Whether that key was written.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Remembers what is wrong with a key; an empty key means the section itself.
    pub(super) fn wrong(&self, key: &str, says: impl Into<String>, fix: impl Into<String>) {
        let error = ConfigError { key: self.path(key), says: says.into(), fix: fix.into() };
        self.reading.errors.borrow_mut().push(error);
    }

    fn path(&self, key: &str) -> String {
        match (self.name.as_str(), key) {
            ("", key) => key.to_owned(),
            (name, "") => name.to_owned(),
            (name, key) => format!("{name}.{key}"),
        }
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.table?.get(key)
    }

    fn read<T>(&self, key: &str, what: &str, as_it: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.value(key)?;
        let read = as_it(value);
        if read.is_none() {
            self.wrong(key, format!("It must be {what}, and it is a {}.", value.type_str()), format!("Write {what}."));
        }
        read
    }

    /// A text. An empty one is an error.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        let text = self.read(key, "a text in quotes", Value::as_str)?.trim();
        if text.is_empty() {
            self.wrong(key, "It is empty.", "Fill it in, or remove the line.");
            return None;
        }
        self.harmless(key, text)
    }

    /// Names and addresses are shown, logged and sent: what looks like a secret is not let in among them.
    fn harmless(&self, key: &str, text: &'a str) -> Option<&'a str> {
        // Nothing is fingerprinted by it, so that any key will do.
        if Guard::new(FingerprintKey::new([0; 32])).findings(text).is_empty() {
            return Some(text);
        }
        let fix = "Remove it from this file, and renew it if it was a real one: the file is not kept as a secret.";
        self.wrong(key, "It holds what looks like a raw secret.", fix);
        None
    }

    /// A text that must be there.
    pub(super) fn needed(&self, key: &str, fix: &str) -> Option<&'a str> {
        if self.value(key).is_none() {
            self.wrong(key, "It is missing.", fix);
        }
        self.text(key)
    }

    /// A text that may be written as a number: ids of Discord.
    pub(super) fn digits(&self, key: &str) -> Option<String> {
        let as_it = |value: &Value| match value {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Integer(number) => Some(number.to_string()),
            _ => None,
        };
        self.read(key, "an id in quotes", as_it)
    }

    /// Yes or no.
    pub(super) fn flag(&self, key: &str, default: bool) -> bool {
        self.read(key, "true or false", Value::as_bool).unwrap_or(default)
    }

    /// A whole number.
    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.read(key, "a whole number", Value::as_integer)
    }

    /// A list of texts; missing is empty.
    pub(super) fn texts(&self, key: &str) -> Vec<&'a str> {
        let as_it = |value: &'a Value| value.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<&str>>>();
        let texts = self.read(key, "a list of texts, such as [\"one\", \"two\"]", as_it).unwrap_or_default();
        texts.into_iter().filter(|text| self.harmless(key, text).is_some()).collect()
    }

    /// A base URL: https, or http on loopback.
    pub(super) fn base(&self, key: &str, default: Option<&str>) -> Option<Url> {
        let text = match default {
            Some(default) if self.value(key).is_none() => default,
            Some(_) => self.text(key)?,
            None => self.needed(key, "Write the address, such as \"https://auth.seqn.in\".")?,
        };
        let fix = "Write it like \"https://accounts.seqn.in\"; plain http is for an address of this machine only.";
        match Url::parse(text) {
            Err(_) => self.wrong(key, "It is no URL.", fix),
            Ok(url) => match Base::new("It", &url) {
                Ok(_) => return Some(url),
                Err(bad) => self.wrong(key, bad.to_string(), fix),
            },
        }
        None
    }

    /// A credential. `needed`: its absence is an error. `wanted`: it is looked up; else only its form is checked.
    pub(super) fn secret(&self, key: &str, needed: bool, wanted: bool) -> Option<Secret> {
        let how = "Write { env = \"NAME\" }, { file = \"/path\" } or { credential = \"name\" }.";
        let Some(value) = self.value(key) else {
            if needed && wanted {
                self.wrong(key, "It is missing.", how);
            }
            return None;
        };
        match source(value) {
            Err(says) => self.wrong(key, says, how),
            Ok(_) if !wanted => {}
            Ok(source) => return self.look_up(key, &source),
        }
        None
    }

    fn look_up(&self, key: &str, source: &SecretSource) -> Option<Secret> {
        match (self.reading.resolve)(source) {
            Err(says) => self.wrong(key, says, "Put the credential there, readable to the bot's user."),
            Ok(text) if text.trim().len() < SECRET_LEAST_BYTES => {
                let says =
                    format!("What {source} holds is shorter than {SECRET_LEAST_BYTES} bytes: no such credential.");
                self.wrong(key, says, "Put the whole credential there.");
            }
            Ok(text) => {
                let secret = Secret::new(text.trim());
                self.reading.secrets.borrow_mut().push(secret.clone());
                return Some(secret);
            }
        }
        None
    }

    /// The section of that name inside; an absent one is empty.
    pub(super) fn inner(&self, key: &str) -> Self {
        self.inner_as(key, key)
    }

    fn inner_as(&self, key: &str, shown: &str) -> Self {
        let table = self.read(key, &format!("a section, [{}]", self.path(shown)), Value::as_table);
        Self::new(self.path(shown), table, self.reading)
    }

    /// The sections with names of the operator's choice inside `key`.
    pub(super) fn named(&self, key: &str) -> Vec<(&'a str, Self)> {
        let inner = self.inner(key);
        let names = inner.table.into_iter().flat_map(Table::keys).map(String::as_str);
        names.map(|name| (name, inner.inner_as(name, shown(name)))).collect()
    }

    /// Keys of the operator's choice and their texts.
    pub(super) fn pairs(&self) -> Vec<(&'a str, &'a str)> {
        let names = self.table.into_iter().flat_map(Table::keys).map(String::as_str);
        names.filter_map(|name| Some((name, self.text(name)?))).collect()
    }

    /// The repeated sections, `[[key]]`.
    pub(super) fn list(&self, key: &str) -> Vec<Self> {
        let as_it = |value: &'a Value| value.as_array()?.iter().map(Value::as_table).collect::<Option<Vec<&Table>>>();
        let tables = self.read(key, &format!("sections, [[{}]]", self.path(key)), as_it).unwrap_or_default();
        let section = |(at, table)| Self::new(format!("{}[{}]", self.path(key), at + 1), Some(table), self.reading);
        tables.into_iter().enumerate().map(section).collect()
    }

    /// Ends the reading: what was not asked for is not known.
    pub(super) fn end(&self) {
        let asked = self.asked.borrow();
        let unknown = self.table.into_iter().flat_map(Table::keys).filter(|key| !asked.contains(*key));
        for key in unknown {
            let likeness = |known: &&String| strsim::normalized_damerau_levenshtein(known, key);
            let best = asked.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let fix = match best.filter(|known| likeness(known) >= ALIKE) {
                Some(known) => format!("Did you mean `{known}`?"),
                None => {
                    let known: Vec<&str> = asked.iter().map(String::as_str).collect();
                    format!("Remove it. Known here: {}.", known.join(", "))
                }
            };
            self.wrong(shown(key), "There is no such setting.", fix);
        }
    }
}

/// A key as it may be shown.
fn shown(key: &str) -> &str {
    if key.chars().count() > NAME_MOST_CHARS { "…" } else { key }
}
