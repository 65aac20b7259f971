//! The route map of SEQN Auth: defaults from the API description, overrides from the configuration, and
//! what the canary probe found.
//!
//! Nothing is sent from here. Invariant: an assumed changing route is off until an operator enables it by
//! name, and a path always has exactly the parameters that its operation needs.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use serde::Deserialize;
use url::Url;

use crate::ports::{Mode, Operation};

use super::base::{BadConfig, segment};

/// What an operator says about one route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RouteSetting {
    /// Another path template than the default.
    pub path: Option<String>,
    /// The route is not to be used.
    pub off: bool,
    /// An assumed changing route is known to be there.
    pub enabled: bool,
}

/// What is known about a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It answered.
    There,
    /// It is not there.
    Missing,
    /// It answered that we have no right (401, 403).
    NoRight,
    /// Nothing can be concluded.
    Unknown,
}

/// What one probe of one route found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteReport {
    /// Which operation.
    pub operation: Operation,
    /// Its name in the configuration.
    pub name: &'static str,
    /// The conclusion.
    pub found: Found,
    /// One sentence.
    pub says: String,
}

struct Definition {
    operation: Operation,
    name: &'static str,
    path: &'static str,
    needs: &'static [&'static str],
    documented: bool,
    changes: bool,
}

const fn reads(
    operation: Operation,
    name: &'static str,
    path: &'static str,
    needs: &'static [&'static str],
) -> Definition {
    Definition { operation, name, path, needs, documented: false, changes: false }
}

const fn changes(
    operation: Operation,
    name: &'static str,
    path: &'static str,
    needs: &'static [&'static str],
) -> Definition {
    Definition { changes: true, ..reads(operation, name, path, needs) }
}

const ORG: &[&str] = &["org"];

static DEFINITIONS: [Definition; 18] = [
    reads(Operation::ListSessions, "listSessions", "/v1/organizations/{org}/sessions", ORG),
    changes(
        Operation::RevokeSession,
        "revokeSession",
        "/v1/organizations/{org}/sessions/{sessionId}",
        &["org", "sessionId"],
    ),
    Definition { documented: true, ..reads(Operation::ListAuditLogs, "listAuditLogs", "/v1/audit-logs", &[]) },
    reads(Operation::ListMembers, "listMembers", "/v1/organizations/{org}/members", ORG),
    reads(Operation::GetOrganization, "getOrganization", "/v1/organizations/{org}", ORG),
    reads(Operation::FindProjects, "findProjects", "/v1/projects", &[]),
    reads(Operation::GetSubscription, "getSubscription", "/v1/organizations/{org}/subscription", ORG),
    reads(Operation::GetUsage, "getUsage", "/v1/organizations/{org}/usage", ORG),
    reads(Operation::FindUsers, "findUsers", "/v1/users", &[]),
    reads(Operation::GetProject, "getProject", "/v1/organizations/{org}/projects/{project}", &["org", "project"]),
    reads(Operation::ListWebhooks, "listWebhooks", "/v1/organizations/{org}/webhooks", ORG),
    reads(
        Operation::ListDeliveries,
        "listDeliveries",
        "/v1/organizations/{org}/webhooks/{webhookId}/deliveries",
        &["org", "webhookId"],
    ),
    changes(
        Operation::UpdateMemberRole,
        "updateMemberRole",
        "/v1/organizations/{org}/members/{memberId}",
        &["org", "memberId"],
    ),
    changes(
        Operation::UpdateProject,
        "updateProject",
        "/v1/organizations/{org}/projects/{project}",
        &["org", "project"],
    ),
    changes(Operation::UpdateSubscription, "updateSubscription", "/v1/organizations/{org}/subscription", ORG),
    changes(
        Operation::TestWebhook,
        "testWebhook",
        "/v1/organizations/{org}/webhooks/{webhookId}/test",
        &["org", "webhookId"],
    ),
    changes(
        Operation::RotateProjectSecret,
        "rotateProjectSecret",
        "/v1/organizations/{org}/projects/{project}/rotate-secret",
        &["org", "project"],
    ),
    changes(
        Operation::RotateWebhookSecret,
        "rotateWebhookSecret",
        "/v1/organizations/{org}/webhooks/{webhookId}/rotate-secret",
        &["org", "webhookId"],
    ),
];

fn definition(operation: Operation) -> &'static Definition {
    DEFINITIONS.iter().find(|row| row.operation == operation).expect("each operation has its row: a test walks them")
}

/// The name of an operation in the configuration.
#[must_use]
pub fn name(operation: Operation) -> &'static str {
    definition(operation).name
}

/// Every operation, with its name in the configuration.
pub fn operations() -> impl Iterator<Item = (&'static str, Operation)> {
    DEFINITIONS.iter().map(|row| (row.name, row.operation))
}

/// The reading operations that the canary probe may call: those that need an organization at most.
pub fn probed() -> impl Iterator<Item = Operation> {
    let plain = |row: &&Definition| !row.changes && row.needs.iter().all(|name| *name == "org");
    DEFINITIONS.iter().filter(plain).map(|row| row.operation)
}

/// The route map.
pub struct Routes {
    settings: BTreeMap<&'static str, RouteSetting>,
    console: Url,
    may_read: bool,
    may_act: bool,
    /// What was probed; empty at the start and filled again by the next probe, so it need not be stored.
    found: RwLock<BTreeMap<Operation, Found>>,
}

impl Routes {
    /// Checks the operator's settings. `may_read` and `may_act` say which credentials are configured.
    ///
    /// # Errors
    /// When a name is unknown, a documented route is changed in a way that it cannot be, or a template is wrong.
    pub fn new(
        settings: &BTreeMap<String, RouteSetting>,
        console: Url,
        may_read: bool,
        may_act: bool,
    ) -> Result<Self, BadConfig> {
        let mut checked = BTreeMap::new();
        for (name, setting) in settings {
            let row = DEFINITIONS.iter().find(|row| row.name == name).ok_or_else(|| unknown(name))?;
            check(row, setting)?;
            checked.insert(row.name, setting.clone());
        }
        Ok(Self { settings: checked, console, may_read, may_act, found: RwLock::default() })
    }

    /// The hosted console's page.
    #[must_use]
    pub fn console(&self) -> &Url {
        &self.console
    }

    /// How that operation is done here.
    #[must_use]
    pub fn mode(&self, operation: Operation) -> Mode {
        match self.why_not(operation) {
            None => Mode::Api,
            Some(why) => Mode::Console { why, url: self.console.to_string() },
        }
    }

    fn why_not(&self, operation: Operation) -> Option<String> {
        let row = definition(operation);
        let setting = self.settings.get(row.name);
        let name = row.name;
        if setting.is_some_and(|s| s.off) {
            return Some(format!("The route {name} is switched off in the configuration."));
        }
        if row.changes && !row.documented && !setting.is_some_and(|s| s.enabled) {
            return Some(format!("The route {name} is not published. It is used when an operator enables it by name."));
        }
        if row.changes && !self.may_act {
            return Some(format!("No acting credential is configured for SEQN Auth, and {name} needs it."));
        }
        if !row.changes && !self.may_read {
            return Some(format!("No reading credential is configured for SEQN Auth, and {name} needs it."));
        }
        (self.found(operation) == Found::Missing)
            .then(|| format!("The canary probe found that this installation has no route {name}."))
    }

    /// The path of an operation with its parameters encoded. `None` when a parameter is missing or would
    /// leave its segment.
    #[must_use]
    pub fn path(&self, operation: Operation, parameters: &[(&str, &str)]) -> Option<String> {
        let row = definition(operation);
        let template = self.settings.get(row.name).and_then(|s| s.path.as_deref()).unwrap_or(row.path);
        let mut path = String::with_capacity(template.len());
        for piece in template.split('/').skip(1) {
            path.push('/');
            match piece.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                None => path.push_str(piece),
                Some(wanted) => {
                    let (_, value) = parameters.iter().find(|(name, _)| *name == wanted)?;
                    path.push_str(&segment(value)?);
                }
            }
        }
        Some(path)
    }

    /// What is known about a route.
    #[must_use]
    pub fn found(&self, operation: Operation) -> Found {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        found.get(&operation).copied().unwrap_or(Found::Unknown)
    }

    /// Keeps what a probe found. `Unknown` does not wipe out what was known.
    pub fn remember(&self, operation: Operation, found: Found) {
        if found != Found::Unknown {
            self.found.write().unwrap_or_else(PoisonError::into_inner).insert(operation, found);
        }
    }
}

fn unknown(name: &str) -> BadConfig {
    let known: Vec<&str> = DEFINITIONS.iter().map(|row| row.name).collect();
    BadConfig(format!("{name} is no route that can be set. These can: {}.", known.join(", ")))
}

fn check(row: &Definition, setting: &RouteSetting) -> Result<(), BadConfig> {
    let name = row.name;
    if setting.off && setting.enabled {
        return Err(BadConfig(format!("The route {name} is both off and enabled. Keep one of the two.")));
    }
    let listing = name.starts_with("list");
    if setting.off && row.documented && !listing {
        return Err(BadConfig(format!("The route {name} is documented and cannot be switched off.")));
    }
    setting.path.as_deref().map_or(Ok(()), |path| check_template(row, path))
}

fn check_template(row: &Definition, path: &str) -> Result<(), BadConfig> {
    let wrong = |why: &str| Err(BadConfig(format!("The path of the route {} {why}.", row.name)));
    let Some(rest) = path.strip_prefix('/') else { return wrong("must start with a slash") };
    let mut seen = Vec::new();
    for piece in rest.split('/') {
        if let Some(parameter) = piece.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
            seen.push(parameter);
        } else if matches!(piece, "." | "..") || (piece.is_empty() && !rest.ends_with('/')) {
            return wrong("has an empty or a dotted part");
        } else if !piece.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)) {
            return wrong("may have letters, digits, -_.~ and whole parts in braces only");
        }
    }
    seen.sort_unstable();
    let mut needs = row.needs.to_vec();
    needs.sort_unstable();
    if seen == needs { Ok(()) } else { wrong(&format!("must name exactly these parameters: {}", braces(row.needs))) }
}

fn braces(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        _ => names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(settings: &[(&str, RouteSetting)], tokens: bool) -> Result<Routes, BadConfig> {
        let settings = settings.iter().map(|(name, setting)| ((*name).to_owned(), setting.clone())).collect();
        Routes::new(&settings, "https://accounts.seqn.in/auth/console".parse().expect("a URL"), tokens, tokens)
    }

    fn at(path: &str) -> RouteSetting {
        RouteSetting { path: Some(path.into()), ..RouteSetting::default() }
    }

    #[test]
    fn every_operation_has_a_sound_row() {
        for (_, operation) in operations() {
            let row = definition(operation);
            assert_eq!(check_template(row, row.path), Ok(()));
        }
        assert_eq!(probed().count(), 9);
    }

    #[test]
    fn changing_routes_are_off_until_enabled() {
        let plain = routes(&[], true).expect("routes");
        assert_eq!(plain.mode(Operation::ListSessions), Mode::Api);
        assert!(
            matches!(plain.mode(Operation::RevokeSession), Mode::Console { why, .. } if why.contains("enables it"))
        );
        let on = RouteSetting { enabled: true, ..RouteSetting::default() };
        let enabled = routes(&[("revokeSession", on.clone())], true).expect("routes");
        assert_eq!(enabled.mode(Operation::RevokeSession), Mode::Api);
        let changing = DEFINITIONS.iter().filter(|row| row.changes);
        let all: Vec<_> = changing.map(|row| (row.name, on.clone())).collect();
        let without = routes(&all, false).expect("routes");
        for (_, operation) in operations() {
            assert!(matches!(without.mode(operation), Mode::Console { why, .. } if why.contains("credential")));
        }
    }

    #[test]
    fn off_and_missing_mean_console() {
        let off = RouteSetting { off: true, ..RouteSetting::default() };
        let some = routes(&[("listAuditLogs", off.clone()), ("listMembers", off)], true).expect("routes");
        assert!(matches!(some.mode(Operation::ListAuditLogs), Mode::Console { why, .. } if why.contains("off")));
        some.remember(Operation::ListSessions, Found::Missing);
        some.remember(Operation::ListSessions, Found::Unknown);
        assert!(matches!(some.mode(Operation::ListSessions), Mode::Console { why, url }
            if why.contains("canary") && url.ends_with("/auth/console")));
        some.remember(Operation::ListSessions, Found::NoRight);
        assert_eq!(some.mode(Operation::ListSessions), Mode::Api);
    }

    #[test]
    fn parameters_stay_in_their_segment() {
        let plain = routes(&[], true).expect("routes");
        let path = |id: &str| plain.path(Operation::RevokeSession, &[("org", "acme"), ("sessionId", id)]);
        assert_eq!(path("ses_1").as_deref(), Some("/v1/organizations/acme/sessions/ses_1"));
        assert_eq!(path("a/../b").as_deref(), Some("/v1/organizations/acme/sessions/a%2F..%2Fb"));
        assert_eq!(path(""), None);
        assert_eq!(path(".."), None);
        assert_eq!(plain.path(Operation::RevokeSession, &[("org", "acme")]), None);
        let other = routes(&[("listSessions", at("/api/orgs/{org}/logins/"))], true).expect("routes");
        let path = other.path(Operation::ListSessions, &[("org", "acme")]);
        assert_eq!(path.as_deref(), Some("/api/orgs/acme/logins/"));
    }

    #[test]
    fn wrong_settings_are_refused_with_a_sentence() {
        let both = RouteSetting { off: true, enabled: true, path: None };
        for (name, setting) in [
            ("deleteEverything", RouteSetting::default()),
            ("revokeSession", both),
            ("revokeSession", at("/v1/organizations/{org}/sessions")),
            ("revokeSession", at("/v1/{org}/{sessionId}/{other}")),
            ("listSessions", at("v1/{org}")),
            ("listSessions", at("//evil.example/{org}")),
            ("listSessions", at("/v1/../{org}")),
            ("listSessions", at("/v1/{org}?all=1")),
            ("listSessions", at("/v1/x{org}")),
        ] {
            assert!(routes(&[(name, setting.clone())], true).is_err(), "{name} {setting:?}");
        }
    }
}
