//! One effect: doing it, and reading back whether it holds. No rows here.

use crate::model::{Effect, StaffId};
use crate::policy::ApprovedPlan;
use crate::ports::{Fault, Identity, PortError, SessionStatus};

use super::Engine;

/// What is known of an effect by reading back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
    /// It could not be read.
    Unknown,
}

impl Engine {
    /// Does one effect. `key` is the same at every repeat.
    pub(super) async fn perform(
        &self,
        approved: &ApprovedPlan,
        effect: &Effect,
        by: &StaffId,
        key: &str,
    ) -> Result<(), PortError> {
        let acts = self.parts.acts.open(approved);
        match effect {
            Effect::EndSession { org, session, .. } => acts.seqn.end_session(org, session, by, key).await,
            Effect::EndIdentitySession { uuid, .. } => acts.identity.end_session(uuid).await,
            Effect::EndRefreshToken { token, .. } => acts.identity.end_refresh_token(*token).await,
            Effect::ScanHistory { request, place, since, until } => {
                acts.history.scan(request, place, *since, *until).await
            }
            Effect::ByHand { .. } => Err(PortError::new("seqn", Fault::NoRoute)),
        }
    }

    /// Reads back whether an effect holds.
    pub(super) async fn read_back(&self, effect: &Effect) -> Holds {
        let reads = &self.parts.reads;
        match effect {
            Effect::EndSession { org, email, session } => {
                let Ok(user) = email.parse() else { return Holds::Unknown };
                match reads.seqn.sessions(org, &user).await {
                    Ok(all) => of(!all.iter().any(|s| s.id == *session && s.status == SessionStatus::Active)),
                    Err(_) => Holds::Unknown,
                }
            }
            Effect::EndIdentitySession { identity, username, uuid } => {
                let identity =
                    Identity { id: *identity, username: username.clone(), email: String::new(), active: true };
                match reads.identity.sessions(&identity).await {
                    Ok(all) => of(!all.iter().any(|s| s.uuid == *uuid)),
                    Err(_) => Holds::Unknown,
                }
            }
            Effect::EndRefreshToken { identity, token } => {
                let identity = Identity { id: *identity, username: String::new(), email: String::new(), active: true };
                match reads.identity.refresh_tokens(&identity).await {
                    Ok(all) => of(!all.iter().any(|t| t.id == *token)),
                    Err(_) => Holds::Unknown,
                }
            }
            Effect::ScanHistory { request, .. } => match reads.history.progress(request).await {
                Ok(begun) => of(begun.is_some()),
                Err(_) => Holds::Unknown,
            },
            Effect::ByHand { .. } => Holds::Unknown,
        }
    }
}

const fn of(gone: bool) -> Holds {
    if gone { Holds::Yes } else { Holds::No }
}
