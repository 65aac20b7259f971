//! The sections of the chat platforms, `[slack]` and `[discord]`. Each may be off or missing.

use url::Url;

use crate::guard::Secret;
use crate::platforms::discord::{self, DiscordConfig};
use crate::platforms::slack::{self, SlackConfig};

use super::section::Section;

const SLACK_API: &str = "https://slack.com/api";
const DISCORD_API: &str = "https://discord.com";
/// Sockets where the configuration says nothing: two, so that one covers while the other is renewed.
const SOCKETS_DEFAULT: i64 = 2;
/// Slack allows an app ten sockets; half of them leaves room for a restart.
const SOCKETS_MOST: i64 = 5;
/// Digits of an id of Discord: a 64-bit number that grows with time since 2015.
const SNOWFLAKE_DIGITS: std::ops::RangeInclusive<usize> = 17..=20;

/// Longest name of an emoji, in characters (Slack: 100; Discord: 32).
const EMOJI_CHARS_MOST: usize = 100;

/// A platform as configured: whose it is, also while it is off.
#[derive(Default)]
pub(super) struct Chosen<T> {
    /// The team or guild that is ours, where the section says it.
    pub(super) home: String,
    /// How it is reached; `None` when it is off.
    pub(super) config: Option<T>,
}

/// `[slack]`.
pub(super) fn slack(section: &Section<'_>) -> Chosen<SlackConfig> {
    let on = section.flag("enabled", true) && section.is_there();
    let api_base = section.base("api_base", Some(SLACK_API));
    let team = if on {
        section.needed("team", "Write the id of your workspace, such as \"T0123456\".")
    } else {
        section.text("team")
    };
    let bot_token = slack_token(section, "bot_token", "xoxb-", true, on);
    let app_token = slack_token(section, "app_token", "xapp-", true, on);
    let admin_token = slack_token(section, "admin_token", "xoxp-", false, on);
    let sockets = section.number("sockets").unwrap_or(SOCKETS_DEFAULT);
    if !(1..=SOCKETS_MOST).contains(&sockets) {
        section.wrong("sockets", format!("It must be 1 to {SOCKETS_MOST}."), "Write 2, or remove the line.");
    }
    let note_emoji = emoji(section, slack::NOTE_EMOJI);
    section.end();
    if let Some(team) = team
        && !is_slack_id(team, "TE")
    {
        section.wrong("team", "It is no id of a workspace.", "Write it like \"T0123456\": it starts with T.");
    }
    let config = on.then_some(()).and_then(|()| {
        Some(SlackConfig {
            api_base: without_slash(&api_base?),
            team: team?.to_owned(),
            bot_token: bot_token?,
            app_token: app_token?,
            admin_token,
            sockets: u8::try_from(sockets).ok()?,
            note_emoji,
        })
    });
    Chosen { home: team.unwrap_or_default().to_owned(), config }
}

fn slack_token(section: &Section<'_>, key: &str, starts: &str, needed: bool, on: bool) -> Option<Secret> {
    let token = section.secret(key, needed, on)?;
    let other = ["xoxb-", "xapp-", "xoxp-"].iter().any(|known| *known != starts && token.expose().starts_with(known));
    if other {
        section.wrong(key, "It is another kind of Slack token.", format!("Use the one that starts with {starts}"));
    }
    Some(token)
}

/// `[discord]`.
pub(super) fn discord(section: &Section<'_>) -> Chosen<DiscordConfig> {
    let on = section.flag("enabled", true) && section.is_there();
    let api_base = section.base("api_base", Some(DISCORD_API));
    let gateway = section.text("gateway").filter(|text| {
        let good = socket_url(text);
        if !good {
            let fix = "Remove the line: Discord says itself where it is. Plain ws is for this machine only.";
            section.wrong("gateway", "It is no wss URL.", fix);
        }
        good
    });
    let written = section.digits("guild");
    let guild = written.as_deref().and_then(snowflake);
    if written.is_some() && guild.is_none() {
        section.wrong("guild", "It is no id of a server.", "Copy the server's id from Discord: 17 to 20 digits.");
    } else if written.is_none() && on {
        section.wrong("guild", "It is missing.", "Copy the server's id from Discord: 17 to 20 digits.");
    }
    let token = section.secret("token", true, on);
    let content = section.flag("content", true);
    let automod = section.flag("automod", true);
    let note_emoji = emoji(section, discord::NOTE_EMOJI);
    section.end();
    let config = on.then_some(()).and_then(|()| {
        let gateway = gateway.map(str::to_owned);
        let api_base = without_slash(&api_base?);
        // Which channel the incidents have is said under [places].
        let incidents = None;
        Some(DiscordConfig { api_base, gateway, guild: guild?, token: token?, content, automod, incidents, note_emoji })
    });
    Chosen { home: guild.map(|guild| guild.to_string()).unwrap_or_default(), config }
}

/// The emoji that puts a message on an incident's timeline; colons around a name are taken off.
fn emoji(section: &Section<'_>, usual: &str) -> String {
    let name = section.text("note_emoji").unwrap_or(usual).trim_matches(':');
    if name.is_empty() || name.chars().count() > EMOJI_CHARS_MOST || name.contains(char::is_whitespace) {
        section.wrong("note_emoji", "It is no emoji.", format!("Write one like \"{usual}\", or remove the line."));
    }
    name.to_owned()
}

fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// wss, or ws on loopback.
fn socket_url(text: &str) -> bool {
    let web = match text.split_once("://") {
        Some(("wss", rest)) => format!("https://{rest}"),
        Some(("ws", rest)) => format!("http://{rest}"),
        _ => return false,
    };
    let base = Url::parse(&web).ok().map(|mut url| {
        url.set_query(None);
        crate::clients::Base::new("It", &url).is_ok()
    });
    base == Some(true)
}

/// An id of Discord.
pub(super) fn snowflake(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && SNOWFLAKE_DIGITS.contains(&text.len());
    if digits { text.parse().ok() } else { None }
}

/// An id of Slack that starts with one of these letters.
pub(super) fn is_slack_id(text: &str, letters: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    plain && text.len() >= 3 && text.starts_with(|first| letters.contains(first))
}
