//! Staff, roles and places: `[[staff]]`, `[roles.<name>]` and `[places]` become the rules of the policy.
//!
//! Invariants: every account belongs to one person of our own workspace or server, and somebody could agree, or is looked
//! for in Authentik; whose roles come from there has none from here.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::model::{Account, Email, IdentityId, Place, Platform, Role, Staff, StaffId};
use crate::platforms::discord::DiscordConfig;
use crate::platforms::slack::SlackConfig;
use crate::policy::{FROM_AUTHENTIK, GlassRules, Limits, Policy, Rules};

use super::chat::{Chosen, is_slack_id, snowflake};
use super::identity::{Identity, identity};
use super::section::Section;

/// The team of console accounts.
const CONSOLE_TEAM: &str = "local";

/// Everything about people and places. `reads`: whether Authentik can be read.
pub(super) fn people(
    root: &Section<'_>,
    slack: &Chosen<SlackConfig>,
    discord: &Chosen<DiscordConfig>,
    at: (bool, bool),
) -> (Rules, Option<Identity>) {
    let like = roles(root);
    let mut identity = identity(&root.inner("identity"), &like, at);
    let mut written = Written { like: &like, team: &slack.home, joins: identity.is_some(), linked: BTreeMap::new() };
    let staff = written.staff(root);
    if let Some(identity) = &mut identity {
        identity.joined.linked = written.linked;
    }
    let rules = rules(root, (staff, like), slack, discord);
    if identity.is_none() {
        somebody_agrees(root, &rules);
    }
    (rules, identity)
}

fn rules(
    root: &Section<'_>,
    (staff, like): (Vec<Staff>, BTreeMap<Role, Role>),
    slack: &Chosen<SlackConfig>,
    discord: &Chosen<DiscordConfig>,
) -> Rules {
    let on = |platform: Platform| match platform {
        Platform::Slack => slack.config.is_some(),
        Platform::Discord => discord.config.is_some(),
        Platform::Console => false,
    };
    let places = root.inner("places");
    let actions = channels(&places, "actions", "where actions may be asked");
    let approvals = channels(&places, "approvals", "where agreement is asked for");
    let security = if places.texts("security").is_empty() {
        // Those who agree are those who are told, unless the operator names others.
        approvals.clone()
    } else {
        channels(&places, "security", "where leaks are told")
    };
    let incidents = if places.texts("incidents").is_empty() {
        BTreeSet::new()
    } else {
        channels(&places, "incidents", "where incidents are worked on that get no room")
    };
    for platform in Platform::ALL {
        if incidents.iter().filter(|(named, _)| *named == platform).count() > 1 {
            places.wrong("incidents", format!("It names two channels of {platform}."), "Name one for each platform.");
        }
    }
    places.end();
    let place = |(platform, channel): (Platform, String)| {
        let team = if platform == Platform::Slack { slack.home.clone() } else { discord.home.clone() };
        Place { platform, team, channel, thread: None, direct: false }
    };
    Rules {
        staff,
        like,
        slack_team: slack.home.clone(),
        discord_guild: discord.home.clone(),
        action_channels: actions.into_iter().filter(|(platform, _)| on(*platform)).collect(),
        approval_places: approvals.into_iter().filter(|(platform, _)| on(*platform)).map(&place).collect(),
        incident_places: incidents.into_iter().filter(|(platform, _)| on(*platform)).map(&place).collect(),
        security_places: security.into_iter().filter(|(platform, _)| on(*platform)).map(&place).collect(),
        approvals: Vec::new(),
        limits: Limits::default(),
        glass: GlassRules::default(),
    }
}

fn roles(root: &Section<'_>) -> BTreeMap<Role, Role> {
    let mut like = BTreeMap::new();
    let built_in: Vec<&str> = Role::BUILT_IN.iter().map(Role::as_str).collect();
    for (name, section) in root.named("roles") {
        let fix = format!("Write like = \"…\" with one of {}.", built_in.join(", "));
        let other = section.needed("like", &fix);
        section.end();
        if built_in.contains(&name) {
            section.wrong("", "This role is built in and cannot be changed.", "Choose another name.");
        } else if let Some(other) = other {
            match built_in.contains(&other) {
                true => drop(like.insert(Role::named(name), Role::named(other))),
                false => section.wrong("like", "It is no built-in role.", fix),
            }
        }
    }
    like
}

/// Reading `[[staff]]`.
struct Written<'a> {
    like: &'a BTreeMap<Role, Role>,
    /// Our own workspace.
    team: &'a str,
    /// Whether Authentik's groups give roles.
    joins: bool,
    /// Those of them whose roles come from there.
    linked: BTreeMap<StaffId, IdentityId>,
}

impl Written<'_> {
    fn staff(&mut self, root: &Section<'_>) -> Vec<Staff> {
        let sections = root.list("staff");
        if sections.is_empty() && !self.joins {
            root.wrong("staff", "Nobody is listed.", "Add a [[staff]] section for each person who may use the bot.");
        }
        let mut staff: Vec<Staff> = Vec::new();
        let mut owners: BTreeMap<Account, StaffId> = BTreeMap::new();
        for section in &sections {
            let Some(person) = self.person(section) else { continue };
            if staff.iter().any(|known| known.id == person.id) {
                let says = format!("The id {} is there twice.", person.id);
                section.wrong("id", says, "Write one section per person, with all accounts in it.");
            }
            for account in &person.accounts {
                if let Some(owner) = owners.insert(account.clone(), person.id.clone()) {
                    let says = format!("The account {} belongs to {owner} already.", account.user);
                    section.wrong(account.platform.name(), says, "An account is one person's: correct one of the two.");
                }
            }
            staff.push(person);
        }
        staff
    }

    fn person(&mut self, section: &Section<'_>) -> Option<Staff> {
        let id = section.needed("id", "Write a short name that stays the person's own, such as \"kim\".");
        let name = section.text("name").or(id);
        let linked = self.linked_to(section);
        let roles: BTreeSet<Role> = section.texts("roles").into_iter().map(Role::named).collect();
        let slack = section.text("slack").and_then(|text| slack_account(section, text, self.team));
        let written = section.digits("discord");
        let discord = written.as_deref().and_then(|text| discord_account(section, text));
        let console = section.flag("console", false);
        let email = section.text("email").and_then(|text| match text.parse::<Email>() {
            Ok(email) => Some(email),
            Err(bad) => {
                section.wrong("email", bad.0, "Write the person's own address at SEQN Auth, or leave it out.");
                None
            }
        });
        section.end();
        self.roles_fit(section, &roles, linked.is_some());
        let id: StaffId = match id?.parse() {
            Ok(id) => id,
            Err(bad) => {
                section.wrong("id", format!("{bad}"), "Write a short name such as \"kim\".");
                return None;
            }
        };
        if self.joins && id.as_str().starts_with(FROM_AUTHENTIK) {
            let says = format!("Ids that begin with `{FROM_AUTHENTIK}` are for people of Authentik's groups.");
            section.wrong("id", says, "Write another id, and authentik = \"…\" with the person's uuid.");
        }
        let local =
            console.then(|| Account { platform: Platform::Console, team: CONSOLE_TEAM.into(), user: id.to_string() });
        let accounts: Vec<Account> = slack.into_iter().chain(discord).chain(local).collect();
        if accounts.is_empty() && linked.is_none() {
            let fix = "Add slack = \"T…/U…\", discord = \"…\" or console = true.";
            section.wrong("", "The person has no account.", fix);
        }
        if let Some(linked) = linked {
            self.linked.insert(id.clone(), linked);
        }
        Some(Staff { id, name: name?.to_owned(), roles, accounts, email, groups: BTreeSet::new() })
    }

    /// Who that is at Authentik, by the uuid alone.
    fn linked_to(&self, section: &Section<'_>) -> Option<IdentityId> {
        let fix = "Copy the user's uuid from Authentik's API or the user's page.";
        let id = match section.text("authentik")?.parse::<IdentityId>() {
            Ok(id) => id,
            Err(bad) => {
                section.wrong("authentik", bad.0, fix);
                return None;
            }
        };
        if !self.joins {
            let says = "No group of Authentik gives a role, since there is no [identity] section.";
            section.wrong("authentik", says, "Add [identity] with source = \"authentik\", or remove the line.");
        }
        if let Some((other, _)) = self.linked.iter().find(|(_, known)| **known == id) {
            section.wrong("authentik", format!("It is {other}'s already."), fix);
        }
        Some(id)
    }

    fn roles_fit(&self, section: &Section<'_>, roles: &BTreeSet<Role>, linked: bool) {
        match (roles.is_empty(), linked) {
            (true, false) => section.wrong(
                "roles",
                "It names no role, so the person may do nothing.",
                "Write roles = [\"support\"].",
            ),
            (false, true) => section.wrong(
                "roles",
                "Whoever is in Authentik has the roles of the groups there, and leaving a group ends them.",
                "Remove roles, or remove authentik and keep this person local.",
            ),
            _ => {}
        }
        for role in roles {
            is_role(section, "roles", role, self.like);
        }
    }
}

/// Whether there is that role, built in or added (`like`); else that is said of the key.
pub(super) fn is_role(section: &Section<'_>, key: &str, role: &Role, like: &BTreeMap<Role, Role>) -> bool {
    if Role::BUILT_IN.contains(role) || like.contains_key(role) {
        return true;
    }
    let known: Vec<&str> = Role::BUILT_IN.iter().chain(like.keys()).map(Role::as_str).collect();
    let fix = format!("Use one of {}, or add [roles.{role}].", known.join(", "));
    section.wrong(key, format!("There is no role `{role}`."), fix);
    false
}

fn slack_account(section: &Section<'_>, text: &str, team: &str) -> Option<Account> {
    let Some(account) = Account::slack(text) else {
        let fix = "Write team and user id, such as \"T0123456/U0123456\".";
        section.wrong("slack", "It is no Slack account.", fix);
        return None;
    };
    if !team.is_empty() && account.team != team {
        let says = "The account is of another workspace. People of Slack Connect are not staff.";
        section.wrong("slack", says, format!("Use the person's account in {team}, or remove it."));
        return None;
    }
    Some(account)
}

fn discord_account(section: &Section<'_>, text: &str) -> Option<Account> {
    let account = Account::discord(text);
    if account.is_none() {
        section.wrong("discord", "It is no id of a user.", "Copy the user's id from Discord: 17 to 20 digits.");
    }
    account
}

/// Channels of any platform; each that is none is an error.
pub(super) fn channels(section: &Section<'_>, key: &str, what: &str) -> BTreeSet<(Platform, String)> {
    let fix = "Write channels like \"slack:C0123456\" or \"discord:123456789012345678\".";
    let written = section.texts(key);
    if written.is_empty() {
        section.wrong(key, format!("No channel is named {what}."), fix);
    }
    let mut channels = BTreeSet::new();
    for (at, text) in written.iter().enumerate() {
        let channel = match text.split_once(':') {
            Some(("slack", id)) if is_slack_id(id, "CG") => Some((Platform::Slack, id.to_owned())),
            Some(("discord", id)) if snowflake(id).is_some() => Some((Platform::Discord, id.to_owned())),
            _ => None,
        };
        match channel {
            None => section.wrong(&format!("{key}[{}]", at + 1), "It is no channel.", fix),
            Some(channel) => drop(channels.insert(channel)),
        }
    }
    channels
}

/// Somebody must be able to ask for what needs a second person, and somebody else to agree.
fn somebody_agrees(root: &Section<'_>, rules: &Rules) {
    let agreed = Policy::new(rules.clone(), &Catalog::default()).heard().iter().any(|(_, heard)| *heard);
    if !agreed && !rules.staff.is_empty() {
        root.wrong(
            "staff",
            "What needs a second person (tier 2) could never run: nobody could ask and somebody else agree.",
            "Give one person the role lead or admin, and another lead, admin or security.",
        );
    }
}
