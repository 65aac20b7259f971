//! Tests of the Slack emulator through its sockets, with clients that know as little as possible.
//!
//! No test waits for a time to pass, but for the ack deadline, which is set short.

mod knobs;
mod rooms;

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{SlackSim, SlackTokens};
use crate::sandbox::dial::Dial;
use crate::sandbox::fault::{FaultKind, Faults};
use crate::sandbox::stage::{Audience, Shown, ShownKind, Stage};

const SUPPORT: &str = "C0SUPPORT";
/// Long enough for an ack on a busy machine, short enough for a test.
const SHORT_DEADLINE_MS: u64 = 400;
/// Never reached.
const LONG_DEADLINE_MS: u64 = 60_000;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

struct Bench {
    sim: Arc<SlackSim>,
    dial: Dial,
    faults: Faults,
}

fn token(kind: &str) -> String {
    format!("{kind}-for-tests")
}

impl Bench {
    async fn new() -> Self {
        let (dial, faults) = (Dial::still(), Faults::default());
        let tokens = SlackTokens { bot: token("xoxb"), app: token("xapp"), admin: Some(token("xoxp")) };
        let sim = SlackSim::start(dial.clone(), faults.clone(), tokens).await.unwrap();
        Self { sim, dial, faults }
    }

    /// Status, head and body of one raw request.
    async fn http(&self, path: &str, kind: &str, token: Option<&str>, body: &str) -> (u16, String, String) {
        let base = self.sim.base_url();
        let address = base.trim_start_matches("http://").trim_end_matches("/api");
        let bearer = token.map(|t| format!("Authorization: Bearer {t}\r\n")).unwrap_or_default();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\n{bearer}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A connection that is cut answers nothing.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        (status, head.to_lowercase(), body.to_owned())
    }

    async fn call_as(&self, kind: &str, method: &str, args: &Value) -> Value {
        let path = format!("/api/{method}");
        let answer = self.http(&path, "application/json", Some(&token(kind)), &args.to_string()).await;
        serde_json::from_str(&answer.2).unwrap()
    }

    async fn call(&self, method: &str, args: Value) -> Value {
        self.call_as("xoxb", method, &args).await
    }

    async fn hook(&self, url: &str, body: Value) -> (u16, String) {
        let path = url.split_once("/hooks/").map(|(_, name)| format!("/hooks/{name}")).unwrap();
        let (status, _, body) = self.http(&path, "application/json", None, &body.to_string()).await;
        (status, body)
    }

    async fn socket(&self) -> Socket {
        let opened = self.call_as("xapp", "apps.connections.open", &json!({})).await;
        let (mut socket, _) = connect_async(opened["url"].as_str().unwrap()).await.unwrap();
        assert_eq!(frame(&mut socket).await["type"], "hello");
        socket
    }

    fn last(&self, who: &str) -> Shown {
        self.sim.sees(who).pop().unwrap()
    }
}

async fn frame(socket: &mut Socket) -> Value {
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            return serde_json::from_str(text.as_str()).unwrap();
        }
    }
}

async fn ack(socket: &mut Socket, envelope: &Value, payload: Value) {
    let ack = json!({"envelope_id": envelope["envelope_id"], "payload": payload});
    socket.send(Message::text(ack.to_string())).await.unwrap();
}

/// Acts while the socket takes one envelope and answers it.
async fn during(
    act: impl Future<Output = Result<(), crate::sandbox::stage::StageError>>,
    socket: &mut Socket,
    answer: Value,
) -> Value {
    let (acted, envelope) = tokio::join!(act, async {
        let envelope = frame(socket).await;
        ack(socket, &envelope, answer).await;
        envelope
    });
    acted.unwrap();
    envelope
}

fn modal(blocks: &Value) -> Value {
    let text = |t: &str| json!({"type": "plain_text", "text": t});
    json!({"type": "modal", "callback_id": "f", "title": text("Form"), "submit": text("Go"), "blocks": blocks})
}

fn field(block: &str, action: &str) -> Value {
    json!({"type": "input", "block_id": block, "label": {"type": "plain_text", "text": action},
           "element": {"type": "plain_text_input", "action_id": action}})
}

#[tokio::test]
async fn tokens_open_only_their_own_doors() {
    let bench = Bench::new().await;
    let bare = bench.http("/api/auth.test", "application/json", None, "{}").await;
    assert!(bare.0 == 200 && bare.2.contains("not_authed"));
    let cases = [
        ("nobody", "auth.test", "invalid_auth"),
        ("xapp", "auth.test", "not_allowed_token_type"),
        ("xoxb", "apps.connections.open", "not_allowed_token_type"),
        ("xoxb", "nope.nope", "unknown_method"),
    ];
    for (kind, method, error) in cases {
        let answer = bench.call_as(kind, method, &json!({})).await;
        assert_eq!((&answer["ok"], &answer["error"]), (&json!(false), &json!(error)), "{kind} {method}");
    }
    assert_eq!(bench.call("auth.test", json!({})).await["bot_id"], "B0SEQNBOT");
    let ticket = bench.call_as("xapp", "apps.connections.open", &json!({})).await["url"].clone();
    assert!(connect_async(ticket.as_str().unwrap()).await.is_ok());
    assert!(connect_async(ticket.as_str().unwrap()).await.is_err(), "a ticket is used once");
}

#[tokio::test]
async fn forms_with_json_inside_are_read() {
    let bench = Bench::new().await;
    let body = "channel=C0SUPPORT&text=a%26b&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D&metadata=%7B%22event_type%22%3A%22e%22%2C%22event_payload%22%3A%7B%22k%22%3A1%7D%7D";
    let bot = token("xoxb");
    let (status, _, answer) =
        bench.http("/api/chat.postMessage", "application/x-www-form-urlencoded", Some(&bot), body).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, &answer["ok"], &answer["message"]["text"]), (200, &json!(true), &json!("a&b")));
    assert_eq!(answer["message"]["blocks"][0]["type"], "divider");
    let plain = bench.call("conversations.history", json!({"channel": SUPPORT})).await;
    assert!(plain["messages"][0]["metadata"].is_null());
    let full = bench.call("conversations.history", json!({"channel": SUPPORT, "include_all_metadata": true})).await;
    assert_eq!(full["messages"][0]["metadata"]["event_payload"]["k"], 1);
}

#[tokio::test]
async fn a_trigger_opens_one_form_and_dies_after_three_seconds() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    let view = modal(&json!([field("b", "org")]));
    let sent = during(bench.sim.types("kim", "support", "/seqn go"), &mut socket, Value::Null).await;
    let trigger = sent["payload"]["trigger_id"].clone();
    let open = |trigger: Value| bench.call("views.open", json!({"trigger_id": trigger, "view": view}));
    assert_eq!(open(json!("1.2.3")).await["error"], "invalid_trigger_id");
    assert_eq!(open(trigger.clone()).await["ok"], true);
    assert_eq!(open(trigger).await["error"], "exchanged_trigger_id");
    let sent = during(bench.sim.types("kim", "support", "/seqn go"), &mut socket, Value::Null).await;
    bench.dial.advance_ms(3_001);
    assert_eq!(open(sent["payload"]["trigger_id"].clone()).await["error"], "expired_trigger_id");
}

#[tokio::test]
async fn a_form_is_filled_refused_and_submitted() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    let sent = during(bench.sim.types("kim", "support", "/seqn go"), &mut socket, Value::Null).await;
    let view = modal(&json!([field("b1", "org"), field("b2", "user")]));
    bench.call("views.open", json!({"trigger_id": sent["payload"]["trigger_id"], "view": view})).await;
    assert_eq!(bench.last("kim").fields, ["org", "user"]);
    assert!(bench.sim.sees("joe").is_empty());
    let only_one = [("org".to_owned(), "acme".to_owned())];
    assert!(bench.sim.submits("kim", &only_one).await.is_err(), "a required field is empty");
    let both = [("org".to_owned(), "acme".to_owned()), ("user".to_owned(), "jo".to_owned())];
    let errors = json!({"response_action": "errors", "errors": {"b2": "Nobody of that name"}});
    let sent = during(bench.sim.submits("kim", &both), &mut socket, errors).await;
    assert_eq!(sent["payload"]["view"]["state"]["values"]["b1"]["org"]["value"], "acme");
    assert!(bench.last("kim").text.contains("Nobody of that name") && !bench.last("kim").gone);
    during(bench.sim.submits("kim", &both), &mut socket, Value::Null).await;
    assert!(bench.last("kim").gone);
}

#[tokio::test]
async fn a_response_url_works_five_times_in_thirty_minutes() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    let sent = during(bench.sim.types("kim", "support", "/seqn x"), &mut socket, json!({"text": "at once"})).await;
    let url = sent["payload"]["response_url"].as_str().unwrap().to_owned();
    assert_eq!(bench.last("kim").audience, Audience::Only("kim".into()));
    for n in 0..5 {
        assert_eq!(bench.hook(&url, json!({"text": format!("*no* {n} &lt;")})).await, (200, "ok".to_owned()));
    }
    assert_eq!(bench.last("kim").text, "no 4 <");
    let (status, body) = bench.hook(&url, json!({"text": "six"})).await;
    assert!(status == 404 && body.contains("used_url"));
    let sent = during(bench.sim.types("kim", "support", "/seqn x"), &mut socket, Value::Null).await;
    bench.dial.advance_ms(30 * 60 * 1_000 + 1);
    let (status, body) = bench.hook(sent["payload"]["response_url"].as_str().unwrap(), json!({"text": "late"})).await;
    assert!(status == 404 && body.contains("expired_url"));
}

#[tokio::test]
async fn a_press_names_its_message_and_can_replace_it() {
    let bench = Bench::new().await;
    bench.sim.echo(false);
    let mut socket = bench.socket().await;
    let button =
        json!({"type": "button", "action_id": "ok", "value": "v1", "text": {"type": "plain_text", "text": "Approve"}});
    let blocks = json!([{"type": "actions", "elements": [button]}]);
    bench.call("chat.postMessage", json!({"channel": SUPPORT, "text": "plan", "blocks": blocks})).await;
    assert!(bench.sim.presses("lee", "Deny").await.is_err());
    let sent = during(bench.sim.presses("pat", "Approve"), &mut socket, Value::Null).await;
    let payload = &sent["payload"];
    assert_eq!((&payload["user"]["team_id"], &payload["team"]["id"]), (&json!("T0OTHER"), &json!("T0SEQN")));
    assert_eq!((&payload["actions"][0]["value"], &payload["message"]["text"]), (&json!("v1"), &json!("plan")));
    let url = payload["response_url"].as_str().unwrap();
    bench.hook(url, json!({"text": "done", "replace_original": true})).await;
    assert_eq!((bench.last("kim").text.as_str(), bench.last("kim").edits), ("done", 1));
    let again = during(bench.sim.presses_again("pat"), &mut socket, Value::Null).await;
    assert_eq!(again["payload"]["actions"][0]["value"], "v1");
    assert_ne!(again["envelope_id"], sent["envelope_id"]);
}

#[tokio::test]
async fn only_an_admins_token_deletes_what_others_wrote_and_never_direct_messages() {
    let bench = Bench::new().await;
    bench.sim.ack_deadline_ms(1);
    bench.sim.types("kim", "support", "secret").await.unwrap();
    bench.sim.types("kim", "dm", "secret").await.unwrap();
    let ts = |channel: &str| {
        let state = bench.sim.core.state();
        state.posts().find(|p| p.channel == channel).map(|p| p.ts.clone()).unwrap()
    };
    let in_channel = json!({"channel": SUPPORT, "ts": ts(SUPPORT)});
    let in_dm = json!({"channel": "D0KIM", "ts": ts("D0KIM")});
    assert_eq!(bench.call("chat.delete", in_channel.clone()).await["error"], "cant_delete_message");
    assert_eq!(bench.call_as("xoxp", "chat.delete", &in_dm).await["error"], "cant_delete_message");
    assert_eq!(bench.call_as("xoxp", "chat.delete", &in_channel).await["ok"], true);
    assert_eq!(bench.call_as("xoxp", "chat.delete", &in_channel).await["error"], "message_not_found");
    assert!(bench.sim.sees("joe")[0].gone);
}

#[tokio::test]
async fn an_event_without_ack_comes_again_and_a_late_ack_is_counted() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    bench.sim.ack_deadline_ms(SHORT_DEADLINE_MS);
    let (said, first) = tokio::join!(bench.sim.types("kim", "support", "hello <you>"), frame(&mut socket));
    said.unwrap();
    bench.sim.ack_deadline_ms(LONG_DEADLINE_MS);
    let second = frame(&mut socket).await;
    ack(&mut socket, &first, Value::Null).await;
    ack(&mut socket, &second, Value::Null).await;
    assert_eq!(first["payload"]["event_id"], second["payload"]["event_id"]);
    assert_eq!((&first["retry_attempt"], &second["retry_attempt"]), (&json!(0), &json!(1)));
    assert_eq!(second["retry_reason"], "timeout");
    assert_eq!(first["payload"]["event"]["text"], "hello &lt;you&gt;");
    bench.sim.ack_deadline_ms(SHORT_DEADLINE_MS);
    let (typed, command) = tokio::join!(bench.sim.types("kim", "support", "/seqn x"), frame(&mut socket));
    typed.unwrap();
    assert_eq!(bench.last("kim").kind, ShownKind::Notice);
    assert!(bench.last("kim").text.contains("/seqn failed with the error \"operation_timeout\""));
    assert_eq!(bench.sim.late_acks(), 1);
    bench.sim.ack_deadline_ms(LONG_DEADLINE_MS);
    let again = during(bench.sim.redelivers("kim"), &mut socket, Value::Null).await;
    assert_eq!(again["envelope_id"], command["envelope_id"]);
}

#[tokio::test]
async fn connections_take_turns_and_leave_when_told() {
    let bench = Bench::new().await;
    let (mut one, mut two) = (bench.socket().await, bench.socket().await);
    bench.sim.connected(2).await;
    during(bench.sim.types("kim", "support", "/seqn a"), &mut one, Value::Null).await;
    during(bench.sim.types("kim", "support", "/seqn b"), &mut two, Value::Null).await;
    during(bench.sim.types("kim", "support", "/seqn c"), &mut one, Value::Null).await;
    assert_eq!(bench.sim.acks(), 3);
    bench.sim.send_disconnect("link_disabled");
    assert_eq!(frame(&mut one).await["reason"], "link_disabled");
    assert_eq!(frame(&mut two).await["type"], "disconnect");
    bench.sim.core.board.open.subscribe().wait_for(|links| *links == 0).await.unwrap();
    bench.sim.types("kim", "support", "/seqn d").await.unwrap();
    assert!(bench.last("kim").text.contains("dispatch_failed"));
}

#[tokio::test]
async fn a_reset_ends_a_connection_without_goodbye() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    bench.sim.drop_sockets();
    assert!(!matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    bench.sim.core.board.open.subscribe().wait_for(|links| *links == 0).await.unwrap();
}

#[tokio::test]
async fn a_mention_is_two_events_and_a_stranger_brings_their_team() {
    let bench = Bench::new().await;
    let mut socket = bench.socket().await;
    let (typed, events) = tokio::join!(bench.sim.types("pat", "support", "@seqn help"), async {
        let first = frame(&mut socket).await;
        ack(&mut socket, &first, Value::Null).await;
        let second = frame(&mut socket).await;
        ack(&mut socket, &second, Value::Null).await;
        [first["payload"]["event"].clone(), second["payload"]["event"].clone()]
    });
    typed.unwrap();
    assert_eq!((&events[0]["type"], &events[1]["type"]), (&json!("message"), &json!("app_mention")));
    assert_eq!((&events[1]["text"], &events[1]["user_team"]), (&json!("<@U0SEQNBOT> help"), &json!("T0OTHER")));
    assert!(bench.sim.types("pat", "support/latest", "/seqn help").await.is_err(), "no commands in threads");
    assert_eq!(bench.call("users.info", json!({"user": "U0PAT"})).await["user"]["is_stranger"], true);
}

#[tokio::test]
async fn faults_come_as_armed() {
    let bench = Bench::new().await;
    let bot = token("xoxb");
    let post = || {
        bench.http("/api/chat.postMessage", "application/json", Some(&bot), r##"{"channel":"#support","text":"x"}"##)
    };
    bench.faults.arm("slack", "POST /api/chat.postMessage", FaultKind::RetryAfter(7), 1);
    let (status, head, _) = post().await;
    assert!(status == 429 && head.contains("retry-after: 7"));
    bench.faults.arm("slack", "chat.postMessage", FaultKind::DropAfter, 1);
    assert_eq!(post().await, (0, String::new(), String::new()));
    assert_eq!(bench.sim.all().len(), 1, "the work was done before the connection was cut");
    bench.faults.arm("slack", "chat.postMessage", FaultKind::Garbage, 1);
    assert!(serde_json::from_str::<Value>(&post().await.2).is_err());
    assert_eq!(bench.sim.all().len(), 1);
    assert_eq!(bench.sim.everything_sent_by_bot().len(), 3);
}

#[tokio::test]
async fn blocks_beyond_slacks_limits_are_refused() {
    let bench = Bench::new().await;
    let section = |n: usize| json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(n)}});
    let button = json!({"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "B"}});
    let cases = [
        (json!([section(3_001)]), "invalid_blocks"),
        (json!(vec![json!({"type": "divider"}); 51]), "invalid_blocks"),
        (json!([{"type": "actions", "elements": [button, button]}]), "invalid_blocks"),
        (json!(vec![section(3_000); 5]), "msg_blocks_too_long"),
    ];
    for (blocks, error) in cases {
        let answer = bench.call("chat.postMessage", json!({"channel": SUPPORT, "text": "t", "blocks": blocks})).await;
        assert_eq!(answer["error"], error);
    }
    let empty = bench.call("chat.postMessage", json!({"channel": SUPPORT})).await;
    assert_eq!(empty["error"], "no_text");
}

#[tokio::test]
async fn history_comes_in_pages_newest_first_and_without_replies() {
    let bench = Bench::new().await;
    let mut parent = Value::Null;
    for n in 0..5 {
        parent =
            bench.call("chat.postMessage", json!({"channel": SUPPORT, "text": format!("m{n}")})).await["ts"].clone();
    }
    bench.call("chat.postMessage", json!({"channel": SUPPORT, "text": "reply", "thread_ts": parent})).await;
    let mut seen = Vec::new();
    let mut cursor = json!("");
    loop {
        let page = bench.call("conversations.history", json!({"channel": SUPPORT, "limit": 2, "cursor": cursor})).await;
        seen.extend(page["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap().to_owned()));
        if page["has_more"] != true {
            break;
        }
        cursor = page["response_metadata"]["next_cursor"].clone();
    }
    assert_eq!(seen, ["m4", "m3", "m2", "m1", "m0"]);
    let thread = bench.call("conversations.replies", json!({"channel": SUPPORT, "ts": parent})).await;
    assert_eq!(thread["messages"].as_array().unwrap().len(), 2);
    assert_eq!(thread["messages"][0]["reply_count"], 1);
}
