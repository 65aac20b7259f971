//! The REST front: records the request, plays the armed fault, checks who asks, and finds the route.
//!
//! What a route does is in its own file. Invariant: an unknown route is 404 and has no effect.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;

use super::line::{Cut, Lines};
use super::reply::{Answer, Reply, fail, limited};
use super::state::Core;
use super::{automod, commands, interactions, messages, multipart, places, webhooks};
use crate::sandbox::fault::FaultKind;

/// The largest request body that Discord takes, in bytes.
const BODY_MAX: usize = 25 * 1024 * 1024;

/// One request, read.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    /// The path's segments after `/api/v10`.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Call {
    /// A parameter of the query.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }
}

/// Serves REST until the emulator goes down.
pub(super) async fn serve(core: Arc<Core>, listener: TcpListener) {
    let app = Router::new().fallback(front).with_state(Arc::clone(&core));
    let service = app.into_make_service_with_connect_info::<Cut>();
    let ending = async move { core.went_down().await };
    // It only ends by going down; there is nobody to tell.
    let _ = axum::serve(Lines(listener), service).with_graceful_shutdown(ending).await;
}

async fn front(State(core): State<Arc<Core>>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let line = format!("{} {target}", parts.method);
    let Ok(bytes) = to_bytes(body, BODY_MAX).await else {
        return fail(413, 40005, "Request entity too large").into_response();
    };
    if let Some(id) = answered(&line) {
        core.watch.came(id, Instant::now());
    }
    core.lock().record(line.clone(), String::from_utf8_lossy(&bytes).into_owned());
    core.faults.delay("discord").await;
    let fault = core.faults.take("discord", &line);
    let work = || answer(&core, parts.method.as_str(), &target, &parts.headers, &bytes).into_response();
    match fault {
        None => work(),
        Some(FaultKind::Status(status)) => fail(status, 0, &status_text(status)).into_response(),
        Some(FaultKind::RetryAfter(seconds)) => limited(seconds, core.lock().knobs.global_limits).into_response(),
        Some(FaultKind::Hang) => {
            core.went_down().await;
            cut.cut();
            fail(503, 0, "gone").into_response()
        }
        Some(FaultKind::DropAfter) => {
            let lost = work();
            cut.cut();
            lost
        }
        Some(FaultKind::Garbage) => ([(header::CONTENT_TYPE, "text/html")], "<html>upstream</html>").into_response(),
        Some(FaultKind::Body(status, body)) => {
            let mut response = body.into_response();
            *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
            response
        }
    }
}

/// The interaction that a request is the first answer to.
fn answered(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("POST /api/v10/interactions/")?;
    let (id, rest) = rest.split_once('/')?;
    rest.contains("/callback").then_some(id)
}

fn status_text(status: u16) -> String {
    let name = axum::http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error");
    format!("{status}: {name}")
}

fn answer(core: &Core, method: &str, target: &str, headers: &HeaderMap, bytes: &[u8]) -> Reply {
    let mut reply = match read(method, target, headers, bytes).and_then(|call| admit(core, &call, headers)) {
        Ok(reply) | Err(reply) => reply,
    };
    for (name, value) in [
        ("x-ratelimit-limit", "50"),
        ("x-ratelimit-remaining", "49"),
        ("x-ratelimit-reset-after", "1.000"),
        ("x-ratelimit-bucket", "sandbox"),
    ] {
        reply.headers.push((name, value.to_owned()));
    }
    reply
}

fn read(method: &str, target: &str, headers: &HeaderMap, bytes: &[u8]) -> Result<Call, Reply> {
    let agent = headers.get(header::USER_AGENT).and_then(|a| a.to_str().ok()).unwrap_or("");
    if agent.is_empty() {
        return Err(fail(403, 40333, "internal network error"));
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Some(rest) = ["/api/v10/", "/api/v9/"].iter().find_map(|p| path.strip_prefix(p)) else {
        return Err(fail(404, 0, "404: Not Found"));
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|c| c.to_str().ok()).unwrap_or("");
    let body = match () {
        () if bytes.is_empty() => Value::Null,
        () if kind.starts_with("multipart/form-data") => {
            multipart::read(kind, bytes).ok_or_else(|| fail(400, 50109, "The request body contains invalid JSON."))?
        }
        () if !kind.starts_with("application/json") => {
            return Err(fail(400, 50035, "Expected \"Content-Type\" header to be one of {'application/json'}."));
        }
        () => serde_json::from_slice(bytes).map_err(|_| fail(400, 50109, "The request body contains invalid JSON."))?,
    };
    Ok(Call {
        method: method.to_owned(),
        path: rest.split('/').map(str::to_owned).collect(),
        query: query.split('&').filter_map(|p| p.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect(),
        body,
    })
}

fn admit(core: &Core, call: &Call, headers: &HeaderMap) -> Answer {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let shown = headers.get(header::AUTHORIZATION).and_then(|a| a.to_str().ok());
    let fits = shown.is_some_and(|a| a.strip_prefix("Bot ") == Some(core.token.as_str()));
    let open = matches!(path.as_slice(), ["webhooks" | "interactions", _, _, ..] | ["gateway"]);
    let anonymous = open && shown.is_none();
    if !fits && !anonymous {
        return Err(fail(401, 0, "401: Unauthorized"));
    }
    route(core, call, &path)
}

fn route(core: &Core, call: &Call, path: &[&str]) -> Answer {
    let method = call.method.as_str();
    match (method, path) {
        (_, ["applications", app, rest @ ..]) if *app != "@me" => commands::route(core, call, app, rest),
        (_, ["channels", channel, "messages", rest @ ..]) => messages::route(core, call, channel, rest),
        (_, ["guilds", guild, "auto-moderation", "rules", rest @ ..]) => automod::route(core, call, guild, rest),
        ("POST", ["interactions", id, token, "callback"]) => interactions::callback(core, call, id, token),
        (_, ["webhooks", app, token, rest @ ..]) => webhooks::route(core, call, app, token, rest),
        _ => places::route(core, call, path),
    }
}
