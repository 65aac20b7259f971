//! What REST answers: results, errors by Discord's codes, and the tree of form errors.
//!
//! It decides nothing. Invariant: every error body has `message` and `code`.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// One answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    pub(super) headers: Vec<(&'static str, String)>,
}

/// An answer that may be a refusal; both are sent.
pub(super) type Answer = Result<Reply, Reply>;

/// 200 with a body.
pub(super) fn ok(body: Value) -> Reply {
    Reply { status: 200, body: Some(body), headers: Vec::new() }
}

/// 204 without one.
pub(super) fn no_content() -> Reply {
    Reply { status: 204, body: None, headers: Vec::new() }
}

/// An error with Discord's own code.
pub(super) fn fail(status: u16, code: u32, message: &str) -> Reply {
    Reply { status, body: Some(json!({"message": message, "code": code})), headers: Vec::new() }
}

/// 429, with the time to wait in seconds.
pub(super) fn limited(seconds: u32, global: bool) -> Reply {
    let mut headers = vec![
        ("retry-after", seconds.to_string()),
        ("x-ratelimit-scope", if global { "global" } else { "user" }.to_owned()),
    ];
    if global {
        headers.push(("x-ratelimit-global", "true".to_owned()));
    }
    let body = json!({"message": "You are being rate limited.", "retry_after": f64::from(seconds), "global": global, "code": 0});
    Reply { status: 429, body: Some(body), headers }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match self.body {
            Some(body) => ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response(),
            None => ().into_response(),
        };
        *response.status_mut() = status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Collects what is wrong with a body; becomes 400 with code 50035.
#[derive(Debug, Default)]
pub(super) struct FormErrors {
    found: Vec<(String, &'static str, String)>,
}

impl FormErrors {
    /// Notes one error at a dotted path (`embeds.0.title`).
    pub(super) fn add(&mut self, path: &str, code: &'static str, message: impl Into<String>) {
        self.found.push((path.to_owned(), code, message.into()));
    }

    /// A text that must be present and of that length in characters.
    pub(super) fn required(&mut self, path: &str, text: &Value, max: usize) {
        match text.as_str() {
            None | Some("") => self.add(path, "BASE_TYPE_REQUIRED", "This field is required"),
            Some(text) => self.at_most(path, text, max),
        }
    }

    /// A text that may be absent or null.
    pub(super) fn optional(&mut self, path: &str, text: &Value, max: usize) {
        if let Some(text) = text.as_str() {
            self.at_most(path, text, max);
        }
    }

    /// A text's greatest length in characters.
    pub(super) fn at_most(&mut self, path: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.add(path, "BASE_TYPE_MAX_LENGTH", format!("Must be {max} or fewer in length."));
        }
    }

    /// A list's length.
    pub(super) fn count(&mut self, path: &str, count: usize, min: usize, max: usize) {
        if count < min || count > max {
            self.add(path, "BASE_TYPE_BAD_LENGTH", format!("Must be between {min} and {max} in length."));
        }
    }

    /// `Ok` when nothing was found.
    pub(super) fn done(self) -> Result<(), Reply> {
        if self.found.is_empty() {
            return Ok(());
        }
        let mut tree = Map::new();
        for (path, code, message) in &self.found {
            plant(&mut tree, path, &json!({"code": code, "message": message}));
        }
        let body = json!({"message": "Invalid Form Body", "code": 50035, "errors": tree});
        Err(Reply { status: 400, body: Some(body), headers: Vec::new() })
    }
}

/// Puts one error under its path.
fn plant(tree: &mut Map<String, Value>, path: &str, error: &Value) {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let node = tree.entry(head.to_owned()).or_insert_with(|| json!({}));
    let Some(node) = node.as_object_mut() else { return };
    if rest.is_empty() {
        let list = node.entry("_errors".to_owned()).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(error.clone());
        }
    } else {
        plant(node, rest, error);
    }
}
