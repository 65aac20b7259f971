//! SEQN Auth as this bot needs it. Routes, documented and assumed, are in `seqn-openapi.yaml`; the
//! client maps them. Texts that come back have been through the guard.

use async_trait::async_trait;

use crate::guard::Secret;
use crate::model::{Email, KeyOf, KeyOwner, OrgSlug, ProjectChange, SessionId, StaffId, SubscriptionChange};

use super::error::PortError;
use super::records::{
    Amounts, AuditEntry, AuditQuery, Delivery, Member, Project, PublicConfig, SeqnSession, SeqnUser, Subscription,
    Webhook,
};

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
    /// `findUsers`
    FindUsers,
    /// `getProject`
    GetProject,
    /// `listWebhooks`
    ListWebhooks,
    /// `listDeliveries`
    ListDeliveries,
    /// `updateMemberRole`
    UpdateMemberRole,
    /// `updateProject`
    UpdateProject,
    /// `updateSubscription`
    UpdateSubscription,
    /// `testWebhook`
    TestWebhook,
    /// `rotateProjectSecret`
    RotateProjectSecret,
    /// `rotateWebhookSecret`
    RotateWebhookSecret,
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

/// The reading half.
#[async_trait]
pub trait SeqnRead: Send + Sync {
    /// Whether that operation is done by the API here, or by hand.
    fn mode(&self, operation: Operation) -> Mode;
    /// The hosted console's page, for steps by hand.
    fn console(&self) -> String;
    /// The canary project's publishable key, where one is configured.
    fn canary(&self) -> Option<String>;
    /// The sessions of that user in that organization, newest first, all pages up to the client's limit.
    /// `NotFound`: no such organization or user. `NoRoute`: console mode.
    async fn sessions(&self, org: &OrgSlug, user: &Email) -> Result<Vec<SeqnSession>, PortError>;
    /// The projects whose secret key begins so now: the platform-wide look-up for a key that leaked.
    async fn projects_by_key_prefix(&self, prefix: &str) -> Result<Vec<KeyOwner>, PortError>;
    /// That organization's subscription. `NotFound`: no such organization.
    async fn subscription(&self, org: &OrgSlug) -> Result<Subscription, PortError>;
    /// What that organization uses.
    async fn usage(&self, org: &OrgSlug) -> Result<Amounts, PortError>;
    /// That person's memberships in that organization: none, or one.
    async fn member(&self, org: &OrgSlug, user: &Email) -> Result<Option<Member>, PortError>;
    /// An admin of that organization other than the member of that id. `None`: there is no other.
    /// It stops at the first one, so that a large organization is not read whole.
    async fn another_admin(&self, org: &OrgSlug, than: &str) -> Result<Option<Member>, PortError>;
    /// The people with that e-mail, platform-wide, with all their memberships.
    async fn people(&self, user: &Email) -> Result<Vec<SeqnUser>, PortError>;
    /// One project. `NotFound`: no such organization or project.
    async fn project(&self, org: &OrgSlug, project: &OrgSlug) -> Result<Project, PortError>;
    /// What `GET /v1/client/config` says to a browser with that publishable key (documented).
    /// `NotFound`: no project has it. `Refused` with 409: the project is disabled.
    async fn public_config(&self, publishable_key: &str) -> Result<PublicConfig, PortError>;
    /// The webhook endpoints of that organization.
    async fn webhooks(&self, org: &OrgSlug) -> Result<Vec<Webhook>, PortError>;
    /// At most `most` deliveries of that endpoint, newest first.
    async fn deliveries(&self, org: &OrgSlug, webhook: &str, most: u32) -> Result<Vec<Delivery>, PortError>;
    /// Audit-log entries, newest first.
    async fn audit_log(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, PortError>;
}

/// For whom something is done, and under which key a repeat of it is known.
#[derive(Clone, Copy, Debug)]
pub struct Behalf<'a> {
    /// The member of staff.
    pub staff: &'a StaffId,
    /// The `Idempotency-Key`, the same at each repeat.
    pub key: &'a str,
}

/// A key that was just made. It is shown once: whoever drops this has lost it.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The key itself.
    pub value: Secret,
    /// How it begins, as far as that may be shown; empty where SEQN Auth does not say.
    pub prefix: String,
}

/// The acting half.
#[async_trait]
pub trait SeqnAct: Send + Sync {
    /// Ends a session.
    async fn end_session(&self, org: &OrgSlug, session: &SessionId, of: Behalf<'_>) -> Result<(), PortError>;
    /// Gives a member another role.
    async fn set_role(&self, org: &OrgSlug, member: &str, role: &str, of: Behalf<'_>) -> Result<(), PortError>;
    /// Writes a project.
    async fn write_project(
        &self,
        org: &OrgSlug,
        project: &OrgSlug,
        change: &ProjectChange,
        of: Behalf<'_>,
    ) -> Result<(), PortError>;
    /// Writes a subscription.
    async fn write_subscription(
        &self,
        org: &OrgSlug,
        change: &SubscriptionChange,
        of: Behalf<'_>,
    ) -> Result<(), PortError>;
    /// Has a test event sent to that endpoint.
    async fn send_test_event(&self, org: &OrgSlug, webhook: &str, of: Behalf<'_>) -> Result<(), PortError>;
    /// Has a key replaced; the old one is dead from then on. Whether SEQN Auth honours the idempotency key is not
    /// documented: a second call may make a second key.
    async fn rotate_key(&self, org: &OrgSlug, key: &KeyOf, of: Behalf<'_>) -> Result<NewKey, PortError>;
}
