//! `audit verify`: reads a database's audit trail, a copy or the one in use, and says whether it holds.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;

use crate::store::{AuditVerdict, audit_verify_file};

use super::check::Report;

/// Verifies the audit trail of that file. Changes nothing.
///
/// # Errors
/// When the file cannot be read as a database of this program.
pub async fn verify(database: &Path) -> anyhow::Result<Report> {
    let verdict = audit_verify_file(database)
        .await
        .with_context(|| format!("The audit trail of {} cannot be read.", database.display()))?;
    Ok(Report { fine: verdict.first_bad.is_none() && verdict.guarded, text: told(&verdict) })
}

fn told(verdict: &AuditVerdict) -> String {
    let mut out = format!("rows: {}\nhead: {}\n", verdict.rows, verdict.head);
    if verdict.erased > 0 {
        let _ = writeln!(out, "erased details: {} row(s)", verdict.erased);
    }
    for erasure in &verdict.erasures {
        let _ = writeln!(out, "  {} row(s) by {}, {}", erasure.rows, erasure.by, erasure.at);
    }
    if !verdict.guarded {
        out.push_str("A trigger that keeps the trail append-only is gone: somebody could change rows.\n");
    }
    let _ = match &verdict.first_bad {
        None => writeln!(out, "The trail holds. Compare its head with one in the log of that time (audit.head)."),
        Some((row, why)) => writeln!(out, "The trail does not hold. First bad row: {row}: {why}."),
    };
    out
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
        let report = verify(&path).await.expect("read");
        assert!(report.fine && report.text.starts_with("rows: 0\nhead: "), "{}", report.text);
        assert!(verify(&folder.path().join("none.db")).await.is_err());
    }

    #[test]
    fn the_first_bad_row_is_named() {
        let verdict = AuditVerdict {
            rows: 6,
            erased: 0,
            erasures: Vec::new(),
            first_bad: Some((7, "the row is missing".into())),
            guarded: false,
            head: "0a".into(),
        };
        assert!(told(&verdict).contains("append-only is gone"));
        assert!(told(&verdict).ends_with("First bad row: 7: the row is missing.\n"));
    }
}
