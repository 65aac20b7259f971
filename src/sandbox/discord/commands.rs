//! REST routes of application commands: read and overwrite, for the guild and globally.
//!
//! What a command may look like is checked next door. Invariant: a refused list leaves the old one as it was.

use serde_json::{Value, json};

use super::command_rules;
use super::reply::{Answer, Reply, fail, ok};
use super::rest::Call;
use super::state::Core;
use crate::sandbox::cast::{DISCORD_APP, DISCORD_GUILD};

/// Finds the route below `/applications/{id}`.
pub(super) fn route(core: &Core, call: &Call, app: &str, rest: &[&str]) -> Answer {
    if app.parse() != Ok(DISCORD_APP) {
        return Err(fail(403, 20012, "You are not authorized to perform this action on this application"));
    }
    match rest {
        ["commands"] => scope(core, call, None),
        ["guilds", guild, "commands"] if guild.parse() == Ok(DISCORD_GUILD) => scope(core, call, Some(DISCORD_GUILD)),
        ["guilds", _, "commands"] => Err(fail(403, 50001, "Missing Access")),
        _ => Err(fail(404, 0, "404: Not Found")),
    }
}

fn scope(core: &Core, call: &Call, guild: Option<u64>) -> Answer {
    match call.method.as_str() {
        "GET" => {
            let state = core.lock();
            let list = if guild.is_some() { &state.commands.guild } else { &state.commands.global };
            Ok(ok(Value::Array(list.clone())))
        }
        "PUT" => overwrite(core, call, guild),
        _ => Err(fail(405, 0, "405: Method Not Allowed")),
    }
}

fn overwrite(core: &Core, call: &Call, guild: Option<u64>) -> Result<Reply, Reply> {
    let Some(wanted) = call.body.as_array() else {
        return Err(fail(400, 50035, "Invalid Form Body"));
    };
    command_rules::check(wanted)?;
    let now = core.dial.now_ms();
    let mut state = core.lock();
    state.commands.puts += 1;
    let old = if guild.is_some() { state.commands.guild.clone() } else { state.commands.global.clone() };
    let mut made = Vec::new();
    for command in wanted {
        let before = old.iter().find(|o| o["name"] == command["name"] && o["type"] == kind(command));
        let id = before.map_or_else(|| json!(state.next_id(now).to_string()), |o| o["id"].clone());
        made.push(returned(command, &id, state.next_id(now), guild));
    }
    let list = Value::Array(made.clone());
    if guild.is_some() {
        state.commands.guild = made;
    } else {
        state.commands.global = made;
    }
    Ok(ok(list))
}

fn kind(command: &Value) -> Value {
    if command["type"].is_null() { json!(1) } else { command["type"].clone() }
}

/// A command as Discord returns it: what was sent, and what it adds.
fn returned(command: &Value, id: &Value, version: u64, guild: Option<u64>) -> Value {
    let mut full = json!({
        "id": id, "application_id": DISCORD_APP.to_string(), "version": version.to_string(), "type": kind(command),
        "name": command["name"], "name_localizations": null, "description": "", "description_localizations": null,
        "default_member_permissions": null, "dm_permission": true, "contexts": null, "integration_types": [0], "nsfw": false,
    });
    super::wire::merge(&mut full, command);
    full["type"] = kind(command);
    if let Some(guild) = guild {
        full["guild_id"] = json!(guild.to_string());
    }
    full
}
