//! How long the bot takes from its process to readiness, on an empty database and on one with a long audit trail.

use std::time::Duration;

use anyhow::ensure;
use seqn_chatops::app::keys;
use seqn_chatops::store::Store;

use super::Length;
use super::rig::Rig;
use super::store::{Row, guard, intake};
use super::table::{Sorted, Table, met, ms};

/// The aim of the issue.
const AIM: Duration = Duration::from_millis(200);
/// Rows that are written in one transaction while the database is filled.
const BATCH: u64 = 2_000;

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    let (runs, rows) = (length.of(3, 10), length.of(10_000, 100_000));
    let mut table = Table::new(
        &format!("start of `run`, {runs} runs each, from the process to readiness"),
        &["", "/readyz median", "/readyz max", "both live median", "both live max", "aim"],
    );
    let mut times = Vec::new();
    for _ in 0..runs {
        let rig = Rig::open().await?;
        let (bot, ready) = rig.start().await?;
        bot.stop().await?;
        times.push(ready);
    }
    row(&mut table, "no database yet", &times)?;
    let rig = Rig::open().await?;
    rig.start().await?.0.stop().await?;
    fill(&rig, rows).await?;
    times.clear();
    for _ in 0..runs {
        let (bot, ready) = rig.start().await?;
        let found = bot.metric("audit_rows").await?;
        ensure!(found >= rows, "the bot sees {found} of {rows} audit rows");
        bot.stop().await?;
        times.push(ready);
    }
    row(&mut table, &format!("{rows} audit rows"), &times)?;
    table.print();
    Ok(())
}

fn row(table: &mut Table, name: &str, times: &[super::rig::Ready]) -> anyhow::Result<()> {
    let first = Sorted::new(times.iter().map(|ready| ready.ready).collect())?;
    let both = Sorted::new(times.iter().map(|ready| ready.both).collect())?;
    let median = both.percentile(50);
    let aim = format!("both live < {}: {}", ms(AIM), met(median < AIM));
    table.row(vec![name.into(), ms(first.percentile(50)), ms(first.max()), ms(median), ms(both.max()), aim]);
    Ok(())
}

/// Fills the bot's database through its own store: a request and its audit row each.
async fn fill(rig: &Rig, rows: u64) -> anyhow::Result<()> {
    let store = Store::open(&rig.database(), &keys::open(&rig.database())?.seal).await?;
    let guard = guard();
    let mut from = 0;
    while from < rows {
        let mut tx = store.begin().await?;
        for n in from..(from + BATCH).min(rows) {
            intake(&mut tx, &guard, n, Row::Ended).await?;
        }
        tx.commit().await?;
        from += BATCH;
    }
    store.close().await;
    Ok(())
}
