//! The sandbox's configuration: the text that the real bot reads, made from the cast and the emulators.

use std::fmt::Write as _;
use std::path::Path;

use super::cast::{CHANNELS, DISCORD_GUILD, PEOPLE, SLACK_TEAM, channel};

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
        "SLACK_BOT_TOKEN" => format!("xoxb-{}", made("slack-bot")),
        "SLACK_ADMIN_TOKEN" => format!("xoxp-{}", made("slack-admin")),
        "SLACK_APP_TOKEN" => format!("xapp-{}", made("slack-app")),
        "DISCORD_TOKEN" => made("discord"),
        "SEQN_CANARY_SECRET_KEY" => super::world::World::canary_secret_key(),
        _ => return None,
    })
}

/// The configuration's text.
#[must_use]
pub fn text(at: &Addresses, database: &Path, slack: bool, discord: bool) -> String {
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
        slack_base = at.slack,
        discord_base = at.discord,
        gateway = at.gateway,
    );
    places(&mut out);
    staff(&mut out);
    out
}

fn places(out: &mut String) {
    let both = |names: &[&str]| {
        let of = |name: &&str| channel(name).map(|c| format!("\"slack:{}\", \"discord:{}\"", c.slack, c.discord));
        names.iter().filter_map(of).collect::<Vec<_>>().join(", ")
    };
    let _ = writeln!(
        out,
        "[places]\nactions = [{}]\napprovals = [{}]\nsecurity = [{}]\n",
        both(&["support", "incidents"]),
        both(&["approvals"]),
        both(&["security"])
    );
    debug_assert!(CHANNELS.len() >= 3, "the sandbox has the channels that the places name");
}

fn staff(out: &mut String) {
    for person in PEOPLE.iter().filter(|p| p.role.is_some()) {
        let role = person.role.unwrap_or_default();
        let mut name: String = person.name.to_owned();
        if let Some(first) = name.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        let _ = writeln!(
            out,
            "[[staff]]\nid = \"{}\"\nname = \"{name}\"\nroles = [\"{role}\"]\nemail = \"{}@seqn.example\"\nslack = \"{SLACK_TEAM}/{}\"\ndiscord = \"{}\"\nconsole = true\n",
            person.name, person.name, person.slack_user, person.discord_user
        );
    }
}
