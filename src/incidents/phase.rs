//! Which phase may follow which, and by which act; and what is said where it may not.
//!
//! It changes nothing. Invariant: every refusal says how the incident stands and what can be done.

use crate::model::{Incident, Phase, Refusal, RefusalCode};

/// What moves an incident from one phase to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// An update.
    Update,
    /// The close.
    Close,
    /// It was none.
    Cancel,
    /// It goes on.
    Reopen,
}

impl Act {
    /// The phases that it may lead to.
    #[must_use]
    pub const fn leads_to(self, from: Phase) -> &'static [Phase] {
        use Phase::{Cancelled, Closed, Identified, Investigating, Monitoring, Open, Resolved};
        match (self, from) {
            (Self::Update, Open) => &[Open, Investigating, Identified, Monitoring, Resolved],
            (Self::Update, Investigating | Identified | Monitoring) => {
                &[Investigating, Identified, Monitoring, Resolved]
            }
            (Self::Close, Resolved) => &[Closed],
            (Self::Cancel, Open | Investigating | Identified | Monitoring) => &[Cancelled],
            (Self::Reopen, Resolved | Closed) => &[Investigating],
            _ => &[],
        }
    }
}

/// Whether that act may lead there.
///
/// # Errors
/// What stands, and what can be done.
pub fn may(incident: &Incident, act: Act, to: Phase) -> Result<(), Refusal> {
    if act.leads_to(incident.phase).contains(&to) {
        return Ok(());
    }
    let (name, phase) = (incident.name(), incident.phase);
    let code = if phase == to { RefusalCode::Already } else { RefusalCode::BadInput };
    let what = match act {
        Act::Update => format!("{name} does not become {}.", to.word()),
        Act::Close => format!("{name} is not closed."),
        Act::Cancel => format!("{name} is not cancelled."),
        Act::Reopen => format!("{name} is not reopened."),
    };
    Err(Refusal::new(code, what, stands(incident), can(phase, act, to)))
}

/// How an incident stands, as a sentence.
fn stands(incident: &Incident) -> String {
    let since = match incident.phase {
        Phase::Resolved => incident.resolved,
        Phase::Closed | Phase::Cancelled => incident.closed,
        _ => None,
    };
    let since = since.map(|at| format!(" since {at}")).unwrap_or_default();
    format!("It is {}{since}.", incident.phase.word())
}

/// What can be done with an incident of that phase instead.
fn can(phase: Phase, act: Act, to: Phase) -> &'static str {
    match (phase, act) {
        (Phase::Cancelled, _) => "What was cancelled stays so. Open a new incident with `/incident open`.",
        (Phase::Closed, _) => "Reopen it with `/incident reopen`, or add what is missing with `/incident note`.",
        (Phase::Resolved, _) => "Write it up with `/incident close`, or say with `/incident reopen` that it goes on.",
        (_, Act::Close) => "Say first that it is over: `/incident update phase=resolved`.",
        (_, Act::Reopen) => "It is being worked on. Say how it stands with `/incident update`.",
        (_, Act::Update) if to == Phase::Cancelled => "If it was none: `/incident cancel`.",
        (_, Act::Update) if to == Phase::Closed => {
            "Say first that it is over: `/incident update phase=resolved`. Then `/incident close` writes it up."
        }
        _ => "It can become investigating, identified, monitoring or resolved.",
    }
}

/// That it is not over.
pub(super) fn going_on(incident: &Incident, keeps: &str) -> Result<(), Refusal> {
    if !incident.phase.over() {
        return Ok(());
    }
    Err(closed_for(incident, format!("{} {keeps}.", incident.name())))
}

/// It is over, so that this is not done.
pub(super) fn closed_for(incident: &Incident, what: String) -> Refusal {
    Refusal::new(RefusalCode::BadInput, what, stands(incident), can(incident.phase, Act::Update, incident.phase))
}
