//! One session with Slack's Web API: where tokens may go, calls with a deadline, and errors as `PortError`.
//!
//! It knows no method's meaning. Invariants: no token leaves for a host that is not Slack's (or the configured
//! loopback), and no error's own text is passed on, since slack-morphism puts the whole body into it.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::{ConfigBuilderExt, HttpsConnectorBuilder};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use slack_morphism::SlackClient;
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::{SlackApiToken, SlackApiTokenValue, SlackClientHyperConnector, SlackHyperClient};
use url::{Host, Url};

use crate::guard::{Guard, Secret, Untrusted};
use crate::ports::{Fault, PortError};

/// The system's name in errors.
pub(super) const SYSTEM: &str = "slack";
/// One call of the Web API: Slack answers in well under a second, or not at all.
pub(super) const CALL_DEADLINE: Duration = Duration::from_secs(8);
/// The pause after a 429 without `Retry-After`: what Slack gives most often.
const PAUSE_DEFAULT: Duration = Duration::from_secs(30);
/// Longest error code that is taken for one, in characters; Slack's longest are about 50.
const CODE_MOST: usize = 64;
/// Domains that are Slack's.
const DOMAINS: [&str; 2] = ["slack.com", "slack-gov.com"];

/// Where the Web API is, and by that, where tokens and answers may go.
#[derive(Clone, Debug)]
pub(super) struct Base {
    api: String,
    url: Url,
    loopback: bool,
}

impl Base {
    /// Reads the configured base: https at Slack, or loopback.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let api = text.trim_end_matches('/').to_owned();
        let url = Url::parse(&api).map_err(|e| format!("The Slack base URL cannot be read: {e}."))?;
        let loopback = is_loopback(&url);
        if !(loopback && matches!(url.scheme(), "http" | "https") || url.scheme() == "https" && is_slack(&url)) {
            return Err(
                "The Slack base URL must be https at slack.com, or a loopback address. Correct `api_base`.".into()
            );
        }
        Ok(Self { api, url, loopback })
    }

    /// The base without a slash at its end.
    pub(super) fn api(&self) -> &str {
        &self.api
    }

    /// The `response_url`, if an answer may go there: a forged payload could name any host.
    pub(super) fn hook(&self, url: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let at_slack = url.scheme() == "https" && is_slack(&url) && url.host_str()?.starts_with("hooks.");
        let at_base = self.loopback && url.scheme() == self.url.scheme() && same_host_and_port(&url, &self.url);
        (at_slack || at_base).then_some(url)
    }

    /// Whether it is on this machine.
    pub(super) const fn is_here(&self) -> bool {
        self.loopback
    }

    /// Whether a file may be asked for there, with the bot's token: external files carry other people's addresses.
    pub(super) fn file(&self, url: &Url) -> bool {
        let at_base = self.loopback && url.scheme() == self.url.scheme() && same_host_and_port(url, &self.url);
        at_base || (url.scheme() == "https" && is_slack(url))
    }

    /// Whether a socket may be opened there.
    pub(super) fn socket(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| {
            (url.scheme() == "wss" && is_slack(&url))
                || (self.loopback && is_loopback(&url) && matches!(url.scheme(), "ws" | "wss"))
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn is_slack(url: &Url) -> bool {
    url.port().is_none()
        && url.host_str().is_some_and(|host| {
            DOMAINS
                .iter()
                .any(|domain| host == *domain || host.strip_suffix(domain).is_some_and(|front| front.ends_with('.')))
        })
}

fn same_host_and_port(a: &Url, b: &Url) -> bool {
    a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
}

/// Which credential a call carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The bot's.
    Bot,
    /// The app's, for Socket Mode alone.
    App,
}

/// The session.
pub(super) struct Web {
    client: SlackHyperClient,
    bot: SlackApiToken,
    app: SlackApiToken,
    guard: Guard,
}

impl Web {
    /// A session at that base with those tokens.
    pub(super) fn new(base: &Base, bot: &Secret, app: &Secret, guard: Guard) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| "TLS cannot be set up with its own defaults.".to_owned())?;
        // A loopback peer without TLS needs no authorities, and a bare container has none.
        let tls = if base.loopback && base.url.scheme() == "http" {
            tls.with_root_certificates(RootCertStore::empty())
        } else {
            tls.with_native_roots().map_err(|e| {
                format!("The system's certificate authorities cannot be read ({}). Install them.", e.kind())
            })?
        };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls.with_no_client_auth())
            .https_or_http()
            .enable_http1()
            .build();
        let connector = SlackClientHyperConnector::with_connector(connector).with_slack_api_url(base.api());
        let token = |secret: &Secret| SlackApiToken::new(SlackApiTokenValue(secret.expose().to_owned()));
        Ok(Self { client: SlackClient::new(connector), bot: token(bot), app: token(app), guard })
    }

    /// Calls a method with a JSON body.
    pub(super) async fn post(&self, token: Token, method: &str, body: &Value) -> Result<Value, PortError> {
        let token = if token == Token::Bot { &self.bot } else { &self.app };
        let session = self.client.open_session(token);
        let call = session.http_session_api.http_post::<_, Value>(method, body, None);
        self.settle(tokio::time::timeout(CALL_DEADLINE, call).await)
    }

    /// Calls a reading method, which takes its arguments in the query.
    pub(super) async fn get(&self, method: &str, query: &[(&str, String)]) -> Result<Value, PortError> {
        let query: Vec<(&str, Option<&String>)> = query.iter().map(|(key, value)| (*key, Some(value))).collect();
        let session = self.client.open_session(&self.bot);
        let call = session.http_session_api.http_get::<Value, _, _>(method, &query, None);
        self.settle(tokio::time::timeout(CALL_DEADLINE, call).await)
    }

    fn settle<E>(&self, result: Result<Result<Value, SlackClientError>, E>) -> Result<Value, PortError> {
        match result {
            Err(_) => Err(PortError::new(SYSTEM, Fault::NoAnswer)),
            Ok(Err(error)) => Err(port_error(&self.guard, &error)),
            // A login page is answered with 200 as well; slack-morphism makes an empty object of it.
            Ok(Ok(value)) if value["ok"] != true => Err(PortError::new(SYSTEM, Fault::Garbled)),
            Ok(Ok(value)) => Ok(value),
        }
    }
}

/// Slack's error code as a fault.
pub(super) fn code_fault(code: &str) -> Fault {
    match code {
        "message_not_found" => Fault::NotFound,
        "unknown_method" | "method_deprecated" => Fault::NoRoute,
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive" => Fault::Unauthorized,
        "missing_scope"
        | "not_allowed_token_type"
        | "no_permission"
        | "restricted_action"
        | "user_is_restricted"
        | "access_denied"
        | "ekm_access_denied"
        | "team_access_not_granted"
        | "enterprise_is_restricted"
        | "org_login_required" => Fault::Forbidden,
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => rate_limited(None),
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => Fault::Failing { status: 200 },
        other => Fault::Refused { status: 200, code: safe_code(other) },
    }
}

/// An HTTP status other than 200 as a fault.
pub(super) fn status_fault(status: u16) -> Fault {
    match status {
        401 => Fault::Unauthorized,
        403 => Fault::Forbidden,
        404 => Fault::NoRoute,
        429 => rate_limited(None),
        500.. => Fault::Failing { status },
        _ => Fault::Refused { status, code: String::new() },
    }
}

/// "Slow down", for that long.
pub(super) fn rate_limited(after: Option<Duration>) -> Fault {
    let after = after.unwrap_or(PAUSE_DEFAULT);
    Fault::RateLimited { after_ms: i64::try_from(after.as_millis()).unwrap_or(i64::MAX) }
}

/// Slack's codes are lower-case words; anything else is not repeated.
pub(super) fn safe_code(code: &str) -> String {
    let ok = !code.is_empty()
        && code.len() <= CODE_MOST
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_:.,-".contains(&b));
    if ok { code.to_owned() } else { "unknown".to_owned() }
}

fn port_error(guard: &Guard, error: &SlackClientError) -> PortError {
    let fault = match error {
        SlackClientError::ApiError(error) => {
            let mut answer = PortError::new(SYSTEM, code_fault(&error.code));
            if let Some(needed) = error.http_response_body.as_deref().and_then(needed_scope) {
                answer.text = guard.scrub(Untrusted::from(format!("the scope {needed} is missing")));
            }
            return answer;
        }
        SlackClientError::HttpError(error) => status_fault(error.status_code.as_u16()),
        SlackClientError::RateLimitError(error) => rate_limited(error.retry_after),
        SlackClientError::HttpProtocolError(error) => match &error.cause {
            Some(cause) if never_connected(cause.as_ref()) => Fault::Unreachable,
            _ => Fault::NoAnswer,
        },
        SlackClientError::ProtocolError(_) => Fault::Garbled,
        SlackClientError::EndOfStream(_)
        | SlackClientError::SystemError(_)
        | SlackClientError::SocketModeProtocolError(_) => Fault::NoAnswer,
    };
    PortError::new(SYSTEM, fault)
}

fn needed_scope(body: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    value["needed"].as_str().map(safe_code)
}

// The client's error type is not ours to name; its `Display` is its kind alone: "client error (Connect)".
fn never_connected(error: &(dyn StdError + 'static)) -> bool {
    error.to_string() == "client error (Connect)"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::FingerprintKey;

    #[test]
    fn tokens_go_to_slack_or_loopback_only() {
        for good in ["https://slack.com/api", "https://slack-gov.com/api/", "http://127.0.0.1:9/api", "http://[::1]:9"]
        {
            assert!(Base::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://slack.com/api",
            "https://evilslack.com",
            "https://slack.com.evil.example",
            "ftp://127.0.0.1",
            "https://slack.com:8443/api",
            "https://example.com/api",
            "slack.com",
            "",
        ] {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn answers_and_sockets_stay_at_home() {
        let real = Base::parse("https://slack.com/api").expect("a base");
        assert!(real.hook("https://hooks.slack.com/commands/T1/2/x").is_some());
        for bad in [
            "http://hooks.slack.com/x",
            "https://slack.com/x",
            "https://hooks.slack.com.evil.example/x",
            "https://hooks.slack.com@evil.example/x",
            "http://127.0.0.1/x",
            "file:///etc/passwd",
        ] {
            assert!(real.hook(bad).is_none(), "{bad}");
        }
        assert!(real.socket("wss://wss-primary.slack.com/link/?ticket=1"));
        assert!(!real.socket("ws://wss-primary.slack.com/link") && !real.socket("wss://evil.example"));
        let local = Base::parse("http://127.0.0.1:9/api").expect("a base");
        assert!(local.hook("http://127.0.0.1:9/hooks/1").is_some() && local.hook("http://127.0.0.1:8/h").is_none());
        assert!(local.socket("ws://127.0.0.1:7/link") && !local.socket("ws://10.0.0.1:7/link"));
    }

    #[test]
    fn errors_keep_codes_and_drop_bodies() {
        assert_eq!(code_fault("message_not_found"), Fault::NotFound);
        assert_eq!(code_fault("token_revoked"), Fault::Unauthorized);
        let other = Fault::Refused { status: 200, code: "unknown".into() };
        assert_eq!(code_fault("Oops: the whole body"), other);
        assert_eq!(safe_code("channel_not_found"), "channel_not_found");
        assert_eq!(needed_scope(r#"{"needed":"chat:write"}"#).as_deref(), Some("chat:write"));
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let base = Base::parse(&format!("http://127.0.0.1:{port}/api")).expect("a base");
        let (bot, app) = (Secret::new("bot"), Secret::new("app"));
        let web = Web::new(&base, &bot, &app, Guard::new(FingerprintKey::new([7; 32]))).expect("a session");
        let error = web.get("auth.test", &[]).await.expect_err("nobody listens");
        assert_eq!(error.fault, Fault::Unreachable);
    }
}
