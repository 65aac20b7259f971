//! One more update, the card and the list: with one incident, and with many that have many updates each.
//!
//! No call outside takes any time. Invariant: what is timed is the engine's own work, on a database on disk.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use seqn_chatops::engine::Stop;
use seqn_chatops::model::Platform;
use seqn_chatops::ports::IncidentRead;
use seqn_chatops::sandbox::desk::{Desk, Setup};

use super::super::Length;
use super::super::table::{Sorted, Table, ms};
use super::OPEN;
use super::fill::Filler;

/// The surface that is down at the end.
const DOWN: &str = "statuspage";

/// How much there is.
#[derive(Clone, Copy)]
struct Size {
    incidents: usize,
    updates: usize,
}

const ONE: Size = Size { incidents: 1, updates: 1 };

/// What is timed, in the order of the table.
const ROWS: [&str; 9] = [
    "one more update: looked up and planned, its preview committed",
    "one more update: the deed's commit alone",
    "one more update: agreed to, looked up and planned again, done, verified, recorded",
    "its card: read and written for both rooms",
    "`/incident list`: looked up, planned, committed",
    "`/incident list`: rendered and sent",
    "`/incident show`: looked up, planned, committed",
    "all of it behind a surface that is down: whether any is due there",
    "all of it behind a surface that is down: when anything is due",
];

/// Times by row.
type Times = BTreeMap<&'static str, Vec<Duration>>;

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    let (many, runs) =
        (length.of(Size { incidents: 20, updates: 10 }, Size { incidents: 200, updates: 50 }), length.of(5, 30));
    let (few, lots) = (costs(ONE, runs).await?, costs(many, runs).await?);
    let title = format!(
        "incidents: with one of one update, and with {} of {} updates each, {runs} runs, median",
        many.incidents, many.updates
    );
    let mut table = Table::new(&title, &["", "one", "many", "ratio"]);
    for name in ROWS {
        let median = |times: &Times| {
            let times = times.get(name).with_context(|| format!("{name} was not measured"))?;
            anyhow::Ok(Sorted::new(times.clone())?.percentile(50))
        };
        let (few, lots) = (median(&few)?, median(&lots)?);
        let ratio = format!("{:.2}", lots.as_secs_f64() / few.as_secs_f64());
        table.row(vec![name.to_owned(), ms(few), ms(lots), ratio]);
    }
    table.print();
    Ok(())
}

/// A desk with so many incidents, the last of them opened by hand; and what is timed there.
async fn costs(size: Size, runs: usize) -> anyhow::Result<Times> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let database = folder.path().join("bot.db");
    let mut desk = Desk::open(Setup { seed: 7, database, live: false, slack: true, discord: true }).await?;
    desk.start(Stop::never()).await?;
    let mut filler = Filler::of(&desk)?;
    let mut ids = Vec::new();
    for number in 1..size.incidents {
        ids.push(filler.opens(number).await?);
    }
    filler.sent(&ids).await?;
    types(&desk, OPEN).await?;
    desk.settle().await?;
    presses(&desk).await?;
    desk.settle().await?;
    let number = u32::try_from(size.incidents)?;
    let store = desk.bot()?.engine.store().clone();
    let last = store.incident_numbered(number).await?.context("it was not opened")?;
    ids.push(last.id.clone());
    for number in 1..size.updates {
        for id in &ids {
            let (request, draft) = filler.update(id, number).await?;
            filler.does(&request, &draft).await?;
        }
        filler.sent(&ids).await?;
    }
    desk.settle().await?;
    ensure!(store.incidents(true, u32::MAX).await?.len() == size.incidents, "incidents are missing");
    let mut times = Times::new();
    for run in 0..runs {
        one_run(&desk, &mut filler, size, run, &mut times).await?;
    }
    let (_, draft) = filler.update(&last.id, runs).await?;
    let notice = draft.deed.notices.iter().find(|one| one.target == DOWN).context("no such surface")?;
    filler.leaves_behind(notice, size.incidents, size.updates).await?;
    let engine = &desk.bot()?.engine;
    for _ in 0..runs {
        let began = Instant::now();
        ensure!(engine.notify(DOWN).await? == 0, "something was due");
        note(&mut times, ROWS[7], began);
        let began = Instant::now();
        store.next_due().await?;
        note(&mut times, ROWS[8], began);
    }
    desk.stop().await;
    Ok(times)
}

async fn one_run(desk: &Desk, filler: &mut Filler, size: Size, run: usize, times: &mut Times) -> anyhow::Result<()> {
    let engine = &desk.bot()?.engine;
    let name = format!("INC-{}", size.incidents);
    types(desk, &format!("/incident update \"look {run}\" incident={name}")).await?;
    let began = Instant::now();
    ensure!(engine.prepare().await? == 1, "nothing was asked");
    note(times, ROWS[0], began);
    desk.settle().await?;
    presses(desk).await?;
    let began = Instant::now();
    while engine.execute().await? > 0 {}
    note(times, ROWS[2], began);
    let began = Instant::now();
    ensure!(engine.incidents().await? > 0, "no card was stale");
    note(times, ROWS[3], began);
    desk.settle().await?;

    let it = engine.store().incident_numbered(u32::try_from(size.incidents)?).await?.context("it is gone")?;
    let (request, draft) = filler.update(&it.id, run).await?;
    let began = Instant::now();
    filler.does(&request, &draft).await?;
    note(times, ROWS[1], began);
    desk.settle().await?;

    for (typed, looked, sent) in
        [("/incident list".to_owned(), ROWS[4], Some(ROWS[5])), (format!("/incident show {name}"), ROWS[6], None)]
    {
        types(desk, &typed).await?;
        let began = Instant::now();
        ensure!(engine.prepare().await? == 1, "nothing was asked");
        note(times, looked, began);
        let began = Instant::now();
        engine.deliver(Platform::Slack).await?;
        if let Some(sent) = sent {
            note(times, sent, began);
        }
        desk.settle().await?;
    }
    Ok(())
}

fn note(times: &mut Times, name: &'static str, began: Instant) {
    times.entry(name).or_default().push(began.elapsed());
}

async fn types(desk: &Desk, text: &str) -> anyhow::Result<()> {
    let kim = desk.person("kim").on("slack").within("support");
    kim.types(text).await.map_err(|error| anyhow!("{error}"))
}

async fn presses(desk: &Desk) -> anyhow::Result<()> {
    let kim = desk.person("kim").on("slack").within("support");
    kim.presses("Confirm").await.map_err(|error| anyhow!("{error}: {:?}", kim.sees().last()))
}
