//! What of an endpoint keeps events from arriving, and what its receiver must do.

use crate::model::{Block, Millis, Next, OrgSlug};
use crate::ports::Delivery;

use super::super::card::Card;
use super::super::words::count;
use super::reach::plain;
use super::{Endpoint, Input};

/// The most deliveries that are shown of one endpoint.
const SHOWN: usize = 5;

/// The receiver's three duties. The signature's scheme is not documented, so the words stay general.
const RECEIVER: &str = "// 1. Verify the signature on the raw body, before it is parsed, with the endpoint's signing secret.\n\
                        // 2. Answer 2xx within seconds, and do the work afterwards: anything else is sent again.\n\
                        // 3. Keep the event's id, and do nothing when it comes a second time.\n\
                        app.post('/seqn', express.raw({ type: '*/*' }), async (req, res) => {\n\
                        \x20 if (!verifySignature(req.body, req.headers, process.env.SEQN_WEBHOOK_SECRET)) return res.sendStatus(400);\n\
                        \x20 const event = JSON.parse(req.body);\n\
                        \x20 if (await seenBefore(event.id)) return res.sendStatus(200);\n\
                        \x20 await queue.add(event);\n\
                        \x20 res.sendStatus(200);\n\
                        });";

pub(super) fn receiver(card: &mut Card) {
    card.detail(Block::Code(RECEIVER.into()));
}

/// A delivery in words.
pub(super) fn said(one: &Delivery, now: Millis) -> String {
    let answered = match (one.response, one.error.as_str()) {
        (Some(status), _) => format!("the receiver answered {status}"),
        (None, "") => "the receiver has not answered".to_owned(),
        (None, error) => error.to_owned(),
    };
    let tries = if one.attempts == 1 { "1 try".to_owned() } else { format!("{} tries", one.attempts) };
    let again = match one.next_retry {
        Some(at) if at > now => format!("; it is tried again at {at}"),
        _ => String::new(),
    };
    format!("{} {} after {tries}: {answered}{again}", one.event, one.status)
}

pub(super) fn judge(card: &mut Card, now: Millis, input: &Input, endpoint: &Endpoint, console: &str) {
    let (org, expected) = (&input.org, &input.events);
    let webhook = &endpoint.webhook;
    let id = &webhook.id;
    if !webhook.enabled {
        card.wrong(
            format!("{id} is switched off: nothing is sent to it."),
            "the customer switches it on in the console.",
        );
    }
    if webhook.url.starts_with("https://") {
        card.well(format!("{id} sends to {}.", plain(&webhook.url)));
    } else {
        card.wrong(format!("{id} does not send to an https address."), "the customer gives it one with a certificate.");
    }
    let missing: Vec<&str> =
        expected.iter().filter(|event| !webhook.events.contains(event)).map(String::as_str).collect();
    if missing.is_empty() {
        card.well(format!("{id} is subscribed to {}.", webhook.events.join(", ")));
    } else {
        card.wrong(
            format!("{id} is not subscribed to {}, but to {}.", missing.join(", "), webhook.events.join(", ")),
            "the customer adds the event types in the console.",
        );
    }
    if !webhook.secret_prefix.is_empty() {
        card.well(format!(
            "{id}'s signing secret begins with {}: an invalid signature with another one means an old secret.",
            webhook.secret_prefix
        ));
    }
    match &endpoint.deliveries {
        Err(error) => card.unknown(&format!("The deliveries of {id}"), error, console),
        Ok(deliveries) => of_deliveries(card, now, org, endpoint, deliveries),
    }
}

fn of_deliveries(card: &mut Card, now: Millis, org: &OrgSlug, endpoint: &Endpoint, deliveries: &[Delivery]) {
    let id = &endpoint.webhook.id;
    let Some(newest) = deliveries.first() else {
        return card.well(format!("{id} has had no delivery yet."));
    };
    let failing = deliveries.iter().filter(|one| one.status != "delivered").count();
    if newest.status == "delivered" {
        card.well(format!("{id}: the newest delivery arrived; {failing} of the last {} did not.", deliveries.len()));
    } else {
        card.wrong(
            format!(
                "{id}: {failing} of {} did not arrive, the newest among them: {}.",
                count(deliveries.len(), "delivery").replace("deliverys", "deliveries"),
                said(newest, now)
            ),
            next(newest),
        );
        if matches!(newest.response, Some(401 | 403)) {
            let known = [("org", org.as_str()), ("endpoint", id.as_str()), ("cause", "stale")];
            card.next(Next::of("Rotate its signing secret", "rotate-webhook-secret", &known));
        }
    }
    let line = |one: &Delivery| {
        let at = one.created.map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string());
        format!("{at} {} ({})", said(one, now), one.id)
    };
    let items = deliveries.iter().take(SHOWN).map(line).collect();
    card.detail(Block::Items { heading: format!("Last deliveries of {id}"), items });
}

fn next(newest: &Delivery) -> &'static str {
    match newest.response {
        Some(401 | 403) => "the receiver refuses: it may check a signature with an old secret, or block our addresses.",
        Some(400) => "the receiver refuses the body: it may parse it before it verifies the signature.",
        Some(404 | 410) => "the receiver's path is gone: the customer mends the endpoint's address.",
        Some(300..=399) => "the receiver redirects, which is not followed: the customer gives the last address.",
        Some(500..=599) => "the receiver fails: the customer looks into its log at that time.",
        Some(429) => "the receiver limits us: the customer raises its limit for SEQN Auth.",
        _ => "the receiver did not answer in time: the customer answers first and works afterwards.",
    }
}
