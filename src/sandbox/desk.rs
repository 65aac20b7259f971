//! The desk: the emulators, the real bot against them, and the hands of everybody in the cast.
//!
//! Used by the terminal, by story files and by tests. The bot's loops run only in a live desk; in a
//! story nothing happens by itself: `settle` does all that is due, so that a story repeats exactly.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, anyhow};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::keys::Keys;
use crate::app::{config, health, wiring};
use crate::engine::Stop;
use crate::guard::FingerprintKey;
use crate::platforms::console::Console;
use crate::ports::Door;
use crate::store::SealKey;

use super::alertmanager::{self, Alertmanager};
use super::authentik::{AuthentikKeys, AuthentikSim};
use super::browser;
use super::dial::Dial;
use super::discord::DiscordSim;
use super::fault::Faults;
use super::hands::Hands;
use super::keys::KeyFolder;
use super::receivers::Receivers;
use super::seams::{Around, DialClock, SeededIds};
use super::seqn::{SeqnKeys, SeqnSim};
use super::settings::{self, Addresses, Knobs, secret};
use super::slack::{SlackSim, SlackTokens};
use super::stage::{Stage, StageError};
use super::targets::{TargetKeys, TargetSims};
use super::terminal_stage::TerminalStage;
use super::world::World;

/// How many ticks one `settle` makes at most; a story that needs more is going round in circles.
const TICKS_MOST: usize = 500;

/// How long a person at the live desk waits for an answer before the prompt comes back.
const CALM: std::time::Duration = std::time::Duration::from_millis(400);

/// How a desk is set up.
pub struct Setup {
    /// The seed of the bot's ids.
    pub seed: u64,
    /// Where the database lies.
    pub database: PathBuf,
    /// Whether time and the bot's loops run by themselves.
    pub live: bool,
    /// Whether the bot is on Slack.
    pub slack: bool,
    /// Whether the bot is on Discord.
    pub discord: bool,
}

/// The bot while it runs.
struct Running {
    bot: Arc<wiring::Bot>,
    /// Where it listens for reports.
    listens: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Everything together.
pub struct Desk {
    setup: Setup,
    /// Time.
    pub dial: Dial,
    /// Fault knobs.
    pub faults: Faults,
    /// The world behind SEQN Auth and Authentik.
    pub world: World,
    /// The Slack emulator.
    pub slack: Arc<SlackSim>,
    /// The Discord emulator.
    pub discord: Arc<DiscordSim>,
    /// The SEQN emulator.
    pub seqn: Arc<SeqnSim>,
    /// The Authentik emulator.
    pub authentik: Arc<AuthentikSim>,
    /// The surfaces that are told of incidents, and the tracker.
    pub targets: TargetSims,
    /// The customers' receivers.
    pub receivers: Arc<Receivers>,
    /// Whoever reports alerts.
    pub alertmanager: Alertmanager,
    /// The terminal.
    pub terminal: Arc<TerminalStage>,
    console: Arc<Console>,
    ids: Arc<SeededIds>,
    pub(super) knobs: Mutex<Knobs>,
    pub(super) keys: KeyFolder,
    running: Option<Running>,
}

impl Desk {
    /// Starts the emulators, without the bot.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn open(setup: Setup) -> anyhow::Result<Self> {
        let dial = if setup.live { Dial::live() } else { Dial::still() };
        let faults = Faults::default();
        let world = World::acme(dial.clone());
        let named = |name: &str| secret(name).ok_or_else(|| anyhow!("the sandbox has no {name}"));
        let tokens = SlackTokens {
            bot: named("SLACK_BOT_TOKEN")?,
            app: named("SLACK_APP_TOKEN")?,
            admin: secret("SLACK_ADMIN_TOKEN"),
        };
        let slack = SlackSim::start(dial.clone(), faults.clone(), tokens).await?;
        slack.echo(false);
        let scopes: Vec<&str> = crate::catalog::slack::scopes().iter().map(|(scope, _)| *scope).collect();
        let strange = slack.install(&scopes);
        anyhow::ensure!(strange.is_empty(), "Slack knows no scope {}", strange.join(", "));
        let discord = DiscordSim::start(dial.clone(), faults.clone(), named("DISCORD_TOKEN")?).await?;
        discord.waits(true);
        let keys = SeqnKeys { read_token: named("SEQN_READ_TOKEN")?, act_token: named("SEQN_ACT_TOKEN")? };
        let seqn = SeqnSim::start(dial.clone(), faults.clone(), world.clone(), keys).await?;
        let keys = AuthentikKeys {
            read_token: named("AUTHENTIK_READ_TOKEN")?,
            act_token: named("AUTHENTIK_ACT_TOKEN")?,
            login_secret: named("AUTHENTIK_LOGIN_SECRET")?,
        };
        let authentik = AuthentikSim::start(dial.clone(), faults.clone(), world.clone(), keys).await?;
        let keys = TargetKeys::named(secret).context("the sandbox has no keys of its surfaces")?;
        let status_folder = std::path::absolute(setup.database.with_extension("status-page"))?;
        let targets = TargetSims::start(&dial, &faults, &keys, status_folder).await?;
        let receivers = Receivers::start(dial.clone()).await?;
        let console = Console::new(Arc::new(DialClock(dial.clone())));
        let terminal = Arc::new(TerminalStage::new(Arc::clone(&console)));
        let ids = Arc::new(SeededIds::new(setup.seed));
        let alertmanager = Alertmanager::new(dial.clone());
        let (knobs, keys, running) = (Mutex::default(), KeyFolder::make()?, None);
        Ok(Self {
            setup,
            dial,
            faults,
            world,
            slack,
            discord,
            seqn,
            authentik,
            targets,
            receivers,
            alertmanager,
            terminal,
            console,
            ids,
            knobs,
            keys,
            running,
        })
    }

    /// Where the bot's database lies.
    #[must_use]
    pub fn database(&self) -> &std::path::Path {
        &self.setup.database
    }

    /// The configuration that the bot reads here.
    #[must_use]
    pub fn settings(&self) -> String {
        let at = Addresses {
            slack: self.slack.base_url(),
            discord: self.discord.base_url(),
            gateway: self.discord.gateway_url(),
            seqn: self.seqn.base_url(),
            authentik: self.authentik.base_url(),
        };
        let knobs = self.knobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let login = browser::section(&at.authentik, knobs.login);
        let keys = (&knobs, self.key_folder());
        let text = settings::text(&at, &self.setup.database, self.setup.slack, self.setup.discord, keys);
        let tracker = settings::tracker(&self.targets, knobs.tracker);
        text + &settings::surfaces(&self.targets) + &tracker + &settings::alerts(knobs.checks) + &login + &knobs.more
    }

    /// Sends a notification to the bot's webhook: the status of the answer.
    ///
    /// # Errors
    /// When the bot is not running, or does not answer.
    pub async fn notifies(&self, body: &str, token: &str) -> anyhow::Result<u16> {
        alertmanager::send(self.listens()?, token, body).await.context("the bot does not answer")
    }

    /// Where the bot listens: health, metrics, and its webhook.
    ///
    /// # Errors
    /// When it is not running.
    pub fn listens(&self) -> anyhow::Result<SocketAddr> {
        self.running.as_ref().map(|r| r.listens).ok_or_else(|| anyhow!("the bot is not running"))
    }

    fn parsed(&self) -> anyhow::Result<config::Config> {
        let read = |source: &config::SecretSource| match source {
            config::SecretSource::Env(name) => secret(name).ok_or_else(|| format!("the sandbox has no {name}")),
            _ => Err("the sandbox reads secrets by name only".into()),
        };
        let text = self.settings() + settings::ALERTMANAGER + settings::LISTENER;
        config::parse(&text, &read).map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            anyhow!("the sandbox's own configuration is refused: {}", lines.join("; "))
        })
    }

    fn seams(&self, stop: Stop) -> wiring::Seams {
        wiring::Seams {
            clock: Arc::new(DialClock(self.dial.clone())),
            ids: self.ids.clone(),
            outside: Arc::new(Around(Arc::clone(&self.receivers))),
            stop,
            console: Some(Arc::clone(&self.console)),
            // Leak cases are named after fingerprints: the same story must name them alike.
            keys: Some(Keys { seal: SealKey::new([7; 32]), fingerprint: FingerprintKey::new([7; 32]) }),
        }
    }

    /// Tries to start a second bot on the same database.
    ///
    /// # Errors
    /// When it is let in.
    pub async fn second_process_is_refused(&self) -> anyhow::Result<()> {
        match wiring::build(&self.parsed()?, self.seams(Stop::never())).await {
            Ok(_) => Err(anyhow!("a second bot was let in on the same database")),
            Err(_) => Ok(()),
        }
    }

    /// Starts the bot and waits until it is connected.
    ///
    /// # Errors
    /// When the configuration is refused or the bot cannot be built.
    pub async fn start(&mut self, stop: Stop) -> anyhow::Result<()> {
        let bot = wiring::build(&self.parsed()?, self.seams(stop)).await.context("the bot cannot be built")?;
        let bot = Arc::new(bot);
        bot.engine.roster().await?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = bot.connect(stopped.clone());
        let listener = health::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let listens = listener.local_addr()?;
        tasks.spawn(health::serve(listener, Arc::clone(&bot), stopped.clone()));
        if self.setup.live {
            let mut loops = bot.loops(stopped);
            tasks.spawn(async move { while loops.join_next().await.is_some() {} });
        }
        let door: Arc<dyn Door> = bot.engine.clone();
        self.terminal.behind(Some(door));
        if self.setup.slack {
            self.slack.connected(1).await;
        }
        if self.setup.discord {
            self.discord.connected().await;
            if let Some(discord) = &bot.discord {
                discord.automod_known().await;
            }
        }
        self.running = Some(Running { bot, listens, stop, tasks });
        Ok(())
    }

    /// Ends the bot as a crash does: nothing is drained, nothing is said.
    pub async fn crash(&mut self) {
        self.terminal.behind(None);
        if let Some(mut running) = self.running.take() {
            running.tasks.shutdown().await;
            running.bot.engine.store().clone().close().await;
            drop(running);
            // The platforms notice it too, before anybody types again.
            self.slack.deserted().await;
            self.discord.deserted().await;
        }
    }

    /// Ends the bot as a shutdown does.
    pub async fn stop(&mut self) {
        self.terminal.behind(None);
        if let Some(mut running) = self.running.take() {
            let _ = running.stop.send(true);
            while running.tasks.join_next().await.is_some() {}
            running.bot.engine.store().clone().close().await;
        }
    }

    /// The running bot.
    ///
    /// # Errors
    /// When it is not running.
    pub fn bot(&self) -> anyhow::Result<&wiring::Bot> {
        self.running.as_ref().map(|r| r.bot.as_ref()).ok_or_else(|| anyhow!("the bot is not running"))
    }

    /// Does all that is due now.
    ///
    /// # Errors
    /// The engine's trouble, or a story that never settles.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let engine = &self.bot()?.engine;
        if self.setup.live {
            tokio::time::sleep(CALM).await;
            return Ok(());
        }
        for _ in 0..TICKS_MOST {
            self.answered().await?;
            if engine.tick().await? == 0 {
                return Ok(());
            }
        }
        Err(anyhow!("the bot did not settle within {TICKS_MOST} ticks"))
    }

    /// Does one tick of what is due now. How much that was.
    ///
    /// # Errors
    /// The engine's trouble.
    pub async fn tick(&self) -> anyhow::Result<usize> {
        self.answered().await?;
        Ok(self.bot()?.engine.tick().await?)
    }

    /// Waits until the bot has answered all that came, also what it says after its first response.
    async fn answered(&self) -> anyhow::Result<()> {
        let bot = self.bot()?;
        if let Some(slack) = &bot.slack {
            slack.quiet().await;
        }
        if let Some(discord) = &bot.discord {
            discord.quiet().await;
        }
        Ok(())
    }

    /// The stages, in the order in which transcripts list them.
    #[must_use]
    pub fn stages(&self) -> [&dyn Stage; 3] {
        [self.slack.as_ref(), self.discord.as_ref(), self.terminal.as_ref()]
    }

    /// The stage of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn stage(&self, name: &str) -> Result<&dyn Stage, StageError> {
        self.stages()
            .into_iter()
            .find(|s| s.name() == name)
            .ok_or_else(|| StageError(format!("there is no stage {name}")))
    }

    /// Somebody of the cast, on Slack in `support` at first.
    #[must_use]
    pub fn person<'a>(&'a self, name: &'a str) -> Hands<'a> {
        Hands::of(self, name)
    }
}
