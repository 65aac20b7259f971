//! Surfaces and the tracker, as they are read.

use super::*;

/// Every kind of surface, and a tracker.
const SURFACES: &str = r#"
[targets.pagerduty]
kind = "pagerduty"
routing_key = { env = "ROUTING" }
at_least = "sev2"
pages = true
[targets.jira]
kind = "opsgenie"
base = "https://api.atlassian.com/jsm/ops/integration"
key = { env = "GENIE" }
[targets.ntfy]
kind = "ntfy"
topic = "seqn-incidents"
token = { env = "NTFY" }
[targets.page]
kind = "status-page"
folder = "/srv/status"
url = "https://status.seqn.in"
title = "SEQN Auth"
[targets.hosted]
kind = "statuspage"
page = "abcdef"
key = { env = "STATUSPAGE" }
[targets.upptime]
kind = "github-issues"
repo = "seqn/status"
token = { env = "GITHUB" }
[targets.hook]
kind = "webhook"
url = "https://hooks.seqn.in/incidents"
secret = { env = "SIGNS" }
[tracker]
kind = "github"
repo = "seqn/support"
prefix = "SUP-"
internal = true
when_down = "stop"
token = { env = "GITHUB" }
"#;

fn with_signing(source: &SecretSource) -> Result<String, String> {
    match source {
        SecretSource::Env(name) if name == "SIGNS" => Ok(format!("whsec_{}", "QUJDREVGR0hJ".repeat(4))),
        other => look_up(other),
    }
}

fn surfaces_wrong(text: &str) -> Vec<ConfigError> {
    let text = format!("{}{text}", written(STORE, SLACK, DISCORD, STAFF));
    parse(&text, &with_signing).err().unwrap_or_default()
}

#[test]
fn surfaces_and_the_tracker_are_read_and_their_credentials_are_known() {
    let text = format!("{}{SURFACES}", written(STORE, SLACK, DISCORD, STAFF));
    let config = parse(&text, &with_signing).unwrap_or_else(|errors| unreachable!("{errors:#?}"));
    let kinds: Vec<(&str, &str)> = config.surfaces.iter().map(|one| (one.name.as_str(), one.kind)).collect();
    assert_eq!(kinds.len(), 7);
    assert!(kinds.contains(&("jira", "opsgenie")) && kinds.contains(&("page", "status-page")));
    let pager = config.surfaces.iter().find(|one| one.name == "pagerduty").expect("it is there");
    assert_eq!((pager.at_least, pager.pages, pager.audience), (Some(crate::model::Severity::Sev2), Some(true), None));
    assert_eq!(config.tracker.expect("a tracker").when_down, crate::ports::WhenDown::Stop);
    // Six of other sections; the routing key, which stands in a body, and all others are among them.
    assert_eq!(config.secrets.len(), 6 + 7);
    assert!(config.secrets.iter().any(|secret| secret.expose().ends_with("variable ROUTING")));
}

#[test]
fn what_is_wrong_with_surfaces_is_said_with_its_key() {
    for (from, to, key) in [
        ("[targets.hook]", "[targets.tracker]", "targets.tracker"),
        ("[targets.hook]", "[targets.Hook]", "targets.Hook"),
        ("kind = \"ntfy\"", "kind = \"fax\"", "targets.ntfy.kind"),
        ("at_least = \"sev2\"", "at_least = \"bad\"", "targets.pagerduty.at_least"),
        ("topic = \"seqn-incidents\"", "topic = \"seqn incidents\"", "targets.ntfy.topic"),
        ("folder = \"/srv/status\"", "folder = \"status\"", "targets.page.folder"),
        ("page = \"abcdef\"", "page = \"abcdef\"\naudience = \"internal\"", "targets.hosted.audience"),
        ("repo = \"seqn/status\"", "repo = \"status\"", "targets.upptime.repo"),
        ("url = \"https://hooks", "url = \"http://hooks", "targets.hook.url"),
        ("secret = { env = \"SIGNS\" }", "secret = { env = \"OTHER\" }", "targets.hook.secret"),
        ("routing_key =", "routing_kee =", "targets.pagerduty.routing_key"),
        ("internal = true", "internal = false", "tracker.internal"),
        ("internal = true\n", "", "tracker.internal"),
        ("when_down = \"stop\"", "when_down = \"wait\"", "tracker.when_down"),
    ] {
        assert!(SURFACES.contains(from), "{from}");
        let all = surfaces_wrong(&SURFACES.replace(from, to));
        assert!(all.iter().any(|error| error.key == key), "{to}: {all:#?}");
    }
    assert_eq!(surfaces_wrong(SURFACES), []);
}

/// Request Tracker instead of GitHub.
const REQUEST_TRACKER: &str = r#"
[tracker]
kind = "request-tracker"
base = "https://rt.seqn.in/desk"
queue = "Support"
prefix = "SUP-"
closed_status = "done"
token = { env = "REQUEST_TRACKER" }
"#;

#[test]
fn request_tracker_is_read_with_its_own_statuses_where_none_are_written() {
    let text = format!("{}{REQUEST_TRACKER}", written(STORE, SLACK, DISCORD, STAFF));
    let config = parse(&text, &with_signing).unwrap_or_else(|errors| unreachable!("{errors:#?}"));
    assert!(config.secrets.iter().any(|secret| secret.expose().ends_with("variable REQUEST_TRACKER")));
    let tracker = config.tracker.expect("a tracker").tracker;
    let crate::clients::targets::TrackerConfig::RequestTracker(rt) = tracker else { unreachable!("another tracker") };
    assert_eq!(
        (rt.queue.as_str(), rt.prefix.as_str(), rt.base.as_str()),
        ("Support", "SUP-", "https://rt.seqn.in/desk")
    );
    assert_eq!((rt.closed_status.as_str(), rt.open_status.as_str()), ("done", "open"));
    for (from, to, key) in [
        ("base = \"https://rt.seqn.in/desk\"\n", "", "tracker.base"),
        ("base = \"https://", "base = \"http://", "tracker.base"),
        ("queue = \"Support\"\n", "", "tracker.queue"),
        ("token = { env = \"REQUEST_TRACKER\" }", "", "tracker.token"),
        ("prefix", "prefixes", "tracker.prefixes"),
        ("request-tracker", "request tracker", "tracker.kind"),
    ] {
        assert!(REQUEST_TRACKER.contains(from), "{from}");
        let all = surfaces_wrong(&REQUEST_TRACKER.replacen(from, to, 1));
        assert!(all.iter().any(|error| error.key == key), "{to}: {all:#?}");
    }
}

#[test]
fn a_surface_that_is_off_needs_no_credential() {
    let off = SURFACES.replace("kind = \"opsgenie\"", "kind = \"opsgenie\"\nenabled = false");
    let text = format!("{}{off}", written(STORE, SLACK, DISCORD, STAFF));
    let never = |source: &SecretSource| match source {
        SecretSource::Env(name) if name == "GENIE" => Err("never".into()),
        other => with_signing(other),
    };
    let config = parse(&text, &never).unwrap_or_else(|errors| unreachable!("{errors:#?}"));
    assert!(config.surfaces.iter().all(|one| one.name != "jira") && config.surfaces.len() == 6);
}
