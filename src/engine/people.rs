//! Who may, as it is known now: the policy over the configured staff, and over the roster of Authentik's groups while
//! that is young enough.
//!
//! It reads nothing itself (`roster` does) and keeps nothing on the disk: after a restart nobody has a right by a group
//! until the roster was read, not even to look. Invariant: a roster that is older than `LOOK_WITHIN_MS`, or younger than
//! now, gives nobody a right.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use crate::model::{MINUTE_MS, Millis, Place, SECOND_MS, Staff, Tier};
use crate::policy::{Everybody, Joined, Policy, everybody};
use crate::ports::{Clock, PortError, Rights, RosterRead, Ruling};

/// How long people may go on looking while the roster cannot be read: as long as a short outage lasts.
pub const LOOK_WITHIN_MS: i64 = 10 * MINUTE_MS;
/// How soon a failed reading is repeated.
const AGAIN_MS: i64 = 5 * SECOND_MS;

/// Where the roster comes from.
pub struct RosterSource {
    /// Reading it.
    pub read: Arc<dyn RosterRead>,
    /// What the configuration says about it.
    pub joined: Joined,
    /// How often it is read, in milliseconds.
    pub every_ms: i64,
}

/// The people, shared by whoever asks about rights.
pub struct People {
    pub(super) source: Option<RosterSource>,
    /// The policy as configured.
    configured: Policy,
    /// Over nobody but those whose rights need no roster.
    without: Arc<Policy>,
    known: RwLock<Known>,
    clock: Arc<dyn Clock>,
    pub(super) turn: Mutex<Turn>,
    pub(super) asks: AtomicU64,
}

/// What the last reading said.
#[derive(Clone)]
struct Known {
    policy: Arc<Policy>,
    /// When the reading began that it comes from.
    read: Option<Millis>,
    tried: Millis,
    next: Millis,
    lapsed: bool,
}

/// Whose turn it is to read: those who asked before a reading began share it.
pub(super) struct Turn {
    pub(super) covers: u64,
    pub(super) came: Result<(), PortError>,
}

impl People {
    /// The people of that policy, and of the roster where there is one.
    #[must_use]
    pub fn new(configured: Policy, source: Option<RosterSource>, clock: Arc<dyn Clock>) -> Self {
        let without = match &source {
            None => configured.clone(),
            Some(source) => over(&configured, everybody(configured.rules(), &source.joined, None)),
        };
        let without = Arc::new(without);
        let never = Millis(i64::MIN);
        let known = Known { policy: Arc::clone(&without), read: None, tried: never, next: never, lapsed: false };
        let turn = Mutex::new(Turn { covers: 0, came: Ok(()) });
        Self { source, configured, without, known: RwLock::new(known), clock, turn, asks: AtomicU64::new(0) }
    }

    /// Who may, as it is known now.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        let known = self.known();
        if self.age(&known).is_some_and(|age| age < LOOK_WITHIN_MS) { known.policy } else { self.without() }
    }

    /// Who may, when nothing is known of the roster.
    pub(super) fn without(&self) -> Arc<Policy> {
        Arc::clone(&self.without)
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How old the roster is; `None` where there is none, and where the clock has gone back behind it.
    fn age(&self, known: &Known) -> Option<i64> {
        known.read.map(|read| self.clock.now().since(read)).filter(|age| *age >= 0)
    }

    /// Whether the roster is at most that old.
    pub(super) fn is_within(&self, most_ms: i64) -> bool {
        self.age(&self.known()).is_some_and(|age| age <= most_ms)
    }

    /// Whether it is time to read it.
    pub(super) fn is_due(&self) -> bool {
        let (known, now) = (self.known(), self.clock.now());
        now >= known.next || now < known.tried
    }

    /// Whether the roster has become too old since that was asked last.
    pub(super) fn has_lapsed(&self) -> bool {
        let known = self.known();
        let old = known.read.is_some() && self.age(&known).is_none_or(|age| age >= LOOK_WITHIN_MS);
        old && !known.lapsed
    }

    /// Remembers that it was said.
    pub(super) fn lapse(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).lapsed = true;
    }

    /// What that roster makes of the configured staff, and whether it differs from what was known.
    pub(super) fn weigh(&self, source: &RosterSource, roster: &crate::ports::Roster) -> (Everybody, bool) {
        let all = everybody(self.configured.rules(), &source.joined, Some(roster));
        let known = self.known();
        let same = known.read.is_some()
            && known.policy.rules().staff == all.staff
            && *known.policy.contested() == all.contested;
        (all, !same)
    }

    /// Takes what was read, as of the moment when the reading began.
    pub(super) fn take(&self, all: Everybody, began: Millis, every_ms: i64) {
        let policy = Arc::new(over(&self.configured, all));
        let known = Known { policy, read: Some(began), tried: began, next: began.plus_ms(every_ms), lapsed: false };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// A reading failed: it is repeated soon.
    pub(super) fn missed(&self, began: Millis) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.tried = began;
        known.next = began.plus_ms(AGAIN_MS);
    }
}

fn over(configured: &Policy, all: Everybody) -> Policy {
    configured.over(all.staff, all.contested)
}

impl Rights for People {
    fn ruling(&self, staff: &Staff, action: &str, place: &Place) -> Ruling {
        self.policy().ruling(staff, action, place)
    }

    fn agrees(&self, requester: &Staff, tier: Tier) -> Vec<Staff> {
        self.policy().agrees(requester, tier)
    }

    fn staff(&self, name: &str) -> Option<Staff> {
        self.policy().staff(name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicI64, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::catalog::Catalog;
    use crate::model::{IdentityId, Role};
    use crate::policy::Rules;
    use crate::ports::{Roster, RosterPerson};

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
        let source = RosterSource { read: Arc::new(Unread), joined, every_ms: 30_000 };
        let rules = Rules { slack_team: "T1".into(), ..Rules::default() };
        People::new(Policy::new(rules, &Catalog::default()), Some(source), Arc::clone(dial) as _)
    }

    fn read(people: &People, roster: &Roster) -> bool {
        let source = people.source.as_ref().expect("a source");
        let (all, differs) = people.weigh(source, roster);
        people.take(all, people.clock.now(), source.every_ms);
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
        people.missed(Millis(1_000_000));
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
}
