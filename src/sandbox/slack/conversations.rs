//! The `conversations.*` methods: channels and what was said in them.
//!
//! Ephemeral and deleted messages are not in any history. Invariant: a page never holds more than
//! its limit.

use serde_json::{Value, json};

use super::rooms::{self, Room};
use super::state::{Post, State, dm_of, dm_owner, person};
use super::web::{Answer, Args, Failure};
use super::{Core, wire};
use crate::sandbox::cast::{CHANNELS, SLACK_TEAM};

/// Messages on a page when the caller does not say.
const PAGE: usize = 100;
/// Messages on the longest page: Slack's own limit.
const LONGEST_PAGE: usize = 999;

fn existing(core: &Core, args: &Args) -> Result<String, Failure> {
    let named = args.need("channel", "channel_not_found")?;
    let opened = core.state().room(&named).is_some();
    let exists = opened || CHANNELS.iter().any(|c| c.slack == named) || dm_owner(&named).is_some();
    if exists { Ok(named) } else { Err("channel_not_found".into()) }
}

/// `conversations.open`, for one person.
pub(super) fn open(core: &Core, args: &Args) -> Answer {
    let channel = match args.text("users").filter(|u| !u.is_empty()) {
        Some(users) if users.contains(',') => return Err("too_many_users".into()),
        Some(user) => dm_of(person(&user).ok_or("user_not_found")?.slack_user),
        None => {
            let channel = args.need("channel", "users_list_not_supplied")?;
            dm_owner(&channel).ok_or("channel_not_found")?;
            channel
        }
    };
    let body = if args.flag("return_im") { describe(core, &channel) } else { json!({"id": channel}) };
    Ok(json!({"channel": body, "no_op": true, "already_open": true}))
}

/// `conversations.info`.
pub(super) fn describe_one(core: &Core, args: &Args) -> Answer {
    let channel = existing(core, args)?;
    Ok(json!({"channel": describe(core, &channel)}))
}

/// `conversations.list` and `users.conversations` (the bot is everywhere but where it was thrown out): the channels, and direct messages when `types` asks for them.
pub(super) fn list(core: &Core, args: &Args, mine: bool) -> Value {
    let types = args.text("types").unwrap_or_else(|| "public_channel".to_owned());
    let mut channels = Vec::new();
    if types.contains("public_channel") {
        channels.extend(CHANNELS.iter().map(|c| describe(core, c.slack)));
    }
    let private = types.contains("private_channel");
    let rooms: Vec<Room> = core.state().rooms.clone();
    let asked = |room: &&Room| if room.private { private } else { types.contains("public_channel") };
    let listed = |room: &&Room| !(room.archived && args.flag("exclude_archived"));
    channels.extend(rooms.iter().filter(asked).filter(listed).map(|room| describe(core, &room.id)));
    if types.split(',').any(|t| t.trim() == "im") {
        channels.extend(crate::sandbox::cast::PEOPLE.iter().map(|p| describe(core, &dm_of(p.slack_user))));
    }
    if mine {
        channels.retain(|channel| channel["is_im"] == true || channel["is_member"] == true);
    }
    page_of(channels, args)
}

/// The page of a list that the arguments ask for.
fn page_of(mut channels: Vec<Value>, args: &Args) -> Value {
    let from: usize = args.text("cursor").and_then(|c| c.strip_prefix("at:")?.parse().ok()).unwrap_or(0);
    let most = args.text("limit").and_then(|l| l.parse().ok()).filter(|l| *l > 0).unwrap_or(PAGE).min(LONGEST_PAGE);
    let more = channels.len() > from + most;
    channels = channels.into_iter().skip(from).take(most).collect();
    let cursor = if more { format!("at:{}", from + most) } else { String::new() };
    json!({"channels": channels, "response_metadata": {"next_cursor": cursor}})
}

pub(super) fn describe(core: &Core, channel: &str) -> Value {
    if let Some(owner) = dm_owner(channel) {
        return json!({"id": channel, "created": 0, "is_im": true, "is_archived": false, "is_org_shared": false,
            "user": owner.slack_user, "is_user_deleted": false, "is_open": true, "context_team_id": SLACK_TEAM});
    }
    let (name, topic, room) = {
        let state = core.state();
        let topic = state.topics.get(channel).cloned().unwrap_or_default();
        (state.channel_name(channel), topic, state.room(channel).cloned())
    };
    let described = json!({"id": channel, "name": name, "name_normalized": name, "is_channel": true, "is_group": false, "is_im": false,
        "is_mpim": false, "is_private": false, "is_archived": false, "is_general": false, "is_member": true,
        "is_shared": name == "support", "is_ext_shared": name == "support", "is_org_shared": false, "created": 0,
        "creator": "U0MIRA", "context_team_id": SLACK_TEAM, "num_members": crate::sandbox::cast::PEOPLE.len() + 1,
        "topic": {"value": topic, "creator": "", "last_set": 0}, "purpose": {"value": "", "creator": "", "last_set": 0}});
    match room {
        Some(room) => rooms::describe(described, &room),
        None => described,
    }
}

/// The part of a list that the arguments ask for: a time span and a page.
struct Window {
    oldest: String,
    latest: String,
    inclusive: bool,
    limit: usize,
    cursor: Option<String>,
}

impl Window {
    fn read(args: &Args) -> Result<Self, Failure> {
        let limit = match args.text("limit").filter(|l| !l.is_empty()) {
            Some(text) => text.parse::<usize>().map_err(|_| "invalid_limit")?,
            None => PAGE,
        };
        let cursor = match args.text("cursor").filter(|c| !c.is_empty()) {
            Some(cursor) => Some(cursor.strip_prefix("next_ts:").ok_or("invalid_cursor")?.to_owned()),
            None => None,
        };
        Ok(Self {
            oldest: args.text("oldest").filter(|t| !t.is_empty()).unwrap_or_else(|| "0".to_owned()),
            latest: args.text("latest").filter(|t| !t.is_empty()).unwrap_or_default(),
            inclusive: args.flag("inclusive"),
            limit: if limit == 0 { PAGE } else { limit.min(LONGEST_PAGE) },
            cursor,
        })
    }

    fn holds(&self, ts: &str) -> bool {
        let ts = micros(ts);
        let (oldest, latest) = (micros(&self.oldest), micros(&self.latest));
        let open = self.latest.is_empty();
        if self.inclusive { ts >= oldest && (open || ts <= latest) } else { ts > oldest && (open || ts < latest) }
    }

    fn page(&self, posts: &[Post], with_metadata: bool, state: &State) -> Value {
        let more = posts.len() > self.limit;
        let page = &posts[..posts.len().min(self.limit)];
        let messages: Vec<Value> = page.iter().map(|post| with_thread(state, post, with_metadata)).collect();
        let cursor = page.last().filter(|_| more).map(|post| format!("next_ts:{}", post.ts));
        let mut body = json!({"messages": messages, "has_more": more, "pin_count": 0});
        if let Some(cursor) = cursor {
            body["response_metadata"] = json!({"next_cursor": cursor});
        }
        body
    }
}

fn micros(ts: &str) -> i64 {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, ""));
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let seconds = seconds.parse::<i64>().unwrap_or(0);
    seconds.saturating_mul(1_000_000).saturating_add(digits.parse().unwrap_or(0))
}

fn with_thread(state: &State, post: &Post, with_metadata: bool) -> Value {
    let mut message = wire::message(post, with_metadata);
    let replies =
        state.posts().filter(|p| lives_in(p, &post.channel) && is_reply(p) && p.thread_ts.as_ref() == Some(&post.ts));
    let (count, last) = replies.fold((0, None), |(n, _), p| (n + 1, Some(p.ts.clone())));
    if let Some(last) = last {
        message["thread_ts"] = json!(post.ts);
        message["reply_count"] = json!(count);
        message["latest_reply"] = json!(last);
    }
    message
}

fn lives_in(post: &Post, channel: &str) -> bool {
    post.channel == channel && post.only.is_none() && !post.gone
}

fn is_reply(post: &Post) -> bool {
    post.thread_ts.as_ref().is_some_and(|thread| *thread != post.ts)
}

/// `conversations.history`: newest first, without replies.
pub(super) fn history(core: &Core, args: &Args) -> Answer {
    let channel = existing(core, args)?;
    let window = Window::read(args)?;
    let state = core.state();
    let listed = state.posts().rev().filter(|p| lives_in(p, &channel) && !is_reply(p) && window.holds(&p.ts));
    let before = window.cursor.as_deref().map(micros);
    let posts: Vec<Post> = listed.filter(|p| before.is_none_or(|b| micros(&p.ts) < b)).cloned().collect();
    Ok(window.page(&posts, args.flag("include_all_metadata"), &state))
}

/// `conversations.replies`: the parent and its replies, oldest first.
pub(super) fn replies(core: &Core, args: &Args) -> Answer {
    let channel = existing(core, args)?;
    let asked = args.need("ts", "thread_not_found")?;
    let window = Window::read(args)?;
    let state = core.state();
    let found = state.posts().find(|p| lives_in(p, &channel) && p.ts == asked).ok_or("thread_not_found")?;
    let parent = found.thread_ts.clone().unwrap_or_else(|| found.ts.clone());
    let in_thread = |p: &&Post| p.ts == parent || p.thread_ts.as_ref() == Some(&parent);
    let listed = state.posts().filter(|p| lives_in(p, &channel)).filter(in_thread);
    let spanned = listed.filter(|p| p.ts == parent || window.holds(&p.ts));
    let after = window.cursor.as_deref().map(micros);
    let posts: Vec<Post> = spanned.filter(|p| after.is_none_or(|a| micros(&p.ts) > a)).cloned().collect();
    Ok(window.page(&posts, args.flag("include_all_metadata"), &state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stamps_compare_as_numbers() {
        assert!(micros("1793610000.000002") > micros("1793610000.000001"));
        assert_eq!(micros("1793610000"), micros("1793610000.000000"));
    }
}
