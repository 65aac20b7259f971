//! Slack (F4): Socket Mode in, Web API out. Nothing outside this folder knows Slack's wire.
//!
//! It decides nothing about requests; the door and the engine do. Invariants: no frame and no error body is logged,
//! tokens go to Slack alone, and every wait has an end.

mod ack;
mod admin;
mod form;
mod history;
mod http;
mod limit;
mod link;
mod members;
mod moderate;
mod note;
mod read;
mod register;
mod render;
mod rooms;
mod said;
mod send;
mod stream;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{Semaphore, watch};

use crate::guard::{Guard, Secret};
use crate::platforms::download::Downloads;
use crate::ports::{Clock, Counts, Door};

use admin::Admin;
use http::{Base, Web};
use limit::Pacer;
use read::Reader;
use register::Identity;
use send::{Directs, Hooks};
use stream::{Lanes, Pace};

/// Sockets where the configuration says nothing: two, so that one covers while the other is renewed.
pub const SOCKETS_DEFAULT: u8 = 2;
/// The most sockets; Slack allows an app 10, and a restart overlaps with what it replaces.
pub const SOCKETS_MOST: u8 = 5;

/// How Slack is reached.
#[derive(Clone)]
pub struct SlackConfig {
    /// `https://slack.com/api`, or a loopback address.
    pub api_base: String,
    /// The team whose members are staff.
    pub team: String,
    /// The bot token.
    pub bot_token: Secret,
    /// The app-level token, for Socket Mode.
    pub app_token: Secret,
    /// A user token of an admin, to remove other people's messages with; `None`: they are asked to.
    pub admin_token: Option<Secret>,
    /// How many sockets are kept open: at least 2, at most `SOCKETS_MOST`.
    pub sockets: u8,
    /// The name of the emoji with which a person puts a message on an incident's timeline: `pushpin`.
    pub note_emoji: String,
}

/// The emoji that puts a message on the timeline where the configuration names none.
pub const NOTE_EMOJI: &str = "pushpin";

/// What was counted since the start.
#[derive(Default)]
struct Tally {
    received: AtomicU64,
    unknown: AtomicU64,
    overloaded: AtomicU64,
    unanswered: AtomicU64,
    late: AtomicU64,
    lost: AtomicU64,
    opened: AtomicU64,
}

impl Tally {
    fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            received: read(&self.received),
            unknown: read(&self.unknown),
            overloaded: read(&self.overloaded),
            unanswered: read(&self.unanswered),
            late: read(&self.late),
            lost: read(&self.lost),
            opened: read(&self.opened),
        }
    }
}

fn one_more(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Slack as a platform.
pub struct Slack {
    team: String,
    note_emoji: String,
    base: Base,
    web: Web,
    hooks: Hooks,
    admin: Option<Admin>,
    downloads: Downloads,
    /// For the files that people share.
    bot_token: Secret,
    guard: Guard,
    clock: Arc<dyn Clock>,
    lanes: Lanes,
    pace: Pace,
    tally: Tally,
    pacer: Mutex<Pacer>,
    directs: Directs,
    identity: OnceLock<Identity>,
    /// One for each envelope that is being answered.
    slots: Arc<Semaphore>,
}

impl Slack {
    /// Slack as configured; nothing is sent yet.
    ///
    /// # Errors
    /// A sentence for the operator: what in the configuration is wrong.
    pub fn new(config: SlackConfig, guard: Guard, clock: Arc<dyn Clock>) -> Result<Arc<Self>, String> {
        Self::paced_by(config, guard, clock, Pace::NORMAL)
    }

    fn paced_by(config: SlackConfig, guard: Guard, clock: Arc<dyn Clock>, pace: Pace) -> Result<Arc<Self>, String> {
        if config.team.is_empty() {
            return Err("The Slack team is missing. Put its id, such as T0123456, into the configuration.".into());
        }
        let base = Base::parse(&config.api_base)?;
        let web = Web::new(&base, &config.bot_token, &config.app_token, guard.clone())?;
        let hooks = Hooks::new(base.clone(), config.bot_token.clone())?;
        let admin = config.admin_token.map(|token| Admin::new(base.clone(), token)).transpose()?;
        let downloads = Downloads::new(http::SYSTEM, base.is_here())?;
        let lanes = Lanes::new(config.sockets.clamp(SOCKETS_DEFAULT, SOCKETS_MOST));
        Ok(Arc::new(Self {
            team: config.team,
            note_emoji: config.note_emoji,
            base,
            web,
            hooks,
            admin,
            downloads,
            bot_token: config.bot_token,
            guard,
            clock,
            lanes,
            pace,
            tally: Tally::default(),
            pacer: Mutex::default(),
            directs: Directs::default(),
            identity: OnceLock::new(),
            slots: Arc::new(Semaphore::new(link::SLOTS)),
        }))
    }

    /// Receives until `stop` is true; then sends the acks that are owed and returns.
    pub async fn run(self: &Arc<Self>, door: Arc<dyn Door>, stop: watch::Receiver<bool>) {
        stream::run(self, door, stop).await;
    }

    /// Waits until every envelope that came has been answered to its end.
    pub async fn quiet(&self) {
        // It is never closed, so this cannot fail; the permits go back at once.
        let _ = self.slots.acquire_many(u32::try_from(link::SLOTS).unwrap_or(u32::MAX)).await;
    }

    fn identity(&self) -> Option<&Identity> {
        self.identity.get()
    }

    fn reader(&self) -> Reader {
        let me = self.identity().cloned().unwrap_or_default();
        let note_emoji = self.note_emoji.clone();
        Reader { team: self.team.clone(), bot_user: me.bot_user, bot_id: me.bot_id, note_emoji }
    }

    fn pacer(&self) -> MutexGuard<'_, Pacer> {
        self.pacer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
