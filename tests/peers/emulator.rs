//! The sandbox's emulators alone, without the bot, for programs in other languages.
//!
//! It prints one line of JSON with addresses and credentials, then reads commands from standard input, answers each
//! with one line of JSON, and stops at the end of input. Nothing here knows what the other program is. Commands:
//!
//! ```text
//! slack connected                        waits until an app is connected; on Discord too
//! slack kim types support /seqn hello    a command, or a message
//! slack kim presses Agree                the newest button with that label
//! slack kim submits note=hello,why=x     the open form
//! slack kim sees                         everything that kim sees
//! settings discord.sqlite                the configuration with which the real bot would run here
//! ```

use std::path::PathBuf;

use anyhow::{Context, bail};
use seqn_chatops::sandbox::cast::{CHANNELS, DISCORD_APP, DISCORD_GUILD, PEOPLE, SLACK_BOT_USER};
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::settings::{SECRETS, secret};
use seqn_chatops::sandbox::stage::{Shown, Stage};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = Setup { seed: 7, database: PathBuf::from("bot.sqlite"), live: true, slack: false, discord: true };
    let desk = Desk::open(setup).await?;
    let secrets: Map<String, Value> =
        SECRETS.iter().filter_map(|name| Some(((*name).to_owned(), json!(secret(name)?)))).collect();
    let channels: Map<String, Value> = CHANNELS.iter().map(|c| (c.name.to_owned(), json!(c.slack))).collect();
    let on_discord: Map<String, Value> =
        CHANNELS.iter().map(|c| (c.name.to_owned(), json!(c.discord.to_string()))).collect();
    let people: Map<String, Value> =
        PEOPLE.iter().map(|p| (p.name.to_owned(), json!(p.discord_user.to_string()))).collect();
    println!(
        "{}",
        json!({
            "slack": {"api": desk.slack.base_url(), "bot_user": SLACK_BOT_USER, "channels": channels},
            "discord": {
                "api": desk.discord.base_url(),
                "gateway": desk.discord.gateway_url(),
                "guild": DISCORD_GUILD.to_string(),
                "app": DISCORD_APP.to_string(),
                "channels": on_discord,
                "people": people,
            },
            "seqn": desk.seqn.base_url(),
            "authentik": desk.authentik.base_url(),
            "secrets": secrets,
        })
    );
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = obey(&desk, line.trim()).await.unwrap_or_else(|why| json!({"error": format!("{why:#}")}));
        println!("{answer}");
    }
    Ok(())
}

/// Does what a line says.
async fn obey(desk: &Desk, line: &str) -> anyhow::Result<Value> {
    let (first, rest) = line.split_once(' ').context("a command has two words at least")?;
    if first == "settings" {
        return Ok(json!({"settings": desk.settings().replace("bot.sqlite", rest)}));
    }
    let stage = desk.stage(first)?;
    if first == "slack" && rest == "connected" {
        desk.slack.connected(1).await;
        return Ok(json!({"ok": true}));
    }
    if first == "discord" && rest == "connected" {
        desk.discord.connected().await;
        return Ok(json!({"ok": true}));
    }
    let mut words = rest.splitn(3, ' ');
    let (who, verb) = (words.next().unwrap_or_default(), words.next().context("what does that person do?")?);
    act(stage, who, verb, words.next().unwrap_or_default()).await
}

async fn act(stage: &dyn Stage, who: &str, verb: &str, rest: &str) -> anyhow::Result<Value> {
    match verb {
        "types" => {
            let (channel, text) = rest.split_once(' ').context("types takes a channel and a text")?;
            stage.types(who, channel, text).await?;
        }
        "presses" => stage.presses(who, rest).await?,
        "chooses" => stage.chooses(who, rest).await?,
        "submits" => {
            let pairs = rest.split(',').filter_map(|pair| pair.split_once('='));
            let values: Vec<(String, String)> = pairs.map(|(key, value)| (key.into(), value.into())).collect();
            stage.submits(who, &values).await?;
        }
        "sees" => return Ok(json!({"sees": stage.sees(who).iter().map(seen).collect::<Vec<Value>>()})),
        other => bail!("nobody can do `{other}` here"),
    }
    Ok(json!({"ok": true}))
}

fn seen(shown: &Shown) -> Value {
    json!({
        "id": shown.id,
        "audience": format!("{:?}", shown.audience),
        "kind": format!("{:?}", shown.kind),
        "author": shown.author,
        "text": shown.text,
        "buttons": shown.buttons,
        "fields": shown.fields,
        "edits": shown.edits,
        "gone": shown.gone,
    })
}
