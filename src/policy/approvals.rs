//! Approval rules: what configuration adds to the built-in floor, and what is still missing of it.
//!
//! No vote is judged here; `agree` does. Invariants: a rule only adds, since the floor (a second person from tier 2 on,
//! of another role and with a reason at tier 3, never the requester) is asked of each person besides; and one person
//! fills one part.

use std::fmt::Write as _;

use crate::catalog::Definition;
use crate::model::{MINUTE_MS, Millis, Plan, Refusal, RefusalCode, Role, Staff, StaffId, Tier};

use super::Policy;
use super::rules::{AGREE_WITHIN_MS, Rules};

#[cfg(test)]
mod tests;

/// The most people that a rule may ask for: more would not come together in time.
pub const COUNT_MOST: usize = 5;
/// The shortest time to agree: less is no time to read a plan.
pub const WITHIN_LEAST_MS: i64 = MINUTE_MS;
/// The longest time to agree: what was looked at longer ago says nothing about now.
pub const WITHIN_MOST_MS: i64 = 4 * 60 * MINUTE_MS;
/// How far a yes may seem to lie ahead: clocks are corrected by as much. One from further ahead is of no known time.
const AHEAD_MOST_MS: i64 = MINUTE_MS;

/// One rule of the configuration: when it holds, and what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Of that action; `None`: of all.
    pub action: Option<String>,
    /// At that tier; `None`: at each that needs a second person.
    pub tier: Option<Tier>,
    /// What it asks for.
    pub need: Need,
}

/// What has to come together before something runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The number of the rule in the configuration, from 1; `None`: the built-in rule.
    pub rule: Option<usize>,
    /// How many people.
    pub count: usize,
    /// Each of them has one of these roles, unless they fill one of `all_of`; empty: any that may agree.
    pub any_of: Vec<Role>,
    /// For each of these roles another person.
    pub all_of: Vec<Role>,
    /// How long they may take, from the moment of asking.
    pub within_ms: i64,
    /// Whether each must say why.
    pub reason: bool,
}

impl Default for Need {
    fn default() -> Self {
        let (any_of, all_of) = (Vec::new(), Vec::new());
        Self { rule: None, count: 1, any_of, all_of, within_ms: AGREE_WITHIN_MS, reason: false }
    }
}

/// What one person fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Somebody with that role.
    With(Role),
    /// Somebody with one of these; empty: anybody who may agree.
    OneOf(Vec<Role>),
}

/// How far the agreement to one plan is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What is asked for.
    pub need: Need,
    /// How many have agreed whose yes counts now.
    pub given: usize,
    /// What nobody fills yet.
    pub open: Vec<Part>,
    /// Who could agree next, so that less is missing.
    pub helps: Vec<StaffId>,
    /// Whether the staff can bring it together at all.
    pub possible: bool,
}

impl Standing {
    /// Whether nothing is missing.
    #[must_use]
    pub const fn whole(&self) -> bool {
        self.open.is_empty()
    }
}

impl Need {
    /// What has to be filled, the roles that are named one by one first.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = self.all_of.iter().cloned().map(Part::With).collect();
        while parts.len() < self.count {
            parts.push(Part::OneOf(self.any_of.clone()));
        }
        parts
    }

    /// Whether a yes of that moment still counts.
    #[must_use]
    pub const fn fresh(&self, yes: Millis, now: Millis) -> bool {
        let age = now.since(yes);
        age < self.within_ms && age >= -AHEAD_MOST_MS
    }

    /// How long they may take, in words.
    #[must_use]
    pub fn span(&self) -> String {
        match self.within_ms / MINUTE_MS {
            1 => "1 minute".into(),
            60 => "1 hour".into(),
            minutes if minutes % 60 == 0 => format!("{} hours", minutes / 60),
            minutes => format!("{minutes} minutes"),
        }
    }

    /// The rule's name: where it stands.
    #[must_use]
    pub fn name(&self) -> String {
        self.rule.map_or_else(|| "the built-in rule".into(), |number| format!("rule {number} of [[approvals]]"))
    }

    /// The rule in words, its name first.
    #[must_use]
    pub fn says(&self) -> String {
        let people = self.parts().len();
        let mut out = format!("{}: {people} {}", self.name(), if people == 1 { "person" } else { "people" });
        if !self.all_of.is_empty() {
            let named: Vec<String> = self.all_of.iter().map(|role| format!("one with the role {role}")).collect();
            let _ = write!(out, ", {}", named.join(", "));
        }
        if people > self.all_of.len() && !self.any_of.is_empty() {
            let others = if self.all_of.is_empty() { " with" } else { ", the others with" };
            let _ = write!(out, "{others} {}", one_of(&self.any_of));
        }
        let _ = write!(out, ", within {}", self.span());
        if self.reason {
            out.push_str(", with a reason");
        }
        out
    }
}

impl Part {
    /// So many of them, in words.
    #[must_use]
    pub fn says(&self, times: usize) -> String {
        let people = if times == 1 { "somebody".to_owned() } else { format!("{times} people") };
        match self {
            Self::With(role) => format!("{people} with the role {role}"),
            Self::OneOf(roles) if roles.is_empty() => format!("{people} who may agree"),
            Self::OneOf(roles) => format!("{people} with {}", one_of(roles)),
        }
    }
}

fn one_of(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
    if let [one] = names.as_slice() {
        format!("the role {one}")
    } else {
        format!("one of the roles {}", names.join(", "))
    }
}

impl Rules {
    /// What that action needs at that tier: its own rule beats its tier's, and that one the rule for all.
    #[must_use]
    pub fn need(&self, action: &str, tier: Tier) -> Need {
        let holds = |rule: &&Approval| {
            rule.action.as_deref().is_none_or(|own| own == action) && rule.tier.is_none_or(|own| own == tier)
        };
        let closeness = |rule: &&Approval| (rule.action.is_some(), rule.tier.is_some());
        let rule = self.approvals.iter().filter(holds).max_by_key(closeness).filter(|_| tier >= Tier::Second);
        let mut need = rule.map_or_else(Need::default, |rule| rule.need.clone());
        need.reason |= tier >= Tier::OtherRole;
        need
    }

    /// Whether that person has that role, under its own name or as what it is like.
    fn holds(&self, staff: &Staff, role: &Role) -> bool {
        staff.roles.contains(role) || self.built_in(staff).contains(role)
    }

    fn fits(&self, staff: &Staff, part: &Part) -> bool {
        match part {
            Part::With(role) => self.holds(staff, role),
            Part::OneOf(roles) => roles.is_empty() || roles.iter().any(|role| self.holds(staff, role)),
        }
    }

    /// Who fills which part, so that as many as possible are filled: the place in `people` for each part.
    pub(super) fn filled(&self, parts: &[Part], people: &[&Staff]) -> Vec<Option<usize>> {
        let mut owners = vec![None; parts.len()];
        for person in 0..people.len() {
            let mut tried = vec![false; parts.len()];
            self.seat(person, parts, people, &mut owners, &mut tried);
        }
        owners
    }

    /// Finds a part for that person; whoever has it moves on where they can.
    fn seat(
        &self,
        person: usize,
        parts: &[Part],
        people: &[&Staff],
        owners: &mut [Option<usize>],
        tried: &mut [bool],
    ) -> bool {
        for (at, part) in parts.iter().enumerate() {
            if tried[at] || !self.fits(people[person], part) {
                continue;
            }
            tried[at] = true;
            let free = match owners[at] {
                None => true,
                Some(owner) => self.seat(owner, parts, people, owners, tried),
            };
            if free {
                owners[at] = Some(person);
                return true;
            }
        }
        false
    }
}

impl Policy {
    /// What that plan of that action needs.
    #[must_use]
    pub fn need(&self, action: &str, plan: &Plan) -> Need {
        self.rules.need(action, self.tier_of(action, plan))
    }

    fn tier_of(&self, action: &str, plan: &Plan) -> Tier {
        self.definition(action).map_or(plan.tier, |definition| definition.tier.max(plan.tier))
    }

    /// Whether that person's yes to that plan of that action can count: the floor's rights, and a part of the rule.
    ///
    /// # Errors
    /// A refusal that names the rule.
    pub fn may_count(&self, action: &str, requester: &Staff, approver: &Staff, plan: &Plan) -> Result<(), Refusal> {
        let tier = self.tier_of(action, plan);
        self.may_agree(requester, approver, tier)?;
        self.named_by(approver, plan)?;
        self.has_part(approver, &self.rules.need(action, tier))
    }

    /// Whether that person fills a part of that need.
    pub(super) fn has_part(&self, approver: &Staff, need: &Need) -> Result<(), Refusal> {
        if need.parts().iter().any(|part| self.rules.fits(approver, part)) {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalCode::Role,
            "You may not agree to this request.",
            format!("It is decided by {}.", need.says()),
            "Nothing to do for you; the people who may agree have been asked.",
        ))
    }

    /// How far the agreement to that plan is, with those yeses. Whose yes no longer counts is passed over.
    #[must_use]
    pub fn standing(&self, action: &str, requester: &Staff, plan: &Plan, yes: &[StaffId]) -> Standing {
        let need = self.need(action, plan);
        let counts = |staff: &&Staff| self.may_count(action, requester, staff, plan).is_ok();
        let able: Vec<&Staff> = self.rules.staff.iter().filter(counts).collect();
        self.stands(need, &able, yes)
    }

    /// The same at a tier, of a plan that is not known yet.
    pub(super) fn outlook(&self, action: &str, requester: &Staff, tier: Tier) -> Standing {
        let need = self.rules.need(action, tier);
        let counts = |s: &&Staff| self.may_agree(requester, s, tier).is_ok() && self.has_part(s, &need).is_ok();
        let able: Vec<&Staff> = self.rules.staff.iter().filter(counts).collect();
        self.stands(need, &able, &[])
    }

    /// What the rule of that number decides: actions with a tier each.
    #[must_use]
    pub fn decided_by(&self, number: usize) -> Vec<(&'static Definition, Tier)> {
        let tiers = |definition: &'static Definition| {
            let can = |tier: &Tier| (definition.tier..=definition.tier_at_most).contains(tier);
            [Tier::Second, Tier::OtherRole].into_iter().filter(can).map(move |tier| (definition, tier))
        };
        let decided = |(definition, tier): &(&'static Definition, Tier)| {
            self.rules.need(definition.name, *tier).rule == Some(number)
        };
        self.definitions.iter().copied().flat_map(tiers).filter(decided).collect()
    }

    /// Whether somebody who may ask for that action at that tier could find enough people; so too where nobody may ask.
    #[must_use]
    pub fn can_come_together(&self, definition: &Definition, tier: Tier) -> bool {
        let asks = |staff: &&Staff| self.has_role_for(staff, definition, tier);
        let mut askers = self.rules.staff.iter().filter(asks).peekable();
        askers.peek().is_none() || askers.any(|staff| self.outlook(definition.name, staff, tier).possible)
    }

    fn stands(&self, need: Need, able: &[&Staff], yes: &[StaffId]) -> Standing {
        let parts = need.parts();
        let many = |people: &[&Staff]| self.rules.filled(&parts, people).iter().flatten().count();
        let (given, others): (Vec<&Staff>, Vec<&Staff>) = able.iter().partition(|staff| yes.contains(&staff.id));
        let owners = self.rules.filled(&parts, &given);
        let filled = owners.iter().flatten().count();
        let helps = |staff: &&&Staff| {
            let with: Vec<&Staff> = given.iter().copied().chain([**staff]).collect();
            many(&with) > filled
        };
        let helps = others.iter().filter(helps).map(|staff| staff.id.clone()).collect();
        let open =
            parts.iter().zip(&owners).filter(|(_, owner)| owner.is_none()).map(|(part, _)| part.clone()).collect();
        Standing { given: filled, open, helps, possible: many(able) == parts.len(), need }
    }
}
