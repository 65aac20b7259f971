//! One card for what was looked at: what is wrong and what to do, what is not known, what is well, what a person does.
//!
//! It looks nothing up. Invariant: what could not be looked at is never shown as well.

use std::fmt::Display;

use crate::model::{Block, Next, Plan, Tone};
use crate::ports::{Fault, PortError};

/// What was found, in the order in which it is to be read.
#[derive(Default)]
pub(super) struct Card {
    wrong: Vec<String>,
    unknown: Vec<String>,
    well: Vec<String>,
    todo: Vec<String>,
    copy: Vec<Block>,
    details: Vec<Block>,
    next: Vec<Next>,
}

impl Card {
    /// Something is wrong: what, and the next step.
    pub(super) fn wrong(&mut self, what: impl Display, next: impl Display) {
        self.wrong.push(format!("{what} Next: {next}"));
    }

    /// Something is as it should be, or simply so.
    pub(super) fn well(&mut self, what: impl Into<String>) {
        self.well.push(what.into());
    }

    /// Something could not be looked at. Where there is no route for it, a person looks at the console.
    pub(super) fn unknown(&mut self, what: &str, error: &PortError, console: &str) {
        let by_hand = if error.fault == Fault::NoRoute { format!(" Look at it in {console}.") } else { String::new() };
        self.unknown.push(format!("{what}: {}{by_hand}", error.of_look()));
    }

    /// Something was not looked at, for a reason that is in the sentence.
    pub(super) fn unseen(&mut self, what: impl Into<String>) {
        self.unknown.push(what.into());
    }

    /// A step that only a person can do.
    pub(super) fn todo(&mut self, what: impl Into<String>) {
        self.todo.push(what.into());
    }

    /// Something to copy, after everything else.
    pub(super) fn copy(&mut self, text: impl Into<String>) {
        self.copy.push(Block::Code(text.into()));
    }

    /// Something to see on demand.
    pub(super) fn detail(&mut self, block: Block) {
        self.details.push(block);
    }

    /// A command that is the next step. Said twice, it is offered once.
    pub(super) fn next(&mut self, next: Next) {
        if !self.next.contains(&next) {
            self.next.push(next);
        }
    }

    /// The answer. The titles say what it means when something is wrong, and when nothing is.
    pub(super) fn answer(mut self, when_wrong: impl Into<String>, when_well: impl Into<String>) -> Plan {
        let (tone, title) = match (self.wrong.is_empty(), self.unknown.is_empty()) {
            (false, _) => (Tone::Bad, when_wrong.into()),
            (true, false) => (Tone::Caution, "Nothing wrong was seen, but not everything could be looked at.".into()),
            (true, true) => (Tone::Good, when_well.into()),
        };
        let (next, details) = (std::mem::take(&mut self.next), std::mem::take(&mut self.details));
        Plan { next, details, ..Plan::answer(tone, title, self.blocks()) }
    }

    /// The blocks alone, for a preview: whoever agrees sees all of it.
    pub(super) fn blocks(self) -> Vec<Block> {
        let lists = [
            ("What is wrong", self.wrong),
            ("Could not be looked at", self.unknown),
            ("As it is", self.well),
            ("For a person to do", self.todo),
        ];
        let filled = lists.into_iter().filter(|(_, items)| !items.is_empty());
        let items = filled.map(|(heading, items)| Block::Items { heading: heading.into(), items });
        items.chain(self.copy).chain(self.details).collect()
    }
}

/// The answer when the very thing that is asked about cannot be read. `what` such as `the organization acme`.
pub(super) fn not_read(what: &str, error: &PortError, console: &str) -> Plan {
    let (title, next) = match error.fault {
        Fault::NotFound => (format!("SEQN Auth does not know {what}."), "Check the slug with the customer.".to_owned()),
        Fault::NoRoute => {
            (format!("SEQN Auth offers no look at {what} here."), "A person looks at it in the hosted console.".into())
        }
        _ => (
            format!("I could not look at {what}."),
            "Ask again in a moment; `/seqn health` shows how SEQN Auth is.".into(),
        ),
    };
    let mut blocks = vec![Block::Text(error.of_look()), Block::Text(next)];
    if error.fault == Fault::NoRoute {
        blocks.push(Block::Link { label: "Open the hosted console".into(), url: console.to_owned() });
    }
    Plan { looked: false, ..Plan::answer(Tone::Bad, title, blocks) }
}
