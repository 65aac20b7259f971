//! The people and rules of a history, and what the model makes of them.
//!
//! Invariant: nothing of `policy` is asked: who somebody is follows from the accounts, and roles from the groups.

use std::collections::BTreeSet;

use seqn_chatops::model::{Account, Place, Platform, Role, Staff};
use seqn_chatops::policy::{GlassRules, Rules};

use super::world::Person;
use crate::guard_sets::Dice;
use crate::histories::{ROLES, rule};

pub const TEAM: &str = "T01";
pub const GUILD: &str = "G1";
/// The most people of one history.
const PEOPLE_MOST: usize = 6;

pub fn place(platform: Platform, channel: &str) -> Place {
    let team = if platform == Platform::Slack { TEAM } else { GUILD }.to_owned();
    Place { platform, team, channel: channel.to_owned(), thread: None, direct: false }
}

fn account(platform: Platform, seed: u64, number: usize) -> Account {
    match platform {
        Platform::Discord => Account { platform, team: String::new(), user: format!("9{seed:012}{number:04}") },
        _ => Account { platform, team: TEAM.into(), user: format!("U{seed}P{number}") },
    }
}

/// An account that nobody of the staff has.
pub fn stranger(seed: u64) -> Account {
    account(Platform::Slack, seed, 99)
}

pub fn roles(dice: &mut Dice, number: usize) -> BTreeSet<&'static str> {
    let likely: &[&'static str] = match number {
        0 => &["admin", "admin", "admin", "lead", "duty", "support"],
        1 => &["security", "security", "admin", "lead"],
        2 | 3 => &["security", "lead", "duty"],
        _ => &ROLES,
    };
    (0..dice.range(1, 3)).map(|_| likely[dice.range(0, likely.len())]).collect()
}

pub fn people(dice: &mut Dice, seed: u64) -> Vec<Person> {
    let count = dice.range(3, PEOPLE_MOST + 1);
    let mut people: Vec<Person> = Vec::new();
    for number in 0..count {
        let mut accounts = vec![account(Platform::Slack, seed, number), account(Platform::Discord, seed, number)];
        if dice.range(0, 6) == 0 {
            accounts.remove(dice.range(0, 2));
        }
        let uuid = format!("{seed:08x}-0000-4000-8000-{number:012x}");
        people.push(Person { uuid, roles: roles(dice, number), accounts, active: true });
    }
    if dice.range(0, 12) == 0 {
        // Two people claim one account: it is nobody's.
        let claimed = people[0].accounts[0].clone();
        people[1].accounts.push(claimed);
    }
    people
}

pub fn rules(dice: &mut Dice, people: &[Person]) -> Rules {
    let mut rules = Rules { slack_team: TEAM.into(), discord_guild: GUILD.into(), ..Rules::default() };
    rules.like.insert(Role::named("duty"), Role::LEAD);
    for platform in [Platform::Slack, Platform::Discord] {
        rules.action_channels.insert((platform, "actions".into()));
        rules.approval_places.push(place(platform, "approvals"));
    }
    for number in 1..=dice.range(0, 4).saturating_sub(1) {
        let mut rule = rule(dice, number);
        if dice.range(0, 3) > 0 {
            // One that people can bring together.
            (rule.action, rule.tier) = (None, None);
            rule.need.count = 2;
            (rule.need.any_of, rule.need.all_of) = (Vec::new(), Vec::new());
        }
        let known = |known: &seqn_chatops::policy::Approval| (&known.action, known.tier) == (&rule.action, rule.tier);
        if !rules.approvals.iter().any(known) {
            rules.approvals.push(rule);
        }
    }
    if dice.range(0, 3) > 0 {
        let people = people.iter().take(2).map(Person::id).collect();
        rules.glass = GlassRules { people, ..GlassRules::default() };
    }
    rules
}

/// The staff that these people are.
pub fn staff_of(people: &[Person]) -> Vec<Staff> {
    let present = || people.iter().filter(|person| person.active && !person.roles.is_empty());
    let alone = |account: &&Account| present().filter(|person| person.accounts.contains(account)).count() == 1;
    present()
        .map(|person| Staff {
            id: person.id(),
            name: person.uuid.clone(),
            roles: person.roles.iter().map(|role| Role::named(role)).collect(),
            accounts: person.accounts.iter().filter(alone).cloned().collect(),
            email: None,
            groups: BTreeSet::new(),
        })
        .collect()
}
