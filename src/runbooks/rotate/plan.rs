//! The plan of a rotation: what is said before anybody agrees, and the steps in their order.

use std::collections::BTreeMap;

use crate::catalog::Asked;
use crate::model::{Block, Choice, Effect, KeyOf, OrgSlug, Pick, Plan, Repeat, Step, Tier, Tone};

use super::canary::{self, Canary};
use super::{CAUSES, How, Why};

/// The part of a plan's subject that says how the key began before.
pub(super) const BEFORE: &str = "prefix before";
/// The same of the canary's key.
pub(super) const CANARY_BEFORE: &str = "canary's prefix before";
/// What is done when it goes wrong; it is part of the record.
const ROLLBACK: &str =
    "There is no way back to the old key. Where the new one does not arrive, rotate once more and hand that one over.";

/// What is rotated.
pub(super) struct Target<'a> {
    /// Whose key.
    pub(super) key: KeyOf,
    pub(super) org: &'a OrgSlug,
    /// How its key begins now; empty where that is not said.
    pub(super) prefix: &'a str,
    /// What fails until the consumers have the new one.
    pub(super) impact: &'static str,
    /// What the thing is called in the hosted console: `the project`.
    pub(super) kind: &'static str,
    pub(super) console: &'a str,
    pub(super) how: &'a How,
    /// What is rotated first.
    pub(super) canary: Option<Canary<'a>>,
}

impl Target<'_> {
    /// Such as `the secret key of portal in acme`.
    pub(super) fn what(&self) -> String {
        format!("{} in {}", self.key.named(), self.org)
    }

    /// Why a person does it; `None`: the API does.
    fn why_by_hand(&self) -> Option<&str> {
        match self.how {
            How::ByHand(by_hand) => Some(by_hand.why.as_str()),
            How::Api(_) if self.prefix.is_empty() || self.canary.as_ref().is_some_and(|one| one.prefix.is_empty()) => {
                Some("SEQN Auth does not say how the key begins, so that I could not prove what I did.")
            }
            How::Api(_) => None,
        }
    }
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
    let mut plan = Plan::answer(Tone::Caution, format!("Rotate {}?", target.what()), Vec::new());
    plan.tier = Tier::OtherRole;
    plan.outline = format!("rotate {}", target.what());
    plan.pinned = why.fields.clone();
    let cause = why.cause.unwrap_or("not said yet");
    let consumers = if why.consumers.is_empty() { "not known: ask the customer first" } else { &why.consumers };
    let prefix = if target.prefix.is_empty() { "not known" } else { target.prefix };
    plan.subject = BTreeMap::from([
        ("org".to_owned(), target.org.to_string()),
        ("item".to_owned(), target.key.item().to_owned()),
        (BEFORE.to_owned(), target.prefix.to_owned()),
        ("cause".to_owned(), cause.to_owned()),
        ("confirmed by".to_owned(), confirmer.id.to_string()),
        ("rollback".to_owned(), ROLLBACK.to_owned()),
    ]);
    if let Some(canary) = &target.canary {
        plan.subject.insert("canary".into(), canary.key.item().to_owned());
        plan.subject.insert(CANARY_BEFORE.into(), canary.prefix.to_owned());
    }
    let mut fields = vec![
        ("Key now".into(), prefix.to_owned()),
        ("Why".into(), cause.to_owned()),
        ("Confirmed by".into(), confirmer.name),
        ("Evidence".into(), why.evidence.clone()),
        ("Held by".into(), consumers.to_owned()),
    ];
    let route = match (target.how, target.why_by_hand()) {
        (How::Api(way), None) => {
            plan.subject.insert("way out".into(), way.whole.clone());
            fields.push(("New key goes to".into(), way.name.clone()));
            format!("I have it rotated and never show the new key: it is {}. That way was tried just now.", way.says)
        }
        (_, by_hand) => {
            plan.subject.insert("by-hand".into(), "yes".into());
            format!("{} So a person does it in the hosted console, and I check it.", by_hand.unwrap_or_default())
        }
    };
    plan.blocks = vec![
        Block::Fields(fields),
        Block::Text(target.impact.to_owned()),
        Block::Text(route),
        Block::Text(format!("To put it back: {ROLLBACK}")),
    ];
    if why.cause.is_none() {
        plan.pick = Some(pick());
        return plan;
    }
    plan.steps = steps(target, consumers);
    let items = plan.steps.iter().map(|step| step.says.clone()).collect();
    plan.blocks.push(Block::Items { heading: "What will be done, in this order".into(), items });
    plan
}

fn pick() -> Pick {
    let choice = |(value, label): &(&str, &str)| Choice {
        value: (*value).into(),
        label: (*label).into(),
        detail: String::new(),
    };
    Pick { option: "cause".into(), label: "Why is it rotated?".into(), choices: CAUSES.iter().map(choice).collect() }
}

fn steps(target: &Target<'_>, consumers: &str) -> Vec<Step> {
    let canary = if target.canary.is_some() { "" } else { ", and a canary takes the new key first where there is one" };
    let (stores, roll_out) = match (target.how, target.why_by_hand()) {
        (How::Api(way), None) => (
            format!("The receivers ({}) are there to open what I seal and to put it into the secret store", way.name),
            "The receivers put the new key into the secret store. The consumers take it from there, the canary first, and \
             answer well.",
        ),
        _ => (
            "The receiving secret store stands open".to_owned(),
            "The consumers take the new key from the store, the canary first, and answer well.",
        ),
    };
    let prepare = format!("Agree on a time with the customer. Consumers: {consumers}. {stores}{canary}.");
    let mut steps = vec![by_hand(target, "prepare", prepare, "")];
    steps.extend(target.canary.iter().flat_map(|one| canary::steps(target, one)));
    steps.push(rotate(target, &target.key, target.prefix, "rotate"));
    steps.push(by_hand(target, "roll-out", roll_out.to_owned(), ""));
    steps
}

/// The step that has a key replaced, by the API or by hand.
pub(super) fn rotate(target: &Target<'_>, key: &KeyOf, prefix: &str, name: &str) -> Step {
    if let (How::Api(way), None) = (target.how, target.why_by_hand()) {
        return Step {
            key: format!("seqn-{name}:{}/{}", target.org, key.item()),
            says: format!("Rotate {} in {}; the new one goes to {}", key.named(), target.org, way.name),
            effect: Effect::RotateKey { org: target.org.clone(), key: key.clone(), before: prefix.to_owned() },
            repeat: Repeat::AskFirst,
        };
    }
    let todo = format!(
        "Open {} {} of {}, rotate, and put the new value straight into the customer's secret store: it is shown once. Never \
         into chat, a ticket, a file or a screenshot.",
        target.kind,
        key.item(),
        target.org
    );
    by_hand(target, name, todo, target.console)
}

/// A step by hand; `url`: the page where, which may be empty.
pub(super) fn by_hand(target: &Target<'_>, name: &str, todo: String, url: &str) -> Step {
    Step {
        key: format!("{name}:{}/{}", target.org, target.key.item()),
        says: format!("By hand: {todo}"),
        effect: Effect::ByHand { url: url.to_owned(), todo },
        repeat: Repeat::AskFirst,
    }
}
