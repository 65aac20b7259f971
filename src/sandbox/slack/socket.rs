//! Socket Mode, the server's side: handshakes with tickets, hello, pings, acks, and everything that
//! can go wrong with a connection.
//!
//! It does not know what payloads mean. Invariant: every task ends when the emulator stops.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use super::delivery::{FRAMES_WAITING, Frame, Link};
use super::{Core, wire};

/// How often the server pings each connection, in real seconds.
const PING_EVERY_S: u64 = 10;
/// How many tickets may be open: a bound on memory.
const TICKETS_KEPT: usize = 1_000;
/// How long a connection stays open after a `disconnect` warning, in real seconds.
const WARNING_GRACE_S: u64 = 10;
/// How long it stays open after `refresh_requested`, in real seconds.
const REFRESH_GRACE_S: u64 = 2;

type Socket = WebSocketStream<TcpStream>;

/// Answers `apps.connections.open`: a url with a ticket that can be used once.
pub(super) fn open_url(core: &Core) -> Value {
    let mut state = core.state();
    if state.tickets.len() >= TICKETS_KEPT {
        state.tickets.clear();
    }
    let ticket = state.id("ticket-");
    state.tickets.insert(ticket.clone());
    json!({"url": format!("ws://{}/link/?ticket={ticket}&app_id={}", core.ws, crate::sandbox::cast::SLACK_APP)})
}

/// Accepts connections until the emulator stops.
pub(super) async fn accept_links(core: Arc<Core>, listener: TcpListener) {
    let mut stop = core.stop.subscribe();
    let mut next_id = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted.ok(),
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Some((stream, _)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        // As Slack: a frame does not wait for the receipt of the one before.
        let _ = stream.set_nodelay(true);
        next_id += 1;
        let (core, id) = (Arc::clone(&core), next_id);
        tokio::spawn(async move {
            let mut stop = core.stop.subscribe();
            tokio::select! {
                () = serve_link(&core, id, stream) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
            core.board.remove(id);
        });
    }
}

async fn serve_link(core: &Arc<Core>, id: u64, stream: TcpStream) {
    let mut hang = core.knobs.hang_handshake.subscribe();
    if *hang.borrow_and_update() {
        // Holds the connection without a word; when the knob is turned back the connection is dropped.
        let _ = hang.wait_for(|hang| !*hang).await;
        return;
    }
    let mut frozen = core.knobs.frozen.subscribe();
    let _ = frozen.wait_for(|frozen| !*frozen).await;
    // The size of the refusal is the library's choice.
    #[allow(clippy::result_large_err)]
    let check = |request: &Request, response: Response| {
        if use_ticket(core, request.uri().query().unwrap_or_default()) {
            return Ok(response);
        }
        let mut refusal = ErrorResponse::new(Some("invalid ticket".to_owned()));
        *refusal.status_mut() = axum::http::StatusCode::UNAUTHORIZED;
        Err(refusal)
    };
    let Ok(mut socket) = accept_hdr_async(stream, check).await else { return };
    let (out, frames) = mpsc::channel(FRAMES_WAITING);
    let Some(count) = core.board.add(Link { id, out, leaving: false }) else {
        let _ = socket.send(Message::text(wire::disconnect("too_many_websockets").to_string())).await;
        let _ = socket.close(None).await;
        return;
    };
    if !core.knobs.no_hello.load(Ordering::SeqCst) {
        let _ = socket.send(Message::text(wire::hello(count).to_string())).await;
    }
    run_link(core, socket, frames).await;
}

fn use_ticket(core: &Core, query: &str) -> bool {
    let ticket = query.split('&').find_map(|pair| pair.strip_prefix("ticket="));
    ticket.is_some_and(|ticket| core.state().tickets.remove(ticket))
}

async fn run_link(core: &Arc<Core>, mut socket: Socket, mut frames: mpsc::Receiver<Frame>) {
    let mut frozen = core.knobs.frozen.subscribe();
    let mut cut = core.knobs.cut.subscribe();
    let mut ping = tokio::time::interval(Duration::from_secs(PING_EVERY_S));
    ping.reset();
    loop {
        let asleep = *frozen.borrow_and_update();
        tokio::select! {
            _ = cut.changed() => {
                // The peer shall see a reset, not a goodbye.
                let _ = socket.get_ref().set_zero_linger();
                return;
            }
            _ = frozen.changed() => {}
            frame = frames.recv(), if !asleep => match frame {
                Some(Frame::Text(text)) => if socket.send(Message::text(text)).await.is_err() { return },
                Some(Frame::Envelope(id, text)) => {
                    core.watch.left(&id);
                    if socket.send(Message::text(text)).await.is_err() { return }
                }
                Some(Frame::Close) | None => {
                    let _ = socket.close(None).await;
                    return;
                }
            },
            message = socket.next(), if !asleep => match message {
                Some(Ok(Message::Text(text))) => take_ack(core, text.as_str()),
                Some(Ok(Message::Close(_))) => {
                    // The library has put a goodbye into its buffer; the peer waits for it.
                    let _ = socket.flush().await;
                    return;
                }
                Some(Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            _ = ping.tick(), if !asleep => {
                if socket.send(Message::Ping(b"Ping from applink".to_vec().into())).await.is_err() { return }
            }
        }
    }
}

fn take_ack(core: &Core, text: &str) {
    let now = Instant::now();
    let Ok(ack) = serde_json::from_str::<Value>(text) else { return };
    let Some(envelope_id) = ack["envelope_id"].as_str() else { return };
    core.watch.came(envelope_id, now);
    core.state().note_ack(text);
    match core.board.ack(envelope_id, ack["payload"].clone()) {
        Some(true) => core.knobs.acks.fetch_add(1, Ordering::SeqCst),
        Some(false) => core.knobs.late_acks.fetch_add(1, Ordering::SeqCst),
        None => 0,
    };
}

/// Tells every connection to go, and closes them after the time that Slack gives for this reason.
pub(super) fn send_disconnect(core: &Arc<Core>, reason: &str) {
    let frame = wire::disconnect(reason).to_string();
    let mut links = core.board.links.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut leaving = Vec::new();
    for link in links.iter_mut() {
        link.leaving = true;
        let _ = link.out.try_send(Frame::Text(frame.clone()));
        leaving.push(link.out.clone());
    }
    drop(links);
    let grace = match reason {
        "warning" => WARNING_GRACE_S,
        "refresh_requested" => REFRESH_GRACE_S,
        _ => 0,
    };
    let mut stop = core.stop.subscribe();
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(grace)) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
        for out in leaving {
            let _ = out.send(Frame::Close).await;
        }
    });
}
