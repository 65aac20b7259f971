//! ntfy: one message for each notice, as JSON to the server's root. It also keeps the audit trail's heads.
//!
//! It never subscribes. Invariants: a message is cut by bytes, else the server makes an attachment of it; a repeated
//! notice has the same sequence id, so that people are shown one; and a credential that was refused is not tried again
//! by itself, for the server locks the address out that insists.

use async_trait::async_trait;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::guard::{Guard, Secret};
use crate::model::{Dedup, IncidentNotice, NoticeContent, NoticeEvent, Proof, Severity, TrailHead, hex};
use crate::ports::{Fault, PortError};

use super::super::answer::{Answer, id_text};
use super::super::base::BadConfig;
use super::super::http::{Ask, Credential, Deadlines};
use super::cut;
use super::link::Link;
use super::live::Live;
use super::outlet::Surface;
use super::words::{headline, is_over, message};

const NAME: &str = "ntfy";
/// Longest message, in bytes.
const MESSAGE_MOST: usize = 4_096;
/// Longest title, in bytes: ntfy has no limit of its own, phones show about a line.
const TITLE_MOST: usize = 250;
/// Bytes of a hash that make a sequence id: as hexadecimal half of the 64 characters that an id may have.
const SEQUENCE_BYTES: usize = 16;
/// Pause after "too many requests", in milliseconds: ntfy says none, and refills one request in 5 s.
const PAUSE_MS: i64 = 30_000;
/// Pause after the day's messages are spent, in milliseconds.
const PAUSE_DAY_MS: i64 = 3_600_000;
/// The priority of what is only kept: no sound, no picture.
const PRIORITY_LEAST: u8 = 1;
/// The code of "the day's messages are spent".
const DAY_SPENT: &str = "42908";
/// The code of "too many failed logins from this address".
const LOCKED_OUT: &str = "42909";

/// How ntfy is reached.
#[derive(Clone)]
pub struct NtfyConfig {
    /// The server.
    pub base: Url,
    /// The topic.
    pub topic: String,
    /// An access token.
    pub token: Secret,
    /// What a tap opens.
    pub click: Option<Url>,
}

/// The adapter.
pub(super) struct Ntfy {
    link: Link,
    topic: String,
    click: Option<Url>,
}

impl Ntfy {
    /// The adapter of that configuration.
    pub(super) fn open(config: &NtfyConfig, guard: &Guard, deadlines: Deadlines) -> Result<Self, BadConfig> {
        let token = Credential::scheme("Bearer", &config.token)?;
        let link = Link::open(NAME, "The base URL of ntfy", &config.base, Some(token), guard, deadlines)?;
        Ok(Self { link, topic: config.topic.clone(), click: config.click.clone() })
    }

    fn publish(&self, incident: &IncidentNotice, key: &str) -> Value {
        let mut fields = self.fields(&headline(incident), &message(incident), priority(incident), key);
        fields.insert("tags".into(), json!([tag(incident), incident.severity.word()]));
        if let Some(click) = &self.click {
            fields.insert("click".into(), click.as_str().into());
        }
        Value::Object(fields)
    }

    /// Where the audit trail ends, as `audit verify --head` reads it. It wakes nobody.
    fn head(&self, head: &TrailHead, key: &str) -> Value {
        Value::Object(self.fields("Audit trail of seqn-chatops", &head.to_string(), PRIORITY_LEAST, key))
    }

    fn fields(&self, title: &str, message: &str, priority: u8, key: &str) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("topic".into(), self.topic.as_str().into());
        fields.insert("title".into(), cut::bytes(title, TITLE_MOST).into());
        fields.insert("message".into(), cut::bytes(message, MESSAGE_MOST).into());
        fields.insert("priority".into(), priority.into());
        fields.insert("sequence_id".into(), sequence(key).into());
        fields
    }
}

/// The same for the same notice, in the characters that an id may have.
fn sequence(key: &str) -> String {
    hex(&digest(&SHA256, key.as_bytes()).as_ref()[..SEQUENCE_BYTES])
}

/// 5 wakes people; good news does not.
const fn priority(incident: &IncidentNotice) -> u8 {
    match incident.severity {
        _ if is_over(incident) => 3,
        Severity::Sev1 => 5,
        Severity::Sev2 => 4,
        Severity::Sev3 => 3,
        Severity::Sev4 => 2,
    }
}

/// A name that ntfy shows as a picture.
const fn tag(incident: &IncidentNotice) -> &'static str {
    match incident.event {
        _ if is_over(incident) => "white_check_mark",
        NoticeEvent::Acknowledged => "eyes",
        NoticeEvent::Updated => "loudspeaker",
        _ => "rotating_light",
    }
}

#[derive(Deserialize)]
struct Published {
    id: String,
    sequence_id: Option<String>,
}

fn proof(answer: Answer, sent: &str) -> Result<Proof, PortError> {
    if let Some(fault) = too_much(&answer) {
        return Err(answer.error_as(fault));
    }
    let published: Published = answer.json()?;
    let id = id_text(&published.id).unwrap_or_default();
    // Servers before 2.16 do not know the field and leave it out.
    let known = published.sequence_id.as_deref() == Some(sent);
    let note = if known { "" } else { "; this server does not collapse repetitions" };
    Ok(Proof { object: None, receipt: format!("200, message {id}{note}"), url: None })
}

/// ntfy's 429 says by its code what was too much, and never for how long.
fn too_much(answer: &Answer) -> Option<Fault> {
    if answer.status != 429 {
        return None;
    }
    Some(match answer.code().as_str() {
        LOCKED_OUT => Fault::Refused { status: 429, code: LOCKED_OUT.into() },
        DAY_SPENT => Fault::RateLimited { after_ms: PAUSE_DAY_MS },
        _ => Fault::RateLimited { after_ms: PAUSE_MS },
    })
}

#[async_trait]
impl Surface for Ntfy {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::Collapse
    }

    async fn tell(&self, live: Live<'_>, _object: Option<&str>) -> Result<Proof, PortError> {
        let fields = match live.content() {
            NoticeContent::Head(head) => self.head(head, live.key()),
            _ => self.publish(live.incident(NAME)?, live.key()),
        };
        let answer = self.link.ask(Ask::create(self.link.base().clone(), fields)).await?;
        proof(answer, &sequence(live.key()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::incident;
    use super::*;
    use crate::model::Phase;

    #[test]
    fn a_sequence_id_is_the_notices_own_and_fits() {
        let id = sequence("rq-1:2:ntfy");
        assert_eq!(id, sequence("rq-1:2:ntfy"));
        assert_ne!(id, sequence("rq-1:3:ntfy"));
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_alphanumeric()));
    }

    #[test]
    fn good_news_wakes_nobody() {
        let bad = incident();
        let good = IncidentNotice { event: NoticeEvent::Resolved, phase: Phase::Resolved, ..incident() };
        assert_eq!((priority(&bad), tag(&bad)), (5, "rotating_light"));
        assert_eq!((priority(&good), tag(&good)), (3, "white_check_mark"));
    }
}
