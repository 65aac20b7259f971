//! Authentik's groups, its log, and what stands behind an OAuth2 client (facts A7, A13, A15, A18).
//!
//! A provider's answer holds its client secret in clear: the field is withheld before anything here sees it, and is
//! not named here. Invariant: an empty list of groups is never "not a member" unless the group itself is seen.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use serde::Deserialize;
use serde_json::Value;

use crate::model::Millis;
use crate::ports::{Fault, Identity, IdentityEvent, PortError, Provider};

use super::super::authentik_pages::whole;
use super::{AuthentikReader, Link, said};

const GROUPS: &str = "/api/v3/core/groups/";
const EVENTS: &str = "/api/v3/events/events/";
const APPLICATIONS: &str = "/api/v3/core/applications/";
const PROVIDERS: &str = "/api/v3/providers/oauth2/";
/// What an event says of itself, in characters: it becomes one line.
const SAYS_CHARS: usize = 120;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireGroup {
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireEvent {
    pk: Option<String>,
    action: Option<String>,
    user: Value,
    context: Value,
    client_ip: Option<String>,
    created: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireApplication {
    slug: Option<String>,
    provider: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireOAuth {
    pk: Option<Value>,
    client_id: Option<String>,
}

impl WireEvent {
    /// Whose it is: the user, or for a failed sign-in the name that was typed. `None`: nobody's.
    fn names(&self) -> Option<&str> {
        let typed = self.context.get("username").and_then(Value::as_str);
        let user = self.user.get("username").and_then(Value::as_str).filter(|name| *name != "AnonymousUser");
        typed.or(user).filter(|name| !name.is_empty())
    }

    fn read(self) -> Option<IdentityEvent> {
        let text = ["message", "error"].iter().find_map(|name| self.context.get(name).and_then(Value::as_str));
        let stage = self.context.pointer("/stage/name").and_then(Value::as_str);
        Some(IdentityEvent {
            id: self.pk?,
            action: self.action?,
            at: Millis::from_rfc3339(self.created.as_deref()?)?,
            address: self.client_ip.unwrap_or_default(),
            says: text.or(stage).unwrap_or_default().chars().take(SAYS_CHARS).collect(),
        })
    }
}

impl AuthentikReader {
    pub(super) async fn in_group_now(&self, of: &Identity, group: &str) -> Result<Option<bool>, PortError> {
        let seen = async |query: &[(&str, &str)]| {
            let groups: Vec<WireGroup> = self.link.list(GROUPS, query).await?;
            Ok::<bool, PortError>(groups.iter().any(|found| found.name.as_deref() == Some(group)))
        };
        let pk = of.id.to_string();
        let plain = [("name", group), ("include_users", "false")];
        // That the group is there at all matters only where the person is not in it.
        let (member, there) = join(seen(&[plain[0], plain[1], ("members_by_pk", &pk)]), seen(&plain)).await;
        if member? { Ok(Some(true)) } else { Ok(there?.then_some(false)) }
    }

    /// `username=` misses failed sign-ins, whose name is in the context only, so they are searched for, by both names that
    /// a person types.
    pub(super) async fn events_now(
        &self,
        of: &Identity,
        actions: &[&str],
        since: Millis,
    ) -> Result<Vec<IdentityEvent>, PortError> {
        let names: BTreeSet<&str> =
            [of.username.as_str(), of.email.as_str()].into_iter().filter(|name| !name.is_empty()).collect();
        let searches = names.iter().map(|name| self.link.events(actions, Some(name), since));
        let found = join_all(searches).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let hers = |event: &WireEvent| {
            event.names().is_some_and(|name| names.iter().any(|own| own.eq_ignore_ascii_case(name)))
        };
        read_all(found.into_iter().flatten().filter(hers), since)
    }

    pub(super) async fn events_of_nobody_now(
        &self,
        actions: &[&str],
        since: Millis,
    ) -> Result<Vec<IdentityEvent>, PortError> {
        let found = self.link.events(actions, None, since).await?;
        read_all(found.into_iter().filter(|event| event.names().is_none()), since)
    }

    pub(super) async fn provider_now(&self, slug: &str) -> Result<Provider, PortError> {
        let (application, providers) =
            join(self.link.application(slug), self.link.list::<WireOAuth>(PROVIDERS, &[("client_id", slug)])).await;
        let (application, providers) = (application?, providers?);
        let found = providers.into_iter().find(|provider| provider.client_id.as_deref() == Some(slug));
        let provider = found.and_then(|provider| whole(provider.pk.as_ref()?));
        if application.is_none() && provider.is_none() {
            self.check_credential().await?;
        }
        let joined = application.as_ref().and_then(|found| whole(found.provider.as_ref()?));
        Ok(Provider { application: application.is_some(), provider, joined: provider.is_some() && joined == provider })
    }
}

/// The events that happened since then, the newest first, each once.
fn read_all(found: impl Iterator<Item = WireEvent>, since: Millis) -> Result<Vec<IdentityEvent>, PortError> {
    let read = |event: WireEvent| event.read().ok_or_else(|| said(Fault::Garbled, "An event could not be read."));
    let mut events = found.map(read).collect::<Result<Vec<_>, _>>()?;
    events.retain(|event| event.at >= since);
    events.sort_by(|a, b| (b.at, &a.id).cmp(&(a.at, &b.id)));
    events.dedup_by(|a, b| a.id == b.id);
    Ok(events)
}

impl Link {
    /// Events of these actions, the newest first, until one is older: those that hold that name, or all.
    async fn events(&self, actions: &[&str], name: Option<&str>, since: Millis) -> Result<Vec<WireEvent>, PortError> {
        let older = |page: &[WireEvent]| {
            let last = page.last().and_then(|event| Millis::from_rfc3339(event.created.as_deref()?));
            last.is_some_and(|at| at < since)
        };
        let plain: Vec<(&str, &str)> =
            [("ordering", "-created")].into_iter().chain(actions.iter().map(|action| ("actions", *action))).collect();
        let Some(name) = name else { return self.list_until(EVENTS, &plain, older).await };
        let searched: Vec<(&str, &str)> = plain.iter().copied().chain([("search", name)]).collect();
        match self.list_until(EVENTS, &searched, older).await {
            // Some versions read `search` as a query language, and a name is no query.
            Err(PortError { fault: Fault::Refused { .. }, .. }) => self.list_until(EVENTS, &plain, older).await,
            found => found,
        }
    }

    async fn application(&self, slug: &str) -> Result<Option<WireApplication>, PortError> {
        let found: Vec<WireApplication> =
            self.list(APPLICATIONS, &[("slug", slug), ("superuser_full_list", "true")]).await?;
        Ok(found.into_iter().find(|application| application.slug.as_deref() == Some(slug)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn an_event_names_whom_it_is_about_and_little_else() {
        let event = |value: Value| from_value::<WireEvent>(value).expect("an event");
        let failed = event(json!({"user": {"username": "AnonymousUser"}, "context": {"username": "jo"}}));
        assert_eq!(failed.names(), Some("jo"));
        let login = event(json!({"user": {"username": "jo"}}));
        assert_eq!(login.names(), Some("jo"));
        let broken = event(json!({"user": {"username": "AnonymousUser"}, "pk": "e", "action": "configuration_error",
            "created": "2026-05-12T00:00:00Z", "context": {"message": "x".repeat(500)}}));
        assert_eq!(broken.names(), None);
        assert_eq!(broken.read().expect("whole").says.len(), SAYS_CHARS);
        assert_eq!(event(json!({"pk": "e", "action": "login"})).read(), None, "without a time it is no event");
    }
}
