//! The changes that the world knows, each with its trace in the effects and, for SEQN, in the audit log.
//!
//! It decides nothing about rights. Invariant: a change that finds the world as wanted leaves no trace.

use std::sync::MutexGuard;

use serde_json::{Value, json};

use super::Record;
use super::identity::Grant;
use super::mint::{self, KeyKind};
use super::record::{AuditEntry, Delivery, Doer, Override};

/// How long a failed delivery waits before its next try: 60 s.
const RETRY_MS: i64 = 60_000;

/// Why SEQN does not make a change: status, code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refused {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// `kind` is what is missing, such as `session`.
    pub(crate) fn missing(kind: &str) -> Self {
        let code = match kind {
            "organization" => "organization_not_found",
            "member" => "member_not_found",
            "session" => "session_not_found",
            "project" => "project_not_found",
            "webhook" => "webhook_not_found",
            _ => "not_found",
        };
        Self::new(404, code, format!("No such {kind}."))
    }
}

/// Who asks SEQN for a change, in which request.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) doer: Doer,
    pub(crate) request_id: String,
}

/// What a subscription is to become; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct SubscriptionWish {
    pub(crate) plan: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) period_end_ms: Option<i64>,
    pub(crate) seat_limit: Option<u64>,
    pub(crate) set: Override,
}

/// What a project is to become.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProjectWish {
    pub(crate) name: Option<String>,
    pub(crate) redirect_urls: Option<Vec<String>>,
    pub(crate) origins: Option<Vec<String>>,
}

/// The record under one lock, at one moment.
pub(crate) struct Change<'a> {
    pub(crate) record: MutexGuard<'a, Record>,
    pub(crate) now_ms: i64,
}

impl<'a> Change<'a> {
    pub(super) fn new(record: MutexGuard<'a, Record>, now_ms: i64) -> Self {
        Self { record, now_ms }
    }

    /// Revokes a session; one that is not active is left alone.
    pub(crate) fn revoke_session(&mut self, org: &str, id: &str, asker: &Asker) -> Result<(), Refused> {
        let now = self.now_ms;
        let found = self.record.sessions.iter_mut().find(|s| s.org == org && s.id == id);
        let session = found.ok_or_else(|| Refused::missing("session"))?;
        if session.status(now) != "active" {
            return Ok(());
        }
        session.revoked_ms = Some(now);
        let user = session.user.clone();
        self.effect(format!("seqn revoke {id}"));
        self.log(asker, "session.revoked", (id, "session"), org, json!({ "userId": user }));
        Ok(())
    }

    /// Gives a member another role.
    pub(crate) fn set_role(&mut self, org: &str, id: &str, role: &str, asker: &Asker) -> Result<(), Refused> {
        self.refuse_when_inactive(org)?;
        let users = self.record.members.iter().filter(|m| m.org == org).count() as u64;
        let limits = self.record.org(org).map(|o| o.subscription.limits(self.now_ms));
        let found = self.record.members.iter_mut().find(|m| m.org == org && m.id == id);
        let member = found.ok_or_else(|| Refused::missing("member"))?;
        if limits.is_some_and(|l| users > l.users) {
            return Err(Refused::new(402, "subscription_limit_exceeded", "The plan's user limit is exceeded."));
        }
        if member.role == role {
            return Ok(());
        }
        let before = std::mem::replace(&mut member.role, role.into());
        let user = member.user.clone();
        self.effect(format!("seqn set-role {org} {id} {role}"));
        self.log(asker, "member.role_updated", (&user, "user"), org, json!({ "from": before, "to": role }));
        Ok(())
    }

    /// Writes a project, and provisions it anew: also with the values that it has.
    pub(crate) fn update_project(
        &mut self,
        org: &str,
        slug: &str,
        wish: ProjectWish,
        asker: &Asker,
    ) -> Result<(), Refused> {
        self.refuse_when_inactive(org)?;
        let (now, blocked) = (self.now_ms, self.record.provisioning_blocked);
        let found = self.record.projects.iter_mut().find(|p| p.org == org && p.slug == slug);
        let project = found.ok_or_else(|| Refused::missing("project"))?;
        if project.status == "disabled" {
            return Err(Refused::new(409, "application_disabled", "The project is disabled."));
        }
        project.name = wish.name.unwrap_or_else(|| project.name.clone());
        project.redirect_urls = wish.redirect_urls.unwrap_or_else(|| project.redirect_urls.clone());
        project.origins = wish.origins.unwrap_or_else(|| project.origins.clone());
        project.provisioning.status = if blocked { "blocked" } else { "ready" }.into();
        project.provisioning.last_error = blocked.then(|| (403, "Token invalid/expired".into()));
        project.provisioning.updated_ms = now;
        project.updated_ms = now;
        let id = project.id.clone();
        self.effect(format!("seqn update-project {org}/{slug}"));
        self.log(asker, "project.updated", (&id, "project"), org, json!({ "slug": slug }));
        Ok(())
    }

    /// Makes a new secret key; the old one stops working. Returns the key, once.
    pub(crate) fn rotate_project_secret(&mut self, org: &str, slug: &str, asker: &Asker) -> Result<String, Refused> {
        self.refuse_when_inactive(org)?;
        let serial = self.next("key");
        let found = self.record.projects.iter_mut().find(|p| p.org == org && p.slug == slug);
        let project = found.ok_or_else(|| Refused::missing("project"))?;
        let key = mint::key(KeyKind::Secret, &format!("{org}/{slug}/{serial}"));
        project.secret_prefix = mint::prefix(KeyKind::Secret, &key);
        project.secret_hash = mint::hex_digest(&key);
        project.updated_ms = self.now_ms;
        let (id, prefix) = (project.id.clone(), project.secret_prefix.clone());
        self.record.secrets.push(key.clone());
        self.effect(format!("seqn rotate-project-secret {org}/{slug}"));
        self.log(asker, "project.secret_rotated", (&id, "project"), org, json!({ "secretKeyPrefix": prefix }));
        Ok(key)
    }

    /// Writes a subscription.
    pub(crate) fn update_subscription(
        &mut self,
        org: &str,
        wish: SubscriptionWish,
        asker: &Asker,
    ) -> Result<(), Refused> {
        let ends = !self.record.keeps_limits;
        let found = self.record.orgs.iter_mut().find(|o| o.slug == org);
        let organization = found.ok_or_else(|| Refused::missing("organization"))?;
        let before = organization.subscription.clone();
        let held = &mut organization.subscription;
        held.plan = wish.plan.unwrap_or_else(|| before.plan.clone());
        held.status = wish.status.unwrap_or_else(|| before.status.clone());
        held.period_end_ms = wish.period_end_ms.unwrap_or(before.period_end_ms);
        held.seat_limit = wish.seat_limit.or(before.seat_limit);
        held.set = Override {
            projects: wish.set.projects.or(before.set.projects),
            users: wish.set.users.or(before.set.users),
            webhook_endpoints: wish.set.webhook_endpoints.or(before.set.webhook_endpoints),
            expires_ms: wish.set.expires_ms.filter(|_| ends).or(before.set.expires_ms),
        };
        if *held == before {
            return Ok(());
        }
        let metadata = json!({ "planKey": held.plan, "status": held.status });
        let id = organization.id.clone();
        self.effect(format!("seqn update-subscription {org}"));
        self.log(asker, "subscription.updated", (&id, "organization"), org, metadata);
        Ok(())
    }

    /// Sends a test event; the id of its delivery.
    pub(crate) fn test_webhook(&mut self, org: &str, id: &str, asker: &Asker) -> Result<String, Refused> {
        self.refuse_when_inactive(org)?;
        let serial = self.next("delivery");
        let found = self.record.webhooks.iter().find(|w| w.org == org && w.id == id);
        let webhook = found.ok_or_else(|| Refused::missing("webhook"))?;
        let answers = webhook.answers;
        let good = webhook.enabled && (200..300).contains(&answers);
        let status = match (good, webhook.enabled) {
            (true, _) => "delivered",
            (false, true) => "retrying",
            (false, false) => "failed",
        };
        let delivery = Delivery {
            id: format!("dlv_test_{serial:04}"),
            webhook: id.into(),
            event_type: "webhook.test".into(),
            status: status.into(),
            attempts: u32::from(webhook.enabled),
            response_status: webhook.enabled.then_some(answers),
            last_error: (!good).then(|| format!("the receiver answered {answers}")),
            next_retry_ms: (status == "retrying").then_some(self.now_ms + RETRY_MS),
            created_ms: self.now_ms,
        };
        let made = delivery.id.clone();
        self.record.deliveries.push(delivery);
        self.effect(format!("seqn test-webhook {id}"));
        self.log(asker, "webhook.test_sent", (id, "webhook"), org, json!({ "deliveryId": made }));
        Ok(made)
    }

    /// Makes a new signing secret. Returns it, once.
    pub(crate) fn rotate_webhook_secret(&mut self, org: &str, id: &str, asker: &Asker) -> Result<String, Refused> {
        self.refuse_when_inactive(org)?;
        let serial = self.next("key");
        let found = self.record.webhooks.iter_mut().find(|w| w.org == org && w.id == id);
        let webhook = found.ok_or_else(|| Refused::missing("webhook"))?;
        let secret = mint::key(KeyKind::Signing, &format!("{org}/{id}/{serial}"));
        webhook.secret_prefix = mint::prefix(KeyKind::Signing, &secret);
        webhook.secret_hash = mint::hex_digest(&secret);
        let prefix = webhook.secret_prefix.clone();
        self.record.secrets.push(secret.clone());
        self.effect(format!("seqn rotate-webhook-secret {id}"));
        self.log(asker, "webhook.secret_rotated", (id, "webhook"), org, json!({ "secretPrefix": prefix }));
        Ok(secret)
    }

    fn refuse_when_inactive(&self, org: &str) -> Result<(), Refused> {
        let organization = self.record.org(org).ok_or_else(|| Refused::missing("organization"))?;
        if organization.subscription.allows_changes() {
            return Ok(());
        }
        let status = &organization.subscription.status;
        Err(Refused::new(402, "subscription_inactive", format!("The subscription is {status}.")))
    }

    /// Ends an Authentik session and its access tokens. Refresh tokens stay. False when there is none.
    pub(crate) fn end_identity_session(&mut self, uuid: &str) -> bool {
        let Some(session) = self.record.identity_sessions.iter_mut().find(|s| s.uuid == uuid && !s.ended) else {
            return false;
        };
        session.ended = true;
        for token in &mut self.record.access_tokens {
            token.ended |= token.session.as_deref() == Some(uuid);
        }
        self.effect(format!("authentik end-session {uuid}"));
        true
    }

    /// Ends a refresh token. False when there is none.
    pub(crate) fn end_refresh_token(&mut self, pk: i64) -> bool {
        let ended = end_grant(&mut self.record.refresh_tokens, pk);
        if ended {
            self.effect(format!("authentik end-refresh-token {pk}"));
        }
        ended
    }

    /// Ends an access token. False when there is none.
    pub(crate) fn end_access_token(&mut self, pk: i64) -> bool {
        let ended = end_grant(&mut self.record.access_tokens, pk);
        if ended {
            self.effect(format!("authentik end-access-token {pk}"));
        }
        ended
    }

    /// The next number of that kind of thing, from 1.
    pub(super) fn next(&mut self, kind: &'static str) -> u64 {
        let made = self.record.made.entry(kind).or_default();
        *made += 1;
        *made
    }

    fn effect(&mut self, line: String) {
        self.record.effects.push(line);
    }

    fn log(&mut self, asker: &Asker, action: &str, target: (&str, &'static str), org: &str, metadata: Value) {
        let serial = self.next("audit");
        let created_ms = self.now_ms;
        self.record.audit.push(AuditEntry {
            id: format!("aud_made_{serial:06}"),
            action: action.into(),
            actor: asker.doer.clone(),
            target_id: target.0.into(),
            target_kind: target.1,
            org: org.into(),
            request_id: asker.request_id.clone(),
            ip: "127.0.0.1".into(),
            created_ms,
            metadata,
        });
    }
}

fn end_grant(grants: &mut [Grant], pk: i64) -> bool {
    let Some(grant) = grants.iter_mut().find(|g| g.pk == pk && !g.ended) else { return false };
    grant.ended = true;
    true
}
