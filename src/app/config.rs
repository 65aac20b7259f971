//! The configuration: one TOML text becomes settings that can be used as they are, or all its errors at once.
//!
//! Nothing is connected or opened here. Invariant: what `parse` lets through needs no further checking, and
//! neither the text of a credential nor a whole line of the file is ever in an error.

mod alerts;
mod approvals;
mod audit;
mod chat;
mod glass;
mod guard;
mod handover;
mod identity;
mod incidents;
mod limits;
mod people;
mod secret;
mod section;
mod services;
mod targets;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use toml::Table;
use url::Url;

use crate::clients::{AuthentikConfig, HandoverConfig, SeqnConfig};
use crate::guard::{FingerprintKey, Guard, Secret, Settings};
use crate::model::{OrgSlug, Platform};
use crate::platforms::discord::DiscordConfig;
use crate::platforms::slack::SlackConfig;
use crate::policy::Rules;

pub use alerts::Alerts;
pub use audit::Audit;
pub use identity::Identity;
pub use incidents::Incidents;
pub use secret::{SecretSource, from_system};
pub use targets::{Surface, Tracker};

use section::{Reading, Section};

/// What is logged where the configuration says nothing.
pub const LOG_DEFAULT: &str = "info";

/// How credentials are looked up.
pub type Secrets<'a> = &'a dyn Fn(&SecretSource) -> Result<String, String>;

/// Everything that can be configured.
#[derive(Clone)]
pub struct Config {
    /// The database; its keys are beside it.
    pub store: PathBuf,
    /// SEQN Auth.
    pub seqn: Seqn,
    /// Authentik.
    pub authentik: Authentik,
    /// Slack; `None` when it is off.
    pub slack: Option<SlackConfig>,
    /// Discord; `None` when it is off.
    pub discord: Option<DiscordConfig>,
    /// The surfaces that are told of incidents.
    pub surfaces: Vec<Surface>,
    /// The support tracker, where there is one.
    pub tracker: Option<Tracker>,
    /// Where new keys go, when SEQN Auth makes them for us.
    pub handover: HandoverConfig,
    /// Where health and metrics are served, if at all.
    pub health: Option<SocketAddr>,
    /// What is logged, in the words of `tracing`.
    pub log: String,
    /// Staff, roles and places.
    pub rules: Rules,
    /// People of Authentik's groups, where they are staff.
    pub identity: Option<Identity>,
    /// The operator's own rules of the guard, and what it lets pass.
    pub guard: Settings,
    /// How the audit trail is kept safe.
    pub audit: Audit,
    /// What is promised about incidents, and in which words they are told.
    pub incidents: Incidents,
    /// What becomes of what fails before a person has said so.
    pub alerts: Alerts,
    /// Every credential that was looked up, for the guard.
    pub secrets: Vec<Secret>,
}

/// SEQN Auth: how it is reached, and the canary.
#[derive(Clone)]
pub struct Seqn {
    /// How it is reached.
    pub client: SeqnConfig,
    /// An organization that exists, for probing routes.
    pub canary_org: Option<OrgSlug>,
    /// The canary project's publishable key.
    pub publishable_key: Option<String>,
    /// The canary project's secret key.
    pub canary_secret_key: Option<Secret>,
}

/// Authentik: how it is reached, and the issuer.
#[derive(Clone)]
pub struct Authentik {
    /// How it is reached.
    pub client: AuthentikConfig,
    /// The OIDC issuer, exactly as it calls itself.
    pub issuer: Url,
}

impl Config {
    /// The platforms that are switched on.
    #[must_use]
    pub fn platforms(&self) -> BTreeSet<Platform> {
        let slack = self.slack.iter().map(|_| Platform::Slack);
        slack.chain(self.discord.iter().map(|_| Platform::Discord)).collect()
    }
}

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Which setting: `slack.app_token`, `staff[2].roles`; empty for the file itself.
    pub key: String,
    /// What is wrong, as a sentence.
    pub says: String,
    /// What to do about it, as a sentence.
    pub fix: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.key.is_empty() { "the file" } else { &self.key };
        write!(f, "{key}: {} {}", self.says, self.fix)
    }
}

/// Reads a configuration. `secrets` looks credentials up; `from_system` does it for real.
///
/// # Errors
/// Everything that is wrong with it, in the order of reading.
pub fn parse(text: &str, secrets: Secrets<'_>) -> Result<Config, Vec<ConfigError>> {
    let table = text.parse::<Table>().map_err(|error| vec![clean(syntax(text, &error))])?;
    let reading = Reading { resolve: secrets, errors: RefCell::default(), secrets: RefCell::default() };
    let root = Section::new("", Some(&table), &reading);
    let config = read(&root);
    root.end();
    let errors = reading.errors.into_inner();
    match config {
        Some(config) if errors.is_empty() => Ok(Config { secrets: reading.secrets.into_inner(), ..config }),
        _ => Err(errors.into_iter().map(clean).collect()),
    }
}

/// Reads every section, also when an earlier one is wrong. `None` only after an error was remembered.
fn read(root: &Section<'_>) -> Option<Config> {
    let store = root.inner("store");
    let path =
        store.needed("path", "Write where the database is kept: [store] path = \"/var/lib/seqn-chatops/bot.db\".");
    store.end();
    let seqn = services::seqn(&root.inner("seqn"));
    let authentik = services::authentik(&root.inner("authentik"));
    let handover = handover::handover(&root.inner("handover"), path);
    let slack = chat::slack(&root.inner("slack"));
    let mut discord = chat::discord(&root.inner("discord"));
    let surfaces = targets::surfaces(root);
    let tracker = targets::tracker(&root.inner("tracker"));
    let health = services::health(&root.inner("health"));
    let log = services::log(&root.inner("log"));
    let guard = guard::settings(&root.inner("guard"));
    let incidents = incidents::incidents(&root.inner("incidents"));
    let reads = authentik.as_ref().is_none_or(|authentik| authentik.client.read_token.is_some());
    let (mut rules, identity) = people::people(root, &slack, &discord, (reads, health.is_some()));
    // Who the people of a group are is known only when the bot runs.
    approvals::approvals(root, &mut rules, identity.is_none());
    rules.limits = limits::limits(&root.inner("limits"));
    rules.glass = glass::glass(&root.inner("break_glass"), &rules);
    let alerts = alerts::alerts(&root.inner("alerts"), !rules.incident_places.is_empty(), health.is_some());
    if let Some(discord) = &mut discord.config {
        discord.incidents = rules.incidents_on(Platform::Discord).and_then(|home| chat::snowflake(&home.channel));
    }
    let audit = audit::audit(&root.inner("audit"), &surfaces, |platform| match platform {
        Platform::Slack => slack.config.is_some().then(|| slack.home.clone()),
        Platform::Discord => discord.config.is_some().then(|| discord.home.clone()),
        Platform::Console => None,
    });
    Some(Config {
        store: path?.into(),
        seqn: seqn?,
        authentik: authentik?,
        slack: slack.config,
        discord: discord.config,
        surfaces,
        tracker,
        handover,
        health,
        log,
        rules,
        identity,
        guard,
        audit,
        incidents,
        alerts,
        secrets: Vec::new(),
    })
}

/// A syntax error without the line that it is in: there could be a credential in it.
fn syntax(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let says = format!("Line {line} is no TOML: {}.", error.message().lines().next().unwrap_or("it cannot be read"));
    ConfigError { key: String::new(), says, fix: "Correct that line.".into() }
}

/// Keys and names are written by people too, and may hold what should not be there.
fn clean(error: ConfigError) -> ConfigError {
    // Nothing is fingerprinted by it, so that any key will do.
    let guard = Guard::new(FingerprintKey::new([0; 32]));
    let safe = |text: String| guard.redact(&text).into_owned();
    ConfigError { key: safe(error.key), says: safe(error.says), fix: safe(error.fix) }
}
