//! The one way to an adapter, which is where drills end; and an adapter from its configuration.
//!
//! Invariant: `Surface`, what adapters are, is private to this folder and takes a `Live` notice; the engine sees
//! `Outlet`s only.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use crate::guard::{Guard, Redacted};
use crate::model::{Dedup, Notice, Proof};
use crate::ports::{Clock, Fault, PortError, Target};

use super::super::base::BadConfig;
use super::super::http::Deadlines;
use super::drill::Recorder;
use super::github::{Issues, IssuesConfig};
use super::heads::HeadFile;
use super::live::Live;
use super::ntfy::{Ntfy, NtfyConfig};
use super::opsgenie::{Opsgenie, OpsgenieConfig};
use super::pagerduty::{PagerDuty, PagerDutyConfig};
use super::status_page::{StatusPage, StatusPageConfig};
use super::statuspage::{Statuspage, StatuspageConfig};
use super::webhook::{Webhook, WebhookConfig};

/// Longest time for all requests of one notice: shorter than the engine's lease on it.
const WHOLE_DEADLINE: Duration = Duration::from_secs(60);

/// What an adapter is.
#[async_trait]
pub(super) trait Surface: Send + Sync {
    /// How errors call it.
    fn system(&self) -> &'static str;
    /// What it does with the same notice twice.
    fn dedup(&self) -> Dedup;
    /// Tells it, once.
    async fn tell(&self, live: Live<'_>, object: Option<&str>) -> Result<Proof, PortError>;
    /// Looks whether it was told. Most cannot be asked.
    async fn told(&self, _live: Live<'_>, _object: Option<&str>) -> Result<Option<Proof>, PortError> {
        Err(PortError::new(self.system(), Fault::NoRoute))
    }
}

/// A surface as the engine sees it. What belongs to a drill is recorded and not sent.
pub struct Outlet {
    surface: Box<dyn Surface>,
    recorder: Arc<Recorder>,
}

impl Outlet {
    /// That adapter, with the record that its drills go to.
    pub(super) fn new(surface: impl Surface + 'static, recorder: Arc<Recorder>) -> Self {
        Self { surface: Box::new(surface), recorder }
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, PortError>> + Send) -> Result<T, PortError> {
        let late = || PortError::new(self.surface.system(), Fault::NoAnswer);
        timeout(WHOLE_DEADLINE, work).await.unwrap_or_else(|_| Err(late()))
    }
}

#[async_trait]
impl Target for Outlet {
    fn dedup(&self) -> Dedup {
        self.surface.dedup()
    }

    async fn tell(&self, notice: &Redacted<Notice>, object: Option<&str>) -> Result<Proof, PortError> {
        match Live::of(notice) {
            Some(live) => self.in_time(self.surface.tell(live, object)).await,
            None => Ok(self.recorder.record(notice)),
        }
    }

    async fn told(&self, notice: &Redacted<Notice>, object: Option<&str>) -> Result<Option<Proof>, PortError> {
        match Live::of(notice) {
            Some(live) => self.in_time(self.surface.told(live, object)).await,
            None => self.recorder.told(notice, object).await,
        }
    }
}

/// How a surface is reached, of each kind that there is.
#[derive(Clone)]
pub enum TargetConfig {
    /// PagerDuty, by its Events API v2.
    PagerDuty(PagerDutyConfig),
    /// Opsgenie, or the operations of Jira Service Management.
    Opsgenie(OpsgenieConfig),
    /// ntfy.
    Ntfy(NtfyConfig),
    /// The built-in static status page.
    StatusPage(StatusPageConfig),
    /// Atlassian Statuspage.
    Statuspage(StatuspageConfig),
    /// GitHub Issues as a status page; Upptime reads them.
    Issues(IssuesConfig),
    /// A webhook signed by Standard Webhooks.
    Webhook(WebhookConfig),
}

/// The adapter of that configuration. It blocks on files where it keeps some.
///
/// # Errors
/// When an address, a credential or a folder cannot be used.
pub fn open(
    config: &TargetConfig,
    guard: &Guard,
    clock: &Arc<dyn Clock>,
    deadlines: Deadlines,
    recorder: Arc<Recorder>,
) -> Result<Outlet, BadConfig> {
    Ok(match config {
        TargetConfig::PagerDuty(config) => Outlet::new(PagerDuty::open(config, guard, deadlines)?, recorder),
        TargetConfig::Opsgenie(config) => Outlet::new(Opsgenie::open(config, guard, deadlines)?, recorder),
        TargetConfig::Ntfy(config) => Outlet::new(Ntfy::open(config, guard, deadlines)?, recorder),
        TargetConfig::StatusPage(config) => Outlet::new(StatusPage::open(config, guard, clock.now())?, recorder),
        TargetConfig::Statuspage(config) => Outlet::new(Statuspage::open(config, guard, deadlines)?, recorder),
        TargetConfig::Issues(config) => Outlet::new(Issues::open(config, guard, deadlines)?, recorder),
        TargetConfig::Webhook(config) => Outlet::new(Webhook::open(config, guard, Arc::clone(clock))?, recorder),
    })
}

/// The file outside that the audit trail's heads are appended to. Nothing is opened yet: it may be away for a while.
#[must_use]
pub fn head_file(path: PathBuf, recorder: Arc<Recorder>) -> Outlet {
    Outlet::new(HeadFile::new(path), recorder)
}
