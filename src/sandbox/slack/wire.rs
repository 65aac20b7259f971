//! The payloads that Slack makes: Socket Mode frames, events, commands, interactions, messages, views.
//!
//! It sends nothing. Invariant: the keys are those of Slack's documentation, always all of them.

use serde_json::{Map, Value, json};

use super::delivery::Delivery;
use super::state::{Post, State, View, person};
use crate::sandbox::cast::{Person, SLACK_APP, SLACK_BOT, SLACK_BOT_USER, SLACK_TEAM};

/// The workspace's domain.
pub(super) const DOMAIN: &str = "seqn";
/// The old verification token that payloads still carry; it means nothing in Socket Mode.
const VERIFICATION: &str = "verification-token";
/// How long a connection lasts, as hello promises, in seconds.
const CONNECTION_S: u32 = 18_060;

/// The first frame of a connection.
pub(super) fn hello(connections: usize) -> Value {
    json!({
        "type": "hello", "num_connections": connections,
        "debug_info": {"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": CONNECTION_S},
        "connection_info": {"app_id": SLACK_APP},
    })
}

/// The frame that asks a client to go.
pub(super) fn disconnect(reason: &str) -> Value {
    json!({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})
}

/// `im`, `group` for a private channel, or `channel`.
pub(super) fn channel_type(channel: &str) -> &'static str {
    match channel.chars().next() {
        Some('D') => "im",
        Some('G') => "group",
        _ => "channel",
    }
}

/// A message as history, answers and interactions give it.
pub(super) fn message(post: &Post, with_metadata: bool) -> Value {
    let mut wire = json!({"type": "message", "user": post.user, "ts": post.ts, "text": post.body.text});
    let team = person(&post.user).map_or(SLACK_TEAM, |p| p.slack_team);
    wire["team"] = json!(team);
    if post.user == SLACK_BOT_USER {
        wire["bot_id"] = json!(SLACK_BOT);
        wire["app_id"] = json!(SLACK_APP);
        wire["bot_profile"] = bot_profile();
    } else {
        wire["client_msg_id"] = json!(format!("00000000-0000-4000-8000-{:012x}", post.id));
    }
    if team != SLACK_TEAM {
        wire["user_team"] = json!(team);
        wire["source_team"] = json!(team);
    }
    for (key, value) in [("blocks", &post.body.blocks), ("attachments", &post.body.attachments)] {
        if value.as_array().is_some_and(|list| !list.is_empty()) {
            wire[key] = value.clone();
        }
    }
    if let Some(thread_ts) = &post.thread_ts {
        wire["thread_ts"] = json!(thread_ts);
    }
    if post.edits > 0 {
        wire["edited"] = json!({"user": post.user, "ts": post.ts});
    }
    wire.as_object_mut().into_iter().for_each(|keys| keys.extend(post.extra.clone()));
    if post.user.is_empty() {
        wire.as_object_mut()
            .into_iter()
            .for_each(|keys| ["user", "client_msg_id"].iter().for_each(|key| drop(keys.remove(*key))));
    }
    if let Some(metadata) = post.body.metadata.as_ref().filter(|_| with_metadata) {
        wire["metadata"] = metadata.clone();
    }
    wire
}

/// The bot as message authors are described.
pub(super) fn bot_profile() -> Value {
    json!({"id": SLACK_BOT, "app_id": SLACK_APP, "name": "seqn", "deleted": false, "team_id": SLACK_TEAM, "updated": 0,
           "user_id": SLACK_BOT_USER, "icons": {}})
}

/// A `message` event about a new message.
pub(super) fn said(post: &Post) -> Value {
    let mut event = message(post, true);
    event["channel"] = json!(post.channel);
    event["event_ts"] = json!(post.ts);
    event["channel_type"] = json!(channel_type(&post.channel));
    event
}

/// An `app_mention` event about a new message.
pub(super) fn mentioned(post: &Post) -> Value {
    let mut event = said(post);
    event["type"] = json!("app_mention");
    if let Some(keys) = event.as_object_mut() {
        keys.remove("channel_type");
    }
    event
}

/// A `message_changed` or `message_deleted` event; it carries the former message once more.
pub(super) fn changed(state: &mut State, subtype: &str, before: &Post, after: Option<&Post>) -> Value {
    let ts = state.ts();
    let mut event = json!({
        "type": "message", "subtype": subtype, "channel": before.channel, "ts": ts, "event_ts": ts, "hidden": true,
        "channel_type": channel_type(&before.channel), "previous_message": message(before, true),
    });
    match after {
        Some(after) => event["message"] = message(after, true),
        None => event["deleted_ts"] = json!(before.ts),
    }
    event
}

/// A `reaction_added` event: who, with what, to which message.
pub(super) fn reacted(state: &mut State, who: &Person, emoji: &str, post: &Post) -> Value {
    json!({
        "type": "reaction_added", "user": who.slack_user, "reaction": emoji, "item_user": post.user,
        "item": {"type": "message", "channel": post.channel, "ts": post.ts}, "event_ts": state.ts(),
    })
}

/// The envelope of an event.
pub(super) fn event(state: &mut State, event: &Value) -> Delivery {
    let foreign = event["user_team"].is_string();
    let payload = json!({
        "token": VERIFICATION, "team_id": SLACK_TEAM, "context_team_id": SLACK_TEAM, "context_enterprise_id": null,
        "api_app_id": SLACK_APP, "event": event, "type": "event_callback", "event_id": state.id("Ev"),
        "event_time": state.now_ms() / 1_000, "is_ext_shared_channel": foreign, "event_context": state.id("4-"),
        "authorizations": [{"enterprise_id": null, "team_id": SLACK_TEAM, "user_id": SLACK_BOT_USER, "is_bot": true,
                            "is_enterprise_install": false}],
    });
    Delivery { kind: "events_api", envelope_id: state.id("env-"), payload, accepts: false }
}

/// The envelope of a slash command.
pub(super) fn command(
    state: &mut State,
    hooks: &str,
    who: &Person,
    channel: &str,
    command: &str,
    text: &str,
) -> Delivery {
    let hook = state.hook(who.slack_user, channel, None, None);
    let payload = json!({
        "token": VERIFICATION, "team_id": who.slack_team, "team_domain": domain_of(who),
        "channel_id": channel, "channel_name": state.channel_name(channel), "user_id": who.slack_user, "user_name": who.name,
        "command": command, "text": text, "api_app_id": SLACK_APP, "is_enterprise_install": "false",
        "response_url": format!("{hooks}/{hook}"), "trigger_id": state.trigger(who.slack_user),
    });
    Delivery { kind: "slash_commands", envelope_id: state.id("env-"), payload, accepts: true }
}

fn domain_of(who: &Person) -> &'static str {
    if who.slack_team == SLACK_TEAM { DOMAIN } else { "other" }
}

/// The envelope of an interaction whose payload is complete.
pub(super) fn interactive(state: &mut State, payload: Value) -> Delivery {
    Delivery { kind: "interactive", envelope_id: state.id("env-"), payload, accepts: true }
}

/// What every interaction payload has: who, where from, and a fresh trigger.
pub(super) fn interaction(state: &mut State, kind: &str, who: &Person) -> Map<String, Value> {
    let payload = json!({
        "type": kind, "token": VERIFICATION, "api_app_id": SLACK_APP, "enterprise": null,
        "is_enterprise_install": false, "team": {"id": SLACK_TEAM, "domain": DOMAIN},
        "user": {"id": who.slack_user, "username": who.name, "name": who.name, "team_id": who.slack_team},
        "trigger_id": state.trigger(who.slack_user),
    });
    match payload {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Adds where a message's button is: container, channel, `response_url`, and the message unless it is ephemeral.
pub(super) fn in_message(payload: &mut Map<String, Value>, state: &State, post: &Post, hook_url: &str) {
    let mut container = json!({
        "type": "message", "message_ts": post.ts, "channel_id": post.channel, "is_ephemeral": post.only.is_some(),
    });
    if let Some(thread_ts) = &post.thread_ts {
        container["thread_ts"] = json!(thread_ts);
    }
    payload.insert("container".into(), container);
    payload.insert("channel".into(), json!({"id": post.channel, "name": state.channel_name(&post.channel)}));
    payload.insert("response_url".into(), json!(hook_url));
    payload.insert("state".into(), json!({"values": post.picked}));
    if post.only.is_none() {
        payload.insert("message".into(), message(post, true));
    }
}

/// Adds which modal a button is in.
pub(super) fn in_view(payload: &mut Map<String, Value>, view: &View) {
    payload.insert("container".into(), json!({"type": "view", "view_id": view.name}));
    payload.insert("view".into(), self::view(view));
}

/// A modal as answers and interactions give it.
pub(super) fn view(view: &View) -> Value {
    let mut wire = json!({
        "private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": false, "notify_on_close": false,
        "submit": null, "close": null,
    });
    if let Some(keys) = wire.as_object_mut() {
        keys.extend(view.body.clone());
    }
    let fixed = json!({
        "id": view.name, "team_id": SLACK_TEAM, "app_id": SLACK_APP, "app_installed_team_id": SLACK_TEAM,
        "bot_id": SLACK_BOT, "hash": view.hash, "root_view_id": view.root, "previous_view_id": view.previous,
        "state": {"values": view.picked},
    });
    if let (Some(keys), Value::Object(fixed)) = (wire.as_object_mut(), fixed) {
        keys.extend(fixed);
    }
    wire
}
