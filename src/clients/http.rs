//! One thin wire over `reqwest`: deadlines, no redirects, a size limit, scrubbing, and which failures
//! mean "nothing was sent".
//!
//! It repeats nothing and logs nothing. Invariant: an error never holds a credential or a raw body.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, ClientBuilder, Method, Response, redirect};
use rustls::ClientConfig;
use serde_json::Value;
use url::Url;

use crate::guard::{Arriving, Guard, Redacted, Secret};
use crate::ports::{Fault, PortError};

use super::answer::{Answer, Body, id_text, not_sent};
use super::base::BadConfig;
use super::tls;
use super::waits::Waits;

/// Longest wait for a connection, DNS and TLS included. Shorter than the total, so that a deadline that
/// fires before sending is known as that.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);
/// Longest wait for a whole answer.
const TOTAL_DEADLINE: Duration = Duration::from_secs(10);
/// How long an idle connection is kept. Node closes its own after 5 s; a request on a connection that is
/// just being closed would end as "it may have been done".
const IDLE_KEPT: Duration = Duration::from_secs(4);
/// Largest body that is read, in bytes: a full page of sessions is under 200 kB.
const BODY_MOST: usize = 1_048_576;
/// Largest body that shows a secret, in bytes: a few short fields.
const SHOWN_MOST: usize = 16 * 1024;
/// How we call ourselves.
const USER_AGENT: &str = concat!("seqn-chatops/", env!("CARGO_PKG_VERSION"));
/// The headers in which services give their request id.
const REQUEST_IDS: [&str; 2] = ["x-request-id", "x-github-request-id"];

/// How long a wire waits.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// For a connection.
    pub connect: Duration,
    /// For the whole exchange; longer than `connect`.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: CONNECT_DEADLINE, total: TOTAL_DEADLINE }
    }
}

/// A header that proves who we are.
#[derive(Clone)]
pub struct Credential {
    name: HeaderName,
    value: HeaderValue,
}

impl Credential {
    /// A credential in that header: `Bearer …` in `Authorization`, the bare token in any other.
    ///
    /// # Errors
    /// When the header's name or the token cannot be sent. The sentence does not hold the token.
    pub fn new(header: &str, token: &Secret) -> Result<Self, BadConfig> {
        let name = HeaderName::from_bytes(header.as_bytes())
            .map_err(|_| BadConfig("The name of the header for the credential is not a header's name.".into()))?;
        if name == AUTHORIZATION {
            return Self::scheme("Bearer", token);
        }
        Self::of(name, token.expose())
    }

    /// A credential in `Authorization` with another scheme than `Bearer`, such as `GenieKey`.
    ///
    /// # Errors
    /// When the token cannot be sent. The sentence does not hold it.
    pub fn scheme(scheme: &'static str, token: &Secret) -> Result<Self, BadConfig> {
        Self::of(AUTHORIZATION, &format!("{scheme} {}", token.expose()))
    }

    fn of(name: HeaderName, text: &str) -> Result<Self, BadConfig> {
        let mut value = HeaderValue::from_str(text)
            .map_err(|_| BadConfig("A credential holds characters that a header cannot carry.".into()))?;
        value.set_sensitive(true);
        Ok(Self { name, value })
    }
}

/// What a request carries.
enum Load {
    Nothing,
    Fields(Value),
    Bytes(Vec<u8>),
}

/// A request that is being put together.
pub struct Ask {
    method: Method,
    url: Url,
    headers: HeaderMap,
    load: Load,
    flaw: Option<&'static str>,
}

impl Ask {
    /// Reads.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), load: Load::Nothing, flaw: None }
    }

    /// Deletes.
    #[must_use]
    pub fn delete(url: Url) -> Self {
        Self { method: Method::DELETE, ..Self::get(url) }
    }

    /// Sends nothing but the path.
    #[must_use]
    pub fn post(url: Url) -> Self {
        Self { method: Method::POST, ..Self::get(url) }
    }

    /// Sets some fields.
    #[must_use]
    pub fn patch(url: Url, fields: Value) -> Self {
        Self { method: Method::PATCH, load: Load::Fields(fields), ..Self::get(url) }
    }

    /// Replaces some fields.
    #[must_use]
    pub fn put(url: Url, fields: Value) -> Self {
        Self { method: Method::PUT, load: Load::Fields(fields), ..Self::get(url) }
    }

    /// Sends something new.
    #[must_use]
    pub fn create(url: Url, fields: Value) -> Self {
        Self { method: Method::POST, load: Load::Fields(fields), ..Self::get(url) }
    }

    /// Sends JSON that must arrive byte for byte, for it is signed.
    #[must_use]
    pub fn create_exactly(url: Url, json: Vec<u8>) -> Self {
        let ask = Self { method: Method::POST, load: Load::Bytes(json), ..Self::get(url) };
        ask.header("content-type", "application/json")
    }

    /// Sends a form, as browsers do.
    #[must_use]
    pub fn form(url: Url, fields: &[(&str, &str)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let ask = Self { method: Method::POST, load: Load::Bytes(form.finish().into_bytes()), ..Self::get(url) };
        ask.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Adds a header. A value that no header can carry keeps the request from being sent.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            _ => self.flaw = Some("A value cannot be sent as a header."),
        }
        self
    }

    /// Adds a credential.
    #[must_use]
    pub fn credential(mut self, credential: &Credential) -> Self {
        self.headers.insert(credential.name.clone(), credential.value.clone());
        self
    }
}

/// The wire to one system.
#[derive(Clone)]
pub struct Wire {
    client: Client,
    guard: Guard,
    system: &'static str,
}

impl Wire {
    /// A wire. `direct` goes past any proxy of the environment: for addresses of this machine.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(system: &'static str, guard: Guard, deadlines: Deadlines, direct: bool) -> Result<Self, BadConfig> {
        let client = builder(deadlines, direct, tls::shared()?)
            .build()
            .map_err(|_| BadConfig("No connections can be made with TLS as it is set up.".into()))?;
        Ok(Self { client, guard, system })
    }

    /// Which system it goes to.
    #[must_use]
    pub const fn system(&self) -> &'static str {
        self.system
    }

    /// Sends a request once and gives back the answer, whatever its status.
    ///
    /// # Errors
    /// `Unreachable` when nothing was sent, `NoAnswer` when it was and no whole answer came.
    pub async fn exchange(&self, ask: Ask) -> Result<Answer, PortError> {
        let response = self.send(ask).await?;
        self.take_in(response).await
    }

    /// Sends a request once whose 2xx shows a secret. `read` alone sees that body, which is then overwritten; any other
    /// answer is read like every answer.
    ///
    /// # Errors
    /// As `exchange`; and `Garbled` when `read` finds nothing, or the body is too large to be such an answer.
    pub async fn exchange_shown<T: Send>(
        &self,
        ask: Ask,
        read: impl FnOnce(&[u8]) -> Option<T> + Send,
    ) -> Result<Result<T, Answer>, PortError> {
        let mut response = self.send(ask).await?;
        if !response.status().is_success() {
            return self.take_in(response).await.map(Err);
        }
        let mut body = Arriving::with_room(SHOWN_MOST);
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unanswered(&error))? {
            if !body.take(&chunk) {
                return Err(PortError::new(self.system, Fault::Garbled));
            }
        }
        read(body.expose()).map(Ok).ok_or_else(|| PortError::new(self.system, Fault::Garbled))
    }

    /// What the guard leaves of a text.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        self.guard.redact(text).into_owned()
    }

    async fn send(&self, ask: Ask) -> Result<Response, PortError> {
        if let Some(flaw) = ask.flaw {
            return Err(not_sent(self.system, flaw));
        }
        let request = self.client.request(ask.method, ask.url).headers(ask.headers);
        let request = match ask.load {
            Load::Nothing => request,
            Load::Fields(fields) => request.json(&fields),
            Load::Bytes(bytes) => request.body(bytes),
        };
        request.send().await.map_err(|error| self.unanswered(&error))
    }

    fn unanswered(&self, error: &reqwest::Error) -> PortError {
        let sent = !(error.is_connect() || error.is_builder());
        let fault = if sent { Fault::NoAnswer } else { Fault::Unreachable };
        PortError { text: Redacted::from_static(tls::complaint(error)), ..PortError::new(self.system, fault) }
    }

    async fn take_in(&self, mut response: Response) -> Result<Answer, PortError> {
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let clean = |text: &str| self.guard.redact(text).into_owned();
        let content_type = header(CONTENT_TYPE.as_str()).unwrap_or_default().to_ascii_lowercase();
        let mut answer = Answer {
            system: self.system,
            status,
            location: header(LOCATION.as_str()).map(clean),
            body: Body::Unread,
            leaked: false,
            certificate: certificate(&response),
            request_id: REQUEST_IDS.iter().find_map(|name| header(name)).map(clean).and_then(|id| id_text(&id)),
            waits: Waits::read(header),
            guard: self.guard.clone(),
        };
        match read_body(&mut response).await {
            Ok(Some(bytes)) => (answer.body, answer.leaked) = Body::read(&bytes, &content_type, &self.guard),
            Err(_) if (200..300).contains(&status) => {
                return Err(PortError {
                    request_id: answer.request_id,
                    ..PortError::new(self.system, Fault::NoAnswer)
                });
            }
            // Too large, or broken off after a status that says enough: the body stays unread.
            Ok(None) | Err(_) => {}
        }
        Ok(answer)
    }
}

fn builder(deadlines: Deadlines, direct: bool, tls: ClientConfig) -> ClientBuilder {
    let builder = Client::builder()
        .use_preconfigured_tls(tls)
        .user_agent(USER_AGENT)
        .connect_timeout(deadlines.connect)
        .timeout(deadlines.total)
        .pool_idle_timeout(IDLE_KEPT)
        .redirect(redirect::Policy::none())
        .referer(false)
        .tls_info(true);
    if direct { builder.no_proxy() } else { builder }
}

/// The body; `None` when it is larger than we read.
async fn read_body(response: &mut Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > BODY_MOST {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

fn certificate(response: &Response) -> Option<Vec<u8>> {
    response.extensions().get::<reqwest::tls::TlsInfo>()?.peer_certificate().map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests;
