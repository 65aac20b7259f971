//! `rotate-webhook-secret`: an endpoint's `whsec_` secret, proved by the new prefix and a test event that arrives.

use async_trait::async_trait;
use futures_util::future::join3;

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, Effect, Fields, Handed, KeyOf, OrgSlug, Plan, Repeat, Risk, Role, SessionId, Step, Tier,
    Tone, Verdict,
};
use crate::ports::{Delivery, Operation, PortError, Reads, Webhook};

use super::super::card::not_read;
use super::super::console::by_hand;
use super::canary::{Canary, not_there};
use super::plan::{Target, plan};
use super::proof::{Begins, Proof, verdict};
use super::{CAUSE, CONFIRMED_BY, CONSUMERS, EVIDENCE, How, Why, how};
use crate::catalog::reading::{MUST_TICKET, ORG, Reading, option};

/// The action.
pub struct RotateWebhookSecret;

/// How many of the endpoint's deliveries are read.
const DELIVERIES: u32 = 20;

static OPTIONS: [OptionDef; 8] = [
    ORG,
    OptionDef { positional: true, ..option("endpoint", Kind::Text(128), true, "The endpoint's id, such as wh_orders") },
    MUST_TICKET,
    CONFIRMED_BY,
    EVIDENCE,
    CAUSE,
    CONSUMERS,
    option(
        "canary",
        Kind::Text(128),
        false,
        "An endpoint of the same organization that is rotated first, if there is one",
    ),
];

static DEFINITION: Definition = Definition {
    name: "rotate-webhook-secret",
    version: 2,
    family: Family::Rotate,
    summary: "Have a webhook's signing secret rotated, handed over sealed, and proved by a test event",
    help: "When: a signing secret was exposed (see `leaks`), or the receiver's is confirmed to be stale: invalid \
           signatures. Somebody of the staff confirmed it by name, with evidence. Where the API does it here, I have it \
           rotated and hand the new secret over sealed, or put it where the configuration says; else a person rotates in the \
           hosted console. It is never in chat. With canary=… that endpoint goes first. Afterwards the new prefix and a test \
           event prove it.",
    example: "rotate webhook-secret acme wh_orders cause=stale confirmed-by=@kim evidence=\"400 since 09:12\" ticket=SUP-1234",
    options: &OPTIONS,
    ticket: TicketRule::Must,
    role: Role::SUPPORT,
    tier: Tier::OtherRole,
    tier_at_most: Tier::OtherRole,
    risk: Risk::FinalOne,
    places: Places::Actions,
    visibility: Visibility::PrivateWithOutcome,
    undo: "None: the old secret stays dead; a new rotation makes another one.",
};

/// The options, read.
pub struct Input {
    org: OrgSlug,
    endpoint: String,
    canary: Option<String>,
    why: Why,
}

/// What was looked up.
pub struct Facts {
    webhooks: Result<Vec<Webhook>, PortError>,
    deliveries: Result<Vec<Delivery>, PortError>,
    tested_by_hand: bool,
    how: How,
    handed: Vec<Handed>,
    console: String,
}

impl Facts {
    /// The endpoint of that id. `Ok(None)`: there is none.
    fn of(&self, id: &str) -> Result<Option<&Webhook>, &PortError> {
        self.webhooks.as_ref().map(|all| all.iter().find(|webhook| webhook.id == id))
    }

    fn begins(&self, id: &str) -> Begins {
        match self.of(id) {
            Ok(Some(webhook)) => Ok(webhook.secret_prefix.clone()),
            Ok(None) => Err(format!("the endpoint {id} is no longer there")),
            Err(error) => Err(error.of_look()),
        }
    }
}

#[async_trait]
impl Runbook for RotateWebhookSecret {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let (org, endpoint) = (reading.org(), reading.text("endpoint"));
        if endpoint.parse::<SessionId>().is_err() {
            reading.wrong("endpoint", "Write the endpoint's id, such as wh_orders; `webhook` lists them.");
        }
        let canary = fields.get("canary").map(str::to_owned);
        let why = Why::read(&reading, fields);
        reading.done(org.map(|org| Input { org, endpoint, canary, why }))
    }

    async fn look(&self, asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let handed = reads.handed.handed(asked.request).await?;
        let webhooks = reads.seqn.webhooks(&input.org);
        let deliveries = reads.seqn.deliveries(&input.org, &input.endpoint, DELIVERIES);
        let how = how(reads, &input.org, Operation::RotateWebhookSecret, !handed.is_empty());
        let (webhooks, deliveries, how) = join3(webhooks, deliveries, how).await;
        let tested_by_hand = by_hand(reads, &[Operation::TestWebhook]).is_some();
        Ok(Facts { webhooks, deliveries, tested_by_hand, how, handed, console: reads.seqn.console() })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let webhook = match facts.of(&input.endpoint) {
            Ok(Some(webhook)) => webhook,
            Ok(None) => {
                let what = format!("{} has no webhook endpoint {}.", input.org, input.endpoint);
                let next = format!("Nothing was changed. `/seqn webhook {}` shows those there are.", input.org);
                return Plan::answer(Tone::Bad, what, vec![Block::Text(next)]);
            }
            Err(error) => return not_read(&format!("the webhooks of {}", input.org), error, &facts.console),
        };
        let canary = match input.canary.as_ref().map(|id| (id, facts.of(id))) {
            None => None,
            Some((id, Ok(Some(found)))) if *id != input.endpoint => {
                Some(Canary { key: KeyOf::Webhook(id.clone()), prefix: &found.secret_prefix })
            }
            Some((id, _)) => return not_there(id),
        };
        let target = Target {
            key: KeyOf::Webhook(input.endpoint.clone()),
            org: &input.org,
            prefix: &webhook.secret_prefix,
            impact: "What it breaks: the receiver refuses every signature from that moment until it has the new secret.",
            kind: "the endpoint",
            console: &facts.console,
            how: &facts.how,
            canary,
        };
        let mut plan = plan(asked, &input.why, &target);
        if !plan.steps.is_empty() {
            plan.steps.push(test_event(input, facts));
        }
        plan
    }

    fn verify(&self, asked: &Asked<'_>, input: &Input, plan: &Plan, facts: &Facts) -> Verdict {
        let proof = Proof {
            command: "webhook-secret",
            org: &input.org,
            key: KeyOf::Webhook(input.endpoint.clone()),
            now: facts.begins(&input.endpoint),
            canary: input.canary.clone().map(|id| (KeyOf::Webhook(id.clone()), facts.begins(&id))),
            handed: &facts.handed,
        };
        let mut verdict = verdict(asked, &input.why, plan, &proof);
        let (result, later) = arrived(asked, plan, facts);
        verdict.checks.push(Check { what: "A test event with the new secret".into(), result });
        Verdict { later, ..verdict }
    }
}

fn test_event(input: &Input, facts: &Facts) -> Step {
    let before = facts.deliveries.iter().flatten().map(|one| one.id.clone()).collect();
    let effect = if facts.tested_by_hand {
        let todo = format!("Open the endpoint {} of {} and press its test button.", input.endpoint, input.org);
        Effect::ByHand { url: facts.console.clone(), todo }
    } else {
        Effect::SendTestEvent { org: input.org.clone(), webhook: input.endpoint.clone(), before }
    };
    let repeat = Repeat::AskFirst;
    let says = "Send a test event, and see it arrive".to_owned();
    Step { key: format!("seqn-webhook-test:{}", input.endpoint), says, effect, repeat }
}

/// What came of the test event: the newest one since it was asked. True while it is still under way.
fn arrived(asked: &Asked<'_>, plan: &Plan, facts: &Facts) -> (CheckResult, bool) {
    let before = plan.steps.iter().find_map(|step| match &step.effect {
        Effect::SendTestEvent { before, .. } => Some(before.as_slice()),
        _ => None,
    });
    let new = |one: &&Delivery| match before {
        Some(before) => !before.contains(&one.id),
        None => one.created.is_some_and(|at| at >= asked.asked),
    };
    let deliveries = match &facts.deliveries {
        Ok(deliveries) => deliveries,
        Err(error) => return (CheckResult::CouldNotLook(error.of_look()), false),
    };
    match deliveries.iter().filter(|one| one.is_test()).find(new) {
        None => (CheckResult::NotConfirmed("no test event is among its deliveries".into()), true),
        Some(one) if one.status == "delivered" => (CheckResult::Confirmed, false),
        Some(one) => {
            let answered = one.response.map_or_else(|| "no answer".to_owned(), |status| format!("{status}"));
            (
                CheckResult::NotConfirmed(format!("it is {}, the receiver's answer: {answered}", one.status)),
                one.status != "failed",
            )
        }
    }
}
