//! The emulator seen from outside: a small bot over real sockets, and people at the client.
//!
//! The bot here is deliberately dumb. Invariant: nothing waits by sleeping.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::DiscordSim;
use crate::sandbox::cast::{DISCORD_APP, DISCORD_GUILD, channel};
use crate::sandbox::dial::Dial;
use crate::sandbox::fault::{FaultKind, Faults};
use crate::sandbox::stage::{ShownKind, Stage};

mod rooms;

const ALL: u64 = 1 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 15 | 1 << 20 | 1 << 21;

struct World {
    sim: Arc<DiscordSim>,
    dial: Dial,
    faults: Faults,
}

async fn world() -> World {
    let (dial, faults) = (Dial::still(), Faults::default());
    let sim = DiscordSim::start(dial.clone(), faults.clone(), "t0ken".into()).await.expect("loopback is there");
    World { sim, dial, faults }
}

fn support() -> String {
    format!("/channels/{}/messages", channel("support").expect("it is in the cast").discord)
}

impl World {
    /// One request over its own connection; `None` when the line breaks.
    async fn request(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value, String)> {
        let address = self.sim.base_url();
        let mut line = TcpStream::connect(address.strip_prefix("http://")?).await.ok()?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} /api/v10{path} HTTP/1.1\r\nhost: x\r\nuser-agent: test\r\nauthorization: Bot t0ken\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        line.write_all(head.as_bytes()).await.ok()?;
        let mut answer = String::new();
        line.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(body).unwrap_or(Value::Null), head.to_owned()))
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (status, body, _) = self.request(method, path, body).await.expect("there is an answer");
        (status, body)
    }

    async fn register(&self, commands: &Value) -> (u16, Value) {
        self.call("PUT", &format!("/applications/{DISCORD_APP}/guilds/{DISCORD_GUILD}/commands"), commands).await
    }

    async fn ack(&self, event: &Value, body: &Value) -> (u16, Value) {
        let (id, token) = (text(&event["id"]), text(&event["token"]));
        self.call("POST", &format!("/interactions/{id}/{token}/callback"), body).await
    }

    fn last_text(&self, who: &str) -> String {
        self.sim.sees(who).last().map(|s| s.text.clone()).unwrap_or_default()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

struct Bot {
    ws: WebSocketStream<MaybeTlsStream<TcpStream>>,
    seq: u64,
    ready: Value,
}

impl Bot {
    async fn open(url: &str) -> Self {
        let (ws, _) = tokio_tungstenite::connect_async(format!("{url}/?v=10&encoding=json")).await.expect("it accepts");
        let mut bot = Self { ws, seq: 0, ready: Value::Null };
        assert_eq!(bot.next().await.expect("HELLO comes first")["op"], 10);
        bot
    }

    async fn send(&mut self, frame: Value) {
        self.ws.send(Message::text(frame.to_string())).await.expect("the line is open");
    }

    async fn identify(sim: &DiscordSim, token: &str, intents: u64) -> Self {
        let mut bot = Self::open(&sim.gateway_url()).await;
        bot.send(json!({"op": 2, "d": {"token": token, "intents": intents, "properties": {}}})).await;
        bot
    }

    async fn live(sim: &DiscordSim, intents: u64) -> Self {
        let mut bot = Self::identify(sim, "t0ken", intents).await;
        bot.ready = bot.event("READY").await;
        bot
    }

    async fn resume(&self) -> Self {
        let mut bot = Self::open(text(&self.ready["resume_gateway_url"])).await;
        let body = json!({"token": "t0ken", "session_id": self.ready["session_id"], "seq": self.seq});
        bot.send(json!({"op": 6, "d": body})).await;
        bot
    }

    /// The next frame, or the close code (0 without one, 1 for a broken line).
    async fn next(&mut self) -> Result<Value, u16> {
        match self.ws.next().await {
            Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).expect("it is JSON")),
            Some(Ok(Message::Close(frame))) => Err(frame.map_or(0, |f| f.code.into())),
            _ => Err(1),
        }
    }

    async fn event(&mut self, name: &str) -> Value {
        loop {
            let frame = self.next().await.expect("the event comes");
            self.seq = frame["s"].as_u64().unwrap_or(self.seq);
            if frame["t"] == name {
                return frame["d"].clone();
            }
        }
    }
}

#[tokio::test]
async fn identify_is_checked() {
    let w = world().await;
    assert_eq!(Bot::identify(&w.sim, "wrong", ALL).await.next().await, Err(4004));
    assert_eq!(Bot::identify(&w.sim, "t0ken", 1 << 40).await.next().await, Err(4013));
    w.sim.allow_message_content(false);
    assert_eq!(Bot::identify(&w.sim, "t0ken", ALL).await.next().await, Err(4014));
    assert_eq!(w.sim.identifies(), 0);
}

#[tokio::test]
async fn a_resume_replays_what_was_missed() {
    let w = world().await;
    let mut bot = Bot::live(&w.sim, ALL).await;
    bot.event("GUILD_CREATE").await;
    w.sim.drop_sockets();
    assert_eq!(bot.next().await, Err(1));
    w.sim.types("kim", "support", "hello @seqn").await.expect("kim may write");
    let mut again = bot.resume().await;
    assert_eq!(again.event("MESSAGE_CREATE").await["content"], json!(format!("hello <@{DISCORD_APP}>")));
    again.event("RESUMED").await;
    assert_eq!((w.sim.resumes(), w.sim.resumes_astray(), w.sim.identifies()), (1, 0, 1));
}

#[tokio::test]
async fn closes_and_invalid_sessions_are_seen() {
    let w = world().await;
    let mut bot = Bot::live(&w.sim, 0).await;
    w.sim.send_op7();
    assert_eq!(bot.next().await.expect("op 7 comes")["op"], 7);
    w.sim.close(None);
    assert_eq!(bot.next().await, Err(0));
    let mut again = bot.resume().await;
    again.event("RESUMED").await;
    w.sim.send_op9(false);
    assert_eq!(again.next().await.expect("op 9 comes")["d"], false);
    let mut refused = again_with(&bot).await;
    assert_eq!(refused.next().await.expect("op 9 comes")["op"], 9);
}

async fn again_with(bot: &Bot) -> Bot {
    bot.resume().await
}

#[tokio::test]
async fn a_zombie_gets_no_ack_and_a_frozen_gateway_nothing() {
    let w = world().await;
    let mut bot = Bot::live(&w.sim, ALL).await;
    bot.event("GUILD_CREATE").await;
    w.sim.zombie(true);
    bot.send(json!({"op": 1, "d": 1})).await;
    w.sim.freeze(true);
    w.sim.types("kim", "support", "one").await.expect("kim may write");
    w.sim.freeze(false);
    assert_eq!(bot.next().await.expect("no ack comes before it")["t"], "MESSAGE_CREATE");
    w.sim.zombie(false);
    bot.send(json!({"op": 1, "d": 1})).await;
    assert_eq!(bot.next().await.expect("the ack comes")["op"], 11);
}

#[tokio::test]
async fn a_nonce_makes_one_message() {
    let w = world().await;
    let body = json!({"content": "hi", "nonce": "n1", "enforce_nonce": true});
    let first = w.call("POST", &support(), &body).await;
    let second = w.call("POST", &support(), &body).await;
    assert_eq!((first.0, &first.1["id"]), (200, &second.1["id"]));
    w.dial.advance_ms(600_000);
    assert_ne!(w.call("POST", &support(), &body).await.1["id"], first.1["id"]);
    let (status, list) = w.call("GET", &format!("{}?limit=1", support()), &Value::Null).await;
    assert_eq!((status, list.as_array().map(Vec::len)), (200, Some(1)));
}

#[tokio::test]
async fn limits_and_faults_answer_as_discord_does() {
    let w = world().await;
    let long = json!({"content": "x".repeat(2_001)});
    let (status, body) = w.call("POST", &support(), &long).await;
    assert_eq!((status, &body["code"]), (400, &json!(50035)));
    assert_eq!(body["errors"]["content"]["_errors"][0]["code"], "BASE_TYPE_MAX_LENGTH");
    w.faults.arm("discord", "POST /api/v10/channels/", FaultKind::RetryAfter(2), 1);
    w.sim.limits_are_global(true);
    let (status, body, head) = w.request("POST", &support(), &json!({"content": "a"})).await.expect("an answer comes");
    assert_eq!((status, &body["global"], &body["retry_after"]), (429, &json!(true), &json!(2.0)));
    assert!(head.contains("retry-after: 2"), "{head}");
    w.faults.arm("discord", "POST /api/v10/channels/", FaultKind::DropAfter, 1);
    assert!(w.request("POST", &support(), &json!({"content": "lost"})).await.is_none());
    assert_eq!(w.last_text("kim"), "lost");
    assert_eq!(w.call("GET", "/nowhere", &Value::Null).await.0, 404);
}

#[tokio::test]
async fn only_good_commands_are_registered() {
    let w = world().await;
    let bad = json!([{"name": "Seqn", "description": "d", "options": [
        {"name": "a", "description": "d", "type": 3}, {"name": "b", "description": "d", "type": 3, "required": true},
        {"name": "c", "description": "d", "type": 1, "options": []},
    ]}]);
    let (status, body) = w.register(&bad).await;
    assert_eq!((status, &body["code"]), (400, &json!(50035)));
    let errors = &body["errors"]["0"];
    assert_eq!(errors["name"]["_errors"][0]["code"], "APPLICATION_COMMAND_INVALID_NAME");
    assert_eq!(errors["options"]["1"]["_errors"][0]["code"], "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID");
    assert!(errors["options"]["2"]["options"]["_errors"].is_array() && errors["options"]["_errors"].is_array());
    assert_eq!((w.sim.commands(), w.sim.puts_of_commands()), (json!([]), 0));
    let first = w.register(&commands()).await.1;
    assert_eq!(w.register(&commands()).await.1[0]["id"], first[0]["id"]);
}

fn commands() -> Value {
    json!([{"name": "seqn", "description": "d", "options": [{"name": "find", "description": "d", "type": 1, "options": [
        {"name": "org", "description": "d", "type": 3, "required": true, "autocomplete": true},
    ]}]}])
}

#[tokio::test]
async fn a_command_is_answered_once_and_its_token_ends() {
    let w = world().await;
    w.register(&commands()).await;
    let mut bot = Bot::live(&w.sim, ALL).await;
    let (typed, event) = tokio::join!(w.sim.types("kim", "support", "/seqn find acme"), async {
        let event = bot.event("INTERACTION_CREATE").await;
        assert_eq!(w.ack(&event, &json!({"type": 5, "data": {"flags": 64}})).await.0, 204);
        event
    });
    typed.expect("the client sends it");
    assert_eq!(event["data"]["options"][0]["options"][0], json!({"name": "org", "type": 3, "value": "acme"}));
    let again = w.ack(&event, &json!({"type": 5})).await;
    assert_eq!((again.0, &again.1["code"]), (400, &json!(40060)));
    assert!(w.sim.sees("kim").is_empty());
    let hook = format!("/webhooks/{DISCORD_APP}/{}", text(&event["token"]));
    let follow = w.call("POST", &hook, &json!({"content": "**found**"})).await;
    let original = w.call("GET", &format!("{hook}/messages/@original"), &Value::Null).await;
    assert_eq!((follow.0, &follow.1["id"]), (200, &original.1["id"]));
    assert_eq!((w.last_text("kim").as_str(), w.sim.sees("joe").len()), ("found", 0));
    let (redelivered, twice) = tokio::join!(w.sim.redelivers("kim"), async {
        let twice = bot.event("INTERACTION_CREATE").await;
        w.ack(&twice, &json!({"type": 5})).await;
        twice
    });
    redelivered.expect("there is something to deliver");
    assert_eq!(twice["id"], event["id"]);
    w.dial.advance_ms(16 * 60 * 1_000);
    let late = w.call("PATCH", &format!("{hook}/messages/@original"), &json!({"content": "late"})).await;
    assert_eq!((late.0, &late.1["code"]), (401, &json!(50027)));
}

#[tokio::test]
async fn silence_is_told_to_the_person() {
    let w = world().await;
    w.register(&commands()).await;
    w.sim.types("kim", "support", "/seqn find acme").await.expect("the client sends it");
    assert_eq!(w.sim.sees("kim").last().map(|s| s.kind), Some(ShownKind::Notice));
    assert!(w.sim.types("kim", "support", "/seqn find").await.is_err());
    assert!(w.sim.types("kim", "dm", "/seqn find acme").await.is_err());
}

#[tokio::test]
async fn autocomplete_offers_what_the_bot_says() {
    let w = world().await;
    w.register(&commands()).await;
    let mut bot = Bot::live(&w.sim, 0).await;
    let (offered, ()) = tokio::join!(w.sim.completes("kim", "support", "/seqn find org=ac"), async {
        let event = bot.event("INTERACTION_CREATE").await;
        let want = json!([{"name": "org", "type": 3, "value": "ac", "focused": true}]);
        assert_eq!((&event["type"], &event["data"]["options"][0]["options"]), (&json!(4), &want));
        let choices = json!({"choices": [{"name": "Acme", "value": "acme"}]});
        assert_eq!(w.ack(&event, &json!({"type": 8, "data": choices})).await.0, 204);
    });
    assert_eq!(offered.expect("it is a command"), ["Acme"]);
}

#[tokio::test]
async fn a_button_opens_a_form_and_the_form_changes_the_message() {
    let w = world().await;
    let mut bot = Bot::live(&w.sim, ALL).await;
    let row = json!([{"type": 1, "components": [{"type": 2, "style": 1, "label": "Deny", "custom_id": "d"}]}]);
    w.call("POST", &support(), &json!({"content": "ask", "components": row})).await;
    let (pressed, ()) = tokio::join!(w.sim.presses("lee", "Deny"), async {
        let event = bot.event("INTERACTION_CREATE").await;
        assert_eq!((&event["type"], &event["message"]["content"]), (&json!(3), &json!("ask")));
        let input = json!({"type": 18, "label": "Why", "component": {"type": 4, "style": 1, "custom_id": "why"}});
        let modal = json!({"type": 9, "data": {"custom_id": "m", "title": "Deny", "components": [input]}});
        assert_eq!(w.ack(&event, &modal).await.0, 204);
    });
    pressed.expect("lee sees it");
    assert_eq!(w.sim.sees("lee").last().map(|s| s.fields.clone()), Some(vec!["why".to_owned()]));
    let values = [("why".to_owned(), "wrong org".to_owned())];
    let (submitted, ()) = tokio::join!(w.sim.submits("lee", &values), async {
        let event = bot.event("INTERACTION_CREATE").await;
        assert_eq!(event["data"]["components"][0]["component"]["value"], "wrong org");
        let update = json!({"type": 7, "data": {"content": "denied", "components": []}});
        assert_eq!(w.ack(&event, &update).await.0, 204);
    });
    submitted.expect("the form is complete");
    let seen = w.sim.sees("joe");
    assert_eq!((seen[0].text.as_str(), seen[0].buttons.len(), seen[0].edits), ("denied", 0, 1));
    assert!(w.sim.sees("lee").iter().any(|s| s.kind == ShownKind::Form && s.gone));
    assert!(w.sim.presses("lee", "Deny").await.is_err());
}

#[tokio::test]
async fn automod_blocks_before_posting_and_content_needs_its_intent() {
    let w = world().await;
    let rules = format!("/guilds/{DISCORD_GUILD}/auto-moderation/rules");
    let mut rule = json!({
        "name": "keys", "event_type": 1, "trigger_type": 1, "enabled": true,
        "trigger_metadata": {"regex_patterns": ["key_[a-z]{4}("]},
        "actions": [{"type": 1, "metadata": {"custom_message": "No keys here."}}],
    });
    assert_eq!(w.call("POST", &rules, &rule).await.0, 400);
    rule["trigger_metadata"]["regex_patterns"] = json!(["key_[a-z]{4}"]);
    assert_eq!(w.call("POST", &rules, &rule).await.0, 200);
    let mut bot = Bot::live(&w.sim, ALL & !(1 << 15)).await;
    w.sim.types("kim", "support", "key_abcd").await.expect("she may try");
    assert_eq!(w.last_text("kim"), "No keys here.");
    assert_eq!(bot.event("AUTO_MODERATION_ACTION_EXECUTION").await["content"], "");
    w.sim.types("mira", "support", "key_abcd").await.expect("an administrator is exempt");
    let posted = bot.event("MESSAGE_CREATE").await;
    assert_eq!((&posted["content"], w.last_text("kim").as_str()), (&json!(""), "key_abcd"));
    assert_eq!(w.call("DELETE", &format!("{}/{}", support(), text(&posted["id"])), &Value::Null).await.0, 204);
    bot.event("MESSAGE_DELETE").await;
    assert!(w.sim.sees("kim").last().is_some_and(|s| s.gone));
}
