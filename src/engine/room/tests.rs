//! Rooms through the engine: opened once, told in order, and the incidents channel where none may be opened.

use std::collections::BTreeMap;

use super::super::watch::tests::desk::{Desk, place};
use super::*;
use crate::model::{
    Audience, DeliveryState, Duty, Incident, IncidentDeed, IncidentKind, Millis, NoticeEvent, Phase, RequestId,
    Severity,
};
use crate::ports::{IncidentAct, IncidentRead};

fn request(id: &str) -> RequestId {
    id.parse().expect("an id")
}

fn incident(kind: IncidentKind) -> Incident {
    Incident {
        id: request("rq-1"),
        number: 0,
        kind,
        title: "Sign-in fails".into(),
        phase: Phase::Open,
        severity: Severity::Sev2,
        version: 0,
        updates: 1,
        parts: BTreeMap::new(),
        started: Millis(5),
        next_update: Some(Millis(1_800_000)),
        duties: BTreeMap::from([(Duty::Commander, "sam".parse().expect("an id"))]),
        rooms: Vec::new(),
        opened_by: "kim".parse().expect("an id"),
        opened: Millis(10),
        changed_by: "kim".parse().expect("an id"),
        changed: Millis(10),
        mitigated: None,
        resolved: None,
        closed: None,
    }
}

fn notice(key: &str, content: NoticeContent) -> Notice {
    let (target, subject) = ("slack-room".to_owned(), "rq-1".to_owned());
    Notice { key: key.into(), target, subject, pages: false, content }
}

fn news(kind: IncidentKind, event: NoticeEvent, text: &str) -> NoticeContent {
    NoticeContent::Incident(Box::new(IncidentNotice {
        incident: request("rq-1"),
        number: 0,
        kind,
        event,
        audience: Audience::Internal,
        severity: Severity::Sev2,
        phase: Phase::Open,
        title: "Sign-in fails".into(),
        text: text.into(),
        routes: Vec::new(),
        started: Millis(5),
        at: Millis(10),
        next_update: Some(Millis(1_800_000)),
        update: 1,
    }))
}

/// Opens `rq-1` with a room called `inc-1`.
pub(in crate::engine) async fn opens(desk: &Desk, kind: IncidentKind) {
    let private = kind == IncidentKind::Private;
    let room = NoticeContent::Room { name: "inc-1".into(), topic: "Sign-in fails".into(), private };
    let notices = vec![notice("rq-1:room", room), notice("rq-1:1", news(kind, NoticeEvent::Opened, "nobody gets in"))];
    let after = Box::new(incident(kind));
    let deed = IncidentDeed { incident: request("rq-1"), version: 0, after, entries: Vec::new(), notices };
    let by = "kim".parse().expect("an id");
    desk.engine.store().incident_deed(&request("rq-1"), &deed, &by, Millis(10)).await.expect("opened");
    desk.settles().await;
}

/// What was said there besides the card.
fn news_in(desk: &Desk, channel: &str) -> Vec<String> {
    let card = |text: &&String| text.contains("(open, sev2)");
    let said = desk.world.texts(channel);
    assert_eq!(said.iter().filter(card).count(), 1, "one card: {said:?}");
    said.iter().filter(|text| !card(text)).cloned().collect()
}

async fn rooms(desk: &Desk) -> Vec<Place> {
    desk.engine.store().incident(&request("rq-1")).await.expect("read").expect("there").rooms
}

#[tokio::test]
async fn a_room_is_opened_and_told_and_whoever_works_there_is_in_it() {
    let desk = Desk::open().await;
    opens(&desk, IncidentKind::Real).await;
    assert_eq!(rooms(&desk).await, [place("C-inc-1")]);
    let here = desk.engine.store().incident_here(&place("C-inc-1")).await.expect("read").expect("one");
    assert_eq!(here.number, 1);
    let said = news_in(&desk, "C-inc-1");
    assert_eq!(said.len(), 1);
    for words in ["INC-1 is open (sev2): Sign-in fails", "nobody gets in", "Millis(1800000)"] {
        assert!(said[0].contains(words), "{words} in {}", said[0]);
    }
    assert_eq!(desk.world.get().asked_in, ["kim into C-inc-1", "sam into C-inc-1"]);
    let board = desk.engine.store().deliveries(&request("rq-1")).await.expect("read");
    let proofs: Vec<_> = board.iter().filter_map(|line| line.proof.clone()).collect();
    assert_eq!(proofs[0].receipt, "the room is open");
    assert_eq!(proofs[1].url.as_deref(), Some("https://chat.example/C-inc-1/bot2"));
}

#[tokio::test]
async fn where_no_room_may_be_opened_the_incidents_channel_serves_and_the_receipt_says_so() {
    let desk = Desk::open().await;
    desk.world.get().no_room = Some(PortError::new("slack", Fault::Forbidden));
    opens(&desk, IncidentKind::Real).await;
    assert_eq!(rooms(&desk).await, [place("CINC")]);
    assert_eq!(news_in(&desk, "CINC").len(), 1);
    assert!(desk.world.get().asked_in.is_empty(), "nobody is brought into an ordinary channel");
    let board = desk.engine.store().deliveries(&request("rq-1")).await.expect("read");
    let receipt = &board[0].proof.as_ref().expect("sent").receipt;
    assert!(receipt.contains("worked on in the incidents channel") && receipt.contains("Slack"), "{receipt}");
    let timeline = desk.engine.store().timeline(&request("rq-1"), 0, 9).await.expect("read");
    assert!(timeline[0].says.starts_with("slack-room: no room could be opened, so"), "{}", timeline[0].says);
}

#[tokio::test]
async fn what_is_private_is_never_said_in_the_incidents_channel() {
    let desk = Desk::open().await;
    desk.world.get().no_room = Some(PortError::new("slack", Fault::Forbidden));
    opens(&desk, IncidentKind::Private).await;
    assert!(rooms(&desk).await.is_empty() && desk.world.get().shown.is_empty());
    let board = desk.engine.store().deliveries(&request("rq-1")).await.expect("read");
    assert!(board.iter().all(|line| line.state == DeliveryState::Failed && line.why.contains("private")), "{board:?}");
    // The right is granted, and a person has it tried again.
    desk.world.get().no_room = None;
    desk.engine.store().retry_deliveries(&request("rq-1"), None, Millis(20)).await.expect("owed again");
    desk.settles().await;
    assert_eq!(rooms(&desk).await, [place("C-inc-1")]);
    assert_eq!(news_in(&desk, "C-inc-1").len(), 1);
}

#[tokio::test]
async fn a_room_whose_opening_was_not_answered_is_found_again() {
    let desk = Desk::open().await;
    desk.world.get().no_room = Some(PortError::new("slack", Fault::NoAnswer));
    opens(&desk, IncidentKind::Real).await;
    assert!(rooms(&desk).await.is_empty() && desk.world.get().shown.is_empty(), "nothing is said before it");
    // It had been opened: it is looked for, and not opened again.
    desk.world.get().rooms.insert("inc-1".into(), place("C-there"));
    desk.later(60_000).await;
    assert_eq!(rooms(&desk).await, [place("C-there")]);
    assert_eq!(news_in(&desk, "C-there").len(), 1);
}

#[tokio::test]
async fn nothing_else_is_told_in_a_room() {
    let desk = Desk::open().await;
    opens(&desk, IncidentKind::Drill).await;
    let note = NoticeContent::NewTicket { title: "Renew".into(), text: String::new() };
    let mut tx = desk.engine.store().begin().await.expect("a transaction");
    let note = desk.engine.seal(notice("rq-1:note", note)).expect("clean");
    tx.owe_notice(&note, None, Millis(20)).await.expect("owed");
    tx.commit().await.expect("committed");
    desk.settles().await;
    let board = desk.engine.store().deliveries(&request("rq-1")).await.expect("read");
    let last = board.last().expect("a line");
    assert!(last.state == DeliveryState::Failed && last.why.contains("told of incidents only"), "{last:?}");
}
