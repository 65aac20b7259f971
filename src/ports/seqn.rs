//! SEQN Auth as this bot needs it. Routes, documented and assumed, are in `seqn-openapi.yaml`; the
//! client maps them. Texts that come back have been through the guard.

use async_trait::async_trait;

use crate::model::{Email, KeyOwner, Millis, OrgSlug, SessionId, StaffId};

use super::error::PortError;

/// What can be asked of SEQN Auth, by its `operationId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// `listSessions`
    ListSessions,
    /// `revokeSession`
    RevokeSession,
    /// `listAuditLogs`
    ListAuditLogs,
    /// `listMembers`
    ListMembers,
    /// `getOrganization`
    GetOrganization,
    /// `findProjects`
    FindProjects,
    /// `getSubscription`
    GetSubscription,
    /// `getUsage`
    GetUsage,
}

/// How an operation is done here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By the API.
    Api,
    /// By a person in the hosted console.
    Console {
        /// Why not by the API, for the operator.
        why: String,
        /// The console's page.
        url: String,
    },
}

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

/// The reading half.
#[async_trait]
pub trait SeqnRead: Send + Sync {
    /// Whether that operation is done by the API here, or by hand.
    fn mode(&self, operation: Operation) -> Mode;
    /// The hosted console's page, for steps by hand.
    fn console(&self) -> String;
    /// The sessions of that user in that organization, newest first, all pages up to the client's limit.
    /// `NotFound`: no such organization or user. `NoRoute`: console mode.
    async fn sessions(&self, org: &OrgSlug, user: &Email) -> Result<Vec<SeqnSession>, PortError>;
    /// The projects whose secret key begins so now: the platform-wide look-up for a key that leaked.
    async fn projects_by_key_prefix(&self, prefix: &str) -> Result<Vec<KeyOwner>, PortError>;
    /// That organization's subscription. `NotFound`: no such organization.
    async fn subscription(&self, org: &OrgSlug) -> Result<Subscription, PortError>;
    /// What that organization uses.
    async fn usage(&self, org: &OrgSlug) -> Result<Amounts, PortError>;
    /// Audit-log entries, newest first.
    async fn audit_log(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, PortError>;
}

/// The acting half.
#[async_trait]
pub trait SeqnAct: Send + Sync {
    /// Ends a session on behalf of that member of staff. `key` is the `Idempotency-Key`, the same at each repeat.
    async fn end_session(&self, org: &OrgSlug, session: &SessionId, by: &StaffId, key: &str) -> Result<(), PortError>;
}
