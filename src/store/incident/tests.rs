//! Deeds are done once and only to their version; the timeline only grows; rooms are found again.

use std::collections::BTreeMap;

use super::super::fixture::{Desk, kim, place};
use super::*;
use crate::model::{Audience, Duty, EntryKind, IncidentNotice, NoticeEvent, Platform};
use crate::ports::Fault;

fn request(id: &str) -> RequestId {
    id.parse().expect("an id")
}

fn opened(id: &str, rooms: Vec<Place>) -> IncidentDeed {
    let after = Incident {
        id: request(id),
        number: 0,
        kind: IncidentKind::Real,
        title: "Sign-in fails".into(),
        phase: Phase::Open,
        severity: Severity::Sev2,
        version: 0,
        updates: 1,
        parts: BTreeMap::from([("impact".to_owned(), "nobody gets in".to_owned())]),
        started: Millis(5),
        next_update: Some(Millis(900)),
        duties: BTreeMap::from([(Duty::Commander, kim())]),
        rooms,
        opened_by: kim(),
        opened: Millis(10),
        changed_by: kim(),
        changed: Millis(10),
        mitigated: None,
        resolved: None,
        closed: None,
    };
    IncidentDeed {
        incident: request(id),
        version: 0,
        entries: vec![entry(EntryKind::Opened, "opened")],
        notices: vec![notice(&after, 1)],
        after: Box::new(after),
    }
}

fn entry(kind: EntryKind, says: &str) -> Entry {
    let (posted, corrects) = (None, None);
    Entry { seq: 0, at: Millis(10), staff: Some(kim()), kind, says: says.into(), request: None, posted, corrects }
}

fn notice(it: &Incident, update: u32) -> Notice {
    let told = IncidentNotice {
        incident: it.id.clone(),
        number: it.number,
        kind: it.kind,
        event: NoticeEvent::Updated,
        audience: Audience::Public,
        severity: it.severity,
        phase: it.phase,
        title: it.title.clone(),
        text: "It fails.".into(),
        routes: Vec::new(),
        started: it.started,
        at: it.changed,
        next_update: it.next_update,
        update,
    };
    Notice {
        key: format!("{}:{update}:page", it.id),
        target: "page".into(),
        subject: it.id.to_string(),
        pages: false,
        content: NoticeContent::Incident(Box::new(told)),
    }
}

/// The deed that takes it to that phase.
fn moves(it: &Incident, phase: Phase) -> IncidentDeed {
    let after = Incident { phase, updates: it.updates + 1, ..it.clone() };
    IncidentDeed {
        incident: it.id.clone(),
        version: it.version,
        entries: vec![entry(EntryKind::Phase, phase.word())],
        notices: vec![notice(&after, after.updates)],
        after: Box::new(after),
    }
}

#[tokio::test]
async fn a_deed_is_done_once_and_only_to_its_version() {
    let desk = Desk::open().await;
    let (store, by) = (&desk.store, kim());
    for _ in 0..2 {
        store.incident_deed(&request("rq-1"), &opened("rq-1", vec![place()]), &by, Millis(10)).await.expect("opened");
    }
    let it = store.incident(&request("rq-1")).await.expect("read").expect("there");
    assert_eq!((it.number, it.version, it.phase), (1, 1, Phase::Open));
    assert_eq!(it.rooms, [place()]);
    let first = moves(&it, Phase::Investigating);
    store.incident_deed(&request("rq-2"), &first, &by, Millis(20)).await.expect("done");
    let second = moves(&it, Phase::Cancelled);
    let refused = store.incident_deed(&request("rq-3"), &second, &by, Millis(21)).await.expect_err("too late");
    assert!(
        matches!(&refused.fault, Fault::Refused { status: 409, code } if code.contains("kim was first")),
        "{refused}"
    );
    assert!(!store.incident_deed_done(&request("rq-3")).await.expect("read"));
    let now = store.incident(&it.id).await.expect("read").expect("there");
    assert_eq!((now.phase, now.version), (Phase::Investigating, 2));
    let timeline = store.timeline(&it.id, 0, 9).await.expect("read");
    assert_eq!(
        timeline.iter().map(|e| (e.seq, e.says.as_str())).collect::<Vec<_>>(),
        [(1, "opened"), (2, "investigating")]
    );
    assert_eq!(store.timeline(&it.id, 1, 9).await.expect("read").len(), 1);
    let owed = store.deliveries(&it.id).await.expect("read");
    assert_eq!(owed.iter().map(|l| l.update).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn it_is_found_by_its_room_and_the_open_one_comes_first() {
    let desk = Desk::open().await;
    let (store, by) = (&desk.store, kim());
    for id in ["rq-1", "rq-2"] {
        store.incident_deed(&request(id), &opened(id, vec![place()]), &by, Millis(10)).await.expect("opened");
    }
    let it = store.incident_numbered(2).await.expect("read").expect("there");
    store.incident_deed(&request("rq-3"), &moves(&it, Phase::Closed), &by, Millis(20)).await.expect("closed");
    let here = store.incident_here(&place()).await.expect("read").expect("one");
    assert_eq!(here.number, 1);
    let elsewhere = Place { channel: "C9".into(), ..place() };
    assert_eq!(store.incident_here(&elsewhere).await.expect("read"), None);
    assert_eq!(store.incidents(true, 9).await.expect("read").len(), 1);
    assert_eq!(store.incidents(false, 9).await.expect("read")[0].number, 2);

    let mut tx = store.begin().await.expect("a transaction");
    let room = Place { platform: Platform::Discord, ..elsewhere.clone() };
    tx.add_room(&here.id, &room).await.expect("added");
    tx.commit().await.expect("committed");
    let found = store.incident_here(&room).await.expect("read").expect("one");
    assert_eq!(found.rooms, [place(), room]);
    assert_eq!(found.version, 1, "a room is no deed");
}

#[tokio::test]
async fn a_thread_belongs_to_the_room_that_it_is_in() {
    let desk = Desk::open().await;
    let store = &desk.store;
    let channel = Place { platform: Platform::Discord, team: "9".into(), channel: "40".into(), ..place() };
    let thread = Place { thread: Some("41".into()), ..channel.clone() };
    for (id, room) in [("rq-1", &channel), ("rq-2", &thread)] {
        store.incident_deed(&request(id), &opened(id, vec![room.clone()]), &kim(), Millis(10)).await.expect("opened");
    }
    let it = store.incident_numbered(2).await.expect("read").expect("there");
    store.incident_deed(&request("rq-3"), &moves(&it, Phase::Closed), &kim(), Millis(20)).await.expect("closed");
    // What is said in a thread comes with the thread as its channel; a command there names both.
    let said = Place { channel: "41".into(), ..channel.clone() };
    let another = Place { thread: Some("42".into()), ..channel.clone() };
    for (place, number) in [(&channel, 1), (&thread, 2), (&said, 2), (&another, 1)] {
        let here = store.incident_here(place).await.expect("read").expect("one");
        assert_eq!(here.number, number, "{place:?}");
        assert!(store.is_incident_room(place).await.expect("read"));
    }
    let elsewhere = Place { channel: "43".into(), ..channel };
    assert!(!store.is_incident_room(&elsewhere).await.expect("read"));
    let on_slack = Place { platform: Platform::Slack, ..thread };
    assert!(!store.is_incident_room(&on_slack).await.expect("read"));
}

#[tokio::test]
async fn the_timeline_only_grows_and_what_it_is_does_not_change() {
    let desk = Desk::open().await;
    desk.store.incident_deed(&request("rq-1"), &opened("rq-1", vec![]), &kim(), Millis(10)).await.expect("opened");
    for statement in [
        "delete from incident_entry",
        "update incident_entry set says = 'never'",
        "update incident set kind = 'drill'",
        "update incident set number = 9",
    ] {
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert!(sqlx::query(statement).execute(tx.conn()).await.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn promises_and_cards_are_due_until_they_were_looked_at() {
    let desk = Desk::open().await;
    let store = &desk.store;
    store.incident_deed(&request("rq-1"), &opened("rq-1", vec![]), &kim(), Millis(10)).await.expect("opened");
    assert!(store.promises_due(Millis(9), 9).await.expect("read").is_empty());
    let due = store.promises_due(Millis(10), 9).await.expect("read");
    assert_eq!(due[0].reminded, "");
    assert_eq!(store.stale_cards(9).await.expect("read").len(), 1);
    let mut tx = store.begin().await.expect("a transaction");
    assert!(tx.looked_at_promise(&due[0].incident, "before", Some(Millis(900))).await.expect("kept"));
    tx.fresh_card(&due[0].incident.id).await.expect("fresh");
    tx.commit().await.expect("committed");
    assert!(store.promises_due(Millis(899), 9).await.expect("read").is_empty());
    assert!(store.stale_cards(9).await.expect("read").is_empty());
    assert_eq!(store.promises_due(Millis(900), 9).await.expect("read")[0].reminded, "before");

    let same = moves(&due[0].incident, Phase::Investigating);
    store.incident_deed(&request("rq-2"), &same, &kim(), Millis(20)).await.expect("done");
    let again = store.promises_due(Millis(20), 9).await.expect("read");
    assert_eq!(again[0].reminded, "before", "the same promise stands");
    let mut tx = store.begin().await.expect("a transaction");
    assert!(!tx.looked_at_promise(&due[0].incident, "due", None).await.expect("asked"), "it has changed meanwhile");
    drop(tx);
    let mut other = moves(&again[0].incident, Phase::Identified);
    other.after.next_update = Some(Millis(5_000));
    store.incident_deed(&request("rq-3"), &other, &kim(), Millis(30)).await.expect("done");
    assert_eq!(store.promises_due(Millis(30), 9).await.expect("read")[0].reminded, "", "another promise");
}
