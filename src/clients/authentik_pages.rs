//! Authentik's JSON, read leniently across its versions, and what it means in our words. Pure.
//!
//! No secret field is named here, so none is read. Invariant: what cannot be understood is an error,
//! never a shorter list.

use serde::Deserialize;
use serde_json::Value;

use crate::model::Millis;
use crate::ports::{Identity, IdentitySession, RefreshToken};

/// Longest uuid that we send back in a path, in bytes.
const UUID_MOST: usize = 64;

/// One page of a list.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Page<T> {
    /// The entries; `None` when the body is not such a page.
    #[serde(default = "none")]
    pub results: Option<Vec<T>>,
    #[serde(default)]
    pagination: Option<Pagination>,
}

const fn none<T>() -> Option<Vec<T>> {
    None
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pagination {
    next: Option<f64>,
}

impl<T> Page<T> {
    /// The number of the next page. Authentik writes 0 for none, and its schema allows fractions.
    #[must_use]
    pub fn next(&self) -> Option<u32> {
        let next = self.pagination.as_ref()?.next?;
        if next >= 1.0 { format!("{next:.0}").parse().ok() } else { None }
    }
}

/// A whole number that may be written with a fraction of nothing.
pub(super) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let text = value.as_f64()?.to_string();
        text.parse().ok()
    })
}

/// A user on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireUser {
    pk: Option<Value>,
    username: Option<String>,
    is_active: Option<bool>,
    /// As Authentik has it; its case is not normalised.
    pub email: Option<String>,
}

impl WireUser {
    /// The identity; `None` when it has no id or no name. Authentik's default is active.
    #[must_use]
    pub fn read(self) -> Option<Identity> {
        Some(Identity {
            id: whole(self.pk.as_ref()?)?,
            username: self.username.filter(|name| !name.is_empty())?,
            email: self.email.unwrap_or_default(),
            active: self.is_active.unwrap_or(true),
        })
    }
}

/// The answer to "who am I".
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireMe {
    user: Option<WireUser>,
}

impl WireMe {
    /// True when it names a user.
    #[must_use]
    pub fn is_somebody(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.pk.as_ref().and_then(whole).is_some())
    }
}

/// A session on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireSession {
    uuid: Option<String>,
    user: Option<Value>,
    last_used: Option<String>,
    last_ip: Option<String>,
    last_user_agent: Option<String>,
    user_agent: Option<Value>,
}

/// The sessions of that identity. `None` when one cannot be read or does not say whose it is.
#[must_use]
pub fn sessions_of(of: &Identity, wire: Vec<WireSession>) -> Option<Vec<IdentitySession>> {
    let mut sessions = Vec::new();
    for session in wire {
        if owner(session.user.as_ref()?)? != of.id {
            continue;
        }
        sessions.push(IdentitySession {
            uuid: session.uuid.filter(|uuid| is_uuid(uuid))?,
            last_used: session.last_used.as_deref().and_then(Millis::from_rfc3339),
            address: session.last_ip.unwrap_or_default(),
            agent: session.user_agent.as_ref().and_then(agent).or(session.last_user_agent).unwrap_or_default(),
        });
    }
    Some(sessions)
}

fn agent(user_agent: &Value) -> Option<String> {
    user_agent.get("string").unwrap_or(user_agent).as_str().map(String::from)
}

/// A refresh token on the wire, without its value.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireToken {
    pk: Option<Value>,
    id: Option<Value>,
    user: Option<Value>,
    provider: Option<WireProvider>,
    is_expired: Option<bool>,
    expires: Option<String>,
}

/// The provider of a token: its name, or only its number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum WireProvider {
    Whole {
        #[serde(default)]
        name: Option<String>,
    },
    Other(Value),
}

/// The living refresh tokens of that identity. `None` when one cannot be read.
#[must_use]
pub fn tokens_of(of: &Identity, wire: Vec<WireToken>) -> Option<Vec<RefreshToken>> {
    let mut tokens = Vec::new();
    for token in wire {
        let other = token.user.as_ref().is_some_and(|user| owner(user).is_some_and(|id| id != of.id));
        if other || token.is_expired == Some(true) {
            continue;
        }
        tokens.push(RefreshToken {
            id: whole(token.pk.as_ref().or(token.id.as_ref())?)?,
            provider: match token.provider {
                Some(WireProvider::Whole { name }) => name.unwrap_or_default(),
                Some(WireProvider::Other(Value::String(name))) => name,
                Some(WireProvider::Other(_)) | None => String::new(),
            },
            expires: token.expires.as_deref().and_then(Millis::from_rfc3339),
        });
    }
    Some(tokens)
}

/// The user's number, written as it is or inside the user.
fn owner(user: &Value) -> Option<i64> {
    whole(user.get("pk").unwrap_or(user))
}

/// True for what can be a session's uuid.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    !text.is_empty() && text.len() <= UUID_MOST && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn jo() -> Identity {
        Identity { id: 7, username: "jo".into(), email: String::new(), active: true }
    }

    #[test]
    fn next_pages_may_be_fractions_or_missing() {
        let next = |value: Value| from_value::<Page<WireUser>>(value).expect("a page").next();
        assert_eq!(next(json!({"results": [], "pagination": {"next": 2.0}})), Some(2));
        assert_eq!(next(json!({"results": [], "pagination": {"next": 3}})), Some(3));
        assert_eq!(next(json!({"results": [], "pagination": {"next": 0}})), None);
        assert_eq!(next(json!({"results": [], "pagination": {"next": -1.0}})), None);
        assert_eq!(next(json!({"results": []})), None);
        let page: Page<WireUser> = from_value(json!({})).expect("an object");
        assert!(page.results.is_none());
    }

    #[test]
    fn users_and_sessions_are_read_leniently() {
        let user: WireUser = from_value(json!({"pk": 7.0, "username": "jo", "surplus": [1]})).expect("a user");
        assert_eq!(user.read(), Some(jo()));
        let list = json!([
            {"uuid": "aa-1", "user": 7, "last_ip": "192.0.2.1", "user_agent": {"string": "Firefox"}, "last_used": "2026-05-12T00:00:00Z"},
            {"uuid": "aa-2", "user": 8},
            {"uuid": "aa-3", "user": 7.0, "last_user_agent": "curl"},
        ]);
        let sessions = sessions_of(&jo(), from_value(list).expect("a list")).expect("sessions");
        let seen: Vec<_> = sessions.iter().map(|s| (s.uuid.as_str(), s.agent.as_str())).collect();
        assert_eq!(seen, [("aa-1", "Firefox"), ("aa-3", "curl")]);
        for bad in [json!([{"uuid": "aa-1"}]), json!([{"user": 7}]), json!([{"uuid": "../x", "user": 7}])] {
            assert_eq!(sessions_of(&jo(), from_value(bad).expect("a list")), None);
        }
    }

    #[test]
    fn tokens_that_ran_out_or_are_of_others_are_dropped() {
        let list = json!([
            {"pk": 1, "user": {"pk": 7}, "provider": {"name": "Silver", "client_secret": "x"}, "expires": "2026-06-01T00:00:00Z"},
            {"pk": 2, "user": {"pk": 7}, "is_expired": true},
            {"pk": 3, "user": {"pk": 8}},
            {"id": 4.0, "user": 7, "provider": 12},
        ]);
        let tokens = tokens_of(&jo(), from_value(list).expect("a list")).expect("tokens");
        let seen: Vec<_> = tokens.iter().map(|t| (t.id, t.provider.as_str(), t.expires.is_some())).collect();
        assert_eq!(seen, [(1, "Silver", true), (4, "", false)]);
        assert_eq!(tokens_of(&jo(), from_value(json!([{"user": 7}])).expect("a list")), None);
    }
}
