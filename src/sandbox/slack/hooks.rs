//! `response_url`s: what the bot posts to them, and how often it may.
//!
//! Invariant: a hook is used five times at most, within thirty minutes.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::state::{HOOK_LIFE_MS, HOOK_USES, Hook};
use super::web::{Args, Failure};
use super::{Core, chat};
use crate::sandbox::cast::SLACK_BOT_USER;

/// Takes one post to a `response_url`. The error is a status and Slack's word for it.
pub(super) fn respond(core: &Arc<Core>, name: &str, body: &[u8]) -> Result<(), (u16, &'static str)> {
    let args = match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Args(map),
        _ => return Err((400, "invalid_payload")),
    };
    let hook = {
        let mut state = core.state();
        let now = state.now_ms();
        let hook = state.hooks.get_mut(name).ok_or((404, "invalid_url"))?;
        if now - hook.made_ms > HOOK_LIFE_MS {
            return Err((404, "expired_url"));
        }
        if hook.uses >= HOOK_USES {
            return Err((404, "used_url"));
        }
        hook.uses += 1;
        hook.clone()
    };
    say(core, &hook, &args).map_err(|failure| (400, failure.error))
}

/// Shows what a response says: instead of the message that it answers, or as a new one. A command's
/// response has nothing to replace, so that it is always a new message.
pub(super) fn say(core: &Arc<Core>, hook: &Hook, args: &Args) -> Result<(), Failure> {
    let mut state = core.state();
    if args.flag("delete_original") {
        let source = hook.source.and_then(|id| state.post_mut(id)).ok_or("message_not_found")?;
        source.gone = true;
        return Ok(());
    }
    let body = chat::read_body(&mut state, args)?;
    if chat::says_nothing(&body) {
        return Err("no_text".into());
    }
    let source = hook.source.filter(|_| args.flag("replace_original"));
    if let Some(before) = source.and_then(|id| state.post_mut(id)).filter(|p| !p.gone).map(|p| p.clone()) {
        let all = Args(replacing(&args.0));
        chat::edit(&mut state, &before, &all, body);
        return Ok(());
    }
    let public = args.text("response_type").as_deref() == Some("in_channel");
    let only = (!public).then(|| hook.user.clone());
    let thread_ts = args.text("thread_ts").or_else(|| hook.thread_ts.clone());
    let post = state.post(SLACK_BOT_USER, &hook.channel, thread_ts, only, body);
    if public {
        chat::echo_said(core, &mut state, &post);
    }
    Ok(())
}

/// A replacement leaves nothing of the former message.
fn replacing(args: &Map<String, Value>) -> Map<String, Value> {
    let mut all = args.clone();
    for key in ["text", "blocks", "attachments"] {
        all.entry(key).or_insert(Value::Null);
    }
    all
}
