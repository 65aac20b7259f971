//! Atlassian Statuspage: an incident on the page, and its updates.
//!
//! It never deletes and never touches components. Invariants: only what is public reaches it; every call says whether
//! subscribers are told, which is off unless the operator wants it; and before an incident is made, the page's own list
//! is searched for ours, by our id in its metadata.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::guard::{Guard, Secret};
use crate::model::{Dedup, IncidentNotice, Phase, Proof, Severity};
use crate::ports::{Fault, PortError};

use super::super::answer::{Answer, id_text, not_sent};
use super::super::base::{BadConfig, segment};
use super::super::http::{Ask, Credential, Deadlines};
use super::cut;
use super::link::Link;
use super::live::{Live, Public};
use super::outlet::Surface;
use super::words::is_over;

const NAME: &str = "statuspage";
/// Longest name of an incident, in characters.
const NAME_MOST: usize = 255;
/// Longest text of an update, in characters.
const BODY_MOST: usize = 25_000;
/// Incidents on one page of the list: with all their updates they are less than we read of an answer.
const PAGE_ENTRIES: usize = 20;
/// Most pages of the list that are searched for ours: it is among the newest.
const PAGES_MOST: usize = 3;

/// How Statuspage is reached.
#[derive(Clone)]
pub struct StatuspageConfig {
    /// Its API.
    pub base: Url,
    /// The page's id.
    pub page: String,
    /// An API key.
    pub key: Secret,
    /// Whether subscribers of the page are told of each update.
    pub notify: bool,
}

/// The adapter.
pub(super) struct Statuspage {
    link: Link,
    incidents: String,
    notify: bool,
}

/// An incident as the page lists it; what we read of it.
#[derive(Deserialize)]
struct Listed {
    id: String,
    #[serde(default)]
    shortlink: Option<String>,
    #[serde(default)]
    metadata: Value,
}

impl Listed {
    fn mark(&self, name: &str) -> Option<&str> {
        self.metadata.get("seqn")?.get(name)?.as_str()
    }

    fn proof(&self, status: u16) -> Proof {
        let url = self.shortlink.as_deref().filter(|url| url.starts_with("https://")).map(str::to_owned);
        let id = id_text(&self.id).unwrap_or_default();
        Proof { object: Some(id.clone()), receipt: format!("{status}, incident {id}"), url }
    }
}

impl Statuspage {
    /// The adapter of that configuration.
    pub(super) fn open(config: &StatuspageConfig, guard: &Guard, deadlines: Deadlines) -> Result<Self, BadConfig> {
        let key = Credential::scheme("OAuth", &config.key)?;
        let link = Link::open(NAME, "The base URL of Statuspage", &config.base, Some(key), guard, deadlines)?;
        let page = segment(&config.page).ok_or_else(|| BadConfig("The page of Statuspage is no id.".into()))?;
        Ok(Self { link, incidents: format!("/v1/pages/{page}/incidents"), notify: config.notify })
    }

    fn fields(&self, public: Public<'_>) -> Value {
        let incident = public.incident();
        let mut fields = Map::new();
        fields.insert("name".into(), cut::chars(&incident.title, NAME_MOST).into());
        fields.insert("status".into(), status(incident.phase).into());
        fields.insert("impact_override".into(), impact(incident.severity).into());
        fields.insert("deliver_notifications".into(), self.notify.into());
        fields.insert("metadata".into(), json!({ "seqn": { "incident": incident.incident, "notice": public.key() } }));
        let text = incident.text.trim();
        if !text.is_empty() {
            fields.insert("body".into(), cut::chars(text, BODY_MOST).into());
        }
        json!({ "incident": fields })
    }

    /// Our incident in the page's list.
    async fn find(&self, incident: &IncidentNotice) -> Result<Option<Listed>, PortError> {
        for page in 1..=PAGES_MOST {
            let ask = Ask::get(self.link.at(&self.incidents))
                .query("limit", &PAGE_ENTRIES.to_string())
                .query("page", &page.to_string());
            let listed: Vec<Listed> = read(self.link.ask(ask).await?)?.json()?;
            let whole = listed.len() >= PAGE_ENTRIES;
            let ours = |one: &Listed| one.mark("incident") == Some(incident.incident.as_str());
            if let Some(found) = listed.into_iter().find(ours) {
                return Ok(Some(found));
            }
            if !whole {
                break;
            }
        }
        Ok(None)
    }

    async fn send(&self, ask: Ask) -> Result<Proof, PortError> {
        let answer = read(self.link.ask(ask).await?)?.success()?;
        let status = answer.status;
        let kept: Listed = answer.json()?;
        Ok(kept.proof(status))
    }
}

/// The page's word for how far it is.
pub(super) const fn status(phase: Phase) -> &'static str {
    match phase {
        Phase::Open | Phase::Investigating => "investigating",
        Phase::Identified => "identified",
        Phase::Monitoring => "monitoring",
        Phase::Resolved | Phase::Closed | Phase::Cancelled => "resolved",
    }
}

/// The page's word for how bad it is.
pub(super) const fn impact(severity: Severity) -> &'static str {
    match severity {
        Severity::Sev1 => "critical",
        Severity::Sev2 => "major",
        Severity::Sev3 | Severity::Sev4 => "minor",
    }
}

/// 420 is this API's other 429.
fn read(answer: Answer) -> Result<Answer, PortError> {
    if answer.status == 420 {
        let after_ms = answer.waits.pause_ms();
        return Err(answer.error_as(Fault::RateLimited { after_ms }));
    }
    Ok(answer)
}

#[async_trait]
impl Surface for Statuspage {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::LookUp
    }

    async fn tell(&self, live: Live<'_>, object: Option<&str>) -> Result<Proof, PortError> {
        let public = live.public(NAME)?;
        let known = match object {
            Some(id) => Some(id.to_owned()),
            None => self.find(public.incident()).await?.map(|found| found.id),
        };
        match known {
            Some(id) => {
                let id = segment(&id).ok_or_else(|| not_sent(NAME, "The page's id of the incident is no id."))?;
                let url = self.link.at(&format!("{}/{id}", self.incidents));
                self.send(Ask::patch(url, self.fields(public))).await
            }
            // Nobody was ever told of it, so that nobody has to be told that it is over.
            None if is_over(public.incident()) && public.incident().phase == Phase::Cancelled => {
                Ok(Proof { object: None, receipt: "Nothing was there to cancel.".into(), url: None })
            }
            None => self.send(Ask::create(self.link.at(&self.incidents), self.fields(public))).await,
        }
    }

    async fn told(&self, live: Live<'_>, _object: Option<&str>) -> Result<Option<Proof>, PortError> {
        let public = live.public(NAME)?;
        let found = self.find(public.incident()).await?;
        Ok(found.filter(|found| found.mark("notice") == Some(public.key())).map(|found| found.proof(200)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_has_the_pages_word() {
        let words: Vec<&str> = Phase::ALL.iter().map(|phase| status(*phase)).collect();
        assert_eq!(
            words,
            ["investigating", "investigating", "identified", "monitoring", "resolved", "resolved", "resolved"]
        );
    }
}
