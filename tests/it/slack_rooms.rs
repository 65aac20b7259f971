//! Rooms and notes through the real Slack client against the emulator: what is opened is worked in.

use seqn_chatops::guard::{FingerprintKey, Guard, Untrusted};
use seqn_chatops::model::{
    Account, Address, Block, CommandInput, Happening, Message, Millis, Noted, NotedBy, Place, Platform, Tone,
};
use seqn_chatops::ports::{Chat, Fault, Rooms};
use seqn_chatops::sandbox::cast::{SLACK_TEAM, by_name};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::stage::{Audience, Stage};

use crate::slack_guard::{World, world};

const CREATE: &str = "POST /api/conversations.create";

fn account(who: &str) -> Account {
    let user = by_name(who).expect("in the cast").slack_user.to_owned();
    Account { platform: Platform::Slack, team: SLACK_TEAM.into(), user }
}

async fn posts(w: &World, room: &Place, title: &str) {
    let guard = Guard::new(FingerprintKey::new([3; 32]));
    let message =
        Message::titled(Tone::Good, title).with(Block::Moment { label: "Next".into(), at: Millis(1_793_612_100_000) });
    let message = guard.outgoing(message).expect("clean");
    w.slack.post(&Address::Channel { place: room.clone() }, &message, title).await.expect("posted");
}

async fn command(w: &mut World) -> (Place, String) {
    loop {
        let envelope = w.next().await;
        if let Happening::Command(CommandInput::Line(line)) = envelope.what {
            return (envelope.place, format!("{line:?}"));
        }
    }
}

async fn noted(w: &mut World) -> (Noted, bool) {
    loop {
        let envelope = w.next().await;
        if let Happening::Noted(noted) = envelope.what {
            return (noted, envelope.reply.is_some());
        }
    }
}

#[tokio::test]
async fn a_room_is_opened_once_and_worked_in() {
    let mut w = world(false).await;
    let room = w.slack.open_room("inc-1", "Sign-in fails", false).await.expect("opened");
    assert_eq!(w.slack.open_room("inc-1", "Sign-in fails", false).await, Ok(room.clone()), "its name is taken, by us");
    assert_eq!(w.slack.find_room("inc-1").await, Ok(Some(room.clone())));
    assert_eq!(w.slack.find_room("inc-2").await, Ok(None));
    for _ in 0..2 {
        w.slack.ask_in(&room, &account("kim")).await.expect("she comes in, or is there");
    }
    assert_eq!(w.sim.opened(), [("inc-1".to_owned(), vec!["bot".to_owned(), "kim".to_owned()])]);
    posts(&w, &room, "Opened").await;
    let shown = w.sim.sees("joe").pop().expect("everybody sees it");
    assert_eq!(shown.audience, Audience::Channel("inc-1".into()));
    assert!(shown.text.contains("Next: 2026-11-02 09:35 UTC\nNov 2, 2026 at 09:35 your time"), "{}", shown.text);
    w.sim.types("joe", "room", "/incident show").await.expect("a command");
    let (place, line) = command(&mut w).await;
    assert_eq!(place.channel, room.channel, "{line}");
}

#[tokio::test]
async fn a_private_room_is_for_those_who_are_brought_in() {
    let w = world(false).await;
    let room = w.slack.open_room("private-1", "x", true).await.expect("opened");
    w.slack.ask_in(&room, &account("lee")).await.expect("he comes in");
    posts(&w, &room, "Opened").await;
    assert!(w.sim.sees("lee").iter().any(|shown| shown.text.contains("Opened")));
    assert!(!w.sim.sees("kim").iter().any(|shown| shown.text.contains("Opened")), "nobody else sees it");
    assert!(w.sim.types("kim", "private-1", "hello").await.is_err(), "or writes there");
    w.sim.types("lee", "private-1", "hello").await.expect("he may write");
    let taken = w.slack.open_room("private-1", "x", false).await.expect_err("it is no public one");
    assert_eq!(taken.fault, Fault::Refused { status: 200, code: "name_taken".into() });
}

#[tokio::test]
async fn an_answer_that_is_lost_opens_no_second_room() {
    let w = world(false).await;
    w.faults.arm("slack", CREATE, FaultKind::DropAfter, 1);
    let lost = w.slack.open_room("inc-1", "x", false).await.expect_err("nobody answered");
    assert!(lost.ambiguous(), "{lost}");
    let found = w.slack.find_room("inc-1").await.expect("an answer").expect("it was opened");
    assert_eq!(w.slack.open_room("inc-1", "x", false).await, Ok(found));
    assert_eq!(w.sim.opened().len(), 1);
}

#[tokio::test]
async fn what_is_not_allowed_is_said() {
    let w = world(false).await;
    w.sim.restrict_channels(true);
    assert_eq!(w.slack.open_room("inc-1", "x", false).await.expect_err("refused").fault, Fault::Forbidden);
    w.sim.restrict_channels(false);
    w.sim.revoke("groups:write");
    let error = w.slack.open_room("private-1", "x", true).await.expect_err("refused");
    assert!(error.fault == Fault::Forbidden && error.to_string().contains("groups:write"), "{error}");
    assert!(w.slack.open_room("inc-1", "x", false).await.is_ok(), "the other right is there");
    w.sim.archives("inc-1");
    let taken = w.slack.open_room("inc-1", "x", false).await.expect_err("an archived channel keeps its name");
    assert!(!taken.passing(), "{taken}");
    w.faults.arm("slack", CREATE, FaultKind::RetryAfter(7), 1);
    let slow = w.slack.open_room("inc-3", "x", false).await.expect_err("too fast");
    assert_eq!(slow.fault, Fault::RateLimited { after_ms: 7_000 });
}

#[tokio::test]
async fn a_message_is_pointed_at_with_the_shortcut_or_a_reaction() {
    let mut w = world(false).await;
    w.slack.open_room("inc-1", "x", false).await.expect("opened");
    w.sim.types("kim", "room", "the pods are gone").await.expect("she may write");
    w.sim.types("joe", "room/latest", "rolled back").await.expect("he answers in the thread");
    w.sim.notes("lee", "pods").await.expect("he sees it");
    let (first, answerable) = noted(&mut w).await;
    assert_eq!((first.by, answerable, first.text), (NotedBy::Shortcut, true, Untrusted::from("the pods are gone")));
    w.sim.reacts("lee", "pushpin", "rolled").await.expect("he sees it");
    let (second, answerable) = noted(&mut w).await;
    assert_eq!((second.by, answerable, second.text), (NotedBy::Reaction, false, Untrusted::from("rolled back")));
    assert_eq!(second.author, account("joe"));
    assert_ne!(first.posted.message, second.posted.message);
    // Another emoji, and a place where no incident is worked on: nothing is read.
    w.sim.types("kim", "random", "lunch").await.expect("she may write");
    let before = w.sim.requests().len();
    w.sim.reacts("lee", "eyes", "pods").await.expect("he sees it");
    w.sim.reacts("lee", "pushpin", "lunch").await.expect("he sees it");
    assert_eq!(w.sim.requests().len(), before);
    // What could not be read is delivered again by Slack.
    w.faults.arm("slack", "POST /api/conversations.replies", FaultKind::Status(500), 1);
    w.sim.reacts("kim", "pushpin", "pods").await.expect("she sees it");
    assert_eq!(w.slack.counts().unanswered, 1);
    w.sim.redelivers("kim").await.expect("it is delivered again");
    assert_eq!(noted(&mut w).await.0.posted, first.posted);
}
