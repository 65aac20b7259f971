//! The door: how a platform hands in what came in, and gets the first answer.

use async_trait::async_trait;

use crate::model::{Ack, Envelope};

/// Takes envelopes in. The answer comes well inside the 3 seconds that platforms give, and what must not
/// be lost is committed before it comes.
#[async_trait]
pub trait Door: Send + Sync {
    /// Takes one envelope in.
    async fn receive(&self, envelope: Envelope) -> Ack;
}
