//! What is owed to somebody: posts, edits of posts, private answers. `lease` hands them out.
//!
//! Invariant: what is owed under one key to one target is delivered in the order in which it was owed. Only
//! unsent edits give way, to a newer edit.

use serde::Serialize;
use sqlx::Row;

use crate::guard::Redacted;
use crate::model::{Account, Address, Message, Millis, Platform, Posted, RequestId};

use super::column::{maybe_at, to_json};
use super::{Store, StoreError, Tx};

const POSTED: &str = "select channel, message from posted where target = ?1 and key = ?2";
const COUNTS: &str = "select count(*) as owed, min(first_owed) as oldest, \
     (select count(*) from outbox where state = 'failed') as failed, \
     (select count(*) from outbox where state = 'failed' and why = ?1) as switched_off \
     from outbox where state = 'owed'";
const STRANDED: &str = "update outbox set state = 'failed', why = ?2, ended = ?3 where id in \
     (select id from outbox where target = ?1 and state = 'owed' order by id limit ?4)";
/// Few rows are owed, and the index holds only those.
const HAS_DUE: &str = "select exists (select 1 from outbox where target = ?1 and state = 'owed' \
     and not_before <= ?2 and leased_until <= ?2)";
/// Why what is owed to a platform that is off is given up.
const SWITCHED_OFF: &str = "The platform is switched off in the configuration.";
/// True when the key has a message, or will have one.
const HAS_MESSAGE: &str = "select exists (select 1 from posted where target = ?1 and key = ?2) or exists \
     (select 1 from outbox where target = ?1 and key = ?2 and state = 'owed' and kind = 'create')";
/// A leased row is being sent and stays; its place in the order is before the new one.
const COLLAPSE: &str = "delete from outbox where target = ?1 and key = ?2 and state = 'owed' and kind = 'edit' \
     and leased_until <= ?3 returning first_owed, not_before";
const OWE: &str = "insert into outbox (target, key, kind, address, request, account, message, state, first_owed, \
     not_before, leased_until, attempts, why) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'owed', ?8, ?9, 0, 0, '')";

pub(crate) const STATEMENTS: &[&str] = &[HAS_DUE, POSTED, COUNTS, STRANDED, HAS_MESSAGE, COLLAPSE, OWE];

/// What is owed, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OweKind {
    /// A new message under the key.
    Post {
        /// Where.
        to: Address,
    },
    /// An edit of the key's message; a new message where nothing was ever created or owed for the key.
    Update {
        /// Where, if it becomes a new message.
        to: Address,
    },
    /// A private answer about a request.
    Private {
        /// The request.
        request: RequestId,
        /// The account that reads it.
        account: Account,
    },
}

/// One thing that is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owe {
    /// The platform that carries it.
    pub target: Platform,
    /// What the message stands for; its edits have the same key.
    pub key: String,
    /// What and to whom.
    pub kind: OweKind,
    /// The message.
    pub message: Message,
}

/// How the outbox is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// What is still to be sent.
    pub owed: u32,
    /// What was given up.
    pub failed: u32,
    /// What was given up because its platform is switched off; `failed` counts it too.
    pub switched_off: u32,
    /// Since when the oldest of what is owed has been owed.
    pub oldest: Option<Millis>,
}

impl OutboxCounts {
    /// How long the oldest has been owed, in milliseconds; 0 when nothing is.
    #[must_use]
    pub fn age_ms(&self, now: Millis) -> i64 {
        self.oldest.map_or(0, |oldest| now.since(oldest).max(0))
    }
}

impl Store {
    /// Whether something may have to be delivered to `target` now. It reads only, so that nobody waits for it.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn has_due(&self, target: Platform, now: Millis) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(HAS_DUE).bind(target.name()).bind(now.0);
        Ok(query.fetch_one(&mut *self.reader().await?).await?)
    }

    /// The message that the key stands for, where one was posted.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn posted(&self, target: Platform, key: &str) -> Result<Option<Posted>, StoreError> {
        let query = sqlx::query(POSTED).bind(target.name()).bind(key);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| {
            Ok(Posted { platform: target, channel: row.try_get("channel")?, message: row.try_get("message")? })
        })
        .transpose()
    }

    /// How the outbox is.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        let row = sqlx::query(COUNTS).bind(SWITCHED_OFF).fetch_one(&mut *self.reader().await?).await?;
        Ok(OutboxCounts {
            owed: row.try_get("owed")?,
            failed: row.try_get("failed")?,
            switched_off: row.try_get("switched_off")?,
            oldest: maybe_at(&row, "oldest")?,
        })
    }
}

impl Tx<'_> {
    /// Owes a message to somebody from `at` on.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn owe(&mut self, row: &Redacted<Owe>, at: Millis) -> Result<(), StoreError> {
        let (kind, first_owed, not_before) = match row.kind {
            OweKind::Private { .. } => ("private", at, at),
            OweKind::Update { .. } if self.has_message(row.target, &row.key).await? => {
                let (first_owed, not_before) = self.collapse(row.target, &row.key, at).await?;
                ("edit", first_owed, not_before)
            }
            OweKind::Post { .. } | OweKind::Update { .. } => ("create", at, at),
        };
        let (address, request, account) = match &row.kind {
            OweKind::Post { to } | OweKind::Update { to } => (Some(to_json(to, "outbox.address")?), None, None),
            OweKind::Private { request, account } => (None, Some(request.as_str()), Some(account.to_string())),
        };
        let query = sqlx::query(OWE).bind(row.target.name()).bind(row.key.as_str()).bind(kind).bind(address);
        let query = query.bind(request).bind(account).bind(to_json(&row.message, "outbox.message")?);
        query.bind(first_owed.0).bind(not_before.0).execute(self.conn()).await?;
        Ok(())
    }

    /// Gives up at most `limit` rows that are owed to a platform that is switched off, oldest first; gives how many.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn strand(&mut self, target: Platform, at: Millis, limit: u32) -> Result<u64, StoreError> {
        let query = sqlx::query(STRANDED).bind(target.name()).bind(SWITCHED_OFF).bind(at.0).bind(limit);
        Ok(query.execute(self.conn()).await?.rows_affected())
    }

    /// Whether the message of that key was posted, or is owed.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn has_message(&mut self, target: Platform, key: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(HAS_MESSAGE).bind(target.name()).bind(key).fetch_one(self.conn()).await?)
    }

    /// Drops the unsent edits that a newer one replaces, and gives what it inherits: since when the reader has
    /// been waiting, and until when the platform asked us to wait. The newer edit is a row of its own, so that a
    /// slow sender of the old one cannot mark it as sent.
    async fn collapse(&mut self, target: Platform, key: &str, at: Millis) -> Result<(Millis, Millis), StoreError> {
        let query = sqlx::query(COLLAPSE).bind(target.name()).bind(key).bind(at.0);
        let rows = query.fetch_all(self.conn()).await?;
        rows.iter().try_fold((at, at), |(first_owed, not_before), row| {
            Ok((
                first_owed.min(super::column::at(row, "first_owed")?),
                not_before.max(super::column::at(row, "not_before")?),
            ))
        })
    }
}
