//! Canaries: secrets planted in every input must not be in any file, request, log line or screen afterwards.
//!
//! Here in one process, where time is the test's own; `everywhere` does it with the program itself. Invariant: the
//! search finds a planted leak.

mod everywhere;
mod hostile;
mod search;

use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::story::{Player, parse, play};

use search::{Canary, leaks};

use crate::slack_wire;

const STORY: &str = "
kim on slack in support types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=S-1 reason=KEY
kim on slack types @seqn revoke-session org=acme user=jo@acme.example reason=KEY ticket=S-1
kim on slack types KEY=acme
kim on slack in dm types whoami KEY
kim on discord in support types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=S-1 reason=KEY
kim on console types /seqn revoke-session org=acme user=jo@acme.example KEY=1
kim on slack in support types /seqn revoke-session
kim submits org=acme user=jo@acme.example ticket=SUP-1 reason=KEY
kim on discord in support types /seqn revoke-session
kim submits org=acme user=jo@acme.example ticket=SUP-1 reason=KEY
";
const FAILING: &str = "
kim on slack in support types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-2 reason=lost
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-2 reason=lost
kim presses Confirm
kim types /seqn whoami
kim on discord in support types /seqn whoami
advance 10m
";

fn wal(database: &std::path::Path) -> std::path::PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_canary_is_kept_sent_or_shown() {
    let canaries = ["a story", "the same story again"].map(Canary::of);
    let [key, hook] = canaries.clone().map(|canary| canary.secret);
    let folder = crate::folder::folder();
    let database = folder.path().join("canary.sqlite");
    let setup = Setup { seed: 7, database: database.clone(), live: false, slack: true, discord: true };
    let mut player = Player::new(Desk::open(setup).await.unwrap()).await.unwrap();
    for secret in [&key, &hook] {
        let lines = parse(&STORY.replace("KEY", secret)).unwrap();
        play(&mut player, &lines).await.unwrap_or_else(|e| panic!("{}", format!("{e:#}").replace(secret, "KEY")));
    }
    for (service, route) in [("seqn", "sessions"), ("seqn", "DELETE"), ("slack", "chat."), ("discord", "messages")] {
        player.desk.faults.arm(service, route, FaultKind::Body(500, format!("{{\"error\": \"{key} and {hook}\"}}")), 1);
    }
    let played = play(&mut player, &parse(FAILING).unwrap()).await;
    played.unwrap_or_else(|e| panic!("{e:#}"));
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, path) in [("database", database.clone()), ("write-ahead log", wal(&database))] {
        places.push((name.into(), std::fs::read(path).unwrap_or_default()));
    }
    let desk = &player.desk;
    places.extend(desk.slack.everything_sent_by_bot().into_iter().map(|b| ("to Slack".into(), b.into_bytes())));
    places.extend(desk.discord.requests().into_iter().map(|(l, b)| (format!("to Discord: {l}"), b.into_bytes())));
    for request in desk.seqn.requests().into_iter().chain(desk.authentik.requests()) {
        places.push((format!("{} {}", request.method, request.path), format!("{request:?}").into_bytes()));
    }
    for stage in desk.stages() {
        let bot = stage.all().into_iter().filter(|s| s.author == "bot");
        places.extend(bot.map(|s| (format!("shown on {}", stage.name()), s.text.into_bytes())));
    }
    assert!(places.len() > 20, "there is something to search");
    assert_eq!(leaks(&canaries, &places), Vec::<String>::new());
    let (judged, wrong) = slack_wire::judge(&player.desk.slack);
    assert!(judged > 10 && wrong.is_empty(), "of {judged} bodies Slack would refuse:\n{}", wrong.join("\n"));
    player.desk.stop().await;
}
