//! PagerDuty's Events API v2, from its description: alerts by routing key and deduplication key.
//!
//! Invariants: an event for an alert that is not open is dropped and answered like every other; and a trigger after a
//! resolve opens a new alert, which pages people anew.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::sandbox::world::door::{Answer, Ask, Emulated};

/// Characters of a routing key.
const ROUTING_KEY_CHARS: usize = 32;
/// Longest summary, in characters.
const SUMMARY_MOST: usize = 1_024;
/// Longest deduplication key, in characters.
const DEDUP_KEY_MOST: usize = 255;
/// Largest body, in bytes.
const BODY_MOST: usize = 512 * 1024;

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The integration that it came by.
    pub routing_key: String,
    /// The key that makes events one alert.
    pub dedup_key: String,
    /// `triggered`, `acknowledged` or `resolved`.
    pub state: &'static str,
    /// The newest summary.
    pub summary: String,
    /// The newest severity.
    pub severity: String,
    /// Events that it is made of.
    pub triggers: u32,
}

#[derive(Debug, Default)]
struct State {
    alerts: Vec<Alert>,
    pages: u32,
    dropped: u32,
    keys: u32,
}

/// The service.
#[derive(Debug, Default)]
pub struct PagerDuty {
    state: Mutex<State>,
}

impl PagerDuty {
    /// The alerts, oldest first.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        self.state().alerts.clone()
    }

    /// How often people were paged.
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.state().pages
    }

    /// How many events were for no open alert.
    #[must_use]
    pub fn dropped(&self) -> u32 {
        self.state().dropped
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(&self, event: &Value) -> Result<String, String> {
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let (routing_key, action) = (text("routing_key"), text("event_action"));
        if routing_key.chars().count() != ROUTING_KEY_CHARS {
            return Err(format!("Length of 'routing_key' is incorrect (should be {ROUTING_KEY_CHARS} characters)"));
        }
        if text("dedup_key").chars().count() > DEDUP_KEY_MOST {
            return Err("'dedup_key' is too long".into());
        }
        match action.as_str() {
            "trigger" => self.trigger(event, routing_key, text("dedup_key")),
            "acknowledge" | "resolve" if text("dedup_key").is_empty() => {
                Err("'dedup_key' is missing or blank".to_owned())
            }
            "acknowledge" => Ok(self.set(&routing_key, text("dedup_key"), "acknowledged")),
            "resolve" => Ok(self.set(&routing_key, text("dedup_key"), "resolved")),
            _ => Err("'event_action' must be one of trigger, acknowledge, resolve".into()),
        }
    }

    fn trigger(&self, event: &Value, routing_key: String, dedup_key: String) -> Result<String, String> {
        let payload = &event["payload"];
        for name in ["summary", "source", "severity"] {
            if payload[name].as_str().is_none_or(str::is_empty) {
                return Err(format!("'payload.{name}' is missing or blank"));
            }
        }
        let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
        if text("summary").chars().count() > SUMMARY_MOST {
            return Err(format!("'payload.summary' is longer than {SUMMARY_MOST} characters"));
        }
        if !["critical", "error", "warning", "info"].contains(&text("severity").as_str()) {
            return Err("'payload.severity' is invalid".into());
        }
        let mut state = self.state();
        state.keys += 1;
        let dedup_key = if dedup_key.is_empty() { format!("made-{}", state.keys) } else { dedup_key };
        let (summary, severity) = (text("summary"), text("severity"));
        let of = |alert: &&mut Alert| alert.routing_key == routing_key && alert.dedup_key == dedup_key;
        let open = state.alerts.iter_mut().filter(of).find(|alert| alert.state != "resolved");
        if let Some(alert) = open {
            alert.triggers += 1;
            (alert.summary, alert.severity) = (summary, severity);
        } else {
            state.pages += 1;
            let state_now = "triggered";
            let alert =
                Alert { routing_key, dedup_key: dedup_key.clone(), state: state_now, summary, severity, triggers: 1 };
            state.alerts.push(alert);
        }
        Ok(dedup_key)
    }

    fn set(&self, routing_key: &str, dedup_key: String, to: &'static str) -> String {
        let mut state = self.state();
        let of = |alert: &&mut Alert| alert.routing_key == routing_key && alert.dedup_key == dedup_key;
        match state.alerts.iter_mut().filter(of).find(|alert| alert.state != "resolved") {
            Some(alert) => alert.state = to,
            None => state.dropped += 1,
        }
        dedup_key
    }
}

impl Emulated for PagerDuty {
    fn answer(&self, ask: &Ask) -> Answer {
        if !ask.is("POST") || ask.parts != ["v2", "enqueue"] {
            return Answer::text(404, "text/plain", "Not found");
        }
        if ask.seen.body.len() > BODY_MOST {
            return Answer::text(413, "text/plain", "Request Entity Too Large");
        }
        let Some(event) = ask.object() else {
            return invalid("Event object is invalid JSON");
        };
        match self.enqueue(&event) {
            Ok(key) => {
                let body = json!({ "status": "success", "message": "Event processed", "dedup_key": key });
                Answer::json(202, &body)
            }
            Err(why) => invalid(&why),
        }
    }

    fn broken(&self, status: u16) -> Answer {
        match status {
            400 => invalid("Event object is invalid"),
            // It answers these without a body.
            other => Answer::bare(other),
        }
    }

    fn dress(&self, answer: Answer) -> Answer {
        answer
    }
}

fn invalid(why: &str) -> Answer {
    Answer::json(400, &json!({ "status": "invalid event", "message": "Event object is invalid", "errors": [why] }))
}
