//! The people and channels of the sandbox: one list, so that emulators, stories and the seeded
//! configuration agree. It holds no behaviour.

/// One person in the sandbox's chats.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The name that stories use.
    pub name: &'static str,
    /// The role in the bot's configuration; `None` for somebody the bot does not know.
    pub role: Option<&'static str>,
    /// Slack user id.
    pub slack_user: &'static str,
    /// Slack home team id (another team than `SLACK_TEAM` is a Slack Connect guest).
    pub slack_team: &'static str,
    /// True for a Slack guest account (restricted).
    pub slack_guest: bool,
    /// Discord user id.
    pub discord_user: u64,
}

/// The sandbox's Slack team, app, bot user and enterprise-less context.
pub const SLACK_TEAM: &str = "T0SEQN";
/// The Slack app's id.
pub const SLACK_APP: &str = "A0SEQN";
/// The bot's Slack user id.
pub const SLACK_BOT_USER: &str = "U0SEQNBOT";
/// The bot's Slack bot id.
pub const SLACK_BOT: &str = "B0SEQNBOT";
/// The Discord server (guild) of the sandbox.
pub const DISCORD_GUILD: u64 = 900_000_000_000_000_001;
/// The Discord application, which is also the bot's user id.
pub const DISCORD_APP: u64 = 900_000_000_000_000_002;

const fn person(
    name: &'static str,
    role: Option<&'static str>,
    slack_user: &'static str,
    slack_team: &'static str,
    slack_guest: bool,
    discord_user: u64,
) -> Person {
    Person { name, role, slack_user, slack_team, slack_guest, discord_user }
}

/// Everybody.
pub const PEOPLE: [Person; 10] = [
    person("kim", Some("support"), "U0KIM", SLACK_TEAM, false, 910_000_000_000_000_001),
    person("joe", Some("support"), "U0JOE", SLACK_TEAM, false, 910_000_000_000_000_002),
    person("lee", Some("lead"), "U0LEE", SLACK_TEAM, false, 910_000_000_000_000_003),
    person("mira", Some("admin"), "U0MIRA", SLACK_TEAM, false, 910_000_000_000_000_004),
    person("sam", Some("security"), "U0SAM", SLACK_TEAM, false, 910_000_000_000_000_005),
    person("obi", Some("observer"), "U0OBI", SLACK_TEAM, false, 910_000_000_000_000_006),
    person("eve", None, "U0EVE", SLACK_TEAM, false, 910_000_000_000_000_007),
    person("pat", Some("support"), "U0PAT", "T0OTHER", false, 910_000_000_000_000_008),
    person("gus", None, "U0GUS", SLACK_TEAM, true, 910_000_000_000_000_009),
    person("ops", None, "U0OPS", SLACK_TEAM, false, 910_000_000_000_000_010),
];

/// One channel that exists on both platforms.
#[derive(Clone, Copy, Debug)]
pub struct Channel {
    /// Its name without `#`.
    pub name: &'static str,
    /// Slack channel id.
    pub slack: &'static str,
    /// Discord channel id.
    pub discord: u64,
}

/// The channels: `support` (actions may be asked), `approvals`, `incidents`, `security`, and `random` (nothing may be asked).
pub const CHANNELS: [Channel; 5] = [
    Channel { name: "support", slack: "C0SUPPORT", discord: 920_000_000_000_000_001 },
    Channel { name: "approvals", slack: "C0APPROVALS", discord: 920_000_000_000_000_002 },
    Channel { name: "incidents", slack: "C0INCIDENTS", discord: 920_000_000_000_000_003 },
    Channel { name: "security", slack: "C0SECURITY", discord: 920_000_000_000_000_004 },
    Channel { name: "random", slack: "C0RANDOM", discord: 920_000_000_000_000_005 },
];

/// The person of that name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|p| p.name == name)
}

/// The channel of that name.
#[must_use]
pub fn channel(name: &str) -> Option<&'static Channel> {
    CHANNELS.iter().find(|c| c.name == name)
}
