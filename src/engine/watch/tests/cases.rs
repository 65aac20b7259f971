//! Cases: whose key it is, who replaces it, how the case closes; and what is no secret.

use crate::model::{Ack, Happening, KeyOwner, LeakState, MINUTE_MS, Past, Press, Verb};
use crate::store::{ExposureState, Sighted};

use super::super::see::Judged;
use super::desk::{Desk, account, key, place};

fn press(verb: Verb, request: &str) -> Happening {
    let press = Press { verb, request: request.parse().expect("an id"), revision: 0 };
    Happening::Pressed { control: press.to_string().into(), value: None }
}

fn said(ack: &Ack) -> String {
    format!("{ack:?}")
}

#[tokio::test]
async fn a_project_key_s_case_closes_when_its_project_lists_another_key() {
    let desk = Desk::open().await;
    let owner = KeyOwner { org: "acme".into(), project: "web".into() };
    let owners = vec![owner.clone()];
    desk.world.get().owners.clone_from(&owners);
    desk.says("kim", "m1", &key('A')).await;
    desk.settles().await;
    let leak = desk.engine.store().leaks(None, 1).await.expect("read").remove(0);
    assert_eq!(leak.owner, Some(owner));
    assert!(desk.world.texts("CSEC")[0].contains("acme/web"));
    let id = leak.id.as_str();

    let no = desk.receives(account("kim"), place("CSEC"), press(Verb::Rotate, id)).await;
    assert!(said(&no).contains("You may not decide about this leak."), "{no:?}");
    let steps = desk.receives(account("sam"), place("CSEC"), press(Verb::Rotate, id)).await;
    assert!(said(&steps).contains("rotate the project secret in the hosted console"), "{steps:?}");
    for (owners, state, words) in [
        (owners, LeakState::Rotating, "Not replaced yet"),
        (Vec::new(), LeakState::Closed, "Replaced: the project lists another key now."),
    ] {
        desk.world.get().owners = owners;
        desk.receives(account("sam"), place("CSEC"), press(Verb::Verify, id)).await;
        desk.settles().await;
        assert_eq!(desk.engine.store().leak(&leak.id).await.expect("read").expect("there").state, state);
        assert!(desk.world.texts("CSEC")[0].contains(words), "{:?}", desk.world.texts("CSEC"));
    }
    let late = desk.receives(account("sam"), place("CSEC"), press(Verb::Rotate, id)).await;
    assert!(said(&late).contains("This case is closed."), "{late:?}");
    let trail = desk.engine.store().audit_of(&leak.id).await.expect("the timeline");
    let outcomes: Vec<&str> = trail.iter().map(|row| row.outcome.as_str()).collect();
    assert_eq!(
        outcomes,
        [
            "opened",
            "removed",
            "owner_found",
            "refused",
            "rotating",
            "verify_asked",
            "not_replaced",
            "verify_asked",
            "closed",
            "refused"
        ]
    );
}

#[tokio::test]
async fn what_nobody_can_look_up_is_closed_by_a_person_with_a_reason() {
    let desk = Desk::open().await;
    desk.says("kim", "m1", &key('A')).await;
    desk.settles().await;
    let leak = desk.engine.store().leaks(None, 1).await.expect("read").remove(0);
    assert!(leak.outcome.contains("No project lists a key"), "{}", leak.outcome);
    let id = leak.id.as_str();
    desk.receives(account("sam"), place("CSEC"), press(Verb::Rotate, id)).await;
    let form = desk.receives(account("sam"), place("CSEC"), press(Verb::Replaced, id)).await;
    assert!(matches!(&form, Ack::Form(form) if form.token == id), "{form:?}");
    let submit =
        |reason: &str| Happening::Submitted { token: id.into(), values: vec![("reason".to_owned(), reason.into())] };
    let empty = desk.receives(account("sam"), place("CSEC"), submit("  ")).await;
    assert!(matches!(empty, Ack::FieldErrors(_)), "{empty:?}");
    let done = desk.receives(account("sam"), place("CSEC"), submit("It was of a test installation.")).await;
    assert!(said(&done).contains("is closed"), "{done:?}");
    desk.settles().await;
    assert!(desk.world.texts("CSEC")[0].contains("sam says that it was replaced: It was of a test installation."));
}

fn doubtful() -> Sighted {
    Sighted {
        fingerprint: "0b".repeat(16).parse().expect("a fingerprint"),
        rule: "unknown".into(),
        kind: "generated text".into(),
        prefix: String::new(),
        doubtful: true,
    }
}

async fn in_doubt(desk: &Desk, past: &Past) {
    let judged = Judged { sighted: vec![doubtful()], ..Judged::default() };
    let mut tx = desk.engine.store().begin().await.expect("a transaction");
    desk.engine.record(&mut tx, past, &judged).await.expect("recorded");
    tx.commit().await.expect("committed");
    desk.settles().await;
}

#[tokio::test]
async fn what_may_be_no_secret_is_asked_about_once_and_stays() {
    let desk = Desk::open().await;
    let past = desk.stands("eve", "m1", &["generated"], &[]);
    in_doubt(&desk, &past).await;
    assert!(
        desk.world.get().removed.is_empty() && desk.world.texts("C1").is_empty() && desk.world.texts("CSEC").is_empty()
    );
    let asked = desk.world.texts("to eve");
    assert!(asked.len() == 1 && asked[0].contains("Did you post a secret?") && asked[0].contains("Not a secret"));
    let row = desk.engine.store().exposure_of(&past.posted()).await.expect("read").expect("there");
    let id = format!("EX-{}", row.id);
    for (who, words) in [
        ("kim", "You may not decide whether this is a secret."),
        ("eve", "Noted: this is no secret."),
        ("sam", "This question is no longer open."),
    ] {
        let ack = desk.receives(account(who), place("C1"), press(Verb::Harmless, &id)).await;
        assert!(said(&ack).contains(words), "{who}: {ack:?}");
    }
    assert!(desk.engine.store().judged_harmless(&doubtful().fingerprint).await.expect("read"));
    let row = desk.engine.store().exposure_of(&past.posted()).await.expect("read").expect("there");
    assert_eq!(row.state, ExposureState::Harmless);
    desk.later(24 * 60 * MINUTE_MS).await;
    assert_eq!(desk.world.texts("to eve").len(), 1);
    assert!(desk.engine.store().leaks(None, 9).await.expect("read").is_empty(), "no case");
}

#[tokio::test]
async fn the_week_is_summed_up_without_values() {
    let desk = Desk::open().await;
    desk.settles().await;
    desk.says("kim", "m1", &key('A')).await;
    desk.settles().await;
    desk.later(7 * 24 * 60 * MINUTE_MS).await;
    let texts = desk.world.texts("CSEC");
    let summary: Vec<&String> = texts.iter().filter(|text| text.contains("Leaks this week")).collect();
    assert_eq!(summary.len(), 1, "{texts:?}");
    assert!(summary[0].contains("project secret key, open: 1") && !summary[0].contains(&key('A')[..12]), "{summary:?}");
    desk.later(60 * MINUTE_MS).await;
    assert_eq!(desk.world.texts("CSEC").len(), texts.len());
}
