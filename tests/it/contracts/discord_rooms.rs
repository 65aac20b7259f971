//! Discord: what the bot sends to open rooms and to read what was pointed at, and what the emulator answers there,
//! against Discord's own description of its API.

use seqn_chatops::model::{Account, Happening, Platform};
use seqn_chatops::ports::Rooms;
use seqn_chatops::sandbox::cast::{DISCORD_GUILD, by_name, channel};
use seqn_chatops::sandbox::stage::Stage;
use serde_json::{Value, json};

use super::discord::judged;
use super::{Heard, answers_as_declared};
use crate::discord_wire::world;
use crate::specs::{Operation, Specs};

#[tokio::test]
async fn discord_would_take_what_opens_rooms() {
    let Some(specs) = Specs::open("discord_would_take_what_opens_rooms") else { return };
    let document = specs.read("discord.json");
    let mut w = world().await;
    w.discord.open_room("inc-1", "Sign-in fails", false).await.expect("opened");
    w.sim.bot_may_open(true, false);
    w.discord.open_room("inc-2", "Sign-in fails", false).await.expect("opened");
    let room = w.discord.open_room("private-3", "", true).await.expect("opened");
    let user = by_name("lee").expect("in the cast").discord_user.to_string();
    let lee = Account { platform: Platform::Discord, team: String::new(), user };
    w.discord.ask_in(&room, &lee).await.expect("he comes in");
    w.sim.types("lee", "private-3", "the pods are gone").await.expect("he may write");
    w.sim.reacts("lee", "pushpin", "pods").await.expect("he sees it");
    while !matches!(w.next().await.what, Happening::Noted(_)) {}
    let requests = w.sim.requests();
    let kinds = judged(&document, &requests);
    for kind in ["create_guild_channel", "create_thread"] {
        assert!(kinds.get(kind).is_some_and(|times| *times >= 1), "no {kind} was judged: {kinds:?}");
    }
    assert_eq!(kinds["create_thread"], 2);
    for path in ["PUT /api/v10/channels/", "threads/active", "/messages/"] {
        assert!(requests.iter().any(|(line, _)| line.contains(path)), "{path} was not asked");
    }
}

#[tokio::test]
async fn the_emulator_answers_as_discord_describes() {
    let Some(specs) = Specs::open("the_emulator_answers_as_discord_describes") else { return };
    let document = specs.read("discord.json");
    let w = world().await;
    let client = reqwest::Client::builder().no_proxy().user_agent("test").build().unwrap();
    let asked = async |method: &str, path: &str, body: Value| {
        let url = format!("{}/api/v10{path}", w.sim.base_url());
        let request = client.request(method.parse().unwrap(), url).header("authorization", "Bot bot-token");
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        Heard { status, body: serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default() }
    };
    let home = channel("incidents").expect("in the cast").discord;
    let (channels, threads) = (format!("/guilds/{DISCORD_GUILD}/channels"), format!("/channels/{home}/threads"));
    for (path, body) in [
        (&channels, json!({"name": "inc-1", "type": 0, "topic": "x"})),
        (&threads, json!({"name": "inc-2", "type": 11})),
        (&threads, json!({"name": "inc-3", "type": 12})),
    ] {
        let heard = asked("POST", path, body).await;
        let operation = Operation::find(&document, "POST", path).expect("it is described");
        assert_eq!(heard.status, 201);
        answers_as_declared(&operation, path, &heard);
    }
    for (path, body, status) in [
        (&channels, json!({"name": ""}), 400),
        (&channels, json!({"name": "x".repeat(101)}), 400),
        (&channels, json!({"name": "x", "permission_overwrites": [{"id": "1", "type": 0, "deny": "8"}]}), 403),
        (&threads, json!({"name": "x", "type": 11, "auto_archive_duration": 7}), 400),
    ] {
        assert_eq!(asked("POST", path, body.clone()).await.status, status, "{body}");
    }
}
