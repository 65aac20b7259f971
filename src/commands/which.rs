//! Which incident is meant: the one that is named, or the one whose room this is.

use std::collections::BTreeSet;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Kind, OptionDef};
use crate::model::{Block, Entry, Incident, IncidentKind, NUMBER_PREFIX, Plan, StaffId, Tone};
use crate::ports::{PortError, Reads};

use crate::incidents::people::Names;

/// The option.
pub(super) const INCIDENT: OptionDef =
    option("incident", Kind::Text(16), false, "Which one, such as INC-7; without it the one whose room this is");

/// The same, read from its position.
pub(super) const INCIDENT_FIRST: OptionDef = OptionDef { positional: true, ..INCIDENT };

/// The number that was typed, if any.
pub(super) fn number(reading: &mut Reading<'_>) -> Option<u32> {
    let typed = reading.text("incident");
    if typed.is_empty() {
        return None;
    }
    let number = Incident::number_of(&typed);
    if number.is_none() {
        reading.wrong("incident", "Write its number, such as INC-7; `/incident list` shows them.");
    }
    number
}

/// The incident that is meant.
pub(super) async fn meant(
    asked: &Asked<'_>,
    number: Option<u32>,
    reads: &Reads,
) -> Result<Option<Incident>, PortError> {
    match number {
        Some(number) => reads.incidents.incident_numbered(number).await,
        None => reads.incidents.incident_here(asked.place).await,
    }
}

/// What it is called in a sentence: a drill is called one each time.
pub(super) fn called(incident: &Incident) -> String {
    match incident.kind {
        IncidentKind::Drill => format!("the drill {}", incident.name()),
        IncidentKind::Real | IncidentKind::Private => incident.name(),
    }
}

/// How the people of an incident and of these entries are called.
pub(super) fn names(asked: &Asked<'_>, incident: &Incident, entries: &[Entry]) -> Names {
    let holders = incident.duties.values().chain([&incident.opened_by, &incident.changed_by]);
    let ids: BTreeSet<&StaffId> = holders.chain(entries.iter().filter_map(|entry| entry.staff.as_ref())).collect();
    ids.into_iter().filter_map(|id| Some((id.clone(), asked.rights.staff(id.as_str())?.name))).collect()
}

/// There is no such incident.
pub(super) fn none(number: Option<u32>) -> Plan {
    let (what, next) = match number {
        Some(number) => {
            (format!("There is no incident {NUMBER_PREFIX}{number}."), "`/incident list` shows those there are.")
        }
        None => {
            ("This is no incident's room.".to_owned(), "Name the incident with incident=INC-…, or ask in its room.")
        }
    };
    Plan::answer(Tone::Bad, what, vec![Block::Text(next.into())])
}
