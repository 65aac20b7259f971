//! The rig: the emulators in this process, and the real `run` in a process of its own against them.
//!
//! It reads no figure but the time until the bot is ready. Invariant: the bot's process ends with the rig.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::settings::{SECRETS, secret};

/// A bot that is not ready by then does not start at all.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long the bot may take to end; its own drain has 20 s.
const END_WITHIN: Duration = Duration::from_secs(30);
/// Between two looks at the bot's health: the resolution of the start's figures.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// How long what the bot still owes may take to be delivered.
const CALM_WITHIN: Duration = Duration::from_secs(120);

/// How long a start took, from just before the process was made.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// Until `/readyz` said 200: the database answers and one platform receives.
    pub ready: Duration,
    /// Until both platforms receive.
    pub both: Duration,
}

/// The emulators and the folder of the bot's files.
pub struct Rig {
    /// The emulators; no bot runs in this desk.
    pub desk: Desk,
    folder: TempDir,
}

/// The bot while it runs.
pub struct Bot {
    child: Child,
    health: String,
}

impl Rig {
    /// Starts the emulators. The bot's files lie on the disk that the build is on, not in memory.
    pub async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).context("a folder for the bot's files")?;
        let database = folder.path().join("bot.db");
        let setup = Setup { seed: 7, database, live: true, slack: true, discord: true };
        Ok(Self { desk: Desk::open(setup).await?, folder })
    }

    /// Where the bot's database lies.
    pub fn database(&self) -> PathBuf {
        self.desk.database().to_owned()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("bot.log")
    }

    /// Starts the bot, and waits until both platforms receive.
    pub async fn start(&self) -> anyhow::Result<(Bot, Ready)> {
        let health = free_address().await?;
        let config = self.folder.path().join("bot.toml");
        fs::write(&config, format!("{}\n[health]\nlisten = \"{health}\"\n", self.desk.settings()))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_seqn-chatops"));
        command.arg("run").arg("--config").arg(&config).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(self.log())?);
        for name in SECRETS {
            command.env(name, secret(name).ok_or_else(|| anyhow!("the sandbox has no {name}"))?);
        }
        let began = Instant::now();
        let mut bot = Bot { child: command.spawn().context("the bot's process cannot be made")?, health };
        match bot.ready(began).await {
            Ok(ready) => Ok((bot, ready)),
            Err(error) => Err(error.context(format!("the bot said:\n{}", fs::read_to_string(self.log())?))),
        }
    }
}

impl Bot {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    async fn ready(&mut self, began: Instant) -> anyhow::Result<Ready> {
        let mut first = None;
        while began.elapsed() < READY_WITHIN {
            if let Some(status) = self.child.try_wait()? {
                bail!("the bot ended by itself: {status}");
            }
            if let Ok((status, body)) = self.get("/readyz").await {
                if status == 200 {
                    first.get_or_insert_with(|| began.elapsed());
                }
                let health: Value = serde_json::from_str(&body).unwrap_or_default();
                let live = |platform: &str| health["platforms"][platform]["state"] == "live";
                if let (Some(ready), true, true) = (first, live("slack"), live("discord")) {
                    return Ok(Ready { ready, both: began.elapsed() });
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        bail!("the bot was not ready within {} s", READY_WITHIN.as_secs())
    }

    /// Waits until the bot owes nobody anything. Gives how long that took.
    pub async fn calm(&self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        while began.elapsed() < CALM_WITHIN {
            if self.metric("outbox_owed").await? == 0 && self.open_requests().await? == 0 {
                return Ok(began.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the bot still owes answers after {} s", CALM_WITHIN.as_secs())
    }

    /// How many requests nobody has been answered yet.
    async fn open_requests(&self) -> anyhow::Result<u64> {
        self.metric("requests_open{state=\"received\"}").await
    }

    /// One of the bot's own metrics.
    pub async fn metric(&self, name: &str) -> anyhow::Result<u64> {
        let (_, body) = self.get("/metrics").await?;
        let wanted = format!("seqn_chatops_{name} ");
        let line = body.lines().find_map(|line| line.strip_prefix(&wanted));
        Ok(line.with_context(|| format!("the bot has no metric {name}"))?.trim().parse()?)
    }

    /// Asks the bot's health address.
    async fn get(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.health).await?;
        let ask = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.health);
        stream.write_all(ask.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the bot's health speaks no HTTP")?;
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok((status, body.to_owned()))
    }

    /// Ends it as a service manager does.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg(self.pid().to_string()).status().context("kill cannot be run")?;
        ensure!(asked.success(), "the bot could not be asked to end");
        let began = Instant::now();
        while began.elapsed() < END_WITHIN {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the bot did not end well: {status}");
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        bail!("the bot did not end within {} s", END_WITHIN.as_secs())
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended already; nobody could be told of anything else.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A loopback address that was free a moment ago.
async fn free_address() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port can be had")?;
    Ok(listener.local_addr()?.to_string())
}

/// A figure of `/proc/<pid>/<file>` in kB; `None` where it cannot be read.
pub fn kilobytes(pid: u32, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join(file)).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}
