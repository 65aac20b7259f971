//! The gateway client against a tiny server: each step is awaited, nothing sleeps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::guard::Secret;
use crate::ports::{Liveness, PortError};

use super::super::listen::Event;
use super::super::stream::{Budget, Gateway, Pace, Starts};

const SHORT: Duration = Duration::from_millis(1);
/// A real server would have hung up long before.
const PATIENCE: Duration = Duration::from_secs(20);

const PACE: Pace = Pace {
    connect: PATIENCE,
    hello: PATIENCE,
    ready: PATIENCE,
    pause_first: SHORT,
    pause_most: SHORT,
    invalid: [SHORT, SHORT],
    identify_gap: SHORT,
    steady: PATIENCE,
};

struct Start(String, u64);

#[async_trait]
impl Starts for Start {
    async fn budget(&self) -> Result<Budget, PortError> {
        Ok(Budget { url: self.0.clone(), remaining: self.1, reset_after: SHORT })
    }
}

struct Server {
    listener: TcpListener,
    url: String,
}

struct Conn(WebSocketStream<TcpStream>);

impl Server {
    async fn accept(&self, heartbeat: u64) -> Conn {
        let (stream, _) = self.listener.accept().await.expect("the client comes");
        let mut conn = Conn(tokio_tungstenite::accept_async(stream).await.expect("it speaks"));
        conn.send(json!({"op": 10, "d": {"heartbeat_interval": heartbeat}})).await;
        conn
    }

    async fn ready(&self, heartbeat: u64) -> Conn {
        let mut conn = self.accept(heartbeat).await;
        assert_eq!(conn.opening().await["op"], 2);
        let ready = json!({"session_id": "s1", "resume_gateway_url": self.url, "user": {"id": "2"}});
        conn.send(json!({"op": 0, "s": 1, "t": "READY", "d": ready})).await;
        conn
    }

    async fn resumed(&self, seq: u64) -> Conn {
        let mut conn = self.accept(60_000).await;
        let opening = conn.opening().await;
        assert_eq!(
            (&opening["op"], &opening["d"]["session_id"], &opening["d"]["seq"]),
            (&json!(6), &json!("s1"), &json!(seq))
        );
        conn.send(json!({"op": 0, "s": seq + 1, "t": "RESUMED", "d": {}})).await;
        conn
    }
}

impl Conn {
    async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("the line is open");
    }

    async fn next(&mut self) -> Option<Message> {
        self.0.next().await.and_then(Result::ok)
    }

    /// The first frame that is no heartbeat.
    async fn opening(&mut self) -> Value {
        loop {
            let Some(Message::Text(text)) = self.next().await else { panic!("an opening comes") };
            let frame: Value = serde_json::from_str(&text).expect("it is JSON");
            if frame["op"] != 1 {
                return frame;
            }
        }
    }

    /// The code with which the client leaves.
    async fn left(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Some(Message::Close(frame)) => return frame.map(|f| f.code.into()),
                Some(_) => {}
                None => return None,
            }
        }
    }

    async fn close(&mut self, code: Option<u16>) {
        let frame = code.map(|code| CloseFrame { code: code.into(), reason: "".into() });
        self.0.close(frame).await.expect("the line is open");
    }
}

struct World {
    server: Server,
    live: watch::Receiver<Liveness>,
    stop: watch::Sender<bool>,
    seen: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

async fn world(remaining: u64) -> World {
    sparing(remaining, 0).await
}

async fn sparing(remaining: u64, spared: u64) -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback is there");
    let url = format!("ws://{}", listener.local_addr().expect("an address"));
    let (live, watching) = watch::channel(Liveness::Connecting);
    let (stop, stopping) = watch::channel(false);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (starts, notes) = (Start(url.clone(), remaining), Arc::clone(&seen));
    let task = tokio::spawn(async move {
        let sink = move |event| {
            let note = match event {
                Event::Ready(me, whole) => format!("ready {me} {whole}"),
                Event::Interaction(event) => format!("interaction {}", event["id"]),
                Event::Other(name, event) => format!("{name} {}", event["id"]),
                Event::Opened | Event::Unreadable => return,
            };
            notes.lock().expect("no test panics with it").push(note);
        };
        let gateway = Gateway {
            token: Secret::new("t"),
            intents: 1 | spared,
            spared,
            pace: PACE,
            starts: &starts,
            live: &live,
            sink: &sink,
        };
        gateway.run(stopping).await;
    });
    World { server: Server { listener, url }, live: watching, stop, seen, task }
}

impl World {
    async fn until(&mut self, wanted: impl Fn(&Liveness) -> bool) -> Liveness {
        let reached = tokio::time::timeout(PATIENCE, self.live.wait_for(|live| wanted(live))).await;
        reached.expect("in time").expect("the client runs").clone()
    }
}

#[tokio::test]
async fn every_end_that_can_be_resumed_is() {
    let mut world = world(1_000).await;
    let mut conn = world.server.ready(60_000).await;
    world.until(|live| *live == Liveness::Live).await;
    conn.send(json!({"op": 0, "s": 2, "t": "MESSAGE_CREATE", "d": {"id": 1}})).await;
    conn.close(None).await;
    let mut conn = world.server.resumed(2).await;
    conn.close(Some(4_000)).await;
    let conn = world.server.resumed(3).await;
    drop(conn);
    let mut conn = world.server.resumed(4).await;
    conn.send(json!({"op": 7, "d": null})).await;
    assert_eq!(conn.left().await, Some(4_000));
    let mut conn = world.server.resumed(5).await;
    conn.send(json!({"op": 9, "d": true})).await;
    assert_eq!(conn.left().await, Some(4_000));
    let mut conn = world.server.resumed(6).await;
    conn.send(json!({"op": 1, "d": null})).await;
    assert!(matches!(conn.next().await, Some(Message::Text(t)) if t.contains("\"op\":1")));
    world.stop.send_replace(true);
    assert_eq!(conn.left().await, Some(1_000));
    world.task.await.expect("it ends");
    assert_eq!(*world.seen.lock().expect("whole"), ["ready 2 true", "MESSAGE_CREATE 1"]);
}

#[tokio::test]
async fn a_zombie_is_left_and_resumed() {
    let world = world(1_000).await;
    let mut conn = world.server.ready(20).await;
    assert_eq!(conn.left().await, Some(4_000));
    world.server.resumed(1).await;
}

#[tokio::test]
async fn a_lost_session_begins_anew() {
    let mut world = world(1_000).await;
    let mut conn = world.server.ready(60_000).await;
    conn.send(json!({"op": 9, "d": false})).await;
    assert_eq!(conn.left().await, Some(4_000));
    for code in [4_003, 4_007, 4_009] {
        let mut conn = world.server.ready(60_000).await;
        conn.close(Some(code)).await;
    }
    let _open = world.server.ready(60_000).await;
    world.until(|live| *live == Liveness::Live).await;
}

#[tokio::test]
async fn what_cannot_get_better_ends_with_advice() {
    for (code, word) in [(4_004, "token"), (4_010, "sharded"), (4_012, "Update"), (4_013, "intent"), (4_014, "portal")]
    {
        let mut world = world(1_000).await;
        world.server.ready(60_000).await.close(Some(code)).await;
        let down = world.until(|live| matches!(live, Liveness::Down(_))).await;
        assert!(matches!(&down, Liveness::Down(why) if why.contains(word)), "{down:?}");
        assert!(!world.task.is_finished());
        world.stop.send_replace(true);
        world.task.await.expect("it ends");
    }
}

#[tokio::test]
async fn an_intent_that_is_refused_is_done_without_until_the_next_session() {
    let world = sparing(1_000, 1 << 15).await;
    for (asked, close) in [(1 | 1 << 15, 4_014), (1, 4_009), (1 | 1 << 15, 4_014), (1, 4_014)] {
        let mut conn = world.server.accept(60_000).await;
        let opening = conn.opening().await;
        assert_eq!((&opening["op"], &opening["d"]["intents"]), (&json!(2), &json!(asked)));
        if close == 4_009 {
            let ready = json!({"session_id": "s1", "resume_gateway_url": world.server.url, "user": {"id": "2"}});
            conn.send(json!({"op": 0, "s": 1, "t": "READY", "d": ready})).await;
        }
        conn.close(Some(close)).await;
    }
    let mut live = world.live.clone();
    let down = live.wait_for(|live| matches!(live, Liveness::Down(_)));
    tokio::time::timeout(PATIENCE, down).await.expect("in time").expect("the client runs");
    assert_eq!(*world.seen.lock().expect("whole"), ["ready 2 false"]);
}

#[tokio::test]
async fn garbage_changes_nothing() {
    let world = world(1_000).await;
    let mut conn = world.server.ready(60_000).await;
    for odd in ["null", "{", "[]", "{\"op\":99}", "{\"op\":0}", "{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"s\":\"x\"}"] {
        conn.0.send(Message::text(odd)).await.expect("the line is open");
    }
    conn.0.send(Message::binary(vec![1, 2, 3])).await.expect("the line is open");
    conn.send(json!({"op": 1, "d": null})).await;
    assert!(matches!(conn.next().await, Some(Message::Text(t)) if t.contains("\"d\":1")));
    assert_eq!(world.seen.lock().expect("whole")[0], "ready 2 true");
}

#[tokio::test]
async fn without_budget_nothing_is_identified() {
    let world = world(5).await;
    let came = tokio::time::timeout(Duration::from_millis(100), world.server.listener.accept()).await;
    assert!(came.is_err(), "no connection is opened");
}
