//! Verifying the audit trail: every row is read and every hash made again, in one snapshot.
//!
//! It sees a row that was changed, removed, added or reordered; details that are not those that were recorded;
//! and a missing end, by the head row. It cannot see a rewrite of the whole chain together with the head row:
//! for that the verdict's head is compared with one that was published outside the database.

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use crate::model::{Millis, hex};

use super::audit::{Hash, Link, commitment};
use super::{Store, StoreError, open};

/// The triggers of the first migration that keep the trail append-only.
const GUARDS_SHIPPED: i64 = 9;
/// How many erasures a verdict names; one is a person's deliberate act.
const ERASURES_NAMED: usize = 200;

const CHAIN: &str = "select a.seq, a.at, a.staff, a.action, a.request, a.outcome, a.commitment, a.prev_hash, a.hash, \
     d.seq, d.details, d.salt, d.erased_by, d.erased_at from audit a left join audit_detail d on d.seq = a.seq \
     order by a.seq";
const HEAD: &str = "select seq, hash from audit_head where one = 1";
const GUARDS: &str = "select count(*) from sqlite_schema where type = 'trigger' and tbl_name in \
     ('audit', 'audit_detail', 'audit_head')";
const STRAY: &str = "select min(seq) from audit_detail where seq not in (select seq from audit)";

pub(crate) const STATEMENTS: &[&str] = &[CHAIN, HEAD, GUARDS, STRAY];

/// Details that were erased together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// The person.
    pub by: String,
    /// When.
    pub at: Millis,
    /// Of how many rows.
    pub rows: u64,
}

/// What verifying found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditVerdict {
    /// Rows that hold.
    pub rows: u64,
    /// Rows among them whose details were erased.
    pub erased: u64,
    /// By whom and when, at most 200.
    pub erasures: Vec<Erasure>,
    /// The first row that does not hold, and why; `None` when the whole chain holds.
    pub first_bad: Option<(i64, String)>,
    /// False when a trigger that keeps the trail append-only is gone: somebody prepared to change it.
    pub guarded: bool,
    /// The hash of the last row that holds, in hex; compare it with a published one.
    pub head: String,
}

impl Store {
    /// Verifies the audit trail.
    ///
    /// # Errors
    /// What `SQLite` says. A chain that does not hold is no error, but a verdict.
    pub async fn audit_verify(&self) -> Result<AuditVerdict, StoreError> {
        verify(&mut *self.reader().await?).await
    }
}

/// Verifies the audit trail of a file that may be a copy, or in use by another process. Changes nothing.
///
/// # Errors
/// `File`, `Foreign`, `TooNew`, or what `SQLite` says.
pub async fn audit_verify_file(path: &Path) -> Result<AuditVerdict, StoreError> {
    let mut conn = open::look_only(path).await?;
    let verdict = verify(&mut conn).await?;
    conn.close().await?;
    Ok(verdict)
}

async fn verify(conn: &mut SqliteConnection) -> Result<AuditVerdict, StoreError> {
    let mut snapshot = conn.begin().await?;
    let guards: i64 = sqlx::query_scalar(GUARDS).fetch_one(&mut *snapshot).await?;
    let mut chain = Chain { guarded: guards >= GUARDS_SHIPPED, ..Chain::default() };
    {
        let mut rows = sqlx::query(CHAIN).fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            if let Err(why) = chain.take(&row) {
                return Ok(chain.verdict(Some((chain.seq + 1, why.to_owned()))));
            }
        }
    }
    let head = sqlx::query(HEAD).fetch_optional(&mut *snapshot).await?;
    let stray: Option<i64> = sqlx::query_scalar(STRAY).fetch_one(&mut *snapshot).await?;
    snapshot.rollback().await?;
    let bad = match head {
        None => Some((chain.seq, "the head row is missing: rows at the end may be missing too".to_owned())),
        Some(head) => chain.end(head.try_get("seq")?, head.try_get("hash")?),
    };
    let stray = || stray.map(|seq| (seq, "there are details for a row that is not in the chain".to_owned()));
    Ok(chain.verdict(bad.or_else(stray)))
}

/// The chain as far as it holds.
#[derive(Default)]
struct Chain {
    seq: i64,
    hash: Hash,
    guarded: bool,
    erased: u64,
    erasures: BTreeMap<(i64, String), u64>,
}

impl Chain {
    /// Takes the next row, or says why it does not hold.
    fn take(&mut self, row: &SqliteRow) -> Result<(), &'static str> {
        let unreadable = |_| "a column cannot be read";
        let seq: i64 = row.try_get(0).map_err(unreadable)?;
        if seq != self.seq + 1 {
            return Err("the row is missing");
        }
        let link = Link {
            seq,
            at: row.try_get(1).map_err(unreadable)?,
            staff: row.try_get(2).map_err(unreadable)?,
            action: row.try_get(3).map_err(unreadable)?,
            request: row.try_get(4).map_err(unreadable)?,
            outcome: row.try_get(5).map_err(unreadable)?,
            commitment: row.try_get(6).map_err(unreadable)?,
            prev: row.try_get(7).map_err(unreadable)?,
        };
        if link.prev != self.hash {
            return Err("it does not follow the row before it: one of them was replaced");
        }
        let hash = link.hash();
        if row.try_get::<&[u8], _>(8).map_err(unreadable)? != hash {
            return Err("its content is not what was recorded");
        }
        if row.try_get::<Option<i64>, _>(9).map_err(unreadable)?.is_none() {
            return Err("its details are missing, and nobody is named who erased them");
        }
        let details: Option<&str> = row.try_get(10).map_err(unreadable)?;
        let salt: Option<&[u8]> = row.try_get(11).map_err(unreadable)?;
        match (details, salt) {
            (Some(details), Some(salt)) if commitment(salt, details) == link.commitment => {}
            (Some(_), Some(_)) => return Err("its details are not what was recorded"),
            _ => {
                let by: Option<String> = row.try_get(12).map_err(unreadable)?;
                let at: Option<i64> = row.try_get(13).map_err(unreadable)?;
                let (by, at) = by.zip(at).ok_or("its details are missing, and nobody is named who erased them")?;
                self.erased += 1;
                *self.erasures.entry((at, by)).or_default() += 1;
            }
        }
        (self.seq, self.hash) = (seq, hash);
        Ok(())
    }

    /// Compares the end with the head row.
    fn end(&self, seq: i64, hash: &[u8]) -> Option<(i64, String)> {
        if seq > self.seq {
            return Some((self.seq + 1, format!("the row is missing: the head row says that there were {seq}")));
        }
        (seq != self.seq || hash != self.hash)
            .then(|| (self.seq, "the head row does not name it: the end was replaced".to_owned()))
    }

    fn verdict(&self, first_bad: Option<(i64, String)>) -> AuditVerdict {
        let erasures = self.erasures.iter().take(ERASURES_NAMED);
        AuditVerdict {
            rows: self.seq.unsigned_abs(),
            erased: self.erased,
            erasures: erasures
                .map(|((at, by), rows)| Erasure { by: by.clone(), at: Millis(*at), rows: *rows })
                .collect(),
            first_bad,
            guarded: self.guarded,
            head: hex(&self.hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, entry, kim};
    use super::super::{Erase, StoreError};
    use super::*;

    async fn filled(rows: u32) -> Desk {
        let desk = Desk::open().await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        for n in 1..=rows {
            assert_eq!(tx.audit(&entry(&format!("outcome {n}"))).await.expect("recorded"), i64::from(n));
        }
        tx.commit().await.expect("committed");
        desk
    }

    /// Does what somebody with the file and a shell could do.
    async fn tampers(desk: &Desk, statements: &[&'static str]) -> Result<(), StoreError> {
        let mut writer = desk.store.writer().await?;
        for statement in statements {
            sqlx::query(*statement).execute(&mut writer.conn).await?;
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_chain_holds_and_its_head_is_known() {
        let desk = filled(3).await;
        let verdict = desk.store.audit_verify().await.expect("verified");
        assert_eq!((verdict.rows, verdict.erased, &verdict.first_bad), (3, 0, &None));
        assert!(verdict.guarded);
        assert_eq!(desk.store.audit_head().await.expect("a head"), (3, verdict.head.clone()));
        assert_eq!(audit_verify_file(&desk.path()).await.expect("verified beside the process"), verdict);
        let rows = desk.store.audit_of(&"rq-1".parse().expect("an id")).await.expect("read");
        assert_eq!(
            rows.iter().map(|row| row.outcome.as_str()).collect::<Vec<_>>(),
            ["outcome 1", "outcome 2", "outcome 3"]
        );
        assert_eq!(rows[0].details, Some(serde_json::json!({"email": "jo@acme.example"})));
        assert_eq!(rows[2].hash, verdict.head);
        let empty = Desk::open().await;
        assert_eq!(empty.store.audit_verify().await.expect("verified").first_bad, None);
    }

    #[tokio::test]
    async fn the_triggers_refuse_every_change() {
        let desk = filled(2).await;
        for statement in [
            "update audit set outcome = 'nothing' where seq = 1",
            "delete from audit where seq = 2",
            "delete from audit_detail where seq = 2",
            "update audit_detail set details = '{}' where seq = 1",
            "update audit_detail set erased_by = 'me' where seq = 1",
            "update audit_head set seq = 1",
            "delete from audit_head",
            "insert or replace into audit select seq, at, staff, action, request, 'x', commitment, prev_hash, hash \
             from audit where seq = 1",
            "insert or replace into audit select 3, at, staff, action, request, 'x', commitment, prev_hash, hash \
             from audit where seq = 1",
            "insert or replace into audit_detail (seq, details, salt) values (1, '{}', x'00')",
        ] {
            assert!(tampers(&desk, &[statement]).await.is_err(), "{statement}");
        }
        assert_eq!(desk.store.audit_verify().await.expect("verified").first_bad, None);
    }

    #[tokio::test]
    async fn the_first_bad_row_is_named() {
        let cases: [(&[&str], i64, &str); 8] = [
            (&["drop trigger audit_keeps", "update audit set outcome = 'nothing' where seq = 2"], 2, "content"),
            (&["drop trigger audit_keeps", "update audit set staff = null where seq = 3"], 3, "content"),
            (&["drop trigger audit_keeps", "update audit set at = at + 1 where seq = 1"], 1, "content"),
            (
                &["pragma foreign_keys = off", "drop trigger audit_stays", "delete from audit where seq = 2"],
                2,
                "missing",
            ),
            (
                &["pragma foreign_keys = off", "drop trigger audit_stays", "delete from audit where seq = 4"],
                4,
                "missing",
            ),
            (
                &["drop trigger audit_detail_erases", "update audit_detail set details = '{}' where seq = 2"],
                2,
                "details",
            ),
            (&["drop trigger audit_detail_stays", "delete from audit_detail where seq = 3"], 3, "details"),
            (&["drop trigger audit_head_stays", "delete from audit_head"], 4, "head row"),
        ];
        for (statements, seq, why) in cases {
            let desk = filled(4).await;
            tampers(&desk, statements).await.expect("tampered");
            let verdict = desk.store.audit_verify().await.expect("verified");
            assert!(!verdict.guarded, "a trigger is gone");
            let (bad, says) = verdict.first_bad.expect("it shows");
            assert!(bad == seq && says.contains(why), "{statements:?}: row {bad}: {says}");
        }
    }

    #[tokio::test]
    async fn a_missing_end_shows_even_when_its_details_went_with_it() {
        let desk = filled(4).await;
        let statements = [
            "drop trigger audit_stays",
            "drop trigger audit_detail_stays",
            "delete from audit_detail where seq > 2",
            "delete from audit where seq > 2",
        ];
        tampers(&desk, &statements).await.expect("tampered");
        let verdict = desk.store.audit_verify().await.expect("verified");
        let (bad, says) = verdict.first_bad.expect("it shows");
        assert!(verdict.rows == 2 && bad == 3 && says.contains("there were 4"), "row {bad}: {says}");
    }

    #[tokio::test]
    async fn erased_details_leave_the_chain_whole_and_say_by_whom() {
        let desk = filled(4).await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert_eq!(tx.erase_details(&Erase::Row(2), &kim(), Millis(70)).await.expect("erased"), 1);
        assert_eq!(tx.erase_details(&Erase::Row(2), &kim(), Millis(71)).await.expect("looked"), 0);
        let request = Erase::Request("rq-1".parse().expect("an id"));
        assert_eq!(tx.erase_details(&request, &kim(), Millis(80)).await.expect("erased"), 3);
        tx.commit().await.expect("committed");
        let verdict = desk.store.audit_verify().await.expect("verified");
        assert_eq!((verdict.rows, verdict.erased, verdict.first_bad), (4, 4, None));
        let erasures: Vec<_> = verdict.erasures.iter().map(|e| (e.by.as_str(), e.at.0, e.rows)).collect();
        assert_eq!(erasures, [("kim", 70, 1), ("kim", 80, 3)]);
        let rows = desk.store.audit_of(&"rq-1".parse().expect("an id")).await.expect("read");
        assert_eq!((&rows[1].details, &rows[1].erased), (&None, &Some(("kim".into(), Millis(70)))));
        desk.store.checkpoint().await.expect("copied over");
        for file in std::fs::read_dir(desk.folder.path()).expect("a folder") {
            let content = std::fs::read(file.expect("a file").path()).expect("its content");
            assert!(!content.windows(15).any(|part| part == b"jo@acme.example"), "gone from every file");
        }
    }

    #[tokio::test]
    async fn what_is_rolled_back_leaves_no_gap() {
        let desk = filled(1).await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert_eq!(tx.audit(&entry("lost")).await.expect("recorded"), 2);
        drop(tx);
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert_eq!(tx.audit(&entry("kept")).await.expect("recorded"), 2);
        tx.commit().await.expect("committed");
        let verdict = desk.store.audit_verify().await.expect("verified");
        assert_eq!((verdict.rows, verdict.first_bad), (2, None));
    }

    #[tokio::test]
    async fn a_copy_is_verified_without_the_process() {
        let desk = filled(2).await;
        desk.store.checkpoint().await.expect("copied over");
        let copy = desk.folder.path().join("copy.db");
        std::fs::copy(desk.path(), &copy).expect("a copy");
        assert_eq!(audit_verify_file(&copy).await.expect("verified").rows, 2);
        let missing = desk.folder.path().join("missing.db");
        assert!(matches!(audit_verify_file(&missing).await, Err(StoreError::File { .. })));
    }
}
