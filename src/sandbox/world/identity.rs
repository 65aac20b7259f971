//! What the Authentik half of the world remembers: identities, groups, sessions, tokens, events.
//!
//! Plain records. Invariant: nothing is removed; what was ended is marked, and is no longer shown on the wire.

use serde_json::{Map, Value};

#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) pk: i64,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) active: bool,
    pub(crate) superuser: bool,
    /// `internal`, `external` or `service_account`.
    pub(crate) kind: &'static str,
    pub(crate) joined_ms: i64,
    pub(crate) last_login_ms: Option<i64>,
    /// What an admin has written about the user, under names of the admin's choice.
    pub(crate) attributes: Map<String, Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) uuid: String,
    pub(crate) num_pk: i64,
    pub(crate) name: String,
    pub(crate) superuser: bool,
    pub(crate) members: Vec<i64>,
    pub(crate) parent: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct IdentitySession {
    pub(crate) uuid: String,
    /// What stories call it.
    pub(crate) label: String,
    pub(crate) user: i64,
    pub(crate) ip: String,
    pub(crate) agent: String,
    pub(crate) country: &'static str,
    pub(crate) city: &'static str,
    pub(crate) last_used_ms: i64,
    pub(crate) expires_ms: i64,
    pub(crate) ended: bool,
}

/// A refresh or an access token of the `silver-auth` provider.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) pk: i64,
    pub(crate) user: i64,
    /// The Authentik session it came from, by uuid.
    pub(crate) session: Option<String>,
    pub(crate) expires_ms: i64,
    pub(crate) ended: bool,
}

/// A token of Authentik's own API; its value is never part of the record.
#[derive(Clone, Debug)]
pub(crate) struct ApiToken {
    pub(crate) identifier: String,
    pub(crate) intent: &'static str,
    pub(crate) user: i64,
    pub(crate) description: String,
    pub(crate) expires_ms: Option<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct IdentityEvent {
    pub(crate) uuid: String,
    pub(crate) action: String,
    pub(crate) app: String,
    /// `None` when nobody was signed in, as in a failed login.
    pub(crate) user: Option<i64>,
    pub(crate) context: Value,
    pub(crate) ip: Option<String>,
    pub(crate) created_ms: i64,
}
