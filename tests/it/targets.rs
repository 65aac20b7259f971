//! The surfaces when things go wrong: which failure is which, what is there once and what twice, what leaves the bot.
//!
//! Invariant: an unclear outcome is never called clear, no credential is in an error, and nothing of a drill or of what
//! is not public is sent.

mod replies;
mod request_tracker;

use std::time::Duration;

use seqn_chatops::clients::Deadlines;
use seqn_chatops::clients::targets::TargetConfig;
use seqn_chatops::model::{
    Audience, Dedup, IncidentKind, IncidentNotice, NoticeContent, NoticeEvent, Phase, Proof, Severity,
};
use seqn_chatops::ports::{Fault, PortError, Target};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::settings::{SECRETS, secret};
use seqn_chatops::sandbox::targets::{STATUS_REPO, SUPPORT_REPO};

use crate::contracts::targets::{Stand, body, incident, life, notice, of, tell_all};

/// The surfaces that are reached by HTTP, with the name that faults are armed for.
const FAR: [(&str, &str); 6] = [
    ("pagerduty", "pagerduty"),
    ("opsgenie", "opsgenie"),
    ("ntfy", "ntfy"),
    ("statuspage", "statuspage"),
    ("upptime", "github"),
    ("webhook", "webhook"),
];

fn opened() -> IncidentNotice {
    incident(1, NoticeEvent::Opened, Phase::Investigating)
}

impl Stand {
    async fn fails(&self, name: &str, kind: FaultKind) -> PortError {
        let (_, service) = FAR.iter().find(|(known, _)| *known == name).unwrap();
        self.faults.arm(service, "POST", kind, 1);
        let error = self.open(name).tell(&of(opened()), None).await.unwrap_err();
        self.faults.clear();
        error
    }
}

#[tokio::test]
async fn each_surface_says_how_it_may_be_repeated() {
    let stand = Stand::new().await;
    let classes: Vec<(&str, Dedup)> =
        stand.configs().iter().map(|(name, config)| (*name, stand.opened(config).dedup())).collect();
    assert_eq!(
        classes,
        [
            ("pagerduty", Dedup::ServerKey),
            ("opsgenie", Dedup::ServerKey),
            ("ntfy", Dedup::Collapse),
            ("status-page", Dedup::ServerKey),
            ("statuspage", Dedup::LookUp),
            ("upptime", Dedup::LookUp),
            ("webhook", Dedup::Nothing),
        ]
    );
    let mut keeps = stand.webhook();
    keeps.keeps_ids = true;
    assert_eq!(stand.opened(&TargetConfig::Webhook(keeps)).dedup(), Dedup::ServerKey);
    assert_eq!(stand.tracker().1.dedup(), Dedup::LookUp);
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again_and_what_is_unclear_is_said_so() {
    let stand = Stand::new().await;
    for (name, _) in FAR {
        for status in [400, 401, 404, 410, 413, 422] {
            let error = stand.fails(name, FaultKind::Status(status)).await;
            assert!(!error.passing() && !error.ambiguous(), "{name} {status}: {error}");
        }
        let error = stand.fails(name, FaultKind::Body(302, String::new())).await;
        assert!(!error.passing() && !error.ambiguous(), "{name} is not followed elsewhere: {error}");
        let error = stand.fails(name, FaultKind::Status(429)).await;
        assert!(matches!(error.fault, Fault::RateLimited { .. }) && !error.ambiguous(), "{name}: {error}");
        if name != "webhook" {
            let error = stand.fails(name, FaultKind::Garbage).await;
            assert!(error.ambiguous(), "{name}: a stranger's page is no acceptance: {error}");
        }
        // The last of these takes effect.
        for kind in [FaultKind::Status(500), FaultKind::Status(502), FaultKind::DropAfter] {
            let error = stand.fails(name, kind.clone()).await;
            assert!(error.passing() && error.ambiguous(), "{name} {kind:?}: {error}");
        }
    }
}

#[tokio::test]
async fn a_wait_is_as_long_as_the_surface_asks_and_ntfy_asks_for_none() {
    let stand = Stand::new().await;
    for (name, after_ms) in [("pagerduty", 7_000), ("opsgenie", 7_000), ("ntfy", 30_000), ("upptime", 7_000)] {
        let error = stand.fails(name, FaultKind::RetryAfter(7)).await;
        assert_eq!(error.fault, Fault::RateLimited { after_ms }, "{name}");
    }
    let limited = |after_ms| Fault::RateLimited { after_ms };
    assert_eq!(stand.fails("statuspage", FaultKind::Status(420)).await.fault, limited(30_000));
    // GitHub says its limits with 403 as well, in words if need be.
    assert_eq!(stand.fails("upptime", FaultKind::Status(403)).await.fault, limited(60_000));
    let forbidden = FaultKind::Body(403, r#"{"message":"Resource not accessible by personal access token"}"#.into());
    assert_eq!(stand.fails("upptime", forbidden).await.fault, Fault::Forbidden);
    assert_eq!(stand.fails("webhook", FaultKind::Status(503)).await.fault, limited(30_000));
    let spent = FaultKind::Body(429, r#"{"code":42908,"error":"limit reached: daily quota"}"#.into());
    assert_eq!(stand.fails("ntfy", spent).await.fault, limited(3_600_000));
    let locked = FaultKind::Body(429, r#"{"code":42909,"error":"limit reached: too many auth failures"}"#.into());
    assert!(!stand.fails("ntfy", locked).await.passing(), "who insists is locked out for longer");
}

#[tokio::test]
async fn silence_may_have_worked() {
    let mut stand = Stand::new().await;
    stand.deadlines = Deadlines { connect: Duration::from_millis(200), total: Duration::from_millis(300) };
    for name in ["pagerduty", "opsgenie", "ntfy", "statuspage", "upptime"] {
        let error = stand.fails(name, FaultKind::Hang).await;
        assert_eq!(error.fault, Fault::NoAnswer, "{name}");
    }
}

#[tokio::test]
async fn no_credential_is_in_an_error() {
    let stand = Stand::new().await;
    let secrets: Vec<String> = SECRETS.iter().filter_map(|name| secret(name)).collect();
    let said = format!(r#"{{"message":"{}","errors":["{}"]}}"#, secrets.join(" "), secrets.join(" "));
    for (name, _) in FAR {
        for status in [400, 401, 403, 500] {
            let error = stand.fails(name, FaultKind::Body(status, said.clone())).await;
            let shown = format!("{error} {error:?}");
            for name in ["PAGERDUTY_ROUTING_KEY", "OPSGENIE_KEY", "NTFY_TOKEN", "STATUSPAGE_KEY", "GITHUB_TOKEN"] {
                assert!(!shown.contains(&secret(name).unwrap()), "{name} is in {}", error.system);
            }
            assert!(!shown.contains(&secret("WEBHOOK_SECRET").unwrap()), "{}", error.system);
        }
    }
}

#[tokio::test]
async fn what_was_done_without_an_answer_is_there_once() {
    let stand = Stand::new().await;
    for (name, service) in FAR {
        let target = stand.open(name);
        stand.faults.arm(service, "POST", FaultKind::DropAfter, 1);
        assert!(target.tell(&of(opened()), None).await.unwrap_err().ambiguous(), "{name}");
        let told = match target.dedup() {
            Dedup::LookUp => target.told(&of(opened()), None).await.unwrap(),
            _ => None,
        };
        if told.is_none() {
            assert_ne!(target.dedup(), Dedup::LookUp, "{name} finds what it did");
            target.tell(&of(opened()), None).await.unwrap();
        }
    }
    for (query, want) in [
        ("pagerduty pages", "1"),
        ("opsgenie", "open"),
        ("ntfy", "1"),
        ("ntfy messages", "2"),
        ("statuspage", "investigating"),
        ("upptime", "open"),
        ("upptime comments", "0"),
        // A naive receiver has it twice, under one id.
        ("webhook", "1"),
        ("webhook deliveries", "2"),
    ] {
        assert_eq!(stand.sims.look(query).as_deref(), Some(want), "{query}");
    }
}

#[tokio::test]
async fn an_update_without_an_answer_is_found_and_one_that_failed_is_not() {
    let stand = Stand::new().await;
    for (name, service, changing) in [("statuspage", "statuspage", "PATCH"), ("upptime", "github", "comments")] {
        let target = stand.open(name);
        let made = target.tell(&of(opened()), None).await.unwrap();
        let object = made.object.as_deref();
        let over = of(incident(2, NoticeEvent::Resolved, Phase::Resolved));
        stand.faults.arm(service, changing, FaultKind::Status(500), 1);
        assert!(target.tell(&over, object).await.unwrap_err().ambiguous(), "{name}");
        assert_eq!(target.told(&over, object).await.unwrap(), None, "{name}: nothing was done");
        stand.faults.arm(service, changing, FaultKind::DropAfter, 1);
        assert!(target.tell(&over, object).await.unwrap_err().ambiguous(), "{name}");
        let found = target.told(&over, object).await.unwrap().expect("it was done");
        assert_eq!(found.object, made.object, "{name}");
        // What the bot has forgotten is found by its mark.
        assert_eq!(target.told(&over, None).await.unwrap().map(|proof| proof.object), Some(made.object), "{name}");
    }
    assert_eq!(stand.sims.look("statuspage").as_deref(), Some("resolved"));
    assert_eq!(stand.sims.look("upptime").as_deref(), Some("closed"));
    assert_eq!(stand.sims.look("upptime comments").as_deref(), Some("1"));
}

#[tokio::test]
async fn an_object_that_was_forgotten_is_found_before_another_is_made() {
    let stand = Stand::new().await;
    for name in ["statuspage", "upptime"] {
        let target = stand.open(name);
        for one in life() {
            target.tell(&of(one), None).await.unwrap();
        }
    }
    assert_eq!(stand.sims.look("statuspage").as_deref(), Some("resolved"));
    assert_eq!(stand.sims.look("upptime").as_deref(), Some("closed"));
}

#[tokio::test]
async fn what_never_was_public_is_not_made_to_be_cancelled() {
    let stand = Stand::new().await;
    for name in ["statuspage", "upptime"] {
        let gone = incident(1, NoticeEvent::Updated, Phase::Cancelled);
        let proof = stand.open(name).tell(&of(gone), None).await.unwrap();
        assert_eq!(proof.object, None, "{name}");
    }
    assert_eq!((stand.sims.look("statuspage"), stand.sims.look("upptime")), (None, None));
}

#[tokio::test]
async fn nothing_of_a_drill_leaves_the_bot() {
    let stand = Stand::new().await;
    let mut targets: Vec<(&str, Box<dyn Target>)> = Vec::new();
    for (name, config) in stand.configs() {
        targets.push((name, Box::new(stand.opened(&config))));
    }
    targets.push(("tracker", Box::new(stand.tracker().1)));
    for (name, target) in &targets {
        for one in life() {
            let drill = IncidentNotice { kind: IncidentKind::Drill, title: "An exercise".into(), ..one };
            let proof = target.tell(&of(drill.clone()), None).await.unwrap();
            assert!(proof.receipt.starts_with("Drill"), "{name}: {proof:?}");
            assert!(target.told(&of(drill), None).await.unwrap().is_some(), "{name}");
        }
    }
    assert_eq!(stand.sims.requests(), [], "not one request was made");
    assert_eq!(stand.sims.look("status-page"), None);
    assert_eq!(stand.recorder.recorded().len(), life().len(), "each notice is recorded once");
}

#[tokio::test]
async fn what_is_not_public_reaches_no_page() {
    let stand = Stand::new().await;
    let mut public_hook = stand.webhook();
    public_hook.audience = Audience::Public;
    let hook = stand.opened(&TargetConfig::Webhook(public_hook));
    for (kind, audience) in [
        (IncidentKind::Private, Audience::Public),
        (IncidentKind::Private, Audience::Internal),
        (IncidentKind::Real, Audience::Support),
        (IncidentKind::Real, Audience::Internal),
    ] {
        let hush = of(IncidentNotice { kind, audience, ..opened() });
        for name in ["status-page", "statuspage", "upptime"] {
            let error = stand.open(name).tell(&hush, None).await.unwrap_err();
            assert!(!error.passing() && !error.ambiguous(), "{name}: {error}");
        }
        assert!(hook.tell(&hush, None).await.is_err());
    }
    assert_eq!(stand.sims.requests(), []);
    let private = of(IncidentNotice { kind: IncidentKind::Private, audience: Audience::Internal, ..opened() });
    for name in ["pagerduty", "opsgenie", "ntfy", "webhook"] {
        stand.open(name).tell(&private, None).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_surface_cannot_carry_is_refused_for_good() {
    let stand = Stand::new().await;
    let note = NoticeContent::Note { ticket: "SUP-7".parse().unwrap(), text: "x".into() };
    let room = NoticeContent::Room { name: "inc-7".into(), topic: String::new(), private: false };
    for (name, config) in stand.configs() {
        let target = stand.opened(&config);
        let error = target.tell(&notice(1, room.clone()), None).await.unwrap_err();
        assert!(!error.passing() && !error.ambiguous(), "{name}: {error}");
        if name != "webhook" {
            let error = target.tell(&notice(1, note.clone()), None).await.unwrap_err();
            assert!(!error.passing() && !error.ambiguous(), "{name}: {error}");
        }
    }
    assert!(stand.tracker().1.tell(&notice(1, room), None).await.is_err());
    assert_eq!(stand.sims.requests(), []);
}

#[tokio::test]
async fn tickets_are_looked_up_noted_on_and_made() {
    let stand = Stand::new().await;
    let (tickets, tracker) = stand.tracker();
    let state = async |key: &str| tickets.ticket(&key.parse().unwrap()).await;
    assert!(state("SUP-7").await.unwrap().unwrap().open && state("7").await.unwrap().unwrap().open);
    assert!(!state("SUP-9001").await.unwrap().unwrap().open);
    for none in ["SUP-9999", "OPS-7", "SUP-0", "SUP-7x", "SUP--7"] {
        assert_eq!(state(none).await, Ok(None), "{none}");
    }
    stand.faults.arm("github", "GET /repos/seqn/support", FaultKind::Status(404), 2);
    assert_eq!(state("SUP-7").await.unwrap_err().fault, Fault::Forbidden, "nobody says that it is not there");
    let note = NoticeContent::Note { ticket: "SUP-7".parse().unwrap(), text: "Ended one session.".into() };
    let note = notice(1, note);
    stand.faults.arm("github", "POST", FaultKind::DropAfter, 1);
    assert!(tracker.tell(&note, None).await.unwrap_err().ambiguous());
    assert_eq!(tracker.told(&note, None).await.unwrap().unwrap().object.as_deref(), Some("SUP-7"));
    let other = notice(2, NoticeContent::Note { ticket: "SUP-7".parse().unwrap(), text: "x".into() });
    assert_eq!(tracker.told(&other, None).await.unwrap(), None);
    assert_eq!(stand.sims.look("tracker SUP-7 note").as_deref(), Some("Ended one session."));
    let far = notice(3, NoticeContent::Note { ticket: "OPS-7".parse().unwrap(), text: "x".into() });
    assert!(!tracker.tell(&far, None).await.unwrap_err().passing());
}

#[tokio::test]
async fn what_was_noted_last_is_found_among_many() {
    let stand = Stand::new().await;
    let (_, tracker) = stand.tracker();
    let note = |n: u32| notice(n, NoticeContent::Note { ticket: "SUP-7".parse().unwrap(), text: format!("Note {n}.") });
    for n in 1..=35 {
        tracker.tell(&note(n), None).await.unwrap();
    }
    let before = stand.sims.github.requests().len();
    assert!(tracker.told(&note(35), None).await.unwrap().is_some());
    assert_eq!(stand.sims.github.requests().len() - before, 2, "the issue, and the last page of its comments");
    assert!(tracker.told(&note(1), None).await.unwrap().is_some());
    assert_eq!(tracker.told(&note(36), None).await.unwrap(), None);
}

#[tokio::test]
async fn an_incident_becomes_a_ticket_with_its_updates() {
    let stand = Stand::new().await;
    let (_, tracker) = stand.tracker();
    let support = life().into_iter().map(|one| IncidentNotice { audience: Audience::Support, ..one }).collect();
    let proofs: Vec<Proof> = tell_all(&tracker, support).await.unwrap();
    assert!(proofs.iter().all(|proof| proof.object.as_deref() == Some("SUP-9101")), "{proofs:?}");
    assert_eq!(stand.sims.look("tracker SUP-9101").as_deref(), Some("closed"));
    assert_eq!(stand.sims.look("tracker SUP-9101 notes").as_deref(), Some("7"));
    assert_eq!(stand.sims.github.service.issues(STATUS_REPO), []);
    assert_eq!(stand.sims.github.service.issue(SUPPORT_REPO, 9_101).unwrap().labels, ["chatops"]);
}

#[tokio::test]
async fn an_old_trigger_after_the_end_is_the_engines_to_hold_back_and_what_is_over_never_triggers() {
    let stand = Stand::new().await;
    let pager = stand.open("pagerduty");
    tell_all(&pager, life()).await.unwrap();
    // A late word about what is over, such as another severity, pages nobody.
    let late = IncidentNotice { severity: Severity::Sev2, ..incident(9, NoticeEvent::Updated, Phase::Resolved) };
    pager.tell(&of(late), None).await.unwrap();
    assert_eq!(body(stand.sims.pagerduty.requests().last().unwrap())["event_action"], "resolve");
    assert_eq!(stand.sims.look("pagerduty pages").as_deref(), Some("2"));
}
