//! The buttons under a card and a reminder, and what each of them asks for; and what a command takes from the incident.

use crate::catalog::Definition;
use crate::model::{Control, Duty, Fields, Incident, Millis, Phase, Press, Style, Verb};

use super::cadence::Cadence;
use super::parts::proposal;

/// What a button asks for: an action with options, in a form or at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedBy {
    /// The action.
    pub action: &'static str,
    /// What is filled in besides the incident.
    pub fields: Fields,
    /// Whether its form opens first.
    pub form: bool,
}

/// What that button asks for, if it is one of an incident's.
#[must_use]
pub fn pressed(verb: Verb) -> Option<AskedBy> {
    let with = |pairs: &[(&str, &str)]| {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            fields.set(name, *value);
        }
        fields
    };
    let (action, fields, form) = match verb {
        Verb::IncidentUpdate => ("incident-update", Fields::default(), true),
        Verb::IncidentClose => ("incident-close", Fields::default(), true),
        Verb::IncidentTake => ("incident-assign", with(&[("duty", "commander"), ("who", "me")]), false),
        Verb::IncidentRetry => ("incident-deliveries", with(&[("retry", "all")]), false),
        _ => return None,
    };
    Some(AskedBy { action, fields, form })
}

/// The buttons that fit how it stands. `failed`: something was given up.
#[must_use]
pub fn buttons(incident: &Incident, failed: bool) -> Vec<Control> {
    let button = |verb: Verb, label: &str, style: Style| Control::Button {
        label: label.into(),
        style,
        press: Press { verb, request: incident.id.clone(), revision: 0 },
    };
    let mut all = Vec::new();
    if !incident.phase.over() {
        all.push(button(Verb::IncidentUpdate, "Update", Style::Primary));
        if !incident.duties.contains_key(&Duty::Commander) {
            all.push(button(Verb::IncidentTake, "Take command", Style::Plain));
        }
    }
    if incident.phase == Phase::Resolved {
        all.push(button(Verb::IncidentClose, "Close", Style::Primary));
    }
    if failed {
        all.push(button(Verb::IncidentRetry, "Retry failed", Style::Plain));
    }
    all
}

/// Fills in what was not typed and the incident knows: which it is, and what was said last.
pub fn fill(definition: &Definition, incident: &Incident, cadence: &Cadence, at: Millis, fields: &mut Fields) {
    if definition.option("incident").is_none() {
        return;
    }
    let known = proposal(incident, cadence, at).into_iter().chain([("incident".to_owned(), incident.name())]);
    for (name, value) in known {
        if definition.option(&name).is_some() && fields.get(&name).is_none() {
            fields.set(&name, value);
        }
    }
}
