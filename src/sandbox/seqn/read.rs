//! The reading operations: the open ones, key health, and the admin look-ups.
//!
//! Nothing here changes the world. Invariant: an admin look-up within an organization first finds the organization.

use serde_json::{Value, json};

use super::audit;
use super::page;
use super::route::Route;
use super::shape;
use crate::sandbox::world::door::{Answer, Ask};
use crate::sandbox::world::mint::{KeyKind, hex_digest, stamp};
use crate::sandbox::world::record::{Delivery, Doer, Project, Session};
use crate::sandbox::world::{Record, Refused, World};

/// Members on a page: few, so that small organizations have several pages.
const MEMBERS_PER_PAGE: usize = 5;
/// Sessions on a page.
const SESSIONS_PER_PAGE: usize = 20;
/// Projects on a page.
const PROJECTS_PER_PAGE: usize = 50;
/// Deliveries when the caller does not say how many.
const DELIVERIES_DEFAULT: usize = 20;

/// Operations for everybody.
pub(super) fn open(world: &World, route: &Route<'_>, ask: &Ask) -> Result<Answer, Refused> {
    match route.operation {
        "health" => Ok(Answer::json(200, &json!({ "status": "ok" }))),
        "legacyConfig" => Ok(Answer::json(200, &json!({ "service": "silver-auth-api", "signUpEnabled": true }))),
        "console" => Ok(Answer::bare(302).with("location", "/auth/login")),
        "login" => Ok(Answer::text(200, "text/html; charset=utf-8", "<!doctype html><title>Sign in</title>")),
        _ => client_config(world, ask),
    }
}

fn client_config(world: &World, ask: &Ask) -> Result<Answer, Refused> {
    let key = ask.seen.header("x-seqn-publishable-key").or_else(|| ask.param("publishable_key")).unwrap_or_default();
    let head = KeyKind::Publishable.head();
    if !key.starts_with(&head) || key.len() <= head.len() {
        return Err(Refused::new(400, "invalid_publishable_key", "The publishable key is missing or malformed."));
    }
    let record = world.lock();
    let project = record.projects.iter().find(|p| p.publishable_key == key);
    let project = project
        .ok_or_else(|| Refused::new(404, "application_not_found", "No application has this publishable key."))?;
    refuse_disabled(project)?;
    Ok(Answer::json(
        200,
        &json!({
            "application": {
                "id": project.id,
                "slug": project.slug,
                "name": project.name,
                "publishableKey": project.publishable_key,
                "status": project.status,
            },
            "organization": organization_brief(&record, project),
            "auth": {
                "signInUrl": "https://accounts.seqn.in/sign-in",
                "signUpUrl": "https://accounts.seqn.in/sign-up",
                "afterSignInUrl": "https://app.seqn.in",
                "afterSignUpUrl": "https://app.seqn.in",
            },
            "oidc": { "issuer": record.issuer, "clientId": "silver-auth" },
            "oauth": {
                "sharedDevelopment": { "mode": "shared_development", "provider": "google", "credentialsRequired": false },
                "production": { "mode": "customer_owned", "provider": "google", "credentialsRequired": true },
            },
        }),
    ))
}

/// Key health, for a backend that shows its secret key.
pub(super) fn backend_application(world: &World, ask: &Ask) -> Result<Answer, Refused> {
    let hash = ask.bearer().filter(|key| key.starts_with(&KeyKind::Secret.head())).map(hex_digest);
    let record = world.lock();
    let project = hash.and_then(|hash| record.projects.iter().find(|p| p.secret_hash == hash));
    let project = project.ok_or_else(|| Refused::new(401, "invalid_secret_key", "The secret key is not valid."))?;
    refuse_disabled(project)?;
    Ok(Answer::json(
        200,
        &json!({
            "ok": true,
            "application": {
                "id": project.id,
                "slug": project.slug,
                "name": project.name,
                "status": project.status,
                "secretKeyPrefix": project.secret_prefix,
            },
            "organization": organization_brief(&record, project),
            "checkedAt": stamp(world.now_ms()),
        }),
    ))
}

fn refuse_disabled(project: &Project) -> Result<(), Refused> {
    if project.status == "active" {
        return Ok(());
    }
    Err(Refused::new(409, "application_disabled", "The application is disabled."))
}

fn organization_brief(record: &Record, project: &Project) -> Value {
    json!({ "slug": project.org, "name": record.org(&project.org).map_or("", |o| o.name.as_str()) })
}

/// Operations for a caller with an admin token.
pub(super) fn admin(world: &World, route: &Route<'_>, ask: &Ask, caller: &Doer) -> Result<Answer, Refused> {
    let now_ms = world.now_ms();
    let record = world.lock();
    let body = match route.operation {
        "me" => {
            json!({ "user": { "id": caller.id, "email": "chatops@seqn.example" }, "memberships": [] })
        }
        "listAuditLogs" => audit::list(&record, ask)?,
        "findUsers" => {
            let email = required(ask, "email")?;
            let users = record.users.iter().filter(|u| u.email.eq_ignore_ascii_case(email));
            json!({ "users": users.map(|u| shape::user(&record, u)).collect::<Vec<_>>() })
        }
        "findProjects" => {
            required(ask, "secretKeyPrefix")?;
            projects(record.projects.iter(), ask)?
        }
        _ => within(&record, route, ask, now_ms)?,
    };
    Ok(Answer::json(200, &body))
}

fn within(record: &Record, route: &Route<'_>, ask: &Ask, now_ms: i64) -> Result<Value, Refused> {
    let org = record.org(route.org).ok_or_else(|| Refused::missing("organization"))?;
    match route.operation {
        "getOrganization" => Ok(shape::organization(org)),
        "listMembers" => members(record, route.org, ask),
        "listSessions" => sessions(record, route.org, ask, now_ms),
        "listProjects" => projects(record.projects.iter().filter(|p| p.org == route.org), ask),
        "getProject" => {
            let found = record.projects.iter().find(|p| p.org == route.org && p.slug == route.item);
            found.map(shape::project).ok_or_else(|| Refused::missing("project"))
        }
        "getSubscription" => Ok(shape::subscription(&org.subscription, now_ms)),
        "getUsage" => Ok(json!({
            "projects": record.projects.iter().filter(|p| p.org == route.org).count(),
            "users": record.members.iter().filter(|m| m.org == route.org).count(),
            "webhookEndpoints": record.webhooks.iter().filter(|w| w.org == route.org).count(),
            "monthlySessions": org.monthly_sessions,
        })),
        "listWebhooks" => {
            let webhooks = record.webhooks.iter().filter(|w| w.org == route.org);
            Ok(json!({ "webhooks": webhooks.map(shape::webhook).collect::<Vec<_>>() }))
        }
        _ => deliveries(record, route, ask),
    }
}

fn members(record: &Record, org: &str, ask: &Ask) -> Result<Value, Refused> {
    let of_email = ask.param("email").map(|email| users(record, email));
    let fits = |user: &str| of_email.as_ref().is_none_or(|users| users.contains(&user));
    let all: Vec<_> = record.members.iter().filter(|m| m.org == org && fits(&m.user)).collect();
    let page = page::cut(all, |m| (m.created_ms, m.id.clone()), ask.param("cursor"), MEMBERS_PER_PAGE)?;
    let members: Vec<Value> = page.items.into_iter().map(|m| shape::member(record, m)).collect();
    Ok(json!({ "members": members, "nextCursor": page.next }))
}

fn sessions(record: &Record, org: &str, ask: &Ask, now_ms: i64) -> Result<Value, Refused> {
    let status = one_of(ask, "status", &["active", "revoked", "expired"])?;
    let of_email = ask.param("email").map(|email| users(record, email));
    let fits = |s: &&Session| {
        s.org == org
            && status.is_none_or(|wanted| wanted == s.status(now_ms))
            && of_email.as_ref().is_none_or(|users| users.contains(&s.user.as_str()))
    };
    let all: Vec<_> = record.sessions.iter().filter(fits).collect();
    let page = page::cut(all, |s| (-s.created_ms, s.id.clone()), ask.param("cursor"), SESSIONS_PER_PAGE)?;
    let sessions: Vec<Value> = page.items.into_iter().map(|s| shape::session(record, s, now_ms)).collect();
    Ok(json!({ "sessions": sessions, "nextCursor": page.next }))
}

/// The ids of the users with that e-mail, compared without regard to case.
fn users<'a>(record: &'a Record, email: &str) -> Vec<&'a str> {
    record.users.iter().filter(|u| u.email.eq_ignore_ascii_case(email)).map(|u| u.id.as_str()).collect()
}

fn projects<'a>(all: impl Iterator<Item = &'a Project>, ask: &Ask) -> Result<Value, Refused> {
    let wanted = ask.param("secretKeyPrefix");
    let all: Vec<&Project> = all.filter(|p| wanted.is_none_or(|prefix| p.secret_prefix == prefix)).collect();
    let page = page::cut(all, |p| (p.created_ms, p.id.clone()), ask.param("cursor"), PROJECTS_PER_PAGE)?;
    let projects: Vec<Value> = page.items.into_iter().map(shape::project).collect();
    Ok(json!({ "projects": projects, "nextCursor": page.next }))
}

fn deliveries(record: &Record, route: &Route<'_>, ask: &Ask) -> Result<Value, Refused> {
    let known = record.webhooks.iter().any(|w| w.org == route.org && w.id == route.item);
    if !known {
        return Err(Refused::missing("webhook"));
    }
    let status = one_of(ask, "status", &["delivered", "retrying", "failed"])?;
    let limit = ask.param("limit").and_then(|n| n.parse().ok()).unwrap_or(DELIVERIES_DEFAULT);
    let fits = |d: &&Delivery| d.webhook == route.item && status.is_none_or(|wanted| wanted == d.status);
    let mut all: Vec<&Delivery> = record.deliveries.iter().filter(fits).collect();
    all.sort_by_key(|d| (-d.created_ms, d.id.clone()));
    all.truncate(limit);
    Ok(json!({ "deliveries": all.into_iter().map(shape::delivery).collect::<Vec<_>>() }))
}

fn required<'a>(ask: &'a Ask, name: &str) -> Result<&'a str, Refused> {
    ask.param(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Refused::new(400, "invalid_request", format!("The parameter {name} is required.")))
}

fn one_of<'a>(ask: &'a Ask, name: &str, allowed: &[&str]) -> Result<Option<&'a str>, Refused> {
    match ask.param(name) {
        Some(value) if !allowed.contains(&value) => {
            Err(Refused::new(400, "invalid_request", format!("The parameter {name} has an unknown value.")))
        }
        value => Ok(value),
    }
}
