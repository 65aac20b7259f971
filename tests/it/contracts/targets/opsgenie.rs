//! Opsgenie: every request of an incident's life against `opsgenie.json`. Jira Service Management takes the same.

use seqn_chatops::clients::targets::{OpsgenieConfig, TargetConfig};
use seqn_chatops::guard::Secret;
use seqn_chatops::model::{IncidentNotice, NoticeEvent, Phase};
use seqn_chatops::ports::Target as _;
use seqn_chatops::sandbox::settings::secret;
use serde_json::{Value, json};

use super::{Stand, body, incident, life, line, of, tell_all};
use crate::contracts::asks_what_exists;
use crate::specs::{Operation, Specs, accepts, refuses, with};

const FILE: &str = "opsgenie.json";

#[tokio::test]
async fn every_request_is_as_described() {
    let Some(specs) = Specs::open("every_request_is_as_described (Opsgenie)") else { return };
    let (document, stand) = (specs.read(FILE), Stand::new().await);
    let proofs = tell_all(&stand.open("opsgenie"), life()).await.unwrap();
    let mut asked = Vec::new();
    for request in stand.sims.opsgenie.requests() {
        let id = asks_what_exists(&document, "", &request);
        let judge = Operation::find(&document, &request.method, &request.path).unwrap().request();
        let sent = body(&request);
        accepts(&id, &judge, &sent);
        refuses(&id, &judge, &[with(&sent, "/user", Some(json!(7))), with(&sent, "/source", Some(json!([])))]);
        if id == "createAlert" {
            refuses(
                &id,
                &judge,
                &[
                    with(&sent, "/message", None),
                    with(&sent, "/priority", Some(json!("P9"))),
                    with(&sent, "/tags", Some(json!("seqn"))),
                    with(&sent, "/details/severity", Some(json!(1))),
                ],
            );
            created(&sent);
        } else {
            refuses(&id, &judge, &[with(&sent, "/note", Some(json!(7)))]);
            assert_eq!(request.query, "identifierType=alias", "{}", line(&request));
        }
        let key = format!("GenieKey {}", secret("OPSGENIE_KEY").unwrap());
        assert_eq!(request.header("authorization"), Some(key.as_str()));
        asked.push(id);
    }
    let life = ["createAlert", "acknowledgeAlert", "addNote", "addNote", "closeAlert", "createAlert", "closeAlert"];
    assert_eq!(asked[..7], life);
    assert!(proofs.iter().all(|proof| proof.receipt.starts_with("202, request opsgenie-request-")), "{proofs:?}");
    assert_eq!(stand.sims.look("opsgenie").unwrap(), "closed closed");
}

/// What the documentation says in words only.
fn created(sent: &Value) {
    let chars = |name: &str| sent[name].as_str().unwrap().chars().count();
    assert!(chars("message") <= 130 && chars("alias") <= 250 && chars("description") <= 15_000);
}

#[tokio::test]
async fn long_texts_fit_and_jira_is_another_address() {
    let stand = Stand::new().await;
    // The emulator has no such path, so that only the request is looked at.
    let config = OpsgenieConfig {
        base: format!("{}/jsm/ops/integration", stand.sims.opsgenie.base_url()).parse().unwrap(),
        key: Secret::new(secret("OPSGENIE_KEY").unwrap()),
    };
    let long = IncidentNotice {
        title: "ö".repeat(5_000),
        text: "ö".repeat(50_000),
        ..incident(1, NoticeEvent::Opened, Phase::Open)
    };
    stand.opened(&TargetConfig::Opsgenie(config)).tell(&of(long.clone()), None).await.unwrap_err();
    let jira = &stand.sims.opsgenie.requests()[0];
    assert_eq!(line(jira), "POST /jsm/ops/integration/v2/alerts");
    created(&body(jira));
    stand.open("opsgenie").tell(&of(long), None).await.unwrap();
}

#[tokio::test]
async fn an_update_that_comes_first_makes_the_alert() {
    let stand = Stand::new().await;
    let raised = incident(3, NoticeEvent::Updated, Phase::Identified);
    stand.open("opsgenie").tell(&of(raised), None).await.unwrap();
    assert_eq!(stand.sims.look("opsgenie").unwrap(), "open");
}
