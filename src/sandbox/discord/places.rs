//! REST routes that describe the world: gateway address, application, users, channels, the guild.
//!
//! It changes nothing but to name a direct-message channel. Invariant: unknown things are 404 with Discord's code.

use serde_json::{Value, json};

use super::reply::{Answer, Reply, fail, no_content, ok};
use super::rest::Call;
use super::state::Core;
use super::wire;
use crate::sandbox::cast::{DISCORD_APP, DISCORD_GUILD};

/// How many IDENTIFYs an application has in a day.
const IDENTIFIES_A_DAY: usize = 1_000;
/// A day in milliseconds.
const DAY_MS: u64 = 86_400_000;

/// Finds the route and answers.
pub(super) fn route(core: &Core, call: &Call, path: &[&str]) -> Answer {
    let knobs_manage = core.lock().knobs.bot_manages;
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
            "permissions": wire::permissions(DISCORD_APP, knobs_manage).to_string(),
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
        ("GET", ["guilds", guild, rest @ ..]) => guild_route(knobs_manage, guild, rest),
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

fn guild_route(bot_manages: bool, guild: &str, rest: &[&str]) -> Answer {
    if guild.parse() != Ok(DISCORD_GUILD) {
        return Err(fail(404, 10004, "Unknown Guild"));
    }
    match rest {
        [] => Ok(ok(wire::guild(bot_manages))),
        ["channels"] => Ok(ok(wire::channels())),
        ["roles"] => Ok(ok(wire::roles(bot_manages))),
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
    wire::channel(id).ok_or_else(unknown)?;
    if core.lock().knobs.hidden_channels.contains(&id) {
        return Err(fail(403, 50001, "Missing Access"));
    }
    Ok(id)
}

fn channel_object(core: &Core, id: &str) -> Result<Value, Reply> {
    let id = channel_id(core, id)?;
    let mut channel = wire::channel(id).ok_or_else(|| fail(404, 10003, "Unknown Channel"))?;
    let lacking = core.lock().knobs.bot_lacks;
    if lacking != 0 {
        let bot = DISCORD_APP.to_string();
        channel["permission_overwrites"] = json!([{"id": bot, "type": 1, "allow": "0", "deny": lacking.to_string()}]);
    }
    Ok(channel)
}
