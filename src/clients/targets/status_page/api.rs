//! The page for programs: what Statuspage serves at `/api/v2/summary.json` and `/api/v2/incidents.json`.
//!
//! There are no components. Invariant: the words are Statuspage's own, so that what reads its pages reads ours.

use serde_json::{Value, json};

use crate::model::{Millis, Severity};

use super::super::statuspage::{impact, status};
use super::Site;
use super::record::{Record, Update};

/// Incidents in a list, as many as Statuspage gives.
const INCIDENTS_MOST: usize = 50;
/// The page's id: there is one page.
const PAGE: &str = "seqn";

/// `summary.json`: how it stands now.
pub(super) fn summary(site: &Site, records: &[Record], updated: Millis) -> String {
    let open: Vec<&Record> = records.iter().filter(|record| record.is_open()).collect();
    let (indicator, description) = state(&open);
    let incidents: Vec<Value> = open.iter().map(|record| incident(site, record)).collect();
    written(&json!({
        "page": page(site, updated),
        "components": [],
        "incidents": incidents,
        "scheduled_maintenances": [],
        "status": { "indicator": indicator, "description": description },
    }))
}

/// `incidents.json`: the newest incidents, also those that are over.
pub(super) fn incidents(site: &Site, records: &[Record], updated: Millis) -> String {
    let incidents: Vec<Value> = records.iter().take(INCIDENTS_MOST).map(|record| incident(site, record)).collect();
    written(&json!({ "page": page(site, updated), "incidents": incidents }))
}

/// How it stands, as Statuspage's indicator and in words.
pub(super) fn state(open: &[&Record]) -> (&'static str, &'static str) {
    match open.iter().map(|record| record.severity).min() {
        None => ("none", "All systems operational"),
        Some(Severity::Sev1) => ("critical", "Major outage"),
        Some(Severity::Sev2) => ("major", "Partial outage"),
        Some(Severity::Sev3 | Severity::Sev4) => ("minor", "Minor disruption"),
    }
}

fn page(site: &Site, updated: Millis) -> Value {
    json!({
        "id": PAGE,
        "name": site.title,
        "url": site.url,
        "time_zone": "Etc/UTC",
        "updated_at": updated.to_rfc3339(),
    })
}

fn incident(site: &Site, record: &Record) -> Value {
    let at = |moment: Option<Millis>| moment.map(Millis::to_rfc3339);
    let update = |update: &Update| {
        let said = update.at.to_rfc3339();
        json!({
            "id": update.key,
            "incident_id": record.id,
            "status": status(update.phase),
            "body": update.text,
            "created_at": said,
            "updated_at": said,
            "display_at": said,
            "affected_components": [],
        })
    };
    let updates: Vec<Value> = record.updates.iter().rev().map(update).collect();
    json!({
        "id": record.id,
        "page_id": PAGE,
        "name": record.title,
        "status": status(record.phase),
        "impact": impact(record.severity),
        "shortlink": site.page_of(record),
        "started_at": record.started.to_rfc3339(),
        "created_at": record.created.to_rfc3339(),
        "updated_at": record.updated.to_rfc3339(),
        "monitoring_at": at(record.monitored),
        "resolved_at": at(record.resolved),
        "incident_updates": updates,
        "components": [],
    })
}

fn written(value: &Value) -> String {
    format!("{value:#}\n")
}
