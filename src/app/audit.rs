//! `audit`: the trail of a database, a copy or the one in use: verified, its head said, exported.
//!
//! It changes nothing. Invariant: what is exported is enough for somebody else's program to verify it.

mod export;
mod heads;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::model::{Email, Millis, OrgSlug, RequestId, StaffId, Ticket, TrailFilter, TrailHead};
use crate::ports::Clock;
use crate::store::{AuditVerdict, audit_head_file, audit_verify_file};

use super::check::Report;
use super::clock::SystemClock;

pub use export::{ExportArgs, Format};

/// What can be asked of a trail.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum Command {
    /// Verify the whole trail: of a copy, or of the database in use.
    Verify {
        /// The database.
        #[arg(long)]
        database: PathBuf,
        /// A head that was published, as `TIME ROW HASH` or as the line that it stands in; or a file with one on each
        /// line. The trail must hold all of them.
        #[arg(long, value_name = "HEAD|FILE")]
        head: Vec<String>,
    },
    /// Print where the trail ends now: time, row, hash. Kept outside, it proves the trail later.
    Head {
        /// The database.
        #[arg(long)]
        database: PathBuf,
    },
    /// Export the trail, oldest row first, with what another program needs to verify it.
    Export(ExportArgs),
}

/// Does it.
///
/// # Errors
/// When a file cannot be read as what it should be, or the export cannot be written.
pub async fn run(command: Command) -> anyhow::Result<Report> {
    match command {
        Command::Verify { database, head } => verify(&database, &head).await,
        Command::Head { database } => {
            let head = audit_head_file(&database).await.with_context(|| unreadable(&database))?;
            let head = TrailHead { at: Some(SystemClock.now()), ..head };
            Ok(Report { fine: true, text: format!("{head}\n") })
        }
        Command::Export(args) => export::run(&args).await,
    }
}

fn unreadable(database: &Path) -> String {
    format!("The audit trail of {} cannot be read.", database.display())
}

/// Verifies the audit trail of that file, and that the heads are in it.
async fn verify(database: &Path, head: &[String]) -> anyhow::Result<Report> {
    let heads = heads::read(head)?;
    let verdict = audit_verify_file(database, &heads.heads).await.with_context(|| unreadable(database))?;
    let mut text = told(&verdict);
    if heads.skipped > 0 {
        let _ = writeln!(text, "note: {} line(s) name no head and were passed over", heads.skipped);
    }
    Ok(Report { fine: verdict.first_bad.is_none() && verdict.guarded, text })
}

fn told(verdict: &AuditVerdict) -> String {
    let mut out = format!("rows: {}\nhead: {}\n", verdict.rows, verdict.head);
    if verdict.heads > 0 {
        let _ = writeln!(out, "published heads that are in it: {}", verdict.heads);
    }
    if verdict.erased > 0 {
        let _ = writeln!(out, "erased details: {} row(s)", verdict.erased);
    }
    for erasure in &verdict.erasures {
        let _ = writeln!(out, "  {} row(s) erased by {}, {}", erasure.rows, erasure.by, erasure.at);
    }
    if !verdict.guarded {
        out.push_str("A trigger that keeps the trail append-only is gone: somebody could change rows.\n");
    }
    let _ = match &verdict.first_bad {
        None if verdict.heads == 0 => writeln!(
            out,
            "The trail holds by itself. That nobody rewrote all of it, a head shows that was published: --head."
        ),
        None => writeln!(out, "The trail holds, and so does every head that was published."),
        Some((row, why)) => writeln!(out, "The trail does not hold. First bad row: {row}: {why}."),
    };
    out
}

/// What is asked for by options that several commands could have.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct FilterArgs {
    /// Rows from then on: `2026-11-01` or `2026-11-01T09:30:00Z`.
    #[arg(long, value_parser = moment)]
    since: Option<Millis>,
    /// Rows before then.
    #[arg(long, value_parser = moment)]
    until: Option<Millis>,
    /// Rows of requests for that ticket.
    #[arg(long)]
    ticket: Option<Ticket>,
    /// Rows of that case.
    #[arg(long)]
    case: Option<RequestId>,
    /// Rows of requests about that user of a customer, by the e-mail address.
    #[arg(long)]
    user: Option<Email>,
    /// Rows of requests about that organization.
    #[arg(long)]
    org: Option<OrgSlug>,
    /// Rows of that action, also where it was refused.
    #[arg(long)]
    action: Option<String>,
    /// Rows by that member of staff.
    #[arg(long)]
    by: Option<StaffId>,
}

impl FilterArgs {
    fn filter(&self) -> TrailFilter {
        let it = self.clone();
        TrailFilter {
            since: it.since,
            until: it.until,
            ticket: it.ticket,
            case: it.case,
            user: it.user,
            org: it.org,
            action: it.action,
            staff: it.by,
        }
    }
}

/// A day, or a moment.
fn moment(text: &str) -> Result<Millis, String> {
    let read = Millis::from_rfc3339;
    let found = read(text).or_else(|| read(&format!("{text}T00:00:00Z")));
    found.ok_or_else(|| "write a day like 2026-11-01, or a moment like 2026-11-01T09:30:00Z".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{SealKey, Store};

    #[tokio::test]
    async fn an_empty_trail_holds_and_a_missing_file_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bot.db");
        Store::open(&path, &SealKey::new([1; 32])).await.expect("made").close().await;
        let report = verify(&path, &[]).await.expect("read");
        assert!(report.fine && report.text.starts_with("rows: 0\nhead: "), "{}", report.text);
        let head = run(Command::Head { database: path.clone() }).await.expect("read").text;
        let report = verify(&path, &[head]).await.expect("read");
        assert!(report.fine && report.text.ends_with("so does every head that was published.\n"), "{}", report.text);
        let other = format!("7 {}", "0a".repeat(32));
        let report = verify(&path, &[other]).await.expect("read");
        assert!(!report.fine && report.text.contains("First bad row: 1: the head is not in the trail"));
        assert!(verify(&folder.path().join("none.db"), &[]).await.is_err());
    }

    #[test]
    fn the_first_bad_row_is_named() {
        let verdict = AuditVerdict {
            rows: 6,
            erased: 0,
            erasures: Vec::new(),
            heads: 0,
            first_bad: Some((7, "the row is missing".into())),
            guarded: false,
            head: "0a".into(),
        };
        assert!(told(&verdict).contains("append-only is gone"));
        assert!(told(&verdict).ends_with("First bad row: 7: the row is missing.\n"));
    }

    #[test]
    fn a_day_or_a_moment() {
        assert_eq!(moment("1970-01-02").map(|at| at.0), Ok(86_400_000));
        assert_eq!(moment("1970-01-01T00:00:01Z").map(|at| at.0), Ok(1_000));
        assert!(moment("yesterday").is_err());
    }
}
