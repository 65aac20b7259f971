//! What people see: messages, forms and notices as plain text, with what can be pressed or picked.
//!
//! It changes nothing. Invariant: a deferred answer is not shown before it has content.

use serde_json::Value;

use super::checks::list;
use super::components::kind;
use super::form;
use super::rooms;
use super::state::{Item, Post, State};
use super::wire;
use crate::sandbox::cast::{CHANNELS, PEOPLE};
use crate::sandbox::stage::{Audience, Shown, ShownKind};

/// Everything that is shown, oldest first.
pub(super) fn everything(state: &State) -> Vec<Shown> {
    state.items.iter().enumerate().filter_map(|(at, item)| one(state, at as u64 + 1, item)).collect()
}

/// Whether this person sees things for that audience.
pub(super) fn reaches(audience: &Audience, who: &str) -> bool {
    match audience {
        Audience::Only(name) | Audience::Direct(name) => name == who,
        Audience::Channel(_) => true,
    }
}

fn one(state: &State, id: u64, item: &Item) -> Option<Shown> {
    let blank = |audience, kind, author: &str, text| Shown {
        id,
        audience,
        kind,
        author: author.to_owned(),
        text,
        buttons: Vec::new(),
        options: Vec::new(),
        fields: Vec::new(),
        edits: 0,
        gone: false,
    };
    match item {
        Item::Notice { who, text } => {
            Some(blank(Audience::Only(wire::name_of(*who)), ShownKind::Notice, "platform", text.clone()))
        }
        Item::Form(open) => {
            let inputs = form::inputs(&open.modal);
            let mut shown =
                blank(Audience::Only(wire::name_of(open.who)), ShownKind::Form, "bot", form::text(&open.modal));
            shown.options = inputs.iter().flat_map(|i| list(i.part, "options")).map(label).collect();
            shown.fields = inputs.iter().map(|i| i.key().to_owned()).collect();
            shown.gone = open.closed;
            Some(shown)
        }
        Item::Post(post) => {
            let post = state.posts.get(post)?;
            let author = wire::name_of(post.author);
            let mut shown = blank(audience(state, post), ShownKind::Message, &author, text(&post.body));
            shown.buttons = buttons(&post.body).into_iter().map(label).collect();
            shown.options = selects(&post.body).into_iter().flat_map(options).map(|(label, _)| label).collect();
            shown.edits = post.edits;
            shown.gone = post.deleted;
            Some(shown)
        }
    }
}

fn audience(state: &State, post: &Post) -> Audience {
    if let Some(only) = post.only {
        return Audience::Only(wire::name_of(only));
    }
    if let Some(person) = wire::dm_person(post.channel) {
        return Audience::Direct(person.name.to_owned());
    }
    Audience::Channel(rooms::name(state, post.channel))
}

/// A component's or option's label, or its emoji.
pub(super) fn label(component: &Value) -> String {
    let emoji = component["emoji"]["name"].as_str();
    component["label"].as_str().filter(|l| !l.is_empty()).or(emoji).unwrap_or("").to_owned()
}

/// All components in reading order.
fn flat<'a>(components: &'a [Value], into: &mut Vec<&'a Value>) {
    for component in components {
        into.push(component);
        flat(list(component, "components"), into);
        if component["accessory"].is_object() {
            into.push(&component["accessory"]);
        }
    }
}

fn all_components(body: &Value) -> Vec<&Value> {
    let mut all = Vec::new();
    flat(list(body, "components"), &mut all);
    all
}

/// The buttons that can be pressed now.
pub(super) fn buttons(body: &Value) -> Vec<&Value> {
    let pressable = |c: &&Value| kind(c) == 2 && c["custom_id"].is_string() && c["disabled"] != true;
    all_components(body).into_iter().filter(pressable).collect()
}

/// The select menus that can be used now.
pub(super) fn selects(body: &Value) -> Vec<&Value> {
    let usable = |c: &&Value| matches!(kind(c), 3 | 5 | 8) && c["disabled"] != true;
    all_components(body).into_iter().filter(usable).collect()
}

/// The options of a select menu: label and value.
pub(super) fn options(select: &Value) -> Vec<(String, String)> {
    match kind(select) {
        5 => PEOPLE.iter().map(|p| (p.name.to_owned(), p.discord_user.to_string())).collect(),
        8 => CHANNELS.iter().map(|c| (format!("#{}", c.name), c.discord.to_string())).collect(),
        _ => list(select, "options").iter().map(|o| (label(o), o["value"].as_str().unwrap_or("").to_owned())).collect(),
    }
}

/// Everything that can be read in a message, a line a block.
pub(super) fn text(body: &Value) -> String {
    let mut blocks: Vec<String> = vec![body["content"].as_str().unwrap_or("").to_owned()];
    for embed in list(body, "embeds") {
        for part in [&embed["author"]["name"], &embed["title"], &embed["description"]] {
            blocks.push(part.as_str().unwrap_or("").to_owned());
        }
        for field in list(embed, "fields") {
            let (name, value) = (field["name"].as_str().unwrap_or(""), field["value"].as_str().unwrap_or(""));
            blocks.push(format!("{name}: {value}"));
        }
        blocks.push(embed["footer"]["text"].as_str().unwrap_or("").to_owned());
    }
    for component in all_components(body).into_iter().filter(|c| kind(c) == 10) {
        blocks.push(component["content"].as_str().unwrap_or("").to_owned());
    }
    for file in list(body, "attachments") {
        blocks.push(format!("[file {}]", file["filename"].as_str().unwrap_or("")));
    }
    for snapshot in list(body, "message_snapshots") {
        blocks.push(text(&snapshot["message"]));
    }
    let lines = blocks.iter().map(|b| plain(b)).filter(|b| !b.trim().is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// A text as the client draws it: marks gone, ids as names, times as UTC.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut line_start = true;
    while let Some(c) = rest.chars().next() {
        if line_start
            && let Some(mark) = ["### ", "## ", "# ", "-# ", ">>> ", "> "].iter().find(|m| rest.starts_with(**m))
        {
            rest = &rest[mark.len()..];
            line_start = false;
            continue;
        }
        line_start = c == '\n';
        if let Some(mark) = ["```", "**", "__", "~~", "||", "`"].iter().find(|m| rest.starts_with(**m)) {
            rest = &rest[mark.len()..];
        } else if c == '\\' && rest[1..].starts_with(|n: char| n.is_ascii_punctuation()) {
            let next = rest[1..].chars().next().unwrap_or(c);
            out.push(next);
            rest = &rest[1 + next.len_utf8()..];
        } else if let Some((drawn, after)) = link(rest).or_else(|| angle(rest)) {
            out.push_str(&drawn);
            rest = after;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// `[text](address)` with both kept, since a person can see where it leads.
fn link(rest: &str) -> Option<(String, &str)> {
    let (shown, after) = rest.strip_prefix('[')?.split_once("](")?;
    let (address, after) = after.split_once(')')?;
    let sound = !shown.contains(['\n', '[', ']']) && address.starts_with("http");
    sound.then(|| (format!("{} ({})", plain(shown), address.trim_matches(['<', '>'])), after))
}

/// `<@id>`, `<#id>`, `<t:…>`, `</command:id>` and `<https://…>`.
fn angle(rest: &str) -> Option<(String, &str)> {
    let (inner, after) = rest.strip_prefix('<')?.split_once('>')?;
    let drawn = if let Some(id) = inner.strip_prefix("@&") {
        format!("@role-{id}")
    } else if let Some(id) = inner.strip_prefix('@') {
        let name = id.trim_start_matches('!').parse().ok().map(wire::name_of)?;
        format!("@{}", if name == "bot" { wire::BOT_NAME } else { &name })
    } else if let Some(id) = inner.strip_prefix('#') {
        let id: u64 = id.parse().ok()?;
        format!("#{}", CHANNELS.iter().find(|c| c.discord == id).map_or("unknown", |c| c.name))
    } else if let Some(at) = inner.strip_prefix("t:") {
        let seconds: i64 = at.split(':').next()?.parse().ok()?;
        let stamp = wire::timestamp(seconds.checked_mul(1_000)?);
        format!("{} {} UTC", stamp.get(..10)?, stamp.get(11..16)?)
    } else if let Some(command) = inner.strip_prefix('/') {
        format!("/{}", command.split(':').next()?)
    } else if inner.starts_with("https://") || inner.starts_with("http://") {
        inner.to_owned()
    } else {
        return None;
    };
    Some((drawn, after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_go_and_ids_become_names() {
        let drawn =
            plain("## Done\n**Org** `acme_x` <@910000000000000001> <t:1793610000:f> a\\*b [case](https://x.example/1)");
        assert_eq!(drawn, "Done\nOrg acme_x @kim 2026-11-02 09:00 UTC a*b case (https://x.example/1)");
    }

    #[test]
    fn all_blocks_are_read_in_order() {
        let body = json!({
            "content": "hello", "embeds": [{"title": "T", "description": "D", "fields": [{"name": "n", "value": "v"}],
            "footer": {"text": "F"}}],
            "components": [{"type": 17, "components": [{"type": 9, "components": [{"type": 10, "content": "S"}],
            "accessory": {"type": 2, "label": "Go", "custom_id": "g", "style": 1}}]}],
        });
        assert_eq!(text(&body), "hello\nT\nD\nn: v\nF\nS");
        assert_eq!(buttons(&body).len(), 1);
    }
}
