//! People and the accounts that are theirs, as linking an account asks about them; and the links themselves.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::model::{Account, AccountLink, LinkedTo, Millis, Origin, RequestId, Role, SignedIn, StaffId};

use super::error::PortError;

/// Somebody who is meant by a name. Its texts are redacted and bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who it is, for good.
    pub to: LinkedTo,
    /// The staff id, as it is or would be.
    pub staff: StaffId,
    /// How the person is called.
    pub name: String,
    /// The user name at Authentik; `None`: the configuration alone knows the person.
    pub username: Option<String>,
    /// Whether it may sign in there.
    pub active: bool,
    /// Whether it is a person there.
    pub human: bool,
    /// The mapped groups that it is in.
    pub groups: BTreeSet<String>,
    /// The roles that it has now.
    pub roles: BTreeSet<Role>,
    /// The accounts that are its now.
    pub accounts: Vec<Account>,
}

/// One claim to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// Whose.
    pub staff: StaffId,
    /// How that person is called.
    pub name: String,
    /// By what.
    pub origin: Origin,
}

/// The people as they are known now.
pub trait StaffRead: Send + Sync {
    /// Everybody who is meant by that name: a staff id, a uuid or a user name, as it is written. Never an e-mail.
    ///
    /// # Errors
    /// Authentik could not be read a moment ago.
    fn candidates(&self, name: &str) -> Result<Vec<Candidate>, PortError>;
    /// Who claims that account; more than one: nobody has it.
    fn claims(&self, account: &Account) -> Vec<Claimant>;
    /// Whether whoever gets an account has to sign in first.
    fn signs_in(&self) -> bool;
}

/// Reading the links.
#[async_trait]
pub trait LinkRead: Send + Sync {
    /// Every link that holds, the oldest first.
    async fn links(&self) -> Result<Vec<AccountLink>, PortError>;
    /// Who signed in with a link that this account had asked for, the newest time since then.
    async fn signed_in(&self, account: &Account, since: Millis) -> Result<Option<SignedIn>, PortError>;
    /// Whether that request made a link, and whether it still holds.
    async fn link_made(&self, request: &RequestId) -> Result<Option<bool>, PortError>;
}

/// A link that is made.
#[derive(Clone, Copy, Debug)]
pub struct NewLink<'a> {
    /// The account.
    pub account: &'a Account,
    /// The person.
    pub to: &'a LinkedTo,
    /// The admin who asked.
    pub by: &'a StaffId,
    /// The admins who agreed.
    pub agreed: &'a [StaffId],
}

/// Acting on them.
#[async_trait]
pub trait LinkAct: Send + Sync {
    /// Links an account. Twice is once. `Refused`: it is linked already, to whomever, or nobody agreed.
    async fn link_account(&self, request: &RequestId, what: &NewLink<'_>, at: Millis) -> Result<(), PortError>;
    /// Ends the link that this request has made. `NotFound`: it does not hold.
    async fn unlink_account(
        &self,
        link: &RequestId,
        request: &RequestId,
        by: &StaffId,
        at: Millis,
    ) -> Result<(), PortError>;
}
