//! Exposures: messages that hold secrets, and the queue of what is to be done about them. Never what they say.
//!
//! Invariant: one row per message of a channel, handed to one worker at a time; a lease that nobody ends runs
//! out by itself.

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::guard::{Fingerprint, Redacted};
use crate::model::{Account, Leak, Millis, Place, Platform, Posted, Seen};

use super::column::{account_of, at, json, of_json, parsed, to_json, word};
use super::{Store, StoreError, Tx};

const OF_MESSAGE: &str = "select id, message, place, account, by_app, seen, unread, files, state, told, attempts, \
     reminders, leased_until, first_seen, why from exposure where platform = ?1 and channel = ?2 and message = ?3";
const BY_ID: &str = "select id, message, place, account, by_app, seen, unread, files, state, told, attempts, \
     reminders, leased_until, first_seen, why from exposure where id = ?1";
const EXPOSE: &str = "insert into exposure (platform, channel, message, place, account, by_app, seen, unread, files, \
     state, told, attempts, reminders, not_before, leased_until, first_seen, changed, why) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0, 0, ?11, 0, ?11, ?11, '') \
     on conflict (platform, channel, message) do nothing";
const SIGHT: &str = "insert into sighting (exposure, fingerprint, rule, kind, prefix, doubtful, at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (exposure, fingerprint) do nothing";
const SIGHTED: &str = "select fingerprint, rule, kind, prefix, doubtful from sighting where exposure = ?1 \
     order by at, fingerprint";
const LEASE: &str = "update exposure set leased_until = ?2, attempts = attempts + 1 where id in \
     (select id from exposure where state in ('unread', 'todo', 'told') and not_before <= ?1 and leased_until <= ?1 \
       order by not_before, id limit ?3) \
     returning id, message, place, account, by_app, seen, unread, files, state, told, attempts, reminders, \
       leased_until, first_seen, why";
const MOVE: &str = "update exposure set state = ?2, not_before = ?3, leased_until = 0, attempts = ?4, reminders = ?5, \
     told = ?6, unread = ?7, files = ?8, why = ?9, changed = ?10 \
     where id = ?1 and state in ('unread', 'todo', 'told', 'asked')";
const REOPEN: &str = "update exposure set state = 'todo', not_before = ?2, leased_until = 0, attempts = 0, \
     changed = ?2 where id = ?1";
const OF_LEAK: &str = "select e.id, e.message, e.place, e.account, e.by_app, e.seen, e.unread, e.files, e.state, \
     e.told, e.attempts, e.reminders, e.leased_until, e.first_seen, e.why from exposure e \
     join sighting s on s.exposure = e.id where s.fingerprint = ?1 order by e.id desc limit ?2";
const LEAKS_IN: &str = "select l.id, l.fingerprint, l.rule, l.kind, l.prefix, l.state, l.first_seen, l.last_seen, \
     l.seen, l.org, l.project, l.outcome from leak l join sighting s on s.fingerprint = l.fingerprint \
     where s.exposure = ?1 and s.doubtful = 0 order by l.id";

pub(crate) const STATEMENTS: &[&str] =
    &[OF_MESSAGE, BY_ID, EXPOSE, SIGHT, SIGHTED, LEASE, MOVE, REOPEN, OF_LEAK, LEAKS_IN];

/// Where an exposure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExposureState {
    /// Its files are still to be read.
    Unread,
    /// It is to be removed.
    Todo,
    /// It could not be removed; its author was told, and is reminded.
    Told,
    /// It may be no secret; its author was asked.
    Asked,
    /// The platform said that it removed it.
    Removed,
    /// It is not there any more.
    Gone,
    /// It stands there without the secret.
    Clean,
    /// The platform had blocked it before it was posted.
    Blocked,
    /// Somebody who may say so said that it is no secret.
    Harmless,
    /// It stands there still, and the reminders have ended.
    Unheeded,
    /// Its files were read; nothing was found.
    Read,
}

impl ExposureState {
    const ALL: [(Self, &'static str); 11] = [
        (Self::Unread, "unread"),
        (Self::Todo, "todo"),
        (Self::Told, "told"),
        (Self::Asked, "asked"),
        (Self::Removed, "removed"),
        (Self::Gone, "gone"),
        (Self::Clean, "clean"),
        (Self::Blocked, "blocked"),
        (Self::Harmless, "harmless"),
        (Self::Unheeded, "unheeded"),
        (Self::Read, "read"),
    ];

    /// The word that rows and the audit trail use.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }

    /// Whether something is still to be done or waited for.
    #[must_use]
    pub const fn open(self) -> bool {
        matches!(self, Self::Unread | Self::Todo | Self::Told | Self::Asked)
    }
}

const fn seen_word(seen: Seen) -> &'static str {
    match seen {
        Seen::New => "new",
        Seen::Edited => "edited",
        Seen::Listed => "listed",
        Seen::Blocked => "blocked",
        Seen::Topic => "topic",
    }
}

fn seen_named(word: &str) -> Option<Seen> {
    [Seen::New, Seen::Edited, Seen::Listed, Seen::Blocked, Seen::Topic]
        .into_iter()
        .find(|seen| seen_word(*seen) == word)
}

/// One message that holds secrets, or files that were not read yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// The row; 0 before it is kept.
    pub id: i64,
    /// The message's id on its platform.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// Who wrote it.
    pub account: Account,
    /// Whether an app wrote it.
    pub by_app: bool,
    /// How it came before us.
    #[serde(skip)]
    pub seen: Seen,
    /// Ids of the files that are still to be read.
    pub unread: Vec<String>,
    /// Ids of the files that hold secrets.
    pub files: Vec<String>,
    /// Where it stands.
    pub state: ExposureState,
    /// Whether its author was told to remove it.
    pub told: bool,
    /// How often it was tried since it last moved.
    pub attempts: u32,
    /// How often its author was reminded.
    pub reminders: u32,
    /// Until when somebody is at work on it.
    pub leased_until: Millis,
    /// When it was first seen.
    pub first_seen: Millis,
    /// Why it stands where it stands; may be empty.
    pub why: String,
}

impl Exposure {
    /// The message as its platform knows it.
    #[must_use]
    pub fn posted(&self) -> Posted {
        Posted { platform: self.place.platform, channel: self.place.channel.clone(), message: self.message.clone() }
    }
}

/// One secret in one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sighted {
    /// Which secret.
    pub fingerprint: Fingerprint,
    /// The rule that saw it.
    pub rule: String,
    /// The kind, in words.
    pub kind: String,
    /// What may be shown of it; may be empty.
    pub prefix: String,
    /// Whether it may be no secret at all.
    pub doubtful: bool,
}

impl Store {
    /// The exposure of that message.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn exposure_of(&self, posted: &Posted) -> Result<Option<Exposure>, StoreError> {
        of_message(&mut *self.reader().await?, posted).await
    }

    /// What was seen in that exposure.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn sighted_in(&self, exposure: i64) -> Result<Vec<Sighted>, StoreError> {
        let rows = sqlx::query(SIGHTED).bind(exposure).fetch_all(&mut *self.reader().await?).await?;
        rows.iter()
            .map(|row| {
                Ok(Sighted {
                    fingerprint: parsed(row, "fingerprint")?,
                    rule: row.try_get("rule")?,
                    kind: row.try_get("kind")?,
                    prefix: row.try_get("prefix")?,
                    doubtful: row.try_get("doubtful")?,
                })
            })
            .collect()
    }
}

impl Tx<'_> {
    /// The exposure of that message as this transaction sees it.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn exposure_of(&mut self, posted: &Posted) -> Result<Option<Exposure>, StoreError> {
        of_message(self.conn(), posted).await
    }

    /// That exposure.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn exposure(&mut self, id: i64) -> Result<Option<Exposure>, StoreError> {
        let row = sqlx::query(BY_ID).bind(id).fetch_optional(self.conn()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Keeps an exposure that is due at once; what its message has already is left as it is. Gives the row.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn expose(&mut self, row: &Redacted<Exposure>) -> Result<(Exposure, bool), StoreError> {
        let query = sqlx::query(EXPOSE).bind(row.place.platform.name()).bind(row.place.channel.as_str());
        let query = query.bind(row.message.as_str()).bind(to_json(&row.place, "exposure.place")?);
        let query = query.bind(row.account.to_string()).bind(row.by_app).bind(seen_word(row.seen));
        let query = query.bind(to_json(&row.unread, "exposure.unread")?).bind(to_json(&row.files, "exposure.files")?);
        let query = query.bind(row.state.word()).bind(row.first_seen.0);
        let fresh = query.execute(self.conn()).await?.rows_affected() > 0;
        let kept = self.exposure_of(&row.posted()).await?.ok_or(StoreError::Stale("exposure"))?;
        Ok((kept, fresh))
    }

    /// Keeps that a secret was seen in that exposure; false when it was kept already.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn sight(&mut self, exposure: i64, row: &Redacted<Sighted>, at: Millis) -> Result<bool, StoreError> {
        let query = sqlx::query(SIGHT).bind(exposure).bind(row.fingerprint.to_string()).bind(row.rule.as_str());
        let query = query.bind(row.kind.as_str()).bind(row.prefix.as_str()).bind(row.doubtful).bind(at.0);
        Ok(query.execute(self.conn()).await?.rows_affected() > 0)
    }

    /// Leases at most `limit` exposures that are due, longest due first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn lease_exposures(
        &mut self,
        now: Millis,
        lease_ms: i64,
        limit: u32,
    ) -> Result<Vec<Exposure>, StoreError> {
        let query = sqlx::query(LEASE).bind(now.0).bind(now.plus_ms(lease_ms).0).bind(limit);
        let mut rows = query.fetch_all(self.conn()).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        rows.sort_by_key(|row| row.id);
        Ok(rows)
    }

    /// Writes where an open exposure stands now and when it is due again, and ends its lease; false when it has
    /// ended meanwhile.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn move_exposure(
        &mut self,
        row: &Redacted<Exposure>,
        not_before: Millis,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(MOVE).bind(row.id).bind(row.state.word()).bind(not_before.0).bind(row.attempts);
        let query = query.bind(row.reminders).bind(row.told).bind(to_json(&row.unread, "exposure.unread")?);
        let query = query.bind(to_json(&row.files, "exposure.files")?).bind(row.why.as_str()).bind(at.0);
        Ok(query.execute(self.conn()).await?.rows_affected() > 0)
    }

    /// Makes an exposure due again: more was seen in its message.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn reopen_exposure(&mut self, id: i64, at: Millis) -> Result<(), StoreError> {
        sqlx::query(REOPEN).bind(id).bind(at.0).execute(self.conn()).await?;
        Ok(())
    }

    /// At most `limit` exposures of that secret, newest first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn exposures_of(&mut self, secret: &Fingerprint, limit: u32) -> Result<Vec<Exposure>, StoreError> {
        let query = sqlx::query(OF_LEAK).bind(secret.to_string()).bind(limit);
        query.fetch_all(self.conn()).await?.iter().map(read).collect()
    }

    /// The cases of the secrets in that exposure, those in doubt left out.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn leaks_in(&mut self, exposure: i64) -> Result<Vec<Leak>, StoreError> {
        let rows = sqlx::query(LEAKS_IN).bind(exposure).fetch_all(self.conn()).await?;
        rows.iter().map(super::leak::read).collect()
    }
}

async fn of_message(conn: &mut SqliteConnection, posted: &Posted) -> Result<Option<Exposure>, StoreError> {
    let query = sqlx::query(OF_MESSAGE).bind(posted.platform.name()).bind(posted.channel.as_str());
    let row = query.bind(posted.message.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<Exposure, StoreError> {
    let list = |column: &'static str| -> Result<Vec<String>, StoreError> { of_json(row.try_get(column)?, column) };
    let place: Place = json(row, "place")?;
    debug_assert!(Platform::ALL.contains(&place.platform), "every place is on a platform");
    Ok(Exposure {
        id: row.try_get("id")?,
        message: row.try_get("message")?,
        place,
        account: word(row, "account", account_of)?,
        by_app: row.try_get("by_app")?,
        seen: word(row, "seen", seen_named)?,
        unread: list("unread")?,
        files: list("files")?,
        state: word(row, "state", ExposureState::named)?,
        told: row.try_get("told")?,
        attempts: row.try_get("attempts")?,
        reminders: row.try_get("reminders")?,
        leased_until: at(row, "leased_until")?,
        first_seen: at(row, "first_seen")?,
        why: row.try_get("why")?,
    })
}

#[cfg(test)]
mod tests;
