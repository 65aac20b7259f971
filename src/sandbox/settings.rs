//! The sandbox's configuration: the text that the real bot reads, made from the cast and the emulators.

use std::fmt::Write as _;
use std::path::Path;

use super::cast::{CHANNELS, DISCORD_GUILD, PEOPLE, SLACK_TEAM, channel};
use super::sealed::{ACME, EVERYBODY};
use super::targets::{NTFY_TOPIC, RT_QUEUE, STATUS_REPO, STATUSPAGE_PAGE, SUPPORT_REPO, TargetSims};

/// The way out for new keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Sealed with age to the sandbox's receivers.
    #[default]
    Sealed,
    /// None.
    Off,
    /// To a command, and not sealed.
    Command,
    /// Sealed, and to a command whose test goes well and which then fails.
    Failing,
    /// To a command that fails, and not sealed.
    Losing,
    /// To a command whose test fails.
    Broken,
    /// Into a file, and not sealed.
    File,
}

impl Way {
    /// The way that a story calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sealed" => Self::Sealed,
            "off" => Self::Off,
            "command" => Self::Command,
            "failing" => Self::Failing,
            "losing" => Self::Losing,
            "broken" => Self::Broken,
            "file" => Self::File,
            _ => return None,
        })
    }
}

/// The support tracker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrackerKind {
    /// The issues of a repository on GitHub.
    #[default]
    Github,
    /// Request Tracker.
    RequestTracker,
}

impl TrackerKind {
    /// The tracker that a story calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "github" => Some(Self::Github),
            "request-tracker" => Some(Self::RequestTracker),
            _ => None,
        }
    }
}

/// What differs from the sandbox's usual configuration, from the next start of the bot.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// Whether the routes that rotate keys are enabled.
    pub rotation: bool,
    /// The way out for new keys.
    pub way: Way,
    /// Whether the scheduled checks are made.
    pub checks: bool,
    /// The support tracker.
    pub tracker: TrackerKind,
    /// Further sections, for the end of the configuration's text.
    pub more: String,
    /// Whether Authentik's groups give roles: Mira's then come from there.
    pub identity: bool,
    /// Whether whoever gets an account has to sign in first.
    pub login: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            rotation: true,
            way: Way::Sealed,
            checks: false,
            tracker: TrackerKind::Github,
            more: String::new(),
            identity: false,
            login: false,
        }
    }
}

/// Where the emulators listen.
pub struct Addresses {
    /// Slack's Web API.
    pub slack: String,
    /// Discord's REST API.
    pub discord: String,
    /// Discord's gateway.
    pub gateway: String,
    /// SEQN Auth.
    pub seqn: String,
    /// Authentik.
    pub authentik: String,
}

/// The credentials of the sandbox by the name that the configuration uses; made at run time.
#[must_use]
pub fn secret(name: &str) -> Option<String> {
    let made = |kind: &str| format!("sandbox-{kind}-{}", "0Kq7Zr".repeat(3));
    Some(match name {
        "SEQN_READ_TOKEN" => made("seqn-read"),
        "SEQN_ACT_TOKEN" => made("seqn-act"),
        "AUTHENTIK_READ_TOKEN" => made("authentik-read"),
        "AUTHENTIK_ACT_TOKEN" => made("authentik-act"),
        "AUTHENTIK_LOGIN_SECRET" => made("authentik-login"),
        "SLACK_BOT_TOKEN" => format!("xoxb-{}", made("slack-bot")),
        "SLACK_ADMIN_TOKEN" => format!("xoxp-{}", made("slack-admin")),
        "SLACK_APP_TOKEN" => format!("xapp-{}", made("slack-app")),
        "DISCORD_TOKEN" => made("discord"),
        "SEQN_CANARY_SECRET_KEY" => super::world::World::canary_secret_key(),
        "PAGERDUTY_ROUTING_KEY" => "0Kq7Zr3x".repeat(4),
        "OPSGENIE_KEY" => made("opsgenie"),
        "NTFY_TOKEN" => made("ntfy"),
        "STATUSPAGE_KEY" => made("statuspage"),
        "GITHUB_TOKEN" => made("github"),
        "REQUEST_TRACKER_TOKEN" => format!("1-14-{}", made("request-tracker")),
        "ALERTMANAGER_TOKEN" => made("alertmanager"),
        "WEBHOOK_SECRET" => format!("whsec_{}", "U2VxbkNoYXRPcHNT".repeat(3)),
        _ => return None,
    })
}

/// The names of all of them.
pub const SECRETS: [&str; 18] = [
    "SEQN_READ_TOKEN",
    "SEQN_ACT_TOKEN",
    "AUTHENTIK_READ_TOKEN",
    "AUTHENTIK_ACT_TOKEN",
    "AUTHENTIK_LOGIN_SECRET",
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_ADMIN_TOKEN",
    "DISCORD_TOKEN",
    "SEQN_CANARY_SECRET_KEY",
    "PAGERDUTY_ROUTING_KEY",
    "OPSGENIE_KEY",
    "NTFY_TOKEN",
    "STATUSPAGE_KEY",
    "GITHUB_TOKEN",
    "REQUEST_TRACKER_TOKEN",
    "WEBHOOK_SECRET",
    "ALERTMANAGER_TOKEN",
];

/// The webhook of an Alertmanager; the bot has to listen somewhere.
pub const ALERTMANAGER: &str = "\n[alerts.alertmanager]\ntoken = { env = \"ALERTMANAGER_TOKEN\" }\n";
/// The bot listens where the system wants it.
pub const LISTENER: &str = "\n[health]\nlisten = \"127.0.0.1:0\"\n";

/// What becomes of alerts; the scheduled checks are made only where a story is about them.
#[must_use]
pub fn alerts(checks: bool) -> String {
    format!("\n[alerts]\nchecks = {checks}\npage = \"sev1\"\n")
}

/// The surfaces, all on, for the end of the configuration's text.
#[must_use]
pub fn surfaces(sims: &TargetSims) -> String {
    format!(
        r#"
[targets.pagerduty]
kind = "pagerduty"
base = "{pagerduty}"
routing_key = {{ env = "PAGERDUTY_ROUTING_KEY" }}

[targets.opsgenie]
kind = "opsgenie"
base = "{opsgenie}"
key = {{ env = "OPSGENIE_KEY" }}

[targets.ntfy]
kind = "ntfy"
base = "{ntfy}"
topic = "{NTFY_TOPIC}"
token = {{ env = "NTFY_TOKEN" }}

[targets.status-page]
kind = "status-page"
folder = {folder:?}
url = "https://status.seqn.example"
title = "SEQN Auth"

[targets.statuspage]
kind = "statuspage"
base = "{statuspage}"
page = "{STATUSPAGE_PAGE}"
key = {{ env = "STATUSPAGE_KEY" }}

[targets.upptime]
kind = "github-issues"
base = "{github}"
repo = "{STATUS_REPO}"
token = {{ env = "GITHUB_TOKEN" }}

[targets.webhook]
kind = "webhook"
url = "{webhook}"
secret = {{ env = "WEBHOOK_SECRET" }}

[audit]
every_hours = 24
channels = [{security}]
ntfy = "ntfy"
file = {heads:?}
"#,
        pagerduty = sims.pagerduty.base_url(),
        opsgenie = sims.opsgenie.base_url(),
        ntfy = sims.ntfy.base_url(),
        folder = sims.status_folder.display().to_string(),
        statuspage = sims.statuspage.base_url(),
        github = sims.github.base_url(),
        webhook = sims.webhook.base_url(),
        security = both(&["security"]),
        heads = sims.head_file().display().to_string(),
    )
}

/// The support tracker, for the end of the configuration's text.
#[must_use]
pub fn tracker(sims: &TargetSims, kind: TrackerKind) -> String {
    match kind {
        TrackerKind::Github => format!(
            r#"
[tracker]
kind = "github"
base = "{github}"
repo = "{SUPPORT_REPO}"
prefix = "SUP-"
internal = true
token = {{ env = "GITHUB_TOKEN" }}
labels = ["chatops"]
"#,
            github = sims.github.base_url(),
        ),
        TrackerKind::RequestTracker => format!(
            r#"
[tracker]
kind = "request-tracker"
base = "{rt}"
queue = "{RT_QUEUE}"
prefix = "SUP-"
token = {{ env = "REQUEST_TRACKER_TOKEN" }}
"#,
            rt = sims.request_tracker.base_url(),
        ),
    }
}

/// The configuration's text.
#[must_use]
pub fn text(at: &Addresses, database: &Path, slack: bool, discord: bool, keys: (&Knobs, &Path)) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        r#"[store]
path = {database:?}

[seqn]
base = "{seqn}"
console = "https://accounts.seqn.example/auth/console"
read_token = {{ env = "SEQN_READ_TOKEN" }}
act_token = {{ env = "SEQN_ACT_TOKEN" }}
canary_org = "canary"
publishable_key = "{publishable}"
canary_secret_key = {{ env = "SEQN_CANARY_SECRET_KEY" }}

[seqn.routes]
revokeSession = {{ enabled = true }}
updateMemberRole = {{ enabled = true }}
updateProject = {{ enabled = true }}
updateSubscription = {{ enabled = true }}
testWebhook = {{ enabled = true }}
rotateProjectSecret = {{ enabled = {rotation} }}
rotateWebhookSecret = {{ enabled = {rotation} }}

[authentik]
base = "{authentik}"
issuer = "{authentik}/application/o/silver-auth/"
read_token = {{ env = "AUTHENTIK_READ_TOKEN" }}
act_token = {{ env = "AUTHENTIK_ACT_TOKEN" }}

[slack]
enabled = {slack}
api_base = "{slack_base}"
team = "{SLACK_TEAM}"
bot_token = {{ env = "SLACK_BOT_TOKEN" }}
admin_token = {{ env = "SLACK_ADMIN_TOKEN" }}
app_token = {{ env = "SLACK_APP_TOKEN" }}

[discord]
enabled = {discord}
api_base = "{discord_base}"
gateway = "{gateway}"
guild = "{DISCORD_GUILD}"
token = {{ env = "DISCORD_TOKEN" }}

"#,
        database = database.display().to_string(),
        seqn = at.seqn,
        publishable = super::world::World::canary_publishable_key(),
        authentik = at.authentik,
        rotation = keys.0.rotation,
        slack_base = at.slack,
        discord_base = at.discord,
        gateway = at.gateway,
    );
    handover(&mut out, keys.0.way, &keys.1.display().to_string());
    places(&mut out);
    staff(&mut out, keys.0.identity);
    out
}

/// The ways out: everybody's keys are received by one team, those of `acme` by another besides.
fn handover(out: &mut String, way: Way, folder: &str) {
    let sealed = format!("age_recipients = [\"{EVERYBODY}\"]");
    let command = |does: &str, test: &str| {
        let words = format!("[\"/bin/sh\", \"-c\", \"{does}\", \"{{item}}\", \"{{request}}\"]");
        format!("command = {words}\ncommand_test = [\"/bin/sh\", \"-c\", \"{test}\"]")
    };
    let (takes, open) = (format!("umask 077; cat > {folder}/$0.$1"), format!("test -w {folder}"));
    let lines = match way {
        Way::Off => return,
        Way::Sealed => format!(
            "{sealed}\n[handover.teams.acme-platform]\norgs = [\"acme\"]\nage_recipients = [\"{EVERYBODY}\", \"{ACME}\"]"
        ),
        Way::Command => command(&takes, &open),
        Way::Failing => format!("{sealed}\n{}", command("cat > /dev/null; exit 3", &open)),
        Way::Losing => command("cat > /dev/null; exit 3", &open),
        Way::Broken => command(&takes, "exit 4"),
        Way::File => format!("file = \"{folder}/{{item}}.{{request}}\""),
    };
    let _ = writeln!(out, "[handover]\n{lines}\n");
}

/// These channels on both platforms, as a list has them.
fn both(names: &[&str]) -> String {
    let of = |name: &&str| channel(name).map(|c| format!("\"slack:{}\", \"discord:{}\"", c.slack, c.discord));
    names.iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

fn places(out: &mut String) {
    let _ = writeln!(
        out,
        "[places]\nactions = [{}]\napprovals = [{}]\nsecurity = [{}]\nincidents = [{}]\n",
        both(&["support", "incidents"]),
        both(&["approvals"]),
        both(&["security"]),
        both(&["incidents"])
    );
    debug_assert!(CHANNELS.len() >= 3, "the sandbox has the channels that the places name");
}

/// Whose roles come from Authentik's groups, where they give any; by the name that she has there too.
const LINKED: &str = "mira";
/// Her key there.
const LINKED_USER: i64 = 5;

fn staff(out: &mut String, identity: bool) {
    out.push_str("[break_glass]\npeople = [\"mira\"]\n\n");
    if identity {
        out.push_str("[identity]\nsource = \"authentik\"\n\n[identity.groups]\n\"SEQN-Support\" = \"support\"\n\n");
    }
    for person in PEOPLE.iter().filter(|p| p.role.is_some()) {
        let role = person.role.unwrap_or_default();
        let mut name: String = person.name.to_owned();
        if let Some(first) = name.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        let roles = match person.name {
            LINKED if identity => format!("authentik = \"{}\"", super::world::World::user_uuid(LINKED_USER)),
            _ => format!("roles = [\"{role}\"]"),
        };
        let _ = writeln!(
            out,
            "[[staff]]\nid = \"{}\"\nname = \"{name}\"\n{roles}\nemail = \"{}@seqn.example\"\nslack = \"{SLACK_TEAM}/{}\"\ndiscord = \"{}\"\nconsole = true\n",
            person.name, person.name, person.slack_user, person.discord_user
        );
    }
}
