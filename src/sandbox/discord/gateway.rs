//! The gateway: one task for each WebSocket, from HELLO to the close.
//!
//! It holds no session (they outlive connections). Invariant: while frozen it neither reads nor writes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::rooms;
use super::sessions::{GUILDS, MESSAGE_CONTENT, Out, Resumed};
use super::state::Core;
use super::wire;
use crate::sandbox::cast::{DISCORD_APP, DISCORD_GUILD};

/// The largest frame that Discord takes from a client, in bytes.
const CLIENT_FRAME_MAX: usize = 4_096;
/// How many frames a client may send in `SEND_WINDOW`.
const SENDS_MAX: usize = 120;
/// The window of `SENDS_MAX`.
const SEND_WINDOW: Duration = Duration::from_mins(1);
/// How long a close waits for the peer's own.
const CLOSE_WAIT: Duration = Duration::from_secs(5);
/// Every intent that exists: bits 0–16, 20, 21, 24 and 25.
const KNOWN_INTENTS: u64 = ((1 << 17) - 1) | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25);
/// The path of `resume_gateway_url`.
const RESUME_PATH: &str = "/resume";

/// Accepts gateway connections until the emulator goes down.
pub(super) async fn serve(core: Arc<Core>, listener: TcpListener) {
    loop {
        tokio::select! {
            () = core.went_down() => return,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    // As Discord: an event does not wait for the receipt of the one before.
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(connection(Arc::clone(&core), stream));
                }
            }
        }
    }
}

/// What a connection knows of itself.
struct Seat {
    conn: u64,
    path: String,
    version_ok: bool,
    identified: bool,
    sends: Vec<Instant>,
}

async fn connection(core: Arc<Core>, stream: TcpStream) {
    let (conn, queue, kill, hang) = {
        let mut state = core.lock();
        let (conn, queue, kill) = state.gate.connect();
        (conn, queue, kill, state.knobs.hang_handshake)
    };
    let mut uri = None;
    // The error type is what the handshake library asks for.
    #[allow(clippy::result_large_err)]
    let note = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        uri = Some(request.uri().clone());
        Ok(response)
    };
    let opened = async {
        if hang {
            std::future::pending::<()>().await;
        }
        tokio_tungstenite::accept_hdr_async(stream, note).await
    };
    let opened = tokio::select! {
        opened = opened => opened.ok(),
        () = kill.notified() => None,
        () = core.went_down() => None,
    };
    if let (Some(mut ws), Some(uri)) = (opened, uri) {
        let version = uri.query().unwrap_or("").split('&').find_map(|p| p.strip_prefix("v="));
        let path = uri.path().trim_end_matches('/').to_owned();
        let version_ok = matches!(version, Some("9" | "10"));
        let seat = Seat { conn, path, version_ok, identified: false, sends: Vec::new() };
        let cut = tokio::select! {
            () = talk(&core, seat, &mut ws, queue) => false,
            () = kill.notified() => true,
            () = core.went_down() => true,
        };
        if cut {
            // If it cannot be set the peer sees an ordinary end instead of a reset.
            let _ = ws.get_ref().set_zero_linger();
        }
    }
    core.lock().gate.disconnect(conn);
}

async fn talk(core: &Core, mut seat: Seat, ws: &mut WebSocketStream<TcpStream>, mut queue: mpsc::Receiver<Out>) {
    let mut frozen = core.frozen.subscribe();
    let interval = core.lock().knobs.heartbeat_ms;
    let hello = json!({"op": 10, "d": {"heartbeat_interval": interval, "_trace": []}, "s": null, "t": null});
    core.lock().gate.tell(seat.conn, Out::Text(hello.to_string()));
    loop {
        if frozen.wait_for(|frozen| !*frozen).await.is_err() {
            return;
        }
        let next = tokio::select! {
            _ = frozen.changed() => continue,
            out = queue.recv() => match out {
                Some(out) => out,
                None => return,
            },
            read = ws.next() => match react(core, &mut seat, read) {
                Turn::Go => continue,
                Turn::Say(out) => out,
                Turn::Over => return,
            },
        };
        match next {
            Out::Text(text) => {
                if ws.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
            Out::Interaction(id, text) => {
                core.watch.left(&id);
                if ws.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
            Out::Close(status) => return close(ws, status).await,
        }
    }
}

/// Says goodbye and waits a little for the peer to do so too.
async fn close(ws: &mut WebSocketStream<TcpStream>, code: Option<u16>) {
    let frame = code.map(|code| CloseFrame { code: CloseCode::from(code), reason: reason(code).into() });
    if ws.send(Message::Close(frame)).await.is_err() {
        return;
    }
    let drained = async { while let Some(Ok(_)) = ws.next().await {} };
    // Whether it came or not, the connection is over.
    let _ = tokio::time::timeout(CLOSE_WAIT, drained).await;
}

const fn reason(code: u16) -> &'static str {
    match code {
        4001 => "Unknown opcode.",
        4002 => "Decode error.",
        4003 => "Not authenticated.",
        4004 => "Authentication failed.",
        4005 => "Already authenticated.",
        4007 => "Invalid seq.",
        4008 => "Rate limited.",
        4009 => "Session timed out.",
        4012 => "Invalid API version.",
        4013 => "Invalid intent(s).",
        4014 => "Disallowed intent(s).",
        _ => "",
    }
}

/// What follows from one read.
enum Turn {
    Go,
    Say(Out),
    Over,
}

const fn refuse(code: u16) -> Turn {
    Turn::Say(Out::Close(Some(code)))
}

type Read = Option<Result<Message, tokio_tungstenite::tungstenite::Error>>;

fn react(core: &Core, seat: &mut Seat, read: Read) -> Turn {
    let text = match read {
        None | Some(Err(_)) => return Turn::Over,
        Some(Ok(Message::Text(text))) => text.as_str().to_owned(),
        Some(Ok(Message::Binary(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
        Some(Ok(Message::Close(frame))) => {
            if matches!(frame.map(|f| u16::from(f.code)), Some(1000 | 1001)) {
                core.lock().gate.end_session(seat.conn);
            }
            return Turn::Go;
        }
        Some(Ok(_)) => return Turn::Go,
    };
    seat.sends.retain(|at| at.elapsed() < SEND_WINDOW);
    seat.sends.push(Instant::now());
    if seat.sends.len() > SENDS_MAX {
        return refuse(4008);
    }
    if text.len() > CLIENT_FRAME_MAX {
        return refuse(4002);
    }
    let Ok(frame) = serde_json::from_str::<Value>(&text) else { return refuse(4002) };
    match frame["op"].as_u64() {
        Some(1) => {
            let mut state = core.lock();
            state.gate.beat(seat.conn, frame["d"].as_u64().unwrap_or(0));
            if state.knobs.zombie {
                return Turn::Go;
            }
            Turn::Say(Out::Text(r#"{"op":11,"d":null,"s":null,"t":null}"#.to_owned()))
        }
        Some(2 | 6) if seat.identified => refuse(4005),
        Some(2) => identify(core, seat, &frame["d"]),
        Some(6) => resume(core, seat, &frame["d"]),
        Some(3 | 4 | 8 | 31) if seat.identified => Turn::Go,
        Some(3 | 4 | 8 | 31) => refuse(4003),
        Some(_) => refuse(4001),
        None => refuse(4002),
    }
}

fn token_fits(core: &Core, body: &Value) -> bool {
    body["token"].as_str().is_some_and(|t| t.strip_prefix("Bot ").unwrap_or(t) == core.token)
}

fn identify(core: &Core, seat: &mut Seat, body: &Value) -> Turn {
    if !seat.version_ok {
        return refuse(4012);
    }
    if !body["properties"].is_object() {
        return refuse(4002);
    }
    if !token_fits(core, body) {
        return refuse(4004);
    }
    let Some(intents) = body["intents"].as_u64().filter(|i| i & !KNOWN_INTENTS == 0) else { return refuse(4013) };
    let mut state = core.lock();
    if intents & MESSAGE_CONTENT != 0 && !state.knobs.message_content {
        return refuse(4014);
    }
    seat.identified = true;
    let session = state.gate.open(seat.conn, intents);
    let application = wire::application(state.knobs.message_content)["flags"].clone();
    let mut user = wire::user(DISCORD_APP);
    wire::merge(&mut user, &json!({"verified": true, "mfa_enabled": true, "email": null}));
    let ready = json!({
        "v": 10, "user": user, "guilds": [{"id": DISCORD_GUILD.to_string(), "unavailable": true}], "session_id": session,
        "resume_gateway_url": format!("{}{RESUME_PATH}", core.gateway_url), "session_type": "normal", "shard": [0, 1],
        "application": {"id": DISCORD_APP.to_string(), "flags": application}, "private_channels": [], "presences": [],
        "relationships": [], "user_settings": {}, "guild_join_requests": [], "geo_ordered_rtc_regions": [], "_trace": [],
    });
    let at = state.gate.sessions.len() - 1;
    state.gate.dispatch(at, "READY", &ready);
    if intents & GUILDS != 0 {
        let (channels, threads) = (rooms::channels(&state), rooms::active(&state));
        let server = wire::guild_create(state.knobs.bot_may, &channels, &threads);
        state.gate.dispatch(at, "GUILD_CREATE", &server);
    }
    Turn::Go
}

fn resume(core: &Core, seat: &mut Seat, body: &Value) -> Turn {
    if !seat.version_ok {
        return refuse(4012);
    }
    if !token_fits(core, body) {
        return refuse(4004);
    }
    let mut state = core.lock();
    let session = body["session_id"].as_str().unwrap_or("");
    match state.gate.resume(seat.conn, session, body["seq"].as_u64().unwrap_or(0)) {
        Resumed::Done => {
            if seat.path != RESUME_PATH {
                state.gate.resumes_astray += 1;
            }
            seat.identified = true;
            Turn::Go
        }
        Resumed::BadSeq => {
            state.gate.sessions.retain(|s| s.id != session);
            refuse(4007)
        }
        Resumed::Unknown => Turn::Say(Out::Text(r#"{"op":9,"d":false,"s":null,"t":null}"#.to_owned())),
    }
}
