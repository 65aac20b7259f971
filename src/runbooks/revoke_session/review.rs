//! The review of the audit log: which entries are suspicious, and why.

use std::collections::BTreeMap;

use crate::catalog::Asked;
use crate::model::{Block, Evidence};
use crate::ports::AuditEntry;

use super::super::words::{entries, masked};
use super::Input;
use super::look::Facts;

/// The most lines of the log that a message shows; the ids of all are kept with the request.
const SHOWN: usize = 15;

/// What an action name says by itself.
const TELLING: [(&str, &str); 5] = [
    ("role", "a role was changed"),
    ("secret", "a secret was rotated"),
    ("rotat", "a secret was rotated"),
    ("key.created", "a new key was made"),
    ("key_created", "a new key was made"),
];

fn usual<'a>(entries: &'a [AuditEntry], of: impl Fn(&'a AuditEntry) -> &'a str) -> Option<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries.iter().filter(|e| !of(e).is_empty()) {
        *counts.entry(of(entry)).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, n)| *n).map(|(value, _)| value)
}

fn suspicion(entry: &AuditEntry, log: &[AuditEntry], known: &[&str], country: Option<&str>, own: bool) -> String {
    let mut reasons: Vec<String> = Vec::new();
    let address = entry.address.as_str();
    let once = log.iter().filter(|e| e.address == address).count() == 1;
    match country {
        Some(usual) if own && !entry.country.is_empty() && entry.country != usual => {
            reasons.push(format!("another country than usual ({}, usually {usual})", entry.country));
        }
        _ if own && !address.is_empty() && once && !known.contains(&address) => {
            reasons.push(format!("another address than usual ({})", masked(address)));
        }
        _ => {}
    }
    if let Some((_, says)) = TELLING.iter().find(|(part, _)| entry.action.contains(part)) {
        reasons.push((*says).into());
    }
    reasons.join("; ")
}

/// Addresses of sessions that began before the review's window: the person was there before.
fn known_addresses<'a>(facts: &'a Facts, log: &[AuditEntry]) -> Vec<&'a str> {
    let first = log.first().map(|e| e.at);
    let older = |s: &&crate::ports::SeqnSession| s.created.is_some_and(|at| first.is_none_or(|first| at < first));
    facts.sessions.iter().flatten().filter(older).map(|s| s.address.as_str()).collect()
}

/// The entries as evidence, oldest first. Those at or after the moment of asking came after.
pub(super) fn evidence(asked: &Asked<'_>, input: &Input, facts: &Facts) -> Vec<Evidence> {
    let Ok(log) = &facts.log else { return Vec::new() };
    let country = usual(log, |e| e.country.as_str());
    let known = known_addresses(facts, log);
    // What others did to the user says nothing about where the user is.
    let ids: Vec<&str> = facts.sessions.iter().flatten().map(|s| s.user.as_str()).collect();
    let by_user = |e: &AuditEntry| input.user.same_as(&e.actor) || ids.contains(&e.actor.as_str());
    log.iter()
        .map(|entry| Evidence {
            suspicion: suspicion(entry, log, &known, country, by_user(entry)),
            ..entry.evidence(entry.at >= asked.asked)
        })
        .collect()
}

/// The review as blocks: suspicious entries first.
pub(super) fn blocks(facts: &Facts, evidence: &[Evidence], hours: u16, after: bool) -> Vec<Block> {
    if let Err(error) = &facts.log {
        return vec![Block::Text(format!("The audit log could not be reviewed. {}", error.of_look()))];
    }
    let mut rows: Vec<&Evidence> = evidence.iter().filter(|e| e.after == after).collect();
    rows.sort_by_key(|e| (e.suspicion.is_empty(), e.at));
    let suspicious = rows.iter().filter(|e| !e.suspicion.is_empty()).count();
    let when = if after { "since it was asked".to_owned() } else { format!("of the last {hours} h") };
    let heading = format!("Audit log of this user {when}: {}, {suspicious} suspicious", entries(rows.len()));
    let line = |e: &&Evidence| {
        if e.suspicion.is_empty() {
            format!("{} {} ({})", e.at, e.action, e.id)
        } else {
            format!("SUSPICIOUS {} {} ({}): {}", e.at, e.action, e.id, e.suspicion)
        }
    };
    let mut items: Vec<String> = rows.iter().take(SHOWN).map(line).collect();
    if rows.len() > SHOWN {
        items.push(format!("and {} more; all ids are kept with this request", rows.len() - SHOWN));
    }
    let mut blocks = vec![Block::Items { heading, items }];
    if facts.log_cut && !after {
        let says = "The organization logged more in that time than was read; older entries about single sessions may be \
                    missing. Those by and about the person are here.";
        blocks.push(Block::Note(says.into()));
    }
    blocks
}
