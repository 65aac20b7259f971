//! The reading half of API v3: users, groups, sessions, tokens, the provider, events, the caller.
//!
//! Nothing here changes the world. Invariant: without view permissions a list is empty and an object is
//! not found, and neither says why.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::oidc::SLUG;
use super::{Knobs, Version, invalid, not_found, page, provider, shape};
use crate::sandbox::world::Record;
use crate::sandbox::world::door::{Answer, Ask};
use crate::sandbox::world::identity::{Grant, Group, Identity, IdentityEvent, IdentitySession};
use crate::sandbox::world::mint::{stamp, uuid};

/// Of lists in no order that could be asked for.
const UNORDERED: &str = "";
/// Names of actions that the `actions` filter knows in all supported releases; custom ones start with `custom_`.
const ACTIONS: [&str; 27] = [
    "login",
    "login_failed",
    "logout",
    "user_write",
    "suspicious_request",
    "password_set",
    "secret_view",
    "secret_rotate",
    "invitation_used",
    "authorize_application",
    "source_linked",
    "impersonation_started",
    "impersonation_ended",
    "flow_execution",
    "policy_execution",
    "policy_exception",
    "property_mapping_exception",
    "system_task_execution",
    "system_task_exception",
    "system_exception",
    "configuration_error",
    "configuration_warning",
    "model_created",
    "model_updated",
    "model_deleted",
    "email_sent",
    "update_available",
];

pub(super) fn answer(record: &Record, ask: &Ask, parts: &[&str], knobs: Knobs, now_ms: i64, account: i64) -> Answer {
    let version = knobs.version;
    match parts {
        ["admin", "version"] => return release(version),
        ["core", "users", "me"] => return whoami(record, account, version),
        _ => {}
    }
    // What may not be viewed is not there.
    let nothing = Record::default();
    let record = if knobs.blind { &nothing } else { record };
    match parts {
        ["core", "users"] => users(record, ask, version),
        ["core", "users", id] => one_user(record, id, version),
        ["core", "groups"] => groups(record, ask, version),
        ["core", "authenticated_sessions"] => sessions(record, ask),
        ["core", "authenticated_sessions", id] => {
            let found = record.identity_sessions.iter().find(|s| s.uuid == *id && !s.ended);
            one(found.map(shape::session), "AuthenticatedSession")
        }
        ["core", "tokens"] => tokens(record, ask, version),
        ["core", "applications"] => {
            let fits = !knobs.blind && ask.param("slug").is_none_or(|slug| slug == SLUG);
            page::answer(ask, fits.then_some(version).into_iter().collect(), UNORDERED, provider::application)
        }
        ["core", "applications", slug] => {
            one((*slug == SLUG && !knobs.blind).then(|| provider::application(version)), "Application")
        }
        ["core", "applications", slug, "check_access"] if *slug == SLUG => check_access(record, ask, account, now_ms),
        ["providers", "oauth2"] => {
            let fits = !knobs.blind
                && ask.param("client_id").is_none_or(|id| id == SLUG)
                && ask.param("application").is_none_or(|pk| pk == uuid("application"));
            page::answer(ask, fits.then_some(()).into_iter().collect(), UNORDERED, |()| provider::provider())
        }
        ["events", "events"] => events(record, ask),
        ["oauth2", "refresh_tokens", rest @ ..] => {
            grants(record, ask, rest, ("refresh-token", &record.refresh_tokens), version, now_ms)
        }
        ["oauth2", "access_tokens", rest @ ..] => {
            grants(record, ask, rest, ("access-token", &record.access_tokens), version, now_ms)
        }
        _ => not_found("Not found."),
    }
}

/// The public configuration; nobody need be signed in.
pub(super) fn root_config() -> Answer {
    Answer::json(
        200,
        &json!({
            "error_reporting": {
                "enabled": false,
                "sentry_dsn": "",
                "environment": "production",
                "send_pii": false,
                "traces_sample_rate": 0.0,
            },
            "capabilities": ["can_save_media", "can_geo_ip", "can_asn"],
            "cache_timeout": 300,
            "cache_timeout_flows": 300,
            "cache_timeout_policies": 300,
        }),
    )
}

fn release(version: Version) -> Answer {
    Answer::json(
        200,
        &json!({
            "version_current": version.full(),
            "version_latest": version.full(),
            "version_latest_valid": true,
            "build_hash": "",
            "outdated": false,
            "outpost_outdated": false,
        }),
    )
}

fn whoami(record: &Record, account: i64, version: Version) -> Answer {
    let Some(user) = record.identity(account) else { return not_found("No User matches the given query.") };
    let user = shape::own_user(user, version);
    let mut body = json!({ "user": user });
    if version >= Version::SEVERAL_ACCOUNTS {
        body["users"] = json!([user]);
    }
    Answer::json(200, &body)
}

fn one(found: Option<Value>, kind: &str) -> Answer {
    found.map_or_else(|| not_found(&format!("No {kind} matches the given query.")), |body| Answer::json(200, &body))
}

fn users(record: &Record, ask: &Ask, version: Version) -> Answer {
    let groups: Vec<&str> = ask.params("groups_by_name").collect();
    // A choice of what there is: another name is refused.
    if let Some(odd) = groups.iter().find(|name| record.groups.iter().all(|group| group.name != **name)) {
        let why = format!("Select a valid choice. {odd} is not one of the available choices.");
        return invalid("groups_by_name", &why);
    }
    let in_group =
        |user: &Identity, name: &str| record.groups.iter().any(|g| g.name == name && g.members.contains(&user.pk));
    let fits = |user: &&Identity| {
        // Exact, and with regard to case, as the real filters are.
        ask.param("email").is_none_or(|email| email == user.email)
            && ask.param("username").is_none_or(|name| name == user.username)
            && ask.param("uuid").is_none_or(|id| id == uuid(&format!("user:{}", user.pk)))
            && ask.param("is_active").is_none_or(|active| (active == "true") == user.active)
            && ask.param("search").is_none_or(|word| mentions(&[&user.username, &user.name, &user.email], word))
            && (groups.is_empty() || groups.iter().any(|name| in_group(user, name)))
    };
    let written = wanted(ask, "include_groups");
    let found = record.identities.iter().filter(fits).collect();
    page::answer(ask, found, UNORDERED, |user| shape::user(record, user, version, written))
}

fn one_user(record: &Record, id: &str, version: Version) -> Answer {
    let found = id.parse().ok().and_then(|pk| record.identity(pk));
    one(found.map(|user| shape::user(record, user, version, true)), "User")
}

fn groups(record: &Record, ask: &Ask, version: Version) -> Answer {
    let mut pks = Vec::new();
    for text in ask.params("members_by_pk") {
        match text.parse::<i64>() {
            Ok(pk) => pks.push(pk),
            Err(_) => return invalid("members_by_pk", "Enter a list of values."),
        }
    }
    for name in ask.params("members_by_username") {
        match record.identities.iter().find(|i| i.username == name) {
            Some(user) => pks.push(user.pk),
            None => return page::answer(ask, Vec::new(), UNORDERED, |()| Value::Null),
        }
    }
    let fits = |group: &&Group| {
        ask.param("name").is_none_or(|name| name == group.name)
            && ask.param("search").is_none_or(|word| mentions(&[&group.name], word))
            && pks.iter().all(|pk| group.members.contains(pk))
    };
    let written = wanted(ask, "include_users");
    let found = record.groups.iter().filter(fits).collect();
    page::answer(ask, found, UNORDERED, |group| shape::group(record, group, version, written))
}

fn sessions(record: &Record, ask: &Ask) -> Answer {
    let names = names(record);
    let fits = |session: &&IdentitySession| {
        let name = names.get(&session.user).copied().unwrap_or_default();
        !session.ended
            && ask.param("user__username").is_none_or(|wanted| wanted == name)
            && ask.param("session__last_ip").is_none_or(|ip| ip == session.ip)
            && ask.param("search").is_none_or(|word| mentions(&[name, &session.ip, &session.agent], word))
    };
    page::answer(ask, record.identity_sessions.iter().filter(fits).collect(), UNORDERED, shape::session)
}

/// The user names by id, for lists that are long.
fn names(record: &Record) -> HashMap<i64, &str> {
    record.identities.iter().map(|user| (user.pk, user.username.as_str())).collect()
}

fn tokens(record: &Record, ask: &Ask, version: Version) -> Answer {
    let name = |pk| record.identity(pk).map_or("", |u| u.username.as_str());
    let fits = record.api_tokens.iter().filter(|token| {
        ask.param("identifier").is_none_or(|id| id == token.identifier)
            && ask.param("intent").is_none_or(|intent| intent == token.intent)
            && ask.param("user__username").is_none_or(|wanted| wanted == name(token.user))
            && ask.param("expiring").is_none_or(|expiring| (expiring == "true") == token.expires_ms.is_some())
    });
    page::answer(ask, fits.collect(), UNORDERED, |token| provider::api_token(record, token, version))
}

fn check_access(record: &Record, ask: &Ask, account: i64, now_ms: i64) -> Answer {
    let pk = match ask.param("for_user").map(str::parse) {
        None => account,
        Some(Ok(pk)) => pk,
        Some(Err(_)) => return invalid("for_user", "A valid integer is required."),
    };
    let Some(user) = record.identity(pk) else { return invalid("for_user", "User not found") };
    let messages: Vec<&str> = if user.active { Vec::new() } else { vec!["The user is not active."] };
    let log = json!({
        "timestamp": stamp(now_ms),
        "log_level": "info",
        "logger": "authentik.policies.engine",
        "event": "checked access",
        "attributes": { "user": user.username },
    });
    Answer::json(200, &json!({ "passing": user.active, "messages": messages, "log_messages": [log] }))
}

fn grants(
    record: &Record,
    ask: &Ask,
    rest: &[&str],
    (kind, all): (&str, &[Grant]),
    version: Version,
    now_ms: i64,
) -> Answer {
    let shaped = |grant: &Grant| provider::grant(record, grant, kind, version, now_ms);
    if let [id] = rest {
        let pk: Option<i64> = id.parse().ok();
        return one(all.iter().find(|g| Some(g.pk) == pk && !g.ended).map(shaped), "token");
    }
    let Ok(user) = ask.param("user").map(str::parse::<i64>).transpose() else {
        return invalid("user", "Enter a number.");
    };
    let Ok(of_provider) = ask.param("provider").map(str::parse::<i64>).transpose() else {
        return invalid("provider", "Enter a number.");
    };
    let fits = |g: &&Grant| {
        !g.ended && user.is_none_or(|pk| pk == g.user) && of_provider.is_none_or(|pk| pk == provider::PROVIDER_PK)
    };
    page::answer(ask, all.iter().filter(fits).collect(), UNORDERED, shaped)
}

fn events(record: &Record, ask: &Ask) -> Answer {
    let actions: Vec<&str> = ask.params("actions").collect();
    if let Some(odd) = actions.iter().find(|name| !ACTIONS.contains(name) && !name.starts_with("custom_")) {
        let why = format!("Select a valid choice. {odd} is not one of the available choices.");
        return invalid("actions", &why);
    }
    let names = names(record);
    let fits = |event: &&IdentityEvent| {
        let name = event.user.and_then(|pk| names.get(&pk).copied()).unwrap_or_default();
        let ip = event.ip.as_deref().unwrap_or_default();
        let app = event.context["authorized_application"]["pk"].as_str();
        let searched = |word: &str| mentions(&[name, &event.action, &event.app, &event.context.to_string(), ip], word);
        // `action` matches a part of the name, so `login` finds failed logins, too.
        ask.param("action").is_none_or(|part| event.action.contains(part))
            && (actions.is_empty() || actions.contains(&event.action.as_str()))
            && ask.param("username").is_none_or(|wanted| wanted == name)
            && ask.param("client_ip").is_none_or(|wanted| wanted == ip)
            && ask.param("context_authorized_app").is_none_or(|wanted| Some(wanted) == app)
            && ask.param("search").is_none_or(searched)
    };
    let mut found: Vec<&IdentityEvent> = record.events.iter().filter(fits).collect();
    found.sort_by_key(|e| std::cmp::Reverse(e.created_ms));
    page::answer(ask, found, "-created", |event| provider::event(record, event))
}

/// A switch in the query that is on unless it is turned off.
fn wanted(ask: &Ask, name: &str) -> bool {
    ask.param(name) != Some("false")
}

fn mentions(fields: &[&str], word: &str) -> bool {
    let word = word.to_lowercase();
    fields.iter().any(|field| field.to_lowercase().contains(&word))
}
