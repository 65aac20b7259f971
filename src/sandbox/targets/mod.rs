//! Emulators of the surfaces that are told of incidents and tickets: pager, push, status pages, tracker, a webhook.
//!
//! Each is a server of its own, with the names that faults are armed for: `pagerduty`, `opsgenie`, `ntfy`, `statuspage`,
//! `github`, `request-tracker`, `webhook`. Invariant: what is refused has no effect.

mod github;
mod look;
mod ntfy;
mod opsgenie;
mod pagerduty;
mod receiver;
mod rt;
mod statuspage;
#[cfg(test)]
mod tests;
mod ticket_sql;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

pub use self::github::Github;
pub use self::ntfy::Ntfy;
pub use self::opsgenie::Opsgenie;
pub use self::pagerduty::PagerDuty;
pub use self::receiver::Receiver;
pub use self::rt::{RT_CUSTOMER, RT_QUEUE, RequestTracker};
pub use self::statuspage::Statuspage;

use super::dial::Dial;
use super::fault::Faults;
use super::world::Recorded;
use super::world::door::{Door, Emulated};

/// The repository that is a status page.
pub const STATUS_REPO: &str = "seqn/status";
/// The repository whose issues are support tickets.
pub const SUPPORT_REPO: &str = "seqn/support";
/// The page at Statuspage.
pub const STATUSPAGE_PAGE: &str = "seqnpage";
/// The topic at ntfy.
pub const NTFY_TOPIC: &str = "seqn-incidents";

/// A running emulator; it stops when it is dropped.
pub struct Sim<S> {
    base: String,
    /// What is behind the door.
    pub service: Arc<S>,
    door: Door,
}

impl<S> Sim<S> {
    async fn start(name: &'static str, faults: &Faults, service: S) -> io::Result<Self>
    where
        S: Emulated,
    {
        let (listener, base) = Door::bind().await?;
        let service = Arc::new(service);
        let emulated: Arc<dyn Emulated> = Arc::<S>::clone(&service);
        Ok(Self { base, service, door: Door::open(listener, name, faults.clone(), emulated) })
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base.clone()
    }

    /// All requests so far, oldest first, credentials included.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.door.requests()
    }
}

/// The credentials that the emulators accept.
#[derive(Clone, Debug)]
pub struct TargetKeys {
    /// PagerDuty's integration key: 32 letters and digits.
    pub routing: String,
    /// Opsgenie's.
    pub genie: String,
    /// ntfy's.
    pub ntfy: String,
    /// Statuspage's.
    pub statuspage: String,
    /// GitHub's.
    pub github: String,
    /// Request Tracker's.
    pub request_tracker: String,
    /// The webhook's secret, `whsec_…`.
    pub signing: String,
}

impl TargetKeys {
    /// The credentials by the names that the sandbox's configuration has for them; `None` when one is missing.
    #[must_use]
    pub fn named(secret: impl Fn(&str) -> Option<String>) -> Option<Self> {
        Some(Self {
            routing: secret("PAGERDUTY_ROUTING_KEY")?,
            genie: secret("OPSGENIE_KEY")?,
            ntfy: secret("NTFY_TOKEN")?,
            statuspage: secret("STATUSPAGE_KEY")?,
            github: secret("GITHUB_TOKEN")?,
            request_tracker: secret("REQUEST_TRACKER_TOKEN")?,
            signing: secret("WEBHOOK_SECRET")?,
        })
    }
}

/// All of them.
pub struct TargetSims {
    /// PagerDuty's events.
    pub pagerduty: Sim<PagerDuty>,
    /// Opsgenie's alerts.
    pub opsgenie: Sim<Opsgenie>,
    /// ntfy.
    pub ntfy: Sim<Ntfy>,
    /// Statuspage.
    pub statuspage: Sim<Statuspage>,
    /// GitHub, with the repositories of the status page and of the tickets.
    pub github: Sim<Github>,
    /// Request Tracker.
    pub request_tracker: Sim<RequestTracker>,
    /// A receiver of signed webhooks.
    pub webhook: Sim<Receiver>,
    /// Where the built-in status page is written.
    pub status_folder: PathBuf,
}

impl TargetSims {
    /// Starts all of them, each on a loopback port that the system chooses.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(dial: &Dial, faults: &Faults, keys: &TargetKeys, status_folder: PathBuf) -> io::Result<Self> {
        let clock = || dial.clone();
        Ok(Self {
            pagerduty: Sim::start("pagerduty", faults, PagerDuty::default()).await?,
            opsgenie: Sim::start("opsgenie", faults, Opsgenie::new(&keys.genie)).await?,
            ntfy: Sim::start("ntfy", faults, Ntfy::new(&keys.ntfy, clock())).await?,
            statuspage: Sim::start("statuspage", faults, Statuspage::new(&keys.statuspage, clock())).await?,
            github: Sim::start("github", faults, Github::new(&keys.github, clock())).await?,
            request_tracker: Sim::start("request-tracker", faults, RequestTracker::new(&keys.request_tracker)).await?,
            webhook: Sim::start("webhook", faults, Receiver::new(&keys.signing, clock())).await?,
            status_folder,
        })
    }

    /// Where the audit trail's heads are written.
    #[must_use]
    pub fn head_file(&self) -> PathBuf {
        self.status_folder.with_extension("heads")
    }

    /// All requests to all of them so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        [
            self.pagerduty.requests(),
            self.opsgenie.requests(),
            self.ntfy.requests(),
            self.statuspage.requests(),
            self.github.requests(),
            self.request_tracker.requests(),
            self.webhook.requests(),
        ]
        .concat()
    }
}
