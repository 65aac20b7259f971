//! Asking and exporting: by everything that rows are asked by, and what of the other rows is told.

use serde_json::json;

use super::super::fixture::{Desk, kim, request, safe};
use super::super::{AuditEntry, Erase, RequestRow};
use super::*;

/// Three requests and what became of them: kim's for jo at acme, a refused one, lee's dry run for an address at globex.
async fn filled() -> Desk {
    let desk = Desk::open().await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    let mut first = request("rq-1");
    first.fields.set("user", "Jo@acme.example");
    let mut other = RequestRow { ticket: Some("SUP-2".into()), org: Some("globex".into()), ..request("rq-2") };
    other.dry_run = true;
    other.fields.set("org", "globex");
    tx.insert_request(&safe(first)).await.expect("kept");
    tx.insert_request(&safe(other)).await.expect("kept");
    let rows = [
        (1_000, Some("kim"), "revoke-session", Some("rq-1"), "asked", json!({ "version": 1 })),
        (
            2_000,
            Some("kim"),
            "refusal",
            Some("rq-9"),
            "refused",
            json!({ "action": "set-role", "ticket": "SUP-2", "org": "globex", "user": "ada@globex.example" }),
        ),
        (3_000, Some("lee"), "set-role", Some("rq-2"), "asked", json!({ "dry_run": true })),
        (4_000, None, "notify", Some("rq-1"), "sent", json!({ "target": "tracker" })),
        (5_000, Some("kim"), "revoke-session", Some("rq-1"), "done", json!({ "says": "jo@acme.example" })),
    ];
    for (at, staff, action, request, outcome, details) in rows {
        let entry = AuditEntry {
            at: Millis(at),
            staff: staff.map(|staff| staff.parse().expect("an id")),
            action: action.into(),
            request: request.map(|id| id.parse().expect("an id")),
            outcome: outcome.into(),
            details,
            salt: [7; 16],
        };
        tx.audit(&safe(entry)).await.expect("recorded");
    }
    tx.commit().await.expect("committed");
    desk
}

fn everything() -> TrailFilter {
    TrailFilter::default()
}

#[tokio::test]
async fn rows_are_found_by_everything_that_they_are_asked_by() {
    let desk = filled().await;
    for (filter, seqs) in [
        (everything(), vec![5, 4, 3, 2, 1]),
        (TrailFilter { ticket: "SUP-1".parse().ok(), ..everything() }, vec![5, 4, 1]),
        (TrailFilter { org: "globex".parse().ok(), ..everything() }, vec![3, 2]),
        (TrailFilter { user: "Ada@globex.example".parse().ok(), ..everything() }, vec![2]),
        (TrailFilter { user: "jo@ACME.example".parse().ok(), ..everything() }, vec![5, 4, 1]),
        (TrailFilter { action: Some("set-role".into()), ..everything() }, vec![3, 2]),
        (TrailFilter { staff: Some(kim()), since: Some(Millis(2_000)), ..everything() }, vec![5, 2]),
        (TrailFilter { until: Some(Millis(2_000)), ..everything() }, vec![1]),
        (TrailFilter { ticket: "SUP-2".parse().ok(), staff: Some(kim()), ..everything() }, vec![2]),
        (TrailFilter { case: "rq-1".parse().ok(), ..everything() }, vec![]),
    ] {
        let rows = desk.store.trail(&filter, None, 10).await.expect("read");
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), seqs, "{filter:?}");
    }
    let page = desk.store.trail(&everything(), Some(4), 2).await.expect("read");
    assert_eq!(page.iter().map(|row| (row.seq, row.dry_run)).collect::<Vec<_>>(), [(3, true), (2, false)]);
    assert_eq!((page[0].ticket.as_deref(), page[0].org.as_deref()), (Some("SUP-2"), Some("globex")));
}

#[tokio::test]
async fn a_cases_rows_are_those_of_its_opening_its_notes_and_its_customers_ticket() {
    let desk = filled().await;
    let mut writer = desk.store.writer().await.expect("the writer");
    for statement in [
        "insert into case_file (id, state, class, ticket, org, platform, channel, thread, opened_by, opened, outcome) \
         values ('rq-9', 'open', 'sign-in', 'SUP-2', 'globex', 'slack', 'C1', '', 'kim', 1, '')",
        "insert into case_note (request, case_id, staff, says, at) values ('rq-1', 'rq-9', 'kim', 'x', 1)",
    ] {
        sqlx::query(statement).execute(&mut writer.conn).await.expect("a case");
    }
    drop(writer);
    let of_case = TrailFilter { case: "rq-9".parse().ok(), ..everything() };
    let rows = desk.store.trail(&of_case, None, 10).await.expect("read");
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn an_export_holds_the_whole_chain_and_the_details_of_what_was_asked() {
    let desk = filled().await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    tx.erase_details(&Erase::Row(4), &kim(), Millis(9_000)).await.expect("erased");
    tx.commit().await.expect("committed");
    let filter = TrailFilter { ticket: "SUP-1".parse().ok(), ..everything() };
    let (mut rows, mut head) = (Vec::new(), None);
    let begin = |at: &TrailHead| {
        head = Some(at.clone());
        ControlFlow::Continue(())
    };
    let take = |row: &ExportRow| {
        rows.push(row.clone());
        ControlFlow::Continue(())
    };
    audit_export_file(&desk.path(), &filter, begin, take).await.expect("exported");
    let head = head.expect("a head");
    assert_eq!((head.seq, &head.hash), (5, &rows[4].hash));
    assert_eq!(head, super::super::audit_head_file(&desk.path()).await.expect("read"));
    assert!(rows.windows(2).all(|two| two[1].prev_hash == two[0].hash));
    let asked: Vec<bool> = rows.iter().map(|row| row.asked.is_some()).collect();
    assert_eq!(asked, [true, false, false, true, true]);
    let details = rows[4].asked.as_ref().expect("asked for");
    assert_eq!(details.details.as_deref(), Some(r#"{"says":"jo@acme.example"}"#));
    assert_eq!((details.salt.as_deref(), &details.erased), (Some("07".repeat(16).as_str()), &None));
    let gone = rows[3].asked.as_ref().expect("asked for");
    assert_eq!((&gone.details, &gone.salt, &gone.erased), (&None, &None, &Some(("kim".into(), Millis(9_000)))));

    let mut count = 0;
    let one = |_: &ExportRow| {
        count += 1;
        ControlFlow::Break(())
    };
    audit_export_file(&desk.path(), &filter, |_| ControlFlow::Continue(()), one).await.expect("broken off");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_users_details_are_erased_once_and_the_chain_stays_whole() {
    let desk = filled().await;
    let what = Erasing {
        org: "acme".parse().expect("a slug"),
        user: "JO@acme.example".parse().expect("an address"),
        until: Millis(5_000),
        but: "rq-7".parse().expect("an id"),
    };
    // Of another organization are only the rows that name the address.
    let elsewhere = Erasing { org: "globex".parse().expect("a slug"), ..what.clone() };
    let sooner = Erasing { until: Millis(3_000), ..what.clone() };
    let own = Erasing { but: "rq-1".parse().expect("an id"), ..what.clone() };
    for (what, rows) in [(&what, 3), (&elsewhere, 1), (&sooner, 1), (&own, 0)] {
        assert_eq!(desk.store.to_erase(what).await, Ok(rows), "{what:?}");
    }
    for at in [8_000, 9_000] {
        desk.store.erase(&what, &kim(), Millis(at)).await.expect("erased");
        assert_eq!(desk.store.to_erase(&what).await, Ok(0));
    }
    let verdict = desk.store.audit_verify().await.expect("verified");
    assert_eq!((verdict.rows, verdict.erased, verdict.first_bad), (5, 3, None));
    assert_eq!(verdict.erasures.iter().map(|one| (one.at.0, one.rows)).collect::<Vec<_>>(), [(8_000, 3)]);
    for file in std::fs::read_dir(desk.folder.path()).expect("a folder") {
        let content = std::fs::read(file.expect("a file").path()).expect("its content");
        assert!(!content.windows(15).any(|part| part == b"jo@acme.example"), "gone from every file");
    }
}
