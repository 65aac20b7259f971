//! Discord (F4): the gateway in, REST out. Nothing outside this folder knows Discord's wire.
//!
//! It decides nothing about requests; the door and the engine do. Invariants: no frame and no error body is logged,
//! the token goes to Discord alone, and every wait has an end.

mod ack;
mod automod;
mod blocks;
mod checkup;
mod file;
mod form;
mod guarding;
mod history;
mod http;
mod limit;
mod link;
mod listen;
mod members;
mod moderate;
mod note;
mod read;
mod register;
mod render;
mod rights;
mod rooms;
mod said;
mod send;
mod stream;
mod tally;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{sleep, timeout};

use crate::guard::{Guard, Secret};
use crate::model::{Ack, Envelope, Message, Tone};
use crate::ports::{Clock, Door, Fault, Liveness, PortError};

pub use automod::Kept;

use automod::Keeping;
use file::Files;
use http::{Call, Method, Rest, fault};
use read::{Asked, Reader, TYPING};
use send::Directs;
use stream::{Budget, Gateway, Pace, Starts, stopped};
use tally::{Tally, one_more};

/// Interactions and mentions that are answered at the same time; more are left to Discord's "did not respond".
const SEATS: usize = 64;
/// All of them, as the semaphore counts.
const SEATS_ALL: u32 = 64;
/// Messages that wait to be read, in their order.
const MESSAGES_WAITING: usize = 1_024;
/// How long the door has before the response is deferred; Discord gives 3 s from its own side.
const DOOR_PATIENCE: Duration = Duration::from_secs(2);
/// How long a late door is waited for at all.
const DOOR_MOST: Duration = Duration::from_secs(30);
/// How long autocomplete has; later proposals help nobody.
const TYPING_PATIENCE: Duration = Duration::from_millis(1_500);
/// How long sending the first answer may take.
const RESPONSE_DEADLINE: Duration = Duration::from_secs(2);
/// How long what is being answered has at the end.
const DRAIN: Duration = Duration::from_secs(5);
/// Pauses between tries to register the commands.
const REGISTER_PAUSES: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(2), Duration::from_mins(10)];

const GUILDS: u64 = 1;
const GUILD_MESSAGES: u64 = 1 << 9;
const GUILD_REACTIONS: u64 = 1 << 10;
const DIRECT_MESSAGES: u64 = 1 << 12;
const MESSAGE_CONTENT: u64 = 1 << 15;
const AUTOMOD_RULES: u64 = 1 << 20;
const AUTOMOD_ACTIONS: u64 = 1 << 21;

/// How Discord is reached.
#[derive(Clone)]
pub struct DiscordConfig {
    /// `https://discord.com`, or a loopback address.
    pub api_base: String,
    /// The gateway's address; `None` asks Discord for it.
    pub gateway: Option<String>,
    /// The server whose members are staff.
    pub guild: u64,
    /// The bot token.
    pub token: Secret,
    /// Whether to ask for the text of messages that do not mention the bot (a privileged intent).
    pub content: bool,
    /// Whether to keep `AutoMod` rules that block secrets before they are posted.
    pub automod: bool,
    /// The incidents channel: rooms are opened beside it, or as threads in it.
    pub incidents: Option<u64>,
    /// The emoji with which a person puts a message on an incident's timeline: 📌, or the name of one of the server's own.
    pub note_emoji: String,
}

/// The emoji that puts a message on the timeline where the configuration names none.
pub const NOTE_EMOJI: &str = "📌";

/// Discord as a platform.
pub struct Discord {
    config: DiscordConfig,
    rest: Rest,
    guard: Guard,
    clock: Arc<dyn Clock>,
    pace: Pace,
    live: watch::Sender<Liveness>,
    me: AtomicU64,
    directs: Directs,
    seats: Arc<Semaphore>,
    tally: Tally,
    files: Files,
    automod: Keeping,
    /// Things that wait for the door.
    owed: watch::Sender<usize>,
    /// Whether something could not be handed to the door, so that the history must be read.
    missed: AtomicBool,
    /// Whether Discord refuses us the text of messages although we ask for it.
    blind: AtomicBool,
}

impl Discord {
    /// Discord as configured; nothing is sent yet. The error is a sentence for the operator.
    ///
    /// # Errors
    /// When an address is none, or a token would travel unencrypted.
    pub fn new(config: DiscordConfig, guard: Guard, clock: Arc<dyn Clock>) -> Result<Arc<Self>, String> {
        Self::paced_by(config, guard, clock, Pace::NORMAL)
    }

    fn paced_by(config: DiscordConfig, guard: Guard, clock: Arc<dyn Clock>, pace: Pace) -> Result<Arc<Self>, String> {
        if config.guild == 0 {
            return Err("The Discord server's id is missing. Copy it from the server's menu in developer mode.".into());
        }
        if config.gateway.as_deref().is_some_and(|url| link::address(url).is_none()) {
            return Err("The Discord gateway must begin with wss://, unless it is on this machine.".into());
        }
        let rest = Rest::new(&config.api_base, config.token.clone(), guard.clone())?;
        let files = Files::new(&config.api_base)?;
        let automod = Keeping::new(config.automod);
        Ok(Arc::new(Self {
            config,
            rest,
            guard,
            clock,
            pace,
            live: watch::Sender::new(Liveness::Connecting),
            me: AtomicU64::new(0),
            directs: Directs::default(),
            seats: Arc::new(Semaphore::new(SEATS)),
            tally: Tally::default(),
            files,
            automod,
            owed: watch::Sender::new(0),
            missed: AtomicBool::new(false),
            blind: AtomicBool::new(false),
        }))
    }

    /// Registers the commands where they have changed, then receives until `stop` is true, and lets what is being
    /// answered come to its end.
    pub async fn run(self: &Arc<Self>, door: Arc<dyn Door>, commands: Value, stop: watch::Receiver<bool>) {
        let mut stopping = stop.clone();
        tokio::select! {
            () = stopped(&mut stopping) => return,
            done = self.registered(&commands) => if !done {
                let (this, mut stop) = (Arc::clone(self), stop.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = stopped(&mut stop) => {}
                        () = this.register_later(&commands) => {}
                    }
                });
            }
        }
        if self.config.automod {
            let (this, mut stop) = (Arc::clone(self), stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = stopped(&mut stop) => {}
                    () = this.keep_rules() => {}
                }
            });
        }
        let (queue, waiting) = mpsc::channel(MESSAGES_WAITING);
        let listener = self.listen(Arc::clone(&door), waiting);
        let sink = |event| self.take(event, &door, &queue);
        let (token, intents) = (self.config.token.clone(), self.intents());
        let starts: &dyn Starts = self.as_ref();
        let spared = MESSAGE_CONTENT;
        Gateway { token, intents, spared, pace: self.pace, starts, live: &self.live, sink: &sink }.run(stop).await;
        drop(queue);
        let drained = async {
            // Both end by themselves; a panic of the listener has been logged by its own task.
            let _ = listener.await;
            let _ = self.seats.acquire_many(u32::try_from(SEATS).unwrap_or(u32::MAX)).await;
        };
        if timeout(DRAIN, drained).await.is_err() {
            tracing::warn!("discord.unfinished_at_stop");
        }
    }

    const fn intents(&self) -> u64 {
        let always = GUILDS | GUILD_MESSAGES | GUILD_REACTIONS | DIRECT_MESSAGES;
        let content = if self.config.content { MESSAGE_CONTENT } else { 0 };
        let automod = if self.config.automod { AUTOMOD_RULES | AUTOMOD_ACTIONS } else { 0 };
        always | content | automod
    }

    async fn registered(&self, commands: &Value) -> bool {
        match register::register(&self.rest, self.config.guild, commands).await {
            Ok(changed) => tracing::info!(changed, "discord.commands.registered"),
            Err(error) => {
                tracing::error!(error = %error, "discord.commands.not_registered");
                return false;
            }
        }
        true
    }

    async fn register_later(&self, commands: &Value) {
        for pause in REGISTER_PAUSES {
            sleep(pause).await;
            if self.registered(commands).await {
                return;
            }
        }
    }

    fn reader(&self) -> Reader {
        Reader { guild: self.config.guild, me: self.me.load(Ordering::Relaxed) }
    }

    async fn interaction(&self, door: Arc<dyn Door>, envelope: Envelope, asked: Asked) {
        one_more(&self.tally.received);
        let typing = asked.handle.kind == TYPING;
        let mut answer = tokio::spawn(async move { door.receive(envelope).await });
        let patience = if typing { TYPING_PATIENCE } else { DOOR_PATIENCE };
        let in_time = match timeout(patience, &mut answer).await {
            Ok(Ok(ack)) => ack::response(&ack, &asked, &self.guard),
            Ok(Err(_)) => {
                one_more(&self.tally.unanswered);
                ack::failed(&asked)
            }
            Err(_) if typing => {
                one_more(&self.tally.unanswered);
                answer.abort();
                return self.respond(&asked, ack::no_choices()).await;
            }
            Err(_) => {
                one_more(&self.tally.late);
                tracing::warn!("discord.door.slow");
                self.respond(&asked, ack::working()).await;
                return self.follow(&asked, timeout(DOOR_MOST, answer).await.ok().and_then(Result::ok)).await;
            }
        };
        self.respond(&asked, in_time).await;
    }

    // The door came too late for a first answer, or never.
    async fn follow(&self, asked: &Asked, ack: Option<Ack>) {
        let message = match &ack {
            Some(Ack::Working(_)) => return,
            Some(Ack::Nothing | Ack::Suggest(_)) => Message::titled(Tone::Plain, "Seen."),
            Some(ack) => ack::told(ack, asked.form.as_ref(), &self.guard).unwrap_or_else(ack::broken),
            None => {
                one_more(&self.tally.unanswered);
                ack::broken()
            }
        };
        if let Err(error) = self.fill(&asked.handle, &message).await {
            tracing::error!(error = %error, "discord.answer.lost");
        }
    }

    // Sends the first answer; where its fate is unknown once more, since Discord takes only one.
    async fn respond(&self, asked: &Asked, body: Value) {
        let path = format!("/interactions/{}/{}/callback", asked.handle.id, asked.handle.token);
        for last in [false, true] {
            let call = Call::interaction(Method::POST, path.as_str(), format!("POST interactions/{}", asked.handle.id));
            match self.rest.call(call.body(body.clone()).within(RESPONSE_DEADLINE)).await {
                Ok(_) => return,
                Err(error) if error.passing() && !last => {}
                Err(error) => {
                    one_more(&self.tally.lost);
                    return tracing::warn!(error = %error, "discord.response.lost");
                }
            }
        }
    }
}

#[async_trait]
impl Starts for Discord {
    async fn budget(&self) -> Result<Budget, PortError> {
        let start = self.rest.call(Call::bot(Method::GET, "/gateway/bot", "GET gateway/bot")).await?;
        let limit = &start["session_start_limit"];
        let url = self.config.gateway.as_deref().or(start["url"].as_str()).ok_or_else(|| fault(Fault::Garbled))?;
        Ok(Budget {
            url: url.to_owned(),
            remaining: limit["remaining"].as_u64().unwrap_or(0),
            reset_after: Duration::from_millis(limit["reset_after"].as_u64().unwrap_or(0)),
        })
    }
}
