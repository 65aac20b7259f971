//! Messages that people point at: what is read of them, and how a reaction's message is fetched.

use serde_json::{Value, json};

use crate::guard::Untrusted;
use crate::model::{Happening, Millis, NotedBy};
use crate::ports::Fault;

use super::super::read::{Pointed, Reading, Via};
use super::read::{event, read};
use super::server::Server;
use super::{BOT_USER, TEAM, slack_at};

fn message(more: &Value) -> Value {
    let mut message = json!({"type": "message", "user": "U2", "team": TEAM, "text": "a &lt;b&gt;", "ts": "17.000200"});
    for (key, value) in more.as_object().into_iter().flatten() {
        message[key] = value.clone();
    }
    message
}

fn shortcut(message: &Value) -> Value {
    json!({
        "type": "message_action", "callback_id": "note", "user": {"id": "U1", "team_id": TEAM}, "team": {"id": TEAM},
        "channel": {"id": "C1", "name": "inc-1"}, "message": message, "message_ts": "17.000200",
        "response_url": "https://hooks.slack.com/app/x", "trigger_id": "1.2.x",
    })
}

fn reaction(more: &Value) -> Value {
    let mut reaction = json!({
        "type": "reaction_added", "user": "U1", "reaction": "pushpin", "item_user": "U2", "event_ts": "18.1",
        "item": {"type": "message", "channel": "C1", "ts": "17.000200"},
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        reaction[key] = value.clone();
    }
    event(reaction)
}

fn pointed(payload: Value) -> Option<Pointed> {
    match read("events_api", payload) {
        Reading::Pointed(pointed) => Some(*pointed),
        Reading::Nothing => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_shortcut_brings_the_message_along() {
    let Reading::Envelope(envelope, via) = read("interactive", shortcut(&message(&json!({"thread_ts": "16.9"}))))
    else {
        panic!("it is one")
    };
    let Happening::Noted(noted) = envelope.what else { panic!("it is noted") };
    assert_eq!((via, noted.by, noted.text), (Via::Shortcut, NotedBy::Shortcut, Untrusted::from("a <b>")));
    assert_eq!((noted.posted.channel.as_str(), noted.posted.message.as_str()), ("C1", "17.000200"));
    assert_eq!((noted.author.user.as_str(), noted.at), ("U2", Millis(17_000)));
    assert_eq!(envelope.place.thread.as_deref(), Some("16.9"));
    assert!(envelope.reply.is_some() && envelope.account.user == "U1");
    // What an app laid out is what it says.
    let laid_out = json!({"text": "", "bot_id": "B9", "user": null, "attachments": [{"text": "5 pods are down"}]});
    let Reading::Envelope(envelope, _) = read("interactive", shortcut(&message(&laid_out))) else {
        panic!("it is one")
    };
    let Happening::Noted(noted) = envelope.what else { panic!("it is noted") };
    assert!(noted.text == Untrusted::from("5 pods are down") && noted.author.user == "B9");
    assert!(matches!(read("interactive", shortcut(&Value::Null)), Reading::Unknown));
}

#[test]
fn only_the_configured_emoji_on_a_message_points_at_it() {
    let found = pointed(reaction(&Value::Null)).expect("it points");
    assert_eq!((found.message.as_str(), found.place.channel.as_str()), ("17.000200", "C1"));
    assert_eq!((found.account.user.as_str(), found.key.as_str()), ("U1", "slack:ev:Ev1"));
    assert!(pointed(reaction(&json!({"reaction": "pushpin::skin-tone-2"}))).is_some());
    for other in [
        json!({"reaction": "eyes"}),
        json!({"reaction": ""}),
        json!({"item": {"type": "file", "file": "F1"}}),
        json!({"item": null}),
        json!({"user": BOT_USER}),
    ] {
        assert!(pointed(reaction(&other)).is_none(), "{other}");
    }
}

#[tokio::test]
async fn the_message_of_a_reaction_is_fetched() {
    let (server, _sockets) = Server::start().await;
    let slack = slack_at(&server.base());
    let pointed = pointed(reaction(&Value::Null)).expect("it points");
    let page = |messages: Value| (200, vec![], json!({"ok": true, "messages": messages}));
    let parent = message(&json!({"ts": "16.9", "text": "the beginning"}));
    server.next("conversations.replies", page(json!([parent, message(&Value::Null)])));
    let envelope = slack.read_pointed(&pointed).await.expect("an answer").expect("it is there");
    let Happening::Noted(noted) = envelope.what else { panic!("it is noted") };
    assert_eq!((noted.by, noted.text), (NotedBy::Reaction, Untrusted::from("a <b>")));
    assert!(envelope.reply.is_none() && !envelope.outsider);
    server.next("conversations.replies", page(json!([])));
    assert!(slack.read_pointed(&pointed).await.expect("an answer").is_none());
    server.next("conversations.replies", (200, vec![], json!({"ok": false, "error": "thread_not_found"})));
    assert!(slack.read_pointed(&pointed).await.expect("an answer").is_none());
    server.next("conversations.replies", (500, vec![], json!({})));
    assert_eq!(slack.read_pointed(&pointed).await.expect_err("a failure").fault, Fault::Failing { status: 500 });
}
