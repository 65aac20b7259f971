//! The emulator's traps, looked at from the wire.

use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::sandbox::fault::FaultKind;
use crate::sandbox::world::raw::{self, Heard};

struct Bench {
    sim: Arc<AuthentikSim>,
    world: World,
    faults: Faults,
}

impl Bench {
    async fn new() -> Self {
        let (dial, faults) = (Dial::still(), Faults::default());
        let world = World::acme(dial.clone());
        let keys =
            AuthentikKeys { read_token: "reader".into(), act_token: "actor".into(), login_secret: "login".into() };
        let sim = AuthentikSim::start(dial, faults.clone(), world.clone(), keys).await.unwrap();
        Self { sim, world, faults }
    }

    async fn call(&self, line: &str, token: &str) -> Heard {
        let headers: Vec<String> =
            if token.is_empty() { Vec::new() } else { vec![format!("authorization: Bearer {token}")] };
        raw::call(&self.sim.base_url(), line, &headers, "").await
    }

    async fn read(&self, path: &str) -> Value {
        let heard = self.call(&format!("GET /api/v3/{path}"), "reader").await;
        assert_eq!(heard.status, 200, "{path}: {}", heard.body);
        heard.json()
    }

    async fn count(&self, path: &str) -> i64 {
        self.read(path).await["pagination"]["count"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn tokens_and_slashes_are_looked_at() {
    let bench = Bench::new().await;
    let bad = bench.call("GET /api/v3/core/users/me/", "nobody").await;
    assert_eq!((bad.status, bad.body.as_str()), (403, r#"{"detail":"Token invalid/expired"}"#));
    assert_eq!(bench.call("GET /api/v3/core/users/", "").await.status, 403);
    let moved = bench.call("GET /api/v3/core/users?email=x", "reader").await;
    assert!(moved.status == 301 && moved.head.contains("location: /api/v3/core/users/?email=x"));
    assert_eq!(bench.call("DELETE /api/v3/oauth2/refresh_tokens/501", "actor").await.status, 404);
    assert_eq!(bench.call("DELETE /api/v3/oauth2/refresh_tokens/501/", "reader").await.status, 403);
    assert_eq!(bench.world.effects(), Vec::<String>::new());
}

#[tokio::test]
async fn mail_is_matched_with_regard_to_case_and_may_match_none_or_two() {
    let bench = Bench::new().await;
    for (query, count) in [
        ("email=jo@acme.example", 1),
        ("email=twin@acme.example", 2),
        ("email=ghost@acme.example", 0),
        ("email=nora@acme.example", 0),
        ("search=nora@acme.example", 1),
        ("groups_by_name=SEQN-A", 2),
        ("groups_by_name=SEQN-A&groups_by_name=authentik+Admins", 3),
        ("groups_by_name=SEQN-Support", 0),
    ] {
        assert_eq!(bench.count(&format!("core/users/?{query}")).await, count, "{query}");
    }
    assert_eq!(bench.call("GET /api/v3/core/users/?groups_by_name=SEQN-Z", "reader").await.status, 400);
    let jo = bench.read("core/users/?email=jo@acme.example").await;
    assert_eq!((&jo["results"][0]["pk"], &jo["results"][0]["username"]), (&41.into(), &"jo".into()));
    assert_eq!(bench.count("core/groups/?name=SEQN-A&members_by_pk=5").await, 1);
    assert_eq!(bench.count("core/groups/?name=SEQN-A&members_by_username=jo").await, 0);
}

#[tokio::test]
async fn pages_are_numbered_and_zero_is_no_page() {
    let bench = Bench::new().await;
    let first = bench.read("core/users/").await;
    let (pages, results) = (&first["pagination"], first["results"].as_array().unwrap());
    assert_eq!((results.len(), &pages["next"], &pages["previous"]), (20, &2.into(), &0.into()));
    let second = bench.read("core/users/?page=2").await;
    assert_eq!((&second["pagination"]["next"], &second["pagination"]["end_index"]), (&0.into(), &40.into()));
    assert_eq!(bench.read("core/users/?page_size=3").await["results"].as_array().unwrap().len(), 3);
    assert_eq!(bench.call("GET /api/v3/core/users/?page=9", "reader").await.status, 404);
}

#[tokio::test]
async fn ending_a_session_ends_its_access_tokens_and_leaves_refresh_tokens() {
    let bench = Bench::new().await;
    let uuid = bench.world.identity_session_uuid("jo_laptop").unwrap();
    let line = format!("DELETE /api/v3/core/authenticated_sessions/{uuid}/");
    assert_eq!(bench.call(&line, "actor").await.status, 204);
    assert_eq!(bench.call(&line, "actor").await.status, 404);
    assert_eq!(bench.count("core/authenticated_sessions/?user__username=jo").await, 1);
    assert_eq!(bench.count("oauth2/access_tokens/?user=41").await, 1);
    assert_eq!(bench.count("oauth2/refresh_tokens/?user=41").await, 1);
    assert_eq!(bench.call("DELETE /api/v3/oauth2/refresh_tokens/501/", "actor").await.status, 204);
    assert_eq!(
        bench.world.effects(),
        [format!("authentik end-session {uuid}"), "authentik end-refresh-token 501".into()]
    );
    assert_eq!(bench.world.look("identity-session jo_laptop").as_deref(), Some("ended"));
    assert_eq!(bench.world.look("revocations 501").as_deref(), Some("1"));
}

#[tokio::test]
async fn a_dropped_answer_is_an_effect_without_a_byte() {
    let bench = Bench::new().await;
    bench.faults.arm("authentik", "DELETE", FaultKind::DropAfter, 1);
    let request =
        "DELETE /api/v3/oauth2/refresh_tokens/501/ HTTP/1.1\r\nhost: x\r\nauthorization: Bearer actor\r\n\r\n";
    assert_eq!(raw::bytes(&bench.sim.base_url(), request).await, "");
    assert_eq!(bench.world.effects(), ["authentik end-refresh-token 501"]);
}

#[tokio::test]
async fn releases_differ_where_the_real_ones_do() {
    let bench = Bench::new().await;
    let bulk = "DELETE /api/v3/core/authenticated_sessions/bulk_delete/?user_pks=41&user_pks=44";
    bench.sim.version("2025.8");
    assert_eq!(bench.call(bulk, "actor").await.status, 404);
    assert_eq!(bench.call("GET /-/health/live/", "").await.status, 204);
    let group = &bench.read("core/groups/?name=SEQN-A").await["results"][0];
    assert!(group.get("parent_name").is_some() && group.get("parents").is_none());
    assert!(bench.read("core/users/me/").await.get("users").is_none());
    bench.sim.version("2026.8");
    assert_eq!(bench.call("GET /-/health/live/", "").await.status, 200);
    let group = &bench.read("core/groups/?name=SEQN-A").await["results"][0];
    assert!(group.get("parent_name").is_none() && group.get("parents").is_some());
    assert!(bench.read("core/users/me/").await["users"].is_array());
    assert_eq!(bench.read("admin/version/").await["version_current"], "2026.8.5");
    assert_eq!(bench.call(bulk, "actor").await.body, r#"{"deleted":3}"#);
}

#[tokio::test]
async fn a_blind_token_sees_empty_lists_and_ends_nothing() {
    let bench = Bench::new().await;
    bench.sim.blind(true);
    for list in ["core/users/", "core/groups/", "core/authenticated_sessions/", "events/events/", "providers/oauth2/"] {
        assert_eq!(bench.count(list).await, 0, "{list}");
    }
    assert_eq!(bench.read("core/users/me/").await["user"]["username"], "seqn-chatops-read");
    assert_eq!(bench.call("DELETE /api/v3/oauth2/refresh_tokens/501/", "actor").await.status, 404);
    assert_eq!(bench.world.effects(), Vec::<String>::new());
}

#[tokio::test]
async fn events_have_the_filters_traps() {
    let bench = Bench::new().await;
    let by_part = bench.count("events/events/?action=login").await;
    let exact = bench.count("events/events/?actions=login").await;
    assert!(by_part > exact);
    // A failed login hangs on no user.
    assert_eq!(bench.count("events/events/?actions=login_failed&username=jo").await, 0);
    assert_eq!(bench.count("events/events/?actions=login_failed&search=jo").await, 2);
    assert_eq!(bench.call("GET /api/v3/events/events/?actions=nonsense", "reader").await.status, 400);
    let provider = bench.read("providers/oauth2/?client_id=silver-auth").await;
    assert!(bench.world.secrets().iter().any(|s| provider["results"][0]["client_secret"] == s.as_str()));
}

#[tokio::test]
async fn discovery_names_its_own_address_unless_bent() {
    let bench = Bench::new().await;
    let path = "GET /application/o/silver-auth/.well-known/openid-configuration";
    let found = bench.call(path, "").await.json();
    let own = format!("{}/application/o/silver-auth/", bench.sim.base_url());
    assert_eq!(found["issuer"], own.as_str());
    let keys = format!("GET {}", found["jwks_uri"].as_str().unwrap().replace(&bench.sim.base_url(), ""));
    assert_eq!(bench.call(&keys, "").await.json()["keys"].as_array().unwrap().len(), 1);
    bench.sim.no_keys(true);
    assert_eq!(bench.call(&keys, "").await.body, r#"{"keys":[]}"#);
    bench.sim.issuer_wrong(true);
    assert_ne!(bench.call(path, "").await.json()["issuer"], own.as_str());
    bench.sim.not_ready(true);
    assert_eq!(bench.call("GET /-/health/ready/", "").await.status, 503);
    assert_eq!(bench.call("GET /application/o/other/.well-known/openid-configuration", "").await.status, 404);
}
