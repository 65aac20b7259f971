//! A chat account as an admin writes it, and what can be said of it.
//!
//! Invariant: an account is named by its id. A name can be anybody's, and an e-mail proves nothing.

use crate::model::{Account, Platform};
use crate::ports::{ChatAccount, Seat};

/// What to write.
const WRITE: &str = "Write the account by its id: `U0123ABC` or `T0123ABC/U0123ABC` for Slack, the number of 17 to 20 digits for \
                     Discord, or a mention of it. A name can be anybody's.";

/// An account that is meant: the home team where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meant {
    pub(super) platform: Platform,
    pub(super) team: Option<String>,
    pub(super) user: String,
}

impl Meant {
    /// The account that is written so.
    ///
    /// # Errors
    /// What to write instead.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let mention = text.strip_prefix("<@").and_then(|rest| rest.strip_suffix('>'));
        let text = mention.map_or(text, |inside| inside.split('|').next().unwrap_or(inside));
        let text = text.trim_start_matches(['@', '!']);
        if let Some(user) = text.strip_prefix("discord:") {
            return Self::discord(user.trim_start_matches(':'));
        }
        let text = text.strip_prefix("slack:").unwrap_or(text);
        let (team, user) = match text.split_once(['/', ':']) {
            Some((team, user)) => (Some(team), user),
            None => (None, text),
        };
        // Any team has the form of one: it is compared with what Slack says.
        match Account::slack(&format!("{}/{user}", team.unwrap_or("T00"))) {
            Some(found) => Ok(Self { platform: Platform::Slack, team: team.map(str::to_owned), user: found.user }),
            None => Self::discord(text),
        }
    }

    fn discord(user: &str) -> Result<Self, String> {
        let found = Account::discord(user).ok_or_else(|| WRITE.to_owned())?;
        Ok(Self { platform: Platform::Discord, team: None, user: found.user })
    }

    /// Whether that account is meant.
    pub(super) fn is(&self, account: &Account) -> bool {
        let team = self.team.as_ref().is_none_or(|team| *team == account.team);
        (self.platform, &self.user) == (account.platform, &account.user) && team
    }

    /// The platform's name, as people write it.
    pub(super) const fn on(&self) -> &'static str {
        named(self.platform)
    }
}

pub(super) const fn named(platform: Platform) -> &'static str {
    match platform {
        Platform::Slack => "Slack",
        Platform::Discord => "Discord",
        Platform::Console => "the terminal",
    }
}

/// Why that account can be nobody's of the staff: what it is, and what to do. `None`: it can.
pub(super) const fn unfit(seat: Seat) -> Option<(&'static str, &'static str)> {
    match seat {
        Seat::Full => None,
        Seat::Guest => Some((
            "It is a guest's, or of somebody who is not let in whole yet.",
            "Make the account a full member of our own workspace or server first, if it is one of the staff.",
        )),
        Seat::Bot => Some(("It is a bot's or an app's.", "Name the account of a person.")),
        Seat::Stranger => Some((
            "It is of another workspace, as in a channel of Slack Connect.",
            "Only accounts of our own workspace can be linked.",
        )),
        Seat::Deactivated => {
            Some(("It is deactivated.", "Name an account that its person can use, or have it activated first."))
        }
    }
}

/// What it is, in words.
pub(super) const fn seat(found: &ChatAccount) -> &'static str {
    match (found.seat, found.account.platform) {
        (Seat::Full, Platform::Slack) => "full member of our own workspace",
        (Seat::Full, _) => "member of our own server",
        (Seat::Guest, _) => "guest",
        (Seat::Bot, _) => "bot or app",
        (Seat::Stranger, _) => "of another workspace",
        (Seat::Deactivated, _) => "deactivated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_by_its_id_alone() {
        let slack = |team: Option<&str>| Meant {
            platform: Platform::Slack,
            team: team.map(str::to_owned),
            user: "U0EVE".into(),
        };
        for (text, want) in [
            ("U0EVE", slack(None)),
            ("@U0EVE", slack(None)),
            ("<@U0EVE|eve>", slack(None)),
            ("T0SEQN/U0EVE", slack(Some("T0SEQN"))),
            ("slack:T0SEQN:U0EVE", slack(Some("T0SEQN"))),
        ] {
            assert_eq!(Meant::read(text), Ok(want), "{text}");
        }
        for text in
            ["910000000000000007", "<@910000000000000007>", "<@!910000000000000007>", "discord::910000000000000007"]
        {
            let found = Meant::read(text).expect("an account");
            assert_eq!((found.platform, found.user.as_str()), (Platform::Discord, "910000000000000007"), "{text}");
        }
        for bad in ["", "eve", "@eve", "eve@seqn.example", "u0eve", "C0SUPPORT", "12345", "discord:eve", "<!channel>"] {
            assert_eq!(Meant::read(bad), Err(WRITE.to_owned()), "{bad}");
        }
    }

    #[test]
    fn another_team_is_another_account() {
        let account = |team: &str| Account::slack(&format!("{team}/U0EVE")).expect("an account");
        let (bare, whole) = (Meant::read("U0EVE"), Meant::read("T0SEQN/U0EVE"));
        let (bare, whole) = (bare.expect("an account"), whole.expect("an account"));
        assert!(bare.is(&account("T0SEQN")) && bare.is(&account("T0OTHER")) && whole.is(&account("T0SEQN")));
        assert!(!whole.is(&account("T0OTHER")));
    }
}
