//! `webhook`: why a customer's endpoint gets no events, and a test event that is followed to its end.
//!
//! Facts: `seqn-facts.md` 4.2; event names and signature scheme are not documented, so none is claimed. Invariant: the
//! signing secret is never asked for, only how it begins is shown; a receiver is asked only where its address is public.

mod judge;
mod reach;

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures_util::future::{join, join_all};

use crate::catalog::{Asked, Definition, Family, FieldError, Kind, OptionDef, Places, Runbook, TicketRule, Visibility};
use crate::model::{
    Block, Check, CheckResult, Effect, Fields, Millis, Next, OrgSlug, Plan, Risk, Role, SessionId, Tier, Tone, Verdict,
};
use crate::ports::{Delivery, Operation, PortError, Reach, Reads, Webhook};

use super::card::{Card, not_read};
use super::console::{ByHand, by_hand, one_step};
use crate::catalog::reading::{MAY_TICKET, ORG, Reading, option};
use reach::plain;

/// The action.
pub struct WebhookLook;

/// How many of an endpoint's deliveries are read.
const DELIVERIES: u32 = 20;
/// The most endpoints whose deliveries are read at once.
const ENDPOINTS_MOST: usize = 10;

static OPTIONS: [OptionDef; 5] = [
    ORG,
    OptionDef {
        positional: true,
        ..option("endpoint", Kind::Text(128), false, "The endpoint's id; without it all are shown")
    },
    option("events", Kind::Text(300), false, "The event types that the customer expects"),
    option("test", Kind::Choice(&[("yes", "Yes")]), false, "Send a test event and follow it to its end"),
    MAY_TICKET,
];

static DEFINITION: Definition = Definition {
    name: "webhook",
    version: 1,
    family: Family::Seqn,
    summary: "Find out why an endpoint gets no events, and send it a test event",
    help: "Symptoms: no events, invalid signature, events twice, deliveries that retry or fail. It looks at each endpoint: \
           its address, whether it is on, its event types, its last deliveries, and whether its host answers from here with \
           a good certificate. test=yes, with a ticket, sends a test \
           event and follows it. What the receiver must do is among the details.",
    example: "webhook acme wh_orders events=\"user.created\"",
    options: &OPTIONS,
    ticket: TicketRule::May,
    role: Role::SUPPORT,
    tier: Tier::Look,
    tier_at_most: Tier::Confirm,
    risk: Risk::Undoable,
    places: Places::Actions,
    visibility: Visibility::Private,
    undo: "None is needed: a test event changes nothing at SEQN Auth.",
};

/// The options, read.
pub struct Input {
    org: OrgSlug,
    endpoint: String,
    events: Vec<String>,
    test: bool,
    fields: Fields,
}

/// An endpoint with its deliveries, and its receiver as it looks from here.
pub(super) struct Endpoint {
    webhook: Webhook,
    deliveries: Result<Vec<Delivery>, PortError>,
    /// `None`: a test event is asked for, which is the better question.
    reach: Option<Reach>,
}

/// What was looked up.
pub struct Facts {
    endpoints: Result<Vec<Endpoint>, PortError>,
    by_hand: Option<ByHand>,
    console: String,
}

#[async_trait]
impl Runbook for WebhookLook {
    type Input = Input;
    type Facts = Facts;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<Input, Vec<FieldError>> {
        let mut reading = Reading::of(fields);
        let org = reading.org();
        let (endpoint, test) = (reading.text("endpoint"), reading.yes("test"));
        if !endpoint.is_empty() && endpoint.parse::<SessionId>().is_err() {
            reading.wrong("endpoint", "Write the endpoint's id, such as wh_orders; without it all are shown.");
        }
        if test && endpoint.is_empty() {
            reading.wrong("endpoint", "Say which endpoint the test event goes to.");
        }
        if test && reading.text("ticket").is_empty() {
            reading.wrong("ticket", "A test event reaches the customer: it needs the ticket it is for.");
        }
        let events = reading.text("events");
        let events = events.split(|c: char| c.is_whitespace() || c == ',').filter(|e| !e.is_empty());
        let events = events.map(str::to_owned).collect();
        reading.done(org.map(|org| Input { org, endpoint, events, test, fields: fields.clone() }))
    }

    fn tier(&self, input: &Input) -> Tier {
        if input.test { Tier::Confirm } else { Tier::Look }
    }

    async fn look(&self, _: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
        let endpoints = match reads.seqn.webhooks(&input.org).await {
            Err(error) => Err(error),
            Ok(all) => {
                let meant = |webhook: &Webhook| input.endpoint.is_empty() || webhook.id == input.endpoint;
                let chosen = all.into_iter().filter(meant).take(ENDPOINTS_MOST);
                Ok(join_all(chosen.map(|webhook| looked(input, webhook, reads))).await)
            }
        };
        Ok(Facts { endpoints, by_hand: by_hand(reads, &[Operation::TestWebhook]), console: reads.seqn.console() })
    }

    fn plan(&self, asked: &Asked<'_>, input: &Input, facts: &Facts) -> Plan {
        let endpoints = match &facts.endpoints {
            Ok(endpoints) => endpoints,
            Err(error) => return not_read(&format!("the webhooks of {}", input.org), error, &facts.console),
        };
        let mut card = Card::default();
        if endpoints.is_empty() && input.endpoint.is_empty() {
            card.wrong(format!("{} has no webhook endpoint.", input.org), "the customer adds one in the console.");
        } else if endpoints.is_empty() {
            card.wrong(
                format!("{} has no webhook endpoint {}.", input.org, input.endpoint),
                format!("`/seqn webhook {}` shows those there are.", input.org),
            );
        }
        for endpoint in endpoints {
            judge::judge(&mut card, asked.now, input, endpoint, &facts.console);
        }
        of_receivers(&mut card, asked.now, endpoints);
        match endpoints.as_slice() {
            [one] if input.test => tests(input, one, facts, card),
            _ => {
                judge::receiver(&mut card);
                if let [one] = endpoints.as_slice() {
                    let known = [("org", input.org.as_str()), ("endpoint", one.webhook.id.as_str()), ("test", "yes")];
                    card.next(Next::of("Send a test event", "webhook", &known).needing(Tier::Confirm));
                }
                card.answer(
                    format!("Something is wrong with the webhooks of {}.", input.org),
                    format!("The webhooks of {} are well.", input.org),
                )
            }
        }
    }

    fn verify(&self, asked: &Asked<'_>, _: &Input, plan: &Plan, facts: &Facts) -> Verdict {
        let before = match plan.steps.first().map(|step| &step.effect) {
            Some(Effect::SendTestEvent { before, .. }) => before.as_slice(),
            _ => &[],
        };
        let deliveries = match &facts.endpoints {
            Ok(all) => all.first().map(|endpoint| &endpoint.deliveries),
            Err(error) => return verdict(CheckResult::CouldNotLook(error.of_look()), false),
        };
        let deliveries = match deliveries {
            Some(Ok(deliveries)) => deliveries,
            Some(Err(error)) => return verdict(CheckResult::CouldNotLook(error.of_look()), false),
            None => return verdict(CheckResult::CouldNotLook("the endpoint is no longer there".into()), false),
        };
        let sent = deliveries.iter().find(|one| one.is_test() && !before.contains(&one.id));
        match sent {
            None => verdict(CheckResult::NotConfirmed("its deliveries show no test event yet".into()), true),
            Some(one) if one.status == "delivered" => verdict(CheckResult::Confirmed, false),
            Some(one) => {
                let open = one.status != "failed";
                verdict(CheckResult::NotConfirmed(judge::said(one, asked.now)), open)
            }
        }
    }
}

async fn looked(input: &Input, webhook: Webhook, reads: &Reads) -> Endpoint {
    let deliveries = reads.seqn.deliveries(&input.org, &webhook.id, DELIVERIES);
    if input.test {
        return Endpoint { deliveries: deliveries.await, webhook, reach: None };
    }
    let (deliveries, reach) = join(deliveries, reads.reach.reach(&webhook.url)).await;
    Endpoint { webhook, deliveries, reach: Some(reach) }
}

/// Each host once, with the endpoints that are there.
fn of_receivers(card: &mut Card, now: Millis, endpoints: &[Endpoint]) {
    let mut said: Vec<&Reach> = Vec::new();
    for reach in endpoints.iter().filter_map(|endpoint| endpoint.reach.as_ref()) {
        if said.contains(&reach) {
            continue;
        }
        said.push(reach);
        let there = endpoints.iter().filter(|endpoint| endpoint.reach.as_ref() == Some(reach));
        let ids: Vec<&str> = there.map(|endpoint| endpoint.webhook.id.as_str()).collect();
        reach::judge(card, now, &ids.join(", "), reach);
    }
}

fn verdict(result: CheckResult, later: bool) -> Verdict {
    let checks = vec![Check { what: "The test event at the receiver".into(), result }];
    Verdict { checks, later, ..Verdict::default() }
}

fn tests(input: &Input, endpoint: &Endpoint, facts: &Facts, card: Card) -> Plan {
    let webhook = &endpoint.webhook;
    let before: Vec<String> = endpoint.deliveries.iter().flatten().map(|one| one.id.clone()).collect();
    let mut plan = Plan::answer(Tone::Caution, format!("Send a test event to {}?", webhook.id), Vec::new());
    plan.tier = Tier::Confirm;
    plan.outline = format!("send a test event to the endpoint {} of {}", webhook.id, input.org);
    plan.pinned = input.fields.clone();
    plan.subject = BTreeMap::from([
        ("org".to_owned(), input.org.to_string()),
        ("endpoint".to_owned(), webhook.id.clone()),
        ("url".to_owned(), plain(&webhook.url)),
    ]);
    plan.blocks = vec![Block::Text(format!(
        "It goes to {}. I follow it until it is delivered or has failed.",
        plain(&webhook.url)
    ))];
    plan.blocks.extend(card.blocks());
    let effect = Effect::SendTestEvent { org: input.org.clone(), webhook: webhook.id.clone(), before };
    let todo = format!("Open the endpoint {} of {} and press its test button.", webhook.id, input.org);
    one_step(&mut plan, format!("seqn-webhook-test:{}", webhook.id), effect, facts.by_hand.as_ref(), todo);
    plan
}
