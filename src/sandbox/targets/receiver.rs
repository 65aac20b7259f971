//! A receiver of webhooks signed by Standard Webhooks, written from its text: it checks id, time and signature.
//!
//! It takes every delivery, also one with an id that it knows, as a naive receiver does. Invariant: what is not signed
//! with the secret, or is too old, is refused.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};

use crate::sandbox::dial::Dial;
use crate::sandbox::world::door::{Answer, Ask, Emulated};

/// How far the time of a message may lie from ours, in seconds.
const TOLERANCE_S: i64 = 300;

/// A delivery that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Its `webhook-id`.
    pub id: String,
    /// Its body.
    pub event: Value,
}

/// The service.
#[derive(Debug)]
pub struct Receiver {
    key: hmac::Key,
    dial: Dial,
    received: Mutex<Vec<Received>>,
}

impl Receiver {
    pub(super) fn new(secret: &str, dial: Dial) -> Self {
        let bytes = secret.strip_prefix("whsec_").and_then(|body| STANDARD.decode(body).ok()).unwrap_or_default();
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &bytes), dial, received: Mutex::default() }
    }

    /// What was taken, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state().clone()
    }

    fn state(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one of the signatures is right for the very bytes that came.
    fn is_signed(&self, ask: &Ask) -> Option<()> {
        let (id, time) = (ask.seen.header("webhook-id")?, ask.seen.header("webhook-timestamp")?);
        let seconds: i64 = time.parse().ok()?;
        let near = (self.dial.now_ms() / 1_000 - seconds).abs() <= TOLERANCE_S;
        let signed = format!("{id}.{time}.{}", ask.seen.body);
        let right = |signature: &str| {
            let sent = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
            sent.is_some_and(|sent| hmac::verify(&self.key, signed.as_bytes(), &sent).is_ok())
        };
        (near && ask.seen.header("webhook-signature")?.split(' ').any(right)).then_some(())
    }
}

impl Emulated for Receiver {
    fn answer(&self, ask: &Ask) -> Answer {
        if !ask.is("POST") {
            return Answer::bare(405);
        }
        if self.is_signed(ask).is_none() {
            return Answer::json(400, &json!({ "error": "The signature is not right." }));
        }
        let Some(event) = ask.object() else { return Answer::bare(400) };
        let id = ask.seen.header("webhook-id").unwrap_or_default().to_owned();
        self.state().push(Received { id, event });
        Answer::bare(204)
    }

    fn broken(&self, status: u16) -> Answer {
        Answer::bare(status)
    }

    fn dress(&self, answer: Answer) -> Answer {
        answer
    }
}
