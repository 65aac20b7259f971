//! `[identity]`: which groups of Authentik give which role, and where accounts are written there.
//!
//! Absent, the staff are who the configuration lists. Invariant: a group gives a role that there is.

use std::collections::{BTreeMap, BTreeSet};

use crate::clients::{LoginConfig, RosterConfig};
use crate::model::{Role, SECOND_MS};
use crate::policy::Joined;

use super::people::is_role;
use super::section::Section;

/// The group of SEQN's platform admins, which gives the role admin unless another is written.
const PLATFORM_ADMINS: &str = "SEQN-A";
/// How often the roster is read where nothing is written.
const EVERY_MS: i64 = 30 * SECOND_MS;
/// More often would be a burden to Authentik; more seldom, and leaving a group would not end a right within a minute.
const EVERY_FITS_MS: std::ops::RangeInclusive<i64> = 10 * SECOND_MS..=60 * SECOND_MS;
/// The most groups that are read: each is a question of its own.
const GROUPS_MOST: usize = 20;
/// Longest name of a group or an attribute, in characters.
const NAME_CHARS: usize = 150;

/// People of Authentik.
#[derive(Clone)]
pub struct Identity {
    /// How often the roster is read, in milliseconds.
    pub every_ms: i64,
    /// The attribute that holds Slack accounts.
    pub slack_attribute: String,
    /// The attribute that holds Discord accounts.
    pub discord_attribute: String,
    /// The groups, and the configured people who are also at Authentik.
    pub joined: Joined,
    /// Where people sign in who want an account to be linked; `None`: they need not.
    pub login: Option<LoginConfig>,
}

impl Identity {
    /// What is read of Authentik.
    #[must_use]
    pub fn roster(&self) -> RosterConfig {
        RosterConfig {
            groups: self.joined.groups.keys().cloned().collect::<BTreeSet<String>>(),
            slack_attribute: self.slack_attribute.clone(),
            discord_attribute: self.discord_attribute.clone(),
        }
    }
}

/// `[identity]`, whose roles have to be built in or among `like`.
pub(super) fn identity(
    section: &Section<'_>,
    like: &BTreeMap<Role, Role>,
    (reads, listens): (bool, bool),
) -> Option<Identity> {
    if !section.is_there() {
        return None;
    }
    match section.needed("source", "Write source = \"authentik\", or remove the section.") {
        Some("authentik") | None => {}
        Some(_) => section.wrong("source", "There is no such source.", "Write source = \"authentik\"."),
    }
    if !reads {
        let fix = "Add read_token to [authentik]: it needs the rights to view users and groups.";
        section.wrong("", "Authentik cannot be read without a credential.", fix);
    }
    let attribute = |key: &str, usual: &str| {
        let name = section.text(key).unwrap_or(usual);
        if name.chars().count() > NAME_CHARS {
            section.wrong(key, "It is too long for the name of an attribute.", format!("Write it like \"{usual}\"."));
        }
        name.to_owned()
    };
    let slack_attribute = attribute("slack_attribute", "seqn_slack");
    let discord_attribute = attribute("discord_attribute", "seqn_discord");
    let every_ms = section.text("every").map_or(EVERY_MS, |text| {
        let ms = text.strip_suffix('s').and_then(|seconds| seconds.parse::<i64>().ok()).map(|n| n * SECOND_MS);
        ms.filter(|ms| EVERY_FITS_MS.contains(ms)).unwrap_or_else(|| {
            section.wrong("every", "It is no span of 10 to 60 seconds.", "Write it like \"30s\".");
            EVERY_MS
        })
    });
    let groups = groups(&section.inner("groups"), like);
    let login = login(&section.inner("login"), listens);
    section.end();
    let joined = Joined { groups, linked: BTreeMap::new() };
    Some(Identity { every_ms, slack_attribute, discord_attribute, joined, login })
}

/// `[identity.login]`, for which the bot has to listen.
fn login(section: &Section<'_>, listens: bool) -> Option<LoginConfig> {
    if !section.is_there() {
        return None;
    }
    let on = section.flag("enabled", true);
    let client_id = section.needed("client_id", "Write the client id of the bot's own provider at Authentik.");
    let client_secret = section.secret("client_secret", true, on);
    let (issuer, public) = (section.base("issuer", None), section.base("public_url", None));
    if on && !listens {
        section.wrong("", "The bot does not listen anywhere.", "Say where: [health] listen = \"127.0.0.1:9464\".");
    }
    section.end();
    let (issuer, public) = (issuer.filter(|_| on)?, public?);
    let (client_id, client_secret) = (client_id?.to_owned(), client_secret?);
    Some(LoginConfig { issuer, client_id, client_secret, public })
}

fn groups(section: &Section<'_>, like: &BTreeMap<Role, Role>) -> BTreeMap<String, Role> {
    let mut groups = BTreeMap::from([(PLATFORM_ADMINS.to_owned(), Role::ADMIN)]);
    for (name, role) in section.pairs() {
        let role = Role::named(role);
        is_role(section, name, &role, like);
        if name.is_empty() || name.chars().count() > NAME_CHARS {
            section.wrong("", "A group's name is empty or too long.", "Write it as Authentik shows it.");
        }
        groups.insert(name.to_owned(), role);
    }
    if groups.len() > GROUPS_MOST {
        section.wrong(
            "",
            format!("It names more than {GROUPS_MOST} groups."),
            "Name fewer: one for each role is enough.",
        );
    }
    groups
}
