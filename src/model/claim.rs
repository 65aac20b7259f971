//! What is claimed to be done by hand, and is looked at before a checklist goes on.
//!
//! It names what is looked at; `ports` look. Invariant: a claim needs no secret.

use serde::{Deserialize, Serialize};

use super::ids::OrgSlug;

/// One thing that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "claim")]
pub enum Claim {
    /// Those surfaces are well, by what people call them.
    Well {
        /// Their titles.
        surfaces: Vec<String>,
    },
    /// That project has been provisioned anew since the step before ended, and stands at ready.
    Provisioned {
        /// Of this organization.
        org: OrgSlug,
        /// The project.
        project: OrgSlug,
    },
    /// That person has begun a new session at SEQN Auth since the step before ended: sign-in works to its end.
    SignedIn {
        /// The person's own address.
        email: String,
    },
}
