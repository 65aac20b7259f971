//! `audit export`: the trail as JSON Lines or CSV, row by row as it is read.
//!
//! Whoever has the export and a published head can verify it without this program (`tests/peers/audit_verify.py`).
//! Invariants: rows that were not asked for stand in it with what the chain covers and without their details; nothing is
//! written over.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;
use serde_json::json;

use crate::model::{Millis, TrailFilter, TrailHead};
use crate::ports::Clock;
use crate::store::{ExportRow, audit_export_file};

use super::super::check::Report;
use super::super::clock::SystemClock;
use super::{FilterArgs, unreadable};

/// What the first line of JSON Lines says that it is.
const KIND: &str = "seqn-chatops audit 1";
/// The columns of CSV. No cell can begin a formula: ids, numbers and hashes cannot, and details begin with a brace.
const COLUMNS: &str = "seq,time,at,staff,action,request,outcome,asked,ticket,org,details,salt,erased_by,erased_at,\
                       commitment,prev_hash,hash";
/// Details of customers are in it: for its owner only.
const MODE: u32 = 0o600;

/// As what it is written.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON object on each line, the first of which says what was asked and where the trail ends.
    Jsonl,
    /// Comma-separated values with a heading.
    Csv,
}

/// What to export, and where to.
#[derive(clap::Args, Clone, Debug)]
pub struct ExportArgs {
    /// The database, a copy or the one in use.
    #[arg(long)]
    database: PathBuf,
    /// As what.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    #[command(flatten)]
    filter: FilterArgs,
    /// Leave out rows that were not asked for. Without them the export is shorter, and no head proves it.
    #[arg(long)]
    rows_only: bool,
    /// A new file, instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Exports.
pub(super) async fn run(args: &ExportArgs) -> anyhow::Result<Report> {
    let (out, name): (Box<dyn Write + Send>, String) = match &args.out {
        None => (Box::new(io::stdout()), "standard output".into()),
        Some(path) => {
            let name = path.display().to_string();
            let file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path);
            let file = file.with_context(|| format!("{name} cannot be made. Nothing is written over."))?;
            (Box::new(file), name)
        }
    };
    let mut writing = Writing {
        out: BufWriter::new(out),
        format: args.format,
        filter: args.filter.filter(),
        rows_only: args.rows_only,
        at: SystemClock.now(),
        asked: 0,
        failed: None,
    };
    writing.export(&args.database).await?;
    let text = match (writing.finish(), &args.out) {
        // Whoever reads it had enough, as with `| head`.
        (Err(error), None) if error.kind() == io::ErrorKind::BrokenPipe => String::new(),
        (Err(error), _) => return Err(error).with_context(|| format!("{name} cannot be written.")),
        (Ok(_), None) => String::new(),
        (Ok(asked), Some(_)) => format!("{name}: {asked} row(s) that were asked for\n"),
    };
    Ok(Report { fine: true, text })
}

struct Writing<W: Write> {
    out: BufWriter<W>,
    format: Format,
    filter: TrailFilter,
    rows_only: bool,
    at: Millis,
    asked: u64,
    failed: Option<io::Error>,
}

impl<W: Write> Writing<W> {
    async fn export(&mut self, database: &std::path::Path) -> anyhow::Result<()> {
        let filter = self.filter.clone();
        let this = std::cell::RefCell::new(self);
        let begin = |head: &TrailHead| this.borrow_mut().begin(head);
        let take = |row: &ExportRow| this.borrow_mut().take(row);
        audit_export_file(database, &filter, begin, take).await.with_context(|| unreadable(database))
    }

    fn begin(&mut self, head: &TrailHead) -> ControlFlow<()> {
        let line = match self.format {
            Format::Csv => COLUMNS.to_owned(),
            Format::Jsonl => {
                let (at, rows_only) = (self.at.to_rfc3339(), self.rows_only);
                let head = json!({ "seq": head.seq, "hash": head.hash });
                json!({ "export": KIND, "at": at, "asked": self.filter, "rows_only": rows_only, "head": head })
                    .to_string()
            }
        };
        self.line(&line)
    }

    fn take(&mut self, row: &ExportRow) -> ControlFlow<()> {
        if row.asked.is_some() {
            self.asked += 1;
        } else if self.rows_only {
            return ControlFlow::Continue(());
        }
        let line = Line::of(row);
        match self.format {
            Format::Csv => self.line(&line.csv()),
            Format::Jsonl => match serde_json::to_string(&line) {
                Ok(text) => self.line(&text),
                Err(error) => self.fail(error.into()),
            },
        }
    }

    fn line(&mut self, text: &str) -> ControlFlow<()> {
        match writeln!(self.out, "{text}") {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: io::Error) -> ControlFlow<()> {
        self.failed = Some(error);
        ControlFlow::Break(())
    }

    /// How many rows that were asked for are written.
    fn finish(mut self) -> io::Result<u64> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.out.flush().map(|()| self.asked),
        }
    }
}

/// A row as it is written. `time` says `at` once more, for people; chain and details are as they were recorded.
#[derive(Serialize)]
struct Line<'a> {
    seq: i64,
    time: String,
    at: i64,
    staff: Option<&'a str>,
    action: &'a str,
    request: Option<&'a str>,
    outcome: &'a str,
    asked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<i64>,
    commitment: &'a str,
    prev_hash: &'a str,
    hash: &'a str,
}

impl<'a> Line<'a> {
    fn of(row: &'a ExportRow) -> Self {
        let asked = row.asked.as_ref();
        let erased = asked.and_then(|asked| asked.erased.as_ref());
        Self {
            seq: row.seq,
            time: row.at.to_rfc3339(),
            at: row.at.0,
            staff: row.staff.as_deref(),
            action: &row.action,
            request: row.request.as_deref(),
            outcome: &row.outcome,
            asked: asked.is_some(),
            ticket: asked.and_then(|asked| asked.ticket.as_deref()),
            org: asked.and_then(|asked| asked.org.as_deref()),
            details: asked.and_then(|asked| asked.details.as_deref()),
            salt: asked.and_then(|asked| asked.salt.as_deref()),
            erased_by: erased.map(|(by, _)| by.as_str()),
            erased_at: erased.map(|(_, at)| at.0),
            commitment: &row.commitment,
            prev_hash: &row.prev_hash,
            hash: &row.hash,
        }
    }

    /// The cells in the order of `COLUMNS`. Nothing is written as nothing: no text that may be missing is ever empty.
    fn csv(&self) -> String {
        let none = Option::<&str>::unwrap_or_default;
        let asked = if self.asked { "yes" } else { "no" };
        let (seq, at) = (self.seq.to_string(), self.at.to_string());
        let erased_at = self.erased_at.map(|at| at.to_string()).unwrap_or_default();
        let cells = [
            &seq,
            self.time.as_str(),
            &at,
            none(self.staff),
            self.action,
            none(self.request),
            self.outcome,
            asked,
            none(self.ticket),
            none(self.org),
            none(self.details),
            none(self.salt),
            none(self.erased_by),
            &erased_at,
            self.commitment,
            self.prev_hash,
            self.hash,
        ];
        cells.map(cell).join(",")
    }
}

/// A cell, in quotes where it must be (RFC 4180).
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Asked;

    fn row(asked: Option<Asked>) -> ExportRow {
        ExportRow {
            seq: 3,
            at: Millis(1_000),
            staff: None,
            action: "notify".into(),
            request: Some("rq-1".into()),
            outcome: "sent".into(),
            commitment: "c0".into(),
            prev_hash: "a0".into(),
            hash: "b0".into(),
            asked,
        }
    }

    fn written(format: Format, rows_only: bool) -> Vec<String> {
        let mut writing = Writing {
            out: BufWriter::new(Vec::new()),
            format,
            filter: TrailFilter { ticket: "SUP-7".parse().ok(), ..TrailFilter::default() },
            rows_only,
            at: Millis(0),
            asked: 0,
            failed: None,
        };
        let head = TrailHead { at: None, seq: 3, hash: "b0".into() };
        let asked = Asked {
            details: Some(r#"{"a":"x, y"}"#.into()),
            salt: Some("07".into()),
            erased: None,
            ticket: Some("SUP-7".into()),
            org: None,
        };
        assert!(writing.begin(&head).is_continue());
        assert!(writing.take(&row(None)).is_continue());
        assert!(writing.take(&row(Some(asked))).is_continue());
        writing.out.flush().expect("written");
        let text = String::from_utf8(writing.out.get_ref().clone()).expect("text");
        assert_eq!(writing.finish().expect("written"), 1);
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn rows_are_json_lines_below_what_was_asked() {
        let lines = written(Format::Jsonl, false);
        assert_eq!(
            lines[0],
            r#"{"asked":{"ticket":"SUP-7"},"at":"1970-01-01T00:00:00Z","export":"seqn-chatops audit 1","head":{"hash":"b0","seq":3},"rows_only":false}"#
        );
        assert_eq!(
            lines[1],
            r#"{"seq":3,"time":"1970-01-01T00:00:01Z","at":1000,"staff":null,"action":"notify","request":"rq-1","outcome":"sent","asked":false,"commitment":"c0","prev_hash":"a0","hash":"b0"}"#
        );
        assert!(lines[2].contains(r#""ticket":"SUP-7","details":"{\"a\":\"x, y\"}","salt":"07","commitment""#));
        assert_eq!(written(Format::Jsonl, true).len(), 2);
    }

    #[test]
    fn cells_stand_below_their_columns() {
        let lines = written(Format::Csv, false);
        assert_eq!(lines[0].split(',').count(), 17);
        assert_eq!(lines[1], "3,1970-01-01T00:00:01Z,1000,,notify,rq-1,sent,no,,,,,,,c0,a0,b0");
        assert_eq!(
            lines[2],
            r#"3,1970-01-01T00:00:01Z,1000,,notify,rq-1,sent,yes,SUP-7,,"{""a"":""x, y""}",07,,,c0,a0,b0"#
        );
    }
}
