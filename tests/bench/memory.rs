//! What the running bot holds in memory: idle with both platforms connected, and after many commands.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;

use seqn_chatops::sandbox::stage::Stage;

use super::Length;
use super::ack::types_on;
use super::rig::{Bot, Rig, kilobytes};
use super::table::{Table, met};

/// How long the bot is left alone before it counts as idle.
const IDLE: Duration = Duration::from_secs(4);
/// The aim of the issue, in kB.
const IDLE_AIM_KB: u64 = 25_000;
/// Commands of one platform that are on their way at once.
const AT_ONCE: usize = 4;
/// After so many commands what is owed is waited for, as nobody types faster than they can read.
const BATCH: usize = 200;

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    let commands = length.of(400, 10_000);
    let rig = Rig::open().await?;
    let (bot, _) = rig.start().await?;
    let mut table = Table::new("memory of `run`, both platforms connected", &["", "RSS", "PSS", "peak RSS", "aim"]);
    tokio::time::sleep(IDLE).await;
    row(&mut table, &bot, "idle", Some(IDLE_AIM_KB))?;
    let began = Instant::now();
    for from in (0..commands).step_by(BATCH) {
        let stages: [&dyn Stage; 2] = [rig.desk.slack.as_ref(), rig.desk.discord.as_ref()];
        let lanes = (0..2 * AT_ONCE).map(|lane| {
            let stage = stages[lane % 2];
            async move {
                for n in (from + lane..(from + BATCH).min(commands)).step_by(2 * AT_ONCE) {
                    types_on(stage, n).await?;
                }
                anyhow::Ok(())
            }
        });
        try_join_all(lanes).await?;
        bot.calm().await?;
    }
    let took = began.elapsed().as_secs_f64();
    let acked = rig.desk.slack.answer_times().len() + rig.desk.discord.answer_times().len();
    ensure!(acked == commands, "{acked} of {commands} commands were acked");
    tokio::time::sleep(IDLE).await;
    row(&mut table, &bot, &format!("after {commands} commands"), None)?;
    table.print();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let rate = commands as f64 / took;
    println!("   {commands} commands were asked, answered and delivered in {took:.1} s, {rate:.0} a second");
    bot.stop().await
}

fn row(table: &mut Table, bot: &Bot, name: &str, aim: Option<u64>) -> anyhow::Result<()> {
    let rss = kilobytes(bot.pid(), "status", "VmRSS").context("VmRSS cannot be read")?;
    let mb =
        |kb: Option<u64>| kb.map_or_else(|| "unknown".into(), |kb| format!("{}.{} MB", kb / 1_000, kb % 1_000 / 100));
    let pss = kilobytes(bot.pid(), "smaps_rollup", "Pss");
    let peak = kilobytes(bot.pid(), "status", "VmHWM");
    let aim = aim.map_or_else(String::new, |aim| format!("RSS < {}: {}", mb(Some(aim)), met(rss < aim)));
    table.row(vec![name.into(), mb(Some(rss)), mb(pss), mb(peak), aim]);
    Ok(())
}
