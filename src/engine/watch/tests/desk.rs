//! An engine on a real database between a made-up chat platform and a made-up SEQN Auth, on a still clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use tempfile::TempDir;

use crate::catalog::Catalog;
use crate::engine::room::RoomTarget;
use crate::engine::{Engine, Histories, Parts, People, Stop, Trouble};
use crate::guard::{FingerprintKey, Guard, Redacted, Secret, Untrusted};
use crate::model::{
    Account, Ack, Address, AnswerMode, Envelope, FileRef, Form, Happening, KeyOwner, Message, Millis, Past, Place,
    Platform, Posted, RequestId, Role, Said, Seen, Staff,
};
use crate::policy::{Locked, Policy, Rules};
use crate::ports::*;
use crate::store::{SealKey, Store};

pub fn account(user: &str) -> Account {
    Account { platform: Platform::Slack, team: "T1".into(), user: user.into() }
}

pub fn place(channel: &str) -> Place {
    Place { platform: Platform::Slack, team: "T1".into(), channel: channel.into(), thread: None, direct: false }
}

/// A key that is made when the test runs.
pub fn key(seed: char) -> String {
    let body: String = "Xq7Rz2Lm9Tb4Kd8Wf3Hn".chars().rev().chain("Vc5Pj6".chars()).collect();
    format!("{}{seed}{body}", concat!("sk", "_live_"))
}

/// What stands in a made-up chat, and what was done to it.
#[derive(Default)]
pub struct Chatting {
    pub now: i64,
    pub standing: BTreeMap<String, Past>,
    pub files: BTreeMap<String, Result<FileText, PortError>>,
    pub refuses: Option<String>,
    pub fails: VecDeque<PortError>,
    pub removed: Vec<String>,
    pub whispers: usize,
    pub pages: usize,
    pub shown: BTreeMap<(String, String), (Message, u32)>,
    pub keys: BTreeMap<String, Posted>,
    pub owners: Vec<KeyOwner>,
    pub rooms: BTreeMap<String, Place>,
    pub no_room: Option<PortError>,
    pub asked_in: Vec<String>,
    counter: u64,
}

#[derive(Clone, Default)]
pub struct World(Arc<Mutex<Chatting>>);

impl World {
    pub fn get(&self) -> MutexGuard<'_, Chatting> {
        self.0.lock().expect("nobody panics with it")
    }

    /// Every text that the bot shows in that channel (or `to <user>`), edits counted as one.
    pub fn texts(&self, channel: &str) -> Vec<String> {
        let world = self.get();
        let here = world.shown.iter().filter(|((at, _), _)| at == channel);
        here.map(|(_, (message, _))| format!("{message:?}")).collect()
    }
}

impl Clock for World {
    fn now(&self) -> Millis {
        Millis(self.get().now)
    }
}

impl Ids for World {
    fn request(&self) -> RequestId {
        let mut world = self.get();
        world.counter += 1;
        format!("rq-{}", world.counter).parse().expect("an id")
    }
    fn salt(&self) -> [u8; 16] {
        [7; 16]
    }
    fn jitter(&self, _: u64) -> u64 {
        0
    }
}

#[async_trait]
impl Moderate for World {
    fn platform(&self) -> Platform {
        Platform::Slack
    }
    fn link(&self, place: &Place, message: &str) -> String {
        format!("https://chat.example/{}/{message}", place.channel)
    }
    fn id_at(&self, at: Millis) -> String {
        format!("{:09}", at.0)
    }
    async fn channels(&self) -> Result<Vec<Place>, PortError> {
        if let Some(error) = self.get().fails.pop_front() {
            return Err(error);
        }
        Ok(vec![place("C1")])
    }
    async fn history(&self, channel: &Place, after: &str, until: &str, page: Option<&str>) -> Result<Page, PortError> {
        let mut world = self.get();
        world.pages += 1;
        if let Some(error) = world.fails.pop_front() {
            return Err(error);
        }
        let from = page.unwrap_or(after).to_owned();
        let fits = |past: &&Past| {
            let id = past.said.message.as_str();
            past.place.channel == channel.channel && id > from.as_str() && (until.is_empty() || id <= until)
        };
        let mut messages: Vec<Past> = world.standing.values().filter(fits).take(3).cloned().collect();
        let more = messages.len() == 3;
        messages.truncate(2);
        messages.iter_mut().for_each(|past| past.said.seen = Seen::Listed);
        let next = more.then(|| messages[1].said.message.clone());
        Ok(Page { messages, next })
    }
    async fn read(&self, _: &Place, message: &str) -> Result<Option<Said>, PortError> {
        Ok(self.get().standing.get(message).map(|past| past.said.clone()))
    }
    async fn file(&self, file: &FileRef) -> Result<FileText, PortError> {
        let known = self.get().files.get(&file.id).cloned();
        known.unwrap_or_else(|| Err(PortError::new("slack", Fault::NotFound)))
    }
    async fn remove(&self, at: &Posted) -> Result<Removal, PortError> {
        let mut world = self.get();
        if let Some(error) = world.fails.pop_front() {
            return Err(error);
        }
        if let Some(why) = &world.refuses {
            return Ok(Removal::Refused(why.clone()));
        }
        if world.standing.remove(&at.message).is_none() {
            return Ok(Removal::Gone);
        }
        world.removed.push(at.message.clone());
        Ok(Removal::Removed)
    }
    async fn remove_file(&self, file: &str) -> Result<Removal, PortError> {
        let mut world = self.get();
        world.removed.push(file.to_owned());
        world.files.remove(file);
        Ok(Removal::Removed)
    }
    async fn whisper(&self, _: &Place, _: &Account, _: &Redacted<Message>) -> Result<bool, PortError> {
        self.get().whispers += 1;
        Ok(true)
    }
}

#[async_trait]
impl Chat for World {
    fn platform(&self) -> Platform {
        Platform::Slack
    }
    fn liveness(&self) -> Liveness {
        Liveness::Live
    }
    async fn post(&self, to: &Address, message: &Redacted<Message>, key: &str) -> Result<Posted, PortError> {
        let mut world = self.get();
        world.counter += 1;
        let channel = match to {
            Address::Channel { place } => place.channel.clone(),
            Address::Direct { account } => format!("to {}", account.user),
        };
        let posted = Posted { platform: Platform::Slack, channel, message: format!("bot{}", world.counter) };
        let spot = (posted.channel.clone(), posted.message.clone());
        world.shown.insert(spot, ((**message).clone(), 0));
        world.keys.insert(key.to_owned(), posted.clone());
        Ok(posted)
    }
    async fn find(&self, _: &Address, key: &str) -> Result<Option<Posted>, PortError> {
        Ok(self.get().keys.get(key).cloned())
    }
    async fn edit(&self, at: &Posted, message: &Redacted<Message>) -> Result<(), PortError> {
        let mut world = self.get();
        let spot = (at.channel.clone(), at.message.clone());
        let shown = world.shown.get_mut(&spot).ok_or(PortError::new("slack", Fault::NotFound))?;
        *shown = ((**message).clone(), shown.1 + 1);
        Ok(())
    }
    async fn answer(&self, _: &Secret, _: AnswerMode, _: &Redacted<Message>) -> Result<(), PortError> {
        Ok(())
    }
    async fn open_form(&self, _: &Secret, _: &Redacted<Form>) -> Result<(), PortError> {
        Ok(())
    }
}

#[async_trait]
impl Rooms for World {
    async fn open_room(&self, name: &str, _: &str, _: bool) -> Result<Place, PortError> {
        let mut world = self.get();
        if let Some(error) = &world.no_room {
            return Err(error.clone());
        }
        let room = place(&format!("C-{name}"));
        Ok(world.rooms.entry(name.to_owned()).or_insert(room).clone())
    }
    async fn find_room(&self, name: &str) -> Result<Option<Place>, PortError> {
        Ok(self.get().rooms.get(name).cloned())
    }
    async fn ask_in(&self, room: &Place, account: &Account) -> Result<(), PortError> {
        self.get().asked_in.push(format!("{} into {}", account.user, room.channel));
        Ok(())
    }
}

/// An engine in that world.
pub struct Desk {
    pub world: World,
    pub engine: Engine,
    pub folder: TempDir,
}

fn rules() -> Rules {
    let person = |id: &str, role: Role| Staff {
        id: id.parse().expect("an id"),
        name: id.to_owned(),
        roles: BTreeSet::from([role]),
        accounts: vec![account(id)],
        email: None,
        groups: BTreeSet::new(),
    };
    Rules {
        staff: vec![person("kim", Role::SUPPORT), person("sam", Role::SECURITY), person("obi", Role::OBSERVER)],
        slack_team: "T1".into(),
        security_places: vec![place("CSEC")],
        incident_places: Vec::new(),
        ..Rules::default()
    }
}

impl Desk {
    pub async fn open() -> Self {
        Self::with(World::default(), tempfile::tempdir().expect("a folder"), Stop::never()).await
    }

    pub async fn with(world: World, folder: TempDir, stop: Stop) -> Self {
        let store = Store::open(&folder.path().join("bot.db"), &SealKey::new([9; 32])).await.expect("a store");
        let now = world.get().now.max(1_000_000);
        world.get().now = now;
        let catalog = Catalog::default();
        let shared = Arc::new(world.clone());
        let moderators = Moderators(BTreeMap::from([(Platform::Slack, Arc::clone(&shared) as _)]));
        let guard = Guard::new(FingerprintKey::new([1; 32]));
        let clock = Arc::clone(&shared) as _;
        let histories = Arc::new(Histories::new(store.clone(), guard.clone(), moderators.clone(), clock));
        let people = Arc::new(People::new(Policy::new(rules(), &catalog), None, Arc::clone(&shared) as _));
        let rooms = RoomTarget {
            platform: Platform::Slack,
            chat: Arc::clone(&shared) as _,
            rooms: Some(Arc::clone(&shared) as _),
            home: Some(place("CINC")),
            guard: guard.clone(),
            links: Some(Arc::clone(&shared) as _),
            incidents: Arc::new(store.clone()),
            people: Arc::clone(&people) as _,
        };
        let engine = Engine::new(Parts {
            store: store.clone(),
            guard,
            people: Arc::clone(&people),
            catalog,
            reads: Reads {
                seqn: Arc::clone(&shared) as _,
                identity: Arc::clone(&shared) as _,
                probe: Arc::clone(&shared) as _,
                reach: Arc::clone(&shared) as _,
                leaks: Arc::new(store.clone()),
                history: Arc::clone(&histories) as _,
                cases: Arc::new(store.clone()),
                incidents: Arc::new(store.clone()),
                trail: Arc::new(store.clone()),
                glass: Arc::new(store.clone()),
                held: Arc::new(store.clone()),
                members: Membership::default(),
                staff: Arc::clone(&people) as _,
                links: Arc::new(store.clone()),
                tracker: None,
                replies: Arc::new(store.clone()),
                handover: Arc::clone(&shared) as _,
                handed: Arc::new(store.clone()),
            },
            acts: Locked::new(Acts {
                seqn: Arc::clone(&shared) as _,
                identity: Arc::clone(&shared) as _,
                history: histories,
                cases: Arc::new(store.clone()),
                incidents: Arc::new(store.clone()),
                trail: Arc::new(store.clone()),
                glass: Arc::new(store.clone()),
                replies: Arc::new(store.clone()),
                links: Arc::new(store),
                handover: Arc::clone(&shared) as _,
            }),
            chats: Chats(BTreeMap::from([(Platform::Slack, Arc::clone(&shared) as _)])),
            moderators,
            targets: Targets(BTreeMap::from([("slack-room".to_owned(), Arc::new(rooms) as _)])),
            when_tracker_down: WhenDown::GoOn,
            heads: crate::engine::Heads::default(),
            incidents: Arc::new(crate::incidents::Settings::of(Guard::new(FingerprintKey::new([1; 32])))),
            clock: Arc::clone(&shared) as _,
            ids: shared,
            stop,
        });
        Self { world, engine, folder }
    }

    /// The process dies, and another takes its place.
    pub async fn restarts(self) -> Self {
        self.engine.store().clone().close().await;
        Self::with(self.world, self.folder, Stop::never()).await
    }

    /// Somebody posts; the message stands there, and the bot hears of it.
    pub async fn says(&self, user: &str, message: &str, text: &str) {
        let past = self.stands(user, message, &[text], &[]);
        self.hears(past).await;
    }

    /// A message stands there, and nobody says so.
    pub fn stands(&self, user: &str, message: &str, texts: &[&str], files: &[&str]) -> Past {
        let file = |id: &&str| FileRef {
            id: (*id).to_owned(),
            name: Untrusted::from(*id),
            media: "text/plain".into(),
            bytes: None,
            url: Secret::new("https://files.example/one"),
        };
        let said = Said {
            message: message.into(),
            seen: Seen::New,
            wrote: texts.first().map(|text| Untrusted::from(*text)).unwrap_or_default(),
            texts: texts.iter().map(|text| Untrusted::from(*text)).collect(),
            files: files.iter().map(file).collect(),
            by_app: false,
        };
        let past = Past { account: account(user), place: place("C1"), at: self.world.now(), said };
        self.world.get().standing.insert(message.into(), past.clone());
        past
    }

    pub async fn hears(&self, past: Past) {
        let (account, place) = (past.account, past.place);
        self.receives(account, place, Happening::Said(past.said)).await;
    }

    pub async fn receives(&self, account: Account, place: Place, what: Happening) -> Ack {
        let salt = {
            let mut world = self.world.get();
            world.counter += 1;
            world.counter
        };
        let key = format!("slack:ev{salt}").parse().expect("a key");
        let arrived = self.world.now();
        self.engine.receive(Envelope { key, account, outsider: false, place, arrived, reply: None, what }).await
    }

    pub async fn settles(&self) {
        self.try_settle().await.expect("it settles");
    }

    pub async fn try_settle(&self) -> Result<(), Trouble> {
        for _ in 0..100 {
            if self.engine.tick().await? == 0 {
                return Ok(());
            }
        }
        panic!("it goes round in circles");
    }

    pub async fn later(&self, ms: i64) {
        self.world.get().now += ms;
        self.settles().await;
    }

    /// How often the audit trail says that of a leak.
    pub async fn audited(&self, outcome: &str) -> usize {
        let rows = self.engine.store().audit_tail(10_000).await.expect("the trail");
        rows.iter().filter(|row| row.action == "leak" && row.outcome == outcome).count()
    }

    /// Fails where that text is in a file of the database.
    pub fn stores_nowhere(&self, text: &str) {
        for file in std::fs::read_dir(self.folder.path()).expect("a folder") {
            let bytes = std::fs::read(file.expect("a file").path()).expect("readable");
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "it is in the database");
        }
    }
}
