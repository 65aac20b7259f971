//! Findings as text or as JSON, and the summary.
//!
//! Invariant: it is given only what may be shown, and adds nothing that was read.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::json;

use super::{Outcome, sarif};

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `path:line:column: rule: the line without the secret (fingerprint)`.
    Text,
    /// One object a line: path, line, column, rule, snippet, fingerprint.
    Json,
    /// SARIF 2.1.0, as code hosts read it.
    Sarif,
}

/// Prints all findings, in order.
pub(super) fn print(format: Format, outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    if format == Format::Sarif {
        serde_json::to_writer_pretty(&mut out, &sarif::log(outcome)).map_err(io::Error::from)?;
        writeln!(out)?;
        return out.flush();
    }
    for seen in &outcome.seen {
        for hit in &seen.hits {
            let (path, place, finding) = (&seen.path, hit.place, &hit.finding);
            if format == Format::Json {
                let line = json!({
                    "path": path,
                    "line": place.line,
                    "column": place.column,
                    "rule": finding.rule,
                    "snippet": hit.snippet,
                    "fingerprint": finding.fingerprint,
                });
                writeln!(out, "{line}")?;
            } else {
                let (line, column) = (place.line, place.column);
                writeln!(out, "{path}:{line}:{column}: {}: {} ({})", finding.rule, hit.snippet, finding.fingerprint)?;
            }
        }
    }
    out.flush()
}

/// One line on what was done.
pub(super) fn summary(outcome: &Outcome, took: Duration) -> String {
    let hits = || outcome.seen.iter().flat_map(|seen| &seen.hits);
    let more: u64 = outcome.seen.iter().map(|seen| seen.more).sum();
    let found = hits().count() as u64 + more;
    let different: BTreeSet<_> = hits().map(|hit| hit.finding.fingerprint).collect();
    let holding = outcome.seen.iter().filter(|seen| seen.holds()).count();
    let mut parts = vec![match found {
        0 => "found nothing".to_owned(),
        found => format!("found {found} ({} different) in {holding} file(s)", different.len()),
    }];
    parts.push(format!(
        "read {} file(s), {:.1} MB in {:.2} s",
        outcome.files,
        outcome.bytes as f64 / 1e6,
        took.as_secs_f64()
    ));
    for (count, what) in [
        (outcome.binary, "binary skipped"),
        (outcome.too_large, "larger than --max-bytes skipped"),
        (outcome.known, "known from the baseline"),
        (more, "not listed, since one file holds too many"),
        (outcome.errors.len() as u64, "error(s)"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join("; ") + "."
}
