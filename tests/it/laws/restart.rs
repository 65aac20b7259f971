//! Restart: the bot dies around every commit, in the middle of a call again and again, or while somebody asks.

use std::collections::BTreeMap;

use seqn_chatops::engine::Stop;
use seqn_chatops::model::State;
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::fault::FaultKind;

use super::{ALL, Act, Does, LATEST, Seen, count, describe, desk, once, reached, screens};

/// The most commit checks that one flow may have; more means that it goes round in circles.
const CHECKS_MOST: u64 = 400;

const fn confirmed(asks: &'static str) -> [Act; 2] {
    let (who, stage) = ("kim", "slack");
    [
        Act { who, stage, does: Does::Types(asks), until: Seen::Button("Confirm") },
        Act { who, stage, does: Does::Presses("Confirm"), until: Seen::Text("Done and confirmed") },
    ]
}

const AGAIN: &[Act] = &confirmed("/seqn project-config acme mobile again=yes ticket=SUP-2");
const TEST_EVENT: &[Act] = &confirmed("/seqn webhook acme wh_orders test=yes ticket=SUP-3");
const CASE: &[Act] = &confirmed("/case open acme ticket=SUP-4 class=webhook");

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

async fn holds(desk: &Desk, at: u64, action: &str, effects: &[String]) {
    let mut have = desk.world.effects();
    let mut want = effects.to_vec();
    have.sort();
    want.sort();
    assert_eq!(have, want, "stopped at {at}: each effect happens once");
    let store = desk.bot().expect("the bot runs").engine.store();
    let verdict = store.audit_verify().await.expect("the trail can be read");
    assert!(verdict.first_bad.is_none(), "stopped at {at}: the trail is whole");
    let rows = store.audit_tail(10_000).await.expect("the trail can be read");
    let done = rows.iter().filter(|r| r.action == action && r.outcome == "done").count();
    assert_eq!(done, 1, "stopped at {at}: it is done once");
}

/// How many private answers were given through their handle on Slack, by how often.
fn answers(desk: &Desk) -> Vec<usize> {
    let mut bodies: BTreeMap<String, usize> = BTreeMap::new();
    for (_, body) in desk.slack.requests().into_iter().filter(|(method, _)| method == "hooks") {
        *bodies.entry(body).or_default() += 1;
    }
    bodies.into_values().collect()
}

async fn at_every_commit(action: &str, flow: &[Act], shown: &[(&str, Option<&str>, &str)]) -> usize {
    let effects = {
        let (_folder, mut desk) = desk().await;
        assert!(!play(&mut desk, flow, Stop::never()).await);
        let effects = desk.world.effects();
        for (stage, channel, text) in shown {
            assert_eq!(count(&desk, stage, *channel, text), 1, "{stage}: {text}\n{}", screens(&desk));
        }
        desk.crash().await;
        effects
    };
    let mut repeats = 0;
    for at in 1..CHECKS_MOST {
        let (_folder, mut desk) = desk().await;
        let died = play(&mut desk, flow, Stop::after(at)).await;
        holds(&desk, at, action, &effects).await;
        for (stage, channel, text) in shown {
            let found = count(&desk, stage, *channel, text);
            assert_eq!(found, 1, "stopped at {at}: {stage}: {text}\n{}", screens(&desk));
        }
        let often = answers(&desk);
        assert!(often.iter().all(|n| *n <= 2), "stopped at {at}: a private answer is repeated once at most: {often:?}");
        repeats += usize::from(often.iter().any(|n| *n > 1));
        desk.crash().await;
        if !died {
            assert!(at > 10, "a flow has more commits than that");
            return repeats;
        }
    }
    panic!("the flow did not end within {CHECKS_MOST} commit checks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_ends_once_wherever_the_bot_dies() {
    let shown = [("slack", Some("support"), "Done and confirmed")];
    let repeats = at_every_commit("revoke-session", LATEST, &shown).await;
    // Two private answers. Each is repeated where the bot dies between the call and its record: before its own commit,
    // or around that of the public line which is sent at the same time.
    assert!((1..=4).contains(&repeats), "a private answer whose record was kept is not repeated: {repeats} repeats");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_is_provisioned_anew_once_wherever_the_bot_dies() {
    at_every_commit("project-config", AGAIN, &[("slack", None, "Done and confirmed")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_event_is_sent_once_wherever_the_bot_dies() {
    at_every_commit("webhook", TEST_EVENT, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_opened_once_wherever_the_bot_dies() {
    at_every_commit("case-open", CASE, &[("slack", Some("support"), "Done and confirmed")]).await;
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
    at_every_commit("revoke-session", ALL, &shown).await;
}

/// How often SEQN Auth was asked to end a session.
fn deletes(desk: &Desk) -> usize {
    desk.seqn.requests().iter().filter(|asked| asked.method == "DELETE").count()
}

/// Lets the bot work until it has made one more call that ends a session; false when it comes to rest without one.
async fn in_the_call(desk: &Desk) -> bool {
    let before = deletes(desk);
    let called = async {
        while deletes(desk) == before {
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
    while in_the_call(&desk).await {
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
