//! The catalog (F2): what can be asked, declared once, and every rendering of it.
//!
//! No I/O. Invariant: nothing about an action is written twice; a definition that breaks a platform's
//! limit does not pass `rules`.

mod definition;
mod digest;
pub mod discord;
mod draft;
pub mod form;
#[cfg(test)]
mod grammar_tests;
pub mod help;
pub mod kind;
mod log;
pub mod markdown;
pub mod name;
mod nearest;
pub mod parse;
pub mod reading;
pub mod rules;
mod runbook;
#[cfg(test)]
mod samples;
pub mod slack;
pub mod suggest;
pub mod typed;
mod words;

pub use definition::{Definition, Family, Kind, OptionDef, Places, Source, TicketRule, Visibility};
pub use digest::{digest, of_text};
pub use discord::commands;
pub use draft::DRY_RUN;
pub use form::form;
pub use kind::{moment, window_ms};
pub use log::{Logged, requests};
pub use markdown::{reference, table};
pub use name::spoken;
pub use parse::{Parsed, parse, parse_form, parse_tree};
pub use rules::violations;
pub use runbook::{Action, Asked, FieldError, Runbook, Stop};
pub use slack::manifest;
pub use suggest::suggestions;
pub use words::quoted;

use std::sync::Arc;

/// The actions, in the order in which they are shown.
#[derive(Clone, Default)]
pub struct Catalog {
    actions: Vec<Arc<dyn Action>>,
}

impl Catalog {
    /// A catalog of these actions.
    #[must_use]
    pub fn new(actions: Vec<Arc<dyn Action>>) -> Self {
        Self { actions }
    }

    /// The action of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Action>> {
        self.actions.iter().find(|a| a.definition().name == name)
    }

    /// Every definition in order.
    pub fn definitions(&self) -> impl Iterator<Item = &'static Definition> + '_ {
        self.actions.iter().map(|a| a.definition())
    }
}
