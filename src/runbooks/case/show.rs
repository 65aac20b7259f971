//! `case show` and `case list`: what is known of a case, and which cases there are.

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, CaseFile, CaseStepState, Fields, Plan, RequestId, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{PortError, Reads};

use super::super::words::count;
use super::{CASE, line, meant, none, typed};
use crate::catalog::reading::option;

/// Shows one case.
pub struct CaseShow;
/// Lists cases.
pub struct CaseList;

/// The most notes that are shown, the newest.
const NOTES_SHOWN: usize = 10;
/// The most cases that are listed.
const LISTED: u32 = 20;

static SHOW_OPTIONS: [OptionDef; 1] = [OptionDef { positional: true, ..CASE }];
static LIST_OPTIONS: [OptionDef; 1] = [OptionDef {
    positional: true,
    ..option("state", Kind::Choice(&[("open", "Open"), ("closed", "Closed")]), false, "Open ones, or closed ones")
}];

const READS: Definition = Definition {
    name: "",
    version: 1,
    family: Family::Case,
    summary: "",
    help: "",
    example: "",
    options: &[],
    ticket: TicketRule::None,
    role: Role::SUPPORT,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

static SHOW: Definition = Definition {
    name: "case-show",
    summary: "Show a case: the customer, the checklist, the notes",
    help: "Without an id it shows the case that lives in this channel or thread: what is known of the customer, each step \
           of the checklist with who did it and the evidence, and the notes.",
    example: "case show",
    options: &SHOW_OPTIONS,
    ..READS
};

static LIST: Definition = Definition {
    name: "case-list",
    summary: "List the open cases, or the closed ones, the newest first",
    help: "Each with its customer, its ticket, its class and who opened it. `case show case=…` shows one.",
    example: "case list state=open",
    options: &LIST_OPTIONS,
    ..READS
};

#[async_trait]
impl Runbook for CaseShow {
    type Input = Option<RequestId>;
    type Facts = Option<CaseFile>;

    fn definition(&self) -> &'static Definition {
        &SHOW
    }

    fn read(&self, fields: &Fields) -> Result<Self::Input, Vec<FieldError>> {
        Ok(typed(fields))
    }

    async fn look(&self, asked: &Asked<'_>, id: &Self::Input, reads: &Reads) -> Result<Self::Facts, PortError> {
        meant(asked, id.as_ref(), reads).await
    }

    fn plan(&self, _: &Asked<'_>, id: &Self::Input, case: &Self::Facts) -> Plan {
        case.as_ref().map_or_else(|| none(id.as_ref()), shown)
    }

    fn verify(&self, _: &Asked<'_>, _: &Self::Input, _: &Plan, _: &Self::Facts) -> Verdict {
        Verdict::default()
    }
}

fn shown(case: &CaseFile) -> Plan {
    let left = case.steps.iter().filter(|step| step.state == CaseStepState::Todo).count();
    let (tone, state) = match (case.open, left) {
        (true, 0) => (Tone::Good, "open, ready to close".to_owned()),
        (true, left) => (Tone::Caution, format!("open, {} to do", count(left, "step"))),
        (false, _) => (Tone::Plain, "closed".to_owned()),
    };
    let known = case.intake.0.iter().map(|(name, value)| (name.clone(), value.clone()));
    let opened = ("opened".to_owned(), format!("{} by {}", case.opened, case.opened_by));
    let items = case.steps.iter().enumerate().map(|(n, step)| line(n + 1, step)).collect();
    let mut blocks = vec![
        Block::Fields(known.chain([("class".to_owned(), case.class.word().to_owned()), opened]).collect()),
        Block::Items { heading: "Checklist".into(), items },
    ];
    if !case.notes.is_empty() {
        let newest = case.notes.iter().rev().take(NOTES_SHOWN);
        let items =
            newest.map(|note| format!("{} {}: {} ({})", note.at, note.staff, note.says, note.request)).collect();
        blocks.push(Block::Items { heading: "Notes, the newest first".into(), items });
    }
    if !case.outcome.is_empty() {
        blocks.push(Block::Text(format!("How it ended: {}", case.outcome)));
    }
    Plan::answer(tone, format!("Case {} for {}: {state}.", case.id, case.known("org")), blocks)
}

#[async_trait]
impl Runbook for CaseList {
    type Input = bool;
    type Facts = Vec<CaseFile>;

    fn definition(&self) -> &'static Definition {
        &LIST
    }

    fn read(&self, fields: &Fields) -> Result<bool, Vec<FieldError>> {
        Ok(fields.get("state") != Some("closed"))
    }

    async fn look(&self, _: &Asked<'_>, open: &bool, reads: &Reads) -> Result<Vec<CaseFile>, PortError> {
        reads.cases.cases(*open, LISTED + 1).await
    }

    fn plan(&self, _: &Asked<'_>, open: &bool, cases: &Vec<CaseFile>) -> Plan {
        let word = if *open { "open" } else { "closed" };
        if cases.is_empty() {
            return Plan::answer(Tone::Good, format!("There is no {word} case."), Vec::new());
        }
        let most = usize::try_from(LISTED).unwrap_or(usize::MAX);
        let number = if cases.len() > most { format!("More than {most}") } else { cases.len().to_string() };
        let line = |case: &CaseFile| {
            let (org, ticket, class) = (case.known("org"), case.known("ticket"), case.class.word());
            format!("{}: {org}, {ticket}, {class}, opened {} by {}", case.id, case.opened, case.opened_by)
        };
        let items = cases.iter().take(most).map(line).collect();
        let blocks = vec![Block::Items { heading: "The newest first".into(), items }];
        Plan::answer(Tone::Plain, format!("{number} {word} case{}.", if cases.len() == 1 { "" } else { "s" }), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &bool, _: &Plan, _: &Vec<CaseFile>) -> Verdict {
        Verdict::default()
    }
}
