//! Messages on a timeline: once, by whoever may, without secrets, and followed in chat.

use super::super::room::tests::opens;
use super::super::watch::tests::desk::{Desk, account, key, place};
use super::*;
use crate::guard::Untrusted;
use crate::model::{Happening, IncidentKind, Noted, Place, Seen};
use crate::ports::{Door, IncidentRead};

fn room() -> Place {
    place("C-inc-1")
}

fn posted(message: &str) -> Posted {
    Posted { platform: crate::model::Platform::Slack, channel: room().channel, message: message.into() }
}

fn noted(message: &str, text: &str, by: NotedBy) -> Happening {
    let (at, text) = (Millis(1_000_500), Untrusted::from(text));
    Happening::Noted(Noted { posted: posted(message), author: account("sam"), at, text, by })
}

async fn points(desk: &Desk, who: &str, at: Place, what: Happening) -> String {
    match desk.receives(account(who), at, what).await {
        Ack::Say(_, message) => format!("{:?}", *message),
        Ack::Nothing => String::new(),
        other => panic!("{other:?}"),
    }
}

async fn timeline(desk: &Desk) -> Vec<Entry> {
    let id = "rq-1".parse().expect("an id");
    let all = desk.engine.store().timeline(&id, 0, 99).await.expect("read");
    // The first two say that the room was opened, and told.
    all.into_iter().filter(|entry| entry.kind != EntryKind::Delivery).collect()
}

async fn audited(desk: &Desk, outcome: &str) -> usize {
    let rows = desk.engine.store().audit_tail(1_000).await.expect("the trail");
    rows.iter().filter(|row| row.action == "incident-note" && row.outcome == outcome).count()
}

async fn hears(desk: &Desk, message: &str, text: &str) {
    let mut past = desk.stands("sam", message, &[text], &[]);
    past.place = room();
    past.said.seen = Seen::Edited;
    desk.hears(past).await;
}

async fn desk() -> Desk {
    let desk = Desk::open().await;
    opens(&desk, IncidentKind::Real).await;
    desk
}

#[tokio::test]
async fn a_message_comes_onto_the_timeline_once_however_it_is_pointed_at() {
    let desk = desk().await;
    let said = points(&desk, "kim", room(), noted("m1", "the pods are gone", NotedBy::Shortcut)).await;
    assert!(said.contains("On the timeline of INC-1") && said.contains("is there now"), "{said}");
    let again = points(&desk, "sam", room(), noted("m1", "the pods are gone", NotedBy::Shortcut)).await;
    assert!(again.contains("was there already"), "{again}");
    assert_eq!(points(&desk, "sam", room(), noted("m1", "the pods are gone", NotedBy::Reaction)).await, "");
    assert_eq!(points(&desk, "sam", room(), noted("m2", "rolled back", NotedBy::Reaction)).await, "");
    let entries = timeline(&desk).await;
    let lines: Vec<_> = entries.iter().map(|e| (e.kind, e.says.as_str())).collect();
    assert_eq!(lines, [(EntryKind::Noted, "sam: the pods are gone"), (EntryKind::Noted, "sam: rolled back")]);
    assert_eq!(entries[0].staff.as_ref().map(StaffId::as_str), Some("kim"), "who put it there");
    assert_eq!((entries[0].at, entries[0].posted.clone()), (Millis(1_000_500), Some(posted("m1"))));
    assert!(entries[0].request.is_some(), "it names its audit row");
    assert_eq!((audited(&desk, "noted").await, audited(&desk, "noted_before").await), (2, 2));
    assert_eq!(desk.engine.store().stale_cards(9).await.expect("read").len(), 1, "the card is to be written anew");
}

#[tokio::test]
async fn elsewhere_a_shortcut_is_refused_and_a_reaction_is_nothing() {
    let desk = desk().await;
    for (who, at, words) in [
        ("kim", place("C1"), "No incident is worked on in this channel"),
        ("obi", room(), "observers read them"),
        ("eve", room(), "not linked to a member of staff"),
    ] {
        let said = points(&desk, who, at.clone(), noted("m1", "hello", NotedBy::Shortcut)).await;
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(timeline(&desk).await.is_empty());
    let rows = desk.engine.store().audit_tail(99).await.expect("the trail");
    assert_eq!(rows.iter().filter(|row| row.action == "refusal").count(), 3, "each is audited");
    assert!(desk.engine.keeps_notes(&room()).await && !desk.engine.keeps_notes(&place("C1")).await);
}

#[tokio::test]
async fn whoever_may_not_is_told_so_directly_after_a_reaction() {
    let desk = desk().await;
    for _ in 0..2 {
        points(&desk, "obi", room(), noted("m1", "hello", NotedBy::Reaction)).await;
    }
    desk.settles().await;
    let told = desk.world.texts("to obi");
    assert!(told.len() == 1 && told[0].contains("observers read them"), "once for a message: {told:?}");
    assert!(timeline(&desk).await.is_empty());
}

#[tokio::test]
async fn a_secret_does_not_come_onto_the_timeline() {
    let desk = desk().await;
    let secret = key('N');
    let said = points(&desk, "kim", room(), noted("m1", &format!("it is {secret}"), NotedBy::Shortcut)).await;
    assert!(said.contains("This holds a raw secret"), "{said}");
    points(&desk, "kim", room(), noted("m2", "it was rotated", NotedBy::Reaction)).await;
    hears(&desk, "m2", &format!("it is {secret} now")).await;
    let entries = timeline(&desk).await;
    assert_eq!(entries.len(), 2);
    assert!(entries[1].says.contains("holds a secret and is not kept"), "{}", entries[1].says);
    desk.stores_nowhere(&secret);
}

#[tokio::test]
async fn what_becomes_of_a_message_in_chat_is_written_beside_it() {
    let desk = desk().await;
    points(&desk, "kim", room(), noted("m1", "5 pods are gone", NotedBy::Reaction)).await;
    // A preview of a link, and the same event once more.
    for text in ["5 pods are gone", "6 pods are gone", "6 pods are gone", "5 pods are gone"] {
        hears(&desk, "m1", text).await;
    }
    hears(&desk, "m2", "on no timeline").await;
    for _ in 0..2 {
        desk.receives(account("sam"), room(), Happening::Gone { message: "m1".into() }).await;
    }
    let entries = timeline(&desk).await;
    let lines: Vec<_> = entries.iter().map(|e| (e.kind, e.says.as_str())).collect();
    assert_eq!(
        lines,
        [
            (EntryKind::Noted, "sam: 5 pods are gone"),
            (EntryKind::Edited, "The message of entry 3 was edited in chat: 6 pods are gone"),
            (EntryKind::Edited, "The message of entry 3 was edited in chat: 5 pods are gone"),
            (EntryKind::Deleted, "The message of entry 3 was deleted in chat."),
        ]
    );
    assert_eq!((audited(&desk, "edited").await, audited(&desk, "deleted").await), (2, 1));
    assert_eq!(entries[1].staff.as_ref().map(StaffId::as_str), Some("sam"), "who edited it");
    assert_eq!(entries[3].staff, None, "nobody says who deleted it");
}

#[test]
fn a_long_text_is_cut_and_an_empty_one_named() {
    assert_eq!(cut("  two\nlines "), "two\nlines");
    assert_eq!(cut(" "), "(a message without text)");
    let long = cut(&"ü".repeat(TEXT_MOST + 1));
    assert!(long.chars().count() == TEXT_MOST && long.ends_with('…'));
}
