//! Tests of the promise: when who is reminded, and what counts as kept.

use super::super::samples::{Dice, NINE, incident, staff};
use super::*;
use crate::model::Phase;

fn at(minutes: i64) -> Millis {
    NINE.plus_ms(minutes * MINUTE_MS)
}

#[test]
fn each_severity_has_its_promise() {
    let cadence = Cadence::default();
    let minutes: Vec<i64> = Severity::ALL.iter().map(|one| cadence.every(*one) / MINUTE_MS).collect();
    assert_eq!(minutes, [30, 60, 240, 1_440]);
    assert_eq!((cadence.nudge_before, cadence.escalate_after), (5 * MINUTE_MS, 10 * MINUTE_MS));
}

#[test]
fn reminders_grow_stronger_and_each_is_given_once() {
    // The sample's next update is promised for 09:30.
    use ReminderKind::{Due, Missed, Nudge};
    let reminded = |kind| Some(Reminded { promised: at(30), kind });
    for (minutes, past, kind) in [
        (24, None, None),
        (25, None, Some(Nudge)),
        (29, reminded(Nudge), None),
        (30, None, Some(Due)),
        (30, reminded(Nudge), Some(Due)),
        (39, reminded(Due), None),
        (40, reminded(Due), Some(Missed)),
        (40, None, Some(Missed)),
        (900, reminded(Missed), None),
        (24, reminded(Missed), None),
    ] {
        let due = Cadence::default().due(&incident(), past, at(minutes));
        assert_eq!(due.map(|one| one.kind), kind, "{minutes} {past:?}");
    }
    let of_another = Some(Reminded { promised: at(0), kind: Missed });
    let due = Cadence::default().due(&incident(), of_another, at(25)).expect("a new promise begins anew");
    assert_eq!(due.kind, Nudge);
    assert_eq!(
        due.says,
        "INC-7: the next update is promised for 2026-11-02 09:30 UTC, in 5 min. Write it with `/incident update`."
    );
}

#[test]
fn nothing_is_due_where_nothing_is_promised() {
    let none = Incident { next_update: None, ..incident() };
    let over = Incident { phase: Phase::Resolved, ..incident() };
    for one in [none, over] {
        assert_eq!(Cadence::default().due(&one, None, at(900)), None);
        assert_eq!(Cadence::default().wake(&one, None), None);
    }
}

#[test]
fn the_right_people_are_reminded() {
    let mut one = incident();
    let to = |one: &Incident, minutes| Cadence::default().due(one, None, at(minutes)).expect("it is due").to;
    assert_eq!(to(&one, 25), [staff("kim")], "who opened it, where nobody has a duty");
    one.duties.insert(Duty::Commander, staff("lee"));
    assert_eq!((to(&one, 25), to(&one, 30)), (vec![staff("lee")], vec![staff("lee")]));
    one.duties.insert(Duty::Comms, staff("mira"));
    assert_eq!((to(&one, 25), to(&one, 30)), (vec![staff("mira")], vec![staff("lee")]));
    one.duties.insert(Duty::Scribe, staff("lee"));
    assert_eq!(to(&one, 40), [staff("lee"), staff("mira"), staff("kim")]);
}

#[test]
fn asking_whenever_one_is_woken_gives_every_reminder_in_order() {
    for seed in 0..200 {
        let mut dice = Dice::of(seed);
        let minutes = |most: usize, dice: &mut Dice| i64::try_from(dice.below(most)).expect("it is small");
        let promised = at(minutes(500, &mut dice));
        let one = Incident { next_update: Some(promised), ..incident() };
        let (nudge_before, escalate_after) = (minutes(20, &mut dice) * MINUTE_MS, minutes(20, &mut dice) * MINUTE_MS);
        let cadence = Cadence { nudge_before, escalate_after, ..Cadence::default() };
        let (mut reminded, mut given) = (None, Vec::new());
        while let Some(wake) = cadence.wake(&one, reminded) {
            let late = wake.plus_ms(minutes(3, &mut dice) * MINUTE_MS);
            let reminder = cadence.due(&one, reminded, late).expect("it woke for something");
            given.push(reminder.kind);
            reminded = Some(Reminded { promised, kind: reminder.kind });
            assert!(!reminder.to.is_empty() && reminder.says.ends_with('.'), "{reminder:?}");
        }
        assert!(given.is_sorted() && given.last() == Some(&ReminderKind::Missed), "seed {seed}: {given:?}");
        assert!(given.windows(2).all(|two| two[0] < two[1]), "each once: {given:?}");
    }
}

#[test]
fn the_next_update_is_a_time_or_a_length() {
    for (text, next) in [
        ("30m", at(30)),
        (" 2H ", at(120)),
        ("1d", at(1_440)),
        ("7d", at(10_080)),
        ("2026-11-02 09:45", at(45)),
        ("2026-11-02T10:45:00+01:00", at(45)),
        ("2026-11-03", at(900)),
    ] {
        assert_eq!(next_update(text, NINE), Ok(next), "{text}");
    }
    for (text, says) in [
        ("", "Write how long"),
        ("soon", "Write how long"),
        ("30", "Write how long"),
        ("0m", "lies ahead"),
        ("2026-11-02 09:00", "lies ahead"),
        ("2026-11-02 08:59", "lies ahead"),
        ("8d", "at most 7 d ahead"),
        ("2027-01-01", "at most 7 d ahead"),
    ] {
        assert!(next_update(text, NINE).expect_err(text).contains(says), "{text}");
    }
}

#[test]
fn promises_are_counted_by_their_entries() {
    let entry = |kind, says: String| Entry {
        seq: 1,
        at: NINE,
        staff: None,
        kind,
        says,
        request: None,
        posted: None,
        corrects: None,
    };
    let timeline = [
        entry(EntryKind::Promise, settled(at(30), at(29))),
        entry(EntryKind::Promise, settled(at(30), at(31))),
        entry(EntryKind::Promise, settled(at(30), at(32))),
        entry(EntryKind::Promise, format!("{MOVED}to {}.", at(60))),
        entry(EntryKind::Promise, "INC-7: the update is late.".into()),
        entry(EntryKind::Noted, settled(at(30), at(29))),
    ];
    assert_eq!(promises(&timeline), Promises { kept: 2, missed: 1, moved: 1 });
    assert_eq!(timeline[2].says, "Promise missed: the update promised for 2026-11-02 09:30 UTC came 2 min late.");
}

#[test]
fn lengths_are_said_as_people_say_them() {
    for (ms, says) in [
        (-5, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_600_000, "1 h"),
        (7_800_000, "2 h 10 min"),
        (86_400_000, "1 d"),
        (97_200_000, "1 d 3 h"),
    ] {
        assert_eq!(spoken(ms), says);
    }
}

#[test]
fn reminders_have_words_for_rows() {
    for kind in ReminderKind::ALL {
        assert_eq!(ReminderKind::named(kind.word()), Some(kind));
    }
    assert_eq!(ReminderKind::named("later"), None);
}
