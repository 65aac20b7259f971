//! The prober against small servers: one line of the monitoring table after the other.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::loopback::{Loopback, bare, guard, json as reply, raw_key};
use super::*;
use crate::model::Millis;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Millis {
        Millis(1_780_000_000_000)
    }
}

fn prober(server: &Loopback, keys: bool) -> Prober {
    let config = ProbeConfig {
        accounts: server.url.clone(),
        authentik: server.url.clone(),
        issuer: server.url.join("/application/o/silver-auth/").expect("a URL"),
        publishable_key: keys.then(|| "pk_canary".into()),
        secret_key: keys.then(|| Secret::new("the-canary-key")),
    };
    Prober::new(&config, &guard(), Arc::new(Fixed)).expect("a prober")
}

async fn look(subject: Subject, answer: impl Fn(&str) -> Response + Send + Sync + 'static) -> Light {
    let server = Loopback::start(answer).await;
    let finding = prober(&server, true).probe(subject).await;
    assert!(!finding.says.is_empty() && finding.subject == subject);
    finding.light
}

fn to(location: &'static str) -> impl Fn(&str) -> Response + Send + Sync + 'static {
    move |_| (StatusCode::FOUND, [("location", location)]).into_response()
}

#[tokio::test]
async fn health_is_200_and_authentik_any_success() {
    assert_eq!(look(Subject::PublicHealth, |_| bare(200, "ok")).await, Light::Green);
    assert_eq!(look(Subject::PublicHealth, |_| bare(204, "")).await, Light::Red);
    assert_eq!(look(Subject::PublicHealth, |_| bare(429, "")).await, Light::Amber);
    for subject in [Subject::IdentityLive, Subject::IdentityReady] {
        assert_eq!(look(subject, |_| bare(204, "")).await, Light::Green);
        assert_eq!(look(subject, |_| bare(503, "")).await, Light::Red);
    }
}

#[tokio::test]
async fn the_legacy_config_is_safe_json() {
    assert_eq!(look(Subject::LegacyConfig, |_| reply(200, &json!({"a": 1}))).await, Light::Green);
    assert_eq!(look(Subject::LegacyConfig, |_| bare(200, "<html>")).await, Light::Red);
    assert_eq!(look(Subject::LegacyConfig, |_| bare(500, "")).await, Light::Red);
    assert_eq!(look(Subject::LegacyConfig, |_| reply(200, &json!({"key": raw_key()}))).await, Light::Alarm);
}

#[tokio::test]
async fn canaries_must_be_active() {
    let active = json!({"ok": true, "application": {"status": "active"}});
    for subject in [Subject::ClientConfig, Subject::BackendKey] {
        let body = active.clone();
        assert_eq!(look(subject, move |_| reply(200, &body)).await, Light::Green);
        let other = |_: &str| reply(200, &json!({"ok": true, "application": {"status": "disabled"}}));
        assert_eq!(look(subject, other).await, Light::Red);
        assert_eq!(look(subject, |_| reply(401, &json!({"error": "invalid_secret_key"}))).await, Light::Red);
        assert_eq!(look(subject, |_| reply(200, &json!({}))).await, Light::Red);
    }
    let not_ok = |_: &str| reply(200, &json!({"ok": false, "application": {"status": "active"}}));
    assert_eq!(look(Subject::BackendKey, not_ok).await, Light::Red);
}

#[tokio::test]
async fn without_a_key_a_canary_is_skipped() {
    let server = Loopback::start(|_| bare(200, "{}")).await;
    let prober = prober(&server, false);
    for subject in [Subject::ClientConfig, Subject::BackendKey, Subject::Tls] {
        let finding = prober.probe(subject).await;
        assert_eq!((finding.light, finding.took_ms), (Light::Skipped, 0), "{subject:?}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn only_the_right_probe_carries_the_canary_key() {
    let server = Loopback::start(|_| bare(401, "")).await;
    let prober = prober(&server, true);
    for subject in Subject::ALL {
        prober.probe(subject).await;
    }
    let with: Vec<_> =
        server.seen().into_iter().filter(|s| s.headers.contains_key("authorization")).map(|s| s.line).collect();
    assert_eq!(with, ["GET /v1/backend/application"]);
}

#[tokio::test]
async fn boundaries_raise_an_alarm_when_a_stranger_gets_in() {
    let admin = Subject::AdminBoundary;
    assert_eq!(look(admin, |_| bare(401, "")).await, Light::Green);
    assert_eq!(look(admin, |_| reply(200, &json!({"auditLogs": []}))).await, Light::Alarm);
    assert_eq!(look(admin, |_| bare(500, "")).await, Light::Red);
    assert_eq!(look(admin, |_| bare(403, "")).await, Light::Amber);
    let console = Subject::ConsoleBoundary;
    assert_eq!(look(console, to("/sign-in?next=%2Fauth%2Fconsole")).await, Light::Green);
    assert_eq!(look(console, to("https://evil.example/login")).await, Light::Amber);
    assert_eq!(look(console, to("/auth/console/")).await, Light::Red);
    assert_eq!(look(console, |_| bare(302, "")).await, Light::Amber);
    assert_eq!(look(console, |_| bare(200, "<html>users")).await, Light::Alarm);
    assert_eq!(look(console, |_| bare(200, "")).await, Light::Amber);
    assert_eq!(look(console, |_| bare(502, "")).await, Light::Red);
}

#[tokio::test]
async fn discovery_and_keys_are_read() {
    let serve = async |keys: serde_json::Value| {
        let base = Arc::new(std::sync::OnceLock::<String>::new());
        let seen = Arc::clone(&base);
        let server = Loopback::start(move |line| {
            let root = seen.get().cloned().unwrap_or_default();
            if line.contains("openid-configuration") {
                reply(
                    200,
                    &json!({
                        "issuer": format!("{root}application/o/silver-auth/"),
                        "authorization_endpoint": format!("{root}application/o/authorize/"),
                        "token_endpoint": format!("{root}application/o/token/"),
                        "jwks_uri": format!("{root}application/o/silver-auth/jwks/"),
                    }),
                )
            } else {
                reply(200, &keys)
            }
        })
        .await;
        base.set(server.url.to_string()).expect("set once");
        let light = prober(&server, false).probe(Subject::OidcDiscovery).await.light;
        (light, server.lines())
    };
    let (light, lines) = serve(json!({"keys": [{"kty": "RSA", "use": "sig", "n": "x", "e": "AQAB"}]})).await;
    assert_eq!(light, Light::Green);
    assert_eq!(
        lines,
        ["GET /application/o/silver-auth/.well-known/openid-configuration", "GET /application/o/silver-auth/jwks/"]
    );
    assert_eq!(serve(json!({"keys": []})).await.0, Light::Red);
    assert_eq!(look(Subject::OidcDiscovery, |_| bare(404, "")).await, Light::Red);
}

/// What an answer of the issuer leads to: a loopback address is the configured issuer's own, or it is left alone.
#[tokio::test]
async fn nothing_that_an_answer_names_elsewhere_is_asked() {
    let trap = Loopback::start(|_| reply(200, &json!({"keys": [{"kty": "RSA", "n": "x", "e": "AQAB"}]}))).await;
    let document = |root: &str, jwks: &str, issuer: &str| {
        json!({
            "issuer": format!("{issuer}application/o/silver-auth/"),
            "authorization_endpoint": format!("{root}application/o/authorize/"),
            "token_endpoint": format!("{root}application/o/token/"),
            "jwks_uri": jwks,
        })
    };
    let away = trap.url.to_string();
    let trapped = away.clone();
    for case in ["another port", "another name for this machine", "another issuer", "a redirect"] {
        let away = away.clone();
        let root = Arc::new(std::sync::OnceLock::<String>::new());
        let known = Arc::clone(&root);
        let server = Loopback::start(move |line| {
            let root = known.get().cloned().unwrap_or_default();
            let own = format!("{root}application/o/silver-auth/jwks/");
            match case {
                "a redirect" if line.contains("/jwks/") => {
                    (StatusCode::FOUND, [("location", away.as_str())]).into_response()
                }
                "a redirect" => reply(200, &document(&root, &own, &root)),
                "another port" => reply(200, &document(&root, &away, &root)),
                "another issuer" => reply(200, &document(&root, &own, &away)),
                _ => reply(200, &document(&root, &away.replace("127.0.0.1", "localhost"), &root)),
            }
        })
        .await;
        root.set(server.url.to_string()).expect("set once");
        let finding = prober(&server, false).probe(Subject::OidcDiscovery).await;
        assert_eq!(finding.light, Light::Red, "{case}: {finding:?}");
        assert!(trap.seen().is_empty(), "{case}: {trapped} was asked");
    }
}

#[test]
fn days_have_their_lights() {
    let light = |days: i64| judge_days("a.example", days).0;
    assert_eq!((light(-1), light(0), light(13), light(14)), (Light::Red, Light::Amber, Light::Amber, Light::Green));
}
