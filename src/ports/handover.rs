//! The way out for new keys: sealed to those who receive them, or passed on to a command or into a file.
//!
//! The reading half knows where a key would go and whether the way is open; only the acting half is given a key.
//! Invariant: no answer and no error of either half holds a key.

use async_trait::async_trait;

use crate::guard::{Redacted, Secret};
use crate::model::{Handed, KeyOf, OrgSlug, RequestId};

use super::error::PortError;

/// Where the keys of an organization go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// Whose way it is, such as `acme-platform`.
    pub name: String,
    /// Where it leads, in words for people.
    pub says: String,
    /// Everything that it is made of: what an agreement to it is bound to.
    pub whole: String,
    /// Whether keys are sealed, so that a copy is kept that only their receivers open.
    pub seals: bool,
    /// Whether keys are passed on besides.
    pub passes: bool,
}

/// Why a key could not go its way: one true sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoWay(pub Redacted<String>);

/// Looking at the ways out.
#[async_trait]
pub trait HandoverRead: Send + Sync {
    /// The way for keys of that organization; `None`: none is configured.
    fn way(&self, org: &OrgSlug) -> Option<WayOut>;
    /// Whether the way is open now, tried with what is no key. `Err` says what is wrong with it.
    async fn test(&self, org: &OrgSlug) -> Result<(), NoWay>;
}

/// What became of keys that were made before.
#[async_trait]
pub trait HandedRead: Send + Sync {
    /// Every key that the request made, in order.
    async fn handed(&self, request: &RequestId) -> Result<Vec<Handed>, PortError>;
}

/// What a key is, for whoever it is passed on to.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// Of this organization.
    pub org: &'a OrgSlug,
    /// Whose key.
    pub key: &'a KeyOf,
    /// Made by this request.
    pub request: &'a RequestId,
}

/// Handing keys over.
#[async_trait]
pub trait HandoverAct: Send + Sync {
    /// The key, sealed to its receivers, in ASCII armor. `None`: nothing is sealed on this way.
    fn seal(&self, org: &OrgSlug, key: &Secret) -> Result<Option<Redacted<String>>, NoWay>;
    /// Passes the key on, once. It may have arrived although this fails.
    async fn pass(&self, label: Label<'_>, key: &Secret) -> Result<(), NoWay>;
}
