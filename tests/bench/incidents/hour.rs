//! A surface that is down for an hour while updates go on, on the sandbox's clock.
//!
//! Invariant: that surface gets every update once and in order when it is back, and the others never wait for it.

use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};
use seqn_chatops::engine::Stop;
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;

use super::super::table::{Sorted, Table, ms};
use super::{OPEN, had, update};

const MINUTE_MS: i64 = 60_000;
/// How long it is down, and how often there is an update meanwhile.
const DOWN_MS: i64 = 60 * MINUTE_MS;
const EVERY_MS: i64 = 5 * MINUTE_MS;
/// How long it may take until it has all of them after it is back: the longest pause, and a try.
const BACK_WITHIN_MS: i64 = 3 * MINUTE_MS;
/// The least that time goes on by.
const STEP_MS: i64 = 100;
/// How long a call takes when it is back.
const LATENCY: Duration = Duration::from_millis(100);
const DOWN: (&str, &str) = ("statuspage", "Statuspage");
const ALWAYS: u32 = 1_000_000;

/// Measures and prints.
pub async fn measure() -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let database = folder.path().join("bot.db");
    let mut desk = Desk::open(Setup { seed: 7, database, live: false, slack: true, discord: true }).await?;
    desk.start(Stop::never()).await?;
    says(&desk, OPEN).await?;
    let before = had(&desk)?;
    let calls = desk.targets.statuspage.requests().len();
    desk.faults.arm(DOWN.0, "", FaultKind::Status(503), ALWAYS);
    let (mut number, mut others) = (0, Vec::new());
    for _ in 0..DOWN_MS / EVERY_MS {
        number += 1;
        let began = Instant::now();
        says(&desk, &update(number)).await?;
        others.push(began.elapsed());
        for (name, has) in had(&desk)? {
            let wanted = before[name] + if name == DOWN.1 { 0 } else { number };
            ensure!(has == wanted, "{name} has {has} updates and not {wanted} when the {number}. is sent");
        }
        goes_on(&desk, EVERY_MS).await?;
    }
    let tries = desk.targets.statuspage.requests().len() - calls;
    desk.faults.clear();
    desk.faults.slow(DOWN.0, LATENCY);
    let (back, began) = (desk.dial.now_ms(), Instant::now());
    while had(&desk)?[DOWN.1] < before[DOWN.1] + number {
        ensure!(desk.dial.now_ms() - back < BACK_WITHIN_MS, "it is not caught up with: {:?}", had(&desk)?);
        step(&desk, back + BACK_WITHIN_MS).await?;
    }
    let (waited, busy) = (desk.dial.now_ms() - back, began.elapsed());
    in_order(&desk, number)?;
    let title = "incidents: a surface that answers 503 for an hour, an update every 5 minutes";
    let mut table = Table::new(title, &["", ""]);
    let others = Sorted::new(others)?;
    let minutes = Duration::from_millis(u64::try_from(waited)?).as_secs_f64() / 60.0;
    for (name, figure) in [
        ("updates meanwhile, all there afterwards, once each and in order", number.to_string()),
        ("tries at that surface within the hour", tries.to_string()),
        ("the nine others: told of each update in the same second, at most", ms(others.max())),
        ("after it was back: until it was tried again", format!("{minutes:.1} min")),
        ("from then until it had all of them, each call taking 100 ms", ms(busy)),
    ] {
        table.row(vec![name.to_owned(), figure]);
    }
    table.print();
    desk.stop().await;
    Ok(())
}

/// Asks, confirms, and lets all come that is due.
async fn says(desk: &Desk, text: &str) -> anyhow::Result<()> {
    let kim = desk.person("kim").on("slack").within("support");
    kim.types(text).await.map_err(|error| anyhow!("{error}"))?;
    desk.settle().await?;
    kim.presses("Confirm").await.map_err(|error| anyhow!("{error}: {:?}", kim.sees().last()))?;
    desk.settle().await
}

/// Time goes on, from one thing that is due to the next.
async fn goes_on(desk: &Desk, ms: i64) -> anyhow::Result<()> {
    let until = desk.dial.now_ms() + ms;
    while desk.dial.now_ms() < until {
        step(desk, until).await?;
    }
    Ok(())
}

async fn step(desk: &Desk, until: i64) -> anyhow::Result<()> {
    let now = desk.dial.now_ms();
    let next = desk.bot()?.engine.store().next_due().await?.map_or(until, |at| at.0);
    desk.dial.advance_ms(next.clamp(now + STEP_MS, until.max(now + STEP_MS)) - now);
    desk.settle().await
}

/// Whether the page has every update once, in order.
fn in_order(desk: &Desk, count: usize) -> anyhow::Result<()> {
    let incidents = desk.targets.statuspage.service.incidents();
    let updates = incidents.last().and_then(|one| one["incident_updates"].as_array()).cloned().unwrap_or_default();
    let said: Vec<usize> = updates
        .iter()
        .rev()
        .filter_map(|one| one["body"].as_str()?.split("update number ").nth(1)?.split('.').next()?.parse().ok())
        .collect();
    let wanted: Vec<usize> = (1..=count).collect();
    ensure!(incidents.len() == 1 && said == wanted, "the page has {said:?}, in {} incidents", incidents.len());
    Ok(())
}
