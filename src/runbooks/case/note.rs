//! `case note`: something noted in a case, and with it a step done or left out.

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, CaseDeed, CaseFile, CaseStepState, Check, CheckResult, Fields, Plan, RequestId, Risk, Role, Tier, Tone,
    Verdict,
};
use crate::ports::{PortError, Reads};

use super::{CASE, deed, meant, none, typed};
use crate::catalog::reading::{Reading, option};

/// The action.
pub struct CaseNoting;

static OPTIONS: [OptionDef; 4] = [
    OptionDef {
        positional: true,
        ..option("text", Kind::Text(1_000), true, "What to note; the evidence, or the reason")
    },
    option("step", Kind::Text(2), false, "The number of the step that ends with it"),
    option(
        "as",
        Kind::Choice(&[("done", "Done: the text is the evidence"), ("skipped", "Left out: the text is the reason")]),
        false,
        "How the step ends; without it done",
    ),
    CASE,
];

static DEFINITION: Definition = Definition {
    name: "case-note",
    version: 1,
    family: Family::Case,
    summary: "Note something in a case, and end a step of its checklist with it",
    help: "With step=3 the step is done and the text is its evidence; with as=skipped it is left out and the text is the \
           reason. Steps that have a command are ticked off by that command's answer. Never note a key.",
    example: "case note \"works again since 12:00, says Ada\" step=4",
    options: &OPTIONS,
    ticket: TicketRule::None,
    role: Role::SUPPORT,
    tier: Tier::Confirm,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Note what is right: a step takes the newest word.",
};

/// The options, read.
pub struct Input {
    text: String,
    step: Option<u32>,
    state: CaseStepState,
    case: Option<RequestId>,
    fields: Fields,
}

/// What was looked up.
pub struct Facts {
    case: Option<CaseFile>,
}

#[async_trait]
impl Runbook for CaseNoting {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let step = fields.get("step").map(str::parse::<u32>);
        if matches!(step, Some(Err(_) | Ok(0))) {
            reading.wrong("step", "Write the step's number, as `case show` has it.");
        }
        if step.is_none() && fields.get("as").is_some() {
            reading.wrong("step", "Say which step ends so: its number.");
        }
        let state = if reading.text("as") == "skipped" { CaseStepState::Skipped } else { CaseStepState::Done };
        let (text, case) = (reading.text("text"), typed(fields));
        let step = step.and_then(Result::ok);
        reading.done(Some(Input { text, step, state, case, fields: fields.clone() }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        Ok(Facts { case: meant(asked, input.case.as_ref(), reads).await? })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let Some(case) = &facts.case else { return none(input.case.as_ref()) };
        if !case.open {
            let next = "Nothing was noted. Open a new case for what is new.";
            return Plan::answer(Tone::Bad, format!("The case {} is closed.", case.id), vec![Block::Text(next.into())]);
        }
        let step =
            input.step.map(|number| (number, case.steps.get(usize::try_from(number).unwrap_or(0).wrapping_sub(1))));
        let what = match step {
            Some((number, None)) => {
                let what = format!("The case {} has no step {number}.", case.id);
                let next = format!("It has {}; `/case show` lists them.", case.steps.len());
                return Plan::answer(Tone::Bad, what, vec![Block::Text(next)]);
            }
            Some((number, Some(step))) => format!("Step {number} is {}: {}", input.state.word(), step.says),
            None => "It ends no step.".to_owned(),
        };
        let title = format!("Note this in the case {}?", case.id);
        let outline = format!("note in the case {}", case.id);
        let note = CaseDeed::Note {
            case: case.id.clone(),
            says: input.text.clone(),
            step: input.step.map(|number| (number, input.state)),
        };
        let mut plan = deed(asked, title, outline, note, &input.fields);
        plan.blocks = vec![Block::Text(what), Block::Code(input.text.clone())];
        plan
    }

    fn verify(&self, asked: &Asked<'_>, _: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let noted =
            facts.case.as_ref().is_some_and(|case| case.notes.iter().any(|note| note.request == *asked.request));
        let result =
            if noted { CheckResult::Confirmed } else { CheckResult::NotConfirmed("it is not in the case".into()) };
        Verdict { checks: vec![Check { what: "The note".into(), result }], ..Verdict::default() }
    }
}
