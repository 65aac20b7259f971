//! `incident open`: what is wrong, how bad it is, and who is told at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{
    Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, Source, TicketRule, Visibility,
};
use crate::model::{
    Duty, Fields, Incident, IncidentKind, Parts, Place, Plan, Platform, Risk, Role, Severity, StaffId, Tier, Verdict,
};
use crate::ports::{PortError, Reads};

use super::definitions::{ALLOW, IMPACT, MITIGATION, NEXT, REASON, ROUTES, SEVERITIES, STARTED};
use super::preview::{Words, preview, refused, verdict};
use crate::incidents::Settings;
use crate::incidents::deed::{Desk, No, Opening};
use crate::incidents::lifecycle::By;
use crate::incidents::lint::{Override, overrides};
use crate::incidents::parts::STATUS;

/// The action.
pub(super) struct Open(pub(super) Arc<Settings>);

const KINDS: [(&str, &str); 3] = [
    ("real", "Real: told everywhere that hears of its severity"),
    ("private", "Private: its rooms and those who are paged, never the public"),
    ("drill", "Drill: its rooms only, watermarked"),
];
const ROOM: [(&str, &str); 2] =
    [("new", "New: a room of its own on each platform"), ("here", "Here: this channel or thread")];
/// Who may be named from the start, and the option that names them.
const DUTY_OPTIONS: [(Duty, &str); 3] =
    [(Duty::Commander, "commander"), (Duty::Comms, "comms"), (Duty::Scribe, "scribe")];

static OPTIONS: [OptionDef; 14] = [
    OptionDef {
        positional: true,
        ..option("title", Kind::Text(120), true, "What is wrong, in one line that is fit for the public")
    },
    OptionDef { source: Source::Choices, ..option("severity", Kind::Choice(&SEVERITIES), true, "How bad it is") },
    OptionDef { required: true, ..IMPACT },
    OptionDef { required: true, ..ROUTES },
    OptionDef { required: true, ..MITIGATION },
    STARTED,
    NEXT,
    option("kind", Kind::Choice(&KINDS), false, "Real, private or drill; it cannot be changed later"),
    option("room", Kind::Choice(&ROOM), false, "Where it is worked on; without it in new rooms"),
    option("commander", Kind::Person, false, "Who decides"),
    option("comms", Kind::Person, false, "Who tells the others"),
    option("scribe", Kind::Person, false, "Who writes down"),
    ALLOW,
    REASON,
];

static DEFINITION: Definition = Definition {
    name: "incident-open",
    version: 1,
    family: Family::Incident,
    summary: "Open an incident, and tell every surface of its severity",
    help: "Say what customers see, which routes are affected, and what is done about it. It began now, and the next \
           update comes when its severity wants it, unless you say otherwise. The texts for the team, for support and \
           for the public are previewed together. kind=drill is an exercise that leaves its rooms nowhere.",
    example: "incident open \"Sign-in is slow\" severity=sev2 impact=\"sign-in takes 30 s\" routes=/auth/login mitigation=\"we look\"",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::SUPPORT,
    tier: Tier::Confirm,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "Cancel it: whoever was told is told that it was none.",
};

/// The options, read.
pub(super) struct Input {
    kind: IncidentKind,
    severity: Severity,
    here: bool,
    allowed: Vec<Override>,
    fields: Fields,
}

/// What was looked up.
pub(super) struct Facts {
    incident: Option<Incident>,
}

#[async_trait]
impl Runbook for Open {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let kind = IncidentKind::named(&reading.text("kind")).unwrap_or(IncidentKind::Real);
        let severity = Severity::named(&reading.text("severity"));
        let here = reading.text("room") == "here";
        let allowed = overrides(&reading.text("override"), &reading.text("reason")).unwrap_or_else(|says| {
            reading.wrong("override", says);
            Vec::new()
        });
        let fields = fields.clone();
        reading.done(severity.map(|severity| Input { kind, severity, here, allowed, fields }))
    }

    async fn look(&self, asked: &Asked<'_>, _: &Input, reads: &Reads) -> Result<Facts, PortError> {
        Ok(Facts { incident: reads.incidents.incident(asked.request).await? })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, _: &Facts) -> Plan {
        let by = By { request: asked.request, staff: &asked.asker.id, at: asked.asked };
        let desk = Desk { settings: &self.0, by, overrides: &input.allowed };
        let drafted = self.opening(asked, input).and_then(|opening| desk.open(&opening));
        match drafted {
            Err(no) => refused(no),
            Ok(draft) => {
                let (severity, title) = (input.severity.word(), &draft.deed.after.title);
                let what = match input.kind {
                    IncidentKind::Real => "an incident",
                    IncidentKind::Private => "a private incident",
                    IncidentKind::Drill => "a drill",
                };
                let outline = match input.kind {
                    IncidentKind::Private => format!("open {what} ({severity})"),
                    _ => format!("open {what} ({severity}): {title}"),
                };
                let words = Words { title: format!("Open {what}: {title} ({severity})?"), outline };
                preview(asked, words, None, draft, &input.fields)
            }
        }
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, facts: &Facts) -> Verdict {
        verdict(facts.incident.is_some(), facts.incident.as_ref())
    }
}

impl Open {
    fn opening(&self, asked: &Asked<'_>, input: &Input) -> Result<Opening, No> {
        let text = |name: &str| input.fields.get(name).unwrap_or_default().to_owned();
        let given = |name: &&&str| input.fields.get(name).is_some();
        let mut parts: Parts = STATUS.iter().filter(given).map(|name| ((*name).to_owned(), text(name))).collect();
        parts.entry("started".to_owned()).or_insert_with(|| "now".to_owned());
        let next = asked.asked.plus_ms(self.0.cadence.every(input.severity)).to_rfc3339();
        parts.entry("next".to_owned()).or_insert(next);
        let mut duties: BTreeMap<Duty, StaffId> = BTreeMap::new();
        let mut errors = Vec::new();
        for (duty, name) in DUTY_OPTIONS {
            let typed = text(name);
            match (typed.as_str(), asked.rights.staff(&typed)) {
                ("", _) => {}
                (_, Some(staff)) => {
                    duties.insert(duty, staff.id);
                }
                (_, None) => {
                    errors.push(FieldError { option: name.into(), says: format!("{typed} is not a member of staff.") })
                }
            }
        }
        if !errors.is_empty() {
            return Err(No::Fields(errors));
        }
        let rooms = self.rooms(asked.place, input)?;
        Ok(Opening { kind: input.kind, title: text("title"), severity: input.severity, parts, duties, rooms })
    }

    /// The rooms that are there already: this place where it was asked for, or where no room can be made. Who reads along
    /// in a channel is not known, so that a private incident is worked on in none that is there already.
    fn rooms(&self, place: &Place, input: &Input) -> Result<Vec<Place>, No> {
        let console = place.platform == Platform::Console;
        let can_live = !place.direct || console;
        let made = self.0.destinations.iter().any(|one| one.kind.is_room());
        let hidden = input.kind == IncidentKind::Private && !console;
        let no = |says: &str| Err(No::Fields(vec![FieldError { option: "room".into(), says: says.into() }]));
        match (input.here, can_live) {
            (true, false) => no("An incident is not worked on in a direct message. Ask in a channel, or say room=new."),
            (true, true) if hidden => {
                no("A private incident is worked on in rooms of its own: others may read along here. Say room=new.")
            }
            (true, true) => Ok(vec![place.clone()]),
            (false, true) if (!made || console) && !hidden => Ok(vec![place.clone()]),
            _ => Ok(Vec::new()),
        }
    }
}
