//! `incident deliveries`: the delivery board, and another try of what was given up.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, DeliveryLine, DeliveryState, Effect, Fields, Incident, Plan, Repeat, Risk, Role, Step,
    Tier, Tone, Verdict,
};
use crate::ports::{PortError, Reads};

use super::which::{INCIDENT_FIRST, called, meant, none, number};
use crate::incidents::board;

/// The action.
pub(super) struct Deliveries;

static OPTIONS: [OptionDef; 2] =
    [INCIDENT_FIRST, option("retry", Kind::Text(64), false, "Try again what was given up: a surface's name, or all")];

static DEFINITION: Definition = Definition {
    name: "incident-deliveries",
    version: 1,
    family: Family::Incident,
    summary: "Show what each surface got, with proof, and try again what failed",
    help: "Each surface: taken, waiting with its next try, or given up with the reason. What may be there twice is said. \
           retry=all, or the name of a surface, has it tried again; nobody is paged for what is over.",
    example: "incident deliveries INC-1",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::SUPPORT,
    tier: Tier::Look,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "None is needed: what is told is what was agreed to before.",
};

/// The options, read.
pub(super) struct Input {
    number: Option<u32>,
    retry: String,
    fields: Fields,
}

/// What was looked up.
pub(super) struct Facts {
    incident: Option<Incident>,
    lines: Vec<DeliveryLine>,
}

#[async_trait]
impl Runbook for Deliveries {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let number = number(&mut reading);
        let retry = reading.text("retry");
        reading.done(Some(Input { number, retry, fields: fields.clone() }))
    }

    fn tier(&self, input: &Input) -> Tier {
        if input.retry.is_empty() { Tier::Look } else { Tier::Confirm }
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let incident = meant(asked, input.number, reads).await?;
        let lines = match &incident {
            Some(incident) => reads.incidents.deliveries(&incident.id).await?,
            None => Vec::new(),
        };
        Ok(Facts { incident, lines })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let Some(incident) = &facts.incident else { return none(input.number) };
        let board = board::board(incident, &facts.lines);
        if input.retry.is_empty() {
            return Plan::answer(board.tone, board.title, board.blocks);
        }
        let again = failed(input, &facts.lines);
        if again.is_empty() {
            let what = format!("Nothing that was given up fits `{}`.", input.retry);
            return Plan::answer(Tone::Plain, what, board.blocks);
        }
        let mut plan =
            Plan::answer(Tone::Caution, format!("Try again what {} was not told?", called(incident)), Vec::new());
        plan.title = format!("Try {} of {} again?", count(again.len()), called(incident));
        plan.tier = Tier::Confirm;
        plan.outline = format!("try {} of {} again", count(again.len()), called(incident));
        plan.pinned = input.fields.clone();
        let step = |line: &&DeliveryLine| Step {
            key: format!("retry:{}", line.key),
            says: format!("tell {} again (given up: {})", line.target, line.why),
            effect: Effect::RetryDeliveries {
                incident: incident.id.clone(),
                key: Some(line.key.clone()),
                at: asked.asked,
            },
            repeat: Repeat::Same,
        };
        plan.steps = again.iter().map(step).collect();
        plan.subject = BTreeMap::from([("incident".to_owned(), incident.id.to_string())]);
        let items = plan.steps.iter().map(|step| step.says.clone()).collect();
        plan.blocks = vec![Block::Items { heading: String::new(), items }];
        plan
    }

    fn verify(&self, _: &Asked<'_>, input: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let left = failed(input, &facts.lines);
        let result = match left.as_slice() {
            [] => CheckResult::Confirmed,
            some => CheckResult::NotConfirmed(format!("{} given up again", count(some.len()))),
        };
        Verdict { checks: vec![Check { what: "They are tried again".into(), result }], ..Verdict::default() }
    }
}

fn count(n: usize) -> String {
    if n == 1 { "1 delivery".to_owned() } else { format!("{n} deliveries") }
}

/// What was given up and is meant.
fn failed<'a>(input: &Input, lines: &'a [DeliveryLine]) -> Vec<&'a DeliveryLine> {
    let meant = |line: &&DeliveryLine| {
        line.state == DeliveryState::Failed && (input.retry == "all" || input.retry == line.target)
    };
    lines.iter().filter(meant).collect()
}
