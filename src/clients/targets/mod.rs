//! The surfaces outside chat that are told of incidents and tickets: one file or folder for each.
//!
//! An adapter sends once and says what came of it; when to try again is the engine's. Invariants: an adapter is given
//! nothing of a drill, for only an `Outlet` is a `Target` and it records drills instead; what is not public reaches no
//! status page; and no credential is in an error.

mod cut;
mod drill;
mod github;
mod heads;
mod link;
mod live;
mod ntfy;
mod opsgenie;
mod outlet;
mod pagerduty;
mod request_tracker;
mod status_page;
mod statuspage;
mod tracker;
mod webhook;
mod words;

pub use drill::Recorder;
pub use github::{IssuesConfig, RepoConfig, TicketsConfig};
pub use ntfy::NtfyConfig;
pub use opsgenie::OpsgenieConfig;
pub use outlet::{Outlet, TargetConfig, head_file, open};
pub use pagerduty::PagerDutyConfig;
pub use request_tracker::RequestTrackerConfig;
pub use status_page::StatusPageConfig;
pub use statuspage::StatuspageConfig;
pub use tracker::{NoTracker, TrackerConfig, open_tracker};
pub use webhook::{WebhookConfig, WebhookSecret};
