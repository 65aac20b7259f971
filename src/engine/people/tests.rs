//! The roster's age decides; a link counts at once, and no longer than its person has a right.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicI64;

use async_trait::async_trait;

use super::*;
use crate::catalog::Catalog;
use crate::model::LinkedTo;
use crate::model::{IdentityId, Role};
use crate::policy::Rules;
use crate::ports::RosterPerson;

struct Dial(AtomicI64);

impl Clock for Dial {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

struct Unread;

#[async_trait]
impl RosterRead for Unread {
    async fn roster(&self) -> Result<Roster, PortError> {
        Ok(Roster::default())
    }
}

fn eve() -> Roster {
    let person = RosterPerson {
        id: "00000000-0000-4000-8000-00000000000b".parse::<IdentityId>().expect("a uuid"),
        username: "eve".into(),
        name: "Eve".into(),
        active: true,
        human: true,
        groups: ["SEQN-A".to_owned()].into(),
        slack: vec!["T1/UEVE".into()],
        discord: Vec::new(),
    };
    Roster { people: vec![person], ..Roster::default() }
}

fn people(dial: &Arc<Dial>) -> People {
    let groups = BTreeMap::from([("SEQN-A".to_owned(), Role::ADMIN)]);
    let joined = Joined { groups, linked: BTreeMap::new() };
    let source = RosterSource { read: Arc::new(Unread), joined, every_ms: 30_000, login: None };
    let rules = Rules { slack_team: "T1".into(), ..Rules::default() };
    People::new(Policy::new(rules, &Catalog::default()), Some(source), Arc::clone(dial) as _)
}

fn read(people: &People, roster: &Roster) -> bool {
    let source = people.source.as_ref().expect("a source");
    let (all, differs) = people.weigh(roster);
    people.take(all, roster.clone(), people.clock.now(), source.every_ms);
    differs
}

#[test]
fn a_roster_gives_rights_while_it_is_young_and_never_before_its_time() {
    let dial = Arc::new(Dial(AtomicI64::new(1_000_000)));
    let people = people(&dial);
    assert!(people.policy().rules().staff.is_empty() && people.is_due() && !people.has_lapsed());
    assert!(read(&people, &eve()), "it is new");
    assert!(!read(&people, &eve()), "it is the same");
    for (after_ms, staff, due, lapsed) in [
        (0, 1, false, false),
        (29_999, 1, false, false),
        (30_000, 1, true, false),
        (LOOK_WITHIN_MS - 1, 1, true, false),
        (LOOK_WITHIN_MS, 0, true, true),
        // The clock was put back: how old it is, nobody knows.
        (-1, 0, true, true),
    ] {
        dial.0.store(1_000_000 + after_ms, Ordering::SeqCst);
        let now = (people.policy().rules().staff.len(), people.is_due(), people.has_lapsed());
        assert_eq!(now, (staff, due, lapsed), "after {after_ms} ms");
    }
    people.lapse();
    assert!(!people.has_lapsed(), "it is said once");
    assert!(!read(&people, &eve()) && people.policy().rules().staff.len() == 1, "it is back");
}

#[test]
fn a_reading_that_failed_is_repeated_soon_and_takes_nothing_away() {
    let dial = Arc::new(Dial(AtomicI64::new(1_000_000)));
    let people = people(&dial);
    read(&people, &eve());
    people.missed(Millis(1_000_000), PortError::new("authentik", Fault::NoAnswer));
    assert_eq!((people.is_due(), people.policy().rules().staff.len()), (false, 1));
    dial.0.store(1_000_000 + AGAIN_MS, Ordering::SeqCst);
    assert!(people.is_due() && people.is_within(AGAIN_MS) && !people.is_within(AGAIN_MS - 1));
}

#[test]
fn without_a_source_the_configuration_holds() {
    let dial = Arc::new(Dial(AtomicI64::new(0)));
    let rules = Rules { slack_team: "T1".into(), ..Rules::default() };
    let people = People::new(Policy::new(rules, &Catalog::default()), None, dial as _);
    assert_eq!(people.policy().rules().slack_team, "T1");
}

#[test]
fn a_link_counts_at_once_and_no_longer_than_the_person_has_a_right() {
    let dial = Arc::new(Dial(AtomicI64::new(1_000_000)));
    let people = people(&dial);
    read(&people, &eve());
    let account = Account::discord("910000000000000007").expect("an account");
    let link = AccountLink {
        request: "rq-1".parse().expect("an id"),
        account: account.clone(),
        to: LinkedTo::Identity(eve().people[0].id.clone()),
        by: "mira".parse().expect("an id"),
        agreed: vec!["ops".parse().expect("an id")],
        at: Millis(1),
    };
    let holders = || people.policy().rules().holders(&account).len();
    assert_eq!(holders(), 0);
    people.relink(vec![link.clone()]);
    assert_eq!((holders(), people.claims(&account).len()), (1, 1));
    assert!(!read(&people, &eve()), "a reading keeps it");
    assert_eq!(holders(), 1);
    read(&people, &Roster::default());
    assert_eq!(holders(), 0, "she has left the group");
    read(&people, &eve());
    people.relink(Vec::new());
    assert_eq!(holders(), 0);
    assert!(people.candidates("eve").is_ok_and(|found| found.len() == 1));
    dial.0.store(1_000_000 + NAMED_WITHIN_MS + 1, Ordering::SeqCst);
    assert!(people.candidates("eve").is_err(), "who she is now, nobody knows");
    assert!(people.with_links(std::slice::from_ref(&link)).is_some());
    dial.0.store(1_000_000 + LOOK_WITHIN_MS, Ordering::SeqCst);
    assert!(people.with_links(&[link]).is_none());
}
