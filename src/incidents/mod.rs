//! Incidents (F3): what may follow what, what is said to whom, what is promised, and where it goes.
//!
//! Pure: no I/O, nothing awaited, no clock read. Invariant: from the same incident, settings and moment comes the same
//! deed, so that a plan can be made again and compared.

pub mod announce;
pub mod board;
pub mod buttons;
pub mod cadence;
pub mod card;
pub mod checks;
pub mod deed;
pub mod destination;
pub mod fanout;
pub mod lifecycle;
pub mod lint;
pub mod parts;
pub mod people;
pub mod phase;
pub mod proposal;
pub mod report;
mod room;
#[cfg(test)]
mod samples;
pub mod templates;

pub use cadence::Cadence;
pub use deed::{Desk, Draft, No, Opening, Standing};
pub use destination::{Destination, DestinationKind};
pub use lifecycle::By;
pub use lint::LintRules;
pub use templates::Templates;

use crate::guard::Guard;
use crate::model::Severity;

/// What the operator has set about incidents.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where incidents are told, in the order in which they are told; each name once.
    pub destinations: Vec<Destination>,
    /// What is promised.
    pub cadence: Cadence,
    /// What is said.
    pub templates: Templates,
    /// What may not be said.
    pub lint: LintRules,
    /// What becomes of alerts.
    pub alerts: Alerts,
}

/// What becomes of what fails before a person has said so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alerts {
    /// Whether the bot makes the scheduled checks.
    pub checks: bool,
    /// Alerts that are at least as bad are told to those who are paged as well; `None`: none are.
    pub page: Option<Severity>,
}

impl Settings {
    /// The defaults, with no destination yet. The guard sees the secrets that no text may hold.
    #[must_use]
    pub fn of(guard: Guard) -> Self {
        Self {
            destinations: Vec::new(),
            cadence: Cadence::default(),
            templates: Templates::default(),
            lint: LintRules::of(guard),
            alerts: Alerts::default(),
        }
    }
}
