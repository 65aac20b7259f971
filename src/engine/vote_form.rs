//! The forms of a vote: a yes with its reason, at tier 3 with the organization typed; a no with its reason.
//!
//! Nothing is decided here. Invariant: a form carries the request and the revision that was reviewed, nothing else.

use crate::model::{Field, FieldKind, Form, Plan, Press, Tier, Verb};
use crate::store::RequestRow;

/// The field in which the organization is typed; also its name in a plan's subject.
const ORG: &str = "org";
const REASON: &str = "reason";
/// The longest reason for a vote, in characters.
const REASON_MOST: u16 = 300;

/// What a yes with a reason asks for.
pub(super) fn yes(row: &RequestRow, plan: &Plan) -> Form {
    let org = plan.subject.contains_key(ORG) && plan.tier >= Tier::OtherRole;
    let org = org.then(|| {
        let help = "So that nobody agrees to it for another organization.";
        field(ORG, "Type the organization", help, FieldKind::Line { max: REASON_MOST })
    });
    let why = field(REASON, "Why do you agree?", "It goes into the record.", FieldKind::Paragraph { max: REASON_MOST });
    form(row, Verb::Approve, "Agree", org.into_iter().chain([why]).collect())
}

/// What a no asks for.
pub(super) fn no(row: &RequestRow) -> Form {
    let help = "The requester reads it, and it goes into the record.";
    let why = field(REASON, "Why do you say no?", help, FieldKind::Paragraph { max: REASON_MOST });
    form(row, Verb::Deny, "Deny", vec![why])
}

/// The reason that was filled in.
///
/// # Errors
/// What is wrong in which field.
pub(super) fn read(verb: Verb, plan: &Plan, values: &[(String, String)]) -> Result<String, Vec<(String, String)>> {
    let value = |key: &str| values.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.trim());
    let mut errors = Vec::new();
    let typed = verb == Verb::Approve && plan.tier >= Tier::OtherRole;
    if let Some(org) = plan.subject.get(ORG).filter(|org| typed && org.as_str() != value(ORG)) {
        errors.push((ORG.to_owned(), format!("Type {org}, character by character, to agree to it there.")));
    }
    let reason = value(REASON).to_owned();
    if reason.is_empty() || reason.chars().count() > usize::from(REASON_MOST) {
        let what = if verb == Verb::Deny { "say no" } else { "agree" };
        errors.push((REASON.to_owned(), format!("Say why you {what}, in 1 to {REASON_MOST} characters.")));
    }
    if errors.is_empty() { Ok(reason) } else { Err(errors) }
}

/// A form whose token is that press.
pub(super) fn form(row: &RequestRow, verb: Verb, title: &str, fields: Vec<Field>) -> Form {
    let press = Press { verb, request: row.id.clone(), revision: row.revision };
    Form { token: press.to_string(), title: title.into(), fields }
}

/// A field that has to be filled in.
pub(super) fn field(key: &str, label: &str, help: &str, kind: FieldKind) -> Field {
    Field { key: key.into(), label: label.into(), help: help.into(), required: true, initial: None, kind }
}
