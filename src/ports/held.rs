//! What a member of staff holds in our own records, and who somebody was. It decides nothing about rights.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::model::{Account, Millis, RequestId, Role, StaffId, State};

use super::error::PortError;

/// How somebody was kept, from that moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Since when.
    pub since: Millis,
    /// The name.
    pub name: String,
    /// The roles; none for somebody who is gone.
    pub roles: BTreeSet<Role>,
    /// The accounts; none for somebody who is gone.
    pub accounts: Vec<Account>,
}

/// What our records say of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How the person was kept, the newest first; empty where never.
    pub kept: Vec<Kept>,
    /// Requests of the person that have not ended, the oldest first: which, of what action, how each stands, since when.
    pub open: Vec<(RequestId, String, State, Millis)>,
    /// Changes of the person that are taken back by themselves: which, of what action, when.
    pub ending: Vec<(RequestId, String, Millis)>,
    /// How many requests the person has made.
    pub asked: usize,
    /// How often the person has agreed to somebody's.
    pub agreed: usize,
    /// When the person last did anything that is in the audit trail.
    pub last: Option<Millis>,
}

/// Reading it.
#[async_trait]
pub trait HeldRead: Send + Sync {
    /// Everybody who was ever kept under that staff id or name, compared without case, also whoever is gone.
    async fn kept_as(&self, name: &str) -> Result<Vec<StaffId>, PortError>;
    /// What that person holds, at most `most` of each kind.
    async fn held(&self, staff: &StaffId, most: u32) -> Result<Held, PortError>;
}
