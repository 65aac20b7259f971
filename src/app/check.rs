//! `check`: says everything that is wrong with a configuration, or what it amounts to; with `--online` it also
//! asks the outside systems whether they accept the bot.
//!
//! It opens no database, changes nothing and posts nothing. Invariant: nothing printed holds a credential.

mod people;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use crate::clients::{AuthentikReader, Base, Deadlines, Found, SeqnReader, Wire, check_oidc, connect_seqn, operations};
use crate::engine::HEAD_FILE;
use crate::guard::{FingerprintKey, Guard};
use crate::model::{MINUTE_MS, Platform};
use crate::platforms::discord::Discord;
use crate::platforms::slack::Slack;
use crate::ports::{Chat, Clock, Mode, SeqnRead};

use super::clock::SystemClock;
use super::config::{self, Config, ConfigError};
use super::incidents;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whether everything is as it should be.
    pub fine: bool,
    /// What to print.
    pub text: String,
}

/// Reads the configuration file with the system's credentials.
///
/// # Errors
/// When the file cannot be read. What is wrong inside is the inner error.
pub fn load(path: &Path) -> anyhow::Result<Result<Config, Vec<ConfigError>>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("The configuration {} cannot be read.", path.display()))?;
    Ok(config::parse(&text, &config::from_system))
}

/// Every error, one a paragraph.
#[must_use]
pub fn faults(errors: &[ConfigError]) -> String {
    let mut out = format!("The configuration has {} error(s).\n", errors.len());
    for error in errors {
        let key = if error.key.is_empty() { "the file" } else { &error.key };
        let _ = writeln!(out, "\n{key}\n  {}\n  {}", error.says, error.fix);
    }
    out
}

/// Checks the configuration file, and with `online` the outside systems too.
///
/// # Errors
/// When the file cannot be read.
pub async fn check(path: &Path, online: bool) -> anyhow::Result<Report> {
    let config = match load(path)? {
        Ok(config) => config,
        Err(errors) => return Ok(Report { fine: false, text: faults(&errors) }),
    };
    // Nothing is fingerprinted here, so that any key will do.
    let guard = Guard::new(FingerprintKey::new([0; 32])).with_own_secrets(config.secrets.iter().cloned());
    let (seqn, _) = connect_seqn(&config.seqn.client, &guard, Deadlines::default())?;
    let mut text = summary(&config, &seqn);
    let mut fine = !config.platforms().is_empty();
    if let Err(errors) = incidents::settings(&config, &guard) {
        fine = false;
        let _ = writeln!(text, "\nTemplates of incidents\n  {}", errors.join("\n  "));
    }
    if !fine {
        text.push_str("\nNo platform is on: `run` would refuse to start.\n");
    }
    if online {
        text.push_str("\nOnline\n");
        fine &= ask_seqn(&config, &seqn, &mut text).await;
        fine &= ask_authentik(&config, &guard, &mut text).await;
        fine &= people::ask(&config, &guard, &mut text).await;
        fine &= ask_issuer(&config, &guard, &mut text).await;
        fine &= try_ways_out(&config, &guard, &mut text).await;
        fine &= ask_platforms(&config, &guard, &mut text).await;
    }
    Ok(Report { fine, text: guard.redact(&text).into_owned() })
}

/// What the configuration amounts to.
fn summary(config: &Config, seqn: &SeqnReader) -> String {
    let mut out = String::from("The configuration has no errors.\n\nPlatforms\n");
    let on = config.platforms();
    for platform in [Platform::Slack, Platform::Discord] {
        let _ = writeln!(out, "  {platform}: {}", if on.contains(&platform) { "on" } else { "off" });
    }
    people::summary(config, &mut out);
    let _ = writeln!(out, "\nPlaces");
    for (platform, channel) in &config.rules.action_channels {
        let _ = writeln!(out, "  actions: {platform}:{channel}");
    }
    for place in &config.rules.approval_places {
        let _ = writeln!(out, "  approvals: {}:{}", place.platform, place.channel);
    }
    for place in &config.rules.security_places {
        let _ = writeln!(out, "  security: {}:{}", place.platform, place.channel);
    }
    for place in &config.rules.incident_places {
        let _ = writeln!(out, "  incidents: {}:{}", place.platform, place.channel);
    }
    let _ = writeln!(out, "\nAlerts");
    let on = |on: bool| if on { "on" } else { "off" };
    let _ = writeln!(out, "  scheduled checks: {}", on(config.alerts.checks));
    let _ = writeln!(out, "  Alertmanager's webhook: {}", on(config.alerts.alertmanager.is_some()));
    let pages =
        config.alerts.page.map_or("nobody is paged".to_owned(), |least| format!("paged from {} on", least.word()));
    let _ = writeln!(out, "  {pages}");
    let _ = writeln!(out, "\nSurfaces");
    for surface in &config.surfaces {
        let _ = writeln!(out, "  {}: {}", surface.name, surface.kind);
    }
    let tracker = if config.tracker.is_some() { "is told, and asked where it can be" } else { "there is none" };
    let _ = writeln!(out, "  tracker: {tracker}");
    let _ = writeln!(out, "\nNew keys");
    for (name, way) in config.handover.ways() {
        let _ = writeln!(out, "  {name}: {}", way.says());
    }
    if config.handover.ways().next().is_none() {
        let _ = writeln!(out, "  no way out: keys are rotated by hand in the hosted console");
    }
    head_lines(config, &mut out);
    let _ = writeln!(out, "\nRoutes of SEQN Auth");
    for (name, operation) in operations() {
        let _ = match seqn.mode(operation) {
            Mode::Api => writeln!(out, "  {name}: API"),
            Mode::Console { why, .. } => writeln!(out, "  {name}: console. {why}"),
        };
    }
    out
}

/// Where the audit trail's head is published.
fn head_lines(config: &Config, out: &mut String) {
    let heads = &config.audit.heads;
    let _ = writeln!(out, "\nAudit trail");
    if heads.every_ms == 0 {
        let _ = writeln!(
            out,
            "  note: its head is published nowhere but in the log; a full rewrite would show nowhere else"
        );
    }
    let every = heads.every_ms / (60 * MINUTE_MS);
    for place in &heads.places {
        let _ = writeln!(out, "  head, every {every} h: {}:{}", place.platform, place.channel);
    }
    for target in &heads.targets {
        let file = config.audit.file.as_ref().filter(|_| target == HEAD_FILE);
        let _ = match file {
            Some(file) => writeln!(out, "  head, every {every} h: {}", file.display()),
            None => writeln!(out, "  head, every {every} h: {target}"),
        };
    }
}

fn line(out: &mut String, fine: bool, what: &str, says: &str) -> bool {
    let _ = writeln!(out, "  {} {what}: {says}", if fine { "ok  " } else { "FAIL" });
    fine
}

async fn ask_seqn(config: &Config, seqn: &SeqnReader, out: &mut String) -> bool {
    let Some(canary) = &config.seqn.canary_org else {
        let _ = writeln!(out, "  --   SEQN Auth: seqn.canary_org is not set, so no route was tried.");
        return true;
    };
    let mut fine = true;
    for report in seqn.probe_routes(canary).await {
        let good = matches!(report.found, Found::There);
        // A route that is missing means console mode, which is a way to work.
        let bad = matches!(report.found, Found::NoRight | Found::Unknown);
        line(out, good || !bad, &format!("SEQN Auth {}", report.name), &report.says);
        fine &= !bad;
    }
    fine
}

async fn ask_authentik(config: &Config, guard: &Guard, out: &mut String) -> bool {
    if config.authentik.client.read_token.is_none() {
        let _ = writeln!(out, "  --   Authentik: authentik.read_token is not set, so nothing was asked.");
        return true;
    }
    let asked = match AuthentikReader::new(&config.authentik.client, guard, Deadlines::default()) {
        Ok(reader) => reader.check_credential().await.map_err(|error| error.to_string()),
        Err(bad) => Err(bad.to_string()),
    };
    match asked {
        Ok(()) => line(out, true, "Authentik", "The reading credential is accepted."),
        Err(says) => line(out, false, "Authentik", &says),
    }
}

/// Whether the issuer calls itself as configured, and has keys to sign with. No credential is sent.
async fn ask_issuer(config: &Config, guard: &Guard, out: &mut String) -> bool {
    let issuer = &config.authentik.issuer;
    let wire = Base::new("The OIDC issuer", issuer)
        .and_then(|base| Wire::new("authentik", guard.clone(), Deadlines::default(), base.is_loopback()));
    let asked = match wire {
        Ok(wire) => check_oidc(&wire, issuer).await.map_err(|trouble| trouble.to_string()),
        Err(bad) => Err(bad.to_string()),
    };
    match asked {
        Ok(keys) => line(out, true, "OIDC issuer", &format!("It is right and has {keys} signing key(s).")),
        Err(says) => line(out, false, "OIDC issuer", &says),
    }
}

/// Tries every way out for new keys with what is no key.
async fn try_ways_out(config: &Config, guard: &Guard, out: &mut String) -> bool {
    let mut fine = true;
    for (name, way) in config.handover.ways() {
        let what = format!("The way out for new keys ({name})");
        fine &= match way.test(guard).await {
            Ok(()) => line(out, true, &what, "It is open."),
            Err(no) => line(out, false, &what, &no.to_string()),
        };
    }
    fine
}

/// Asks every platform that is on, in the channels that the configuration names.
async fn ask_platforms(config: &Config, guard: &Guard, out: &mut String) -> bool {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let slack = config.slack.clone().map(|slack| Slack::new(slack, guard.clone(), Arc::clone(&clock)));
    let discord = config.discord.clone().map(|discord| Discord::new(discord, guard.clone(), Arc::clone(&clock)));
    let slack = slack.map(|made| made.map(|slack| slack as Arc<dyn Chat>));
    let discord = discord.map(|made| made.map(|discord| discord as Arc<dyn Chat>));
    let mut fine = true;
    for (name, platform, made) in [("Slack", Platform::Slack, slack), ("Discord", Platform::Discord, discord)] {
        match made {
            None => {}
            Some(Err(says)) => fine &= line(out, false, name, &says),
            Some(Ok(chat)) => {
                for found in chat.check_up(&channels(config, platform)).await {
                    fine &= line(out, found.fine, name, &found.says);
                }
            }
        }
    }
    fine
}

/// The channels of that platform that the configuration names, each once.
fn channels(config: &Config, platform: Platform) -> Vec<String> {
    let actions = config.rules.action_channels.iter().filter(|(of, _)| *of == platform).map(|(_, channel)| channel);
    let rules = &config.rules;
    let told = rules.approval_places.iter().chain(&rules.security_places).chain(&rules.incident_places);
    let told = told.chain(&config.audit.heads.places);
    let told = told.filter(|place| place.platform == platform);
    let all: BTreeSet<&String> = actions.chain(told.map(|place| &place.channel)).collect();
    all.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SecretSource;

    const EXAMPLE: &str = include_str!("../../deploy/seqn-chatops.example.toml");

    #[expect(clippy::unnecessary_wraps, reason = "it stands in for a look-up that can fail")]
    fn made_up(source: &SecretSource) -> Result<String, String> {
        let signs = matches!(source, SecretSource::Credential(name) if name.ends_with("-signing-secret"));
        Ok(if signs { format!("whsec_{}", "TWFkZSB1cCEh".repeat(4)) } else { format!("made up for {source}") })
    }

    #[test]
    fn the_example_is_a_whole_configuration() {
        let config = config::parse(EXAMPLE, &made_up).unwrap_or_else(|errors| unreachable!("{}", faults(&errors)));
        assert_eq!(config.platforms().len(), 2);
        let guard = Guard::new(FingerprintKey::new([0; 32]));
        let (seqn, _) = connect_seqn(&config.seqn.client, &guard, Deadlines::default()).expect("clients");
        let text = summary(&config, &seqn);
        for line in
            ["  slack: on", "  listSessions: API", "  revokeSession: console. ", "  kim (support): slack, discord"]
        {
            assert!(text.contains(line), "{line:?} is missing in {text}");
        }
    }

    /// A line such as `# sockets = 2` is a setting that the example leaves at its default.
    #[test]
    fn what_the_example_leaves_out_is_right_too() {
        let is_setting =
            |rest: &str| rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        // Both ways of passing a key on are shown; one at a time may stand.
        let example = EXAMPLE.replace("# file = ", "# (or) ");
        let uncommented: Vec<&str> = example
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|rest| is_setting(rest)).unwrap_or(line))
            .collect();
        let errors = config::parse(&uncommented.join("\n"), &made_up).err().unwrap_or_default();
        assert!(errors.is_empty(), "{}", faults(&errors));
    }

    #[tokio::test]
    async fn errors_are_printed_with_their_keys_and_fixes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bot.toml");
        std::fs::write(&path, "[store]\npth = \"/x\"\n").expect("written");
        let report = check(&path, false).await.expect("read");
        assert!(!report.fine);
        assert!(report.text.contains("\nstore.pth\n  There is no such setting.\n  Did you mean `path`?\n"));
        assert!(check(&folder.path().join("none"), false).await.is_err());
    }
}
