//! The Authentik emulator: the part of its API v3 and of its OIDC provider that the bot reads, and the
//! endings of sessions and tokens, over the shared `World`.
//!
//! It knows the wire only, not the client. Invariant: every answer fits the published schemas of the
//! versions that the bot supports.

mod act;
mod login;
mod oidc;
mod page;
mod provider;
mod read;
mod shape;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

pub(crate) use login::SIGNS_IN;

use super::dial::Dial;
use super::fault::Faults;
use super::world::door::{Answer, Ask, Door, Emulated};
use super::world::seed_identity::{ACT_ACCOUNT, READ_ACCOUNT};
use super::world::{Recorded, World};

/// The release that is emulated unless a story says another.
const VERSION_DEFAULT: Version = Version { year: 2026, month: 8 };

/// The API tokens that the emulator accepts.
#[derive(Clone, Debug)]
pub struct AuthentikKeys {
    /// May view everything and change nothing.
    pub read_token: String,
    /// May view, and end sessions and tokens.
    pub act_token: String,
    /// The client secret of the application in which the staff sign in.
    pub login_secret: String,
}

/// A running Authentik emulator; it stops when the last handle is dropped.
#[derive(Debug)]
pub struct AuthentikSim {
    base: String,
    service: Arc<Service>,
    door: Door,
}

impl AuthentikSim {
    /// Starts on a loopback port that the system chooses. From then on SEQN publishes its issuer.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(dial: Dial, faults: Faults, world: World, keys: AuthentikKeys) -> io::Result<Arc<Self>> {
        let (listener, base) = Door::bind().await?;
        world.lock().issuer = oidc::issuer(&base, oidc::SLUG);
        let state = Mutex::new(Knobs::default());
        let service =
            Arc::new(Service { base: base.clone(), dial, world, keys, state, codes: login::Codes::default() });
        let emulated: Arc<dyn Emulated> = Arc::<Service>::clone(&service);
        let door = Door::open(listener, "authentik", faults, emulated);
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

    /// The release that is emulated, such as `2025.8` or `2026.8`. A text that is no release is ignored.
    pub fn version(&self, version: &str) {
        if let Some(version) = Version::read(version) {
            self.service.knobs().version = version;
        }
    }

    /// Whether the view permissions are missing: lists are then empty, with status 200.
    pub fn blind(&self, blind: bool) {
        self.service.knobs().blind = blind;
    }

    /// Whether discovery names another issuer than the one that was asked.
    pub fn issuer_wrong(&self, wrong: bool) {
        self.service.knobs().issuer_wrong = wrong;
    }

    /// Whether the key set is empty, as with a provider without a signing key.
    pub fn no_keys(&self, none: bool) {
        self.service.knobs().no_keys = none;
    }

    /// Whether the readiness probe fails with 503.
    pub fn not_ready(&self, not_ready: bool) {
        self.service.knobs().not_ready = not_ready;
    }
}

/// A release of Authentik.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    year: u16,
    month: u16,
}

impl Version {
    /// Groups have several parents, and users have roles.
    const SEVERAL_PARENTS: Self = Self { year: 2025, month: 12 };
    /// All sessions of a user can be ended at once; probes answer 200.
    const BULK_DELETE: Self = Self { year: 2026, month: 2 };
    /// Several accounts can be signed in at once.
    const SEVERAL_ACCOUNTS: Self = Self { year: 2026, month: 8 };

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (year, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { year, month })
    }

    /// The full number of the patch release that stands for this one.
    fn full(self) -> String {
        let patch = match (self.year, self.month) {
            (2025, 8 | 12) => 6,
            (2026, 8) => 5,
            _ => 0,
        };
        format!("{}.{}.{patch}", self.year, self.month)
    }
}

#[derive(Clone, Copy, Debug)]
struct Knobs {
    version: Version,
    blind: bool,
    issuer_wrong: bool,
    no_keys: bool,
    not_ready: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { version: VERSION_DEFAULT, blind: false, issuer_wrong: false, no_keys: false, not_ready: false }
    }
}

#[derive(Debug)]
struct Service {
    base: String,
    dial: Dial,
    world: World,
    keys: AuthentikKeys,
    state: Mutex<Knobs>,
    codes: login::Codes,
}

impl Service {
    fn knobs(&self) -> MutexGuard<'_, Knobs> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(&self, ask: &Ask) -> Answer {
        let knobs = *self.knobs();
        let parts: Vec<&str> = ask.parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["application", "o", "authorize"] if ask.is("GET") => return self.codes.authorize(ask, &self.world),
            ["application", "o", "token"] if ask.is("POST") => {
                let issuer = oidc::issuer(&self.base, oidc::LOGIN_SLUG);
                return self.codes.redeem(ask, &issuer, &self.keys.login_secret, self.dial.now_ms());
            }
            _ => {}
        }
        if let ["application", "o", slug, rest @ ..] = parts.as_slice() {
            return oidc::answer(&self.base, ask, slug, rest, knobs);
        }
        if !ask.seen.path.ends_with('/') {
            return missing_slash(ask);
        }
        match parts.as_slice() {
            ["-", "health", "live"] if ask.is("GET") => probe(knobs, false),
            ["-", "health", "ready"] if ask.is("GET") => probe(knobs, knobs.not_ready),
            ["api", "v3", "root", "config"] if ask.is("GET") => read::root_config(),
            ["api", "v3", rest @ ..] => self.api(ask, rest, knobs),
            _ => not_found("Not found."),
        }
    }

    fn api(&self, ask: &Ask, parts: &[&str], knobs: Knobs) -> Answer {
        let Some(token) = ask.bearer() else {
            return refusal(403, "Authentication credentials were not provided.");
        };
        let account = if token == self.keys.act_token {
            ACT_ACCOUNT
        } else if token == self.keys.read_token {
            READ_ACCOUNT
        } else {
            return refusal(403, "Token invalid/expired");
        };
        if ask.is("GET") {
            return read::answer(&self.world.lock(), ask, parts, knobs, self.dial.now_ms(), account);
        }
        if account != ACT_ACCOUNT {
            return refusal(403, "You do not have permission to perform this action.");
        }
        act::answer(&self.world, ask, parts, knobs)
    }
}

impl Emulated for Service {
    fn answer(&self, ask: &Ask) -> Answer {
        self.decide(ask)
    }

    fn broken(&self, status: u16) -> Answer {
        let detail = match status {
            403 => "Token invalid/expired",
            404 => "Not found.",
            429 => "Request was throttled.",
            _ => "Internal server error",
        };
        refusal(status, detail)
    }

    fn dress(&self, answer: Answer) -> Answer {
        let version = self.knobs().version;
        answer
            .with("x-authentik-version", version.full())
            .with("x-content-type-options", "nosniff")
            .with("referrer-policy", "same-origin")
    }
}

fn refusal(status: u16, detail: &str) -> Answer {
    Answer::json(status, &json!({ "detail": detail }))
}

fn not_found(detail: &str) -> Answer {
    refusal(404, detail)
}

/// A refusal of one field, as forms are refused.
fn invalid(field: &str, why: &str) -> Answer {
    Answer::json(400, &json!({ field: [why] }))
}

/// Reading is sent on to the path with the slash; anything else is lost.
fn missing_slash(ask: &Ask) -> Answer {
    if !ask.is("GET") {
        return not_found("Not found.");
    }
    let query = if ask.seen.query.is_empty() { String::new() } else { format!("?{}", ask.seen.query) };
    Answer::bare(301).with("location", format!("{}/{query}", ask.seen.path))
}

fn probe(knobs: Knobs, failing: bool) -> Answer {
    let up = if knobs.version >= Version::BULK_DELETE { 200 } else { 204 };
    Answer::bare(if failing { 503 } else { up })
}
