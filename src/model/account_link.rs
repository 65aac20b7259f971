//! A chat account that admins have linked to a person, and the record of it.
//!
//! Invariant: the person is named by what never changes and is never given again: the uuid at Authentik, or the staff id of
//! the configuration.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{IdentityId, RequestId, StaffId};
use super::person::Account;
use super::time::Millis;

/// Whose an account becomes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkedTo {
    /// A person of Authentik, by the uuid.
    Identity(IdentityId),
    /// A person whom the configuration alone knows.
    Staff(StaffId),
}

impl fmt::Display for LinkedTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(id) => write!(f, "{id}"),
            Self::Staff(id) => write!(f, "{id}"),
        }
    }
}

/// One link that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLink {
    /// The request that made it.
    pub request: RequestId,
    /// The account.
    pub account: Account,
    /// Whose it is.
    pub to: LinkedTo,
    /// The admin who asked for it.
    pub by: StaffId,
    /// The admins who agreed.
    pub agreed: Vec<StaffId>,
    /// Since when it holds.
    pub at: Millis,
}

/// Why an account is somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The configuration lists it.
    Configuration,
    /// An attribute at Authentik holds it.
    Attribute,
    /// Admins have linked it.
    Link {
        /// Who asked for that.
        by: StaffId,
        /// Who agreed.
        agreed: Vec<StaffId>,
        /// When.
        at: Millis,
    },
}

impl From<&AccountLink> for Origin {
    fn from(link: &AccountLink) -> Self {
        Self::Link { by: link.by.clone(), agreed: link.agreed.clone(), at: link.at }
    }
}
