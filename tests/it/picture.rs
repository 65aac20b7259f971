//! The permission picture: role × action × place × tier as one snapshot, to be reviewed when it changes.
//!
//! Invariant: the requester never approves, whatever the accounts; what is unknown may nothing.

use std::collections::BTreeSet;

use seqn_chatops::app;
use seqn_chatops::model::{Account, Place, Platform, Role, Staff, Tier};
use seqn_chatops::policy::{Policy, Rules};

fn person(name: &str, role: &str) -> Staff {
    let account = |platform, team: &str| Account { platform, team: team.into(), user: name.into() };
    Staff {
        id: name.parse().unwrap(),
        name: name.into(),
        roles: BTreeSet::from([Role::named(role)]),
        accounts: vec![account(Platform::Slack, "T1"), account(Platform::Discord, "")],
        email: None,
        groups: BTreeSet::new(),
    }
}

fn policy() -> Policy {
    let mut rules = Rules { slack_team: "T1".into(), discord_guild: "9".into(), ..Rules::default() };
    rules.staff = ["observer", "support", "lead", "admin", "security", "owner"].iter().map(|r| person(r, r)).collect();
    rules.staff.push(person("second-lead", "lead"));
    rules.action_channels.insert((Platform::Slack, "C1".into()));
    Policy::new(rules, &app::catalog::standard())
}

fn place(platform: Platform, team: &str, channel: &str) -> Place {
    Place { platform, team: team.into(), channel: channel.into(), thread: None, direct: false }
}

#[test]
fn the_picture_is_as_reviewed() {
    insta::assert_snapshot!(policy().picture());
}

#[test]
fn nobody_agrees_to_their_own_request() {
    let policy = policy();
    for staff in &policy.rules().staff {
        for tier in [Tier::Look, Tier::Confirm, Tier::Second, Tier::OtherRole] {
            assert!(policy.may_agree(staff, staff, tier).is_err(), "{} at {tier}", staff.name);
            assert!(policy.who_agrees(staff, tier).iter().all(|s| s.id != staff.id));
        }
    }
}

#[test]
fn what_is_unknown_may_nothing() {
    let policy = policy();
    let here = place(Platform::Slack, "T1", "C1");
    let stranger = Account { platform: Platform::Slack, team: "T1".into(), user: "nobody".into() };
    assert!(policy.identify(&stranger, false, &here).is_err(), "an unknown account");
    let lead = Account { platform: Platform::Slack, team: "T1".into(), user: "lead".into() };
    assert!(policy.identify(&lead, true, &here).is_err(), "an outsider");
    let away = Account { team: "T2".into(), ..lead.clone() };
    assert!(policy.identify(&away, false, &here).is_err(), "another home team");
    let elsewhere = place(Platform::Discord, "8", "C1");
    let on_discord = Account { platform: Platform::Discord, team: String::new(), user: "lead".into() };
    assert!(policy.identify(&on_discord, false, &elsewhere).is_err(), "another guild");
    let owner = person("owner", "owner");
    for definition in app::catalog::standard().definitions() {
        assert!(policy.may_ask(&owner, definition, definition.tier, &here).is_err(), "an unknown role");
    }
}

#[test]
fn tier_three_needs_another_role() {
    let policy = policy();
    let (admin, security) = (person("admin", "admin"), person("security", "security"));
    assert!(policy.may_agree(&admin, &person("other", "admin"), Tier::OtherRole).is_err());
    assert!(policy.may_agree(&admin, &security, Tier::OtherRole).is_ok());
    assert!(policy.may_agree(&person("lead", "lead"), &person("second-lead", "lead"), Tier::Second).is_ok());
}
