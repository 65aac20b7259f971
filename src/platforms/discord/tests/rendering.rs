//! Messages and first answers out: limits, escaping, shapes.

use serde_json::{Value, json};

use crate::guard::{FingerprintKey, Guard};
use crate::model::{
    Ack, AnswerMode, Block, Choice, Control, Field, FieldKind, Form, Message, Millis, Press, Style, Suggestion, Tone,
    Verb,
};

use super::super::ack;
use super::super::read::{Asked, Handle};
use super::super::render::{body, cut, escape};

fn press(verb: Verb, revision: u32) -> Press {
    Press { verb, request: "rq-1".parse().expect("an id"), revision }
}

fn button(revision: u32) -> Control {
    Control::Button { label: "L".repeat(100), style: Style::Danger, press: press(Verb::Approve, revision) }
}

fn menu(choices: usize) -> Control {
    let choices =
        (0..choices).map(|n| Choice { value: format!("v{n}"), label: "x".repeat(120), detail: String::new() });
    Control::Menu { label: "Which?".into(), press: press(Verb::Choose, 0), choices: choices.collect() }
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

#[test]
fn nothing_written_becomes_markup() {
    for (text, want) in [
        ("a*b_c~d`e|f", "a\\*b\\_c\\~d\\`e\\|f"),
        ("<@3> <t:1>", "\\<@3> \\<t:1>"),
        ("[x](https://y)", "\\[x\\](https://y)"),
        ("# h\n> q\n- l\n 1-2", "\\# h\n\\> q\n\\- l\n 1-2"),
        ("\\*", "\\\\\\*"),
    ] {
        assert_eq!(escape(text), want);
    }
    assert_eq!(cut("äöü", 3), "äöü");
    assert_eq!(cut("abc\\*", 5), "abc\\*");
    assert_eq!(cut("abc\\**", 5), "abc…");
}

#[test]
fn a_moment_is_in_utc_and_in_the_readers_own_time() {
    let at = Millis(1_793_612_100_900);
    let moment = |label: &str| Message::titled(Tone::Plain, "x").with(Block::Moment { label: label.into(), at });
    let description = |message: &Message| body(message, None)["embeds"][0]["description"].clone();
    assert_eq!(description(&moment("Next <t:1>")), "Next \\<t:1>: 2026-11-02 09:35 UTC (<t:1793612100:f> your time)");
    // Where it does not fit whole it is left out: half a mark would be shown as it is.
    let full =
        Message::titled(Tone::Plain, "x").text("y".repeat(4_070)).with(Block::Moment { label: "Next".into(), at });
    let shown = body(&full, None);
    assert!(!description(&full).as_str().expect("a text").contains("<t:"));
    assert!(shown["embeds"][0]["footer"]["text"].as_str().expect("a footer").contains("Shortened"));
    assert!(length(&description(&moment(&"z".repeat(9_000)))) <= 4_096);
}

#[test]
fn a_message_has_its_line_its_embed_and_its_controls() {
    let message = Message::titled(Tone::Good, "Do*ne")
        .text("One @everyone")
        .with(Block::Items { heading: "List".into(), items: vec!["a".into(), "b".into()] })
        .with(Block::Link { label: "Docs".into(), url: "https://x.example/a".into() })
        .with(Block::Link { label: "Bad".into(), url: "javascript:x".into() })
        .with(Block::Fields(vec![("Org".into(), "acme".into())]))
        .with(Block::Note("small".into()))
        .control(button(1))
        .reference("rq-1");
    let body = body(&message, Some("cafe0123"));
    assert_eq!((&body["content"], &body["allowed_mentions"]), (&json!("**Do\\*ne**"), &json!({"parse": []})));
    let embed = &body["embeds"][0];
    let want = "One @everyone\n\n**List**\n• a\n• b\n\n[Docs](<https://x.example/a>)\n\nBad";
    assert_eq!(embed["description"], want);
    assert_eq!(embed["fields"][0], json!({"name": "Org", "value": "acme", "inline": true}));
    assert_eq!(embed["fields"][1]["value"], "-# small");
    assert_eq!(embed["footer"]["text"], "rq-1 · cafe0123");
    let control = &body["components"][0]["components"][0];
    assert_eq!((&control["custom_id"], &control["style"]), (&json!("approve:rq-1:1"), &json!(4)));
    assert_eq!((length(&control["label"]), &control["type"]), (80, &json!(2)));
}

#[test]
fn an_edit_takes_away_what_is_gone() {
    let body = body(&Message::titled(Tone::Plain, "Gone"), None);
    assert_eq!((&body["embeds"], &body["components"]), (&json!([]), &json!([])));
}

#[test]
fn every_limit_holds_and_a_cut_is_said() {
    let long = "*x ".repeat(5_000);
    let mut message = Message::titled(Tone::Bad, long.clone()).text(long.clone()).reference("r".repeat(500));
    message.blocks.push(Block::Code(long.clone()));
    message.blocks.push(Block::Fields((0..40).map(|n| (format!("{n}{long}"), long.clone())).collect()));
    message.blocks.push(Block::Text(long));
    message.controls = (0..23).map(button).chain([button(0), menu(40), menu(3)]).collect();
    let body = body(&message, Some("cafe0123"));
    let embed = &body["embeds"][0];
    let fields = embed["fields"].as_array().cloned().unwrap_or_default();
    assert!(length(&body["content"]) <= 2_000 && length(&embed["description"]) <= 4_096 && fields.len() <= 25);
    assert!(fields.iter().all(|f| length(&f["name"]) <= 256 && (1..=1_024).contains(&length(&f["value"]))));
    let of_fields: usize = fields.iter().map(|f| length(&f["name"]) + length(&f["value"])).sum();
    assert!(length(&embed["description"]) + of_fields + length(&embed["footer"]["text"]) <= 6_000);
    assert!(embed["footer"]["text"].as_str().is_some_and(|t| t.starts_with("Shortened") && t.ends_with("cafe0123")));
    let rows = body["components"].as_array().cloned().unwrap_or_default();
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| (1..=5).contains(&row["components"].as_array().map_or(0, Vec::len))));
}

#[test]
fn a_menu_has_at_most_25_options() {
    let body = body(&Message::titled(Tone::Plain, "Pick").control(menu(40)).control(menu(3)), None);
    let select = &body["components"][0]["components"][0];
    assert_eq!((&select["type"], &select["placeholder"]), (&json!(3), &json!("Which?")));
    assert_eq!(select["options"].as_array().map(Vec::len), Some(25));
    assert_eq!(length(&select["options"][0]["label"]), 100);
    assert!(body["components"][1].is_null(), "a second control of the same id would be refused");
    assert!(body["embeds"][0]["footer"]["text"].as_str().is_some_and(|t| t.starts_with("Shortened")));
}

fn guard() -> Guard {
    Guard::new(FingerprintKey::new([7; 32]))
}

fn asked(kind: u64, on_message: bool) -> Asked {
    let handle = Handle { id: "1".into(), token: "t".into(), app: "2".into(), kind };
    Asked { handle, on_message, form: "rq-1".parse().ok() }
}

fn answered(ack: &Ack, kind: u64, on_message: bool) -> Value {
    ack::response(ack, &asked(kind, on_message), &guard())
}

#[test]
fn each_ack_becomes_a_response_that_fits_its_interaction() {
    let say = |mode| Ack::Say(mode, Box::new(guard().outgoing(Message::titled(Tone::Good, "Hi")).expect("clean")));
    let (fresh, replace) = (AnswerMode::Fresh, AnswerMode::Replace);
    for (ack, kind, on_message, want, flags) in [
        (Ack::Working(fresh), 2, false, 5, json!(64)),
        (Ack::Working(fresh), 3, true, 5, json!(64)),
        (Ack::Working(replace), 3, true, 6, Value::Null),
        (Ack::Working(replace), 5, false, 5, json!(64)),
        (say(fresh), 2, false, 4, json!(64)),
        (say(fresh), 3, true, 4, json!(64)),
        (say(replace), 3, true, 7, Value::Null),
        (say(replace), 2, false, 4, json!(64)),
        (Ack::Nothing, 3, true, 6, Value::Null),
        (Ack::Nothing, 2, false, 4, json!(64)),
        (Ack::Nothing, 4, false, 8, Value::Null),
        (say(fresh), 4, false, 8, Value::Null),
    ] {
        let response = answered(&ack, kind, on_message);
        assert_eq!((&response["type"], &response["data"]["flags"]), (&json!(want), &flags), "{ack:?} {kind}");
    }
}

#[test]
fn a_form_is_a_modal_or_a_button_that_opens_one() {
    let field = Field {
        key: "org".into(),
        label: "Organization".into(),
        help: String::new(),
        required: true,
        initial: None,
        kind: FieldKind::Line { max: 63 },
    };
    let form = Form { token: "rq-1".into(), title: "Revoke".into(), fields: vec![field] };
    let ack = Ack::Form(Box::new(guard().outgoing(form).expect("clean")));
    let response = answered(&ack, 2, false);
    assert_eq!((&response["type"], &response["data"]["custom_id"]), (&json!(9), &json!("form:rq-1")));
    let errors = Ack::FieldErrors(vec![("org".into(), "No such org.".into())]);
    for (ack, kind) in [(ack, 5), (errors, 5)] {
        let response = answered(&ack, kind, false);
        let button = &response["data"]["components"][0]["components"][0];
        assert_eq!((&response["type"], &button["custom_id"]), (&json!(4), &json!("form:rq-1:0")));
    }
}

#[test]
fn proposals_are_limited() {
    let one =
        |n: usize| Suggestion { label: "l".repeat(200), value: if n == 0 { "v".repeat(200) } else { n.to_string() } };
    let response = answered(&Ack::Suggest((0..40).map(one).collect()), 4, false);
    let choices = response["data"]["choices"].as_array().cloned().unwrap_or_default();
    assert_eq!((choices.len(), length(&choices[0]["name"]), &choices[0]["value"]), (25, 100, &json!("1")));
}
