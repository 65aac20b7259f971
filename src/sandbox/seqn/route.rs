//! Which operation a request names, and who may call it.
//!
//! It looks nothing up. Invariant: one line an operation, each with its name in the API description.

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guarded {
    /// Everybody.
    Open,
    /// A backend with its project's secret key.
    SecretKey,
    /// An admin token, reading.
    Reading,
    /// An admin token that may change things.
    Acting,
}

/// An operation with the names in its path; a name that the path does not have is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route<'a> {
    pub(super) operation: &'static str,
    pub(super) guarded: Guarded,
    pub(super) org: &'a str,
    /// Project slug, member id, session id or webhook id.
    pub(super) item: &'a str,
}

impl<'a> Route<'a> {
    pub(super) fn find(method: &str, parts: &[&'a str]) -> Option<Self> {
        match parts {
            ["v1", "organizations", org, rest @ ..] => Self::within(method, org, rest),
            _ => Self::outside(method, parts),
        }
    }

    fn outside(method: &str, parts: &[&'a str]) -> Option<Self> {
        let (operation, guarded) = match (method, parts) {
            ("GET", ["healthz"]) => ("health", Guarded::Open),
            ("GET", ["v1", "config"]) => ("legacyConfig", Guarded::Open),
            ("GET", ["v1", "client", "config"]) => ("clientConfig", Guarded::Open),
            ("GET", ["v1", "backend", "application"]) => ("backendApplication", Guarded::SecretKey),
            ("GET", ["auth", "console"]) => ("console", Guarded::Open),
            // Not in the API description: where the console sends an anonymous caller.
            ("GET", ["auth", "login"]) => ("login", Guarded::Open),
            ("GET", ["v1", "me"]) => ("me", Guarded::Reading),
            ("GET", ["v1", "audit-logs"]) => ("listAuditLogs", Guarded::Reading),
            ("GET", ["v1", "users"]) => ("findUsers", Guarded::Reading),
            ("GET", ["v1", "projects"]) => ("findProjects", Guarded::Reading),
            _ => return None,
        };
        Some(Self { operation, guarded, org: "", item: "" })
    }

    fn within(method: &str, org: &'a str, rest: &[&'a str]) -> Option<Self> {
        use Guarded::{Acting, Reading};
        let (operation, guarded, item) = match (method, rest) {
            ("GET", []) => ("getOrganization", Reading, ""),
            ("GET", ["members"]) => ("listMembers", Reading, ""),
            ("PATCH", ["members", id]) => ("updateMemberRole", Acting, *id),
            ("GET", ["sessions"]) => ("listSessions", Reading, ""),
            ("DELETE", ["sessions", id]) => ("revokeSession", Acting, *id),
            ("GET", ["projects"]) => ("listProjects", Reading, ""),
            ("GET", ["projects", slug]) => ("getProject", Reading, *slug),
            ("PATCH", ["projects", slug]) => ("updateProject", Acting, *slug),
            ("POST", ["projects", slug, "rotate-secret"]) => ("rotateProjectSecret", Acting, *slug),
            ("GET", ["subscription"]) => ("getSubscription", Reading, ""),
            ("PATCH", ["subscription"]) => ("updateSubscription", Acting, ""),
            ("GET", ["usage"]) => ("getUsage", Reading, ""),
            ("GET", ["webhooks"]) => ("listWebhooks", Reading, ""),
            ("POST", ["webhooks", id, "test"]) => ("testWebhook", Acting, *id),
            ("GET", ["webhooks", id, "deliveries"]) => ("listDeliveries", Reading, *id),
            ("POST", ["webhooks", id, "rotate-secret"]) => ("rotateWebhookSecret", Acting, *id),
            _ => return None,
        };
        Some(Self { operation, guarded, org, item })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_path_are_kept() {
        let route = Route::find("DELETE", &["v1", "organizations", "acme", "sessions", "s1"]).unwrap();
        assert_eq!((route.operation, route.org, route.item), ("revokeSession", "acme", "s1"));
        assert_eq!(route.guarded, Guarded::Acting);
        assert_eq!(Route::find("POST", &["v1", "organizations", "acme", "sessions", "s1"]), None);
    }
}
