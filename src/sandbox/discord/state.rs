//! Everything this Discord knows, behind one lock.
//!
//! It does no I/O. Invariants: ids only grow, as snowflakes do; what is on a screen keeps its place.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;
use tokio::sync::watch;

use super::opened::Opened;
use super::rooms::Thread;
use super::sessions::Gate;
use super::wire::{MANAGING, PLAIN};
use crate::sandbox::dial::Dial;
use crate::sandbox::fault::Faults;
use crate::sandbox::stopwatch::Stopwatch;

/// Discord's epoch (2015-01-01) in UTC milliseconds.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// The low bits of a snowflake that are not time.
const SNOWFLAKE_SHIFT: u32 = 22;
/// What HELLO says by default, in milliseconds, as Discord does.
const HEARTBEAT_MS: u64 = 41_250;
/// How many requests are kept for inspection; the older half goes when there are more.
const REQUESTS_MAX: usize = 20_000;

/// What all parts of the emulator share.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) dial: Dial,
    pub(super) faults: Faults,
    pub(super) token: String,
    pub(super) base_url: String,
    pub(super) gateway_url: String,
    /// Where files are kept; it stands for `https://cdn.discordapp.com`.
    pub(super) cdn_url: String,
    pub(super) state: Mutex<State>,
    pub(super) down: watch::Sender<bool>,
    pub(super) frozen: watch::Sender<bool>,
    pub(super) watch: Stopwatch,
    /// From a message to its removal by the bot.
    pub(super) removals: Stopwatch,
}

impl Core {
    /// The state, for a moment; never held across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when the emulator is shut down.
    pub(super) async fn went_down(&self) {
        let mut down = self.down.subscribe();
        // An error means that the sender is gone, which is down as well.
        let _ = down.wait_for(|down| *down).await;
    }
}

/// What tests may turn. Each is a switch of its own, so they are not an enum.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug)]
pub(super) struct Knobs {
    pub(super) heartbeat_ms: u64,
    pub(super) message_content: bool,
    pub(super) zombie: bool,
    pub(super) hang_handshake: bool,
    pub(super) global_limits: bool,
    /// The permissions of the bot's role.
    pub(super) bot_may: u64,
    /// People's acts wait until the bot has read them.
    pub(super) waits: bool,
    /// Where requests for files are redirected to.
    pub(super) files_at: Option<String>,
    pub(super) bot_lacks: u64,
    pub(super) closed_dms: BTreeSet<u64>,
    pub(super) hidden_channels: BTreeSet<u64>,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            heartbeat_ms: HEARTBEAT_MS,
            message_content: true,
            zombie: false,
            hang_handshake: false,
            global_limits: false,
            bot_may: PLAIN | MANAGING,
            waits: false,
            files_at: None,
            bot_lacks: 0,
            closed_dms: BTreeSet::new(),
            hidden_channels: BTreeSet::new(),
        }
    }
}

/// A file that somebody shared.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) media: &'static str,
    pub(super) content: Vec<u8>,
}

/// One message, also an ephemeral one or one that is still "thinking".
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) id: u64,
    pub(super) channel: u64,
    pub(super) author: u64,
    /// The message object as REST returns it.
    pub(super) body: Value,
    /// The only person who sees it (ephemeral).
    pub(super) only: Option<u64>,
    pub(super) thinking: bool,
    pub(super) deleted: bool,
    pub(super) edits: u32,
}

/// A modal on somebody's screen.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) who: u64,
    pub(super) channel: u64,
    /// The `data` of the type-9 callback.
    pub(super) modal: Value,
    /// The message whose button opened it.
    pub(super) source: Option<u64>,
    pub(super) closed: bool,
}

/// One thing on a screen; its place in the list is its id less one.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Post(u64),
    Form(Form),
    Notice { who: u64, text: String },
}

/// One interaction from its dispatch on.
#[derive(Debug)]
pub(super) struct Interaction {
    pub(super) token: String,
    pub(super) kind: u64,
    pub(super) user: u64,
    pub(super) channel: u64,
    pub(super) source: Option<u64>,
    pub(super) command: Option<String>,
    pub(super) born: Instant,
    pub(super) born_ms: i64,
    /// The callback type that was accepted.
    pub(super) acked: Option<u64>,
    /// What `@original` names.
    pub(super) original: Option<u64>,
    pub(super) choices: Vec<Value>,
    /// Counts answered callbacks, also those refused because one came before.
    pub(super) attempts: watch::Sender<u32>,
}

/// The registered commands.
#[derive(Debug, Default)]
pub(super) struct Registered {
    pub(super) guild: Vec<Value>,
    pub(super) global: Vec<Value>,
    pub(super) puts: usize,
}

/// The last things that one person did.
#[derive(Clone, Debug, Default)]
pub(super) struct Hand {
    /// The last event that their doing caused: its name, its payload, and the interaction's id if it was one.
    pub(super) last_event: Option<(String, Value, Option<u64>)>,
    /// The last press: where, the interaction's `data`, and the message as it was.
    pub(super) last_press: Option<(u64, Value, Value)>,
}

/// Everything that changes.
#[derive(Debug, Default)]
pub(super) struct State {
    last_id: u64,
    pub(super) knobs: Knobs,
    pub(super) gate: Gate,
    pub(super) posts: BTreeMap<u64, Post>,
    pub(super) items: Vec<Item>,
    pub(super) interactions: HashMap<u64, Interaction>,
    /// Who posted with which nonce, and when: the message it became.
    pub(super) nonces: HashMap<String, (u64, i64)>,
    pub(super) commands: Registered,
    pub(super) rules: Vec<Value>,
    pub(super) topics: BTreeMap<u64, String>,
    pub(super) threads: BTreeMap<u64, Thread>,
    /// Channels that the bot has opened.
    pub(super) opened: BTreeMap<u64, Opened>,
    pub(super) files: BTreeMap<u64, Shared>,
    /// Requests for files: the path, and whether a credential came with it.
    pub(super) fetched: Vec<(String, bool)>,
    pub(super) requests: Vec<(String, String)>,
    pub(super) hands: HashMap<u64, Hand>,
}

/// When that snowflake was given out.
pub(super) fn made_ms(id: u64) -> i64 {
    i64::try_from(id >> SNOWFLAKE_SHIFT).unwrap_or(0).saturating_add(EPOCH_MS)
}

impl State {
    /// A new snowflake for this moment.
    pub(super) fn next_id(&mut self, now_ms: i64) -> u64 {
        let of_time = u64::try_from(now_ms.saturating_sub(EPOCH_MS)).unwrap_or(0) << SNOWFLAKE_SHIFT;
        self.last_id = of_time.max(self.last_id + 1);
        self.last_id
    }

    /// Keeps a request for inspection.
    pub(super) fn record(&mut self, line: String, body: String) {
        if self.requests.len() >= REQUESTS_MAX {
            self.requests.drain(..REQUESTS_MAX / 2);
        }
        self.requests.push((line, body));
    }

    /// A message that is there and not deleted.
    pub(super) fn post(&self, id: u64) -> Option<&Post> {
        self.posts.get(&id).filter(|p| !p.deleted)
    }

    /// What the platform itself tells one person.
    pub(super) fn notice(&mut self, who: u64, text: &str) {
        self.items.push(Item::Notice { who, text: text.to_owned() });
    }

    /// The form that is open for this person.
    pub(super) fn open_form(&self, who: u64) -> Option<(usize, &Form)> {
        self.items.iter().enumerate().rev().find_map(|(at, item)| match item {
            Item::Form(form) if form.who == who && !form.closed => Some((at, form)),
            _ => None,
        })
    }

    /// Closes every form of this person.
    pub(super) fn close_forms(&mut self, who: u64) {
        for item in &mut self.items {
            if let Item::Form(form) = item
                && form.who == who
            {
                form.closed = true;
            }
        }
    }
}
