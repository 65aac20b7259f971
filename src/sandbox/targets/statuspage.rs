//! Statuspage's incidents of one page, from its description.
//!
//! Invariants: metadata is an object of objects; an update is made whenever a text, or another state, is sent; and
//! subscribers are told unless the request says otherwise.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::STATUSPAGE_PAGE;
use crate::sandbox::dial::Dial;
use crate::sandbox::world::door::{Answer, Ask, Emulated};
use crate::sandbox::world::mint::stamp;

/// Longest name, in characters.
const NAME_MOST: usize = 255;
/// Longest text, in characters.
const BODY_MOST: usize = 25_000;
/// Entries of one page of the list: the most, and what is given where nothing is asked for.
const PAGE_ENTRIES: usize = 100;
const STATES: [&str; 4] = ["investigating", "identified", "monitoring", "resolved"];
const IMPACTS: [&str; 5] = ["none", "maintenance", "minor", "major", "critical"];

#[derive(Debug, Default)]
struct State {
    /// As they are answered, oldest first.
    incidents: Vec<Value>,
    notified: u32,
}

/// The service.
#[derive(Debug)]
pub struct Statuspage {
    key: String,
    dial: Dial,
    state: Mutex<State>,
}

impl Statuspage {
    pub(super) fn new(key: &str, dial: Dial) -> Self {
        Self { key: key.into(), dial, state: Mutex::default() }
    }

    /// The incidents as the API gives them, oldest first.
    #[must_use]
    pub fn incidents(&self) -> Vec<Value> {
        self.state().incidents.clone()
    }

    /// How often subscribers were told.
    #[must_use]
    pub fn notified(&self) -> u32 {
        self.state().notified
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn create(&self, fields: &Value) -> Answer {
        if let Some(why) = wrong(fields, true) {
            return refused(422, why);
        }
        let now = stamp(self.dial.now_ms());
        let mut state = self.state();
        let id = format!("spinc{:07}", state.incidents.len() + 1);
        let mut incident = json!({
            "id": id,
            "page_id": STATUSPAGE_PAGE,
            "name": "",
            "status": "investigating",
            "impact": "none",
            "metadata": {},
            "incident_updates": [],
            "created_at": now,
            "updated_at": now,
            "shortlink": format!("https://stspg.example/{id}"),
        });
        change(&mut incident, fields, &now, true);
        state.notified += u32::from(fields["deliver_notifications"] != json!(false));
        state.incidents.push(incident.clone());
        Answer::json(201, &incident)
    }

    fn update(&self, id: &str, fields: &Value) -> Answer {
        if let Some(why) = wrong(fields, false) {
            return refused(422, why);
        }
        let now = stamp(self.dial.now_ms());
        let mut state = self.state();
        let Some(at) = state.incidents.iter().position(|incident| incident["id"] == id) else {
            return refused(404, "Incident not found");
        };
        change(&mut state.incidents[at], fields, &now, false);
        state.notified += u32::from(fields["deliver_notifications"] != json!(false));
        Answer::json(200, &state.incidents[at].clone())
    }

    fn list(&self, ask: &Ask) -> Answer {
        let number = |name: &str| ask.param(name).and_then(|text| text.parse::<usize>().ok());
        let limit = number("limit").unwrap_or(PAGE_ENTRIES).clamp(1, PAGE_ENTRIES);
        let skipped = (number("page").unwrap_or(1).max(1) - 1) * limit;
        let state = self.state();
        let page: Vec<&Value> = state.incidents.iter().rev().skip(skipped).take(limit).collect();
        Answer::json(200, &json!(page))
    }
}

fn wrong(fields: &Value, new: bool) -> Option<&'static str> {
    let chars = |name: &str| fields[name].as_str().map(|text| text.chars().count());
    let among = |name: &str, all: &[&str]| fields[name].as_str().is_none_or(|word| all.contains(&word));
    let objects = fields["metadata"].as_object().is_none_or(|map| map.values().all(Value::is_object));
    if new && chars("name").is_none_or(|count| count == 0) {
        Some("Name can't be blank")
    } else if chars("name").is_some_and(|count| count > NAME_MOST) || chars("body").is_some_and(|c| c > BODY_MOST) {
        Some("A text is too long")
    } else if !among("status", &STATES) || !among("impact_override", &IMPACTS) {
        Some("A word is not included in the list")
    } else if !objects {
        Some("All top-level values in the metadata must be objects")
    } else {
        None
    }
}

fn change(incident: &mut Value, fields: &Value, now: &str, new: bool) {
    let status = fields["status"].as_str().map(str::to_owned);
    let turned = status.is_some() && incident["status"].as_str() != status.as_deref();
    for name in ["name", "status", "metadata"] {
        if !fields[name].is_null() {
            incident[name] = fields[name].clone();
        }
    }
    if !fields["impact_override"].is_null() {
        incident["impact"] = fields["impact_override"].clone();
        incident["impact_override"] = fields["impact_override"].clone();
    }
    incident["updated_at"] = json!(now);
    if incident["status"] == "resolved" {
        incident["resolved_at"] = json!(now);
    }
    let text = fields["body"].as_str().unwrap_or_default();
    if new || turned || !text.is_empty() {
        let count = incident["incident_updates"].as_array().map_or(0, Vec::len);
        let update = json!({
            "id": format!("spupd{count:07}"),
            "incident_id": incident["id"],
            "status": incident["status"],
            "body": text,
            "created_at": now,
            "updated_at": now,
            "display_at": now,
            "deliver_notifications": fields["deliver_notifications"] != json!(false),
        });
        if let Some(updates) = incident["incident_updates"].as_array_mut() {
            updates.insert(0, update);
        }
    }
}

impl Emulated for Statuspage {
    fn answer(&self, ask: &Ask) -> Answer {
        let key = ask.seen.header("authorization").and_then(|value| value.strip_prefix("OAuth "));
        if key != Some(&self.key) {
            return refused(401, "Could not authenticate");
        }
        let parts: Vec<&str> = ask.parts.iter().map(String::as_str).collect();
        let fields = ask.object().map(|body| body["incident"].clone()).unwrap_or_default();
        match (ask.seen.method.as_str(), parts.as_slice()) {
            (_, ["v1", "pages", page, ..]) if *page != STATUSPAGE_PAGE => refused(404, "Page not found"),
            ("GET", ["v1", "pages", _, "incidents"]) => self.list(ask),
            ("POST" | "PATCH", _) if !fields.is_object() => refused(400, "incident is missing"),
            ("POST", ["v1", "pages", _, "incidents"]) => self.create(&fields),
            ("PATCH", ["v1", "pages", _, "incidents", id]) => self.update(id, &fields),
            _ => refused(404, "Not found"),
        }
    }

    fn broken(&self, status: u16) -> Answer {
        refused(status, "The rate limit has been exceeded, or something else is wrong")
    }

    fn dress(&self, answer: Answer) -> Answer {
        answer
    }
}

fn refused(status: u16, why: &str) -> Answer {
    Answer::json(status, &json!({ "error": why, "message": why }))
}
