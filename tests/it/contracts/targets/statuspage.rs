//! Statuspage: every request of an incident's life, and the emulator's answers, against `statuspage.json`; and the
//! built-in page's files, whose incidents have the same form.

use seqn_chatops::model::{IncidentNotice, NoticeEvent, Phase};
use seqn_chatops::ports::Target as _;
use seqn_chatops::sandbox::settings::secret;
use seqn_chatops::sandbox::targets::STATUSPAGE_PAGE;
use serde_json::{Value, json};

use super::{Stand, body, incident, life, line, of, tell_all};
use crate::contracts::{Heard, answers_as_declared, asks_what_exists};
use crate::specs::{Operation, Specs, accepts, refuses, with};

const FILE: &str = "statuspage.json";

/// The document says `Object` where JSON Schema knows `object`, and forgets that a moment may be missing.
fn mended(document: &Value) -> Value {
    match document {
        Value::Object(map) => {
            let mut map: serde_json::Map<String, Value> =
                map.iter().map(|(name, value)| (name.clone(), mended(value))).collect();
            if map.get("type") == Some(&json!("Object")) {
                map.insert("type".into(), json!("object"));
            }
            Value::Object(map)
        }
        Value::Array(items) => items.iter().map(mended).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn every_request_is_as_described() {
    let Some(specs) = Specs::open("every_request_is_as_described (Statuspage)") else { return };
    let (document, stand) = (mended(&specs.read(FILE)), Stand::new().await);
    tell_all(&stand.open("statuspage"), life()).await.unwrap();
    let requests = stand.sims.statuspage.requests();
    let (mut states, mut lines) = (Vec::new(), Vec::new());
    for request in &requests {
        asks_what_exists(&document, "/v1", request);
        let key = format!("OAuth {}", secret("STATUSPAGE_KEY").unwrap());
        assert_eq!(request.header("authorization"), Some(key.as_str()));
        lines.push(line(request));
        if request.method == "GET" {
            continue;
        }
        let path = request.path.strip_prefix("/v1").unwrap();
        let judge = Operation::find(&document, &request.method, path).unwrap().request();
        let sent = body(request);
        accepts(path, &judge, &sent);
        refuses(
            path,
            &judge,
            &[
                with(&sent, "/incident/status", Some(json!("over"))),
                with(&sent, "/incident/impact_override", Some(json!("sev1"))),
                with(&sent, "/incident/metadata", Some(json!("flat"))),
                with(&sent, "/incident/deliver_notifications", Some(json!("no"))),
            ],
        );
        prose(&sent["incident"]);
        states.push(sent["incident"]["status"].as_str().unwrap().to_owned());
    }
    let incidents = format!("/v1/pages/{STATUSPAGE_PAGE}/incidents");
    let first = [format!("GET {incidents}?limit=20&page=1"), format!("POST {incidents}")];
    assert_eq!(lines[..2], first, "it is looked for before it is made");
    assert!(lines[2..].iter().all(|line| *line == format!("PATCH {incidents}/spinc0000001")), "{lines:#?}");
    let life = ["investigating", "investigating", "identified", "monitoring", "resolved", "investigating"];
    assert_eq!(states[..6], life);
    assert_eq!(stand.sims.look("statuspage notified").unwrap(), "0", "nobody is told unless the operator wants it");
}

/// What the description says in words only.
fn prose(incident: &Value) {
    let chars = |name: &str| incident[name].as_str().map_or(0, |text| text.chars().count());
    assert!(chars("name") <= 255 && chars("body") <= 25_000);
    assert_eq!(incident["deliver_notifications"], json!(false), "it is said each time, since silence means yes");
    let metadata = incident["metadata"].as_object().unwrap();
    assert!(metadata.values().all(Value::is_object), "all top-level values are objects");
    assert_eq!(incident["metadata"]["seqn"]["incident"], "rq-b7c2d9f4");
}

#[tokio::test]
async fn long_texts_fit() {
    let stand = Stand::new().await;
    let long = IncidentNotice {
        title: "ö".repeat(5_000),
        text: "ö".repeat(50_000),
        ..incident(1, NoticeEvent::Opened, Phase::Open)
    };
    stand.open("statuspage").tell(&of(long), None).await.unwrap();
    prose(&body(&stand.sims.statuspage.requests()[1])["incident"]);
}

#[tokio::test]
async fn the_emulators_incidents_and_the_built_in_pages_are_as_described() {
    let Some(specs) = Specs::open("the_emulators_incidents_and_the_built_in_pages_are_as_described") else { return };
    let (document, stand) = (mended(&specs.read(FILE)), Stand::new().await);
    tell_all(&stand.open("statuspage"), life()).await.unwrap();
    tell_all(&stand.open("status-page"), life()).await.unwrap();
    let text = std::fs::read_to_string(stand.sims.status_folder.join("api/v2/incidents.json")).unwrap();
    let built_in: Value = serde_json::from_str(&text).unwrap();
    let operation = Operation::find(&document, "GET", "/pages/p/incidents").unwrap();
    for (what, mut list) in [
        ("the emulator's", json!(stand.sims.statuspage.service.incidents())),
        ("our page's", built_in["incidents"].clone()),
    ] {
        // A moment that has not come is null there, which the description does not say.
        for incident in list.as_array_mut().unwrap() {
            incident.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        }
        answers_as_declared(&operation, what, &Heard { status: 200, body: list });
    }
    let summary = std::fs::read_to_string(stand.sims.status_folder.join("api/v2/summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["status"], json!({ "indicator": "none", "description": "All systems operational" }));
    for name in ["page", "components", "incidents", "scheduled_maintenances"] {
        assert!(!summary[name].is_null(), "{name}");
    }
}
