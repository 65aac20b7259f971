//! The surfaces and the tracker of a configuration, put together. Nothing is sent yet.
//!
//! Invariant: every surface records its drills in the same record, which sends nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::task::spawn_blocking;

use crate::clients::Deadlines;
use crate::clients::targets::{Outlet, Recorder, head_file, open, open_tracker};
use crate::engine::HEAD_FILE;
use crate::guard::Guard;
use crate::model::TRACKER;
use crate::ports::{Clock, Target, Targets, TrackerRead, WhenDown};

use super::config::{Config, Surface};

/// Everything outside chat that is told something.
pub struct Outside {
    /// The surfaces by name, the tracker among them.
    pub targets: Targets,
    /// The tracker's reading half, where there is a tracker.
    pub tracker: Option<Arc<dyn TrackerRead>>,
    /// What happens to an action while the tracker cannot be asked.
    pub when_tracker_down: WhenDown,
    /// What drills would have told.
    pub drills: Arc<Recorder>,
}

/// Puts them together.
///
/// # Errors
/// A sentence for the operator: a surface cannot be used as it is configured.
pub async fn build(config: &Config, guard: &Guard, clock: &Arc<dyn Clock>) -> anyhow::Result<Outside> {
    let drills = Arc::new(Recorder::default());
    let mut targets: BTreeMap<String, Arc<dyn Target>> = BTreeMap::new();
    for surface in &config.surfaces {
        let outlet = opened(surface.clone(), guard.clone(), Arc::clone(clock), Arc::clone(&drills)).await;
        let outlet = outlet.with_context(|| format!("The surface {} cannot be used.", surface.name))?;
        targets.insert(surface.name.clone(), Arc::new(outlet));
    }
    if let Some(file) = &config.audit.file {
        targets.insert(HEAD_FILE.to_owned(), Arc::new(head_file(file.clone(), Arc::clone(&drills))));
    }
    let mut outside =
        Outside { targets: Targets(targets), tracker: None, when_tracker_down: WhenDown::default(), drills };
    if let Some(tracker) = &config.tracker {
        let drills = Arc::clone(&outside.drills);
        let (reads, outlet) = open_tracker(&tracker.tracker, guard, clock, Deadlines::default(), drills)
            .context("The tracker cannot be used.")?;
        outside.targets.0.insert(TRACKER.to_owned(), Arc::new(outlet));
        outside.tracker = Some(reads);
        outside.when_tracker_down = tracker.when_down;
    }
    Ok(outside)
}

/// The built-in status page makes its files here, which blocks.
async fn opened(
    surface: Surface,
    guard: Guard,
    clock: Arc<dyn Clock>,
    drills: Arc<Recorder>,
) -> anyhow::Result<Outlet> {
    let work = spawn_blocking(move || open(&surface.target, &guard, &clock, Deadlines::default(), drills));
    Ok(work.await.map_err(|_| anyhow!("It could not be opened."))??)
}
