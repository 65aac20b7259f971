//! How SEQN writes its records: camelCase JSON, times in RFC 3339 with milliseconds.
//!
//! It selects nothing. Invariant: no shape has room for a secret.

use serde_json::{Value, json};

use crate::sandbox::world::Record;
use crate::sandbox::world::mint::stamp;
use crate::sandbox::world::record::{
    AuditEntry, Delivery, Member, Organization, Project, Session, Subscription, User, Webhook,
};

pub(super) fn organization(org: &Organization) -> Value {
    json!({ "id": org.id, "slug": org.slug, "name": org.name, "createdAt": stamp(org.created_ms) })
}

pub(super) fn user(record: &Record, user: &User) -> Value {
    let memberships: Vec<Value> = record
        .members
        .iter()
        .filter(|m| m.user == user.id)
        .map(|m| json!({ "organizationSlug": m.org, "role": m.role }))
        .collect();
    let created = stamp(user.created_ms);
    json!({ "id": user.id, "email": user.email, "name": user.name, "createdAt": created, "memberships": memberships })
}

pub(super) fn member(record: &Record, member: &Member) -> Value {
    let user = record.user(&member.user);
    json!({
        "id": member.id,
        "userId": member.user,
        "email": user.map_or("", |u| u.email.as_str()),
        "name": user.map_or("", |u| u.name.as_str()),
        "role": member.role,
        "status": "active",
        "createdAt": stamp(member.created_ms),
    })
}

pub(super) fn session(record: &Record, session: &Session, now_ms: i64) -> Value {
    json!({
        "id": session.id,
        "userId": session.user,
        "email": record.user(&session.user).map_or("", |u| u.email.as_str()),
        "status": session.status(now_ms),
        "createdAt": stamp(session.created_ms),
        "lastActiveAt": stamp(session.last_active_ms),
        "expiresAt": stamp(session.expires_ms),
        "ipAddress": session.ip,
        "userAgent": session.agent,
        "revokedAt": session.revoked_ms.map(stamp),
    })
}

pub(super) fn project(project: &Project) -> Value {
    let ready = project.provisioning.status == "ready";
    let error = project.provisioning.last_error.as_ref();
    json!({
        "id": project.id,
        "slug": project.slug,
        "organizationSlug": project.org,
        "name": project.name,
        "status": project.status,
        "publishableKey": project.publishable_key,
        "secretKeyPrefix": project.secret_prefix,
        "redirectUrls": project.redirect_urls,
        "origins": project.origins,
        "provisioning": {
            "status": project.provisioning.status,
            "authentikApplicationSlug": ready.then_some("silver-auth"),
            "authentikProviderId": ready.then_some(7),
            "lastErrorStatus": error.map(|e| e.0),
            "lastError": error.map(|e| e.1.as_str()),
            "updatedAt": stamp(project.provisioning.updated_ms),
        },
        "updatedAt": stamp(project.updated_ms),
    })
}

pub(super) fn subscription(subscription: &Subscription, now_ms: i64) -> Value {
    let limits = subscription.limits(now_ms);
    let mut shape = json!({
        "planKey": subscription.plan,
        "status": subscription.status,
        "seatLimit": subscription.seat_limit,
        "currentPeriodStart": stamp(subscription.period_start_ms),
        "currentPeriodEnd": stamp(subscription.period_end_ms),
        "limits": {
            "projects": limits.projects,
            "users": limits.users,
            "webhookEndpoints": limits.webhook_endpoints,
        },
    });
    if let Some(end) = subscription.set.expires_ms {
        shape["limitsExpireAt"] = stamp(end).into();
    }
    shape
}

pub(super) fn webhook(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id,
        "url": webhook.url,
        "enabled": webhook.enabled,
        "eventTypes": webhook.event_types,
        "secretPrefix": webhook.secret_prefix,
    })
}

pub(super) fn delivery(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "eventType": delivery.event_type,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "responseStatus": delivery.response_status,
        "lastError": delivery.last_error,
        "nextRetryAt": delivery.next_retry_ms.map(stamp),
        "createdAt": stamp(delivery.created_ms),
    })
}

pub(super) fn audit_entry(entry: &AuditEntry) -> Value {
    let mut actor = json!({ "id": entry.actor.id, "type": entry.actor.kind });
    if let Some(email) = &entry.actor.email {
        actor["email"] = email.as_str().into();
    }
    json!({
        "id": entry.id,
        "action": entry.action,
        "actor": actor,
        "target": { "id": entry.target_id, "type": entry.target_kind },
        "organizationSlug": entry.org,
        "requestId": entry.request_id,
        "ipAddress": entry.ip,
        "createdAt": stamp(entry.created_ms),
        "metadata": entry.metadata,
    })
}
