//! What Slack checks of Block Kit before it takes a message or a modal, and the ids that it adds.
//!
//! It checks lengths, counts and doubled ids, not every field. Invariant: what passes here has a
//! `block_id` on every block and an `action_id` on every element after `fill_ids`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::state::State;

/// Blocks of a message.
const MESSAGE_BLOCKS: usize = 50;
/// Blocks of a modal.
const VIEW_BLOCKS: usize = 100;
/// Characters of all texts of a message's blocks together: found by others, not documented.
const ALL_TEXT: usize = 13_200;
/// Characters of a modal's title and of its two buttons.
const VIEW_TITLE: usize = 24;
/// Characters of `private_metadata`.
const PRIVATE_METADATA: usize = 3_000;
/// Characters of an `action_id`, `block_id` or `callback_id`.
const ID: usize = 255;
/// Characters of a link button's url.
const URL: usize = 3_000;
/// Characters of a section's text.
const SECTION_TEXT: usize = 3_000;
/// Fields of a section.
const FIELDS: usize = 10;
/// Characters of one field.
const FIELD_TEXT: usize = 2_000;
/// Characters of a header.
const HEADER_TEXT: usize = 150;
/// Elements of an actions block.
const ACTIONS: usize = 25;
/// Elements of a context block.
const CONTEXT: usize = 10;
/// Characters of an input's label.
const INPUT_LABEL: usize = 2_000;
/// Characters of a markdown block.
const MARKDOWN_TEXT: usize = 12_000;
/// Characters of a button's text.
const BUTTON_TEXT: usize = 75;
/// Characters of a button's value.
const BUTTON_VALUE: usize = 2_000;
/// Characters of a confirmation's title.
const CONFIRM_TITLE: usize = 100;
/// Characters of a confirmation's text.
const CONFIRM_TEXT: usize = 300;
/// Characters of a confirmation's buttons.
const CONFIRM_BUTTON: usize = 30;
/// Characters of a placeholder.
const PLACEHOLDER: usize = 150;
/// Characters of an option's text.
const OPTION_TEXT: usize = 75;
/// Characters of an option's value.
const OPTION_VALUE: usize = 150;
/// Options of a menu.
const OPTIONS: usize = 100;
/// Block types that Slack knows.
const KNOWN: [&str; 14] = [
    "actions",
    "context",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "markdown",
    "rich_text",
    "section",
    "table",
    "video",
    "context_actions",
    "call",
];

/// Everything that Slack would find wrong with a message's blocks; empty when it takes them.
pub(super) fn check_message(blocks: &Value) -> Vec<String> {
    let mut found = Findings::default();
    found.blocks(blocks, MESSAGE_BLOCKS);
    let mut seen = HashSet::new();
    for (_, action) in ids(blocks) {
        if !seen.insert(action.clone()) {
            found.add(&format!("`action_id` \"{action}\" already exists"), "/blocks");
        }
    }
    found.0
}

/// True when all texts of the blocks together are too long.
pub(super) fn too_long(blocks: &Value) -> bool {
    all_text(blocks) > ALL_TEXT
}

fn all_text(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(all_text).sum(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) if key == "text" => text.chars().count(),
                other => all_text(other),
            })
            .sum(),
        _ => 0,
    }
}

/// Everything that Slack would find wrong with a modal; empty when it takes it.
pub(super) fn check_view(view: &Map<String, Value>) -> Vec<String> {
    let mut found = Findings::default();
    let blocks = view.get("blocks").unwrap_or(&Value::Null);
    if view.get("type").and_then(Value::as_str) != Some("modal") {
        found.add("unsupported type", "/view/type");
    }
    if !view.contains_key("title") {
        found.add("missing required field: title", "/view");
    }
    for key in ["title", "submit", "close"] {
        if let Some(text) = view.get(key).filter(|v| !v.is_null()) {
            found.text(text, VIEW_TITLE, Some("plain_text"), &format!("/view/{key}"));
        }
    }
    found.string(view.get("private_metadata"), PRIVATE_METADATA, "/view/private_metadata");
    found.string(view.get("callback_id"), ID, "/view/callback_id");
    found.blocks(blocks, VIEW_BLOCKS);
    let mut seen = HashSet::new();
    for (block, action) in ids(blocks) {
        if !seen.insert((block, action.clone())) {
            found.add(&format!("`action_id` \"{action}\" already exists"), "/view/blocks");
        }
    }
    let inputs = blocks.as_array().is_some_and(|list| list.iter().any(|b| b["type"] == "input"));
    if inputs && view.get("submit").is_none_or(Value::is_null) {
        found.add("`submit` is required when an input block is within blocks", "/view");
    }
    found.0
}

fn ids(blocks: &Value) -> Vec<(usize, String)> {
    let list = blocks.as_array().map(Vec::as_slice).unwrap_or_default();
    let elements = list.iter().enumerate().flat_map(|(at, block)| elements(block).into_iter().map(move |e| (at, e)));
    elements.filter_map(|(at, e)| Some((at, e["action_id"].as_str()?.to_owned()))).collect()
}

/// The interactive elements of a block.
pub(super) fn elements(block: &Value) -> Vec<&Value> {
    let candidates: Vec<&Value> = match block["type"].as_str() {
        Some("actions" | "context_actions") => {
            block["elements"].as_array().map(|l| l.iter().collect()).unwrap_or_default()
        }
        Some("section") => vec![&block["accessory"]],
        Some("input") => vec![&block["element"]],
        _ => Vec::new(),
    };
    candidates.into_iter().filter(|e| e.is_object() && e["type"] != "image").collect()
}

/// Gives every block and every element the ids that the sender left out.
pub(super) fn fill_ids(state: &mut State, blocks: &mut Value) {
    for block in blocks.as_array_mut().into_iter().flatten() {
        if block.is_object() && !block["block_id"].is_string() {
            block["block_id"] = json!(state.id("b"));
        }
        let places: Vec<&mut Value> = match block["type"].as_str() {
            Some("actions" | "context_actions") => {
                block["elements"].as_array_mut().map(|l| l.iter_mut().collect()).unwrap_or_default()
            }
            Some("section") => block.get_mut("accessory").into_iter().collect(),
            Some("input") => block.get_mut("element").into_iter().collect(),
            _ => Vec::new(),
        };
        for element in places {
            if element.is_object() && element["type"] != "image" && !element["action_id"].is_string() {
                element["action_id"] = json!(state.id("a"));
            }
        }
    }
}

#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, what: &str, place: &str) {
        self.0.push(format!("[ERROR] {what} [json-pointer:{place}]"));
    }

    fn string(&mut self, value: Option<&Value>, most: usize, place: &str) {
        if let Some(text) = value.and_then(Value::as_str)
            && text.chars().count() > most
        {
            self.add(&format!("must be no more than {most} characters"), place);
        }
    }

    fn count(&mut self, list: &Value, most: usize, place: &str) {
        match list.as_array().map(Vec::len) {
            None => self.add("must provide an array", place),
            Some(0) => self.add("no fewer than 1 items allowed", place),
            Some(n) if n > most => self.add(&format!("no more than {most} items allowed"), place),
            Some(_) => {}
        }
    }

    fn text(&mut self, text: &Value, most: usize, kind: Option<&str>, place: &str) {
        let has = text["type"].as_str().unwrap_or_default();
        if kind.is_some_and(|kind| kind != has) || !matches!(has, "plain_text" | "mrkdwn") {
            self.add(&format!("unsupported type: {has}"), place);
        }
        match text["text"].as_str() {
            None | Some("") => self.add("must be more than 0 characters", place),
            words => self.string(words.map(|w| json!(w)).as_ref(), most, place),
        }
    }

    fn blocks(&mut self, blocks: &Value, most: usize) {
        let Some(list) = blocks.as_array() else {
            return self.add("must provide an array", "/blocks");
        };
        if list.len() > most {
            self.add(&format!("no more than {most} items allowed"), "/blocks");
        }
        let mut seen = HashSet::new();
        for (at, block) in list.iter().enumerate() {
            let place = format!("/blocks/{at}");
            if let Some(id) = block["block_id"].as_str()
                && !seen.insert(id)
            {
                self.add(&format!("`block_id` \"{id}\" already exists"), &place);
            }
            self.string(block.get("block_id"), ID, &place);
            self.block(block, &place);
        }
    }

    fn block(&mut self, block: &Value, place: &str) {
        let kind = block["type"].as_str().unwrap_or_default();
        if !KNOWN.contains(&kind) {
            self.add(&format!("unsupported type: {kind}"), place);
        }
        match kind {
            "section" => {
                if block.get("text").is_none() && block.get("fields").is_none() {
                    self.add("missing required field: text or fields", place);
                }
                if let Some(text) = block.get("text") {
                    self.text(text, SECTION_TEXT, None, &format!("{place}/text"));
                }
                if let Some(fields) = block.get("fields") {
                    self.count(fields, FIELDS, &format!("{place}/fields"));
                    for field in fields.as_array().into_iter().flatten() {
                        self.text(field, FIELD_TEXT, None, &format!("{place}/fields"));
                    }
                }
            }
            "header" => self.text(&block["text"], HEADER_TEXT, Some("plain_text"), &format!("{place}/text")),
            "actions" => self.count(&block["elements"], ACTIONS, &format!("{place}/elements")),
            "context" => self.count(&block["elements"], CONTEXT, &format!("{place}/elements")),
            "input" => {
                self.text(&block["label"], INPUT_LABEL, Some("plain_text"), &format!("{place}/label"));
                if !block["element"].is_object() {
                    self.add("missing required field: element", place);
                }
            }
            "markdown" => self.string(block.get("text"), MARKDOWN_TEXT, &format!("{place}/text")),
            _ => {}
        }
        for element in elements(block) {
            self.element(element, &format!("{place}/element"));
        }
    }

    fn element(&mut self, element: &Value, place: &str) {
        self.string(element.get("action_id"), ID, place);
        if element["type"] == "button" {
            self.text(&element["text"], BUTTON_TEXT, Some("plain_text"), &format!("{place}/text"));
            self.string(element.get("value"), BUTTON_VALUE, &format!("{place}/value"));
            self.string(element.get("url"), URL, &format!("{place}/url"));
            if element.get("style").is_some_and(|s| s != "primary" && s != "danger") {
                self.add("unsupported style", place);
            }
        }
        if let Some(confirm) = element.get("confirm") {
            self.text(&confirm["title"], CONFIRM_TITLE, Some("plain_text"), &format!("{place}/confirm/title"));
            self.text(&confirm["text"], CONFIRM_TEXT, None, &format!("{place}/confirm/text"));
            for key in ["confirm", "deny"] {
                if let Some(text) = confirm.get(key) {
                    self.text(text, CONFIRM_BUTTON, Some("plain_text"), &format!("{place}/confirm/{key}"));
                }
            }
        }
        if let Some(placeholder) = element.get("placeholder") {
            self.text(placeholder, PLACEHOLDER, Some("plain_text"), &format!("{place}/placeholder"));
        }
        if let Some(options) = element.get("options") {
            self.count(options, OPTIONS, &format!("{place}/options"));
            for option in options.as_array().into_iter().flatten() {
                self.text(&option["text"], OPTION_TEXT, None, &format!("{place}/options"));
                self.string(option.get("value"), OPTION_VALUE, &format!("{place}/options"));
                if !option["value"].is_string() {
                    self.add("missing required field: value", &format!("{place}/options"));
                }
            }
        }
    }
}
