//! The emulators' HTTP door: a loopback listener that records each request, asks for a fault, and hands
//! the request to the emulator behind it.
//!
//! It knows no service. Invariant: a cut connection carries not one byte of an answer.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::sandbox::fault::{FaultKind, Faults};

/// Bytes of a request body that are read: far above any body that these services take.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Requests that are remembered for a story to look at; the oldest are forgotten first.
const RECORDED_MAX: usize = 10_000;

/// One request as it came in, headers in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The method, in capitals.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent, without `?`.
    pub query: String,
    /// All headers in order, names in lower case; credentials are not removed.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Recorded {
    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// A request, read: what an emulator decides on.
pub(crate) struct Ask {
    pub(crate) seen: Recorded,
    /// The query, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    /// The path, split at slashes and decoded; empty parts are left out.
    pub(crate) parts: Vec<String>,
}

impl Ask {
    fn new(seen: Recorded, query: Vec<(String, String)>) -> Self {
        let parts = seen.path.split('/').filter(|p| !p.is_empty()).map(percent_decoded).collect();
        Self { seen, query, parts }
    }

    pub(crate) fn is(&self, method: &str) -> bool {
        self.seen.method == method
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn params<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        self.seen.header("authorization")?.strip_prefix("Bearer ").map(str::trim)
    }

    /// The body, when it is a JSON object.
    pub(crate) fn object(&self) -> Option<Value> {
        serde_json::from_str::<Value>(&self.seen.body).ok().filter(Value::is_object)
    }
}

/// What an emulator answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: vec![("content-type", "application/json".into())], body: body.to_string() }
    }

    pub(crate) fn text(status: u16, kind: &str, body: &str) -> Self {
        Self { status, headers: vec![("content-type", kind.into())], body: body.into() }
    }

    pub(crate) fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// A service behind a door. It answers at once and from memory.
pub(crate) trait Emulated: Send + Sync + 'static {
    /// The service's answer; effects have happened when it returns.
    fn answer(&self, ask: &Ask) -> Answer;
    /// An answer that is dressed as the service's own failure of that status, without any effect.
    fn broken(&self, status: u16) -> Answer;
    /// What every answer of this service wears, also injected ones.
    fn dress(&self, answer: Answer) -> Answer;
}

/// An open door; it closes when this is dropped.
#[derive(Debug)]
pub(crate) struct Door {
    seen: Arc<Mutex<VecDeque<Recorded>>>,
    task: JoinHandle<()>,
}

impl Door {
    /// A listener on loopback with a port that the system chooses, and its base URL.
    pub(crate) async fn bind() -> io::Result<(TcpListener, String)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base = format!("http://{}", listener.local_addr()?);
        Ok((listener, base))
    }

    /// Lets requests in. `service` is the name that faults are armed for.
    pub(crate) fn open(
        listener: TcpListener,
        service: &'static str,
        faults: Faults,
        emulated: Arc<dyn Emulated>,
    ) -> Self {
        let seen = Arc::new(Mutex::new(VecDeque::new()));
        let gate = Arc::new(Gate { service, faults, emulated, seen: Arc::clone(&seen) });
        let router = Router::new().fallback(admit).with_state(gate);
        let serving =
            axum::serve(CutListener(listener), router.into_make_service_with_connect_info::<Cut>()).into_future();
        // Serving ends only with its task, so there is no result to look at.
        let task = tokio::spawn(async move { drop(serving.await) });
        Self { seen, task }
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Gate {
    service: &'static str,
    faults: Faults,
    emulated: Arc<dyn Emulated>,
    seen: Arc<Mutex<VecDeque<Recorded>>>,
}

async fn admit(State(gate): State<Arc<Gate>>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return gate.emulated.dress(gate.emulated.broken(413)).into_response();
    };
    let headers = head.headers.iter().map(|(n, v)| (n.as_str().into(), String::from_utf8_lossy(v.as_bytes()).into()));
    let seen = Recorded {
        method: head.method.as_str().into(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into(),
    };
    let line = head.uri.path_and_query().map_or_else(|| seen.path.clone(), ToString::to_string);
    let line = format!("{} {line}", seen.method);
    remember(&gate.seen, &seen);
    let query = Query::<Vec<(String, String)>>::try_from_uri(&head.uri).map(|q| q.0).unwrap_or_default();
    let ask = Ask::new(seen, query);
    gate.faults.delay(gate.service).await;
    let answer = match gate.faults.take(gate.service, &line) {
        None => gate.emulated.answer(&ask),
        Some(FaultKind::Status(status)) => gate.emulated.broken(status),
        Some(FaultKind::RetryAfter(seconds)) => gate.emulated.broken(429).with("retry-after", seconds.to_string()),
        Some(FaultKind::Hang) => std::future::pending().await,
        Some(FaultKind::DropAfter) => {
            drop(gate.emulated.answer(&ask));
            cut.sever();
            Answer::bare(500)
        }
        Some(FaultKind::Garbage) => Answer::text(200, "text/html", "<html><body>Welcome to the proxy</body></html>"),
        Some(FaultKind::Body(status, text)) => Answer::text(status, "application/json", &text),
    };
    let mut response = gate.emulated.dress(answer).into_response();
    if matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    response
}

fn remember(seen: &Mutex<VecDeque<Recorded>>, request: &Recorded) {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.len() >= RECORDED_MAX {
        seen.pop_front();
    }
    seen.push_back(request.clone());
}

fn percent_decoded(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| part.get(at + 1..at + 3)).flatten();
        if let Some(byte) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into()
}

/// The scissors of one connection.
#[derive(Clone, Debug, Default)]
struct Cut(Arc<AtomicBool>);

impl Cut {
    fn sever(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl Connected<IncomingStream<'_, CutListener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, CutListener>) -> Self {
        stream.io().cut.clone()
    }
}

struct CutListener(TcpListener);

impl Listener for CutListener {
    type Io = CutStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (CutStream, SocketAddr) {
        let (stream, addr) = Listener::accept(&mut self.0).await;
        (CutStream { stream, cut: Cut::default() }, addr)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A stream that stops writing once it is cut, so that the server closes it.
struct CutStream {
    stream: TcpStream,
    cut: Cut,
}

impl AsyncRead for CutStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Err(gone) = this.cut.check() {
            return Poll::Ready(Err(gone));
        }
        Pin::new(&mut this.stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
