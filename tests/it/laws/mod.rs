//! Laws: whatever dies, fails or is lost, every effect happens once and the truth is told.
//!
//! The real bot plays against the emulators. Invariant: what people see at the end agrees with the world.

mod delivery;
mod ending;
mod faults;
mod leaks;
mod restart;
mod rotation;
mod rows;
mod twice;

use std::path::PathBuf;

use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::hands::Hands;
use seqn_chatops::sandbox::stage::{Audience, Shown, ShownKind};

/// How often what was put off is waited for: more than any call is tried.
const PUT_OFF_MOST: u32 = 8;
/// How far time goes each time: beyond a lease and beyond the first pauses, and far from a preview's end.
const PUT_OFF_MS: i64 = 61_000;

/// One act of a flow, and how a person sees that it has come through.
#[derive(Clone, Copy)]
pub struct Act {
    who: &'static str,
    stage: &'static str,
    does: Does,
    /// Seen by that person, or by all, when it need not be done again.
    until: Seen,
}

#[derive(Clone, Copy)]
enum Does {
    Types(&'static str),
    Presses(&'static str),
    Submits(&'static [(&'static str, &'static str)]),
    /// Asks for approval of a bulk act, and fills the form that opens: how many changes it is.
    Counts(&'static str),
    /// Presses Approve, and fills the form that opens: the organization, and a reason.
    Signs(&'static str),
    /// What happens in the world, or with time, without the bot.
    Happens(fn(&Desk)),
}

#[derive(Clone, Copy)]
enum Seen {
    Button(&'static str),
    Text(&'static str),
    /// A step by hand with these words.
    Turn(&'static str),
    InChannel(&'static str, &'static str),
    /// That person, on that platform, has that button.
    Elsewhere(&'static str, &'static str, &'static str),
    /// There is nothing to wait for.
    Anything,
}

/// A desk on a database of its own; the folder lives as long as the first of the pair.
pub async fn desk() -> (tempfile::TempDir, Desk) {
    let folder = crate::folder::folder();
    let database: PathBuf = folder.path().join("law.sqlite");
    let setup = Setup { seed: 7, database, live: false, slack: true, discord: true };
    (folder, Desk::open(setup).await.expect("the emulators start"))
}

fn reached(desk: &Desk, act: Act) -> bool {
    let channel = |name: &str| {
        let here = Audience::Channel(name.to_owned());
        desk.stages().into_iter().flat_map(|s| s.all()).filter(move |s| !s.gone && s.audience == here)
    };
    let has = |shown: &[Shown], label: &str| shown.iter().any(|s| s.buttons.iter().any(|b| b == label));
    let sees = desk.person(act.who).on(act.stage).sees();
    match act.until {
        Seen::Button(label) => has(&sees, label),
        Seen::Text(text) => sees.iter().any(|s| s.text.contains(text)),
        Seen::Turn(text) => sees.iter().any(|s| s.text.contains("Your turn") && s.text.contains(text)),
        Seen::InChannel(name, text) => channel(name).any(|s| s.text.contains(text)),
        Seen::Elsewhere(who, stage, label) => has(&desk.person(who).on(stage).sees(), label),
        Seen::Anything => true,
    }
}

fn hands(desk: &Desk, act: Act) -> Hands<'_> {
    desk.person(act.who).on(act.stage).within("support")
}

async fn once(desk: &Desk, act: Act) -> Result<(), String> {
    let hands = hands(desk, act);
    let done = match act.does {
        Does::Types(text) => hands.types(text).await,
        Does::Presses(label) => hands.presses(label).await,
        Does::Submits(values) => {
            let values: Vec<_> = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            hands.submits(&values).await
        }
        Does::Counts(count) => match hands.presses("Ask for approval").await {
            Ok(()) if hands.sees().iter().any(|s| s.kind == ShownKind::Form) => {
                hands.submits(&[("count".to_owned(), count.to_owned())]).await
            }
            pressed => pressed,
        },
        Does::Signs(org) => match hands.presses("Approve").await {
            Ok(()) if hands.sees().iter().any(|s| s.kind == ShownKind::Form) => {
                let fields = [("org", org), ("reason", "seen in the ticket")];
                let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
                hands.submits(&fields.map(|(key, value)| (key.to_owned(), value.to_owned())).collect::<Vec<_>>()).await
            }
            pressed => pressed,
        },
        Does::Happens(what) => {
            what(desk);
            Ok(())
        }
    };
    done.map_err(|e| e.to_string())
}

fn describe(act: Act) -> &'static str {
    match act.does {
        Does::Types(text) | Does::Presses(text) => text,
        Does::Submits(_) => "a form",
        Does::Counts(_) => "Ask for approval, and the form",
        Does::Signs(_) => "Approve, and the form",
        Does::Happens(_) => "what happens outside",
    }
}

/// Plays the flow without any crash; what is put off becomes due by itself.
///
/// # Errors
/// The first act that does not come through, with everything that is shown.
async fn through(desk: &Desk, flow: &[Act]) -> Result<(), String> {
    for act in flow {
        once(desk, *act).await?;
        desk.settle().await.map_err(|e| e.to_string())?;
        for _ in 0..PUT_OFF_MOST {
            desk.dial.advance_ms(PUT_OFF_MS);
            desk.settle().await.map_err(|e| e.to_string())?;
            if reached(desk, *act) {
                break;
            }
        }
        if !reached(desk, *act) {
            return Err(format!("not reached after {:?}:\n{}", describe(*act), screens(desk)));
        }
    }
    // What is owed to others than the one who was waited for.
    desk.dial.advance_ms(PUT_OFF_MS);
    desk.settle().await.map_err(|e| e.to_string())
}

/// Lets the bot work until one more call is counted; false when it comes to rest without one.
async fn in_the_call(desk: &Desk, calls: impl Fn() -> usize) -> bool {
    let before = calls();
    let called = async {
        while calls() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        settled = desk.settle() => {
            settled.expect("it settles");
            false
        }
        () = called => true,
    }
}

/// Every way to misbehave after which the same call can still work.
fn passing_kinds() -> Vec<FaultKind> {
    vec![
        FaultKind::Status(500),
        FaultKind::Status(503),
        FaultKind::RetryAfter(1),
        FaultKind::Hang,
        FaultKind::DropAfter,
        FaultKind::Garbage,
        FaultKind::Body(502, "<h1>Bad gateway</h1>".into()),
    ]
}

/// Fails with every case that failed.
fn all_hold(results: Vec<Result<(), String>>) {
    let failed: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} cases fail:\n{}", failed.len(), failed.join("\n\n"));
}

/// Everything that the bot shows, for a failure's message.
pub fn screens(desk: &Desk) -> String {
    let line = |stage: &str, s: &Shown| {
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
