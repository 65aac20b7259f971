//! The pages for people: the index and one for each incident.
//!
//! No script and nothing from elsewhere is in them. Invariant: every text from a record passes `escaped`.

use crate::model::{Millis, Phase, Severity, escaped};

use super::Site;
use super::record::{Record, Update};

/// Past incidents on the index.
const PAST_SHOWN: usize = 30;
const STYLE: &str = include_str!("style.css");
/// Nothing but the page's own style is let in, should a text ever get past the escaping.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The index.
pub(super) fn index(site: &Site, records: &[Record], updated: Millis) -> String {
    let (open, past): (Vec<&Record>, Vec<&Record>) = records.iter().partition(|record| record.is_open());
    let (class, words) = super::api::state(&open);
    let now: String = open.iter().map(|record| current(record)).collect();
    let now = if open.is_empty() { String::new() } else { section("now", "h2", "Current incidents", &now) };
    let before: String = past.iter().take(PAST_SHOWN).map(|record| line(record)).collect();
    let before = match past.is_empty() {
        true => "<p>There were none.</p>\n".to_owned(),
        false => format!("<ol class=\"past\">\n{before}</ol>\n"),
    };
    let main = format!(
        "<p class=\"state {class}\"><strong>{}</strong></p>\n{now}{}",
        escaped(words),
        section("past", "h2", "Past incidents", &before)
    );
    document(site, &site.title, "", &main, updated)
}

/// The page of one incident.
pub(super) fn incident(site: &Site, record: &Record) -> String {
    let updates: String = record.updates.iter().rev().map(update).collect();
    let main = format!(
        "<article aria-labelledby=\"title\">\n<h2 id=\"title\">{}</h2>\n{}{}</article>\n\
         <p><a href=\"../index.html\">All incidents</a></p>\n",
        escaped(&record.title),
        facts(record),
        section("updates", "h3", "Updates", &format!("<ol class=\"updates\">\n{updates}</ol>\n"))
    );
    document(site, &format!("{} – {}", record.title, site.title), "../", &main, record.updated)
}

fn document(site: &Site, title: &str, up: &str, main: &str, updated: Millis) -> String {
    let (site_title, title, updated) = (escaped(&site.title), escaped(title), time(updated));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>{title} status</title>\n\
         <link rel=\"alternate\" type=\"application/atom+xml\" title=\"{site_title} status\" href=\"{up}feed.atom\">\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
         <header>\n<h1><a href=\"{up}index.html\">{site_title} status</a></h1>\n</header>\n\
         <main id=\"main\">\n{main}</main>\n<footer>\n<p>Last change: {updated}. \
         <a href=\"{up}feed.atom\">Atom feed</a>, <a href=\"{up}api/v2/summary.json\">summary as JSON</a></p>\n\
         </footer>\n</body>\n</html>\n"
    )
}

fn section(id: &str, heading: &str, title: &str, inner: &str) -> String {
    format!("<section aria-labelledby=\"{id}\">\n<{heading} id=\"{id}\">{title}</{heading}>\n{inner}</section>\n")
}

/// An incident that goes on, with the last thing that was said.
fn current(record: &Record) -> String {
    let last = record.updates.last().map(|last| format!("<ol class=\"updates\">\n{}</ol>\n", update(last)));
    format!(
        "<article>\n<h3><a href=\"incidents/{}.html\">{}</a></h3>\n{}{}</article>\n",
        record.id,
        escaped(&record.title),
        facts(record),
        last.unwrap_or_default()
    )
}

/// An incident that is over.
fn line(record: &Record) -> String {
    format!(
        "<li><a href=\"incidents/{}.html\">{}</a> <span class=\"when\">{} to {}</span></li>\n",
        record.id,
        escaped(&record.title),
        time(record.started),
        time(record.resolved.unwrap_or(record.updated))
    )
}

fn facts(record: &Record) -> String {
    let mut rows = vec![
        ("State", escaped(phase(record.phase))),
        ("Impact", impact(record.severity).to_owned()),
        ("Since", time(record.started)),
    ];
    rows.extend(record.resolved.map(|at| ("Until", time(at))));
    if !record.routes.is_empty() {
        let routes: Vec<String> =
            record.routes.iter().map(|route| format!("<code>{}</code>", escaped(route))).collect();
        rows.push(("Affected", routes.join(", ")));
    }
    rows.extend(record.next_update.map(|at| ("Next update", time(at))));
    let rows: String = rows.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>\n")).collect();
    format!("<dl>\n{rows}</dl>\n")
}

fn update(update: &Update) -> String {
    format!(
        "<li><p class=\"when\">{}: {}</p>\n{}</li>\n",
        phase(update.phase),
        time(update.at),
        paragraphs(&update.text)
    )
}

const fn impact(severity: Severity) -> &'static str {
    match severity {
        Severity::Sev1 => "Critical",
        Severity::Sev2 => "Major",
        Severity::Sev3 | Severity::Sev4 => "Minor",
    }
}

/// The word for people.
pub(super) const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Open | Phase::Investigating => "Investigating",
        Phase::Identified => "Identified",
        Phase::Monitoring => "Monitoring",
        Phase::Resolved | Phase::Closed => "Resolved",
        Phase::Cancelled => "No incident",
    }
}

fn time(at: Millis) -> String {
    format!("<time datetime=\"{}\">{at}</time>", at.to_rfc3339())
}

/// Plain text as paragraphs; lines stay lines.
pub(super) fn paragraphs(text: &str) -> String {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks.map(|block| format!("<p>{}</p>\n", escaped(block).replace('\n', "<br>\n"))).collect()
}
