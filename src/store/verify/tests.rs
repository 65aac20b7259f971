//! Trails that hold, and trails that were tampered with as somebody with the file and a shell could.

use super::super::fixture::{Desk, entry, kim};
use super::super::{Erase, StoreError};
use super::*;

async fn filled(rows: u32) -> Desk {
    let desk = Desk::open().await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    for n in 1..=rows {
        assert_eq!(tx.audit(&entry(&format!("outcome {n}"))).await.expect("recorded"), i64::from(n));
    }
    tx.commit().await.expect("committed");
    desk
}

/// Does what somebody with the file and a shell could do.
async fn tampers(desk: &Desk, statements: &[&'static str]) -> Result<(), StoreError> {
    let mut writer = desk.store.writer().await?;
    for statement in statements {
        sqlx::query(*statement).execute(&mut writer.conn).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_chain_holds_and_its_head_is_known() {
    let desk = filled(3).await;
    let verdict = desk.store.audit_verify().await.expect("verified");
    assert_eq!((verdict.rows, verdict.erased, &verdict.first_bad), (3, 0, &None));
    assert!(verdict.guarded);
    assert_eq!(desk.store.audit_head().await.expect("a head"), (3, verdict.head.clone()));
    assert_eq!(audit_verify_file(&desk.path(), &[]).await.expect("verified beside the process"), verdict);
    let rows = desk.store.audit_of(&"rq-1".parse().expect("an id")).await.expect("read");
    assert_eq!(
        rows.iter().map(|row| row.outcome.as_str()).collect::<Vec<_>>(),
        ["outcome 1", "outcome 2", "outcome 3"]
    );
    assert_eq!(rows[0].details, Some(serde_json::json!({"email": "jo@acme.example"})));
    assert_eq!(rows[2].hash, verdict.head);
    let empty = Desk::open().await;
    assert_eq!(empty.store.audit_verify().await.expect("verified").first_bad, None);
}

#[tokio::test]
async fn the_triggers_refuse_every_change() {
    let desk = filled(2).await;
    for statement in [
        "update audit set outcome = 'nothing' where seq = 1",
        "delete from audit where seq = 2",
        "delete from audit_detail where seq = 2",
        "update audit_detail set details = '{}' where seq = 1",
        "update audit_detail set erased_by = 'me' where seq = 1",
        "update audit_head set seq = 1",
        "delete from audit_head",
        "insert or replace into audit select seq, at, staff, action, request, 'x', commitment, prev_hash, hash \
         from audit where seq = 1",
        "insert or replace into audit select 3, at, staff, action, request, 'x', commitment, prev_hash, hash \
         from audit where seq = 1",
        "insert or replace into audit_detail (seq, details, salt) values (1, '{}', x'00')",
    ] {
        assert!(tampers(&desk, &[statement]).await.is_err(), "{statement}");
    }
    assert_eq!(desk.store.audit_verify().await.expect("verified").first_bad, None);
}

#[tokio::test]
async fn the_first_bad_row_is_named() {
    let cases: [(&[&str], i64, &str); 8] = [
        (&["drop trigger audit_keeps", "update audit set outcome = 'nothing' where seq = 2"], 2, "content"),
        (&["drop trigger audit_keeps", "update audit set staff = null where seq = 3"], 3, "content"),
        (&["drop trigger audit_keeps", "update audit set at = at + 1 where seq = 1"], 1, "content"),
        (&["pragma foreign_keys = off", "drop trigger audit_stays", "delete from audit where seq = 2"], 2, "missing"),
        (&["pragma foreign_keys = off", "drop trigger audit_stays", "delete from audit where seq = 4"], 4, "missing"),
        (&["drop trigger audit_detail_erases", "update audit_detail set details = '{}' where seq = 2"], 2, "details"),
        (&["drop trigger audit_detail_stays", "delete from audit_detail where seq = 3"], 3, "details"),
        (&["drop trigger audit_head_stays", "delete from audit_head"], 4, "head row"),
    ];
    for (statements, seq, why) in cases {
        let desk = filled(4).await;
        tampers(&desk, statements).await.expect("tampered");
        let verdict = desk.store.audit_verify().await.expect("verified");
        assert!(!verdict.guarded, "a trigger is gone");
        let (bad, says) = verdict.first_bad.expect("it shows");
        assert!(bad == seq && says.contains(why), "{statements:?}: row {bad}: {says}");
    }
}

#[tokio::test]
async fn a_missing_end_shows_even_when_its_details_went_with_it() {
    let desk = filled(4).await;
    let statements = [
        "drop trigger audit_stays",
        "drop trigger audit_detail_stays",
        "delete from audit_detail where seq > 2",
        "delete from audit where seq > 2",
    ];
    tampers(&desk, &statements).await.expect("tampered");
    let verdict = desk.store.audit_verify().await.expect("verified");
    let (bad, says) = verdict.first_bad.expect("it shows");
    assert!(verdict.rows == 2 && bad == 3 && says.contains("there were 4"), "row {bad}: {says}");
}

#[tokio::test]
async fn erased_details_leave_the_chain_whole_and_say_by_whom() {
    let desk = filled(4).await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    assert_eq!(tx.erase_details(&Erase::Row(2), &kim(), Millis(70)).await.expect("erased"), 1);
    assert_eq!(tx.erase_details(&Erase::Row(2), &kim(), Millis(71)).await.expect("looked"), 0);
    let request = Erase::Request("rq-1".parse().expect("an id"));
    assert_eq!(tx.erase_details(&request, &kim(), Millis(80)).await.expect("erased"), 3);
    tx.commit().await.expect("committed");
    let verdict = desk.store.audit_verify().await.expect("verified");
    assert_eq!((verdict.rows, verdict.erased, verdict.first_bad), (4, 4, None));
    let erasures: Vec<_> = verdict.erasures.iter().map(|e| (e.by.as_str(), e.at.0, e.rows)).collect();
    assert_eq!(erasures, [("kim", 70, 1), ("kim", 80, 3)]);
    let rows = desk.store.audit_of(&"rq-1".parse().expect("an id")).await.expect("read");
    assert_eq!((&rows[1].details, &rows[1].erased), (&None, &Some(("kim".into(), Millis(70)))));
    desk.store.checkpoint().await.expect("copied over");
    for file in std::fs::read_dir(desk.folder.path()).expect("a folder") {
        let content = std::fs::read(file.expect("a file").path()).expect("its content");
        assert!(!content.windows(15).any(|part| part == b"jo@acme.example"), "gone from every file");
    }
}

/// A whole chain of other rows in the place of the one that was published: everything in the file agrees.
async fn rewritten(rows: u32, from: u32) -> Desk {
    let desk = Desk::open().await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    for n in 1..=rows {
        let outcome = if n < from { format!("outcome {n}") } else { format!("harmless {n}") };
        tx.audit(&entry(&outcome)).await.expect("recorded");
    }
    tx.commit().await.expect("committed");
    desk
}

#[tokio::test]
async fn a_rewritten_or_shortened_trail_does_not_hold_against_what_was_published() {
    let mut heads = Vec::new();
    for rows in [0, 2, 4] {
        let (seq, hash) = filled(rows).await.store.audit_head().await.expect("a head");
        heads.push(TrailHead { at: Some(Millis(0)), seq, hash });
    }
    // In any order, and twice: so they lie in a file.
    heads.rotate_left(1);
    heads.push(heads[0].clone());
    let whole = filled(6).await.store.audit_verify_against(&heads).await.expect("verified");
    assert_eq!((whole.heads, whole.rows, whole.first_bad), (4, 6, None));

    for (rows, from, row, why) in [
        (6, 1, 2, "row 1 or later was rewritten"),
        (6, 2, 2, "row 1 or later was rewritten"),
        (6, 3, 4, "published on 1970-01-01 00:00 UTC: row 3 or later was rewritten"),
        (3, 9, 4, "the head is not in the trail: row 4 was published on 1970-01-01 00:00 UTC, and the trail ends at"),
        (0, 9, 1, "the head is not in the trail: row 2 was published"),
    ] {
        let desk = rewritten(rows, from).await;
        assert_eq!(desk.store.audit_verify().await.expect("verified").first_bad, None, "by itself it agrees");
        let verdict = desk.store.audit_verify_against(&heads).await.expect("verified");
        let (bad, says) = verdict.first_bad.expect("it shows");
        assert!(bad == row && says.contains(why), "{rows} rows, others from {from}: row {bad}: {says}");
    }
    let none = TrailHead { at: None, seq: 0, hash: "0a".repeat(32) };
    assert!(filled(1).await.store.audit_verify_against(&[none]).await.expect("verified").first_bad.is_some());
}

#[tokio::test]
async fn what_is_rolled_back_leaves_no_gap() {
    let desk = filled(1).await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    assert_eq!(tx.audit(&entry("lost")).await.expect("recorded"), 2);
    drop(tx);
    let mut tx = desk.store.begin().await.expect("a transaction");
    assert_eq!(tx.audit(&entry("kept")).await.expect("recorded"), 2);
    tx.commit().await.expect("committed");
    let verdict = desk.store.audit_verify().await.expect("verified");
    assert_eq!((verdict.rows, verdict.first_bad), (2, None));
}

#[tokio::test]
async fn a_copy_is_verified_without_the_process() {
    let desk = filled(2).await;
    desk.store.checkpoint().await.expect("copied over");
    let copy = desk.folder.path().join("copy.db");
    std::fs::copy(desk.path(), &copy).expect("a copy");
    assert_eq!(audit_verify_file(&copy, &[]).await.expect("verified").rows, 2);
    let missing = desk.folder.path().join("missing.db");
    assert!(matches!(audit_verify_file(&missing, &[]).await, Err(StoreError::File { .. })));
}
