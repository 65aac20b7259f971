//! Fault knobs: what an emulator is told to do wrong, and how often.
//!
//! Emulators ask `take` once for each request. Invariant: a fault is used at most `times` times.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One way in which an outside system misbehaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Answers with this HTTP status and an error body of the service's own shape. Nothing takes effect.
    Status(u16),
    /// Answers 429 with `Retry-After` in seconds. Nothing takes effect.
    RetryAfter(u32),
    /// Never answers. Nothing takes effect.
    Hang,
    /// Does the work, then closes the connection without an answer.
    DropAfter,
    /// Answers 200 with a body that is not JSON.
    Garbage,
    /// Answers with this status and this exact body (for hostile error texts).
    Body(u16, String),
}

#[derive(Clone, Debug)]
struct Armed {
    service: String,
    route: String,
    kind: FaultKind,
    left: u32,
}

/// The faults that are armed, shared by all emulators. Clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    armed: Arc<Mutex<Vec<Armed>>>,
    slow: Arc<Mutex<BTreeMap<String, Duration>>>,
}

impl Faults {
    /// Arms a fault: `service` is `slack`, `discord`, `seqn`, `authentik`, or one of
    /// the surfaces (`pagerduty`, `opsgenie`, `ntfy`, `statuspage`, `github`, `request-tracker`, `webhook`); `route` is a part of
    /// `"METHOD /path"` that must occur in the request line (empty matches all); `times` is how often.
    pub fn arm(&self, service: &str, route: &str, kind: FaultKind, times: u32) {
        let armed = Armed { service: service.into(), route: route.into(), kind, left: times };
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).push(armed);
    }

    /// The fault for this request, if one is armed; uses one of its times.
    #[must_use]
    pub fn take(&self, service: &str, request_line: &str) -> Option<FaultKind> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let at = armed.iter().position(|a| a.service == service && request_line.contains(&a.route))?;
        armed[at].left = armed[at].left.saturating_sub(1);
        let kind = armed[at].kind.clone();
        if armed[at].left == 0 {
            armed.remove(at);
        }
        Some(kind)
    }

    /// How long that service takes to answer from now on; nothing at first.
    pub fn slow(&self, service: &str, by: Duration) {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned(), by);
    }

    /// How long that service takes to answer.
    fn latency(&self, service: &str) -> Duration {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner).get(service).copied().unwrap_or_default()
    }

    /// Waits as long as that service takes to answer.
    pub async fn delay(&self, service: &str) {
        let latency = self.latency(service);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }

    /// Disarms everything.
    pub fn clear(&self) {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
