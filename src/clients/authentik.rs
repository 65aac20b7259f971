//! Authentik's API v3: the calls that this bot needs, one object that reads and another that acts.
//!
//! It never asks for a token's value, a provider's secret or the system page (which can echo our own
//! credential). Invariant: an empty list is believed only after the credential itself was checked, for
//! without a right Authentik answers with an empty 200.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use url::Url;

use crate::guard::{Guard, Redacted, Secret};
use crate::model::{Email, Millis};
use crate::ports::{
    Fault, Identity, IdentityAct, IdentityEvent, IdentityRead, IdentitySession, PortError, Provider, RefreshToken,
};

use super::answer::{Answer, Body, not_sent};
use super::authentik_pages::{Page, WireMe, WireSession, WireToken, WireUser, is_uuid, sessions_of, tokens_of};
use super::base::{BadConfig, Base};
use super::http::{Ask, Credential, Deadlines, Wire};

mod look;
mod roster;

pub use roster::{AuthentikRoster, RosterConfig};

const SYSTEM: &str = "authentik";
const USERS: &str = "/api/v3/core/users/";
const ME: &str = "/api/v3/core/users/me/";
const SESSIONS: &str = "/api/v3/core/authenticated_sessions/";
const REFRESH_TOKENS: &str = "/api/v3/oauth2/refresh_tokens/";
/// Entries that we ask for per page; a tenant may give fewer, so `next` is followed.
const PAGE_SIZE: &str = "100";
/// Most pages of one list: 2,000 sessions of one person.
const PAGES_MOST: u32 = 20;
/// Longest time for one question, all its pages and checks included.
const QUESTION_DEADLINE: Duration = Duration::from_secs(30);

/// How Authentik is reached.
#[derive(Clone)]
pub struct AuthentikConfig {
    /// Its address, without `/api/v3`.
    pub base: Url,
    /// The token (intent `api`) that reads.
    pub read_token: Option<Secret>,
    /// The token that acts.
    pub act_token: Option<Secret>,
}

/// The reading half.
pub struct AuthentikReader {
    link: Link,
}

/// The acting half.
pub struct AuthentikActor {
    link: Link,
}

struct Link {
    wire: Wire,
    base: Base,
    credential: Option<Credential>,
}

impl AuthentikConfig {
    fn link(&self, token: Option<&Secret>, guard: &Guard, deadlines: Deadlines) -> Result<Link, BadConfig> {
        let base = Base::new("The base URL of Authentik", &self.base)?;
        let credential = token.map(|token| Credential::new("authorization", token)).transpose()?;
        let wire = Wire::new(SYSTEM, guard.clone(), deadlines, base.is_loopback())?;
        Ok(Link { wire, base, credential })
    }
}

impl AuthentikReader {
    /// The reading half; it never sees the acting token.
    ///
    /// # Errors
    /// When the base URL or the token cannot be used.
    pub fn new(config: &AuthentikConfig, guard: &Guard, deadlines: Deadlines) -> Result<Self, BadConfig> {
        config.link(config.read_token.as_ref(), guard, deadlines).map(|link| Self { link })
    }

    /// Whether the credential is accepted at all (A19).
    ///
    /// # Errors
    /// `Forbidden` when it is not.
    pub async fn check_credential(&self) -> Result<(), PortError> {
        let me: WireMe = self.link.call(Ask::get(self.link.base.at(ME))).await?.json()?;
        if me.is_somebody() { Ok(()) } else { Err(PortError::new(SYSTEM, Fault::Garbled)) }
    }

    /// Whether the credential sees users. It sees itself at least, unless it may see nobody.
    async fn check_sight(&self) -> Result<(), PortError> {
        let ask = Ask::get(self.link.base.at(USERS)).query("page_size", "1");
        let (known, seen) = join(self.check_credential(), self.link.call(ask)).await;
        known?;
        let page: Page<WireUser> = seen?.json()?;
        match page.results {
            Some(users) if !users.is_empty() => Ok(()),
            Some(_) => {
                Err(said(Fault::Forbidden, "Its list of users is empty for us: the right to view users is missing."))
            }
            None => Err(PortError::new(SYSTEM, Fault::Garbled)),
        }
    }

    async fn users(&self, by: &str, email: &Email) -> Result<Vec<Identity>, PortError> {
        let query = [(by, email.as_str()), ("include_groups", "false")];
        let users: Vec<WireUser> = self.link.list(USERS, &query).await?;
        let hers = users.into_iter().filter(|user| user.email.as_deref().is_some_and(|found| email.same_as(found)));
        hers.map(|user| user.read().ok_or_else(|| PortError::new(SYSTEM, Fault::Garbled))).collect()
    }

    async fn find_all(&self, email: &Email) -> Result<Vec<Identity>, PortError> {
        // `email=` compares with case and e-mails are not unique, so the wider search is always made too.
        let (exact, wide) = join(self.users("email", email), self.users("search", email)).await;
        let mut found = exact?;
        match wide {
            Ok(more) => found.extend(more),
            // Some versions read `search` as a query language. What was found exactly still stands.
            Err(PortError { fault: Fault::Refused { .. }, .. }) if !found.is_empty() => {}
            Err(error) => return Err(error),
        }
        found.sort_by_key(|identity| identity.id);
        found.dedup_by_key(|identity| identity.id);
        if found.is_empty() {
            self.check_sight().await?;
        }
        Ok(found)
    }

    async fn sessions_now(&self, of: &Identity) -> Result<Vec<IdentitySession>, PortError> {
        let wire: Vec<WireSession> = self.link.list(SESSIONS, &[("user__username", &of.username)]).await?;
        if wire.is_empty() {
            self.check_credential().await?;
        }
        sessions_of(of, wire).ok_or_else(|| said(Fault::Garbled, "A session could not be read."))
    }

    async fn tokens_now(&self, of: &Identity) -> Result<Vec<RefreshToken>, PortError> {
        let wire: Vec<WireToken> = self.link.list(REFRESH_TOKENS, &[("user", &of.id.to_string())]).await?;
        if wire.is_empty() {
            self.check_credential().await?;
        }
        tokens_of(of, wire).ok_or_else(|| said(Fault::Garbled, "A refresh token could not be read."))
    }
}

impl AuthentikActor {
    /// The acting half; it never sees the reading token.
    ///
    /// # Errors
    /// When the base URL or the token cannot be used.
    pub fn new(config: &AuthentikConfig, guard: &Guard, deadlines: Deadlines) -> Result<Self, BadConfig> {
        config.link(config.act_token.as_ref(), guard, deadlines).map(|link| Self { link })
    }

    async fn end(&self, list: &str, id: &str) -> Result<(), PortError> {
        self.link.call(Ask::delete(self.link.base.at(&format!("{list}{id}/")))).await?.done()
    }
}

impl Link {
    async fn call(&self, ask: Ask) -> Result<Answer, PortError> {
        let Some(credential) = &self.credential else {
            return Err(said(Fault::NoRoute, "No credential is configured for this."));
        };
        let answer = self.wire.exchange(ask.header("accept", "application/json").credential(credential)).await?;
        match answer.status {
            // A web page for a 404 is not the API's word that the thing is gone.
            404 if answer.body == Body::Page => Err(answer.error_as(Fault::NoRoute)),
            405 => Err(answer.error_as(Fault::NoRoute)),
            _ => answer.success(),
        }
    }

    async fn list<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<T>, PortError> {
        self.list_until(path, query, |_| false).await
    }

    /// Reads page after page until `enough` says that what comes after this page is not needed.
    async fn list_until<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        enough: impl Fn(&[T]) -> bool + Send,
    ) -> Result<Vec<T>, PortError> {
        let mut all = Vec::new();
        let mut number = 1;
        for _ in 0..PAGES_MOST {
            let mut ask = Ask::get(self.base.at(path));
            for (name, value) in query {
                ask = ask.query(name, value);
            }
            let ask = ask.query("page_size", PAGE_SIZE).query("page", &number.to_string());
            let page: Page<T> = self.call(ask).await.map_err(no_list)?.json()?;
            let next = page.next();
            let results = page.results.ok_or_else(|| PortError::new(SYSTEM, Fault::Garbled))?;
            let done = enough(&results);
            all.extend(results);
            match next {
                None => return Ok(all),
                Some(_) if done => return Ok(all),
                Some(next) if next > number => number = next,
                Some(_) => return Err(said(Fault::Garbled, "Its pages go in a circle.")),
            }
        }
        let fault = Fault::Refused { status: 200, code: "too_many_pages".into() };
        Err(said(fault, "The list is longer than the bot reads."))
    }
}

/// A list is always there: a 404 for it is about the route.
fn no_list(error: PortError) -> PortError {
    match error.fault {
        Fault::NotFound => PortError { fault: Fault::NoRoute, ..error },
        _ => error,
    }
}

fn said(fault: Fault, text: &'static str) -> PortError {
    PortError { text: Redacted::from_static(text), ..PortError::new(SYSTEM, fault) }
}

async fn in_time<T>(work: impl Future<Output = Result<T, PortError>> + Send) -> Result<T, PortError> {
    timeout(QUESTION_DEADLINE, work).await.unwrap_or_else(|_| Err(PortError::new(SYSTEM, Fault::NoAnswer)))
}

#[async_trait]
impl IdentityRead for AuthentikReader {
    async fn find(&self, email: &Email) -> Result<Vec<Identity>, PortError> {
        in_time(self.find_all(email)).await
    }

    async fn sessions(&self, of: &Identity) -> Result<Vec<IdentitySession>, PortError> {
        in_time(self.sessions_now(of)).await
    }

    async fn refresh_tokens(&self, of: &Identity) -> Result<Vec<RefreshToken>, PortError> {
        in_time(self.tokens_now(of)).await
    }

    async fn in_group(&self, of: &Identity, group: &str) -> Result<Option<bool>, PortError> {
        in_time(self.in_group_now(of, group)).await
    }

    async fn events(&self, of: &Identity, actions: &[&str], since: Millis) -> Result<Vec<IdentityEvent>, PortError> {
        in_time(self.events_now(of, actions, since)).await
    }

    async fn events_of_nobody(&self, actions: &[&str], since: Millis) -> Result<Vec<IdentityEvent>, PortError> {
        in_time(self.events_of_nobody_now(actions, since)).await
    }

    async fn provider(&self, slug: &str) -> Result<Provider, PortError> {
        in_time(self.provider_now(slug)).await
    }
}

#[async_trait]
impl IdentityAct for AuthentikActor {
    async fn end_session(&self, uuid: &str) -> Result<(), PortError> {
        if !is_uuid(uuid) {
            return Err(not_sent(SYSTEM, "The id of the session is no id."));
        }
        self.end(SESSIONS, uuid).await
    }

    async fn end_refresh_token(&self, id: i64) -> Result<(), PortError> {
        self.end(REFRESH_TOKENS, &id.to_string()).await
    }
}

#[cfg(test)]
mod tests;
