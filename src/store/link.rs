//! Links between entries of outside audit logs and requests, asked from either side, and made.
//!
//! A link is a row of `evidence`; its ticket is its request's. Invariant: a link and the line in the incident's timeline
//! that tells of it are one transaction, and there once.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::model::{Entry, EntryKind, Linked, Millis, RequestId, StaffId, TrailFilter};
use crate::ports::Linking;

use super::column::parsed;
use super::evidence::entry;
use super::{Store, StoreError};

const LINKED: &str = "select e.source, e.id, e.at, e.action, e.is_after, e.suspicion, e.request, r.action as asked, \
     r.requester, r.ticket, r.org from evidence e join request r on r.id = e.request \
     where (?1 is null or e.id = ?1) and (?2 is null or e.at >= ?2) and (?3 is null or e.at < ?3) \
     and (?4 is null or r.ticket = ?4) \
     and (?5 is null or exists (select 1 from case_file c where c.id = ?5 and c.ticket = r.ticket and c.org = r.org)) \
     and (?6 is null or lower(r.fields ->> 'user') = lower(?6)) and (?7 is null or r.org = ?7) \
     and (?8 is null or r.action = ?8) order by e.at desc, e.source, e.id, e.request limit ?9";
const TOLD: &str = "select exists (select 1 from incident_entry where incident = ?1 and request = ?2)";

pub(crate) const STATEMENTS: &[&str] = &[LINKED, TOLD];

impl Store {
    /// At most `most` links that are asked for, the newest entries first.
    pub(super) async fn links(
        &self,
        filter: &TrailFilter,
        entry: Option<&str>,
        most: u32,
    ) -> Result<Vec<Linked>, StoreError> {
        let query = sqlx::query(LINKED).bind(entry).bind(filter.since.map(|at| at.0)).bind(filter.until.map(|at| at.0));
        let query = query.bind(filter.ticket.as_ref().map(|ticket| ticket.as_str()));
        let query = query.bind(filter.case.as_ref().map(|case| case.as_str()));
        let query = query.bind(filter.user.as_ref().map(|user| user.as_str()));
        let query = query.bind(filter.org.as_ref().map(|org| org.as_str())).bind(filter.action.as_deref()).bind(most);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(link).collect()
    }

    /// Makes links, once however often it is called.
    pub(super) async fn put_links(
        &self,
        request: &RequestId,
        what: &Linking<'_>,
        by: &StaffId,
        at: Millis,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.put_entries(request, what.entries).await?;
        if let Some((incident, says)) = what.incident {
            let query = sqlx::query_scalar(TOLD).bind(incident.as_str()).bind(request.as_str());
            if !query.fetch_one(tx.conn()).await? {
                let new = Entry::new(at, EntryKind::Action, says.to_owned());
                let entry = Entry { staff: Some(by.clone()), request: Some(request.clone()), ..new };
                tx.add_entries(incident, &[entry]).await?;
                tx.stale_card(incident).await?;
            }
        }
        tx.commit().await
    }
}

fn link(row: &SqliteRow) -> Result<Linked, StoreError> {
    Ok(Linked {
        entry: entry(row)?,
        request: parsed(row, "request")?,
        action: row.try_get("asked")?,
        staff: parsed(row, "requester")?,
        ticket: row.try_get("ticket")?,
        org: row.try_get("org")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Desk, kim, safe};
    use super::*;
    use crate::model::Evidence;

    fn seen(id: &str, at: i64) -> Evidence {
        Evidence {
            source: "seqn".into(),
            id: id.into(),
            at: Millis(at),
            action: "session.revoked".into(),
            after: false,
            suspicion: String::new(),
        }
    }

    #[tokio::test]
    async fn links_are_made_once_and_asked_for_from_either_side() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let what = [seen("aud-1", 5), seen("aud-2", 9)];
        for _ in 0..2 {
            let linking = Linking { entries: &what, incident: None };
            desk.store.put_links(&id, &linking, &kim(), Millis(10)).await.expect("linked");
        }
        assert_eq!(desk.store.evidence(&id).await.expect("read"), what);
        let of = |filter: TrailFilter, entry: Option<&'static str>| {
            let store = desk.store.clone();
            async move {
                let found = store.links(&filter, entry, 10).await.expect("read");
                found.into_iter().map(|one| (one.entry.id, one.ticket.unwrap_or_default())).collect::<Vec<_>>()
            }
        };
        let both = [("aud-2".to_owned(), "SUP-1".to_owned()), ("aud-1".to_owned(), "SUP-1".to_owned())];
        let ticket = TrailFilter { ticket: "SUP-1".parse().ok(), ..TrailFilter::default() };
        assert_eq!(of(ticket.clone(), None).await, both);
        assert_eq!(of(TrailFilter::default(), Some("aud-1")).await, both[1..]);
        assert_eq!(of(TrailFilter { until: Some(Millis(9)), ..ticket }, None).await, both[1..]);
        for other in [
            TrailFilter { ticket: "SUP-2".parse().ok(), ..TrailFilter::default() },
            TrailFilter { org: "globex".parse().ok(), ..TrailFilter::default() },
            TrailFilter { user: "jo@acme.example".parse().ok(), ..TrailFilter::default() },
            TrailFilter { case: "rq-9".parse().ok(), ..TrailFilter::default() },
        ] {
            assert!(of(other.clone(), None).await.is_empty(), "{other:?}");
        }
    }

    #[tokio::test]
    async fn what_was_read_again_is_still_one_link() {
        let desk = Desk::open().await;
        let id = desk.asks("rq-1").await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.put_evidence(&id, &safe(vec![seen("aud-1", 5)])).await.expect("kept");
        tx.commit().await.expect("committed");
        let entries = [seen("aud-1", 5)];
        let linking = Linking { entries: &entries, incident: None };
        desk.store.put_links(&id, &linking, &kim(), Millis(10)).await.expect("linked");
        assert_eq!(desk.store.links(&TrailFilter::default(), None, 10).await.expect("read").len(), 1);
    }
}
