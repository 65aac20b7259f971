//! The emulator's traps, looked at from the wire.

use std::sync::Arc;

use super::*;
use crate::sandbox::fault::FaultKind;
use crate::sandbox::world::raw::{self, Heard};

struct Bench {
    sim: Arc<SeqnSim>,
    world: World,
    faults: Faults,
}

impl Bench {
    async fn new() -> Self {
        let (dial, faults) = (Dial::still(), Faults::default());
        let world = World::acme(dial.clone());
        let keys = SeqnKeys { read_token: "reader".into(), act_token: "actor".into() };
        let sim = SeqnSim::start(dial, faults.clone(), world.clone(), keys).await.unwrap();
        Self { sim, world, faults }
    }

    async fn call(&self, line: &str, token: &str, more: &[&str], body: &str) -> Heard {
        let mut headers: Vec<String> = more.iter().map(|h| (*h).into()).collect();
        if !token.is_empty() {
            headers.push(format!("authorization: Bearer {token}"));
        }
        raw::call(&self.sim.base_url(), line, &headers, body).await
    }

    async fn read(&self, path: &str) -> Heard {
        self.call(&format!("GET {path}"), "reader", &[], "").await
    }
}

const REVOKE: &str = "DELETE /v1/organizations/acme/sessions/ses_jo_laptop";

#[tokio::test]
async fn anonymous_and_reading_callers_change_nothing() {
    let bench = Bench::new().await;
    for (token, status, code) in
        [("", 401, "unauthorized"), ("nobody", 401, "unauthorized"), ("reader", 403, "forbidden")]
    {
        let heard = bench.call(REVOKE, token, &[], "").await;
        assert_eq!((heard.status, heard.json()["error"]["code"].as_str()), (status, Some(code)));
    }
    assert_eq!(bench.call("GET /v1/audit-logs", "", &[], "").await.status, 401);
    let console = bench.call("GET /auth/console", "", &[], "").await;
    assert_eq!(console.status, 302);
    assert!(console.head.contains("location: /auth/login") && console.head.contains("x-content-type-options: nosniff"));
    assert_eq!(bench.world.effects(), Vec::<String>::new());
}

#[tokio::test]
async fn a_revocation_takes_effect_once_and_names_the_person() {
    let bench = Bench::new().await;
    let headers = ["x-seqn-on-behalf-of: stf_kim"];
    let first = bench.call(REVOKE, "actor", &headers, "").await;
    assert_eq!((first.status, first.body.as_str()), (204, ""));
    assert_eq!(bench.call(REVOKE, "actor", &headers, "").await.status, 204);
    assert_eq!(bench.world.look("session ses_jo_laptop").as_deref(), Some("revoked"));
    assert_eq!(bench.world.look("revocations ses_jo_laptop").as_deref(), Some("1"));
    let log = bench.read("/v1/audit-logs?organization=acme&target=ses_jo_laptop&action=session.revoked").await.json();
    let entry = &log["auditLogs"][0];
    assert_eq!(entry["actor"]["id"], "stf_kim");
    let request_id = entry["requestId"].as_str().unwrap();
    assert!(first.head.contains(&format!("x-request-id: {request_id}")));
    assert_eq!(log["auditLogs"].as_array().unwrap().len(), 1);
    let elsewhere = bench.call("DELETE /v1/organizations/globex/sessions/ses_jo_phone", "actor", &[], "").await;
    assert_eq!((elsewhere.status, elsewhere.json()["error"]["code"].as_str()), (404, Some("session_not_found")));
}

#[tokio::test]
async fn a_dropped_answer_is_an_effect_without_a_byte() {
    let bench = Bench::new().await;
    bench.faults.arm("seqn", "DELETE /v1/organizations/acme/sessions/", FaultKind::DropAfter, 1);
    let request = format!("{REVOKE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer actor\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(raw::bytes(&bench.sim.base_url(), &request).await, "");
    assert_eq!(bench.world.effects(), ["seqn revoke ses_jo_laptop"]);
    assert_eq!(bench.call(REVOKE, "actor", &[], "").await.status, 204);
}

#[tokio::test]
async fn injected_failures_look_like_the_service_and_do_nothing() {
    let bench = Bench::new().await;
    bench.faults.arm("seqn", "DELETE", FaultKind::Status(503), 1);
    bench.faults.arm("seqn", "DELETE", FaultKind::RetryAfter(7), 1);
    bench.faults.arm("seqn", "DELETE", FaultKind::Garbage, 1);
    bench.faults.arm("seqn", "DELETE", FaultKind::Body(418, "teapot".into()), 1);
    assert_eq!(bench.call(REVOKE, "actor", &[], "").await.status, 503);
    let limited = bench.call(REVOKE, "actor", &[], "").await;
    assert_eq!((limited.status, limited.json()["error"]["code"].as_str()), (429, Some("rate_limited")));
    assert!(limited.head.contains("retry-after: 7"));
    assert!(bench.call(REVOKE, "actor", &[], "").await.body.starts_with("<html>"));
    let odd = bench.call(REVOKE, "actor", &[], "").await;
    assert_eq!((odd.status, odd.body.as_str()), (418, "teapot"));
    assert_eq!(bench.world.effects(), Vec::<String>::new());
    assert_eq!(bench.sim.requests().len(), 4);
}

#[tokio::test]
async fn a_hanging_request_never_gets_an_answer() {
    let bench = Bench::new().await;
    bench.faults.arm("seqn", "GET /healthz", FaultKind::Hang, 1);
    let call = bench.call("GET /healthz", "", &[], "");
    assert!(tokio::time::timeout(std::time::Duration::from_millis(50), call).await.is_err());
    bench.faults.clear();
    assert_eq!(bench.call("GET /healthz", "", &[], "").await.status, 200);
}

#[tokio::test]
async fn a_repeated_key_has_its_effect_once() {
    let bench = Bench::new().await;
    let line = "POST /v1/organizations/acme/webhooks/wh_orders/test";
    let key = ["idempotency-key: k1"];
    let first = bench.call(line, "actor", &key, "").await;
    assert_eq!(bench.call(line, "actor", &key, "").await.body, first.body);
    assert_eq!(bench.world.effects(), ["seqn test-webhook wh_orders"]);
    let other = bench.call("POST /v1/organizations/acme/webhooks/wh_billing/test", "actor", &key, "").await;
    assert_eq!(other.status, 422);
    bench.sim.honours_idempotency(false);
    assert_ne!(bench.call(line, "actor", &key, "").await.body, first.body);
    assert_eq!(bench.world.effects().len(), 2);
}

#[tokio::test]
async fn a_rotation_makes_another_key_each_time_and_the_last_one_holds() {
    let bench = Bench::new().await;
    for (line, what, field) in [
        ("POST /v1/organizations/acme/projects/portal/rotate-secret", "acme/portal", "secretKey"),
        ("POST /v1/organizations/acme/webhooks/wh_orders/rotate-secret", "wh_orders", "secret"),
    ] {
        let mut shown = Vec::new();
        for _ in 0..2 {
            let answer = bench.call(line, "actor", &["idempotency-key: k1"], "").await;
            shown.push(answer.json()[field].as_str().unwrap().to_owned());
        }
        assert_ne!(shown[0], shown[1]);
        assert!(!bench.world.holds(what, &shown[0]) && bench.world.holds(what, &shown[1]));
        assert!(shown.iter().all(|key| bench.world.secrets().contains(key)));
    }
}

#[tokio::test]
async fn readings_lag_behind_the_next_change_and_no_longer() {
    let bench = Bench::new().await;
    bench.sim.lags(2);
    let status = async || bench.read("/v1/organizations/acme/sessions?email=jo@acme.example").await.json();
    assert_eq!(status().await["sessions"][1]["status"], "active");
    assert_eq!(bench.call(REVOKE, "actor", &[], "").await.status, 204);
    for shown in ["active", "active", "revoked", "revoked"] {
        let seen = status().await;
        assert_eq!(
            (&seen["sessions"][1]["id"], &seen["sessions"][1]["status"]),
            (&"ses_jo_laptop".into(), &shown.into())
        );
    }
}

#[tokio::test]
async fn keys_are_healthy_until_rotated_or_disabled() {
    let bench = Bench::new().await;
    let (public, secret) = (World::canary_publishable_key(), World::canary_secret_key());
    let health = bench.call("GET /v1/backend/application", &secret, &[], "").await.json();
    assert_eq!((&health["ok"], &health["application"]["status"]), (&true.into(), &"active".into()));
    assert_eq!(health["application"]["secretKeyPrefix"].as_str(), secret.get(..16));
    let config = format!("GET /v1/client/config?publishable_key={public}");
    assert_eq!(bench.call(&config, "", &[], "").await.json()["organization"]["slug"], "canary");
    assert_eq!(bench.call("GET /v1/client/config", "", &[], "").await.status, 400);
    assert_eq!(bench.call("GET /v1/client/config?publishable_key=pk_live_none", "", &[], "").await.status, 404);
    bench.world.set_project_status("canary", "canary", "disabled");
    assert_eq!(bench.call(&config, "", &[], "").await.status, 409);
    bench.world.set_project_status("canary", "canary", "active");
    bench.call("POST /v1/organizations/canary/projects/canary/rotate-secret", "actor", &[], "").await;
    let health = bench.call("GET /v1/backend/application", &secret, &[], "").await;
    assert_eq!(health.json()["error"]["code"], "invalid_secret_key");
}

#[tokio::test]
async fn lists_are_cut_into_pages_and_filtered() {
    let bench = Bench::new().await;
    let path = "/v1/organizations/acme/sessions?email=max@acme.example&status=active";
    let first = bench.read(path).await.json();
    assert_eq!(first["sessions"].as_array().unwrap().len(), 20);
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = bench.read(&format!("{path}&cursor={cursor}")).await.json();
    assert_eq!((second["sessions"].as_array().unwrap().len(), second["nextCursor"].is_null()), (10, true));
    let jo = bench.read("/v1/organizations/acme/sessions?email=jo%40acme.example").await.json();
    let ids: Vec<&str> = jo["sessions"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["ses_jo_phone", "ses_jo_laptop", "ses_jo_revoked", "ses_jo_old"], "newest first");
    assert!(bench.read("/v1/organizations/acme/members").await.json()["nextCursor"].is_string());
    assert_eq!(bench.read("/v1/organizations/nowhere/members").await.json()["error"]["code"], "organization_not_found");
    assert_eq!(bench.read("/v1/audit-logs?limit=201").await.status, 400);
    let since = "2026-11-01T09:00:00Z";
    let recent = bench.read(&format!("/v1/audit-logs?actor=jo@acme.example&since={since}")).await.json();
    let all = bench.read("/v1/audit-logs?actor=jo@acme.example").await.json();
    assert_eq!((recent["auditLogs"].as_array().unwrap().len(), all["auditLogs"].as_array().unwrap().len()), (9, 11));
}

#[tokio::test]
async fn errors_come_in_every_shape_and_routes_may_be_missing() {
    let bench = Bench::new().await;
    let path = "/v1/organizations/acme/projects/none";
    bench.sim.envelope(Envelope::Flat);
    assert_eq!(bench.read(path).await.json()["error"], "project_not_found");
    bench.sim.envelope(Envelope::TopLevel);
    assert_eq!(bench.read(path).await.json()["code"], "project_not_found");
    bench.sim.envelope(Envelope::Bare);
    assert_eq!(bench.read(path).await.body, "");
    bench.sim.envelope(Envelope::Nested);
    bench.sim.missing("getProject", true);
    let gone = bench.read("/v1/organizations/acme/projects/portal").await;
    assert_eq!((gone.status, gone.body.as_str()), (404, ""));
    assert!(gone.head.contains("x-request-id: "));
    bench.sim.missing("getProject", false);
    assert_eq!(bench.read("/v1/organizations/acme/projects/portal").await.status, 200);
}

#[tokio::test]
async fn an_inactive_subscription_blocks_changes_but_can_be_mended() {
    let bench = Bench::new().await;
    let rename = "PATCH /v1/organizations/initech/projects/reports";
    let refused = bench.call(rename, "actor", &[], r#"{"name":"Reports"}"#).await;
    assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (402, Some("subscription_inactive")));
    let body = r#"{"status":"active","limits":{"users":40},"limitsExpireAt":"2026-11-03T09:00:00Z"}"#;
    let mended = bench.call("PATCH /v1/organizations/initech/subscription", "actor", &[], body).await.json();
    assert_eq!((&mended["status"], &mended["limits"]["users"]), (&"active".into(), &40.into()));
    assert_eq!(bench.call(rename, "actor", &[], r#"{"name":"Reports"}"#).await.status, 200);
    let odd = r#"{"planKey":"starter"}"#;
    assert_eq!(bench.call("PATCH /v1/organizations/initech/subscription", "actor", &[], odd).await.status, 400);
    assert_eq!(bench.world.effects().len(), 2);
}

#[tokio::test]
async fn the_limiter_counts_within_its_window() {
    let bench = Bench::new().await;
    bench.sim.rate_limit(Some(2));
    assert_eq!(bench.read("/healthz").await.status, 200);
    assert_eq!(bench.read("/healthz").await.status, 200);
    let heard = bench.read("/healthz").await;
    assert_eq!(heard.status, 429);
    assert!(heard.head.contains("retry-after: 60"));
}
