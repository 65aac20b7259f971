//! Who is in the mapped groups of Authentik (`seqn-facts.md` sections 6 and 7: A5, A7, A19), as far as rights need it.
//!
//! Only direct members are in it: groups inside a group are not followed.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::model::IdentityId;

use super::error::PortError;

/// One member of at least one mapped group. Its texts are redacted and bounded, and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterPerson {
    /// Who it is, for good.
    pub id: IdentityId,
    /// The user name, which may change.
    pub username: String,
    /// How the person is called, which the person may change; may be empty.
    pub name: String,
    /// Whether it may sign in.
    pub active: bool,
    /// Whether it is a person, and no service account.
    pub human: bool,
    /// The mapped groups that it is in.
    pub groups: BTreeSet<String>,
    /// What the attribute for Slack accounts holds, each value as it is.
    pub slack: Vec<String>,
    /// What the attribute for Discord accounts holds, each value as it is.
    pub discord: Vec<String>,
}

/// Everybody of the mapped groups, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// The people.
    pub people: Vec<RosterPerson>,
    /// Mapped groups that are not there.
    pub missing: BTreeSet<String>,
}

/// Reading it.
#[async_trait]
pub trait RosterRead: Send + Sync {
    /// Everybody of the mapped groups, from all pages, or an error: never a part of them. An empty answer is believed
    /// only after the credential itself was checked.
    async fn roster(&self) -> Result<Roster, PortError>;
}
