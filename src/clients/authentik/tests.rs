//! The Authentik client against small servers.

use serde_json::{Value, json};

use super::super::loopback::{Loopback, bare, guard, json as reply};
use super::*;

fn config(server: &Loopback) -> AuthentikConfig {
    AuthentikConfig {
        base: server.url.clone(),
        read_token: Some(Secret::new("reads-only")),
        act_token: Some(Secret::new("acts-only")),
    }
}

fn reader(server: &Loopback) -> AuthentikReader {
    AuthentikReader::new(&config(server), &guard(), Deadlines::default()).expect("a client")
}

fn actor(server: &Loopback) -> AuthentikActor {
    AuthentikActor::new(&config(server), &guard(), Deadlines::default()).expect("a client")
}

fn jo() -> Email {
    "jo@acme.example".parse().expect("an address")
}

fn identity() -> Identity {
    Identity { id: 7, username: "jo smith".into(), email: "jo@acme.example".into(), active: true }
}

fn page(results: &Value, next: f64) -> Value {
    json!({"pagination": {"next": next, "count": 9}, "results": results, "autocomplete": {}})
}

#[tokio::test]
async fn people_are_found_whatever_the_case() {
    let server = Loopback::start(|line| {
        let users = json!([
            {"pk": 7, "username": "jo", "email": "Jo@ACME.example", "is_active": true},
            {"pk": 8, "username": "joan", "email": "jo@acme.example.org", "is_active": true},
        ]);
        let users = if line.contains("search=") { users } else { json!([]) };
        reply(200, &page(&users, 0.0))
    })
    .await;
    let found = reader(&server).find(&jo()).await.expect("identities");
    assert_eq!(found, [Identity { id: 7, username: "jo".into(), email: "Jo@ACME.example".into(), active: true }]);
    let asked = |what: &str| server.lines().iter().filter(|line| line.contains(what)).count();
    assert_eq!((asked("?email=jo%40acme.example"), asked("?search=jo%40acme.example")), (1, 1), "side by side");
    assert_eq!(server.seen()[0].headers["authorization"], "Bearer reads-only");
}

#[tokio::test]
async fn nobody_is_believed_only_with_a_good_credential() {
    let find = async |me: u16, somebody: bool| {
        let server = Loopback::start(move |line| match line {
            l if l.contains("/me/") => reply(me, &json!({"user": {"pk": 3}, "detail": "Token invalid/expired"})),
            l if l.contains("page_size=1") && !l.contains("page_size=100") && somebody => {
                reply(200, &page(&json!([{"pk": 3, "username": "bot"}]), 2.0))
            }
            _ => reply(200, &page(&json!([]), 0.0)),
        })
        .await;
        reader(&server).find(&jo()).await.map_err(|error| error.fault)
    };
    assert_eq!(find(200, true).await, Ok(vec![]));
    assert_eq!(find(403, true).await, Err(Fault::Forbidden));
    assert_eq!(find(200, false).await, Err(Fault::Forbidden), "it may see nobody");
}

#[tokio::test]
async fn a_search_that_is_refused_does_not_hide_an_exact_match() {
    let server = Loopback::start(|line| {
        if line.contains("search=") {
            reply(400, &json!({"search": ["Syntax error."]}))
        } else {
            reply(200, &page(&json!([{"pk": 7, "username": "jo", "email": "jo@acme.example"}]), 0.0))
        }
    })
    .await;
    assert_eq!(reader(&server).find(&jo()).await.map(|found| found.len()), Ok(1));
}

#[tokio::test]
async fn failed_sign_ins_are_searched_for_until_they_are_too_old() {
    let event = |id: &str, name: &str, hour: u8| {
        let created = format!("2026-05-12T{hour:02}:00:00Z");
        json!({"pk": id, "action": "login_failed", "created": created, "context": {"username": name},
            "user": {"username": "AnonymousUser"}})
    };
    let server = Loopback::start(move |line| {
        let second = line.ends_with("page=2");
        match (line.contains("search=jo+smith"), line.contains("search=jo%40acme.example")) {
            (true, _) if second => {
                reply(200, &page(&json!([event("e-3", "jo smith", 9), event("e-4", "jo smith", 3)]), 3.0))
            }
            (true, _) => {
                reply(200, &page(&json!([event("e-1", "jo smith", 12), event("e-2", "jo smithers", 11)]), 2.0))
            }
            (_, true) => {
                reply(200, &page(&json!([event("e-1", "jo smith", 12), event("e-5", "JO@acme.example", 10)]), 0.0))
            }
            _ => reply(400, &json!({})),
        }
    })
    .await;
    let since = Millis::from_rfc3339("2026-05-12T08:00:00Z").expect("a time");
    let found = reader(&server).events(&identity(), &["login_failed"], since).await.expect("events");
    assert_eq!(found.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["e-1", "e-5", "e-3"]);
    assert!(!server.lines().iter().any(|line| line.ends_with("page=3")), "what is older is not read");
}

#[tokio::test]
async fn sessions_are_read_from_all_pages_and_filtered() {
    let server = Loopback::start(|line| {
        if line.ends_with("page=1") {
            reply(200, &page(&json!([{"uuid": "a-1", "user": 7}, {"uuid": "b-1", "user": 8}]), 2.0))
        } else {
            reply(200, &page(&json!([{"uuid": "a-2", "user": 7}]), 0.0))
        }
    })
    .await;
    let sessions = reader(&server).sessions(&identity()).await.expect("sessions");
    assert_eq!(sessions.iter().map(|s| s.uuid.as_str()).collect::<Vec<_>>(), ["a-1", "a-2"]);
    assert!(server.lines()[0].contains("/api/v3/core/authenticated_sessions/?user__username=jo+smith&"));
}

#[tokio::test]
async fn endless_and_foreign_lists_are_errors() {
    let circle = Loopback::start(|_| reply(200, &page(&json!([]), 1.0))).await;
    assert_eq!(reader(&circle).sessions(&identity()).await.expect_err("a circle").fault, Fault::Garbled);
    let endless = Loopback::start(|line| {
        let number: f64 = line.rsplit('=').next().and_then(|n| n.parse().ok()).unwrap_or_default();
        reply(200, &page(&json!([]), number + 1.0))
    })
    .await;
    let fault = reader(&endless).sessions(&identity()).await.expect_err("no end").fault;
    assert_eq!(fault, Fault::Refused { status: 200, code: "too_many_pages".into() });
    let missing = Loopback::start(|_| reply(404, &json!({"detail": "Not found."}))).await;
    assert_eq!(reader(&missing).refresh_tokens(&identity()).await.expect_err("no list").fault, Fault::NoRoute);
    let expired = Loopback::start(|line| {
        if line.contains("/me/") {
            reply(403, &json!({"detail": "Token invalid/expired"}))
        } else {
            reply(200, &page(&json!([]), 0.0))
        }
    })
    .await;
    let error = reader(&expired).refresh_tokens(&identity()).await.expect_err("not believed");
    assert_eq!((error.fault, error.text.as_str()), (Fault::Forbidden, "Token invalid/expired"));
}

#[tokio::test]
async fn living_refresh_tokens_only() {
    let server = Loopback::start(|_| {
        let tokens = json!([
            {"pk": 1, "user": {"pk": 7}, "provider": {"name": "Silver"}},
            {"pk": 2, "user": {"pk": 7}, "is_expired": true},
        ]);
        reply(200, &page(&tokens, 0.0))
    })
    .await;
    let tokens = reader(&server).refresh_tokens(&identity()).await.expect("tokens");
    assert_eq!(tokens.iter().map(|t| t.id).collect::<Vec<_>>(), [1]);
    assert!(server.lines()[0].contains("/api/v3/oauth2/refresh_tokens/?user=7&"));
}

#[tokio::test]
async fn ending_uses_the_acting_credential_and_tells_gone_from_missing() {
    let server = Loopback::start(|line| match line {
        l if l.contains("gone") => reply(404, &json!({"detail": "No AuthenticatedSession matches."})),
        l if l.contains("lost") => bare(404, "<html>"),
        _ => bare(204, ""),
    })
    .await;
    let actor = actor(&server);
    assert_eq!(actor.end_session("aa-1").await, Ok(()));
    assert_eq!(actor.end_refresh_token(5).await, Ok(()));
    assert_eq!(actor.end_session("gone").await.expect_err("gone").fault, Fault::NotFound);
    assert_eq!(actor.end_session("lost").await.expect_err("lost").fault, Fault::NoRoute);
    for bad in ["", "..", "a/b", "bulk_delete"] {
        let error = actor.end_session(bad).await.expect_err("not sent");
        assert!(!error.ambiguous() && error.fault != Fault::NotFound, "{bad}");
    }
    let lines = server.lines();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], "DELETE /api/v3/core/authenticated_sessions/aa-1/");
    assert_eq!(lines[1], "DELETE /api/v3/oauth2/refresh_tokens/5/");
    assert_eq!(server.seen()[0].headers["authorization"], "Bearer acts-only");
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = Loopback::start(|_| bare(204, "")).await;
    let none = AuthentikConfig { act_token: None, ..config(&server) };
    let actor = AuthentikActor::new(&none, &guard(), Deadlines::default()).expect("a client");
    assert_eq!(actor.end_session("aa-1").await.expect_err("no credential").fault, Fault::NoRoute);
    assert!(server.seen().is_empty());
}
