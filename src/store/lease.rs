//! Delivery's side of the outbox: rows are leased, and then end as sent, put off, given up or created anew.
//!
//! Invariant: of one (target, key) only the oldest unsent row is ever handed out, to one sender at a time. A
//! lease that nobody ends runs out by itself.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::guard::Redacted;
use crate::model::{Message, Millis, Platform, Posted};

use super::column::{account_of, at, json, parsed, word};
use super::{OweKind, StoreError, Tx};

/// An edit whose key turned out to have no message is handed out as a create. Attempts are counted when they
/// begin, since a sender may die. A lease that nobody ended leaves a doubt.
const LEASE: &str = "update outbox set leased_until = ?3, attempts = attempts + 1, \
     why = iif(leased_until = 0, why, iif(why in (?5, ?6), ?6, ?5)), \
     kind = iif(kind = 'edit' and not exists \
       (select 1 from posted p where p.target = outbox.target and p.key = outbox.key), 'create', kind) \
     where id in (select o.id from outbox o where o.target = ?1 and o.state = 'owed' \
       and o.not_before <= ?2 and o.leased_until <= ?2 and not exists \
       (select 1 from outbox e where e.state = 'owed' and e.target = o.target and e.key = o.key and e.id < o.id) \
       order by o.id limit ?4) \
     returning id, key, kind, address, request, account, message, attempts, first_owed, why, \
       (select p.channel from posted p where p.target = outbox.target and p.key = outbox.key) as posted_channel, \
       (select p.message from posted p where p.target = outbox.target and p.key = outbox.key) as posted_message";
const SENT: &str = "update outbox set state = 'sent', message = '', ended = ?2 where id = ?1 and state = 'owed'";
const POSTED: &str = "insert into posted (target, key, channel, message, at) \
     select target, key, ?2, ?3, ?4 from outbox where id = ?1 \
     on conflict (target, key) do update set channel = excluded.channel, message = excluded.message, at = excluded.at";
const RETRY: &str = "update outbox set leased_until = 0, not_before = ?2, \
     why = iif(kind = 'private' and why in (?4, ?5), why, ?3) where id = ?1 and state = 'owed'";
/// As if its sender had died, and its lease had run until then.
const DOUBT: &str = "update outbox set leased_until = ?2, not_before = ?2 where id = ?1 and state = 'owed'";
const GAVE_UP: &str = "update outbox set state = 'failed', why = ?2, ended = ?3 where id = ?1 and state = 'owed'";
/// The edits between a failed create and the next create of its key.
const DROP_EDITS: &str = "update outbox set state = 'dropped', message = '', ended = ?2 \
     where state = 'owed' and kind = 'edit' and id > ?1 \
     and (target, key) = (select f.target, f.key from outbox f \
       where f.id = ?1 and f.state = 'failed' and f.kind = 'create') \
     and not exists (select 1 from outbox c where c.state = 'owed' and c.kind = 'create' \
       and c.target = outbox.target and c.key = outbox.key and c.id > ?1 and c.id < outbox.id)";
const RECREATE: &str = "update outbox set kind = 'create', attempts = 0, leased_until = 0 \
     where id = ?1 and state = 'owed' and kind = 'edit'";
const FORGET_POSTED: &str =
    "delete from posted where (target, key) = (select o.target, o.key from outbox o where o.id = ?1)";
const FORGET_ENDED: &str = "delete from outbox where id in \
     (select id from outbox where state in ('sent', 'dropped') and ended < ?1 order by id limit ?2)";

/// Why a row is still owed whose sender could not say what came of it.
const DOUBTED: &str = "It was sent, and nobody knows what came of it.";
/// The same once more.
const DOUBTED_AGAIN: &str = "It was sent more than once, and nobody knows what came of it.";

pub(crate) const STATEMENTS: &[&str] =
    &[LEASE, SENT, POSTED, RETRY, DOUBT, GAVE_UP, DROP_EDITS, RECREATE, FORGET_POSTED, FORGET_ENDED];

/// One thing to deliver now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The row.
    pub id: i64,
    /// What the message stands for.
    pub key: String,
    /// What and to whom. `Update` has a message to edit in `posted`.
    pub kind: OweKind,
    /// The message.
    pub message: Message,
    /// How often it was tried before.
    pub attempts: u32,
    /// The message that the key stands for.
    pub posted: Option<Posted>,
    /// True when creating it may have been tried before: look for it before creating it.
    pub created: bool,
    /// Since when it is owed.
    pub first_owed: Millis,
    /// How often it may have been delivered already without anybody knowing; counted up to 2.
    pub doubts: u8,
}

impl Tx<'_> {
    /// Leases at most `limit` rows that are to be delivered to `target` now, oldest first.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn lease(
        &mut self,
        target: Platform,
        now: Millis,
        lease_ms: i64,
        limit: u32,
    ) -> Result<Vec<Owed>, StoreError> {
        let query = sqlx::query(LEASE).bind(target.name()).bind(now.0).bind(now.plus_ms(lease_ms).0).bind(limit);
        let query = query.bind(DOUBTED).bind(DOUBTED_AGAIN);
        let rows = query.fetch_all(self.conn()).await?;
        let mut owed = rows.iter().map(|row| read(row, target)).collect::<Result<Vec<_>, _>>()?;
        owed.sort_by_key(|row| row.id);
        Ok(owed)
    }

    /// It was delivered; `posted` is the message that its key now stands for, where there is one. A row that has
    /// ended meanwhile stays as it is.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn sent(&mut self, id: i64, posted: Option<&Posted>, at: Millis) -> Result<(), StoreError> {
        let ended = sqlx::query(SENT).bind(id).bind(at.0).execute(self.conn()).await?.rows_affected();
        if let (Some(posted), 1) = (posted, ended) {
            let query = sqlx::query(POSTED).bind(id).bind(posted.channel.as_str()).bind(posted.message.as_str());
            query.bind(at.0).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// It was not delivered and is tried again later.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn retry(&mut self, id: i64, not_before: Millis, why: &Redacted<String>) -> Result<(), StoreError> {
        let query = sqlx::query(RETRY).bind(id).bind(not_before.0).bind(why.as_str());
        query.bind(DOUBTED).bind(DOUBTED_AGAIN).execute(self.conn()).await?;
        Ok(())
    }

    /// It may have been delivered; it is tried again later, and then counts as doubted.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn doubt(&mut self, id: i64, not_before: Millis) -> Result<(), StoreError> {
        sqlx::query(DOUBT).bind(id).bind(not_before.0).execute(self.conn()).await?;
        Ok(())
    }

    /// It will not be delivered. A create takes its waiting edits with it, and its key is free again.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn gave_up(&mut self, id: i64, why: &Redacted<String>, at: Millis) -> Result<(), StoreError> {
        sqlx::query(GAVE_UP).bind(id).bind(why.as_str()).bind(at.0).execute(self.conn()).await?;
        sqlx::query(DROP_EDITS).bind(id).bind(at.0).execute(self.conn()).await?;
        Ok(())
    }

    /// The message to edit was deleted by somebody: this edit becomes a create, due at once.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn recreate(&mut self, id: i64) -> Result<(), StoreError> {
        if sqlx::query(RECREATE).bind(id).execute(self.conn()).await?.rows_affected() > 0 {
            sqlx::query(FORGET_POSTED).bind(id).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Forgets at most `limit` rows that were delivered or dropped before `before`; gives how many.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn forget_delivered(&mut self, before: Millis, limit: u32) -> Result<u64, StoreError> {
        Ok(sqlx::query(FORGET_ENDED).bind(before.0).bind(limit).execute(self.conn()).await?.rows_affected())
    }
}

fn read(row: &SqliteRow, target: Platform) -> Result<Owed, StoreError> {
    let kind = match row.try_get("kind")? {
        "create" => OweKind::Post { to: json(row, "address")? },
        "edit" => OweKind::Update { to: json(row, "address")? },
        "private" => OweKind::Private { request: parsed(row, "request")?, account: word(row, "account", account_of)? },
        _ => return Err(StoreError::Unreadable("kind")),
    };
    let (channel, message): (Option<String>, Option<String>) =
        (row.try_get("posted_channel")?, row.try_get("posted_message")?);
    let attempts = row.try_get::<u32, _>("attempts")?.saturating_sub(1);
    Ok(Owed {
        id: row.try_get("id")?,
        key: row.try_get("key")?,
        created: attempts > 0 && !matches!(kind, OweKind::Update { .. }),
        kind,
        message: json(row, "message")?,
        attempts,
        posted: channel.zip(message).map(|(channel, message)| Posted { platform: target, channel, message }),
        first_owed: at(row, "first_owed")?,
        doubts: match row.try_get("why")? {
            DOUBTED => 1,
            DOUBTED_AGAIN => 2,
            _ => 0,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, account, owe, post, text, update};
    use super::super::{Owe, Store};
    use super::*;

    const LEASE_MS: i64 = 100;

    fn posted(message: &str) -> Posted {
        Posted { platform: Platform::Slack, channel: "C1".into(), message: message.into() }
    }

    async fn owes(store: &Store, at: i64, rows: &[Redacted<Owe>]) {
        let mut tx = store.begin().await.expect("a transaction");
        for row in rows {
            tx.owe(row, Millis(at)).await.expect("owed");
        }
        tx.commit().await.expect("committed");
    }

    async fn lease(store: &Store, at: i64) -> Vec<Owed> {
        let due = store.has_due(Platform::Slack, Millis(at)).await.expect("read");
        let mut tx = store.begin().await.expect("a transaction");
        let owed = tx.lease(Platform::Slack, Millis(at), LEASE_MS, 9).await.expect("leased");
        tx.commit().await.expect("committed");
        assert!(due || owed.is_empty(), "what is leased was due");
        owed
    }

    async fn sends(store: &Store, id: i64, message: Option<&str>) {
        let mut tx = store.begin().await.expect("a transaction");
        tx.sent(id, message.map(posted).as_ref(), Millis(9)).await.expect("sent");
        tx.commit().await.expect("committed");
    }

    fn titles(owed: &[Owed]) -> Vec<&str> {
        owed.iter().map(|row| row.message.title.as_str()).collect()
    }

    #[tokio::test]
    async fn one_key_is_delivered_in_order_and_keys_beside_each_other() {
        let desk = Desk::open().await;
        let rows = [post("a", "a1"), post("b", "b1"), post("a", "a2"), update("a", "a3"), post("c", "c1")];
        owes(&desk.store, 1, &rows).await;
        let first = lease(&desk.store, 1).await;
        assert_eq!(titles(&first), ["a1", "b1", "c1"]);
        assert!(lease(&desk.store, 2).await.is_empty(), "leased, or behind what is leased");
        sends(&desk.store, first[0].id, Some("m1")).await;
        let second = lease(&desk.store, 2).await;
        assert_eq!(titles(&second), ["a2"], "creates never collapse");
        sends(&desk.store, second[0].id, Some("m2")).await;
        let third = lease(&desk.store, 3).await;
        assert!(matches!(third[0].kind, OweKind::Update { .. }));
        assert_eq!(third[0].posted, Some(posted("m2")));
        assert!(!third[0].created);
    }

    #[tokio::test]
    async fn unsent_edits_collapse_to_the_newest() {
        let desk = Desk::open().await;
        owes(&desk.store, 1, &[post("a", "a1")]).await;
        sends(&desk.store, lease(&desk.store, 1).await[0].id, Some("m1")).await;
        owes(&desk.store, 2, &[update("a", "old"), update("a", "newer"), update("b", "b1")]).await;
        assert_eq!(desk.store.outbox_counts().await.expect("counted").owed, 2);
        let sending = lease(&desk.store, 3).await;
        assert_eq!(titles(&sending), ["newer", "b1"]);
        assert!(matches!(sending[1].kind, OweKind::Post { .. }), "an update of nothing is a create");
        assert_eq!(sending[0].first_owed, Millis(2));

        owes(&desk.store, 4, &[update("a", "newest")]).await;
        assert!(lease(&desk.store, 5).await.is_empty(), "the one that is being sent is before it");
        sends(&desk.store, sending[0].id, Some("m1")).await;
        assert_eq!(titles(&lease(&desk.store, 5).await), ["newest"]);
    }

    #[tokio::test]
    async fn a_slow_sender_cannot_mark_a_newer_edit_as_sent() {
        let desk = Desk::open().await;
        owes(&desk.store, 1, &[post("a", "a1")]).await;
        sends(&desk.store, lease(&desk.store, 1).await[0].id, Some("m1")).await;
        owes(&desk.store, 2, &[update("a", "old")]).await;
        let slow = lease(&desk.store, 2).await;
        owes(&desk.store, 2 + LEASE_MS, &[update("a", "new")]).await;
        sends(&desk.store, slow[0].id, Some("m1")).await;
        assert_eq!(titles(&lease(&desk.store, 2 + LEASE_MS).await), ["new"]);
    }

    #[tokio::test]
    async fn a_lease_runs_out_and_a_create_is_then_looked_for() {
        let desk = Desk::open().await;
        owes(&desk.store, 1, &[post("a", "a1")]).await;
        let first = lease(&desk.store, 1).await;
        assert_eq!((first[0].attempts, first[0].created), (0, false));
        assert!(lease(&desk.store, LEASE_MS).await.is_empty());
        let second = lease(&desk.store, 1 + LEASE_MS).await;
        assert_eq!((second[0].attempts, second[0].created), (1, true));

        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.retry(second[0].id, Millis(500), &text("Slow down.")).await.expect("put off");
        tx.commit().await.expect("committed");
        assert!(lease(&desk.store, 499).await.is_empty());
        assert_eq!(lease(&desk.store, 500).await[0].attempts, 2);
        let counts = desk.store.outbox_counts().await.expect("counted");
        assert_eq!((counts.owed, counts.failed, counts.age_ms(Millis(501))), (1, 0, 500));
    }

    #[tokio::test]
    async fn a_failed_create_drops_its_edits_and_frees_the_key() {
        let desk = Desk::open().await;
        let rows =
            [post("a", "a1"), update("a", "edit of a1"), post("a", "a2"), update("a", "edit of a2"), post("b", "b1")];
        owes(&desk.store, 1, &rows[..2]).await;
        let first = lease(&desk.store, 1).await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.gave_up(first[0].id, &text("No such channel."), Millis(2)).await.expect("given up");
        tx.commit().await.expect("committed");
        let counts = desk.store.outbox_counts().await.expect("counted");
        assert_eq!((counts.owed, counts.failed, counts.oldest), (0, 1, None));
        owes(&desk.store, 3, &rows[3..]).await;
        let next = lease(&desk.store, 3).await;
        assert_eq!(titles(&next), ["edit of a2", "b1"]);
        assert!(matches!(next[0].kind, OweKind::Post { .. }), "the key is free, so it is a create");
    }

    #[tokio::test]
    async fn a_failed_create_leaves_the_next_create_and_a_failed_edit_leaves_all() {
        let desk = Desk::open().await;
        owes(&desk.store, 1, &[post("a", "a1"), update("a", "edit of a1"), post("a", "a2")]).await;
        let first = lease(&desk.store, 1).await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.gave_up(first[0].id, &text("no"), Millis(2)).await.expect("given up");
        tx.commit().await.expect("committed");
        let second = lease(&desk.store, 2).await;
        assert_eq!(titles(&second), ["a2"]);
        sends(&desk.store, second[0].id, Some("m2")).await;
        owes(&desk.store, 3, &[update("a", "edit of a2")]).await;
        let edit = lease(&desk.store, 3).await;
        owes(&desk.store, 4, &[update("a", "next edit")]).await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.gave_up(edit[0].id, &text("no"), Millis(5)).await.expect("given up");
        tx.commit().await.expect("committed");
        assert_eq!(titles(&lease(&desk.store, 6).await), ["next edit"]);
    }

    #[tokio::test]
    async fn an_edit_of_a_deleted_message_creates_it_anew() {
        let desk = Desk::open().await;
        owes(&desk.store, 1, &[post("a", "a1")]).await;
        sends(&desk.store, lease(&desk.store, 1).await[0].id, Some("m1")).await;
        owes(&desk.store, 2, &[update("a", "a2")]).await;
        let edit = lease(&desk.store, 2).await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.recreate(edit[0].id).await.expect("a create");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.posted(Platform::Slack, "a").await.expect("read"), None);
        let create = lease(&desk.store, 3).await;
        assert!(matches!(create[0].kind, OweKind::Post { .. }));
        assert_eq!((create[0].created, &create[0].posted), (false, &None));
        sends(&desk.store, create[0].id, Some("m2")).await;
        assert_eq!(desk.store.posted(Platform::Slack, "a").await.expect("read"), Some(posted("m2")));
    }

    #[tokio::test]
    async fn doubts_are_counted_and_outlive_a_clear_failure() {
        let desk = Desk::open().await;
        let request = desk.asks("rq-1").await;
        let kind = OweKind::Private { request, account: account() };
        owes(&desk.store, 1, &[owe("p", kind, "private")]).await;
        let id = lease(&desk.store, 1).await[0].id;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.retry(id, Millis(2), &text("Slow down.")).await.expect("put off");
        tx.commit().await.expect("committed");
        let again = lease(&desk.store, 2).await;
        assert_eq!((again[0].doubts, again[0].created), (0, true), "what came of it was known");
        assert_eq!(lease(&desk.store, 2 + LEASE_MS).await[0].doubts, 1, "the lease ran out");
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.retry(id, Millis(300), &text("Slow down.")).await.expect("put off");
        tx.commit().await.expect("committed");
        assert_eq!(lease(&desk.store, 300).await[0].doubts, 1);
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.doubt(id, Millis(310)).await.expect("put off");
        tx.commit().await.expect("committed");
        assert!(lease(&desk.store, 309).await.is_empty());
        assert_eq!(lease(&desk.store, 310).await[0].doubts, 2);
    }

    #[tokio::test]
    async fn private_answers_are_all_kept_until_sent_and_then_empty() {
        let desk = Desk::open().await;
        let request = desk.asks("rq-1").await;
        let kind = || OweKind::Private { request: request.clone(), account: account() };
        owes(&desk.store, 1, &[owe("p", kind(), "very private one"), owe("p", kind(), "two")]).await;
        let first = lease(&desk.store, 1).await;
        assert_eq!((titles(&first), &first[0].kind), (vec!["very private one"], &kind()));
        sends(&desk.store, first[0].id, None).await;
        assert_eq!(titles(&lease(&desk.store, 2).await), ["two"]);
        desk.store.checkpoint().await.expect("copied over");
        let file = std::fs::read(desk.path()).expect("the file");
        assert!(!file.windows(16).any(|part| part == b"very private one"), "what was delivered is not kept");
        let mut tx = desk.store.begin().await.expect("a transaction");
        assert_eq!(tx.forget_delivered(Millis(100), 9).await.expect("forgot"), 1);
    }
}
