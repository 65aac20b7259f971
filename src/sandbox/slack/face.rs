//! What is on the screens, in plain text: things become `Shown`.
//!
//! Read only. Invariant: a person is shown only what Slack would show to that person.

use serde_json::Value;

use super::blocks::elements;
use super::state::{Post, State, Thing, View, dm_owner, stage_name};
use super::text::{readable, unescape};
use crate::sandbox::stage::{Audience, Shown, ShownKind};

/// One interactive element and the block that it is in.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub block: Value,
    pub element: Value,
}

impl Part {
    /// The block's id.
    pub fn block_id(&self) -> &str {
        self.block["block_id"].as_str().unwrap_or_default()
    }

    /// The element's id.
    pub fn action_id(&self) -> &str {
        self.element["action_id"].as_str().unwrap_or_default()
    }

    /// The element's type on the wire.
    pub fn kind(&self) -> &str {
        self.element["type"].as_str().unwrap_or_default()
    }

    /// True for a field of a form.
    pub fn is_input(&self) -> bool {
        self.block["type"] == "input"
    }

    /// A button that sends something; link buttons only open a page.
    pub fn is_button(&self) -> bool {
        self.kind() == "button" && self.element.get("url").is_none()
    }

    /// What a button says.
    pub fn label(&self) -> String {
        words(&self.element["text"])
    }

    /// The options of a menu, from groups too.
    pub fn options(&self) -> Vec<&Value> {
        let groups = self.element["option_groups"].as_array().into_iter().flatten();
        let lists = std::iter::once(&self.element["options"]).chain(groups.map(|g| &g["options"]));
        lists.filter_map(Value::as_array).flatten().collect()
    }
}

/// All interactive elements, top to bottom.
pub(super) fn parts(blocks: &Value) -> Vec<Part> {
    let list = blocks.as_array().into_iter().flatten();
    list.flat_map(|block| {
        elements(block).into_iter().map(|element| Part { block: block.clone(), element: element.clone() })
    })
    .collect()
}

/// What a person reads of a text object.
pub(super) fn words(text: &Value) -> String {
    let raw = text["text"].as_str().unwrap_or_default();
    if text["type"] == "mrkdwn" { readable(raw) } else { unescape(raw) }
}

/// The name under which a form's field is filled: its `action_id`, or its `block_id` where several
/// blocks share that `action_id`.
pub(super) fn field_name(part: &Part, all: &[Part]) -> String {
    let same = all.iter().filter(|p| p.is_input() && p.action_id() == part.action_id()).count();
    if same > 1 { part.block_id().to_owned() } else { part.action_id().to_owned() }
}

/// Everything that this person sees or saw; everybody's things for `None`.
pub(super) fn shown(state: &State, who: Option<&str>) -> Vec<Shown> {
    let person = who.and_then(crate::sandbox::cast::by_name);
    let open = |thing: &&Thing| match (thing, person) {
        (Thing::Post(post), Some(person)) => state.is_open_to(&post.channel, person),
        _ => true,
    };
    let all = state.things.iter().filter(open).map(|thing| one(state, thing));
    all.filter(|s| who.is_none_or(|who| may_see(&s.audience, who))).collect()
}

/// Whether this person (cast name) sees things for that audience.
pub(super) fn may_see(audience: &Audience, who: &str) -> bool {
    match audience {
        Audience::Only(name) | Audience::Direct(name) => name == who,
        Audience::Channel(_) => true,
    }
}

/// Who sees a message.
pub(super) fn audience(state: &State, post: &Post) -> Audience {
    if let Some(only) = &post.only {
        return Audience::Only(stage_name(only));
    }
    match dm_owner(&post.channel) {
        Some(person) => Audience::Direct(person.name.to_owned()),
        None => Audience::Channel(state.channel_name(&post.channel)),
    }
}

fn one(state: &State, thing: &Thing) -> Shown {
    match thing {
        Thing::Post(post) => show_post(audience(state, post), post),
        Thing::View(view) => show_view(view),
        Thing::Notice(notice) => Shown {
            id: notice.id,
            audience: Audience::Only(stage_name(&notice.user)),
            kind: ShownKind::Notice,
            author: "platform".to_owned(),
            text: notice.text.clone(),
            buttons: Vec::new(),
            options: Vec::new(),
            fields: Vec::new(),
            edits: 0,
            gone: false,
        },
    }
}

/// All that can be read in a message.
pub(super) fn all_words(post: &Post) -> String {
    // For whom it is does not matter to what it says.
    show_post(Audience::Channel(String::new()), post).text
}

fn show_post(audience: Audience, post: &Post) -> Shown {
    let own_blocks = post.body.blocks.as_array().is_some_and(|list| !list.is_empty())
        && post.user == crate::sandbox::cast::SLACK_BOT_USER;
    let mut lines = if own_blocks { lines(&post.body.blocks) } else { vec![readable(&post.body.text)] };
    for file in post.extra.get("files").and_then(Value::as_array).into_iter().flatten() {
        lines.push(format!("[file {}]", file["name"].as_str().unwrap_or_default()));
    }
    let mut found = parts(&post.body.blocks);
    for attachment in post.body.attachments.as_array().into_iter().flatten() {
        for key in ["pretext", "author_name", "title", "text", "footer"] {
            lines.extend(attachment[key].as_str().map(readable));
        }
        lines.extend(self::lines(&attachment["blocks"]));
        found.extend(parts(&attachment["blocks"]));
    }
    lines.retain(|line| !line.is_empty());
    Shown {
        id: post.id,
        audience,
        kind: ShownKind::Message,
        author: stage_name(&post.user),
        text: lines.join("\n"),
        buttons: found.iter().filter(|p| p.is_button()).map(Part::label).collect(),
        options: found
            .iter()
            .flat_map(|p| p.options().into_iter().map(|o| words(&o["text"])).collect::<Vec<_>>())
            .collect(),
        fields: Vec::new(),
        edits: post.edits,
        gone: post.gone,
    }
}

fn show_view(view: &View) -> Shown {
    let blocks = view.body.get("blocks").unwrap_or(&Value::Null);
    let found = parts(blocks);
    let mut text = vec![view.body.get("title").map(words).unwrap_or_default()];
    text.extend(lines(blocks));
    text.extend(view.errors.iter().cloned());
    text.retain(|line| !line.is_empty());
    Shown {
        id: view.id,
        audience: Audience::Only(stage_name(&view.user)),
        kind: ShownKind::Form,
        author: "bot".to_owned(),
        text: text.join("\n"),
        buttons: found.iter().filter(|p| p.is_button()).map(Part::label).collect(),
        options: found
            .iter()
            .flat_map(|p| p.options().into_iter().map(|o| words(&o["text"])).collect::<Vec<_>>())
            .collect(),
        fields: found.iter().filter(|p| p.is_input()).map(|p| field_name(p, &found)).collect(),
        edits: view.edits,
        gone: view.gone,
    }
}

/// What can be read in blocks, a line a block.
fn lines(blocks: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks.as_array().into_iter().flatten() {
        match block["type"].as_str().unwrap_or_default() {
            "section" | "header" => {
                lines.push(words(&block["text"]));
                lines.extend(block["fields"].as_array().into_iter().flatten().map(words));
            }
            "context" => {
                let texts: Vec<String> = block["elements"].as_array().into_iter().flatten().map(words).collect();
                lines.push(texts.join(" "));
            }
            "markdown" => lines.push(readable(block["text"].as_str().unwrap_or_default())),
            "input" => {
                let first = block["element"]["initial_value"].as_str().map(|v| format!(": {v}")).unwrap_or_default();
                lines.push(format!("{}{first}", words(&block["label"])));
                lines.push(words(&block["hint"]));
            }
            "image" => lines.push(block["alt_text"].as_str().unwrap_or_default().to_owned()),
            "rich_text" | "table" => {
                let mut found = Vec::new();
                leaves(block, &mut found);
                lines.push(found.concat());
            }
            _ => {}
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|v| leaves(v, found)),
        Value::Object(map) => {
            if let Some(text) = map.get("text").or_else(|| map.get("url")).and_then(Value::as_str) {
                found.push(text.to_owned());
            } else if let Some(user) = map.get("user_id").and_then(Value::as_str) {
                found.push(format!("@{}", stage_name(user)));
            }
            for key in ["elements", "rows"] {
                if let Some(inner) = map.get(key) {
                    leaves(inner, found);
                }
            }
        }
        _ => {}
    }
}
