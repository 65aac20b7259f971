//! REST routes that describe the world: gateway address, application, users, channels, the guild.
//!
//! It changes nothing but to name a direct-message channel. Invariant: unknown things are 404 with Discord's code.

use serde_json::{Value, json};

use super::opened;
use super::reply::{Answer, Reply, fail, no_content, ok};
use super::rest::Call;
use super::rooms;
use super::state::Core;
use super::wire;
use crate::sandbox::cast::{DISCORD_APP, DISCORD_GUILD};

/// How many IDENTIFYs an application has in a day.
const IDENTIFIES_A_DAY: usize = 1_000;
/// A day in milliseconds.
const DAY_MS: u64 = 86_400_000;

/// Finds the route and answers.
pub(super) fn route(core: &Core, call: &Call, path: &[&str]) -> Answer {
    let bot_may = core.lock().knobs.bot_may;
    match (call.method.as_str(), path) {
        ("GET", ["gateway"]) => Ok(ok(json!({"url": core.gateway_url}))),
        ("GET", ["gateway", "bot"]) => Ok(ok(gateway_bot(core))),
        ("GET", ["users", "@me"]) => {
            let mut me = wire::user(DISCORD_APP);
            wire::merge(&mut me, &json!({"mfa_enabled": true, "locale": "en-US", "verified": true, "email": null}));
            Ok(ok(me))
        }
        ("GET", ["users", "@me", "guilds"]) => Ok(ok(json!([{
            "id": DISCORD_GUILD.to_string(), "name": "SEQN", "icon": null, "owner": false, "banner": null, "features": [],
            "permissions": wire::permissions(DISCORD_APP, bot_may).to_string(),
        }]))),
        ("POST", ["users", "@me", "channels"]) => open_dm(call),
        ("GET", ["users", id]) => {
            let id = known_user(id).ok_or_else(|| fail(404, 10013, "Unknown User"))?;
            Ok(ok(wire::user(id)))
        }
        ("GET", ["oauth2", "applications", "@me"] | ["applications", "@me"]) => {
            Ok(ok(wire::application(core.lock().knobs.message_content)))
        }
        ("GET", ["channels", id]) => Ok(ok(channel_object(core, id)?)),
        ("POST", ["channels", id, "typing"]) => channel_object(core, id).map(|_| no_content()),
        ("POST", ["guilds", guild, "channels"]) if guild.parse() == Ok(DISCORD_GUILD) => opened::channel(core, call),
        ("GET", ["guilds", guild, rest @ ..]) => guild_route(core, guild, rest),
        (_, ["channels", id, rest @ ..]) => {
            let id = channel_id(core, id)?;
            rooms::route(core, call, id, rest)
        }
        _ => Err(fail(404, 0, "404: Not Found")),
    }
}

fn gateway_bot(core: &Core) -> Value {
    let left = IDENTIFIES_A_DAY.saturating_sub(core.lock().gate.identifies);
    json!({
        "url": core.gateway_url, "shards": 1,
        "session_start_limit": {"total": IDENTIFIES_A_DAY, "remaining": left, "reset_after": DAY_MS, "max_concurrency": 1},
    })
}

fn guild_route(core: &Core, guild: &str, rest: &[&str]) -> Answer {
    let state = core.lock();
    let bot_may = state.knobs.bot_may;
    if guild.parse() != Ok(DISCORD_GUILD) {
        return Err(fail(404, 10004, "Unknown Guild"));
    }
    match rest {
        [] => Ok(ok(wire::guild(bot_may))),
        ["channels"] => Ok(ok(rooms::channels(&state))),
        ["roles"] => Ok(ok(wire::roles(bot_may))),
        ["threads", "active"] => Ok(ok(json!({"threads": rooms::active(&state), "members": []}))),
        // The list takes the privileged intent for members, which this application has not.
        ["members"] => Err(fail(403, 50001, "Missing Access")),
        ["members", id] => {
            let id = known_user(id).ok_or_else(|| fail(404, 10007, "Unknown Member"))?;
            Ok(ok(wire::member(id)))
        }
        _ => Err(fail(404, 0, "404: Not Found")),
    }
}

fn known_user(id: &str) -> Option<u64> {
    let id = id.parse().ok()?;
    (id == DISCORD_APP || wire::person(id).is_some()).then_some(id)
}

fn open_dm(call: &Call) -> Answer {
    let id = call.body["recipient_id"].as_str().and_then(known_user).filter(|id| *id != DISCORD_APP);
    let id = id.ok_or_else(|| fail(400, 50033, "Invalid Recipient(s)"))?;
    wire::channel(wire::dm_of(id)).map(ok).ok_or_else(|| fail(400, 50033, "Invalid Recipient(s)"))
}

/// A channel that exists and that the bot sees.
pub(super) fn channel_id(core: &Core, id: &str) -> Result<u64, Reply> {
    let unknown = || fail(404, 10003, "Unknown Channel");
    let id: u64 = id.parse().map_err(|_| unknown())?;
    let state = core.lock();
    rooms::object(&state, id).ok_or_else(unknown)?;
    if rooms::is_hidden(&state, id) {
        return Err(fail(403, 50001, "Missing Access"));
    }
    Ok(id)
}

fn channel_object(core: &Core, id: &str) -> Result<Value, Reply> {
    let id = channel_id(core, id)?;
    let core = core.lock();
    let mut channel = rooms::object(&core, id).ok_or_else(|| fail(404, 10003, "Unknown Channel"))?;
    if core.knobs.bot_lacks != 0 {
        let (bot, lacking) = (DISCORD_APP.to_string(), core.knobs.bot_lacks.to_string());
        channel["permission_overwrites"] = json!([{"id": bot, "type": 1, "allow": "0", "deny": lacking}]);
    }
    Ok(channel)
}
