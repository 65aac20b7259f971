//! PagerDuty: every event of an incident's life against `pd-events-v2.json`.

use seqn_chatops::model::{IncidentNotice, NoticeEvent, Phase, Severity};
use seqn_chatops::ports::Target as _;
use seqn_chatops::sandbox::settings::secret;
use serde_json::{Value, json};

use super::{Stand, body, incident, life, line, of, tell_all};
use crate::contracts::{Heard, answers_as_declared, ask, asks_what_exists};
use crate::specs::{Operation, Specs, accepts, refuses, with};

const FILE: &str = "pd-events-v2.json";

#[tokio::test]
async fn every_event_is_as_described() {
    let Some(specs) = Specs::open("every_event_is_as_described") else { return };
    let (document, stand) = (specs.read(FILE), Stand::new().await);
    tell_all(&stand.open("pagerduty"), life()).await.unwrap();
    let requests = stand.sims.pagerduty.requests();
    let judge = Operation::find(&document, "POST", "/enqueue").unwrap().request();
    let mut actions = Vec::new();
    for request in &requests {
        assert_eq!(asks_what_exists(&document, "/v2", request), "createV2Event");
        assert_eq!(
            (line(request).as_str(), request.header("content-type")),
            ("POST /v2/enqueue", Some("application/json"))
        );
        assert_eq!(request.header("authorization"), None, "the key is in the body");
        let event = body(request);
        let action = event["event_action"].as_str().unwrap().to_owned();
        accepts(&action, &judge, &event);
        let wrong = [
            with(&event, "/routing_key", None),
            with(&event, "/event_action", Some(json!("explode"))),
            with(&event, "/dedup_key", Some(json!(7))),
        ];
        refuses(&action, &judge, &wrong);
        prose(&event, &action);
        actions.push(action);
    }
    assert_eq!(actions, ["trigger", "acknowledge", "trigger", "trigger", "resolve", "trigger", "resolve", "resolve"]);
    let trigger = body(&requests[0]);
    refuses(
        "payload",
        &judge,
        &[
            with(&trigger, "/payload/summary", None),
            with(&trigger, "/payload/severity", Some(json!("sev1"))),
            with(&trigger, "/payload/source", None),
            with(&trigger, "/payload/custom_details", Some(json!("text"))),
            with(&trigger, "/links", Some(json!([{ "text": "no href" }]))),
        ],
    );
    assert_eq!(stand.sims.look("pagerduty").unwrap(), "resolved resolved");
    assert_eq!(stand.sims.look("pagerduty pages").unwrap(), "2", "it was opened, and reopened");
}

/// What the description says in words only.
fn prose(event: &Value, action: &str) {
    let text = |place: &str| event.pointer(place).and_then(Value::as_str).unwrap_or_default();
    assert_eq!(text("/routing_key"), secret("PAGERDUTY_ROUTING_KEY").unwrap(), "the same key for all");
    assert_eq!(text("/dedup_key"), "rq-b7c2d9f4", "acknowledge and resolve need it, and the same one");
    assert!(text("/payload/summary").chars().count() <= 1_024);
    assert_eq!(event["payload"].is_object(), action == "trigger");
}

#[tokio::test]
async fn long_texts_fit() {
    let stand = Stand::new().await;
    let long = IncidentNotice {
        title: "ö".repeat(5_000),
        // Six bytes each in JSON.
        text: "\u{1}".repeat(100_000),
        severity: Severity::Sev4,
        ..incident(1, NoticeEvent::Opened, Phase::Open)
    };
    stand.open("pagerduty").tell(&of(long), None).await.unwrap();
    let request = &stand.sims.pagerduty.requests()[0];
    assert!(request.body.len() <= 512_000, "{}", request.body.len());
    assert_eq!(body(request)["payload"]["summary"].as_str().unwrap().chars().count(), 1_024);
    assert_eq!(body(request)["payload"]["severity"], "info");
}

#[tokio::test]
async fn the_emulator_answers_as_described() {
    let Some(specs) = Specs::open("the_emulator_answers_as_described") else { return };
    let (document, stand) = (specs.read(FILE), Stand::new().await);
    let operation = Operation::find(&document, "POST", "/enqueue").unwrap();
    let payload = json!({ "summary": "Down", "source": "SEQN", "severity": "critical" });
    let event = json!({ "routing_key": "r".repeat(32), "event_action": "trigger", "payload": payload });
    let base = stand.sims.pagerduty.base_url();
    let heard: Heard = ask(&base, "POST", "/v2/enqueue", None, Some(&event)).await;
    assert_eq!(heard.status, 202);
    answers_as_declared(&operation, "trigger", &heard);
    let late = with(&event, "/event_action", Some(json!("resolve")));
    assert_eq!(ask(&base, "POST", "/v2/enqueue", None, Some(&late)).await.status, 400, "no key to resolve by");
}
