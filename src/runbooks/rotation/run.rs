//! The run of a credential's rotation: what people do, and between it what the bot looks at.
//!
//! It looks nothing up. Invariant: the order is the inventory's, and a look stands behind the step that it proves.

use std::collections::BTreeMap;

use crate::catalog::Asked;
use crate::model::{Block, CaseDeed, Claim, Effect, Plan, ProjectChange, Repeat, Staff, Step, Tier, Tone};

use super::inventory::{BEFORE, Do};
use super::{Facts, Input, says, surfaces};

/// The preview, and the steps.
pub(super) fn plan(asked: &Asked<'_>, input: &Input, facts: &Facts, confirmer: &Staff) -> Plan {
    let of = input.of;
    let mut plan = Plan::answer(Tone::Caution, format!("Rotate the {}?", of.title), Vec::new());
    plan.tier = Tier::OtherRole;
    plan.outline = format!("rotate the {}", of.title);
    plan.pinned = input.fields.clone();
    plan.subject = BTreeMap::from([
        ("credential".to_owned(), of.name.to_owned()),
        ("confirmed by".to_owned(), confirmer.id.to_string()),
        ("rollback".to_owned(), of.rollback.to_owned()),
    ]);
    let fields = vec![
        ("Confirmed by".to_owned(), confirmer.name.clone()),
        ("Evidence".to_owned(), input.evidence.clone()),
        ("What it breaks".to_owned(), of.blast.to_owned()),
    ];
    plan.steps = steps(asked, input, facts, confirmer);
    let items = plan.steps.iter().map(|step| step.says.clone()).collect();
    plan.blocks = vec![
        Block::Fields(fields),
        Block::Items { heading: "What will be done, in this order".into(), items },
        Block::Text(format!("To put it back: {}", of.rollback)),
        surfaces(&facts.seen),
    ];
    plan
}

fn steps(asked: &Asked<'_>, input: &Input, facts: &Facts, confirmer: &Staff) -> Vec<Step> {
    let mut steps: Vec<Step> =
        BEFORE.iter().chain(input.of.steps).flat_map(|one| step(asked, input, facts, one)).collect();
    if let Some(case) = &facts.case {
        let deed = CaseDeed::Note { case: case.id.clone(), says: note(asked, input, confirmer), step: None };
        steps.push(Step {
            key: String::new(),
            says: format!("Note it in the case {}", case.id),
            effect: Effect::Case { request: asked.request.clone(), at: asked.asked, deed },
            repeat: Repeat::Same,
        });
    }
    for (number, step) in steps.iter_mut().enumerate() {
        step.key = format!("credential:{}:{}", input.of.name, number + 1);
    }
    steps
}

fn step(asked: &Asked<'_>, input: &Input, facts: &Facts, one: &Do) -> Vec<Step> {
    let step = |says: String, effect| Step { key: String::new(), says, effect, repeat: Repeat::AskFirst };
    let by_hand = |todo: String| step(format!("By hand: {todo}"), Effect::ByHand { url: String::new(), todo });
    let prove = |says: String, claim| {
        let otherwise = format!("Or put it back: {}", input.of.rollback);
        step(says, Effect::Prove { claim, otherwise })
    };
    match one {
        Do::Hand(todo) => vec![by_hand((*todo).to_owned())],
        Do::Well(subjects) => {
            let surfaces: Vec<String> = subjects.iter().map(|subject| subject.title().to_owned()).collect();
            vec![prove(format!("I look whether these are well: {}", surfaces.join(", ")), Claim::Well { surfaces })]
        }
        Do::SignIn => match &asked.asker.email {
            Some(email) => {
                let says = "I look whether a new session of whoever asked has begun".to_owned();
                vec![prove(says, Claim::SignedIn { email: email.to_string() })]
            }
            // Without an address nobody's session can be looked for: a person says so.
            None => vec![by_hand("See with `/seqn sign-in` that the sign-in came through to its end.".into())],
        },
        Do::Canary => match (&input.canary, &facts.canary) {
            (Some((org, project)), Some(Ok(found))) => {
                let change = ProjectChange { name: Some(found.name.clone()), ..ProjectChange::default() };
                let state = found.provisioning.as_ref();
                let (since, was) = (state.and_then(|state| state.updated), state.map(|state| state.status.clone()));
                let was = was.unwrap_or_default();
                let write = if facts.writes {
                    let effect =
                        Effect::WriteProject { org: org.clone(), project: project.clone(), change, since, was };
                    Step { repeat: Repeat::Same, ..step(format!("Write the canary {project} of {org} again"), effect) }
                } else {
                    by_hand(format!(
                        "Write the canary {project} of {org} again in the hosted console: save it as it is."
                    ))
                };
                let claim = Claim::Provisioned { org: org.clone(), project: project.clone() };
                vec![write, prove(format!("I look whether {project} of {org} stands at ready"), claim)]
            }
            _ => vec![by_hand(says(one))],
        },
    }
}

/// The dated note that every rotation of such a credential needs (facts 3.5).
pub(super) fn note(asked: &Asked<'_>, input: &Input, confirmer: &Staff) -> String {
    format!(
        "{}: {} rotated\nby: {}\nwhy: {} (confirmed by {})\nscope: {}\nrollback: {}\nticket: {}, reference: {}",
        asked.asked,
        input.of.title,
        asked.asker.name,
        input.evidence,
        confirmer.name,
        input.of.blast,
        input.of.rollback,
        input.ticket,
        asked.request
    )
}
