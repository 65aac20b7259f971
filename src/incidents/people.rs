//! How the people of an incident are called, and what each duty asks of them.
//!
//! Invariant: where no name is known, the id stands.

use std::collections::BTreeMap;

use crate::model::{Block, Duty, Incident, Message, StaffId, Tone};

use super::parts::watermark;

/// The names of members of staff, by their ids.
pub type Names = BTreeMap<StaffId, String>;

/// How that member of staff is called.
#[must_use]
pub fn called<'a>(names: &'a Names, staff: &'a StaffId) -> &'a str {
    names.get(staff).map_or(staff.as_str(), String::as_str)
}

/// What that duty asks, step by step.
#[must_use]
pub const fn asks(duty: Duty) -> &'static [&'static str] {
    match duty {
        Duty::Commander => &[
            "Decide, and have others do: you keep the whole in view.",
            "See that comms and scribe are taken: `/incident assign`.",
            "Say how bad it is, and say it again when that changes: `/incident severity`.",
            "When it is over: `/incident update phase=resolved`, then `/incident close`.",
        ],
        Duty::Comms => &[
            "Write the updates: `/incident update`. Each says when the next one comes, and you are reminded before.",
            "Write for people outside. Say what they see, not what is broken inside. Name nobody.",
            "See that it arrived: the delivery board shows each surface, and what failed can be tried again.",
        ],
        Duty::Scribe => &[
            "Write down what is found, tried and decided, when it happens: `/incident note`.",
            "A message in the room becomes an entry by its shortcut, or by a reaction.",
            "What was wrong is corrected by a new entry; nothing is deleted.",
        ],
    }
}

/// What somebody is told who gets a duty.
#[must_use]
pub fn briefing(incident: &Incident, duty: Duty) -> Message {
    let mark = watermark(incident.kind);
    let title = format!("{mark}You are {} of {}: {}", duty.word(), incident.name(), incident.title);
    let items = asks(duty).iter().map(|step| (*step).to_owned()).collect();
    let promised = incident.next_update.map_or_else(
        || Block::Text("No update is promised.".to_owned()),
        |at| Block::Moment { label: "The next update is promised for".to_owned(), at },
    );
    Message::titled(Tone::Caution, title)
        .with(Block::Items { heading: "What this asks of you".into(), items })
        .with(promised)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{incident, staff};
    use super::*;
    use crate::model::IncidentKind;

    #[test]
    fn people_have_names_or_their_ids() {
        let names = Names::from([(staff("kim"), "Kim".to_owned())]);
        assert_eq!((called(&names, &staff("kim")), called(&names, &staff("lee"))), ("Kim", "lee"));
    }

    #[test]
    fn each_duty_is_told_what_it_asks() {
        for duty in Duty::ALL {
            let told = briefing(&incident(), *duty);
            assert!(told.title.contains(duty.word()) && told.title.contains("INC-7"), "{}", told.title);
            assert!(asks(*duty).iter().all(|step| step.ends_with('.')) && asks(*duty).len() >= 3);
            assert!(matches!(&told.blocks[1], Block::Moment { at, .. } if at.to_string() == "2026-11-02 09:30 UTC"));
        }
        let drill = Incident { kind: IncidentKind::Drill, ..incident() };
        assert!(briefing(&drill, Duty::Comms).title.starts_with("DRILL: "));
    }
}
