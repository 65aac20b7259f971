//! From pressing "send" to each surface, every call outside taking 100 ms: one update at a time, by the real process.
//!
//! One update a second at the most: that is Statuspage's pace, which is not in the figures.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::fault::FaultKind;

use super::super::Length;
use super::super::rig::{Bot, Rig};
use super::super::table::{Sorted, Table, ms};
use super::{OPEN, had, update};

/// How long each call takes at each emulator.
const LATENCY: Duration = Duration::from_millis(100);
const SERVICES: [&str; 8] = ["slack", "discord", "pagerduty", "opsgenie", "ntfy", "statuspage", "github", "webhook"];
/// The one that is down in the second and third measurement, by the names of its emulator and of its row.
const DOWN: (&str, &str) = ("statuspage", "Statuspage");
/// More often than it is asked.
const ALWAYS: u32 = 1_000_000;
/// What has not come by then never does.
const WITHIN: Duration = Duration::from_secs(30);
/// Between two looks at the surfaces: the resolution of the figures.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Between two updates.
const APART: Duration = Duration::from_secs(1);
/// The row of the last of all.
const LAST: &str = "the last of all";

/// Times by surface, `LAST` among them.
type Times = BTreeMap<&'static str, Vec<Duration>>;

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    let (runs, fewer) = (length.of(5, 60), length.of(2, 10));
    let well = updates(runs, None).await?;
    let failing = updates(fewer, Some(FaultKind::Status(503))).await?;
    let silent = updates(fewer, Some(FaultKind::Hang)).await?;
    let title = format!(
        "incidents: from pressing \"send\" until a surface has the update, each call outside takes {}; {runs} updates, \
         and {fewer} while {} is down",
        ms(LATENCY),
        DOWN.1
    );
    let mut table = Table::new(&title, &["", "p50", "p99", "one answers 503: p50", "p99", "one is silent: p50", "p99"]);
    let names = well.keys().copied().filter(|name| *name != LAST).chain([LAST]);
    for name in names {
        let mut row = vec![name.to_owned()];
        for times in [well.get(name), failing.get(name), silent.get(name)] {
            let sorted = times.map(|times| Sorted::new(times.clone())).transpose()?;
            for hundredths in [50, 99] {
                row.push(sorted.as_ref().map_or_else(|| "-".to_owned(), |sorted| ms(sorted.percentile(hundredths))));
            }
        }
        table.row(row);
    }
    table.print();
    Ok(())
}

/// So many updates of one incident, one after the other; with a fault at one surface, without that one.
async fn updates(count: usize, fault: Option<FaultKind>) -> anyhow::Result<Times> {
    let rig = Rig::open().await?;
    let (bot, _) = rig.start().await?;
    bot.calm().await?;
    asks(&rig, &bot, OPEN).await?;
    confirms(&rig).await?;
    reached(&rig, |desk| had(desk).is_ok()).await?;
    bot.calm().await?;
    for service in SERVICES {
        rig.desk.faults.slow(service, LATENCY);
    }
    let without = fault.is_some().then_some(DOWN.1);
    if let Some(fault) = &fault {
        rig.desk.faults.arm(DOWN.0, "", fault.clone(), ALWAYS);
    }
    let mut times = Times::new();
    // The first opens connections, and is told of the opening that may still be on its way.
    for number in 0..=count {
        let apart = Instant::now() + APART;
        asks(&rig, &bot, &update(number)).await?;
        tokio::time::sleep_until(apart.into()).await;
        let took = send(&rig, without).await?;
        if number > 0 {
            for (name, took) in took {
                times.entry(name).or_default().push(took);
            }
        }
        bot.calm().await?;
    }
    if fault == Some(FaultKind::Hang) {
        // What waits for an answer would keep it from ending.
        drop(bot);
    } else {
        bot.stop().await?;
    }
    Ok(times)
}

/// Types, and waits for the preview.
async fn asks(rig: &Rig, bot: &Bot, text: &str) -> anyhow::Result<()> {
    let kim = rig.desk.person("kim").on("slack").within("support");
    kim.types(text).await.map_err(|error| anyhow!("{error}"))?;
    let asked = |desk: &Desk| {
        let sees = desk.person("kim").on("slack").within("support").sees();
        sees.last().is_some_and(|shown| shown.buttons.iter().any(|label| label == "Confirm"))
    };
    reached(rig, asked).await?;
    bot.calm().await.map(drop)
}

async fn confirms(rig: &Rig) -> anyhow::Result<()> {
    let kim = rig.desk.person("kim").on("slack").within("support");
    kim.presses("Confirm").await.map_err(|error| anyhow!("{error}"))
}

async fn reached(rig: &Rig, what: impl Fn(&Desk) -> bool) -> anyhow::Result<()> {
    let began = Instant::now();
    while !what(&rig.desk) {
        if began.elapsed() > WITHIN {
            let sees = rig.desk.person("kim").on("slack").sees();
            bail!("it did not come; on the screen: {:?}; the surfaces: {:?}", sees.last(), had(&rig.desk));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Presses "send", and looks until each surface has one update more.
async fn send(rig: &Rig, without: Option<&str>) -> anyhow::Result<BTreeMap<&'static str, Duration>> {
    let before = had(&rig.desk)?;
    let mut took = BTreeMap::new();
    let mut open: Vec<&'static str> = before.keys().copied().filter(|name| Some(*name) != without).collect();
    let began = Instant::now();
    let (pressed, looked) = tokio::join!(confirms(rig), async {
        while !open.is_empty() {
            if began.elapsed() > WITHIN {
                bail!("{open:?} did not get the update");
            }
            let now = had(&rig.desk)?;
            open.retain(|name| {
                let has = now[name] > before[name];
                if has {
                    took.insert(*name, began.elapsed());
                }
                !has
            });
            tokio::time::sleep(LOOK_EVERY).await;
        }
        anyhow::Ok(())
    });
    pressed?;
    looked?;
    let last = took.values().max().copied().unwrap_or_default();
    took.insert(LAST, last);
    Ok(took)
}
