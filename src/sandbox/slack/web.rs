//! The Web API's door: reads arguments in every form that clients send, checks tokens, misbehaves
//! when it is told to, and wraps answers the way Slack does.
//!
//! The methods are in `chat`, `conversations`, `people` and `views`. Invariant: a fault other than
//! `DropAfter` has no effect on the workspace.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Form, FromRequest, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use serde_json::{Map, Value, json};

use super::cut::Cut;
use super::{Core, chat, conversations, files, hooks, people, rooms, scopes, socket, views};
use crate::sandbox::cast::{SLACK_BOT_USER, by_name};
use crate::sandbox::fault::FaultKind;

/// The longest body that is read, in bytes: several times what Slack takes.
const BODY_LIMIT: usize = 4 * 1_024 * 1_024;
/// Arguments that forms carry as JSON inside a string.
const JSON_ARGS: [&str; 5] = ["blocks", "attachments", "metadata", "view", "unfurls"];
/// Those of the admin's user token.
const GRANTED_ADMIN: &str = "chat:write,files:write";

/// What a method answers: the body without `ok`, or an error.
pub(super) type Answer = Result<Value, Failure>;

/// Slack's way to say no.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub error: &'static str,
    pub messages: Vec<String>,
}

impl From<&'static str> for Failure {
    fn from(error: &'static str) -> Self {
        Self { error, messages: Vec::new() }
    }
}

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Bot,
    App,
    Admin,
}

impl Caller {
    /// The user id behind the token.
    pub fn user(self) -> &'static str {
        match self {
            Self::Admin => by_name("mira").map_or(SLACK_BOT_USER, |p| p.slack_user),
            Self::Bot | Self::App => SLACK_BOT_USER,
        }
    }
}

/// A method's arguments.
#[derive(Debug, Default)]
pub(super) struct Args(pub Map<String, Value>);

impl Args {
    /// A text argument; numbers are texts too.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A text argument that must be there.
    pub fn need(&self, name: &str, otherwise: &'static str) -> Result<String, Failure> {
        self.text(name).filter(|t| !t.is_empty()).ok_or_else(|| otherwise.into())
    }

    /// A yes-or-no argument; no when it is missing.
    pub fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => matches!(text.as_str(), "true" | "1" | "True"),
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// A JSON argument, or null.
    pub fn json(&self, name: &str) -> Value {
        match self.0.get(name) {
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
            Some(other) => other.clone(),
            None => Value::Null,
        }
    }
}

/// All routes.
pub(super) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/api/{method}", any(api))
        .route("/hooks/{name}", post(hook))
        .route("/files/{id}/{name}", get(files::download))
        .with_state(core)
}

async fn api(
    State(core): State<Arc<Core>>,
    cut: ConnectInfo<Cut>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let args = read_args(&parts, body.clone()).await;
    let caller = caller(&core, &parts.headers, args.as_ref().ok());
    let query = parts.uri.query().unwrap_or_default();
    let raw = if body.is_empty() { query.to_owned() } else { String::from_utf8_lossy(&body).into_owned() };
    core.state().note_call(&method, &raw, caller == Ok(Caller::Bot));
    core.faults.delay("slack").await;
    let fault = core.faults.take("slack", &format!("POST /api/{method}"));
    if let Some(response) = misbehave(&core, fault.as_ref()).await {
        return response;
    }
    let mut hang = core.knobs.hang_open.subscribe();
    if method == "apps.connections.open" && *hang.borrow_and_update() && !pause(&core, &mut hang).await {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let answer = match (caller, args) {
        (Err(error), _) | (Ok(_), Err(error)) => Err(error.into()),
        (Ok(caller), Ok(args)) => dispatch(&core, caller, &method, &args),
    };
    if fault == Some(FaultKind::DropAfter) {
        cut.0.cut();
    }
    let mut response = axum::Json(wrap(answer)).into_response();
    let granted = match caller {
        Ok(Caller::Bot) => scopes::granted(&core).join(","),
        Ok(Caller::Admin) => GRANTED_ADMIN.to_owned(),
        _ => return response,
    };
    if let Ok(granted) = HeaderValue::from_str(&granted) {
        response.headers_mut().insert("x-oauth-scopes", granted);
    }
    response
}

async fn hook(State(core): State<Arc<Core>>, cut: ConnectInfo<Cut>, Path(name): Path<String>, body: Bytes) -> Response {
    core.state().note_call("hooks", &String::from_utf8_lossy(&body), true);
    core.faults.delay("slack").await;
    let fault = core.faults.take("slack", &format!("POST /hooks/{name}"));
    if let Some(response) = misbehave(&core, fault.as_ref()).await {
        return response;
    }
    let answer = hooks::respond(&core, &name, &body);
    if fault == Some(FaultKind::DropAfter) {
        cut.0.cut();
    }
    match answer {
        Ok(()) => "ok".into_response(),
        Err((status, error)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, axum::Json(json!({"ok": false, "error": error}))).into_response()
        }
    }
}

/// Waits until the knob is turned back; false when the emulator stops first.
async fn pause(core: &Core, hang: &mut tokio::sync::watch::Receiver<bool>) -> bool {
    let mut stop = core.stop.subscribe();
    tokio::select! {
        waited = hang.wait_for(|hang| !*hang) => waited.is_ok(),
        _ = stop.wait_for(|stop| *stop) => false,
    }
}

pub(super) async fn misbehave(core: &Core, fault: Option<&FaultKind>) -> Option<Response> {
    Some(match fault? {
        FaultKind::DropAfter => return None,
        FaultKind::Status(number) => {
            let error = match number {
                401 => "invalid_auth",
                403 => "access_denied",
                429 => "ratelimited",
                503 => "service_unavailable",
                _ => "internal_error",
            };
            let status = StatusCode::from_u16(*number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, axum::Json(json!({"ok": false, "error": error}))).into_response()
        }
        FaultKind::RetryAfter(seconds) => {
            let headers = [(header::RETRY_AFTER, seconds.to_string())];
            let body = json!({"ok": false, "error": "ratelimited"});
            (StatusCode::TOO_MANY_REQUESTS, headers, axum::Json(body)).into_response()
        }
        FaultKind::Hang => {
            let _ = core.stop.subscribe().wait_for(|stop| *stop).await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        FaultKind::Garbage => "<html>this is not the answer you are looking for".into_response(),
        FaultKind::Body(number, body) => {
            let status = StatusCode::from_u16(*number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, "application/json")], body.clone()).into_response()
        }
    })
}

async fn read_args(parts: &Parts, body: Bytes) -> Result<Args, &'static str> {
    type Pairs = Vec<(String, String)>;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let Query(query) = Query::<Pairs>::try_from_uri(&parts.uri).map_err(|_| "invalid_arguments")?;
    let mut args: Map<String, Value> = query.into_iter().map(|(k, v)| (k, Value::String(v))).collect();
    if kind.starts_with("application/json") {
        if !body.is_empty() {
            let json = serde_json::from_slice(&body).map_err(|_| "invalid_json")?;
            let Value::Object(map) = json else { return Err("json_not_object") };
            args.extend(map);
        }
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = axum::http::Method::POST;
        request.headers_mut().insert(header::CONTENT_TYPE, parts.headers[header::CONTENT_TYPE].clone());
        let form = Form::<Pairs>::from_request(request, &()).await;
        let Form(pairs) = form.map_err(|_| "invalid_form_data")?;
        args.extend(pairs.into_iter().map(|(k, v)| (k, Value::String(v))));
    } else if !body.is_empty() {
        return Err("invalid_post_type");
    }
    for name in JSON_ARGS {
        if let Some(Value::String(text)) = args.get(name)
            && let Ok(json) = serde_json::from_str(text)
        {
            args.insert(name.to_owned(), json);
        }
    }
    Ok(Args(args))
}

pub(super) fn caller(core: &Core, headers: &HeaderMap, args: Option<&Args>) -> Result<Caller, &'static str> {
    let header = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let bearer = header.and_then(|v| v.strip_prefix("Bearer ")).map(str::to_owned);
    let token = bearer.or_else(|| args?.text("token")).ok_or("not_authed")?;
    let tokens = &core.tokens;
    if token == tokens.bot {
        Ok(Caller::Bot)
    } else if token == tokens.app {
        Ok(Caller::App)
    } else if tokens.admin.as_ref() == Some(&token) {
        Ok(Caller::Admin)
    } else {
        Err("invalid_auth")
    }
}

fn dispatch(core: &Arc<Core>, caller: Caller, method: &str, args: &Args) -> Answer {
    let for_apps = method == "apps.connections.open";
    if for_apps != (caller == Caller::App) {
        return Err("not_allowed_token_type".into());
    }
    if caller == Caller::Bot {
        scopes::check(core, method, args)?;
    }
    match method {
        "apps.connections.open" => Ok(socket::open_url(core)),
        "api.test" => Ok(json!({})),
        "auth.test" => Ok(people::auth_test(caller)),
        "team.info" => Ok(people::team_info()),
        "users.info" => people::users_info(args),
        "bots.info" => people::bots_info(args),
        "chat.postMessage" => chat::post_message(core, caller, args),
        "chat.postEphemeral" => chat::post_ephemeral(core, caller, args),
        "chat.update" => chat::update(core, caller, args),
        "chat.delete" => chat::delete(core, caller, args),
        "chat.getPermalink" => chat::permalink(core, args),
        "conversations.open" => conversations::open(core, args),
        "conversations.info" => conversations::describe_one(core, args),
        "conversations.list" => Ok(conversations::list(core, args, false)),
        "users.conversations" => Ok(conversations::list(core, args, true)),
        "conversations.create" => rooms::create(core, args),
        "conversations.setTopic" => rooms::set_topic(core, caller, args),
        "conversations.invite" => rooms::invite(core, args),
        "files.info" => files::describe(core, args),
        "files.delete" => files::delete(core, caller, args),
        "conversations.history" => conversations::history(core, args),
        "conversations.replies" => conversations::replies(core, args),
        "views.open" => views::open(core, args),
        "views.push" => views::push(core, args),
        "views.update" => views::update(core, args),
        _ => Err("unknown_method".into()),
    }
}

fn wrap(answer: Answer) -> Value {
    match answer {
        Ok(mut body) => {
            body["ok"] = json!(true);
            body
        }
        Err(Failure { error: "missing_scope", messages }) => {
            json!({"ok": false, "error": "missing_scope", "needed": messages.join(","), "provided": ""})
        }
        Err(failure) if failure.messages.is_empty() => json!({"ok": false, "error": failure.error}),
        Err(failure) => json!({
            "ok": false, "error": failure.error, "errors": failure.messages,
            "response_metadata": {"messages": failure.messages},
        }),
    }
}
