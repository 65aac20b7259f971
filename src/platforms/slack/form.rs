//! Forms as Slack modals, and their submissions back to values. Pure.
//!
//! It opens nothing. Invariant: a field's key is its block's and its input's id, so that an error finds its field.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{Field, FieldKind, Form, Message};

use super::render::{self, cut, plain};
use super::wire::Action;

/// Longest title, submit and close texts of a modal, in characters (Block Kit).
const TITLE_MOST: usize = 24;
/// Longest label and hint of an input, in characters (Block Kit).
const LABEL_MOST: usize = 2_000;
/// Longest input, in characters (Block Kit).
const INPUT_MOST: u16 = 3_000;
/// Most options of a menu (Block Kit).
const OPTIONS_MOST: usize = 100;
/// Longest option text, in characters (Block Kit).
const OPTION_MOST: usize = 75;
/// Longest option value, in characters (Block Kit).
const VALUE_MOST: usize = 150;
/// What begins the `callback_id` of our forms.
const OURS: &str = "seqn-form";

/// The modal of a form that was asked for in that channel and thread (empty where there is none).
pub(super) fn modal(form: &Form, channel: &str, thread: &str) -> Value {
    json!({
        "type": "modal",
        "callback_id": format!("{OURS}:{channel}:{thread}"),
        "private_metadata": form.token,
        "title": plain(&cut(&form.title, TITLE_MOST)),
        "submit": plain("Continue"),
        "close": plain("Cancel"),
        "blocks": form.fields.iter().map(input).collect::<Vec<_>>(),
    })
}

/// A modal that shows a message, in the place of a submitted form.
pub(super) fn shown(message: &Message) -> Value {
    let title = if message.title.is_empty() { "SEQN" } else { &message.title };
    json!({
        "type": "modal",
        "title": plain(&cut(title, TITLE_MOST)),
        "close": plain("Close"),
        "blocks": render::message(message).blocks,
    })
}

/// The channel and the thread where a form of ours was asked for.
pub(super) fn came_from(callback_id: &str) -> (&str, &str) {
    let mut parts = callback_id.splitn(3, ':');
    if parts.next() != Some(OURS) {
        return ("", "");
    }
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// What was filled in, field by field; an empty field is left out.
pub(super) fn values(state: &BTreeMap<String, BTreeMap<String, Action>>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (block, inputs) in state {
        let Some(input) = inputs.get(block).or_else(|| inputs.values().next()) else { continue };
        let picked = input.selected_option.as_ref().map(|option| option.value.word());
        let value = picked.unwrap_or_else(|| input.value.word());
        if !value.is_empty() {
            found.push((block.clone(), value.to_owned()));
        }
    }
    found
}

fn input(field: &Field) -> Value {
    let mut block = json!({
        "type": "input",
        "block_id": field.key,
        "optional": !field.required,
        "label": plain(&cut(&field.label, LABEL_MOST)),
        "element": element(field),
    });
    if !field.help.is_empty() {
        block["hint"] = plain(&cut(&field.help, LABEL_MOST));
    }
    block
}

fn element(field: &Field) -> Value {
    let initial = field.initial.as_deref().filter(|text| !text.is_empty());
    match &field.kind {
        FieldKind::Line { max } => text_input(field, *max, false, initial),
        FieldKind::Paragraph { max } => text_input(field, *max, true, initial),
        FieldKind::Choice { choices } => {
            let fits = |value: &str| !value.is_empty() && value.chars().count() <= VALUE_MOST;
            let options: Vec<Value> = choices
                .iter()
                .filter(|(value, _)| fits(value))
                .take(OPTIONS_MOST)
                .map(|(value, label)| json!({"text": plain(&cut(label, OPTION_MOST)), "value": value}))
                .collect();
            let first = initial.and_then(|wanted| options.iter().find(|option| option["value"] == wanted)).cloned();
            let mut element = json!({"type": "static_select", "action_id": field.key, "options": options});
            if let Some(first) = first {
                element["initial_option"] = first;
            }
            element
        }
    }
}

fn text_input(field: &Field, max: u16, multiline: bool, initial: Option<&str>) -> Value {
    let most = max.clamp(1, INPUT_MOST);
    let mut element =
        json!({"type": "plain_text_input", "action_id": field.key, "multiline": multiline, "max_length": most});
    if let Some(text) = initial {
        element["initial_value"] = json!(text.chars().take(usize::from(most)).collect::<String>());
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, kind: FieldKind, initial: Option<&str>) -> Field {
        Field {
            key: key.into(),
            label: "What <it> is".into(),
            help: "Help".into(),
            required: key == "org",
            initial: initial.map(Into::into),
            kind,
        }
    }

    fn form() -> Form {
        let choices = vec![("latest".into(), "The latest".into()), ("all".into(), "All".into())];
        Form {
            token: "rq-1".into(),
            title: "Revoke the sessions of somebody".into(),
            fields: vec![
                field("org", FieldKind::Line { max: 63 }, Some("acme")),
                field("reason", FieldKind::Paragraph { max: 60_000 }, None),
                field("session", FieldKind::Choice { choices }, Some("all")),
            ],
        }
    }

    #[test]
    fn a_form_is_a_valid_modal() {
        let view = modal(&form(), "C1", "17.1");
        slackblocks::ModalView::try_from(view.clone()).expect("a modal that Slack takes");
        assert_eq!(view["private_metadata"], "rq-1");
        assert_eq!(came_from(view["callback_id"].as_str().expect("an id")), ("C1", "17.1"));
        assert_eq!(view["blocks"][0]["element"]["initial_value"], "acme");
        assert_eq!(view["blocks"][0]["label"]["text"], "What &lt;it&gt; is");
        assert_eq!(view["blocks"][1]["element"]["max_length"], 3_000);
        assert_eq!(view["blocks"][2]["element"]["initial_option"]["value"], "all");
    }

    #[test]
    fn a_submission_gives_the_fields_back() {
        let state = json!({
            "org": {"org": {"type": "plain_text_input", "value": "acme"}},
            "reason": {"reason": {"type": "plain_text_input", "value": null}},
            "session": {"session": {"type": "static_select", "selected_option": {"value": "all"}}},
        });
        let state = serde_json::from_value(state).expect("a state");
        let expected = [("org".to_owned(), "acme".to_owned()), ("session".to_owned(), "all".to_owned())];
        assert_eq!(values(&state), expected);
        assert_eq!(came_from("somebody-elses:C1:1"), ("", ""));
    }

    #[test]
    fn a_message_is_shown_in_a_valid_modal() {
        let message = Message::titled(crate::model::Tone::Good, "It is done, and it was a lot").text("Twice.");
        slackblocks::ModalView::try_from(shown(&message)).expect("a modal that Slack takes");
    }
}
