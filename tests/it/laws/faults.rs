//! Faults: every way in which every acting call of `revoke-session` for all can fail.
//!
//! The outcome is the true sentence, no effect happens twice, and audit and journal agree with the world.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream;

use seqn_chatops::engine::Stop;
use seqn_chatops::model::State;
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::store::StepState;

use super::{ALL, Act, Seen, all_hold, count, desk, passing_kinds, screens, through};

/// How many desks are played at once: they mostly wait.
const AT_ONCE: usize = 6;
/// More often than anything is tried.
const ALWAYS: u32 = 1_000;

/// The three calls that end something: service, route, and the first words of their steps' keys.
const CALLS: [(&str, &str, &str); 3] = [
    ("authentik", "DELETE /api/v3/core/authenticated_sessions/", "authentik-session:"),
    ("authentik", "DELETE /api/v3/oauth2/refresh_tokens/", "authentik-refresh-token:"),
    ("seqn", "DELETE /v1/organizations/", "seqn-session:"),
];

/// What is said and where it ends when a call fails so, once or always.
fn expected(service: &str, kind: &FaultKind, always: bool) -> (State, &'static str) {
    match (kind, always) {
        (FaultKind::DropAfter, _) => (State::Done, "found so by reading back"),
        (FaultKind::Status(401), _) => (State::Failed, "did not accept the bot's credential (401)"),
        (FaultKind::Status(403), _) => (State::Failed, "has no right to this"),
        (FaultKind::Status(409) | FaultKind::Body(422, _), _) => (State::Failed, "refused it"),
        // SEQN Auth's own "no such session" has a code; without it, it is the route that is missing.
        (FaultKind::Status(404), _) if service == "seqn" => (State::Failed, "does not offer this here"),
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

fn kinds() -> Vec<FaultKind> {
    let refusals = [401, 403, 404, 409].map(FaultKind::Status);
    let others = [FaultKind::Body(422, r#"{"detail": "no"}"#.into()), FaultKind::RetryAfter(3_600)];
    passing_kinds().into_iter().chain(refusals).chain(others).collect()
}

async fn acted(call: (&str, &str, &str), kind: FaultKind, always: bool) -> Result<(), String> {
    let (service, route, key) = call;
    let name = format!("{service} {route} {kind:?} {}", if always { "always" } else { "once" });
    let (_folder, mut desk) = desk().await;
    desk.start(Stop::never()).await.map_err(|e| format!("{name}: {e:#}"))?;
    desk.faults.arm(service, route, kind.clone(), if always { ALWAYS } else { 1 });
    let (state, says) = expected(service, &kind, always);
    let until = Seen::InChannel("approvals", says_in_public(state));
    let flow: Vec<Act> = ALL[..3].iter().copied().chain([Act { until, ..ALL[3] }]).collect();
    through(&desk, &flow).await.map_err(|why| format!("{name}: {why}"))?;
    let agrees = agrees(&desk, state, key, &kind).await;
    agrees.map_err(|why| format!("{name}: {why}\n{}", screens(&desk)))?;
    if count(&desk, "discord", None, says) == 0 {
        return Err(format!("{name}: nobody is told {says:?}\n{}", screens(&desk)));
    }
    for (stage, channel) in [("slack", "approvals"), ("discord", "approvals"), ("discord", "support")] {
        if count(&desk, stage, Some(channel), says_in_public(state)) != 1 {
            return Err(format!("{name}: not once in {channel} on {stage}\n{}", screens(&desk)));
        }
    }
    desk.crash().await;
    Ok(())
}

fn says_in_public(state: State) -> &'static str {
    match state {
        State::Done => "Done and confirmed:",
        State::Unconfirmed => "Done, but not confirmed:",
        _ => "Failed:",
    }
}

/// Journal, audit and world tell the same.
async fn agrees(desk: &Desk, state: State, key: &str, kind: &FaultKind) -> Result<(), String> {
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
    if failed.len() != fails || failed.iter().any(|step| !step.step.key.starts_with(key)) {
        return Err(format!("other steps failed than the one that was broken: {failed:?}"));
    }
    if !in_state(StepState::Todo).is_empty() || !in_state(StepState::Doing).is_empty() {
        return Err("a step is still open".into());
    }
    if matches!(kind, FaultKind::DropAfter) && !done.iter().any(|step| step.outcome.contains("reading back")) {
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
    let cases = CALLS.iter().flat_map(|call| {
        let both = kinds().into_iter().flat_map(|kind| [(kind.clone(), false), (kind, true)]);
        both.map(|(kind, always)| acted(*call, kind, always)).collect::<Vec<_>>()
    });
    all_hold(stream::iter(cases).buffer_unordered(AT_ONCE).collect().await);
}
