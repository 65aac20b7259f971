//! The suggested edge policies, and a rule for Caddy to copy (`seqn-facts.md` 3.8).
//!
//! A rule is text for a person: nothing here is sent anywhere.

use std::net::IpAddr;

/// Requests a minute for a route for which nothing is suggested: the least that is suggested for any.
const OTHERWISE: u32 = 30;

/// One documented suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Surface {
    path: &'static str,
    per_minute: u32,
    /// By what callers are told apart.
    by: &'static str,
}

/// The table of the documentation. The row about admin routes is cut there, so it is not here.
const SURFACES: [Surface; 7] = [
    Surface { path: "/healthz", per_minute: 60, by: "source" },
    Surface { path: "/v1/config", per_minute: 120, by: "source; it can be cached" },
    Surface { path: "/v1/client/config", per_minute: 120, by: "source and publishable key" },
    Surface { path: "/v1/setup/agent-context", per_minute: 30, by: "source and publishable key" },
    Surface { path: "/v1/backend/application", per_minute: 60, by: "source and the secret key's prefix" },
    Surface { path: "/auth/login", per_minute: 30, by: "source" },
    Surface { path: "/auth/callback", per_minute: 30, by: "source" },
];

impl Surface {
    /// The suggestion for that route.
    pub(super) fn of(route: &str) -> Option<Self> {
        let route = route.trim_end_matches('/');
        SURFACES
            .into_iter()
            .find(|one| route == one.path || route.strip_prefix(one.path).is_some_and(|r| r.starts_with('/')))
    }

    /// In words.
    pub(super) fn words(self) -> String {
        format!("{} a minute by {}", self.per_minute, self.by)
    }
}

/// A rule for that route, for one source where one is known.
pub(super) fn rule(route: &str, surface: Option<Surface>, source: Option<IpAddr>) -> String {
    // Braces would be placeholders to Caddy.
    let path = route.trim_end_matches('/').replace(['{', '}'], "");
    let path = if path.is_empty() { "/" } else { path.as_str() };
    let zone: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let events = surface.map_or(OTHERWISE, |surface| surface.per_minute);
    let mut lines = vec!["rate_limit {".to_owned(), format!("\tzone seqn{zone} {{"), "\t\tmatch {".to_owned()];
    lines.push(format!("\t\t\tpath {path}"));
    lines.extend(source.map(|source| format!("\t\t\tremote_ip {source}")));
    lines.push("\t\t}".into());
    lines.push("\t\tkey {remote_host}".into());
    lines.push(format!("\t\tevents {events}"));
    lines.push("\t\twindow 60s".into());
    lines.extend(["\t}".to_owned(), "}".to_owned()]);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_finds_its_policy_and_no_other() {
        let per_minute = |route: &str| Surface::of(route).map(|surface| surface.per_minute);
        assert_eq!(
            (per_minute("/v1/config"), per_minute("/v1/config/"), per_minute("/v1/config/x")),
            (Some(120), Some(120), Some(120))
        );
        assert_eq!((per_minute("/v1/configs"), per_minute("/v1/me"), per_minute("/")), (None, None, None));
        assert_eq!(per_minute("/v1/client/config"), Some(120));
    }

    #[test]
    fn a_rule_names_its_route_and_its_source() {
        let all = rule("/auth/login", Surface::of("/auth/login"), None);
        assert!(all.contains("zone seqn_auth_login {") && all.contains("events 30") && !all.contains("remote_ip"));
        let one = rule("/v1/me", None, Some([203, 0, 113, 7].into()));
        assert!(one.contains("remote_ip 203.0.113.7") && one.contains("path /v1/me") && one.contains("events 30"));
        let odd = rule("/v1/{env.SECRET}/}x", None, None);
        assert!(odd.contains("path /v1/env.SECRET/x"), "{odd}");
        for rule in [all, one, odd] {
            assert_eq!(rule.matches('{').count(), rule.matches('}').count());
        }
    }
}
