//! The configuration as operators write it, right and wrong.

use super::*;

mod approvals;
mod identity;
mod surfaces;

/// A configuration without faults; `slack`, `discord` and `staff` are the lines that tests change.
fn written(store: &str, slack: &str, discord: &str, staff: &str) -> String {
    format!(
        r#"
[store]
{store}
[seqn]
read_token = {{ env = "SEQN_READ" }}
act_token = {{ credential = "seqn-act" }}
canary_org = "canary"
[seqn.routes.revokeSession]
enabled = true
[authentik]
base = "https://auth.seqn.in"
issuer = "https://auth.seqn.in/application/o/silver-auth/"
read_token = {{ file = "/run/secrets/authentik-read" }}
[slack]
{slack}
[discord]
{discord}
[roles.night]
like = "support"
{staff}
[places]
actions = ["slack:C0SUPPORT", "discord:920000000000000001"]
approvals = ["slack:C0APPROVALS"]
"#
    )
}

const STORE: &str = r#"path = "/var/lib/bot.db""#;
const SLACK: &str = "team = \"T0SEQN\"\nbot_token = { env = \"SLACK_BOT\" }\napp_token = { env = \"SLACK_APP\" }";
const DISCORD: &str = "guild = \"900000000000000001\"\ntoken = { env = \"DISCORD\" }";
const STAFF: &str = r#"
[[staff]]
id = "kim"
name = "Kim"
roles = ["night"]
slack = "T0SEQN/U0KIM"
discord = "910000000000000001"
[[staff]]
id = "lee"
roles = ["lead"]
slack = "T0SEQN/U0LEE"
console = true
[[staff]]
id = "sam"
roles = ["security"]
discord = 910000000000000005
"#;

#[expect(clippy::unnecessary_wraps, reason = "it stands in for a look-up that can fail")]
fn look_up(source: &SecretSource) -> Result<String, String> {
    Ok(match source {
        SecretSource::Env(name) if name == "SLACK_BOT" => concat!("xoxb", "-correct-horse").to_owned(),
        SecretSource::Env(name) if name == "SLACK_APP" => concat!("xapp", "-correct-horse").to_owned(),
        other => format!("correct horse of {other}\n"),
    })
}

fn errors(text: &str) -> Vec<ConfigError> {
    parse(text, &look_up).err().unwrap_or_default()
}

fn keys(text: &str) -> Vec<String> {
    errors(text).into_iter().map(|error| error.key).collect()
}

#[test]
fn a_whole_one_is_read() {
    let config = parse(&written(STORE, SLACK, DISCORD, STAFF), &look_up).map_err(|e| format!("{e:#?}")).err();
    assert_eq!(config, None);
    let config = parse(&written(STORE, SLACK, DISCORD, STAFF), &look_up).unwrap_or_else(|_| unreachable!());
    assert_eq!(config.seqn.client.console.as_str(), "https://accounts.seqn.in/auth/console");
    assert_eq!(config.secrets.len(), 6);
    assert_eq!(config.platforms(), BTreeSet::from([Platform::Slack, Platform::Discord]));
    assert_eq!(config.rules.discord_guild, "900000000000000001");
    assert_eq!(config.rules.action_channels.len(), 2);
    assert_eq!(config.rules.approval_places[0].team, "T0SEQN");
    let lee = &config.rules.staff[1];
    assert_eq!((lee.name.as_str(), lee.accounts.len()), ("lee", 2));
    assert_eq!((lee.accounts[1].team.as_str(), lee.accounts[1].user.as_str()), ("local", "lee"));
    let read = config.seqn.client.read_token.expect("a token");
    assert_eq!(read.expose(), "correct horse of the environment variable SEQN_READ");
}

#[test]
fn the_incidents_channel_and_the_emoji_are_read() {
    let whole = written(STORE, SLACK, DISCORD, STAFF);
    let config = parse(&whole, &look_up).unwrap_or_else(|_| unreachable!());
    assert!(config.rules.incident_places.is_empty());
    let discord = config.discord.expect("it is on");
    assert_eq!((discord.incidents, discord.note_emoji.as_str()), (None, "📌"));
    let places = "[places]\nincidents = [\"slack:C0INC\", \"discord:920000000000000003\"]\n";
    let text = whole.replace("[places]\n", places).replace("[slack]\n", "[slack]\nnote_emoji = \":pin:\"\n");
    let config = parse(&text, &look_up).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(config.discord.expect("it is on").incidents, Some(920_000_000_000_000_003));
    assert_eq!(config.slack.expect("it is on").note_emoji, "pin");
    let home = config.rules.incidents_on(Platform::Slack).expect("it is named");
    assert_eq!((home.team.as_str(), home.channel.as_str()), ("T0SEQN", "C0INC"));
    let twice = text.replace("\"slack:C0INC\", ", "\"slack:C0INC\", \"slack:C0TWO\", ");
    assert_eq!(keys(&twice), ["places.incidents"]);
    assert_eq!(keys(&text.replace(":pin:", "two words")), ["slack.note_emoji"]);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let staff = "[[staff]]\nid = \"kim\"\nroles = [\"boss\"]\nslack = \"T0OTHER/U0KIM\"\n\
        [[staff]]\nid = \"kim\"\nrole = [\"lead\"]\ndiscord = \"kim\"";
    let slack = "team = \"seqn\"\nbot_tokn = 1\napp_token = { env = \"SLACK_BOT\" }\nsockets = 9";
    let found = keys(&written("", slack, "guild = 7", staff));
    for key in [
        "store.path",
        "slack.team",
        "slack.bot_token",
        "slack.bot_tokn",
        "slack.app_token",
        "slack.sockets",
        "discord.guild",
        "discord.token",
        "staff[1].roles",
        "staff[1].slack",
        "staff[2].roles",
        "staff[2].role",
        "staff[2].discord",
        "staff[2].id",
        "staff",
    ] {
        assert!(found.iter().any(|known| known == key), "{key} is missing in {found:#?}");
    }
}

#[test]
fn unknown_keys_are_errors_with_a_guess() {
    let text = format!("{}\n[helth]\nlisten = \"127.0.0.1:1\"\n", written(STORE, SLACK, DISCORD, STAFF));
    let all = errors(&text);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!((all[0].key.as_str(), all[0].fix.as_str()), ("helth", "Did you mean `health`?"));
    let odd = errors(&written("path = \"/x\"\nzzz = 1", SLACK, DISCORD, STAFF));
    assert_eq!(odd[0].fix, "Remove it. Known here: path.");
}

#[test]
fn a_credential_in_the_file_is_refused_and_not_repeated() {
    let token = concat!("xoxb", "-123456789012-1234567890123-", "AbCdEfGhIjKlMnOpQrStUvWx");
    let places = [
        written(STORE, &SLACK.replace("{ env = \"SLACK_BOT\" }", &format!("{token:?}")), DISCORD, STAFF),
        written(STORE, &SLACK.replace("\"SLACK_BOT\"", &format!("{token:?}")), DISCORD, STAFF),
        written(STORE, &format!("{SLACK}\n{token:?} = 1"), DISCORD, STAFF),
        written(STORE, &format!("{SLACK}\nbroken = {token}"), DISCORD, STAFF),
        written(STORE, SLACK, DISCORD, &STAFF.replace("night", token)),
    ];
    for text in places {
        let all = errors(&text);
        assert!(!all.is_empty());
        assert!(!format!("{all:?}").contains("StUvWx"), "{all:#?}");
    }
    let inline = errors(&written(STORE, &SLACK.replace("{ env = \"SLACK_BOT\" }", "\"x\""), DISCORD, STAFF));
    assert!(inline[0].says.contains("must not be written into this file"), "{inline:#?}");
}

#[test]
fn a_secret_is_no_name_and_no_address() {
    let key = format!("{}{}", concat!("sk_", "live_"), "9vKq2XwZ7rTn4LhB6mYc1DsF8gJp3QaE");
    for (text, at) in [
        (written(STORE, SLACK, DISCORD, &STAFF.replace("\"Kim\"", &format!("{key:?}"))), "staff[1].name"),
        (written(STORE, SLACK, DISCORD, &STAFF.replace("\"lead\"", &format!("\"lead\", {key:?}"))), "staff[2].roles"),
        (written(&format!("path = \"/var/{key}\""), SLACK, DISCORD, STAFF), "store.path"),
    ] {
        let all = errors(&text);
        assert!(all.iter().any(|error| error.key == at && error.says.contains("raw secret")), "{at}: {all:#?}");
        assert!(!format!("{all:?}").contains("8gJp3QaE"), "{all:#?}");
    }
}

#[test]
fn slack_connect_accounts_are_not_staff() {
    let all = errors(&written(STORE, SLACK, DISCORD, &STAFF.replace("T0SEQN/U0KIM", "T0OTHER/U0KIM")));
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].key == "staff[1].slack" && all[0].says.contains("Slack Connect"), "{all:#?}");
}

#[test]
fn accounts_belong_to_one_person() {
    let all = errors(&written(STORE, SLACK, DISCORD, &STAFF.replace("U0LEE", "U0KIM")));
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].key == "staff[2].slack" && all[0].says.contains("kim"), "{all:#?}");
}

#[test]
fn somebody_must_be_able_to_agree() {
    let alone = STAFF.replace("\"security\"", "\"observer\"");
    assert_eq!(keys(&written(STORE, SLACK, DISCORD, &alone)), ["staff"]);
    assert_eq!(keys(&written(STORE, SLACK, DISCORD, "")), ["staff"]);
}

#[test]
fn a_platform_may_be_off_or_missing() {
    let off = written(STORE, SLACK, "enabled = false\ntoken = { env = \"NOT_LOOKED_UP\" }", STAFF);
    let config = parse(&off, &|source: &SecretSource| match source {
        SecretSource::Env(name) if name == "NOT_LOOKED_UP" => Err("never".into()),
        other => look_up(other),
    });
    let config = config.unwrap_or_else(|errors| unreachable!("{errors:#?}"));
    assert!(config.discord.is_none() && config.slack.is_some());
    assert_eq!(config.rules.action_channels.len(), 1);
    let text = off.replace("[discord]\nenabled = false\ntoken = { env = \"NOT_LOOKED_UP\" }\n", "");
    assert_eq!(keys(&text), Vec::<String>::new());
}

#[test]
fn addresses_are_https_unless_loopback() {
    let far = format!("{SLACK}\napi_base = \"http://slack.com/api\"");
    assert_eq!(keys(&written(STORE, &far, DISCORD, STAFF)), ["slack.api_base"]);
    let near = format!("{SLACK}\napi_base = \"http://127.0.0.1:4000/api\"");
    assert_eq!(keys(&written(STORE, &near, DISCORD, STAFF)), Vec::<String>::new());
    for (gateway, good) in [("ws://127.0.0.1:9", true), ("wss://gateway.discord.gg", true), ("ws://far.example", false)]
    {
        let discord = format!("{DISCORD}\ngateway = \"{gateway}\"");
        assert_eq!(keys(&written(STORE, SLACK, &discord, STAFF)).is_empty(), good, "{gateway}");
    }
}

#[test]
fn reading_and_acting_need_their_own_credential() {
    let text =
        written(STORE, SLACK, DISCORD, STAFF).replace("{ credential = \"seqn-act\" }", "{ env = \"SEQN_READ\" }");
    assert_eq!(keys(&text), ["seqn.act_token"]);
}

#[test]
fn syntax_errors_name_the_line_only() {
    let all = errors("[store]\npath = correct horse\n");
    assert_eq!(all.len(), 1);
    assert!(all[0].says.starts_with("Line 2 is no TOML") && !all[0].says.contains("horse"), "{all:#?}");
}

/// A section of the guard that is right.
const GUARD: &str = r#"
[guard]
allow_test_keys = false
authentik_token_chars = 72
allow = ["0123456789abcdef0123456789ABCDEF", "acme-demo-[0-9]+"]
[[guard.rules]]
name = "acme-key"
pattern = "acme_([A-Za-z0-9]{20})"
keywords = ["acme_"]
example = "acme_a1B2c3D4e5F6g7H8i9J0"
lookalike = "acme_your-key-here"
"#;

#[test]
fn the_guard_learns_rules_and_what_to_let_pass() {
    let text = format!("{}{GUARD}", written(STORE, SLACK, DISCORD, STAFF));
    let config = parse(&text, &look_up).unwrap_or_else(|errors| unreachable!("{errors:#?}"));
    assert_eq!((config.guard.allow_test_keys, config.guard.authentik_token_chars), (false, 72));
    let guard = Guard::new(FingerprintKey::new([0; 32])).with_settings(config.guard);
    assert_eq!(guard.redact("acme_a1B2c3D4e5F6g7H8i9J1"), "acme_[redacted: secret of a rule of your own]");
    assert_eq!(guard.findings("acme_a1B2c3D4e5F6g7H8i9J1")[0].rule.as_str(), "acme-key");
}

#[test]
fn refused_rules_of_the_guard_are_said_at_once_and_not_repeated() {
    let bad = GUARD
        .replace("[A-Za-z0-9]{20})", "[A-Za-z0-9]{20}")
        .replace("\"acme-demo-[0-9]+\"", "\"acme-demo-[0-9]+\", \".*\"")
        .replace("= 72", "= 7")
        .replace("lookalike =", "look_alike =");
    let all = errors(&format!("{}{bad}", written(STORE, SLACK, DISCORD, STAFF)));
    let keys: Vec<&str> = all.iter().map(|error| error.key.as_str()).collect();
    for key in ["guard.authentik_token_chars", "guard.allow[3]", "guard.rules[1].look_alike", "guard.rules[1].pattern"]
    {
        assert!(keys.contains(&key), "{key} is missing in {all:#?}");
    }
    let said = format!("{all:?}");
    assert!(said.contains("unclosed group") && !said.contains("a1B2c3") && !said.contains("A-Za-z"), "{said}");
}

#[test]
fn what_would_be_proposed_has_a_channel_and_who_reports_a_token() {
    let with = |more: &str| format!("{}{more}", written(STORE, SLACK, DISCORD, STAFF));
    let read = |more: &str| parse(&with(more), &look_up).unwrap_or_else(|e| unreachable!("{e:?}")).alerts;
    assert!(!read("").checks, "there is nowhere to propose anything");
    let home = "incidents = [\"slack:C0INCIDENTS\"]\n";
    assert!(read(home).checks && read(home).page.is_none() && read(home).alertmanager.is_none());
    assert!(!read(&format!("{home}[alerts]\nchecks = false")).checks);
    assert_eq!(read(&format!("{home}[alerts]\npage = \"sev2\"")).page, Some(crate::model::Severity::Sev2));
    let source = "[alerts.alertmanager]\ntoken = { env = \"TOKEN\" }\n";
    let listens = "[health]\nlisten = \"127.0.0.1:9464\"\n";
    assert!(read(&format!("{home}{source}{listens}")).alertmanager.is_some());
    assert!(read(&format!("{home}{source}enabled = false\n")).alertmanager.is_none());
    for (more, key) in [
        ("[alerts]\nchecks = true".to_owned(), "alerts.checks"),
        (format!("{home}[alerts]\npage = \"loud\""), "alerts.page"),
        (format!("{home}{source}"), "alerts.alertmanager"),
        (format!("{source}{listens}"), "alerts.alertmanager"),
        (format!("{home}[alerts.alertmanager]\n{listens}"), "alerts.alertmanager.token"),
    ] {
        assert!(keys(&with(&more)).contains(&key.to_owned()), "{more}: {:?}", keys(&with(&more)));
    }
}
