//! Messages, deletions, topics and blocks in, envelopes out.

use serde_json::{Value, json};

use crate::guard::Untrusted;
use crate::model::{CommandInput, Envelope, Happening, Millis, Said, Seen};

use super::super::read::Reader;
use super::super::said::Heard;

const NOW: Millis = Millis(1_000);
const READER: Reader = Reader { guild: 7, me: 2 };

fn message(content: &str, more: &Value) -> Value {
    let mut message = json!({"id": "11", "channel_id": "5", "guild_id": "7", "type": 0, "content": content,
        "author": {"id": "3", "username": "kim", "avatar": "0123456789abcdef0123456789abcdef"}, "attachments": []});
    for (key, value) in more.as_object().into_iter().flatten() {
        message[key] = value.clone();
    }
    message
}

fn heard(name: &str, event: Value) -> Vec<Envelope> {
    match READER.heard(name, event, NOW) {
        Heard::Whole(envelopes) => envelopes,
        Heard::Partial { .. } | Heard::Pointed(_) => panic!("{name} is whole"),
    }
}

fn said(name: &str, event: Value) -> Said {
    let mut envelopes = heard(name, event);
    let what = (!envelopes.is_empty()).then(|| envelopes.remove(0).what);
    let Some(Happening::Said(said)) = what else { panic!("{name} was said") };
    said
}

fn line(content: &str, more: &Value) -> Option<Happening> {
    let mut all = heard("MESSAGE_CREATE", message(content, more));
    assert!(matches!(all.first().map(|e| &e.what), Some(Happening::Said(_))), "{content}");
    (all.len() > 1).then(|| all.remove(1).what)
}

#[test]
fn mentions_and_direct_messages_are_lines_and_are_watched_too() {
    let command = |text: &str| Some(Happening::Command(CommandInput::Line(text.into())));
    assert_eq!(line("<@2> find org=acme ", &Value::Null), command("find org=acme"));
    assert_eq!(line("<@!2>", &Value::Null), command(""));
    assert_eq!(line("find org=acme", &json!({"guild_id": null})), command("find org=acme"));
    for (content, more) in [
        ("just talking", Value::Null),
        ("<@22> hi", Value::Null),
        ("<@2> hi", json!({"webhook_id": "4"})),
        ("<@2> hi", json!({"author": {"id": "3", "bot": true}})),
        ("<@2>", json!({"type": 7})),
    ] {
        assert_eq!(line(content, &more), None, "{content}");
    }
    let keys: Vec<String> =
        heard("MESSAGE_CREATE", message("<@2> hi", &Value::Null)).iter().map(|e| e.key.to_string()).collect();
    assert_eq!(keys, ["discord:said:11", "discord:msg:11"]);
}

#[test]
fn our_own_messages_and_odd_events_say_nothing() {
    let ours = || message("ours", &json!({"author": {"id": "2", "bot": true}}));
    for (name, event) in [
        ("MESSAGE_CREATE", ours()),
        ("MESSAGE_UPDATE", ours()),
        ("MESSAGE_CREATE", json!({"content": "nowhere"})),
        ("MESSAGE_DELETE", json!({"id": "11"})),
        ("CHANNEL_UPDATE", json!(null)),
        ("GUILD_CREATE", json!({"id": "8", "channels": [{"id": "5", "topic": "of another server"}]})),
        ("TYPING_START", json!({"user_id": "3"})),
        ("AUTO_MODERATION_ACTION_EXECUTION", json!({"user_id": "3", "action": {"type": 2}, "content": "x"})),
        ("AUTO_MODERATION_ACTION_EXECUTION", json!({"user_id": "3", "action": {"type": 1}, "content": ""})),
    ] {
        assert!(heard(name, event).is_empty(), "{name}");
    }
}

/// Every place where words can be, and where Discord's own are.
#[test]
fn every_text_of_a_message_is_seen_and_what_discord_made_is_not() {
    let parts = json!({
        "embeds": [{"type": "rich", "title": "title", "description": "description", "url": "https://x.example/url",
            "fields": [{"name": "name", "value": "value"}], "footer": {"text": "footer"},
            "author": {"name": "author"}, "image": {"url": "https://cdn.discordapp.com/a/b.png?hm=0123456789abcdef"}}],
        "components": [{"type": 17, "components": [{"type": 10, "content": "v2"},
            {"type": 9, "components": [{"type": 10, "content": "section"}], "accessory": {"type": 2, "label": "label"}}]}],
        "message_snapshots": [{"message": {"content": "forwarded", "embeds": [{"description": "far embed"}],
            "attachments": [{"id": "31", "filename": "far.txt", "size": 3, "url": "https://cdn.discordapp.com/x"}]}}],
        "poll": {"question": {"text": "question"}, "answers": [{"answer_id": 1, "poll_media": {"text": "answer"}}]},
        "sticker_items": [{"id": "1", "name": "sticker", "format_type": 1}],
        "attachments": [{"id": "30", "filename": "file.txt", "title": "file title", "description": "alt", "size": 9,
            "content_type": "text/plain", "url": "https://cdn.discordapp.com/y?hm=fedcba9876543210"}],
        "referenced_message": {"content": "somebody else's"}, "mentions": [{"id": "9", "username": "another"}],
    });
    let said = said("MESSAGE_CREATE", message("plain", &parts));
    assert_eq!((said.message.as_str(), said.seen, said.by_app), ("11", Seen::New, false));
    assert_eq!(said.texts[0], Untrusted::from("plain"));
    for text in [
        "title",
        "description",
        "https://x.example/url",
        "name",
        "value",
        "footer",
        "author",
        "v2",
        "section",
        "label",
        "forwarded",
        "far embed",
        "far.txt",
        "question",
        "answer",
        "sticker",
        "file.txt",
        "file title",
        "alt",
        "kim",
    ] {
        assert!(said.texts.contains(&Untrusted::from(text)), "{text}");
    }
    assert_eq!(said.texts.len(), 21, "nothing else is looked at");
    let files: Vec<(&str, &str, Option<u64>)> =
        said.files.iter().map(|f| (f.id.as_str(), f.media.as_str(), f.bytes)).collect();
    assert_eq!(files, [("30", "text/plain", Some(9)), ("31", "", Some(3))]);
}

#[test]
fn apps_and_webhooks_are_known_as_such() {
    for more in [json!({"webhook_id": "4"}), json!({"author": {"id": "3", "bot": true}})] {
        assert!(said("MESSAGE_CREATE", message("hi", &more)).by_app);
    }
    let edited = heard("MESSAGE_UPDATE", message("hi", &json!({"webhook_id": "4"})));
    assert!(edited[0].outsider);
}

#[test]
fn edits_are_seen_each_and_partial_ones_are_asked_for() {
    let key = |more: &Value| heard("MESSAGE_UPDATE", message("hi", more))[0].key.to_string();
    let first = json!({"edited_timestamp": "2026-11-02T09:00:00.000001+00:00"});
    let second = json!({"edited_timestamp": "2026-11-02T09:00:00.000002+00:00"});
    assert_ne!(key(&first), key(&second));
    assert_eq!(key(&first), key(&first));
    assert_ne!(key(&Value::Null), key(&json!({"embeds": [{"title": "a preview came"}]})));
    assert_eq!(said("MESSAGE_UPDATE", message("hi", &first)).seen, Seen::Edited);
    for gone in ["content", "author"] {
        let mut event = message("hi", &Value::Null);
        event.as_object_mut().expect("an object").remove(gone);
        let heard = READER.heard("MESSAGE_UPDATE", event, NOW);
        assert!(matches!(heard, Heard::Partial { channel: 5, message: 11, .. }), "{gone}");
    }
    let walked = READER.edited(json!({"id": "11", "channel_id": "5", "embeds": [{"title": "t"}]}), NOW);
    let walked = walked.expect("what it says is looked at");
    let Happening::Said(said) = walked.what else { panic!("it was said") };
    assert!(said.by_app && said.texts.contains(&"t".into()));
}

#[test]
fn deletions_one_and_many() {
    let gone =
        |name: &str, event: Value| -> Vec<Happening> { heard(name, event).into_iter().map(|e| e.what).collect() };
    let of = |id: &str| Happening::Gone { message: id.into() };
    assert_eq!(gone("MESSAGE_DELETE", json!({"id": "11", "channel_id": "5", "guild_id": "7"})), [of("11")]);
    assert_eq!(gone("MESSAGE_DELETE_BULK", json!({"ids": ["11", 12], "channel_id": "5"})), [of("11"), of("12")]);
}

#[test]
fn topics_and_names_of_channels_and_threads() {
    let room = json!({"id": "5", "guild_id": "7", "name": "ops", "topic": "the topic", "type": 0});
    let envelope = heard("CHANNEL_UPDATE", room.clone()).remove(0);
    assert_eq!((envelope.place.channel.as_str(), envelope.account.user.as_str()), ("5", "0"));
    let thread = json!({"id": "6", "guild_id": "7", "parent_id": "5", "owner_id": "3", "name": "a thread", "type": 11});
    let by_kim = heard("THREAD_CREATE", thread.clone()).remove(0);
    let Happening::Said(said) = by_kim.what else { panic!("it was said") };
    assert_eq!((said.seen, said.by_app, by_kim.account.user.as_str()), (Seen::Topic, false, "3"));
    assert_eq!(said.texts, [Untrusted::from("a thread")]);
    let server = json!({"id": "7", "channels": [room, {"id": "8", "name": "no topic"}], "threads": [thread]});
    assert_eq!(heard("GUILD_CREATE", server).len(), 2);
}

#[test]
fn what_automod_blocked_is_told_with_its_author() {
    let event = json!({"guild_id": "7", "rule_id": "1", "user_id": "3", "channel_id": "5", "action": {"type": 1},
        "content": "the text", "matched_content": "text", "matched_keyword": "t.xt"});
    let envelope = heard("AUTO_MODERATION_ACTION_EXECUTION", event).remove(0);
    assert_eq!((envelope.account.user.as_str(), envelope.place.channel.as_str()), ("3", "5"));
    let Happening::Said(said) = envelope.what else { panic!("it was said") };
    assert_eq!((said.seen, said.message.as_str()), (Seen::Blocked, ""));
    assert_eq!(said.texts, [Untrusted::from("the text")], "what matched is a part of it");
}

#[test]
fn the_history_knows_when_a_message_was_posted() {
    let event = message("old", &json!({"id": "1234567890123456789"}));
    let (past, _) = READER.said(event, Seen::Listed).expect("a message");
    assert_eq!(past.at, Millis(1_714_414_322_167));
    assert_eq!(past.posted().channel, "5");
}
