//! One open alert for each group; lines that are kept once, whatever order they are reported in; and the incident.

use super::super::fixture::{Desk, safe};
use super::*;

fn id(text: &str) -> RequestId {
    text.parse().expect("an id")
}

fn line(fingerprint: &str, began: i64) -> AlertLine {
    AlertLine {
        fingerprint: fingerprint.into(),
        began: Millis(began),
        severity: Severity::Sev2,
        title: "It fails".into(),
        impact: String::new(),
        routes: String::new(),
        says: "It answered 503.".into(),
        private: false,
        ended: None,
    }
}

async fn raised(desk: &Desk, name: &str, lines: &[AlertLine]) -> RequestId {
    let mut tx = desk.store.begin().await.expect("a transaction");
    tx.raise_alert(&id(name), AlertSource::Alertmanager, "g", Severity::Sev2, Millis(10)).await.expect("raised");
    for line in lines {
        tx.add_line(&id(name), &safe(line.clone())).await.expect("added");
    }
    tx.commit().await.expect("committed");
    id(name)
}

#[tokio::test]
async fn a_line_is_known_by_its_fingerprint_and_when_it_began() {
    let desk = Desk::open().await;
    let alert = raised(&desk, "rq-1", &[line("am:1", 100)]).await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    assert!(tx.knows_line("am:1", Millis(100)).await.expect("looked"), "the same again");
    assert!(tx.knows_line("am:1", Millis(50)).await.expect("looked"), "what it was before");
    assert!(!tx.knows_line("am:1", Millis(200)).await.expect("looked"), "it began again");
    assert!(!tx.knows_line("am:2", Millis(100)).await.expect("looked"));
    assert_eq!(tx.end_line("am:1", Millis(99), Millis(300)).await.expect("ended"), None, "an earlier end ends nothing");
    let (of, ended) = tx.end_line("am:1", Millis(100), Millis(300)).await.expect("ended").expect("a line");
    assert_eq!((of, ended.ended), (alert.clone(), Some(Millis(300))));
    assert_eq!(tx.end_line("am:1", Millis(100), Millis(300)).await.expect("ended"), None, "it ends once");
    assert!(tx.knows_line("am:1", Millis(100)).await.expect("looked"), "a late report of what is over is no news");
    assert!(!tx.knows_line("am:1", Millis(101)).await.expect("looked"), "it began again");
    tx.commit().await.expect("committed");
    let kept = desk.store.alert(&alert).await.expect("read").expect("there");
    assert_eq!(kept.lines, [AlertLine { ended: Some(Millis(300)), ..line("am:1", 100) }]);
}

#[tokio::test]
async fn one_alert_of_a_group_stands_open() {
    let desk = Desk::open().await;
    let first = raised(&desk, "rq-1", &[line("am:1", 100)]).await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    assert_eq!(tx.open_alert(AlertSource::Alertmanager, "g").await.expect("looked"), Some(first.clone()));
    assert_eq!(tx.open_alert(AlertSource::Checks, "g").await.expect("looked"), None);
    let again = tx.raise_alert(&id("rq-2"), AlertSource::Alertmanager, "g", Severity::Sev1, Millis(20)).await;
    assert!(again.expect_err("one stands open").is_conflict());
    drop(tx);
    assert_eq!(desk.store.open_alerts().await.expect("counted"), 1);
    let mut tx = desk.store.begin().await.expect("a transaction");
    let mut alert = tx.alert(&first).await.expect("read").expect("there");
    (alert.ended, alert.paged) = (Some(Millis(30)), vec!["pagerduty".into()]);
    tx.told_alert(&alert).await.expect("told");
    tx.raise_alert(&id("rq-2"), AlertSource::Alertmanager, "g", Severity::Sev1, Millis(40)).await.expect("raised");
    tx.commit().await.expect("committed");
    assert_eq!(desk.store.alert(&first).await.expect("read"), Some(alert));
    let mut tx = desk.store.begin().await.expect("a transaction");
    assert_eq!(tx.forget_alerts(Millis(31), 9).await.expect("forgotten"), 1);
    tx.commit().await.expect("committed");
    assert_eq!(desk.store.alert(&first).await.expect("read"), None);
    assert_eq!(desk.store.open_alerts().await.expect("counted"), 1, "what stands open is kept");
}

#[tokio::test]
async fn the_first_incident_that_is_opened_from_it_is_the_one() {
    let desk = Desk::open().await;
    let alert = raised(&desk, "rq-1", &[line("am:1", 100)]).await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    tx.asked_from_alert(&id("rq-form"), &alert).await.expect("kept");
    tx.form_became(&id("rq-form"), &id("rq-asked")).await.expect("kept");
    tx.form_became(&id("rq-other"), &id("rq-7")).await.expect("a form of no alert is nothing");
    tx.link_alert(&id("rq-7")).await.expect("nothing to link");
    assert!(tx.alert(&alert).await.expect("read").is_some_and(|one| one.incident.is_none()));
    tx.link_alert(&id("rq-asked")).await.expect("linked");
    tx.asked_from_alert(&id("rq-late"), &alert).await.expect("kept");
    tx.link_alert(&id("rq-late")).await.expect("too late");
    tx.commit().await.expect("committed");
    let kept = desk.store.alert(&alert).await.expect("read").expect("there");
    assert_eq!(kept.incident, Some(id("rq-asked")));
    assert_eq!(desk.store.stale_alerts(9).await.expect("read"), std::slice::from_ref(&alert));
    let mut tx = desk.store.begin().await.expect("a transaction");
    tx.told_alert(&kept).await.expect("told");
    tx.commit().await.expect("committed");
    assert!(desk.store.stale_alerts(9).await.expect("read").is_empty());
}
