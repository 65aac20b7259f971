//! SEQN Auth's JSON for sessions and audit logs, and what it means in our words. Pure.
//!
//! The shapes are assumed, so nothing about them is trusted: a filter that the server did not apply is
//! applied here. Invariant: what cannot be understood is an error, never a shorter list.

use serde::Deserialize;
use serde_json::Value;

use crate::model::{Email, KeyOwner, Millis, OrgSlug, SessionId};
use crate::ports::{AuditEntry, AuditQuery, SeqnSession, SessionStatus};

/// One page of a list.
#[derive(Debug, Deserialize)]
pub struct Page<T> {
    /// The entries; `None` when the body is not such a page.
    #[serde(default = "none", alias = "sessions", alias = "auditLogs", alias = "projects", alias = "members")]
    pub items: Option<Vec<T>>,
    #[serde(default, rename = "nextCursor", alias = "next_cursor")]
    next: Option<Value>,
}

const fn none<T>() -> Option<Vec<T>> {
    None
}

impl<T> Page<T> {
    /// Where the next page begins; `None` on the last.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        match self.next.as_ref()? {
            Value::String(cursor) if !cursor.is_empty() => Some(cursor.clone()),
            Value::Number(cursor) => Some(cursor.to_string()),
            _ => None,
        }
    }
}

/// A session on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireSession {
    id: Option<String>,
    user_id: Option<String>,
    email: Option<String>,
    status: Option<String>,
    created_at: Option<Value>,
    last_active_at: Option<Value>,
    revoked_at: Option<Value>,
    ip_address: Option<String>,
    user_agent: Option<String>,
}

impl WireSession {
    fn read(self) -> Option<SeqnSession> {
        Some(SeqnSession {
            id: self.id?.parse::<SessionId>().ok()?,
            user: self.user_id.unwrap_or_default(),
            email: self.email.unwrap_or_default(),
            status: match self.status.as_deref() {
                Some("revoked") => SessionStatus::Revoked,
                Some("expired") => SessionStatus::Expired,
                Some("active") => SessionStatus::Active,
                // A word that we do not know never passes for "it is over", unless a time says so.
                _ if self.revoked_at.as_ref().and_then(moment).is_some() => SessionStatus::Revoked,
                _ => SessionStatus::Active,
            },
            created: self.created_at.as_ref().and_then(moment),
            last_active: self.last_active_at.as_ref().and_then(moment),
            address: self.ip_address.unwrap_or_default(),
            agent: self.user_agent.unwrap_or_default(),
        })
    }
}

/// A project on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireProject {
    slug: Option<String>,
    organization_slug: Option<String>,
    secret_key_prefix: Option<String>,
}

impl WireProject {
    /// Whose it is, if its key begins so: the server may not know our filter.
    #[must_use]
    pub fn with_key(self, prefix: &str) -> Option<KeyOwner> {
        let fits = self.secret_key_prefix.as_deref() == Some(prefix);
        let (org, project) = (self.organization_slug?.parse::<OrgSlug>().ok()?, self.slug?.parse::<OrgSlug>().ok()?);
        fits.then(|| KeyOwner { org: org.to_string(), project: project.to_string() })
    }
}

/// The sessions of that user, newest first. Sessions that name another user are dropped: the server may
/// not know our filter. `None` when one cannot be read, or when it cannot be told whose it is.
#[must_use]
pub fn sessions_of(user: &Email, wire: Vec<WireSession>) -> Option<Vec<SeqnSession>> {
    let mut sessions = wire.into_iter().map(WireSession::read).collect::<Option<Vec<_>>>()?;
    sessions.retain(|session| session.email.is_empty() || user.same_as(&session.email));
    let mut owners: Vec<&str> = sessions.iter().map(|session| session.user.as_str()).collect();
    owners.sort_unstable();
    owners.dedup();
    let unnamed = sessions.iter().any(|session| session.email.is_empty());
    if unnamed && (owners.len() > 1 || owners.contains(&"")) {
        return None;
    }
    sessions.sort_by_key(|session| std::cmp::Reverse(session.created));
    Some(sessions)
}

/// An entry of the audit log on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireEntry {
    id: Option<String>,
    action: Option<String>,
    actor: Option<WireParty>,
    target: Option<WireParty>,
    organization_slug: Option<String>,
    request_id: Option<String>,
    ip_address: Option<String>,
    created_at: Option<Value>,
    metadata: Option<Value>,
}

/// Who did it, or what it was done to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireParty {
    id: Option<String>,
    email: Option<String>,
}

/// One entry, and whether it is one that was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Sorted {
    /// The entry.
    pub entry: AuditEntry,
    /// False when the server did not apply our filter.
    pub wanted: bool,
}

impl WireEntry {
    /// Reads an entry; `None` when it lacks its id, action or time.
    #[must_use]
    pub fn read(self, query: &AuditQuery) -> Option<Sorted> {
        let at = moment(self.created_at.as_ref()?)?;
        let (actor, target) = (self.actor.unwrap_or_default(), self.target.unwrap_or_default());
        let wanted = at >= query.since
            && (query.org.is_empty() || self.organization_slug.is_none_or(|slug| slug == query.org))
            && actor.may_be(&query.actor)
            && target.may_be(&query.target);
        let country = self.metadata.as_ref().map(country).unwrap_or_default();
        let entry = AuditEntry {
            id: self.id.filter(|id| !id.is_empty())?,
            action: self.action?,
            actor: actor.email.or(actor.id).unwrap_or_default(),
            target: target.id.unwrap_or_default(),
            address: self.ip_address.unwrap_or_default(),
            country,
            request_id: self.request_id.unwrap_or_default(),
            at,
        };
        Some(Sorted { entry, wanted })
    }
}

impl WireParty {
    /// False only when the entry names somebody else by the same kind of name as was asked for.
    fn may_be(&self, wanted: &str) -> bool {
        let same = |name: &Option<String>| name.as_deref().map(|name| name.eq_ignore_ascii_case(wanted));
        let (id, email) = (same(&self.id), same(&self.email));
        let of_its_kind = if wanted.contains('@') { email } else { id };
        wanted.is_empty() || id == Some(true) || email == Some(true) || of_its_kind.is_none()
    }
}

fn country(metadata: &Value) -> String {
    let places = ["/country", "/countryCode", "/geo/country"];
    let code = places.iter().find_map(|place| metadata.pointer(place)?.as_str()).unwrap_or_default();
    if code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()) {
        code.to_ascii_uppercase()
    } else {
        String::new()
    }
}

/// RFC 3339, or milliseconds since 1970.
pub(super) fn moment(value: &Value) -> Option<Millis> {
    match value {
        Value::String(text) => Millis::from_rfc3339(text),
        Value::Number(number) => number.as_i64().map(Millis),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn jo() -> Email {
        "jo@acme.example".parse().expect("an address")
    }

    fn sessions(value: Value) -> Option<Vec<SeqnSession>> {
        sessions_of(&jo(), from_value(value).expect("a list"))
    }

    #[test]
    fn sessions_are_sorted_and_only_hers() {
        let list = sessions(json!([
            {"id": "ses_1", "userId": "u1", "email": "JO@acme.example", "status": "revoked", "createdAt": "2026-05-01T00:00:00Z"},
            {"id": "ses_2", "userId": "u2", "email": "al@acme.example", "status": "active"},
            {"id": "ses_3", "userId": "u1", "email": "jo@acme.example", "status": "paused", "createdAt": "2026-05-02T00:00:00Z"},
            {"id": "ses_4", "userId": "u1", "email": "jo@acme.example", "revokedAt": "2026-05-02T00:00:00Z"},
        ]))
        .expect("sessions");
        let seen: Vec<_> = list.iter().map(|s| (s.id.as_str(), s.status)).collect();
        assert_eq!(
            seen,
            [("ses_3", SessionStatus::Active), ("ses_1", SessionStatus::Revoked), ("ses_4", SessionStatus::Revoked)]
        );
    }

    #[test]
    fn sessions_of_unknown_owners_are_not_guessed() {
        let one =
            json!([{"id": "a", "userId": "u1", "status": "active"}, {"id": "b", "userId": "u1", "status": "active"}]);
        assert_eq!(sessions(one).map(|list| list.len()), Some(2));
        assert_eq!(sessions(json!([{"id": "a", "userId": "u1"}, {"id": "b", "userId": "u2"}])), None);
        assert_eq!(sessions(json!([{"id": "a"}])), None);
        assert_eq!(sessions(json!([{"userId": "u1", "email": "jo@acme.example"}])), None);
        assert_eq!(sessions(json!([{"id": "../x", "userId": "u1", "email": "jo@acme.example"}])), None);
    }

    #[test]
    fn a_page_without_its_list_is_not_an_empty_page() {
        let page: Page<WireSession> = from_value(json!({"nextCursor": null})).expect("an object");
        assert!(page.items.is_none() && page.next().is_none());
        let page: Page<WireSession> = from_value(json!({"sessions": [], "nextCursor": "c1"})).expect("a page");
        assert_eq!(
            (page.items.map(|i| i.len()), page.next.and_then(|n| n.as_str().map(String::from))),
            (Some(0), Some("c1".into()))
        );
    }

    #[test]
    fn entries_are_read_and_sorted_out() {
        let query = AuditQuery {
            org: "acme".into(),
            actor: "jo@acme.example".into(),
            since: Millis(1),
            ..AuditQuery::default()
        };
        let read = |value: Value| from_value::<WireEntry>(value).expect("an object").read(&query);
        let full = json!({"id": "aud_1", "action": "session.revoked", "actor": {"id": "u1", "email": "JO@acme.example"},
            "target": {"id": "ses_1"}, "organizationSlug": "acme", "requestId": "req_1", "ipAddress": "192.0.2.1",
            "createdAt": "2026-05-12T00:00:00.000Z", "metadata": {"country": "de"}});
        let sorted = read(full.clone()).expect("an entry");
        assert!(sorted.wanted);
        assert_eq!((sorted.entry.country.as_str(), sorted.entry.target.as_str()), ("DE", "ses_1"));
        let with = |name: &str, value: Value| {
            let mut entry = full.clone();
            entry[name] = value;
            read(entry).map(|sorted| sorted.wanted)
        };
        assert_eq!(with("organizationSlug", json!("other")), Some(false));
        assert_eq!(with("actor", json!({"id": "u2", "email": "al@acme.example"})), Some(false));
        assert_eq!(with("actor", json!({"id": "u2"})), Some(true));
        assert_eq!(with("actor", json!(null)), Some(true));
        assert_eq!(with("createdAt", json!("1969-01-01T00:00:00Z")), Some(false));
        assert_eq!(with("createdAt", json!("yesterday")), None);
        assert_eq!(with("id", json!("")), None);
    }
}
