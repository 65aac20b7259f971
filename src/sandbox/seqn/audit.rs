//! The audit-log reader: filters and pages, newest first.
//!
//! It never adds an entry. Invariant: a filter that cannot be read is refused, never ignored.

use serde_json::{Value, json};

use super::page;
use super::shape;
use crate::sandbox::world::door::Ask;
use crate::sandbox::world::mint::read_stamp;
use crate::sandbox::world::record::AuditEntry;
use crate::sandbox::world::{Record, Refused};

/// Entries on a page when the caller does not say.
const LIMIT_DEFAULT: usize = 50;
/// The most entries on a page.
const LIMIT_MAX: usize = 200;

pub(super) fn list(record: &Record, ask: &Ask) -> Result<Value, Refused> {
    let limit = match ask.param("limit") {
        None => LIMIT_DEFAULT,
        Some(text) => text.parse().ok().filter(|n| (1..=LIMIT_MAX).contains(n)).ok_or_else(|| invalid("limit"))?,
    };
    // A user may be named by id or by e-mail.
    let user = ask.param("target").and_then(|what| record.user_by_email(what)).map(|user| user.id.as_str());
    let since = time_param(ask, "since")?;
    let until = time_param(ask, "until")?;
    let fits = |entry: &&AuditEntry| {
        same(ask, "organization", &entry.org)
            && same(ask, "action", &entry.action)
            && same(ask, "requestId", &entry.request_id)
            && ask.param("actor").is_none_or(|who| is_actor(entry, who))
            && ask.param("target").is_none_or(|what| entry.target_id == what || user == Some(entry.target_id.as_str()))
            && since.is_none_or(|ms| entry.created_ms >= ms)
            && until.is_none_or(|ms| entry.created_ms <= ms)
    };
    let entries: Vec<&AuditEntry> = record.audit.iter().filter(fits).collect();
    let page = page::cut(entries, |e| (-e.created_ms, e.id.clone()), ask.param("cursor"), limit)?;
    let entries: Vec<Value> = page.items.into_iter().map(shape::audit_entry).collect();
    Ok(json!({ "auditLogs": entries, "nextCursor": page.next }))
}

fn same(ask: &Ask, name: &str, value: &str) -> bool {
    ask.param(name).is_none_or(|wanted| wanted == value)
}

fn is_actor(entry: &AuditEntry, who: &str) -> bool {
    entry.actor.id == who || entry.actor.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(who))
}

fn time_param(ask: &Ask, name: &'static str) -> Result<Option<i64>, Refused> {
    ask.param(name).map(|text| read_stamp(text).ok_or_else(|| invalid(name))).transpose()
}

fn invalid(name: &str) -> Refused {
    Refused::new(400, "invalid_request", format!("The parameter {name} cannot be read."))
}
