//! ntfy from version 2.16 on: messages published as JSON to the root, shown as one where their sequence id is the same.
//!
//! Attachments are off. Invariant: a message of more than 4,096 bytes is refused as the attachment that it would be.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::sandbox::dial::Dial;
use crate::sandbox::world::door::{Answer, Ask, Emulated};

/// Longest message, in bytes.
const MESSAGE_MOST: usize = 4_096;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which messages are shown as one.
    pub sequence: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// 1 to 5.
    pub priority: u64,
}

/// The service.
#[derive(Debug)]
pub struct Ntfy {
    token: String,
    dial: Dial,
    messages: Mutex<Vec<Message>>,
}

impl Ntfy {
    pub(super) fn new(token: &str, dial: Dial) -> Self {
        Self { token: token.into(), dial, messages: Mutex::default() }
    }

    /// All messages, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.state().clone()
    }

    /// What a phone shows: of each sequence the newest.
    #[must_use]
    pub fn shown(&self) -> Vec<Message> {
        let all = self.messages();
        let newest = |at: usize| all.iter().skip(at + 1).all(|later| later.sequence != all[at].sequence);
        (0..all.len()).filter(|at| newest(*at)).map(|at| all[at].clone()).collect()
    }

    fn state(&self) -> MutexGuard<'_, Vec<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, body: &Value) -> Answer {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let plain = |text: &str, most: usize| {
            !text.is_empty()
                && text.len() <= most
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        if !plain(&text("topic"), 64) {
            return refused(400, 40_009, "invalid request: topic invalid");
        }
        let sequence = text("sequence_id");
        if !sequence.is_empty() && !plain(&sequence, 64) {
            return refused(400, 40_049, "invalid request: sequence ID invalid");
        }
        let priority = body["priority"].as_u64().unwrap_or(3);
        if !(1..=5).contains(&priority) {
            return refused(400, 40_007, "invalid priority parameter");
        }
        if text("message").len() > MESSAGE_MOST {
            return refused(400, 40_014, "invalid request: attachments not allowed");
        }
        let mut messages = self.state();
        let id = format!("ntfy{:08}", messages.len() + 1);
        let sequence = if sequence.is_empty() { id.clone() } else { sequence };
        let message = Message { sequence: sequence.clone(), title: text("title"), text: text("message"), priority };
        messages.push(message);
        let seconds = self.dial.now_ms() / 1_000;
        Answer::json(
            200,
            &json!({
                "id": id, "time": seconds, "expires": seconds + 43_200, "event": "message", "sequence_id": sequence,
                "topic": text("topic"), "title": text("title"), "message": text("message"), "priority": priority,
                "tags": body["tags"],
            }),
        )
    }
}

impl Emulated for Ntfy {
    fn answer(&self, ask: &Ask) -> Answer {
        if ask.bearer() != Some(&self.token) {
            return refused(401, 40_101, "unauthorized");
        }
        match (ask.is("POST") && ask.parts.is_empty(), ask.object()) {
            (false, _) => refused(404, 40_401, "page not found"),
            (true, None) => refused(400, 40_024, "invalid request: request body must be valid JSON"),
            (true, Some(body)) => self.publish(&body),
        }
    }

    fn broken(&self, status: u16) -> Answer {
        let code = match status {
            401 => 40_101,
            403 => 40_301,
            413 => 41_303,
            429 => 42_901,
            other => u32::from(other) * 100 + 1,
        };
        refused(status, code, "limit reached, or something else is wrong")
    }

    /// ntfy says in no header how long to wait.
    fn dress(&self, mut answer: Answer) -> Answer {
        answer.headers.retain(|(name, _)| *name != "retry-after");
        answer
    }
}

fn refused(status: u16, code: u32, error: &str) -> Answer {
    Answer::json(status, &json!({ "code": code, "http": status, "error": error, "link": "https://ntfy.sh/docs/" }))
}
