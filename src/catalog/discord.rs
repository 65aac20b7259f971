//! The catalog as Discord application commands: one command for each family, a sub-command for each action.
//!
//! No option is marked required: Discord would refuse the bare sub-command, and a bare sub-command is what
//! opens the form. What is missing is said by `parse`. Invariant: no array is empty, and `refused` finds
//! nothing in what `rules` lets through.

use serde_json::{Map, Value, json};

use super::draft::DRY_RUN;
use super::kind::longest;
use super::name::{about, word};
use super::{Catalog, Definition, Family, Kind, OptionDef, Source};

/// The most sub-commands that we put into one command, of Discord's 25: room to grow without a new command.
pub const ENTRIES_MAX: usize = 20;
/// The most characters that we put into one command, of Discord's 8,000.
pub const CHARS_MAX: usize = 6_000;
/// The most options of one sub-command, and choices of one option (Discord).
pub const LIST_MAX: usize = 25;
/// Longest description, in characters (Discord).
pub const DESCRIPTION_MAX: usize = 100;
/// Longest name, in characters (Discord).
pub const NAME_MAX: usize = 32;
/// Longest string value that an option may ask for, in characters (Discord).
const STRING_MAX: usize = 6_000;
/// A sub-command's type.
const SUB_COMMAND: u8 = 1;
/// A string option's type.
const STRING: u8 = 3;
/// A boolean option's type.
const BOOLEAN: u8 = 5;
/// The message command that puts a message on an incident's timeline.
pub const NOTE: &str = "Add to the incident's timeline";
/// A message command's type.
const MESSAGE_COMMAND: u8 = 3;
/// A command's type.
const COMMAND: u8 = 1;
/// In a guild alone.
const GUILD_ONLY: [u8; 1] = [0];
/// In a guild, and in direct messages with the bot.
const CONTEXTS: [u8; 2] = [0, 1];

/// The body of a bulk overwrite of commands. `default_member_permissions` is left out: who may ask is decided
/// by our own roles, and a guild's administrator may still narrow it.
#[must_use]
pub fn commands(catalog: &Catalog) -> Value {
    let families = Family::ALL.into_iter().filter_map(|family| {
        let entries: Vec<Value> = catalog.definitions().filter(|d| d.family == family).map(entry).collect();
        (!entries.is_empty()).then(|| {
            json!({
                "type": COMMAND,
                "name": family.name(),
                "description": about(family),
                "contexts": CONTEXTS,
                "options": entries,
            })
        })
    });
    let note = json!({"type": MESSAGE_COMMAND, "name": NOTE, "contexts": GUILD_ONLY});
    families.chain([note]).collect()
}

fn entry(definition: &'static Definition) -> Value {
    let mut options: Vec<Value> = definition.options.iter().map(option).collect();
    if definition.changes() {
        options.push(json!({
            "type": BOOLEAN,
            "name": DRY_RUN,
            "description": "Show the preview and stop before the act",
        }));
    }
    let mut entry = json!({"type": SUB_COMMAND, "name": word(definition), "description": definition.summary});
    if !options.is_empty() {
        entry["options"] = Value::from(options);
    }
    entry
}

fn option(option: &OptionDef) -> Value {
    let mut out = Map::from_iter([
        ("type".to_owned(), json!(STRING)),
        ("name".to_owned(), json!(option.name)),
        ("description".to_owned(), json!(option.help)),
    ]);
    match (option.kind, option.source) {
        // A fixed list needs no autocomplete, and Discord takes only one of the two.
        (Kind::Choice(choices), _) if !choices.is_empty() => {
            let choices = choices.iter().map(|(value, label)| json!({"name": label, "value": value}));
            out.insert("choices".into(), choices.collect());
            return Value::Object(out);
        }
        (_, Source::None) => {}
        _ => {
            out.insert("autocomplete".into(), json!(true));
        }
    }
    out.insert("min_length".into(), json!(1));
    out.insert("max_length".into(), json!(longest(option.kind).min(STRING_MAX)));
    Value::Object(out)
}

/// The characters that Discord counts for one command: names, descriptions and choice values, at every level.
#[must_use]
pub fn weight(command: &Value) -> usize {
    let length = |key: &str| command[key].as_str().map_or(0, |text| text.chars().count());
    let below = ["options", "choices"].into_iter().filter_map(|key| command[key].as_array()).flatten();
    length("name") + length("description") + length("value") + below.map(weight).sum::<usize>()
}

/// What of these commands Discord would refuse, or goes beyond our own budget, as sentences.
#[must_use]
pub fn refused(commands: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for command in commands.as_array().into_iter().flatten() {
        let name = command["name"].as_str().unwrap_or_default();
        if command["type"] == MESSAGE_COMMAND {
            let fits = (1..=NAME_MAX).contains(&name.chars().count()) && name.trim() == name;
            if !fits || command.get("description").is_some() || command.get("options").is_some() {
                wrong.push(format!(
                    "The message command {name:?} on Discord: it has a name of 1 to 32 characters alone."
                ));
            }
            continue;
        }
        let entries = command["options"].as_array().map_or(0, Vec::len);
        if entries > ENTRIES_MAX {
            wrong.push(format!("/{name} has {entries} entries on Discord; {ENTRIES_MAX} is the most."));
        }
        let weight = weight(command);
        if weight > CHARS_MAX {
            wrong.push(format!("/{name} has {weight} characters on Discord; {CHARS_MAX} is the most."));
        }
        level(command, &format!("/{name}"), &mut wrong);
    }
    wrong
}

fn level(node: &Value, path: &str, wrong: &mut Vec<String>) {
    let mut say = |ok: bool, what: &str| {
        if !ok {
            wrong.push(format!("{path} on Discord: {what}."));
        }
    };
    say(named(node["name"].as_str().unwrap_or_default()), "a name is 1 to 32 lower-case letters, digits and dashes");
    let description = node["description"].as_str().unwrap_or_default().chars().count();
    say((1..=DESCRIPTION_MAX).contains(&description), "a description has 1 to 100 characters");
    let list = |key: &str| node[key].as_array().map(Vec::as_slice);
    say(list("options").is_none_or(|l| (1..=LIST_MAX).contains(&l.len())), "there are 1 to 25 options");
    say(list("choices").is_none_or(|l| (1..=LIST_MAX).contains(&l.len())), "there are 1 to 25 choices");
    say(list("choices").is_none() || node["autocomplete"] != true, "choices and autocomplete exclude each other");
    let most = node["max_length"].as_u64().unwrap_or(1);
    say((1..=STRING_MAX as u64).contains(&most), "a longest length is 1 to 6,000");
    for choice in list("choices").into_iter().flatten() {
        for key in ["name", "value"] {
            let length = choice[key].as_str().unwrap_or_default().chars().count();
            say((1..=100).contains(&length), "a choice's name and value have 1 to 100 characters");
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for below in list("options").into_iter().flatten() {
        let name = below["name"].as_str().unwrap_or_default();
        say(!seen.contains(&name), "two options have one name");
        seen.push(name);
    }
    for below in list("options").into_iter().flatten() {
        level(below, &format!("{path} {}", below["name"].as_str().unwrap_or_default()), wrong);
    }
}

/// Narrower than Discord: what is also easy to type elsewhere.
pub(super) fn named(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=NAME_MAX).contains(&name.len())
        && name.bytes().all(inner)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples;

    #[test]
    fn one_command_for_each_family_and_an_entry_for_each_action() {
        let all = commands(&samples::catalog());
        assert_eq!(all.as_array().map(Vec::len), Some(3));
        assert_eq!(all[2], json!({"type": 3, "name": NOTE, "contexts": [0]}));
        assert_eq!(all[0]["name"], "seqn");
        assert_eq!(all[1]["name"], "case");
        assert_eq!(all[1]["options"][0]["name"], "open");
        let revoke = &all[0]["options"][0];
        assert_eq!(revoke["name"], "revoke-session");
        assert!(revoke["options"].as_array().expect("a list").iter().all(|o| o.get("required").is_none()));
        assert_eq!(
            revoke["options"][0],
            json!({"type": 3, "name": "org", "description": "Organization slug",
            "autocomplete": true, "min_length": 1, "max_length": 63})
        );
        let last = revoke["options"].as_array().and_then(|o| o.last()).expect("an option");
        assert_eq!((last["name"].as_str(), last["type"].as_u64()), (Some(DRY_RUN), Some(5)));
        let whoami = all[0]["options"].as_array().expect("a list").iter().find(|o| o["name"] == "whoami");
        assert!(whoami.expect("it is there").get("options").is_none(), "no empty array");
        assert_eq!(refused(&all), Vec::<String>::new());
    }

    #[test]
    fn what_discord_refuses_is_seen() {
        let good = commands(&samples::catalog());
        let cases: [(&str, Value); 8] = [
            ("/2/name", json!("Add this to the incident's timeline")),
            ("/2/description", json!("")),
            ("/0/name", json!("Seqn")),
            ("/0/options/0/description", json!("")),
            ("/0/options/0/options", json!([])),
            ("/0/options/0/options/1/name", json!("org")),
            ("/0/options/0/options/0/choices", json!([{"name": "a", "value": "x".repeat(101)}])),
            ("/0/description", json!("x".repeat(CHARS_MAX))),
        ];
        for (pointer, bad) in cases {
            let mut commands = good.clone();
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            commands.pointer_mut(parent).expect("it is there")[key] = bad;
            assert!(!refused(&commands).is_empty(), "{pointer}");
        }
    }

    #[test]
    fn counts_every_level() {
        let command = json!({"name": "ab", "description": "cde", "options": [
            {"name": "f", "description": "gé", "choices": [{"name": "hi", "value": "jkl"}]}]});
        assert_eq!(weight(&command), 2 + 3 + 1 + 2 + 2 + 3);
    }
}
