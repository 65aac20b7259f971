//! The watch, from a message to its end.

mod cases;
pub(in crate::engine) mod desk;
mod history;
mod outside;

use crate::engine::Stop;
use crate::guard::{Guard, Untrusted};
use crate::model::{Happening, MINUTE_MS, SECOND_MS, Seen};
use crate::ports::{Fault, FileText, PortError};
use crate::store::ExposureState;

use desk::{Desk, World, account, key, place};

#[tokio::test]
async fn a_pasted_key_is_removed_and_everybody_knows() {
    let desk = Desk::open().await;
    let key = key('A');
    desk.says("kim", "m1", &format!("look: {key}!")).await;
    desk.settles().await;
    assert_eq!(desk.world.get().removed, ["m1"]);
    for (channel, words) in [
        ("C1", "I removed a message here"),
        ("to kim", "I removed your message"),
        ("CSEC", "Leaked: project secret key"),
    ] {
        let texts = desk.world.texts(channel);
        assert_eq!(texts.len(), 1, "{channel}: {texts:?}");
        assert!(texts[0].contains(words) && texts[0].contains(&key[..16]) && !texts[0].contains(&key), "{texts:?}");
    }
    assert_eq!((desk.audited("opened").await, desk.audited("removed").await), (1, 1));
    assert_eq!(desk.engine.store().leaks(None, 9).await.expect("read").len(), 1);
    desk.stores_nowhere(&key);
    assert_eq!(desk.world.get().whispers, 0);
}

#[tokio::test]
async fn a_redelivery_adds_nothing_and_a_second_place_counts_in_the_same_case() {
    let desk = Desk::open().await;
    let past = desk.stands("kim", "m1", &[&key('A')], &[]);
    for _ in 0..3 {
        desk.hears(past.clone()).await;
    }
    desk.settles().await;
    desk.hears(past).await;
    desk.says("joe", "m2", &key('A')).await;
    desk.settles().await;
    assert_eq!(desk.world.get().removed, ["m1", "m2"]);
    assert_eq!((desk.audited("opened").await, desk.audited("seen_again").await), (1, 1));
    let leaks = desk.engine.store().leaks(None, 9).await.expect("read");
    assert_eq!((leaks.len(), leaks[0].seen), (1, 2));
    assert_eq!(desk.world.texts("CSEC").len(), 1, "one message for the case");
}

#[tokio::test]
async fn what_cannot_be_removed_is_told_and_reminded_until_it_is_gone() {
    let desk = Desk::open().await;
    desk.world.get().refuses = Some("No admin token is configured.".into());
    desk.says("kim", "m1", &key('A')).await;
    desk.settles().await;
    assert_eq!(desk.world.get().whispers, 1);
    let told = desk.world.texts("to kim");
    assert!(told.len() == 1 && told[0].contains("Delete your message now") && told[0].contains("chat.example/C1/m1"));
    assert!(told[0].contains("No admin token"), "{told:?}");
    assert!(desk.world.texts("C1")[0].contains("I could not remove it"));
    assert!(desk.world.texts("CSEC")[0].contains("NOT REMOVED"));
    for (after, reminders) in [(4, 0), (1, 1), (29, 1), (1, 2), (240, 3), (24 * 60, 4), (24 * 60, 5)] {
        desk.later(after * MINUTE_MS).await;
        assert_eq!(desk.world.texts("to kim").len(), 1 + reminders, "after {after} more minutes");
    }
    let past = desk.world.get().standing.remove("m1").expect("it stands there");
    desk.receives(past.account, past.place, Happening::Gone { message: "m1".into() }).await;
    desk.settles().await;
    assert!(desk.world.texts("C1")[0].contains("is gone"));
    assert!(desk.world.texts("to kim")[0].contains("is gone. Thank you."));
    desk.later(48 * 60 * MINUTE_MS).await;
    assert_eq!((desk.audited("reminded").await, desk.audited("gone").await, desk.audited("removed").await), (5, 1, 0));
    assert_eq!(desk.world.get().whispers, 1);
}

#[tokio::test]
async fn reminders_end_and_the_case_says_so() {
    let desk = Desk::open().await;
    desk.world.get().refuses = Some("It may not.".into());
    desk.says("kim", "m1", &key('A')).await;
    desk.settles().await;
    for _ in 0..40 {
        desk.later(24 * 60 * MINUTE_MS).await;
    }
    assert_eq!((desk.audited("reminded").await, desk.audited("unheeded").await), (17, 1));
    assert!(desk.world.texts("CSEC").iter().any(|text| text.contains("STILL THERE")));
}

#[tokio::test]
async fn an_edit_settles_what_was_told_and_an_edit_that_reveals_is_followed() {
    let desk = Desk::open().await;
    desk.world.get().refuses = Some("It may not.".into());
    desk.says("kim", "m1", &key('A')).await;
    desk.settles().await;
    for (text, outcome) in [("nothing to see".to_owned(), "clean"), (key('B'), "not_removed")] {
        let mut past = desk.stands("kim", "m1", &[&text], &[]);
        past.said.seen = Seen::Edited;
        desk.hears(past).await;
        desk.settles().await;
        assert!(desk.audited(outcome).await >= 1, "{outcome}");
    }
    assert_eq!(desk.engine.store().leaks(None, 9).await.expect("read").len(), 2);
    assert_eq!(desk.audited("not_removed").await, 3, "once for the first, twice for the two together");
    let past = desk.stands("kim", "m1", &["clean by hand"], &[]);
    assert_eq!(past.said.message, "m1");
    desk.later(5 * MINUTE_MS).await;
    assert_eq!(desk.audited("clean").await, 3, "the reminder looked first");
    assert_eq!(desk.audited("reminded").await, 0);
}

#[tokio::test]
async fn a_key_over_two_messages_takes_both_along() {
    let desk = Desk::open().await;
    let key = key('A');
    desk.says("kim", "m1", &key[..13]).await;
    desk.says("joe", "m2", "what is that?").await;
    desk.later(20 * SECOND_MS).await;
    assert!(desk.world.get().removed.is_empty());
    desk.says("kim", "m3", &key[13..]).await;
    desk.settles().await;
    let mut removed = desk.world.get().removed.clone();
    removed.sort();
    assert_eq!(removed, ["m1", "m3"]);
    assert_eq!(desk.engine.store().leaks(None, 9).await.expect("read").len(), 1);
}

#[tokio::test]
async fn files_are_read_outside_of_intake_and_what_is_not_read_is_counted() {
    let desk = Desk::open().await;
    let long = format!("{}\n{}\n", "a line of a log\n".repeat(20_000), key('A'));
    for (id, text) in [
        ("F1", Ok(FileText::Text(Untrusted::from("harmless")))),
        ("F2", Ok(FileText::Text(Untrusted::from(long.as_str())))),
        ("F3", Ok(FileText::Skipped("image"))),
        ("F4", Err(PortError::new("slack", Fault::Forbidden))),
    ] {
        desk.world.get().files.insert(id.into(), text);
    }
    for (message, files) in [("m1", vec!["F1", "F3", "F4"]), ("m2", vec!["F2"])] {
        let past = desk.stands("kim", message, &["see the file"], &files);
        desk.hears(past).await;
        assert!(desk.world.get().removed.is_empty(), "not in intake");
    }
    desk.settles().await;
    assert_eq!(desk.world.get().removed, ["m2", "F2"]);
    let watched = desk.engine.watched();
    assert_eq!(
        (watched.files, watched.skipped.get("image"), watched.skipped.get("unreadable")),
        (2, Some(&1), Some(&1))
    );
    assert_eq!(desk.audited("removed").await, 1);
}

#[tokio::test]
async fn a_failing_platform_is_tried_again_and_the_author_knows_meanwhile() {
    let desk = Desk::open().await;
    let slow = Fault::RateLimited { after_ms: 30_000 };
    desk.world.get().fails = [PortError::new("slack", Fault::NoAnswer), PortError::new("slack", slow)].into();
    desk.says("kim", "m1", &key('A')).await;
    desk.settles().await;
    assert!(desk.world.texts("to kim").is_empty() && desk.world.texts("C1").is_empty(), "a second is nothing");
    desk.later(0).await;
    desk.later(SECOND_MS).await;
    assert!(desk.world.texts("to kim")[0].contains("Delete your message now"));
    assert_eq!(desk.audited("not_removed_yet").await, 1);
    desk.later(29 * SECOND_MS).await;
    assert!(desk.world.get().removed.is_empty());
    desk.later(SECOND_MS).await;
    assert_eq!(desk.world.get().removed, ["m1"]);
    assert!(desk.world.texts("to kim")[0].contains("I removed your message"));
}

#[tokio::test]
async fn blocked_messages_and_topics_go_their_own_way() {
    let desk = Desk::open().await;
    let mut blocked = desk.stands("kim", "", &[&key('A')], &[]);
    blocked.said.seen = Seen::Blocked;
    desk.hears(blocked).await;
    let mut topic = desk.stands("kim", "t1", &[&key('B')], &[]);
    topic.said.seen = Seen::Topic;
    desk.hears(topic).await;
    desk.settles().await;
    assert!(desk.world.get().removed.is_empty());
    let told = desk.world.texts("to kim");
    assert!(told.iter().any(|text| text.contains("was blocked")), "{told:?}");
    assert!(told.iter().any(|text| text.contains("Change the channel's name")), "{told:?}");
    assert_eq!(desk.world.texts("C1").len(), 1, "nobody saw what was blocked");
    assert_eq!((desk.audited("blocked").await, desk.audited("not_removed").await), (1, 1));
    assert_eq!(desk.world.texts("CSEC").len(), 2);
}

#[tokio::test]
async fn ten_thousand_keys_in_one_message_are_one_message() {
    let desk = Desk::open().await;
    let keys: String = (0..10_000).map(|n| format!("{}{n:05} ", key('A'))).collect();
    desk.says("kim", "m1", &keys).await;
    desk.settles().await;
    assert_eq!(desk.world.get().removed, ["m1"]);
    assert!(desk.engine.store().leaks(None, 99).await.expect("read").len() <= 20);
}

#[tokio::test]
async fn our_own_words_with_a_secret_are_withheld_and_reported() {
    let desk = Desk::open().await;
    desk.engine.seal(key('A')).expect_err("withheld");
    desk.settles().await;
    assert!(desk.world.texts("CSEC")[0].contains("about to send a raw secret myself"));
    assert_eq!(desk.audited("withheld").await, 1);
    desk.stores_nowhere(&key('A'));
}

/// One flow: what cannot be removed at first is removed later. Gives whether the process died in it.
async fn plays(stop: Stop) -> (Desk, bool) {
    let world = World::default();
    let mut desk = Desk::with(world, tempfile::tempdir().expect("a folder"), stop).await;
    let mut died = false;
    desk.world.get().refuses = Some("It may not.".into());
    let past = desk.stands("kim", "m1", &[&key('A')], &[]);
    desk.hears(past.clone()).await;
    if desk.try_settle().await.is_err() {
        died = true;
        desk = desk.restarts().await;
        // The platform delivers again what was not acknowledged.
        desk.hears(past).await;
        desk.later(121 * SECOND_MS).await;
    }
    desk.world.get().refuses = None;
    desk.world.get().now += 5 * MINUTE_MS;
    if desk.try_settle().await.is_err() {
        died = true;
        desk = desk.restarts().await;
        desk.later(121 * SECOND_MS).await;
    }
    (desk, died)
}

#[tokio::test]
async fn wherever_the_process_dies_it_is_removed_once_told_once_and_one_case() {
    for at in 1..200 {
        let (desk, died) = plays(Stop::after(at)).await;
        assert_eq!(desk.world.get().removed, ["m1"], "stopped at {at}");
        for channel in ["C1", "to kim", "CSEC"] {
            assert_eq!(desk.world.texts(channel).len(), 1, "stopped at {at}: {:?}", desk.world.texts(channel));
        }
        assert!(desk.world.get().whispers <= 1, "stopped at {at}");
        assert_eq!((desk.audited("opened").await, desk.audited("not_removed").await), (1, 1), "stopped at {at}");
        assert_eq!(desk.audited("removed").await + desk.audited("gone").await, 1, "stopped at {at}");
        assert!(desk.engine.store().audit_verify().await.expect("verified").first_bad.is_none());
        let state = desk.engine.store().exposure_of(&desk_posted()).await.expect("read").expect("there").state;
        assert!(matches!(state, ExposureState::Removed | ExposureState::Gone), "stopped at {at}");
        desk.engine.store().clone().close().await;
        if !died {
            assert!(at > 10, "the flow has more commits than that");
            return;
        }
    }
    panic!("the flow does not end");
}

fn desk_posted() -> crate::model::Posted {
    crate::model::Posted { platform: crate::model::Platform::Slack, channel: "C1".into(), message: "m1".into() }
}

#[test]
fn the_made_up_key_is_one() {
    let guard = Guard::new(crate::guard::FingerprintKey::new([1; 32]));
    assert_eq!(guard.findings(&key('A')).len(), 1);
    assert!(guard.findings(&key('A')[..13]).is_empty() && guard.findings(&key('A')[13..]).is_empty());
    assert_eq!(account("kim").user, "kim");
    assert_eq!(place("C1").channel, "C1");
}
