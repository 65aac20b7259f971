//! `incident show`, `incident list` and `incident template`: reading.

use std::sync::Arc;

use async_trait::async_trait;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Audience, Block, DeliveryLine, Fields, Incident, IncidentKind, Plan, Risk, Role, Tier, Tone, Verdict,
};
use crate::ports::{PortError, Reads};

use super::which::{INCIDENT_FIRST, meant, names, none, number};
use crate::incidents::templates::Occasion;
use crate::incidents::{Settings, card};

/// The most incidents that a list shows.
const LIST_MOST: u32 = 25;

/// `incident show`.
pub(super) struct Show;
/// `incident list`.
pub(super) struct List;
/// `incident template`.
pub(super) struct TemplateShow(pub(super) Arc<Settings>);

/// What reading commands have in common.
pub(super) const fn reading(
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    example: &'static str,
    options: &'static [OptionDef],
) -> Definition {
    Definition {
        name,
        version: 1,
        family: Family::Incident,
        summary,
        help,
        example,
        options,
        ticket: TicketRule::None,
        role: Role::OBSERVER,
        tier: Tier::Look,
        tier_at_most: Tier::Look,
        risk: Risk::Reads,
        places: Places::Actions,
        visibility: Visibility::Private,
        undo: "Nothing changes.",
    }
}

static SHOW_OPTIONS: [OptionDef; 1] = [INCIDENT_FIRST];
static SHOW: Definition = reading(
    "incident-show",
    "Show how an incident stands: phase, duties, promise, deliveries",
    "Without a number it shows the one whose room this is.",
    "incident show INC-1",
    &SHOW_OPTIONS,
);
static LIST_OPTIONS: [OptionDef; 1] = [OptionDef {
    positional: true,
    ..option("state", Kind::Choice(&[("open", "Not closed"), ("closed", "Closed or cancelled")]), false, "Which ones")
}];
static LIST: Definition = reading(
    "incident-list",
    "List the incidents that are not closed, or the closed ones, the newest first",
    "Each with its phase, its severity, and when its next update is promised.",
    "incident list",
    &LIST_OPTIONS,
);
const OCCASIONS: [(&str, &str); 4] = [("open", "Open"), ("update", "Update"), ("close", "Close"), ("cancel", "Cancel")];
const AUDIENCES: [(&str, &str); 3] = [("internal", "The team"), ("support", "Support"), ("public", "The public")];
static TEMPLATE_OPTIONS: [OptionDef; 2] = [
    OptionDef { positional: true, ..option("occasion", Kind::Choice(&OCCASIONS), true, "Which template") },
    OptionDef { positional: true, ..option("audience", Kind::Choice(&AUDIENCES), true, "For whom") },
];
static TEMPLATE: Definition = reading(
    "incident-template",
    "Show the template that is in use for an occasion and an audience",
    "Templates are files of the operator, with defaults that are built in; every variable that one may use is named.",
    "incident template update public",
    &TEMPLATE_OPTIONS,
);

/// An incident and its deliveries.
pub(super) struct Facts {
    incident: Option<Incident>,
    lines: Vec<DeliveryLine>,
}

#[async_trait]
impl Runbook for Show {
    type Input = Option<u32>;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &SHOW
    }

    fn read(&self, fields: &Fields) -> Result<Option<u32>, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let number = number(&mut reading);
        reading.done(Some(number))
    }

    async fn look(&self, asked: &Asked<'_>, number: &Option<u32>, reads: &Reads) -> Result<Facts, PortError> {
        let incident = meant(asked, *number, reads).await?;
        let lines = match &incident {
            Some(incident) => reads.incidents.board(&incident.id).await?,
            None => Vec::new(),
        };
        Ok(Facts { incident, lines })
    }

    fn plan(&self, asked: &Asked<'_>, number: &Option<u32>, facts: &Facts) -> Plan {
        let Some(incident) = &facts.incident else { return none(*number) };
        let card = card::card(incident, &facts.lines, &names(asked, incident, &[]));
        Plan::answer(card.tone, card.title, card.blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Option<u32>, _: &Plan, _: &Facts) -> Verdict {
        Verdict::default()
    }
}

#[async_trait]
impl Runbook for List {
    type Input = bool;
    type Facts = Vec<Incident>;

    fn definition(&self) -> &'static Definition {
        &LIST
    }

    fn read(&self, fields: &Fields) -> Result<bool, Vec<FieldError>> {
        let reading = Reading::of(fields);
        let open = reading.text("state") != "closed";
        reading.done(Some(open))
    }

    async fn look(&self, _: &Asked<'_>, open: &bool, reads: &Reads) -> Result<Vec<Incident>, PortError> {
        reads.incidents.incidents(*open, LIST_MOST).await
    }

    fn plan(&self, _: &Asked<'_>, open: &bool, incidents: &Vec<Incident>) -> Plan {
        let which = if *open { "open" } else { "closed" };
        if incidents.is_empty() {
            return Plan::answer(Tone::Good, format!("There is no {which} incident."), Vec::new());
        }
        let items = incidents.iter().map(line).collect();
        let blocks = vec![Block::Items { heading: "The newest first".into(), items }];
        Plan::answer(Tone::Plain, format!("Incidents, {which}: {}", incidents.len()), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &bool, _: &Plan, _: &Vec<Incident>) -> Verdict {
        Verdict::default()
    }
}

/// An incident as a line. A private one says nothing of what it is about: who may read lists need not be in its room.
fn line(it: &Incident) -> String {
    let title = match it.kind {
        IncidentKind::Real => it.title.clone(),
        IncidentKind::Private => "a private incident".into(),
        IncidentKind::Drill => format!("DRILL: {}", it.title),
    };
    let next = it.next_update.map(|at| format!(", next update {at}")).unwrap_or_default();
    format!("{} {} {}: {title} (since {}{next})", it.name(), it.severity.word(), it.phase.word(), it.started)
}

/// Which template.
pub(super) struct Which {
    occasion: Occasion,
    audience: Audience,
}

#[async_trait]
impl Runbook for TemplateShow {
    type Input = Which;
    type Facts = ();

    fn definition(&self) -> &'static Definition {
        &TEMPLATE
    }

    fn read(&self, fields: &Fields) -> Result<Which, Vec<FieldError>> {
        let reading = Reading::of(fields);
        let occasion = Occasion::named(&reading.text("occasion"));
        let audience = Audience::named(&reading.text("audience"));
        reading.done(occasion.zip(audience).map(|(occasion, audience)| Which { occasion, audience }))
    }

    async fn look(&self, _: &Asked<'_>, _: &Which, _: &Reads) -> Result<(), PortError> {
        Ok(())
    }

    fn plan(&self, _: &Asked<'_>, which: &Which, (): &()) -> Plan {
        let (source, own) = self.0.templates.source(which.occasion, which.audience);
        let (occasion, audience) = (which.occasion.word(), which.audience.word());
        let whose = if own { "It is a file of the operator." } else { "It is built in." };
        let file = crate::incidents::templates::file_name(which.occasion, which.audience);
        let blocks = vec![
            Block::Text(format!("{whose} A file {file} in the folder of templates takes its place after a restart.")),
            Block::Code(source.to_owned()),
            Block::Text(format!("It may use: {}.", which.occasion.variables().join(", "))),
        ];
        Plan::answer(Tone::Plain, format!("The template for {occasion}, for {audience}."), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &Which, _: &Plan, (): &()) -> Verdict {
        Verdict::default()
    }
}
