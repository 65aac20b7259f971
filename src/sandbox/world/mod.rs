//! The world behind the sandbox: one state that the SEQN Auth and the Authentik emulator both show.
//!
//! It speaks no protocol and starts nothing. Invariant: every id is the same in every run, and every
//! change that had an effect is in `effects`, once, in order.

mod change;
mod crowd;
pub(crate) mod door;
pub(crate) mod identity;
mod look;
mod members;
pub(crate) mod mint;
mod people;
#[cfg(test)]
pub(crate) mod raw;
pub(crate) mod record;
mod seed;
mod seed_audit;
pub(crate) mod seed_identity;

/// A key made for a story: no project and no webhook has it.
pub(crate) fn story_key(signing: bool) -> String {
    mint::key(if signing { mint::KeyKind::Signing } else { mint::KeyKind::Secret }, "story")
}

/// What only looks generated: no kind of key, and nothing says what it is.
pub(crate) fn story_noise() -> String {
    mint::letters("story/noise", 40)
}

/// A private key of many lines, as files hold it.
pub(crate) fn story_private_key() -> String {
    let line = |n: u32| mint::letters(&format!("story/pem/{n}"), 64);
    let body: Vec<String> = (0..6).map(line).collect();
    let edge = |word: &str| format!("-----{word} {} KEY-----", "PRIVATE");
    format!("{}\n{}\n{}", edge("BEGIN"), body.join("\n"), edge("END"))
}

/// The secret key that `acme`'s project `portal` has at first.
pub(crate) fn story_project_key() -> String {
    mint::key(mint::KeyKind::Secret, "acme/portal")
}

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use change::{Asker, Change, ProjectWish, Refused, SubscriptionWish};
pub use crowd::Crowd;
pub use door::Recorded;

use self::identity::{ApiToken, Grant, Group, Identity, IdentityEvent, IdentitySession};
use self::mint::KeyKind;
use self::record::{AuditEntry, Delivery, Member, Organization, Project, Session, User, Webhook};
use super::dial::Dial;

/// The issuer that SEQN publishes while no Authentik emulator has said another.
const PUBLISHED_ISSUER: &str = "https://auth.seqn.in/application/o/silver-auth/";
/// The label that the canary project's keys are made from.
const CANARY: &str = "canary";

/// The shared world. Clones are the same world.
#[derive(Clone, Debug)]
pub struct World {
    record: Arc<Mutex<Record>>,
    dial: Dial,
}

/// Everything that is remembered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) orgs: Vec<Organization>,
    pub(crate) users: Vec<User>,
    pub(crate) members: Vec<Member>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) projects: Vec<Project>,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) audit: Vec<AuditEntry>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) groups: Vec<Group>,
    pub(crate) identity_sessions: Vec<IdentitySession>,
    pub(crate) refresh_tokens: Vec<Grant>,
    pub(crate) access_tokens: Vec<Grant>,
    pub(crate) api_tokens: Vec<ApiToken>,
    pub(crate) events: Vec<IdentityEvent>,
    /// Changes that had an effect, oldest first.
    pub(crate) effects: Vec<String>,
    /// Every secret that exists in this world or was handed out, for canary searches.
    pub(crate) secrets: Vec<String>,
    /// How many things of each kind were made after the seed.
    pub(crate) made: BTreeMap<&'static str, u64>,
    /// True while SEQN's own Authentik token is refused, so that provisioning is blocked.
    pub(crate) provisioning_blocked: bool,
    /// True while SEQN forgets when limits end: only somebody who takes them back ends them.
    pub(crate) keeps_limits: bool,
    /// The OIDC issuer that SEQN publishes.
    pub(crate) issuer: String,
}

impl World {
    /// A world with the organizations `acme`, `globex`, `initech` and `canary`, and the people of the stories.
    #[must_use]
    pub fn acme(dial: Dial) -> Self {
        let now = dial.now_ms();
        let mut record = Record { issuer: PUBLISHED_ISSUER.into(), ..Record::default() };
        seed::plant(&mut record, now);
        seed_audit::plant(&mut record, now);
        seed_identity::plant(&mut record, now);
        Self { record: Arc::new(Mutex::new(record)), dial }
    }

    /// The canary project's publishable key.
    #[must_use]
    pub fn canary_publishable_key() -> String {
        mint::key(KeyKind::Publishable, CANARY)
    }

    /// The canary project's secret key, as long as nobody rotates it.
    #[must_use]
    pub fn canary_secret_key() -> String {
        mint::key(KeyKind::Secret, CANARY)
    }

    /// The client secret that Authentik shows, in clear, with its provider.
    #[must_use]
    pub fn oidc_client_secret() -> String {
        mint::letters("oidc-client-secret", 128)
    }

    /// Every secret of this world so far, rotated ones included: none of them may turn up anywhere.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let record = self.lock();
        let mut secrets = record.secrets.clone();
        secrets.push(Self::oidc_client_secret());
        secrets.extend(record.refresh_tokens.iter().map(|t| mint::signed_token(&format!("refresh-token:{}", t.pk))));
        secrets.extend(record.access_tokens.iter().map(|t| mint::signed_token(&format!("access-token:{}", t.pk))));
        secrets
    }

    /// Changes that had an effect, in order, such as `seqn revoke ses_jo_laptop`.
    #[must_use]
    pub fn effects(&self) -> Vec<String> {
        self.lock().effects.clone()
    }

    /// What a story asks about the world; `None` when there is no such thing. The queries are listed in `look.rs`.
    #[must_use]
    pub fn look(&self, query: &str) -> Option<String> {
        look::answer(&self.lock(), query, self.now_ms())
    }

    /// The uuid of the Authentik session that stories call `label`.
    #[must_use]
    pub fn identity_session_uuid(&self, label: &str) -> Option<String> {
        self.lock().identity_sessions.iter().find(|s| s.label == label).map(|s| s.uuid.clone())
    }

    /// A new active SEQN session, created and used now. A user or membership that is missing is made.
    pub fn add_session(&self, org: &str, email: &str) -> String {
        self.change().add_session(org, email)
    }

    /// A new Authentik session, used now; its uuid. An identity that is missing is made.
    pub fn add_identity_session(&self, username: &str) -> String {
        self.change().add_identity_session(username)
    }

    /// A new refresh token of that identity; its id. An identity that is missing is made.
    pub fn add_refresh_token(&self, username: &str) -> i64 {
        self.change().add_refresh_token(username)
    }

    /// An admin gives a member another role in the hosted console; whether there is such a member.
    pub fn set_role(&self, org: &str, email: &str, role: &str) -> bool {
        let mut change = self.change();
        let user = change.record.user_by_email(email).map(|user| user.id.clone());
        let found = change.record.members.iter().find(|m| m.org == org && Some(&m.user) == user.as_ref());
        let Some(member) = found.map(|member| member.id.clone()) else { return false };
        change.set_role(org, &member, role, &in_console()).is_ok()
    }

    /// Somebody replaces a project's secret key in the hosted console; whether there is such a project.
    pub fn rotate_key(&self, org: &str, project: &str) -> bool {
        self.change().rotate_project_secret(org, project, &in_console()).is_ok()
    }

    /// Somebody replaces a webhook's signing secret in the hosted console; whether there is such an endpoint.
    pub fn rotate_webhook(&self, org: &str, webhook: &str) -> bool {
        self.change().rotate_webhook_secret(org, webhook, &in_console()).is_ok()
    }

    /// Whether that is the key that holds now: `what` is `acme/portal` for a project, or an endpoint's id.
    #[must_use]
    pub fn holds(&self, what: &str, key: &str) -> bool {
        let (record, hash) = (self.lock(), mint::hex_digest(key));
        match what.split_once('/') {
            Some((org, slug)) => {
                record.projects.iter().any(|p| p.org == org && p.slug == slug && p.secret_hash == hash)
            }
            None => record.webhooks.iter().any(|w| w.id == what && w.secret_hash == hash),
        }
    }

    /// Removes the SEQN user with all memberships and sessions, and every Authentik identity with that e-mail.
    pub fn remove_user(&self, email: &str) {
        self.change().remove_user(email);
    }

    /// Removes one Authentik identity with its sessions and tokens.
    pub fn remove_identity(&self, username: &str) {
        self.change().remove_identity(username);
    }

    /// Sets the status of an organization's subscription, such as `cancelled`.
    pub fn set_subscription_status(&self, org: &str, status: &str) {
        if let Some(org) = self.lock().orgs.iter_mut().find(|o| o.slug == org) {
            org.subscription.status = status.into();
        }
    }

    /// Puts an organization on a plan, such as `free`; an internal one too.
    pub fn set_plan(&self, org: &str, plan: &str) {
        if let Some(org) = self.lock().orgs.iter_mut().find(|o| o.slug == org) {
            org.subscription.plan = plan.into();
        }
    }

    /// Sets the status of a project: `active` or `disabled`.
    pub fn set_project_status(&self, org: &str, project: &str, status: &str) {
        if let Some(project) = self.lock().projects.iter_mut().find(|p| p.org == org && p.slug == project) {
            project.status = status.into();
        }
    }

    /// The HTTP status with which a webhook's receiver answers from now on.
    pub fn set_webhook_answer(&self, webhook: &str, status: u16) {
        if let Some(webhook) = self.lock().webhooks.iter_mut().find(|w| w.id == webhook) {
            webhook.answers = status;
        }
    }

    /// Whether SEQN's own Authentik token is refused, so that provisioning stays blocked.
    pub fn block_provisioning(&self, blocked: bool) {
        self.lock().provisioning_blocked = blocked;
    }

    /// Whether SEQN forgets when limits end, so that they stay until somebody takes them back.
    pub fn keep_limits(&self, keeps: bool) {
        self.lock().keeps_limits = keeps;
    }

    /// Another world, as this one is now; what changes in the one is not seen in the other.
    pub(crate) fn as_it_is(&self) -> Self {
        Self { record: Arc::new(Mutex::new(self.lock().clone())), dial: self.dial.clone() }
    }

    /// Now, on the sandbox's dial.
    pub(crate) fn now_ms(&self) -> i64 {
        self.dial.now_ms()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record, to be changed at this moment.
    pub(crate) fn change(&self) -> Change<'_> {
        Change::new(self.lock(), self.now_ms())
    }
}

impl Record {
    pub(crate) fn org(&self, slug: &str) -> Option<&Organization> {
        self.orgs.iter().find(|o| o.slug == slug)
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|u| u.id == id)
    }

    pub(crate) fn identity(&self, pk: i64) -> Option<&Identity> {
        self.identities.iter().find(|i| i.pk == pk)
    }

    /// Users are found by e-mail without regard to case.
    pub(crate) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|u| u.email.eq_ignore_ascii_case(email))
    }
}

/// A person in the hosted console.
fn in_console() -> Asker {
    Asker {
        doer: record::Doer { id: "usr_console".into(), email: None, kind: "user" },
        request_id: "req_console".into(),
    }
}
