//! What a member of staff holds in our own records: read for whoever looks after people who leave. Nothing is written.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::model::{StaffId, State};
use crate::ports::{Held, HeldRead, Kept, PortError};

use super::column::{at, json, maybe_at, parsed, word};
use super::{Store, StoreError};

const KEPT_AS: &str = "select distinct staff from person where lower(staff) = lower(?1) or lower(name) = lower(?1) \
     order by staff limit 20";
const KEPT: &str = "select since, name, roles, accounts from person where staff = ?1 order by since desc limit ?2";
const OPEN: &str = "select id, action, state, asked from request where requester = ?1 and ended = 0 \
     order by asked, id limit ?2";
const ENDING: &str = "select r.id as id, r.action as action, t.due as due from timer t join request r on r.id = t.request \
     where r.requester = ?1 and r.ended = 1 and t.kind like 'take_back%' \
     order by t.due limit ?2";
const COUNTS: &str = "select (select count(*) from request where requester = ?1) as asked, \
     (select count(*) from vote v join request r on r.id = v.request \
      where v.staff = ?1 and v.yes = 1 and r.requester <> ?1) as agreed, \
     (select max(at) from audit where staff = ?1) as last";

pub(crate) const STATEMENTS: &[&str] = &[KEPT_AS, KEPT, OPEN, ENDING, COUNTS];

fn failed(error: &StoreError) -> PortError {
    error.of_port("staff")
}

#[async_trait]
impl HeldRead for Store {
    async fn kept_as(&self, name: &str) -> Result<Vec<StaffId>, PortError> {
        let read = async {
            let rows = sqlx::query(KEPT_AS).bind(name).fetch_all(&mut *self.reader().await?).await?;
            rows.iter().map(|row| parsed(row, "staff")).collect::<Result<_, StoreError>>()
        };
        read.await.map_err(|error| failed(&error))
    }

    async fn held(&self, staff: &StaffId, most: u32) -> Result<Held, PortError> {
        self.held_by(staff, most).await.map_err(|error| failed(&error))
    }
}

impl Store {
    async fn held_by(&self, staff: &StaffId, most: u32) -> Result<Held, StoreError> {
        let mut reader = self.reader().await?;
        let of = |query| sqlx::query(query).bind(staff.as_str()).bind(most);
        let kept = of(KEPT).fetch_all(&mut *reader).await?;
        let open = of(OPEN).fetch_all(&mut *reader).await?;
        let ending = of(ENDING).fetch_all(&mut *reader).await?;
        let counts = sqlx::query(COUNTS).bind(staff.as_str()).fetch_one(&mut *reader).await?;
        let request = |row: &SqliteRow| {
            let state = word(row, "state", State::of_word)?;
            Ok((parsed(row, "id")?, row.try_get("action")?, state, at(row, "asked")?))
        };
        let ends = |row: &SqliteRow| Ok((parsed(row, "id")?, row.try_get("action")?, at(row, "due")?));
        Ok(Held {
            kept: kept.iter().map(one_kept).collect::<Result<_, StoreError>>()?,
            open: open.iter().map(request).collect::<Result<_, StoreError>>()?,
            ending: ending.iter().map(ends).collect::<Result<_, StoreError>>()?,
            asked: number(&counts, "asked")?,
            agreed: number(&counts, "agreed")?,
            last: maybe_at(&counts, "last")?,
        })
    }
}

fn number(row: &SqliteRow, column: &'static str) -> Result<usize, StoreError> {
    usize::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Unreadable(column))
}

fn one_kept(row: &SqliteRow) -> Result<Kept, StoreError> {
    Ok(Kept {
        since: at(row, "since")?,
        name: row.try_get("name")?,
        roles: json(row, "roles")?,
        accounts: json(row, "accounts")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, account, entry, kim, request, safe};
    use super::super::{RequestRow, Vote};
    use super::*;
    use crate::model::{Digest, Millis, Role, Staff};

    fn person(id: &str, name: &str, roles: &[Role]) -> Staff {
        Staff {
            id: id.parse().expect("an id"),
            name: name.into(),
            roles: roles.iter().cloned().collect(),
            accounts: if roles.is_empty() { Vec::new() } else { vec![account()] },
            email: None,
            groups: [].into(),
        }
    }

    #[tokio::test]
    async fn what_somebody_holds_and_was_is_read_and_nothing_of_others() {
        let desk = Desk::open().await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.know_person(&person("kim", "Kim", &[Role::SUPPORT]), Millis(1)).await.expect("known");
        tx.know_person(&person("kim", "Kim", &[]), Millis(2)).await.expect("known");
        tx.know_person(&person("ak-9", "Kim", &[Role::LEAD]), Millis(3)).await.expect("known");
        for (id, state) in [("rq-1", State::Asking), ("rq-2", State::Done), ("rq-3", State::Received)] {
            let requester = if id == "rq-3" { "lee".parse().expect("an id") } else { kim() };
            tx.insert_request(&safe(RequestRow { state, requester, ..request(id) })).await.expect("kept");
        }
        let done = "rq-2".parse().expect("an id");
        assert!(tx.move_request(&done, &[State::Done], State::Done, Millis(4)).await.expect("moved"));
        tx.set_timer("take_back:2", &done, Millis(9)).await.expect("set");
        let theirs = "rq-3".parse().expect("an id");
        let (digest, reason) = (Digest("d".into()), String::new());
        let vote = Vote { revision: 0, digest, staff: kim(), account: account(), yes: true, reason, at: Millis(5) };
        tx.put_vote(&theirs, &safe(vote)).await.expect("kept");
        tx.audit(&entry("asked")).await.expect("recorded");
        tx.commit().await.expect("committed");

        let held = desk.store.held(&kim(), 9).await.expect("read");
        let kept: Vec<_> = held.kept.iter().map(|kept| (kept.since.0, kept.roles.len(), kept.accounts.len())).collect();
        assert_eq!(kept, [(2, 0, 0), (1, 1, 1)]);
        let open: Vec<_> = held.open.iter().map(|(id, _, state, _)| (id.as_str(), *state)).collect();
        assert_eq!(open, [("rq-1", State::Asking)]);
        assert_eq!(held.ending, [(done, "revoke-session".to_owned(), Millis(9))]);
        assert_eq!((held.asked, held.agreed, held.last), (2, 1, Some(Millis(1_000))));

        let nobody = desk.store.held(&"obi".parse().expect("an id"), 9).await.expect("read");
        assert_eq!(nobody, Held::default());
        for (name, ids) in [("KIM", vec!["ak-9", "kim"]), ("ak-9", vec!["ak-9"]), ("ki", vec![]), ("%", vec![])] {
            let found = desk.store.kept_as(name).await.expect("read");
            assert_eq!(found.iter().map(StaffId::as_str).collect::<Vec<_>>(), ids, "{name}");
        }
    }
}
