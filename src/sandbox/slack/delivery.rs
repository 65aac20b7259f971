//! Handing payloads to the bot: one connection each, in turn, with a deadline for the ack and
//! redelivery of events.
//!
//! It does not read sockets. Invariant: an envelope is written to one connection only.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};

use super::Core;

/// How many connections an app may hold: Slack's own limit.
pub(super) const LINKS: usize = 10;
/// How many frames may wait for one connection: more than a simulation has in flight.
pub(super) const FRAMES_WAITING: usize = 1_024;
/// How long Slack waits for an ack, in milliseconds.
pub(super) const ACK_DEADLINE_MS: u64 = 3_000;
/// How often an event is delivered again: Slack's own three retries.
const RETRIES: u32 = 3;
/// How long a redelivery waits for a connection, in real seconds.
const LINK_PATIENCE_S: u64 = 30;
/// How many envelopes may be open or late: a bound on memory.
const ENVELOPES_KEPT: usize = 10_000;

/// One payload on its way.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    /// `slash_commands`, `interactive` or `events_api`.
    pub kind: &'static str,
    pub envelope_id: String,
    pub payload: Value,
    pub accepts: bool,
}

/// What became of a payload that waits for an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    /// The ack, with its payload or null.
    Acked(Value),
    /// No ack within the deadline.
    Late,
    /// No connection was open.
    Nobody,
}

/// What a connection's task is told to do.
#[derive(Debug)]
pub(super) enum Frame {
    Text(String),
    /// One that wants an ack: its id and its text.
    Envelope(String, String),
    Close,
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Link {
    pub id: u64,
    pub out: mpsc::Sender<Frame>,
    /// Told to disconnect: gets payloads only if nobody else is there.
    pub leaving: bool,
}

/// The open connections and the acks that are awaited.
pub(super) struct Switchboard {
    pub links: Mutex<Vec<Link>>,
    turn: Mutex<usize>,
    /// Envelope id → who waits; `None` when the deadline has passed.
    waiting: Mutex<HashMap<String, Option<oneshot::Sender<Value>>>>,
    pub open: watch::Sender<usize>,
}

impl Switchboard {
    /// A switchboard without connections.
    pub fn new() -> Self {
        Self {
            links: Mutex::new(Vec::new()),
            turn: Mutex::new(0),
            waiting: Mutex::new(HashMap::new()),
            open: watch::Sender::new(0),
        }
    }

    /// Adds a connection, unless there are too many; says how many there are now.
    pub fn add(&self, link: Link) -> Option<usize> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if links.len() >= LINKS {
            return None;
        }
        links.push(link);
        self.open.send_replace(links.len());
        Some(links.len())
    }

    /// Forgets a connection.
    pub fn remove(&self, id: u64) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|l| l.id != id);
        self.open.send_replace(links.len());
    }

    /// Writes an envelope to the connection whose turn it is.
    fn write(&self, envelope_id: &str, text: &str) -> bool {
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let staying: Vec<&Link> = links.iter().filter(|l| !l.leaving).collect();
        let able = if staying.is_empty() { links.iter().collect() } else { staying };
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..able.len() {
            let link = able[*turn % able.len()];
            *turn = turn.wrapping_add(1);
            if link.out.try_send(Frame::Envelope(envelope_id.to_owned(), text.to_owned())).is_ok() {
                return true;
            }
        }
        false
    }

    /// Takes an ack. True when it was in time, false when it was late, none when nobody asked.
    pub fn ack(&self, envelope_id: &str, payload: Value) -> Option<bool> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.remove(envelope_id)? {
            Some(asker) => Some(asker.send(payload).is_ok()),
            None => Some(false),
        }
    }

    fn expect(&self, envelope_id: &str) -> oneshot::Receiver<Value> {
        let (asker, answer) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= ENVELOPES_KEPT {
            waiting.retain(|_, asker| asker.is_some());
        }
        waiting.insert(envelope_id.to_owned(), Some(asker));
        answer
    }

    fn expire(&self, envelope_id: &str, forget: bool) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if forget {
            waiting.remove(envelope_id);
        } else if let Some(asker) = waiting.get_mut(envelope_id) {
            *asker = None;
        }
    }
}

impl Core {
    fn deadline(&self) -> Duration {
        Duration::from_millis(self.knobs.ack_deadline_ms.load(Ordering::SeqCst))
    }

    fn send(&self, delivery: &Delivery, attempt: u32) -> Option<oneshot::Receiver<Value>> {
        let mut frame = json!({
            "envelope_id": delivery.envelope_id, "type": delivery.kind, "payload": delivery.payload,
            "accepts_response_payload": delivery.accepts,
        });
        if delivery.kind == "events_api" {
            frame["retry_attempt"] = json!(attempt);
            frame["retry_reason"] = json!(if attempt == 0 { "" } else { "timeout" });
        }
        let answer = self.board.expect(&delivery.envelope_id);
        if self.board.write(&delivery.envelope_id, &frame.to_string()) {
            return Some(answer);
        }
        self.board.expire(&delivery.envelope_id, true);
        None
    }

    async fn answer(&self, envelope_id: &str, answer: oneshot::Receiver<Value>) -> Reply {
        if let Ok(Ok(payload)) = tokio::time::timeout(self.deadline(), answer).await {
            return Reply::Acked(payload);
        }
        self.board.expire(envelope_id, false);
        Reply::Late
    }

    /// Delivers a command or an interaction, once, and waits for its ack.
    pub(super) async fn ask(&self, delivery: &Delivery) -> Reply {
        match self.send(delivery, 0) {
            Some(answer) => self.answer(&delivery.envelope_id, answer).await,
            None => Reply::Nobody,
        }
    }

    /// Delivers an event: the first attempt is on its way when this returns, later ones follow in the
    /// background. The receiver hears whether the first attempt was acked.
    pub(super) fn announce(self: &Arc<Self>, delivery: Delivery, first_attempt: u32) -> oneshot::Receiver<bool> {
        let (told, hear) = oneshot::channel();
        let first = self.send(&delivery, first_attempt);
        let core = Arc::clone(self);
        tokio::spawn(async move {
            let mut stop = core.stop.subscribe();
            tokio::select! {
                () = core.insist(delivery, first_attempt, first, told) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
        hear
    }

    async fn insist(
        &self,
        mut delivery: Delivery,
        first_attempt: u32,
        first: Option<oneshot::Receiver<Value>>,
        told: oneshot::Sender<bool>,
    ) {
        let nobody = first.is_none();
        let acked = match first {
            Some(answer) => matches!(self.answer(&delivery.envelope_id, answer).await, Reply::Acked(_)),
            None => false,
        };
        // Nobody listens when the event is the bot's own: that is no error.
        let _ = told.send(acked);
        if acked {
            return;
        }
        if nobody && self.knobs.forgets.load(Ordering::SeqCst) {
            return;
        }
        for attempt in first_attempt + 1..=RETRIES {
            let mut open = self.board.open.subscribe();
            let patience = Duration::from_secs(LINK_PATIENCE_S);
            if tokio::time::timeout(patience, open.wait_for(|links| *links > 0)).await.is_err() {
                continue;
            }
            delivery.envelope_id = self.state().id("env-");
            let reply = match self.send(&delivery, attempt) {
                Some(answer) => self.answer(&delivery.envelope_id, answer).await,
                None => Reply::Nobody,
            };
            if matches!(reply, Reply::Acked(_)) {
                return;
            }
        }
    }
}
