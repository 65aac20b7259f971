//! The report, over what may be found.

use super::super::samples::{fields, planned};
use super::*;
use crate::model::{Millis, State};
use crate::ports::{Fault, Kept};

fn seen() -> Seen {
    Seen {
        id: "joe".parse().expect("an id"),
        staff: None,
        held: Held::default(),
        duties: Vec::new(),
        cases: Vec::new(),
        reviews: Vec::new(),
        outside: None,
    }
}

fn said(facts: &Facts) -> Plan {
    planned(&Offboarding, &fields(&[("person", "@joe")]), facts)
}

fn of(seen: Seen) -> Plan {
    said(&Facts { ids: vec![seen.id.clone()], seen: Some(Box::new(seen)) })
}

fn outside(identity: Result<AtAuthentik, PortError>, seqn: Result<Vec<SeqnUser>, PortError>) -> Option<Outside> {
    Some(Outside { email: "joe@seqn.example".parse().expect("an e-mail"), identity, seqn })
}

fn nobody() -> AtAuthentik {
    AtAuthentik { found: Vec::new(), one: None }
}

#[test]
fn no_match_and_several_are_no_person() {
    let none = said(&Facts { ids: Vec::new(), seen: None });
    assert_eq!((none.tone, none.title.as_str()), (Tone::Bad, "I do not know that person."));
    let ids = ["ak-1", "joe"].map(|id| id.parse().expect("an id")).to_vec();
    let several = said(&Facts { ids, seen: None });
    assert!(format!("{several:?}").contains("Ask with the staff id: ak-1, joe."), "{several:?}");
}

#[test]
fn whoever_holds_nothing_is_said_to_and_only_when_all_was_seen() {
    let clean = of(Seen { outside: outside(Ok(nobody()), Ok(Vec::new())), ..seen() });
    assert_eq!((clean.tone, clean.title.as_str()), (Tone::Good, "joe holds nothing any more."));
    let down = || PortError::new("authentik", Fault::NoAnswer);
    for dark in [None, outside(Err(down()), Ok(Vec::new())), outside(Ok(nobody()), Err(down()))] {
        let plan = of(Seen { outside: dark, ..seen() });
        assert_eq!(plan.tone, Tone::Caution);
        assert!(plan.title.contains("not everything could be looked at"), "{}", plan.title);
    }
}

#[test]
fn what_is_held_is_named_with_its_next_step() {
    let one = Identity { id: 1, username: "joe".into(), email: "joe@seqn.example".into(), active: true };
    let at = AtAuthentik { found: vec![one], one: Some((2, 1, true)) };
    let member = SeqnUser { id: "u".into(), email: String::new(), memberships: vec![("acme".into(), "admin".into())] };
    let kept = |since, roles: &[Role]| Kept {
        since: Millis(since),
        name: "Joe".into(),
        roles: roles.iter().cloned().collect(),
        accounts: Vec::new(),
    };
    let held = Held {
        kept: vec![kept(86_400_000, &[]), kept(0, &[Role::SUPPORT])],
        open: vec![("rq-1".parse().expect("an id"), "set-role".into(), State::Asking, Millis(0))],
        ending: vec![("rq-2".parse().expect("an id"), "set-role".into(), Millis(0))],
        ..Held::default()
    };
    let plan = of(Seen {
        held,
        duties: vec![("INC-3".into(), "commander")],
        cases: vec![("rq-3".into(), "SUP-9".into())],
        outside: outside(Ok(at), Ok(vec![member])),
        ..seen()
    });
    assert_eq!(plan.title, "Joe: 7 things are left to do.");
    let text = format!("{:?}", plan.blocks);
    for says in [
        "support, until 1970-01-02",
        "May sign in at Authentik as joe.",
        "At Authentik 2 sessions and 1 refresh token live.",
        "Is a platform admin.",
        "Is admin of acme at SEQN Auth. Next: an admin of acme removes j",
        "The request rq-1 for `set-role` is asking",
        "Is commander of INC-3. Next: `/incident assign`",
        "Has opened the case rq-3 for SUP-9.",
        "What `set-role` changed with rq-2 is taken back at",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}
