//! The Slack emulator: a workspace with a Web API, `response_url`s and Socket Mode on loopback, and
//! people in it who type and press.
//!
//! It knows Slack's wire format from Slack's documentation, and nothing of the bot's own Slack code.
//! Invariant: it listens on 127.0.0.1 only and stops when its handle is dropped.

mod blocks;
mod chat;
mod conversations;
mod cut;
mod delivery;
mod face;
mod files;
mod form;
mod hands;
mod hooks;
mod people;
mod press;
mod rooms;
mod scopes;
mod socket;
mod state;
mod talk;
mod text;
mod views;
mod web;
mod wire;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::cut::{Cut, CuttingListener};
use self::delivery::{ACK_DEADLINE_MS, Frame, Switchboard};
use self::state::State;
use super::dial::Dial;
use super::fault::Faults;
use super::stopwatch::Stopwatch;

/// The tokens that the emulated workspace accepts.
#[derive(Clone)]
pub struct SlackTokens {
    /// The bot token (`xoxb-…`), for the Web API.
    pub bot: String,
    /// The app-level token (`xapp-…`), for `apps.connections.open` only.
    pub app: String,
    /// The user token of an admin (mira), who may delete other people's messages in channels.
    pub admin: Option<String>,
}

/// What is set to go wrong with connections, and what is counted.
struct Knobs {
    frozen: watch::Sender<bool>,
    hang_open: watch::Sender<bool>,
    hang_handshake: watch::Sender<bool>,
    cut: watch::Sender<u64>,
    no_hello: AtomicBool,
    echo: AtomicBool,
    forgets: AtomicBool,
    ack_deadline_ms: AtomicU64,
    acks: AtomicU64,
    late_acks: AtomicU64,
}

/// What all parts of the emulator share.
struct Core {
    faults: Faults,
    tokens: SlackTokens,
    http: SocketAddr,
    ws: SocketAddr,
    state: Mutex<State>,
    board: Switchboard,
    knobs: Knobs,
    watch: Stopwatch,
    /// From a message to its removal by somebody else.
    removals: Stopwatch,
    stop: watch::Sender<bool>,
}

impl Core {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running Slack emulator.
pub struct SlackSim {
    core: Arc<Core>,
}

impl SlackSim {
    /// Starts it on two ports of the system's choice.
    ///
    /// # Errors
    /// When loopback cannot be bound.
    pub async fn start(dial: Dial, faults: Faults, tokens: SlackTokens) -> std::io::Result<Arc<Self>> {
        let web = TcpListener::bind(("127.0.0.1", 0)).await?;
        let links = TcpListener::bind(("127.0.0.1", 0)).await?;
        let knobs = Knobs {
            frozen: watch::Sender::new(false),
            hang_open: watch::Sender::new(false),
            hang_handshake: watch::Sender::new(false),
            cut: watch::Sender::new(0),
            no_hello: AtomicBool::new(false),
            echo: AtomicBool::new(true),
            forgets: AtomicBool::new(false),
            ack_deadline_ms: AtomicU64::new(ACK_DEADLINE_MS),
            acks: AtomicU64::new(0),
            late_acks: AtomicU64::new(0),
        };
        let core = Arc::new(Core {
            faults,
            tokens,
            http: web.local_addr()?,
            ws: links.local_addr()?,
            state: Mutex::new(State::new(dial)),
            board: Switchboard::new(),
            knobs,
            watch: Stopwatch::default(),
            removals: Stopwatch::default(),
            stop: watch::Sender::new(false),
        });
        let service = web::router(Arc::clone(&core)).into_make_service_with_connect_info::<Cut>();
        let mut stop = core.stop.subscribe();
        tokio::spawn(async move {
            let stopped = async move {
                let _ = stop.wait_for(|stop| *stop).await;
            };
            axum::serve(CuttingListener(web), service).with_graceful_shutdown(stopped).await
        });
        tokio::spawn(socket::accept_links(Arc::clone(&core), links));
        Ok(Arc::new(Self { core }))
    }

    /// Where the Web API is, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/api", self.core.http)
    }

    /// Where `response_url`s point to, without a slash at the end.
    #[must_use]
    pub fn hooks_url(&self) -> String {
        format!("http://{}/hooks", self.core.http)
    }

    /// Stops both listeners and every connection.
    pub fn shutdown(&self) {
        self.core.stop.send_replace(true);
    }

    /// Sends a `disconnect` message to every connection (`warning`, `refresh_requested`, `link_disabled`)
    /// and closes them after the time that goes with it: 10 s, 2 s, at once.
    pub fn send_disconnect(&self, reason: &str) {
        socket::send_disconnect(&self.core, reason);
    }

    /// Resets every connection without a goodbye.
    pub fn drop_sockets(&self) {
        self.core.knobs.cut.send_modify(|times| *times += 1);
    }

    /// Freezes Socket Mode: nothing is read, accepted, sent or ponged.
    pub fn freeze(&self, on: bool) {
        self.core.knobs.frozen.send_replace(on);
    }

    /// Lets `apps.connections.open` hang.
    pub fn hang_open(&self, on: bool) {
        self.core.knobs.hang_open.send_replace(on);
    }

    /// Leaves out the hello of new connections.
    pub fn no_hello(&self, on: bool) {
        self.core.knobs.no_hello.store(on, Ordering::SeqCst);
    }

    /// Accepts TCP connections but never answers their handshake.
    pub fn hang_handshake(&self, on: bool) {
        self.core.knobs.hang_handshake.send_replace(on);
    }

    /// Whether the bot gets events about its own messages, as from Slack; on at the start.
    pub fn echo(&self, on: bool) {
        self.core.knobs.echo.store(on, Ordering::SeqCst);
    }

    /// Changes the ack deadline, in real milliseconds; 3,000 at the start.
    pub fn ack_deadline_ms(&self, ms: u64) {
        self.core.knobs.ack_deadline_ms.store(ms, Ordering::SeqCst);
    }

    /// How many Socket Mode connections are open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        *self.core.board.open.borrow()
    }

    /// Waits until that many connections are open (or more).
    pub async fn connected(&self, at_least: usize) {
        let mut open = self.core.board.open.subscribe();
        let _ = open.wait_for(|links| *links >= at_least).await;
    }

    /// Waits until no connection is open.
    pub async fn deserted(&self) {
        let mut open = self.core.board.open.subscribe();
        let _ = open.wait_for(|links| *links == 0).await;
    }

    /// Sends any JSON as a frame to every connection.
    pub fn raw_envelope(&self, json: &Value) {
        let links = self.core.board.links.lock().unwrap_or_else(PoisonError::into_inner);
        for link in links.iter() {
            let _ = link.out.try_send(Frame::Text(json.to_string()));
        }
    }

    /// How many envelopes were acked in time.
    #[must_use]
    pub fn acks(&self) -> u64 {
        self.core.knobs.acks.load(Ordering::SeqCst)
    }

    /// How many acks came after the deadline.
    #[must_use]
    pub fn late_acks(&self) -> u64 {
        self.core.knobs.late_acks.load(Ordering::SeqCst)
    }

    /// How long each first answer took since this was last asked, from the envelope's write to the ack's read.
    #[must_use]
    pub fn answer_times(&self) -> Vec<Duration> {
        self.core.watch.take()
    }

    /// How long each message stood there that somebody else removed, since this was last asked.
    #[must_use]
    pub fn removal_times(&self) -> Vec<Duration> {
        self.core.removals.take_done()
    }

    /// Method and raw body (or query) of every Web API call and `response_url` post (`hooks`), oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<(String, String)> {
        self.core.state().calls.iter().cloned().collect()
    }

    /// Every raw body that came with the bot token, every `response_url` body and every ack, oldest first.
    #[must_use]
    pub fn everything_sent_by_bot(&self) -> Vec<String> {
        self.core.state().sent_by_bot.iter().cloned().collect()
    }
}

impl Drop for SlackSim {
    fn drop(&mut self) {
        self.shutdown();
    }
}

#[cfg(test)]
mod tests;
