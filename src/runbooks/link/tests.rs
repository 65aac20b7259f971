//! What is linked, and what is not: the choice, what was not found, a log that is away.

use super::super::samples;
use super::*;
use crate::ports::Fault;

fn seen(source: &str, id: &str, at: i64) -> Evidence {
    Evidence {
        source: source.into(),
        id: id.into(),
        at: Millis(at),
        action: "user.signed_in".into(),
        after: false,
        suspicion: String::new(),
    }
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    samples::fields(&[&[("org", "acme"), ("ticket", "SUP-1")], pairs].concat())
}

fn facts(seqn: Result<Vec<Evidence>, PortError>) -> Facts {
    Facts { since: Millis(0), seqn, authentik: None, incident: None, there: Vec::new() }
}

fn planned(pairs: &[(&str, &str)], facts: &Facts) -> Plan {
    samples::planned(&Link, &fields(pairs), facts)
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().flat_map(|step| linked(&step.effect)).map(|one| one.id.as_str()).collect()
}

#[test]
fn what_was_chosen_is_linked_and_nothing_else() {
    let found = facts(Ok(vec![seen("seqn", "a", 1), seen("seqn", "b", 3), seen("seqn", "c", 2)]));
    let open = planned(&[], &found);
    assert!(open.steps.is_empty());
    assert_eq!(open.pick.expect("a choice").choices.len(), 4);
    assert_eq!(ids(&planned(&[("entries", "All")], &found)), ["b", "c", "a"]);
    let some = planned(&[("entries", "a, c")], &found);
    assert_eq!(ids(&some), ["c", "a"]);
    assert_eq!(some.pinned.get("entries"), Some("c,a"), "what is looked at again is what was agreed to");
    let unknown = planned(&[("entries", "a,x")], &found);
    assert!(unknown.steps.is_empty() && unknown.title == "I did not find x there.", "{}", unknown.title);
}

#[test]
fn one_entry_needs_no_choice_and_a_log_that_is_away_is_said() {
    let one = facts(Ok(vec![seen("seqn", "a", 1)]));
    assert_eq!(ids(&planned(&[], &one)), ["a"]);
    let away = || PortError::new("authentik", Fault::Unreachable);
    let half = Facts { authentik: Some(Err(away())), ..facts(Ok(vec![seen("seqn", "a", 1)])) };
    assert!(format!("{:?}", planned(&[], &half).blocks).contains("Authentik's log was not read."));
    let none = planned(&[], &facts(Err(away())));
    assert!(none.steps.is_empty() && !none.looked && none.title.starts_with("I could not look."), "{}", none.title);
    let empty = planned(&[], &facts(Ok(Vec::new())));
    assert!(empty.steps.is_empty() && empty.looked);
}

#[test]
fn a_time_that_ends_before_it_begins_and_an_odd_incident_are_refused() {
    let wrong = fields(&[("since", "2026-11-02T00:00:00Z"), ("until", "2026-11-01T00:00:00Z"), ("incident", "INC-x")]);
    let errors = Link.read(&wrong).err().expect("refused");
    let named: Vec<&str> = errors.iter().map(|error| error.option.as_str()).collect();
    assert_eq!(named, ["incident", "until"]);
}
