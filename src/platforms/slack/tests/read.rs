//! Payloads as Slack documents them, and what is read from them.

use serde_json::{Value, json};

use crate::guard::Untrusted;
use crate::model::{CommandInput, Envelope, Happening, Millis, Said};

use super::super::read::{Reader, Reading, Via};
use super::super::wire::Frame;
use super::{BOT_USER, TEAM};

pub(super) fn read(kind: &str, payload: Value) -> Reading {
    let frame = json!({"type": kind, "envelope_id": "e-1", "payload": payload, "accepts_response_payload": true});
    let frame: Frame = serde_json::from_value(frame).expect("a frame");
    let reader =
        Reader { team: TEAM.into(), bot_user: BOT_USER.into(), bot_id: "B0BOT".into(), note_emoji: "pushpin".into() };
    reader.read(&frame, Millis(1_000))
}

fn envelope(kind: &str, payload: Value) -> (Envelope, Via) {
    match read(kind, payload) {
        Reading::Envelope(envelope, via) => (*envelope, via),
        other => panic!("not an envelope: {other:?}"),
    }
}

fn line(text: &str) -> Happening {
    Happening::Command(CommandInput::Line(Untrusted::from(text)))
}

fn command(command: &str, text: &str) -> Value {
    json!({
        "token": "x", "team_id": TEAM, "team_domain": "seqn", "enterprise_id": null, "channel_id": "C1",
        "channel_name": "support", "user_id": "U1", "user_name": "kim", "command": command, "text": text,
        "api_app_id": "A0", "is_enterprise_install": "false", "response_url": "https://hooks.slack.com/commands/x",
        "trigger_id": "1.2.x",
    })
}

pub(super) fn event(event: Value) -> Value {
    json!({
        "type": "event_callback", "team_id": TEAM, "api_app_id": "A0", "event": event, "event_id": "Ev1",
        "event_time": 17, "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": true}],
    })
}

#[test]
fn slash_commands() {
    let (read, via) = envelope("slash_commands", command("/seqn", "revoke-session user=<mailto:jo@a.io|jo@a.io> &lt;"));
    assert_eq!((read.what, via), (line("revoke-session user=jo@a.io <"), Via::Command));
    assert_eq!((read.key.as_str(), read.account.to_string().as_str()), ("slack:env:e-1", "slack:T0:U1"));
    assert!(!read.outsider && !read.place.direct && read.place.thread.is_none());
    let reply = read.reply.expect("a way to answer");
    assert_eq!((reply.uses, reply.expires, reply.form_until), (5, Millis(1_801_000), Some(Millis(3_000))));
    assert!(reply.handle.expose().contains("hooks.slack.com"));
    for (name, text, said) in [("/case", "open x", "case open x"), ("/audit", "", "audit"), ("/seqn", "", "")] {
        assert_eq!(envelope("slash_commands", command(name, text)).0.what, line(said));
    }
    let mut direct = command("/seqn", "help");
    direct["channel_id"] = json!("D1");
    assert!(envelope("slash_commands", direct).0.place.direct);
}

fn press() -> Value {
    json!({
        "type": "block_actions", "user": {"id": "U1", "username": "kim", "team_id": TEAM}, "api_app_id": "A0",
        "container": {"type": "message", "message_ts": "17.1", "channel_id": "C1", "is_ephemeral": true,
                      "thread_ts": "16.9"},
        "trigger_id": "1.2.x", "team": null, "enterprise": {"id": "E1"}, "is_enterprise_install": true,
        "channel": {"id": "C1", "name": "support"}, "response_url": "https://hooks.slack.com/actions/x",
        "message": {"metadata": {"event_payload": {"n": 1}}},
        "actions": [{"type": "button", "action_id": "0|confirm:rq-1:2", "block_id": "b", "value": "confirm:rq-1:2"}],
    })
}

#[test]
fn presses_of_an_organisation_wide_installation() {
    let (read, via) = envelope("interactive", press());
    assert_eq!(via, Via::Press);
    assert_eq!(read.what, Happening::Pressed { control: "confirm:rq-1:2".into(), value: None });
    assert_eq!((read.place.team.as_str(), read.place.thread.as_deref()), (TEAM, Some("16.9")));
    assert!(!read.outsider);
    let mut menu = press();
    menu["actions"] = json!([{"type": "static_select", "action_id": "1|choose:rq-1:2",
                              "selected_option": {"text": {"type": "plain_text", "text": "A"}, "value": "ses_1"}}]);
    let picked = Happening::Pressed { control: "choose:rq-1:2".into(), value: Some("ses_1".into()) };
    assert_eq!(envelope("interactive", menu).0.what, picked);
}

#[test]
fn outsiders_are_marked() {
    let cases = [
        json!({"id": "U9", "team_id": "T9"}),
        json!({"id": "U1", "team_id": TEAM, "is_stranger": true}),
        json!({"id": "U1", "team_id": TEAM, "is_restricted": true}),
        json!({"id": "U1", "team_id": TEAM, "is_bot": true}),
        json!({"team_id": TEAM}),
    ];
    for user in cases {
        let mut pressed = press();
        pressed["user"] = user.clone();
        assert!(envelope("interactive", pressed).0.outsider, "{user}");
    }
    let foreign = json!({"type": "app_mention", "user": "U9", "text": "<@U0BOT> help", "ts": "1.1", "channel": "C1",
                         "team": TEAM, "user_team": "T9"});
    let (read, _) = envelope("events_api", event(foreign));
    assert!(read.outsider);
    assert_eq!(read.account.team, "T9");
}

#[test]
fn submissions_and_shortcuts() {
    let submission = json!({
        "type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U1", "team_id": TEAM}, "trigger_id": "1.2",
        "view": {"id": "V1", "type": "modal", "private_metadata": "rq-1", "callback_id": "seqn-form:C1:16.9",
                 "state": {"values": {"org": {"org": {"type": "plain_text_input", "value": "acme"}}}}},
        "response_urls": [],
    });
    let (read, via) = envelope("interactive", submission);
    assert_eq!(via, Via::Submission);
    let values = vec![("org".to_owned(), Untrusted::from("acme"))];
    assert_eq!(read.what, Happening::Submitted { token: "rq-1".into(), values });
    assert_eq!((read.place.channel.as_str(), read.place.thread.as_deref()), ("C1", Some("16.9")));
    assert!(read.reply.is_none());

    let mut shortcut = press();
    shortcut["type"] = json!("message_action");
    shortcut["callback_id"] = json!("report_leak");
    shortcut["message"] = json!({"type": "message", "text": "see <https://a.io|b>", "ts": "1.1", "thread_ts": "1.0"});
    let (read, via) = envelope("interactive", shortcut);
    assert_eq!(via, Via::Shortcut);
    let text = Untrusted::from("see https://a.io b");
    assert_eq!(read.what, Happening::Shortcut { name: "report_leak".into(), text });
}

#[test]
fn mentions_and_direct_messages_are_commands() {
    let cases = [
        ("<@U0BOT> revoke-session org=acme", "revoke-session org=acme"),
        ("hey <@U0BOT|seqn> help", "help"),
        ("help me <@U0BOT>", "help me"),
        ("<@U0BOT> can x as <@U2|lee>", "can x as <@U2>"),
        ("<@U0BOTX> help", "<@U0BOTX> help"),
    ];
    for (text, said) in cases {
        let mention = json!({"type": "app_mention", "user": "U1", "text": text, "ts": "1.1", "thread_ts": "1.0",
                             "channel": "C1", "team": TEAM});
        let (read, via) = envelope("events_api", event(mention));
        assert_eq!((read.what, via), (line(said), Via::Event), "{text}");
        assert_eq!((read.key.as_str(), read.place.thread.as_deref()), ("slack:ev:Ev1", Some("1.0")));
        assert!(read.reply.is_none());
    }
    let direct = json!({"type": "message", "channel_type": "im", "user": "U1", "text": "help", "ts": "1.1",
                        "channel": "D1", "team": TEAM});
    let Reading::Both(told, asked) = read("events_api", event(direct)) else { panic!("it is both") };
    assert!(matches!(told.what, Happening::Said(_)) && told.key != asked.key);
    assert_eq!(asked.what, line("help"));
}

fn texts(of: Value) -> Vec<Untrusted> {
    match envelope("events_api", event(of)).0.what {
        Happening::Said(Said { texts, .. }) => texts,
        other => panic!("not said: {other:?}"),
    }
}

#[test]
fn what_is_said_is_read_whole() {
    let hidden = json!({
        "type": "message", "user": "U1", "text": "look", "ts": "1.1", "channel": "C1", "channel_type": "channel",
        "metadata": {"event_type": "x", "event_payload": {"n": 1, "a-long-key-of-somebody": "in metadata"}},
        "attachments": [{"id": "abc", "pretext": "in pretext", "footer": "in footer"}],
        "files": [{"url_private": "", "preview": "in preview"}],
        "blocks": [{"type": "rich_text", "elements": [{"elements": [{"text": "in blocks"}]}]}],
    });
    let found = texts(hidden);
    for wanted in
        ["look", "in metadata", "a-long-key-of-somebody", "in pretext", "in footer", "in preview", "in blocks"]
    {
        assert!(found.contains(&Untrusted::from(wanted)), "{wanted}");
    }
}

#[test]
fn an_edit_gives_the_new_text_only() {
    let edit = json!({
        "type": "message", "subtype": "message_changed", "hidden": true, "channel": "C1", "ts": "2.2",
        "message": {"type": "message", "user": "U1", "text": "new", "ts": "1.1", "team": TEAM},
        "previous_message": {"user": "U1", "text": "old", "ts": "1.1"},
    });
    let (read, _) = envelope("events_api", event(edit.clone()));
    assert!(matches!(read.what, Happening::Said(Said { ref message, .. }) if message == "1.1"));
    assert_eq!(read.account.user, "U1");
    let found = texts(edit);
    assert!(found.contains(&"new".into()) && !found.contains(&"old".into()));
}

#[test]
fn our_own_words_are_nothing() {
    let nothing = [
        json!({"type": "message", "user": BOT_USER, "bot_id": "B0BOT", "text": "hi", "ts": "1", "channel": "C1"}),
        json!({"type": "message", "subtype": "bot_message", "bot_id": "B0BOT", "text": "hi", "channel": "C1"}),
        json!({"type": "message", "subtype": "message_changed", "channel": "C1",
               "message": {"user": BOT_USER, "text": "hi"}}),
        json!({"type": "message", "subtype": "message_replied", "channel": "C1", "message": {"text": "x"}}),
        json!({"type": "file_shared", "file_id": "F1", "user_id": "U1"}),
    ];
    for of in nothing {
        assert!(matches!(read("events_api", event(of.clone())), Reading::Nothing), "{of}");
    }
    let other = json!({"type": "message", "subtype": "bot_message", "bot_id": "B9", "text": "hi", "channel": "D1"});
    let (read, _) = envelope("events_api", event(other));
    assert!(read.outsider && matches!(read.what, Happening::Said(_)));
}

#[test]
fn what_is_gone_is_told_by_its_id_alone() {
    let mut gone = json!({"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "1.1",
                          "previous_message": {"text": "x", "user": "U1"}});
    assert_eq!(envelope("events_api", event(gone.clone())).0.what, Happening::Gone { message: "1.1".into() });
    gone["subtype"] = json!("message_changed");
    gone["message"] =
        json!({"subtype": "tombstone", "ts": "1.1", "user": "USLACKBOT", "text": "This message was deleted."});
    assert_eq!(envelope("events_api", event(gone)).0.what, Happening::Gone { message: "1.1".into() });
}

#[test]
fn texts_of_other_messages_are_left_and_nothing_hides_under_their_names() {
    let broadcast = json!({
        "type": "message", "subtype": "thread_broadcast", "user": "U1", "text": "mine", "ts": "1.2", "thread_ts": "1.1",
        "channel": "C1", "root": {"text": "not mine"}, "client_msg_id": "0b1c2d3e-1111-4222-8333-abcdefabcdef",
        "metadata": {"event_payload": {"previous_message": "hidden", "root": "hidden too", "id": "x".repeat(21)}},
        "files": [{"id": "F1", "permalink": "https://files.slack.com/a", "thumb_64": "https://evil.example/b"}],
    });
    let found = texts(broadcast);
    for (text, there) in [
        ("mine", true),
        ("not mine", false),
        ("hidden", true),
        ("hidden too", true),
        ("xxxxxxxxxxxxxxxxxxxxx", true),
        ("0b1c2d3e-1111-4222-8333-abcdefabcdef", false),
        ("https://files.slack.com/a", false),
        ("https://evil.example/b", true),
        ("U1", false),
    ] {
        assert_eq!(found.contains(&Untrusted::from(text)), there, "{text}");
    }
}

#[test]
fn what_is_not_known_says_so() {
    assert!(matches!(read("brand_new", json!({})), Reading::Unknown));
    assert!(matches!(read("interactive", json!({"type": "workflow_step_edit"})), Reading::Unknown));
    assert!(matches!(read("interactive", json!({"type": "block_actions", "actions": []})), Reading::Unknown));
    assert!(matches!(read("events_api", json!({"event": {"type": "pin_added"}})), Reading::Unknown));
    for odd in [json!(null), json!([1]), json!("text"), json!({"event": 7})] {
        for kind in ["slash_commands", "interactive", "events_api"] {
            // Whatever comes back, nothing panics, and nobody unknown counts as staff.
            if let Reading::Envelope(envelope, _) = read(kind, odd.clone()) {
                assert!(envelope.outsider, "{kind} {odd}");
            }
        }
    }
}
