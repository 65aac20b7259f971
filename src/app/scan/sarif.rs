//! Findings as a SARIF 2.1.0 log.
//!
//! Invariant: every result names a rule of the log's own driver by id and by index.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::guard::RuleName;

use super::place::Place;
use super::{Hit, Outcome};

/// Where the format is described.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The name of the fingerprint's kind, with its version.
const FINGERPRINT: &str = "seqnSecret/v1";

/// The whole log.
pub(super) fn log(outcome: &Outcome) -> Value {
    let hits = || outcome.seen.iter().flat_map(|seen| seen.hits.iter().map(move |hit| (seen.path.as_str(), hit)));
    let rules: BTreeMap<&str, RuleName> =
        hits().map(|(_, hit)| (hit.finding.rule.as_str(), hit.finding.rule)).collect();
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(index, name)| (*name, index)).collect();
    let results: Vec<Value> = hits()
        .map(|(path, hit)| {
            let rule = hit.finding.rule.as_str();
            json!({
                "ruleId": rule,
                "ruleIndex": index.get(rule),
                "level": "error",
                "message": { "text": format!("{}. {}", sentence(hit.finding.rule.kind()), hit.finding.rule.rotation()) },
                "locations": [{ "physicalLocation": location(path, hit) }],
                "partialFingerprints": { FINGERPRINT: hit.finding.fingerprint },
            })
        })
        .collect();
    let notifications: Vec<Value> =
        outcome.errors.iter().map(|error| json!({ "level": "error", "message": { "text": error } })).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|rule| described(*rule)).collect::<Vec<Value>>(),
            } },
            "invocations": [{
                "executionSuccessful": outcome.errors.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn described(rule: RuleName) -> Value {
    json!({
        "id": rule.as_str(),
        "shortDescription": { "text": sentence(rule.kind()) },
        "help": { "text": rule.rotation() },
        "defaultConfiguration": { "level": "error" },
    })
}

fn location(path: &str, hit: &Hit) -> Value {
    let mut location = json!({ "artifactLocation": { "uri": address(path) } });
    if hit.place != Place::NAME {
        location["region"] = json!({
            "startLine": hit.place.line,
            "startColumn": hit.place.column,
            "byteOffset": hit.place.byte,
            "byteLength": hit.bytes,
            "snippet": { "text": hit.snippet },
        });
    }
    location
}

/// A path as a relative address, or as one of a file.
fn address(path: &str) -> String {
    let mut address = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
