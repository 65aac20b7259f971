//! People: staff, their chat accounts, their roles. Who may do what is `policy`'s to say.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Email, StaffId};

/// A way in: a chat platform or the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
    /// A terminal on the bot's own machine.
    Console,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 3] = [Self::Slack, Self::Discord, Self::Console];

    /// The lower-case name that rows and logs use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Console => "console",
        }
    }

    /// The platform of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A chat account by its immutable ids. On Slack `team` is the user's home team, on Discord it is empty
/// (a user id is global), in the terminal it is `local`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// The platform.
    pub platform: Platform,
    /// The home team, where the platform has one.
    pub team: String,
    /// The user id.
    pub user: String,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.platform, self.team, self.user)
    }
}

/// A role by name. The five below are built in; configuration may add more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Role(Cow<'static, str>);

impl Role {
    /// Reads incidents.
    pub const OBSERVER: Self = Self(Cow::Borrowed("observer"));
    /// Asks tiers 0 and 1.
    pub const SUPPORT: Self = Self(Cow::Borrowed("support"));
    /// Asks and approves tier 2.
    pub const LEAD: Self = Self(Cow::Borrowed("lead"));
    /// Asks and approves tier 3.
    pub const ADMIN: Self = Self(Cow::Borrowed("admin"));
    /// Approves, sees leaks.
    pub const SECURITY: Self = Self(Cow::Borrowed("security"));
    /// The built-in roles.
    pub const BUILT_IN: [Self; 5] = [Self::OBSERVER, Self::SUPPORT, Self::LEAD, Self::ADMIN, Self::SECURITY];

    /// A role of that name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A member of staff: one person, however many accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// The person's id; votes and records are compared by this alone.
    pub id: StaffId,
    /// How the person is called in messages.
    pub name: String,
    /// The roles held now.
    pub roles: BTreeSet<Role>,
    /// The accounts that act for this person.
    pub accounts: Vec<Account>,
    /// The person's own address at SEQN Auth, where it is known: whether the person is an admin there is looked up by it.
    #[serde(default)]
    pub email: Option<Email>,
}
