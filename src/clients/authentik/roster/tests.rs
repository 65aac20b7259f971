//! The roster against small servers.

use axum::response::Response;
use serde_json::json;

use super::*;
use crate::clients::authentik::AuthentikConfig;
use crate::clients::http::Deadlines;
use crate::clients::loopback::{Loopback, guard, json as reply, raw_key};
use crate::guard::Secret;

const UUID: &str = "00000000-0000-4000-8000-00000000000";
const SEQN_A: &str = "group-a";
const SUPPORT: &str = "group-s";

fn page(results: &Value, next: u32) -> Response {
    reply(200, &json!({"pagination": {"next": next}, "results": results, "autocomplete": {}}))
}

fn user(pk: u8, groups: &[&str], attributes: &Value) -> Value {
    json!({"pk": pk, "uuid": format!("{UUID}{pk}"), "username": format!("user-{pk}"), "name": "Eve", "is_active": true,
        "type": "internal", "groups": groups, "attributes": attributes, "email": "eve@seqn.example"})
}

/// A server with both groups, whose members are what `members` answers for the rest of the line.
async fn server(members: impl Fn(&str) -> Response + Send + Sync + 'static) -> Loopback {
    Loopback::start(move |line| match line {
        l if l.contains("/me/") => reply(200, &json!({"user": {"pk": 3}})),
        l if l.contains("groups/?name=SEQN-A&") => page(&json!([{"pk": SEQN_A, "name": "SEQN-A"}]), 0),
        l if l.contains("groups/?name=SEQN-Support&") => page(&json!([{"pk": SUPPORT, "name": "SEQN-Support"}]), 0),
        l if l.contains("groups/") => page(&json!([]), 0),
        l => members(l),
    })
    .await
}

fn roster(server: &Loopback) -> AuthentikRoster {
    roster_of(server, &["SEQN-A", "SEQN-Support"])
}

fn roster_of(server: &Loopback, groups: &[&str]) -> AuthentikRoster {
    let config = AuthentikConfig {
        base: server.url.clone(),
        read_token: Some(Secret::new("reads-only")),
        act_token: Some(Secret::new("acts-only")),
    };
    let reader = AuthentikReader::new(&config, &guard(), Deadlines::default()).expect("a client");
    let config = RosterConfig {
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        slack_attribute: "seqn_slack".into(),
        discord_attribute: "seqn_discord".into(),
    };
    AuthentikRoster::new(Arc::new(reader), config)
}

async fn fault(members: impl Fn(&str) -> Response + Send + Sync + 'static) -> Fault {
    roster(&server(members).await).roster().await.expect_err("no roster").fault
}

#[tokio::test]
async fn all_pages_of_all_groups_are_one_list() {
    let server = server(|line| match (line.contains("groups_by_name=SEQN-A"), line.ends_with("&page=2")) {
        (true, false) => page(&json!([user(5, &[SEQN_A], &json!({"seqn_slack": "T0/U5"}))]), 2),
        (true, true) => {
            page(&json!([user(6, &[SEQN_A, SUPPORT], &json!({"seqn_discord": [910_000_000_000_000_006_i64]}))]), 0)
        }
        (false, _) => page(&json!([user(6, &[SEQN_A, SUPPORT], &json!({}))]), 0),
    })
    .await;
    let roster = roster(&server).roster().await.expect("a roster");
    let seen: Vec<_> =
        roster.people.iter().map(|p| (p.username.as_str(), p.groups.len(), &p.slack, &p.discord)).collect();
    let (five, six, none) = (vec!["T0/U5".to_owned()], vec!["910000000000000006".to_owned()], vec![]);
    assert_eq!(seen, [("user-5", 1, &five, &none), ("user-6", 2, &none, &six)]);
    assert!(roster.people.iter().all(|p| p.active && p.human) && roster.missing.is_empty());
    assert_eq!(server.seen()[0].headers["authorization"], "Bearer reads-only");
}

#[tokio::test]
async fn nobody_is_believed_only_where_users_and_groups_are_seen() {
    let sees = |line: &str| page(&json!([user(3, &[], &json!({}))]), u32::from(line.contains("page_size=1&")));
    let empty = move |line: &str| if line.contains("groups_by_name") { page(&json!([]), 0) } else { sees(line) };
    let found = roster(&server(empty).await).roster().await.expect("nobody is in them");
    assert!(found.people.is_empty());
    assert_eq!(fault(|_| page(&json!([]), 0)).await, Fault::Forbidden, "it may see nobody");
    let other = server(empty).await;
    let error = roster_of(&other, &["SEQN-Z"]).roster().await.expect_err("it may see no group");
    assert!(error.fault == Fault::Forbidden && error.text.as_str().contains("right to view groups"), "{error}");
    let some = roster_of(&other, &["SEQN-A", "SEQN-Z"]).roster().await.expect("one is there");
    assert_eq!(some.missing, BTreeSet::from(["SEQN-Z".to_owned()]));
}

#[tokio::test]
async fn a_filter_that_is_ignored_makes_nobody_a_member() {
    let everybody = |_: &str| page(&json!([user(5, &[SEQN_A, SUPPORT], &json!({})), user(41, &[], &json!({}))]), 0);
    assert_eq!(fault(everybody).await, Fault::Garbled);
    let silent = |_: &str| {
        let mut user = user(5, &[SEQN_A, SUPPORT], &json!({}));
        user["groups"] = Value::Null;
        page(&json!([user]), 0)
    };
    assert_eq!(fault(silent).await, Fault::Garbled, "it does not say where it is a member");
}

#[tokio::test]
async fn what_cannot_be_read_is_no_roster() {
    assert_eq!(fault(|_| reply(403, &json!({"detail": "Token invalid/expired"}))).await, Fault::Forbidden);
    assert_eq!(fault(|_| reply(503, &json!({}))).await, Fault::Failing { status: 503 });
    assert_eq!(
        fault(|_| reply(400, &json!({"groups_by_name": ["No such."]}))).await.to_owned(),
        Fault::Refused { status: 400, code: String::new() }
    );
    let without = |field: &'static str| {
        move |_: &str| {
            let mut user = user(5, &[SEQN_A, SUPPORT], &json!({}));
            user[field] = Value::Null;
            page(&json!([user]), 0)
        }
    };
    for field in ["pk", "uuid", "username"] {
        assert_eq!(fault(without(field)).await, Fault::Garbled, "{field}");
    }
}

#[tokio::test]
async fn unknown_means_neither_active_nor_a_person() {
    for (field, value) in [
        ("is_active", Value::Null),
        ("is_active", json!(false)),
        ("type", Value::Null),
        ("type", json!("service_account")),
    ] {
        let answer = move |_: &str| {
            let mut user = user(5, &[SEQN_A, SUPPORT], &json!({}));
            user[field] = value.clone();
            page(&json!([user]), 0)
        };
        let found = roster(&server(answer).await).roster().await.expect("a roster");
        assert!(!(found.people[0].active && found.people[0].human), "{field}");
    }
}

#[tokio::test]
async fn a_directory_is_no_team() {
    let many = |line: &str| {
        let number: usize = line.rsplit('=').next().and_then(|n| n.parse().ok()).unwrap_or(1);
        let person = |n: usize| {
            let pk = number * 1_000 + n;
            json!({"pk": pk, "uuid": format!("00000000-0000-4000-8000-{pk:012}"), "username": "u", "groups": [SEQN_A, SUPPORT]})
        };
        page(&json!((0..100).map(person).collect::<Vec<_>>()), u32::try_from(number + 1).unwrap_or(0) % 7)
    };
    assert_eq!(fault(many).await, Fault::Refused { status: 200, code: "too_many_people".into() });
    let long = |_: &str| {
        let attributes = json!({"notes": "x".repeat(2_000_000)});
        page(&json!([user(5, &[SEQN_A, SUPPORT], &attributes)]), 0)
    };
    assert_eq!(fault(long).await, Fault::Garbled, "a page that is larger than what is read");
}

#[tokio::test]
async fn names_and_values_are_bounded_and_hold_no_secret() {
    let key = raw_key();
    let (name, attribute) = (format!("<!channel> {key}"), vec![key.clone(), "y".repeat(5_000)]);
    let answer = move |_: &str| {
        let mut user =
            user(5, &[SEQN_A, SUPPORT], &json!({"seqn_slack": attribute, "seqn_discord": {"a": 1}, "other": name}));
        user["name"] = Value::from(name.clone());
        page(&json!([user]), 0)
    };
    let found = roster(&server(answer).await).roster().await.expect("a roster");
    let text = format!("{found:?}");
    assert!(!text.contains(&key[..20]) && !text.contains("<!"), "{text}");
    assert_eq!(found.people[0].slack.len(), 2);
    assert!(found.people[0].slack.iter().all(|value| value.chars().count() <= VALUE_CHARS));
    assert_eq!(found.people[0].discord, [""], "what is no value is there as what cannot be read");
    assert_eq!(calm("  Eve\u{202e} @everyone *Marsh*  ", NAME_CHARS), "Eve everyone Marsh");
    assert_eq!(calm(&"x".repeat(500), NAME_CHARS).len(), NAME_CHARS);
}
