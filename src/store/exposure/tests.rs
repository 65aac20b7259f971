//! Exposures on a real file: kept once, leased once, ended once.

use super::super::fixture::{Desk, account, place, safe};
use super::*;
use crate::model::LeakState;

const LEASE_MS: i64 = 100;

fn exposure(message: &str) -> Exposure {
    Exposure {
        id: 0,
        message: message.into(),
        place: place(),
        account: account(),
        by_app: false,
        seen: Seen::New,
        unread: vec!["F1".into()],
        files: Vec::new(),
        state: ExposureState::Todo,
        told: false,
        attempts: 0,
        reminders: 0,
        leased_until: Millis(0),
        first_seen: Millis(10),
        why: String::new(),
    }
}

fn sighted(digit: char, doubtful: bool) -> Sighted {
    Sighted {
        fingerprint: String::from_iter([digit; 32]).parse().expect("a fingerprint"),
        rule: "project-secret-key".into(),
        kind: "project secret key".into(),
        prefix: String::new(),
        doubtful,
    }
}

fn case(of: &Sighted) -> Leak {
    Leak {
        id: Leak::id_of(&of.fingerprint).expect("an id"),
        fingerprint: of.fingerprint,
        rule: of.rule.clone(),
        kind: of.kind.clone(),
        prefix: String::new(),
        state: LeakState::Open,
        first_seen: Millis(10),
        last_seen: Millis(10),
        seen: 1,
        owner: None,
        outcome: String::new(),
    }
}

#[tokio::test]
async fn a_message_is_one_exposure_and_one_secret_in_it_one_sighting() {
    let desk = Desk::open().await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    let (row, fresh) = tx.expose(&safe(exposure("m1"))).await.expect("kept");
    assert!(fresh && row == Exposure { id: row.id, ..exposure("m1") });
    assert!(!tx.expose(&safe(exposure("m1"))).await.expect("kept already").1);
    for (one, new) in [(sighted('a', false), true), (sighted('a', true), false), (sighted('b', true), true)] {
        assert_eq!(tx.sight(row.id, &safe(one), Millis(10)).await.expect("kept"), new);
    }
    tx.see_leak(&safe(case(&sighted('a', false))), None).await.expect("seen");
    tx.see_leak(&safe(case(&sighted('b', true))), None).await.expect("seen");
    assert_eq!(tx.leaks_in(row.id).await.expect("read").len(), 1, "what is in doubt is no case");
    let of_a = tx.exposures_of(&sighted('a', false).fingerprint, 9).await.expect("read");
    assert_eq!(of_a.iter().map(|e| e.message.as_str()).collect::<Vec<_>>(), ["m1"]);
    tx.commit().await.expect("committed");
    assert_eq!(desk.store.sighted_in(row.id).await.expect("read").len(), 2);
    assert_eq!(desk.store.exposure_of(&row.posted()).await.expect("read").expect("there").id, row.id);
}

#[tokio::test]
async fn it_is_leased_to_one_and_ends_once() {
    let desk = Desk::open().await;
    let mut tx = desk.store.begin().await.expect("a transaction");
    for message in ["m1", "m2"] {
        tx.expose(&safe(exposure(message))).await.expect("kept");
    }
    assert!(tx.lease_exposures(Millis(9), LEASE_MS, 9).await.expect("leased").is_empty(), "not due yet");
    let due = tx.lease_exposures(Millis(10), LEASE_MS, 9).await.expect("leased");
    assert_eq!(due.iter().map(|e| (e.message.as_str(), e.attempts)).collect::<Vec<_>>(), [("m1", 1), ("m2", 1)]);
    assert!(tx.lease_exposures(Millis(11), LEASE_MS, 9).await.expect("leased").is_empty(), "somebody is at it");
    let later =
        Exposure { state: ExposureState::Told, told: true, reminders: 1, why: "It may not.".into(), ..due[0].clone() };
    assert!(tx.move_exposure(&safe(later.clone()), Millis(500), Millis(20)).await.expect("moved"));
    let over = Exposure { state: ExposureState::Removed, ..due[1].clone() };
    assert!(tx.move_exposure(&safe(over.clone()), Millis(0), Millis(20)).await.expect("moved"));
    assert!(!tx.move_exposure(&safe(over), Millis(0), Millis(21)).await.expect("it has ended"));
    tx.commit().await.expect("committed");
    assert_eq!(desk.store.next_due().await.expect("read"), Some(Millis(500)));

    let mut tx = desk.store.begin().await.expect("a transaction");
    let due = tx.lease_exposures(Millis(500), LEASE_MS, 9).await.expect("leased");
    assert_eq!(due, [Exposure { attempts: 2, leased_until: Millis(600), ..later }]);
    tx.reopen_exposure(due[0].id, Millis(510)).await.expect("reopened");
    let again = tx.lease_exposures(Millis(510), LEASE_MS, 9).await.expect("leased");
    assert_eq!((again[0].state, again[0].attempts), (ExposureState::Todo, 1));
    assert!(ExposureState::ALL.iter().all(|(state, word)| ExposureState::named(word) == Some(*state)));
}
