//! The life of an incident: which phase may follow which, and what each deed makes of it.
//!
//! It renders no text and tells nobody. Invariant: the kind, the id and who opened it never change; the version grows by
//! one with each deed; and while it is over nothing is promised.

use std::collections::BTreeMap;

use crate::model::{
    Duty, Entry, EntryKind, Incident, IncidentKind, Millis, Phase, Place, Posted, Refusal, RefusalCode, RequestId,
    Severity, StaffId,
};

use super::cadence::{self, Cadence, MOVED};
use super::parts::{Closing, Status};
use super::phase::{Act, closed_for, going_on, may};

#[cfg(test)]
mod tests;

/// Who does something to an incident, when, and for which request. `at` is when it was asked, so that the same plan can
/// be made again.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// The request.
    pub request: &'a RequestId,
    /// Who.
    pub staff: &'a StaffId,
    /// When.
    pub at: Millis,
}

/// An incident after a deed, and what is written into its timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The incident.
    pub after: Incident,
    /// The entries, the deed itself first.
    pub entries: Vec<Entry>,
}

/// What an incident is opened with, besides its status.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Its kind.
    pub kind: IncidentKind,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Who does what from the start.
    pub duties: BTreeMap<Duty, StaffId>,
    /// Rooms that are there already.
    pub rooms: Vec<Place>,
}

/// It is opened.
#[must_use]
pub fn open(by: By<'_>, beginning: Beginning, status: &Status) -> Step {
    let Beginning { kind, title, severity, duties, rooms } = beginning;
    let mut entries =
        vec![by.entry(EntryKind::Opened, format!("Opened: {title} ({}, {}).", severity.word(), kind.word()))];
    entries.extend(duties.iter().map(|(duty, staff)| by.entry(EntryKind::Duty, assigned(*duty, None, Some(staff)))));
    let after = Incident {
        id: by.request.clone(),
        number: 0,
        kind,
        title,
        phase: Phase::Open,
        severity,
        version: 1,
        updates: 1,
        parts: status.parts(),
        started: status.started,
        next_update: status.next,
        duties,
        rooms,
        opened_by: by.staff.clone(),
        opened: by.at,
        changed_by: by.staff.clone(),
        changed: by.at,
        mitigated: None,
        resolved: None,
        closed: None,
    };
    Step { after, entries }
}

/// An update is sent, and it may lead to another phase.
///
/// # Errors
/// When that phase may not follow.
pub fn update(by: By<'_>, before: &Incident, status: &Status, phase: Phase) -> Result<Step, Refusal> {
    may(before, Act::Update, phase)?;
    let mut step = by.begin(before);
    told(&mut step.after, status);
    let says = format!("Update {}: {}, {}.", step.after.updates, phase.word(), before.severity.word());
    step.entries.push(by.entry(EntryKind::Updated, says));
    by.phase(&mut step, phase);
    by.settle(&mut step, before);
    if status.started != before.started {
        let says = format!("It began at {}; before, {} was said.", status.started, before.started);
        step.entries.push(by.entry(EntryKind::Noted, says));
    }
    Ok(step)
}

/// It is written up.
///
/// # Errors
/// When it is not resolved.
pub fn close(by: By<'_>, before: &Incident, closing: &Closing) -> Result<Step, Refusal> {
    may(before, Act::Close, Phase::Closed)?;
    let mut step = by.begin(before);
    step.after.updates = before.updates.saturating_add(1);
    step.after.parts.extend(closing.parts());
    step.entries.push(by.entry(EntryKind::Closed, "Closed.".to_owned()));
    by.phase(&mut step, Phase::Closed);
    Ok(step)
}

/// It was none.
///
/// # Errors
/// When it is over.
pub fn cancel(by: By<'_>, before: &Incident, reason: &str) -> Result<Step, Refusal> {
    may(before, Act::Cancel, Phase::Cancelled)?;
    let mut step = by.begin(before);
    step.after.updates = before.updates.saturating_add(1);
    step.entries.push(by.entry(EntryKind::Closed, format!("Cancelled: {reason}")));
    by.phase(&mut step, Phase::Cancelled);
    by.settle(&mut step, before);
    Ok(step)
}

/// It goes on.
///
/// # Errors
/// When it is not over, or was cancelled.
pub fn reopen(by: By<'_>, before: &Incident, status: &Status, reason: &str) -> Result<Step, Refusal> {
    may(before, Act::Reopen, Phase::Investigating)?;
    let mut step = by.begin(before);
    told(&mut step.after, status);
    (step.after.resolved, step.after.closed) = (None, None);
    step.entries.push(by.entry(EntryKind::Reopened, format!("Reopened: {reason}")));
    by.phase(&mut step, Phase::Investigating);
    Ok(step)
}

/// It is worse, or not as bad. A promise that is farther away than the new cadence comes nearer.
///
/// # Errors
/// When it is over, or as bad already.
pub fn severity(
    by: By<'_>,
    before: &Incident,
    severity: Severity,
    reason: &str,
    cadence: &Cadence,
) -> Result<Step, Refusal> {
    going_on(before, "keeps its severity")?;
    if before.severity == severity {
        let why = format!("It is {} already.", severity.word());
        return Err(Refusal::new(
            RefusalCode::Already,
            format!("{} keeps its severity.", before.name()),
            why,
            "Choose another one, or leave it.",
        ));
    }
    let mut step = by.begin(before);
    step.after.severity = severity;
    let says = format!("Severity: {} → {}. {reason}", before.severity.word(), severity.word());
    step.entries.push(by.entry(EntryKind::Severity, says.trim_end().to_owned()));
    let nearer = by.at.plus_ms(cadence.every(severity));
    if severity < before.severity && before.next_update.is_some_and(|promised| nearer < promised) {
        by.promise(&mut step, nearer, &format!("{} promises an update sooner.", severity.word()));
    }
    Ok(step)
}

/// Somebody gets a duty, or gives it up (`to` is `None`).
///
/// # Errors
/// When the incident is closed, or nothing would change.
pub fn assign(by: By<'_>, before: &Incident, duty: Duty, to: Option<&StaffId>) -> Result<Step, Refusal> {
    let what = format!("{} keeps its {}.", before.name(), duty.word());
    if matches!(before.phase, Phase::Closed | Phase::Cancelled) {
        return Err(closed_for(before, what));
    }
    let from = before.duties.get(&duty);
    if from == to {
        let why =
            from.map_or_else(|| "Nobody has this duty.".to_owned(), |staff| format!("{staff} has this duty already."));
        return Err(Refusal::new(RefusalCode::Already, what, why, "Name somebody else."));
    }
    let mut step = by.begin(before);
    step.entries.push(by.entry(EntryKind::Duty, assigned(duty, from, to)));
    match to {
        Some(staff) => step.after.duties.insert(duty, staff.clone()),
        None => step.after.duties.remove(&duty),
    };
    Ok(step)
}

/// The next update is promised for another time, for a reason.
///
/// # Errors
/// When nothing is promised.
pub fn snooze(by: By<'_>, before: &Incident, next: Millis, reason: &str) -> Result<Step, Refusal> {
    going_on(before, "promises no update")?;
    let mut step = by.begin(before);
    by.promise(&mut step, next, reason);
    Ok(step)
}

/// Something is noted, by command or from a message in chat.
#[must_use]
pub fn note(by: By<'_>, before: &Incident, says: &str, posted: Option<Posted>) -> Step {
    let mut step = by.begin(before);
    step.entries.push(Entry { posted, ..by.entry(EntryKind::Noted, says.to_owned()) });
    step
}

/// An earlier entry is corrected. It stays, and so does what was wrong with it.
///
/// # Errors
/// When that entry is not kept yet.
pub fn correct(by: By<'_>, before: &Incident, wrong: &Entry, says: &str) -> Result<Step, Refusal> {
    if wrong.seq == 0 {
        let what = "Nothing is corrected.";
        return Err(Refusal::new(
            RefusalCode::Unknown,
            what,
            "There is no such entry.",
            "`/incident timeline` numbers them.",
        ));
    }
    let mut step = by.begin(before);
    let entry = by.entry(EntryKind::Corrected, format!("Entry {} is corrected: {says}", wrong.seq));
    step.entries.push(Entry { corrects: Some(wrong.seq), ..entry });
    Ok(step)
}

/// What was said is kept, and counts as an update.
fn told(after: &mut Incident, status: &Status) {
    after.updates = after.updates.saturating_add(1);
    after.parts.remove("next");
    after.parts.extend(status.parts());
    after.started = status.started;
    after.next_update = status.next;
}

fn assigned(duty: Duty, from: Option<&StaffId>, to: Option<&StaffId>) -> String {
    let duty = duty.word();
    match (from, to) {
        (None, Some(to)) => format!("{to} is {duty}."),
        (Some(from), Some(to)) => format!("{from} hands {duty} over to {to}."),
        (Some(from), None) => format!("{from} is no longer {duty}. Nobody is."),
        (None, None) => format!("Nobody is {duty}."),
    }
}

impl By<'_> {
    /// The next version of an incident, with nothing done to it yet.
    fn begin(&self, before: &Incident) -> Step {
        let mut after = before.clone();
        after.version = before.version.saturating_add(1);
        after.changed_by = self.staff.clone();
        after.changed = self.at;
        Step { after, entries: Vec::new() }
    }

    pub(super) fn entry(&self, kind: EntryKind, says: String) -> Entry {
        let (staff, request) = (Some(self.staff.clone()), Some(self.request.clone()));
        Entry { staff, request, ..Entry::new(self.at, kind, says) }
    }

    /// The incident comes to that phase, with the times that go with it.
    fn phase(&self, step: &mut Step, phase: Phase) {
        let after = &mut step.after;
        if after.phase == phase {
            return;
        }
        let says = format!("Phase: {} → {}.", after.phase.word(), phase.word());
        after.phase = phase;
        if matches!(phase, Phase::Monitoring | Phase::Resolved) {
            after.mitigated = after.mitigated.or(Some(self.at));
        }
        match phase {
            Phase::Resolved => after.resolved = Some(self.at),
            Phase::Closed | Phase::Cancelled => after.closed = Some(self.at),
            _ => {}
        }
        if phase.over() {
            after.next_update = None;
        }
        step.entries.push(self.entry(EntryKind::Phase, says));
    }

    /// The promise that stood before is kept or missed with this.
    fn settle(&self, step: &mut Step, before: &Incident) {
        if let Some(promised) = before.next_update {
            step.entries.push(self.entry(EntryKind::Promise, cadence::settled(promised, self.at)));
        }
    }

    fn promise(&self, step: &mut Step, next: Millis, reason: &str) {
        let before = step.after.next_update.map_or_else(String::new, |promised| format!("from {promised} "));
        step.after.next_update = Some(next);
        step.after.parts.insert("next".to_owned(), next.to_rfc3339());
        let says = format!("{MOVED}{before}to {next}. {reason}");
        step.entries.push(self.entry(EntryKind::Promise, says.trim_end().to_owned()));
    }
}
