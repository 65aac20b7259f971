//! Cases: one customer's problem from the intake to the close, in the channel or thread where it is worked.
//!
//! They are our own record. Invariant: a case never asks for a key, and closes only when each step was done or left out
//! with a reason.

mod checklist;
mod close;
mod note;
mod open;
mod show;

pub use close::CaseClose;
pub use note::CaseNoting;
pub use open::CaseOpen;
pub use show::{CaseList, CaseShow};

use crate::catalog::{Asked, Kind, OptionDef};
use crate::model::{
    Block, CaseDeed, CaseFile, CaseStep, CaseStepState, Effect, Fields, Place, Plan, Platform, Repeat, RequestId, Step,
    Tier, Tone,
};
use crate::ports::{PortError, Reads};

use crate::catalog::reading::option;

/// Which case, where it is not the one that lives here.
pub(super) const CASE: OptionDef =
    option("case", Kind::RequestId, false, "The case's id; without it the one that lives here");

/// The case that is meant: by its id, or the one that lives here.
pub(super) async fn meant(
    asked: &Asked<'_>,
    id: Option<&RequestId>,
    reads: &Reads,
) -> Result<Option<CaseFile>, PortError> {
    match id {
        Some(id) => reads.cases.case(id).await,
        None => reads.cases.case_here(asked.place).await,
    }
}

/// The id of the case that was typed, if any.
pub(super) fn typed(fields: &Fields) -> Option<RequestId> {
    fields.get("case").and_then(|id| id.parse().ok())
}

/// There is no such case.
pub(super) fn none(id: Option<&RequestId>) -> Plan {
    let (what, next) = match id {
        Some(id) => (format!("There is no case {id}."), "`/case list` shows those there are."),
        None => ("No case lives here.".to_owned(), "Open one with `/case open`, or name one with case=…"),
    };
    Plan::answer(Tone::Bad, what, vec![Block::Text(next.into())])
}

/// Where a case may live: not in a direct message, which nobody else can follow.
pub(super) fn can_live(place: &Place) -> bool {
    !place.direct || place.platform == Platform::Console
}

/// A step of the checklist as a line.
pub(super) fn line(number: usize, step: &CaseStep) -> String {
    let who = step.staff.as_ref().map(|staff| format!(" by {staff}")).unwrap_or_default();
    match step.state {
        CaseStepState::Todo => format!("{number}. TO DO: {}", step.says),
        CaseStepState::Done => format!("{number}. done{who}: {} ({})", step.says, step.evidence),
        CaseStepState::Skipped => format!("{number}. left out{who}: {} ({})", step.says, step.evidence),
    }
}

/// The plan of one deed.
pub(super) fn deed(asked: &Asked<'_>, title: String, outline: String, deed: CaseDeed, fields: &Fields) -> Plan {
    let mut plan = Plan::answer(Tone::Caution, title, Vec::new());
    plan.tier = Tier::Confirm;
    plan.outline = outline;
    plan.pinned = fields.clone();
    let case = match &deed {
        CaseDeed::Open { case } => case.id.clone(),
        CaseDeed::Note { case, .. } | CaseDeed::Close { case, .. } => case.clone(),
    };
    plan.subject.insert("case".into(), case.to_string());
    plan.steps = vec![Step {
        key: format!("case:{case}:{}", asked.request),
        says: plan.outline.clone(),
        effect: Effect::Case { request: asked.request.clone(), at: asked.asked, deed },
        repeat: Repeat::Same,
    }];
    plan
}
