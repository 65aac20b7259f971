//! Plays every story of `tests/stories`, on each platform that it names, twice with the same seed.
//!
//! `STORY=part-of-a-name` plays some only and prints their transcripts. Invariant: both plays of a story print
//! the same transcript.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;

use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::story::{Player, parse, play, plays};

use crate::slack_wire;

/// The seed of the bot's ids in every story.
const SEED: u64 = 7;
/// How many stories are played at once: they mostly wait for loopback sockets.
const AT_ONCE: usize = 4;

/// One story on one platform.
struct Case {
    name: String,
    text: String,
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of the stories")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "story"))
        .collect();
    files.sort();
    let some = std::env::var("STORY").unwrap_or_default();
    let mut all = Vec::new();
    for path in files {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a story");
        for (platform, text) in plays(&text) {
            all.push(Case { name: format!("{name} {platform}").trim().to_owned(), text });
        }
    }
    all.retain(|case| case.name.contains(&some));
    all
}

/// Plays it once: the transcript, and what went wrong.
async fn once(case: &Case) -> (String, Option<String>) {
    let folder = crate::folder::folder();
    let database = folder.path().join("story.sqlite");
    let lines = match parse(&case.text) {
        Ok(lines) => lines,
        Err(bad) => return (String::new(), Some(bad.to_string())),
    };
    let setup = Setup { seed: SEED, database, live: false, slack: true, discord: true };
    let mut player = match Player::new(Desk::open(setup).await.expect("emulators")).await {
        Ok(player) => player,
        Err(error) => return (String::new(), Some(format!("{error:#}"))),
    };
    let played = play(&mut player, &lines).await;
    player.desk.stop().await;
    let (_, wrong) = slack_wire::judge(&player.desk.slack);
    let refused = wrong.first().map(|why| format!("{} bodies that Slack would refuse: {why}", wrong.len()));
    (player.transcript, played.err().map(|error| format!("{error:#}")).or(refused))
}

/// The first lines that differ.
fn difference(one: &str, two: &str) -> Option<String> {
    let (mut a, mut b) = (one.lines(), two.lines());
    for number in 1.. {
        match (a.next(), b.next()) {
            (None, None) => return None,
            (x, y) if x == y => {}
            (x, y) => {
                let line = |l: Option<&str>| l.unwrap_or("(the end)").to_owned();
                return Some(format!("line {number} of the transcript\n  first:  {}\n  second: {}", line(x), line(y)));
            }
        }
    }
    None
}

async fn twice(case: &Case) -> Result<String, String> {
    let (one, failed) = once(case).await;
    if let Some(why) = failed {
        return Err(format!("{why}\n{one}"));
    }
    let (two, failed) = once(case).await;
    if let Some(why) = failed {
        return Err(format!("only the second time: {why}\n{two}"));
    }
    difference(&one, &two).map_or(Ok(one), |where_| Err(format!("two plays differ at {where_}")))
}

#[test]
fn every_story_holds_and_repeats() {
    // Another test may have chosen the provider already; any is good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let all = cases();
    assert!(!all.is_empty(), "no story was found");
    let (count, loud) = (all.len(), std::env::var_os("STORY").is_some());
    let queue = Mutex::new(all.into_iter().collect::<VecDeque<_>>());
    let player = || async {
        let mut failed = Vec::new();
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(case) = next else { return failed };
            match twice(&case).await {
                Ok(transcript) if loud => println!("=== {}\n{transcript}", case.name),
                Ok(_) => {}
                Err(why) => failed.push((case.name, why)),
            }
        }
    };
    let players = join_all((0..AT_ONCE).map(|_| player()));
    let mut failures: Vec<(String, String)> = runtime.block_on(players).into_iter().flatten().collect();
    failures.sort();
    let mut report = String::new();
    for (name, why) in &failures {
        let _ = writeln!(report, "=== {name}: {why}");
    }
    assert!(failures.is_empty(), "{} of {count} stories fail\n{report}", failures.len());
}
