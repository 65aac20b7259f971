//! ntfy and our own webhook, which have no vendor's description: limits by hand, the webhook by `deploy/webhook.schema.json`
//! and by the library of Standard Webhooks.

use jsonschema::Validator;
use seqn_chatops::clients::targets::TrackerConfig;
use seqn_chatops::model::{IncidentNotice, NoticeContent, NoticeEvent, Phase};
use seqn_chatops::ports::{Fault, Target as _};
use seqn_chatops::sandbox::dial::Dial;
use seqn_chatops::sandbox::settings::secret;
use seqn_chatops::sandbox::targets::NTFY_TOPIC;
use seqn_chatops::sandbox::world::Recorded;
use serde_json::{Value, json};

use super::{Stand, body, incident, life, line, notice, of, tell_all};
use crate::specs::{accepts, refuses, with};

#[tokio::test]
async fn every_message_is_one_that_ntfy_takes() {
    let stand = Stand::new().await;
    let mut all = life();
    all.push(IncidentNotice {
        title: "ö".repeat(5_000),
        text: "€".repeat(5_000),
        ..incident(9, NoticeEvent::Opened, Phase::Open)
    });
    let count = all.len();
    tell_all(&stand.open("ntfy"), all).await.unwrap();
    let mut sequences = Vec::new();
    for request in stand.sims.ntfy.requests() {
        assert_eq!(line(&request), "POST /");
        let token = format!("Bearer {}", secret("NTFY_TOKEN").unwrap());
        assert_eq!(request.header("authorization"), Some(token.as_str()));
        let sent = body(&request);
        assert_eq!(sent["topic"], NTFY_TOPIC);
        assert!(sent["message"].as_str().unwrap().len() <= 4_096 && sent["title"].as_str().unwrap().len() <= 250);
        assert!((1..=5).contains(&sent["priority"].as_u64().unwrap()) && sent["tags"].is_array());
        assert_eq!(sent["click"], "https://status.seqn.example/");
        assert!(sent.get("actions").is_none(), "an action with a credential would be read by every subscriber");
        sequences.push(sent["sequence_id"].as_str().unwrap().to_owned());
    }
    sequences.sort();
    sequences.dedup();
    assert_eq!(sequences.len(), count, "each notice is shown");
    assert_eq!(stand.sims.look("ntfy").unwrap(), count.to_string());
}

fn schema() -> Validator {
    let text = include_str!("../../../../deploy/webhook.schema.json");
    jsonschema::options().should_validate_formats(true).build(&serde_json::from_str(text).unwrap()).unwrap()
}

/// What the library of Standard Webhooks makes of a request.
fn verified(request: &Recorded) -> Result<(), standardwebhooks::WebhookError> {
    let library = standardwebhooks::Webhook::new(&secret("WEBHOOK_SECRET").unwrap()).unwrap();
    let mut headers = reqwest::header::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, request.header(name).unwrap().parse().unwrap());
    }
    library.verify(request.body.as_bytes(), &headers)
}

#[tokio::test]
async fn every_event_is_signed_and_as_it_is_documented() {
    // The library asks the machine's own clock.
    let (stand, judge) = (Stand::at(Dial::live()).await, schema());
    tell_all(&stand.open("webhook"), life()).await.unwrap();
    let (_, tracker) = stand.tracker_of(&TrackerConfig::Webhook(stand.webhook()));
    let note = NoticeContent::Note { ticket: "SUP-7".parse().unwrap(), text: "Done.".into() };
    let ticket = NoticeContent::NewTicket { title: "Renew in time".into(), text: String::new() };
    tracker.tell(&notice(10, note), None).await.unwrap();
    tracker.tell(&notice(11, ticket), None).await.unwrap();
    let mut types = Vec::new();
    for request in stand.sims.webhook.requests() {
        verified(&request).unwrap();
        let mut forged = request.clone();
        forged.body = request.body.replace("sign in", "sing in").replace("Done", "None").replace("Renew", "Brenew");
        assert!(verified(&forged).is_err(), "the library is not blind");
        assert_eq!(
            (line(&request).as_str(), request.header("content-type")),
            ("POST /hooks", Some("application/json"))
        );
        let event = body(&request);
        let kind = event["type"].as_str().unwrap().to_owned();
        accepts(&kind, &judge, &event);
        refuses(
            &kind,
            &judge,
            &[
                with(&event, "/type", Some(json!("incident.exploded"))),
                with(&event, "/timestamp", Some(json!("yesterday"))),
                with(&event, "/data/text", None),
                with(&event, "/data/more", Some(json!(1))),
            ],
        );
        types.push(kind);
    }
    types.sort();
    types.dedup();
    assert_eq!(types.len(), 8, "every type of the schema is sent: {types:?}");
    assert_eq!(stand.sims.look("webhook").unwrap(), "10", "the receiver's own check held as well");
}

#[tokio::test]
async fn the_example_in_the_documentation_is_one() {
    let text = include_str!("../../../../deploy/webhook.md");
    let example = text.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    accepts("the example", &schema(), &serde_json::from_str::<Value>(example).unwrap());
}

#[tokio::test]
async fn a_second_try_has_the_same_id_and_its_own_time() {
    let stand = Stand::new().await;
    let (target, notice) = (stand.open("webhook"), of(incident(1, NoticeEvent::Opened, Phase::Open)));
    target.tell(&notice, None).await.unwrap();
    stand.dial.advance_ms(3_600_000);
    target.tell(&notice, None).await.unwrap();
    let [first, second] = &stand.sims.webhook.requests()[..] else { panic!("two requests") };
    assert_eq!(first.header("webhook-id"), Some("rq-b7c2d9f4:1:here"));
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    let time = |request: &Recorded| request.header("webhook-timestamp").unwrap().parse::<i64>().unwrap();
    assert_eq!(time(second) - time(first), 3_600);
    assert_ne!(first.header("webhook-signature"), second.header("webhook-signature"));
}

#[tokio::test]
async fn a_tracker_behind_a_webhook_cannot_be_asked() {
    let stand = Stand::new().await;
    let (tickets, _) = stand.tracker_of(&TrackerConfig::Webhook(stand.webhook()));
    assert!(!tickets.asks());
    assert_eq!(tickets.ticket(&"SUP-7".parse().unwrap()).await.unwrap_err().fault, Fault::NoRoute);
}
