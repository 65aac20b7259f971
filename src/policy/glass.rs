//! Break-glass: who may run something without the agreement that it needs, and how long that counts.

use std::collections::BTreeSet;

use crate::model::{Digest, Glass, MINUTE_MS, Millis, Plan, Staff, StaffId};

use super::Policy;

/// How long a broken glass counts where nothing else is said.
const WITHIN_MS: i64 = 15 * MINUTE_MS;
/// How long it may count at most.
pub const GLASS_MOST_MS: i64 = 60 * MINUTE_MS;

/// Who may break the glass, and how long that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlassRules {
    /// These people; nobody where none is named.
    pub people: BTreeSet<StaffId>,
    /// Within how long the run must have begun.
    pub within_ms: i64,
}

impl Default for GlassRules {
    fn default() -> Self {
        Self { people: BTreeSet::new(), within_ms: WITHIN_MS }
    }
}

impl Policy {
    /// How long a glass counts that this person breaks; `None`: they may not.
    #[must_use]
    pub fn breaks_glass(&self, staff: &Staff) -> Option<i64> {
        let glass = &self.rules.glass;
        glass.people.contains(&staff.id).then_some(glass.within_ms)
    }

    /// Whether that glass stands for the agreement to that plan now.
    pub(super) fn glass_counts(
        &self,
        glass: &Glass,
        requester: &Staff,
        (plan, digest): (&Plan, &Digest),
        (begun, now): (bool, Millis),
    ) -> bool {
        let theirs = glass.staff == requester.id && self.breaks_glass(requester).is_some();
        let in_time = begun || (glass.at <= now && now < glass.until);
        theirs && in_time && glass.digest == *digest && plan.approvers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::model::{Role, Tone};
    use crate::policy::Rules;

    fn staff(id: &str) -> Staff {
        let id: StaffId = id.parse().expect("an id");
        Staff {
            name: id.to_string(),
            id,
            roles: [Role::ADMIN].into(),
            accounts: Vec::new(),
            email: None,
            groups: [].into(),
        }
    }

    #[test]
    fn a_glass_counts_for_its_breaker_its_plan_and_its_time_only() {
        let glass_rules = GlassRules { people: ["mira".parse().expect("an id")].into(), within_ms: WITHIN_MS };
        let rules = Rules { staff: vec![staff("mira"), staff("lee")], glass: glass_rules, ..Rules::default() };
        let policy = Policy::new(rules, &Catalog::default());
        let none = Policy::new(Rules { staff: vec![staff("mira")], ..Rules::default() }, &Catalog::default());
        let digest = Digest("d1".into());
        let glass = Glass {
            request: "rq-2".parse().expect("an id"),
            of: "rq-1".parse().expect("an id"),
            staff: staff("mira").id,
            digest: digest.clone(),
            reason: String::new(),
            at: Millis(100),
            until: Millis(200),
            review: None,
        };
        let plan = Plan::answer(Tone::Plain, "x", Vec::new());
        let named = Plan { approvers: vec![staff("lee").id], ..plan.clone() };
        let other = Digest("d2".into());
        let counts = |policy: &Policy, who: &str, plan: &Plan, digest: &Digest, begun: bool, now: i64| {
            policy.glass_counts(&glass, &staff(who), (plan, digest), (begun, Millis(now)))
        };
        assert!(counts(&policy, "mira", &plan, &digest, false, 199));
        assert!(counts(&policy, "mira", &plan, &digest, true, 900), "what has begun goes on");
        assert!(!counts(&policy, "mira", &plan, &digest, false, 200), "too late");
        assert!(!counts(&policy, "mira", &plan, &digest, false, 99), "the clock went back");
        assert!(!counts(&policy, "lee", &plan, &digest, false, 150), "somebody else");
        assert!(!counts(&policy, "mira", &plan, &other, false, 150), "another plan");
        assert!(!counts(&policy, "mira", &named, &digest, false, 150), "the runbook names who agrees");
        assert!(!counts(&none, "mira", &plan, &digest, false, 150), "not named any more");
    }
}
