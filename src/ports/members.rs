//! Chat accounts as their platforms describe them now: who belongs to our workspace or server, and who does not.
//!
//! Invariant: an account is a full member only where the platform says so; what it does not say is no yes.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::model::{Account, Platform};

use super::error::PortError;

/// What an account is to our workspace or server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// A full member.
    Full,
    /// A guest, or somebody who is not let in whole yet.
    Guest,
    /// A bot or an app.
    Bot,
    /// Of another workspace, as in a channel of Slack Connect.
    Stranger,
    /// Deactivated.
    Deactivated,
}

/// One account. Its names are redacted and bounded; whoever has it chose them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatAccount {
    /// Its immutable ids, with the home team.
    pub account: Account,
    /// Its user name.
    pub handle: String,
    /// The name that it shows; may be empty.
    pub name: String,
    /// What it is.
    pub seat: Seat,
}

/// The accounts of one platform. Every call has a deadline of its own.
#[async_trait]
pub trait Members: Send + Sync {
    /// The account of that user id, as it is now. `None`: there is none that we could see.
    async fn account(&self, user: &str) -> Result<Option<ChatAccount>, PortError>;
}

/// The platforms whose accounts can be looked up.
#[derive(Clone, Default)]
pub struct Membership(pub BTreeMap<Platform, Arc<dyn Members>>);
