//! Tests of the life of an incident: every move, and long generated lives.

use super::super::phase::closed_for;
use super::super::samples::{self, Dice, NINE, incident, request, staff};
use super::super::{Cadence, parts};
use super::*;
use crate::model::MINUTE_MS;

const ACTS: [Act; 4] = [Act::Update, Act::Close, Act::Cancel, Act::Reopen];

fn status(at: Millis) -> Status {
    parts::status(&samples::status(), at, false).expect("the sample is good")
}

fn closing() -> Closing {
    parts::closing(&samples::closing()).expect("the sample is good")
}

fn at<'a>(request: &'a RequestId, staff: &'a StaffId, minutes: i64) -> By<'a> {
    By { request, staff, at: NINE.plus_ms(minutes * MINUTE_MS) }
}

fn with(phase: Phase) -> Incident {
    Incident { phase, resolved: (phase == Phase::Resolved).then_some(NINE), ..incident() }
}

/// For each phase, what each act may lead to.
/// From where, and where to by an update, the close, a cancel and a reopening.
type Move = (Phase, &'static [Phase], &'static [Phase], &'static [Phase], &'static [Phase]);

const MOVES: &[Move] = {
    use Phase::{Cancelled, Closed, Identified, Investigating, Monitoring, Open, Resolved};
    const WORKED: &[Phase] = &[Investigating, Identified, Monitoring, Resolved];
    &[
        (Open, &[Open, Investigating, Identified, Monitoring, Resolved], &[], &[Cancelled], &[]),
        (Investigating, WORKED, &[], &[Cancelled], &[]),
        (Identified, WORKED, &[], &[Cancelled], &[]),
        (Monitoring, WORKED, &[], &[Cancelled], &[]),
        (Resolved, &[], &[Closed], &[], &[Investigating]),
        (Closed, &[], &[], &[], &[Investigating]),
        (Cancelled, &[], &[], &[], &[]),
    ]
};

#[test]
fn only_what_may_follow_follows_and_a_no_says_what_can_be_done() {
    assert_eq!(MOVES.len(), Phase::ALL.len());
    for (from, update, close, cancel, reopen) in MOVES {
        for (act, allowed) in ACTS.into_iter().zip([update, close, cancel, reopen]) {
            for to in Phase::ALL {
                match may(&with(*from), act, *to) {
                    Ok(()) => assert!(allowed.contains(to), "{from:?} {act:?} {to:?}"),
                    Err(no) => {
                        assert!(!allowed.contains(to), "{from:?} {act:?} {to:?}");
                        assert!(no.what.starts_with("INC-7 ") && no.why.contains(from.word()), "{no:?}");
                        assert!([&no.what, &no.why, &no.next].iter().all(|says| says.ends_with('.')), "{no:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_refusal_names_the_next_step() {
    let no = may(&with(Phase::Monitoring), Act::Close, Phase::Closed).expect_err("it is not resolved");
    assert_eq!(no.what, "INC-7 is not closed.");
    assert_eq!(no.why, "It is monitoring.");
    assert_eq!(no.next, "Say first that it is over: `/incident update phase=resolved`.");
    let no = may(&with(Phase::Resolved), Act::Update, Phase::Resolved).expect_err("it is over");
    assert_eq!((no.code, no.why.as_str()), (RefusalCode::Already, "It is resolved since 2026-11-02 09:00 UTC."));
    let no = may(&with(Phase::Cancelled), Act::Reopen, Phase::Investigating).expect_err("it was none");
    assert!(no.next.contains("Open a new incident"));
    assert_eq!(closed_for(&with(Phase::Closed), "x".into()).why, "It is closed.");
}

#[test]
fn opening_keeps_what_was_said_and_promises() {
    let (id, kim) = (request("rq-1"), staff("kim"));
    let duties = BTreeMap::from([(Duty::Commander, staff("lee"))]);
    let (kind, severity) = (IncidentKind::Private, Severity::Sev1);
    let beginning = Beginning { kind, title: "Sign-in is slow".into(), severity, duties, rooms: vec![] };
    let step = open(at(&id, &kim, 0), beginning, &status(NINE));
    let after = &step.after;
    assert_eq!((after.id.as_str(), after.number, after.version, after.updates), ("rq-1", 0, 1, 1));
    assert_eq!(
        (after.phase, after.started, after.next_update),
        (Phase::Open, NINE.plus_ms(-20 * MINUTE_MS), Some(NINE.plus_ms(30 * MINUTE_MS)))
    );
    assert_eq!(after.part("routes"), "/v1/me, POST /v1/sessions");
    let says: Vec<&str> = step.entries.iter().map(|entry| entry.says.as_str()).collect();
    assert_eq!(says, ["Opened: Sign-in is slow (sev1, private).", "lee is commander."]);
    assert!(step.entries.iter().all(|entry| entry.staff == Some(kim.clone()) && entry.request == Some(id.clone())));
}

#[test]
fn an_update_settles_the_promise_before_and_makes_the_next() {
    let (id, kim) = (request("rq-2"), staff("kim"));
    for (minutes, kept) in [(29, "Promise kept: "), (31, "Promise kept: "), (32, "Promise missed: ")] {
        let by = at(&id, &kim, minutes);
        let step = update(by, &incident(), &status(by.at), Phase::Identified).expect("it may");
        assert_eq!(step.after.next_update, Some(by.at.plus_ms(30 * MINUTE_MS)));
        assert_eq!((step.after.updates, step.after.version), (2, 2));
        let kinds: Vec<EntryKind> = step.entries.iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds, [EntryKind::Updated, EntryKind::Phase, EntryKind::Promise, EntryKind::Noted]);
        assert_eq!(step.entries[0].says, "Update 2: identified, sev2.");
        assert_eq!(step.entries[1].says, "Phase: open → identified.");
        assert!(step.entries[2].says.starts_with(kept), "{minutes}: {}", step.entries[2].says);
        assert!(step.entries[3].says.starts_with("It began at "), "the start moved with the clock");
    }
}

#[test]
fn the_times_of_a_whole_life_are_kept() {
    let (id, kim) = (request("rq-2"), staff("kim"));
    let by = |minutes| at(&id, &kim, minutes);
    let over = |minutes| {
        let mut status = status(by(minutes).at);
        status.next = None;
        status
    };
    let watched = update(by(10), &incident(), &status(by(10).at), Phase::Monitoring).expect("it may").after;
    assert_eq!((watched.mitigated, watched.resolved), (Some(by(10).at), None));
    let resolved = update(by(20), &watched, &over(20), Phase::Resolved).expect("it may").after;
    assert_eq!((resolved.mitigated, resolved.resolved, resolved.next_update), (Some(by(10).at), Some(by(20).at), None));
    let closed = close(by(30), &resolved, &closing()).expect("it may").after;
    assert_eq!((closed.closed, closed.phase, closed.updates), (Some(by(30).at), Phase::Closed, 4));
    assert_eq!(
        (closed.part("prevention"), closed.part("impact")),
        ("Bound the pool\nAlert on waiting sign-ins", "Some sign-ins fail with 503.")
    );
    let again = reopen(by(40), &closed, &status(by(40).at), "It is back.").expect("it may");
    let after = &again.after;
    assert_eq!((after.resolved, after.closed, after.mitigated), (None, None, Some(by(10).at)));
    assert_eq!((after.phase, after.next_update), (Phase::Investigating, Some(by(70).at)));
    assert_eq!(again.entries[0].says, "Reopened: It is back.");
    let cancelled = cancel(by(50), after, "A false alarm.").expect("it may").after;
    assert_eq!((cancelled.phase, cancelled.closed, cancelled.next_update), (Phase::Cancelled, Some(by(50).at), None));
}

#[test]
fn duties_are_given_handed_over_and_given_up() {
    let (id, kim, lee, mira) = (request("rq-2"), staff("kim"), staff("lee"), staff("mira"));
    let mut now = incident();
    for (to, says) in [
        (Some(&lee), "lee is comms."),
        (Some(&mira), "lee hands comms over to mira."),
        (None, "mira is no longer comms. Nobody is."),
    ] {
        let step = assign(at(&id, &kim, 1), &now, Duty::Comms, to).expect("something changes");
        assert_eq!(step.entries[0].says, says);
        assert_eq!(step.after.duties.get(&Duty::Comms), to);
        let no = assign(at(&id, &kim, 1), &step.after, Duty::Comms, to).expect_err("nothing would change");
        assert_eq!(no.code, RefusalCode::Already);
        now = step.after;
    }
    assert!(
        assign(at(&id, &kim, 1), &with(Phase::Resolved), Duty::Scribe, Some(&lee)).is_ok(),
        "it is still written up"
    );
    assert!(assign(at(&id, &kim, 1), &with(Phase::Closed), Duty::Scribe, Some(&lee)).is_err());
}

#[test]
fn a_worse_severity_brings_the_promise_nearer_and_a_better_one_leaves_it() {
    let (id, kim, cadence) = (request("rq-2"), staff("kim"), Cadence::default());
    let mild = Incident { severity: Severity::Sev4, next_update: Some(NINE.plus_ms(600 * MINUTE_MS)), ..incident() };
    let worse = severity(at(&id, &kim, 0), &mild, Severity::Sev1, "All of Europe.", &cadence).expect("it changes");
    assert_eq!(worse.after.next_update, Some(NINE.plus_ms(30 * MINUTE_MS)));
    let says: Vec<&str> = worse.entries.iter().map(|entry| entry.says.as_str()).collect();
    assert_eq!(says[0], "Severity: sev4 → sev1. All of Europe.");
    assert!(says[1].starts_with("Promise moved: from 2026-11-02 19:00 UTC to 2026-11-02 09:30 UTC."), "{says:?}");
    let near = severity(at(&id, &kim, 15), &incident(), Severity::Sev1, "", &cadence).expect("it changes");
    assert_eq!((near.after.next_update, near.entries.len()), (incident().next_update, 1), "it is near enough");
    let better = severity(at(&id, &kim, 0), &worse.after, Severity::Sev3, "", &cadence).expect("it changes");
    assert_eq!((better.after.next_update, better.entries.len()), (worse.after.next_update, 1));
    assert!(severity(at(&id, &kim, 0), &better.after, Severity::Sev3, "", &cadence).is_err());
    assert!(severity(at(&id, &kim, 0), &with(Phase::Resolved), Severity::Sev1, "", &cadence).is_err());
}

#[test]
fn the_promise_is_moved_notes_are_added_and_entries_corrected() {
    let (id, kim) = (request("rq-2"), staff("kim"));
    let by = at(&id, &kim, 5);
    let later = NINE.plus_ms(45 * MINUTE_MS);
    let step = snooze(by, &incident(), later, "We wait for the vendor.").expect("something is promised");
    assert_eq!(step.after.next_update, Some(later));
    assert_eq!(step.after.updates, 1, "nothing was said");
    assert!(step.entries[0].says.ends_with("to 2026-11-02 09:45 UTC. We wait for the vendor."));
    assert!(snooze(by, &with(Phase::Resolved), later, "x").is_err());
    let noted = note(by, &with(Phase::Closed), "The vendor called back.", None);
    assert_eq!((noted.entries[0].kind, noted.after.version), (EntryKind::Noted, 2));
    let wrong = Entry { seq: 4, ..noted.entries[0].clone() };
    let corrected = correct(by, &incident(), &wrong, "We called them.").expect("it is kept");
    assert_eq!(corrected.entries[0].corrects, Some(4));
    assert_eq!(corrected.entries[0].says, "Entry 4 is corrected: We called them.");
    assert!(correct(by, &incident(), &noted.entries[0], "x").is_err(), "it is not kept yet");
}

/// One deed by chance; `None` where it is refused.
fn some_deed(dice: &mut Dice, by: By<'_>, before: &Incident) -> Option<Step> {
    let phase = *dice.one(Phase::ALL);
    let mut said = status(by.at);
    if phase.over() {
        said.next = None;
    }
    match dice.below(10) {
        0..4 => update(by, before, &said, phase).ok(),
        4 => close(by, before, &closing()).ok(),
        5 if dice.below(4) == 0 => cancel(by, before, "It was none.").ok(),
        6 => reopen(by, before, &status(by.at), "It is back.").ok(),
        7 => severity(by, before, *dice.one(Severity::ALL), "", &Cadence::default()).ok(),
        8 => {
            let who = staff(["kim", "lee", "mira"][dice.below(3)]);
            let to = (dice.below(3) > 0).then_some(&who);
            assign(by, before, *dice.one(Duty::ALL), to).ok()
        }
        _ => snooze(by, before, by.at.plus_ms(15 * MINUTE_MS), "We wait.").ok(),
    }
}

#[test]
fn every_life_keeps_the_laws() {
    let (mut done, mut refused, mut ends) = (0, 0, std::collections::BTreeSet::new());
    for seed in 0..500 {
        let mut dice = Dice::of(seed);
        let (kim, first) = (staff("kim"), incident());
        let mut now = first.clone();
        for n in 1..40 {
            let id = request(&format!("rq-{n}"));
            let by = at(&id, &kim, n * 7);
            let Some(step) = some_deed(&mut dice, by, &now) else {
                refused += 1;
                continue;
            };
            done += 1;
            let after = &step.after;
            assert_eq!(
                (&after.id, after.kind, &after.opened_by, after.opened),
                (&first.id, first.kind, &first.opened_by, first.opened)
            );
            assert_eq!(after.version, now.version + 1, "seed {seed}");
            assert!(after.updates == now.updates || after.updates == now.updates + 1);
            assert!(
                !step.entries.is_empty() && step.entries.iter().all(|entry| entry.seq == 0 && !entry.says.is_empty())
            );
            assert_eq!(after.next_update.is_none(), after.phase.over(), "seed {seed}: {after:?}");
            assert!(now.mitigated.is_none() || after.mitigated == now.mitigated, "the first time stands");
            assert_eq!(after.resolved.is_some(), matches!(after.phase, Phase::Resolved | Phase::Closed), "seed {seed}");
            assert_eq!(after.closed.is_some(), matches!(after.phase, Phase::Closed | Phase::Cancelled), "seed {seed}");
            assert!(after.phase != Phase::Open || now.phase == Phase::Open, "nothing goes back to open");
            assert!(now.phase != Phase::Cancelled, "nothing follows a cancellation but notes");
            let said = step.entries.iter().filter(|entry| entry.kind == EntryKind::Phase).count();
            assert_eq!(said, usize::from(after.phase != now.phase), "a phase that changes is said once");
            ends.insert(after.phase);
            now = step.after;
        }
    }
    assert!(done > 5_000 && refused > 5_000, "{done} {refused}");
    assert_eq!(ends.len(), Phase::ALL.len(), "every phase was come to: {ends:?}");
}
