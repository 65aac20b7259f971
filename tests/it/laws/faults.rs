//! Faults: every way in which every acting call of every action can fail.
//!
//! The outcome is the true sentence, no effect happens twice, and audit and journal agree with the world.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream;

use seqn_chatops::app;
use seqn_chatops::catalog::Visibility;
use seqn_chatops::engine::Stop;
use seqn_chatops::model::State;
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::store::StepState;

use super::ending::opened;
use super::rows::{ALWAYS, Call, ROWS, Row};
use super::{Act, Does, PUT_OFF_MOST, PUT_OFF_MS, Seen, all_hold, count, desk, once, passing_kinds, screens, through};

/// How many desks are played at once: they mostly wait.
const AT_ONCE: usize = 12;
/// Beyond every pause between two tries of taking back.
const BACK_LATER_MS: i64 = 2 * 3_600_000;

/// One call that fails so, once or always.
#[derive(Clone)]
struct Case {
    row: &'static Row,
    call: Call,
    kind: FaultKind,
    always: bool,
}

impl Case {
    fn name(&self) -> String {
        let often = if self.always { "always" } else { "once" };
        format!("{} ({}) {} {:?} {often}", self.row.action, self.row.way, self.call.route, self.kind)
    }

    /// What is said and where it ends.
    fn expected(&self) -> (State, &'static str) {
        match (&self.kind, self.always) {
            (FaultKind::DropAfter, _) => (State::Done, "found so by reading back"),
            (FaultKind::Status(401), _) => (State::Failed, "did not accept the bot's credential (401)"),
            (FaultKind::Status(403), _) => (State::Failed, "has no right to this"),
            (FaultKind::Status(402), _) => (State::Failed, "refused it: subscription_inactive (402)"),
            (FaultKind::Status(409) | FaultKind::Body(422, _), _) => (State::Failed, "refused it"),
            // SEQN Auth's own "no such session" has a code; without it, it is the route that is missing.
            (FaultKind::Status(404), _) if self.call.service == "seqn" => (State::Failed, "does not offer this here"),
            // What is said to be gone and is not is seen when all is read back.
            (FaultKind::Status(404), _) => (State::Unconfirmed, "NOT CONFIRMED"),
            (FaultKind::RetryAfter(seconds), _) if *seconds > 600 => (State::Failed, "asks us to slow down (429)"),
            (_, false) => (State::Done, "Done and confirmed"),
            (FaultKind::RetryAfter(_), true) => (State::Failed, "asks us to slow down (429)"),
            (FaultKind::Hang, true) => (State::Failed, "did not answer in time"),
            (FaultKind::Garbage, true) => (State::Failed, "could not be read"),
            (_, true) => (State::Failed, "is failing (5"),
        }
    }
}

/// Every kind, once; and always, where it can work later.
fn cases(row: &'static Row, call: Call) -> Vec<Case> {
    let refusals = [401, 403, 404, 409].map(FaultKind::Status);
    let others = [FaultKind::Body(422, r#"{"detail": "no"}"#.into()), FaultKind::RetryAfter(3_600)];
    let of_seqn = (call.service == "seqn").then_some(FaultKind::Status(402));
    let once = passing_kinds().into_iter().chain(refusals).chain(others).chain(of_seqn);
    let always = passing_kinds().into_iter().filter(|kind| *kind != FaultKind::DropAfter);
    let case = |kind, always| Case { row, call, kind, always };
    once.map(|kind| case(kind, false)).chain(always.map(|kind| case(kind, true))).collect()
}

fn says_in_public(state: State) -> &'static str {
    match state {
        State::Done => "Done and confirmed:",
        State::Unconfirmed => "Done, but not confirmed:",
        _ => "Failed:",
    }
}

/// The flow without its last act, and the last one; what comes later by itself left out.
fn to_the_end(row: &Row) -> (&'static [Act], Act) {
    let people = row.flow.iter().take_while(|act| !matches!(act.does, Does::Happens(_))).count();
    let (last, before) = row.flow[..people].split_last().expect("somebody asks");
    (before, *last)
}

async fn acted(case: Case) -> Result<(), String> {
    let name = case.name();
    let (_folder, mut desk) = desk().await;
    opened(&mut desk, case.row, Stop::never()).await.map_err(|why| format!("{name}: {why}"))?;
    desk.faults.arm(case.call.service, case.call.route, case.kind.clone(), if case.always { ALWAYS } else { 1 });
    let (before, last) = to_the_end(case.row);
    through(&desk, before).await.map_err(|why| format!("{name}: {why}"))?;
    through(&desk, &[Act { until: Seen::Anything, ..last }]).await.map_err(|why| format!("{name}: {why}"))?;
    let (state, says) = case.expected();
    settled(&desk, state).await.map_err(|why| format!("{name}: {why}\n{}", screens(&desk)))?;
    agrees(&desk, &case, state).await.map_err(|why| format!("{name}: {why}\n{}", screens(&desk)))?;
    told(&desk, &case, state, says).map_err(|why| format!("{name}: {why}\n{}", screens(&desk)))?;
    desk.crash().await;
    Ok(())
}

/// Lets pass what a call is put off, until the request has ended so.
async fn settled(desk: &Desk, state: State) -> Result<(), String> {
    let store = desk.bot().expect("the bot runs").engine.store();
    for _ in 0..PUT_OFF_MOST {
        if !store.requests_in(&[state], 9).await.expect("read").is_empty() {
            return Ok(());
        }
        desk.dial.advance_ms(PUT_OFF_MS);
        desk.settle().await.map_err(|e| e.to_string())?;
    }
    Err(format!("no request is {}", state.word()))
}

/// Who asked is told why; everybody else that it ended so, once in each place that is told.
fn told(desk: &Desk, case: &Case, state: State, says: &str) -> Result<(), String> {
    let asker = case.row.flow[0];
    if count(desk, asker.stage, None, says) == 0 {
        return Err(format!("nobody is told {says:?}"));
    }
    let catalog = app::catalog::standard();
    let action = catalog.find(case.row.action).expect("it is in the catalog");
    let public = action.definition().visibility == Visibility::PrivateWithOutcome;
    let agreed = case.row.flow.iter().any(|act| matches!(act.does, Does::Presses("Review")));
    let approvals = [("slack", "approvals"), ("discord", "approvals")];
    let places = approvals.into_iter().filter(|_| agreed).chain(public.then_some((asker.stage, "support")));
    for (stage, channel) in places {
        let found = count(desk, stage, Some(channel), says_in_public(state));
        if found != 1 {
            return Err(format!("{found} times in {channel} on {stage}"));
        }
    }
    Ok(())
}

/// Journal, audit and world tell the same.
async fn agrees(desk: &Desk, case: &Case, state: State) -> Result<(), String> {
    let store = desk.bot().expect("the bot runs").engine.store();
    let ended = store.requests_in(&[state], 9).await.expect("read");
    let [id] = ended.as_slice() else { return Err(format!("{} requests are {}", ended.len(), state.word())) };
    let journal = store.journal(id).await.expect("read");
    let effects = desk.world.effects();
    if effects.iter().collect::<BTreeSet<_>>().len() != effects.len() {
        return Err(format!("an effect happened twice: {effects:?}"));
    }
    let in_state = |state: StepState| journal.iter().filter(|step| step.state == state).collect::<Vec<_>>();
    let (done, failed) = (in_state(StepState::Done), in_state(StepState::Failed));
    let worked = done.iter().filter(|step| step.outcome != "was already gone").count();
    if worked != effects.len() {
        return Err(format!("{worked} steps are done, and {} effects happened: {effects:?}", effects.len()));
    }
    let fails = usize::from(state == State::Failed);
    if failed.len() != fails || failed.iter().any(|step| !step.step.key.starts_with(case.call.step)) {
        return Err(format!("other steps failed than the one that was broken: {failed:?}"));
    }
    if !in_state(StepState::Todo).is_empty() || !in_state(StepState::Doing).is_empty() {
        return Err("a step is still open".into());
    }
    if case.kind == FaultKind::DropAfter && !done.iter().any(|step| step.outcome.contains("reading back")) {
        return Err("nothing was read back".into());
    }
    let rows = store.audit_of(id).await.expect("read");
    let recorded = |outcome: &str| rows.iter().filter(|row| row.outcome == outcome).count();
    let told = (recorded("step_done"), recorded("step_failed"), recorded(state.word()));
    if told != (done.len(), failed.len(), 1) {
        return Err(format!("the audit trail tells {told:?}"));
    }
    let verdict = store.audit_verify().await.expect("read");
    verdict.first_bad.map_or(Ok(()), |bad| Err(format!("the trail is broken: {bad:?}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_every_acting_call_ends_in_the_truth() {
    // A change for a while begins like one for good.
    let rows = ROWS.iter().filter(|row| row.ends_by_itself().is_none());
    let cases = rows.flat_map(|row| row.calls.iter().flat_map(|call| cases(row, *call))).map(acted);
    all_hold(stream::iter(cases).buffer_unordered(AT_ONCE).collect().await);
}

/// The end of a change for a while meets that fault: it is taken back, or a person is told to do it.
async fn taken_back(case: Case) -> Result<(), String> {
    let name = format!("taking back: {}", case.name());
    let (_folder, mut desk) = desk().await;
    opened(&mut desk, case.row, Stop::never()).await.map_err(|why| format!("{name}: {why}"))?;
    let end = case.row.ends_by_itself().expect("it ends by itself");
    let (before, last) = to_the_end(case.row);
    through(&desk, before).await.map_err(|why| format!("{name}: {why}"))?;
    through(&desk, &[last]).await.map_err(|why| format!("{name}: {why}"))?;
    let begun = desk.world.effects().len();
    desk.faults.arm(case.call.service, case.call.route, case.kind.clone(), if case.always { ALWAYS } else { 1 });
    once(&desk, end).await.map_err(|why| format!("{name}: {why}"))?;
    for _ in 0..PUT_OFF_MOST {
        desk.settle().await.map_err(|e| format!("{name}: {e}"))?;
        desk.dial.advance_ms(BACK_LATER_MS);
    }
    let (says, outcome) =
        if case.always { ("NOT taken back: ", "not_taken_back") } else { ("Taken back as agreed: ", "taken_back") };
    let asker = case.row.flow[0];
    let told = (count(&desk, asker.stage, Some("support"), says), count(&desk, asker.stage, None, says));
    if told != (1, 1) {
        return Err(format!("{name}: {told:?} times told {says:?}\n{}", screens(&desk)));
    }
    let effects = desk.world.effects().len() - begun;
    let rows = desk.bot().expect("the bot runs").engine.store().audit_tail(10_000).await.expect("read");
    let recorded = rows.iter().filter(|row| row.outcome == outcome).count();
    if (effects, recorded) != (usize::from(!case.always), 1) {
        return Err(format!("{name}: {effects} effects, {recorded} rows\n{}", screens(&desk)));
    }
    desk.crash().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_for_a_while_is_taken_back_whatever_fails_or_a_person_is_told() {
    let rows: Vec<&Row> = ROWS.iter().filter(|row| row.ends_by_itself().is_some()).collect();
    assert!(rows.len() > 1, "there are changes for a while");
    let all = rows.iter().flat_map(|row| row.calls.iter().flat_map(|call| cases(row, *call)));
    let refused = rows.iter().flat_map(|row| row.calls.iter().map(|call| (*row, *call)));
    let refused = refused.map(|(row, call)| Case { row, call, kind: FaultKind::Status(403), always: true });
    // What lasts is tried for an hour, and what hangs until a deadline each time: once is enough of that.
    let cases = all.filter(|case| !(case.always && case.kind == FaultKind::Hang)).chain(refused).map(taken_back);
    all_hold(stream::iter(cases).buffer_unordered(AT_ONCE).collect().await);
}
