//! The rules as data: staff, places, what each role may ask and approve.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Account, MINUTE_MS, Place, Platform, Role, Staff, StaffId, Tier};

use super::approvals::Approval;
use super::glass::GlassRules;
use super::limits::Limits;

/// How long others may take to agree where no rule says otherwise: an old yes says nothing about now.
pub const AGREE_WITHIN_MS: i64 = 15 * MINUTE_MS;
/// How long a preview may wait for its requester: as long as Discord's and Slack's private answers live at least.
pub const PREVIEW_WITHIN_MS: i64 = 15 * MINUTE_MS;
/// The most requests of one person that wait for agreement: more would only tire the approvers.
pub const PENDING_MOST: u32 = 3;

/// Everything that configuration says about people and places.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The staff.
    pub staff: Vec<Staff>,
    /// Added roles, and the built-in role that each is like.
    pub like: BTreeMap<Role, Role>,
    /// Our own Slack team; accounts of another home team are refused.
    pub slack_team: String,
    /// Our own Discord guild; what comes from another is refused.
    pub discord_guild: String,
    /// Channels where actions may be asked.
    pub action_channels: BTreeSet<(Platform, String)>,
    /// Where agreement is asked for, a place each.
    pub approval_places: Vec<Place>,
    /// Where leaks are told, a place each.
    pub security_places: Vec<Place>,
    /// Where incidents are worked on that get no room of their own: at most one place on each platform.
    pub incident_places: Vec<Place>,
    /// What configuration asks for besides the floor before something runs.
    pub approvals: Vec<Approval>,
    /// How much may be changed within an hour.
    pub limits: Limits,
    /// Who may run something without the agreement that it needs.
    pub glass: GlassRules,
}

impl Rules {
    /// The member of staff of that id.
    #[must_use]
    pub fn staff(&self, id: &StaffId) -> Option<&Staff> {
        self.staff.iter().find(|s| s.id == *id)
    }

    /// The members of staff that have that account: 0 and several both mean no.
    #[must_use]
    pub fn holders(&self, account: &Account) -> Vec<&Staff> {
        self.staff.iter().filter(|s| s.accounts.contains(account)).collect()
    }

    /// The incidents channel on that platform.
    #[must_use]
    pub fn incidents_on(&self, platform: Platform) -> Option<&Place> {
        self.incident_places.iter().find(|place| place.platform == platform)
    }

    /// The built-in roles that a person's roles amount to.
    #[must_use]
    pub fn built_in(&self, staff: &Staff) -> BTreeSet<Role> {
        let of = |role: &Role| {
            if Role::BUILT_IN.contains(role) { Some(role.clone()) } else { self.like.get(role).cloned() }
        };
        staff.roles.iter().filter_map(of).collect()
    }
}

/// The highest tier that a built-in role may ask for; `None`: it asks for nothing but what observers may.
pub(super) fn asks(role: &Role) -> Option<Tier> {
    match role.as_str() {
        "support" => Some(Tier::Confirm),
        "lead" => Some(Tier::Second),
        "admin" => Some(Tier::OtherRole),
        "observer" | "security" => Some(Tier::Look),
        _ => None,
    }
}

/// Whether holding `role` is enough for an action that names `least`.
pub(super) fn reaches(role: &Role, least: &Role) -> bool {
    let rank = |r: &Role| ["observer", "support", "lead", "admin"].iter().position(|name| *name == r.as_str());
    if least == &Role::SECURITY {
        return oversees(role);
    }
    if role == least || least == &Role::OBSERVER {
        return rank(role).is_some() || role == &Role::SECURITY;
    }
    match (rank(role), rank(least)) {
        (Some(have), Some(need)) => have >= need,
        _ => false,
    }
}

/// Whether a built-in role looks after leaks: what security may see and say, leads and admins may too.
pub(super) fn oversees(role: &Role) -> bool {
    [Role::SECURITY, Role::LEAD, Role::ADMIN].contains(role)
}

/// Whether a built-in role may agree to that tier.
pub(super) fn approves(role: &Role, tier: Tier) -> bool {
    match tier {
        Tier::Look | Tier::Confirm => false,
        Tier::Second => [Role::LEAD, Role::ADMIN, Role::SECURITY].contains(role),
        Tier::OtherRole => [Role::ADMIN, Role::SECURITY].contains(role),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_roles_may_nothing() {
        let odd = Role::named("owner");
        assert_eq!(asks(&odd), None);
        assert!(!reaches(&odd, &Role::OBSERVER));
        assert!(!approves(&odd, Tier::Second));
    }

    #[test]
    fn security_agrees_but_does_not_ask() {
        assert!(approves(&Role::SECURITY, Tier::OtherRole));
        assert!(!reaches(&Role::SECURITY, &Role::SUPPORT));
        assert!(reaches(&Role::SECURITY, &Role::OBSERVER));
    }

    #[test]
    fn security_leads_and_admins_look_after_leaks() {
        for (role, may) in Role::BUILT_IN.iter().zip([false, false, true, true, true]) {
            assert_eq!(reaches(role, &Role::SECURITY), may, "{role}");
        }
    }
}
