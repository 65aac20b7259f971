//! The SEQN Auth emulator: every operation that the bot speaks, on loopback, over the shared `World`.
//!
//! It knows the wire only, not the client. Invariant: a request that is refused has no effect, and a
//! repeated idempotency key has its effect once (unless a story says that the server does not honour it). A rotation
//! makes another key each time: no server keeps keys to show them again.

mod act;
mod audit;
mod envelope;
mod page;
mod read;
mod route;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::envelope::Envelope;
use self::route::{Guarded, Route};
use super::dial::Dial;
use super::fault::Faults;
use super::world::door::{Answer, Ask, Door, Emulated};
use super::world::record::Doer;
use super::world::{Asker, Recorded, Refused, World};

/// Answers that are kept for repeated idempotency keys; the oldest are forgotten first.
const KEPT_ANSWERS_MAX: usize = 1_000;
/// The length of the limiter's window in milliseconds, as documented.
const WINDOW_MS: i64 = 60_000;

/// The service tokens that the emulator accepts.
#[derive(Clone, Debug)]
pub struct SeqnKeys {
    /// May read everything and change nothing.
    pub read_token: String,
    /// May read and change.
    pub act_token: String,
}

/// A running SEQN Auth emulator; it stops when the last handle is dropped.
#[derive(Debug)]
pub struct SeqnSim {
    base: String,
    service: Arc<Service>,
    door: Door,
}

impl SeqnSim {
    /// Starts on a loopback port that the system chooses.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(dial: Dial, faults: Faults, world: World, keys: SeqnKeys) -> io::Result<Arc<Self>> {
        let (listener, base) = Door::bind().await?;
        let service = Arc::new(Service { dial, world, keys, state: Mutex::new(State::default()) });
        let emulated: Arc<dyn Emulated> = Arc::<Service>::clone(&service);
        let door = Door::open(listener, "seqn", faults, emulated);
        Ok(Arc::new(Self { base, service, door }))
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base.clone()
    }

    /// All requests so far, oldest first, credentials included.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.door.requests()
    }

    /// The shape of error bodies from now on.
    pub fn envelope(&self, style: Envelope) {
        self.service.state().envelope = style;
    }

    /// Whether the route of this operation (such as `revokeSession`) does not exist: 404 without a body.
    pub fn missing(&self, operation: &str, missing: bool) {
        let mut state = self.service.state();
        if missing {
            state.missing.insert(operation.into());
        } else {
            state.missing.remove(operation);
        }
    }

    /// Whether a repeated `Idempotency-Key` is answered from memory (the default) or done again.
    pub fn honours_idempotency(&self, honours: bool) {
        self.service.state().forgets_keys = !honours;
    }

    /// Whether answers carry the documented security headers (the default).
    pub fn hardened(&self, hardened: bool) {
        self.service.state().bare_headers = !hardened;
    }

    /// How many readings after the next change still show the world as it was before it, as a replica that lags does.
    pub fn lags(&self, readings: u32) {
        self.service.state().lag = readings;
    }

    /// Requests that are allowed in 60 s on the dial, or no limit (the default). The documented limit is 240.
    pub fn rate_limit(&self, per_window: Option<usize>) {
        self.service.state().rate_limit = per_window;
    }
}

#[derive(Debug, Default)]
struct State {
    envelope: Envelope,
    missing: BTreeSet<String>,
    forgets_keys: bool,
    bare_headers: bool,
    /// How far readings will lag behind the next change.
    lag: u32,
    /// The world as it was, and how many readings still show it.
    behind: Option<(World, u32)>,
    rate_limit: Option<usize>,
    /// Start and count of the current window.
    window: (i64, usize),
    /// Answers by idempotency key, with the request that they belong to.
    kept: BTreeMap<String, (String, Answer)>,
    kept_order: VecDeque<String>,
    requests: u64,
}

#[derive(Debug)]
struct Service {
    dial: Dial,
    world: World,
    keys: SeqnKeys,
    state: Mutex<State>,
}

impl Service {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, refused: &Refused, request_id: &str) -> Answer {
        self.state().envelope.answer(refused, request_id)
    }

    fn decide(&self, ask: &Ask, request_id: &str) -> Answer {
        let parts: Vec<&str> = ask.parts.iter().map(String::as_str).collect();
        let Some(route) = Route::find(&ask.seen.method, &parts) else { return Answer::bare(404) };
        if self.state().missing.contains(route.operation) {
            return Answer::bare(404);
        }
        if let Some(seconds) = self.seconds_to_wait() {
            let refused = Refused::new(429, "rate_limited", "Too many requests.");
            return self.refuse(&refused, request_id).with("retry-after", seconds.to_string());
        }
        let outcome = match route.guarded {
            Guarded::Open => read::open(&self.world, &route, ask),
            Guarded::SecretKey => read::backend_application(&self.world, ask),
            Guarded::Reading => self.caller(ask, false).and_then(|who| read::admin(&self.seen(), &route, ask, &who)),
            Guarded::Acting => match self.caller(ask, true) {
                Ok(doer) => {
                    self.falls_behind();
                    return self.act_once(ask, &route, &Asker { doer, request_id: request_id.into() });
                }
                Err(refused) => Err(refused),
            },
        };
        outcome.unwrap_or_else(|refused| self.refuse(&refused, request_id))
    }

    /// Keeps the world as it is, for readings that lag behind the change that comes now.
    fn falls_behind(&self) {
        let mut state = self.state();
        let lag = std::mem::take(&mut state.lag);
        if lag > 0 {
            state.behind = Some((self.world.as_it_is(), lag));
        }
    }

    /// The world as this reading sees it.
    fn seen(&self) -> World {
        let mut state = self.state();
        match state.behind.take() {
            Some((world, left)) => {
                state.behind = (left > 1).then(|| (world.clone(), left - 1));
                world
            }
            None => self.world.clone(),
        }
    }

    fn act_once(&self, ask: &Ask, route: &Route<'_>, asker: &Asker) -> Answer {
        let print = format!("{} {}?{}\n{}", ask.seen.method, ask.seen.path, ask.seen.query, ask.seen.body);
        let kept = !route.operation.starts_with("rotate") && !self.state().forgets_keys;
        let key = ask.seen.header("idempotency-key").filter(|_| kept).map(String::from);
        if let Some(kept) = key.as_ref().and_then(|key| self.state().kept.get(key).cloned()) {
            if kept.0 == print {
                return kept.1.with("idempotency-replayed", "true");
            }
            let refused = Refused::new(422, "idempotency_key_reused", "This key belongs to another request.");
            return self.refuse(&refused, &asker.request_id);
        }
        let answer =
            act::act(&self.world, route, ask, asker).unwrap_or_else(|refused| self.refuse(&refused, &asker.request_id));
        // A refusal is not kept: once its cause is gone, the same request may work.
        if let Some(key) = key.filter(|_| answer.status < 300) {
            self.state().keep(key, print, answer.clone());
        }
        answer
    }

    fn caller(&self, ask: &Ask, acting: bool) -> Result<Doer, Refused> {
        let token = ask.bearer().unwrap_or_default();
        let id = if token.is_empty() {
            None
        } else if token == self.keys.act_token {
            Some("svc_chatops_act")
        } else if token == self.keys.read_token {
            Some("svc_chatops_read")
        } else {
            None
        };
        let id = id.ok_or_else(|| Refused::new(401, "unauthorized", "Sign in or send a valid token."))?;
        if acting && token != self.keys.act_token {
            return Err(Refused::new(403, "forbidden", "This token may not change anything."));
        }
        let staff = ask.seen.header("x-seqn-on-behalf-of").filter(|s| !s.is_empty());
        Ok(staff.map_or(Doer { id: id.into(), email: None, kind: "service" }, |staff| Doer {
            id: staff.into(),
            email: None,
            kind: "staff",
        }))
    }

    fn seconds_to_wait(&self) -> Option<i64> {
        let now = self.dial.now_ms();
        let mut state = self.state();
        let limit = state.rate_limit?;
        if now - state.window.0 >= WINDOW_MS {
            state.window = (now, 0);
        }
        state.window.1 += 1;
        let left_ms = WINDOW_MS - (now - state.window.0);
        (state.window.1 > limit).then_some((left_ms + 999) / 1000)
    }
}

impl Emulated for Service {
    fn answer(&self, ask: &Ask) -> Answer {
        let request_id = self.state().next_request_id();
        self.decide(ask, &request_id).with("x-request-id", request_id)
    }

    fn broken(&self, status: u16) -> Answer {
        let request_id = self.state().next_request_id();
        let refused = match status {
            401 => Refused::new(401, "unauthorized", "Sign in or send a valid token."),
            402 => Refused::new(402, "subscription_inactive", "The subscription is cancelled."),
            403 => Refused::new(403, "forbidden", "Not allowed."),
            429 => Refused::new(429, "rate_limited", "Too many requests."),
            other => Refused::new(other, "internal_error", "Something went wrong."),
        };
        self.refuse(&refused, &request_id).with("x-request-id", request_id)
    }

    fn dress(&self, answer: Answer) -> Answer {
        let mut state = self.state();
        let named = answer.headers.iter().any(|(name, _)| *name == "x-request-id");
        let answer = if named { answer } else { answer.with("x-request-id", state.next_request_id()) };
        if state.bare_headers {
            return answer;
        }
        answer
            .with("x-content-type-options", "nosniff")
            .with("referrer-policy", "strict-origin-when-cross-origin")
            .with("strict-transport-security", "max-age=31536000; includeSubDomains")
    }
}

impl State {
    fn next_request_id(&mut self) -> String {
        self.requests += 1;
        format!("req_sim_{:06}", self.requests)
    }

    fn keep(&mut self, key: String, print: String, answer: Answer) {
        if self.kept_order.len() >= KEPT_ANSWERS_MAX
            && let Some(oldest) = self.kept_order.pop_front()
        {
            self.kept.remove(&oldest);
        }
        self.kept_order.push_back(key.clone());
        self.kept.insert(key, (print, answer));
    }
}
