//! SEQN Auth's JSON for subscriptions and usage, and what it means in our words. Pure.
//!
//! The shapes are assumed (`seqn-openapi.yaml`). Invariant: a number that is not there is unknown, never zero.

use serde::Deserialize;
use serde_json::Value;

use crate::model::Millis;
use crate::ports::{Amounts, Subscription};

/// A subscription on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireSubscription {
    plan_key: Option<String>,
    status: Option<String>,
    seat_limit: Option<u64>,
    current_period_start: Option<Value>,
    current_period_end: Option<Value>,
    limits: WireAmounts,
    limits_expire_at: Option<Value>,
}

/// Limits or counters on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireAmounts {
    projects: Option<u64>,
    users: Option<u64>,
    webhook_endpoints: Option<u64>,
    monthly_sessions: Option<u64>,
}

impl WireAmounts {
    /// The same in our words.
    #[must_use]
    pub const fn read(&self) -> Amounts {
        Amounts {
            projects: self.projects,
            users: self.users,
            webhooks: self.webhook_endpoints,
            sessions: self.monthly_sessions,
        }
    }
}

impl WireSubscription {
    /// The same in our words; `None` when it has no plan or no status.
    #[must_use]
    pub fn read(self) -> Option<Subscription> {
        Some(Subscription {
            plan: self.plan_key?,
            status: self.status?,
            seats: self.seat_limit,
            start: at(self.current_period_start),
            end: at(self.current_period_end),
            limits: self.limits.read(),
            limits_end: at(self.limits_expire_at),
        })
    }
}

fn at(value: Option<Value>) -> Option<Millis> {
    value.as_ref().and_then(super::seqn_pages::moment)
}
