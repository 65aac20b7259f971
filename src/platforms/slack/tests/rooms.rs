//! Channels for incidents: opened once, found again, and what stands in the way.

use serde_json::{Value, json};

use crate::model::{Account, Platform};
use crate::ports::{Fault, PortError, Rooms};

use super::server::Server;
use super::{BOT_USER, TEAM, slack_at};

fn ok(body: Value) -> (u16, Vec<(&'static str, &'static str)>, Value) {
    let mut body = body;
    body["ok"] = json!(true);
    (200, vec![], body)
}

fn no(error: &str) -> (u16, Vec<(&'static str, &'static str)>, Value) {
    (200, vec![], json!({"ok": false, "error": error}))
}

fn channel(id: &str, creator: &str, private: bool) -> Value {
    json!({"id": id, "name": "inc-1", "creator": creator, "is_private": private, "topic": {"value": "It fails"}})
}

#[tokio::test]
async fn a_channel_is_opened_with_its_topic() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    server.next("conversations.create", ok(json!({"channel": {"id": "C9", "topic": {"value": ""}}})));
    let room = slack.open_room("inc-1", "It fails", true).await.expect("opened");
    assert_eq!((room.channel.as_str(), room.team.as_str(), room.thread), ("C9", TEAM, None));
    assert_eq!(server.calls("conversations.create"), [json!({"name": "inc-1", "is_private": true})]);
    assert_eq!(server.calls("conversations.setTopic"), [json!({"channel": "C9", "topic": "It fails"})]);
    assert!(server.calls("users.conversations").is_empty(), "nothing is looked for");
}

#[tokio::test]
async fn a_taken_name_is_ours_only_if_our_bot_has_made_it() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let first = json!({"channels": [channel("C1", "U1", false)], "response_metadata": {"next_cursor": "more"}});
    for (last, found) in [
        (channel("C9", BOT_USER, false), true),
        (channel("C9", "U1", false), false),
        (channel("C9", BOT_USER, true), false),
    ] {
        server.next("conversations.create", no("name_taken"));
        server.next("users.conversations", ok(first.clone()));
        server.next("users.conversations", ok(json!({"channels": [last]})));
        match slack.open_room("inc-1", "It fails", false).await {
            Ok(room) => assert!(found && room.channel == "C9"),
            Err(error) => {
                assert!(!found);
                assert_eq!(error.fault, Fault::Refused { status: 200, code: "name_taken".into() });
            }
        }
    }
    assert!(server.calls("conversations.setTopic").is_empty(), "the topic was right");
    server.next("users.conversations", ok(json!({"channels": [channel("C9", BOT_USER, false)]})));
    assert_eq!(slack.find_room("inc-1").await.expect("an answer").map(|room| room.channel).as_deref(), Some("C9"));
    server.next("users.conversations", ok(json!({"channels": []})));
    assert_eq!(slack.find_room("inc-1").await, Ok(None));
}

#[tokio::test]
async fn what_stands_in_the_way_is_said() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    for (code, fault) in [
        ("restricted_action", Fault::Forbidden),
        ("missing_scope", Fault::Forbidden),
        ("invalid_name_specials", Fault::Refused { status: 200, code: "invalid_name_specials".into() }),
    ] {
        server.next("conversations.create", no(code));
        assert_eq!(slack.open_room("inc-1", "", false).await.expect_err("refused").fault, fault, "{code}");
    }
    // A topic that Slack does not take costs no room; one that may yet be set is tried again with the whole.
    for (answer, fine) in [(no("too_long"), true), ((500, vec![], json!({})), false)] {
        server.next("conversations.create", ok(json!({"channel": {"id": "C9"}})));
        server.next("conversations.setTopic", answer);
        assert_eq!(slack.open_room("inc-1", "It fails", false).await.is_ok(), fine);
    }
}

#[tokio::test]
async fn whoever_is_there_already_stays() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let room = slack.place_of("C9");
    let kim = Account { platform: Platform::Slack, team: TEAM.into(), user: "U1".into() };
    for answer in [ok(json!({})), no("already_in_channel")] {
        server.next("conversations.invite", answer);
        assert_eq!(slack.ask_in(&room, &kim).await, Ok(()));
    }
    assert_eq!(server.calls("conversations.invite")[0], json!({"channel": "C9", "users": "U1"}));
    server.next("conversations.invite", no("user_is_restricted"));
    let error: PortError = slack.ask_in(&room, &kim).await.expect_err("refused");
    assert_eq!(error.fault, Fault::Forbidden);
}
