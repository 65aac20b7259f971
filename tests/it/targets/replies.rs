//! Replies to customers on the trackers: sent once, apart from what is internal, read back as they were sent, and never
//! where it is not known who reads them.
//!
//! Invariant: what a customer gets has nothing of ours in it, neither the request nor who sent it.

use seqn_chatops::clients::targets::TrackerConfig;
use seqn_chatops::guard::Redacted;
use seqn_chatops::model::{CustomerReply, Notice, NoticeContent};
use seqn_chatops::ports::{Fault, Readers, Target};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::targets::SUPPORT_REPO;
use serde_json::json;

use super::request_tracker::{COMMENT, Desk, lasting, note};
use crate::contracts::targets::{Stand, body, notice};

const CORRESPOND: &str = "POST /REST/2.0/ticket/7/correspond";

/// A reply to the customer of SUP-7.
fn reply(n: u32, text: &str) -> Redacted<Notice> {
    notice(n, NoticeContent::Reply(to_customer(n, "Ticket 7", text)))
}

fn to_customer(n: u32, title: &str, text: &str) -> CustomerReply {
    CustomerReply {
        ticket: "SUP-7".parse().unwrap(),
        title: title.into(),
        text: text.into(),
        mark: format!("0a1b2c{n:02}"),
    }
}

#[tokio::test]
async fn a_reply_is_correspondence_with_nothing_of_ours_in_it() {
    let desk = Desk::new().await;
    let text = "It works again.\n<b>Größe</b> @all 😀 fixes #12";
    desk.writes.tell(&note(1, "Internal."), None).await.unwrap();
    let proof = desk.writes.tell(&reply(2, text), None).await.unwrap();
    assert_eq!((proof.object.as_deref(), proof.receipt.as_str()), (Some("SUP-7"), "201, transaction 2"));
    assert!(proof.url.unwrap().ends_with("/Ticket/Display.html?id=7#txn-2"));
    assert_eq!(desk.lines(), [COMMENT, CORRESPOND]);
    let sent = body(&desk.requests()[1]);
    assert_eq!(sent, json!({ "Subject": "Ticket 7 (ref 0a1b2c02)", "Content": text, "ContentType": "text/plain" }));
    assert!(!sent.to_string().contains("rq-") && !sent.to_string().contains("chatops"));
    let ticket = desk.stand.sims.request_tracker.service.ticket(7).unwrap();
    let history: Vec<(&str, &str)> = ticket.history.iter().map(|entry| (entry.kind, entry.text.as_str())).collect();
    assert_eq!(history, [("Comment", "Internal."), ("Correspond", text)]);
}

#[tokio::test]
async fn a_reply_whose_answer_was_lost_is_found_among_correspondence_and_sent_once() {
    let desk = Desk::new().await;
    let rt = &desk.stand.sims.request_tracker.service;
    desk.fails(CORRESPOND, FaultKind::Status(502));
    assert!(desk.writes.tell(&reply(1, "Done."), None).await.unwrap_err().ambiguous());
    assert_eq!(desk.writes.told(&reply(1, "Done."), None).await.unwrap(), None, "nothing was sent");
    // The same words under the same subject are no reply where they are only for us, and none where they are a copy.
    assert!(rt.adds(7, "Comment", "Ticket 7 (ref 0a1b2c01)", "Done."));
    assert!(rt.adds(7, "Correspond", "Re: Ticket 7 (ref 0a1b2c01)", "Done."));
    assert_eq!(desk.writes.told(&reply(1, "Done."), None).await.unwrap(), None, "what others write is not ours");
    desk.fails(CORRESPOND, FaultKind::DropAfter);
    assert!(desk.writes.tell(&reply(1, "Done."), None).await.unwrap_err().ambiguous());
    let found = desk.writes.told(&reply(1, "Done."), None).await.unwrap().expect("it was sent");
    assert_eq!(found.receipt, "201, transaction 3");
    assert_eq!(desk.writes.told(&reply(2, "Done."), None).await.unwrap(), None, "the same words again are another one");
    desk.writes.tell(&reply(2, "Done."), None).await.unwrap();
    assert_eq!(desk.look("rt SUP-7 replies"), "3");
    assert_eq!(desk.writes.told(&note(1, "Done."), None).await.unwrap(), None, "and none of them is a note");
}

#[tokio::test]
async fn a_reply_is_read_back_word_for_word_with_its_place() {
    let desk = Desk::new().await;
    let shown = async |n: u32, text: &str| desk.reads.replied(&to_customer(n, "Ticket 7", text)).await;
    assert_eq!(shown(1, "Done.").await, Ok(None));
    desk.writes.tell(&reply(1, "Done.\nTry it."), None).await.unwrap();
    let there = shown(1, "Done.\nTry it.").await.unwrap().expect("it is there");
    assert_eq!((there.as_sent, there.id.as_str()), (true, "transaction 1"));
    assert!(there.url.unwrap().ends_with("#txn-1"));
    assert!(!shown(1, "Done.").await.unwrap().expect("it is there").as_sent, "another text");
    for route in ["GET /REST/2.0/ticket/7/attachments", "GET /REST/2.0/transaction/1"] {
        desk.fails(route, FaultKind::Status(503));
        assert_eq!(shown(1, "Done.\nTry it.").await.unwrap_err().fault, Fault::Failing { status: 503 }, "{route}");
    }
}

#[tokio::test]
async fn who_reads_a_reply_is_asked_and_a_failure_is_no_answer() {
    let desk = Desk::new().await;
    let rt = &desk.stand.sims.request_tracker.service;
    let seven = "SUP-7".parse().unwrap();
    assert!(rt.set_people(7, &["jo@acme.example"], &["ada@acme.example", "team"]));
    let people = Readers::Correspondents {
        requestors: vec!["jo@acme.example".into()],
        copies: vec!["ada@acme.example".into(), "team".into()],
    };
    assert_eq!(desk.reads.readers(&seven).await, Ok(Some(people)));
    assert!(rt.set_people(7, &[], &[]));
    assert!(desk.reads.readers(&seven).await.unwrap().unwrap().is_nobody());
    for none in ["SUP-9999", "OPS-7"] {
        assert_eq!(desk.reads.readers(&none.parse().unwrap()).await, Ok(None), "{none}");
    }
    for (kind, fault) in [
        (FaultKind::Status(403), Fault::Forbidden),
        (FaultKind::Status(503), Fault::Failing { status: 503 }),
        (FaultKind::Garbage, Fault::Garbled),
    ] {
        desk.fails("GET /REST/2.0/ticket/7", kind);
        assert_eq!(desk.reads.readers(&seven).await.unwrap_err().fault, fault);
    }
}

#[tokio::test]
async fn a_reply_that_is_refused_is_refused_for_good() {
    let desk = Desk::new().await;
    for status in [400, 401, 403, 404, 422] {
        desk.fails(CORRESPOND, FaultKind::Status(status));
        assert!(lasting(&desk.writes.tell(&reply(1, "x"), None).await.unwrap_err()), "{status}");
    }
    desk.fails(CORRESPOND, FaultKind::RetryAfter(7));
    let limited = desk.writes.tell(&reply(1, "x"), None).await.unwrap_err();
    assert_eq!(limited.fault, Fault::RateLimited { after_ms: 7_000 });
    let elsewhere = CustomerReply { ticket: "OPS-7".parse().unwrap(), ..to_customer(1, "x", "x") };
    assert!(lasting(&desk.writes.tell(&notice(1, NoticeContent::Reply(elsewhere)), None).await.unwrap_err()));
    assert_eq!(desk.look("rt SUP-7 replies"), "0");
}

#[tokio::test]
async fn on_github_a_reply_is_a_comment_that_acts_on_nothing() {
    let stand = Stand::new().await;
    let (tickets, tracker) = stand.tracker();
    let text = "Thanks @ada, <b>this</b> fixes #12 and GH-3,\nsee https://github.com/seqn/support/issues/4";
    let one = || to_customer(1, "Ticket 7", text);
    let first = notice(1, NoticeContent::Reply(one()));
    assert_eq!(tickets.replied(&one()).await, Ok(None));
    stand.faults.arm("github", "POST", FaultKind::DropAfter, 1);
    assert!(tracker.tell(&first, None).await.unwrap_err().ambiguous());
    assert_eq!(tracker.told(&first, None).await.unwrap().unwrap().object.as_deref(), Some("SUP-7"));
    let [(_, sent, _)] = &stand.sims.github.service.issue(SUPPORT_REPO, 7).unwrap().comments[..] else {
        panic!("it is there once")
    };
    assert_eq!(
        sent,
        "<!-- seqn-chatops reply 0a1b2c01 -->\nThanks @\u{200b}ada, &lt;b>this&lt;/b> fixes #\u{200b}12 and GH-\u{200b}3,\n\
         see https://redirect.github.com/seqn/support/issues/4"
    );
    assert!(!sent.contains("rq-"), "nothing of the request is in it");
    let there = tickets.replied(&one()).await.unwrap().expect("it is there");
    assert!(there.as_sent && there.id == "comment 1" && there.url.unwrap().ends_with("#issuecomment-1"));
    let other = CustomerReply { text: "Something else".into(), ..one() };
    assert!(!tickets.replied(&other).await.unwrap().expect("it is there").as_sent);
    // The same words again, on purpose, are another reply; a note with them is none.
    let again = CustomerReply { mark: "0a1b2c02".into(), ..one() };
    assert_eq!(tickets.replied(&again).await, Ok(None));
    tracker.tell(&notice(2, NoticeContent::Reply(again)), None).await.unwrap();
    let quiet = NoticeContent::Note { ticket: "SUP-7".parse().unwrap(), text: text.into() };
    tracker.tell(&notice(3, quiet), None).await.unwrap();
    assert_eq!(stand.sims.look("tracker SUP-7 replies").as_deref(), Some("2"));
    assert_eq!(stand.sims.look("tracker SUP-7 notes").as_deref(), Some("1"));
}

#[tokio::test]
async fn on_github_who_sees_the_repository_is_asked() {
    let stand = Stand::new().await;
    let (tickets, tracker) = stand.tracker();
    let readers = async || tickets.readers(&"SUP-7".parse().unwrap()).await;
    let seen = |private| Readers::Repository { name: SUPPORT_REPO.into(), private };
    assert_eq!(readers().await, Ok(Some(seen(Some(true)))));
    for (body, private) in
        [(r#"{"full_name":"seqn/support","private":false}"#, Some(false)), (r#"{"full_name":"seqn/support"}"#, None)]
    {
        stand.faults.arm("github", "GET /repos/seqn/support", FaultKind::Body(200, body.into()), 1);
        assert_eq!(readers().await, Ok(Some(seen(private))));
    }
    for (status, fault) in [(404, Fault::Forbidden), (503, Fault::Failing { status: 503 })] {
        stand.faults.arm("github", "GET /repos/seqn/support", FaultKind::Status(status), 1);
        assert_eq!(readers().await.unwrap_err().fault, fault);
    }
    assert_eq!(tickets.readers(&"OPS-7".parse().unwrap()).await, Ok(None));
    let far = CustomerReply { ticket: "OPS-7".parse().unwrap(), ..to_customer(1, "x", "x") };
    assert!(lasting(&tracker.tell(&notice(1, NoticeContent::Reply(far)), None).await.unwrap_err()));
}

#[tokio::test]
async fn behind_a_webhook_nobody_is_replied_to() {
    let stand = Stand::new().await;
    let (tickets, tracker) = stand.tracker_of(&TrackerConfig::Webhook(stand.webhook()));
    assert!(lasting(&tracker.tell(&reply(1, "x"), None).await.unwrap_err()));
    assert_eq!(tickets.readers(&"SUP-7".parse().unwrap()).await.unwrap_err().fault, Fault::NoRoute);
    assert_eq!(tickets.replied(&to_customer(1, "x", "x")).await.unwrap_err().fault, Fault::NoRoute);
    assert!(!tickets.asks());
    assert_eq!(stand.sims.requests(), []);
}
