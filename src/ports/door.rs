//! The door: how a platform hands in what came in, and gets the first answer.

use async_trait::async_trait;

use crate::model::{Ack, Envelope, Place, Platform};

/// Takes envelopes in. The answer comes well inside the 3 seconds that platforms give, and what must not
/// be lost is committed before it comes.
#[async_trait]
pub trait Door: Send + Sync {
    /// Takes one envelope in.
    async fn receive(&self, envelope: Envelope) -> Ack;
    /// Whether messages there are put on an incident's timeline, so that it is worth reading one that was pointed at.
    async fn keeps_notes(&self, place: &Place) -> bool {
        let _ = place;
        false
    }
    /// Says that a platform's connection was lost and is there again without a promise that nothing was missed:
    /// what was said meanwhile must be read in the history.
    async fn gap(&self, platform: Platform) {
        let _ = platform;
    }
}
