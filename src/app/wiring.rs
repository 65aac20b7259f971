//! Wiring: a configuration and the seams (clock, ids, console) become a bot.
//!
//! Nothing runs until `connect` and `loops` are called. Invariant: the reading and the acting half of each
//! client hold separate credentials, and every credential is known to the guard.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::catalog::{self, Catalog};
use crate::clients::targets::Recorder;
use crate::clients::{
    AuthentikActor, AuthentikReader, AuthentikRoster, Deadlines, Handover, LoginConfig, OidcLogin, Patience,
    ProbeConfig, Prober, Reacher, SeqnReader, connect_seqn,
};
use crate::engine::{Engine, Histories, Parts, People, RosterSource, Stop};
use crate::guard::Guard;
use crate::model::{OrgSlug, Platform};
use crate::platforms::console::Console;
use crate::platforms::discord::Discord;
use crate::platforms::slack::Slack;
use crate::policy::{Locked, Policy};
use crate::ports::{
    Acts, Chat, Chats, Clock, Door, Ids, Liveness, Members, Membership, Moderate, Moderators, Outside, Reads,
    TrackerRead,
};
use crate::store::Store;

use super::config::Config;
use super::health::alertmanager::Receiver;
use super::keys::{self, Keys};
use super::{incidents, loops, probes, rooms, targets};

/// What a story brings along instead of the real thing.
pub struct Seams {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
    /// The world beyond the configured systems.
    pub outside: Arc<dyn Outside>,
    /// When the engine stops.
    pub stop: Stop,
    /// A terminal, where there is one.
    pub console: Option<Arc<Console>>,
    /// The installation's keys; `None`: those beside the database.
    pub keys: Option<Keys>,
}

/// A bot, put together.
pub struct Bot {
    /// The engine, which is also the platforms' door.
    pub engine: Arc<Engine>,
    /// The guard, which knows every configured credential.
    pub guard: Guard,
    /// What can be asked.
    pub catalog: Catalog,
    /// Slack, where it is on.
    pub slack: Option<Arc<Slack>>,
    /// Discord, where it is on.
    pub discord: Option<Arc<Discord>>,
    /// Every platform that is on, the console too.
    pub chats: Chats,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// SEQN Auth's reading half, for probing its routes.
    pub seqn: Arc<SeqnReader>,
    /// Authentik's reading half, for checking its credential.
    pub identity: Arc<AuthentikReader>,
    /// What drills would have told the surfaces.
    pub drills: Arc<Recorder>,
    /// Who may report alerts, where anybody may.
    pub alertmanager: Option<Receiver>,
    /// Whether people sign in here.
    pub signs_in: bool,
    canary: Option<OrgSlug>,
}

/// The guard of that configuration: it knows the keys and every credential.
#[must_use]
pub fn guard(config: &Config, keys: &Keys) -> Guard {
    Guard::new(keys.fingerprint.clone())
        .with_settings(config.guard.clone())
        .with_own_secrets(config.secrets.iter().cloned())
}

/// Puts a bot together: opens the keys and the database, builds clients and platforms. Nothing is sent yet.
///
/// # Errors
/// A sentence for the operator: the key file, the database or a platform's configuration cannot be used.
pub async fn build(config: &Config, seams: Seams) -> anyhow::Result<Bot> {
    let keys = seams.keys.map_or_else(|| keys::open(&config.store), Ok)?;
    let guard = guard(config, &keys);
    let (slack, discord) = platforms(config, &guard, &seams.clock)?;
    let chats = chats(slack.as_ref(), discord.as_ref(), seams.console.as_ref());
    let settings = Arc::new(incidents::settings(config, &guard).map_err(|errors| anyhow!(errors.join(" ")))?);
    let catalog = super::catalog::with(&settings);
    let store = Store::open(&config.store, &keys.seal)
        .await
        .with_context(|| format!("The database {} cannot be used.", config.store.display()))?;
    let moderators = moderators(slack.as_ref(), discord.as_ref());
    let clock = Arc::clone(&seams.clock);
    let histories = Arc::new(Histories::new(store.clone(), guard.clone(), moderators.clone(), clock));
    let told = targets::build(config, &guard, &seams.clock).await?;
    let identity = Arc::new(AuthentikReader::new(&config.authentik.client, &guard, Deadlines::default())?);
    let policy = Policy::new(config.rules.clone(), &catalog);
    let source = roster(config, &identity, &guard, &seams.clock)?;
    let people = People::new(policy.clone(), source, Arc::clone(&seams.clock));
    // Before anybody has a right: an account that is claimed by a link too is contested from the start.
    let people = Arc::new(people.linked(store.account_links().await?));
    let members = members(slack.as_ref(), discord.as_ref());
    let (tracker, people_here) = (told.tracker, Arc::clone(&people));
    let own = Own { store: &store, histories: &histories, identity: &identity, people: people_here, members, tracker };
    let clients = clients(config, &guard, &seams.clock, seams.outside, own)?;
    let seqn = Arc::clone(&clients.seqn);
    let mut surfaces = told.targets;
    let openers = rooms::openers(slack.as_ref(), discord.as_ref());
    surfaces.0.extend(rooms::targets(&policy, &people, &guard, &chats, &moderators, &openers, &store));
    let engine = Engine::new(Parts {
        store,
        guard: guard.clone(),
        catalog: catalog.clone(),
        people,
        reads: clients.reads,
        acts: Locked::new(clients.acts),
        chats: chats.clone(),
        moderators,
        targets: surfaces,
        incidents: settings,
        when_tracker_down: told.when_tracker_down,
        heads: config.audit.heads.clone(),
        clock: Arc::clone(&seams.clock),
        ids: seams.ids,
        stop: seams.stop,
    });
    let canary = config.seqn.canary_org.clone();
    Ok(Bot {
        engine: Arc::new(engine),
        guard,
        catalog,
        slack,
        discord,
        chats,
        clock: seams.clock,
        seqn,
        identity,
        drills: told.drills,
        alertmanager: config.alerts.alertmanager.as_ref().map(Receiver::new).transpose()?,
        signs_in: config.identity.as_ref().is_some_and(|identity| identity.login.is_some()),
        canary,
    })
}

/// Where the roster of Authentik's groups comes from, where it is asked for.
fn roster(
    config: &Config,
    reader: &Arc<AuthentikReader>,
    guard: &Guard,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Option<RosterSource>> {
    let Some(identity) = config.identity.as_ref() else { return Ok(None) };
    let read = Arc::new(AuthentikRoster::new(Arc::clone(reader), identity.roster()));
    let login = |at: &LoginConfig| OidcLogin::new(at, guard, Deadlines::default(), Arc::clone(clock));
    let login = identity.login.as_ref().map(login).transpose()?.map(|login| Arc::new(login) as _);
    Ok(Some(RosterSource { read, joined: identity.joined.clone(), every_ms: identity.every_ms, login }))
}

/// The platforms whose messages are watched.
fn moderators(slack: Option<&Arc<Slack>>, discord: Option<&Arc<Discord>>) -> Moderators {
    let slack = slack.map(|one| (Platform::Slack, Arc::clone(one) as Arc<dyn Moderate>));
    let discord = discord.map(|one| (Platform::Discord, Arc::clone(one) as Arc<dyn Moderate>));
    Moderators(slack.into_iter().chain(discord).collect())
}

/// The platforms whose accounts can be looked up.
fn members(slack: Option<&Arc<Slack>>, discord: Option<&Arc<Discord>>) -> Membership {
    let slack = slack.map(|one| (Platform::Slack, Arc::clone(one) as Arc<dyn Members>));
    let discord = discord.map(|one| (Platform::Discord, Arc::clone(one) as Arc<dyn Members>));
    Membership(slack.into_iter().chain(discord).collect())
}

/// What is read of our own, and of what was built before the clients.
struct Own<'a> {
    store: &'a Store,
    histories: &'a Arc<Histories>,
    identity: &'a Arc<AuthentikReader>,
    people: Arc<People>,
    members: Membership,
    tracker: Option<Arc<dyn TrackerRead>>,
}

/// The clients, their halves apart.
struct Clients {
    reads: Reads,
    acts: Acts,
    seqn: Arc<SeqnReader>,
}

fn clients(
    config: &Config,
    guard: &Guard,
    clock: &Arc<dyn Clock>,
    outside: Arc<dyn Outside>,
    own: Own<'_>,
) -> anyhow::Result<Clients> {
    let Own { store, histories, identity, people, members, tracker } = own;
    let deadlines = Deadlines::default();
    let (reader, actor) = connect_seqn(&config.seqn.client, guard, deadlines)?;
    let identity_actor = AuthentikActor::new(&config.authentik.client, guard, deadlines)?;
    let probe = ProbeConfig {
        accounts: config.seqn.client.base.clone(),
        authentik: config.authentik.client.base.clone(),
        issuer: config.authentik.issuer.clone(),
        publishable_key: config.seqn.publishable_key.clone(),
        secret_key: config.seqn.canary_secret_key.clone(),
    };
    let prober = Prober::new(&probe, guard, Arc::clone(clock))?;
    let seqn = Arc::new(reader.with_canary(config.seqn.publishable_key.clone()));
    let handover = Arc::new(Handover::new(config.handover.clone(), guard.clone()));
    let reads = Reads {
        seqn: Arc::clone(&seqn) as _,
        identity: Arc::clone(identity) as _,
        probe: Arc::new(prober),
        reach: Arc::new(Reacher::new(outside, Arc::clone(clock), Patience::default())?),
        leaks: Arc::new(store.clone()),
        cases: Arc::new(store.clone()),
        incidents: Arc::new(store.clone()),
        trail: Arc::new(store.clone()),
        glass: Arc::new(store.clone()),
        held: Arc::new(store.clone()),
        members,
        staff: people as _,
        links: Arc::new(store.clone()),
        tracker,
        replies: Arc::new(store.clone()),
        handover: Arc::clone(&handover) as _,
        handed: Arc::new(store.clone()),
        history: Arc::clone(histories) as _,
    };
    let acts = Acts {
        seqn: Arc::new(actor),
        identity: Arc::new(identity_actor),
        history: Arc::clone(histories) as _,
        cases: Arc::new(store.clone()),
        incidents: Arc::new(store.clone()),
        trail: Arc::new(store.clone()),
        glass: Arc::new(store.clone()),
        replies: Arc::new(store.clone()),
        links: Arc::new(store.clone()),
        handover,
    };
    Ok(Clients { reads, acts, seqn })
}

type Platforms = (Option<Arc<Slack>>, Option<Arc<Discord>>);

fn platforms(config: &Config, guard: &Guard, clock: &Arc<dyn Clock>) -> anyhow::Result<Platforms> {
    let wrong = |why: String| anyhow!(why);
    let slack = config.slack.clone().map(|slack| Slack::new(slack, guard.clone(), Arc::clone(clock)));
    let discord = config.discord.clone().map(|discord| Discord::new(discord, guard.clone(), Arc::clone(clock)));
    Ok((slack.transpose().map_err(wrong)?, discord.transpose().map_err(wrong)?))
}

fn chats(slack: Option<&Arc<Slack>>, discord: Option<&Arc<Discord>>, console: Option<&Arc<Console>>) -> Chats {
    let mut chats: BTreeMap<Platform, Arc<dyn Chat>> = BTreeMap::new();
    if let Some(slack) = slack {
        chats.insert(Platform::Slack, Arc::clone(slack) as _);
    }
    if let Some(discord) = discord {
        chats.insert(Platform::Discord, Arc::clone(discord) as _);
    }
    if let Some(console) = console {
        chats.insert(Platform::Console, Arc::clone(console) as _);
    }
    Chats(chats)
}

impl Bot {
    /// How every platform's connection is, also of those that are off.
    #[must_use]
    pub fn liveness(&self) -> Vec<(Platform, Liveness)> {
        let of = |platform: &Platform| self.chats.0.get(platform).map_or(Liveness::Off, |chat| chat.liveness());
        [Platform::Slack, Platform::Discord].iter().map(|platform| (*platform, of(platform))).collect()
    }

    /// Starts the platforms, each in a task of its own, until `stop` is true.
    #[must_use]
    pub fn connect(&self, stop: watch::Receiver<bool>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        if let Some(slack) = self.slack.clone() {
            let (engine, stopped) = (Arc::clone(&self.engine), stop.clone());
            let run = move || {
                let (slack, door, stopped) = (Arc::clone(&slack), Arc::clone(&engine), stopped.clone());
                async move { slack.run(door as Arc<dyn Door>, stopped).await }
            };
            tasks.spawn(loops::connected("slack", stop.clone(), run));
        }
        if let Some(discord) = self.discord.clone() {
            let commands = catalog::commands(&self.catalog);
            let (engine, stopped) = (Arc::clone(&self.engine), stop.clone());
            let run = move || {
                let (discord, door, stopped) = (Arc::clone(&discord), Arc::clone(&engine), stopped.clone());
                let commands = commands.clone();
                async move { discord.run(door as Arc<dyn Door>, commands, stopped).await }
            };
            tasks.spawn(loops::connected("discord", stop, run));
        }
        tasks
    }

    /// Starts the engine's loops, each in a task of its own, until `stop` is true or the engine stops.
    #[must_use]
    pub fn loops(&self, stop: watch::Receiver<bool>) -> JoinSet<()> {
        let platforms: Vec<Platform> = self.chats.0.keys().copied().collect();
        loops::start(&loops::Shared::new(&self.engine, &self.clock), &platforms, &stop)
    }

    /// Looks on a schedule: which reading routes SEQN Auth has (where a canary is configured), and where the audit
    /// trail ends.
    #[must_use]
    pub fn probes(&self, stop: watch::Receiver<bool>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        if let Some(canary) = self.canary.clone() {
            tasks.spawn(probes::watch_routes(Arc::clone(&self.seqn), canary, stop.clone()));
        }
        tasks.spawn(probes::publish_head(self.engine.store().clone(), stop));
        tasks
    }
}
