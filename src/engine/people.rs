//! Who may, as it is known now: the policy over the configured staff, over the accounts that admins linked, and over the
//! roster of Authentik's groups while that is young enough.
//!
//! It reads nothing itself (`roster` and `linking` do) and keeps nothing on the disk: after a restart nobody has a right by a group
//! until the roster was read, not even to look. Invariant: a roster that is older than `LOOK_WITHIN_MS`, or younger than
//! now, gives nobody a right.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use crate::model::{Account, AccountLink, MINUTE_MS, Millis, Place, SECOND_MS, Staff, Tier};
use crate::policy::{Everybody, Joined, Policy, candidates, everybody};
use crate::ports::{
    Candidate, Claimant, Clock, Fault, Login, PortError, Rights, Roster, RosterRead, Ruling, StaffRead,
};

/// How long people may go on looking while the roster cannot be read: as long as a short outage lasts.
pub const LOOK_WITHIN_MS: i64 = 10 * MINUTE_MS;
/// How soon a failed reading is repeated.
const AGAIN_MS: i64 = 5 * SECOND_MS;

/// How old a roster may be in which a person is looked for who shall get an account: it is read twice as often.
const NAMED_WITHIN_MS: i64 = MINUTE_MS;

/// Where the roster comes from.
pub struct RosterSource {
    /// Reading it.
    pub read: Arc<dyn RosterRead>,
    /// What the configuration says about it.
    pub joined: Joined,
    /// How often it is read, in milliseconds.
    pub every_ms: i64,
    /// Where people sign in, to show whose an account is; `None`: they need not.
    pub login: Option<Arc<dyn Login>>,
}

/// The people, shared by whoever asks about rights.
pub struct People {
    pub(super) source: Option<RosterSource>,
    /// The policy as configured.
    configured: Policy,
    known: RwLock<Known>,
    clock: Arc<dyn Clock>,
    pub(super) turn: Mutex<Turn>,
    pub(super) asks: AtomicU64,
    /// Held while what became of rights is written down, so that it is written once.
    pub(super) writing: Mutex<()>,
    /// Whether links may have been made or ended that are not known here.
    links_moved: AtomicBool,
}

/// What the last reading said.
#[derive(Clone)]
struct Known {
    policy: Arc<Policy>,
    /// Over nobody but those whose rights need no roster.
    without: Arc<Policy>,
    /// What was read; `None`: nothing yet.
    roster: Option<Arc<Roster>>,
    /// Why the last reading failed, where it did.
    missed: Option<PortError>,
    /// The accounts that admins have linked.
    links: Arc<Vec<AccountLink>>,
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
        let never = Millis(i64::MIN);
        let policy = Arc::new(configured.clone());
        let known = Known {
            without: Arc::clone(&policy),
            policy,
            roster: None,
            missed: None,
            links: Arc::default(),
            read: None,
            tried: never,
            next: never,
            lapsed: false,
        };
        let turn = Mutex::new(Turn { covers: 0, came: Ok(()) });
        let people = Self {
            source,
            configured,
            known: RwLock::new(known),
            clock,
            turn,
            asks: AtomicU64::new(0),
            writing: Mutex::new(()),
            links_moved: AtomicBool::new(true),
        };
        people.relink(Vec::new());
        people
    }

    /// The same people, with the accounts that admins have linked.
    #[must_use]
    pub fn linked(self, links: Vec<AccountLink>) -> Self {
        self.relink(links);
        self
    }

    /// Who may, as it is known now.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        let known = self.known();
        if self.is_young(&known) { known.policy } else { known.without }
    }

    /// Who may, when nothing is known of the roster.
    pub(super) fn without(&self) -> Arc<Policy> {
        self.known().without
    }

    fn is_young(&self, known: &Known) -> bool {
        self.age(known).is_some_and(|age| age < LOOK_WITHIN_MS)
    }

    fn merged(&self, roster: Option<&Roster>, links: &[AccountLink]) -> Everybody {
        let none = Joined::default();
        let joined = self.source.as_ref().map_or(&none, |source| &source.joined);
        everybody(self.configured.rules(), joined, roster, links)
    }

    /// Links may have been made or ended.
    pub(super) fn move_links(&self) {
        self.links_moved.store(true, Ordering::SeqCst);
    }

    /// Whether they may have been since that was asked last.
    pub(super) fn take_moved_links(&self) -> bool {
        self.links_moved.swap(false, Ordering::SeqCst)
    }

    /// Everybody as they would be with these links. `None`: not everybody is known now.
    pub(super) fn with_links(&self, links: &[AccountLink]) -> Option<Everybody> {
        let known = self.known();
        match (&self.source, self.is_young(&known)) {
            (None, _) => Some(self.merged(None, links)),
            (Some(_), true) => Some(self.merged(known.roster.as_deref(), links)),
            (Some(_), false) => None,
        }
    }

    /// Lets these links count, and no others.
    pub(super) fn relink(&self, links: Vec<AccountLink>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.without = Arc::new(self.configured.over(self.merged(None, &links)));
        known.policy = match known.roster.clone() {
            Some(roster) => Arc::new(self.configured.over(self.merged(Some(&roster), &links))),
            None => Arc::clone(&known.without),
        };
        known.links = Arc::new(links);
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
    pub(super) fn weigh(&self, roster: &Roster) -> (Everybody, bool) {
        let known = self.known();
        let all = self.merged(Some(roster), &known.links);
        let same = known.read.is_some()
            && known.policy.rules().staff == all.staff
            && *known.policy.contested() == all.contested;
        (all, !same)
    }

    /// Takes what was read, as of the moment when the reading began.
    pub(super) fn take(&self, all: Everybody, roster: Roster, began: Millis, every_ms: i64) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.policy = Arc::new(self.configured.over(all));
        known.roster = Some(Arc::new(roster));
        known.missed = None;
        (known.read, known.tried, known.next) = (Some(began), began, began.plus_ms(every_ms));
        known.lapsed = false;
    }

    /// A reading failed: it is repeated soon.
    pub(super) fn missed(&self, began: Millis, why: PortError) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.missed = Some(why);
        known.tried = began;
        known.next = began.plus_ms(AGAIN_MS);
    }
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

impl StaffRead for People {
    fn candidates(&self, name: &str) -> Result<Vec<Candidate>, PortError> {
        let (known, none) = (self.known(), Joined::default());
        let joined = self.source.as_ref().map_or(&none, |source| &source.joined);
        if self.source.is_some() && self.age(&known).is_none_or(|age| age > NAMED_WITHIN_MS) {
            return Err(known.missed.unwrap_or_else(|| PortError::new("authentik", Fault::NoAnswer)));
        }
        Ok(candidates(name, &self.policy().rules().staff, joined, known.roster.as_deref()))
    }

    fn claims(&self, account: &Account) -> Vec<Claimant> {
        self.policy().claims(account)
    }

    fn signs_in(&self) -> bool {
        self.source.as_ref().is_some_and(|source| source.login.is_some())
    }
}

#[cfg(test)]
mod tests;
