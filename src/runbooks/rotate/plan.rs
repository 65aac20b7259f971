//! The plan of a rotation: what is said before anybody agrees, and the steps by hand in their order.

use std::collections::BTreeMap;

use crate::catalog::Asked;
use crate::model::{Block, Check, CheckResult, Choice, Effect, Pick, Plan, Repeat, Step, Tier, Tone};

use super::{CAUSES, Why};

/// The part of a plan's subject that says how the key began before.
pub(super) const BEFORE: &str = "prefix before";

/// What is rotated.
pub(super) struct Target<'a> {
    /// Such as `the secret key of portal in acme`.
    pub(super) what: String,
    pub(super) org: &'a str,
    /// Project slug or endpoint id.
    pub(super) item: &'a str,
    /// How its key begins now; empty where that is not said.
    pub(super) prefix: &'a str,
    /// What fails until the consumers have the new one.
    pub(super) impact: &'static str,
    /// Where in the hosted console it is done.
    pub(super) page: String,
    pub(super) console: &'a str,
}

pub(super) fn plan(asked: &Asked<'_>, why: &Why, target: &Target<'_>) -> Plan {
    let Some(confirmer) = why.confirmer(asked) else {
        let says =
            "Nothing is rotated on a guess: somebody of the staff confirms the exposure or the stale key by name.";
        let next = "Ask again with confirmed-by=@name and the evidence.";
        return Plan::answer(
            Tone::Bad,
            "The person who confirmed it is not a member of staff.",
            vec![Block::Text(says.into()), Block::Text(next.into())],
        );
    };
    let mut plan = Plan::answer(Tone::Caution, format!("Rotate {}?", target.what), Vec::new());
    plan.tier = Tier::OtherRole;
    plan.outline = format!("rotate {}", target.what);
    plan.pinned = why.fields.clone();
    let cause = why.cause.unwrap_or("not said yet");
    let consumers = if why.consumers.is_empty() { "not known: ask the customer first" } else { &why.consumers };
    let prefix = if target.prefix.is_empty() { "not known" } else { target.prefix };
    plan.subject = BTreeMap::from([
        ("org".to_owned(), target.org.to_owned()),
        ("item".to_owned(), target.item.to_owned()),
        (BEFORE.to_owned(), target.prefix.to_owned()),
        ("cause".to_owned(), cause.to_owned()),
        ("confirmed by".to_owned(), confirmer.id.to_string()),
    ]);
    plan.blocks = vec![
        Block::Fields(vec![
            ("Key now".into(), prefix.to_owned()),
            ("Why".into(), cause.to_owned()),
            ("Confirmed by".into(), confirmer.name),
            ("Evidence".into(), why.evidence.clone()),
            ("Held by".into(), consumers.to_owned()),
        ]),
        Block::Text(target.impact.to_owned()),
        Block::Text(
            "To put it back: there is no way back to the old key. If the new one does not arrive, rotate once more."
                .into(),
        ),
    ];
    if why.cause.is_none() {
        let choice = |(value, label): &(&str, &str)| Choice {
            value: (*value).into(),
            label: (*label).into(),
            detail: String::new(),
        };
        plan.pick = Some(Pick {
            option: "cause".into(),
            label: "Why is it rotated?".into(),
            choices: CAUSES.iter().map(choice).collect(),
        });
        return plan;
    }
    plan.steps = steps(target, consumers);
    let items = plan.steps.iter().map(|step| step.says.clone()).collect();
    plan.blocks.push(Block::Items { heading: "What will be done, in this order".into(), items });
    plan
}

fn steps(target: &Target<'_>, consumers: &str) -> Vec<Step> {
    let step = |name: &str, todo: String| Step {
        key: format!("{name}:{}/{}", target.org, target.item),
        says: format!("By hand: {todo}"),
        effect: Effect::ByHand { url: target.console.to_owned(), todo },
        repeat: Repeat::AskFirst,
    };
    let prepare = format!(
        "Agree on a time with the customer. Consumers: {consumers}. The receiving secret store stands open, and a canary \
         takes the new key first where there is one."
    );
    let rotate = format!(
        "{}, rotate, and put the new value straight into the customer's secret store: it is shown once. Never into chat, a \
         ticket, a file or a screenshot.",
        target.page
    );
    let roll_out = "The consumers take the new key from the store, the canary first, and answer well.".to_owned();
    vec![step("prepare", prepare), step("rotate", rotate), step("roll-out", roll_out)]
}

/// Whether the key begins otherwise than before.
pub(super) fn rotated(plan: &Plan, now: &str) -> Check {
    let before = plan.subject.get(BEFORE).map_or("", String::as_str);
    let result = match (before, now) {
        ("", _) | (_, "") => CheckResult::CouldNotLook("SEQN Auth does not say how the key begins".into()),
        (before, now) if before == now => CheckResult::NotConfirmed(format!("the key still begins with {now}")),
        _ => CheckResult::Confirmed,
    };
    Check { what: "The key begins otherwise than before".into(), result }
}
