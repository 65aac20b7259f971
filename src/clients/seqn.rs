//! SEQN Auth's API: one object that reads, another that acts, over one route map.
//!
//! It decides nothing and repeats nothing. Invariant: reading and acting use separate credentials, a
//! 404 passes for "it is gone" only when SEQN itself says so, and a list is whole or an error.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use url::Url;

use crate::guard::{Guard, Redacted, Secret};
use crate::model::{Email, KeyOwner, Millis, OrgSlug, SessionId, StaffId};
use crate::ports::{
    Amounts, AuditEntry, AuditQuery, Fault, Mode, Operation, PortError, SeqnAct, SeqnRead, SeqnSession, Subscription,
};

use super::answer::{Answer, Body, not_sent};
use super::base::{BadConfig, Base};
use super::http::{Ask, Credential, Deadlines, Wire};
use super::routes::{Found, RouteReport, RouteSetting, Routes, name, reading};
use super::seqn_pages::{Page, WireEntry, WireProject, WireSession, sessions_of};
use super::seqn_plan::{WireAmounts, WireSubscription};

const SYSTEM: &str = "seqn";
/// Most pages of one list: 20 pages of 50 are 1,000 sessions of one person.
const PAGES_MOST: usize = 20;
/// Longest time for all pages of one list.
const LIST_DEADLINE: Duration = Duration::from_secs(30);
/// Entries of the audit log when the query does not say: the default of the API.
const AUDIT_DEFAULT: u32 = 50;
/// Most entries of one page of the audit log, from the API description.
const AUDIT_PAGE_MOST: u32 = 200;
/// The parameter that finds projects by their key, from the API description.
const KEY_PREFIX: &str = "secretKeyPrefix";
/// Codes by which SEQN says that the thing, not the route, is missing.
const THING_MISSING: [&str; 3] = ["organization_not_found", "session_not_found", "user_not_found"];

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
    Ok((SeqnReader { link: link(&config.read_token)? }, SeqnActor { link: link(&config.act_token)? }))
}

/// The reading half.
pub struct SeqnReader {
    link: Link,
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

    async fn send(&self, ask: Ask) -> Result<Answer, PortError> {
        let ask = ask.header("accept", "application/json");
        let ask = match &self.credential {
            Some(credential) => ask.credential(credential),
            None => ask,
        };
        self.wire.exchange(ask).await
    }

    async fn call(&self, operation: Operation, ask: Ask) -> Result<Answer, PortError> {
        let answer = self.send(ask).await?;
        match answer.status {
            404 => Err(answer.error_as(self.missing(operation, &answer))),
            405 => Err(answer.error_as(Fault::NoRoute)),
            _ => answer.success(),
        }
    }

    /// Reads one thing of an organization.
    async fn of_org<T: DeserializeOwned>(&self, operation: Operation, org: &OrgSlug) -> Result<T, PortError> {
        self.open(operation)?;
        let url = self.url(operation, &[("org", org.as_str())])?;
        self.call(operation, Ask::get(url)).await?.json()
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

#[async_trait]
impl SeqnRead for SeqnReader {
    fn mode(&self, operation: Operation) -> Mode {
        self.link.routes.mode(operation)
    }

    fn console(&self) -> String {
        self.link.routes.console().to_string()
    }

    async fn sessions(&self, org: &OrgSlug, user: &Email) -> Result<Vec<SeqnSession>, PortError> {
        let operation = Operation::ListSessions;
        self.link.open(operation)?;
        let mut url = self.link.url(operation, &[("org", org.as_str())])?;
        url.query_pairs_mut().append_pair("email", user.as_str());
        let mut all: Vec<WireSession> = Vec::new();
        in_time(self.link.pages(operation, &url, |page| {
            all.extend(page);
            Ok(false)
        }))
        .await?;
        sessions_of(user, all).ok_or_else(|| garbled("A session could not be read, or has no owner."))
    }

    async fn projects_by_key_prefix(&self, prefix: &str) -> Result<Vec<KeyOwner>, PortError> {
        let operation = Operation::FindProjects;
        self.link.open(operation)?;
        let mut url = self.link.url(operation, &[])?;
        url.query_pairs_mut().append_pair(KEY_PREFIX, prefix);
        let mut owners = Vec::new();
        in_time(self.link.pages(operation, &url, |page: Vec<WireProject>| {
            owners.extend(page.into_iter().filter_map(|project| project.with_key(prefix)));
            Ok(false)
        }))
        .await?;
        Ok(owners)
    }

    async fn subscription(&self, org: &OrgSlug) -> Result<Subscription, PortError> {
        let wire: WireSubscription = self.link.of_org(Operation::GetSubscription, org).await?;
        wire.read().ok_or_else(|| garbled("The subscription has no plan or no status."))
    }

    async fn usage(&self, org: &OrgSlug) -> Result<Amounts, PortError> {
        let wire: WireAmounts = self.link.of_org(Operation::GetUsage, org).await?;
        Ok(wire.read())
    }

    async fn audit_log(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, PortError> {
        let operation = Operation::ListAuditLogs;
        self.link.open(operation)?;
        let most = if query.most == 0 { AUDIT_DEFAULT } else { query.most };
        let mut url = self.link.url(operation, &[])?;
        audit_query(&mut url, query, most.min(AUDIT_PAGE_MOST));
        let mut all: Vec<AuditEntry> = Vec::new();
        let enough = usize::try_from(most).unwrap_or(usize::MAX);
        // Only a list that comes newest first may be left before its end.
        let (mut ordered, mut last) = (true, Millis(i64::MAX));
        in_time(self.link.pages(operation, &url, |page: Vec<WireEntry>| {
            for entry in page {
                let sorted = entry.read(query).ok_or_else(|| garbled("An entry could not be read."))?;
                ordered &= sorted.entry.at <= last;
                last = sorted.entry.at;
                if sorted.wanted {
                    all.push(sorted.entry);
                }
            }
            Ok(ordered && (last < query.since || all.len() >= enough))
        }))
        .await?;
        all.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        all.truncate(enough);
        Ok(all)
    }
}

fn audit_query(url: &mut Url, query: &AuditQuery, limit: u32) {
    let mut pairs = url.query_pairs_mut();
    for (name, value) in [("organization", &query.org), ("actor", &query.actor), ("target", &query.target)] {
        if !value.is_empty() {
            pairs.append_pair(name, value);
        }
    }
    if query.since.0 > 0 {
        pairs.append_pair("since", &query.since.to_rfc3339());
    }
    pairs.append_pair("limit", &limit.to_string());
}

impl SeqnReader {
    /// Asks each reading route about an organization that exists, and remembers which routes are missing.
    /// Changing routes are never probed.
    pub async fn probe_routes(&self, canary: &OrgSlug) -> Vec<RouteReport> {
        let mut reports = Vec::new();
        for operation in reading() {
            let (found, says) = self.probe_route(operation, canary).await;
            self.link.routes.remember(operation, found);
            reports.push(RouteReport { operation, name: name(operation), found, says });
        }
        reports
    }

    async fn probe_route(&self, operation: Operation, canary: &OrgSlug) -> (Found, String) {
        if self.link.credential.is_none() {
            return (Found::Unknown, "No reading credential is configured.".into());
        }
        let url = match self.link.url(operation, &[("org", canary.as_str())]) {
            Ok(url) => url,
            Err(error) => return (Found::Unknown, error.to_string()),
        };
        let mut ask = Ask::get(url);
        match operation {
            Operation::ListAuditLogs => ask = ask.query("organization", canary.as_str()).query("limit", "1"),
            // A prefix that no key has: an empty list says that the route is there.
            Operation::FindProjects => ask = ask.query(KEY_PREFIX, "canary"),
            _ => {}
        }
        match self.link.send(ask).await {
            Ok(answer) => conclude(&answer),
            Err(error) => (Found::Unknown, error.to_string()),
        }
    }
}

fn conclude(answer: &Answer) -> (Found, String) {
    match answer.status {
        200..=299 if matches!(answer.body, Body::Json(_)) => (Found::There, "It answers.".into()),
        200..=299 => (Found::Unknown, "It answers, but not with JSON.".into()),
        401 | 403 => (Found::NoRight, answer.error().to_string()),
        404 if THING_MISSING.contains(&answer.code().as_str()) => {
            (Found::Unknown, "The canary organization is not known there. Check its slug.".into())
        }
        404 | 405 => (Found::Missing, "The route is not there.".into()),
        _ => (Found::Unknown, answer.error().to_string()),
    }
}

#[async_trait]
impl SeqnAct for SeqnActor {
    async fn end_session(&self, org: &OrgSlug, session: &SessionId, by: &StaffId, key: &str) -> Result<(), PortError> {
        let operation = Operation::RevokeSession;
        self.link.open(operation)?;
        let url = self.link.url(operation, &[("org", org.as_str()), ("sessionId", session.as_str())])?;
        let ask = Ask::delete(url).header("idempotency-key", key).header("x-seqn-on-behalf-of", by.as_str());
        self.link.call(operation, ask).await?.done()
    }
}

#[cfg(test)]
mod tests;
