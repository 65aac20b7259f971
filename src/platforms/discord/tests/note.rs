//! Messages that people point at: what is read of them.

use serde_json::{Value, json};

use crate::guard::Untrusted;
use crate::model::{Envelope, Happening, Millis, Noted, NotedBy};

use super::super::read::{Reader, Reading};
use super::super::said::{Heard, posted_at};

const NOW: Millis = Millis(1_000);
const READER: Reader = Reader { guild: 7, me: 2 };

fn command(message: &Value) -> Option<Envelope> {
    let content = json!({
        "name": "Add to the incident's timeline", "type": 3, "target_id": "9", "resolved": {"messages": {"9": message}},
    });
    let event = json!({
        "id": "10", "application_id": "2", "type": 2, "token": "tok", "channel_id": "5", "guild_id": "7", "context": 0,
        "channel": {"type": 11, "parent_id": "4"}, "member": {"user": {"id": "3"}}, "data": content,
    });
    match READER.interaction(event, NOW) {
        Reading::Known(envelope, _) => Some(*envelope),
        _ => None,
    }
}

fn noted(message: &Value) -> Noted {
    match command(message).map(|envelope| envelope.what) {
        Some(Happening::Noted(noted)) => noted,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_message_command_brings_the_message_along() {
    let message = json!({"id": "9", "channel_id": "5", "content": "a *b*", "author": {"id": "8"}});
    let one = noted(&message);
    assert_eq!((one.by, one.text), (NotedBy::Shortcut, Untrusted::from("a *b*")));
    // Later events name the thread as the channel.
    assert_eq!((one.posted.channel.as_str(), one.posted.message.as_str()), ("5", "9"));
    assert_eq!((one.author.user.as_str(), one.at), ("8", posted_at(9)));
    let place = command(&message).expect("it is known").place;
    assert_eq!((place.channel.as_str(), place.thread.as_deref()), ("4", Some("5")));
    // What an app laid out is what it says; our own messages can be noted too.
    let laid_out = json!({"id": "9", "content": "", "author": {"id": "2", "bot": true}, "embeds": [{"title": "Down"}]});
    assert_eq!(noted(&laid_out).text, Untrusted::from("Down"));
    assert!(command(&json!({"content": "no id"})).is_none() && command(&Value::Null).is_none());
}

#[test]
fn a_reaction_says_who_where_and_with_what() {
    let reaction = |more: Value| {
        let mut event = json!({
            "user_id": "3", "channel_id": "5", "message_id": "9", "guild_id": "7", "member": {"user": {"id": "3"}},
            "emoji": {"id": null, "name": "📌\u{fe0f}"},
        });
        more.as_object().into_iter().flatten().for_each(|(key, value)| event[key] = value.clone());
        match READER.heard("MESSAGE_REACTION_ADD", event, NOW) {
            Heard::Pointed(pointed) => Some(*pointed),
            Heard::Whole(envelopes) => {
                assert!(envelopes.is_empty());
                None
            }
            Heard::Partial { .. } => panic!("it is no edit"),
        }
    };
    let pointed = reaction(json!({})).expect("it points");
    assert_eq!((pointed.emoji.as_str(), pointed.message, pointed.by_app), ("📌", 9, false));
    assert_eq!((pointed.place.channel.as_str(), pointed.account.user.as_str()), ("5", "3"));
    assert!(reaction(json!({"member": {"user": {"id": "3", "bot": true}}})).expect("it points").by_app);
    for nothing in [json!({"user_id": "2"}), json!({"guild_id": null}), json!({"message_id": null})] {
        assert!(reaction(nothing.clone()).is_none(), "{nothing}");
    }
}
