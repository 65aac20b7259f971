//! Leaks: whenever the bot dies, and however a removal fails, the message goes, and each is told once.

use futures_util::StreamExt;
use futures_util::stream;
use seqn_chatops::engine::Stop;
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::stage::Audience;

use super::{count, desk, passing_kinds, screens};

/// The most commit checks that one leak may have; more means that it goes round in circles.
const CHECKS_MOST: u64 = 200;
/// Beyond every lease and every first pause.
const LATER_MS: i64 = 121_000;
/// How often what was put off is waited for: more than any call is tried.
const PUT_OFF_MOST: u32 = 8;
/// How many desks are played at once: they mostly wait.
const AT_ONCE: usize = 6;
const REMOVALS: [(&str, &str, &str); 2] =
    [("slack", "slack", "POST /api/chat.delete"), ("discord", "discord", "DELETE /api/v10/channels/")];

fn secret() -> String {
    format!("sk_{}_{}", "live", "Zq3Vt8Lm2Xc9Rb5Ny7Kd1Hw4")
}

/// An app posts a key; the first start is over, so that the channels are watched.
async fn leaked(desk: &mut Desk, stage: &str, stop: Stop) {
    desk.start(Stop::never()).await.expect("the bot starts");
    desk.settle().await.expect("it settles");
    desk.crash().await;
    desk.slack.forgets();
    desk.start(stop).await.expect("the bot starts again");
    let text = format!("key: {}", secret());
    desk.person("app").on(stage).within("incidents").says_app(&text).await.expect("an app may post");
}

async fn later(desk: &Desk) {
    for _ in 0..PUT_OFF_MOST {
        desk.dial.advance_ms(LATER_MS);
        desk.settle().await.expect("it settles");
    }
}

/// The message is gone; the channel, and security on both platforms, have one message each; it ended once.
async fn ended(desk: &Desk, stage: &str, name: &str) {
    let shown = desk.stage(stage).expect("a platform").all();
    let here = Audience::Channel("incidents".to_owned());
    let left = shown.iter().filter(|s| !s.gone && s.audience == here && s.text.contains(&secret())).count();
    assert_eq!(left, 0, "{name}: it is gone\n{}", screens(desk));
    let warnings =
        shown.iter().filter(|s| !s.gone && s.audience == here && s.text.contains("held a raw secret")).count();
    assert_eq!(warnings, 1, "{name}: the channel is told once\n{}", screens(desk));
    for platform in ["slack", "discord"] {
        let cases = count(desk, platform, Some("security"), "Leaked: project secret key");
        assert_eq!(cases, 1, "{name}: one case on {platform}\n{}", screens(desk));
    }
    let store = desk.bot().expect("the bot runs").engine.store();
    assert!(store.audit_verify().await.expect("the trail can be read").first_bad.is_none(), "{name}: it is whole");
    let rows = store.audit_tail(10_000).await.expect("the trail can be read");
    let of = |words: &[&str]| rows.iter().filter(|r| r.action == "leak" && words.contains(&r.outcome.as_str())).count();
    assert_eq!((of(&["opened"]), of(&["removed", "gone"])), (1, 1), "{name}");
}

/// Dies at that commit; whether there was anything left to die in.
async fn dies_at(stage: &str, at: u64) -> bool {
    let (_folder, mut desk) = desk().await;
    let stop = Stop::after(at);
    leaked(&mut desk, stage, stop.clone()).await;
    let settled = desk.settle().await;
    let died = stop.stopped();
    if died {
        desk.crash().await;
        desk.start(Stop::never()).await.expect("the bot starts again");
        later(&desk).await;
    } else {
        settled.expect("it settles");
    }
    ended(&desk, stage, &format!("{stage}, stopped at {at}")).await;
    desk.crash().await;
    died
}

async fn at_every_commit(stage: &str) {
    let mut plays = stream::iter(1..CHECKS_MOST).map(|at| dies_at(stage, at)).buffered(AT_ONCE);
    let mut deaths = 0;
    while plays.next().await.expect("it does not go round in circles") {
        deaths += 1;
    }
    assert!(deaths > 5, "there is something to die in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leak_on_slack_ends_once_whenever_the_bot_dies() {
    at_every_commit("slack").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leak_on_discord_ends_once_whenever_the_bot_dies() {
    at_every_commit("discord").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leak_ends_once_however_its_removal_fails() {
    for (stage, service, route) in REMOVALS {
        for kind in passing_kinds() {
            let name = format!("{stage}: {kind:?}");
            let (_folder, mut desk) = desk().await;
            desk.faults.arm(service, route, kind, 1);
            leaked(&mut desk, stage, Stop::never()).await;
            desk.settle().await.expect("it settles");
            later(&desk).await;
            ended(&desk, stage, &name).await;
            desk.crash().await;
        }
    }
}
