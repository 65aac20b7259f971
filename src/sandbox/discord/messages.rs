//! Messages: making, editing and deleting them, and the REST routes of a channel's messages.
//!
//! It checks no tokens. Invariants: an ephemeral message is unknown to channel routes; a nonce that was seen a
//! moment ago makes no second message.

use std::time::Instant;

use serde_json::{Value, json};

use super::checks::{self, list};
use super::places::channel_id;
use super::reply::{Answer, Reply, fail, no_content, ok};
use super::rest::Call;
use super::rooms;
use super::state::{Core, Item, Post, State};
use super::wire::{self, EPHEMERAL, LOADING, V2};
use crate::sandbox::cast::DISCORD_APP;

/// How long a nonce is remembered, in milliseconds ("the past few minutes").
const NONCE_WINDOW_MS: i64 = 5 * 60 * 1_000;
/// How many messages a list has when it is not said.
const LIST_DEFAULT: usize = 50;
/// How many messages a list has at most.
const LIST_MAX: usize = 100;
/// How many messages a bulk delete may name.
const BULK_MAX: usize = 100;

/// What a new message is made of.
pub(super) struct Draft<'a> {
    pub(super) channel: u64,
    pub(super) author: u64,
    pub(super) body: &'a Value,
    pub(super) only: Option<u64>,
    pub(super) thinking: bool,
    /// Fields that only this kind of message has.
    pub(super) extra: Value,
}

/// Puts a message there and tells the gateway; returns its id.
pub(super) fn create(state: &mut State, now_ms: i64, draft: &Draft<'_>) -> u64 {
    let id = state.next_id(now_ms);
    let content = draft.body["content"].as_str().unwrap_or("");
    let mut flags = draft.body["flags"].as_u64().unwrap_or(0) & !(EPHEMERAL | LOADING);
    flags |= if draft.only.is_some() { EPHEMERAL } else { 0 } | if draft.thinking { LOADING } else { 0 };
    let mut body = json!({
        "id": id.to_string(), "channel_id": draft.channel.to_string(), "type": 0, "content": content,
        "author": wire::user(draft.author), "timestamp": wire::timestamp(now_ms), "edited_timestamp": null, "flags": flags,
        "mentions": wire::mentions(content), "mention_roles": [], "mention_everyone": false, "pinned": false, "tts": false,
        "attachments": attachments(state, now_ms, draft.body, &[]), "embeds": rich(draft.body), "components": numbered(draft.body),
    });
    if !draft.body["nonce"].is_null() {
        body["nonce"] = draft.body["nonce"].clone();
    }
    wire::merge(&mut body, &draft.extra);
    let (channel, author) = (draft.channel, draft.author);
    let post = Post { id, channel, author, body, only: draft.only, thinking: draft.thinking, deleted: false, edits: 0 };
    state.posts.insert(id, post);
    rooms::wake(state, channel, now_ms);
    if !draft.thinking {
        state.items.push(Item::Post(id));
    }
    state.publish_post("MESSAGE_CREATE", id);
    id
}

fn rich(body: &Value) -> Value {
    let with_type = |embed: &Value| {
        let mut embed = embed.clone();
        embed["type"] = json!("rich");
        embed
    };
    list(body, "embeds").iter().map(with_type).collect()
}

fn numbered(body: &Value) -> Value {
    let mut components = Value::Array(list(body, "components").to_vec());
    wire::number_components(&mut components, &mut 0);
    components
}

/// The files of a message; an edit keeps an old file by naming its id.
fn attachments(state: &mut State, now_ms: i64, body: &Value, old: &[Value]) -> Value {
    let mut made = Vec::new();
    for file in list(body, "attachments") {
        if let Some(kept) = old.iter().find(|o| !o["id"].is_null() && o["id"] == file["id"]) {
            made.push(kept.clone());
            continue;
        }
        let id = state.next_id(now_ms);
        let url = format!("https://cdn.discordapp.com/attachments/{id}");
        let mut file = file.clone();
        wire::merge(&mut file, &json!({"id": id.to_string(), "url": url, "proxy_url": url}));
        made.push(file);
    }
    Value::Array(made)
}

/// Changes a message that is there; what the body does not name stays. Thinking ends with it.
pub(super) fn edit(state: &mut State, now_ms: i64, id: u64, change: &Value) -> Result<Value, Reply> {
    let unknown = || fail(404, 10008, "Unknown Message");
    let mut body = state.post(id).ok_or_else(unknown)?.body.clone();
    let old_files = list(&body, "attachments").to_vec();
    let kept_v2 = body["flags"].as_u64().unwrap_or(0) & V2;
    for key in ["content", "embeds", "components", "flags", "allowed_mentions", "attachments"] {
        match change.get(key) {
            Some(Value::Null) => body[key] = if key == "content" { json!("") } else { json!([]) },
            Some(value) => body[key] = value.clone(),
            None => {}
        }
    }
    let only = state.post(id).and_then(|p| p.only);
    let asked = body["flags"].as_u64().unwrap_or(0) & !(EPHEMERAL | LOADING);
    body["flags"] = json!(asked | kept_v2 | if only.is_some() { EPHEMERAL } else { 0 });
    checks::message(&body)?;
    body["embeds"] = rich(&body);
    body["attachments"] = attachments(state, now_ms, &body, &old_files);
    body["components"] = numbered(&body);
    body["mentions"] = json!(wire::mentions(body["content"].as_str().unwrap_or("")));
    if let Some(fields) = body.as_object_mut() {
        fields.remove("allowed_mentions");
    }
    let post = state.posts.get_mut(&id).ok_or_else(unknown)?;
    if post.thinking {
        post.thinking = false;
        state.items.push(Item::Post(id));
    } else {
        post.edits += 1;
        body["edited_timestamp"] = json!(wire::timestamp(now_ms));
    }
    post.body = body.clone();
    state.publish_post("MESSAGE_UPDATE", id);
    Ok(body)
}

/// Takes a message away.
pub(super) fn delete(state: &mut State, id: u64) {
    if let Some(post) = state.posts.get_mut(&id) {
        post.deleted = true;
    }
    state.publish_post("MESSAGE_DELETE", id);
}

/// Finds the route below `/channels/{id}/messages`.
pub(super) fn route(core: &Core, call: &Call, channel: &str, rest: &[&str]) -> Answer {
    let channel = channel_id(core, channel)?;
    match (call.method.as_str(), rest) {
        ("POST", []) => post(core, call, channel),
        ("GET", []) => page(core, call, channel),
        ("POST", ["bulk-delete"]) => bulk_delete(core, call, channel),
        ("GET", [id]) => {
            let id = message_id(core, channel, id)?;
            core.lock().post(id).map(|p| ok(p.body.clone())).ok_or_else(|| fail(404, 10008, "Unknown Message"))
        }
        ("PATCH", [id]) => {
            let id = message_id(core, channel, id)?;
            let mut state = core.lock();
            if state.post(id).is_some_and(|p| p.author != DISCORD_APP) {
                return Err(fail(403, 50005, "Cannot edit a message authored by another user"));
            }
            edit(&mut state, core.dial.now_ms(), id, &call.body).map(ok)
        }
        ("DELETE", [id]) => {
            let id = message_id(core, channel, id)?;
            let mut state = core.lock();
            may_delete(&state, channel, id)?;
            delete(&mut state, id);
            core.removals.came(&id.to_string(), Instant::now());
            Ok(no_content())
        }
        _ => Err(fail(404, 0, "404: Not Found")),
    }
}

fn message_id(core: &Core, channel: u64, id: &str) -> Result<u64, Reply> {
    let unknown = || fail(404, 10008, "Unknown Message");
    let id = id.parse().map_err(|_| unknown())?;
    let state = core.lock();
    let post = state.post(id).filter(|p| p.channel == channel && p.only.is_none());
    post.map(|p| p.id).ok_or_else(unknown)
}

fn may_delete(state: &State, channel: u64, id: u64) -> Result<(), Reply> {
    if state.threads.get(&channel).is_some_and(|thread| thread.archived) {
        return Err(fail(400, 50083, "Thread is archived"));
    }
    if state.post(id).is_some_and(|p| p.author == DISCORD_APP) {
        return Ok(());
    }
    if wire::dm_person(channel).is_some() {
        return Err(fail(403, 50003, "Cannot execute action on a DM channel"));
    }
    let may = state.knobs.bot_may & wire::MANAGE_MESSAGES != 0;
    if may { Ok(()) } else { Err(fail(403, 50013, "Missing Permissions")) }
}

fn post(core: &Core, call: &Call, channel: u64) -> Answer {
    checks::message(&call.body)?;
    let now = core.dial.now_ms();
    let mut state = core.lock();
    let nonce = call.body["enforce_nonce"].as_bool().unwrap_or(false).then(|| call.body["nonce"].to_string());
    let nonce = nonce.filter(|n| n != "null");
    if let Some(nonce) = &nonce
        && let Some((id, at)) = state.nonces.get(nonce)
        && now - at < NONCE_WINDOW_MS
        && let Some(post) = state.posts.get(id)
    {
        return Ok(ok(post.body.clone()));
    }
    if wire::dm_person(channel).is_some_and(|p| state.knobs.closed_dms.contains(&p.discord_user)) {
        return Err(fail(403, 50007, "Cannot send messages to this user"));
    }
    let mut extra = json!({});
    if let Some(id) = call.body["message_reference"]["message_id"].as_str() {
        let known = id.parse().ok().and_then(|id| state.post(id)).is_some();
        if !known && call.body["message_reference"]["fail_if_not_exists"] != false {
            return Err(fail(400, 10008, "Unknown Message"));
        }
        extra =
            json!({"type": 19, "message_reference": {"message_id": id, "channel_id": channel.to_string(), "type": 0}});
    }
    let draft = Draft { channel, author: DISCORD_APP, body: &call.body, only: None, thinking: false, extra };
    let id = create(&mut state, now, &draft);
    if let Some(nonce) = nonce {
        state.nonces.insert(nonce, (id, now));
    }
    state.post(id).map(|p| ok(p.body.clone())).ok_or_else(|| fail(404, 10008, "Unknown Message"))
}

fn page(core: &Core, call: &Call, channel: u64) -> Answer {
    let limit = call.param("limit").map_or(Some(LIST_DEFAULT), |l| l.parse().ok());
    let Some(limit) = limit.filter(|l| (1..=LIST_MAX).contains(l)) else {
        let mut errors = super::reply::FormErrors::default();
        errors.add("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.");
        errors.done()?;
        return Err(fail(400, 50035, "Invalid Form Body"));
    };
    let id = |name: &str| call.param(name).and_then(|v| v.parse::<u64>().ok());
    let state = core.lock();
    if state.knobs.bot_may & wire::READ_HISTORY == 0 {
        return Ok(ok(Value::Array(Vec::new())));
    }
    let all: Vec<&Post> =
        state.posts.values().filter(|p| p.channel == channel && p.only.is_none() && !p.deleted).collect();
    let mut found: Vec<&Post> = match (id("after"), id("before"), id("around")) {
        (Some(after), _, _) => all.into_iter().filter(|p| p.id > after).take(limit).collect(),
        (_, Some(before), _) => newest(all.into_iter().filter(|p| p.id < before).collect(), limit),
        (_, _, Some(around)) => {
            let at = all.partition_point(|p| p.id < around).saturating_sub(limit / 2);
            all.into_iter().skip(at).take(limit).collect()
        }
        _ => newest(all, limit),
    };
    found.reverse();
    Ok(ok(found.into_iter().map(|p| p.body.clone()).collect()))
}

fn newest(mut posts: Vec<&Post>, limit: usize) -> Vec<&Post> {
    posts.split_off(posts.len().saturating_sub(limit))
}

fn bulk_delete(core: &Core, call: &Call, channel: u64) -> Answer {
    let ids: Vec<u64> = list(&call.body, "messages").iter().filter_map(|m| m.as_str()?.parse().ok()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    if !(2..=BULK_MAX).contains(&ids.len()) || unique.len() != ids.len() {
        return Err(fail(
            400,
            50016,
            "Provided too few or too many messages to delete. Must provide 2 to 100 messages.",
        ));
    }
    let mut state = core.lock();
    if state.knobs.bot_may & wire::MANAGE_MESSAGES == 0 {
        return Err(fail(403, 50013, "Missing Permissions"));
    }
    for id in ids {
        if state.post(id).is_some_and(|p| p.channel == channel && p.only.is_none()) {
            delete(&mut state, id);
        }
    }
    Ok(no_content())
}
