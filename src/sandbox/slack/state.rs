//! What the emulated workspace remembers: everything on its screens, and the handles that it gave out.
//!
//! No wire formats and no I/O. Invariant: a thing's id is its place in the list plus one, and a thing
//! is never removed, only marked as gone.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Map, Value};

use super::delivery::Delivery;
use super::files::Shared;
use super::rooms::Room;
use crate::sandbox::cast::{self, CHANNELS, PEOPLE, SLACK_BOT_USER};
use crate::sandbox::dial::Dial;

/// How long a trigger id lives, in milliseconds: Slack's own limit.
pub(super) const TRIGGER_LIFE_MS: i64 = 3_000;
/// How long a `response_url` lives, in milliseconds: Slack's own 30 minutes.
pub(super) const HOOK_LIFE_MS: i64 = 30 * 60 * 1_000;
/// How often a `response_url` can be used: Slack's own limit.
pub(super) const HOOK_USES: u32 = 5;
/// How many calls are remembered for searches: enough for the longest simulation, and a bound on memory.
const CALLS_KEPT: usize = 50_000;

/// One message, also an ephemeral one.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub id: u64,
    pub channel: String,
    pub ts: String,
    pub thread_ts: Option<String>,
    pub user: String,
    /// The only person who sees it, for an ephemeral message.
    pub only: Option<String>,
    pub body: Body,
    pub picked: Map<String, Value>,
    pub edits: u32,
    pub gone: bool,
    /// What else the wire has of it: files, a subtype, an app.
    pub extra: Map<String, Value>,
}

/// What a message says.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub text: String,
    pub blocks: Value,
    pub attachments: Value,
    pub metadata: Option<Value>,
}

/// One modal; its name is its view id on the wire.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub id: u64,
    pub name: String,
    pub user: String,
    pub hash: String,
    pub root: String,
    pub previous: Option<String>,
    pub body: Map<String, Value>,
    /// Block id → action id → state.
    pub picked: Map<String, Value>,
    pub errors: Vec<String>,
    pub edits: u32,
    pub gone: bool,
}

/// What Slack itself tells one person.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub id: u64,
    pub user: String,
    pub text: String,
}

/// One thing on a screen.
#[derive(Clone, Debug)]
pub(super) enum Thing {
    Post(Post),
    View(View),
    Notice(Notice),
}

/// What a `response_url` stands for.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    pub user: String,
    pub channel: String,
    pub thread_ts: Option<String>,
    /// The message that it may replace; none for a command.
    pub source: Option<u64>,
    pub uses: u32,
    pub made_ms: i64,
}

struct Trigger {
    user: String,
    made_ms: i64,
    used: bool,
}

/// The last press of a person, for a replay.
#[derive(Clone, Debug)]
pub(super) struct Press {
    pub payload: Value,
    pub source: Option<u64>,
    pub channel: Option<(String, Option<String>)>,
}

/// Everything.
pub(super) struct State {
    dial: Dial,
    counter: u64,
    last_ts_us: i64,
    pub things: Vec<Thing>,
    triggers: HashMap<String, Trigger>,
    pub hooks: HashMap<String, Hook>,
    pub tickets: HashSet<String>,
    pub last_act: HashMap<String, Vec<Delivery>>,
    pub last_press: HashMap<String, Press>,
    pub files: HashMap<String, Shared>,
    /// Channels that the bot has opened, oldest first.
    pub rooms: Vec<Room>,
    /// Whether the bot may open none.
    pub restricted: bool,
    /// The scopes that were granted; `None`: every scope that there is.
    pub granted: Option<Vec<String>>,
    /// Channel → what it is about.
    pub topics: HashMap<String, String>,
    pub calls: VecDeque<(String, String)>,
    pub sent_by_bot: VecDeque<String>,
}

impl State {
    /// An empty workspace.
    pub fn new(dial: Dial) -> Self {
        Self {
            dial,
            counter: 0,
            last_ts_us: 0,
            things: Vec::new(),
            triggers: HashMap::new(),
            hooks: HashMap::new(),
            tickets: HashSet::new(),
            last_act: HashMap::new(),
            last_press: HashMap::new(),
            files: HashMap::new(),
            rooms: Vec::new(),
            restricted: false,
            granted: None,
            topics: HashMap::new(),
            calls: VecDeque::new(),
            sent_by_bot: VecDeque::new(),
        }
    }

    /// Now on the dial, in UTC milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.dial.now_ms()
    }

    /// A new id with this prefix. The same run gives the same ids, so that stories repeat exactly.
    pub fn id(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix}{:012X}", scatter(self.counter) >> 16)
    }

    /// A new message time stamp: now, but later than every one before.
    pub fn ts(&mut self) -> String {
        let now_us = self.now_ms().saturating_mul(1_000);
        self.last_ts_us = now_us.max(self.last_ts_us + 1);
        format!("{}.{:06}", self.last_ts_us / 1_000_000, self.last_ts_us % 1_000_000)
    }

    fn next_thing(&self) -> u64 {
        self.things.len() as u64 + 1
    }

    /// Puts a message on the screens and gives it back.
    pub fn post(
        &mut self,
        user: &str,
        channel: &str,
        thread_ts: Option<String>,
        only: Option<String>,
        body: Body,
    ) -> Post {
        let id = self.next_thing();
        let (ts, user, channel) = (self.ts(), user.to_owned(), channel.to_owned());
        let (picked, extra) = (Map::new(), Map::new());
        let post = Post { id, channel, ts, thread_ts, user, only, body, picked, edits: 0, gone: false, extra };
        self.things.push(Thing::Post(post.clone()));
        post
    }

    /// Puts a message on the screens that the wire says more about.
    pub fn post_with(&mut self, user: &str, channel: &str, body: Body, extra: Map<String, Value>) -> Post {
        let mut post = self.post(user, channel, None, None, body);
        post.extra = extra;
        if let Some(there) = self.post_mut(post.id) {
            *there = post.clone();
        }
        post
    }

    /// Tells a person something in the platform's own voice.
    pub fn notice(&mut self, user: &str, text: &str) {
        let id = self.next_thing();
        self.things.push(Thing::Notice(Notice { id, user: user.to_owned(), text: text.to_owned() }));
    }

    /// Opens a modal over `previous`, or as the first one.
    pub fn open(&mut self, user: &str, body: Map<String, Value>, previous: Option<&View>) -> View {
        let name = self.id("V");
        let view = View {
            id: self.next_thing(),
            user: user.to_owned(),
            hash: self.id("h."),
            root: previous.map_or_else(|| name.clone(), |p| p.root.clone()),
            previous: previous.map(|p| p.name.clone()),
            name,
            body,
            picked: Map::new(),
            errors: Vec::new(),
            edits: 0,
            gone: false,
        };
        self.things.push(Thing::View(view.clone()));
        view
    }

    /// The message of that id.
    pub fn post_mut(&mut self, id: u64) -> Option<&mut Post> {
        let at = usize::try_from(id).ok()?.checked_sub(1)?;
        match self.things.get_mut(at)? {
            Thing::Post(post) => Some(post),
            _ => None,
        }
    }

    /// The message at that place, if it is still there and not ephemeral.
    pub fn find_post(&mut self, channel: &str, ts: &str) -> Option<&mut Post> {
        self.things.iter_mut().find_map(|thing| match thing {
            Thing::Post(p) if p.channel == channel && p.ts == ts && p.only.is_none() && !p.gone => Some(p),
            _ => None,
        })
    }

    /// All messages that were ever there, oldest first.
    pub fn posts(&self) -> impl DoubleEndedIterator<Item = &Post> {
        self.things.iter().filter_map(|thing| match thing {
            Thing::Post(post) => Some(post),
            _ => None,
        })
    }

    /// The open modals, oldest first.
    pub fn open_views(&mut self) -> impl DoubleEndedIterator<Item = &mut View> {
        self.things.iter_mut().filter_map(|thing| match thing {
            Thing::View(view) if !view.gone => Some(view),
            _ => None,
        })
    }

    /// The modal on top of this person's screen.
    pub fn top_view(&mut self, user: &str) -> Option<&mut View> {
        self.open_views().rfind(|v| v.user == user)
    }

    /// A new trigger id for this person.
    pub fn trigger(&mut self, user: &str) -> String {
        let id = format!("{}.{}", self.id("9"), self.id("7"));
        let made_ms = self.now_ms();
        self.triggers.insert(id.clone(), Trigger { user: user.to_owned(), made_ms, used: false });
        id
    }

    /// Exchanges a trigger id for the person behind it, once.
    pub fn use_trigger(&mut self, id: &str) -> Result<String, &'static str> {
        let now = self.now_ms();
        let trigger = self.triggers.get_mut(id).ok_or("invalid_trigger_id")?;
        if trigger.used {
            return Err("exchanged_trigger_id");
        }
        if now - trigger.made_ms > TRIGGER_LIFE_MS {
            return Err("expired_trigger_id");
        }
        trigger.used = true;
        Ok(trigger.user.clone())
    }

    /// A new response handle; its name is the last part of the `response_url`.
    pub fn hook(&mut self, user: &str, channel: &str, thread_ts: Option<String>, source: Option<u64>) -> String {
        let name = format!("{}{}", self.id(""), self.id(""));
        let (user, channel, made_ms) = (user.to_owned(), channel.to_owned(), self.now_ms());
        self.hooks.insert(name.clone(), Hook { user, channel, thread_ts, source, uses: 0, made_ms });
        name
    }

    /// Remembers one call for later searches.
    pub fn note_call(&mut self, method: &str, raw: &str, by_bot: bool) {
        keep(&mut self.calls, (method.to_owned(), raw.to_owned()));
        if by_bot {
            keep(&mut self.sent_by_bot, raw.to_owned());
        }
    }

    /// Remembers what the bot said in an ack.
    pub fn note_ack(&mut self, raw: &str) {
        keep(&mut self.sent_by_bot, raw.to_owned());
    }
}

fn keep<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() >= CALLS_KEPT {
        list.pop_front();
    }
    list.push_back(item);
}

/// Spreads a counter over 64 bits, so that neighbours look unlike.
fn scatter(n: u64) -> u64 {
    let mut x = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x ^ (x >> 32)
}

/// The person with this user id.
pub(super) fn person(user: &str) -> Option<&'static cast::Person> {
    PEOPLE.iter().find(|p| p.slack_user == user)
}

/// The name under which the stage knows this user.
pub(super) fn stage_name(user: &str) -> String {
    if user.is_empty() {
        return "app".to_owned();
    }
    if user == SLACK_BOT_USER { "bot".to_owned() } else { person(user).map_or(user, |p| p.name).to_owned() }
}

/// The direct-message channel between the bot and this user.
pub(super) fn dm_of(user: &str) -> String {
    format!("D0{}", user.trim_start_matches("U0"))
}

/// The person of a direct-message channel.
pub(super) fn dm_owner(channel: &str) -> Option<&'static cast::Person> {
    PEOPLE.iter().find(|p| dm_of(p.slack_user) == channel)
}

/// The id of the channel that this text means: an id, a name, or a user (their direct messages).
pub(super) fn channel_id(state: &State, text: &str) -> Option<String> {
    let name = text.trim_start_matches('#');
    if let Some(known) = CHANNELS.iter().find(|c| c.slack == text || c.name == name) {
        return Some(known.slack.to_owned());
    }
    if let Some(room) = state.rooms.iter().find(|room| room.id == text || room.name == name) {
        return Some(room.id.clone());
    }
    dm_owner(text).or_else(|| person(text)).map(|p| dm_of(p.slack_user))
}
