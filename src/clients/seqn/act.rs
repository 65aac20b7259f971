//! Changing SEQN Auth: one request a change, on behalf of a member of staff, with an idempotency key.
//!
//! Nothing is repeated here. Invariant: what is off, or has no credential, sends nothing; a field that is not to be
//! changed is not sent; a new key goes from the bytes of the answer straight into a `Secret`.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::guard::Secret;
use crate::model::{KeyOf, OrgSlug, ProjectChange, SessionId, SubscriptionChange};
use crate::ports::{Behalf, NewKey, Operation, PortError, SeqnAct};

use super::super::http::Ask;
use super::SeqnActor;

/// The longest key that is taken for one, in bytes: those of the documentation have about 40.
const KEY_MOST: usize = 1_024;
/// The longest beginning of a key that may be shown, in characters: `sk_live_` and eight.
const PREFIX_MOST: usize = 24;

/// What a rotation answers, of a project or of a webhook.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireKey {
    #[serde(alias = "secret")]
    secret_key: Shown,
    #[serde(alias = "secretPrefix")]
    secret_key_prefix: Option<String>,
}

/// A secret as it is read: it is never a plain text of ours.
#[derive(Deserialize)]
#[serde(from = "String")]
struct Shown(Secret);

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

impl WireKey {
    fn read(bytes: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(bytes).ok()?;
        let key = read.secret_key.0.expose();
        let plain = !key.is_empty() && key.len() <= KEY_MOST && key.bytes().all(|b| b.is_ascii_graphic());
        plain.then_some(read)
    }
}

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

    async fn rotate_key(&self, org: &OrgSlug, key: &KeyOf, of: Behalf<'_>) -> Result<NewKey, PortError> {
        let (operation, name) = match key {
            KeyOf::Project(_) => (Operation::RotateProjectSecret, "project"),
            KeyOf::Webhook(_) => (Operation::RotateWebhookSecret, "webhookId"),
        };
        let link = &self.link;
        link.open(operation)?;
        let ask = Ask::post(link.url(operation, &[("org", org.as_str()), (name, key.item())])?);
        let ask = ask.header("idempotency-key", of.key).header("x-seqn-on-behalf-of", of.staff.as_str());
        let made = link.call_shown(operation, ask, WireKey::read).await?;
        let said = made.secret_key_prefix.unwrap_or_default();
        // A server that shows more than a beginning here is not repeated.
        let fits = said.chars().count() <= PREFIX_MOST && link.wire.clean(&said) == said;
        Ok(NewKey { value: made.secret_key.0, prefix: if fits { said } else { String::new() } })
    }
}

/// The fields that are set, as an object.
fn set<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let given = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::response::Response;

    use super::super::super::loopback::{Loopback, bare, guard, json as reply, raw_key};
    use super::super::super::routes::RouteSetting;
    use super::super::{Deadlines, SeqnConfig, connect};
    use super::*;
    use crate::ports::Fault;

    async fn rotates(
        key: &KeyOf,
        answer: impl Fn() -> Response + Send + Sync + 'static,
    ) -> (Loopback, Result<NewKey, PortError>) {
        let server = Loopback::start(move |_| answer()).await;
        let enabled = RouteSetting { enabled: true, ..RouteSetting::default() };
        let routes = ["rotateProjectSecret", "rotateWebhookSecret"].map(|name| (name.to_owned(), enabled.clone()));
        let config = SeqnConfig {
            base: server.url.clone(),
            console: server.url.join("/auth/console").expect("a URL"),
            read_token: None,
            act_token: Some(Secret::new("acts-only")),
            auth_header: "Authorization".into(),
            routes: BTreeMap::from(routes),
        };
        let (_, actor) = connect(&config, &guard(), Deadlines::default()).expect("clients");
        let (org, by) = ("acme".parse().expect("a slug"), "st_kim".parse().expect("an id"));
        let made = actor.rotate_key(&org, key, Behalf { staff: &by, key: "rq-1-2" }).await;
        (server, made)
    }

    fn portal() -> KeyOf {
        KeyOf::Project("portal".parse().expect("a slug"))
    }

    #[tokio::test]
    async fn a_new_key_is_taken_out_of_the_answer_and_only_its_beginning_is_said() {
        let prefix: String = raw_key().chars().take(16).collect();
        let said = prefix.clone();
        let answer = move || reply(200, &json!({"secretKey": raw_key(), "secretKeyPrefix": said, "rotatedAt": "now"}));
        let (server, made) = rotates(&portal(), answer).await;
        let made = made.expect("a key");
        assert_eq!((made.value.expose(), made.prefix.as_str()), (raw_key().as_str(), prefix.as_str()));
        assert!(!format!("{made:?}").contains(&raw_key()), "it is never printed");
        let seen = server.seen().remove(0);
        assert_eq!(seen.line, "POST /v1/organizations/acme/projects/portal/rotate-secret");
        assert_eq!(seen.headers["idempotency-key"], "rq-1-2");
        assert_eq!(seen.headers["x-seqn-on-behalf-of"], "st_kim");

        let webhook = KeyOf::Webhook("wh_orders".into());
        let (server, made) = rotates(&webhook, || reply(200, &json!({"secret": raw_key()}))).await;
        let made = made.expect("a secret");
        assert_eq!((made.value.expose(), made.prefix.as_str()), (raw_key().as_str(), ""));
        assert_eq!(server.lines(), ["POST /v1/organizations/acme/webhooks/wh_orders/rotate-secret"]);
    }

    #[tokio::test]
    async fn what_shows_too_much_or_no_key_is_not_repeated() {
        let whole = || reply(200, &json!({"secretKey": raw_key(), "secretKeyPrefix": raw_key()}));
        assert_eq!(rotates(&portal(), whole).await.1.expect("a key").prefix, "", "the whole key is no beginning");
        let key = || raw_key().repeat(40);
        let large = move || reply(200, &json!({"secretKey": key()}));
        let much = || reply(200, &json!({"secretKey": raw_key(), "more": "x".repeat(17_000)}));
        let none = || reply(200, &json!({"secretKeyPrefix": "sk_live_abc12345"}));
        for error in [
            rotates(&portal(), large).await.1.expect_err("too long"),
            rotates(&portal(), much).await.1.expect_err("too large"),
            rotates(&portal(), none).await.1.expect_err("no key"),
            rotates(&portal(), || bare(204, "")).await.1.expect_err("nothing"),
            rotates(&portal(), || bare(200, &format!("<html>{}", raw_key()))).await.1.expect_err("a page"),
        ] {
            assert_eq!(error.fault, Fault::Garbled, "{error}");
            assert!(!error.to_string().contains(&raw_key()) && !format!("{error:?}").contains(&raw_key()));
        }
    }

    #[tokio::test]
    async fn a_refusal_is_read_like_every_other_and_without_a_route_nothing_is_sent() {
        let inactive = || reply(402, &json!({"error": {"code": "subscription_inactive", "message": raw_key()}}));
        let error = rotates(&portal(), inactive).await.1.expect_err("refused");
        assert_eq!(error.fault, Fault::Refused { status: 402, code: "subscription_inactive".into() });
        assert!(!error.to_string().contains(&raw_key()), "{error}");
        let missing = || reply(404, &json!({"error": {"code": "project_not_found"}}));
        assert_eq!(rotates(&portal(), missing).await.1.expect_err("no project").fault, Fault::NotFound);
        assert_eq!(rotates(&portal(), || bare(404, "")).await.1.expect_err("no route").fault, Fault::NoRoute);
        assert_eq!(
            rotates(&portal(), || bare(503, "")).await.1.expect_err("down").fault,
            Fault::Failing { status: 503 }
        );
        assert_eq!(rotates(&portal(), || bare(303, "")).await.1.expect_err("elsewhere").fault, Fault::Garbled);
    }
}
