//! What SEQN Auth keeps, in our words: sessions, people, projects, subscriptions, webhooks, its audit log.
//!
//! Shapes only. Invariant: no field has room for a raw secret; a number that is not known is `None`.

use crate::model::{Evidence, Millis, ProjectChange, SessionId, SubscriptionChange};

/// Whether a SEQN session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// It lives.
    Active,
    /// It was revoked.
    Revoked,
    /// It ran out.
    Expired,
}

/// One SEQN session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeqnSession {
    /// Its id.
    pub id: SessionId,
    /// The user's id.
    pub user: String,
    /// The user's e-mail, where given.
    pub email: String,
    /// Whether it lives.
    pub status: SessionStatus,
    /// When it began.
    pub created: Option<Millis>,
    /// When it was last used.
    pub last_active: Option<Millis>,
    /// The address it was last used from; may be empty.
    pub address: String,
    /// The browser or program; may be empty.
    pub agent: String,
}

/// One entry of SEQN's audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: String,
    /// Such as `session.revoked`.
    pub action: String,
    /// Who did it: e-mail or id; may be empty.
    pub actor: String,
    /// What it was done to: id; may be empty.
    pub target: String,
    /// The address it was done from; may be empty.
    pub address: String,
    /// Two-letter country where the entry's metadata says one; may be empty.
    pub country: String,
    /// The request id; may be empty.
    pub request_id: String,
    /// When.
    pub at: Millis,
}

impl AuditEntry {
    /// As it is kept beside a request; `after`: whether it came after we acted.
    #[must_use]
    pub fn evidence(&self, after: bool) -> Evidence {
        Evidence {
            source: "seqn".into(),
            id: self.id.clone(),
            at: self.at,
            action: self.action.clone(),
            after,
            suspicion: String::new(),
        }
    }
}

/// Which entries of the audit log; empty fields do not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Organization slug.
    pub org: String,
    /// Actor: user id or e-mail.
    pub actor: String,
    /// Target id.
    pub target: String,
    /// From then on.
    pub since: Millis,
    /// The most entries.
    pub most: u32,
}

/// How many of each thing there are, or may be; `None`: not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Projects.
    pub projects: Option<u64>,
    /// Users.
    pub users: Option<u64>,
    /// Webhook endpoints.
    pub webhooks: Option<u64>,
    /// Sessions a month: a guide, which is not enforced.
    pub sessions: Option<u64>,
}

/// An organization's subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The plan's key.
    pub plan: String,
    /// Such as `active`.
    pub status: String,
    /// How many seats are paid for, where that is said.
    pub seats: Option<u64>,
    /// When the period began.
    pub start: Option<Millis>,
    /// When it ends.
    pub end: Option<Millis>,
    /// What it allows now.
    pub limits: Amounts,
    /// When limits that differ from the plan's end.
    pub limits_end: Option<Millis>,
}

/// A person's membership in an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The membership's id.
    pub id: String,
    /// The user's id.
    pub user: String,
    /// The user's e-mail.
    pub email: String,
    /// `admin`, `member`, or what else the server says.
    pub role: String,
}

/// A person platform-wide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeqnUser {
    /// The user's id.
    pub id: String,
    /// The e-mail, as SEQN writes it.
    pub email: String,
    /// Organization and role of each membership.
    pub memberships: Vec<(String, String)>,
}

/// How a project stands at the identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provisioning {
    /// `ready`, `pending`, `blocked`, `failed`, or what else the server says.
    pub status: String,
    /// Authentik's application; empty where none is known.
    pub application: String,
    /// Authentik's provider.
    pub provider: Option<i64>,
    /// The status with which the last try failed.
    pub error_status: Option<u16>,
    /// Why the last try failed; may be empty.
    pub error: String,
    /// Since when it stands so.
    pub updated: Option<Millis>,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its slug.
    pub slug: String,
    /// Its name; may be empty.
    pub name: String,
    /// `active`, `disabled`, or what else the server says.
    pub status: String,
    /// Its `pk_live_` key, which browsers may see; empty where none is said.
    pub publishable_key: String,
    /// How its secret key begins; empty where that is not said.
    pub secret_prefix: String,
    /// Where sign-in may return to.
    pub redirects: Vec<String>,
    /// From where browsers may call.
    pub origins: Vec<String>,
    /// How it stands at the identity provider, where that is said.
    pub provisioning: Option<Provisioning>,
}

/// What a project says to browsers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicConfig {
    /// The project's slug.
    pub slug: String,
    /// The project's status.
    pub status: String,
    /// The organization's slug; may be empty.
    pub org: String,
}

/// A webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Where it sends.
    pub url: String,
    /// Whether it sends.
    pub enabled: bool,
    /// What it sends.
    pub events: Vec<String>,
    /// How its signing secret begins; empty where that is not said.
    pub secret_prefix: String,
}

/// One delivery to a webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// What was sent.
    pub event: String,
    /// `delivered`, `retrying`, `failed`, or what else the server says.
    pub status: String,
    /// How often it was tried.
    pub attempts: u32,
    /// The receiver's last status.
    pub response: Option<u16>,
    /// Why it failed; may be empty.
    pub error: String,
    /// When it is tried again.
    pub next_retry: Option<Millis>,
    /// When it was made.
    pub created: Option<Millis>,
}

impl Project {
    /// Whether it has all that a change sets.
    #[must_use]
    pub fn has(&self, change: &ProjectChange) -> bool {
        change.name.as_ref().is_none_or(|name| *name == self.name)
            && change.redirects.as_ref().is_none_or(|list| *list == self.redirects)
            && change.origins.as_ref().is_none_or(|list| *list == self.origins)
    }
}

impl Subscription {
    /// Whether it has all that a change sets.
    #[must_use]
    pub fn has(&self, change: &SubscriptionChange) -> bool {
        let limit = |set: Option<u64>, now: Option<u64>| set.is_none() || set == now;
        change.plan.as_ref().is_none_or(|plan| *plan == self.plan)
            && change.status.as_ref().is_none_or(|status| *status == self.status)
            && limit(change.projects, self.limits.projects)
            && limit(change.users, self.limits.users)
            && limit(change.webhooks, self.limits.webhooks)
    }
}

impl Delivery {
    /// Whether it is a test event. The name of its type is not documented, so the word is looked for.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.event.contains("test")
    }
}
