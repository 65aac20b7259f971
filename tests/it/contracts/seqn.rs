//! SEQN Auth: every operation of its description is asked of the emulator, and the client asks nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use seqn_chatops::clients::{Deadlines, RouteSetting, SeqnActor, SeqnConfig, SeqnReader, connect_seqn, operations};
use seqn_chatops::guard::Secret;
use seqn_chatops::model::{KeyOf, Millis, OrgSlug, ProjectChange, SubscriptionChange};
use seqn_chatops::ports::{AuditQuery, Behalf, Fault, SeqnAct, SeqnRead};
use seqn_chatops::sandbox::dial::Dial;
use seqn_chatops::sandbox::fault::Faults;
use seqn_chatops::sandbox::seqn::{SeqnKeys, SeqnSim};
use seqn_chatops::sandbox::world::World;
use serde_json::{Value, json};

use super::{answers_as_declared, ask, asks_what_exists, guard};
use crate::specs::{Operation, Specs, accepts};

const FILE: &str = "seqn-openapi.yaml";

/// The changing routes that the bot uses.
const CHANGING: [&str; 7] = [
    "revokeSession",
    "updateMemberRole",
    "updateProject",
    "updateSubscription",
    "testWebhook",
    "rotateProjectSecret",
    "rotateWebhookSecret",
];

/// Reading requests: path and status.
const READS: [(&str, u16); 21] = [
    ("/healthz", 200),
    ("/v1/config", 200),
    ("/v1/client/config", 400),
    ("/v1/client/config?publishable_key=pk_live_none", 404),
    ("/auth/console", 302),
    ("/v1/me", 200),
    ("/v1/audit-logs?actor=jo@acme.example&limit=5", 200),
    ("/v1/users?email=jo@acme.example", 200),
    ("/v1/organizations/acme", 200),
    ("/v1/organizations/nowhere", 404),
    ("/v1/organizations/acme/members?email=jo@acme.example", 200),
    ("/v1/organizations/acme/sessions?email=jo@acme.example&status=active", 200),
    ("/v1/organizations/nowhere/sessions", 404),
    ("/v1/organizations/acme/projects", 200),
    ("/v1/organizations/acme/projects/portal", 200),
    ("/v1/organizations/acme/projects/none", 404),
    ("/v1/organizations/acme/subscription", 200),
    ("/v1/organizations/acme/usage", 200),
    ("/v1/organizations/acme/webhooks", 200),
    ("/v1/organizations/acme/webhooks/wh_orders/deliveries?limit=5", 200),
    ("/v1/projects?secretKeyPrefix=sk_live_none", 200),
];

async fn emulator() -> Arc<SeqnSim> {
    let dial = Dial::still();
    let keys = SeqnKeys { read_token: "reader".into(), act_token: "actor".into() };
    SeqnSim::start(dial.clone(), Faults::default(), World::acme(dial), keys).await.unwrap()
}

/// Changing requests: method, path, body. The member's id is looked up first.
fn changes(member: &str) -> [(&'static str, String, Value); 7] {
    let org = "/v1/organizations/acme";
    [
        ("PATCH", format!("{org}/members/{member}"), json!({"role": "member"})),
        ("DELETE", format!("{org}/sessions/ses_jo_laptop"), Value::Null),
        ("PATCH", format!("{org}/projects/portal"), json!({"name": "Acme Portal"})),
        ("POST", format!("{org}/projects/portal/rotate-secret"), Value::Null),
        ("PATCH", format!("{org}/subscription"), json!({"status": "active", "planKey": "pro"})),
        ("POST", format!("{org}/webhooks/wh_orders/test"), Value::Null),
        ("POST", format!("{org}/webhooks/wh_orders/rotate-secret"), Value::Null),
    ]
}

#[tokio::test]
async fn every_operation_is_answered_as_it_is_described() {
    let Some(specs) = Specs::open("every_operation_is_answered_as_it_is_described") else { return };
    let (document, sim) = (specs.read(FILE), emulator().await);
    let base = sim.base_url();
    let members = ask(&base, "GET", "/v1/organizations/acme/members", Some("reader"), None).await;
    let member = members.body["members"][0]["id"].as_str().unwrap().to_owned();
    let mut asked = BTreeSet::new();
    let config = format!("/v1/client/config?publishable_key={}", World::canary_publishable_key());
    let secret = World::canary_secret_key();
    let reads = READS.iter().map(|(path, status)| ((*path).to_owned(), *status, "reader"));
    let with_keys = [
        (config, 200, "reader"),
        ("/v1/backend/application".into(), 200, secret.as_str()),
        ("/v1/backend/application".into(), 401, "nobody"),
        ("/v1/me".into(), 401, "nobody"),
    ];
    for (path, status, token) in reads.chain(with_keys) {
        let operation = Operation::find(&document, "GET", path.split('?').next().unwrap_or_default()).unwrap();
        let heard = ask(&base, "GET", &path, Some(token), None).await;
        assert_eq!(heard.status, status, "GET {path}: {}", heard.body);
        if status < 400 || !heard.body.is_null() {
            seen(&operation, &format!("GET {path}"), &heard);
        }
        asked.insert(operation.id().to_owned());
    }
    for (method, path, body) in changes(&member) {
        let operation = Operation::find(&document, method, &path).unwrap();
        if !body.is_null() {
            accepts(&path, &operation.request(), &body);
        }
        let body = (!body.is_null()).then_some(&body);
        let heard = ask(&base, method, &path, Some("actor"), body).await;
        seen(&operation, &format!("{method} {path}"), &heard);
        asked.insert(operation.id().to_owned());
    }
    assert_eq!(asked, described(&document), "every operation of the description is asked");
}

/// What SEQN Auth shows of a key: its own beginning and eight characters.
const PREFIX_CHARS: usize = 16;

/// Errors have an envelope of which nothing is required, so a judge of them is blind by its own description.
fn seen(operation: &Operation<'_>, what: &str, heard: &super::Heard) {
    let envelope = heard.status >= 400;
    let free = matches!(operation.id(), "legacyConfig" | "health" | "me" | "getUsage");
    if !envelope && !free {
        return answers_as_declared(operation, what, heard);
    }
    let declared = operation.answer(heard.status).unwrap_or_else(|| panic!("{what}: {} is not declared", heard.status));
    assert!(declared.is_none_or(|judge| judge.is_valid(&heard.body)), "{what}: {}", heard.body);
    if envelope {
        assert!(heard.body["error"]["code"].is_string(), "{what}: {}", heard.body);
    }
}

fn described(document: &Value) -> BTreeSet<String> {
    let items = document["paths"].as_object().unwrap().values().filter_map(Value::as_object);
    items
        .flat_map(|item| item.values())
        .filter_map(|operation| Some(operation["operationId"].as_str()?.into()))
        .collect()
}

fn clients(sim: &SeqnSim) -> (SeqnReader, SeqnActor) {
    let enabled = RouteSetting { enabled: true, ..RouteSetting::default() };
    let config = SeqnConfig {
        base: sim.base_url().parse().unwrap(),
        console: format!("{}/auth/console", sim.base_url()).parse().unwrap(),
        read_token: Some(Secret::new("reader")),
        act_token: Some(Secret::new("actor")),
        auth_header: "Authorization".into(),
        routes: CHANGING.map(|name| (name.to_owned(), enabled.clone())).into(),
    };
    connect_seqn(&config, &guard(), Deadlines::default()).unwrap()
}

#[tokio::test]
async fn a_leaked_key_s_project_is_found_by_its_prefix() {
    let sim = emulator().await;
    let (reader, _) = clients(&sim);
    let prefix: String = World::canary_secret_key().chars().take(PREFIX_CHARS).collect();
    let owners = reader.projects_by_key_prefix(&prefix).await.unwrap();
    assert_eq!(owners.iter().map(|o| (o.org.as_str(), o.project.as_str())).collect::<Vec<_>>(), [("canary", "canary")]);
    assert!(reader.projects_by_key_prefix("no_such_key").await.unwrap().is_empty());
    sim.missing("findProjects", true);
    let error = reader.projects_by_key_prefix(&prefix).await.unwrap_err();
    assert_eq!(error.fault, Fault::NoRoute);
}

#[tokio::test]
async fn the_client_asks_only_what_is_described() {
    let Some(specs) = Specs::open("the_client_asks_only_what_is_described") else { return };
    let (document, sim) = (specs.read(FILE), emulator().await);
    let (reader, actor) = clients(&sim);
    let org: OrgSlug = "acme".parse().unwrap();
    let sessions = reader.sessions(&org, &"jo@acme.example".parse().unwrap()).await.unwrap();
    assert!(sessions.len() > 2, "pages are read to the end");
    let query = AuditQuery { org: org.to_string(), actor: "jo@acme.example".into(), ..AuditQuery::default() };
    assert!(!reader.audit_log(&query).await.unwrap().is_empty());
    let subscription = reader.subscription(&org).await.unwrap();
    assert_eq!((subscription.plan.as_str(), subscription.status.as_str()), ("pro", "active"));
    assert!(subscription.end > subscription.start && subscription.limits.users == Some(10_000));
    assert!(reader.usage(&org).await.unwrap().users.is_some_and(|users| users > 2));
    of_everything_else(&reader, &org).await;
    let nowhere = reader.subscription(&"nowhere".parse().unwrap()).await.unwrap_err();
    assert_eq!(nowhere.fault, Fault::NotFound);
    reader.probe_routes(&org).await;
    let (by, key) = ("st_kim".parse().unwrap(), "key-1");
    of_every_change(&actor, &org, Behalf { staff: &by, key }).await;
    let mut asked = BTreeSet::new();
    for request in sim.requests() {
        let id = asks_what_exists(&document, "", &request);
        let operation = Operation::find(&document, &request.method, &request.path).unwrap();
        if request.method != "GET" {
            assert!(operation.takes("header", "idempotency-key"), "{id}");
            assert!(request.header("idempotency-key").is_some_and(|sent| sent.starts_with("key-")), "{id}");
            if !request.body.is_empty() {
                accepts(&id, &operation.request(), &serde_json::from_str(&request.body).unwrap());
            }
            assert_eq!(request.header("x-seqn-on-behalf-of"), Some("st_kim"), "{id}");
        }
        asked.insert(id);
    }
    for (wanted, _) in operations() {
        assert!(asked.contains(wanted), "{wanted} was not asked: {asked:?}");
    }
    assert!(asked.contains("clientConfig"));
}

async fn of_every_change(actor: &SeqnActor, org: &OrgSlug, of: Behalf<'_>) {
    actor.end_session(org, &"ses_jo_laptop".parse().unwrap(), of).await.unwrap();
    let numbered = |key| Behalf { key, ..of };
    actor.set_role(org, "mem_acme_jo", "admin", numbered("key-2")).await.unwrap();
    let origins = Some(vec!["https://portal.acme.example".to_owned()]);
    let project = ProjectChange { origins, ..ProjectChange::default() };
    actor.write_project(org, &"portal".parse().unwrap(), &project, numbered("key-3")).await.unwrap();
    let plan = SubscriptionChange {
        plan: Some("scale".into()),
        users: Some(7),
        limits_end: Millis::from_rfc3339("2031-01-01T00:00:00Z"),
        ..SubscriptionChange::default()
    };
    actor.write_subscription(org, &plan, numbered("key-4")).await.unwrap();
    actor.send_test_event(org, "wh_orders", numbered("key-5")).await.unwrap();
    for (key, number) in
        [(KeyOf::Project("portal".parse().unwrap()), "key-6"), (KeyOf::Webhook("wh_orders".into()), "key-7")]
    {
        let made = actor.rotate_key(org, &key, numbered(number)).await.unwrap();
        assert!(made.value.expose().starts_with(&made.prefix) && made.prefix.len() > 10, "{key:?}");
    }
}

/// A new key's beginning is what SEQN Auth lists from then on: that is how a rotation is proved.
#[tokio::test]
async fn a_rotated_key_is_listed_by_its_beginning_and_each_call_makes_another() {
    let sim = emulator().await;
    let (reader, actor) = clients(&sim);
    let (org, by): (OrgSlug, _) = ("acme".parse().unwrap(), "st_kim".parse().unwrap());
    let (project, webhook) = (KeyOf::Project("portal".parse().unwrap()), KeyOf::Webhook("wh_orders".into()));
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        let of = Behalf { staff: &by, key: "the same" };
        let made = actor.rotate_key(&org, &project, of).await.unwrap();
        assert_eq!(reader.project(&org, &"portal".parse().unwrap()).await.unwrap().secret_prefix, made.prefix);
        seen.insert(made.prefix);
        let made = actor.rotate_key(&org, &webhook, of).await.unwrap();
        let listed = reader.webhooks(&org).await.unwrap();
        assert_eq!(listed.iter().find(|one| one.id == "wh_orders").unwrap().secret_prefix, made.prefix);
        seen.insert(made.prefix);
    }
    assert_eq!(seen.len(), 4);
}

/// People, projects and webhooks, read as they are in the sandbox's world.
async fn of_everything_else(reader: &SeqnReader, org: &OrgSlug) {
    let jo = "Jo@Acme.example".parse().unwrap();
    let member = reader.member(org, &jo).await.unwrap().unwrap();
    assert_eq!((member.role.as_str(), member.email.as_str()), ("member", "jo@acme.example"));
    assert_eq!(reader.member(org, &"nobody@acme.example".parse().unwrap()).await.unwrap(), None);
    let admin = reader.another_admin(org, "mem_acme_ada").await.unwrap().unwrap();
    assert_eq!(admin.id, "mem_acme_kai", "it is on the second page");
    assert_eq!(reader.another_admin(&"globex".parse().unwrap(), "mem_globex_gil").await.unwrap(), None);
    let people = reader.people(&jo).await.unwrap();
    let orgs: Vec<&str> = people[0].memberships.iter().map(|(org, _)| org.as_str()).collect();
    assert_eq!((people.len(), orgs), (1, vec!["acme", "globex"]));
    let project = reader.project(org, &"mobile".parse().unwrap()).await.unwrap();
    let provisioning = project.provisioning.unwrap();
    assert_eq!((provisioning.status.as_str(), provisioning.error_status), ("blocked", Some(403)));
    let config = reader.public_config(&project.publishable_key).await.unwrap();
    assert_eq!((config.slug.as_str(), config.status.as_str(), config.org.as_str()), ("mobile", "active", "acme"));
    let missing = reader.project(org, &"none".parse().unwrap()).await.unwrap_err();
    assert_eq!(missing.fault, Fault::NotFound);
    let disabled = reader.project(org, &"legacy".parse().unwrap()).await.unwrap();
    let refused = reader.public_config(&disabled.publishable_key).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Refused { status: 409, code: "application_disabled".into() });
    let webhooks = reader.webhooks(org).await.unwrap();
    assert_eq!(webhooks.iter().filter(|webhook| webhook.enabled).count(), 2);
    let deliveries = reader.deliveries(org, "wh_billing", 2).await.unwrap();
    assert_eq!(deliveries.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["dlv_0004", "dlv_0005"]);
}
