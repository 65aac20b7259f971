//! `incident timeline` and `incident report`: what happened, in full.

use async_trait::async_trait;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Definition, FieldError, Kind, OptionDef, Runbook};
use crate::model::{Block, DeliveryLine, Entry, EntryKind, Fields, Incident, Plan, Tone, Verdict};
use crate::ports::{PortError, Reads};

use super::show::reading;
use super::which::{INCIDENT_FIRST, called, meant, names, none, number};
use crate::incidents::people::{self, Names};
use crate::incidents::report;

/// The most entries of a timeline that one report holds.
const TIMELINE_MOST: u32 = 10_000;
/// How many entries one answer shows.
const PAGE: u32 = 20;
/// How much of a report one answer shows, in characters: it fits one block on both platforms.
const PART_CHARS: usize = 2_500;

/// `incident timeline`.
pub(super) struct Timeline;
/// `incident report`.
pub(super) struct Report;

static TIMELINE_OPTIONS: [OptionDef; 2] =
    [INCIDENT_FIRST, option("after", Kind::Text(6), false, "Show what follows the entry of that number")];
static TIMELINE: Definition = reading(
    "incident-timeline",
    "Show an incident's timeline, page by page",
    "Everything that was done, said, noted, delivered and promised. Nothing is removed from it; `/incident note` adds.",
    "incident timeline INC-1",
    &TIMELINE_OPTIONS,
);
static REPORT_OPTIONS: [OptionDef; 3] = [
    INCIDENT_FIRST,
    option("format", Kind::Choice(&[("markdown", "Markdown"), ("json", "JSON")]), false, "As what"),
    option("part", Kind::Text(4), false, "Which part of a long one, from 1"),
];
static REPORT: Definition = reading(
    "incident-report",
    "Show the report of an incident: summary, durations, updates with proof, timeline",
    "As Markdown or JSON, in parts that fit a message.",
    "incident report INC-1",
    &REPORT_OPTIONS,
);

/// Which page of which incident.
pub(super) struct Page {
    number: Option<u32>,
    after: u32,
}

#[async_trait]
impl Runbook for Timeline {
    type Input = Page;
    type Facts = (Option<Incident>, Vec<Entry>);

    fn definition(&self) -> &'static Definition {
        &TIMELINE
    }

    fn read(&self, fields: &Fields) -> Result<Page, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let number = number(&mut reading);
        let after = reading.text("after");
        let read = if after.is_empty() { Some(0) } else { after.parse().ok() };
        if read.is_none() {
            reading.wrong("after", "Write the number of an entry.");
        }
        reading.done(read.map(|after| Page { number, after }))
    }

    async fn look(&self, asked: &Asked<'_>, page: &Page, reads: &Reads) -> Result<Self::Facts, PortError> {
        let Some(incident) = meant(asked, page.number, reads).await? else { return Ok((None, Vec::new())) };
        let entries = reads.incidents.timeline(&incident.id, page.after, PAGE + 1).await?;
        Ok((Some(incident), entries))
    }

    fn plan(&self, asked: &Asked<'_>, page: &Page, (incident, entries): &Self::Facts) -> Plan {
        let Some(incident) = incident else { return none(page.number) };
        let shown = entries.iter().take(PAGE as usize);
        let names = names(asked, incident, entries);
        let items = shown.clone().map(|entry| line(entry, &names)).collect();
        let mut blocks = vec![Block::Items { heading: String::new(), items }];
        if let (true, Some(last)) = (entries.len() > PAGE as usize, shown.clone().next_back()) {
            let next = format!("/incident timeline {} after={}", incident.name(), last.seq);
            blocks.push(Block::Text("There is more:".into()));
            blocks.push(Block::Code(next));
        }
        Plan::answer(Tone::Plain, format!("The timeline of {}.", called(incident)), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Page, _: &Plan, _: &Self::Facts) -> Verdict {
        Verdict::default()
    }
}

/// An entry as a line.
fn line(entry: &Entry, names: &Names) -> String {
    let by = match (&entry.staff, entry.kind) {
        (Some(staff), _) => format!(" by {}", people::called(names, staff)),
        // Nobody says who did it in chat.
        (None, EntryKind::Edited | EntryKind::Deleted) => String::new(),
        (None, _) => " by the bot".to_owned(),
    };
    let corrects = entry.corrects.map(|number| format!(" (corrects {number})")).unwrap_or_default();
    let says = entry.says.replace('\n', " / ");
    format!("{}. {} {}{by}{corrects}: {says}", entry.seq, entry.at, entry.kind.word())
}

/// Which part of which report.
pub(super) struct Asking {
    number: Option<u32>,
    json: bool,
    part: usize,
}

/// What a report is made of.
pub(super) struct Facts {
    incident: Option<Incident>,
    entries: Vec<Entry>,
    lines: Vec<DeliveryLine>,
}

#[async_trait]
impl Runbook for Report {
    type Input = Asking;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &REPORT
    }

    fn read(&self, fields: &Fields) -> Result<Self::Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let number = number(&mut reading);
        let json = reading.text("format") == "json";
        let part = reading.text("part");
        let read = if part.is_empty() { Some(1) } else { part.parse().ok().filter(|part| *part > 0) };
        if read.is_none() {
            reading.wrong("part", "Write the number of a part, from 1.");
        }
        reading.done(read.map(|part| Asking { number, json, part }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Asking, reads: &Reads) -> Result<Facts, PortError> {
        let Some(incident) = meant(asked, input.number, reads).await? else {
            return Ok(Facts { incident: None, entries: Vec::new(), lines: Vec::new() });
        };
        let entries = reads.incidents.timeline(&incident.id, 0, TIMELINE_MOST).await?;
        let lines = reads.incidents.deliveries(&incident.id).await?;
        Ok(Facts { incident: Some(incident), entries, lines })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Asking, facts: &Facts) -> Plan {
        let Some(incident) = &facts.incident else { return none(input.number) };
        let report =
            report::Report::of(incident, &facts.entries, &facts.lines, &names(asked, incident, &facts.entries));
        let text = if input.json { report.json() } else { report.markdown() };
        let whole = text.chars().count();
        let parts = whole.div_ceil(PART_CHARS).max(1);
        if input.part > parts {
            let next = format!("`/incident report {}` shows the first.", incident.name());
            let what = format!("The report of {} has {parts} parts.", incident.name());
            return Plan::answer(Tone::Bad, what, vec![Block::Text(next)]);
        }
        let shown: String = text.chars().skip((input.part - 1) * PART_CHARS).take(PART_CHARS).collect();
        let mut blocks = vec![Block::Code(shown)];
        if input.part < parts {
            blocks.push(Block::Text(format!("This is part {} of {parts}. The next:", input.part)));
            blocks.push(Block::Code(format!("/incident report {} part={}", incident.name(), input.part + 1)));
        }
        Plan::answer(Tone::Plain, format!("The report of {}.", called(incident)), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Asking, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}
