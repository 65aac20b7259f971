//! A Discord of our own on loopback: REST, gateway, and the people who use its client.
//!
//! It keeps Discord's limits and shapes and speaks to one application in one server. It has no voice,
//! compression or sharding. Invariant: what the bot may not see or do on Discord, it may not see or do here.

mod automod;
mod cdn;
mod checks;
mod command_rules;
mod commands;
mod components;
mod form;
mod gateway;
mod hands;
mod interactions;
mod line;
mod messages;
mod multipart;
mod opened;
mod places;
mod reply;
mod rest;
mod rooms;
mod sessions;
mod show;
mod state;
mod talk;
mod typing;
mod webhooks;
mod wire;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::sessions::Out;
use self::state::{Core, State};
use crate::sandbox::dial::Dial;
use crate::sandbox::fault::Faults;
use crate::sandbox::stopwatch::Stopwatch;

/// A running Discord. It stops when it is dropped.
#[derive(Debug)]
pub struct DiscordSim {
    core: Arc<Core>,
}

impl DiscordSim {
    /// Starts it on three free loopback ports. `token` is what the bot must show.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start(dial: Dial, faults: Faults, token: String) -> io::Result<Arc<Self>> {
        let rest = TcpListener::bind("127.0.0.1:0").await?;
        let gateway = TcpListener::bind("127.0.0.1:0").await?;
        let cdn = TcpListener::bind("127.0.0.1:0").await?;
        let core = Arc::new(Core {
            base_url: format!("http://{}", rest.local_addr()?),
            gateway_url: format!("ws://{}", gateway.local_addr()?),
            cdn_url: format!("http://{}", cdn.local_addr()?),
            dial,
            faults,
            token,
            state: Mutex::new(State::default()),
            down: watch::Sender::new(false),
            frozen: watch::Sender::new(false),
            watch: Stopwatch::default(),
            removals: Stopwatch::default(),
        });
        tokio::spawn(rest::serve(Arc::clone(&core), rest));
        tokio::spawn(gateway::serve(Arc::clone(&core), gateway));
        tokio::spawn(cdn::serve(Arc::clone(&core), cdn));
        Ok(Arc::new(Self { core }))
    }

    /// `http://127.0.0.1:P`, which stands for `https://discord.com`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.core.base_url.clone()
    }

    /// `ws://127.0.0.1:Q`, which stands for `wss://gateway.discord.gg`.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        self.core.gateway_url.clone()
    }

    /// Stops both servers and cuts every connection.
    pub fn shutdown(&self) {
        self.core.down.send_replace(true);
    }

    /// Sets what HELLO says; takes effect for new connections.
    pub fn heartbeat_interval(&self, ms: u64) {
        self.core.lock().knobs.heartbeat_ms = ms;
    }

    /// Whether the application may have the `MESSAGE_CONTENT` intent (it may, until told otherwise).
    pub fn allow_message_content(&self, yes: bool) {
        self.core.lock().knobs.message_content = yes;
    }

    /// Whether a 429 from now on says that it is the global limit.
    pub fn limits_are_global(&self, yes: bool) {
        self.core.lock().knobs.global_limits = yes;
    }

    /// Whether the bot's role holds these permissions (it has what it needs, until told otherwise).
    pub fn bot_may(&self, permissions: u64, yes: bool) {
        let mut state = self.core.lock();
        let rest = state.knobs.bot_may & !permissions;
        state.knobs.bot_may = if yes { rest | permissions } else { rest };
    }

    /// Whether people's acts end only when the bot has read what came of them (not, until told otherwise).
    pub fn waits(&self, yes: bool) {
        self.core.lock().knobs.waits = yes;
    }

    /// Whether the bot's role holds what `MANAGING` names (it does, until told otherwise).
    pub fn bot_may_manage(&self, yes: bool) {
        self.bot_may(wire::MANAGING, yes);
    }

    /// Which permissions (bits) are denied to the bot in every channel; none until told otherwise.
    pub fn bot_lacks(&self, permissions: u64) {
        self.core.lock().knobs.bot_lacks = permissions;
    }

    /// Whether that person takes direct messages (everybody does, until told otherwise).
    pub fn takes_dms(&self, who: &str, yes: bool) {
        let Some(person) = crate::sandbox::cast::by_name(who) else { return };
        let mut state = self.core.lock();
        if yes {
            state.knobs.closed_dms.remove(&person.discord_user);
        } else {
            state.knobs.closed_dms.insert(person.discord_user);
        }
    }

    /// Whether the bot can see that channel (it sees all, until told otherwise).
    pub fn bot_sees(&self, channel: &str, yes: bool) {
        let Some(channel) = crate::sandbox::cast::channel(channel) else { return };
        let mut state = self.core.lock();
        if yes {
            state.knobs.hidden_channels.remove(&channel.discord);
        } else {
            state.knobs.hidden_channels.insert(channel.discord);
        }
    }

    /// Closes every gateway connection with this code; `None` sends a close frame without one.
    pub fn close(&self, code: Option<u16>) {
        self.core.lock().gate.close_all(code);
    }

    /// Resets every gateway connection (and hung handshake) without a word.
    pub fn drop_sockets(&self) {
        self.core.lock().gate.cut_all();
    }

    /// Whether heartbeats go unanswered.
    pub fn zombie(&self, yes: bool) {
        self.core.lock().knobs.zombie = yes;
    }

    /// Whether the gateway is silent in both directions; what was held back goes out at the thaw.
    pub fn freeze(&self, yes: bool) {
        self.core.frozen.send_replace(yes);
    }

    /// Whether new gateway connections are accepted but never finish their WebSocket handshake.
    pub fn hang_handshake(&self, yes: bool) {
        self.core.lock().knobs.hang_handshake = yes;
    }

    /// Asks every connection to reconnect.
    pub fn send_op7(&self) {
        self.core.lock().gate.tell_all(&Out::Text(r#"{"op":7,"d":null,"s":null,"t":null}"#.into()));
    }

    /// Tells every connection that its session is invalid; `false` also forgets the sessions.
    pub fn send_op9(&self, resumable: bool) {
        let mut state = self.core.lock();
        let frame = format!(r#"{{"op":9,"d":{resumable},"s":null,"t":null}}"#);
        state.gate.tell_all(&Out::Text(frame));
        if !resumable {
            state.gate.sessions.clear();
        }
    }

    /// Sends this text as it is to every connection.
    pub fn raw_frame(&self, text: String) {
        self.core.lock().gate.tell_all(&Out::Text(text));
    }

    /// How many IDENTIFYs were accepted.
    #[must_use]
    pub fn identifies(&self) -> usize {
        self.core.lock().gate.identifies
    }

    /// How many RESUMEs were accepted.
    #[must_use]
    pub fn resumes(&self) -> usize {
        self.core.lock().gate.resumes
    }

    /// How many RESUMEs came to another address than `resume_gateway_url`.
    #[must_use]
    pub fn resumes_astray(&self) -> usize {
        self.core.lock().gate.resumes_astray
    }

    /// How many gateway connections are open and have a session.
    #[must_use]
    pub fn live_sessions(&self) -> usize {
        self.core.lock().gate.sessions.iter().filter(|s| s.conn.is_some()).count()
    }

    /// Ends when a session is live.
    pub async fn connected(&self) {
        self.until(|live| live > 0).await;
    }

    /// Ends when no session is live.
    pub async fn deserted(&self) {
        self.until(|live| live == 0).await;
    }

    async fn until(&self, fits: impl Fn(usize) -> bool) {
        let mut joined = self.core.lock().gate.joined.subscribe();
        while !fits(self.live_sessions()) {
            if joined.changed().await.is_err() {
                return;
            }
        }
    }

    /// How long each first answer took since this was last asked, from the interaction's write to the callback's read.
    #[must_use]
    pub fn answer_times(&self) -> Vec<Duration> {
        self.core.watch.take()
    }

    /// How long each message of an app stood there that the bot removed, since this was last asked.
    #[must_use]
    pub fn removal_times(&self) -> Vec<Duration> {
        self.core.removals.take_done()
    }

    /// Every REST request so far: `METHOD /path?query` and the body as text.
    #[must_use]
    pub fn requests(&self) -> Vec<(String, String)> {
        self.core.lock().requests.clone()
    }

    /// The registered commands, those of the guild first.
    #[must_use]
    pub fn commands(&self) -> Value {
        let state = self.core.lock();
        state.commands.guild.iter().chain(&state.commands.global).cloned().collect()
    }

    /// How often commands were overwritten in bulk.
    #[must_use]
    pub fn puts_of_commands(&self) -> usize {
        self.core.lock().commands.puts
    }

    /// The `AutoMod` rules of the guild.
    #[must_use]
    pub fn automod_rules(&self) -> Vec<Value> {
        self.core.lock().rules.clone()
    }
}

impl Drop for DiscordSim {
    fn drop(&mut self) {
        self.shutdown();
    }
}
