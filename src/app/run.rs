//! `run`: starts everything, waits for the signal, and ends within a limit.
//!
//! Invariant: what is being answered or done when the signal comes is finished or journalled; the database is
//! closed last.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clients::Internet;
use crate::engine::Stop;
use crate::model::Platform;

use super::clock::{SystemClock, SystemIds};
use super::config::Config;
use super::wiring::{self, Bot, Seams};
use super::{health, keys, telemetry};

/// How long what is running may take to end. The service manager waits longer (`deploy/seqn-chatops.service`).
const DRAIN: Duration = Duration::from_secs(20);
/// How long the database may take to close.
const CLOSE: Duration = Duration::from_secs(5);

/// Runs the bot until SIGTERM or SIGINT.
///
/// # Errors
/// A sentence for the operator: what could not be started.
pub async fn run(config: Config) -> anyhow::Result<()> {
    if config.platforms().is_empty() {
        bail!("No platform is on. Add a [slack] or a [discord] section, or set enabled = true.");
    }
    let keys = keys::open(&config.store)?;
    telemetry::start(&config.log, &wiring::guard(&config, &keys))?;
    let engine_stop = Stop::never();
    let seams = Seams {
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds::new()),
        outside: Arc::new(Internet),
        stop: engine_stop.clone(),
        console: None,
        keys: Some(keys),
    };
    let bot = Arc::new(wiring::build(&config, seams).await?);
    let (stopper, stop) = watch::channel(false);
    let mut tasks = start(&config, &bot, &stop).await?;
    announce(&config);
    wait_for_signal().await?;
    tracing::info!(drain.seconds = DRAIN.as_secs(), "stopping: what is running may end");
    stopper.send_replace(true);
    let drained = async { while tasks.join_next().await.is_some() {} };
    tokio::select! {
        () = drained => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("not everything ended in time; it is taken up at the next start"),
        second = wait_for_signal() => second?,
    }
    engine_stop.now();
    tasks.shutdown().await;
    if tokio::time::timeout(CLOSE, bot.engine.store().clone().close()).await.is_err() {
        tracing::warn!("the database did not close in time; it recovers by itself at the next start");
    }
    tracing::info!("stopped");
    Ok(())
}

async fn start(config: &Config, bot: &Arc<Bot>, stop: &watch::Receiver<bool>) -> anyhow::Result<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    // An address that is taken is said before anything connects.
    if let Some(address) = config.health {
        let listener = health::listen(address).await?;
        // Where port 0 was asked for, only this says which one it became.
        tracing::info!(health.address = %listener.local_addr()?, "health and metrics are served");
        tasks.spawn(health::serve(listener, Arc::clone(bot), stop.clone()));
    }
    // Before the first word arrives, so that nobody is taken for a stranger. Without it, only configured people may.
    bot.engine.roster().await.context("The roster of Authentik's groups cannot be kept.")?;
    for mut group in [bot.connect(stop.clone()), bot.loops(stop.clone()), bot.probes(stop.clone())] {
        tasks.spawn(async move { while group.join_next().await.is_some() {} });
    }
    Ok(tasks)
}

/// One line per platform.
fn announce(config: &Config) {
    for platform in [Platform::Slack, Platform::Discord] {
        let home = match platform {
            Platform::Slack => config.slack.as_ref().map(|slack| format!("team {}", slack.team)),
            _ => config.discord.as_ref().map(|discord| format!("server {}", discord.guild)),
        };
        match home {
            Some(home) => tracing::info!(%platform, home, "the platform is on and connecting"),
            None => tracing::info!(%platform, "the platform is off"),
        }
    }
}

async fn wait_for_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for.")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be waited for.")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
