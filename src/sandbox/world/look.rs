//! What stories may ask about the world, in one line of words.
//!
//! | query | answer |
//! |---|---|
//! | `session <id>` | `active`, `revoked` or `expired` |
//! | `sessions <org> <email>` | how many are active |
//! | `identity-session <uuid or label>` | `active` or `ended` |
//! | `identity-sessions <username>` | how many are active |
//! | `refresh-token <id>`, `access-token <id>` | `active` or `ended` |
//! | `refresh-tokens <username>`, `access-tokens <username>` | how many are active |
//! | `revocations <id>` | how often that id was really revoked or ended |
//! | `role <org> <email>` | `admin` or `member` |
//! | `project <org>/<slug> name\|status\|prefix\|redirects\|origins\|provisioning` | that field |
//! | `subscription <org>` | plan and status |
//! | `limits <org>` | projects, users and webhook endpoints |
//! | `webhook <id>` | the prefix of its signing secret |
//! | `deliveries <webhook>` | how many |
//! | `audit <action>` | how many entries |
//! | `effects` | how many |
//!
//! It changes nothing. Invariant: `None` means that there is no such thing or no such question.

use super::Record;
use super::identity::Grant;

pub(super) fn answer(record: &Record, query: &str, now_ms: i64) -> Option<String> {
    let words: Vec<&str> = query.split_whitespace().collect();
    match words.as_slice() {
        ["session", id] => record.sessions.iter().find(|s| s.id == *id).map(|s| s.status(now_ms).into()),
        ["sessions", org, email] => {
            let user = record.user_by_email(email)?;
            let active = |s: &&super::Session| s.org == *org && s.user == user.id && s.status(now_ms) == "active";
            Some(record.sessions.iter().filter(active).count().to_string())
        }
        ["identity-session", name] => {
            let found = record.identity_sessions.iter().find(|s| s.uuid == *name || s.label == *name)?;
            Some(active_or_ended(found.ended || found.expires_ms <= now_ms))
        }
        ["identity-sessions", username] => {
            let pk = pk_of(record, username)?;
            let active = record.identity_sessions.iter().filter(|s| s.user == pk && !s.ended && s.expires_ms > now_ms);
            Some(active.count().to_string())
        }
        ["refresh-token", id] => grant(&record.refresh_tokens, id, now_ms),
        ["access-token", id] => grant(&record.access_tokens, id, now_ms),
        ["refresh-tokens", username] => Some(grants(&record.refresh_tokens, pk_of(record, username)?, now_ms)),
        ["access-tokens", username] => Some(grants(&record.access_tokens, pk_of(record, username)?, now_ms)),
        ["revocations", id] => Some(revocations(record, id).to_string()),
        ["role", org, email] => {
            let user = record.user_by_email(email)?;
            record.members.iter().find(|m| m.org == *org && m.user == user.id).map(|m| m.role.clone())
        }
        ["project", place, field] => project(record, place, field),
        ["subscription", org] => record.org(org).map(|o| format!("{} {}", o.subscription.plan, o.subscription.status)),
        ["limits", org] => {
            let limits = record.org(org)?.subscription.limits(now_ms);
            let (projects, users, webhooks) = (limits.projects, limits.users, limits.webhook_endpoints);
            Some(format!("projects={projects} users={users} webhooks={webhooks}"))
        }
        ["webhook", id] => record.webhooks.iter().find(|w| w.id == *id).map(|w| w.secret_prefix.clone()),
        ["deliveries", id] => Some(record.deliveries.iter().filter(|d| d.webhook == *id).count().to_string()),
        ["audit", action] => Some(record.audit.iter().filter(|a| a.action == *action).count().to_string()),
        ["effects"] => Some(record.effects.len().to_string()),
        _ => None,
    }
}

fn active_or_ended(ended: bool) -> String {
    if ended { "ended" } else { "active" }.into()
}

fn pk_of(record: &Record, username: &str) -> Option<i64> {
    record.identities.iter().find(|i| i.username == username).map(|i| i.pk)
}

fn grant(grants: &[Grant], id: &str, now_ms: i64) -> Option<String> {
    let pk: i64 = id.parse().ok()?;
    grants.iter().find(|g| g.pk == pk).map(|g| active_or_ended(g.ended || g.expires_ms <= now_ms))
}

fn grants(grants: &[Grant], user: i64, now_ms: i64) -> String {
    grants.iter().filter(|g| g.user == user && !g.ended && g.expires_ms > now_ms).count().to_string()
}

fn revocations(record: &Record, id: &str) -> usize {
    let ends = |line: &&String| {
        let words: Vec<&str> = line.split(' ').collect();
        matches!(words.as_slice(), [_, verb, what] if *what == id && (*verb == "revoke" || verb.starts_with("end-")))
    };
    record.effects.iter().filter(ends).count()
}

fn project(record: &Record, place: &str, field: &str) -> Option<String> {
    let (org, slug) = place.split_once('/')?;
    let project = record.projects.iter().find(|p| p.org == org && p.slug == slug)?;
    match field {
        "name" => Some(project.name.clone()),
        "status" => Some(project.status.clone()),
        "prefix" => Some(project.secret_prefix.clone()),
        "redirects" => Some(project.redirect_urls.join(" ")),
        "origins" => Some(project.origins.join(" ")),
        "provisioning" => Some(project.provisioning.status.clone()),
        _ => None,
    }
}
