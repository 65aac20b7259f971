//! Channels and threads as this Discord has them: names, topics, who sees them, and the lists of threads.
//!
//! It holds no messages. Invariants: a thread is seen by those who see its channel; posting opens an archived one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::opened;
use super::reply::{Answer, fail, ok};
use super::rest::Call;
use super::sessions::GUILDS;
use super::state::{Core, State, made_ms};
use super::wire::{self, MANAGE_THREADS};
use crate::sandbox::cast::{CHANNELS, DISCORD_APP, DISCORD_GUILD};

/// Threads of one list when it is not said, and at most.
const LIST_MAX: usize = 100;
/// The permission to see a channel.
const VIEW_CHANNEL: u64 = 1 << 10;

/// A thread.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub(super) parent: u64,
    pub(super) name: String,
    pub(super) owner: u64,
    pub(super) archived: bool,
    /// When it was last opened or archived, in UTC milliseconds.
    pub(super) changed_ms: i64,
    /// Who sees it, where that is not everybody who sees its channel.
    pub(super) members: Option<BTreeSet<u64>>,
}

impl Thread {
    /// A thread that was just opened.
    pub(super) fn new(parent: u64, name: &str, owner: u64, now_ms: i64) -> Self {
        Self { parent, name: name.to_owned(), owner, archived: false, changed_ms: now_ms, members: None }
    }
}

/// Whether the bot does not see it.
pub(super) fn is_hidden(state: &State, id: u64) -> bool {
    let channel = state.threads.get(&id).map_or(id, |thread| thread.parent);
    state.knobs.hidden_channels.contains(&channel)
}

/// What people call it.
pub(super) fn name(state: &State, id: u64) -> String {
    let thread = state.threads.get(&id).map(|thread| thread.name.as_str());
    let opened = || state.opened.get(&id).map(|channel| channel.name.as_str());
    let channel = || CHANNELS.iter().find(|c| c.discord == id).map(|c| c.name);
    thread.or_else(opened).or_else(channel).unwrap_or_default().to_owned()
}

/// Whether this user sees what is said there.
pub(super) fn is_open_to(state: &State, id: u64, user: u64) -> bool {
    let members = state.threads.get(&id).and_then(|thread| thread.members.as_ref());
    members.is_none_or(|members| members.contains(&user) || wire::is_admin(user))
}

/// The thread of that name.
pub(super) fn named(state: &State, name: &str) -> Option<u64> {
    state.threads.iter().find(|(_, thread)| thread.name == name).map(|(id, _)| *id)
}

/// A channel or thread as Discord sends it.
pub(super) fn object(state: &State, id: u64) -> Option<Value> {
    if let Some(thread) = state.threads.get(&id) {
        return Some(thread_object(state, id, thread));
    }
    let mut channel = wire::channel(id).or_else(|| state.opened.get(&id).map(|opened| opened.object(id)))?;
    if wire::dm_person(id).is_none() {
        channel["topic"] = json!(state.topics.get(&id));
        if is_hidden(state, id) {
            let deny = VIEW_CHANNEL.to_string();
            channel["permission_overwrites"] =
                json!([{"id": DISCORD_GUILD.to_string(), "type": 0, "allow": "0", "deny": deny}]);
        }
    }
    Some(channel)
}

fn thread_object(state: &State, id: u64, thread: &Thread) -> Value {
    let last = state.posts.values().rev().find(|post| post.channel == id).map(|post| post.id.to_string());
    json!({
        "id": id.to_string(), "type": if thread.members.is_some() { 12 } else { 11 },
        "guild_id": DISCORD_GUILD.to_string(), "name": thread.name,
        "parent_id": thread.parent.to_string(), "owner_id": thread.owner.to_string(), "last_message_id": last,
        "message_count": 0, "total_message_sent": 0, "member_count": 1, "rate_limit_per_user": 0, "flags": 0,
        "last_pin_timestamp": null,
        "thread_metadata": {
            "archived": thread.archived, "archive_timestamp": wire::timestamp(thread.changed_ms),
            "auto_archive_duration": 1_440, "locked": false,
            "create_timestamp": wire::timestamp(made_ms(id)),
        },
    })
}

/// The server's channels, also those that the bot does not see.
pub(super) fn channels(state: &State) -> Value {
    let all = CHANNELS.iter().map(|c| c.discord).chain(state.opened.keys().copied());
    all.filter_map(|id| object(state, id)).collect()
}

/// The threads that are open and that the bot sees.
pub(super) fn active(state: &State) -> Value {
    let seen = |id: u64| !is_hidden(state, id) && is_open_to(state, id, DISCORD_APP);
    let open = state.threads.iter().filter(|(id, thread)| !thread.archived && seen(**id));
    open.map(|(id, thread)| thread_object(state, *id, thread)).collect()
}

/// Opens a thread in which somebody writes.
pub(super) fn wake(state: &mut State, id: u64, now_ms: i64) {
    if state.threads.get(&id).is_some_and(|thread| thread.archived) {
        archive(state, id, false, now_ms);
    }
}

/// Archives or opens a thread, and tells the sessions.
pub(super) fn archive(state: &mut State, id: u64, yes: bool, now_ms: i64) {
    let Some(thread) = state.threads.get_mut(&id) else { return };
    (thread.archived, thread.changed_ms) = (yes, now_ms);
    changed(state, "THREAD_UPDATE", id);
}

/// Tells the sessions of a channel or thread.
pub(super) fn changed(state: &mut State, name: &str, id: u64) {
    if let Some(room) = object(state, id).filter(|_| !is_hidden(state, id)) {
        state.publish(name, GUILDS, &room);
    }
}

/// Routes below `/channels/{id}` that are about threads.
pub(super) fn route(core: &Core, call: &Call, id: u64, rest: &[&str]) -> Answer {
    let now = core.dial.now_ms();
    let mut state = core.lock();
    match (call.method.as_str(), rest) {
        ("GET", ["threads", "archived", "public"]) => Ok(ok(archived(&state, call, id))),
        ("GET", ["users", "@me", "threads", "archived", "private"]) => {
            Ok(ok(json!({"threads": [], "members": [], "has_more": false})))
        }
        ("POST", ["threads"]) => {
            drop(state);
            opened::thread(core, call, id)
        }
        ("PUT", ["thread-members", user]) => {
            drop(state);
            opened::member(core, id, user)
        }
        ("PATCH", []) => {
            let Some(yes) = call.body["archived"].as_bool().filter(|_| state.threads.contains_key(&id)) else {
                return Err(fail(400, 50035, "Invalid Form Body"));
            };
            if state.knobs.bot_may & MANAGE_THREADS == 0 {
                return Err(fail(403, 50013, "Missing Permissions"));
            }
            archive(&mut state, id, yes, now);
            object(&state, id).map(ok).ok_or_else(|| fail(404, 10003, "Unknown Channel"))
        }
        _ => Err(fail(404, 0, "404: Not Found")),
    }
}

// The latest archived first; `before` is when they were archived.
fn archived(state: &State, call: &Call, channel: u64) -> Value {
    let limit = call.param("limit").and_then(|l| l.parse().ok()).unwrap_or(LIST_MAX).min(LIST_MAX);
    let before = call.param("before").map(|at| at.replace("%3A", ":").replace("%2B", "+"));
    // Private ones are in a list of their own.
    let mut all: Vec<(u64, &Thread)> = state
        .threads
        .iter()
        .filter(|(_, t)| t.parent == channel && t.archived && t.members.is_none())
        .filter(|(_, t)| before.as_deref().is_none_or(|before| wire::timestamp(t.changed_ms).as_str() < before))
        .map(|(id, thread)| (*id, thread))
        .collect();
    all.sort_by_key(|(id, thread)| std::cmp::Reverse((thread.changed_ms, *id)));
    let more = all.len() > limit;
    let threads: Value = all.into_iter().take(limit).map(|(id, thread)| thread_object(state, id, thread)).collect();
    json!({"threads": threads, "members": [], "has_more": more})
}
