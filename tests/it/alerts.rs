//! Alerts: the webhook that an Alertmanager reports to, over a real socket, and the scheduled checks. Who is refused and
//! how, what is taken once, and what a death in the middle leaves.
//!
//! Invariant: what was answered with 200 is there after a crash, and what was not is proposed when it is reported again.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use seqn_chatops::engine::Stop;
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::settings::secret;
use seqn_chatops::sandbox::stage::Audience;

use crate::folder::folder;
use crate::laws::desk;

/// The most alerts of one notification.
const ALERTS_MOST: usize = 1_000;
/// More bytes than a body may have.
const TOO_LONG: usize = 1024 * 1024 + 1;
/// More checks around commits than a report has.
const CHECKS_MOST: u64 = 6;

/// More than the checks around the commits of one round of checks and its deliveries.
const ROUND_MOST: u64 = 12;
/// Beyond the time of the next check.
const NEXT_CHECK_MS: i64 = 61_000;

fn token() -> String {
    secret("ALERTMANAGER_TOKEN").unwrap()
}

fn alert(name: &str, fingerprint: u64, starts: &str, over: bool) -> Value {
    json!({
        "status": if over { "resolved" } else { "firing" },
        "labels": {"alertname": name, "severity": "critical"}, "annotations": {"summary": format!("{name} is there")},
        "startsAt": starts, "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": format!("{fingerprint:016x}"),
    })
}

fn notification(alerts: &[Value]) -> String {
    json!({"version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "chatops", "alerts": alerts})
        .to_string()
}

async fn started() -> (tempfile::TempDir, Desk) {
    let (folder, mut desk) = desk().await;
    desk.start(Stop::never()).await.unwrap();
    (folder, desk)
}

/// Sends a request as it is written: the status of the answer, and all of it.
async fn raw(desk: &Desk, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(desk.listens().unwrap()).await.unwrap();
    let text = format!("{head}\r\nhost: bot\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    // Whoever is refused may be refused before all of it was read.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0), answer)
}

/// What the bot has said in the incidents channel of that platform.
fn said(desk: &Desk, stage: &str) -> Vec<String> {
    let all = desk.stage(stage).unwrap().all().into_iter();
    let here = all.filter(|shown| shown.audience == Audience::Channel("incidents".into()) && shown.author == "bot");
    here.map(|shown| shown.text).collect()
}

async fn audited(desk: &Desk, outcome: &str) -> usize {
    let rows = desk.bot().unwrap().engine.store().audit_tail(1_000).await.unwrap();
    rows.iter().filter(|row| row.action == "alert" && row.outcome == outcome).count()
}

#[tokio::test]
async fn strangers_and_nonsense_are_refused_and_leave_nothing() {
    let (_folder, mut desk) = started().await;
    let (good, key) = (notification(&[alert("Slow", 1, "2026-11-02T08:59:00Z", false)]), token());
    let path = "POST /alertmanager HTTP/1.1";
    let known = format!("{path}\r\nauthorization: Bearer {key}");
    let wrong = &format!("{key}x");
    for (head, body, want) in [
        (path.to_owned(), good.clone(), 401),
        (format!("{path}\r\nauthorization: Bearer"), good.clone(), 401),
        (format!("{path}\r\nauthorization: Bearer {wrong}"), good.clone(), 401),
        (format!("{path}\r\nauthorization: Bearer {}", &key[..key.len() - 1]), good.clone(), 401),
        (format!("{path}\r\nauthorization: Basic {key}"), good.clone(), 401),
        // Nothing is read of whoever does not know the token.
        (path.to_owned(), "x".repeat(TOO_LONG), 401),
        (known.clone(), "x".repeat(TOO_LONG), 413),
        (known.clone(), String::new(), 400),
        (known.clone(), "{}".into(), 400),
        (known.clone(), good.replace("\"version\":\"4\"", "\"version\":\"3\""), 400),
        (known.clone(), good[..good.len() - 1].to_owned(), 400),
        (format!("GET /alertmanager HTTP/1.1\r\nauthorization: Bearer {key}"), String::new(), 405),
    ] {
        let (status, answer) = raw(&desk, &head, &body).await;
        assert_eq!(status, want, "{head}: {answer}");
        assert!(!answer.contains(&key) && !answer.contains("Slow"), "{answer}");
        assert_eq!(answer.contains("www-authenticate: Bearer"), want == 401, "{answer}");
    }
    desk.settle().await.unwrap();
    assert_eq!((said(&desk, "slack").len(), said(&desk, "discord").len()), (0, 0));
    assert_eq!(audited(&desk, "proposed").await + audited(&desk, "paged").await, 0);
    let (_, metrics) = raw(&desk, "GET /metrics HTTP/1.1", "").await;
    assert!(metrics.contains("alertmanager_reports_total{outcome=\"refused\"} 11"), "{metrics}");
    desk.stop().await;
}

/// A bot without Discord: what the incidents channel there would hear is not owed.
#[tokio::test]
async fn nothing_is_owed_to_a_platform_that_is_off() {
    let folder = folder();
    let database = folder.path().join("alone.sqlite");
    let setup = Setup { seed: 9, database, live: false, slack: true, discord: false };
    let mut desk = Desk::open(setup).await.unwrap();
    desk.start(Stop::never()).await.unwrap();
    let body = notification(&[alert("Slow", 1, "2026-11-02T08:59:00Z", false)]);
    assert_eq!(desk.notifies(&body, &token()).await.unwrap(), 200);
    desk.settle().await.unwrap();
    assert_eq!(said(&desk, "slack").len(), 1);
    let counts = desk.bot().unwrap().engine.store().outbox_counts().await.unwrap();
    assert_eq!((counts.owed, counts.failed), (0, 0));
    desk.stop().await;
}

#[tokio::test]
async fn a_report_that_cannot_be_kept_is_to_come_again() {
    let (_folder, desk) = started().await;
    let body = notification(&[alert("Slow", 1, "2026-11-02T08:59:00Z", false)]);
    desk.bot().unwrap().engine.store().clone().close().await;
    assert_eq!(desk.notifies(&body, &token()).await.unwrap(), 503);
}

#[tokio::test]
async fn what_was_taken_is_there_after_a_death_and_is_proposed_once() {
    let mut refused = 0;
    for checks in 1..=CHECKS_MOST {
        let (_folder, mut desk) = desk().await;
        let body = notification(&[alert("Slow", 1, "2026-11-02T08:59:00Z", false)]);
        desk.start(Stop::after(checks)).await.unwrap();
        let status = desk.notifies(&body, &token()).await.unwrap();
        assert!(matches!(status, 200 | 503), "{status}");
        refused += usize::from(status == 503);
        desk.crash().await;
        desk.start(Stop::never()).await.unwrap();
        if status == 200 {
            assert_eq!(desk.bot().unwrap().engine.store().open_alerts().await.unwrap(), 1, "it was taken");
        }
        for _ in 0..2 {
            assert_eq!(desk.notifies(&body, &token()).await.unwrap(), 200);
            desk.settle().await.unwrap();
        }
        for stage in ["slack", "discord"] {
            let said = said(&desk, stage);
            assert_eq!(said.len(), 1, "after {checks} checks on {stage}: {said:?}");
        }
        assert_eq!(audited(&desk, "paged").await, 1);
        assert_eq!(desk.targets.look("pagerduty pages").as_deref(), Some("1"));
        desk.stop().await;
    }
    assert!(refused > 0, "some of these deaths came before the commit");
}

#[tokio::test]
async fn reports_out_of_order_and_from_two_senders_are_one_outage() {
    let (_folder, mut desk) = started().await;
    let (early, late) = ("2026-11-02T08:50:00Z", "2026-11-02T08:58:00Z");
    let report = async |alerts: &[Value]| {
        assert_eq!(desk.notifies(&notification(alerts), &token()).await.unwrap(), 200);
        desk.settle().await.unwrap();
    };
    report(&[alert("Slow", 1, late, false), alert("Slow", 1, late, false)]).await;
    // The end of what began before, and the beginning of it, both too late.
    report(&[alert("Slow", 1, early, true)]).await;
    report(&[alert("Slow", 1, early, false)]).await;
    assert_eq!((audited(&desk, "paged").await, audited(&desk, "over").await), (1, 0));
    report(&[alert("Slow", 1, late, true)]).await;
    report(&[alert("Slow", 1, late, true), alert("Slow", 1, late, false)]).await;
    assert_eq!((audited(&desk, "paged").await, audited(&desk, "over").await), (1, 1));
    for stage in ["slack", "discord"] {
        let said = said(&desk, stage);
        assert!(said.len() == 1 && said[0].contains("It no longer fails"), "{said:?}");
    }
    // It begins anew twice, and nobody ever reports the end of the first of them.
    for began in ["2026-11-02T08:59:00Z", "2026-11-02T08:59:30Z"] {
        report(&[alert("Slow", 1, began, false)]).await;
    }
    assert_eq!((audited(&desk, "paged").await, audited(&desk, "over").await), (3, 2));
    assert_eq!((said(&desk, "slack").len(), said(&desk, "discord").len()), (3, 3));
    desk.stop().await;
}

#[tokio::test]
async fn a_thousand_alerts_are_one_proposal_that_can_be_read() {
    let (_folder, mut desk) = started().await;
    let many = |n: usize| -> Vec<Value> {
        (0_u64..).take(n).map(|at| alert(&format!("Disk{at}"), at, "2026-11-02T08:59:00Z", false)).collect()
    };
    let too_many = notification(&many(ALERTS_MOST + 1));
    assert_eq!(desk.notifies(&too_many, &token()).await.unwrap(), 400);
    assert_eq!(desk.notifies(&notification(&many(ALERTS_MOST)), &token()).await.unwrap(), 200);
    desk.settle().await.unwrap();
    for stage in ["slack", "discord"] {
        let said = said(&desk, stage);
        assert!(said.len() == 1 && said[0].contains("and 990 more"), "{said:?}");
    }
    desk.stop().await;
}

#[tokio::test]
async fn a_failing_check_is_proposed_once_whenever_the_bot_dies() {
    for checks in 1..=ROUND_MOST {
        let (_folder, mut desk) = desk().await;
        desk.knobs(|knobs| knobs.checks = true);
        desk.faults.arm("seqn", "GET /healthz", FaultKind::Status(503), 50);
        desk.start(Stop::never()).await.unwrap();
        desk.settle().await.unwrap();
        desk.crash().await;
        desk.start(Stop::after(checks)).await.unwrap();
        desk.dial.advance_ms(NEXT_CHECK_MS);
        // It may die in there.
        let _ = desk.settle().await;
        desk.crash().await;
        desk.start(Stop::never()).await.unwrap();
        for _ in 0..3 {
            desk.dial.advance_ms(NEXT_CHECK_MS);
            desk.settle().await.unwrap();
        }
        for stage in ["slack", "discord"] {
            let said = said(&desk, stage);
            assert_eq!(said.len(), 1, "after {checks} checks on {stage}: {said:?}");
        }
        assert_eq!(audited(&desk, "paged").await, 1, "after {checks} checks");
        assert_eq!(desk.targets.look("pagerduty pages").as_deref(), Some("1"), "after {checks} checks");
        desk.stop().await;
    }
}
