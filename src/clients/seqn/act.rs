//! Changing SEQN Auth: one request a change, on behalf of a member of staff, with an idempotency key.
//!
//! Nothing is repeated here. Invariant: what is off, or has no credential, sends nothing; a field that is not to be
//! changed is not sent.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use crate::model::{OrgSlug, ProjectChange, SessionId, SubscriptionChange};
use crate::ports::{Behalf, Operation, PortError, SeqnAct};

use super::super::http::Ask;
use super::SeqnActor;

impl SeqnActor {
    async fn change(
        &self,
        operation: Operation,
        path: &[(&str, &str)],
        of: Behalf<'_>,
        ask: impl FnOnce(url::Url) -> Ask + Send,
    ) -> Result<(), PortError> {
        self.link.open(operation)?;
        let ask = ask(self.link.url(operation, path)?);
        let ask = ask.header("idempotency-key", of.key).header("x-seqn-on-behalf-of", of.staff.as_str());
        self.link.call(operation, ask).await?.done()
    }
}

#[async_trait]
impl SeqnAct for SeqnActor {
    async fn end_session(&self, org: &OrgSlug, session: &SessionId, of: Behalf<'_>) -> Result<(), PortError> {
        let path = [("org", org.as_str()), ("sessionId", session.as_str())];
        self.change(Operation::RevokeSession, &path, of, Ask::delete).await
    }

    async fn set_role(&self, org: &OrgSlug, member: &str, role: &str, of: Behalf<'_>) -> Result<(), PortError> {
        let path = [("org", org.as_str()), ("memberId", member)];
        let fields = json!({ "role": role });
        self.change(Operation::UpdateMemberRole, &path, of, |url| Ask::patch(url, fields)).await
    }

    async fn write_project(
        &self,
        org: &OrgSlug,
        project: &OrgSlug,
        change: &ProjectChange,
        of: Behalf<'_>,
    ) -> Result<(), PortError> {
        let path = [("org", org.as_str()), ("project", project.as_str())];
        let fields = set([
            ("name", json!(change.name)),
            ("redirectUrls", json!(change.redirects)),
            ("origins", json!(change.origins)),
        ]);
        self.change(Operation::UpdateProject, &path, of, |url| Ask::patch(url, fields)).await
    }

    async fn write_subscription(
        &self,
        org: &OrgSlug,
        change: &SubscriptionChange,
        of: Behalf<'_>,
    ) -> Result<(), PortError> {
        let limits = set([
            ("projects", json!(change.projects)),
            ("users", json!(change.users)),
            ("webhookEndpoints", json!(change.webhooks)),
        ]);
        let limits = if limits == json!({}) { Value::Null } else { limits };
        let end = change.limits_end.map(crate::model::Millis::to_rfc3339);
        let fields = set([
            ("planKey", json!(change.plan)),
            ("status", json!(change.status)),
            ("limits", limits),
            ("limitsExpireAt", json!(end)),
        ]);
        self.change(Operation::UpdateSubscription, &[("org", org.as_str())], of, |url| Ask::patch(url, fields)).await
    }

    async fn send_test_event(&self, org: &OrgSlug, webhook: &str, of: Behalf<'_>) -> Result<(), PortError> {
        let path = [("org", org.as_str()), ("webhookId", webhook)];
        self.change(Operation::TestWebhook, &path, of, Ask::post).await
    }
}

/// The fields that are set, as an object.
fn set<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let given = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}
