//! Over the whole catalog: every action has its story on both chats, and its example runs, in organizations of any size.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use seqn_chatops::app;
use seqn_chatops::catalog::{Catalog, spoken};
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::story::{Player, parse, play, plays};
use seqn_chatops::sandbox::world::Crowd;

/// Many pages of everything.
const CROWD: Crowd = Crowd { members: 1_000, sessions: 500, entries: 5_000 };
/// The most calls of one look: `set-role` looks at the rights of everybody who may agree.
const CALLS_MOST: usize = 40;

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

/// Has an admin, who may ask for everything, type each action's example; how often outside systems were asked for each.
async fn examples_played(crowd: Option<Crowd>) -> Vec<(&'static str, usize)> {
    let folder = crate::folder::folder();
    let database = folder.path().join("examples.sqlite");
    let setup = Setup { seed: 7, database, live: false, slack: true, discord: true };
    let mut player = Player::new(Desk::open(setup).await.unwrap()).await.unwrap();
    if let Some(crowd) = crowd {
        player.desk.world.crowd("acme", crowd);
    }
    let mut calls = Vec::new();
    for definition in app::catalog::standard().definitions() {
        let story = format!("mira on slack in support types /seqn {}", definition.example);
        let (before, asked) = (player.transcript.len(), requests(&player.desk));
        play(&mut player, &parse(&story).unwrap()).await.unwrap();
        calls.push((definition.name, requests(&player.desk) - asked));
        let said = player.transcript.get(before..).unwrap_or_default();
        assert!(said.contains("bot:"), "{}: nothing is said:\n{said}", definition.name);
        let unfit = UNFIT.iter().find(|part| said.contains(**part));
        assert!(unfit.is_none(), "the example of {} is not fit:\n{said}", definition.name);
        if said.contains("Cancel") {
            play(&mut player, &parse("mira presses Cancel").unwrap()).await.unwrap();
        }
    }
    player.desk.stop().await;
    calls
}

/// How often SEQN Auth and Authentik were asked so far.
fn requests(desk: &Desk) -> usize {
    desk.seqn.requests().len() + desk.authentik.requests().len()
}

/// Every example runs; and none asks more often where there is more: it filters, and reads no list to its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_runs_and_asks_as_often_in_a_large_organization() {
    let few = examples_played(None).await;
    let many = examples_played(Some(CROWD)).await;
    assert_eq!(few, many);
    let most = few.iter().max_by_key(|(_, calls)| *calls).unwrap();
    assert!(most.1 <= CALLS_MOST, "{most:?}");
}
