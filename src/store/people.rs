//! People as they were: a row for each change of a name, of roles or of accounts, so that the record can say
//! who somebody was at the time, and what became of rights. Who may do what today is never read from here.

use std::collections::BTreeSet;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::model::{Millis, Staff};

use super::column::{json, parsed, to_json};
use super::{Store, StoreError, Tx};

const KNOW: &str = "insert or replace into person (staff, since, name, roles, accounts) \
     select ?1, ?2, ?3, ?4, ?5 where not exists (select 1 from person \
     where staff = ?1 and name = ?3 and roles = ?4 and accounts = ?5 \
     and since = (select max(since) from person where staff = ?1))";

const KNOWN: &str = "select staff, name, roles, accounts from person \
     where since = (select max(since) from person as later where later.staff = person.staff) order by staff";

pub(crate) const STATEMENTS: &[&str] = &[KNOW, KNOWN];

impl Store {
    /// Everybody who was ever kept, as they were kept last; whoever is gone has no role and no account.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn people_known(&self) -> Result<Vec<Staff>, StoreError> {
        let rows = sqlx::query(KNOWN).fetch_all(&mut *self.reader().await?).await?;
        let person = |row: &SqliteRow| {
            Ok(Staff {
                id: parsed(row, "staff")?,
                name: row.try_get("name")?,
                roles: json(row, "roles")?,
                accounts: json(row, "accounts")?,
                email: None,
                groups: BTreeSet::new(),
            })
        };
        rows.iter().map(person).collect()
    }
}

impl Tx<'_> {
    /// Keeps how that person is now, if it differs from what was kept last.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn know_person(&mut self, staff: &Staff, at: Millis) -> Result<(), StoreError> {
        let (roles, accounts) = (to_json(&staff.roles, "person.roles")?, to_json(&staff.accounts, "person.accounts")?);
        let whole = format!("{}\n{roles}\n{accounts}", staff.name);
        if self.writer.known.get(&staff.id) == Some(&whole) {
            return Ok(());
        }
        let query = sqlx::query(KNOW).bind(staff.id.as_str()).bind(at.0).bind(staff.name.as_str());
        query.bind(roles).bind(accounts).execute(self.conn()).await?;
        self.learned.push((staff.id.clone(), whole));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, account, kim};
    use super::*;
    use crate::model::Role;

    const ROWS: &str = "select count(*) from person where staff = ?1";

    #[tokio::test]
    async fn only_a_change_is_a_new_row() {
        let desk = Desk::open().await;
        let mut staff = Staff {
            id: kim(),
            name: "Kim".into(),
            roles: [Role::SUPPORT].into(),
            accounts: vec![account()],
            email: None,
            groups: [].into(),
        };
        let mut tx = desk.store.begin().await.expect("a transaction");
        for (at, role, rows) in [(1, None, 1), (2, None, 1), (3, Some(Role::LEAD), 2), (4, None, 2)] {
            staff.roles.extend(role);
            tx.know_person(&staff, Millis(at)).await.expect("known");
            let found: i64 = sqlx::query_scalar(ROWS).bind(kim().as_str()).fetch_one(tx.conn()).await.expect("counted");
            assert_eq!(found, rows, "at {at}");
        }
    }

    #[tokio::test]
    async fn everybody_is_known_as_kept_last() {
        let desk = Desk::open().await;
        let person = |id: &str, roles: &[Role]| Staff {
            id: id.parse().expect("an id"),
            name: id.into(),
            roles: roles.iter().cloned().collect(),
            accounts: vec![account()],
            email: None,
            groups: [].into(),
        };
        for (at, people) in [
            (1, [person("kim", &[Role::SUPPORT]), person("lee", &[Role::LEAD])]),
            (2, [person("kim", &[]), person("lee", &[Role::LEAD])]),
            // As it was before: what two of one transaction were must both be known to have changed.
            (3, [person("kim", &[Role::SUPPORT]), person("lee", &[Role::ADMIN])]),
        ] {
            let mut tx = desk.store.begin().await.expect("a transaction");
            for one in &people {
                tx.know_person(one, Millis(at)).await.expect("known");
            }
            tx.commit().await.expect("committed");
            assert_eq!(desk.store.people_known().await.expect("read"), people, "at {at}");
        }
    }
}
