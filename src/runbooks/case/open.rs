//! `case open`: the intake. It asks for what the runbook asks for, and never for a key.

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, CaseClass, CaseDeed, CaseFile, Check, CheckResult, Choice, Fields, Pick, Plan, Risk, Role, Tier, Tone,
    Verdict,
};
use crate::ports::{PortError, Reads};

use super::checklist::{proposed, steps};
use super::{can_live, deed, line};
use crate::catalog::reading::{MUST_TICKET, ORG, PROJECT, Reading, USER, option};

/// The action.
pub struct CaseOpen;

/// The classes, as they are chosen.
const CLASSES: [(&str, &str); 6] = [
    ("authentication", "Authentication: cannot sign in"),
    ("authorization", "Authorization: signed in, but may not"),
    ("project-config", "Project config: redirects, origins, keys, provisioning"),
    ("subscription", "Subscription: plan, state, limits"),
    ("webhook", "Webhook delivery"),
    ("availability", "Platform availability"),
];
/// What is kept of the customer.
const INTAKE: [&str; 7] = ["org", "ticket", "project", "user", "request-id", "time", "route"];

static OPTIONS: [OptionDef; 9] = [
    ORG,
    MUST_TICKET,
    option("symptom", Kind::Text(300), false, "What the customer sees, in their words; it proposes the class"),
    OptionDef { required: false, positional: false, ..USER },
    OptionDef { required: false, positional: false, ..PROJECT },
    option("request-id", Kind::RequestId, false, "The request id that the customer names"),
    option("time", Kind::Time, false, "About when it happened, where no request id is known"),
    option("route", Kind::Route, false, "The route that it is about, such as /v1/me"),
    option("class", Kind::Choice(&CLASSES), false, "What it is about; without it you choose in the preview"),
];

static DEFINITION: Definition = Definition {
    name: "case-open",
    version: 1,
    family: Family::Case,
    summary: "Open a case here: the customer, the ticket, and the checklist of its class",
    help: "A case lives in this channel or thread: commands here take their missing org, project, user, route and ticket \
           from it, and their answers tick its checklist off. Say what the customer sees, and a class is proposed; you \
           decide. Never put a key here: its first 8 characters are asked for where a step needs them.",
    example: "case open acme ticket=SUP-1234 user=jo@acme.example symptom=\"redirect loop\" class=authentication",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::SUPPORT,
    tier: Tier::Confirm,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "Close it: nothing outside is changed by a case.",
};

/// The options, read.
pub struct Input {
    class: Option<CaseClass>,
    symptom: String,
    fields: Fields,
}

/// What was looked up: the case that lives here already, and the one that was asked for now.
pub struct Facts {
    here: Option<CaseFile>,
}

#[async_trait]
impl Runbook for CaseOpen {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let org = reading.org();
        let class = CaseClass::named(&reading.text("class"));
        let symptom = reading.text("symptom");
        reading.done(org.map(|_| Input { class, symptom, fields: fields.clone() }))
    }

    async fn look(&self, asked: &Asked<'_>, _: &Input, reads: &Reads) -> Result<Facts, PortError> {
        Ok(Facts { here: reads.cases.case_here(asked.place).await? })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        if !can_live(asked.place) {
            let next = "Open it in an action channel or in a thread there, where others can follow it.";
            return Plan::answer(
                Tone::Bad,
                "A case does not live in a direct message.",
                vec![Block::Text(next.into())],
            );
        }
        if let Some(other) = facts.here.as_ref().filter(|case| case.id != *asked.request) {
            let what = format!("A case lives here already: {} for {}.", other.id, other.known("org"));
            let next = "Close it with `/case close`, or open yours in a thread (there: mention me).";
            return Plan::answer(Tone::Bad, what, vec![Block::Text(next.into())]);
        }
        let class = input.class.unwrap_or_else(|| proposed(&input.symptom));
        let case = case(asked, input, class);
        let items: Vec<String> = case.steps.iter().enumerate().map(|(n, step)| line(n + 1, step)).collect();
        let known = INTAKE.iter().filter(|name| !case.known(name).is_empty());
        let known = known.map(|name| ((*name).to_owned(), case.known(name).to_owned())).collect();
        let (org, ticket) = (case.known("org").to_owned(), case.known("ticket").to_owned());
        let title = format!("Open a case for {org} here?");
        let outline = format!("open a case for {org}, ticket {ticket} ({})", class.word());
        let mut plan = deed(asked, title, outline, CaseDeed::Open { case: Box::new(case) }, &input.fields);
        plan.blocks = vec![Block::Fields(known), Block::Items { heading: "Checklist".into(), items }];
        if input.class.is_none() {
            plan.blocks.insert(0, Block::Text(format!("Proposed: {}. You decide.", class.word())));
            plan.pick = Some(pick(class));
            plan.steps = Vec::new();
        }
        plan
    }

    fn verify(&self, asked: &Asked<'_>, _: &Input, _: &Plan, facts: &Facts) -> Verdict {
        let there = facts.here.as_ref().is_some_and(|case| case.id == *asked.request);
        let result =
            if there { CheckResult::Confirmed } else { CheckResult::NotConfirmed("it does not live here".into()) };
        let mut verdict = Verdict { checks: vec![Check { what: "The case".into(), result }], ..Verdict::default() };
        if there {
            let next = format!(
                "It is {}. `/case show` shows its checklist; commands here take what is missing from it.",
                asked.request
            );
            verdict.conclusion.push(Block::Text(next));
        }
        verdict
    }
}

/// The menu of classes, the proposed one first.
fn pick(proposal: CaseClass) -> Pick {
    let mut choices: Vec<Choice> = CLASSES
        .iter()
        .map(|(value, label)| Choice { value: (*value).into(), label: (*label).into(), detail: String::new() })
        .collect();
    choices.sort_by_key(|choice| choice.value != proposal.word());
    Pick { option: "class".into(), label: "What is it about?".into(), choices }
}

fn case(asked: &Asked<'_>, input: &Input, class: CaseClass) -> CaseFile {
    let mut intake = Fields::default();
    for name in INTAKE {
        if let Some(value) = input.fields.get(name) {
            intake.set(name, value);
        }
    }
    CaseFile {
        id: asked.request.clone(),
        open: true,
        class,
        intake,
        place: asked.place.clone(),
        opened_by: asked.asker.id.clone(),
        opened: asked.asked,
        outcome: String::new(),
        steps: steps(class),
        notes: Vec::new(),
    }
}
