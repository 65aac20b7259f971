//! The `chat.*` methods: posting, editing and deleting messages.
//!
//! It does not deliver anything to people but the state. Invariant: nobody edits or deletes what their
//! token may not.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use serde_json::{Value, json};

use super::state::State;
use super::state::{Body, Post, channel_id, dm_owner, person};
use super::web::{Answer, Args, Caller, Failure};
use super::{Core, blocks, wire};

/// Characters of a message's text.
const TEXT: usize = 40_000;

/// Reads and checks what a message shall say, whoever sends it.
pub(super) fn read_body(state: &mut State, args: &Args) -> Result<Body, Failure> {
    let text = args.text("text").unwrap_or_default();
    let mut blocks = args.json("blocks");
    let attachments = args.json("attachments");
    if args.0.contains_key("blocks") && !blocks.is_array() && !blocks.is_null() {
        return Err("invalid_blocks_format".into());
    }
    if blocks.is_array() {
        let messages = blocks::check_message(&blocks);
        if !messages.is_empty() {
            return Err(Failure { error: "invalid_blocks", messages });
        }
        if blocks::too_long(&blocks) {
            return Err("msg_blocks_too_long".into());
        }
        blocks::fill_ids(state, &mut blocks);
    }
    if text.chars().count() > TEXT {
        return Err("msg_too_long".into());
    }
    let metadata = args.json("metadata");
    let whole = metadata["event_type"].is_string() && metadata["event_payload"].is_object();
    if !metadata.is_null() && !whole {
        return Err("invalid_metadata_format".into());
    }
    Ok(Body { text, blocks, attachments, metadata: (!metadata.is_null()).then_some(metadata) })
}

/// True when a message would show nothing.
pub(super) fn says_nothing(body: &Body) -> bool {
    let empty = |list: &Value| list.as_array().is_none_or(Vec::is_empty);
    body.text.is_empty() && empty(&body.blocks) && empty(&body.attachments)
}

fn channel(core: &Core, args: &Args) -> Result<String, Failure> {
    let named = args.need("channel", "channel_not_found")?;
    let state = core.state();
    let id = channel_id(&state, &named).ok_or("channel_not_found")?;
    match state.room(&id) {
        Some(room) if room.archived => Err("is_archived".into()),
        Some(_) if !state.has_bot(&id) => Err("not_in_channel".into()),
        _ => Ok(id),
    }
}

/// `chat.postMessage`.
pub(super) fn post_message(core: &Arc<Core>, caller: Caller, args: &Args) -> Answer {
    let channel = channel(core, args)?;
    let mut state = core.state();
    let body = read_body(&mut state, args)?;
    if says_nothing(&body) {
        return Err("no_text".into());
    }
    let post = state.post(caller.user(), &channel, args.text("thread_ts"), None, body);
    echo_said(core, &mut state, &post);
    Ok(json!({"channel": channel, "ts": post.ts, "message": wire::message(&post, true)}))
}

/// `chat.postEphemeral`.
pub(super) fn post_ephemeral(core: &Arc<Core>, caller: Caller, args: &Args) -> Answer {
    let channel = channel(core, args)?;
    let user = args.need("user", "invalid_arguments")?;
    let in_channel = match dm_owner(&channel) {
        Some(owner) => owner.slack_user == user,
        None => person(&user).is_some(),
    };
    if !in_channel {
        return Err("user_not_in_channel".into());
    }
    let mut state = core.state();
    let body = read_body(&mut state, args)?;
    if says_nothing(&body) {
        return Err("no_text".into());
    }
    let post = state.post(caller.user(), &channel, args.text("thread_ts"), Some(user), body);
    Ok(json!({"message_ts": post.ts}))
}

/// `chat.update`.
pub(super) fn update(core: &Arc<Core>, caller: Caller, args: &Args) -> Answer {
    let channel = channel(core, args)?;
    let ts = args.need("ts", "message_not_found")?;
    let mut state = core.state();
    let before = state.find_post(&channel, &ts).ok_or("message_not_found")?.clone();
    if before.user != caller.user() {
        return Err("cant_update_message".into());
    }
    let body = read_body(&mut state, args)?;
    if says_nothing(&body) {
        return Err("no_text".into());
    }
    let after = edit(&mut state, &before, args, body);
    if core.knobs.echo.load(Ordering::SeqCst) {
        let event = wire::changed(&mut state, "message_changed", &before, Some(&after));
        let delivery = wire::event(&mut state, &event);
        drop(state);
        drop(core.announce(delivery, 0));
    }
    Ok(json!({"channel": channel, "ts": ts, "text": after.body.text, "message": wire::message(&after, true)}))
}

/// Edits a message; what the arguments leave out stays as it was.
pub(super) fn edit(state: &mut State, before: &Post, args: &Args, body: Body) -> Post {
    let mut after = before.clone();
    after.edits += 1;
    after.picked.clear();
    if args.0.contains_key("text") {
        after.body.text = body.text;
    }
    if args.0.contains_key("blocks") {
        after.body.blocks = body.blocks;
    }
    if args.0.contains_key("attachments") {
        after.body.attachments = body.attachments;
    }
    if body.metadata.is_some() {
        after.body.metadata = body.metadata;
    }
    if let Some(post) = state.post_mut(before.id) {
        *post = after.clone();
    }
    after
}

/// `chat.delete`: a bot token deletes the bot's own messages, an admin's user token everybody's in
/// channels, and nobody deletes other people's direct messages.
pub(super) fn delete(core: &Arc<Core>, caller: Caller, args: &Args) -> Answer {
    let channel = channel(core, args)?;
    let ts = args.need("ts", "message_not_found")?;
    let mut state = core.state();
    let post = state.find_post(&channel, &ts).ok_or("message_not_found")?;
    let own = post.user == caller.user();
    let may = own || (caller == Caller::Admin && dm_owner(&channel).is_none());
    if !may {
        return Err("cant_delete_message".into());
    }
    post.gone = true;
    let before = post.clone();
    core.removals.came(&ts, Instant::now());
    if !own || core.knobs.echo.load(Ordering::SeqCst) {
        let event = wire::changed(&mut state, "message_deleted", &before, None);
        let delivery = wire::event(&mut state, &event);
        drop(state);
        drop(core.announce(delivery, 0));
    }
    Ok(json!({"channel": channel, "ts": ts}))
}

/// `chat.getPermalink`.
pub(super) fn permalink(core: &Arc<Core>, args: &Args) -> Answer {
    let channel = channel(core, args)?;
    let ts = args.need("message_ts", "message_not_found")?;
    core.state().find_post(&channel, &ts).ok_or("message_not_found")?;
    let link = format!("https://{}.slack.com/archives/{channel}/p{}", wire::DOMAIN, ts.replace('.', ""));
    Ok(json!({"channel": channel, "permalink": link}))
}

/// Tells the bot about a message of its own, as Slack does.
pub(super) fn echo_said(core: &Arc<Core>, state: &mut State, post: &Post) {
    if core.knobs.echo.load(Ordering::SeqCst) {
        let delivery = wire::event(state, &wire::said(post));
        // Sending takes other locks only, so that the order of events is the order of messages.
        drop(core.announce(delivery, 0));
    }
}
