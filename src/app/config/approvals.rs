//! Who must agree besides the built-in floor: `[[approvals]]`.
//!
//! Invariant: what is let through only adds to the floor, each case is decided by one rule, and for each case that a rule
//! decides the listed staff can bring together what it asks for, at least for somebody who may ask.

use crate::app::catalog;
use crate::catalog::{Catalog, window_ms};
use crate::model::{MINUTE_MS, Role, Tier};
use crate::policy::{Approval, COUNT_MOST, Need, Policy, Rules, WITHIN_LEAST_MS, WITHIN_MOST_MS};

use super::people::is_role;
use super::section::Section;

/// Reads every `[[approvals]]` into the rules. `all_known`: whether everybody of the staff is in the configuration.
pub(super) fn approvals(root: &Section<'_>, rules: &mut Rules, all_known: bool) {
    let sections = root.list("approvals");
    if sections.is_empty() {
        return;
    }
    let catalog = catalog::standard();
    let mut read: Vec<(usize, Approval)> = Vec::new();
    for (at, section) in sections.iter().enumerate() {
        let rule = approval(section, at + 1, rules, &catalog);
        section.end();
        let Some(rule) = rule else { continue };
        if let Some((other, _)) = read.iter().find(|(_, o)| (&o.action, o.tier) == (&rule.action, rule.tier)) {
            let says = format!("It is for the same as {}.", sections[*other].name);
            section.wrong("", says, "Write one section for each action and tier.");
            continue;
        }
        read.push((at, rule));
    }
    rules.approvals = read.iter().map(|(_, rule)| rule.clone()).collect();
    let policy = Policy::new(rules.clone(), &catalog);
    for (at, rule) in read.iter().filter(|_| all_known) {
        can_be_met(&sections[*at], rule, &policy);
    }
}

fn approval(section: &Section<'_>, number: usize, rules: &Rules, catalog: &Catalog) -> Option<Approval> {
    let action = section.text("action").map(|name| action(section, name, catalog));
    let tier = section.number("tier").map(|number| tier(section, number));
    let any_of = roles(section, "any_of", rules);
    let all_of = roles(section, "all_of", rules);
    let count = count(section, all_of.as_ref().map_or(0, Vec::len));
    let within_ms = within(section);
    let asks = section.flag("reason", false);
    if section.has("reason") && !asks && matches!(tier, Some(Some(Tier::OtherRole))) {
        section.wrong("reason", "At tier 3 a reason is always asked for.", "Write reason = true, or leave it out.");
    }
    let (action, tier) = (action.map_or(Some(None), |a| a.map(Some))?, tier.map_or(Some(None), |t| t.map(Some))?);
    let need = Need {
        rule: Some(number),
        count: count?,
        any_of: any_of?,
        all_of: all_of?,
        within_ms: within_ms?,
        reason: asks,
    };
    Some(Approval { action, tier, need })
}

/// An action that can need a second person.
fn action(section: &Section<'_>, name: &str, catalog: &Catalog) -> Option<String> {
    match catalog.find(name).map(|found| found.definition().tier_at_most) {
        Some(most) if most >= Tier::Second => return Some(name.to_owned()),
        Some(most) => {
            let says = format!("`{name}` is tier {most} at most and needs nobody's agreement.");
            section.wrong("action", says, "Name an action of tier 2 or 3, or leave the section out.");
        }
        None => section.wrong("action", "There is no such action.", "Write its name as in `/seqn help`."),
    }
    None
}

fn tier(section: &Section<'_>, number: i64) -> Option<Tier> {
    let tier = u8::try_from(number).ok().and_then(|number| Tier::try_from(number).ok());
    let tier = tier.filter(|tier| *tier >= Tier::Second);
    if tier.is_none() {
        section.wrong("tier", "Only tiers 2 and 3 need anybody's agreement.", "Write tier = 2 or tier = 3.");
    }
    tier
}

/// Roles that are known; a custom one counts under its own name.
fn roles(section: &Section<'_>, key: &str, rules: &Rules) -> Option<Vec<Role>> {
    let written = section.texts(key);
    let mut roles: Vec<Role> = Vec::new();
    for (at, name) in written.iter().enumerate() {
        let role = Role::named(name);
        let place = format!("{key}[{}]", at + 1);
        if !is_role(section, &place, &role, &rules.like) {
            continue;
        }
        if roles.contains(&role) {
            section.wrong(
                &place,
                format!("The role `{name}` is there twice."),
                "Name it once; count says how many people.",
            );
        } else {
            roles.push(role);
        }
    }
    (roles.len() == written.len()).then_some(roles)
}

/// How many people; as many as there are roles in `all_of` where it is not said.
fn count(section: &Section<'_>, named: usize) -> Option<usize> {
    let fix = format!("Write a number from 1 to {COUNT_MOST}.");
    if named > COUNT_MOST {
        section.wrong("all_of", format!("It names {named} roles."), format!("Name at most {COUNT_MOST}."));
        return None;
    }
    let Some(number) = section.number("count") else { return Some(named.max(1)) };
    match usize::try_from(number).ok().filter(|count| (1..=COUNT_MOST).contains(count)) {
        Some(count) if count < named => {
            let says = format!("It is less than the {named} roles of all_of, which need a person each.");
            section.wrong("count", says, format!("Write count = {named} or more, or leave it out."));
            None
        }
        None => {
            section.wrong("count", "So many people cannot be asked for.", fix);
            None
        }
        count => count,
    }
}

fn within(section: &Section<'_>) -> Option<i64> {
    let Some(text) = section.text("within") else {
        return if section.has("within") { None } else { Some(Need::default().within_ms) };
    };
    let bounds = WITHIN_LEAST_MS..=WITHIN_MOST_MS;
    let read = window_ms(text).filter(|ms| bounds.contains(ms));
    if read.is_none() {
        let (least, most) = (WITHIN_LEAST_MS / MINUTE_MS, WITHIN_MOST_MS / (60 * MINUTE_MS));
        let fix = format!("Write a span from {least}m to {most}h, such as \"15m\".");
        section.wrong("within", "It is no span that people may take to agree.", fix);
    }
    read
}

/// For each case that the rule decides, what it asks for can come together for somebody who may ask.
fn can_be_met(section: &Section<'_>, rule: &Approval, policy: &Policy) {
    let Some(number) = rule.need.rule else { return };
    for (definition, tier) in policy.decided_by(number) {
        if policy.can_come_together(definition, tier) {
            continue;
        }
        let says = format!(
            "Nobody's `{}` of tier {tier} could ever run: whoever asks, the others cannot bring it together ({}).",
            definition.name,
            rule.need.says()
        );
        let fix = "Ask for fewer people or other roles, give more people these roles, or say in it which action or tier it is for.";
        section.wrong("", says, fix);
        return;
    }
}
