//! The emulators against plain requests: what is real about each.

use serde_json::{Value, json};

use super::super::fault::FaultKind;
use super::super::world::raw::{Heard, call};
use super::*;

fn keys() -> TargetKeys {
    TargetKeys {
        routing: "0123456789abcdef0123456789abcdef".into(),
        genie: "genie".into(),
        ntfy: "push".into(),
        statuspage: "page".into(),
        github: "octo".into(),
        request_tracker: "1-14-rt".into(),
        signing: format!("whsec_{}", "QUJDREVGR0hJ".repeat(4)),
    }
}

struct Stand {
    sims: TargetSims,
    faults: Faults,
}

async fn stand() -> Stand {
    let faults = Faults::default();
    let sims = TargetSims::start(&Dial::still(), &faults, &keys(), "/nowhere".into()).await.unwrap();
    Stand { sims, faults }
}

async fn post(base: &str, path: &str, authorization: &str, body: &Value) -> Heard {
    let headers = [format!("authorization: {authorization}"), "content-type: application/json".into()];
    call(base, &format!("POST {path}"), &headers, &body.to_string()).await
}

impl Stand {
    async fn event(&self, routing_key: &str, action: &str) -> u16 {
        let payload = json!({ "summary": "Down", "source": "SEQN", "severity": "critical" });
        let event = json!({
            "routing_key": routing_key, "event_action": action, "dedup_key": "rq-1", "payload": payload,
        });
        post(&self.sims.pagerduty.base_url(), "/v2/enqueue", "", &event).await.status
    }

    fn look(&self, query: &str) -> String {
        self.sims.look(query).unwrap_or_else(|| "nothing".into())
    }
}

#[tokio::test]
async fn a_trigger_after_a_resolve_pages_anew() {
    let (stand, key) = (stand().await, keys().routing);
    for action in ["trigger", "trigger", "acknowledge", "resolve", "resolve", "trigger"] {
        assert_eq!(stand.event(&key, action).await, 202);
    }
    assert_eq!((stand.look("pagerduty"), stand.look("pagerduty pages")), ("resolved triggered".into(), "2".into()));
    assert_eq!(stand.look("pagerduty dropped"), "1");
}

#[tokio::test]
async fn another_routing_key_is_accepted_and_dropped() {
    let (stand, key) = (stand().await, keys().routing);
    stand.event(&key, "trigger").await;
    assert_eq!(stand.event(&key.replace('0', "f"), "acknowledge").await, 202);
    assert_eq!((stand.look("pagerduty"), stand.look("pagerduty dropped")), ("triggered".into(), "1".into()));
    assert_eq!(stand.event("short", "trigger").await, 400);
    assert_eq!(stand.event(&key, "explode").await, 400);
}

#[tokio::test]
async fn an_open_alert_is_one_by_its_alias() {
    let stand = stand().await;
    let (base, key) = (stand.sims.opsgenie.base_url(), "GenieKey genie");
    let alert = json!({ "message": "Down", "alias": "rq-1", "priority": "P1" });
    for _ in 0..2 {
        assert_eq!(post(&base, "/v2/alerts", key, &alert).await.status, 202);
    }
    assert_eq!((stand.look("opsgenie"), stand.look("opsgenie count")), ("open".into(), "2".into()));
    let note = json!({ "note": "Looking" });
    // Without the identifier's type the name is taken for another thing, and nothing comes of it.
    assert_eq!(post(&base, "/v2/alerts/rq-1/acknowledge", key, &note).await.status, 202);
    assert_eq!(stand.look("opsgenie"), "open");
    post(&base, "/v2/alerts/rq-1/acknowledge?identifierType=alias", key, &note).await;
    post(&base, "/v2/alerts/rq-1/close?identifierType=alias", key, &note).await;
    post(&base, "/v2/alerts", key, &alert).await;
    assert_eq!(stand.look("opsgenie"), "closed open");
    assert_eq!(post(&base, "/v2/alerts", key, &json!({ "message": "x".repeat(131) })).await.status, 422);
    assert_eq!(post(&base, "/v2/alerts", "Bearer genie", &alert).await.status, 401);
}

#[tokio::test]
async fn the_same_sequence_is_shown_once_and_a_long_message_is_an_attachment() {
    let stand = stand().await;
    let base = stand.sims.ntfy.base_url();
    let message = |text: String| json!({ "topic": "t", "message": text, "sequence_id": "a", "priority": 5 });
    for _ in 0..2 {
        assert_eq!(post(&base, "/", "Bearer push", &message("x".repeat(4_096))).await.status, 200);
    }
    assert_eq!((stand.look("ntfy"), stand.look("ntfy messages")), ("1".into(), "2".into()));
    let long = post(&base, "/", "Bearer push", &message("ö".repeat(2_049))).await;
    assert_eq!((long.status, long.json()["code"].clone()), (400, json!(40_014)));
    assert_eq!(post(&base, "/", "Bearer other", &message("x".into())).await.status, 401);
    stand.faults.arm("ntfy", "", FaultKind::RetryAfter(7), 1);
    let slow = post(&base, "/", "Bearer push", &message("x".into())).await;
    assert!(slow.status == 429 && !slow.head.contains("retry-after"), "{}", slow.head);
}

#[tokio::test]
async fn a_page_makes_updates_and_tells_subscribers_unless_told_not_to() {
    let stand = stand().await;
    let (base, path) = (stand.sims.statuspage.base_url(), format!("/v1/pages/{STATUSPAGE_PAGE}/incidents"));
    let send = async |fields: Value| post(&base, &path, "OAuth page", &json!({ "incident": fields })).await;
    let loud = json!({ "name": "Down", "status": "investigating", "body": "Looking" });
    assert_eq!(send(loud).await.status, 201);
    assert_eq!((stand.look("statuspage"), stand.look("statuspage notified")), ("investigating".into(), "1".into()));
    let quiet = json!({ "name": "Down", "deliver_notifications": false, "metadata": { "seqn": { "a": "b" } } });
    assert_eq!(send(quiet).await.status, 201);
    assert_eq!(stand.look("statuspage notified"), "1");
    assert_eq!(send(json!({ "name": "Down", "metadata": { "seqn": "flat" } })).await.status, 422);
    assert_eq!(send(json!({ "body": "no name" })).await.status, 422);
    assert_eq!(post(&base, &path, "Bearer page", &json!({})).await.status, 401);
}

#[tokio::test]
async fn tickets_are_there_and_notes_are_kept() {
    let stand = stand().await;
    let base = stand.sims.github.base_url();
    let path = format!("/repos/{SUPPORT_REPO}/issues/7/comments");
    assert_eq!(post(&base, &path, "Bearer octo", &json!({ "body": "<!-- mark -->\nDone" })).await.status, 201);
    assert_eq!((stand.look("tracker SUP-7"), stand.look("tracker SUP-7 note")), ("open".into(), "Done".into()));
    assert_eq!((stand.look("tracker SUP-9001"), stand.look("tracker SUP-9200")), ("closed".into(), "nothing".into()));
    assert_eq!(post(&base, &path, "Bearer other", &json!({ "body": "x" })).await.status, 401);
    assert_eq!(post(&base, "/repos/a/b/issues", "Bearer octo", &json!({ "title": "x" })).await.status, 404);
    assert!(stand.sims.github.service.set_open(SUPPORT_REPO, 7, false));
    assert_eq!(stand.look("tracker SUP-7"), "closed");
}

#[tokio::test]
async fn request_tracker_says_200_to_what_it_does_not_do_and_takes_raw_text_for_latin_1() {
    let stand = stand().await;
    let (base, token) = (stand.sims.request_tracker.base_url(), "token 1-14-rt");
    let note = json!({ "Subject": "mark", "Content": "Größe", "ContentType": "text/plain" });
    let comment = post(&base, "/REST/2.0/ticket/7/comment", token, &note).await;
    assert!(comment.status == 201 && comment.head.contains("location: /rest/2.0/transaction/1"), "{}", comment.head);
    assert_eq!((stand.look("rt SUP-7 notes"), stand.look("rt SUP-7 note")), ("1".into(), "Größe".into()));
    let headers = [format!("authorization: {token}"), "content-type: text/plain; charset=utf-8".into()];
    assert_eq!(call(&base, "POST /REST/2.0/ticket/7/comment", &headers, "Größe").await.status, 201);
    assert_eq!(stand.look("rt SUP-7 note"), "GrÃ¶Ã\u{9f}e");
    assert_eq!(post(&base, "/REST/2.0/ticket/7/correspond", token, &note).await.status, 201);
    assert_eq!((stand.look("rt SUP-7 notes"), stand.look("rt SUP-7 replies")), ("2".into(), "1".into()));
    assert_eq!(post(&base, "/REST/2.0/ticket/9999/comment", token, &note).await.status, 400);
    assert_eq!(post(&base, "/REST/2.0/ticket/7%2F..%2F8/comment", token, &note).await.status, 404);
    assert_eq!(post(&base, "/REST/2.0/ticket", token, &json!({ "Queue": "Nope", "Subject": "x" })).await.status, 403);
    assert_eq!(post(&base, "/REST/2.0/ticket/7/comment", "Bearer 1-14-rt", &note).await.status, 401);
    let headers = [format!("authorization: {token}"), "content-type: application/json".into()];
    for (status, after) in [("nonsense", "new"), ("with-customer", "with-customer"), ("done", "done")] {
        let body = json!({ "Status": status }).to_string();
        assert_eq!(call(&base, "PUT /REST/2.0/ticket/7", &headers, &body).await.status, 200);
        assert_eq!(stand.look("rt SUP-7 status"), after);
    }
    assert_eq!(
        (stand.look("rt SUP-7"), stand.look("rt SUP-9001"), stand.look("rt made")),
        ("closed".into(), "closed".into(), "0".into())
    );
}

#[tokio::test]
async fn what_is_not_signed_is_not_taken() {
    let stand = stand().await;
    let headers = ["webhook-id: a".to_owned(), "webhook-timestamp: 1".into(), "webhook-signature: v1,AAAA".into()];
    let heard = call(&stand.sims.webhook.base_url(), "POST /", &headers, "{}").await;
    assert_eq!((heard.status, stand.look("webhook deliveries")), (400, "0".into()));
}
