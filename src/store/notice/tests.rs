//! Order, doubt, and what an ending cancels.

use super::super::fixture::{Desk, safe, text};
use super::*;
use crate::model::{IncidentKind, IncidentNotice, NoticeEvent, Phase, Severity};

const LEASE_MS: i64 = 100;

fn told(event: NoticeEvent, update: u32) -> NoticeContent {
    NoticeContent::Incident(Box::new(IncidentNotice {
        incident: "rq-1".parse().expect("an id"),
        number: 1,
        kind: IncidentKind::Real,
        event,
        audience: Audience::Internal,
        severity: Severity::Sev1,
        phase: Phase::Open,
        title: "Sign-in fails".into(),
        text: "It fails.".into(),
        routes: Vec::new(),
        started: Millis(1),
        at: Millis(1),
        next_update: None,
        update,
    }))
}

fn notice(target: &str, subject: &str, event: NoticeEvent, update: u32) -> Notice {
    Notice {
        key: format!("{subject}:{update}:{target}"),
        target: target.into(),
        subject: subject.into(),
        pages: target == "pager",
        content: told(event, update),
    }
}

async fn owes(desk: &Desk, at: i64, notices: &[Notice]) {
    let mut tx = desk.store.begin().await.expect("a transaction");
    for one in notices {
        tx.owe_notice(&safe(one.clone()), None, Millis(at)).await.expect("owed");
    }
    tx.commit().await.expect("committed");
}

async fn lease(desk: &Desk, target: &str, at: i64) -> Vec<OwedNotice> {
    let due = desk.store.has_due_notice(target, Millis(at)).await.expect("read");
    let mut tx = desk.store.begin().await.expect("a transaction");
    let owed = tx.lease_notices(target, Millis(at), LEASE_MS, 9).await.expect("leased");
    tx.commit().await.expect("committed");
    assert_eq!(due, !owed.is_empty(), "what is due can be leased, and what waits behind it is not due");
    owed
}

async fn sent(desk: &Desk, id: i64, object: Option<&str>) {
    let proof = Proof { object: object.map(str::to_owned), receipt: "202".into(), url: None };
    let mut tx = desk.store.begin().await.expect("a transaction");
    tx.notice_sent(id, &safe(proof), false, Millis(9)).await.expect("sent");
    tx.commit().await.expect("committed");
}

async fn put_off(desk: &Desk, id: i64, due: i64, doubt: bool) {
    let mut tx = desk.store.begin().await.expect("a transaction");
    tx.put_notice_off(id, Millis(due), &text("later"), doubt).await.expect("put off");
    tx.commit().await.expect("committed");
}

async fn states(desk: &Desk, subject: &str) -> Vec<DeliveryState> {
    desk.store.deliveries_of(subject).await.expect("read").iter().map(|line| line.state).collect()
}

use NoticeEvent::{Opened, Reopened, Resolved, Updated};

#[tokio::test]
async fn a_subject_is_told_in_order_and_subjects_beside_each_other() {
    let desk = Desk::open().await;
    let all = [
        notice("page", "a", Opened, 1),
        notice("page", "a", Updated, 2),
        notice("page", "b", Opened, 1),
        notice("other", "a", Opened, 1),
    ];
    owes(&desk, 1, &all).await;
    owes(&desk, 1, &all[..1]).await;
    let first = lease(&desk, "page", 1).await;
    assert_eq!(first.iter().map(|o| o.notice.key.as_str()).collect::<Vec<_>>(), ["a:1:page", "b:1:page"]);
    assert!(lease(&desk, "page", 2).await.is_empty(), "leased, or behind what is leased");
    sent(&desk, first[0].id, Some("far-1")).await;
    let second = lease(&desk, "page", 3).await;
    assert_eq!((second[0].notice.key.as_str(), second[0].object.as_deref()), ("a:2:page", Some("far-1")));
    let lines = desk.store.deliveries_of("a").await.expect("read");
    assert_eq!(
        lines[0].proof.as_ref().map(|p| (p.object.as_deref(), p.receipt.as_str())),
        Some((Some("far-1"), "202"))
    );
    assert_eq!(lines[1].state, DeliveryState::Owed);
    assert_eq!(lines[2].target, "other");
}

#[tokio::test]
async fn a_lease_that_ran_out_is_a_doubt() {
    let desk = Desk::open().await;
    owes(&desk, 1, &[notice("page", "a", Opened, 1)]).await;
    assert_eq!(lease(&desk, "page", 1).await[0].doubts, 0);
    let again = lease(&desk, "page", 1 + LEASE_MS).await;
    assert_eq!((again[0].attempts, again[0].doubts), (1, 1));
    put_off(&desk, again[0].id, 500, true).await;
    assert!(lease(&desk, "page", 499).await.is_empty());
    assert_eq!(lease(&desk, "page", 500).await[0].doubts, 2);
    assert_eq!(desk.store.notice_counts().await.expect("counted").owed, 1);
}

#[tokio::test]
async fn what_is_over_pages_nobody() {
    let desk = Desk::open().await;
    owes(&desk, 1, &[notice("pager", "a", Opened, 1), notice("pager", "a", Resolved, 2)]).await;
    assert_eq!(states(&desk, "a").await, [DeliveryState::Superseded; 2], "nothing was there to end");

    owes(&desk, 1, &[notice("pager", "b", Opened, 1)]).await;
    let trigger = lease(&desk, "pager", 1).await;
    owes(&desk, 2, &[notice("pager", "b", Updated, 2), notice("pager", "b", Resolved, 3)]).await;
    put_off(&desk, trigger[0].id, 5, true).await;
    assert_eq!(
        states(&desk, "b").await,
        [DeliveryState::Superseded, DeliveryState::Superseded, DeliveryState::Owed],
        "a trigger that may have come is ended, and not repeated"
    );
    let end = lease(&desk, "pager", 6).await;
    sent(&desk, end[0].id, None).await;
    owes(&desk, 7, &[notice("pager", "b", Reopened, 4)]).await;
    assert_eq!(lease(&desk, "pager", 7).await[0].notice.key, "b:4:pager", "a reopened one pages again");
}

#[tokio::test]
async fn other_surfaces_are_told_all_of_it() {
    let desk = Desk::open().await;
    owes(&desk, 1, &[notice("page", "a", Opened, 1), notice("page", "a", Resolved, 2)]).await;
    assert_eq!(states(&desk, "a").await, [DeliveryState::Owed; 2]);
}

#[tokio::test]
async fn what_was_given_up_can_be_tried_again_but_pages_nobody_after_the_end() {
    let desk = Desk::open().await;
    owes(&desk, 1, &[notice("pager", "a", Opened, 1), notice("page", "a", Opened, 1)]).await;
    for target in ["pager", "page"] {
        let owed = lease(&desk, target, 1).await;
        let mut tx = desk.store.begin().await.expect("a transaction");
        tx.notice_gave_up(owed[0].id, &text("No such key."), Millis(2)).await.expect("given up");
        tx.commit().await.expect("committed");
    }
    owes(&desk, 3, &[notice("pager", "a", Updated, 2)]).await;
    let owed = lease(&desk, "pager", 3).await;
    sent(&desk, owed[0].id, None).await;
    owes(&desk, 4, &[notice("pager", "a", Resolved, 3)]).await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    assert_eq!(tx.retry_notices("a", None, Millis(5)).await.expect("tried again"), 1);
    tx.commit().await.expect("committed");
    let again = lease(&desk, "page", 5).await;
    assert_eq!((again[0].notice.key.as_str(), again[0].attempts), ("a:1:page", 0));
    assert_eq!(lease(&desk, "pager", 5).await[0].notice.key, "a:3:pager");
}

#[tokio::test]
async fn a_board_is_the_newest_of_each_surface_and_all_that_is_open() {
    let desk = Desk::open().await;
    for update in 1..=3 {
        owes(&desk, 1, &[notice("page", "a", Updated, update), notice("other", "a", Updated, update)]).await;
    }
    let keys = |lines: Vec<DeliveryLine>| lines.into_iter().map(|line| line.key).collect::<Vec<_>>();
    assert_eq!(keys(desk.store.board_of("a").await.expect("read")).len(), 6, "all are open");
    for _ in 1..=3 {
        let owed = lease(&desk, "page", 2).await;
        sent(&desk, owed[0].id, None).await;
    }
    let board = desk.store.board_of("a").await.expect("read");
    assert_eq!(keys(board), ["a:1:other", "a:2:other", "a:3:page", "a:3:other"]);
    assert!(desk.store.board_of("b").await.expect("read").is_empty());
}

#[tokio::test]
async fn no_statement_about_incidents_and_notices_reads_a_whole_table() {
    let desk = Desk::open().await;
    let mut conn = desk.store.reader().await.expect("a connection");
    let all = [
        STATEMENTS,
        super::super::incident::STATEMENTS,
        super::super::timeline::STATEMENTS,
        super::super::room::STATEMENTS,
    ];
    // What an insert scans are the tables that refer to its own, and only where such a reference is still open.
    for statement in all.concat().into_iter().filter(|statement| !statement.starts_with("insert")) {
        let explain = sqlx::AssertSqlSafe(format!("explain query plan {statement}"));
        let plan: Vec<String> = sqlx::query(explain)
            .fetch_all(&mut *conn)
            .await
            .expect("explained")
            .iter()
            .map(|row| row.try_get("detail").expect("a text"))
            .collect();
        let whole = |line: &&String| {
            let table =
                ["notice", "incident", "far_object"].iter().any(|name| line.starts_with(&format!("SCAN {name}")));
            table && !line.contains("USING")
        };
        assert_eq!(plan.iter().find(whole), None, "{statement}");
    }
}
