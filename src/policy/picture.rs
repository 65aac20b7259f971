//! The permission picture: role × action × place × tier as one text, for review and for a snapshot.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::model::{Account, Place, Platform, Role, Staff, StaffId, Tier};

use super::Policy;
use super::rules::approves;

impl Policy {
    /// The whole picture: for each action and tier, where each built-in role may ask, and who agrees.
    #[must_use]
    pub fn picture(&self) -> String {
        let mut out = String::from("action | tier | role | action channel | direct | elsewhere | agrees\n");
        for definition in &self.definitions {
            for tier in [Tier::Look, Tier::Confirm, Tier::Second, Tier::OtherRole] {
                if tier < definition.tier || tier > definition.tier_at_most {
                    continue;
                }
                for role in Role::BUILT_IN {
                    let staff = somebody(&role);
                    let may = |place: &Place| {
                        if self.may_ask(&staff, definition, tier, place).is_ok() { "yes" } else { "no" }
                    };
                    let agrees = if approves(&role, tier) { "yes" } else { "no" };
                    let (channel, direct, other) = (may(&self.action_place()), may(&direct()), may(&elsewhere()));
                    let _ = writeln!(
                        out,
                        "{} | {tier} | {role} | {channel} | {direct} | {other} | {agrees}",
                        definition.name
                    );
                }
            }
        }
        out
    }

    fn action_place(&self) -> Place {
        let (platform, channel) =
            self.rules.action_channels.first().cloned().unwrap_or((Platform::Slack, String::new()));
        Place { platform, team: String::new(), channel, thread: None, direct: false }
    }
}

fn somebody(role: &Role) -> Staff {
    let id: StaffId = format!("any-{role}").parse().expect("a role's name makes an id");
    let account = Account { platform: Platform::Slack, team: String::new(), user: String::new() };
    Staff {
        id,
        name: role.to_string(),
        roles: BTreeSet::from([role.clone()]),
        accounts: vec![account],
        email: None,
        groups: BTreeSet::new(),
    }
}

fn direct() -> Place {
    Place { platform: Platform::Slack, team: String::new(), channel: "direct".into(), thread: None, direct: true }
}

fn elsewhere() -> Place {
    Place { platform: Platform::Slack, team: String::new(), channel: "elsewhere".into(), thread: None, direct: false }
}
