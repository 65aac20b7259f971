//! How long a secret stands in chat: from the moment that the emulator has the message to the moment that it has read
//! the bot's deletion; and how long a day's backlog takes.
//!
//! Invariant: every message that was posted must have been removed.

use std::time::Duration;

use anyhow::{anyhow, ensure};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use seqn_chatops::sandbox::stage::Stage;

use super::Length;
use super::machine;
use super::rig::Rig;
use super::table::{Sorted, Table, ms};

/// Where apps post.
const CHANNELS: [&str; 4] = ["support", "incidents", "random", "approvals"];
/// Messages before anything counts.
const WARM_UP: usize = 10;
/// Between two messages that are to meet an idle bot.
const PAUSE: Duration = Duration::from_millis(40);
/// Ten a second.
const SUSTAINED: Duration = Duration::from_millis(100);
/// A hundred within a second.
const BURST: Duration = Duration::from_millis(10);
/// How many that is.
const BURST_SIZE: usize = 100;
/// What is not removed by then never is.
const WITHIN: Duration = Duration::from_secs(180);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// One message of so many holds a secret in the backlog.
const ONE_IN: usize = 100;

/// A key of its own kind for the bench.
fn secret() -> String {
    format!("sk_{}_{}", "live", "Zq3Vt8Lm2Xc9Rb5Ny7Kd1Hw4")
}

async fn rig() -> anyhow::Result<Rig> {
    let rig = Rig::open().await?;
    // Waiting asks the bot for a heartbeat each time; two a second are more than Discord lets a client send.
    rig.desk.discord.waits(false);
    Ok(rig)
}

fn removed(rig: &Rig, stage: &str) -> Vec<Duration> {
    if stage == "slack" { rig.desk.slack.removal_times() } else { rig.desk.discord.removal_times() }
}

async fn say(rig: &Rig, stage: &str, n: usize, text: &str) -> anyhow::Result<()> {
    let stage = rig.desk.stage(stage).map_err(|error| anyhow!("{error}"))?;
    stage.says_app(CHANNELS[n % CHANNELS.len()], text).await.map_err(|error| anyhow!("{error}"))
}

/// Waits until that many were removed; their times.
async fn all_removed(rig: &Rig, stage: &str, count: usize) -> anyhow::Result<Vec<Duration>> {
    let (began, mut times) = (Instant::now(), Vec::new());
    while times.len() < count {
        ensure!(began.elapsed() < WITHIN, "{} of {count} messages on {stage} were removed", times.len());
        tokio::time::sleep(LOOK_EVERY).await;
        times.extend(removed(rig, stage));
    }
    Ok(times)
}

/// One after the other.
async fn alone(rig: &Rig, stage: &str, count: usize) -> anyhow::Result<Sorted> {
    let mut times = Vec::new();
    for n in 0..count {
        say(rig, stage, n, &format!("alone {n}: {}", secret())).await?;
        times.extend(all_removed(rig, stage, 1).await?);
        tokio::time::sleep(PAUSE).await;
    }
    Sorted::new(times)
}

/// At that beat, whether or not those before are gone.
async fn at(rig: &Rig, stage: &'static str, beat: Duration, count: usize) -> anyhow::Result<Sorted> {
    let mut ticks = tokio::time::interval(beat);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut posting = JoinSet::new();
    for n in 0..count {
        ticks.tick().await;
        let (slack, discord) = (rig.desk.slack.clone(), rig.desk.discord.clone());
        posting.spawn(async move {
            let text = format!("message {n}: {}", secret());
            let stage: &dyn Stage = if stage == "slack" { slack.as_ref() } else { discord.as_ref() };
            stage.says_app(CHANNELS[n % CHANNELS.len()], &text).await
        });
    }
    while let Some(posted) = posting.join_next().await {
        posted?.map_err(|error| anyhow!("{error}"))?;
    }
    Sorted::new(all_removed(rig, stage, count).await?)
}

fn add(table: &mut Table, name: &str, times: &Sorted) {
    let (p50, p90, p99) = (times.percentile(50), times.percentile(90), times.percentile(99));
    table.row(vec![name.into(), ms(p50), ms(p90), ms(p99), ms(times.max())]);
}

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    let (one_by_one, sustained, day) = (length.of(30, 200), length.of(50, 300), length.of(1_000, 10_000));
    let title = "leak: from the message until the emulator has read its deletion";
    let mut table = Table::new(title, &["", "p50", "p90", "p99", "max"]);
    for (stage, name) in [("slack", "Slack"), ("discord", "Discord")] {
        // A bot of its own: what is still owed for one platform must not weigh on the other.
        let rig = rig().await?;
        let (bot, _) = rig.start().await?;
        alone(&rig, stage, WARM_UP).await?;
        add(&mut table, &format!("{name}, {one_by_one} one by one"), &alone(&rig, stage, one_by_one).await?);
        let times = at(&rig, stage, SUSTAINED, sustained).await?;
        add(&mut table, &format!("{name}, {sustained} at 10 a second"), &times);
        let times = at(&rig, stage, BURST, BURST_SIZE).await?;
        add(&mut table, &format!("{name}, {BURST_SIZE} within a second"), &times);
        bot.stop().await?;
    }
    table.print();
    for (stage, name) in [("slack", "Slack"), ("discord", "Discord")] {
        backlog(stage, name, day).await?;
    }
    println!("   load after it {}", machine::load());
    Ok(())
}

/// What was said while the bot was away is read and cleared after its start.
async fn backlog(stage: &'static str, name: &str, count: usize) -> anyhow::Result<()> {
    let rig = rig().await?;
    let (bot, _) = rig.start().await?;
    bot.calm().await?;
    bot.stop().await?;
    rig.desk.slack.forgets();
    let secrets = count / ONE_IN;
    for n in 0..count {
        let secret = if n % ONE_IN == 0 { secret() } else { String::new() };
        say(&rig, stage, n, &format!("deploy {n} of the portal went well, see the log of build {n} {secret}")).await?;
    }
    let began = Instant::now();
    let (bot, _) = rig.start().await?;
    let times = all_removed(&rig, stage, secrets).await?;
    let took = began.elapsed();
    println!(
        "   {name}: a backlog of {count} messages, {} of them with a secret, was cleared {} after the start",
        times.len(),
        ms(took)
    );
    bot.stop().await
}
