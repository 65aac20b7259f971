//! The program itself in a process of its own, against emulators in this one.
//!
//! So its log, its environment and its exit code are what an operator's would be. Invariant: a wait ends when the bot
//! says that nothing is owed, never by the clock alone.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::settings::{SECRETS, secret};

/// Far more than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often is looked whether something has come true.
const LOOK_EVERY: Duration = Duration::from_millis(15);
/// What is still to be done, in the words of `/metrics`. A preview that waits for a person is not.
const OWED: [&str; 5] = [
    "seqn_chatops_outbox_owed ",
    "seqn_chatops_requests_open{state=\"received\"} ",
    "seqn_chatops_requests_open{state=\"approved\"} ",
    "seqn_chatops_requests_open{state=\"running\"} ",
    "seqn_chatops_requests_open{state=\"verifying\"} ",
];

/// The bot as a process. It is killed when it is dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
    database: PathBuf,
    /// Where health and metrics are.
    health: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until it is true.
pub async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let polled = async {
        let mut looks = interval(LOOK_EVERY);
        while !reached() {
            looks.tick().await;
        }
    };
    assert!(timeout(PATIENCE, polled).await.is_ok(), "in vain: {what}");
}

/// Sends one request, and gives all that comes back.
pub async fn fetch(address: &str, path: &str, header: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(address).await else { return String::new() };
    let request = format!("GET {path} HTTP/1.1\r\nhost: bot\r\nconnection: close\r\nx-canary: {header}\r\n\r\n");
    let mut answer = Vec::new();
    // A reset is an end, too.
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The program with that command and configuration, and the sandbox's credentials in its environment.
pub fn program(command: &str, desk: &Desk, settings: &str) -> Command {
    let config = desk.database().with_extension("toml");
    std::fs::write(&config, settings).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_seqn-chatops"));
    program.arg(command).arg("--config").arg(&config).stdin(Stdio::null());
    program.envs(SECRETS.map(|name| (name, secret(name).unwrap())));
    program
}

impl Process {
    /// Starts the bot on that configuration, logging by that filter, with that beside its credentials in the
    /// environment, and waits until both platforms are connected.
    pub async fn start(desk: &Desk, settings: &str, filter: &str, more: &[(&str, &Path)]) -> Self {
        let log = desk.database().with_extension("log");
        let settings = format!("{settings}\n[log]\nfilter = \"{filter}\"\n[health]\nlisten = \"127.0.0.1:0\"\n");
        let child = program("run", desk, &settings)
            .envs(more.iter().copied())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut process = Self { child, log, database: desk.database().to_owned(), health: String::new() };
        let mut said = String::new();
        until("the bot says where its health is", || {
            assert!(process.child.try_wait().unwrap().is_none(), "the bot ended: {}", process.logged());
            said = process.logged();
            said.contains("health.address=")
        })
        .await;
        let address = said.split("health.address=").nth(1).unwrap();
        process.health = address.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect();
        until("both platforms are connected", || desk.slack.connections() > 0 && desk.discord.live_sessions() > 0)
            .await;
        process
    }

    /// Where it listens.
    pub fn listens(&self) -> SocketAddr {
        self.health.parse().unwrap()
    }

    /// What it has logged so far.
    pub fn logged(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// One of its pages.
    pub async fn page(&self, path: &str) -> String {
        fetch(&self.health, path, "none").await
    }

    /// One of its pages, asked for with that header.
    pub async fn page_with(&self, path: &str, header: &str) -> String {
        fetch(&self.health, path, header).await
    }

    /// Waits until nothing is owed any more.
    pub async fn settled(&self) {
        let settling = async {
            let (mut looks, mut before) = (interval(LOOK_EVERY), None);
            loop {
                let page = self.page("/metrics").await;
                let zero = |name: &str| page.lines().any(|line| line == format!("{name}0"));
                // A page is no snapshot: only two quiet ones with the same end of the trail say that nothing moved.
                let rows = page.lines().find(|line| line.starts_with("seqn_chatops_audit_rows ")).map(str::to_owned);
                let quiet = rows.filter(|_| OWED.iter().all(|name| zero(name)));
                if quiet.is_some() && quiet == before {
                    return;
                }
                before = quiet;
                looks.tick().await;
            }
        };
        let settled = timeout(PATIENCE, settling).await;
        assert!(settled.is_ok(), "the bot still owes something:\n{}", self.page("/metrics").await);
    }

    /// The database and its journal as they lie there now.
    pub fn files(&self, when: &str) -> Vec<(String, Vec<u8>)> {
        let mut wal = self.database.as_os_str().to_owned();
        wal.push("-wal");
        [("database", self.database.clone()), ("write-ahead log", wal.into())]
            .into_iter()
            .map(|(name, path)| (format!("the {name} {when}"), std::fs::read(path).unwrap_or_default()))
            .collect()
    }

    /// Tells it to stop, and waits until it has.
    pub async fn stop(&mut self) {
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()]).status();
        assert!(asked.unwrap().success());
        let child = &mut self.child;
        until("the bot ends", || child.try_wait().unwrap().is_some_and(|status| status.success())).await;
    }
}
