//! A webhook of the operator's own, signed by Standard Webhooks. `deploy/webhook.md` says what arrives.
//!
//! It follows no redirect and reads no more of an answer than whether it was taken. Invariants: `webhook-id` is the
//! notice's key, the same at each try; the signature covers id, time and the very bytes that are sent; only 2xx counts.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use url::Url;

use crate::guard::{Guard, Secret};
use crate::model::{Audience, Dedup, IncidentNotice, Millis, NoticeContent, NoticeEvent, Proof, SECOND_MS, Ticket};
use crate::ports::{Clock, Fault, PortError};

use super::super::answer::{Answer, Body, not_sent};
use super::super::base::BadConfig;
use super::super::http::{Ask, Deadlines};
use super::cut;
use super::link::Link;
use super::live::Live;
use super::outlet::Surface;

const NAME: &str = "webhook";
/// How a secret begins.
const PREFIX: &str = "whsec_";
/// Fewest and most bytes of a secret, by Standard Webhooks.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Largest body, in bytes: Standard Webhooks asks for less than 20 kB.
const BODY_MOST: usize = 19_999;
/// How long a receiver may take: 15 to 30 s, by Standard Webhooks.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// The key of the signature.
#[derive(Clone)]
pub struct WebhookSecret(hmac::Key);

impl WebhookSecret {
    /// Reads a secret in the form `whsec_` and base64.
    ///
    /// # Errors
    /// When it has another form. The sentence does not hold it.
    pub fn read(secret: &Secret) -> Result<Self, BadConfig> {
        let body = secret.expose().strip_prefix(PREFIX);
        let bytes = body.and_then(|body| STANDARD.decode(body).ok()).filter(|key| SECRET_BYTES.contains(&key.len()));
        let bytes = bytes.ok_or_else(|| {
            BadConfig("A webhook's secret is whsec_ and 24 to 64 random bytes in base64. Make one anew.".into())
        })?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The signature of that message at that second.
    fn sign(&self, id: &str, second: i64, body: &[u8]) -> String {
        let mut signed = format!("{id}.{second}.").into_bytes();
        signed.extend_from_slice(body);
        format!("v1,{}", STANDARD.encode(hmac::sign(&self.0, &signed)))
    }
}

/// How a receiver is reached.
#[derive(Clone)]
pub struct WebhookConfig {
    /// Where it is.
    pub url: Url,
    /// What signs.
    pub secret: WebhookSecret,
    /// Whether it remembers `webhook-id` and takes each once.
    pub keeps_ids: bool,
    /// For whom its texts are. With `Public`, it gets nothing of a private incident.
    pub audience: Audience,
}

/// The adapter.
pub(super) struct Webhook {
    link: Link,
    secret: WebhookSecret,
    keeps_ids: bool,
    audience: Audience,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    /// The adapter of that configuration.
    pub(super) fn open(config: &WebhookConfig, guard: &Guard, clock: Arc<dyn Clock>) -> Result<Self, BadConfig> {
        let deadlines = Deadlines { total: ANSWER_WITHIN, ..Deadlines::default() };
        let link = Link::open(NAME, "The URL of the webhook", &config.url, None, guard, deadlines)?;
        let (secret, keeps_ids) = (config.secret.clone(), config.keeps_ids);
        Ok(Self { link, secret, keeps_ids, audience: config.audience, clock })
    }

    fn ask(&self, id: &str, now: Millis, body: Vec<u8>) -> Ask {
        let second = now.0.div_euclid(SECOND_MS);
        let signature = self.secret.sign(id, second, &body);
        Ask::create_exactly(self.link.base().clone(), body)
            .header("webhook-id", id)
            .header("webhook-timestamp", &second.to_string())
            .header("webhook-signature", &signature)
    }
}

/// The event, with a text that is cut until it fits.
fn event(content: &NoticeContent, now: Millis) -> Option<Vec<u8>> {
    let build = |kind: &str, data: Value| {
        json!({ "type": kind, "timestamp": now.to_rfc3339(), "data": data }).to_string().into_bytes()
    };
    let body = match content {
        NoticeContent::Incident(incident) => {
            cut::body(incident.text.trim(), BODY_MOST, |text| build(kind(incident.event), of_incident(incident, text)))
        }
        NoticeContent::Note { ticket, text } => cut::body(text.trim(), BODY_MOST, |text| {
            build("ticket.note", json!({ "ticket": ticket.as_str(), "internal": true, "text": text }))
        }),
        NoticeContent::NewTicket { title, text } => {
            cut::body(text.trim(), BODY_MOST, |text| build("ticket.new", json!({ "title": title, "text": text })))
        }
        // What is behind it is not known, and so not who would read a reply.
        NoticeContent::Reply(_) | NoticeContent::Room { .. } | NoticeContent::Head(_) => Vec::new(),
    };
    (!body.is_empty()).then_some(body)
}

const fn kind(event: NoticeEvent) -> &'static str {
    match event {
        NoticeEvent::Opened => "incident.opened",
        NoticeEvent::Acknowledged => "incident.acknowledged",
        NoticeEvent::Updated => "incident.updated",
        NoticeEvent::Resolved => "incident.resolved",
        NoticeEvent::Reopened => "incident.reopened",
        NoticeEvent::Closed => "incident.closed",
    }
}

fn of_incident(incident: &IncidentNotice, text: &str) -> Value {
    json!({
        "incident": incident.incident,
        "number": incident.number,
        "kind": incident.kind.word(),
        "audience": incident.audience.word(),
        "severity": incident.severity.word(),
        "phase": incident.phase.word(),
        "title": incident.title,
        "text": text,
        "routes": incident.routes,
        "started": incident.started.to_rfc3339(),
        "said": incident.at.to_rfc3339(),
        "next_update": incident.next_update.map(Millis::to_rfc3339),
        "update": incident.update,
    })
}

/// Whether it was taken; else when it may be tried again, if ever.
fn proof(answer: &Answer) -> Result<Proof, PortError> {
    let status = answer.status;
    if (200..300).contains(&status) {
        return Ok(Proof { object: ticket(&answer.body), receipt: status.to_string(), url: None });
    }
    let after_ms = answer.waits.pause_ms();
    Err(match status {
        // It was not ready, and has taken nothing. Of 502 and 504 that is not known: a proxy gave up waiting.
        408 | 425 | 429 | 503 => answer.error_as(Fault::RateLimited { after_ms }),
        // "See Other" is a failure like every other redirect: what was sent was not taken here.
        300..=399 => answer.error_as(Fault::Refused { status, code: "redirect".into() }),
        _ => answer.error(),
    })
}

/// A tracker behind a webhook may say which ticket it has made.
fn ticket(body: &Body) -> Option<String> {
    let Body::Json(value) = body else { return None };
    let ticket: Ticket = value.get("ticket")?.as_str()?.parse().ok()?;
    Some(ticket.to_string())
}

#[async_trait]
impl Surface for Webhook {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        if self.keeps_ids { Dedup::ServerKey } else { Dedup::Nothing }
    }

    async fn tell(&self, live: Live<'_>, _object: Option<&str>) -> Result<Proof, PortError> {
        if self.audience == Audience::Public && matches!(live.content(), NoticeContent::Incident(_)) {
            live.public(NAME)?;
        }
        let now = self.clock.now();
        let body = event(live.content(), now);
        let body = body.ok_or_else(|| not_sent(NAME, "The notice cannot be made an event of less than 20 kB."))?;
        proof(&self.link.ask(self.ask(live.key(), now, body)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::incident;
    use super::*;

    /// The vector that Standard Webhooks publishes.
    #[test]
    fn signs_as_published() {
        let secret = Secret::new(concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        let secret = WebhookSecret::read(&secret).expect("a secret");
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_of_another_form_is_refused_and_not_repeated() {
        for bad in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", concat!("whsec", "_c2hvcnQ="), concat!("whsec", "_no base64!")]
        {
            let Err(why) = WebhookSecret::read(&Secret::new(bad)) else { unreachable!("{bad} was taken") };
            assert!(!why.to_string().contains(&bad[8..]), "{why}");
        }
    }

    #[test]
    fn an_event_stays_below_20_kb() {
        let long = IncidentNotice { text: "ö\n\"".repeat(20_000), ..incident() };
        let body = event(&NoticeContent::Incident(Box::new(long)), Millis(0)).expect("an event");
        assert!(body.len() < 20_000 && body.len() > 15_000, "{}", body.len());
        let value: Value = serde_json::from_slice(&body).expect("JSON");
        assert!(value["data"]["text"].as_str().expect("a text").ends_with('…'));
        let room = NoticeContent::Room { name: "inc-7".into(), topic: String::new(), private: false };
        assert_eq!(event(&room, Millis(0)), None);
    }
}
