//! Places: where something was asked, and where a message goes.

use serde::{Deserialize, Serialize};

use super::person::{Account, Platform};

/// Where an envelope came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The platform.
    pub platform: Platform,
    /// Slack team or Discord guild; empty in Discord's direct messages.
    pub team: String,
    /// Channel id.
    pub channel: String,
    /// The thread's root message, where there is one.
    pub thread: Option<String>,
    /// True for a direct message with the bot.
    pub direct: bool,
}

/// Where a message of ours goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Address {
    /// A channel, or a thread in it: everybody there reads it.
    Channel {
        /// The place; its `direct` is false.
        place: Place,
    },
    /// A direct message to one account.
    Direct {
        /// The receiver.
        account: Account,
    },
}

impl Address {
    /// The platform that carries it.
    #[must_use]
    pub const fn platform(&self) -> Platform {
        match self {
            Self::Channel { place } => place.platform,
            Self::Direct { account } => account.platform,
        }
    }
}

/// A message of ours as the platform knows it: enough to edit it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Posted {
    /// The platform.
    pub platform: Platform,
    /// Channel id (for a direct message the id of that conversation).
    pub channel: String,
    /// Slack `ts`, Discord message id.
    pub message: String,
}
