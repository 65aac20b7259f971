//! The engine (F5): intake, prepare, approve, execute, deliver, remind. One way, over rows.
//!
//! It knows no platform, no outside API and no action by name. Invariants: what must not be lost is
//! committed before it is acknowledged; no transaction spans a network call; every loop is a `tick`, so
//! that tests, production and recovery run the same code.

mod agreement;
mod alert;
mod around;
mod asking;
mod command;
mod confirm;
mod deliver;
mod effect;
mod execute;
mod form;
mod glass;
mod head;
mod incident;
mod intake;
mod limit;
mod linking;
mod login;
mod next;
mod note;
mod notify;
mod outcome;
mod people;
mod prepare;
mod press;
mod prove;
mod remind;
mod reply;
pub mod room;
mod roster;
mod rotation;
mod say;
mod take_back;
mod ticket;
mod typing;
mod vote;
mod vote_form;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use serde::Serialize;
use tokio::sync::Notify;

use crate::catalog::Catalog;
use crate::guard::{Guard, Redacted};
use crate::incidents::Settings;
use crate::model::{Place, Platform, RequestId, StaffId};
use crate::policy::{At, Locked, Policy};
use crate::ports::{Acts, Chats, Clock, Ids, Moderators, Reads, Targets, WhenDown};
use crate::store::{AuditEntry, Store, StoreError, Tx};

pub use deliver::GIVE_UP_MS;
pub use head::{HEAD_FILE, Heads};
pub use login::LoginPage;
pub use people::{LOOK_WITHIN_MS, People, RosterSource};
pub use watch::{Histories, Watched};

/// How many requests one tick takes at once: enough to hide the outside systems' latency, few enough to be
/// polite to their rate limit (240 a minute, `seqn-facts.md` 3.8).
const AT_ONCE: u32 = 8;

/// Why the engine stopped in the middle of something.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Our own mistake. The text is for the log.
    #[error("bug: {0}")]
    Bug(String),
    /// We are being shut down.
    #[error("shutting down")]
    Stopping,
}

/// When the engine must stop: asked around every commit, so that a shutdown never cuts between the two
/// halves of a step without the journal knowing.
#[derive(Clone, Debug)]
pub struct Stop(Arc<AtomicU64>);

impl Stop {
    /// Runs until `now` is called.
    #[must_use]
    pub fn never() -> Self {
        Self(Arc::new(AtomicU64::new(u64::MAX)))
    }

    /// Stops at the that-many-th check; there is one before and one after each commit.
    #[must_use]
    pub fn after(checks: u64) -> Self {
        Self(Arc::new(AtomicU64::new(checks)))
    }

    /// Stops at the that-many-th check from here on.
    pub fn in_checks(&self, checks: u64) {
        self.0.store(checks, Ordering::SeqCst);
    }

    /// Stops at the next check.
    pub fn now(&self) {
        self.0.store(0, Ordering::SeqCst);
    }

    /// How many checks are left until it stops.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// True once it has stopped.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }

    fn check(&self) -> Result<(), Trouble> {
        let count = |left: u64| if left == u64::MAX { Some(left) } else { left.checked_sub(1) };
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count) {
            Ok(1) | Err(_) => Err(Trouble::Stopping),
            Ok(_) => Ok(()),
        }
    }
}

/// What an engine is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The guard.
    pub guard: Guard,
    /// What can be asked.
    pub catalog: Catalog,
    /// Who may.
    pub people: Arc<People>,
    /// Reading ports.
    pub reads: Reads,
    /// Acting ports.
    pub acts: Locked<Acts>,
    /// Chat platforms.
    pub chats: Chats,
    /// The platforms whose messages are watched.
    pub moderators: Moderators,
    /// Surfaces outside chat.
    pub targets: Targets,
    /// What happens to an action for a ticket when the tracker cannot be asked.
    pub when_tracker_down: WhenDown,
    /// Where the audit trail's head is published.
    pub heads: Heads,
    /// What the operator has set about incidents.
    pub incidents: Arc<Settings>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn Ids>,
    /// Shutdown.
    pub stop: Stop,
}

/// The engine. Shared by the platforms (as their door) and by the loops.
pub struct Engine {
    parts: Parts,
    wake: Notify,
    swept_ms: AtomicI64,
    eyes: watch::Eyes,
}

impl Engine {
    /// An engine of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts, wake: Notify::new(), swept_ms: AtomicI64::new(0), eyes: watch::Eyes::default() }
    }

    /// The store, for reading by health and by `audit`.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.parts.store
    }

    /// Who may, as it is known now. What is decided together is decided by one of these.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        self.parts.people.policy()
    }

    /// Ends when something new may be due.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    fn wake(&self) {
        self.wake.notify_waiters();
        self.wake.notify_one();
    }

    /// Does once everything that is due, and says how much that was.
    ///
    /// # Errors
    /// The store failed, or we are shutting down. What was not finished is found again by the next tick.
    pub async fn tick(&self) -> Result<usize, Trouble> {
        let mut done = self.roster().await?
            + self.watch().await?
            + self.remind().await?
            + self.prepare().await?
            + self.execute().await?;
        done += self.catch_up().await? + self.incidents().await?;
        done += self.check_health().await? + self.alerts().await?;
        for platform in Platform::ALL {
            done += self.deliver(platform).await?;
        }
        for target in self.targets() {
            done += self.notify(&target).await?;
        }
        Ok(done)
    }

    async fn commit(&self, tx: Tx<'_>) -> Result<(), Trouble> {
        self.parts.stop.check()?;
        tx.commit().await?;
        self.parts.stop.check()
    }

    /// That place, and whether incidents are worked on there.
    async fn at<'a>(&self, place: &'a Place) -> Result<At<'a>, Trouble> {
        let policy = self.policy();
        let rules = policy.rules();
        let home =
            rules.incident_places.iter().any(|one| (one.platform, &one.channel) == (place.platform, &place.channel));
        let unlisted = !place.direct && !policy.lists(place);
        let room = unlisted && (home || self.parts.store.is_incident_room(place).await?);
        Ok(At { place, room })
    }

    /// Lets our own words and rows pass the guard. A finding is our own mistake: it is reported, not sent.
    fn seal<T: Serialize>(&self, value: T) -> Result<Redacted<T>, Trouble> {
        self.parts.guard.outgoing(value).map_err(|findings| {
            let rules: Vec<String> = findings.iter().map(|f| f.rule.kind().to_owned()).collect();
            self.eyes.withhold(&rules);
            self.wake();
            Trouble::Bug(format!("something of ours holds a secret ({}); it was withheld", rules.join(", ")))
        })
    }

    /// Words from outside or from errors, redacted rather than refused.
    fn scrub(&self, text: impl Into<String>) -> Redacted<String> {
        self.parts.guard.reread(text.into())
    }

    async fn audit(&self, tx: &mut Tx<'_>, fact: Fact<'_>) -> Result<(), Trouble> {
        let entry = AuditEntry {
            at: self.parts.clock.now(),
            staff: fact.staff.cloned(),
            action: fact.action.to_owned(),
            request: fact.request.cloned(),
            outcome: fact.outcome.to_owned(),
            details: fact.details,
            salt: self.parts.ids.salt(),
        };
        tx.audit(&self.seal(entry)?).await?;
        Ok(())
    }
}

/// One fact for the audit trail.
struct Fact<'a> {
    staff: Option<&'a StaffId>,
    action: &'a str,
    request: Option<&'a RequestId>,
    outcome: &'a str,
    details: serde_json::Value,
}
