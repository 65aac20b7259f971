//! `case close`: only when each step was done, or left out with a reason.

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, CaseDeed, CaseFile, CaseStepState, Check, CheckResult, Fields, Plan, RequestId, Risk, Role, Tier, Tone,
    Verdict,
};
use crate::ports::{PortError, Reads};

use super::super::words::count;
use super::{CASE, deed, line, none, typed};
use crate::catalog::reading::{Reading, option};

/// The action.
pub struct CaseClose;

static OPTIONS: [OptionDef; 2] = [
    OptionDef {
        positional: true,
        ..option("outcome", Kind::Text(500), true, "How it ended, for whoever reads it later")
    },
    CASE,
];

static DEFINITION: Definition = Definition {
    name: "case-close",
    version: 1,
    family: Family::Case,
    summary: "Close a case whose checklist is worked off",
    help: "Each step must be done, or left out with a reason: `case note \"why\" step=3 as=skipped`. What is left to do is \
           said. A closed case can still be shown.",
    example: "case close \"the redirect URL had a trailing slash; mended\"",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::SUPPORT,
    tier: Tier::Confirm,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "Open a new case for the same ticket.",
};

/// The options, read.
pub struct Input {
    outcome: String,
    case: Option<RequestId>,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    case: Option<CaseFile>,
}

#[async_trait]
impl Runbook for CaseClose {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let reading = Reading::of(fields);
        let (outcome, case) = (reading.text("outcome"), typed(fields));
        reading.done(Some(Input { outcome, case, fields: fields.clone() }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        Ok(Facts { case: super::meant(asked, input.case.as_ref(), reads).await? })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let Some(case) = &facts.case else { return none(input.case.as_ref()) };
        if !case.open {
            return Plan::answer(Tone::Good, format!("The case {} is closed already.", case.id), Vec::new());
        }
        let left = case.steps.iter().enumerate().filter(|(_, step)| step.state == CaseStepState::Todo);
        let items: Vec<String> = left.map(|(n, step)| line(n + 1, step)).collect();
        if !items.is_empty() {
            let what = format!("The case {} is not done: {} left.", case.id, count(items.len(), "step"));
            let next = "Do them, or leave one out with a reason: `/case note \"why\" step=… as=skipped`.";
            let blocks = vec![Block::Items { heading: String::new(), items }, Block::Text(next.into())];
            return Plan::answer(Tone::Bad, what, blocks);
        }
        let title = format!("Close the case {} for {}?", case.id, case.known("org"));
        let outline = format!("close the case {} for {}", case.id, case.known("org"));
        let close = CaseDeed::Close { case: case.id.clone(), outcome: input.outcome.clone() };
        let mut fields = input.fields.clone();
        // Once it is closed it no longer lives here: it is found by its id.
        fields.set("case", case.id.to_string());
        let mut plan = deed(asked, title, outline, close, &fields);
        plan.blocks = vec![Block::Text(input.outcome.clone())];
        plan
    }

    fn verify(&self, _: &Asked<'_>, _: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let closed = facts.case.as_ref().is_some_and(|case| !case.open);
        let result = if closed { CheckResult::Confirmed } else { CheckResult::NotConfirmed("it is still open".into()) };
        Verdict { checks: vec![Check { what: "The case".into(), result }], ..Verdict::default() }
    }
}
