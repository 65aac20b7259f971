//! Requests: what was asked, and where it stands. Moves compare and swap, so that of two who would move
//! the same request one succeeds.

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::guard::Redacted;
use crate::model::{Account, Fields, Millis, Place, RequestId, StaffId, State};

use super::column::{account_of, at, json, parsed, to_json, word};
use super::{Store, StoreError, Tx, changed};

/// How many of the newest requests autocomplete looks through; more would cost it its 1.5 seconds one day.
const RECENT_LOOKED: u32 = 2_000;
/// The options that are also columns, so that requests can be found by them.
const ORG_OPTION: &str = "org";
const TICKET_OPTION: &str = "ticket";

const REQUEST: &str = "select id, action, version, fields, dry_run, requester, account, place, ticket, org, state, \
     revision, asked, changed, outcome, open_key from request where id = ?1";
const INSERT: &str = "insert into request (id, action, version, fields, dry_run, requester, account, place, ticket, \
     org, state, ended, revision, asked, changed, outcome, open_key) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
const IN_STATES: &str = "select id from request where state in (select value from json_each(?1)) \
     order by asked, rowid limit ?2";
const OPEN_LIKE: &str = "select id from request where open_key = ?1 and ended = 0";
const OPEN_COUNT: &str = "select count(*) from request where state = 'asking' and requester = ?1";
const MOVE: &str = "update request set state = ?2, ended = ?3, changed = ?4 \
     where id = ?1 and state in (select value from json_each(?5))";
const SET_FIELDS: &str = "update request set fields = ?2, org = coalesce(?3, org), ticket = coalesce(?4, ticket) \
     where id = ?1";
const SET_OPEN_KEY: &str = "update or ignore request set open_key = ?2 where id = ?1";
const SET_OUTCOME: &str = "update request set outcome = ?2 where id = ?1";
const RECENT_ORGS: &str = "select org from (select org, asked from request order by asked desc limit ?2) \
     where org is not null group by org order by max(asked) desc limit ?1";
const RECENT_TICKETS: &str = "select ticket from \
     (select ticket, asked from request where requester = ?3 order by asked desc limit ?2) \
     where ticket is not null group by ticket order by max(asked) desc limit ?1";

pub(crate) const STATEMENTS: &[&str] = &[
    REQUEST,
    INSERT,
    IN_STATES,
    OPEN_LIKE,
    OPEN_COUNT,
    MOVE,
    SET_FIELDS,
    SET_OPEN_KEY,
    SET_OUTCOME,
    RECENT_ORGS,
    RECENT_TICKETS,
];

/// One request as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRow {
    /// Its id, which is also its reference.
    pub id: RequestId,
    /// The action's name.
    pub action: String,
    /// The action's version when it was asked.
    pub version: u16,
    /// Its options.
    pub fields: Fields,
    /// Stop before the act.
    pub dry_run: bool,
    /// The person who asked.
    pub requester: StaffId,
    /// The account that the person asked with.
    pub account: Account,
    /// Where.
    pub place: Place,
    /// The ticket, where one is known.
    pub ticket: Option<String>,
    /// The organization, where one is known.
    pub org: Option<String>,
    /// Where it stands.
    pub state: State,
    /// The newest plan's revision; 0 before the first.
    pub revision: u32,
    /// When it was asked.
    pub asked: Millis,
    /// When it last moved.
    pub changed: Millis,
    /// How it ended, in a sentence; empty before.
    pub outcome: String,
    /// What makes it the same thing asked by the same person; unique among the requests that have not ended.
    pub open_key: Option<String>,
}

impl Store {
    /// That request.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn request(&self, id: &RequestId) -> Result<Option<RequestRow>, StoreError> {
        request(&mut *self.reader().await?, id).await
    }

    /// At most `limit` requests in one of those states, oldest first.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn requests_in(&self, states: &[State], limit: u32) -> Result<Vec<RequestId>, StoreError> {
        let query = sqlx::query(IN_STATES).bind(words(states)?).bind(limit);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    /// The organizations that were asked about last, newest first.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn recent_orgs(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query_scalar(RECENT_ORGS).bind(limit).bind(RECENT_LOOKED);
        Ok(query.fetch_all(&mut *self.reader().await?).await?)
    }

    /// The tickets that this person named last, newest first.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn recent_tickets(&self, staff: &StaffId, limit: u32) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query_scalar(RECENT_TICKETS).bind(limit).bind(RECENT_LOOKED).bind(staff.as_str());
        Ok(query.fetch_all(&mut *self.reader().await?).await?)
    }
}

impl Tx<'_> {
    /// That request as this transaction sees it.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn request(&mut self, id: &RequestId) -> Result<Option<RequestRow>, StoreError> {
        request(self.conn(), id).await
    }

    /// Keeps a new request.
    ///
    /// # Errors
    /// A conflict when its id is taken, or the same person's same thing is open.
    pub async fn insert_request(&mut self, row: &Redacted<RequestRow>) -> Result<(), StoreError> {
        sqlx::query(INSERT)
            .bind(row.id.as_str())
            .bind(row.action.as_str())
            .bind(row.version)
            .bind(to_json(&row.fields, "request.fields")?)
            .bind(row.dry_run)
            .bind(row.requester.as_str())
            .bind(row.account.to_string())
            .bind(to_json(&row.place, "request.place")?)
            .bind(row.ticket.as_deref())
            .bind(row.org.as_deref())
            .bind(row.state.word())
            .bind(row.state.ended())
            .bind(row.revision)
            .bind(row.asked.0)
            .bind(row.changed.0)
            .bind(row.outcome.as_str())
            .bind(row.open_key.as_deref())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// The request with that key that has not ended.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn open_like(&mut self, open_key: &str) -> Result<Option<RequestId>, StoreError> {
        let row = sqlx::query(OPEN_LIKE).bind(open_key).fetch_optional(self.conn()).await?;
        row.map(|row| parsed(&row, "id")).transpose()
    }

    /// How many requests of that person wait for somebody's agreement.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn open_count(&mut self, staff: &StaffId) -> Result<u32, StoreError> {
        Ok(sqlx::query_scalar(OPEN_COUNT).bind(staff.as_str()).fetch_one(self.conn()).await?)
    }

    /// Moves a request if it is in one of `from`; false when it is not, or there is no such request.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn move_request(
        &mut self,
        id: &RequestId,
        from: &[State],
        to: State,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(MOVE).bind(id.as_str()).bind(to.word()).bind(to.ended()).bind(at.0);
        Ok(query.bind(words(from)?).execute(self.conn()).await?.rows_affected() > 0)
    }

    /// Sets a request's options; `org` and `ticket` among them are also what it is found by.
    ///
    /// # Errors
    /// `Stale` when there is no such request.
    pub async fn set_fields(&mut self, id: &RequestId, fields: &Redacted<Fields>) -> Result<(), StoreError> {
        let query = sqlx::query(SET_FIELDS).bind(id.as_str()).bind(to_json(&**fields, "request.fields")?);
        let query = query.bind(fields.get(ORG_OPTION)).bind(fields.get(TICKET_OPTION));
        changed(query.execute(self.conn()).await?.rows_affected(), "request")
    }

    /// Sets what makes a request the same thing; false when another one with that key has not ended.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn set_open_key(&mut self, id: &RequestId, key: &Redacted<String>) -> Result<bool, StoreError> {
        let query = sqlx::query(SET_OPEN_KEY).bind(id.as_str()).bind(key.as_str());
        Ok(query.execute(self.conn()).await?.rows_affected() > 0)
    }

    /// Says how a request ended.
    ///
    /// # Errors
    /// `Stale` when there is no such request.
    pub async fn set_outcome(&mut self, id: &RequestId, outcome: &Redacted<String>) -> Result<(), StoreError> {
        let query = sqlx::query(SET_OUTCOME).bind(id.as_str()).bind(outcome.as_str());
        changed(query.execute(self.conn()).await?.rows_affected(), "request")
    }
}

async fn request(conn: &mut SqliteConnection, id: &RequestId) -> Result<Option<RequestRow>, StoreError> {
    let row = sqlx::query(REQUEST).bind(id.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<RequestRow, StoreError> {
    Ok(RequestRow {
        id: parsed(row, "id")?,
        action: row.try_get("action")?,
        version: row.try_get("version")?,
        fields: json(row, "fields")?,
        dry_run: row.try_get("dry_run")?,
        requester: parsed(row, "requester")?,
        account: word(row, "account", account_of)?,
        place: json(row, "place")?,
        ticket: row.try_get("ticket")?,
        org: row.try_get("org")?,
        state: word(row, "state", State::of_word)?,
        revision: row.try_get("revision")?,
        asked: at(row, "asked")?,
        changed: at(row, "changed")?,
        outcome: row.try_get("outcome")?,
        open_key: row.try_get("open_key")?,
    })
}

fn words(states: &[State]) -> Result<String, StoreError> {
    to_json(&states.iter().map(|state| state.word()).collect::<Vec<_>>(), "request.state")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, kim, request, safe, text};
    use super::*;

    #[tokio::test]
    async fn goes_there_and_back() {
        let desk = Desk::open().await;
        let mut row = request("rq-1");
        (row.state, row.open_key, row.place.thread) = (State::Asking, Some("kim acme".into()), Some("17.1".into()));
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.insert_request(&safe(row.clone())).await.expect("kept");
        assert_eq!(tx.request(&row.id).await.expect("read").as_ref(), Some(&row));
        assert_eq!(tx.open_count(&kim()).await.expect("counted"), 1);
        let twice = tx.insert_request(&safe(row.clone())).await.expect_err("an id is used once");
        assert!(twice.is_conflict());
        assert!(!twice.to_string().contains("rq-1"), "no content in errors: {twice}");
        tx.commit().await.expect("committed");
        assert_eq!(desk.store.request(&row.id).await.expect("read"), Some(row));
    }

    #[tokio::test]
    async fn of_two_moves_one_succeeds() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        let from = [State::Received, State::Form];
        assert!(tx.move_request(&id, &from, State::Previewed, Millis(7)).await.expect("moved"));
        assert!(!tx.move_request(&id, &from, State::Asking, Millis(8)).await.expect("looked"));
        assert!(!tx.move_request(&id, &[], State::Asking, Millis(8)).await.expect("looked"));
        let nobody = "rq-0".parse().expect("an id");
        assert!(!tx.move_request(&nobody, &from, State::Asking, Millis(8)).await.expect("looked"));
        let row = tx.request(&id).await.expect("read").expect("there");
        assert_eq!((row.state, row.changed), (State::Previewed, Millis(7)));
    }

    #[tokio::test]
    async fn the_same_thing_is_open_once_and_free_when_it_ended() {
        let desk = Desk::open().await;
        let (mut first, mut second) = (request("rq-1"), request("rq-2"));
        (first.open_key, second.open_key) = (Some("k".into()), Some("k".into()));
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.insert_request(&safe(first.clone())).await.expect("kept");
        assert_eq!(tx.open_like("k").await.expect("read"), Some(first.id.clone()));
        assert!(tx.insert_request(&safe(second.clone())).await.expect_err("open already").is_conflict());
        assert!(tx.move_request(&first.id, &[State::Received], State::Cancelled, Millis(2)).await.expect("moved"));
        assert_eq!(tx.open_like("k").await.expect("read"), None);
        tx.insert_request(&safe(second.clone())).await.expect("free again");
        assert!(tx.request(&first.id).await.expect("read").expect("there").open_key.is_some(), "still on record");

        tx.insert_request(&safe(request("rq-3"))).await.expect("kept");
        let third = "rq-3".parse().expect("an id");
        assert!(!tx.set_open_key(&third, &text("k")).await.expect("looked"));
        assert!(tx.set_open_key(&third, &text("other")).await.expect("set"));
    }

    #[tokio::test]
    async fn states_are_read_oldest_first_and_fields_are_found_by() {
        let desk = Desk::open().await;
        for (id, asked, state) in
            [("rq-1", 30, State::Received), ("rq-2", 10, State::Done), ("rq-3", 20, State::Approved)]
        {
            let mut row = request(id);
            (row.asked, row.state, row.org) = (Millis(asked), state, Some(format!("org-{asked}")));
            let mut tx = desk.store.begin().await.expect("a transaction");
            tx.insert_request(&safe(row)).await.expect("kept");
            tx.commit().await.expect("committed");
        }
        let ids = desk.store.requests_in(&[State::Received, State::Approved], 9).await.expect("read");
        assert_eq!(ids.iter().map(RequestId::as_str).collect::<Vec<_>>(), ["rq-3", "rq-1"]);
        assert_eq!(desk.store.requests_in(&[State::Received, State::Approved], 1).await.expect("read").len(), 1);
        assert!(desk.store.requests_in(&[], 9).await.expect("read").is_empty());

        let mut tx = desk.store.begin().await.expect("a transaction");
        let mut fields = Fields::default();
        fields.set("ticket", "SUP-2");
        tx.set_fields(&ids[0], &safe(fields.clone())).await.expect("set");
        tx.set_outcome(&ids[0], &text("It is done.")).await.expect("set");
        let nobody = "rq-0".parse().expect("an id");
        assert!(tx.set_outcome(&nobody, &text("lost")).await.expect_err("nothing there").is_conflict());
        tx.commit().await.expect("committed");
        let row = desk.store.request(&ids[0]).await.expect("read").expect("there");
        assert_eq!((row.ticket.as_deref(), row.org.as_deref(), row.fields), (Some("SUP-2"), Some("org-20"), fields));
        assert_eq!(row.outcome, "It is done.");
        assert_eq!(desk.store.recent_orgs(2).await.expect("read"), ["org-30", "org-20"]);
        assert_eq!(desk.store.recent_tickets(&kim(), 9).await.expect("read"), ["SUP-1", "SUP-2"]);
        assert!(desk.store.recent_tickets(&"lee".parse().expect("an id"), 9).await.expect("read").is_empty());
    }
}
