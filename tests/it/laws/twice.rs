//! Twice is once: whatever is delivered, pressed or called twice has its effect, its record and its lines once.
//!
//! Invariant: a call is repeated under its own key; a step that says that it may be repeated blindly may be.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use futures_util::stream;

use seqn_chatops::engine::Stop;
use seqn_chatops::model::{Repeat, State};
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::fault::FaultKind;

use super::ending::{Ending, ending, opened, played};
use super::rows::{Call, ROWS, Row};
use super::{Act, Does, all_hold, describe, desk, hands, once, reached, screens, through};

/// How many desks are played at once: they wait for the disk.
const AT_ONCE: usize = 4;
/// How often reading back is behind: before the second call nobody may see that the first one worked.
const READINGS_BEHIND: u32 = 2;

/// Plays the row as it is meant.
async fn unharmed(row: &Row) -> Result<Ending, String> {
    let (_folder, mut desk) = desk().await;
    let stop = Stop::never();
    opened(&mut desk, row, stop.clone()).await?;
    played(&mut desk, row.flow, &stop).await?;
    let end = ending(&desk).await?;
    desk.crash().await;
    Ok(end)
}

/// The platform delivers it again, as after a lost acknowledgement; and the person presses again.
async fn again(desk: &Desk, act: Act) -> Result<(), String> {
    if matches!(act.does, Does::Happens(_)) {
        return Ok(());
    }
    hands(desk, act).redelivered().await.map_err(|e| e.to_string())?;
    desk.settle().await.map_err(|e| e.to_string())?;
    if matches!(act.does, Does::Presses(_)) {
        hands(desk, act).presses_again().await.map_err(|e| e.to_string())?;
        desk.settle().await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

async fn everything_twice(row: &Row) -> Result<(), String> {
    let name = |say: String| format!("{} ({}): {say}", row.action, row.way);
    let want = unharmed(row).await.map_err(name)?;
    let (_folder, mut desk) = desk().await;
    opened(&mut desk, row, Stop::never()).await.map_err(name)?;
    for act in row.flow {
        once(&desk, *act).await.map_err(name)?;
        desk.settle().await.map_err(|e| name(e.to_string()))?;
        again(&desk, *act).await.map_err(|why| name(format!("{:?} twice: {why}", describe(*act))))?;
        if !reached(&desk, *act) {
            return Err(name(format!("not reached after {:?}:\n{}", describe(*act), screens(&desk))));
        }
    }
    let have = ending(&desk).await.map_err(name)?;
    desk.crash().await;
    if have == want { Ok(()) } else { Err(name(format!("it ends otherwise:\n{}", want.against(&have)))) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_delivered_or_pressed_twice_is_done_once() {
    all_hold(stream::iter(ROWS.iter().map(everything_twice)).buffer_unordered(AT_ONCE).collect().await);
}

/// How often each key was used for that call.
fn calls(desk: &Desk, call: Call) -> BTreeMap<String, usize> {
    let mut keys = BTreeMap::new();
    for asked in desk.seqn.requests() {
        let line = format!("{} {}", asked.method, asked.path);
        if let (true, Some(key)) = (line.starts_with(call.route), asked.header("idempotency-key")) {
            *keys.entry(key.to_owned()).or_default() += 1;
        }
    }
    keys
}

/// The answer to a call is lost, and reading back does not show yet that it worked: the bot calls again.
async fn called_twice(row: &Row, call: Call, honoured: bool) -> Result<(), String> {
    let name = |say: String| format!("{} ({}), keys honoured: {honoured}: {say}", row.action, row.way);
    let (_folder, mut desk) = desk().await;
    opened(&mut desk, row, Stop::never()).await.map_err(name)?;
    desk.faults.arm(call.service, call.route, FaultKind::DropAfter, 1);
    desk.seqn.lags(READINGS_BEHIND);
    desk.seqn.honours_idempotency(honoured);
    through(&desk, row.flow).await.map_err(name)?;
    let store = desk.bot().expect("the bot runs").engine.store();
    let done = store.requests_in(&[State::Done], 9).await.expect("read");
    let [id] = done.as_slice() else { return Err(name(format!("{} requests are done", done.len()))) };
    let journal = store.journal(id).await.expect("read");
    let step = journal.iter().find(|step| step.step.key.starts_with(call.step)).expect("its step");
    let mut keys: Vec<usize> = calls(&desk, call).into_values().collect();
    keys.sort_unstable();
    let blindly = honoured || step.step.repeat == Repeat::Same;
    let most = keys.pop().unwrap_or(0);
    if most != 2 || keys.iter().any(|often| *often > 1) {
        return Err(name(format!("called {most} times under one key, and {keys:?}")));
    }
    let effects = desk.world.effects();
    let mut distinct = effects.clone();
    distinct.sort();
    distinct.dedup();
    desk.crash().await;
    // A change for a while is one call, and its end another.
    let ends = usize::from(row.ends_by_itself().is_some());
    if blindly && effects.len() > distinct.len() + ends {
        return Err(name(format!("an effect happened twice: {effects:?}")));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_made_twice_is_made_under_one_key_and_works_once() {
    let calls = ROWS.iter().flat_map(|row| row.calls.iter().map(move |call| (row, *call)));
    // Authentik has no keys: what it ended it does not know again, which the faults show.
    let of_seqn = calls.filter(|(_, call)| call.service == "seqn");
    let plays = of_seqn.flat_map(|(row, call)| [true, false].map(|honoured| called_twice(row, call, honoured)));
    all_hold(stream::iter(plays).buffer_unordered(AT_ONCE).collect().await);
}
