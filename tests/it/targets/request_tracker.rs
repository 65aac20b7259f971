//! Request Tracker when things go wrong: which failure is which, what is there once, and what is never sent.
//!
//! Invariant: whatever is told is a comment of a ticket that exists; only a reply is correspondence, and it is there once.

use std::sync::Arc;
use std::time::Duration;

use seqn_chatops::clients::Deadlines;
use seqn_chatops::clients::targets::{Outlet, TrackerConfig};
use seqn_chatops::guard::Redacted;
use seqn_chatops::model::{Audience, Dedup, IncidentKind, IncidentNotice, Notice, NoticeContent, NoticeEvent, Phase};
use seqn_chatops::ports::{Fault, PortError, Target, TicketState, TrackerRead};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::settings::secret;
use seqn_chatops::sandbox::world::Recorded;
use serde_json::json;

use crate::contracts::targets::{Stand, body, incident, life, line, notice, of, tell_all};

const SERVICE: &str = "request-tracker";
pub(super) const COMMENT: &str = "POST /REST/2.0/ticket/7/comment";

/// The tracker with its emulator.
pub(super) struct Desk {
    pub(super) stand: Stand,
    pub(super) reads: Arc<dyn TrackerRead>,
    pub(super) writes: Outlet,
}

impl Desk {
    pub(super) async fn new() -> Self {
        Self::of(Stand::new().await)
    }

    fn of(stand: Stand) -> Self {
        let (reads, writes) = stand.tracker_of(&TrackerConfig::RequestTracker(stand.request_tracker()));
        Self { stand, reads, writes }
    }

    async fn ticket(&self, key: &str) -> Result<Option<TicketState>, PortError> {
        self.reads.ticket(&key.parse().unwrap()).await
    }

    pub(super) fn fails(&self, route: &str, kind: FaultKind) {
        self.stand.faults.arm(SERVICE, route, kind, 1);
    }

    pub(super) fn look(&self, query: &str) -> String {
        self.stand.sims.look(query).unwrap_or_else(|| "nothing".into())
    }

    pub(super) fn requests(&self) -> Vec<Recorded> {
        self.stand.sims.request_tracker.requests()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.requests().iter().map(line).collect()
    }
}

pub(super) fn note(n: u32, text: &str) -> Redacted<Notice> {
    notice(n, NoticeContent::Note { ticket: "SUP-7".parse().unwrap(), text: text.into() })
}

fn new_ticket() -> Redacted<Notice> {
    let title = "INC-7: Renew the\ncertificate".into();
    notice(4, NoticeContent::NewTicket { title, text: "So that it does not come back.".into() })
}

fn for_support(incident: IncidentNotice) -> Redacted<Notice> {
    of(IncidentNotice { audience: Audience::Support, ..incident })
}

pub(super) fn lasting(error: &PortError) -> bool {
    !error.passing() && !error.ambiguous()
}

#[tokio::test]
async fn a_ticket_is_open_where_rt_says_so_whatever_its_status_is_called() {
    let desk = Desk::new().await;
    let rt = &desk.stand.sims.request_tracker.service;
    for (status, open) in [
        ("new", true),
        ("open", true),
        ("stalled", true),
        ("with-customer", true),
        ("resolved", false),
        ("rejected", false),
        ("deleted", false),
        ("done", false),
    ] {
        assert!(rt.set_status(7, status));
        assert_eq!(desk.ticket("SUP-7").await.unwrap().unwrap().open, open, "{status}");
    }
    assert!(desk.ticket("8").await.unwrap().unwrap().open, "a bare number is read as well");
    let closed = desk.ticket("SUP-9001").await.unwrap().unwrap();
    assert!(!closed.open && closed.url.unwrap().ends_with("/Ticket/Display.html?id=9001"));
    rt.merge(12, 9_002);
    assert!(!desk.ticket("SUP-12").await.unwrap().unwrap().open, "it is the one that it was merged into");
}

#[tokio::test]
async fn what_is_no_ticket_is_none_and_nothing_is_asked_for_what_cannot_be_one() {
    let desk = Desk::new().await;
    assert_eq!(desk.ticket("SUP-9999").await, Ok(None));
    let asked = desk.requests().len();
    for none in [
        "OPS-7",
        "SUP-0",
        "SUP-7x",
        "SUP--7",
        "SUP-2147483648",
        "SUP-7.8",
        "SUP-7/comment",
        "SUP-7/../8",
        "../tickets/7",
        "7#txn-1",
        "SUP-SUP-7",
    ] {
        assert_eq!(desk.ticket(none).await, Ok(None), "{none}");
        let far = notice(1, NoticeContent::Note { ticket: none.parse().unwrap(), text: "x".into() });
        assert!(lasting(&desk.writes.tell(&far, None).await.unwrap_err()), "{none}");
    }
    assert_eq!(desk.requests().len(), asked, "not one request was made");
    // Whatever else answers 404 there is not RT, and says nothing about tickets.
    desk.stand.faults.arm(SERVICE, "GET", FaultKind::Body(404, "<h1>Not Found</h1>".into()), 2);
    assert_eq!(desk.ticket("SUP-7").await.unwrap_err().fault, Fault::NoRoute);
}

#[tokio::test]
async fn a_look_that_fails_says_what_failed() {
    let desk = Desk::new().await;
    for (kind, fault) in [
        (FaultKind::Status(401), Fault::Unauthorized),
        (FaultKind::Status(403), Fault::Forbidden),
        (FaultKind::RetryAfter(7), Fault::RateLimited { after_ms: 7_000 }),
        (FaultKind::Status(503), Fault::Failing { status: 503 }),
        (FaultKind::Garbage, Fault::Garbled),
        (FaultKind::Body(200, "<html><script>alert(1)</script></html>".into()), Fault::Garbled),
        (FaultKind::Body(200, format!(r#"{{"id":7,"Subject":"{}"}}"#, "x".repeat(2_000_000))), Fault::Garbled),
    ] {
        for route in ["GET /REST/2.0/ticket/7", "GET /REST/2.0/tickets"] {
            desk.fails(route, kind.clone());
            assert_eq!(desk.ticket("SUP-7").await.unwrap_err().fault, fault, "{route}");
        }
    }
    let mut strange = desk.stand.request_tracker();
    strange.token = seqn_chatops::guard::Secret::new("1-14-another");
    let (reads, writes) = desk.stand.tracker_of(&TrackerConfig::RequestTracker(strange));
    let error = reads.ticket(&"SUP-7".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Unauthorized);
    assert!(error.to_string().starts_with("Request Tracker did not accept the bot's credential"), "{error}");
    assert_eq!(writes.tell(&note(1, "x"), None).await.unwrap_err().fault, Fault::Unauthorized);
}

#[tokio::test]
async fn a_title_is_one_short_text_without_secrets() {
    let desk = Desk::new().await;
    let key = ["sk", "live", "a1B2c3D4e5F6g7H8i9J0k1L2"].join("_");
    desk.stand.sims.request_tracker.service.set_subject(7, &format!("<b>{key}</b> {}", "ö".repeat(300)));
    let title = desk.ticket("SUP-7").await.unwrap().unwrap().title;
    assert!(!title.contains(&key) && title.chars().count() == 120 && title.ends_with('…'), "{title}");
}

#[tokio::test]
async fn a_note_is_a_comment_with_the_text_as_it_is() {
    let desk = Desk::new().await;
    let text = "Ended one session of jo@acme.example.\n<b>Größe</b> @all 😀";
    let proof = desk.writes.tell(&note(1, text), None).await.unwrap();
    assert_eq!((proof.object.as_deref(), proof.receipt.as_str()), (Some("SUP-7"), "201, transaction 1"));
    assert!(proof.url.unwrap().ends_with("/Ticket/Display.html?id=7#txn-1"));
    assert_eq!(desk.lines(), [COMMENT]);
    let request = &desk.requests()[0];
    assert_eq!(
        request.header("authorization"),
        Some(format!("token {}", secret("REQUEST_TRACKER_TOKEN").unwrap()).as_str())
    );
    assert_eq!(
        body(request),
        json!({ "Subject": "seqn-chatops rq-b7c2d9f4:1:here", "Content": text, "ContentType": "text/plain" })
    );
    let ticket = desk.stand.sims.request_tracker.service.ticket(7).unwrap();
    assert_eq!(
        ticket.history.iter().map(|entry| (entry.kind, entry.text.as_str())).collect::<Vec<_>>(),
        [("Comment", text)]
    );
    assert_eq!(desk.writes.dedup(), Dedup::LookUp);
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again_and_what_is_unclear_is_said_so() {
    let desk = Desk::new().await;
    let fails = async |kind: FaultKind| {
        desk.fails(COMMENT, kind);
        desk.writes.tell(&note(1, "x"), None).await.unwrap_err()
    };
    for status in [400, 401, 403, 404, 409, 410, 412, 413, 422] {
        let error = fails(FaultKind::Status(status)).await;
        assert!(lasting(&error), "{status}: {error}");
    }
    assert!(lasting(&fails(FaultKind::Body(302, String::new())).await), "it is not followed elsewhere");
    let error = fails(FaultKind::RetryAfter(7)).await;
    assert_eq!(error.fault, Fault::RateLimited { after_ms: 7_000 });
    let login = FaultKind::Body(200, "<html>Login</html>".into());
    for kind in
        [FaultKind::Garbage, login, FaultKind::Body(200, "[]".into()), FaultKind::Status(500), FaultKind::Status(502)]
    {
        let error = fails(kind.clone()).await;
        assert!(error.passing() && error.ambiguous(), "{kind:?}: {error}");
    }
    assert_eq!(desk.look("rt SUP-7 notes"), "0");
    let mut stand = Stand::new().await;
    stand.deadlines = Deadlines { connect: Duration::from_millis(200), total: Duration::from_millis(300) };
    let desk = Desk::of(stand);
    desk.fails(COMMENT, FaultKind::Hang);
    assert_eq!(desk.writes.tell(&note(1, "x"), None).await.unwrap_err().fault, Fault::NoAnswer);
    // A ticket that is gone meanwhile refuses its note for good, as RT does it.
    let gone = notice(1, NoticeContent::Note { ticket: "SUP-9999".parse().unwrap(), text: "x".into() });
    assert!(lasting(&desk.writes.tell(&gone, None).await.unwrap_err()));
}

#[tokio::test]
async fn what_was_done_without_an_answer_is_found_by_our_mark_and_is_there_once() {
    let desk = Desk::new().await;
    desk.fails(COMMENT, FaultKind::Status(500));
    assert!(desk.writes.tell(&note(1, "Done."), None).await.unwrap_err().ambiguous());
    assert_eq!(desk.writes.told(&note(1, "Done."), None).await.unwrap(), None, "nothing was done");
    desk.fails(COMMENT, FaultKind::DropAfter);
    assert!(desk.writes.tell(&note(1, "Done."), None).await.unwrap_err().ambiguous());
    let found = desk.writes.told(&note(1, "Done."), None).await.unwrap().expect("it was done");
    assert_eq!((found.object.as_deref(), found.receipt.as_str()), (Some("SUP-7"), "201, transaction 1"));
    assert_eq!(desk.writes.told(&note(2, "Done."), None).await.unwrap(), None, "another note is not this one");
    assert_eq!((desk.look("rt SUP-7 notes"), desk.look("rt SUP-7 note")), ("1".into(), "Done.".into()));
}

#[tokio::test]
async fn what_others_write_under_our_mark_is_not_ours() {
    let desk = Desk::new().await;
    let rt = &desk.stand.sims.request_tracker.service;
    for (kind, subject) in [
        ("Correspond", "seqn-chatops rq-b7c2d9f4:1:here"),
        ("Comment", "Re: seqn-chatops rq-b7c2d9f4:1:here"),
        ("Comment", "seqn-chatops rq-b7c2d9f4:1:here2"),
    ] {
        assert!(rt.adds(7, kind, subject, "I did it"));
        assert_eq!(desk.writes.told(&note(1, "Done."), None).await.unwrap(), None, "{kind} {subject}");
    }
    // What cannot be looked at is not called absent.
    desk.fails("GET /REST/2.0/transaction", FaultKind::Status(403));
    assert_eq!(desk.writes.told(&note(1, "Done."), None).await.unwrap_err().fault, Fault::Forbidden);
    desk.fails("GET /REST/2.0/ticket/7/attachments", FaultKind::Status(503));
    assert!(desk.writes.told(&note(1, "Done."), None).await.unwrap_err().passing());
}

#[tokio::test]
async fn a_note_is_found_behind_mail_that_the_bot_may_not_see() {
    let desk = Desk::new().await;
    let rt = &desk.stand.sims.request_tracker.service;
    for n in 1..=30 {
        desk.writes.tell(&note(n, "x"), None).await.unwrap();
    }
    for _ in 0..95 {
        assert!(rt.adds(7, "EmailRecord", "Sent", "x"));
    }
    let before = desk.requests().len();
    assert!(desk.writes.told(&note(30, "x"), None).await.unwrap().is_some());
    assert_eq!(desk.requests().len() - before, 2, "the newest page, and the entry itself");
    assert!(desk.writes.told(&note(1, "x"), None).await.unwrap().is_some(), "a short page is not the last one");
    let before = desk.requests().len();
    assert_eq!(desk.writes.told(&note(31, "x"), None).await.unwrap(), None);
    assert_eq!(desk.requests().len() - before, 3, "until a page is empty");
}

#[tokio::test]
async fn a_new_ticket_is_made_once_and_its_text_is_a_comment() {
    let desk = Desk::new().await;
    let (create, comment) = ("POST /REST/2.0/ticket", "/comment");
    desk.fails(create, FaultKind::DropAfter);
    assert!(desk.writes.tell(&new_ticket(), None).await.unwrap_err().ambiguous());
    assert_eq!(desk.writes.told(&new_ticket(), None).await.unwrap(), None, "its text is not there");
    desk.fails(comment, FaultKind::Status(500));
    assert!(desk.writes.tell(&new_ticket(), None).await.unwrap_err().ambiguous());
    desk.fails(comment, FaultKind::DropAfter);
    assert!(desk.writes.tell(&new_ticket(), None).await.unwrap_err().ambiguous());
    let made = desk.writes.told(&new_ticket(), None).await.unwrap().expect("it is there");
    assert_eq!(made.object.as_deref(), Some("SUP-9101"));
    let ticket = desk.stand.sims.request_tracker.service.ticket(9_101).unwrap();
    assert_eq!(ticket.subject, "INC-7: Renew the certificate [rq-b7c2d9f4:4:here]");
    assert_eq!((desk.look("rt made"), desk.look("rt SUP-9101 notes")), ("1".into(), "1".into()));
    assert_eq!(desk.look("rt SUP-9101 note"), "So that it does not come back.");
    assert_eq!(ticket.entries("Create")[0].text, "", "what a ticket comes with is for whoever asks");
    let mut elsewhere = desk.stand.request_tracker();
    elsewhere.queue = "Nope".into();
    let (_, writes) = desk.stand.tracker_of(&TrackerConfig::RequestTracker(elsewhere));
    let other = notice(5, NoticeContent::NewTicket { title: "x".into(), text: "x".into() });
    assert_eq!(writes.tell(&other, None).await.unwrap_err().fault, Fault::Forbidden);
}

#[tokio::test]
async fn an_incident_becomes_a_ticket_with_its_updates() {
    let desk = Desk::new().await;
    let support: Vec<IncidentNotice> =
        life().into_iter().map(|one| IncidentNotice { audience: Audience::Support, ..one }).collect();
    let proofs = tell_all(&desk.writes, support.clone()).await.unwrap();
    assert!(proofs.iter().all(|proof| proof.object.as_deref() == Some("SUP-9101")), "{proofs:?}");
    assert_eq!((desk.look("rt made"), desk.look("rt SUP-9101 status")), ("1".into(), "resolved".into()));
    assert_eq!((desk.look("rt SUP-9101 notes"), desk.look("rt SUP-9101 replies")), ("8".into(), "0".into()));
    assert_eq!(desk.look("rt SUP-9101 title"), "Sign-in fails [rq-b7c2d9f4]");
    // What the bot has forgotten is found by its tag.
    for one in support {
        desk.writes.tell(&of(one), None).await.unwrap();
    }
    assert_eq!(desk.look("rt made"), "1");
    let gone = incident(1, NoticeEvent::Updated, Phase::Cancelled);
    let gone = IncidentNotice { incident: "rq-other".parse().unwrap(), ..gone };
    assert_eq!(desk.writes.tell(&for_support(gone), None).await.unwrap().object, None);
    assert_eq!(desk.look("rt made"), "1", "what nobody was told of is not made to be cancelled");
    assert!(desk.lines().iter().all(|line| !line.contains("correspond")));
}

#[tokio::test]
async fn an_end_without_an_answer_is_done_again_and_found_only_when_it_is_whole() {
    let desk = Desk::new().await;
    let opened = desk.writes.tell(&for_support(incident(1, NoticeEvent::Opened, Phase::Open)), None).await.unwrap();
    let object = opened.object.as_deref();
    let over = for_support(incident(2, NoticeEvent::Resolved, Phase::Resolved));
    for (route, kind) in
        [("PUT", FaultKind::Status(500)), ("PUT", FaultKind::DropAfter), ("/comment", FaultKind::Status(502))]
    {
        desk.fails(route, kind.clone());
        assert!(desk.writes.tell(&over, object).await.unwrap_err().ambiguous(), "{route} {kind:?}");
        assert_eq!(desk.writes.told(&over, object).await.unwrap(), None, "{route} {kind:?}");
    }
    desk.fails("/comment", FaultKind::DropAfter);
    assert!(desk.writes.tell(&over, object).await.unwrap_err().ambiguous());
    assert_eq!(desk.writes.told(&over, object).await.unwrap().map(|proof| proof.object), Some(opened.object.clone()));
    assert_eq!((desk.look("rt SUP-9101"), desk.look("rt SUP-9101 notes")), ("closed".into(), "2".into()));
}

#[tokio::test]
async fn a_status_that_rt_does_not_take_is_said_and_one_that_people_gave_is_left() {
    let desk = Desk::new().await;
    let mut config = desk.stand.request_tracker();
    config.closed_status = "gone".into();
    let (_, writes) = desk.stand.tracker_of(&TrackerConfig::RequestTracker(config));
    let opened = writes.tell(&for_support(incident(1, NoticeEvent::Opened, Phase::Open)), None).await.unwrap();
    let over = for_support(incident(2, NoticeEvent::Resolved, Phase::Resolved));
    let error = writes.tell(&over, opened.object.as_deref()).await.unwrap_err();
    assert!(lasting(&error) && error.to_string().contains("Correct the statuses of the tracker"), "{error}");
    assert!(desk.stand.sims.request_tracker.service.set_status(9_101, "rejected"));
    writes.tell(&over, opened.object.as_deref()).await.unwrap();
    assert_eq!(desk.look("rt SUP-9101 status"), "rejected");
}

#[tokio::test]
async fn a_tag_that_somebody_copies_is_not_taken_for_ours() {
    let desk = Desk::new().await;
    let opened = for_support(incident(1, NoticeEvent::Opened, Phase::Open));
    let rt = &desk.stand.sims.request_tracker.service;
    assert!(rt.ticket(7).is_some() && rt.set_subject(7, "About [rq-b7c2d9f4], please call me"));
    assert_eq!(desk.writes.tell(&opened, None).await.unwrap().object.as_deref(), Some("SUP-9101"));
    desk.writes.tell(&new_ticket(), None).await.unwrap();
    assert!(rt.set_subject(9_102, "Sign-in fails [rq-b7c2d9f4]"));
    let update = for_support(incident(2, NoticeEvent::Updated, Phase::Identified));
    assert_eq!(
        desk.writes.tell(&update, None).await.unwrap().object.as_deref(),
        Some("SUP-9101"),
        "the oldest is ours"
    );
}

#[tokio::test]
async fn no_credential_is_in_an_error_and_nothing_of_a_drill_is_sent() {
    let desk = Desk::new().await;
    let token = secret("REQUEST_TRACKER_TOKEN").unwrap();
    for status in [400, 401, 403, 500] {
        desk.fails(COMMENT, FaultKind::Body(status, json!({ "message": format!("{token} <script>") }).to_string()));
        let error = desk.writes.tell(&note(1, "x"), None).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&token), "{status}");
    }
    let before = desk.requests().len();
    for one in life() {
        let drill = of(IncidentNotice { kind: IncidentKind::Drill, title: "An exercise".into(), ..one });
        assert!(desk.writes.tell(&drill, None).await.unwrap().receipt.starts_with("Drill"));
    }
    let room = NoticeContent::Room { name: "inc-7".into(), topic: String::new(), private: false };
    assert!(lasting(&desk.writes.tell(&notice(1, room), None).await.unwrap_err()));
    assert_eq!(desk.requests().len(), before, "not one request was made");
}
