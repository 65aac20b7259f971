//! Delivery: every fault of every call that brings a message, and each public message is there exactly once.
//!
//! Private answers are where a platform cannot be asked: at most one copy more, and none is lost.

use futures_util::StreamExt;
use futures_util::stream;

use seqn_chatops::engine::Stop;
use seqn_chatops::model::Platform;
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;

use super::rows::{ALL, LATEST};
use super::{Act, all_hold, count, desk, once, passing_kinds, screens, through};

/// How many desks are played at once: they mostly wait.
const AT_ONCE: usize = 6;

/// One call of a platform that brings or looks for a message.
#[derive(Clone, Copy)]
struct Call {
    service: &'static str,
    route: &'static str,
    /// The flow in which it is made.
    flow: &'static [Act],
    /// A call whose answer is lost first, so that this one is made at all.
    after_loss_of: Option<&'static str>,
}

const SLACK_POST: &str = "chat.postMessage";
const DISCORD_POST: &str = "POST /api/v10/channels";

const CALLS: [Call; 8] = [
    Call { service: "slack", route: SLACK_POST, flow: ALL, after_loss_of: None },
    Call { service: "slack", route: "chat.update", flow: ALL, after_loss_of: None },
    Call { service: "slack", route: "conversations.history", flow: ALL, after_loss_of: Some(SLACK_POST) },
    Call { service: "slack", route: "POST /hooks/", flow: LATEST, after_loss_of: None },
    Call { service: "discord", route: DISCORD_POST, flow: ALL, after_loss_of: None },
    Call { service: "discord", route: "PATCH /api/v10/channels", flow: ALL, after_loss_of: None },
    Call { service: "discord", route: "GET /api/v10/channels", flow: ALL, after_loss_of: Some(DISCORD_POST) },
    Call { service: "discord", route: "PATCH /api/v10/webhooks", flow: ALL, after_loss_of: None },
];

/// What is there exactly once when `revoke-session` for all has come to its end.
const SHOWN_OF_ALL: [(&str, &str, &str); 5] = [
    ("slack", "approvals", "Done and confirmed"),
    ("discord", "approvals", "Done and confirmed"),
    ("slack", "approvals", "Lee ask"),
    ("discord", "approvals", "Lee ask"),
    ("discord", "support", "approved by Mira"),
];

async fn delivered(call: Call, kind: FaultKind) -> Result<(), String> {
    let name = format!("{} {} {kind:?}", call.service, call.route);
    let (_folder, mut desk) = desk().await;
    desk.start(Stop::never()).await.map_err(|e| format!("{name}: {e:#}"))?;
    if let Some(lost) = call.after_loss_of {
        desk.faults.arm(call.service, lost, FaultKind::DropAfter, 1);
    }
    desk.faults.arm(call.service, call.route, kind.clone(), 1);
    let before = |say: &str| format!("{name}: {say}");
    through(&desk, call.flow).await.map_err(|why| before(&why))?;
    if desk.faults.take(call.service, &format!("{} {}", call.route, call.route)).is_some() {
        return Err(before("the fault was never used"));
    }
    let once_shown: &[_] =
        if call.flow.len() == ALL.len() { &SHOWN_OF_ALL } else { &[("slack", "support", "Done and confirmed")] };
    for (stage, channel, text) in once_shown {
        let found = count(&desk, stage, Some(channel), text);
        if found != 1 {
            return Err(before(&format!("{text:?} is {found} times in {channel} on {stage}\n{}", screens(&desk))));
        }
    }
    let copies = count(&desk, call.flow[0].stage, None, "Done and confirmed");
    // Only what may have arrived is said again, and only where saying it again shows twice.
    let doubtful = call.route == "POST /hooks/" && matches!(kind, FaultKind::DropAfter);
    if copies == 0 || copies > 1 + usize::from(doubtful) {
        return Err(before(&format!("{copies} private results\n{}", screens(&desk))));
    }
    let counts = desk.bot().expect("the bot runs").engine.store().outbox_counts().await.expect("counted");
    if (counts.owed, counts.failed) != (0, 0) {
        return Err(before(&format!("something is lost: {counts:?}\n{}", screens(&desk))));
    }
    desk.crash().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_every_delivery_leaves_each_message_there_once() {
    let cases = CALLS.iter().flat_map(|call| passing_kinds().into_iter().map(|kind| delivered(*call, kind)));
    all_hold(stream::iter(cases).buffer_unordered(AT_ONCE).collect().await);
}

async fn refused(call: Call) -> Result<(), String> {
    let name = format!("{} {} refused", call.service, call.route);
    let (_folder, mut desk) = desk().await;
    desk.start(Stop::never()).await.map_err(|e| format!("{name}: {e:#}"))?;
    desk.faults.arm(call.service, call.route, FaultKind::Status(403), 1);
    // What one platform refused to show can be agreed to on the other.
    let elsewhere = |act: &Act| if call.route == SLACK_POST { Act { stage: "discord", ..*act } } else { *act };
    let flow: Vec<Act> = call.flow.iter().map(elsewhere).collect();
    through(&desk, &flow).await.map_err(|why| format!("{name}: {why}"))?;
    let counts = desk.bot().expect("the bot runs").engine.store().outbox_counts().await.expect("counted");
    let private = call.route.contains("hook");
    let copies = count(&desk, call.flow[0].stage, None, "Done and confirmed");
    if (counts.owed, counts.failed, copies) != (0, u32::from(!private), 1) {
        return Err(format!("{name}: {counts:?}, {copies} private results\n{}", screens(&desk)));
    }
    desk.crash().await;
    Ok(())
}

/// A platform that says no is not asked for ever: what it refused is counted, and a private answer goes directly.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_message_is_counted_and_a_refused_answer_goes_directly() {
    let cases = CALLS.iter().filter(|call| call.after_loss_of.is_none()).map(|call| refused(*call));
    all_hold(stream::iter(cases).buffer_unordered(AT_ONCE).collect().await);
}

/// A private answer that may have arrived twice goes where it can be looked for, and is not given a third time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_may_have_arrived_is_given_once_more_and_then_directly() {
    let (_folder, mut desk) = desk().await;
    desk.start(Stop::never()).await.expect("the bot starts");
    desk.faults.arm("slack", "POST /hooks/", FaultKind::DropAfter, 1_000);
    desk.faults.arm("slack", SLACK_POST, FaultKind::DropAfter, 1);
    through(&desk, &LATEST[..1]).await.expect("the preview is there");
    for _ in 0..4 {
        desk.dial.advance_ms(61_000);
        desk.settle().await.expect("it settles");
    }
    let given = desk.slack.requests().into_iter().filter(|(method, _)| method == "hooks").count();
    assert_eq!(given, 2, "{}", screens(&desk));
    let previews = desk.person("kim").sees().into_iter().filter(|s| s.buttons.iter().any(|b| b == "Confirm"));
    assert_eq!(previews.count(), 3, "two through the handle, one directly: {}", screens(&desk));
    desk.crash().await;
}

/// What is owed to a platform that was switched off meanwhile is given up, recorded and counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_owed_for_ever_to_a_platform_that_is_off() {
    let (folder, mut first) = desk().await;
    first.start(Stop::never()).await.expect("the bot starts");
    once(&first, ALL[0]).await.expect("asked");
    first.settle().await.expect("it settles");
    once(&first, ALL[1]).await.expect("asked for approval");
    first.crash().await;

    let database = folder.path().join("law.sqlite");
    let setup = Setup { seed: 8, database, live: false, slack: true, discord: false };
    let mut desk = Desk::open(setup).await.expect("the emulators start");
    desk.start(Stop::never()).await.expect("the bot starts");
    desk.settle().await.expect("it settles");
    assert_eq!(count(&desk, "slack", Some("approvals"), "Lee asks for approval."), 1, "{}", screens(&desk));
    let store = desk.bot().expect("the bot runs").engine.store();
    let counts = store.outbox_counts().await.expect("counted");
    assert_eq!((counts.owed, counts.failed, counts.switched_off), (0, 1, 1));
    let rows = store.audit_tail(9).await.expect("read");
    let row = rows.iter().find(|row| row.action == "deliver" && row.outcome == "switched_off").expect("recorded");
    let details = row.details.as_ref().expect("details");
    assert_eq!((details["platform"].as_str(), details["messages"].as_u64()), (Some(Platform::Discord.name()), Some(1)));
    desk.crash().await;
}
