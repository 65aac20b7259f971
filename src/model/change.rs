//! What a changing step writes: the fields that are to be set; what is `None` stays as it is.

use serde::{Deserialize, Serialize};

use super::time::Millis;

/// What a project is to become.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectChange {
    /// Its name. The name that it has provisions it anew.
    pub name: Option<String>,
    /// Where sign-in may return to: the whole list.
    pub redirects: Option<Vec<String>>,
    /// From where browsers may call: the whole list.
    pub origins: Option<Vec<String>>,
}

/// What a subscription is to become.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionChange {
    /// A public plan's key.
    pub plan: Option<String>,
    /// Such as `active`.
    pub status: Option<String>,
    /// The most projects.
    pub projects: Option<u64>,
    /// The most users.
    pub users: Option<u64>,
    /// The most webhook endpoints.
    pub webhooks: Option<u64>,
    /// When limits that differ from the plan's end.
    pub limits_end: Option<Millis>,
}
