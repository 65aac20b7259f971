//! The commands that change an incident: from options and the incident as it stands to a draft.

use std::sync::Arc;

use async_trait::async_trait;

use crate::catalog::reading::Reading;
use crate::catalog::{Asked, Definition, FieldError, Runbook};
use crate::model::{Duty, Entry, Fields, Incident, Parts, Phase, Plan, Severity, Verdict};
use crate::ports::{PortError, Reads};

use super::preview::{Words, preview, refused, verdict};
use super::which::{called, meant, none, number};
use crate::incidents::Settings;
use crate::incidents::board::undelivered_in_public;
use crate::incidents::deed::{Desk, Draft, No, Standing};
use crate::incidents::fanout::{Told, told};
use crate::incidents::lifecycle::By;
use crate::incidents::lint::{Override, overrides};
use crate::incidents::parts::{CLOSING, STATUS, proposal};

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Update,
    Close,
    Cancel,
    Reopen,
    Assign,
    Severity,
    Snooze,
    Note,
}

/// One of them.
pub(super) struct Change {
    pub(super) settings: Arc<Settings>,
    pub(super) act: Act,
    pub(super) definition: &'static Definition,
}

/// The options, read.
pub(super) struct Input {
    number: Option<u32>,
    allowed: Vec<Override>,
    corrects: Option<u32>,
    fields: Fields,
}

/// What was looked up.
pub(super) struct Facts {
    incident: Option<Incident>,
    told: Told,
    /// Surfaces of the public that have not been told everything.
    behind: Vec<String>,
    entry: Option<Entry>,
    done: bool,
}

impl Input {
    fn text(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_default()
    }

    /// Those parts that were given.
    fn parts(&self, names: &[&str]) -> Parts {
        let given = names.iter().filter_map(|name| Some(((*name).to_owned(), self.fields.get(name)?.to_owned())));
        given.collect()
    }
}

#[async_trait]
impl Runbook for Change {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        self.definition
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let number = number(&mut reading);
        let allowed = overrides(&reading.text("override"), &reading.text("reason")).unwrap_or_else(|says| {
            reading.wrong("override", says);
            Vec::new()
        });
        let corrects = reading.text("corrects");
        if !corrects.is_empty() && corrects.parse::<u32>().is_err() {
            reading.wrong("corrects", "Write the number of the entry, as `/incident timeline` shows it.");
        }
        let corrects = corrects.parse().ok();
        reading.done(Some(Input { number, allowed, corrects, fields: fields.clone() }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let Some(incident) = meant(asked, input.number, reads).await? else {
            return Ok(Facts { incident: None, told: Told::new(), behind: Vec::new(), entry: None, done: false });
        };
        let board = reads.incidents.board(&incident.id).await?;
        let entry = match input.corrects.filter(|number| *number > 0) {
            Some(number) => reads.incidents.timeline(&incident.id, number - 1, 1).await?.into_iter().next(),
            None => None,
        };
        let done = reads.incidents.incident_deed_done(asked.request).await?;
        let (told, behind) = (told(&board), undelivered_in_public(&board));
        Ok(Facts { incident: Some(incident), told, behind, entry, done })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let Some(incident) = &facts.incident else { return none(input.number) };
        match self.draft(asked, input, facts, incident) {
            Err(no) => refused(no),
            Ok(mut draft) => {
                if self.act == Act::Close && !facts.behind.is_empty() {
                    let warning = format!(
                        "WARNING: the public has not got every update yet: {}. See `/incident deliveries`.",
                        facts.behind.join(", ")
                    );
                    draft.remarks.insert(0, warning);
                }
                let words = self.words(incident, &draft, input);
                preview(asked, words, Some(incident), draft, &input.fields)
            }
        }
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, facts: &Facts) -> Verdict {
        verdict(facts.done, facts.incident.as_ref())
    }
}

impl Change {
    fn draft(&self, asked: &Asked<'_>, input: &Input, facts: &Facts, incident: &Incident) -> Result<Draft, No> {
        let by = By { request: asked.request, staff: &asked.asker.id, at: asked.asked };
        let desk = Desk { settings: &self.settings, by, overrides: &input.allowed };
        let standing = Standing { incident, told: &facts.told };
        match self.act {
            Act::Update => {
                let phase = Phase::named(input.text("phase"));
                desk.update(standing, &self.status(asked, input, incident), phase)
            }
            Act::Close => desk.close(standing, &input.parts(&CLOSING)),
            Act::Cancel => desk.cancel(standing, input.text("reason")),
            Act::Reopen => desk.reopen(standing, &self.status(asked, input, incident), input.text("reason")),
            Act::Assign => {
                let duty = Duty::named(input.text("duty")).unwrap_or(Duty::Commander);
                let to = match input.text("who").trim() {
                    "nobody" | "none" => None,
                    "me" => Some(asked.asker.id.clone()),
                    name => match asked.rights.staff(name) {
                        Some(staff) => Some(staff.id),
                        None => return Err(unknown(name)),
                    },
                };
                desk.assign(standing, duty, to.as_ref())
            }
            Act::Severity => {
                let severity = Severity::named(input.text("severity")).unwrap_or(incident.severity);
                desk.severity(standing, severity, input.text("reason"))
            }
            Act::Snooze => desk.snooze(standing, input.text("next"), input.text("reason")),
            Act::Note => match (input.corrects, &facts.entry) {
                (None, _) => desk.note(incident, input.text("note"), None),
                (Some(_), Some(entry)) => desk.correct(incident, entry, input.text("note")),
                (Some(number), None) => Err(No::Fields(vec![FieldError {
                    option: "corrects".into(),
                    says: format!("There is no entry {number}; `/incident timeline` shows them."),
                }])),
            },
        }
    }

    /// What was given, and what was said last where nothing was.
    fn status(&self, asked: &Asked<'_>, input: &Input, incident: &Incident) -> Parts {
        let mut parts = proposal(incident, &self.settings.cadence, asked.asked);
        parts.extend(input.parts(&STATUS));
        parts
    }

    fn words(&self, incident: &Incident, draft: &Draft, input: &Input) -> Words {
        let name = called(incident);
        let after = &draft.deed.after;
        let (title, outline) = match self.act {
            Act::Update => (
                format!("Send this update of {name}?"),
                format!("update {name}: {}, {}", after.phase.word(), after.severity.word()),
            ),
            Act::Close => (format!("Close {name} with this?"), format!("close {name}")),
            Act::Cancel => (format!("Say that {name} was none?"), format!("cancel {name}")),
            Act::Reopen => (format!("Reopen {name}?"), format!("reopen {name}")),
            Act::Assign => {
                let (duty, who) = (input.text("duty"), input.text("who"));
                let to = Duty::named(duty).and_then(|duty| after.duties.get(&duty));
                let who = to.map_or_else(|| who.to_owned(), ToString::to_string);
                (format!("Make {who} {duty} of {name}?"), format!("{duty} of {name} is {who}"))
            }
            Act::Severity => (
                format!("Set {name} to {}?", after.severity.word()),
                format!("set {name} to {}", after.severity.word()),
            ),
            Act::Snooze => {
                let next = after.next_update.map(|at| at.to_string()).unwrap_or_default();
                (
                    format!("Promise the next update of {name} for {next}?"),
                    format!("move the next update of {name} to {next}"),
                )
            }
            Act::Note => (format!("Note this in {name}?"), format!("note in {name}")),
        };
        Words { title, outline }
    }
}

fn unknown(name: &str) -> No {
    let says = format!("{name} is not a member of staff. Write @name, me, or nobody.");
    No::Fields(vec![FieldError { option: "who".into(), says }])
}
