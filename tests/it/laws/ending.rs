//! How a flow ended: what happened in the world, what the record says, what everybody sees; and playing one to its end.
//!
//! Invariant: what differs from play to play without meaning anything (references, minutes) is not compared.

use std::collections::{BTreeMap, BTreeSet};

use seqn_chatops::engine::Stop;
use seqn_chatops::model::State;
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::stage::Audience;

use super::rows::Row;
use super::{Act, PUT_OFF_MOST, PUT_OFF_MS, describe, once, reached, screens};

/// What is counted, by its words.
type Counts = BTreeMap<String, usize>;

/// The end of a flow.
#[derive(Debug, PartialEq, Eq)]
pub struct Ending {
    /// What was changed outside, by how often.
    pub effects: Counts,
    /// What was recorded of what was done, by how often.
    pub record: Counts,
    /// What everybody sees, by how often.
    pub public: Counts,
    /// How many requests of each state there are.
    pub states: Counts,
}

impl Ending {
    /// What is otherwise in that one, in words.
    pub fn against(&self, other: &Self) -> String {
        let parts = [
            ("effects", &self.effects, &other.effects),
            ("record", &self.record, &other.record),
            ("public", &self.public, &other.public),
            ("states", &self.states, &other.states),
        ];
        let mut lines = Vec::new();
        for (name, want, have) in parts {
            let words: BTreeSet<&String> = want.keys().chain(have.keys()).collect();
            for word in words {
                let (want, have) = (want.get(word).unwrap_or(&0), have.get(word).unwrap_or(&0));
                if want != have {
                    lines.push(format!("  {name}: {have} instead of {want}: {word}"));
                }
            }
        }
        lines.join("\n")
    }
}

/// What the record says of doing; asking and refusing may be said again after a death.
const DOING: [&str; 10] = [
    "approved",
    "started",
    "step_done",
    "step_failed",
    "by_hand",
    "done_by_hand",
    "done",
    "unconfirmed",
    "failed",
    "taken_back",
];

/// What the board says of the webhook where the bot died between the call and its record: nobody can look that up.
const PERHAPS_TWICE: [&str; 3] = ["• webhook", "It may be there twice", ", 1 possibly there twice"];

/// A text without what differs from play to play: lines that end in a reference, the minutes that a death takes, and a
/// doubt about the webhook.
fn plain(text: &str) -> String {
    let [webhook, doubt, counted] = PERHAPS_TWICE;
    let certain = |line: &&str| !(line.starts_with(webhook) && line.contains(doubt));
    let clock = |word: &str| word.as_bytes().get(2) == Some(&b':') && word.starts_with(|c: char| c.is_ascii_digit());
    let line = |line: &str| match line.find("rq-") {
        Some(at) => line.get(..at).unwrap_or_default().to_owned(),
        None => line.split(' ').filter(|word| !clock(word)).collect::<Vec<_>>().join(" "),
    };
    text.replace(counted, "").lines().filter(certain).map(line).collect::<Vec<_>>().join("\n")
}

fn counted(words: impl IntoIterator<Item = String>) -> Counts {
    let mut counts = Counts::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// How it has ended now.
pub async fn ending(desk: &Desk) -> Result<Ending, String> {
    let store = desk.bot().map_err(|e| e.to_string())?.engine.store();
    let verdict = store.audit_verify().await.map_err(|e| e.to_string())?;
    if let Some(bad) = verdict.first_bad {
        return Err(format!("the trail is broken: {bad:?}"));
    }
    let rows = store.audit_tail(10_000).await.map_err(|e| e.to_string())?;
    let done = rows.iter().filter(|row| DOING.contains(&row.outcome.as_str()));
    let public = desk.stages().into_iter().flat_map(|stage| {
        let name = stage.name();
        let shown = stage.all().into_iter().filter(|s| !s.gone && s.author == "bot");
        shown.filter_map(move |s| match s.audience {
            Audience::Channel(channel) => Some(format!("{name} {channel}: {}", plain(&s.text))),
            _ => None,
        })
    });
    let mut states = Counts::new();
    for state in [State::Done, State::Unconfirmed, State::Failed, State::ByHand, State::Running, State::Verifying] {
        let found = store.requests_in(&[state], 99).await.map_err(|e| e.to_string())?;
        states.insert(state.word().to_owned(), found.len());
    }
    Ok(Ending {
        effects: counted(desk.world.effects()),
        record: counted(done.map(|row| format!("{} {}", row.action, row.outcome))),
        public: counted(public),
        states,
    })
}

/// Starts the bot with what the row takes as given, and lets it do what it does at every start.
pub async fn opened(desk: &mut Desk, row: &Row, stop: Stop) -> Result<(), String> {
    (row.given)(desk);
    if !row.before.is_empty() {
        desk.start(Stop::never()).await.map_err(|e| e.to_string())?;
        for act in row.before {
            once(desk, *act).await?;
            desk.settle().await.map_err(|e| e.to_string())?;
            if !reached(desk, *act) {
                return Err(format!("not reached after {:?}:\n{}", describe(*act), screens(desk)));
            }
        }
        desk.crash().await;
    }
    desk.start(stop).await.map_err(|e| e.to_string())?;
    desk.settle().await.map_err(|e| e.to_string())
}

/// Lets pass what surfaces are still owed: a death puts a call off.
async fn told_everybody(desk: &Desk) -> Result<(), String> {
    for _ in 0..PUT_OFF_MOST {
        let store = desk.bot().map_err(|e| e.to_string())?.engine.store();
        if store.notice_counts().await.map_err(|e| e.to_string())?.owed == 0 {
            break;
        }
        desk.dial.advance_ms(PUT_OFF_MS);
        desk.settle().await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// Plays the flow; when the engine stops, it is started again on the same database and what was lost is done again.
/// Whether it died.
pub async fn played(desk: &mut Desk, flow: &[Act], stop: &Stop) -> Result<bool, String> {
    let mut died = false;
    for act in flow {
        let acted = once(desk, *act).await;
        let settled = desk.settle().await;
        if stop.stopped() && !died {
            died = true;
            desk.crash().await;
            desk.start(Stop::never()).await.map_err(|e| e.to_string())?;
            for _ in 0..PUT_OFF_MOST {
                desk.dial.advance_ms(PUT_OFF_MS);
                desk.settle().await.map_err(|e| format!("it does not settle after a restart: {e}"))?;
                if reached(desk, *act) {
                    break;
                }
            }
            if !reached(desk, *act) {
                once(desk, *act)
                    .await
                    .map_err(|e| format!("{:?} cannot be done again: {e}\n{}", describe(*act), screens(desk)))?;
                desk.settle().await.map_err(|e| e.to_string())?;
            }
        } else {
            acted?;
            settled.map_err(|e| e.to_string())?;
        }
        if !reached(desk, *act) {
            return Err(format!("not reached after {:?}:\n{}", describe(*act), screens(desk)));
        }
    }
    told_everybody(desk).await?;
    Ok(died)
}
