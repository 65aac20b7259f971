//! The SEQN client against small servers.

use serde_json::json;

use crate::guard::Secret;
use crate::model::{Email, KeyOwner, Millis};
use crate::ports::{AuditEntry, AuditQuery, Behalf, SeqnAct, SeqnRead};

use super::super::loopback::{Loopback, bare, guard, json as reply};
use super::super::routes::Found;
use super::*;

fn org() -> OrgSlug {
    "acme".parse().expect("a slug")
}

fn jo() -> Email {
    "jo+1@acme.example".parse().expect("an address")
}

fn clients(server: &Loopback, edit: impl FnOnce(&mut SeqnConfig)) -> (SeqnReader, SeqnActor) {
    let enabled = RouteSetting { enabled: true, ..RouteSetting::default() };
    let mut config = SeqnConfig {
        base: server.url.clone(),
        console: server.url.join("/auth/console").expect("a URL"),
        read_token: Some(Secret::new("reads-only")),
        act_token: Some(Secret::new("acts-only")),
        auth_header: "Authorization".into(),
        routes: BTreeMap::from([("revokeSession".to_owned(), enabled)]),
    };
    edit(&mut config);
    connect(&config, &guard(), Deadlines::default()).expect("clients")
}

async fn end(actor: &SeqnActor) -> Result<(), PortError> {
    let (session, by) = ("ses_1".parse().expect("an id"), "st_kim".parse().expect("an id"));
    actor.end_session(&org(), &session, Behalf { staff: &by, key: "key-1" }).await
}

#[tokio::test]
async fn sessions_come_from_all_pages_with_the_reading_credential() {
    let server = Loopback::start(|line| {
        let session = |id: &str, day: u8| {
            json!({"id": id, "userId": "u1", "email": "jo+1@acme.example",
            "status": "active", "createdAt": format!("2026-05-0{day}T00:00:00Z")})
        };
        if line.contains("cursor=c%2F1") {
            reply(200, &json!({"sessions": [session("ses_2", 2)], "nextCursor": null}))
        } else {
            reply(200, &json!({"sessions": [session("ses_1", 1)], "nextCursor": "c/1"}))
        }
    })
    .await;
    let (reader, _) = clients(&server, |_| {});
    let sessions = reader.sessions(&org(), &jo()).await.expect("sessions");
    assert_eq!(sessions.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["ses_2", "ses_1"]);
    assert_eq!(server.lines()[0], "GET /v1/organizations/acme/sessions?email=jo%2B1%40acme.example");
    assert_eq!(server.seen()[1].headers["authorization"], "Bearer reads-only");
}

#[tokio::test]
async fn a_leaked_key_s_project_is_found_by_its_prefix_alone() {
    let server = Loopback::start(|_| {
        let project = |slug: &str, prefix: &str| {
            json!({"id": slug, "slug": slug, "organizationSlug": "acme", "status": "active", "secretKeyPrefix": prefix})
        };
        reply(200, &json!({"projects": [project("web", "k_begins"), project("app", "k_other"), {"id": "x"}]}))
    })
    .await;
    let (reader, _) = clients(&server, |_| {});
    let owners = reader.projects_by_key_prefix("k_begins").await.expect("projects");
    assert_eq!(owners, [KeyOwner { org: "acme".into(), project: "web".into() }], "the server may not know the filter");
    assert_eq!(server.lines(), ["GET /v1/projects?secretKeyPrefix=k_begins"]);
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error() {
    let circle = Loopback::start(|_| reply(200, &json!({"sessions": [], "nextCursor": "c1"}))).await;
    let error = clients(&circle, |_| {}).0.sessions(&org(), &jo()).await.expect_err("a circle");
    assert_eq!(error.fault, Fault::Garbled);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let endless = Loopback::start(move |_| {
        let next = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        reply(200, &json!({"sessions": [], "nextCursor": next}))
    })
    .await;
    let error = clients(&endless, |_| {}).0.sessions(&org(), &jo()).await.expect_err("no end");
    assert_eq!(error.fault, Fault::Refused { status: 200, code: "too_many_pages".into() });
    assert_eq!(endless.seen().len(), PAGES_MOST);
    let other = Loopback::start(|_| reply(200, &json!({"ok": true}))).await;
    let error = clients(&other, |_| {}).0.sessions(&org(), &jo()).await.expect_err("no list");
    assert_eq!(error.fault, Fault::Garbled);
}

#[tokio::test]
async fn a_404_is_believed_only_with_its_code() {
    let fault = async |body: &'static str| {
        let server = Loopback::start(move |_| bare(404, body)).await;
        let (reader, actor) = clients(&server, |_| {});
        let read = reader.sessions(&org(), &jo()).await.expect_err("404").fault;
        let acted = end(&actor).await.expect_err("404").fault;
        (read, acted)
    };
    for body in ["", "<html>", "Not Found", r#"{"message":"Route not found"}"#] {
        assert_eq!(fault(body).await, (Fault::NoRoute, Fault::NoRoute), "{body}");
    }
    for body in [
        r#"{"error":{"code":"organization_not_found"}}"#,
        r#"{"error":"session_not_found"}"#,
        r#"{"code":"user_not_found"}"#,
    ] {
        assert_eq!(fault(body).await, (Fault::NotFound, Fault::NotFound), "{body}");
    }
}

#[tokio::test]
async fn the_canary_tells_routes_apart() {
    let server = Loopback::start(|line| match line {
        l if l.contains("/sessions") => bare(404, ""),
        l if l.contains("/members") => reply(403, &json!({"error": {"code": "forbidden"}})),
        l if l.contains("/audit-logs") => bare(503, ""),
        _ => reply(200, &json!({"slug": "canary"})),
    })
    .await;
    let (reader, _) = clients(&server, |_| {});
    let reports = reader.probe_routes(&"canary".parse().expect("a slug")).await;
    let found: Vec<_> = reports.iter().map(|report| (report.name, report.found)).collect();
    assert_eq!(
        found,
        [
            ("listSessions", Found::Missing),
            ("listAuditLogs", Found::Unknown),
            ("listMembers", Found::NoRight),
            ("getOrganization", Found::There),
            ("findProjects", Found::There),
            ("getSubscription", Found::There),
            ("getUsage", Found::There),
            ("findUsers", Found::There),
            ("listWebhooks", Found::There),
        ]
    );
    assert!(
        server.lines().iter().all(|line| line.starts_with("GET ") && line.contains("canary") | line.contains("audit"))
    );
    assert!(matches!(reader.mode(Operation::ListSessions), Mode::Console { .. }));
    assert_eq!(reader.mode(Operation::ListMembers), Mode::Api);
    let asked = server.seen().len();
    assert_eq!(reader.sessions(&org(), &jo()).await.expect_err("no route").fault, Fault::NoRoute);
    assert_eq!(server.seen().len(), asked, "a missing route is not asked again");
}

#[tokio::test]
async fn an_unknown_canary_proves_nothing() {
    let server = Loopback::start(|_| reply(404, &json!({"error": {"code": "organization_not_found"}}))).await;
    let (reader, _) = clients(&server, |_| {});
    let reports = reader.probe_routes(&org()).await;
    assert!(reports.iter().all(|report| report.found == Found::Unknown));
    assert_eq!(reader.mode(Operation::ListSessions), Mode::Api);
}

#[tokio::test]
async fn ending_a_session_says_for_whom_and_with_which_key() {
    let server = Loopback::start(|_| bare(204, "")).await;
    let (_, actor) = clients(&server, |config| config.auth_header = "X-Service-Token".into());
    assert_eq!(end(&actor).await, Ok(()));
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "DELETE /v1/organizations/acme/sessions/ses_1");
    assert_eq!(seen.headers["idempotency-key"], "key-1");
    assert_eq!(seen.headers["x-seqn-on-behalf-of"], "st_kim");
    assert_eq!(seen.headers["x-service-token"], "acts-only");
    assert!(!seen.headers.contains_key("authorization"));
}

#[tokio::test]
async fn what_is_off_or_has_no_credential_sends_nothing() {
    let server = Loopback::start(|_| bare(204, "")).await;
    let (_, not_enabled) = clients(&server, |config| config.routes.clear());
    let (_, no_token) = clients(&server, |config| config.act_token = None);
    let (no_reading, _) = clients(&server, |config| config.read_token = None);
    for result in [end(&not_enabled).await, end(&no_token).await] {
        assert_eq!(result.expect_err("console mode").fault, Fault::NoRoute);
    }
    assert_eq!(no_reading.sessions(&org(), &jo()).await.expect_err("console mode").fault, Fault::NoRoute);
    assert!(no_reading.probe_routes(&org()).await.iter().all(|report| report.found == Found::Unknown));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn the_audit_log_stops_at_what_was_asked() {
    let server = Loopback::start(|line| {
        let entry = |id: &str, day: u8| {
            json!({"id": id, "action": "session.revoked", "organizationSlug": "acme",
            "createdAt": format!("2026-05-0{day}T00:00:00Z")})
        };
        if line.contains("cursor=") {
            reply(200, &json!({"auditLogs": [entry("c", 3), entry("d", 1)], "nextCursor": "c2"}))
        } else {
            reply(200, &json!({"auditLogs": [entry("a", 5), entry("b", 4)], "nextCursor": "c1"}))
        }
    })
    .await;
    let (reader, _) = clients(&server, |_| {});
    let since = Millis::from_rfc3339("2026-05-02T00:00:00Z").expect("a time");
    let query = AuditQuery { org: "acme".into(), since, most: 500, ..AuditQuery::default() };
    let ids = |entries: Vec<AuditEntry>| entries.into_iter().map(|e| e.id).collect::<Vec<_>>();
    assert_eq!(ids(reader.audit_log(&query).await.expect("entries")), ["a", "b", "c"]);
    assert_eq!(server.lines()[0], "GET /v1/audit-logs?organization=acme&since=2026-05-02T00%3A00%3A00Z&limit=200");
    let few = AuditQuery { most: 1, ..query };
    assert_eq!(ids(reader.audit_log(&few).await.expect("entries")), ["a"]);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn an_audit_log_out_of_order_is_read_to_its_end() {
    let server = Loopback::start(|line| {
        let entry =
            |id: &str, day: u8| json!({"id": id, "action": "login", "createdAt": format!("2026-05-0{day}T00:00:00Z")});
        if line.contains("cursor=") {
            reply(200, &json!({"auditLogs": [entry("c", 5)]}))
        } else {
            reply(200, &json!({"auditLogs": [entry("a", 1), entry("b", 4)], "nextCursor": "c1"}))
        }
    })
    .await;
    let query = AuditQuery { most: 1, ..AuditQuery::default() };
    let entries = clients(&server, |_| {}).0.audit_log(&query).await.expect("entries");
    assert_eq!(entries.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["c"]);
}

#[test]
fn only_safe_addresses_are_taken() {
    let config = SeqnConfig {
        base: "http://accounts.seqn.in".parse().expect("a URL"),
        console: "https://accounts.seqn.in/auth/console".parse().expect("a URL"),
        read_token: None,
        act_token: None,
        auth_header: "Authorization".into(),
        routes: BTreeMap::new(),
    };
    let error = connect(&config, &guard(), Deadlines::default()).err().expect("a sentence");
    assert!(error.to_string().contains("https"), "{error}");
}
