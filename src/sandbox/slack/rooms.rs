//! Channels that the bot opens: their names, their topics, and who is in them.
//!
//! The channels of the cast are everybody's and are not here. Invariants: a name is taken once, archived channels too;
//! what is said in a private channel is seen by its members alone.

use std::sync::Arc;

use serde_json::{Value, json};

use super::state::{State, person};
use super::web::{Answer, Args, Caller, Failure};
use super::{Core, SlackSim, conversations, wire};
use crate::sandbox::cast::{CHANNELS, Person, SLACK_BOT_USER};

/// Characters of a channel's name.
const NAME: usize = 80;
/// Characters of a topic.
const TOPIC: usize = 250;
/// What stands for the newest channel that the bot has opened, when people say where they write.
pub(super) const NEWEST: &str = "room";

/// A channel that was opened.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub id: String,
    pub name: String,
    pub private: bool,
    pub archived: bool,
    /// User ids, the bot's among them.
    pub members: Vec<String>,
}

impl State {
    /// The opened channel of that id.
    pub fn room(&self, channel: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.id == channel)
    }

    /// The opened channel of that name, or the newest one.
    pub fn room_named(&self, name: &str) -> Option<&Room> {
        let newest = self.rooms.last().filter(|_| name == NEWEST);
        self.rooms.iter().find(|room| room.name == name).or(newest)
    }

    /// The name of a channel as payloads give it.
    pub fn channel_name(&self, channel: &str) -> String {
        let known = CHANNELS.iter().find(|c| c.slack == channel).map(|c| c.name);
        let opened = self.room(channel).map(|room| room.name.as_str());
        known.or(opened).unwrap_or("directmessage").to_owned()
    }

    /// Whether this person sees what is said there.
    pub fn is_open_to(&self, channel: &str, who: &Person) -> bool {
        self.room(channel).is_none_or(|room| !room.private || room.members.iter().any(|m| m == who.slack_user))
    }

    /// Whether the bot is told what is said there.
    pub fn has_bot(&self, channel: &str) -> bool {
        self.room(channel).is_none_or(|room| room.members.iter().any(|m| m == SLACK_BOT_USER))
    }
}

/// `conversations.create`.
pub(super) fn create(core: &Core, args: &Args) -> Answer {
    let name = args.need("name", "invalid_name_required")?;
    if core.state().restricted {
        return Err("restricted_action".into());
    }
    if name.chars().count() > NAME {
        return Err("invalid_name_maxlength".into());
    }
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_') {
        return Err("invalid_name_specials".into());
    }
    let private = args.flag("is_private");
    let mut state = core.state();
    if CHANNELS.iter().any(|c| c.name == name) || state.rooms.iter().any(|room| room.name == name) {
        return Err("name_taken".into());
    }
    let id = state.id(if private { "G" } else { "C" });
    let members = vec![SLACK_BOT_USER.to_owned()];
    state.rooms.push(Room { id: id.clone(), name, private, archived: false, members });
    drop(state);
    Ok(json!({"channel": conversations::describe(core, &id)}))
}

fn opened(state: &mut State, args: &Args) -> Result<String, Failure> {
    let id = args.need("channel", "channel_not_found")?;
    let room = state.room(&id).ok_or("channel_not_found")?;
    if room.archived {
        return Err("is_archived".into());
    }
    if !room.members.iter().any(|member| member == SLACK_BOT_USER) {
        return Err("not_in_channel".into());
    }
    Ok(id)
}

/// `conversations.setTopic`, in channels that the bot has opened.
pub(super) fn set_topic(core: &Arc<Core>, caller: Caller, args: &Args) -> Answer {
    let topic = args.text("topic").unwrap_or_default();
    if topic.chars().count() > TOPIC {
        return Err("too_long".into());
    }
    let mut state = core.state();
    let id = opened(&mut state, args)?;
    state.topics.insert(id.clone(), topic.clone());
    let echoed = core.knobs.echo.load(std::sync::atomic::Ordering::SeqCst);
    let event = json!({"type": "message", "subtype": "channel_topic", "user": caller.user(), "topic": topic,
        "text": format!("<@{}> set the channel topic: {topic}", caller.user()), "channel": id, "ts": state.ts()});
    let delivery = echoed.then(|| wire::event(&mut state, &event));
    drop(state);
    if let Some(delivery) = delivery {
        drop(core.announce(delivery, 0));
    }
    Ok(json!({"channel": conversations::describe(core, &id)}))
}

/// `conversations.invite`, into channels that the bot has opened.
pub(super) fn invite(core: &Core, args: &Args) -> Answer {
    let users = args.need("users", "no_user")?;
    let mut state = core.state();
    let id = opened(&mut state, args)?;
    let users: Vec<String> = users.split(',').map(|user| user.trim().to_owned()).collect();
    if users.iter().any(|user| user == SLACK_BOT_USER) {
        return Err("cant_invite_self".into());
    }
    if users.iter().any(|user| person(user).is_none()) {
        return Err("user_not_found".into());
    }
    let Some(room) = state.rooms.iter_mut().find(|room| room.id == id) else { return Err("channel_not_found".into()) };
    if users.iter().all(|user| room.members.contains(user)) {
        return Err("already_in_channel".into());
    }
    room.members.extend(users);
    drop(state);
    Ok(json!({"channel": conversations::describe(core, &id)}))
}

impl SlackSim {
    /// Whether the workspace lets only some people open channels, and the bot not (it may, until told otherwise).
    pub fn restrict_channels(&self, yes: bool) {
        self.core.state().restricted = yes;
    }

    /// The names of the channels that the bot has opened, with who is in them.
    #[must_use]
    pub fn opened(&self) -> Vec<(String, Vec<String>)> {
        let state = self.core.state();
        let names = |ids: &[String]| ids.iter().map(|id| super::state::stage_name(id)).collect();
        state.rooms.iter().map(|room| (room.name.clone(), names(&room.members))).collect()
    }

    /// Somebody archives a channel that the bot has opened; its name stays taken.
    pub fn archives(&self, name: &str) {
        if let Some(room) = self.core.state().rooms.iter_mut().find(|room| room.name == name) {
            room.archived = true;
            room.members.clear();
        }
    }
}

/// A channel that was opened, as lists and answers give it.
pub(super) fn describe(mut channel: Value, room: &Room) -> Value {
    channel["creator"] = json!(SLACK_BOT_USER);
    channel["is_archived"] = json!(room.archived);
    channel["is_private"] = json!(room.private);
    channel["is_group"] = json!(room.private);
    channel["is_channel"] = json!(!room.private);
    channel["is_member"] = json!(room.members.iter().any(|m| m == SLACK_BOT_USER));
    channel["num_members"] = json!(room.members.len());
    channel
}
