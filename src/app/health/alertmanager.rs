//! The webhook that an Alertmanager reports to: `POST /alertmanager` on the listener of health and metrics.
//!
//! It is off unless a token is configured. Invariants: nothing is read of whoever does not know the token; what is answered
//! with 200 is committed, and what could not be is answered with 503, so that it is reported again; no answer and no log
//! line repeats a word of the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::anyhow;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use ring::hmac;
use ring::rand::SystemRandom;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::clients::alertmanager::notification;
use crate::engine::Trouble;
use crate::guard::Secret;

use super::super::wiring::Bot;

/// Where it is.
pub const PATH: &str = "/alertmanager";
/// Longest body, in bytes: a thousand alerts with a kilobyte each.
const BODY_MOST: usize = 1024 * 1024;
/// How long the body may take to come: it comes from near by.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// How long the database may take before it is to be reported again.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// How many reports are taken at once; more are to come again.
const AT_ONCE: usize = 8;
/// The scheme of the credential.
const SCHEME: &str = "Bearer ";

/// Who may report, and how often that was done.
pub struct Receiver {
    key: hmac::Key,
    tag: hmac::Tag,
    turns: Semaphore,
    taken: AtomicU64,
    refused: AtomicU64,
}

impl Receiver {
    /// A receiver that takes reports from whoever knows that token.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new(token: &Secret) -> anyhow::Result<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| anyhow!("The system gives no randomness."))?;
        let tag = hmac::sign(&key, token.expose().as_bytes());
        Ok(Self { key, tag, turns: Semaphore::new(AT_ONCE), taken: AtomicU64::new(0), refused: AtomicU64::new(0) })
    }

    /// How many reports were taken and how many requests were refused.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.taken.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }

    /// Whether the request proves that it may report. Tags under a key that nobody else has are compared, in constant
    /// time, so that how long it takes says nothing about the token.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let scheme = given.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
        let token = given.get(SCHEME.len()..).unwrap_or_default().trim();
        let same = hmac::verify(&self.key, token.as_bytes(), self.tag.as_ref()).is_ok();
        scheme && same
    }
}

/// The route.
pub(super) fn route() -> MethodRouter<Arc<Bot>> {
    post(take).layer(DefaultBodyLimit::max(BODY_MOST))
}

async fn take(Shared(bot): Shared<Arc<Bot>>, request: Request) -> Response {
    let Some(receiver) = &bot.alertmanager else { return StatusCode::NOT_FOUND.into_response() };
    let came = match attempt(&bot, receiver, request).await {
        Ok(()) => return "It is taken.\n".into_response(),
        Err(no) => no,
    };
    receiver.refused.fetch_add(1, Ordering::Relaxed);
    tracing::warn!(alertmanager.status = came.status.as_u16(), why = %came.says, "a report was not taken");
    let mut answer = (came.status, format!("{}\n", came.says)).into_response();
    if came.status == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

/// Why a report is not taken.
struct No {
    status: StatusCode,
    says: String,
}

impl No {
    fn new(status: StatusCode, says: impl Into<String>) -> Self {
        Self { status, says: says.into() }
    }
}

async fn attempt(bot: &Bot, receiver: &Receiver, request: Request) -> Result<(), No> {
    if !receiver.knows(request.headers()) {
        return Err(No::new(StatusCode::UNAUTHORIZED, "The token is missing or wrong."));
    }
    let busy = || No::new(StatusCode::SERVICE_UNAVAILABLE, "Too many reports come at once. Report it again.");
    let _turn = receiver.turns.try_acquire().map_err(|_| busy())?;
    let body = match timeout(BODY_WITHIN, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(no)) => return Err(too_much(&no)),
        Err(_) => return Err(No::new(StatusCode::REQUEST_TIMEOUT, "The body did not come in time.")),
    };
    let report = notification(&bot.guard, &body, bot.clock.now())
        .map_err(|no| No::new(StatusCode::BAD_REQUEST, no.to_string()))?;
    match timeout(TAKEN_WITHIN, bot.engine.report(&report)).await {
        Ok(Ok(())) => {
            receiver.taken.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
        Ok(Err(Trouble::Stopping)) => {
            Err(No::new(StatusCode::SERVICE_UNAVAILABLE, "The bot is being restarted. Report it again."))
        }
        Ok(Err(trouble)) => {
            tracing::error!(error = %trouble, "a report could not be kept");
            Err(No::new(StatusCode::SERVICE_UNAVAILABLE, "It could not be kept. Report it again."))
        }
        Err(_) => Err(No::new(StatusCode::SERVICE_UNAVAILABLE, "The database does not answer. Report it again.")),
    }
}

fn too_much(no: &BytesRejection) -> No {
    if no.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let says = format!("The body has more than {BODY_MOST} bytes. Set max_alerts of the receiver.");
        return No::new(StatusCode::PAYLOAD_TOO_LARGE, says);
    }
    No::new(StatusCode::BAD_REQUEST, "The body ended too early.")
}
