//! `rotate-secret` and `rotate-webhook-secret`: a customer's key is replaced, handed over to those who receive it, and
//! proved by how the new one begins (`seqn-facts.md` 3.5, 4.3). `rotate-handover` shows again what was sealed.
//!
//! Where SEQN Auth's API does it here and a way out is open, the bot has the key replaced and never shows it; else a person
//! does it in the hosted console, straight into the customer's secret store. Invariant: nothing is rotated without a named
//! person of the staff who confirmed why, with the evidence; nothing is called rotated whose prefix is the old one; and a
//! key that was made and that nobody can get at is called lost.

mod canary;
mod handover;
mod plan;
mod project;
mod proof;
mod webhook;

pub use handover::RotateHandover;
pub use project::RotateSecret;
pub use webhook::RotateWebhookSecret;

use crate::catalog::{Asked, Kind, OptionDef};
use crate::model::{Fields, OrgSlug, Staff};
use crate::ports::{Operation, Reads, WayOut};

use super::console::{ByHand, by_hand};
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
    ticket: String,
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
            ticket: reading.text("ticket"),
            fields: fields.clone(),
        }
    }

    /// The member of staff who confirmed it, if it is one.
    fn confirmer(&self, asked: &Asked<'_>) -> Option<Staff> {
        asked.rights.staff(&self.confirmed_by)
    }
}

/// How a key is rotated here.
pub(super) enum How {
    /// By the API, and the new key goes that way.
    Api(WayOut),
    /// By a person.
    ByHand(ByHand),
}

/// How it is done here. The way out is tried with what is no key, unless the key was made already.
async fn how(reads: &Reads, org: &OrgSlug, operation: Operation, made: bool) -> How {
    if let Some(by_hand) = by_hand(reads, &[operation]) {
        return How::ByHand(by_hand);
    }
    let console = |why: String| How::ByHand(ByHand { why, url: reads.seqn.console() });
    let Some(way) = reads.handover.way(org) else {
        return console("No way out is configured for the new keys of this organization.".into());
    };
    if !made && let Err(no) = reads.handover.test(org).await {
        return console(format!("The way out for the new key is not open: {no}"));
    }
    How::Api(way)
}
