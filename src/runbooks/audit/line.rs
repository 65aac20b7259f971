//! A row of the trail as one line: who, what, how it ended, and the details with personal data masked.

use std::net::IpAddr;

use serde_json::Value;

use crate::model::{Email, Evidence, Linked, TrailRow, cut};

use super::super::words::masked as masked_address;

/// How much of the details one line shows, in characters; an export holds all.
const DETAILS_CHARS: usize = 160;
/// What of the details only machines read.
const FOR_MACHINES: [&str; 6] = ["digest", "version", "revision", "tier", "seq", "pass"];

/// The row as a line.
pub(super) fn line(row: &TrailRow) -> String {
    let who = row.staff.as_deref().unwrap_or("the bot");
    let mut about: Vec<&str> = Vec::new();
    about.extend(row.ticket.as_deref());
    about.extend(row.org.as_deref());
    about.extend(row.request.as_deref());
    if row.dry_run {
        about.push("dry run");
    }
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    let details = match &row.erased {
        Some((by, at)) => format!(". Details erased by {by}, {at}"),
        None => details(row.details.as_deref().unwrap_or_default()),
    };
    format!("{}. {} {who}: {} {}{about}{details}", row.seq, row.at, row.action, row.outcome)
}

/// A linked entry of an outside log as a line.
pub(super) fn linked(one: &Linked) -> String {
    let ticket = one.ticket.as_deref().unwrap_or("no ticket");
    let Evidence { at, source, action, id, .. } = &one.entry;
    format!("{at} {source} {action} ({id}): {ticket}, {} by {} ({})", one.action, one.staff, one.request)
}

/// The details in words, without what is empty.
fn details(json: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(json) else { return String::new() };
    let told = fields.iter().filter(|(name, _)| !FOR_MACHINES.contains(&name.as_str()));
    let parts: Vec<String> = told.filter_map(|(name, value)| part(name, value)).collect();
    if parts.is_empty() {
        return String::new();
    }
    format!(". {}", cut(&masked(&parts.join("; ")), DETAILS_CHARS))
}

fn part(name: &str, value: &Value) -> Option<String> {
    let says = match value {
        Value::Null => return None,
        Value::String(text) => text.replace('\n', " / "),
        Value::Array(all) if all.is_empty() => return None,
        Value::Object(all) if all.is_empty() => return None,
        Value::Array(all) => all.iter().map(one_of_several).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    (!says.is_empty()).then(|| format!("{name}: {says}"))
}

/// One of several steps, checks or ids: its name, and how it ended where that is said.
fn one_of_several(value: &Value) -> String {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(text) = text(value) {
        return text;
    }
    let Some(name) = ["step", "what"].iter().find_map(|key| value.get(key).and_then(text)) else {
        return value.to_string();
    };
    let ended =
        value.get("outcome").or_else(|| value.get("result").map(|result| result.get("result").unwrap_or(result)));
    match ended.and_then(text).filter(|ended| !ended.is_empty()) {
        Some(ended) => format!("{name} ({ended})"),
        None => name,
    }
}

/// That text with e-mail and network addresses masked.
fn masked(text: &str) -> String {
    let of_address = |c: char| c.is_alphanumeric() || "@.:!#$%&*+-/=?^_`{|}~".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| of_address(c) != of_address(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        out.push_str(&if of_address(first) { hidden(word) } else { word.to_owned() });
        rest = after;
    }
    out
}

fn hidden(word: &str) -> String {
    let core = word.trim_end_matches(['.', ':', '?', '!']);
    let tail = &word[core.len()..];
    if core.parse::<IpAddr>().is_ok() {
        return masked_address(core) + tail;
    }
    if !core.contains('@') {
        return word.to_owned();
    }
    match core.parse::<Email>() {
        Ok(email) => email.masked() + tail,
        // What holds an address in some other form is not shown at all.
        Err(_) => format!("•••{tail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Millis;

    fn row() -> TrailRow {
        TrailRow {
            seq: 7,
            at: Millis(0),
            staff: Some("kim".into()),
            action: "revoke-session".into(),
            request: Some("rq-1".into()),
            outcome: "done".into(),
            details: Some(
                r#"{"reason":"jo@acme.example called from 203.0.113.7.","steps":[],"seq":3,"target":"tracker"}"#.into(),
            ),
            erased: None,
            ticket: Some("SUP-7".into()),
            org: Some("acme".into()),
            dry_run: false,
        }
    }

    #[test]
    fn a_line_says_who_what_and_why_and_masks_addresses() {
        assert_eq!(
            line(&row()),
            "7. 1970-01-01 00:00 UTC kim: revoke-session done (SUP-7, acme, rq-1). reason: j•••@acme.example called from \
             203.0.•.•.; target: tracker"
        );
        let bare = TrailRow { staff: None, request: None, ticket: None, org: None, details: None, ..row() };
        assert_eq!(line(&bare), "7. 1970-01-01 00:00 UTC the bot: revoke-session done");
        let erased = TrailRow { details: None, erased: Some(("mira".into(), Millis(0))), dry_run: true, ..row() };
        assert!(line(&erased).ends_with("(SUP-7, acme, rq-1, dry run). Details erased by mira, 1970-01-01 00:00 UTC"));
    }

    #[test]
    fn steps_and_checks_are_told_by_their_names() {
        let details = r#"{"checks":[{"what":"The session","result":{"result":"not_confirmed","why":"it lives"}}],
            "evidence":["aud_1","aud_2"],"steps":[{"step":"seqn-session:ses_1","state":"done","outcome":"done"}],
            "other":[{"odd":1}]}"#;
        let told = line(&TrailRow { details: Some(details.into()), ..row() });
        let says = "checks: The session (not_confirmed); evidence: aud_1, aud_2; other: {\"odd\":1}; \
                    steps: seqn-session:ses_1 (done)";
        assert!(told.ends_with(says), "{told}");
    }

    #[test]
    fn no_form_of_an_address_is_left() {
        for text in
            ["<jo@acme.example>", "(jo@acme.example)", "jo@acme.example,", "mailto:jo@acme.example", "a@b@acme.example"]
        {
            let shown = masked(text);
            assert!(shown.contains("•••") && !shown.contains("jo@"), "{text}: {shown}");
        }
        assert_eq!(masked("2001:db8:1:2::7 and 10:30"), "2001:db8:… and 10:30");
        let long = TrailRow { details: Some(format!(r#"{{"why":"{}"}}"#, "é".repeat(1_000))), ..row() };
        assert!(line(&long).ends_with('…') && line(&long).chars().count() < 280);
    }
}
