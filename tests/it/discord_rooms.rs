//! Rooms and notes through the real Discord client against the emulator: what is opened is worked in.

use seqn_chatops::guard::{FingerprintKey, Guard, Untrusted};
use seqn_chatops::model::{Account, Address, Block, Happening, Message, Millis, Noted, NotedBy, Place, Platform, Tone};
use seqn_chatops::ports::{Chat, Fault, Rooms};
use seqn_chatops::sandbox::cast::{by_name, channel};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::stage::{Audience, Stage};

use crate::discord_wire::{World, world};

fn account(who: &str) -> Account {
    let user = by_name(who).expect("in the cast").discord_user.to_string();
    Account { platform: Platform::Discord, team: String::new(), user }
}

fn home() -> String {
    channel("incidents").expect("in the cast").discord.to_string()
}

async fn posts(w: &World, room: &Place, title: &str) {
    let guard = Guard::new(FingerprintKey::new([3; 32]));
    let message =
        Message::titled(Tone::Good, title).with(Block::Moment { label: "Next".into(), at: Millis(1_793_612_100_000) });
    let message = guard.outgoing(message).expect("clean");
    w.discord.post(&Address::Channel { place: room.clone() }, &message, title).await.expect("posted");
}

async fn noted(w: &mut World) -> (Noted, Place) {
    loop {
        let envelope = w.next().await;
        if let Happening::Noted(noted) = envelope.what {
            return (noted, envelope.place);
        }
    }
}

#[tokio::test]
async fn a_channel_is_opened_once_and_worked_in() {
    let mut w = world().await;
    let room = w.discord.open_room("inc-1", "Sign-in fails", false).await.expect("opened");
    assert_eq!(room.thread, None);
    assert_eq!(w.discord.open_room("inc-1", "Sign-in fails", false).await, Ok(room.clone()));
    assert_eq!(w.discord.find_room("inc-1").await, Ok(Some(room.clone())));
    assert_eq!(w.discord.find_room("inc-2").await, Ok(None));
    assert_eq!(w.sim.opened().len(), 1);
    w.discord.ask_in(&room, &account("kim")).await.expect("whoever sees the incidents channel is there");
    posts(&w, &room, "Opened").await;
    let shown = w.sim.sees("joe").pop().expect("everybody sees it");
    assert_eq!(shown.audience, Audience::Channel("inc-1".into()));
    assert!(shown.text.contains("Next: 2026-11-02 09:35 UTC (2026-11-02 09:35 UTC your time)"), "{}", shown.text);
    w.sim.types("joe", "room", "/seqn find org=acme").await.expect("a command");
    let place = loop {
        let envelope = w.next().await;
        if matches!(envelope.what, Happening::Command(_)) {
            break envelope.place;
        }
    };
    assert_eq!(place, room);
}

#[tokio::test]
async fn where_no_channel_may_be_opened_it_is_a_thread_in_the_incidents_channel() {
    let mut w = world().await;
    w.sim.bot_may_open(true, false);
    let room = w.discord.open_room("inc-1", "x", false).await.expect("opened");
    assert_eq!(room.channel, home());
    assert_eq!(w.discord.find_room("inc-1").await, Ok(Some(room.clone())));
    assert_eq!(w.discord.open_room("inc-1", "x", false).await, Ok(room.clone()));
    w.discord.ask_in(&room, &account("kim")).await.expect("she comes in");
    w.sim.types("kim", "inc-1", "/seqn find org=acme").await.expect("a command");
    let place = loop {
        let envelope = w.next().await;
        if matches!(envelope.what, Happening::Command(_)) {
            break envelope.place;
        }
    };
    assert_eq!(place, room, "a command in a thread names its channel too");
    w.sim.bot_may_open(false, false);
    assert_eq!(w.discord.open_room("inc-2", "x", false).await.expect_err("refused").fault, Fault::Forbidden);
    assert_eq!(w.discord.open_room("private-2", "x", true).await.expect_err("refused").fault, Fault::Forbidden);
}

#[tokio::test]
async fn a_server_that_is_full_gets_a_thread_and_one_that_fails_is_asked_again() {
    let w = world().await;
    w.faults.arm("discord", "POST /api/v10/guilds/", FaultKind::Status(400), 1);
    let room = w.discord.open_room("inc-1", "x", false).await.expect("opened");
    assert_eq!((room.channel, room.thread.is_some()), (home(), true));
    w.faults.arm("discord", "POST /api/v10/guilds/", FaultKind::Status(500), 1);
    let failing = w.discord.open_room("inc-2", "x", false).await.expect_err("it may be there");
    assert!(failing.passing(), "{failing}");
    assert_eq!(w.sim.opened().len(), 1, "no thread beside what may be there");
}

#[tokio::test]
async fn a_private_room_is_a_thread_for_those_who_are_brought_in() {
    let w = world().await;
    let room = w.discord.open_room("private-1", "x", true).await.expect("opened");
    assert_eq!((room.channel.clone(), room.thread.is_some()), (home(), true));
    for _ in 0..2 {
        w.discord.ask_in(&room, &account("lee")).await.expect("he comes in");
    }
    posts(&w, &room, "Opened").await;
    assert!(w.sim.sees("lee").iter().any(|shown| shown.text.contains("Opened")));
    assert!(!w.sim.sees("kim").iter().any(|shown| shown.text.contains("Opened")), "nobody else sees it");
    assert!(w.sim.types("kim", "private-1", "hello").await.is_err(), "or writes there");
    assert_eq!(w.sim.opened(), [("private-1".to_owned(), vec!["bot".to_owned(), "lee".to_owned()])]);
}

#[tokio::test]
async fn an_answer_that_is_lost_opens_no_second_room() {
    let w = world().await;
    for (name, private, route) in
        [("inc-1", false, "POST /api/v10/guilds/"), ("private-1", true, "POST /api/v10/channels/")]
    {
        w.faults.arm("discord", route, FaultKind::DropAfter, 1);
        let lost = w.discord.open_room(name, "x", private).await.expect_err("nobody answered");
        assert!(lost.ambiguous(), "{lost}");
        let found = w.discord.find_room(name).await.expect("an answer").expect("it was opened");
        assert_eq!(w.discord.open_room(name, "x", private).await, Ok(found));
    }
    assert_eq!(w.sim.opened().len(), 2);
}

#[tokio::test]
async fn a_message_is_pointed_at_with_the_command_or_a_reaction() {
    let mut w = world().await;
    w.sim.bot_may_open(true, false);
    let room = w.discord.open_room("inc-1", "x", false).await.expect("opened");
    w.sim.types("kim", "room", "the pods are gone").await.expect("she may write");
    w.sim.types("joe", "room", "rolled back").await.expect("he may write");
    w.sim.notes("lee", "pods").await.expect("he sees it");
    let (first, place) = noted(&mut w).await;
    assert_eq!((first.by, first.text), (NotedBy::Shortcut, Untrusted::from("the pods are gone")));
    assert_eq!((&place, room.thread.as_ref()), (&room, Some(&first.posted.channel)));
    w.sim.reacts("lee", "pushpin", "rolled").await.expect("he sees it");
    let (second, place) = noted(&mut w).await;
    assert_eq!((second.by, second.text), (NotedBy::Reaction, Untrusted::from("rolled back")));
    assert_eq!((second.author, Some(&place.channel)), (account("joe"), room.thread.as_ref()));
    // Another emoji, and a place where no incident is worked on: nothing is read.
    w.sim.types("kim", "random", "lunch").await.expect("she may write");
    let reads = |w: &World| w.sim.requests().iter().filter(|(line, _)| line.contains("/messages/")).count();
    let before = reads(&w);
    w.sim.reacts("lee", "eyes", "pods").await.expect("he sees it");
    w.sim.reacts("lee", "pushpin", "lunch").await.expect("he sees it");
    w.discord.quiet().await;
    assert_eq!(reads(&w), before);
    w.sim.reacts("kim", "pushpin", "pods").await.expect("she sees it");
    assert_eq!(noted(&mut w).await.0.posted, first.posted);
}
