//! What the bot sends to Discord, against Discord's own OpenAPI document.
//!
//! Bodies are recorded by the emulator while stories run. Invariant: every JSON body of every kind of call
//! passes its schema, and the schema refuses broken copies of it.

use std::collections::BTreeMap;

use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::story::{Player, parse, play};
use serde_json::Value;

use crate::specs::{Operation, Specs, accepts};

/// Every kind of answer: a form with errors, private and public messages, edits, menus, buttons, direct messages.
const STORY: &str = "
kim on discord in support types /seqn revoke-session
kim submits org=acme user=jo ticket=SUP-1 reason=lost
kim types /seqn revoke-session org=acme user=jo@acme.example ticket=SUP-1 reason=lost
kim chooses ses_jo_phone
kim presses Confirm
lee on discord in support types /seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-2 reason=exposed
lee presses Ask for approval
mira on discord presses Review
mira presses Approve
kim on discord in dm types whoami
kim on discord in support completes /seqn help re => revoke-session
";
/// How many kinds of calls the story makes at least.
const KINDS_MIN: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn discord_would_take_what_the_bot_sends() {
    let Some(specs) = Specs::open("discord_would_take_what_the_bot_sends") else { return };
    let document = specs.read("discord.json");
    let folder = tempfile::tempdir().expect("a folder");
    let setup = Setup { seed: 7, database: folder.path().join("d.sqlite"), live: false, slack: true, discord: true };
    let mut player = Player::new(Desk::open(setup).await.expect("emulators")).await.expect("the bot starts");
    let played = play(&mut player, &parse(STORY).expect("a story")).await;
    played.unwrap_or_else(|error| panic!("{error:#}\n{}", player.transcript));
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (line, body) in player.desk.discord.requests() {
        let (method, target) = line.split_once(' ').expect("a method and a path");
        let path = target.split('?').next().expect("a path").trim_start_matches("/api/v10");
        let operation = Operation::find(&document, method, path).unwrap_or_else(|| panic!("Discord has no {line}"));
        if let Ok(json) = serde_json::from_str::<Value>(&body) {
            accepts(&line, &operation.request(), &json);
            *kinds.entry(format!("{method} {}", operation.template)).or_default() += 1;
        }
    }
    player.desk.stop().await;
    assert!(kinds.len() >= KINDS_MIN, "only these: {kinds:?}");
}
