//! Authentik as this bot needs it (`seqn-facts.md` sections 6 and 7: A5, A9, A10, A19, A21).

use async_trait::async_trait;

use crate::model::{Email, Millis};

use super::error::PortError;

/// One identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its numeric id (`pk`).
    pub id: i64,
    /// Its user name.
    pub username: String,
    /// Its e-mail as Authentik writes it, which may differ in case; may be empty.
    pub email: String,
    /// Whether it may sign in.
    pub active: bool,
}

/// One session with the identity provider: the identity's, not one organization's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentitySession {
    /// Its uuid.
    pub uuid: String,
    /// When it was last used.
    pub last_used: Option<Millis>,
    /// From where; may be empty.
    pub address: String,
    /// The browser; may be empty.
    pub agent: String,
}

/// One OAuth2 refresh token. Its value is never read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// Its id.
    pub id: i64,
    /// The provider's name; may be empty.
    pub provider: String,
    /// When it runs out.
    pub expires: Option<Millis>,
}

/// One event of Authentik's own log (facts A18).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityEvent {
    /// Its uuid.
    pub id: String,
    /// Such as `login_failed`.
    pub action: String,
    /// When.
    pub at: Millis,
    /// From where; may be empty.
    pub address: String,
    /// What it says, in a few words; may be empty.
    pub says: String,
}

/// What stands behind an OAuth2 client (facts A13, A15).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    /// Whether there is an application of that slug.
    pub application: bool,
    /// The provider's numeric id, where there is one with that client id.
    pub provider: Option<i64>,
    /// Whether that provider is the application's.
    pub joined: bool,
}

/// The reading half.
#[async_trait]
pub trait IdentityRead: Send + Sync {
    /// The identities with that e-mail, compared without case: none, one or several. An empty answer is
    /// believed only after the credential itself was checked (facts section 6, "empty 200 rather than 403").
    async fn find(&self, email: &Email) -> Result<Vec<Identity>, PortError>;
    /// Its sessions.
    async fn sessions(&self, of: &Identity) -> Result<Vec<IdentitySession>, PortError>;
    /// Its refresh tokens that have not run out.
    async fn refresh_tokens(&self, of: &Identity) -> Result<Vec<RefreshToken>, PortError>;
    /// Whether it is in the group of that name; `None` when there is no such group.
    async fn in_group(&self, of: &Identity, group: &str) -> Result<Option<bool>, PortError>;
    /// Events of these actions that name that identity, since then, newest first.
    async fn events(&self, of: &Identity, actions: &[&str], since: Millis) -> Result<Vec<IdentityEvent>, PortError>;
    /// Events of these actions that name nobody, since then, newest first.
    async fn events_of_nobody(&self, actions: &[&str], since: Millis) -> Result<Vec<IdentityEvent>, PortError>;
    /// The application of that slug and the OAuth2 provider of that client id.
    async fn provider(&self, slug: &str) -> Result<Provider, PortError>;
}

/// The acting half.
#[async_trait]
pub trait IdentityAct: Send + Sync {
    /// Ends one session. `NotFound`: it was already gone.
    async fn end_session(&self, uuid: &str) -> Result<(), PortError>;
    /// Ends one refresh token. `NotFound`: it was already gone.
    async fn end_refresh_token(&self, id: i64) -> Result<(), PortError>;
}
