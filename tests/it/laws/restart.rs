//! Restart: the bot dies around every commit, in the middle of a call again and again, or while somebody asks.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use futures_util::StreamExt;
use futures_util::stream;

use seqn_chatops::engine::Stop;
use seqn_chatops::model::State;
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::fault::FaultKind;

use super::ending::{Ending, ending, opened, played};
use super::rows::{LATEST, ROWS, Row};
use super::{Act, all_hold, count, desk, in_the_call, once, reached, screens};

/// The most commit checks that one flow may have; more means that it goes round in circles.
const CHECKS_MOST: u64 = 400;
/// How many desks are played at once: they wait for the disk.
const AT_ONCE: usize = 6;
/// Asking, preview, votes and delivery are the same code for every action: of their commits every so many-th is died at,
/// and each of those between the first step and the last reading back.
const COMMON_STEP: u64 = 18;
/// Of a long way by hand, with many commits of one kind, every so many-th.
const LONG_STEP: u64 = 3;
/// How many commits such a way has.
const LONG: u64 = 40;
/// What the record says when a row's own part begins, and when it is over.
const OWN_FIRST: &str = "started";
const OWN_LAST: [&str; 2] = ["done", "taken_back"];

/// A row as it goes when nothing goes wrong.
struct Unharmed {
    end: Ending,
    /// How many checks there are.
    checks: u64,
    /// Those of the row's own part: the steps, and reading back.
    own: RangeInclusive<u64>,
}

/// Plays a row to its end, dying at that check. `None`: there was nothing left to die in.
async fn dies_at(row: &Row, at: u64) -> Result<Option<(Ending, Vec<usize>)>, String> {
    let (_folder, mut desk) = desk().await;
    let stop = Stop::never();
    opened(&mut desk, row, stop.clone()).await?;
    stop.in_checks(at);
    let died = played(&mut desk, row.flow, &stop).await?;
    let end = ending(&desk).await?;
    let answers = answers(&desk);
    desk.crash().await;
    Ok(died.then_some((end, answers)))
}

async fn unharmed(row: &Row) -> Result<Unharmed, String> {
    let (_folder, mut desk) = desk().await;
    let stop = Stop::never();
    opened(&mut desk, row, stop.clone()).await?;
    stop.in_checks(CHECKS_MOST);
    let (mut first, mut last, mut ended) = (0, 0, 0);
    for act in row.flow {
        once(&desk, *act).await?;
        loop {
            let before = CHECKS_MOST - stop.left();
            if desk.tick().await.map_err(|e| e.to_string())? == 0 {
                break;
            }
            let store = desk.bot().expect("it runs").engine.store();
            let rows = store.audit_tail(10_000).await.expect("read");
            let says =
                |words: &[&str]| rows.iter().any(|r| r.action == row.action && words.contains(&r.outcome.as_str()));
            if first == 0 && says(&[OWN_FIRST]) {
                first = before + 1;
            }
            // A change for a while is over twice.
            let over = OWN_LAST.iter().filter(|word| says(&[word])).count();
            if over > ended {
                (ended, last) = (over, CHECKS_MOST - stop.left());
            }
        }
        if !reached(&desk, *act) {
            return Err(format!("not reached without any death:\n{}", screens(&desk)));
        }
    }
    let end = ending(&desk).await?;
    desk.crash().await;
    Ok(Unharmed { end, checks: CHECKS_MOST - stop.left(), own: first..=last })
}

/// How many private answers were given through their handle on Slack, by how often.
fn answers(desk: &Desk) -> Vec<usize> {
    let mut bodies: BTreeMap<String, usize> = BTreeMap::new();
    for (_, body) in desk.slack.requests().into_iter().filter(|(method, _)| method == "hooks") {
        *bodies.entry(body).or_default() += 1;
    }
    bodies.into_values().collect()
}

/// Where the bot dies: at each check, or at those of the row's own part and some of what all rows have in common.
fn points(row: &Row, number: usize, unharmed: &Unharmed) -> Vec<u64> {
    if row.whole {
        return (1..=unharmed.checks).collect();
    }
    let own = unharmed.own.end() - unharmed.own.start();
    let own_step = if own > LONG { LONG_STEP } else { 1 };
    // Each row begins elsewhere, so that all of them together leave nothing out.
    let number = number as u64;
    let dies = |at: &u64| {
        let step = if unharmed.own.contains(at) { own_step } else { COMMON_STEP };
        at % step == number % step
    };
    (1..=unharmed.checks).filter(dies).collect()
}

/// Dies at each chosen commit of the row; how many private answers were given twice in all.
async fn dies_everywhere(row: &Row, number: usize) -> Result<usize, String> {
    let name = |say: String| format!("{} ({}): {say}", row.action, row.way);
    let unharmed = unharmed(row).await.map_err(name)?;
    let (want, checks) = (&unharmed.end, unharmed.checks);
    if *unharmed.own.start() < 2 || *unharmed.own.end() < unharmed.own.start() + 6 {
        return Err(name(format!("its own part is not {:?} of {checks}", unharmed.own)));
    }
    let plays = points(row, number, &unharmed).into_iter().map(|at| async move { (at, dies_at(row, at).await) });
    let mut repeats = 0;
    let mut wrong = Vec::new();
    for (at, play) in stream::iter(plays).buffered(AT_ONCE).collect::<Vec<_>>().await {
        match play {
            Err(why) => wrong.push(format!("stopped at {at}: {why}")),
            Ok(None) => wrong.push(format!("stopped at {at} of {checks}: it did not die")),
            Ok(Some((have, _))) if have != *want => {
                wrong.push(format!("stopped at {at} of {checks}: it ends otherwise:\n{}", want.against(&have)));
            }
            Ok(Some((_, often))) if often.iter().any(|n| *n > 2) => {
                wrong.push(format!("stopped at {at}: a private answer is repeated once at most: {often:?}"));
            }
            Ok(Some((_, often))) => repeats += usize::from(often.iter().any(|n| *n > 1)),
        }
    }
    if wrong.is_empty() { Ok(repeats) } else { Err(name(wrong.join("\n"))) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_action_ends_alike_wherever_the_bot_dies() {
    let mut results = Vec::new();
    for (number, row) in ROWS.iter().enumerate().filter(|(_, row)| !row.whole) {
        results.push(dies_everywhere(row, number).await.map(drop));
    }
    all_hold(results);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_once_wherever_the_bot_dies() {
    for (number, row) in ROWS.iter().enumerate().filter(|(_, row)| row.whole) {
        let repeats = dies_everywhere(row, number).await;
        // Two private answers on Slack. Each is repeated where the bot dies between the call and its record: before its
        // own commit, or around that of the public line which is sent at the same time.
        let few = repeats.as_ref().is_ok_and(|n| (1..=4).contains(n) || row.way != "one");
        assert!(few, "a private answer whose record was kept is not repeated: {repeats:?}");
    }
}

/// How often SEQN Auth was asked to end a session.
fn deletes(desk: &Desk) -> usize {
    desk.seqn.requests().iter().filter(|asked| asked.method == "DELETE").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_in_which_the_bot_dies_every_time_ends_as_stuck() {
    const DEATHS_MOST: usize = 10;
    let (_folder, mut desk) = desk().await;
    desk.start(Stop::never()).await.expect("the bot starts");
    once(&desk, LATEST[0]).await.expect("asked");
    desk.settle().await.expect("it settles");
    desk.faults.arm("seqn", "DELETE", FaultKind::Hang, 1_000);
    once(&desk, LATEST[1]).await.expect("confirmed");
    let mut deaths = 0;
    while in_the_call(&desk, || deletes(&desk)).await {
        deaths += 1;
        assert!(deaths < DEATHS_MOST, "it is tried for ever");
        desk.crash().await;
        desk.start(Stop::never()).await.expect("the bot starts again");
    }
    assert_eq!((deaths, deletes(&desk)), (4, 4), "as often as any step is tried");
    assert_eq!(count(&desk, "slack", None, "Stuck: it was tried 4 times"), 1, "{}", screens(&desk));
    assert_eq!(count(&desk, "slack", Some("support"), "Failed: end 1 session"), 1, "{}", screens(&desk));
    assert!(desk.world.effects().is_empty());
    let store = desk.bot().expect("the bot runs").engine.store();
    let failed = store.requests_in(&[State::Failed], 9).await.expect("read");
    let rows = store.audit_of(&failed[0]).await.expect("read");
    assert_eq!(rows.iter().filter(|row| row.outcome == "step_failed").count(), 1);
    desk.crash().await;
}

/// What is asked while the bot is being stopped: before its commit it was not taken, after it it was; both are said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_during_a_shutdown_is_told_whether_it_was_taken() {
    for stage in ["slack", "discord"] {
        let ask = Act { stage, ..LATEST[0] };
        let (_folder, mut desk) = desk().await;
        desk.start(Stop::after(1)).await.expect("the bot starts");
        once(&desk, ask).await.expect("asked");
        assert_eq!(count(&desk, stage, None, "I have not taken this"), 1, "{}", screens(&desk));
        desk.crash().await;
        desk.start(Stop::never()).await.expect("the bot starts again");
        desk.settle().await.expect("it settles");
        assert!(!reached(&desk, ask), "{}", screens(&desk));
        desk.crash().await;

        desk.start(Stop::after(2)).await.expect("the bot starts");
        once(&desk, ask).await.expect("asked");
        assert_eq!(count(&desk, stage, None, "I have taken this down"), 1, "{}", screens(&desk));
        assert_eq!(count(&desk, stage, None, "went wrong"), 0, "{}", screens(&desk));
        desk.crash().await;
        desk.start(Stop::never()).await.expect("the bot starts again");
        desk.settle().await.expect("it settles");
        assert!(reached(&desk, ask), "{}", screens(&desk));
        desk.crash().await;
    }
}
