//! Rules of approval: which one decides, what it says, what is missing and who could give it.

use super::*;
use crate::catalog::Catalog;
use crate::model::Tone;

fn person(name: &str, roles: &[&str]) -> Staff {
    let roles = roles.iter().copied().map(Role::named).collect();
    Staff {
        id: name.parse().expect("an id"),
        name: name.into(),
        roles,
        accounts: Vec::new(),
        email: None,
        groups: [].into(),
    }
}

fn rule(number: usize, action: Option<&str>, tier: Option<Tier>, count: usize) -> Approval {
    let need = Need { rule: Some(number), count, ..Need::default() };
    Approval { action: action.map(str::to_owned), tier, need }
}

fn roles(names: &[&str]) -> Vec<Role> {
    names.iter().copied().map(Role::named).collect()
}

/// Kim asks; what a plan of tier 2 needs is the one rule.
fn policy(staff: &[Staff], need: Need) -> Policy {
    let approvals = vec![Approval { action: None, tier: None, need }];
    Policy::new(Rules { staff: staff.to_vec(), approvals, ..Rules::default() }, &Catalog::default())
}

fn plan() -> Plan {
    Plan { tier: Tier::Second, ..Plan::answer(Tone::Plain, "a plan", Vec::new()) }
}

#[test]
fn the_closest_rule_decides() {
    let approvals = vec![
        rule(1, None, None, 2),
        rule(2, None, Some(Tier::Second), 3),
        rule(3, Some("end"), None, 4),
        rule(4, Some("end"), Some(Tier::OtherRole), 5),
    ];
    let rules = Rules { approvals, ..Rules::default() };
    let number = |action: &str, tier| rules.need(action, tier).rule;
    assert_eq!(number("mend", Tier::OtherRole), Some(1));
    assert_eq!(number("mend", Tier::Second), Some(2));
    assert_eq!(number("end", Tier::Second), Some(3));
    assert_eq!(number("end", Tier::OtherRole), Some(4));
    assert_eq!(rules.need("end", Tier::Confirm), Need::default(), "below tier 2 nobody is asked");
    assert!(rules.need("end", Tier::OtherRole).reason, "the floor asks for a reason at tier 3");
    assert_eq!(Rules::default().need("end", Tier::Second), Need::default());
}

#[test]
fn rules_are_said_whole() {
    let need = Need {
        rule: Some(2),
        count: 3,
        any_of: roles(&["lead", "admin"]),
        all_of: roles(&["security"]),
        ..Need::default()
    };
    let says = "rule 2 of [[approvals]]: 3 people, one with the role security, the others with one of the roles lead, admin, within 15 minutes";
    assert_eq!(need.says(), says);
    let hour = Need { within_ms: WITHIN_MOST_MS, reason: true, any_of: roles(&["admin"]), ..Need::default() };
    assert_eq!(hour.says(), "the built-in rule: 1 person with the role admin, within 4 hours, with a reason");
}

#[test]
fn one_person_fills_one_part() {
    let (kim, lee) = (person("kim", &["lead"]), person("lee", &["lead"]));
    let (mira, sam) = (person("mira", &["admin", "security"]), person("sam", &["security"]));
    let need = Need { rule: Some(1), count: 2, all_of: roles(&["security", "admin"]), ..Need::default() };
    let alone = policy(&[kim.clone(), lee.clone(), mira.clone()], need.clone());
    let standing = alone.standing("end", &kim, &plan(), std::slice::from_ref(&mira.id));
    assert_eq!((standing.given, standing.whole(), standing.possible), (1, false, false));
    assert!(standing.helps.is_empty(), "a lead fills neither part");

    let all = policy(&[kim.clone(), lee.clone(), mira.clone(), sam.clone()], need);
    let standing = all.standing("end", &kim, &plan(), std::slice::from_ref(&mira.id));
    assert_eq!((standing.given, standing.possible), (1, true));
    assert_eq!(standing.helps, std::slice::from_ref(&sam.id), "mira moves over to the other part");
    let no = all.may_count("end", &kim, &lee, &plan()).expect_err("lee has no part");
    assert!(no.why.contains("rule 1 of [[approvals]]: 2 people"), "{}", no.why);
    let both = all.standing("end", &kim, &plan(), &[sam.id.clone(), mira.id.clone()]);
    assert!(both.whole() && both.helps.is_empty());
    assert_eq!(all.standing("end", &kim, &plan(), &[kim.id.clone(), mira.id.clone()]).given, 1, "kim asked");
}

#[test]
fn a_custom_role_counts_under_both_names() {
    let (kim, lee, joe) = (person("kim", &["lead"]), person("lee", &["lead"]), person("joe", &["duty"]));
    let need = |any_of: &[&str]| Need { rule: Some(1), any_of: roles(any_of), ..Need::default() };
    let with = |any_of: &[&str]| {
        let mut rules = policy(&[kim.clone(), lee.clone(), joe.clone()], need(any_of)).rules;
        rules.like.insert(Role::named("duty"), Role::LEAD);
        Policy::new(rules, &Catalog::default()).standing("end", &kim, &plan(), &[]).helps
    };
    assert_eq!(with(&["duty"]), std::slice::from_ref(&joe.id));
    assert_eq!(with(&["lead"]), [lee.id.clone(), joe.id.clone()]);
}

#[test]
fn a_yes_ages_and_none_comes_from_the_future() {
    let need = Need::default();
    let now = Millis(100 * MINUTE_MS);
    let fresh = |before_ms: i64| need.fresh(now.plus_ms(-before_ms), now);
    assert!(fresh(0) && fresh(AGREE_WITHIN_MS - 1) && !fresh(AGREE_WITHIN_MS));
    assert!(fresh(-MINUTE_MS) && !fresh(-MINUTE_MS - 1));
}
