//! An Alertmanager as the bot's webhook sees it: it sends notifications of version 4, one group for each alert's name.
//!
//! It knows the wire format and the dial only. Invariant: a notification that is repeated is the same to the byte.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::model::{Millis, hex};

use super::dial::Dial;

/// Where the bot's webhook is.
pub const PATH: &str = "/alertmanager";
/// The end of what has not ended.
const NEVER: &str = "0001-01-01T00:00:00Z";
/// Bytes of a fingerprint.
const FINGERPRINT: usize = 8;

/// One alert that was sent.
#[derive(Clone, Debug)]
struct Sent {
    began_ms: i64,
    ended_ms: Option<i64>,
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct State {
    alerts: BTreeMap<String, Sent>,
    last: String,
}

/// The emulator.
#[derive(Debug)]
pub struct Alertmanager {
    dial: Dial,
    state: Mutex<State>,
}

impl Alertmanager {
    /// One that has nothing to tell.
    #[must_use]
    pub fn new(dial: Dial) -> Self {
        Self { dial, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The notification that an alert of that name fires; `more` are labels. It began when it first fired.
    #[must_use]
    pub fn fires(&self, name: &str, more: &[(String, String)]) -> String {
        let now = self.dial.now_ms();
        let mut labels: BTreeMap<String, String> = more.iter().cloned().collect();
        labels.insert("alertname".into(), name.into());
        let mut state = self.state();
        let fires = |sent: &&Sent| sent.ended_ms.is_none();
        let began_ms = state.alerts.get(name).filter(fires).map_or(now, |sent| sent.began_ms);
        let sent = Sent { began_ms, ended_ms: None, labels };
        state.alerts.insert(name.into(), sent.clone());
        state.last = notification(name, &[sent]).to_string();
        state.last.clone()
    }

    /// The notification that it is resolved; `None` where it never fired.
    #[must_use]
    pub fn resolves(&self, name: &str) -> Option<String> {
        let now = self.dial.now_ms();
        let mut state = self.state();
        let sent = state.alerts.get_mut(name)?;
        sent.ended_ms = Some(now);
        let sent = sent.clone();
        state.last = notification(name, &[sent]).to_string();
        Some(state.last.clone())
    }

    /// The last notification once more.
    #[must_use]
    pub fn repeats(&self) -> String {
        self.state().last.clone()
    }
}

/// As version 0.25 of Alertmanager writes it.
fn notification(name: &str, alerts: &[Sent]) -> Value {
    let firing = alerts.iter().any(|sent| sent.ended_ms.is_none());
    let alert = |sent: &Sent| {
        let annotation = |label: &str| sent.labels.get(label).cloned();
        let labels: BTreeMap<&String, &String> =
            sent.labels.iter().filter(|(label, _)| !matches!(label.as_str(), "summary" | "description")).collect();
        json!({
            "status": if sent.ended_ms.is_some() { "resolved" } else { "firing" },
            "labels": labels,
            "annotations": {"summary": annotation("summary").unwrap_or_default(),
                "description": annotation("description").unwrap_or_default()},
            "startsAt": Millis(sent.began_ms).to_rfc3339(),
            "endsAt": sent.ended_ms.map_or_else(|| NEVER.to_owned(), |at| Millis(at).to_rfc3339()),
            "generatorURL": "http://127.0.0.1:9090/graph",
            "fingerprint": fingerprint(name),
        })
    };
    json!({
        "receiver": "chatops",
        "status": if firing { "firing" } else { "resolved" },
        "alerts": alerts.iter().map(alert).collect::<Vec<_>>(),
        "groupLabels": {"alertname": name},
        "commonLabels": {"alertname": name},
        "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:9093",
        "version": "4",
        "groupKey": format!("{{}}:{{alertname=\"{name}\"}}"),
        "truncatedAlerts": 0,
    })
}

fn fingerprint(name: &str) -> String {
    hex(&digest(&SHA256, name.as_bytes()).as_ref()[..FINGERPRINT])
}

/// Sends a body to a webhook with that token: the status of the answer.
///
/// # Errors
/// When nobody answers.
pub async fn send(to: SocketAddr, token: &str, body: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect(to).await?;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {to}\r\nuser-agent: Alertmanager/0.25.0\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    // Whoever is refused may be refused before the body has been read.
    let _ = stream.write_all(body.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer has no status"))
}
