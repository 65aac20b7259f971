//! The report as Markdown that every renderer reads alike: headings, lists, quotes.
//!
//! Invariant: nothing that a person wrote is markup: it is escaped, and stays within its list item or quote.

use std::fmt::Write;

use crate::model::{DeliveryState, IncidentKind, Millis};

use super::super::cadence::spoken;
use super::super::parts::{CLOSING, STATUS};
use super::{Delivery, Line, Report};

/// The report.
pub(super) fn written(report: &Report) -> String {
    let mut page = Page::default();
    page.head(report);
    page.summary(report);
    page.lengths(report);
    page.updates(report);
    page.list("Other deliveries", report.other_deliveries.iter().map(delivered));
    page.list("Actions", report.actions.iter().map(lined));
    page.list("Timeline", report.timeline.iter().map(lined));
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn heading(&mut self, heading: &str) {
        self.line(&format!("\n## {heading}\n"));
    }

    fn list(&mut self, heading: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        if items.is_empty() {
            return;
        }
        self.heading(heading);
        for item in items {
            self.line(&format!("- {item}"));
        }
    }

    fn head(&mut self, report: &Report) {
        let mark = match report.kind {
            IncidentKind::Drill => "DRILL: ",
            IncidentKind::Private => "PRIVATE: ",
            IncidentKind::Real => "",
        };
        self.line(&format!("# {mark}{}: {}\n", report.name, escaped(&report.title)));
        match report.kind {
            IncidentKind::Drill => self.line("**This was a drill. Nothing of it was real.**\n"),
            IncidentKind::Private => self.line("**This incident is private. Do not pass this report on.**\n"),
            IncidentKind::Real => {}
        }
        self.line(&format!("- Phase: {}", report.phase.word()));
        self.line(&format!("- Severity: {}", report.severity.word()));
        for (duty, who) in &report.duties {
            self.line(&format!("- {}: {}", capital(duty), escaped(who)));
        }
        self.line(&format!("- Reference: {}", escaped(&report.id)));
    }

    fn summary(&mut self, report: &Report) {
        let names = STATUS.iter().filter(|name| **name != "next").chain(CLOSING.iter());
        let filled = names.filter_map(|name| report.summary.get(*name).map(|text| (*name, text)));
        let items = filled.map(|(name, text)| {
            let text = if name == "started" { time(text) } else { inside(text) };
            format!("{}: {text}", capital(&name.replace('-', " ")))
        });
        self.list("Summary", items.collect::<Vec<_>>().into_iter());
    }

    fn lengths(&mut self, report: &Report) {
        let (times, lengths) = (&report.times, report.durations);
        let rows = [
            ("declared", Some(&times.opened), Some(lengths.to_declare)),
            ("told in public", times.first_public_update.as_ref(), lengths.to_first_public_update),
            ("mitigated", times.mitigated.as_ref(), lengths.to_mitigate),
            ("resolved", times.resolved.as_ref(), lengths.to_resolve),
        ];
        let row = |(what, at, length): (&str, Option<&String>, Option<i64>)| match (at, length) {
            (Some(at), Some(length)) if length < 0 => format!("{}: {}, before it began", capital(what), time(at)),
            (Some(at), Some(length)) => format!("{}: {}, after {}", capital(what), time(at), spoken(length)),
            _ => format!("{}: never", capital(what)),
        };
        let began = format!("Began for customers: {}", time(&times.started));
        self.list("How long it took", std::iter::once(began).chain(rows.into_iter().map(row)));
        let promises = report.promises;
        self.line(&format!(
            "- Promised updates: {} in time, {} late, {} moved",
            promises.kept, promises.missed, promises.moved
        ));
    }

    fn updates(&mut self, report: &Report) {
        if report.updates.is_empty() {
            return;
        }
        self.heading("Updates");
        for (at, update) in report.updates.iter().enumerate() {
            let between = if at == 0 { "" } else { "\n" };
            self.line(&format!("{between}### {}. {} by {}\n", update.number, time(&update.at), escaped(&update.by)));
            let quote: Vec<String> = lines(&update.text).map(|line| format!("> {line}")).collect();
            self.line(&format!("{}\n", quote.join("  \n")));
            for one in &update.deliveries {
                self.line(&format!("- {}", delivered(one)));
            }
            if update.deliveries.is_empty() {
                self.line("- It went to no surface.");
            }
        }
    }
}

fn delivered(one: &Delivery) -> String {
    let audience = one.audience.map(|audience| format!(" ({})", audience.word())).unwrap_or_default();
    let at = one.ended.as_ref().map(|at| format!(" {}", time(at))).unwrap_or_default();
    let tries = if one.attempts > 1 { format!(", after {} tries", one.attempts) } else { String::new() };
    let state = match one.state {
        DeliveryState::Sent => "sent",
        DeliveryState::Owed => "still waiting",
        DeliveryState::Failed => "FAILED",
        DeliveryState::Superseded => "not sent, since a later one made it pointless",
    };
    let receipt = one.receipt.as_ref().map(|text| format!("; proof: {}", inside(text))).unwrap_or_default();
    let url = one.url.as_ref().map(|url| format!("; {}", inside(url))).unwrap_or_default();
    let failed = one.state != DeliveryState::Sent;
    let why = one.why.as_ref().filter(|_| failed).map(|why| format!("; {}", inside(why))).unwrap_or_default();
    let twice = if one.maybe_twice { "; it may be there twice" } else { "" };
    format!("{}{audience}: {state}{at}{tries}{receipt}{url}{why}{twice}", escaped(&one.target))
}

fn lined(line: &Line) -> String {
    let by = line.by.as_ref().map_or_else(|| "the bot".to_owned(), |who| escaped(who));
    let reference = line.reference.as_ref().map(|id| format!(" (audit {})", escaped(id))).unwrap_or_default();
    let corrected: Vec<String> = line.corrected_by.iter().map(ToString::to_string).collect();
    let corrected =
        if corrected.is_empty() { String::new() } else { format!(" (corrected by {})", corrected.join(", ")) };
    format!("{} · {} · {by}: {}{reference}{corrected}", line.seq, time(&line.at), inside(&line.says))
}

/// A time for people, from one for machines.
fn time(rfc3339: &str) -> String {
    Millis::from_rfc3339(rfc3339).map_or_else(|| escaped(rfc3339), |at| at.to_string())
}

/// A text of several lines within a list item: each line but the first is indented under it.
fn inside(text: &str) -> String {
    lines(text).collect::<Vec<_>>().join("  \n  ")
}

/// The lines that say something, escaped.
fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().filter(|line| !line.trim().is_empty()).map(escaped)
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// One line without meaning to Markdown or HTML.
pub(super) fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let line = line.trim();
    for (at, c) in line.char_indices() {
        let rest = &line[at + c.len_utf8()..];
        let digits_before = line[..at].bytes().all(|b| b.is_ascii_digit());
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => out.extend(['\\', c]),
            '-' | '+' | '=' if at == 0 => out.extend(['\\', c]),
            '.' | ')' if digits_before && at > 0 && (rest.is_empty() || rest.starts_with(' ')) => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
