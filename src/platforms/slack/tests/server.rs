//! A tiny Slack: the Web API over axum, sockets by hand. Only what the tests beside it need.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::any;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as WsMessage;

/// A method's canned answer: status, headers, body.
type Canned = (u16, Vec<(&'static str, &'static str)>, Value);

#[derive(Default)]
struct Inner {
    canned: HashMap<String, VecDeque<Canned>>,
    calls: Vec<(String, Value)>,
    socket_url: String,
}

/// The running server.
#[derive(Clone)]
pub(super) struct Server {
    inner: Arc<Mutex<Inner>>,
    pub(super) origin: String,
}

/// A socket that the bot opened, on our side.
pub(super) struct Peer(WebSocketStream<TcpStream>);

impl Peer {
    pub(super) async fn say(&mut self, frame: &Value) {
        self.0.send(WsMessage::text(frame.to_string())).await.expect("an open socket");
    }

    pub(super) async fn hello(&mut self) {
        self.say(&json!({"type": "hello", "num_connections": 1})).await;
    }

    pub(super) async fn event(&mut self, id: &str) {
        let event = json!({"type": "message", "user": "U1", "text": id, "ts": "1", "channel": "C1", "team": "T0"});
        let payload = json!({"type": "event_callback", "team_id": "T0", "event_id": id, "event": event});
        self.say(&json!({"type": "events_api", "envelope_id": id, "payload": payload})).await;
    }

    /// The next ack; `None` when the socket is closed.
    pub(super) async fn ack(&mut self) -> Option<Value> {
        while let Some(Ok(frame)) = self.0.next().await {
            if let WsMessage::Text(text) = frame {
                return Some(serde_json::from_str(text.as_str()).expect("an ack is JSON"));
            }
        }
        None
    }
}

impl Server {
    /// A server, and the TCP connections of its sockets before their handshake.
    pub(super) async fn start() -> (Self, mpsc::Receiver<TcpStream>) {
        let http = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let ws = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", http.local_addr().expect("an address"));
        let socket_url = format!("ws://{}/link?ticket=1", ws.local_addr().expect("an address"));
        let server = Self { inner: Arc::new(Mutex::new(Inner { socket_url, ..Inner::default() })), origin };
        let app = Router::new().route("/api/{method}", any(answer)).route("/hooks/{method}", any(answer));
        let app = app.with_state(server.clone());
        tokio::spawn(async move { axum::serve(http, app).await });
        let (send, sockets) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((stream, _)) = ws.accept().await {
                if send.send(stream).await.is_err() {
                    return;
                }
            }
        });
        (server, sockets)
    }

    pub(super) fn base(&self) -> String {
        format!("{}/api", self.origin)
    }

    /// The next call of that method is answered with this.
    pub(super) fn next(&self, method: &str, canned: Canned) {
        self.inner.lock().expect("a lock").canned.entry(method.to_owned()).or_default().push_back(canned);
    }

    pub(super) fn calls(&self, method: &str) -> Vec<Value> {
        let inner = self.inner.lock().expect("a lock");
        inner.calls.iter().filter(|(name, _)| name == method).map(|(_, body)| body.clone()).collect()
    }
}

/// The handshake of a waiting connection.
pub(super) async fn accept(sockets: &mut mpsc::Receiver<TcpStream>) -> Peer {
    let stream = sockets.recv().await.expect("a connection");
    Peer(tokio_tungstenite::accept_async(stream).await.expect("a handshake"))
}

async fn answer(
    State(server): State<Server>,
    Path(method): Path<String>,
    _headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let (status, headers, body) = {
        let mut inner = server.inner.lock().expect("a lock");
        inner.calls.push((method.clone(), serde_json::from_slice(&body).unwrap_or_default()));
        let canned = inner.canned.get_mut(&method).and_then(VecDeque::pop_front);
        canned.unwrap_or_else(|| (200, Vec::new(), usual(&method, &inner.socket_url)))
    };
    let mut found = HeaderMap::new();
    found.insert("content-type", "application/json".parse().expect("a value"));
    for (name, value) in headers {
        found.insert(name, value.parse().expect("a value"));
    }
    (StatusCode::from_u16(status).expect("a status"), found, body.to_string())
}

fn usual(method: &str, socket_url: &str) -> Value {
    match method {
        "auth.test" => json!({"ok": true, "team_id": "T0", "user_id": "U0BOT", "bot_id": "B0BOT"}),
        "apps.connections.open" => json!({"ok": true, "url": socket_url}),
        "conversations.open" => json!({"ok": true, "channel": {"id": "D1"}}),
        "chat.postMessage" => json!({"ok": true, "channel": "C1", "ts": "17.5"}),
        _ => json!({"ok": true}),
    }
}
