//! The audit trail: a chain of hashes that only grows, and beside it the details, which can be erased.
//!
//! A chain row holds who, what, on which request, how it ended, and a salted commitment to the details; so
//! erasing details breaks nothing. Invariant: a row is written in the transaction of what it reports.

use ring::digest::{Context, SHA256};
use serde::Serialize;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Arguments, Row};

use crate::guard::Redacted;
use crate::model::{Millis, RequestId, StaffId, hex};

use super::column::{at, maybe_at, maybe_parsed, of_json, to_json};
use super::{Store, StoreError, Tx};

/// What a hash of the chain begins with, so that it is a hash of nothing else.
const DOMAIN: &[u8] = b"seqn-chatops audit row 1";
/// SHA-256.
const HASH_BYTES: usize = 32;

const HEAD: &str = "select seq, hash from audit_head where one = 1";
const INSERT: &str = "insert into audit (seq, at, staff, action, request, outcome, commitment, prev_hash, hash) \
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const INSERT_DETAIL: &str = "insert into audit_detail (seq, details, salt) values (?, ?, ?)";
const OF_REQUEST: &str = "select a.seq, a.at, a.staff, a.action, a.request, a.outcome, a.hash, \
     d.details, d.erased_by, d.erased_at from audit a left join audit_detail d on d.seq = a.seq \
     where a.request = ?1 order by a.seq";
const TAIL: &str = "select seq, at, staff, action, request, outcome, hash, details, erased_by, erased_at from \
     (select a.seq, a.at, a.staff, a.action, a.request, a.outcome, a.hash, d.details, d.erased_by, d.erased_at \
     from audit a left join audit_detail d on d.seq = a.seq order by a.seq desc limit ?1) order by seq";
const ERASE_ROW: &str = "update audit_detail set details = null, salt = null, erased_by = ?2, erased_at = ?3 \
     where seq = ?1 and erased_at is null";
const ERASE_REQUEST: &str = "update audit_detail set details = null, salt = null, erased_by = ?2, erased_at = ?3 \
     where seq in (select seq from audit where request = ?1) and erased_at is null";

pub(crate) const STATEMENTS: &[&str] = &[HEAD, INSERT, INSERT_DETAIL, OF_REQUEST, TAIL, ERASE_ROW, ERASE_REQUEST];

/// One thing to record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditEntry {
    /// When it happened.
    pub at: Millis,
    /// Who did it; `None` for the bot itself, or for somebody unknown.
    pub staff: Option<StaffId>,
    /// What was done.
    pub action: String,
    /// For which request.
    pub request: Option<RequestId>,
    /// How it ended.
    pub outcome: String,
    /// Everything else; can be erased.
    pub details: Value,
    /// Random; makes the commitment tell nothing once the details are erased.
    pub salt: [u8; 16],
}

/// One recorded thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditRow {
    /// Its number, from 1.
    pub seq: i64,
    /// When it happened.
    pub at: Millis,
    /// Who did it.
    pub staff: Option<StaffId>,
    /// What was done.
    pub action: String,
    /// For which request.
    pub request: Option<RequestId>,
    /// How it ended.
    pub outcome: String,
    /// The details; `None` when they were erased.
    pub details: Option<Value>,
    /// Who erased the details, and when.
    pub erased: Option<(String, Millis)>,
    /// The row's hash in hex.
    pub hash: String,
}

/// Whose details are erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erase {
    /// Those of one row.
    Row(i64),
    /// Those of every row of a request.
    Request(RequestId),
}

/// A hash of the chain.
pub type Hash = [u8; HASH_BYTES];

impl Store {
    /// What was recorded for that request, oldest first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn audit_of(&self, id: &RequestId) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query(OF_REQUEST).bind(id.as_str()).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(read).collect()
    }

    /// The newest that many rows, oldest first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn audit_tail(&self, most: u32) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query(TAIL).bind(most).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(read).collect()
    }

    /// The newest row's number and hash in hex: what is published outside, so that a full rewrite shows.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn audit_head(&self) -> Result<(i64, String), StoreError> {
        let row = sqlx::query(HEAD).fetch_one(&mut *self.reader().await?).await?;
        Ok((row.try_get("seq")?, hex(row.try_get("hash")?)))
    }
}

impl Tx<'_> {
    /// Records one thing at the chain's end; gives its number.
    ///
    /// # Errors
    /// What `SQLite` says, now or at the commit; then nothing of this transaction happens.
    pub async fn audit(&mut self, entry: &Redacted<AuditEntry>) -> Result<i64, StoreError> {
        let (last, prev) = self.head().await?;
        let seq = last + 1;
        let details = to_json(&entry.details, "audit_detail.details")?;
        let commitment = commitment(&entry.salt, &details);
        let link = Link {
            seq,
            at: entry.at.0,
            staff: entry.staff.as_ref().map(StaffId::as_str),
            action: &entry.action,
            request: entry.request.as_ref().map(RequestId::as_str),
            outcome: &entry.outcome,
            commitment: &commitment,
            prev: &prev,
        };
        let hash = link.hash();
        self.put_off(INSERT, |row| {
            row.add(seq)?;
            row.add(link.at)?;
            row.add(link.staff)?;
            row.add(link.action)?;
            row.add(link.request)?;
            row.add(link.outcome)?;
            row.add(link.commitment)?;
            row.add(link.prev)?;
            row.add(&hash[..])
        })?;
        self.put_off(INSERT_DETAIL, |row| {
            row.add(seq)?;
            row.add(details)?;
            row.add(&entry.salt[..])
        })?;
        self.writer.head = Some((seq, hash));
        Ok(seq)
    }

    /// The number and the hash of the last row. After an error the transaction is dropped, and this is read again.
    async fn head(&mut self) -> Result<(i64, Hash), StoreError> {
        if let Some(head) = self.writer.head {
            return Ok(head);
        }
        let row = sqlx::query(HEAD).fetch_one(self.conn()).await?;
        let hash = row.try_get::<&[u8], _>("hash")?.try_into();
        Ok((row.try_get("seq")?, hash.map_err(|_| StoreError::Sql("the audit trail's end is damaged".into()))?))
    }

    /// Erases details and salt; the chain stays whole and says who erased what when. Gives how many rows. The
    /// text is gone from the file for good after `Store::checkpoint`.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn erase_details(&mut self, what: &Erase, by: &StaffId, at: Millis) -> Result<u64, StoreError> {
        let query = match what {
            Erase::Row(seq) => sqlx::query(ERASE_ROW).bind(*seq),
            Erase::Request(id) => sqlx::query(ERASE_REQUEST).bind(id.as_str()),
        };
        Ok(query.bind(by.as_str()).bind(at.0).execute(self.settled().await?).await?.rows_affected())
    }
}

/// What a row's hash covers.
pub(super) struct Link<'a> {
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) staff: Option<&'a str>,
    pub(super) action: &'a str,
    pub(super) request: Option<&'a str>,
    pub(super) outcome: &'a str,
    pub(super) commitment: &'a [u8],
    pub(super) prev: &'a [u8],
}

impl Link<'_> {
    /// SHA-256 over every field, each with its length before it, so that no two rows read the same.
    pub(super) fn hash(&self) -> Hash {
        let mut context = Context::new(&SHA256);
        let mut part = |bytes: &[u8]| {
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        };
        let maybe = |text: Option<&str>| [&[u8::from(text.is_some())], text.unwrap_or_default().as_bytes()].concat();
        part(DOMAIN);
        part(&self.seq.to_be_bytes());
        part(&self.at.to_be_bytes());
        part(&maybe(self.staff));
        part(self.action.as_bytes());
        part(&maybe(self.request));
        part(self.outcome.as_bytes());
        part(self.commitment);
        part(self.prev);
        finish(context)
    }
}

/// SHA-256 over salt and details.
pub(super) fn commitment(salt: &[u8], details: &str) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(salt);
    context.update(details.as_bytes());
    finish(context)
}

fn finish(context: Context) -> Hash {
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn read(row: &SqliteRow) -> Result<AuditRow, StoreError> {
    let details: Option<&str> = row.try_get("details")?;
    let by: Option<String> = row.try_get("erased_by")?;
    Ok(AuditRow {
        seq: row.try_get("seq")?,
        at: at(row, "at")?,
        staff: maybe_parsed(row, "staff")?,
        action: row.try_get("action")?,
        request: maybe_parsed(row, "request")?,
        outcome: row.try_get("outcome")?,
        details: details.map(|text| of_json(text, "details")).transpose()?,
        erased: by.zip(maybe_at(row, "erased_at")?),
        hash: hex(row.try_get("hash")?),
    })
}
