//! Verifying the audit trail: every row is read and every hash made again, in one snapshot.
//!
//! It sees a row that was changed, removed, added or reordered; details that are not those that were recorded;
//! and a missing end, by the head row. It cannot see a rewrite of the whole chain together with the head row:
//! for that it compares the rows with heads that were published outside the database.

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use crate::model::{Millis, TrailHead, hex};

use super::audit::{Hash, Link, commitment};
use super::heads::Published;
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
    /// Published heads that are in the chain.
    pub heads: u64,
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
        self.audit_verify_against(&[]).await
    }

    /// Verifies the audit trail, and that these published heads are in it.
    ///
    /// # Errors
    /// As `audit_verify`.
    pub async fn audit_verify_against(&self, heads: &[TrailHead]) -> Result<AuditVerdict, StoreError> {
        verify(&mut *self.reader().await?, heads).await
    }
}

/// Verifies the audit trail of a file that may be a copy, or in use by another process, and that these published heads
/// are in it. Changes nothing.
///
/// # Errors
/// `File`, `Foreign`, `TooNew`, or what `SQLite` says.
pub async fn audit_verify_file(path: &Path, heads: &[TrailHead]) -> Result<AuditVerdict, StoreError> {
    let mut conn = open::look_only(path).await?;
    let verdict = verify(&mut conn, heads).await?;
    conn.close().await?;
    Ok(verdict)
}

async fn verify(conn: &mut SqliteConnection, heads: &[TrailHead]) -> Result<AuditVerdict, StoreError> {
    let mut snapshot = conn.begin().await?;
    let guards: i64 = sqlx::query_scalar(GUARDS).fetch_one(&mut *snapshot).await?;
    let published = Published::of(heads);
    let mut chain = Chain { guarded: guards >= GUARDS_SHIPPED, published, ..Chain::default() };
    if let Err(bad) = chain.published.compare(chain.seq, &chain.hash) {
        return Ok(chain.verdict(Some(bad)));
    }
    {
        let mut rows = sqlx::query(CHAIN).fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            if let Err(why) = chain.take(&row) {
                return Ok(chain.verdict(Some((chain.seq + 1, why.to_owned()))));
            }
            if let Err(bad) = chain.published.compare(chain.seq, &chain.hash) {
                return Ok(chain.verdict(Some(bad)));
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
    Ok(chain.verdict(bad.or_else(|| chain.published.left(chain.seq)).or_else(stray)))
}

/// The chain as far as it holds.
#[derive(Default)]
struct Chain {
    seq: i64,
    hash: Hash,
    guarded: bool,
    erased: u64,
    erasures: BTreeMap<(i64, String), u64>,
    published: Published,
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
            heads: self.published.held,
            first_bad,
            guarded: self.guarded,
            head: hex(&self.hash),
        }
    }
}

#[cfg(test)]
mod tests;
