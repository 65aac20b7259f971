//! Deeds: what a person wants to do to an incident, made into what is kept, said and owed; or a no.
//!
//! It is what the commands call. Invariant: nothing becomes a deed whose texts hold what their audience may not read,
//! unless a person has said why; and that is in the timeline then.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::FieldError;
use crate::catalog::reading::wrong;
use crate::model::{
    Audience, Duty, Entry, Incident, IncidentDeed, IncidentKind, NoticeEvent, Parts, Phase, Place, Posted, Refusal,
    Severity, StaffId,
};

use super::Settings;
use super::cadence;
use super::fanout::{self, Happened, Reach, Told};
use super::lifecycle::{self, Beginning, By};
use super::lint::{LintFinding, Override};
use super::parts;
use super::phase::{Act, may};
use super::templates::{Occasion, Rendered};

mod draft;
mod said;

use said::{Said, Words, last};

#[cfg(test)]
mod tests;

/// Longest reason or note, in characters.
pub const NOTE_CHARS_MAX: usize = 1_000;

/// An incident as it stands, and whom its board knows to be told.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Who was told of it.
    pub told: &'a Told,
}

/// What is needed for every deed.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// What the operator has set.
    pub settings: &'a Settings,
    /// Who does it, when, for which request.
    pub by: By<'a>,
    /// What may be said all the same.
    pub overrides: &'a [Override],
}

/// A deed that can be done, and what its preview shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The deed.
    pub deed: IncidentDeed,
    /// What is said, by audience: those who are told, and in a drill those who would be.
    pub texts: BTreeMap<Audience, Rendered>,
    /// What becomes of each destination, by name.
    pub reach: Vec<(String, Reach)>,
    /// What the person should know before it is done.
    pub remarks: Vec<String>,
}

/// Why it cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// Options that are missing or wrong.
    Fields(Vec<FieldError>),
    /// It does not go with how the incident stands.
    Refused(Refusal),
    /// The texts hold what may not be said.
    Held(Vec<LintFinding>),
}

impl No {
    /// It as errors of options, where it is about options.
    #[must_use]
    pub fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Fields(errors) => errors.clone(),
            Self::Refused(_) => Vec::new(),
            Self::Held(findings) => findings.iter().map(|finding| wrong(&finding.part, finding.says())).collect(),
        }
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<FieldError> for No {
    fn from(error: FieldError) -> Self {
        Self::Fields(vec![error])
    }
}

/// What an incident is opened with.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its kind.
    pub kind: IncidentKind,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// The parts of `parts::STATUS`.
    pub parts: Parts,
    /// Who does what from the start.
    pub duties: BTreeMap<Duty, StaffId>,
    /// Rooms that are there already, at most one on each platform.
    pub rooms: Vec<Place>,
}

impl Desk<'_> {
    /// Opens an incident.
    ///
    /// # Errors
    /// Everything that is missing or wrong at once; or what may not be said.
    pub fn open(&self, opening: &Opening) -> Result<Draft, No> {
        let title = parts::title(&opening.title);
        let status = parts::status(&opening.parts, self.by.at, false);
        let platforms: BTreeSet<_> = opening.rooms.iter().map(|room| room.platform).collect();
        let rooms = (platforms.len() < opening.rooms.len())
            .then(|| wrong("room", "An incident has at most one room on each platform. Name one of them."));
        let (title, status) = match (title, status, rooms) {
            (Ok(title), Ok(status), None) => (title, status),
            (title, status, rooms) => {
                let errors = title.err().into_iter().chain(status.err().into_iter().flatten()).chain(rooms);
                return Err(No::Fields(errors.collect()));
            }
        };
        let Opening { kind, severity, duties, rooms, .. } = opening.clone();
        let step = lifecycle::open(self.by, Beginning { kind, title, severity, duties, rooms }, &status);
        let said = Said::of(Occasion::Open, &step.after, Words::Status(&status), self.by.at);
        self.say(0, &Told::new(), step, Happened::Said(NoticeEvent::Opened), &said)
    }

    /// Sends an update; `phase` where it leads to another one.
    ///
    /// # Errors
    /// As `open`; and when that phase may not follow.
    pub fn update(&self, standing: Standing<'_>, given: &Parts, phase: Option<Phase>) -> Result<Draft, No> {
        let before = standing.incident;
        let phase = phase.unwrap_or(before.phase);
        may(before, Act::Update, phase)?;
        let status = parts::status(given, self.by.at, phase.over()).map_err(No::Fields)?;
        let step = lifecycle::update(self.by, before, &status, phase)?;
        let event = if phase == Phase::Resolved { NoticeEvent::Resolved } else { NoticeEvent::Updated };
        let said = Said::of(Occasion::Update, &step.after, Words::Status(&status), self.by.at);
        self.say(before.version, standing.told, step, Happened::Said(event), &said)
    }

    /// Writes it up.
    ///
    /// # Errors
    /// As `open`; and when it is not resolved.
    pub fn close(&self, standing: Standing<'_>, given: &Parts) -> Result<Draft, No> {
        let before = standing.incident;
        may(before, Act::Close, Phase::Closed)?;
        let closing = parts::closing(given).map_err(No::Fields)?;
        let step = lifecycle::close(self.by, before, &closing)?;
        let said = Said::of(Occasion::Close, &step.after, Words::Closing(&closing), self.by.at);
        let mut draft = self.say(before.version, standing.told, step, Happened::WrittenUp, &said)?;
        let tickets = fanout::tickets(self.settings, &draft.deed.after, &closing);
        draft.deed.notices.extend(tickets);
        Ok(draft)
    }

    /// Says that it was none.
    ///
    /// # Errors
    /// When it is over, or no reason is given.
    pub fn cancel(&self, standing: Standing<'_>, reason: &str) -> Result<Draft, No> {
        let before = standing.incident;
        may(before, Act::Cancel, Phase::Cancelled)?;
        let reason = written("reason", reason)?;
        let step = lifecycle::cancel(self.by, before, &reason)?;
        let said = Said::of(Occasion::Cancel, &step.after, Words::Reason(&reason), self.by.at);
        self.say(before.version, standing.told, step, Happened::Said(NoticeEvent::Resolved), &said)
    }

    /// Says that it goes on.
    ///
    /// # Errors
    /// As `update`; and when it is not over, or no reason is given.
    pub fn reopen(&self, standing: Standing<'_>, given: &Parts, reason: &str) -> Result<Draft, No> {
        let before = standing.incident;
        may(before, Act::Reopen, Phase::Investigating)?;
        let (status, reason) = (parts::status(given, self.by.at, false), written("reason", reason));
        let (status, reason) = match (status, reason) {
            (Ok(status), Ok(reason)) => (status, reason),
            (status, reason) => {
                return Err(No::Fields(status.err().into_iter().flatten().chain(reason.err()).collect()));
            }
        };
        let step = lifecycle::reopen(self.by, before, &status, &reason)?;
        let said = Said::of(Occasion::Update, &step.after, Words::Status(&status), self.by.at);
        let said = Said { more: vec![("reason", reason)], ..said };
        self.say(before.version, standing.told, step, Happened::Said(NoticeEvent::Reopened), &said)
    }

    /// Says that it is worse, or not as bad. A surface that hears of it only now is told what was said last; where that
    /// may not be said there, it waits for the next update and does not hold this back.
    ///
    /// # Errors
    /// When it is over, or as bad already.
    pub fn severity(&self, standing: Standing<'_>, severity: Severity, reason: &str) -> Result<Draft, No> {
        let before = standing.incident;
        let reason = short("reason", reason)?;
        let step = lifecycle::severity(self.by, before, severity, &reason, &self.settings.cadence)?;
        let status = last(&step.after);
        let said = Said::of(Occasion::Open, &step.after, Words::Status(&status), self.by.at);
        self.whisper(standing, step, &said)
    }

    /// Gives somebody a duty, or takes it away (`to` is `None`).
    ///
    /// # Errors
    /// When the incident is closed, or nothing would change.
    pub fn assign(&self, standing: Standing<'_>, duty: Duty, to: Option<&StaffId>) -> Result<Draft, No> {
        let before = standing.incident;
        let step = lifecycle::assign(self.by, before, duty, to)?;
        let first = duty == Duty::Commander && !before.duties.contains_key(&duty) && !before.phase.over();
        self.inside(standing, step, if first { Happened::Taken } else { Happened::Inside })
    }

    /// Promises the next update for another time.
    ///
    /// # Errors
    /// When nothing is promised, the time cannot be, or no reason is given.
    pub fn snooze(&self, standing: Standing<'_>, next: &str, reason: &str) -> Result<Draft, No> {
        let until = cadence::next_update(next, self.by.at).map_err(|says| wrong("next", says));
        let (next, reason) = match (until, written("reason", reason)) {
            (Ok(next), Ok(reason)) => (next, reason),
            (next, reason) => return Err(No::Fields(next.err().into_iter().chain(reason.err()).collect())),
        };
        let step = lifecycle::snooze(self.by, standing.incident, next, &reason)?;
        self.inside(standing, step, Happened::Inside)
    }

    /// Notes something. Nobody is told.
    ///
    /// # Errors
    /// When nothing is said, or what may not be.
    pub fn note(&self, incident: &Incident, says: &str, posted: Option<Posted>) -> Result<Draft, No> {
        let says = written("note", says)?;
        self.quietly(incident, lifecycle::note(self.by, incident, &says, posted), &says)
    }

    /// Corrects an earlier entry. Nobody is told.
    ///
    /// # Errors
    /// When that entry is not kept, nothing is said, or what may not be.
    pub fn correct(&self, incident: &Incident, entry: &Entry, says: &str) -> Result<Draft, No> {
        let says = written("note", says)?;
        self.quietly(incident, lifecycle::correct(self.by, incident, entry, &says)?, &says)
    }
}

/// A text that must be there.
fn written(option: &str, text: &str) -> Result<String, FieldError> {
    match text.trim() {
        "" => Err(wrong(option, "It is missing. Say it in a sentence.")),
        text => short(option, text),
    }
}

/// A text that may be empty.
fn short(option: &str, text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    match text.chars().count() {
        n if n > NOTE_CHARS_MAX => Err(wrong(option, format!("It has {n} characters; {NOTE_CHARS_MAX} is the most."))),
        _ => Ok(text.to_owned()),
    }
}
