//! Gateway sessions: their numbering, what can be replayed, and which connection each has.
//!
//! It does no I/O; frames go into bounded queues. Invariant: every dispatch of a session is in its log before it is sent.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, watch};

use super::rooms;
use super::state::{Post, State};
use super::wire;
use crate::sandbox::cast::{DISCORD_APP, DISCORD_GUILD};

/// How many dispatches of one session can be replayed: more than any test sends while a bot is away.
const LOG_LIMIT: usize = 2_000;
/// How many frames may wait for one connection: a whole replay and some more.
pub(super) const OUT_LIMIT: usize = 4_096;
/// How many sessions are remembered; older ones can no longer be resumed.
const SESSION_LIMIT: usize = 8;

/// Intents that decide what a session is sent.
pub(super) const GUILDS: u64 = 1;
const GUILD_MESSAGES: u64 = 1 << 9;
const DIRECT_MESSAGES: u64 = 1 << 12;
/// Reactions in servers.
pub(super) const GUILD_REACTIONS: u64 = 1 << 10;
/// The privileged intent for what people write.
pub(super) const MESSAGE_CONTENT: u64 = 1 << 15;
/// `AutoMod` rules being made, changed and deleted.
pub(super) const AUTOMOD_RULES: u64 = 1 << 20;
/// `AutoMod` rules having acted.
pub(super) const AUTOMOD_ACTIONS: u64 = 1 << 21;

/// What a connection is told to send.
#[derive(Clone, Debug)]
pub(super) enum Out {
    Text(String),
    /// An interaction: its id and its text.
    Interaction(String, String),
    Close(Option<u16>),
}

/// One open WebSocket.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) id: u64,
    pub(super) out: mpsc::Sender<Out>,
    pub(super) kill: Arc<Notify>,
}

/// One session, connected or not.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) seq: u64,
    pub(super) intents: u64,
    pub(super) conn: Option<u64>,
    /// The last event that its owner says to have read.
    pub(super) heard: u64,
    log: VecDeque<(u64, String)>,
}

/// All sessions and connections.
#[derive(Debug, Default)]
pub(super) struct Gate {
    pub(super) sessions: Vec<Session>,
    pub(super) conns: Vec<Conn>,
    pub(super) made: u64,
    pub(super) identifies: usize,
    pub(super) resumes: usize,
    pub(super) resumes_astray: usize,
    /// Grows with every identify and resume, and with every connection that ends.
    pub(super) joined: watch::Sender<u64>,
}

impl Gate {
    /// Takes in a connection; the receiver is what it must send.
    pub(super) fn connect(&mut self) -> (u64, mpsc::Receiver<Out>, Arc<Notify>) {
        let (out, queue) = mpsc::channel(OUT_LIMIT);
        self.made += 1;
        let kill = Arc::new(Notify::new());
        self.conns.push(Conn { id: self.made, out, kill: Arc::clone(&kill) });
        (self.made, queue, kill)
    }

    /// Forgets a connection that has ended; its session stays for a resume.
    pub(super) fn disconnect(&mut self, conn: u64) {
        self.conns.retain(|c| c.id != conn);
        for session in self.sessions.iter_mut().filter(|s| s.conn == Some(conn)) {
            session.conn = None;
        }
        self.joined.send_modify(|n| *n += 1);
    }

    /// Forgets the session of a connection, so that it cannot be resumed.
    pub(super) fn end_session(&mut self, conn: u64) {
        self.sessions.retain(|s| s.conn != Some(conn));
    }

    /// Notes what a heartbeat says to have been read.
    pub(super) fn beat(&mut self, conn: u64, seq: u64) {
        for session in self.sessions.iter_mut().filter(|s| s.conn == Some(conn)) {
            session.heard = session.heard.max(seq);
        }
        self.joined.send_modify(|n| *n += 1);
    }

    /// The connected sessions, and the last event that each was sent.
    pub(super) fn sent(&self) -> Vec<(u64, u64)> {
        self.sessions.iter().filter_map(|s| Some((s.conn?, s.seq))).collect()
    }

    /// Whether that connection has read that far, or is no more.
    pub(super) fn has_heard(&self, conn: u64, seq: u64) -> bool {
        self.sessions.iter().filter(|s| s.conn == Some(conn)).all(|s| s.heard >= seq)
    }

    /// Opens a new session on a connection.
    pub(super) fn open(&mut self, conn: u64, intents: u64) -> String {
        self.identifies += 1;
        self.joined.send_modify(|n| *n += 1);
        if self.sessions.len() >= SESSION_LIMIT {
            self.sessions.remove(0);
        }
        let id = format!("{:032x}", 0x5e55_0000_0000_u64 + self.identifies as u64);
        self.sessions.push(Session {
            id: id.clone(),
            seq: 0,
            intents,
            conn: Some(conn),
            heard: 0,
            log: VecDeque::new(),
        });
        id
    }

    /// Gives a session to a new connection and sends what it missed after `seq`.
    pub(super) fn resume(&mut self, conn: u64, session: &str, seq: u64) -> Resumed {
        let Some(at) = self.sessions.iter().position(|s| s.id == session) else { return Resumed::Unknown };
        let found = &self.sessions[at];
        if seq > found.seq {
            return Resumed::BadSeq;
        }
        let first = found.log.front().map_or(found.seq + 1, |(n, _)| *n);
        if seq + 1 < first {
            return Resumed::Unknown;
        }
        let missed: Vec<String> = found.log.iter().filter(|(n, _)| *n > seq).map(|(_, f)| f.clone()).collect();
        self.sessions[at].conn = Some(conn);
        self.resumes += 1;
        self.joined.send_modify(|n| *n += 1);
        for frame in missed {
            self.tell(conn, Out::Text(frame));
        }
        self.dispatch(at, "RESUMED", &json!({"_trace": []}));
        Resumed::Done
    }

    /// Numbers an event, logs it, and sends it if the session is connected.
    pub(super) fn dispatch(&mut self, at: usize, name: &str, body: &Value) {
        self.dispatch_as(at, name, body, Out::Text);
    }

    fn dispatch_as(&mut self, at: usize, name: &str, body: &Value, out: impl Fn(String) -> Out) {
        let session = &mut self.sessions[at];
        session.seq += 1;
        let frame = json!({"op": 0, "t": name, "s": session.seq, "d": body}).to_string();
        session.log.push_back((session.seq, frame.clone()));
        if session.log.len() > LOG_LIMIT {
            session.log.pop_front();
        }
        if let Some(conn) = session.conn {
            self.tell(conn, out(frame));
        }
    }

    /// Sends an interaction to the newest connected session, else leaves it for a resume of the newest one.
    pub(super) fn dispatch_to_one(&mut self, name: &str, body: &Value) -> bool {
        let live = self.sessions.iter().rposition(|s| s.conn.is_some());
        let Some(at) = live.or_else(|| self.sessions.len().checked_sub(1)) else { return false };
        let id = body["id"].as_str().unwrap_or_default();
        self.dispatch_as(at, name, body, |frame| Out::Interaction(id.to_owned(), frame));
        true
    }

    /// Puts something into a connection's queue; a connection that is too slow is cut, as Discord does.
    pub(super) fn tell(&mut self, conn: u64, out: Out) {
        if let Some(found) = self.conns.iter().find(|c| c.id == conn)
            && found.out.try_send(out).is_err()
        {
            found.kill.notify_one();
        }
    }

    /// The same for all connections.
    pub(super) fn tell_all(&mut self, out: &Out) {
        let all: Vec<u64> = self.conns.iter().map(|c| c.id).collect();
        for conn in all {
            self.tell(conn, out.clone());
        }
    }

    /// Closes all with this code; codes after which nobody may resume end the sessions.
    pub(super) fn close_all(&mut self, code: Option<u16>) {
        self.tell_all(&Out::Close(code));
        if matches!(code, Some(4004 | 4007 | 4009..=4014)) {
            self.sessions.clear();
        }
    }

    /// Resets all connections.
    pub(super) fn cut_all(&mut self) {
        self.conns.iter().for_each(|c| c.kill.notify_one());
    }
}

/// How a RESUME ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resumed {
    Done,
    Unknown,
    BadSeq,
}

impl State {
    /// Tells every session that may hear of it about a message.
    pub(super) fn publish_post(&mut self, name: &str, id: u64) {
        let Some(post) = self.posts.get(&id) else { return };
        if post.only.is_some() || (name != "MESSAGE_DELETE" && post.deleted) {
            return;
        }
        let post = post.clone();
        let direct = wire::dm_person(post.channel).is_some();
        if rooms::is_hidden(self, post.channel) {
            return;
        }
        let need = if direct { DIRECT_MESSAGES } else { GUILD_MESSAGES };
        for at in 0..self.gate.sessions.len() {
            let intents = self.gate.sessions[at].intents;
            if intents & need != 0 {
                let body = event_of(&post, name, direct, intents);
                self.gate.dispatch(at, name, &body);
            }
        }
    }

    /// Tells every session with this intent about something.
    pub(super) fn publish(&mut self, name: &str, intent: u64, body: &Value) {
        for at in 0..self.gate.sessions.len() {
            if self.gate.sessions[at].intents & intent != 0 {
                self.gate.dispatch(at, name, body);
            }
        }
    }
}

/// A message event as a session with these intents gets it.
pub(super) fn event_of(post: &Post, name: &str, direct: bool, intents: u64) -> Value {
    let guild = DISCORD_GUILD.to_string();
    if name == "MESSAGE_DELETE" {
        let mut body = json!({"id": post.id.to_string(), "channel_id": post.channel.to_string()});
        if !direct {
            body["guild_id"] = json!(guild);
        }
        return body;
    }
    let mut body = post.body.clone();
    if !direct {
        body["guild_id"] = json!(guild);
        if body["webhook_id"].is_null() {
            body["member"] = wire::bare_member(post.author);
        }
    }
    let mentioned = body["content"].as_str().is_some_and(|c| c.contains(&format!("<@{DISCORD_APP}>")));
    if intents & MESSAGE_CONTENT == 0 && !direct && post.author != DISCORD_APP && !mentioned {
        wire::merge(&mut body, &json!({"content": "", "embeds": [], "attachments": [], "components": []}));
        if let Some(fields) = body.as_object_mut() {
            fields.remove("message_snapshots");
        }
    }
    body
}
