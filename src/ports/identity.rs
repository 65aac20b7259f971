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
}

/// The acting half.
#[async_trait]
pub trait IdentityAct: Send + Sync {
    /// Ends one session. `NotFound`: it was already gone.
    async fn end_session(&self, uuid: &str) -> Result<(), PortError>;
    /// Ends one refresh token. `NotFound`: it was already gone.
    async fn end_refresh_token(&self, id: i64) -> Result<(), PortError>;
}
