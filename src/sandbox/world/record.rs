//! What the SEQN half of the world remembers: organizations, people, sessions, projects, webhooks, audit log.
//!
//! Plain records without behaviour but for what follows from their own fields. Invariant: no secret is
//! kept, only its prefix and its hash (publishable keys may be kept).

use serde_json::Value;

/// What a plan allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) projects: u64,
    pub(crate) users: u64,
    pub(crate) webhook_endpoints: u64,
}

impl Limits {
    /// The published limits of a plan; the internal plan is treated as free.
    pub(crate) fn of_plan(plan: &str) -> Self {
        match plan {
            "pro" => Self { projects: 25, users: 10_000, webhook_endpoints: 25 },
            "scale" => Self { projects: 250, users: 1_000_000, webhook_endpoints: 250 },
            _ => Self { projects: 2, users: 3, webhook_endpoints: 1 },
        }
    }
}

/// Limits that were set by hand; what is `None` follows the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) projects: Option<u64>,
    pub(crate) users: Option<u64>,
    pub(crate) webhook_endpoints: Option<u64>,
    pub(crate) expires_ms: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) plan: String,
    pub(crate) status: String,
    pub(crate) seat_limit: Option<u64>,
    pub(crate) period_start_ms: i64,
    pub(crate) period_end_ms: i64,
    pub(crate) set: Override,
}

impl Subscription {
    /// The limits that hold now: a temporary grant ends by itself.
    pub(crate) fn limits(&self, now_ms: i64) -> Limits {
        let plan = Limits::of_plan(&self.plan);
        if self.set.expires_ms.is_some_and(|end| end <= now_ms) {
            return plan;
        }
        Limits {
            projects: self.set.projects.unwrap_or(plan.projects),
            users: self.set.users.unwrap_or(plan.users),
            webhook_endpoints: self.set.webhook_endpoints.unwrap_or(plan.webhook_endpoints),
        }
    }

    /// False when project, user and webhook mutations are to be refused.
    pub(crate) fn allows_changes(&self) -> bool {
        matches!(self.status.as_str(), "active" | "trialing" | "past_due")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) created_ms: i64,
    pub(crate) subscription: Subscription,
    pub(crate) monthly_sessions: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) created_ms: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) user: String,
    pub(crate) role: String,
    pub(crate) created_ms: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) user: String,
    pub(crate) created_ms: i64,
    pub(crate) last_active_ms: i64,
    pub(crate) expires_ms: i64,
    pub(crate) revoked_ms: Option<i64>,
    pub(crate) ip: String,
    pub(crate) agent: String,
}

impl Session {
    pub(crate) fn status(&self, now_ms: i64) -> &'static str {
        if self.revoked_ms.is_some() {
            "revoked"
        } else if self.expires_ms <= now_ms {
            "expired"
        } else {
            "active"
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Provisioning {
    pub(crate) status: String,
    pub(crate) last_error: Option<(u16, String)>,
    pub(crate) updated_ms: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) publishable_key: String,
    pub(crate) secret_prefix: String,
    pub(crate) secret_hash: String,
    pub(crate) redirect_urls: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) provisioning: Provisioning,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) url: String,
    pub(crate) enabled: bool,
    pub(crate) event_types: Vec<String>,
    pub(crate) secret_prefix: String,
    pub(crate) secret_hash: String,
    /// The HTTP status with which the receiver answers.
    pub(crate) answers: u16,
}

#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) webhook: String,
    pub(crate) event_type: String,
    pub(crate) status: String,
    pub(crate) attempts: u32,
    pub(crate) response_status: Option<u16>,
    pub(crate) last_error: Option<String>,
    pub(crate) next_retry_ms: Option<i64>,
    pub(crate) created_ms: i64,
}

/// Who did something, as the audit log names them.
#[derive(Clone, Debug)]
pub(crate) struct Doer {
    pub(crate) id: String,
    pub(crate) email: Option<String>,
    pub(crate) kind: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct AuditEntry {
    pub(crate) id: String,
    pub(crate) action: String,
    pub(crate) actor: Doer,
    pub(crate) target_id: String,
    pub(crate) target_kind: &'static str,
    pub(crate) org: String,
    pub(crate) request_id: String,
    pub(crate) ip: String,
    pub(crate) created_ms: i64,
    pub(crate) metadata: Value,
}
