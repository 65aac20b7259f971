//! Messages in Block Kit: within every limit, with nobody's markup.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::model::{Block, Choice, Control, Message, Millis, Press, Style, Tone, Verb};

use super::super::render::{Rendered, cut, message};

fn press(verb: Verb) -> Press {
    Press { verb, request: "rq-1".parse().expect("an id"), revision: 1 }
}

fn button(label: &str, style: Style, verb: Verb) -> Control {
    Control::Button { label: label.into(), style, press: press(verb) }
}

fn full() -> Message {
    let choice = |n: usize| Choice { value: format!("ses_{n}"), label: "L".repeat(100), detail: "<d>".into() };
    Message::titled(Tone::Caution, "End a <session>")
        .text("Says *this* & <!channel> @here :fire:")
        .with(Block::Fields(vec![("Org".into(), "acme_labs_".into()), ("User".into(), "j•••@acme.example".into())]))
        .with(Block::Items { heading: "Steps".into(), items: vec!["one".into(), "<two>".into()] })
        .with(Block::Code("kubectl `get` <pods>".into()))
        .with(Block::Link { label: "Console | <x>".into(), url: "https://console.example/a?b=1&c=2".into() })
        .with(Block::Link { label: "Bad".into(), url: "javascript:alert(1)".into() })
        .with(Block::Note("Small & print".into()))
        .control(button("Confirm", Style::Danger, Verb::Confirm))
        .control(button("Confirm", Style::Primary, Verb::Confirm))
        .control(Control::Menu {
            label: "Which?".into(),
            press: press(Verb::Choose),
            choices: (0..40).map(choice).collect(),
        })
        .reference("rq-1")
}

fn check(rendered: &Rendered) {
    let payload = json!({"channel": "C1", "text": rendered.text, "blocks": rendered.blocks});
    slackblocks::MessagePayload::try_from(payload).expect("a message that Slack takes");
    let total: usize = rendered.blocks.iter().map(|b| b.to_string().chars().count()).sum();
    assert!(total <= 12_000 && rendered.blocks.len() <= 50, "{total} characters, {} blocks", rendered.blocks.len());
    let ids: Vec<&Value> = rendered
        .blocks
        .iter()
        .filter_map(|b| b["elements"].as_array())
        .flatten()
        .filter_map(|e| e.get("action_id"))
        .collect();
    assert_eq!(ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(), ids.len(), "unique action ids");
}

#[test]
fn everything_is_valid_and_literal() {
    let rendered = message(&full());
    check(&rendered);
    let all = json!(rendered.blocks).to_string();
    assert!(!all.contains("mrkdwn"), "nothing is markup");
    assert!(all.contains("&lt;!channel&gt;") && rendered.text.contains("&lt;!channel&gt;"));
    assert!(!rendered.text.contains("<!channel>"));
    assert_eq!(rendered.blocks[0]["text"]["text"], "⚠️ End a &lt;session&gt;");
    assert!(all.contains("Ref rq-1"));
    assert!(!all.contains(r#""url":"javascript"#));
    let actions = rendered.blocks.iter().find(|b| b["type"] == "actions").expect("controls");
    assert_eq!(actions["elements"][0]["value"], "confirm:rq-1:1");
    assert_eq!(actions["elements"][2]["options"].as_array().map(Vec::len), Some(25));
}

#[test]
fn too_much_is_cut_and_announced_and_controls_stay() {
    let many = (0..200).fold(full(), |m, n| m.text(format!("Paragraph {n}")));
    let long = full().text("<&>".repeat(20_000)).text("never seen");
    let items = (0..5_000).map(|n| format!("item <{n}>")).collect();
    let listed = full().with(Block::Items { heading: "All".into(), items });
    let coded = full().with(Block::Code("x\n\"\\".repeat(9_000)));
    for big in [many, long, listed, coded] {
        let rendered = message(&big);
        check(&rendered);
        let all = json!(rendered.blocks).to_string();
        assert!(all.contains("does not fit") && all.contains("Ref rq-1") && all.contains("confirm:rq-1:1"));
    }
}

#[test]
fn oddities_stay_valid() {
    let cases = [
        Message::default(),
        Message::titled(Tone::Plain, "t".repeat(400)),
        Message::titled(Tone::Bad, "").text("").with(Block::Fields(Vec::new())).with(Block::Code(String::new())),
        Message::titled(Tone::Good, "two\nlines").with(Block::Fields(vec![("Empty".into(), String::new())])),
        Message::titled(Tone::Good, "x").control(button(&"&".repeat(200), Style::Plain, Verb::Done)),
        Message::titled(Tone::Good, "x").control(Control::Menu {
            label: String::new(),
            press: press(Verb::Choose),
            choices: vec![Choice { value: "v".repeat(200), label: "too long to come back".into(), detail: "".into() }],
        }),
    ];
    for case in cases {
        let rendered = message(&case);
        if rendered.blocks.is_empty() {
            assert!(!rendered.text.is_empty());
        } else {
            check(&rendered);
        }
    }
}

#[test]
fn a_moment_is_in_utc_and_in_the_readers_own_time() {
    let at = Millis(1_793_612_100_900);
    let moment = Block::Moment { label: "Next <update>\n".repeat(400), at };
    let rendered = message(&Message::titled(Tone::Plain, "x").with(moment));
    check(&rendered);
    let rendered = message(&Message::titled(Tone::Plain, "x").with(Block::Moment { label: "Next <!here>".into(), at }));
    check(&rendered);
    let fields = &rendered.blocks[1]["fields"];
    assert_eq!(fields[0]["text"], "Next &lt;!here&gt;: 2026-11-02 09:35 UTC");
    let own = "<!date^1793612100^{date_short_pretty} at {time} your time|2026-11-02 09:35 UTC>";
    assert_eq!(fields[1], json!({"type": "mrkdwn", "text": own}), "nobody's words are in the markup");
    assert!(rendered.text.contains("Next &lt;!here&gt;: 2026-11-02 09:35 UTC"), "for whoever only gets a notification");
}

#[test]
fn nothing_turns_the_reading_direction() {
    let rendered = message(&Message::titled(Tone::Plain, "a\u{202e}b\u{7}").text("c\u{2066}d"));
    let all = json!(rendered).to_string();
    assert!(!all.contains('\u{202e}') && !all.contains('\u{2066}') && !all.contains("\\u0007"));
}

#[test]
fn a_cut_counts_as_slack_does() {
    assert_eq!(cut("abcdef", 6), "abcdef");
    assert_eq!(cut("abcdefg", 6), "abcde…");
    assert_eq!(cut("<<<<", 10), "<<…");
}

impl serde::Serialize for Rendered {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"text": self.text, "blocks": self.blocks}).serialize(serializer)
    }
}
