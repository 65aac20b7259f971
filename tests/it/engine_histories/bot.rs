//! The real engine on a real database, between the made-up outside of a history; it can die and come back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use seqn_chatops::engine::{Engine, Heads, Histories, Parts, People, RosterSource, Stop, Trouble};
use seqn_chatops::guard::{FingerprintKey, Guard};
use seqn_chatops::incidents::Settings;
use seqn_chatops::model::{Platform, Role};
use seqn_chatops::policy::{Joined, Locked, Policy, Rules};
use seqn_chatops::ports::{Acts, Chats, Membership, Moderators, Reads, Targets, WhenDown};
use seqn_chatops::store::{SealKey, StepState, Store};

use super::actions::catalog;
use super::world::{GROUP, Mouth, World};
use crate::histories::ROLES;

/// How often the roster is read.
pub const ROSTER_EVERY_MS: i64 = 30_000;
/// The most ticks until nothing is due.
const TICKS_MOST: usize = 200;

/// A database that histories play on one after the other.
pub struct House {
    _folder: TempDir,
    path: PathBuf,
    pub store: Store,
    guard: Guard,
    /// When the last history ended.
    pub now: i64,
}

impl House {
    pub async fn open() -> Self {
        let folder = crate::folder::folder();
        let path = folder.path().join("histories.sqlite");
        let store = Store::open(&path, &SealKey::new([9; 32])).await.expect("a store");
        let guard = Guard::new(FingerprintKey::new([1; 32]));
        Self { _folder: folder, path, store, guard, now: 1_800_000_000_000 }
    }

    /// The file is closed and opened again, as another process would.
    async fn reopens(&mut self, world: &World) {
        self.store.clone().close().await;
        self.store = Store::open(&self.path, &SealKey::new([9; 32])).await.expect("the store again");
        world.get().store = Some(self.store.clone());
    }

    pub fn bot(&self, world: &World, rules: &Rules) -> Bot {
        let (shared, store, guard) = (Arc::new(world.clone()), self.store.clone(), self.guard.clone());
        let catalog = catalog(world);
        let groups = ROLES.iter().map(|role| (format!("{GROUP}{role}"), Role::named(role))).collect();
        let joined = Joined { groups, linked: BTreeMap::new() };
        let source = RosterSource { read: Arc::clone(&shared) as _, joined, every_ms: ROSTER_EVERY_MS, login: None };
        let policy = Policy::new(rules.clone(), &catalog);
        let people = People::new(policy, Some(source), Arc::clone(&shared) as _);
        let people = Arc::new(people);
        let clock = Arc::clone(&shared) as _;
        let histories = Arc::new(Histories::new(store.clone(), guard.clone(), Moderators::default(), clock));
        let ours = Arc::new(store.clone());
        let mouth = |platform| (platform, Arc::new(Mouth(platform)) as _);
        let stop = Stop::never();
        let engine = Engine::new(Parts {
            store,
            guard: guard.clone(),
            catalog,
            people: Arc::clone(&people),
            reads: Reads {
                seqn: Arc::clone(&shared) as _,
                identity: Arc::clone(&shared) as _,
                probe: Arc::clone(&shared) as _,
                reach: Arc::clone(&shared) as _,
                leaks: Arc::clone(&ours) as _,
                history: Arc::clone(&histories) as _,
                cases: Arc::clone(&ours) as _,
                incidents: Arc::clone(&ours) as _,
                trail: Arc::clone(&ours) as _,
                glass: Arc::clone(&ours) as _,
                tracker: None,
                replies: Arc::clone(&ours) as _,
                handover: Arc::clone(&shared) as _,
                handed: Arc::clone(&ours) as _,
                held: Arc::clone(&ours) as _,
                members: Membership::default(),
                staff: people,
                links: Arc::clone(&ours) as _,
            },
            acts: Locked::new(Acts {
                seqn: Arc::clone(&shared) as _,
                identity: Arc::clone(&shared) as _,
                history: histories,
                cases: Arc::clone(&ours) as _,
                incidents: Arc::clone(&ours) as _,
                trail: Arc::clone(&ours) as _,
                replies: Arc::clone(&ours) as _,
                links: Arc::clone(&ours) as _,
                glass: ours,
                handover: Arc::clone(&shared) as _,
            }),
            chats: Chats([Platform::Slack, Platform::Discord].map(mouth).into()),
            moderators: Moderators::default(),
            targets: Targets::default(),
            when_tracker_down: WhenDown::GoOn,
            heads: Heads::default(),
            incidents: Arc::new(Settings::of(guard)),
            clock: Arc::clone(&shared) as _,
            ids: shared,
            stop: stop.clone(),
        });
        Bot { engine, stop }
    }
}

/// The bot while it lives.
pub struct Bot {
    pub engine: Engine,
    pub stop: Stop,
}

impl Bot {
    /// The parts of a tick that requests go through; the rest of it has nothing to do in a history.
    async fn turns(&self) -> Result<usize, Trouble> {
        let engine = &self.engine;
        Ok(engine.roster().await? + engine.remind().await? + engine.prepare().await? + engine.execute().await?)
    }
}

/// The bot of one history, through all its lives.
pub struct Lives<'a> {
    pub house: &'a mut House,
    pub world: World,
    pub rules: Rules,
    pub bot: Bot,
    /// How often it died between commits, and in a call.
    pub deaths: (u64, u64),
}

impl<'a> Lives<'a> {
    pub fn begin(house: &'a mut House, world: World, rules: Rules) -> Self {
        world.get().store = Some(house.store.clone());
        let bot = house.bot(&world, &rules);
        Self { house, world, rules, bot, deaths: (0, 0) }
    }

    /// The process ends where it is, and another takes its place.
    pub async fn dies(&mut self) -> Result<(), String> {
        self.world.get().given = None;
        let sent = self.world.get().sent.clone();
        for (at, act) in sent.iter().enumerate().filter(|(_, act)| !act.doubtful) {
            // What came of it was known, and not written down.
            let journal = self.house.store.journal(&act.request).await.expect("read");
            let lost = journal.iter().any(|row| row.seq == act.seq && row.state == StepState::Doing);
            self.world.get().sent[at].doubtful = lost;
        }
        if (self.deaths.0 + self.deaths.1).is_multiple_of(4) {
            self.house.reopens(&self.world).await;
        }
        self.bot = self.house.bot(&self.world, &self.rules);
        self.bot.engine.roster().await.map(drop).map_err(|error| error.to_string())
    }

    /// What is due is done until nothing is; it comes back as often as it dies.
    pub async fn rests(&mut self) -> Result<(), String> {
        for _ in 0..TICKS_MOST {
            let hung = std::sync::Arc::clone(&self.world.hung);
            let came = tokio::select! {
                biased;
                came = self.bot.turns() => Some(came),
                () = hung.notified() => None,
            };
            match came {
                Some(Ok(0)) => return Ok(()),
                Some(Ok(_)) => {}
                Some(Err(Trouble::Stopping)) => {
                    self.deaths.0 += 1;
                    self.dies().await?;
                }
                None => {
                    self.deaths.1 += 1;
                    self.dies().await?;
                }
                Some(Err(error)) => return Err(error.to_string()),
            }
        }
        Err("it goes round in circles".into())
    }

    /// Everything that is due at all is done, what is owed to people among it.
    pub async fn settles(&mut self) -> Result<(), String> {
        for _ in 0..TICKS_MOST {
            if self.bot.engine.tick().await.map_err(|error| error.to_string())? == 0 {
                return Ok(());
            }
        }
        Err("it goes round in circles".into())
    }
}
