//! Laws: a run that dies at any commit, and each step failing in each way, ends with every effect once and the truth told.
//!
//! The real bot plays against the emulators. Invariant: what people see at the end agrees with the world.

use std::path::PathBuf;

use seqn_chatops::engine::Stop;
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::stage::Audience;

/// The most commit checks that one flow may have; more means that it goes round in circles.
const CHECKS_MOST: u64 = 400;

/// One act of a flow, and how a person sees that it has come through.
#[derive(Clone, Copy)]
pub struct Act {
    who: &'static str,
    stage: &'static str,
    does: Does,
    /// Seen by that person when it need not be done again: a button, or a text.
    until: Seen,
}

#[derive(Clone, Copy)]
enum Does {
    Types(&'static str),
    Presses(&'static str),
}

#[derive(Clone, Copy)]
enum Seen {
    Button(&'static str),
    Text(&'static str),
    InChannel(&'static str, &'static str),
}

const LATEST: &[Act] = &[
    Act {
        who: "kim",
        stage: "slack",
        does: Does::Types("/seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1 reason=lost"),
        until: Seen::Button("Confirm"),
    },
    Act { who: "kim", stage: "slack", does: Does::Presses("Confirm"), until: Seen::Text("Done and confirmed") },
];

const ALL: &[Act] = &[
    Act {
        who: "lee",
        stage: "discord",
        does: Does::Types("/seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason=exposed"),
        until: Seen::Button("Ask for approval"),
    },
    Act {
        who: "lee",
        stage: "discord",
        does: Does::Presses("Ask for approval"),
        until: Seen::InChannel("approvals", "Lee asks for approval."),
    },
    Act { who: "mira", stage: "slack", does: Does::Presses("Review"), until: Seen::Button("Approve") },
    Act {
        who: "mira",
        stage: "slack",
        does: Does::Presses("Approve"),
        until: Seen::InChannel("approvals", "Done and confirmed"),
    },
];

/// A desk on a database of its own; the folder lives as long as the first of the pair.
pub async fn desk() -> (tempfile::TempDir, Desk) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database: PathBuf = folder.path().join("law.sqlite");
    let setup = Setup { seed: 7, database, live: false, slack: true, discord: true };
    (folder, Desk::open(setup).await.expect("the emulators start"))
}

fn reached(desk: &Desk, act: Act) -> bool {
    let channel = |name: &str| {
        let here = Audience::Channel(name.to_owned());
        desk.stages().into_iter().flat_map(|s| s.all()).filter(move |s| !s.gone && s.audience == here)
    };
    let sees = desk.person(act.who).on(act.stage).sees();
    match act.until {
        Seen::Button(label) => sees.iter().any(|s| s.buttons.iter().any(|b| b == label)),
        Seen::Text(text) => sees.iter().any(|s| s.text.contains(text)),
        Seen::InChannel(name, text) => channel(name).any(|s| s.text.contains(text)),
    }
}

async fn once(desk: &Desk, act: Act) -> Result<(), String> {
    let hands = desk.person(act.who).on(act.stage).within("support");
    let done = match act.does {
        Does::Types(text) => hands.types(text).await,
        Does::Presses(label) => hands.presses(label).await,
    };
    done.map_err(|e| e.to_string())
}

/// Plays the flow; when the engine stops, it is started again on the same database and what was lost is done again.
async fn play(desk: &mut Desk, flow: &[Act], stop: Stop) -> bool {
    desk.start(stop.clone()).await.expect("the bot starts");
    let mut died = false;
    for act in flow {
        let acted = once(desk, *act).await;
        let settled = desk.settle().await;
        if stop.stopped() && !died {
            died = true;
            desk.crash().await;
            desk.start(Stop::never()).await.expect("the bot starts again");
            desk.dial.advance_ms(61_000);
            desk.settle().await.expect("it settles after a restart");
            if !reached(desk, *act) {
                once(desk, *act).await.expect("what was lost is done again");
                desk.settle().await.expect("it settles");
            }
        } else {
            acted.expect("the act can be done");
            settled.expect("it settles");
        }
        assert!(reached(desk, *act), "not reached after {:?}:\n{}", describe(*act), screens(desk));
    }
    died
}

fn describe(act: Act) -> &'static str {
    match act.does {
        Does::Types(text) | Does::Presses(text) => text,
    }
}

/// Everything that the bot shows, for a failure's message.
pub fn screens(desk: &Desk) -> String {
    let line = |stage: &str, s: &seqn_chatops::sandbox::stage::Shown| {
        format!("[{stage} {:?} gone={} edits={}] {} ({})", s.audience, s.gone, s.edits, s.text, s.buttons.join("|"))
    };
    let all = desk.stages().into_iter().flat_map(|stage| {
        let name = stage.name();
        stage.all().into_iter().map(move |s| line(name, &s))
    });
    all.collect::<Vec<_>>().join("\n")
}

/// How many shown things hold that text, gone ones not counted.
pub fn count(desk: &Desk, stage: &str, channel: Option<&str>, text: &str) -> usize {
    let all = desk.stage(stage).expect("a stage").all();
    let here = |a: &Audience| match (channel, a) {
        (Some(name), Audience::Channel(at)) => name == at,
        (None, Audience::Channel(_)) | (Some(_), _) => false,
        (None, _) => true,
    };
    all.iter().filter(|s| !s.gone && s.author == "bot" && here(&s.audience) && s.text.contains(text)).count()
}

async fn holds(desk: &Desk, at: u64, effects: &[String]) {
    let mut have = desk.world.effects();
    let mut want = effects.to_vec();
    have.sort();
    want.sort();
    assert_eq!(have, want, "stopped at {at}: each effect happens once");
    let store = desk.bot().expect("the bot runs").engine.store();
    let verdict = store.audit_verify().await.expect("the trail can be read");
    assert!(verdict.first_bad.is_none(), "stopped at {at}: the trail is whole");
    let rows = store.audit_tail(10_000).await.expect("the trail can be read");
    let done = rows.iter().filter(|r| r.action == "revoke-session" && r.outcome == "done").count();
    assert_eq!(done, 1, "stopped at {at}: it is done once");
}

async fn at_every_commit(flow: &[Act], shown: &[(&str, Option<&str>, &str)]) {
    let effects = {
        let (_folder, mut desk) = desk().await;
        assert!(!play(&mut desk, flow, Stop::never()).await);
        let effects = desk.world.effects();
        assert!(!effects.is_empty());
        for (stage, channel, text) in shown {
            assert_eq!(count(&desk, stage, *channel, text), 1, "{stage}: {text}\n{}", screens(&desk));
        }
        desk.crash().await;
        effects
    };
    for at in 1..CHECKS_MOST {
        let (_folder, mut desk) = desk().await;
        let died = play(&mut desk, flow, Stop::after(at)).await;
        holds(&desk, at, &effects).await;
        for (stage, channel, text) in shown {
            let found = count(&desk, stage, *channel, text);
            assert_eq!(found, 1, "stopped at {at}: {stage}: {text}\n{}", screens(&desk));
        }
        desk.crash().await;
        if !died {
            assert!(at > 10, "a flow has more commits than that");
            return;
        }
    }
    panic!("the flow did not end within {CHECKS_MOST} commit checks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_ends_once_wherever_the_bot_dies() {
    let shown = [("slack", Some("support"), "Done and confirmed")];
    at_every_commit(LATEST, &shown).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sessions_end_once_wherever_the_bot_dies() {
    let shown = [
        ("slack", Some("approvals"), "Done and confirmed"),
        ("discord", Some("approvals"), "Done and confirmed"),
        ("slack", Some("approvals"), "Lee ask"),
        ("discord", Some("approvals"), "Lee ask"),
        ("discord", Some("support"), "approved by Mira"),
    ];
    at_every_commit(ALL, &shown).await;
}
