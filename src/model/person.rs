//! People: staff, their chat accounts, their roles. Who may do what is `policy`'s to say.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Email, StaffId};

/// How many digits an id of Discord has.
const SNOWFLAKE_DIGITS: std::ops::RangeInclusive<usize> = 17..=20;
/// How many characters an id of Slack has: the shortest is far longer than its letter, and none fills a line.
const SLACK_ID_CHARS: std::ops::RangeInclusive<usize> = 3..=32;

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

impl Account {
    /// The Slack account that is written as team and user id: `T0123456/U0123456`.
    #[must_use]
    pub fn slack(text: &str) -> Option<Self> {
        let is_id = |text: &str, letters: &str| {
            let plain = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            plain && SLACK_ID_CHARS.contains(&text.len()) && text.starts_with(|first| letters.contains(first))
        };
        let (team, user) = text.split_once('/')?;
        let fits = is_id(team, "TE") && is_id(user, "UW");
        fits.then(|| Self { platform: Platform::Slack, team: team.into(), user: user.into() })
    }

    /// The Discord account of that user id.
    #[must_use]
    pub fn discord(text: &str) -> Option<Self> {
        let fits = SNOWFLAKE_DIGITS.contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit())
            && text.parse::<u64>().is_ok();
        fits.then(|| Self { platform: Platform::Discord, team: String::new(), user: text.into() })
    }
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
    /// The groups of Authentik that the roles come from; empty where they come from the configuration.
    #[serde(default)]
    pub groups: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_written_by_their_ids_alone() {
        let kim = Account::slack("T0SEQN/U0KIM").expect("an account");
        assert_eq!(kim.to_string(), "slack:T0SEQN:U0KIM");
        for bad in ["", "U0KIM", "T0SEQN/", "t0seqn/U0KIM", "T0SEQN/C0SUPPORT", "T0/U0/U1", "@kim", " T0SEQN/U0KIM"] {
            assert_eq!(Account::slack(bad), None, "{bad:?}");
        }
        assert_eq!(Account::slack(&format!("T0SEQN/U{}", "0".repeat(40))), None);
        let kim = Account::discord("910000000000000001").expect("an account");
        assert_eq!(kim.to_string(), "discord::910000000000000001");
        for bad in ["", "kim", "9100", "99999999999999999999", "-9100000000000000001", "<@910000000000000001>"] {
            assert_eq!(Account::discord(bad), None, "{bad:?}");
        }
    }
}
