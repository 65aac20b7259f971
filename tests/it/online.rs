//! `check --online` as an operator runs it: the program in its own process, asking the emulators.
//!
//! Invariant: everything that is wrong is said in one run, each with what to do, and the exit code agrees.

use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::settings::secret;

use crate::process::program;

async fn desk() -> (tempfile::TempDir, Desk) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("online.sqlite");
    let setup = Setup { seed: 7, database, live: true, slack: true, discord: true };
    (folder, Desk::open(setup).await.unwrap())
}

/// Whether it went well, and what it printed.
async fn checked(desk: &Desk, settings: &str) -> (bool, String) {
    let mut program = program("check", desk, settings);
    program.arg("--online");
    let output = tokio::task::spawn_blocking(move || program.output()).await.unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_well_is_said_line_by_line() {
    let (_folder, desk) = desk().await;
    let (fine, text) = checked(&desk, &desk.settings()).await;
    assert!(fine, "{text}");
    for line in [
        "ok   SEQN Auth listSessions: ",
        "ok   Authentik: The reading credential is accepted.",
        "ok   OIDC issuer: It is right and has 1 signing key(s).",
        "ok   Slack: The bot token is accepted: bot user U0SEQNBOT of team T0SEQN.",
        "ok   Slack: The bot has every scope that it needs.",
        "ok   Slack: The app token may open Socket Mode connections.",
        "ok   Slack: The bot is in the channel C0APPROVALS.",
        "ok   Discord: The token is accepted: application 900000000000000002.",
        "ok   Discord: The bot may read messages (message content intent).",
        "ok   Discord: The bot may begin 1000 more sessions today.",
        "ok   Discord: The bot is in the server 900000000000000001.",
        "ok   Discord: The bot may do in the channel 920000000000000002 what it must.",
        "ok   Discord: 2 of AutoMod's 2 rules are missing or changed; the bot puts them right when it runs.",
    ] {
        assert!(text.contains(line), "{line:?} is missing in {text}");
    }
    assert!(!text.contains("FAIL"), "{text}");
    assert_eq!(desk.discord.puts_of_commands() + desk.discord.identifies(), 0, "a check changes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_wrong_is_said_in_one_run() {
    let (_folder, desk) = desk().await;
    desk.authentik.no_keys(true);
    desk.discord.allow_message_content(false);
    desk.discord.bot_sees("support", false);
    desk.discord.bot_lacks(1 << 14 | 1 << 16);
    let settings = desk.settings().replace("slack:C0INCIDENTS", "slack:C0NOWHERE");
    let (fine, text) = checked(&desk, &settings).await;
    assert!(!fine, "{text}");
    for line in [
        "FAIL OIDC issuer: The issuer publishes no keys: the provider has no signing key.",
        "FAIL Slack: The bot does not see the channel C0NOWHERE.",
        "FAIL Discord: Discord does not allow the bot to read messages. Switch on \"Message Content Intent\"",
        "FAIL Discord: The bot does not see the channel 920000000000000001. Correct its id, or give",
        "FAIL Discord: In the channel 920000000000000002 the bot lacks: Embed Links (its messages are embeds), Read \
         Message History (finding what it posted before).",
        "https://discord.com/oauth2/authorize?client_id=900000000000000002&scope=bot+applications.commands&permissions=",
    ] {
        assert!(text.contains(line), "{line:?} is missing in {text}");
    }
    let elsewhere = desk.settings().replace("guild = \"900000000000000001\"", "guild = \"900000000000000009\"");
    let (fine, text) = checked(&desk, &elsewhere).await;
    assert!(
        !fine && text.contains("The bot is not in the server 900000000000000009. Correct `guild`, or add"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_accepted_is_named_and_never_shown() {
    let (_folder, desk) = desk().await;
    let other = "{ env = \"SEQN_READ_TOKEN\" }";
    let settings = desk.settings().replace("{ env = \"DISCORD_TOKEN\" }", other);
    let (fine, text) = checked(&desk, &settings).await;
    assert!(!fine && text.contains("FAIL Discord: Discord does not accept the token. Reset it"), "{text}");
    assert!(!text.contains(&secret("SEQN_READ_TOKEN").unwrap()), "{text}");
}
