//! The changing operations: the body is read strictly, then the world is changed.
//!
//! It keeps nothing itself. Invariant: a body that cannot be read changes nothing.

use serde_json::{Map, Value, json};

use super::route::Route;
use super::shape;
use crate::sandbox::world::door::{Answer, Ask};
use crate::sandbox::world::mint::{KeyKind, prefix, read_stamp, stamp};
use crate::sandbox::world::record::Override;
use crate::sandbox::world::{Asker, Change, ProjectWish, Refused, SubscriptionWish, World};

pub(super) fn act(world: &World, route: &Route<'_>, ask: &Ask, asker: &Asker) -> Result<Answer, Refused> {
    let mut change = world.change();
    if change.record.org(route.org).is_none() {
        return Err(Refused::missing("organization"));
    }
    match route.operation {
        "revokeSession" => {
            change.revoke_session(route.org, route.item, asker)?;
            Ok(Answer::bare(204))
        }
        "updateMemberRole" => update_member_role(&mut change, route, ask, asker),
        "updateProject" => update_project(&mut change, route, ask, asker),
        "rotateProjectSecret" => {
            let key = change.rotate_project_secret(route.org, route.item, asker)?;
            let rotated = stamp(change.now_ms);
            let shown = prefix(KeyKind::Secret, &key);
            Ok(Answer::json(200, &json!({ "secretKey": key, "secretKeyPrefix": shown, "rotatedAt": rotated })))
        }
        "updateSubscription" => update_subscription(&mut change, route, ask, asker),
        "testWebhook" => {
            let delivery = change.test_webhook(route.org, route.item, asker)?;
            Ok(Answer::json(202, &json!({ "deliveryId": delivery })))
        }
        "rotateWebhookSecret" => {
            let secret = change.rotate_webhook_secret(route.org, route.item, asker)?;
            let rotated = stamp(change.now_ms);
            let shown = prefix(KeyKind::Signing, &secret);
            Ok(Answer::json(200, &json!({ "secret": secret, "secretPrefix": shown, "rotatedAt": rotated })))
        }
        _ => Err(Refused::missing("operation")),
    }
}

fn update_member_role(change: &mut Change<'_>, route: &Route<'_>, ask: &Ask, asker: &Asker) -> Result<Answer, Refused> {
    let body = object(ask)?;
    let role = text(&body, "role")?.filter(|role| ["admin", "member"].contains(&role.as_str()));
    let role = role.ok_or_else(|| invalid("role"))?;
    change.set_role(route.org, route.item, &role, asker)?;
    let found = change.record.members.iter().find(|m| m.id == route.item);
    let member = found.ok_or_else(|| Refused::missing("member"))?;
    Ok(Answer::json(200, &shape::member(&change.record, member)))
}

fn update_project(change: &mut Change<'_>, route: &Route<'_>, ask: &Ask, asker: &Asker) -> Result<Answer, Refused> {
    let body = object(ask)?;
    let wish = ProjectWish {
        name: text(&body, "name")?,
        redirect_urls: urls(&body, "redirectUrls")?,
        origins: urls(&body, "origins")?,
    };
    change.update_project(route.org, route.item, wish, asker)?;
    let found = change.record.projects.iter().find(|p| p.org == route.org && p.slug == route.item);
    let project = found.ok_or_else(|| Refused::missing("project"))?;
    Ok(Answer::json(200, &shape::project(project)))
}

fn update_subscription(
    change: &mut Change<'_>,
    route: &Route<'_>,
    ask: &Ask,
    asker: &Asker,
) -> Result<Answer, Refused> {
    let body = object(ask)?;
    let limits = match body.get("limits") {
        None => Map::new(),
        Some(Value::Object(limits)) => limits.clone(),
        Some(_) => return Err(invalid("limits")),
    };
    let wish = SubscriptionWish {
        plan: choice(&body, "planKey", &["free", "pro", "scale"])?,
        status: choice(&body, "status", &["active", "trialing", "past_due", "cancelled", "expired"])?,
        period_end_ms: moment(&body, "currentPeriodEnd")?,
        seat_limit: number(&body, "seatLimit")?,
        set: Override {
            projects: number(&limits, "projects")?,
            users: number(&limits, "users")?,
            webhook_endpoints: number(&limits, "webhookEndpoints")?,
            expires_ms: moment(&body, "limitsExpireAt")?,
        },
    };
    change.update_subscription(route.org, wish, asker)?;
    let org = change.record.org(route.org).ok_or_else(|| Refused::missing("organization"))?;
    Ok(Answer::json(200, &shape::subscription(&org.subscription, change.now_ms)))
}

fn object(ask: &Ask) -> Result<Map<String, Value>, Refused> {
    match ask.object() {
        Some(Value::Object(map)) => Ok(map),
        _ => Err(Refused::new(400, "invalid_request", "The body must be a JSON object.")),
    }
}

fn invalid(name: &str) -> Refused {
    Refused::new(400, "invalid_request", format!("The field {name} cannot be read."))
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Refused> {
    body.get(name).map(|v| v.as_str().map(String::from).ok_or_else(|| invalid(name))).transpose()
}

fn choice(body: &Map<String, Value>, name: &str, allowed: &[&str]) -> Result<Option<String>, Refused> {
    match text(body, name)? {
        Some(value) if !allowed.contains(&value.as_str()) => Err(invalid(name)),
        value => Ok(value),
    }
}

fn number(body: &Map<String, Value>, name: &str) -> Result<Option<u64>, Refused> {
    body.get(name).map(|v| v.as_u64().ok_or_else(|| invalid(name))).transpose()
}

fn moment(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refused> {
    text(body, name)?.map(|t| read_stamp(&t).ok_or_else(|| invalid(name))).transpose()
}

/// Web addresses only: https, or http for a machine's own address.
fn urls(body: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Refused> {
    let Some(value) = body.get(name) else { return Ok(None) };
    let list = value.as_array().ok_or_else(|| invalid(name))?;
    let read = |item: &Value| item.as_str().filter(|url| is_web_address(url)).map(String::from);
    list.iter().map(|item| read(item).ok_or_else(|| invalid(name))).collect::<Result<Vec<_>, _>>().map(Some)
}

fn is_web_address(url: &str) -> bool {
    let local = ["http://localhost", "http://127.0.0.1"].iter().any(|start| url.starts_with(start));
    local || url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}
