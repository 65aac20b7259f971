//! Signing in at the identity provider, as the authorization code flow of OpenID Connect with PKCE (RFC 7636).

use async_trait::async_trait;

use crate::guard::Secret;
use crate::model::IdentityId;

use super::error::PortError;

/// What one sign-in is bound to.
#[derive(Clone, Debug)]
pub struct LoginAsk {
    /// What comes back with the code.
    pub state: String,
    /// What comes back in the ID token.
    pub nonce: String,
    /// What only we know: its hash goes out, the value redeems the code.
    pub verifier: Secret,
}

/// Why nobody has signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLogin {
    /// The provider could not be asked, or refused.
    #[error("{}", .0.of_look())]
    Unasked(PortError),
    /// What it said is not what it must say: one sentence, redacted.
    #[error("{0}")]
    Wrong(String),
}

/// The provider. Every call has a deadline of its own.
#[async_trait]
pub trait Login: Send + Sync {
    /// Our own address at which a sign-in with that state begins.
    fn begins_at(&self, state: &str) -> String;
    /// The provider's address to which the browser is sent.
    async fn authorize(&self, ask: &LoginAsk) -> Result<String, NoLogin>;
    /// Who has signed in, by the code that came back. A code is redeemed once.
    async fn who(&self, code: &str, ask: &LoginAsk) -> Result<IdentityId, NoLogin>;
}
