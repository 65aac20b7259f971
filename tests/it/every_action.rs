//! Over the whole catalog: every action has its story on both chats, and its example runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use seqn_chatops::app;
use seqn_chatops::catalog::{Catalog, spoken};
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::story::{Player, parse, play, plays};

/// What no example may lead to.
const UNFIT: [&str; 5] =
    ["I could not read that", "Something went wrong", "I could not look", "There is no action", "too many requests"];

fn stories() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|e| e == "story"));
    texts.flat_map(|path| plays(&fs::read_to_string(path).unwrap())).map(|(_, text)| text).collect()
}

/// The action that a typed line names, if it names one.
fn named<'a>(catalog: &'a Catalog, typed: &str) -> Option<&'a str> {
    let typed = typed.trim_start_matches("@seqn ").trim_start_matches("/seqn ").trim_start_matches('/');
    let begins = |name: &str| typed.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    catalog.definitions().find(|d| begins(d.name) || begins(&spoken(d))).map(|d| d.name)
}

/// Where each action is typed in some story. A person stays on the platform that was named last, at first on Slack.
fn typed_on(catalog: &Catalog) -> BTreeMap<&str, BTreeSet<String>> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for story in stories() {
        let mut stages: BTreeMap<&str, &str> = BTreeMap::new();
        for line in story.lines().filter(|line| !line.starts_with(['#', ' '])) {
            let mut words = line.split(' ');
            let who = words.next().unwrap_or_default();
            if words.next() == Some("on") {
                stages.insert(who, words.next().unwrap_or_default());
            }
            let Some((_, typed)) = line.split_once(" types ") else { continue };
            if let Some(action) = named(catalog, typed) {
                found.entry(action).or_default().insert((*stages.get(who).unwrap_or(&"slack")).to_owned());
            }
        }
    }
    found
}

#[test]
fn every_action_has_its_story_on_both_chats() {
    let catalog = app::catalog::standard();
    let found = typed_on(&catalog);
    let lacks = |name: &str| {
        let stages = found.get(name).cloned().unwrap_or_default();
        let missing = ["slack", "discord"].into_iter().filter(move |stage| !stages.contains(*stage));
        missing.map(|stage| format!("{name} on {stage}")).collect::<Vec<_>>()
    };
    let without: Vec<String> = catalog.definitions().flat_map(|d| lacks(d.name)).collect();
    assert!(without.is_empty(), "no story types {without:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_runs() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("examples.sqlite");
    let setup = Setup { seed: 7, database, live: false, slack: true, discord: true };
    let mut player = Player::new(Desk::open(setup).await.unwrap()).await.unwrap();
    for definition in app::catalog::standard().definitions() {
        // An admin may ask for everything.
        let story = format!("mira on slack in support types /seqn {}", definition.example);
        let before = player.transcript.len();
        play(&mut player, &parse(&story).unwrap()).await.unwrap();
        let said = player.transcript.get(before..).unwrap_or_default();
        assert!(said.contains("bot:"), "{}: nothing is said:\n{said}", definition.name);
        let unfit = UNFIT.iter().find(|part| said.contains(**part));
        assert!(unfit.is_none(), "the example of {} is not fit:\n{said}", definition.name);
        if said.contains("Cancel") {
            play(&mut player, &parse("mira presses Cancel").unwrap()).await.unwrap();
        }
    }
    player.desk.stop().await;
}
