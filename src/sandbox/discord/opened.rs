//! Channels and threads that the bot opens, and reactions, which are how people point at messages.
//!
//! It checks rights, names and types as Discord does. Invariant: what the bot may not open is 403 and does not exist.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::hands::{newest, user_of};
use super::reply::{Answer, FormErrors, fail, no_content, ok};
use super::rest::Call;
use super::rooms::{self, Thread};
use super::sessions::GUILD_REACTIONS;
use super::state::{Core, State};
use super::wire::{self, MANAGE_CHANNELS, PRIVATE_THREADS, PUBLIC_THREADS};
use super::{DiscordSim, show};
use crate::sandbox::cast::{CHANNELS, DISCORD_APP, DISCORD_GUILD};
use crate::sandbox::stage::StageError;

/// Characters of the name of a channel or thread.
const NAME_MAX: usize = 100;
/// Characters of a text channel's topic.
const TOPIC_MAX: usize = 1_024;
/// Minutes after which a thread can be put away.
const PUT_AWAY: [u64; 4] = [60, 1_440, 4_320, 10_080];
/// Emojis by their English names.
const EMOJIS: [(&str, &str); 2] = [("pushpin", "📌"), ("eyes", "👀")];
/// What stands for the newest channel or thread that the bot has opened, when people say where they write.
const NEWEST: &str = "room";

/// A channel that the bot has opened.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub(super) name: String,
    parent: Value,
    overwrites: Value,
}

impl Opened {
    /// The channel as Discord sends it.
    pub(super) fn object(&self, id: u64) -> Value {
        json!({
            "id": id.to_string(), "type": 0, "guild_id": DISCORD_GUILD.to_string(), "name": self.name,
            "position": CHANNELS.len(), "permission_overwrites": self.overwrites, "topic": null, "nsfw": false,
            "last_message_id": null, "rate_limit_per_user": 0, "parent_id": self.parent, "last_pin_timestamp": null,
            "flags": 0,
        })
    }
}

/// The channel or thread that the bot has opened under that name, or the newest one.
pub(super) fn named(state: &State, name: &str) -> Option<u64> {
    let channel = state.opened.iter().find(|(_, opened)| opened.name == name).map(|(id, _)| *id);
    let threads = state.threads.iter().filter(|(_, thread)| thread.owner == DISCORD_APP).map(|(id, _)| *id);
    let newest = || state.opened.keys().copied().chain(threads).max().filter(|_| name == NEWEST);
    channel.or_else(newest)
}

fn body_of(call: &Call, most_of_topic: usize) -> Result<String, super::reply::Reply> {
    let mut errors = FormErrors::default();
    errors.required("name", &call.body["name"], NAME_MAX);
    errors.optional("topic", &call.body["topic"], most_of_topic);
    errors.done()?;
    Ok(call.body["name"].as_str().unwrap_or_default().to_owned())
}

/// `POST /guilds/{id}/channels`.
pub(super) fn channel(core: &Core, call: &Call) -> Answer {
    let name = body_of(call, TOPIC_MAX)?;
    let now = core.dial.now_ms();
    let mut state = core.lock();
    let may = state.knobs.bot_may;
    if may & MANAGE_CHANNELS == 0 {
        return Err(fail(403, 50013, "Missing Permissions"));
    }
    if call.body["type"].as_u64().unwrap_or(0) != 0 {
        return Err(fail(400, 50035, "Invalid Form Body"));
    }
    let overwrites = call.body["permission_overwrites"].as_array().cloned().unwrap_or_default();
    let bits = |overwrite: &Value, part: &str| overwrite[part].as_str().and_then(|n| n.parse().ok()).unwrap_or(0_u64);
    // Nobody gives or takes a right that they do not hold themselves.
    if overwrites.iter().any(|one| (bits(one, "allow") | bits(one, "deny")) & !may != 0) {
        return Err(fail(403, 50013, "Missing Permissions"));
    }
    let id = state.next_id(now);
    // Discord writes names small, with dashes.
    let name = name.to_lowercase().replace(' ', "-");
    let parent = call.body["parent_id"].clone();
    state.opened.insert(id, Opened { name, parent, overwrites: Value::Array(overwrites) });
    if let Some(topic) = call.body["topic"].as_str() {
        state.topics.insert(id, topic.to_owned());
    }
    rooms::changed(&mut state, "CHANNEL_CREATE", id);
    made(&state, id)
}

/// `POST /channels/{id}/threads`, without a message to begin with.
pub(super) fn thread(core: &Core, call: &Call, parent: u64) -> Answer {
    let name = body_of(call, 0)?;
    let now = core.dial.now_ms();
    let mut state = core.lock();
    let private = match call.body["type"].as_u64() {
        // Without a type Discord opens a private one.
        None | Some(12) => true,
        Some(11) => false,
        _ => return Err(fail(400, 50024, "Cannot execute action on this channel type")),
    };
    if call.body["auto_archive_duration"].as_u64().is_some_and(|minutes| !PUT_AWAY.contains(&minutes)) {
        return Err(fail(400, 50035, "Invalid Form Body"));
    }
    let right = if private { PRIVATE_THREADS } else { PUBLIC_THREADS };
    if state.knobs.bot_may & right == 0 {
        return Err(fail(403, 50013, "Missing Permissions"));
    }
    let id = state.next_id(now);
    let members = private.then(|| BTreeSet::from([DISCORD_APP]));
    state.threads.insert(id, Thread { members, ..Thread::new(parent, &name, DISCORD_APP, now) });
    rooms::changed(&mut state, "THREAD_CREATE", id);
    made(&state, id)
}

fn made(state: &State, id: u64) -> Answer {
    let mut reply = rooms::object(state, id).map(ok).ok_or_else(|| fail(404, 10003, "Unknown Channel"))?;
    reply.status = 201;
    Ok(reply)
}

/// `PUT /channels/{thread}/thread-members/{user}`.
pub(super) fn member(core: &Core, thread: u64, user: &str) -> Answer {
    let mut state = core.lock();
    let user = user.parse().ok().filter(|id| wire::person(*id).is_some());
    let user = user.ok_or_else(|| fail(404, 10013, "Unknown User"))?;
    let found =
        state.threads.get_mut(&thread).ok_or_else(|| fail(400, 50024, "Cannot execute action on this channel type"))?;
    if found.archived {
        return Err(fail(400, 50083, "Thread is archived"));
    }
    if let Some(members) = &mut found.members {
        members.insert(user);
    }
    Ok(no_content())
}

impl DiscordSim {
    /// Whether the bot's role may open channels, and threads (it may both, until told otherwise).
    pub fn bot_may_open(&self, threads: bool, channels: bool) {
        self.bot_may(MANAGE_CHANNELS, channels);
        self.bot_may(PUBLIC_THREADS | PRIVATE_THREADS, threads);
    }

    /// The channels and threads that the bot has opened: name, and who is in a private one.
    #[must_use]
    pub fn opened(&self) -> Vec<(String, Vec<String>)> {
        let state = self.core.lock();
        let channels = state.opened.values().map(|channel| (channel.name.clone(), Vec::new()));
        let ours = state.threads.values().filter(|thread| thread.owner == DISCORD_APP);
        let names = |thread: &Thread| thread.members.iter().flatten().map(|user| wire::name_of(*user)).collect();
        channels.chain(ours.map(|thread| (thread.name.clone(), names(thread)))).collect()
    }

    pub(super) fn react(&self, who: &str, emoji: &str, part: &str) -> Result<(), StageError> {
        let user = user_of(who)?;
        let known = EMOJIS.iter().find(|(name, _)| *name == emoji).map_or(emoji, |(_, sign)| sign);
        let mut state = self.core.lock();
        let fits = |p: &super::state::Post| (p.only.is_none() && show::text(&p.body).contains(part)).then_some(());
        let found = newest(&state, user, fits);
        let (post, ()) = found.ok_or_else(|| StageError("there is no such message".into()))?;
        if rooms::is_hidden(&state, post.channel) || wire::dm_person(post.channel).is_some() {
            return Ok(());
        }
        let event = json!({
            "user_id": user.to_string(), "channel_id": post.channel.to_string(), "message_id": post.id.to_string(),
            "guild_id": DISCORD_GUILD.to_string(), "member": wire::member(user), "emoji": {"id": null, "name": known},
            "message_author_id": post.author.to_string(), "burst": false, "type": 0,
        });
        state.publish("MESSAGE_REACTION_ADD", GUILD_REACTIONS, &event);
        Ok(())
    }
}
