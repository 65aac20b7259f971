//! The model of agreement: what the documentation says, as tables and by trying everything.
//!
//! Invariant: nothing of `policy` is called here.

use super::*;

/// Role, the highest tier it asks for, its rank, and the tiers it may agree to.
const TABLE: [(&str, u8, u8, [u8; 2]); 6] = [
    ("observer", 0, 1, [9, 9]),
    ("support", 1, 2, [9, 9]),
    ("lead", 2, 3, [2, 9]),
    ("duty", 2, 3, [2, 9]),
    ("admin", 3, 4, [2, 3]),
    ("security", 0, 0, [2, 3]),
];

fn of(staff: &Staff) -> impl Iterator<Item = &'static (&'static str, u8, u8, [u8; 2])> + '_ {
    TABLE.iter().filter(|(name, ..)| staff.roles.iter().any(|role| role.as_str() == *name))
}

pub fn tier(history: &History) -> u8 {
    u8::from(history.plan.tier).max(u8::from(history.definition.tier))
}

fn staff<'a>(history: &'a History, id: &StaffId) -> Option<&'a Staff> {
    history.rules.staff.iter().find(|staff| staff.id == *id)
}

/// The rule that decides: for this action and tier, for this action, for this tier, for all.
pub fn rule(history: &History) -> Option<&Need> {
    let find = |action: bool, at_tier: bool| {
        history.rules.approvals.iter().find(|rule| {
            rule.action.as_deref() == action.then_some(history.definition.name)
                && rule.tier.map(u8::from) == at_tier.then_some(tier(history))
        })
    };
    find(true, true).or(find(true, false)).or(find(false, true)).or(find(false, false)).map(|rule| &rule.need)
}

fn has(staff: &Staff, role: &Role) -> bool {
    let names: Vec<&str> = staff.roles.iter().map(Role::as_str).collect();
    names.contains(&role.as_str()) || (role.as_str() == "lead" && names.contains(&"duty"))
}

/// Whether that person may agree at all: the floor.
pub fn able(history: &History, requester: &Staff, approver: &Staff) -> bool {
    let tier = tier(history);
    let like = |name: &'static str| if name == "duty" { "lead" } else { name };
    let theirs: Vec<&str> = of(requester).map(|(name, ..)| like(name)).collect();
    approver.id != requester.id
        && of(approver).any(|(name, _, _, may)| may.contains(&tier) && (tier < 3 || !theirs.contains(&like(name))))
        && (history.plan.approvers.is_empty() || history.plan.approvers.contains(&approver.id))
}

/// Tries every way to seat different people, the roles of `all_of` first.
fn seated(people: &[&Staff], all_of: &[Role], any_of: &[Role], more: usize) -> bool {
    let rest = |at: usize| people.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, s)| *s).collect::<Vec<_>>();
    match all_of.split_first() {
        Some((role, others)) => {
            (0..people.len()).any(|at| has(people[at], role) && seated(&rest(at), others, any_of, more))
        }
        None => {
            let fits = |staff: &&&Staff| any_of.is_empty() || any_of.iter().any(|role| has(staff, role));
            people.iter().filter(fits).count() >= more
        }
    }
}

/// Whether those people are enough.
pub fn enough(history: &History, people: &[&Staff]) -> bool {
    match rule(history) {
        None => !people.is_empty(),
        Some(need) => seated(people, &need.all_of, &need.any_of, need.count.saturating_sub(need.all_of.len())),
    }
}

/// Whether the rule has a part for that person.
pub fn named(history: &History, id: &StaffId) -> bool {
    let Some((need, staff)) = rule(history).zip(staff(history, id)) else { return true };
    let more = need.count > need.all_of.len();
    let free = more && need.any_of.is_empty();
    free || need.all_of.iter().chain(need.any_of.iter().filter(|_| more)).any(|role| has(staff, role))
}

/// Whose yes counts now.
pub fn counting(history: &History) -> Vec<&Staff> {
    let Some(requester) = staff(history, &history.requester) else { return Vec::new() };
    let within = rule(history).map_or(15 * MINUTE, |need| need.within_ms);
    let reason = tier(history) == 3 || rule(history).is_some_and(|need| need.reason);
    let counts = |staff: &&Staff| {
        able(history, requester, staff)
            && history.agreed.iter().any(|yes| {
                let age = history.now - yes.at.0;
                yes.staff == staff.id
                    && yes.digest == digest(history.digest)
                    && (history.begun || (-MINUTE..within).contains(&age))
                    && (!reason || yes.reason.chars().any(|c| !c.is_whitespace()))
            })
    };
    history.rules.staff.iter().filter(counts).collect()
}

/// Everybody who could agree.
pub fn everybody(history: &History) -> Vec<&Staff> {
    let Some(requester) = staff(history, &history.requester) else { return Vec::new() };
    history.rules.staff.iter().filter(|staff| able(history, requester, staff)).collect()
}

/// Whether the requester may ask, and has confirmed this digest.
pub fn asked(history: &History) -> bool {
    let Some(requester) = staff(history, &history.requester) else { return false };
    let least = if history.definition.name == "mend" { 2 } else { 3 };
    let may = of(requester).any(|(_, most, rank, _)| *most >= tier(history) && *rank >= least);
    let own = |yes: &&Agreed| yes.staff == history.requester && yes.digest == digest(history.digest);
    let fresh = |yes: &Agreed| (-MINUTE..15 * MINUTE).contains(&(history.now - yes.at.0));
    let confirmed = history.agreed.iter().filter(own).any(|yes| tier(history) >= 2 || history.begun || fresh(yes));
    may && confirmed && history.place.channel == "actions"
}

pub fn content(history: &History) -> bool {
    asked(history) && (tier(history) < 2 || enough(history, &counting(history)))
}
