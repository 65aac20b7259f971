//! `rotate-secret` and `rotate-webhook-secret`: a customer's key is replaced by a person in the hosted console, straight
//! into the customer's secret store, and the bot proves it by the new prefix (`seqn-facts.md` 3.5, 4.3).
//!
//! The bot never asks SEQN Auth for the new value, so it never has one. Invariant: nothing is rotated without a named
//! person of the staff who confirmed why, with the evidence; and nothing is called rotated whose prefix is the old one.

mod plan;
mod project;
mod webhook;

pub use project::RotateSecret;
pub use webhook::RotateWebhookSecret;

use crate::catalog::{Asked, Kind, OptionDef};
use crate::model::{Fields, Staff};

use crate::catalog::reading::{Reading, option};

/// Why a key is rotated; anything else is no reason (facts 3.5).
pub(super) const CAUSES: [(&str, &str); 3] = [
    ("exposed", "Exposed: somebody may have it"),
    ("stale", "Stale: the consumer's key is confirmed to be an old one"),
    ("moved", "Moved: the environment or its people have changed"),
];

/// Who confirmed it.
pub(super) const CONFIRMED_BY: OptionDef =
    option("confirmed-by", Kind::Person, true, "Who of the staff confirmed the exposure or the stale key");
/// What shows it.
pub(super) const EVIDENCE: OptionDef =
    option("evidence", Kind::Text(300), true, "What shows it: a leak case, a log line's id, a time; never the key");
/// Why.
pub(super) const CAUSE: OptionDef =
    option("cause", Kind::Choice(&CAUSES), false, "Why; without it you choose in the preview");
/// Who uses it.
pub(super) const CONSUMERS: OptionDef =
    option("consumers", Kind::Text(300), false, "Which backends or receivers hold the key, as the customer says");

/// What both rotations are asked with.
#[derive(Clone, Debug)]
pub struct Why {
    confirmed_by: String,
    evidence: String,
    cause: Option<&'static str>,
    consumers: String,
    fields: Fields,
}

impl Why {
    pub(super) fn read(reading: &Reading<'_>, fields: &Fields) -> Self {
        let cause = reading.text("cause");
        Self {
            confirmed_by: reading.text("confirmed-by"),
            evidence: reading.text("evidence"),
            cause: CAUSES.iter().find(|(name, _)| *name == cause).map(|(name, _)| *name),
            consumers: reading.text("consumers"),
            fields: fields.clone(),
        }
    }

    /// The member of staff who confirmed it, if it is one.
    fn confirmer(&self, asked: &Asked<'_>) -> Option<Staff> {
        asked.rights.staff(&self.confirmed_by)
    }
}
