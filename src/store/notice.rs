//! What is owed to outside surfaces and rooms: leased, and then sent, put off, given up or superseded.
//!
//! Invariant: of one (target, subject) only the oldest unsent row is ever handed out, to one sender at a time. Where
//! people are paged, what an ending makes pointless is never sent after it.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::guard::Redacted;
use crate::model::{Audience, DeliveryLine, DeliveryState, Millis, Notice, NoticeContent, Proof, RequestId};

use crate::ports::OwedReply;

use super::column::{at, json, maybe_at, maybe_parsed, to_json, word};
use super::{Store, StoreError, Tx};

const OWE: &str = "insert into notice (key, target, subject, pages, ends, request, content, state, first_owed, \
     not_before, leased_until, attempts, doubts, why, receipt) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'owed', ?8, ?8, 0, 0, 0, '', '') on conflict (key) do nothing";
const SUPERSEDE: &str = "update notice set state = 'superseded', ended = ?3, why = 'it was over before this was sent' \
     where target = ?1 and subject = ?2 and state = 'owed' and leased_until = 0 and ends = 0";
const POINTLESS: &str = "update notice set state = 'superseded', ended = ?2, why = 'nothing was there to end' \
     where key = ?1 and state = 'owed' and not exists (select 1 from notice e where e.target = notice.target \
       and e.subject = notice.subject and e.id < notice.id \
       and (e.state = 'sent' or e.doubts > 0 or e.leased_until > 0))";
/// What waits behind the oldest of its subject is not due: a surface that is down would else keep the writer busy.
const HAS_DUE: &str = "select exists (select 1 from notice where id in \
       (select min(h.id) from notice h where h.target = ?1 and h.state = 'owed' group by h.subject) \
     and not_before <= ?2 and leased_until <= ?2)";
const LEASE: &str = "update notice set attempts = attempts + 1, doubts = doubts + iif(leased_until > 0, 1, 0), \
     leased_until = ?3 where id in (select n.id from notice n where n.id in \
         (select min(h.id) from notice h where h.target = ?1 and h.state = 'owed' group by h.subject) \
       and n.not_before <= ?2 and n.leased_until <= ?2 order by n.id limit ?4) \
     returning id, key, target, subject, pages, request, content, attempts, doubts, first_owed, \
       (select f.object from far_object f where f.target = notice.target and f.subject = notice.subject) as object";
const SENT: &str = "update notice set state = 'sent', receipt = ?2, url = ?3, ended = ?4, leased_until = 0, why = '', \
     doubts = iif(?5, doubts, 0) \
     where id = ?1 and state = 'owed'";
const OBJECT: &str = "insert into far_object (target, subject, object) select target, subject, ?2 from notice \
     where id = ?1 on conflict (target, subject) do update set object = excluded.object";
const PUT_OFF: &str = "update notice set leased_until = 0, not_before = ?2, why = ?3, doubts = doubts + ?4, \
     state = iif(pages = 1 and ends = 0 and exists (select 1 from notice l where l.target = notice.target \
       and l.subject = notice.subject and l.id > notice.id and l.ends = 1 and l.state = 'owed'), 'superseded', state) \
     where id = ?1 and state = 'owed'";
const GAVE_UP: &str = "update notice set state = 'failed', leased_until = 0, why = ?2, ended = ?3 \
     where id = ?1 and state = 'owed'";
const RETRY_FAILED: &str = "update notice set state = 'owed', attempts = 0, not_before = ?3, first_owed = ?3, \
     ended = null where subject = ?1 and state = 'failed' and (?2 is null or key = ?2) and not (pages = 1 and ends = 0 \
       and exists (select 1 from notice l where l.target = notice.target and l.subject = notice.subject \
         and l.id > notice.id and l.ends = 1))";
/// The columns of a delivery, in every statement that reads some.
macro_rules! lines {
    ($rest:literal) => {
        concat!(
            "select key, target, request, content, state, attempts, doubts, not_before, why, receipt, url, ended, \
             (select f.object from far_object f where f.target = notice.target and f.subject = notice.subject) \
             as object from notice ",
            $rest
        )
    };
}

const LINES: &str = lines!("where subject = ?1 order by id");
const BOARD: &str = lines!(
    "where id in (select max(n.id) from notice n where n.subject = ?1 group by n.target union all \
       select o.id from notice o where o.subject = ?1 and o.state in ('owed', 'failed')) order by id"
);
const COUNTS: &str = "select count(*) as owed, min(first_owed) as oldest, \
     (select count(*) from notice where state = 'failed') as failed from notice where state = 'owed'";

pub(crate) const STATEMENTS: &[&str] =
    &[OWE, SUPERSEDE, POINTLESS, HAS_DUE, LEASE, SENT, OBJECT, PUT_OFF, GAVE_UP, RETRY_FAILED, LINES, BOARD, COUNTS];

/// A notice that was leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedNotice {
    /// The row.
    pub id: i64,
    /// The notice.
    pub notice: Notice,
    /// The request that owes it.
    pub request: Option<RequestId>,
    /// How often it was tried before.
    pub attempts: u32,
    /// How many tries there were of which nobody knows what came.
    pub doubts: u32,
    /// When it was first owed.
    pub first_owed: Millis,
    /// The far object of its subject.
    pub object: Option<String>,
}

/// How much is owed to surfaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeCounts {
    /// Owed.
    pub owed: u32,
    /// Given up.
    pub failed: u32,
    /// Since when the oldest is owed.
    pub oldest: Option<Millis>,
}

impl Store {
    /// Whether something is due on that surface. Reads only.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn has_due_notice(&self, target: &str, now: Millis) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(HAS_DUE).bind(target).bind(now.0);
        Ok(query.fetch_one(&mut *self.reader().await?).await?)
    }

    /// Every delivery about a subject, in the order of owing.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn deliveries_of(&self, subject: &str) -> Result<Vec<DeliveryLine>, StoreError> {
        let rows = sqlx::query(LINES).bind(subject).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(line).collect()
    }

    /// Of each surface the newest delivery about a subject, and all that are still open, in the order of owing.
    pub(super) async fn board_of(&self, subject: &str) -> Result<Vec<DeliveryLine>, StoreError> {
        let rows = sqlx::query(BOARD).bind(subject).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(line).collect()
    }

    /// The replies on a ticket, oldest first.
    pub(super) async fn replies_on(&self, ticket: &str) -> Result<Vec<OwedReply>, StoreError> {
        let rows = sqlx::query(LINES).bind(ticket).fetch_all(&mut *self.reader().await?).await?;
        let mut replies = Vec::new();
        for row in &rows {
            if let NoticeContent::Reply(reply) = json(row, "content")? {
                replies.push(OwedReply { request: maybe_parsed(row, "request")?, reply, line: line(row)? });
            }
        }
        Ok(replies)
    }

    /// How much is owed to surfaces.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn notice_counts(&self) -> Result<NoticeCounts, StoreError> {
        let row = sqlx::query(COUNTS).fetch_one(&mut *self.reader().await?).await?;
        let (owed, failed) = (row.try_get("owed")?, row.try_get("failed")?);
        Ok(NoticeCounts { owed, failed, oldest: maybe_at(&row, "oldest")? })
    }
}

impl Tx<'_> {
    /// Owes a notice; one of the same key is owed once. An ending cancels, where people are paged, what was not sent
    /// yet, and itself where nothing was.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn owe_notice(
        &mut self,
        notice: &Redacted<Notice>,
        request: Option<&RequestId>,
        now: Millis,
    ) -> Result<(), StoreError> {
        self.owe_plainly(notice, request, now).await
    }

    /// As `owe_notice`, for what is part of something that the guard has passed.
    pub(super) async fn owe_plainly(
        &mut self,
        notice: &Notice,
        request: Option<&RequestId>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let ends = matches!(&notice.content, NoticeContent::Incident(told) if told.event.ends());
        if ends && notice.pages {
            let query = sqlx::query(SUPERSEDE).bind(&notice.target).bind(&notice.subject).bind(now.0);
            query.execute(self.conn()).await?;
        }
        let query = sqlx::query(OWE).bind(&notice.key).bind(&notice.target).bind(&notice.subject).bind(notice.pages);
        let query = query.bind(ends).bind(request.map(RequestId::as_str));
        let query = query.bind(to_json(&notice.content, "notice.content")?).bind(now.0);
        query.execute(self.conn()).await?;
        if ends && notice.pages {
            sqlx::query(POINTLESS).bind(&notice.key).bind(now.0).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Hands out what is due on one surface: of each subject the oldest, until the lease ends.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn lease_notices(
        &mut self,
        target: &str,
        now: Millis,
        lease_ms: i64,
        limit: u32,
    ) -> Result<Vec<OwedNotice>, StoreError> {
        let query = sqlx::query(LEASE).bind(target).bind(now.0).bind(now.plus_ms(lease_ms).0).bind(limit);
        let rows = query.fetch_all(self.conn()).await?;
        let mut owed = rows.iter().map(owed).collect::<Result<Vec<_>, _>>()?;
        owed.sort_by_key(|row| row.id);
        Ok(owed)
    }

    /// The surface took it. `maybe_twice`: an unclear try before it may have been taken too.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn notice_sent(
        &mut self,
        id: i64,
        proof: &Redacted<Proof>,
        maybe_twice: bool,
        now: Millis,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(SENT).bind(id).bind(&proof.receipt).bind(&proof.url).bind(now.0).bind(maybe_twice);
        let ended = query.execute(self.conn()).await?.rows_affected();
        if let (Some(object), 1) = (&proof.object, ended) {
            sqlx::query(OBJECT).bind(id).bind(object).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// It is tried again later, unless an ending has made it pointless meanwhile. `doubt`: nobody knows whether it was
    /// taken.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn put_notice_off(
        &mut self,
        id: i64,
        due: Millis,
        why: &Redacted<String>,
        doubt: bool,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(PUT_OFF).bind(id).bind(due.0).bind(why.as_str()).bind(doubt);
        query.execute(self.conn()).await?;
        Ok(())
    }

    /// It is given up; a person may have it tried again.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn notice_gave_up(&mut self, id: i64, why: &Redacted<String>, now: Millis) -> Result<(), StoreError> {
        sqlx::query(GAVE_UP).bind(id).bind(why.as_str()).bind(now.0).execute(self.conn()).await?;
        Ok(())
    }

    /// What was given up about a subject is tried again: that one by its key, or all. Returns how many. Nobody is
    /// paged for what is over.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn retry_notices(&mut self, subject: &str, key: Option<&str>, now: Millis) -> Result<u64, StoreError> {
        let query = sqlx::query(RETRY_FAILED).bind(subject).bind(key).bind(now.0);
        Ok(query.execute(self.conn()).await?.rows_affected())
    }
}

fn owed(row: &SqliteRow) -> Result<OwedNotice, StoreError> {
    let notice = Notice {
        key: row.try_get("key")?,
        target: row.try_get("target")?,
        subject: row.try_get("subject")?,
        pages: row.try_get("pages")?,
        content: json(row, "content")?,
    };
    Ok(OwedNotice {
        id: row.try_get("id")?,
        notice,
        request: maybe_parsed(row, "request")?,
        attempts: row.try_get::<u32, _>("attempts")?.saturating_sub(1),
        doubts: row.try_get("doubts")?,
        first_owed: at(row, "first_owed")?,
        object: row.try_get("object")?,
    })
}

fn line(row: &SqliteRow) -> Result<DeliveryLine, StoreError> {
    let state = word(row, "state", state_of)?;
    let content: NoticeContent = json(row, "content")?;
    let (update, audience): (u32, Option<Audience>) = match &content {
        NoticeContent::Incident(told) => (told.update, Some(told.audience)),
        _ => (0, None),
    };
    let doubts: u32 = row.try_get("doubts")?;
    let proof = (state == DeliveryState::Sent)
        .then(|| {
            Ok::<_, StoreError>(Proof {
                object: row.try_get("object")?,
                receipt: row.try_get("receipt")?,
                url: row.try_get("url")?,
            })
        })
        .transpose()?;
    Ok(DeliveryLine {
        key: row.try_get("key")?,
        target: row.try_get("target")?,
        update,
        audience,
        state,
        attempts: row.try_get("attempts")?,
        next_try: (state == DeliveryState::Owed).then(|| at(row, "not_before")).transpose()?,
        why: row.try_get("why")?,
        proof,
        ended: maybe_at(row, "ended")?,
        maybe_twice: doubts > 0,
    })
}

fn state_of(text: &str) -> Option<DeliveryState> {
    Some(match text {
        "owed" => DeliveryState::Owed,
        "sent" => DeliveryState::Sent,
        "failed" => DeliveryState::Failed,
        "superseded" => DeliveryState::Superseded,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
