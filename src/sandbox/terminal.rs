//! The terminal of the live sandbox: a person acts as anybody of the cast, on any platform, and sees
//! what each would see.

use std::io::Write as _;

use tokio::io::{AsyncBufReadExt, BufReader};

use super::cast::{CHANNELS, PEOPLE};
use super::desk::Desk;
use super::story::{Player, parse, play};

const BANNER: &str = "\
This is the seqn-chatops sandbox: the real bot, with Slack, Discord, SEQN Auth and Authentik played by emulators on
this machine. Nothing leaves it, and nothing here is real. Type this first:

  /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1234 reason=\"lost laptop\"
  press Confirm

You act as one person on one platform; the prompt says which. Other words:

  as lee              act as somebody else         on discord|slack|console   on another platform
  in approvals        in another channel           press LABEL                press a button that you see
  choose TEXT         pick from a menu             submit key=value …         fill and send the open form
  advance 16m         let time pass                fault seqn \"DELETE /v1\" status 500   break something
  crash               kill the bot, start it again people                     who is who, and where
  help                this text                    quit                       leave
";

/// Where people are.
const STAGES: [&str; 3] = ["slack", "discord", "console"];

/// Runs until the person leaves.
///
/// # Errors
/// When the bot cannot be started.
pub async fn run(desk: Desk) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let mut player = Player::new(desk).await?;
    let (mut who, mut stage, mut channel) = ("kim".to_owned(), "slack".to_owned(), "support".to_owned());
    writeln!(out, "{BANNER}")?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        write!(out, "{who}@{stage} #{channel}> ")?;
        out.flush()?;
        let Some(line) = lines.next_line().await? else { break };
        let line = line.trim();
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        match first {
            "" => play_line(&mut player, "advance 0s", &mut out).await?,
            "quit" | "exit" => break,
            "help" => writeln!(out, "{BANNER}")?,
            "people" => people(&mut out)?,
            "as" if PEOPLE.iter().any(|one| one.name == rest) => rest.clone_into(&mut who),
            "on" if STAGES.contains(&rest) => rest.clone_into(&mut stage),
            "in" => rest.clone_into(&mut channel),
            "as" | "on" => {
                writeln!(out, "There is no `{rest}`: `people` says who is there, and where.")?;
            }
            "advance" | "fault" | "world" | "platform" | "alertmanager" | "crash" | "away" | "back" | "redeliver"
            | "expect" => {
                play_line(&mut player, line, &mut out).await?;
            }
            _ => {
                let act = match first {
                    "press" | "presses" => format!("presses {rest}"),
                    "choose" | "chooses" => format!("chooses {rest}"),
                    "submit" | "submits" => format!("submits {rest}"),
                    _ => format!("types {line}"),
                };
                play_line(&mut player, &format!("{who} on {stage} in {channel} {act}"), &mut out).await?;
                if act.starts_with("types ") && !line.starts_with(['/', '@']) {
                    writeln!(out, "  ({who} said that in #{channel}; `help` lists the words of this terminal)")?;
                }
            }
        }
    }
    player.desk.stop().await;
    Ok(())
}

async fn play_line(player: &mut Player, line: &str, out: &mut impl std::io::Write) -> std::io::Result<()> {
    player.transcript.clear();
    let played = match parse(line) {
        Ok(acts) => play(player, &acts).await,
        Err(bad) => Err(anyhow::anyhow!(bad.1)),
    };
    let shown = player.transcript.split_once('\n').map_or("", |(_, rest)| rest);
    write!(out, "{shown}")?;
    if let Err(error) = played {
        writeln!(out, "That did not work: {}", error.root_cause())?;
    }
    Ok(())
}

fn people(out: &mut impl std::io::Write) -> std::io::Result<()> {
    for person in &PEOPLE {
        let role = person.role.unwrap_or("not staff");
        writeln!(out, "  {:5} {role}", person.name)?;
    }
    let names: Vec<&str> = CHANNELS.iter().map(|c| c.name).collect();
    writeln!(out, "  channels: {}, dm, room (the newest incident's)", names.join(", "))?;
    writeln!(out, "  platforms: {}", STAGES.join(", "))
}
