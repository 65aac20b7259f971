//! REST routes below `/webhooks/{application}/{token}`: the original response and follow-ups of an interaction.
//!
//! It knows no other webhooks. Invariants: before the callback there is nothing to edit; a token ends after 15
//! minutes of the dial.

use serde_json::json;

use super::checks;
use super::interactions;
use super::messages;
use super::reply::{Answer, Reply, fail, no_content, ok};
use super::rest::Call;
use super::state::{Core, State};
use crate::sandbox::cast::DISCORD_APP;

/// How long an interaction token lives, in milliseconds of the dial.
const TOKEN_LIFE_MS: i64 = 15 * 60 * 1_000;

/// Finds the route.
pub(super) fn route(core: &Core, call: &Call, app: &str, token: &str, rest: &[&str]) -> Answer {
    let now = core.dial.now_ms();
    let mut state = core.lock();
    let id = alive(&state, now, app, token)?;
    let unknown = || fail(404, 10008, "Unknown Message");
    match (call.method.as_str(), rest) {
        ("POST", []) => follow_up(&mut state, now, id, call),
        ("GET", ["messages", message]) => {
            let message = named(&state, id, message)?;
            state.post(message).map(|p| ok(p.body.clone())).ok_or_else(unknown)
        }
        ("PATCH", ["messages", message]) => {
            let message = named(&state, id, message)?;
            messages::edit(&mut state, now, message, &call.body).map(ok)
        }
        ("DELETE", ["messages", message]) => {
            let message = named(&state, id, message)?;
            messages::delete(&mut state, message);
            Ok(no_content())
        }
        _ => Err(fail(404, 0, "404: Not Found")),
    }
}

/// The interaction of a token that is known, acknowledged and not expired.
fn alive(state: &State, now: i64, app: &str, token: &str) -> Result<u64, Reply> {
    let unknown = || fail(404, 10015, "Unknown Webhook");
    if app.parse() != Ok(DISCORD_APP) {
        return Err(unknown());
    }
    let (id, found) = state.interactions.iter().find(|(_, i)| i.token == token).ok_or_else(unknown)?;
    if now - found.born_ms > TOKEN_LIFE_MS {
        return Err(fail(401, 50027, "Invalid Webhook Token"));
    }
    found.acked.map(|_| *id).ok_or_else(unknown)
}

/// The message that `@original` or an id names; only messages of this interaction can be named.
fn named(state: &State, id: u64, message: &str) -> Result<u64, Reply> {
    let unknown = || fail(404, 10008, "Unknown Message");
    let original = state.interactions.get(&id).and_then(|i| i.original);
    let message = if message == "@original" { original } else { message.parse().ok() }.ok_or_else(unknown)?;
    let post = state.post(message).ok_or_else(unknown)?;
    let own = Some(message) == original || post.body["interaction_metadata"]["id"] == json!(id.to_string());
    if own { Ok(message) } else { Err(unknown()) }
}

fn follow_up(state: &mut State, now: i64, id: u64, call: &Call) -> Answer {
    let owed = state.interactions.get(&id).and_then(|i| i.original);
    if let Some(owed) = owed.filter(|m| state.post(*m).is_some_and(|p| p.thinking)) {
        // The first follow-up fills the deferred response and takes over whether it is ephemeral.
        return messages::edit(state, now, owed, &call.body).map(ok);
    }
    checks::message(&call.body)?;
    let made = interactions::respond(state, now, id, &call.body, false);
    state.post(made).map(|p| ok(p.body.clone())).ok_or_else(|| fail(404, 10008, "Unknown Message"))
}
