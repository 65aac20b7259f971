//! How much was asked for lately: what limits count.
//!
//! Invariant: there is no upper end in time, so that a clock that jumps back hides nothing.

use sqlx::{Row, SqliteConnection};

use crate::model::{Millis, RequestId, StaffId, State};

use super::column::to_json;
use super::{StoreError, Tx};

const NEWEST: &str = "select asked from request where asked > ?1 and dry_run = 0 \
     and action in (select value from json_each(?2)) and state in (select value from json_each(?3)) \
     and (?4 is null or requester = ?4) and (?5 is null or org = ?5) and id is not ?6 \
     order by asked desc limit ?7";

pub(crate) const STATEMENTS: &[&str] = &[NEWEST];

/// Which requests count.
#[derive(Clone, Copy)]
pub struct Used<'a> {
    /// Asked after that.
    pub since: Millis,
    /// For one of these actions.
    pub actions: &'a [&'static str],
    /// In one of these states.
    pub states: &'a [State],
    /// By that person; `None`: by anybody.
    pub staff: Option<&'a StaffId>,
    /// For that organization; `None`: for any.
    pub org: Option<&'a str>,
    /// But not that one.
    pub but: Option<&'a RequestId>,
    /// The most that are looked at.
    pub most: u32,
}

impl Tx<'_> {
    /// When the requests that count were asked, the newest first. Dry runs never count.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn used(&mut self, used: &Used<'_>) -> Result<Vec<Millis>, StoreError> {
        newest(self.conn(), used).await
    }
}

async fn newest(conn: &mut SqliteConnection, used: &Used<'_>) -> Result<Vec<Millis>, StoreError> {
    let words: Vec<&str> = used.states.iter().map(|state| state.word()).collect();
    let query = sqlx::query(NEWEST).bind(used.since.0).bind(to_json(&used.actions, "request.action")?);
    let query = query.bind(to_json(&words, "request.state")?).bind(used.staff.map(StaffId::as_str));
    let query = query.bind(used.org).bind(used.but.map(RequestId::as_str)).bind(used.most);
    let rows = query.fetch_all(conn).await?;
    rows.iter().map(|row| Ok(Millis(row.try_get("asked")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, kim, request, safe};
    use super::*;

    #[tokio::test]
    async fn what_counts_is_counted_and_nothing_else() {
        let desk = Desk::open().await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        let asks: [(&str, i64, State, bool, &str, &str); 7] = [
            ("rq-1", 10, State::Done, false, "kim", "acme"),
            ("rq-2", 20, State::Asking, false, "lee", "acme"),
            ("rq-3", 30, State::Done, false, "kim", "globex"),
            ("rq-4", 40, State::Cancelled, false, "kim", "acme"),
            ("rq-5", 50, State::Done, true, "kim", "acme"),
            ("rq-6", 5, State::Done, false, "kim", "acme"),
            ("rq-7", 9_000, State::Done, false, "kim", "acme"),
        ];
        for (id, at, state, dry, who, org) in asks {
            let mut row = request(id);
            (row.asked, row.state, row.dry_run) = (Millis(at), state, dry);
            (row.requester, row.org) = (who.parse().expect("an id"), Some(org.into()));
            row.action = "revoke-session".into();
            tx.insert_request(&safe(row)).await.expect("kept");
        }
        let all = Used {
            since: Millis(5),
            actions: &["revoke-session"],
            states: &[State::Done, State::Asking],
            staff: None,
            org: None,
            but: None,
            most: 9,
        };
        let times = |found: Vec<Millis>| found.into_iter().map(|at| at.0).collect::<Vec<_>>();
        assert_eq!(times(tx.used(&all).await.expect("read")), [9_000, 30, 20, 10]);
        let kim = kim();
        let own = Used { staff: Some(&kim), org: Some("acme"), ..all };
        assert_eq!(times(tx.used(&own).await.expect("read")), [9_000, 10]);
        let but = "rq-7".parse().expect("an id");
        let others = Used { but: Some(&but), most: 2, ..all };
        assert_eq!(times(tx.used(&others).await.expect("read")), [30, 20]);
        let other = Used { actions: &["set-role"], ..all };
        assert!(tx.used(&other).await.expect("read").is_empty());
    }
}
