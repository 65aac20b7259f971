//! Scopes: which one each method asks for, and which ones the workspace has granted.
//!
//! The needs are those of Slack's documentation, for the methods that there are here. Invariant: a bot without the scope
//! gets `missing_scope` and nothing else.

use super::web::{Args, Failure};
use super::{Core, SlackSim};

/// The scopes of bots that this workspace knows.
const KNOWN: [&str; 21] = [
    "app_mentions:read",
    "channels:history",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:read",
    "team:read",
    "users:read",
    "users:read.email",
];

/// The kind of a conversation, as scopes are named after it.
fn kind(channel: &str) -> &'static str {
    match channel.chars().next() {
        Some('D') => "im",
        Some('G') => "groups",
        _ => "channels",
    }
}

/// The scopes that a call needs.
fn needed(method: &str, args: &Args) -> Vec<String> {
    let channel = args.text("channel").unwrap_or_default();
    let one = |scope: &str| vec![scope.to_owned()];
    let of = |what: &str| vec![format!("{}:{what}", kind(&channel))];
    // What is written into channels is called `manage` where they are public.
    let changes = |private: bool| one(if private { "groups:write" } else { "channels:manage" });
    match method {
        "chat.postMessage" | "chat.postEphemeral" | "chat.update" | "chat.delete" => one("chat:write"),
        "conversations.open" => one("im:write"),
        "conversations.info" => of("read"),
        "conversations.history" | "conversations.replies" => of("history"),
        "conversations.create" => changes(args.flag("is_private")),
        "conversations.setTopic" | "conversations.invite" => changes(kind(&channel) == "groups"),
        "conversations.list" | "users.conversations" => {
            let types = args.text("types").unwrap_or_else(|| "public_channel".to_owned());
            let scope = |kind: &str| match kind {
                "private_channel" => "groups:read".to_owned(),
                "im" | "mpim" => format!("{kind}:read"),
                _ => "channels:read".to_owned(),
            };
            types.split(',').map(|kind| scope(kind.trim())).collect()
        }
        "files.info" => one("files:read"),
        "files.delete" => one("files:write"),
        "users.info" | "bots.info" => one("users:read"),
        "team.info" => one("team:read"),
        _ => Vec::new(),
    }
}

/// Whether the bot may call that.
pub(super) fn check(core: &Core, method: &str, args: &Args) -> Result<(), Failure> {
    let granted = granted(core);
    let missing: Vec<String> = needed(method, args).into_iter().filter(|scope| !granted.contains(scope)).collect();
    if missing.is_empty() { Ok(()) } else { Err(Failure { error: "missing_scope", messages: missing }) }
}

/// The scopes that the bot has.
pub(super) fn granted(core: &Core) -> Vec<String> {
    core.state().granted.clone().unwrap_or_else(|| KNOWN.map(str::to_owned).to_vec())
}

impl SlackSim {
    /// Installs the app with these scopes; before that it has all that there are. Returns those that Slack does not know.
    pub fn install(&self, scopes: &[&str]) -> Vec<String> {
        let owned = |known: bool| {
            let fits = move |scope: &&&str| KNOWN.contains(*scope) == known;
            scopes.iter().filter(fits).map(|scope| (*scope).to_owned()).collect::<Vec<String>>()
        };
        self.core.state().granted = Some(owned(true));
        owned(false)
    }

    /// Takes one scope away, as installing an older manifest does.
    pub fn revoke(&self, scope: &str) {
        let left: Vec<String> = granted(&self.core).into_iter().filter(|held| held != scope).collect();
        self.core.state().granted = Some(left);
    }
}
