//! What came back: a status, a few headers, a scrubbed body, and what they mean as a `Fault`.
//!
//! Nothing is sent from here. Invariant: no string in an `Answer` holds a raw secret. JSON is redacted
//! string by string after it was parsed, for escapes would hide a secret from a scan of the raw bytes.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::guard::{Guard, Redacted, Untrusted};
use crate::ports::{Fault, PortError};

use super::waits::Waits;

/// Longest text of the far side in an error, in characters: it goes into one chat line.
const TEXT_MOST: usize = 200;
/// Longest error code that is taken for one, in bytes.
const CODE_MOST: usize = 64;
/// Fields whose values we never want, whatever else an object holds.
const NEVER_READ: [&str; 3] = ["client_secret", "clientSecret", "id_token"];
/// What stands in for them.
const WITHHELD: &str = "[withheld]";

/// A body, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// JSON, every string redacted.
    Json(Value),
    /// Plain text, redacted.
    Text(String),
    /// A web page: somebody else than the API answered. Its words are dropped.
    Page,
    /// Larger than our limit, or broken off.
    Unread,
}

impl Body {
    /// Reads a body. The flag says whether the guard removed something.
    #[must_use]
    pub fn read(bytes: &[u8], content_type: &str, guard: &Guard) -> (Self, bool) {
        let text = String::from_utf8_lossy(bytes);
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return (Self::Empty, false);
        }
        if let Ok(mut value) = serde_json::from_str::<Value>(trimmed) {
            let found = scrub_value(&mut value, guard);
            return (Self::Json(value), found);
        }
        let redacted = guard.redact(trimmed);
        let found = redacted != trimmed;
        if content_type.contains("html") || trimmed.starts_with('<') {
            return (Self::Page, found);
        }
        (Self::Text(redacted.into_owned()), found)
    }
}

fn scrub_value(value: &mut Value, guard: &Guard) -> bool {
    match value {
        Value::String(text) => match guard.redact(text) {
            Cow::Owned(clean) if clean != *text => {
                *text = clean;
                true
            }
            _ => false,
        },
        Value::Array(items) => items.iter_mut().fold(false, |found, item| scrub_value(item, guard) | found),
        Value::Object(fields) => scrub_object(fields, guard),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn scrub_object(fields: &mut Map<String, Value>, guard: &Guard) -> bool {
    let mut found = false;
    for (name, mut value) in std::mem::take(fields) {
        let clean = guard.redact(&name).into_owned();
        found |= clean != name;
        if NEVER_READ.contains(&clean.as_str()) && !value.is_null() {
            value = Value::from(WITHHELD);
        } else {
            found |= scrub_value(&mut value, guard);
        }
        fields.insert(clean, value);
    }
    found
}

/// An answer of any status.
#[derive(Clone)]
pub struct Answer {
    /// Which system answered.
    pub system: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Where a redirect points, redacted; it was not followed.
    pub location: Option<String>,
    /// The body.
    pub body: Body,
    /// True when the guard removed a secret from the body.
    pub leaked: bool,
    /// The server's certificate (DER), where the wire keeps it.
    pub certificate: Option<Vec<u8>>,
    pub(super) request_id: Option<String>,
    pub(super) waits: Waits,
    pub(super) guard: Guard,
}

impl Answer {
    /// The answer itself when its status is 2xx.
    ///
    /// # Errors
    /// What the status means otherwise.
    pub fn success(self) -> Result<Self, PortError> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(self.error()) }
    }

    /// The body of a 2xx as that type.
    ///
    /// # Errors
    /// What the status means, or `Garbled`.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, PortError> {
        let answer = self.success()?;
        let garbled = answer.failure(Fault::Garbled, "");
        match answer.body {
            Body::Json(value) => serde_json::from_value(value).map_err(|_| garbled),
            _ => Err(garbled),
        }
    }

    /// Nothing, when a change was accepted: with an empty body or JSON. Any other body is not an acceptance
    /// but `Garbled`, so that what happened is read back.
    ///
    /// # Errors
    /// What the status means, or `Garbled`.
    pub fn done(self) -> Result<(), PortError> {
        let answer = self.success()?;
        match answer.body {
            Body::Empty | Body::Json(_) => Ok(()),
            Body::Text(_) | Body::Page | Body::Unread => Err(answer.failure(Fault::Garbled, "")),
        }
    }

    /// The error that this status means.
    #[must_use]
    pub fn error(&self) -> PortError {
        self.error_as(self.fault())
    }

    /// The error with another fault than the status alone means.
    #[must_use]
    pub fn error_as(&self, fault: Fault) -> PortError {
        let words = self.words();
        let mut error = self.failure(fault, &words.message);
        if error.request_id.is_none() {
            error.request_id = id_text(&words.request_id);
        }
        error
    }

    /// The far side's error code; empty where there is none.
    #[must_use]
    pub fn code(&self) -> String {
        self.words().code
    }

    fn failure(&self, fault: Fault, message: &str) -> PortError {
        PortError {
            system: self.system,
            fault,
            text: self.guard.scrub(Untrusted::new(short(&self.guard.redact(message)))),
            request_id: self.request_id.clone(),
        }
    }

    fn fault(&self) -> Fault {
        match self.status {
            401 => Fault::Unauthorized,
            403 => Fault::Forbidden,
            404 => Fault::NotFound,
            429 => Fault::RateLimited { after_ms: self.waits.pause_ms() },
            // "See Other" comes after the request was carried out: what happened must be read back.
            303 => Fault::Garbled,
            300..=399 => Fault::Refused { status: self.status, code: "redirect".into() },
            400..=499 => Fault::Refused { status: self.status, code: self.code() },
            500..=599 => Fault::Failing { status: self.status },
            _ => Fault::Garbled,
        }
    }

    fn words(&self) -> Words {
        match &self.body {
            Body::Json(value) => Words::read(value),
            Body::Text(text) => Words { message: text.clone(), ..Words::default() },
            Body::Empty | Body::Page | Body::Unread => Words::default(),
        }
    }
}

/// What an error body says, whichever envelope it uses.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    code: String,
    message: String,
    request_id: String,
}

impl Words {
    /// Tries `{"error":{code,message}}`, `{"error":"code"}`, `{code,message}`, then Django's `detail` and field lists.
    fn read(value: &Value) -> Self {
        let Some(top) = value.as_object() else { return Self::default() };
        let text = |fields: &Map<String, Value>, names: &[&str]| {
            names.iter().find_map(|name| fields.get(*name)?.as_str()).unwrap_or_default().to_owned()
        };
        let (at, error) = match top.get("error") {
            Some(Value::Object(inner)) => (inner, String::new()),
            Some(Value::String(error)) => (top, error.clone()),
            _ => (top, String::new()),
        };
        // ntfy and Opsgenie number their errors.
        let numbered = at.get("code").and_then(Value::as_u64).map(|code| code.to_string());
        let mut words = Self {
            code: numbered.unwrap_or_else(|| text(at, &["code"])),
            message: text(at, &["message", "error_description", "detail"]),
            request_id: text(at, &["requestId", "request_id"]),
        };
        if words.code.is_empty() && is_code(&error) {
            words.code = error;
        } else if words.message.is_empty() {
            words.message = error;
        }
        if !is_code(&words.code) {
            words.code.clear();
        }
        if words.message.is_empty() {
            words.message = field_errors(top);
        }
        words
    }
}

fn field_errors(top: &Map<String, Value>) -> String {
    let lists =
        top.iter().filter_map(|(name, value)| Some(format!("{name}: {}", value.as_array()?.first()?.as_str()?)));
    lists.collect::<Vec<_>>().join("; ")
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= CODE_MOST
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// A request id as we keep it: visible ASCII, cut; `None` when nothing is left.
pub(super) fn id_text(text: &str) -> Option<String> {
    const ID_MOST: usize = 128;
    let id: String = text.chars().filter(char::is_ascii_graphic).take(ID_MOST).collect();
    (!id.is_empty()).then_some(id)
}

/// One line of at most `TEXT_MOST` characters.
fn short(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(TEXT_MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// An error about a request that was never sent: what it would have carried is not fit to be sent.
pub(super) fn not_sent(system: &'static str, why: &'static str) -> PortError {
    let fault = Fault::Refused { status: 400, code: "not_sent".into() };
    PortError { text: Redacted::from_static(why), ..PortError::new(system, fault) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn three_envelopes_and_none() {
        let read = |value: Value| {
            let words = Words::read(&value);
            (words.code, words.message)
        };
        let both = |code: &str, message: &str| (code.to_owned(), message.to_owned());
        assert_eq!(read(json!({"error": {"code": "a_b", "message": "No."}})), both("a_b", "No."));
        assert_eq!(read(json!({"error": "a_b", "message": "No."})), both("a_b", "No."));
        assert_eq!(read(json!({"error": "a_b"})), both("a_b", ""));
        assert_eq!(read(json!({"code": 42901, "error": "limit reached"})), both("42901", "limit reached"));
        assert_eq!(read(json!({"code": "a_b", "message": "No."})), both("a_b", "No."));
        assert_eq!(read(json!({"error": "Not Found"})), both("", "Not Found"));
        assert_eq!(read(json!({"detail": "Token invalid/expired"})), both("", "Token invalid/expired"));
        assert_eq!(read(json!({"pk": ["No such."], "code": "invalid"})), both("invalid", "pk: No such."));
        assert_eq!(read(json!([1])), both("", ""));
        assert_eq!(read(json!({"error": {"code": "<!channel>"}})), both("", ""));
    }

    #[test]
    fn a_text_becomes_one_short_line() {
        assert_eq!(short(" a\n\tb\u{0}c "), "a b c");
        assert_eq!(short(&"é".repeat(500)).chars().count(), TEXT_MOST + 1);
    }
}
