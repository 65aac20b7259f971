//! The catalog as a Slack app manifest: what an operator pastes at "From a manifest".
//!
//! It holds no token: the app-level token (`connections:write`) is made by hand. Invariant: every scope is
//! there for something that the bot does; `LIMITS` name Slack's.

use serde_json::{Value, json};

use crate::model::cut;

use super::name::about;
use super::{Catalog, Family};

/// Longest command description, in characters (Slack).
const DESCRIPTION_MAX: usize = 2_000;
/// Longest usage hint, in characters (Slack).
const HINT_MAX: usize = 1_000;
/// Longest shortcut name, in characters (Slack).
const SHORTCUT_MAX: usize = 24;
/// The callback of the message shortcut; slash commands do not work in threads, this does.
pub const ASK: &str = "ask";
/// The callback of the message shortcut that puts a message on an incident's timeline.
pub const NOTE: &str = "note";

/// What the bot may do on Slack, and why: nothing else is asked for.
const SCOPES: [(&str, &str); 15] = [
    ("app_mentions:read", "a mention is a command where slash commands do not work: in threads"),
    ("channels:history", "reads what is said in public channels for secrets, and finds its own messages again"),
    ("channels:manage", "opens a channel for each incident, and brings in who works on it"),
    ("channels:read", "checks that the bot is in the configured channels (`check --online`)"),
    ("chat:write", "posts and edits its own messages"),
    ("commands", "slash commands and the message shortcuts"),
    ("files:read", "reads the text files that people share for secrets"),
    ("groups:history", "the same as channels:history in private channels"),
    ("groups:read", "the same as channels:read in private channels"),
    ("groups:write", "the same as channels:manage for private incidents"),
    ("im:history", "a direct message to the bot is a command"),
    ("im:write", "private answers and approvals go by direct message"),
    ("mpim:history", "the same as channels:history in group messages"),
    ("reactions:read", "a reaction puts a message on an incident's timeline"),
    ("users:read", "tells guests, bots and strangers from staff"),
];

/// What the admin may do whose user token removes other people's messages and files; without one nobody is asked.
const USER_SCOPES: [&str; 2] = ["chat:write", "files:write"];

/// The events that the bot is sent.
const EVENTS: [&str; 6] =
    ["app_mention", "message.channels", "message.groups", "message.im", "message.mpim", "reaction_added"];

/// The scopes with their reasons, for `doctor` and the documentation.
#[must_use]
pub const fn scopes() -> &'static [(&'static str, &'static str)] {
    &SCOPES
}

/// The manifest: `/seqn` reads every family, and each other family that has actions gets an alias.
#[must_use]
pub fn manifest(catalog: &Catalog) -> Value {
    let commands: Vec<Value> = Family::ALL
        .into_iter()
        .filter(|family| *family == Family::Seqn || catalog.definitions().any(|d| d.family == *family))
        .map(|family| command(catalog, family))
        .collect();
    json!({
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "SEQN support",
            "description": "Runbook actions, approvals and proof for SEQN Auth support",
        },
        "features": {
            "app_home": {"home_tab_enabled": false, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false},
            "bot_user": {"display_name": "seqn", "always_online": true},
            "slash_commands": commands,
            "shortcuts": [{
                "name": "Ask the bot about this",
                "type": "message",
                "callback_id": ASK,
                "description": "Start an action from this message, also inside a thread",
            }, {
                "name": "Add to incident timeline",
                "type": "message",
                "callback_id": NOTE,
                "description": "Put this message on the timeline of the incident that is worked on here",
            }],
        },
        "oauth_config": {"scopes": {"bot": SCOPES.map(|(scope, _)| scope), "user": USER_SCOPES}},
        "settings": {
            "event_subscriptions": {"bot_events": EVENTS},
            "interactivity": {"is_enabled": true},
            "org_deploy_enabled": false,
            "socket_mode_enabled": true,
            "token_rotation_enabled": false,
        },
    })
}

/// `should_escape` is off so that the text arrives as it was typed: escaping would turn `#1234` into a channel
/// and wrap addresses, and a person in a command is only ever asked about, never acted for.
fn command(catalog: &Catalog, family: Family) -> Value {
    let words: Vec<&str> = catalog.definitions().filter(|d| d.family == family).map(super::name::word).collect();
    let hint = match family {
        Family::Seqn => "help | <action> name=value …".to_owned(),
        _ => words.join(" | "),
    };
    json!({
        "command": format!("/{}", family.name()),
        "description": about(family),
        // A hint that is too long loses its end: it is a reminder, not a reference.
        "usage_hint": cut(&hint, HINT_MAX),
        "should_escape": false,
    })
}

/// What of a manifest Slack would refuse, as sentences.
#[must_use]
pub fn refused(manifest: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut at_most = |what: &str, text: &Value, most: usize| {
        let length = text.as_str().map_or(0, |t| t.chars().count());
        if length == 0 || length > most {
            wrong.push(format!("Slack manifest: {what} has {length} characters; 1 to {most} are allowed."));
        }
    };
    at_most("the app's name", &manifest["display_information"]["name"], 35);
    at_most("the app's description", &manifest["display_information"]["description"], 140);
    at_most("the bot's name", &manifest["features"]["bot_user"]["display_name"], 80);
    let list = |name: &str| manifest["features"][name].as_array().cloned().unwrap_or_default();
    for command in list("slash_commands") {
        at_most("a command", &command["command"], 32);
        at_most("a command's description", &command["description"], DESCRIPTION_MAX);
        at_most("a command's hint", &command["usage_hint"], HINT_MAX);
    }
    for shortcut in list("shortcuts") {
        at_most("a shortcut's name", &shortcut["name"], SHORTCUT_MAX);
        at_most("a shortcut's callback", &shortcut["callback_id"], 255);
        at_most("a shortcut's description", &shortcut["description"], 150);
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples;

    #[test]
    fn has_an_alias_for_each_family_that_has_actions() {
        let manifest = manifest(&samples::catalog());
        let names: Vec<&str> = manifest["features"]["slash_commands"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|c| c["command"].as_str())
            .collect();
        assert_eq!(names, ["/seqn", "/case"]);
        assert_eq!(manifest["features"]["slash_commands"][1]["usage_hint"], "open");
        assert!(refused(&manifest).is_empty(), "{:?}", refused(&manifest));
        assert_eq!(manifest["features"]["shortcuts"][0]["callback_id"], ASK);
    }

    #[test]
    fn what_slack_refuses_is_seen() {
        let mut manifest = manifest(&samples::catalog());
        manifest["features"]["shortcuts"][0]["name"] = json!("Ask the bot about this one");
        manifest["features"]["slash_commands"][0]["usage_hint"] = json!("x".repeat(HINT_MAX + 1));
        assert_eq!(refused(&manifest).len(), 2);
    }
}
