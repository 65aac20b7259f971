//! A surface that is down for an hour: nothing is lost, nothing is out of order or there twice, and no other waits.
//!
//! The real engine plays against the emulators, on the sandbox's clock.

use std::path::PathBuf;

use seqn_chatops::engine::Stop;
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::targets::STATUS_REPO;

const MINUTE_MS: i64 = 60_000;
/// An update so often, for an hour.
const EVERY_MS: i64 = 10 * MINUTE_MS;
const UPDATES: usize = 6;
/// Until a surface that is back has everything: the longest pause between two tries, and some.
const BACK_WITHIN_MS: i64 = 3 * MINUTE_MS;
/// More often than it is asked.
const ALWAYS: u32 = 1_000_000;
/// The surfaces, with where their faults are armed.
const SURFACES: [(&str, &str, &str); 5] = [
    ("statuspage", "statuspage", ""),
    ("upptime", "github", STATUS_REPO),
    ("webhook", "webhook", ""),
    ("ntfy", "ntfy", ""),
    ("opsgenie", "opsgenie", ""),
];

/// The texts that a surface has, in its order.
fn texts(desk: &Desk, surface: &str) -> Vec<String> {
    let targets = &desk.targets;
    match surface {
        "statuspage" => {
            let incidents = targets.statuspage.service.incidents();
            assert_eq!(incidents.len(), 1, "one incident");
            let updates = incidents[0]["incident_updates"].as_array().expect("updates").clone();
            updates.iter().rev().map(ToString::to_string).collect()
        }
        "upptime" => {
            let issues = targets.github.service.issues(STATUS_REPO);
            assert_eq!(issues.len(), 1, "one issue");
            issues[0].comments.iter().map(|(_, text, _)| text.clone()).collect()
        }
        "webhook" => targets.webhook.service.received().iter().map(|one| one.event.to_string()).collect(),
        "ntfy" => targets.ntfy.service.messages().iter().map(|one| one.text.clone()).collect(),
        _ => targets.opsgenie.service.alerts().iter().flat_map(|alert| alert.notes.clone()).collect(),
    }
}

/// The numbers of the updates that a surface has, in its order.
fn updates(desk: &Desk, surface: &str) -> Vec<usize> {
    let number = |text: &String| text.split("update number ").nth(1)?.split('.').next()?.parse().ok();
    texts(desk, surface).iter().filter_map(number).collect()
}

async fn says(desk: &Desk, text: &str) {
    let kim = desk.person("kim").on("slack").within("support");
    kim.types(text).await.expect("typed");
    desk.settle().await.expect("settled");
    kim.presses("Confirm").await.expect("pressed");
    desk.settle().await.expect("settled");
}

/// Time goes on by the next thing that is due, at most until then.
async fn step(desk: &Desk, until: i64) {
    let now = desk.dial.now_ms();
    let next = desk.bot().expect("it runs").engine.store().next_due().await.expect("read").map_or(until, |at| at.0);
    desk.dial.advance_ms(next.min(until).max(now + 100) - now);
    desk.settle().await.expect("settled");
}

async fn down_for_an_hour(down: &str, service: &str, route: &str) {
    let folder = crate::folder::folder();
    let database: PathBuf = folder.path().join("hour.sqlite");
    let mut desk =
        Desk::open(Setup { seed: 7, database, live: false, slack: true, discord: true }).await.expect("open");
    desk.start(Stop::never()).await.expect("started");
    says(
        &desk,
        "/incident open \"Sign-in is slow\" severity=sev2 impact=\"it takes 30 seconds\" routes=/auth/login mitigation=\"we look\"",
    )
    .await;
    desk.faults.arm(service, route, FaultKind::Status(503), ALWAYS);
    for number in 1..=UPDATES {
        says(&desk, &format!("/incident update \"update number {number}.\" incident=INC-1")).await;
        for (other, ..) in SURFACES.iter().filter(|(other, ..)| *other != down) {
            let wanted: Vec<usize> = (1..=number).collect();
            assert_eq!(updates(&desk, other), wanted, "{other} does not wait for {down}");
        }
        assert!(updates(&desk, down).is_empty(), "{down} is down");
        let until = desk.dial.now_ms() + EVERY_MS;
        while desk.dial.now_ms() < until {
            step(&desk, until).await;
        }
    }
    desk.faults.clear();
    let until = desk.dial.now_ms() + BACK_WITHIN_MS;
    while updates(&desk, down).len() < UPDATES && desk.dial.now_ms() < until {
        step(&desk, until).await;
    }
    desk.settle().await.expect("settled");
    assert_eq!(updates(&desk, down), (1..=UPDATES).collect::<Vec<_>>(), "{down} has each once, in order");
    let counts = desk.bot().expect("it runs").engine.store().notice_counts().await.expect("counted");
    assert_eq!((counts.owed, counts.failed), (0, 0), "nothing is owed, nothing was given up");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_surface_that_is_down_for_an_hour_loses_nothing_and_holds_nobody_up() {
    for (down, service, route) in SURFACES {
        down_for_an_hour(down, service, route).await;
    }
}
