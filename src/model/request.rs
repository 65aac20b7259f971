//! Requests: what was asked, how risky it is, and where it stands.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How much agreement an action needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Tier {
    /// Reads only.
    Look,
    /// Changes one target; the requester confirms the preview.
    Confirm,
    /// A second person agrees.
    Second,
    /// A second person of another role agrees, with a reason.
    OtherRole,
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Look => 0,
            Tier::Confirm => 1,
            Tier::Second => 2,
            Tier::OtherRole => 3,
        }
    }
}

impl TryFrom<u8> for Tier {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        [Self::Look, Self::Confirm, Self::Second, Self::OtherRole]
            .get(usize::from(number))
            .copied()
            .ok_or_else(|| format!("{number} is not a tier"))
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", u8::from(*self))
    }
}

/// What cannot be undone and how many targets it has: decides the least tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Nothing changes.
    Reads,
    /// It can be taken back.
    Undoable,
    /// It cannot be taken back; one target.
    FinalOne,
    /// It cannot be taken back; several targets: at least tier 2.
    FinalMany,
}

/// Option values by option name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub BTreeMap<String, String>);

impl Fields {
    /// The value of that option.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets an option.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

/// A parsed command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// The action's name.
    pub action: String,
    /// Its options.
    pub fields: Fields,
    /// Stop before the act.
    pub dry_run: bool,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A form is open for it.
    Form,
    /// To be looked at and planned.
    Received,
    /// The requester has the preview.
    Previewed,
    /// Somebody else must agree.
    Asking,
    /// To be run.
    Approved,
    /// A step is being done.
    Running,
    /// A person is doing a step in the hosted console.
    ByHand,
    /// To be read back.
    Verifying,
    /// Answered; there was nothing to do.
    Answered,
    /// Done, and read back as planned.
    Done,
    /// Done, but reading back did not confirm all of it.
    Unconfirmed,
    /// A step failed.
    Failed,
    /// Somebody said no.
    Denied,
    /// The requester withdrew.
    Cancelled,
    /// Nobody answered in time.
    Lapsed,
    /// Refused at the moment of running.
    Refused,
}

impl State {
    /// Every state with the word that rows use.
    pub const WORDS: [(Self, &'static str); 16] = [
        (Self::Form, "form"),
        (Self::Received, "received"),
        (Self::Previewed, "previewed"),
        (Self::Asking, "asking"),
        (Self::Approved, "approved"),
        (Self::Running, "running"),
        (Self::ByHand, "by_hand"),
        (Self::Verifying, "verifying"),
        (Self::Answered, "answered"),
        (Self::Done, "done"),
        (Self::Unconfirmed, "unconfirmed"),
        (Self::Failed, "failed"),
        (Self::Denied, "denied"),
        (Self::Cancelled, "cancelled"),
        (Self::Lapsed, "lapsed"),
        (Self::Refused, "refused"),
    ];

    /// The word that rows use.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    /// The state of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, w)| *w == word).map(|(state, _)| *state)
    }

    /// True when nothing more will happen to it.
    #[must_use]
    pub const fn ended(self) -> bool {
        matches!(
            self,
            Self::Answered
                | Self::Done
                | Self::Unconfirmed
                | Self::Failed
                | Self::Denied
                | Self::Cancelled
                | Self::Lapsed
                | Self::Refused
        )
    }
}
