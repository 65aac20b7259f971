//! Opsgenie and the operations of Jira Service Management, which speak the same language at other addresses.
//!
//! It never reads an alert. Invariant: every request names the alert by our alias, so that the same alert opened twice
//! is one. A note is the one thing that an alias does not make one: repeated, it is there twice.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::guard::{Guard, Secret};
use crate::model::{Dedup, IncidentNotice, NoticeEvent, Proof, Severity};
use crate::ports::{Fault, PortError};

use super::super::answer::{Answer, id_text, not_sent};
use super::super::base::{BadConfig, segment};
use super::super::http::{Ask, Credential, Deadlines};
use super::cut;
use super::link::Link;
use super::live::Live;
use super::outlet::Surface;
use super::words::{SENDER, SYSTEM, facts, headline, is_over, message};

const NAME: &str = "opsgenie";
const ALERTS: &str = "/v2/alerts";
/// Longest message, in characters.
const MESSAGE_MOST: usize = 130;
/// Longest description, in characters; notes are kept to it as well.
const DESCRIPTION_MOST: usize = 15_000;
/// Longest alias, in bytes: what every description of the API agrees on.
const ALIAS_MOST: usize = 250;

/// How Opsgenie, or Jira Service Management, is reached.
#[derive(Clone)]
pub struct OpsgenieConfig {
    /// `https://api.opsgenie.com`, its European address, or `https://api.atlassian.com/jsm/ops/integration`.
    pub base: Url,
    /// The key of an API integration.
    pub key: Secret,
}

/// The adapter.
pub(super) struct Opsgenie {
    link: Link,
}

impl Opsgenie {
    /// The adapter of that configuration.
    pub(super) fn open(config: &OpsgenieConfig, guard: &Guard, deadlines: Deadlines) -> Result<Self, BadConfig> {
        let key = Credential::scheme("GenieKey", &config.key)?;
        Link::open(NAME, "The base URL of Opsgenie", &config.base, Some(key), guard, deadlines)
            .map(|link| Self { link })
    }

    fn request(&self, deed: Deed, incident: &IncidentNotice, alias: &str) -> Option<Ask> {
        let path = match deed {
            Deed::Create => return Some(Ask::create(self.link.at(ALERTS), alert(incident, alias))),
            Deed::Acknowledge => "acknowledge",
            Deed::Note => "notes",
            Deed::Close => "close",
        };
        let url = self.link.at(&format!("{ALERTS}/{}/{path}", segment(alias)?));
        let note = cut::chars(&message(incident), DESCRIPTION_MOST);
        let fields = json!({ "user": SENDER, "source": SENDER, "note": note });
        Some(Ask::create(url, fields).query("identifierType", "alias"))
    }
}

/// What is done to the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Create,
    Acknowledge,
    Note,
    Close,
}

impl Deed {
    /// `known`: an earlier notice has made the alert. An update that comes first makes it: the severity may have been
    /// raised to what this surface is told of.
    const fn of(incident: &IncidentNotice, known: bool) -> Self {
        match incident.event {
            _ if is_over(incident) => Self::Close,
            NoticeEvent::Acknowledged => Self::Acknowledge,
            NoticeEvent::Updated if known => Self::Note,
            _ => Self::Create,
        }
    }
}

fn alert(incident: &IncidentNotice, alias: &str) -> Value {
    let details: Map<String, Value> =
        facts(incident).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({
        "message": cut::chars(&headline(incident), MESSAGE_MOST),
        "alias": alias,
        "description": cut::chars(&message(incident), DESCRIPTION_MOST),
        "priority": priority(incident.severity),
        "tags": ["seqn", incident.severity.word()],
        "details": details,
        "entity": SYSTEM,
        "source": SENDER,
        "user": SENDER,
    })
}

const fn priority(severity: Severity) -> &'static str {
    match severity {
        Severity::Sev1 => "P1",
        Severity::Sev2 => "P2",
        Severity::Sev3 => "P3",
        Severity::Sev4 => "P4",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    request_id: String,
}

/// 202 with a request id: accepted, not yet done. The id is what Opsgenie can be asked about.
fn proof(answer: Answer, alias: &str) -> Result<Proof, PortError> {
    let answer = answer.success()?;
    if answer.status != 202 {
        return Err(answer.error_as(Fault::Garbled));
    }
    let accepted: Accepted = answer.json()?;
    let id = id_text(&accepted.request_id).unwrap_or_default();
    Ok(Proof { object: Some(alias.to_owned()), receipt: format!("202, request {id}"), url: None })
}

#[async_trait]
impl Surface for Opsgenie {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::ServerKey
    }

    async fn tell(&self, live: Live<'_>, object: Option<&str>) -> Result<Proof, PortError> {
        let incident = live.incident(NAME)?;
        let alias = incident.incident.as_str();
        let ask = self.request(Deed::of(incident, object.is_some()), incident, alias);
        let fitting = ask.filter(|_| alias.len() <= ALIAS_MOST);
        let ask = fitting.ok_or_else(|| not_sent(NAME, "The incident's id cannot be an alias."))?;
        proof(self.link.ask(ask).await?, alias)
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::incident;
    use super::*;
    use crate::model::Phase;

    #[test]
    fn each_event_has_its_deed() {
        let of = |event, phase, known| Deed::of(&IncidentNotice { event, phase, ..incident() }, known);
        assert_eq!(of(NoticeEvent::Opened, Phase::Open, false), Deed::Create);
        assert_eq!(of(NoticeEvent::Updated, Phase::Identified, true), Deed::Note);
        assert_eq!(of(NoticeEvent::Updated, Phase::Identified, false), Deed::Create);
        assert_eq!(of(NoticeEvent::Acknowledged, Phase::Investigating, true), Deed::Acknowledge);
        assert_eq!(of(NoticeEvent::Reopened, Phase::Investigating, true), Deed::Create);
        assert_eq!(of(NoticeEvent::Updated, Phase::Cancelled, true), Deed::Close);
        assert_eq!(of(NoticeEvent::Closed, Phase::Closed, true), Deed::Close);
    }
}
