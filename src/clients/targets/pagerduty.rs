//! PagerDuty through its Events API v2: trigger, acknowledge, resolve.
//!
//! It never asks PagerDuty anything. Invariants: all events of one incident carry the same routing key and the same
//! deduplication key, else PagerDuty drops them silently; what is over is never triggered, for that would page anew;
//! and the routing key, which stands in the body, is in no error.

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use url::Url;

use crate::guard::{Guard, Secret};
use crate::model::{Dedup, IncidentNotice, NoticeEvent, Proof, Severity};
use crate::ports::{Fault, PortError};

use super::super::answer::{Answer, Body, not_sent};
use super::super::base::BadConfig;
use super::super::http::{Ask, Deadlines};
use super::cut;
use super::link::Link;
use super::live::Live;
use super::outlet::Surface;
use super::words::{SENDER, SYSTEM, facts, headline, is_over};

const NAME: &str = "pagerduty";
const ENQUEUE: &str = "/v2/enqueue";
/// Longest summary, in characters.
const SUMMARY_MOST: usize = 1_024;
/// Largest body, in bytes: what Alertmanager keeps to as well.
const BODY_MOST: usize = 512_000;
/// Longest deduplication key, in bytes.
const KEY_MOST: usize = 255;

/// How PagerDuty is reached.
#[derive(Clone)]
pub struct PagerDutyConfig {
    /// Its events' address; the European one is another.
    pub base: Url,
    /// The integration key of the service.
    pub routing_key: Secret,
    /// Where people find more, shown as a link.
    pub link: Option<Url>,
}

/// The adapter.
pub(super) struct PagerDuty {
    link: Link,
    routing_key: Secret,
    more: Option<Url>,
}

impl PagerDuty {
    /// The adapter of that configuration.
    pub(super) fn open(config: &PagerDutyConfig, guard: &Guard, deadlines: Deadlines) -> Result<Self, BadConfig> {
        let link = Link::open(NAME, "The base URL of PagerDuty", &config.base, None, guard, deadlines)?;
        Ok(Self { link, routing_key: config.routing_key.clone(), more: config.link.clone() })
    }

    fn body(&self, incident: &IncidentNotice, key: &str) -> Vec<u8> {
        let action = action(incident);
        let event = |text: &str| {
            let mut event = Map::new();
            event.insert("routing_key".into(), self.routing_key.expose().into());
            event.insert("event_action".into(), action.into());
            event.insert("dedup_key".into(), key.into());
            if action == "trigger" {
                event.insert("payload".into(), payload(incident, text));
                event.insert("client".into(), SENDER.into());
                if let Some(more) = &self.more {
                    event.insert("client_url".into(), more.as_str().into());
                    event.insert("links".into(), json!([{ "href": more.as_str(), "text": "More about it" }]));
                }
            }
            Value::Object(event).to_string().into_bytes()
        };
        cut::body(incident.text.trim(), BODY_MOST, event)
    }
}

const fn action(incident: &IncidentNotice) -> &'static str {
    match incident.event {
        _ if is_over(incident) => "resolve",
        NoticeEvent::Acknowledged => "acknowledge",
        _ => "trigger",
    }
}

fn payload(incident: &IncidentNotice, text: &str) -> Value {
    let mut details: Map<String, Value> =
        facts(incident).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    details.insert("text".into(), text.into());
    json!({
        "summary": cut::chars(&headline(incident), SUMMARY_MOST),
        "source": SYSTEM,
        "severity": severity(incident.severity),
        "timestamp": incident.at.to_rfc3339(),
        "class": "incident",
        "custom_details": details,
    })
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Sev1 => "critical",
        Severity::Sev2 => "error",
        Severity::Sev3 => "warning",
        Severity::Sev4 => "info",
    }
}

/// 202 and nothing else is an acceptance: another success is somebody else's page.
fn proof(answer: Answer, key: &str) -> Result<Proof, PortError> {
    let answer = answer.success()?;
    let accepted = answer.status == 202 && matches!(&answer.body, Body::Json(said) if said["status"] == "success");
    if !accepted {
        return Err(answer.error_as(Fault::Garbled));
    }
    Ok(Proof { object: Some(key.to_owned()), receipt: format!("202, deduplication key {key}"), url: None })
}

#[async_trait]
impl Surface for PagerDuty {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::ServerKey
    }

    async fn tell(&self, live: Live<'_>, _object: Option<&str>) -> Result<Proof, PortError> {
        let incident = live.incident(NAME)?;
        let key = incident.incident.as_str();
        let body = self.body(incident, key);
        if key.len() > KEY_MOST || body.is_empty() {
            return Err(not_sent(NAME, "The notice does not fit into an event. Shorten its title and its routes."));
        }
        proof(self.link.ask(Ask::create_exactly(self.link.at(ENQUEUE), body)).await?, key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::incident;
    use super::*;
    use crate::model::Phase;

    #[test]
    fn what_is_over_is_resolved_and_never_triggered() {
        let of = |event, phase| action(&IncidentNotice { event, phase, ..incident() });
        assert_eq!(of(NoticeEvent::Opened, Phase::Open), "trigger");
        assert_eq!(of(NoticeEvent::Acknowledged, Phase::Investigating), "acknowledge");
        assert_eq!(of(NoticeEvent::Updated, Phase::Monitoring), "trigger");
        assert_eq!(of(NoticeEvent::Reopened, Phase::Investigating), "trigger");
        for phase in [Phase::Resolved, Phase::Closed, Phase::Cancelled] {
            assert_eq!(of(NoticeEvent::Updated, phase), "resolve");
        }
        assert_eq!(of(NoticeEvent::Closed, Phase::Closed), "resolve");
    }
}
