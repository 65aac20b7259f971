//! Opsgenie's alerts, from its description: everything is accepted first and done afterwards.
//!
//! Invariants: an alert that is open is one by its alias, however often it is created; what is asked of an alias that is
//! not open is accepted, and comes to nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::sandbox::world::door::{Answer, Ask, Emulated};

/// Longest message, in characters.
const MESSAGE_MOST: usize = 130;
/// Longest alias, in characters.
const ALIAS_MOST: usize = 250;
/// Longest description, in characters.
const DESCRIPTION_MOST: usize = 15_000;

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The key that makes it one.
    pub alias: String,
    /// `open`, `acknowledged` or `closed`.
    pub state: &'static str,
    /// Its line.
    pub message: String,
    /// `P1` to `P5`.
    pub priority: String,
    /// How often it was created.
    pub count: u32,
    /// What was noted on it.
    pub notes: Vec<String>,
}

#[derive(Debug, Default)]
struct State {
    alerts: Vec<Alert>,
    requests: Vec<(String, bool)>,
}

/// The service.
#[derive(Debug)]
pub struct Opsgenie {
    key: String,
    state: Mutex<State>,
}

impl Opsgenie {
    pub(super) fn new(key: &str) -> Self {
        Self { key: key.into(), state: Mutex::default() }
    }

    /// The alerts, oldest first.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        self.state().alerts.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn create(&self, body: &Value) -> Answer {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        for (name, most) in [("message", MESSAGE_MOST), ("alias", ALIAS_MOST), ("description", DESCRIPTION_MOST)] {
            if text(name).chars().count() > most {
                return self.refused(422, &format!("{name} should not be longer than {most} characters."));
            }
        }
        if text("message").is_empty() {
            return self.refused(422, "Message can not be empty.");
        }
        let mut state = self.state();
        let alias = text("alias");
        let open = state.alerts.iter_mut().find(|alert| alert.alias == alias && alert.state != "closed");
        match open {
            Some(alert) => alert.count += 1,
            None => state.alerts.push(Alert {
                alias,
                state: "open",
                message: text("message"),
                priority: if text("priority").is_empty() { "P3".into() } else { text("priority") },
                count: 1,
                notes: Vec::new(),
            }),
        }
        accepted(&mut state, true)
    }

    fn act(&self, alias: &str, deed: &str, body: &Value) -> Answer {
        let note = body["note"].as_str().unwrap_or_default();
        if deed == "notes" && note.is_empty() {
            return self.refused(422, "Note can not be empty.");
        }
        let mut state = self.state();
        let open = state.alerts.iter_mut().find(|alert| alert.alias == alias && alert.state != "closed");
        let found = open.is_some();
        if let Some(alert) = open {
            match deed {
                "acknowledge" => alert.state = "acknowledged",
                "close" => alert.state = "closed",
                _ => {}
            }
            if !note.is_empty() {
                alert.notes.push(note.into());
            }
        }
        accepted(&mut state, found)
    }

    fn refused(&self, status: u16, message: &str) -> Answer {
        let id = format!("opsgenie-refused-{}", self.state().requests.len());
        Answer::json(status, &json!({ "message": message, "took": 0.001, "requestId": id }))
    }
}

fn accepted(state: &mut State, success: bool) -> Answer {
    let id = format!("opsgenie-request-{}", state.requests.len() + 1);
    state.requests.push((id.clone(), success));
    let body = json!({ "result": "Request will be processed", "took": 0.107, "requestId": id });
    Answer::json(202, &body)
}

impl Emulated for Opsgenie {
    fn answer(&self, ask: &Ask) -> Answer {
        let key = ask.seen.header("authorization").and_then(|value| value.strip_prefix("GenieKey "));
        if key != Some(&self.key) {
            return self.refused(401, "Could not authenticate");
        }
        let parts: Vec<&str> = ask.parts.iter().map(String::as_str).collect();
        let body = ask.object().unwrap_or_default();
        match (ask.seen.method.as_str(), parts.as_slice()) {
            ("POST", ["v2", "alerts"]) => self.create(&body),
            ("POST", ["v2", "alerts", alias, deed @ ("acknowledge" | "close" | "notes")]) => {
                // Without it the name in the path is taken for an alert's own id, of which there is none.
                let alias = if ask.param("identifierType") == Some("alias") { *alias } else { "" };
                self.act(alias, deed, &body)
            }
            ("GET", ["v2", "alerts", "requests", id]) => {
                let state = self.state();
                match state.requests.iter().find(|(known, _)| known == id) {
                    Some((_, success)) => {
                        let data = json!({ "success": success, "isSuccess": success });
                        Answer::json(200, &json!({ "data": data, "took": 0.022, "requestId": id }))
                    }
                    None => Answer::json(404, &json!({ "message": "Request not found.", "took": 0, "requestId": id })),
                }
            }
            _ => self.refused(404, "No such path."),
        }
    }

    fn broken(&self, status: u16) -> Answer {
        self.refused(status, "You are making too many requests, or something else is wrong.")
    }

    fn dress(&self, answer: Answer) -> Answer {
        answer
    }
}
