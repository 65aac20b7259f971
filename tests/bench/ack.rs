//! How long the first answer to a slash command takes, measured at the platforms' side of the sockets.
//!
//! From the moment that the emulator writes the command to the moment that it has read the ack (Slack) or the
//! callback (Discord). Invariant: each command is a new request, so that each ack has a durable commit before it,
//! and each command must have been acked.

use std::time::Duration;

use anyhow::{anyhow, ensure};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use seqn_chatops::sandbox::stage::Stage;

use super::Length;
use super::machine;
use super::rig::{Bot, Rig};
use super::table::{Sorted, Table, met, ms};

/// Who types, in turn.
const PEOPLE: [&str; 5] = ["kim", "joe", "lee", "mira", "sam"];
/// Where all of them may ask.
const CHANNEL: &str = "support";
/// A command that is stored like any other and needs no outside system, so that the bot's own time is seen.
const COMMAND: &str = "/seqn whoami";
/// Between two commands that are to meet an idle bot: what the one before caused has ended by then.
const PAUSE: Duration = Duration::from_millis(40);
/// Fifty commands a second.
const BEAT: Duration = Duration::from_millis(20);
/// Commands before anything counts: connections are opened, caches are filled.
const WARM_UP: usize = 30;
/// The aims of the issue, in the middle and for 99 of 100, at fifty a second.
const MEDIAN_AIM: Duration = Duration::from_micros(900);
const P99_AIM: Duration = Duration::from_millis(3);
/// What an echo bot of the platform's own kit takes at fifty a second, without any commit: p50, p99.
const ECHO_BOTS: [(&str, &str, &str); 3] = [
    ("echo bot, @slack/bolt", "0.90 ms", "3.50 ms"),
    ("echo bot, discord.js", "1.50 ms", "4.40 ms"),
    ("echo bot, slack_bolt (Python)", "11.50 ms", "12.60 ms"),
];

/// Which platforms are typed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Slack,
    Discord,
    Both,
}

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    let (alone, paced) = (length.of(60, 300), length.of(100, 1_000));
    let rig = Rig::open().await?;
    let (bot, _) = rig.start().await?;
    for on in [On::Slack, On::Discord] {
        one_by_one(&rig, on, WARM_UP).await?;
    }
    let title = format!("ack: a slash command until its first answer, the durable commit inside ({COMMAND})");
    let mut table = Table::new(&title, &["", "p50", "p90", "p99", "max", "aim at 50 a second"]);
    for (on, name) in [(On::Slack, "Slack"), (On::Discord, "Discord")] {
        bot.calm().await?;
        let times = one_by_one(&rig, on, alone).await?;
        add(&mut table, &format!("{name}, {alone} one by one"), &times, false);
    }
    for (on, name) in [(On::Slack, "Slack"), (On::Discord, "Discord")] {
        bot.calm().await?;
        let times = at_fifty(&rig, on, paced).await?;
        add(&mut table, &format!("{name}, {paced} at 50 a second"), &times, true);
    }
    bot.calm().await?;
    both(&rig, &bot, paced, &mut table).await?;
    for (name, median, p99) in ECHO_BOTS {
        let blank = String::new;
        table.row(vec![name.into(), median.into(), blank(), p99.into(), blank(), "without a commit; for scale".into()]);
    }
    table.print();
    println!("   load after it {}", machine::load());
    bot.stop().await
}

async fn both(rig: &Rig, bot: &Bot, count: usize, table: &mut Table) -> anyhow::Result<()> {
    let before = bot.metric("audit_rows").await?;
    spray(rig, On::Both, count).await;
    for (name, times) in [("Slack", rig.desk.slack.answer_times()), ("Discord", rig.desk.discord.answer_times())] {
        ensure!(times.len() == count, "{} of {count} commands on {name} were acked", times.len());
        add(table, &format!("{name}, while both have 50 a second"), &Sorted::new(times)?, true);
    }
    bot.calm().await?;
    // Asked and answered are a row each: that every ack had its commit is seen here from outside.
    let rows = bot.metric("audit_rows").await? - before;
    let wanted = 4 * u64::try_from(count)?;
    ensure!(rows >= wanted, "{rows} audit rows were written for {count} commands on each platform, not {wanted}");
    Ok(())
}

fn add(table: &mut Table, name: &str, times: &Sorted, has_aim: bool) {
    let (p50, p99) = (times.percentile(50), times.percentile(99));
    let aim = if has_aim {
        let (median, late) = (met(p50 < MEDIAN_AIM), met(p99 < P99_AIM));
        format!("p50 < {}: {median}; p99 < {}: {late}", ms(MEDIAN_AIM), ms(P99_AIM))
    } else {
        String::new()
    };
    table.row(vec![name.into(), ms(p50), ms(times.percentile(90)), ms(p99), ms(times.max()), aim]);
}

/// Each after the one before was acked, and what that caused has ended.
async fn one_by_one(rig: &Rig, on: On, count: usize) -> anyhow::Result<Sorted> {
    forget(rig);
    for n in 0..count {
        types(rig, on, n).await?;
        tokio::time::sleep(PAUSE).await;
    }
    taken(rig, on, count)
}

/// Fifty a second, whether or not those before were acked.
async fn at_fifty(rig: &Rig, on: On, count: usize) -> anyhow::Result<Sorted> {
    forget(rig);
    spray(rig, on, count).await;
    taken(rig, on, count)
}

/// Types `count` commands on each platform that is meant, at the beat, and waits for the last ack.
async fn spray(rig: &Rig, on: On, count: usize) {
    let mut beat = tokio::time::interval_at(Instant::now() + BEAT, BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut typing = JoinSet::new();
    for n in 0..count {
        beat.tick().await;
        let who = PEOPLE[n % PEOPLE.len()];
        if on != On::Discord {
            let slack = rig.desk.slack.clone();
            typing.spawn(async move { slack.types(who, CHANNEL, COMMAND).await });
        }
        if on == On::Both {
            // Not in step: the platforms do not know of each other.
            tokio::time::sleep(BEAT / 2).await;
        }
        if on != On::Slack {
            let discord = rig.desk.discord.clone();
            typing.spawn(async move { discord.types(who, CHANNEL, COMMAND).await });
        }
    }
    // What was not acked is missing among the times.
    while typing.join_next().await.is_some() {}
}

/// One command; on return it has been acked or given up.
pub async fn types_on(stage: &dyn Stage, n: usize) -> anyhow::Result<()> {
    stage.types(PEOPLE[n % PEOPLE.len()], CHANNEL, COMMAND).await.map_err(|refused| anyhow!(refused))
}

async fn types(rig: &Rig, on: On, n: usize) -> anyhow::Result<()> {
    if on == On::Slack {
        types_on(rig.desk.slack.as_ref(), n).await
    } else {
        types_on(rig.desk.discord.as_ref(), n).await
    }
}

fn forget(rig: &Rig) {
    drop(rig.desk.slack.answer_times());
    drop(rig.desk.discord.answer_times());
}

fn taken(rig: &Rig, on: On, count: usize) -> anyhow::Result<Sorted> {
    let times = if on == On::Slack { rig.desk.slack.answer_times() } else { rig.desk.discord.answer_times() };
    ensure!(times.len() == count, "{} of {count} commands were acked", times.len());
    Sorted::new(times)
}
