//! What is committed of what the bot says: the README's command table and transcript, and the Slack app manifest.
//!
//! `SEQN_UPDATE=1 cargo test generated` writes table and manifest anew. Invariant: a committed copy never differs from
//! the catalog that the bot runs, and every sentence of the transcript was said by it.

use std::path::PathBuf;
use std::{env, fs};

use seqn_chatops::app;
use seqn_chatops::catalog::{commands, manifest, table, violations};
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::story::{Player, parse, play};
use serde_json::Value;

use crate::specs::{Operation, Specs, accepts};

/// The lines around the table in the README.
const BEGIN: &str = "<!-- commands:begin -->\n";
const END: &str = "<!-- commands:end -->";

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The README with that table in its place.
fn with_table(readme: &str, table: &str) -> String {
    let (before, rest) = readme.split_once(BEGIN).expect("the README marks where the table begins");
    let (_, after) = rest.split_once(END).expect("the README marks where the table ends");
    format!("{before}{BEGIN}{table}{END}{after}")
}

/// Holds a committed text against what it should be, or writes it anew when asked to.
fn current(path: &str, wanted: &str) {
    if env::var_os("SEQN_UPDATE").is_some() {
        fs::write(file(path), wanted).unwrap();
    }
    let found = fs::read_to_string(file(path)).unwrap_or_default();
    assert!(found == wanted, "{path} is not current: run `SEQN_UPDATE=1 cargo test generated` and look at the change");
}

#[test]
fn the_readme_shows_the_commands_that_there_are() {
    let readme = fs::read_to_string(file("README.md")).unwrap();
    current("README.md", &with_table(&readme, &table(&app::catalog::standard())));
}

#[test]
fn the_slack_manifest_is_the_catalogs() {
    let manifest = serde_json::to_string_pretty(&manifest(&app::catalog::standard())).unwrap();
    current("deploy/slack-manifest.json", &format!("{manifest}\n"));
}

#[test]
fn an_old_table_is_seen() {
    let readme = format!("# x\n{BEGIN}| old |\n{END}\nrest\n");
    assert_ne!(with_table(&readme, "| new |\n"), readme);
    assert_eq!(with_table(&readme, "| old |\n"), readme);
}

#[test]
fn the_catalog_keeps_the_platforms_limits() {
    assert_eq!(violations(&app::catalog::standard()), Vec::<String>::new());
}

/// What Discord counts of one command (facts: names, descriptions and values, at every level), counted here once more.
fn characters(node: &Value) -> usize {
    match node {
        Value::Object(fields) => {
            let counted = ["name", "description", "value"].iter().filter_map(|key| fields.get(*key)?.as_str());
            let below = ["options", "choices"].iter().filter_map(|key| fields.get(*key)).map(characters);
            counted.map(|text| text.chars().count()).sum::<usize>() + below.sum::<usize>()
        }
        Value::Array(all) => all.iter().map(characters).sum(),
        _ => 0,
    }
}

/// Each command leaves a quarter of its characters and a fifth of its entries; the largest action would fit once more.
#[test]
fn each_command_leaves_room_on_discord() {
    const DISCORDS: (usize, usize) = (8_000, 25);
    const OURS: (usize, usize) = (6_000, 20);
    let commands = commands(&app::catalog::standard());
    // A message command has a name alone.
    let families: Vec<&Value> = commands.as_array().unwrap().iter().filter(|c| c.get("options").is_some()).collect();
    assert!(families.len() >= 3, "each family is a command");
    for family in families {
        let entries = family["options"].as_array().unwrap();
        let (size, largest) = (characters(family), entries.iter().map(characters).max().unwrap());
        let name = &family["name"];
        assert!(size <= OURS.0 && entries.len() <= OURS.1, "{name}: {size} characters, {} entries", entries.len());
        assert!(size + largest <= DISCORDS.0 && entries.len() < DISCORDS.1, "{name}: one more action does not fit");
    }
}

#[test]
fn discord_would_take_the_commands() {
    let Some(specs) = Specs::open("discord_would_take_the_commands") else { return };
    let discord = specs.read("discord.json");
    let operation = Operation::find(&discord, "PUT", "/applications/1/guilds/2/commands").unwrap();
    accepts("commands", &operation.request(), &commands(&app::catalog::standard()));
}

/// The words of a text with single spaces, and without the marks of lists.
fn plain(text: &str) -> String {
    text.replace('•', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The transcript of the README: what is typed, and each sentence that the bot says.
fn transcript(readme: &str) -> (String, Vec<String>) {
    let (_, from) = readme.split_once("kim, in Slack, #support").expect("the README shows a transcript");
    let (lines, _) = from.split_once("```").expect("it has an end");
    let (typed, said) = lines.split_once('\n').expect("a command comes first");
    // What stands left of the bot's words says who sees them.
    let right: Vec<&str> = said.lines().map(|line| line.get(29..).unwrap_or_default()).collect();
    let joined = plain(&right.join(" ")).replace("[Confirm]", "…").replace("[Cancel]", "…");
    let pieces = joined.split(". ").flat_map(|piece| piece.split(['…', '?', '✅', '⚠']));
    let kept = pieces.map(|piece| plain(piece.trim_matches(['.', '\u{fe0f}', ' ']))).filter(|piece| piece.len() > 1);
    (typed.trim().to_owned(), kept.collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readmes_transcript_was_said() {
    let (typed, sentences) = transcript(&fs::read_to_string(file("README.md")).unwrap());
    assert!(sentences.len() > 12, "{sentences:?}");
    let folder = crate::folder::folder();
    let database = folder.path().join("readme.sqlite");
    let setup = Setup { seed: 7, database, live: false, slack: true, discord: true };
    let mut player = Player::new(Desk::open(setup).await.unwrap()).await.unwrap();
    let story = format!("kim on slack in support types {typed}\nkim presses Confirm");
    play(&mut player, &parse(&story).unwrap()).await.unwrap();
    player.desk.stop().await;
    let said = plain(&player.transcript);
    let unsaid: Vec<&String> = sentences.iter().filter(|sentence| !said.contains(sentence.as_str())).collect();
    assert!(unsaid.is_empty(), "the bot does not say {unsaid:#?}, but:\n{}", player.transcript);
}
