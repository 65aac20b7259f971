//! What is lost when somebody leaves: roles that nobody else has, and people who would find nobody to agree. Pure.
//!
//! It takes nothing away. Invariant: what nobody could do before is not counted as lost.

use crate::model::{Role, Staff, Tier};

use super::rules::asks;
use super::{Everybody, Policy};

impl Policy {
    /// What nobody could do any more without that person, as sentences.
    #[must_use]
    pub fn lost_with(&self, leaver: &Staff) -> Vec<String> {
        let left: Vec<Staff> = self.rules().staff.iter().filter(|staff| staff.id != leaver.id).cloned().collect();
        let after = self.over(Everybody { staff: left, contested: self.contested().clone(), ..Everybody::default() });
        let held = |role: &&Role| after.rules().staff.iter().any(|staff| staff.roles.contains(*role));
        let mut lost: Vec<String> =
            leaver.roles.iter().filter(|role| !held(role)).map(|role| format!("Nobody else is {role}.")).collect();
        for tier in [Tier::Second, Tier::OtherRole] {
            let able = |staff: &&Staff| {
                let may = after.rules().built_in(staff).iter().any(|role| asks(role).is_some_and(|most| most >= tier));
                may && after.who_agrees(staff, tier).is_empty() && !self.who_agrees(staff, tier).is_empty()
            };
            let names: Vec<&str> = after.rules().staff.iter().filter(able).map(|staff| staff.name.as_str()).collect();
            if !names.is_empty() {
                lost.push(format!("Nobody else could agree to what is tier {tier} and asked by {}.", names.join(", ")));
            }
        }
        let breaks = |staff: &Staff| self.breaks_glass(staff).is_some();
        if breaks(leaver) && !after.rules().staff.iter().any(breaks) {
            lost.push("Nobody else may break the glass.".into());
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::policy::Rules;

    fn lost(staff: &[(&str, Role)]) -> Vec<String> {
        let person = |(id, role): &(&str, Role)| Staff {
            id: id.parse().expect("an id"),
            name: (*id).into(),
            roles: [role.clone()].into(),
            accounts: Vec::new(),
            email: None,
            groups: [].into(),
        };
        let staff: Vec<Staff> = staff.iter().map(person).collect();
        let leaver = staff[0].clone();
        Policy::new(Rules { staff, ..Rules::default() }, &Catalog::default()).lost_with(&leaver)
    }

    #[test]
    fn what_others_can_do_is_not_lost() {
        assert!(lost(&[("a", Role::LEAD), ("b", Role::LEAD), ("c", Role::ADMIN), ("d", Role::SECURITY)]).is_empty());
    }

    #[test]
    fn the_last_of_a_role_and_the_last_who_agrees_are_named() {
        let said = lost(&[("a", Role::ADMIN), ("b", Role::LEAD)]);
        assert_eq!(said, ["Nobody else is admin.", "Nobody else could agree to what is tier 2 and asked by b."]);
    }

    #[test]
    fn who_found_nobody_before_has_lost_nothing() {
        assert_eq!(lost(&[("a", Role::OBSERVER), ("b", Role::LEAD)]), ["Nobody else is observer."]);
    }
}
