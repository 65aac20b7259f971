//! The judge of what the bot sends to Slack: Block Kit by somebody else's hand, and what that one overlooks.
//!
//! It reads what an emulator recorded and sends nothing. Invariants: a call that it does not know is a finding, and
//! each of its checks is shown a body that it must refuse.

use std::collections::BTreeSet;

use seqn_chatops::sandbox::slack::SlackSim;
use serde_json::{Value, json};
use slackblocks::{MessagePayload, MessageResponse, ModalView, WebhookMessage};

/// Characters of all blocks together, as JSON: Slack documents no limit and refuses above about that many.
const ALL_BLOCKS: usize = 13_200;
/// Characters of the text beside the blocks that Slack advises as the most.
const TEXT: usize = 4_000;
/// Calls without anything to see, by their beginning.
const READING: [&str; 7] =
    ["files.info", "auth.test", "apps.connections.open", "conversations.", "users.", "team.", "api.test"];
const MESSAGE: &str = "channel text blocks attachments thread_ts reply_broadcast mrkdwn parse link_names unfurl_links \
    unfurl_media metadata";
const EPHEMERAL: &str = "channel user text blocks attachments thread_ts parse link_names";
const UPDATE: &str = "channel ts text blocks attachments metadata parse link_names reply_broadcast";
const ANSWER: &str = "text blocks attachments response_type replace_original delete_original thread_ts mrkdwn \
    unfurl_links unfurl_media metadata";
const VIEW: &str = "type title blocks close submit private_metadata callback_id clear_on_close notify_on_close \
    external_id submit_disabled";
/// The fields that Slack documents, by the type of an object.
const FIELDS: [(&str, &str); 17] = [
    ("header", "type text block_id"),
    ("section", "type text fields accessory expand block_id"),
    ("context", "type elements block_id"),
    ("actions", "type elements block_id"),
    ("divider", "type block_id"),
    ("input", "type label element hint optional dispatch_action block_id"),
    ("rich_text", "type elements block_id"),
    ("rich_text_section", "type elements"),
    ("rich_text_preformatted", "type elements border language"),
    ("rich_text_list", "type elements style indent offset border"),
    ("text", "type text style"),
    ("link", "type url text unsafe style"),
    ("plain_text", "type text emoji"),
    ("mrkdwn", "type text verbatim"),
    ("button", "type text action_id value url style confirm accessibility_label"),
    ("static_select", "type action_id options option_groups initial_option placeholder confirm focus_on_load"),
    (
        "plain_text_input",
        "type action_id initial_value multiline min_length max_length placeholder focus_on_load dispatch_action_config",
    ),
];
/// The same of objects without a type, by the name under which they stand.
const UNTYPED: [(&str, &str); 4] = [
    ("options", "text value description url"),
    ("initial_option", "text value description url"),
    ("style", "bold italic strike code"),
    ("confirm", "title text confirm deny style"),
];
/// What people press, pick or fill.
const INTERACTIVE: [&str; 3] = ["button", "static_select", "plain_text_input"];

/// Judges all that the bot sent to that workspace: how many bodies had something to see, and everything wrong.
pub fn judge(slack: &SlackSim) -> (usize, Vec<String>) {
    let (mut seen, mut wrong) = (0, Vec::new());
    let acks = slack.everything_sent_by_bot().into_iter().filter(|body| body.contains("\"envelope_id\""));
    for (method, body) in slack.requests().into_iter().chain(acks.map(|body| ("ack".to_owned(), body))) {
        if READING.iter().any(|beginning| method.starts_with(beginning)) {
            continue;
        }
        let found = match serde_json::from_str(&body) {
            Ok(value) => verdict(&method, &value),
            Err(_) => Some(vec!["it is no JSON".to_owned()]),
        };
        seen += usize::from(found.is_some());
        wrong.extend(found.into_iter().flatten().map(|why| format!("{method}: {why}\n  {body}")));
    }
    (seen, wrong)
}

/// What is wrong with one body; `None` where it has nothing to see.
fn verdict(method: &str, body: &Value) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let whole = body.clone();
    match method {
        "chat.postMessage" => shape(&mut found, body, MESSAGE, MessagePayload::try_from(whole)),
        "chat.postEphemeral" => shape(&mut found, body, EPHEMERAL, MessagePayload::try_from(whole)),
        "chat.update" => shape(&mut found, body, UPDATE, MessagePayload::try_from(whole)),
        "hooks" => shape(&mut found, body, ANSWER, WebhookMessage::try_from(whole)),
        "views.open" | "views.update" | "views.push" => {
            fields(&mut found, body, "trigger_id view view_id hash", method);
            shape(&mut found, &body["view"], VIEW, ModalView::try_from(body["view"].clone()));
            blocks(&mut found, &body["view"]["blocks"], false);
            return Some(found);
        }
        "ack" => {
            fields(&mut found, body, "envelope_id payload", method);
            let payload = &body["payload"];
            if payload.is_null() {
                return None;
            }
            if payload["response_action"].is_string() {
                fields(&mut found, payload, "response_action view errors", "payload");
                let view = &payload["view"];
                if !view.is_null() {
                    shape(&mut found, view, VIEW, ModalView::try_from(view.clone()));
                    blocks(&mut found, &view["blocks"], false);
                }
                return Some(found);
            }
            shape(&mut found, payload, ANSWER, MessageResponse::try_from(payload.clone()));
            message(&mut found, payload);
            return Some(found);
        }
        "chat.delete" => {
            fields(&mut found, body, "channel ts", method);
            return Some(found);
        }
        "files.delete" => {
            fields(&mut found, body, "file", method);
            return Some(found);
        }
        _ => found.push("nobody here knows this call".to_owned()),
    }
    message(&mut found, body);
    Some(found)
}

fn shape<T>(found: &mut Vec<String>, body: &Value, known: &str, read: Result<T, slackblocks::ValidationError>) {
    fields(found, body, known, "the body");
    if let Err(error) = read {
        found.push(format!("{}: {} ({})", error.path(), error.message(), error.category()));
    }
}

fn message(found: &mut Vec<String>, body: &Value) {
    let text = body["text"].as_str().unwrap_or_default();
    if text.trim().is_empty() {
        found.push("there is no text for notifications".to_owned());
    }
    if text.chars().count() > TEXT {
        found.push("the text is longer than Slack advises".to_owned());
    }
    blocks(found, &body["blocks"], true);
}

fn blocks(found: &mut Vec<String>, blocks: &Value, of_message: bool) {
    if blocks.to_string().chars().count() > ALL_BLOCKS {
        found.push("all blocks together are too long".to_owned());
    }
    let (mut block_ids, mut action_ids) = (BTreeSet::new(), BTreeSet::new());
    for (at, block) in blocks.as_array().into_iter().flatten().enumerate() {
        let place = format!("block {at}");
        if let Some(id) = block["block_id"].as_str()
            && !block_ids.insert(id)
        {
            found.push(format!("{place}: the block_id {id} is there twice"));
        }
        let mut here = Vec::new();
        walk(found, block, "blocks", &place, &mut here);
        for id in here {
            // In a form the ids of two blocks may be the same; in a message they may not.
            let key = if of_message { id.clone() } else { format!("{at}|{id}") };
            if !action_ids.insert(key) {
                found.push(format!("{place}: the action_id {id} is there twice"));
            }
        }
    }
}

/// Looks at every object inside: its fields, and its action ids.
fn walk(found: &mut Vec<String>, value: &Value, under: &str, place: &str, ids: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            for (at, inner) in list.iter().enumerate() {
                walk(found, inner, under, &format!("{place}/{at}"), ids);
            }
        }
        Value::Object(object) => {
            let kind = object.get("type").and_then(Value::as_str);
            let known = match kind {
                Some(kind) => FIELDS.iter().find(|(name, _)| *name == kind),
                None => UNTYPED.iter().find(|(name, _)| *name == under),
            };
            match known {
                Some((_, known)) => fields(found, value, known, place),
                None => found.push(format!("{place}: nobody here knows {}", kind.unwrap_or(under))),
            }
            if let Some(id) = object.get("action_id").and_then(Value::as_str) {
                ids.push(id.to_owned());
            } else if kind.is_some_and(|kind| INTERACTIVE.contains(&kind)) {
                found.push(format!("{place}: it has no action_id"));
            }
            for (name, inner) in object {
                walk(found, inner, name, &format!("{place}/{name}"), ids);
            }
        }
        _ => {}
    }
}

fn fields(found: &mut Vec<String>, value: &Value, known: &str, place: &str) {
    let names = value.as_object().into_iter().flat_map(|object| object.keys());
    let strange = names.filter(|name| !known.split_whitespace().any(|k| k == name.as_str()));
    found.extend(strange.map(|name| format!("{place}: Slack documents no `{name}` here")));
}

fn sound() -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "emoji": false, "text": text});
    let button = |id: &str| json!({"type": "button", "action_id": id, "value": "v", "text": plain("Do it")});
    json!({"channel": "C1", "text": "Done", "mrkdwn": false, "blocks": [
        {"type": "header", "block_id": "b0", "text": plain("Done")},
        {"type": "section", "block_id": "b1", "text": plain("It is done.")},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": "so ", "style": {"bold": true}}, {"type": "link", "url": "https://a.example", "text": "a"}]}]},
        {"type": "actions", "elements": [button("0|x"), button("1|x"), {"type": "static_select", "action_id": "2|x",
            "placeholder": plain("Which"), "options": [{"text": plain("One"), "value": "1"}]}]},
    ]})
}

fn form() -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let input = |id: &str| {
        json!({"type": "input", "block_id": id, "label": plain("Which"),
        "element": {"type": "plain_text_input", "action_id": "same", "max_length": 60}})
    };
    json!({"trigger_id": "1.2.3", "view": {"type": "modal", "title": plain("Title"), "submit": plain("Go"),
        "blocks": [input("org"), input("user")]}})
}

#[test]
fn a_sound_body_passes() {
    assert_eq!(verdict("chat.postMessage", &sound()), Some(vec![]));
    assert_eq!(verdict("views.open", &form()), Some(vec![]));
    assert_eq!(verdict("ack", &json!({"envelope_id": "e-1"})), None);
    let mut answer = sound();
    answer.as_object_mut().unwrap().remove("channel");
    assert_eq!(verdict("hooks", &answer), Some(vec![]));
    assert_eq!(verdict("ack", &json!({"envelope_id": "e", "payload": answer})), Some(vec![]));
}

#[test]
fn the_judge_is_not_blind() {
    let long = |n: usize| Value::from("x".repeat(n));
    let blocks = |n: usize| Value::from(vec![json!({"type": "divider"}); n]);
    let sections = vec![json!({"type": "section", "text": {"type": "plain_text", "text": "x".repeat(2_900)}}); 5];
    for (at, value) in [
        ("/text", json!("")),
        ("/text", long(4_001)),
        ("/mrkdwn", json!("no")),
        ("/blocks", blocks(51)),
        ("/blocks", Value::from(sections)),
        ("/blocks/0/text/text", long(151)),
        ("/blocks/0/text/text", json!("")),
        ("/blocks/0/text/type", json!("mrkdwn")),
        ("/blocks/0/type", json!("heading")),
        ("/blocks/1/block_id", json!("b0")),
        ("/blocks/1/block_id", long(256)),
        ("/blocks/1/text/text", long(3_001)),
        ("/blocks/1/text", json!({"type": "plain_text", "text": "a", "verbatim": true})),
        ("/blocks/2/elements/0/elements/0", json!({"type": "text", "text": "a", "bold": true})),
        ("/blocks/2/elements/0/elements/0/style", json!({"big": true})),
        ("/blocks/3/elements/0/text/text", long(76)),
        ("/blocks/3/elements/0/value", long(2_001)),
        ("/blocks/3/elements/0/action_id", json!("1|x")),
        ("/blocks/3/elements/0/action_id", Value::Null),
        ("/blocks/3/elements/0", json!({"type": "button", "action_id": "0|x", "style": "warning"})),
        ("/blocks/3/elements/2/options", json!([])),
        ("/blocks/3/elements/2/options/0/value", long(151)),
        ("/blocks/3/elements/2/options/0", json!({"text": {"type": "plain_text", "text": "a"}, "value": "1", "id": 1})),
    ] {
        let mut bad = sound();
        *bad.pointer_mut(at).unwrap() = value;
        assert!(verdict("chat.postMessage", &bad).is_some_and(|found| !found.is_empty()), "{at} is let pass: {bad}");
    }
    for (at, value) in [
        ("/view/title/text", long(25)),
        ("/view/submit", Value::Null),
        ("/view/type", json!("modale")),
        ("/view/blocks", blocks(101)),
        ("/view/blocks/1/block_id", json!("org")),
        ("/view/blocks/0/element/action_id", Value::Null),
        ("/view/blocks/0/element/max_length", json!(3_001)),
        ("/view/blocks/0/label", Value::Null),
    ] {
        let mut bad = form();
        *bad.pointer_mut(at).unwrap() = value;
        assert!(verdict("views.open", &bad).is_some_and(|found| !found.is_empty()), "{at} is let pass: {bad}");
    }
    let mut strange = sound();
    strange["channels"] = json!("C1");
    for (method, body) in [("chat.postMessage", &strange), ("hooks", &sound()), ("chat.scheduleMessage", &sound())] {
        assert!(verdict(method, body).is_some_and(|found| !found.is_empty()), "{method} is let pass");
    }
}
