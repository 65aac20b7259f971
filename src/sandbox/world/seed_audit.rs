//! The audit log at the start: what happened around `jo` and others before the story begins.
//!
//! It is a table, read once. Invariant: some entries of the last 24 hours are ordinary, some are
//! suspicious, and some entries are older than that.

use serde_json::{Value, json};

use super::Record;
use super::record::{AuditEntry, Doer};
use super::seed::MINUTE_MS;

struct Line {
    minutes_ago: i64,
    org: &'static str,
    action: &'static str,
    /// Short name of the user who did it; empty for the service itself.
    actor: &'static str,
    target: (&'static str, &'static str),
    ip: &'static str,
    metadata: Value,
}

fn line(
    minutes_ago: i64,
    org: &'static str,
    action: &'static str,
    actor: &'static str,
    target: (&'static str, &'static str),
    ip: &'static str,
    metadata: Value,
) -> Line {
    Line { minutes_ago, org, action, actor, target, ip, metadata }
}

fn lines() -> Vec<Line> {
    let home = || json!({ "country": "DE" });
    let role = json!({ "country": "BR", "from": "member", "to": "admin" });
    vec![
        // Ordinary, within 24 hours.
        line(5, "acme", "session.refreshed", "jo", ("ses_jo_laptop", "session"), "198.51.100.10", home()),
        line(180, "acme", "session.refreshed", "jo", ("ses_jo_phone", "session"), "198.51.100.23", home()),
        line(300, "acme", "user.signed_in", "jo", ("usr_jo", "user"), "198.51.100.10", home()),
        line(1_200, "acme", "user.signed_in", "jo", ("usr_jo", "user"), "198.51.100.23", home()),
        line(60, "acme", "user.signed_in", "ada", ("usr_ada", "user"), "198.51.100.40", home()),
        line(90, "acme", "project.updated", "ada", ("app_acme_portal", "project"), "198.51.100.40", home()),
        line(300, "globex", "user.signed_in", "jo", ("usr_jo", "user"), "198.51.100.10", home()),
        // Suspicious, within 24 hours.
        line(40, "acme", "user.signed_in", "jo", ("usr_jo", "user"), "192.0.2.66", json!({ "country": "BR" })),
        line(36, "acme", "member.role_updated", "jo", ("usr_kai", "user"), "192.0.2.66", role),
        line(33, "acme", "project.secret_rotated", "jo", ("app_acme_mobile", "project"), "192.0.2.66", json!({})),
        line(31, "acme", "api_key.created", "jo", ("key_acme_0007", "api_key"), "192.0.2.66", json!({})),
        // Older than 24 hours.
        line(1_800, "acme", "user.signed_in", "jo", ("usr_jo", "user"), "198.51.100.10", home()),
        line(4_320, "acme", "session.created", "jo", ("ses_jo_laptop", "session"), "198.51.100.10", home()),
        line(4_800, "acme", "session.revoked", "ada", ("ses_jo_revoked", "session"), "198.51.100.40", home()),
        line(9_000, "acme", "member.role_updated", "ada", ("usr_jo", "user"), "198.51.100.40", home()),
        line(20_160, "initech", "subscription.updated", "", ("org_initech", "organization"), "10.0.0.5", json!({})),
    ]
}

pub(super) fn plant(record: &mut Record, now: i64) {
    let mut lines = lines();
    // Ids grow with time, as in a real log.
    lines.sort_by_key(|l| std::cmp::Reverse(l.minutes_ago));
    for (n, l) in (1..).zip(lines) {
        let actor = if l.actor.is_empty() {
            Doer { id: "svc_billing".into(), email: None, kind: "service" }
        } else {
            let email = Some(format!("{}@acme.example", l.actor));
            Doer { id: format!("usr_{}", l.actor), email, kind: "user" }
        };
        record.audit.push(AuditEntry {
            id: format!("aud_{n:04}"),
            action: l.action.into(),
            actor,
            target_id: l.target.0.into(),
            target_kind: l.target.1,
            org: l.org.into(),
            request_id: format!("req_seed_{n:04}"),
            ip: l.ip.into(),
            created_ms: now - l.minutes_ago * MINUTE_MS,
            metadata: l.metadata,
        });
    }
}
