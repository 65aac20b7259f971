//! The report of an incident: what happened, who did what, what was said where with which proof, and how long it took.
//!
//! It looks nothing up and reads no clock. Invariant: from the same record comes the same report, byte for byte; nothing
//! of the timeline is left out; and a drill's report says that it is one.
//!
//! As JSON it follows `report/schema.json`. Times are RFC 3339 in UTC, lengths are milliseconds from the start for
//! customers on, and what is not known is `null`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{
    Audience, DeliveryLine, DeliveryState, Duty, Entry, EntryKind, Incident, IncidentKind, Millis, Phase, Severity,
};

use super::cadence::{Promises, promises};
use super::parts;
use super::people::{Names, called};

mod markdown;
#[cfg(test)]
mod tests;

/// Which shape the JSON has; it changes with what a reader must know.
pub const SHAPE: &str = "seqn-chatops/incident-report/1";

/// The report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `SHAPE`.
    pub shape: &'static str,
    /// Its name, such as `INC-7`.
    pub name: String,
    /// Its id: the audit reference of its opening.
    pub id: String,
    /// Its kind.
    pub kind: IncidentKind,
    /// One line.
    pub title: String,
    /// How far it is.
    pub phase: Phase,
    /// How bad it is.
    pub severity: Severity,
    /// What was said last: the parts of the templates, by name.
    pub summary: BTreeMap<String, String>,
    /// The times.
    pub times: Times,
    /// The lengths.
    pub durations: Durations,
    /// How the promises were kept.
    pub promises: Kept,
    /// Who did what, by duty.
    pub duties: BTreeMap<&'static str, String>,
    /// What was said, in order, each with its proof.
    pub updates: Vec<Update>,
    /// Deliveries that belong to no update: rooms, changes of duty and severity, reminders, tickets.
    pub other_deliveries: Vec<Delivery>,
    /// Actions of the bot that were run for it.
    pub actions: Vec<Line>,
    /// Everything, in order.
    pub timeline: Vec<Line>,
}

/// When what was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    /// It began for customers.
    pub started: String,
    /// It was opened.
    pub opened: String,
    /// The public was told first.
    pub first_public_update: Option<String>,
    /// It was mitigated.
    pub mitigated: Option<String>,
    /// It was over.
    pub resolved: Option<String>,
    /// It was written up, or cancelled.
    pub closed: Option<String>,
}

/// How long it took from the start for customers on, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Durations {
    /// Until it was opened.
    pub to_declare: i64,
    /// Until the public was told.
    pub to_first_public_update: Option<i64>,
    /// Until it was mitigated.
    pub to_mitigate: Option<i64>,
    /// Until it was over.
    pub to_resolve: Option<i64>,
}

/// How promises were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// In time.
    pub kept: usize,
    /// Late.
    pub missed: usize,
    /// Moved before they were due.
    pub moved: usize,
}

/// One update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Update {
    /// Its number, from 1.
    pub number: usize,
    /// When it was said.
    pub at: String,
    /// Who said it.
    pub by: String,
    /// The internal text, with its heading.
    pub text: String,
    /// Its audit reference.
    pub reference: Option<String>,
    /// The proof for each surface.
    pub deliveries: Vec<Delivery>,
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The surface.
    pub target: String,
    /// For whom it was.
    pub audience: Option<Audience>,
    /// How it ended, or stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it ended.
    pub ended: Option<String>,
    /// What the surface answered.
    pub receipt: Option<String>,
    /// Where it can be seen.
    pub url: Option<String>,
    /// Why it failed last.
    pub why: Option<String>,
    /// Whether it may be there twice.
    pub maybe_twice: bool,
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number.
    pub seq: u32,
    /// When it was.
    pub at: String,
    /// Who did it; `null`: the bot by itself.
    pub by: Option<String>,
    /// What it is about.
    pub kind: EntryKind,
    /// In words.
    pub says: String,
    /// Its audit reference.
    pub reference: Option<String>,
    /// The entry that it corrects.
    pub corrects: Option<u32>,
    /// The entries that correct it.
    pub corrected_by: Vec<u32>,
}

impl Report {
    /// The report of an incident, from its whole timeline and all of its deliveries.
    #[must_use]
    pub fn of(incident: &Incident, timeline: &[Entry], deliveries: &[DeliveryLine], names: &Names) -> Self {
        let first_public = first_public(deliveries);
        let since = |at: Option<Millis>| at.map(|at| at.since(incident.started));
        let written = |at: Option<Millis>| at.map(Millis::to_rfc3339);
        let Promises { kept, missed, moved } = promises(timeline);
        let duty = |duty: &Duty| incident.duties.get(duty).map(|who| (duty.word(), called(names, who).to_owned()));
        let lines: Vec<Line> = timeline.iter().map(|entry| line(entry, timeline, names)).collect();
        let summary = incident
            .parts
            .iter()
            .filter(|(name, _)| parts::STATUS.contains(&name.as_str()) || parts::CLOSING.contains(&name.as_str()));
        Self {
            shape: SHAPE,
            name: incident.name(),
            id: incident.id.to_string(),
            kind: incident.kind,
            title: incident.title.clone(),
            phase: incident.phase,
            severity: incident.severity,
            summary: summary.map(|(name, text)| (name.clone(), text.clone())).collect(),
            times: Times {
                started: incident.started.to_rfc3339(),
                opened: incident.opened.to_rfc3339(),
                first_public_update: written(first_public),
                mitigated: written(incident.mitigated),
                resolved: written(incident.resolved),
                closed: written(incident.closed),
            },
            durations: Durations {
                to_declare: incident.opened.since(incident.started),
                to_first_public_update: since(first_public),
                to_mitigate: since(incident.mitigated),
                to_resolve: since(incident.resolved),
            },
            promises: Kept { kept, missed, moved },
            duties: Duty::ALL.iter().filter_map(duty).collect(),
            updates: updates(timeline, deliveries, names),
            other_deliveries: deliveries.iter().filter(|one| one.update == 0).map(delivery).collect(),
            actions: lines.iter().filter(|line| line.kind == EntryKind::Action).cloned().collect(),
            timeline: lines,
        }
    }

    /// It as JSON, indented.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report has texts for keys and no map that fails") + "\n"
    }

    /// It as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::written(self)
    }
}

/// When the first surface that the public reads took anything.
fn first_public(deliveries: &[DeliveryLine]) -> Option<Millis> {
    let sent = deliveries.iter().filter(|one| one.state == DeliveryState::Sent);
    sent.filter(|one| one.audience == Some(Audience::Public)).filter_map(|one| one.ended).min()
}

/// What was said, in order: each opening, update, reopening and close is one, as it was counted.
fn updates(timeline: &[Entry], deliveries: &[DeliveryLine], names: &Names) -> Vec<Update> {
    let says = [EntryKind::Opened, EntryKind::Updated, EntryKind::Reopened, EntryKind::Closed];
    let said = timeline.iter().filter(|entry| says.contains(&entry.kind));
    let update = |(at, entry): (usize, &Entry)| Update {
        number: at + 1,
        at: entry.at.to_rfc3339(),
        by: entry.staff.as_ref().map_or_else(|| "the bot".to_owned(), |staff| called(names, staff).to_owned()),
        text: entry.says.clone(),
        reference: entry.request.as_ref().map(ToString::to_string),
        deliveries: deliveries.iter().filter(|one| usize::try_from(one.update) == Ok(at + 1)).map(delivery).collect(),
    };
    said.enumerate().map(update).collect()
}

fn delivery(one: &DeliveryLine) -> Delivery {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Delivery {
        target: one.target.clone(),
        audience: one.audience,
        state: one.state,
        attempts: one.attempts,
        ended: one.ended.map(Millis::to_rfc3339),
        receipt: one.proof.as_ref().and_then(|proof| text(&proof.receipt)),
        url: one.proof.as_ref().and_then(|proof| proof.url.clone()),
        why: text(&one.why),
        maybe_twice: one.maybe_twice,
    }
}

fn line(entry: &Entry, timeline: &[Entry], names: &Names) -> Line {
    let corrections = timeline.iter().filter(|other| entry.seq > 0 && other.corrects == Some(entry.seq));
    Line {
        seq: entry.seq,
        at: entry.at.to_rfc3339(),
        by: entry.staff.as_ref().map(|staff| called(names, staff).to_owned()),
        kind: entry.kind,
        says: entry.says.clone(),
        reference: entry.request.as_ref().map(ToString::to_string),
        corrects: entry.corrects,
        corrected_by: corrections.map(|other| other.seq).collect(),
    }
}
