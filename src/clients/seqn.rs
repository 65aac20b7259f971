//! SEQN Auth's API: one object that reads, another that acts, over one route map.
//!
//! It decides nothing and repeats nothing. Invariant: reading and acting use separate credentials, a
//! 404 passes for "it is gone" only when SEQN itself says so, and a list is whole or an error.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::timeout;
use url::Url;

use crate::guard::{Guard, Redacted, Secret};
use crate::model::OrgSlug;
use crate::ports::{Fault, Mode, Operation, PortError};

use super::answer::{Answer, Body, not_sent};
use super::base::{BadConfig, Base};
use super::http::{Ask, Credential, Deadlines, Wire};
use super::routes::{Found, RouteSetting, Routes};
use super::seqn_pages::Page;

mod act;
mod probe;
mod read;

const SYSTEM: &str = "seqn";
/// Most pages of one list: 20 pages of 50 are 1,000 sessions of one person.
const PAGES_MOST: usize = 20;
/// Longest time for all pages of one list.
const LIST_DEADLINE: Duration = Duration::from_secs(30);
/// Codes by which SEQN says that the thing, not the route, is missing.
const THING_MISSING: [&str; 7] = [
    "organization_not_found",
    "session_not_found",
    "user_not_found",
    "member_not_found",
    "project_not_found",
    "webhook_not_found",
    "application_not_found",
];

/// How SEQN Auth is reached.
#[derive(Clone)]
pub struct SeqnConfig {
    /// Its API.
    pub base: Url,
    /// The hosted console, for people.
    pub console: Url,
    /// The credential that reads.
    pub read_token: Option<Secret>,
    /// The credential that acts.
    pub act_token: Option<Secret>,
    /// The header of both: `Authorization` carries `Bearer …`, any other the bare token.
    pub auth_header: String,
    /// What differs from the default routes, by operation name.
    pub routes: BTreeMap<String, RouteSetting>,
}

/// The reading and the acting half over one route map.
///
/// # Errors
/// When a base URL, a route, a token or the header cannot be used.
pub fn connect(config: &SeqnConfig, guard: &Guard, deadlines: Deadlines) -> Result<(SeqnReader, SeqnActor), BadConfig> {
    let base = Base::new("The base URL of SEQN Auth", &config.base)?;
    let console = Base::new("The console URL of SEQN Auth", &config.console)?;
    let wire = Wire::new(SYSTEM, guard.clone(), deadlines, base.is_loopback())?;
    let (may_read, may_act) = (config.read_token.is_some(), config.act_token.is_some());
    let routes = Arc::new(Routes::new(&config.routes, console.url().clone(), may_read, may_act)?);
    let link = |token: &Option<Secret>| -> Result<Link, BadConfig> {
        let credential = token.as_ref().map(|token| Credential::new(&config.auth_header, token)).transpose()?;
        Ok(Link { wire: wire.clone(), base: base.clone(), routes: Arc::clone(&routes), credential })
    };
    Ok((SeqnReader { link: link(&config.read_token)?, canary: None }, SeqnActor { link: link(&config.act_token)? }))
}

/// The reading half.
pub struct SeqnReader {
    link: Link,
    canary: Option<String>,
}

impl SeqnReader {
    /// This reader, which knows the canary project by its publishable key.
    #[must_use]
    pub fn with_canary(self, publishable_key: Option<String>) -> Self {
        Self { canary: publishable_key, ..self }
    }
}

/// The acting half.
pub struct SeqnActor {
    link: Link,
}

/// The wire with one credential.
struct Link {
    wire: Wire,
    base: Base,
    routes: Arc<Routes>,
    credential: Option<Credential>,
}

impl Link {
    fn open(&self, operation: Operation) -> Result<(), PortError> {
        match self.routes.mode(operation) {
            Mode::Api => Ok(()),
            Mode::Console { .. } => Err(PortError::new(SYSTEM, Fault::NoRoute)),
        }
    }

    fn url(&self, operation: Operation, parameters: &[(&str, &str)]) -> Result<Url, PortError> {
        let path = self.routes.path(operation, parameters);
        path.map(|path| self.base.at(&path)).ok_or_else(|| not_sent(SYSTEM, "An id in the path is no id."))
    }

    fn proven(&self, ask: Ask) -> Ask {
        let ask = ask.header("accept", "application/json");
        match &self.credential {
            Some(credential) => ask.credential(credential),
            None => ask,
        }
    }

    async fn send(&self, ask: Ask) -> Result<Answer, PortError> {
        self.wire.exchange(self.proven(ask)).await
    }

    async fn call(&self, operation: Operation, ask: Ask) -> Result<Answer, PortError> {
        let answer = self.send(ask).await?;
        self.judged(operation, answer)
    }

    /// A call whose success shows a secret.
    async fn call_shown<T: Send>(
        &self,
        operation: Operation,
        ask: Ask,
        read: impl FnOnce(&[u8]) -> Option<T> + Send,
    ) -> Result<T, PortError> {
        match self.wire.exchange_shown(self.proven(ask), read).await? {
            Ok(shown) => Ok(shown),
            Err(answer) => {
                let error = answer.error();
                self.judged(operation, answer).and(Err(error))
            }
        }
    }

    fn judged(&self, operation: Operation, answer: Answer) -> Result<Answer, PortError> {
        match answer.status {
            404 => Err(answer.error_as(self.missing(operation, &answer))),
            405 => Err(answer.error_as(Fault::NoRoute)),
            _ => answer.success(),
        }
    }

    /// Reads one thing of an organization.
    async fn of_org<T: DeserializeOwned>(&self, operation: Operation, org: &OrgSlug) -> Result<T, PortError> {
        self.one(operation, &[("org", org.as_str())], &[]).await
    }

    /// Reads one thing.
    async fn one<T: DeserializeOwned>(
        &self,
        operation: Operation,
        path: &[(&str, &str)],
        query: &[(&str, &str)],
    ) -> Result<T, PortError> {
        self.open(operation)?;
        let mut ask = Ask::get(self.url(operation, path)?);
        for (name, value) in query {
            ask = ask.query(name, value);
        }
        self.call(operation, ask).await?.json()
    }

    /// What a 404 means: the thing is missing when SEQN says so by its code, or when the probe saw the
    /// route; otherwise a proxy or a framework may have answered, and nothing about the thing is known.
    fn missing(&self, operation: Operation, answer: &Answer) -> Fault {
        let said = THING_MISSING.contains(&answer.code().as_str());
        let seen = self.routes.found(operation) == Found::There && matches!(answer.body, Body::Json(_));
        if said || seen { Fault::NotFound } else { Fault::NoRoute }
    }

    /// Reads page after page until `take` has enough.
    async fn pages<T: DeserializeOwned>(
        &self,
        operation: Operation,
        first: &Url,
        mut take: impl FnMut(Vec<T>) -> Result<bool, PortError> + Send,
    ) -> Result<(), PortError> {
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES_MOST {
            let ask = Ask::get(first.clone());
            let ask = match &cursor {
                Some(cursor) => ask.query("cursor", cursor),
                None => ask,
            };
            let page: Page<T> = self.call(operation, ask).await?.json()?;
            let next = page.next();
            if take(page.items.ok_or_else(|| PortError::new(SYSTEM, Fault::Garbled))?)? {
                return Ok(());
            }
            match next {
                None => return Ok(()),
                Some(_) if next == cursor => return Err(garbled("Its pages go in a circle.")),
                Some(_) => cursor = next,
            }
        }
        let fault = Fault::Refused { status: 200, code: "too_many_pages".into() };
        let text = Redacted::from_static("The list is longer than the bot reads.");
        Err(PortError { text, ..PortError::new(SYSTEM, fault) })
    }
}

fn garbled(why: &'static str) -> PortError {
    PortError { text: Redacted::from_static(why), ..PortError::new(SYSTEM, Fault::Garbled) }
}

async fn in_time<T>(work: impl Future<Output = Result<T, PortError>> + Send) -> Result<T, PortError> {
    timeout(LIST_DEADLINE, work).await.unwrap_or_else(|_| Err(PortError::new(SYSTEM, Fault::NoAnswer)))
}

#[cfg(test)]
mod tests;
