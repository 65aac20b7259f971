//! REST over plain HTTP: one call, its pauses, and what an error means.
//!
//! It knows no routes. Invariants: the token goes to the configured base alone, every try has a deadline, no answer
//! can make it loop, and no text of Discord's leaves before the guard has seen it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(super) use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use url::{Host, Url};

use crate::guard::{Guard, Secret, Untrusted};
use crate::ports::{Fault, PortError};

use super::limit::Pacer;

/// What Discord wants to see: its own prefix, a page, a version.
pub(super) const USER_AGENT: &str =
    concat!("DiscordBot (https://github.com/seqn/seqn-chatops, ", env!("CARGO_PKG_VERSION"), ")");
/// The name in errors.
pub(super) const SYSTEM: &str = "discord";
/// The version of Discord's API that we speak.
const API_PATH: &str = "/api/v10";
/// How long one try may take.
const TRY_DEADLINE: Duration = Duration::from_secs(10);
/// How long the handshake of a connection may take.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// Tries of one call; only a 429 is tried again.
const TRIES: u32 = 3;
/// The longest pause that a call waits out itself; longer ones go back to the caller, which has a queue.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause after a 429 that names none we can read (a date, garbage, nothing).
const PAUSE_DEFAULT: Duration = Duration::from_secs(5);
/// The longest pause that we believe; Discord's are seconds, a Cloudflare block is an hour.
const PAUSE_MOST: Duration = Duration::from_hours(1);
/// The largest answer that is read, in bytes: 100 messages with embeds stay below 1 MB.
const ANSWER_MOST: usize = 4 * 1024 * 1024;
/// The longest text of Discord's that is passed on, in characters.
const TEXT_MOST: usize = 300;

/// Where the reason for the server's audit log goes; Discord reads it percent-encoded.
const AUDIT_REASON: &str = "x-audit-log-reason";
/// Discord's code for "Invalid Webhook Token": an interaction's 15 minutes are over.
const TOKEN_OVER: i64 = 50_027;
/// Discord's code for "Cannot send messages to this user".
const NO_DMS: i64 = 50_007;

/// One call.
pub(super) struct Call {
    method: Method,
    path: String,
    route: String,
    body: Option<Value>,
    reason: Option<&'static str>,
    bot: bool,
    tries: u32,
    deadline: Duration,
}

impl Call {
    /// A call as the bot. `route` names the rate-limit bucket: the method and the path with its major id.
    pub(super) fn bot(method: Method, path: impl Into<String>, route: impl Into<String>) -> Self {
        let (path, route) = (path.into(), route.into());
        Self { method, path, route, body: None, reason: None, bot: true, tries: TRIES, deadline: TRY_DEADLINE }
    }

    /// A call that an interaction's token authorises; the global limit does not hold for it.
    pub(super) fn interaction(method: Method, path: impl Into<String>, route: impl Into<String>) -> Self {
        Self { bot: false, ..Self::bot(method, path, route) }
    }

    /// With that body.
    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// With that reason in the server's audit log.
    pub(super) fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Once, and no longer than that.
    pub(super) fn within(mut self, deadline: Duration) -> Self {
        self.tries = 1;
        self.deadline = deadline;
        self
    }
}

/// A call that failed.
pub(super) struct Refused {
    /// What it means.
    pub(super) error: PortError,
    /// Discord's own code; 0 where it gave none.
    pub(super) code: i64,
}

impl From<PortError> for Refused {
    fn from(error: PortError) -> Self {
        Self { error, code: 0 }
    }
}

/// The REST client.
pub(super) struct Rest {
    client: Client,
    base: String,
    token: Secret,
    guard: Guard,
    pacer: Mutex<Pacer>,
}

/// An error with no words of Discord's.
pub(super) fn fault(fault: Fault) -> PortError {
    PortError::new(SYSTEM, fault)
}

/// Whether that address may carry a token: encrypted, or on this machine.
pub(super) fn trusted(url: &Url, encrypted: &str, plain: &str) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.host().is_some() && (url.scheme() == encrypted || (url.scheme() == plain && loopback))
}

impl Rest {
    /// A client for that base. The error is a sentence for the operator.
    pub(super) fn new(base: &str, token: Secret, guard: Guard) -> Result<Self, String> {
        let url = Url::parse(base).map_err(|_| format!("The Discord address `{base}` is not a URL."))?;
        if !trusted(&url, "https", "http") {
            return Err("The Discord address must begin with https://, unless it is on this machine.".into());
        }
        let mut builder = Client::builder().user_agent(USER_AGENT).redirect(Policy::none());
        builder = builder.connect_timeout(CONNECT_DEADLINE);
        if url.scheme() == "http" {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|_| "The HTTP client for Discord could not be built.".to_owned())?;
        let base = base.trim_end_matches('/').to_owned() + API_PATH;
        Ok(Self { client, base, token, guard, pacer: Mutex::default() })
    }

    /// Makes the call. A 429 is waited out a few times while it is short; everything else is said at once.
    pub(super) async fn call(&self, call: Call) -> Result<Value, PortError> {
        self.attempt(call).await.map_err(|refused| refused.error)
    }

    /// The same; an error comes with Discord's own code.
    pub(super) async fn attempt(&self, call: Call) -> Result<Value, Refused> {
        let mut left = call.tries;
        loop {
            self.hold(&call).await?;
            left = left.saturating_sub(1);
            match self.once(&call).await {
                Err(refused) if left > 0 && is_short_pause(&refused.error) => {}
                outcome => return outcome,
            }
        }
    }

    // Waits out a short pause; a long one is the caller's.
    async fn hold(&self, call: &Call) -> Result<(), PortError> {
        let wait = self.pacer().wait(&call.route, call.bot, Instant::now());
        if wait > PATIENCE.min(call.deadline) {
            return Err(fault(Fault::RateLimited { after_ms: millis(wait) }));
        }
        if !wait.is_zero() {
            sleep(wait).await;
        }
        Ok(())
    }

    async fn once(&self, call: &Call) -> Result<Value, Refused> {
        let url = format!("{}{}", self.base, call.path);
        let mut request = self.client.request(call.method.clone(), url).timeout(call.deadline);
        if call.bot {
            request = request.header(AUTHORIZATION, format!("Bot {}", self.token.expose()));
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        if let Some(reason) = call.reason {
            request = request.header(AUDIT_REASON, percent_encoded(reason));
        }
        // The error's own text is not used: it names the address, and that can hold an interaction's token.
        let response = request.send().await.map_err(|error| fault(unsent(&error)))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = read(response).await;
        if status.is_success() {
            self.note_spent(call, &headers);
            let bytes = bytes?;
            if bytes.is_empty() {
                return Ok(Value::Null);
            }
            return serde_json::from_slice(&bytes).map_err(|_| fault(Fault::Garbled).into());
        }
        let body = bytes.ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or(Value::Null);
        let code = body["code"].as_i64().unwrap_or(0);
        Err(Refused { error: self.refusal(call, status, &headers, &body), code })
    }

    // A bucket that is used up pauses its route before Discord has to say 429.
    fn note_spent(&self, call: &Call, headers: &HeaderMap) {
        if number(headers, "x-ratelimit-remaining") == Some(0.0)
            && let Some(lasting) = number(headers, "x-ratelimit-reset-after").and_then(pause_of)
        {
            self.pacer().pause(&call.route, false, lasting, Instant::now());
        }
    }

    fn refusal(&self, call: &Call, status: StatusCode, headers: &HeaderMap, body: &Value) -> PortError {
        let code = body["code"].as_i64().unwrap_or(0);
        let now = Instant::now();
        let shared = headers.get("x-ratelimit-scope").is_some_and(|scope| scope == "shared");
        if matches!(status.as_u16(), 401 | 403 | 429) && !shared {
            self.pacer().refused(now);
        }
        let fault = match status.as_u16() {
            401 if code == TOKEN_OVER => Fault::NotFound,
            401 => Fault::Unauthorized,
            403 if code != NO_DMS => Fault::Forbidden,
            404 if code == 0 => Fault::NoRoute,
            404 => Fault::NotFound,
            429 => {
                let lasting = asked_pause(headers, body);
                self.pacer().pause(&call.route, is_global(headers, body), lasting, now);
                Fault::RateLimited { after_ms: millis(lasting) }
            }
            other if status.is_server_error() => Fault::Failing { status: other },
            other => Fault::Refused { status: other, code: if code == 0 { String::new() } else { code.to_string() } },
        };
        let said: String = spoken(body).chars().take(TEXT_MOST).collect();
        PortError { system: SYSTEM, fault, text: self.guard.scrub(Untrusted::new(said)), request_id: None }
    }

    fn pacer(&self) -> MutexGuard<'_, Pacer> {
        self.pacer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn percent_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn is_short_pause(error: &PortError) -> bool {
    matches!(error.fault, Fault::RateLimited { after_ms } if after_ms <= millis(PATIENCE))
}

fn unsent(error: &reqwest::Error) -> Fault {
    if error.is_connect() || error.is_builder() { Fault::Unreachable } else { Fault::NoAnswer }
}

async fn read(mut response: Response) -> Result<Vec<u8>, PortError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| fault(Fault::NoAnswer))? {
        if bytes.len() + chunk.len() > ANSWER_MOST {
            return Err(fault(Fault::Garbled));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn number(headers: &HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Seconds as a pause, where they are a number that makes sense.
fn pause_of(seconds: f64) -> Option<Duration> {
    let pause = Duration::try_from_secs_f64(seconds).ok()?;
    Some(pause.min(PAUSE_MOST))
}

// The body's number has fractions and so is nearer; the header is there also when Cloudflare answers.
fn asked_pause(headers: &HeaderMap, body: &Value) -> Duration {
    let asked = body["retry_after"].as_f64().or_else(|| number(headers, "retry-after"));
    asked.and_then(pause_of).unwrap_or(PAUSE_DEFAULT)
}

fn is_global(headers: &HeaderMap, body: &Value) -> bool {
    let says = |name: &str, word: &str| headers.get(name).is_some_and(|value| value == word);
    body["global"] == true || says("x-ratelimit-global", "true") || says("x-ratelimit-scope", "global")
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Discord's sentence, and the first place that a form error names.
fn spoken(body: &Value) -> String {
    let said = body["message"].as_str().unwrap_or_default();
    match first_error(&body["errors"], 0) {
        Some((place, why)) => format!("{said} ({place} {why})"),
        None => said.to_owned(),
    }
}

/// Error trees are a few levels deep; deeper ones are not read.
const ERRORS_DEPTH: usize = 12;

fn first_error(node: &Value, depth: usize) -> Option<(String, String)> {
    let fields = node.as_object().filter(|_| depth < ERRORS_DEPTH)?;
    if let Some(why) = fields.get("_errors").and_then(|list| list[0]["message"].as_str()) {
        return Some((String::new(), why.to_owned()));
    }
    fields.iter().find_map(|(name, inner)| {
        let (place, why) = first_error(inner, depth + 1)?;
        Some((if place.is_empty() { format!("{name}:") } else { format!("{name}.{place}") }, why))
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::guard::FingerprintKey;

    fn rest(base: &str) -> Result<Rest, String> {
        Rest::new(base, Secret::new("t"), Guard::new(FingerprintKey::new([1; 32])))
    }

    #[test]
    fn tokens_go_out_encrypted_or_stay_here() {
        for good in ["https://discord.com", "http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"] {
            assert!(rest(good).is_ok(), "{good}");
        }
        for bad in ["http://discord.com", "discord.com", "ws://127.0.0.1", "http://127.0.0.1.example", ""] {
            assert!(rest(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reasons_are_percent_encoded() {
        assert_eq!(percent_encoded("a b+c%é"), "a%20b%2Bc%25%C3%A9");
    }

    #[test]
    fn only_numbers_are_pauses() {
        let headers = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", HeaderValue::from_static(value));
            headers
        };
        let second = Duration::from_secs(1);
        assert_eq!(asked_pause(&headers("7"), &json!({"retry_after": 1.0})), second);
        assert_eq!(asked_pause(&headers("7"), &Value::Null), 7 * second);
        for odd in ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "NaN", "soon", ""] {
            assert_eq!(asked_pause(&headers(odd), &Value::Null), PAUSE_DEFAULT, "{odd}");
        }
        assert_eq!(asked_pause(&headers("99999999"), &Value::Null), PAUSE_MOST);
    }

    #[test]
    fn errors_say_what_is_known() {
        let rest = rest("http://127.0.0.1:9").expect("a client");
        let call = Call::bot(Method::GET, "/x", "x");
        let of = |status: u16, body: Value| {
            rest.refusal(&call, StatusCode::from_u16(status).expect("a status"), &HeaderMap::new(), &body).fault
        };
        assert_eq!(of(401, json!({"code": TOKEN_OVER})), Fault::NotFound);
        assert_eq!(of(401, json!({"code": 0})), Fault::Unauthorized);
        assert_eq!(of(403, json!({"code": 50_013})), Fault::Forbidden);
        assert_eq!(of(403, json!({"code": NO_DMS})), Fault::Refused { status: 403, code: "50007".into() });
        assert_eq!(of(404, json!({"code": 10_015})), Fault::NotFound);
        assert_eq!(of(404, json!({"code": 0})), Fault::NoRoute);
        assert_eq!(of(502, Value::Null), Fault::Failing { status: 502 });
        let body =
            json!({"message": "Invalid Form Body", "errors": {"embeds": {"0": {"_errors": [{"message": "Long"}]}}}});
        let error = rest.refusal(&call, StatusCode::BAD_REQUEST, &HeaderMap::new(), &body);
        assert_eq!(error.text.as_str(), "Invalid Form Body (embeds.0: Long)");
    }
}
