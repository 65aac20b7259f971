//! Rules of approval and limits, as they are read.

use super::*;
use crate::model::Tier;
use crate::policy::Limits;

/// With an admin more than the usual staff.
fn with(more: &str) -> String {
    let admin = "[[staff]]\nid = \"mira\"\nroles = [\"admin\"]\ndiscord = 910000000000000004\n";
    format!("{}\n{more}", written(STORE, SLACK, DISCORD, &format!("{STAFF}{admin}")))
}

fn rules(more: &str) -> crate::policy::Rules {
    parse(&with(more), &look_up).unwrap_or_else(|errors| panic!("{errors:#?}")).rules
}

#[test]
fn without_a_word_it_is_as_it_always_was() {
    let plain = rules("");
    assert!(plain.approvals.is_empty());
    assert_eq!((plain.limits.person, plain.limits.org), (30, 60));
    let need = plain.need("revoke-session", Tier::Second);
    assert_eq!((need.rule, need.count, need.within_ms, need.reason), (None, 1, 15 * 60_000, false));
}

#[test]
fn rules_of_approval_are_read() {
    let text = "[[approvals]]\naction = \"rotate-secret\"\nall_of = [\"security\"]\nwithin = \"1h\"\n\
        [[approvals]]\ntier = 2\ncount = 2\nany_of = [\"lead\", \"admin\", \"security\"]\nreason = true\n";
    let read = rules(text);
    let own = read.need("rotate-secret", Tier::OtherRole);
    assert_eq!((own.rule, own.count, own.within_ms, own.reason), (Some(1), 1, 3_600_000, true));
    let second = read.need("revoke-session", Tier::Second);
    assert_eq!((second.rule, second.count, second.any_of.len(), second.reason), (Some(2), 2, 3, true));
    assert_eq!(read.need("set-role", Tier::OtherRole).rule, None);
}

#[test]
fn what_is_wrong_with_a_rule_names_its_section() {
    for (rule, key) in [
        ("action = \"eat\"", "approvals[1].action"),
        ("action = \"webhook\"", "approvals[1].action"),
        ("tier = 1", "approvals[1].tier"),
        ("tier = 4", "approvals[1].tier"),
        ("count = 0", "approvals[1].count"),
        ("count = 6", "approvals[1].count"),
        ("count = 1\nall_of = [\"security\", \"admin\"]", "approvals[1].count"),
        ("any_of = [\"boss\"]", "approvals[1].any_of[1]"),
        ("any_of = [\"lead\", \"lead\"]", "approvals[1].any_of[2]"),
        ("within = \"soon\"", "approvals[1].within"),
        ("within = \"5h\"", "approvals[1].within"),
        ("tier = 3\nreason = false", "approvals[1].reason"),
        ("people = 2", "approvals[1].people"),
        ("tier = 2\n[[approvals]]\ntier = 2", "approvals[2]"),
    ] {
        assert_eq!(keys(&with(&format!("[[approvals]]\n{rule}\n"))), [key], "{rule}");
    }
}

#[test]
fn a_rule_that_nobody_could_meet_is_refused_with_the_fix() {
    let met = |rule: &str| errors(&with(&format!("[[approvals]]\ntier = 2\n{rule}\n")));
    assert!(met("any_of = [\"lead\"]").is_empty(), "mira asks, and lee is a lead");
    assert!(met("count = 2").is_empty());
    for rule in ["count = 3", "any_of = [\"observer\"]", "all_of = [\"lead\", \"admin\"]", "any_of = [\"night\"]"] {
        let found = met(rule);
        let [one] = found.as_slice() else { panic!("{rule}: {found:#?}") };
        assert_eq!(one.key, "approvals[1]");
        assert!(one.says.contains("could ever run") && one.fix.contains("fewer people"), "{one}");
    }
    let all = errors(&with("[[approvals]]\nany_of = [\"lead\"]\n"));
    assert!(all.len() == 1 && all[0].says.contains("tier 3"), "leads never agree to tier 3: {all:#?}");
}

#[test]
fn limits_are_read() {
    let read = rules("[limits]\nper_person = 5\n[limits.actions]\nrevoke-session = 10\n").limits;
    let actions = [("revoke-session".to_owned(), 10)].into();
    assert_eq!(read, Limits { person: 5, org: 60, actions });
    for (text, key) in [
        ("[limits]\nper_person = 0", "limits.per_person"),
        ("[limits]\nper_org = 1001", "limits.per_org"),
        ("[limits]\nper_hour = 3", "limits.per_hour"),
        ("[limits.actions]\neat = 3", "limits.actions.eat"),
        ("[limits.actions]\nwhoami = 3", "limits.actions.whoami"),
        ("[limits.actions]\nrevoke-session = \"3\"", "limits.actions.revoke-session"),
    ] {
        assert_eq!(keys(&with(text)), [key], "{text}");
    }
}
