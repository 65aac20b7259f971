//! The commands at Discord: registered once, globally, and again only when they have changed.
//!
//! Global, since a guild's commands do not exist in direct messages; `contexts` keeps them to servers and the bot's own
//! direct messages. Invariant: nothing is written when what is registered already says the same.

use serde_json::{Map, Value, json};

use crate::ports::{Fault, PortError};

use super::http::{Call, Method, Rest, fault};
use super::wire::id_of;

/// In a server, and in a direct message with the bot.
const CONTEXTS: [u8; 2] = [0, 1];
/// What of a command or option is compared; Discord adds ids, versions and defaults of its own.
const COMPARED: [&str; 15] = [
    "name",
    "description",
    "name_localizations",
    "description_localizations",
    "required",
    "autocomplete",
    "min_length",
    "max_length",
    "min_value",
    "max_value",
    "channel_types",
    "value",
    "nsfw",
    "default_member_permissions",
    "contexts",
];
/// Command trees are four levels deep; deeper ones are not compared.
const DEPTH_MOST: usize = 8;

/// Registers the commands if they differ, and removes what an older version registered for the guild alone.
/// True when something was written.
pub(super) async fn register(rest: &Rest, guild: u64, commands: &Value) -> Result<bool, PortError> {
    let me = rest.call(Call::bot(Method::GET, "/applications/@me", "GET applications/@me")).await?;
    let app = id_of(&me["id"]).ok_or_else(|| fault(Fault::Garbled))?;
    let wanted = prepared(commands);
    let everywhere = format!("/applications/{app}/commands");
    let mut written = overwrite(rest, &everywhere, &wanted).await?;
    let here = format!("/applications/{app}/guilds/{guild}/commands");
    written |= overwrite(rest, &here, &json!([])).await?;
    Ok(written)
}

async fn overwrite(rest: &Rest, path: &str, wanted: &Value) -> Result<bool, PortError> {
    let read = Call::bot(Method::GET, format!("{path}?with_localizations=true"), format!("GET {path}"));
    if same(&rest.call(read).await?, wanted) {
        return Ok(false);
    }
    rest.call(Call::bot(Method::PUT, path, format!("PUT {path}")).body(wanted.clone())).await?;
    Ok(true)
}

/// The commands as they are sent: each says where it can be used.
fn prepared(commands: &Value) -> Value {
    let mut commands = commands.clone();
    for command in commands.as_array_mut().into_iter().flatten() {
        if command["contexts"].is_null() {
            command["contexts"] = json!(CONTEXTS);
        }
    }
    commands
}

/// Whether both lists say the same, whatever their order and whatever Discord added.
fn same(registered: &Value, wanted: &Value) -> bool {
    let sorted = |list: &Value| {
        let mut commands: Vec<Value> = list.as_array().into_iter().flatten().map(|c| plain(c, 0)).collect();
        commands.sort_by_key(|c| (c["type"].to_string(), c["name"].to_string()));
        commands
    };
    registered.is_array() && sorted(registered) == sorted(wanted)
}

// What is compared of one part; what is absent, null, false or empty means the same.
fn plain(part: &Value, depth: usize) -> Value {
    let mut kept = Map::new();
    if depth > DEPTH_MOST {
        return Value::Null;
    }
    for key in COMPARED {
        let value = &part[key];
        let empty = value.is_null()
            || *value == false
            // Discord gives a message command a description without words.
            || *value == ""
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty);
        if !empty {
            kept.insert(key.to_owned(), if key == "contexts" { as_set(value) } else { value.clone() });
        }
    }
    // A command without a type is a slash command (1). Choices have none.
    if !part["type"].is_null() || depth == 0 {
        kept.insert("type".to_owned(), json!(part["type"].as_u64().unwrap_or(1)));
    }
    for key in ["options", "choices"] {
        let inner: Vec<Value> = part[key].as_array().into_iter().flatten().map(|p| plain(p, depth + 1)).collect();
        if !inner.is_empty() {
            kept.insert(key.to_owned(), Value::Array(inner));
        }
    }
    Value::Object(kept)
}

fn as_set(list: &Value) -> Value {
    let mut numbers: Vec<u64> = list.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    numbers.sort_unstable();
    numbers.dedup();
    json!(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Value {
        prepared(&json!([{"name": "seqn", "description": "Ask", "options": [
            {"type": 1, "name": "help", "description": "Help", "options": [
                {"type": 3, "name": "action", "description": "Which", "autocomplete": true},
                {"type": 3, "name": "why", "description": "Why", "choices": [{"name": "A", "value": "a"}]},
            ]},
        ]}, {"name": "case", "description": "Cases"}, {"type": 3, "name": "Add it"}]))
    }

    fn theirs() -> Value {
        json!([{"id": "2", "application_id": "1", "version": "7", "type": 1, "name": "case", "description": "Cases",
        "contexts": [1, 0], "nsfw": false, "dm_permission": true, "default_member_permissions": null},
        {"id": "3", "type": 1, "name": "seqn", "description": "Ask", "contexts": [0, 1],
        "name_localizations": null, "integration_types": [0], "options": [
            {"type": 1, "name": "help", "description": "Help", "options": [
                {"type": 3, "name": "action", "description": "Which", "autocomplete": true, "required": false},
                {"type": 3, "name": "why", "description": "Why", "choices": [{"name": "A", "value": "a"}],
                "options": []},
            ]},
        ]}, {"id": "4", "type": 3, "name": "Add it", "description": "", "contexts": [0, 1]}])
    }

    #[test]
    fn what_discord_adds_is_no_difference() {
        assert!(same(&theirs(), &ours()));
        assert!(same(&json!([]), &json!([])));
    }

    #[test]
    fn every_real_difference_is_seen() {
        let mut changed = Vec::new();
        for (path, value) in [
            ("/0/contexts", json!([0])),
            ("/0/description", json!("Other")),
            ("/1/options/0/name", json!("hint")),
            ("/1/options/0/options/0/autocomplete", json!(false)),
            ("/1/options/0/options/0/required", json!(true)),
            ("/1/options/0/options/1/choices/0/value", json!("b")),
        ] {
            let mut other = theirs();
            *other.pointer_mut(path).expect("it is there") = value;
            changed.push((path, same(&other, &ours())));
        }
        assert!(changed.iter().all(|(_, same)| !same), "{changed:?}");
        assert!(!same(&json!([]), &ours()) && !same(&Value::Null, &json!([])));
    }
}
