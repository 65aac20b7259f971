//! Small servers on 127.0.0.1 for the tests of this folder. They know nothing of SEQN or Authentik.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use url::Url;

use crate::guard::{FingerprintKey, Guard};

/// A request as a server saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET /path?query`
    pub line: String,
    /// Its headers.
    pub headers: HeaderMap,
}

/// A server that answers with a function and remembers what it was asked.
pub struct Loopback {
    /// Where it listens.
    pub url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Answerer = Arc<dyn Fn(&str) -> Response + Send + Sync>;

impl Loopback {
    /// Starts one. The function gets `GET /path?query`.
    pub async fn start(answer: impl Fn(&str) -> Response + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer: Answerer = Arc::new(answer);
        let router = Router::new().fallback(receive).with_state((answer, Arc::clone(&seen)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = address(&listener);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic while held").clone()
    }

    /// The request lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

async fn receive(State((answer, seen)): State<(Answerer, Arc<Mutex<Vec<Seen>>>)>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    seen.lock().expect("no panic while held").push(Seen { line: line.clone(), headers: request.headers().clone() });
    answer(&line)
}

/// Where a listener listens.
pub fn address(listener: &TcpListener) -> Url {
    format!("http://{}", listener.local_addr().expect("bound")).parse().expect("a URL")
}

/// A JSON answer.
pub fn json(status: u16, value: &Value) -> Response {
    let body = ([("content-type", "application/json")], value.to_string());
    (StatusCode::from_u16(status).expect("a status"), body).into_response()
}

/// An answer with that body and no type.
pub fn bare(status: u16, body: &str) -> Response {
    (StatusCode::from_u16(status).expect("a status"), body.to_owned()).into_response()
}

/// A guard for tests.
pub fn guard() -> Guard {
    Guard::new(FingerprintKey::new([7; 32]))
}

/// A key that the guard must catch, put together at run time.
pub fn raw_key() -> String {
    format!("sk_{}_{}", "live", "Zq8Xw3Rt7Yp2Lm5Kd9Vb4Nc6")
}
