//! What is looked at on a schedule: SEQN Auth's reading routes, and the end of the audit trail.
//!
//! Changing routes are never tried. Invariants: what is found is remembered by the route map alone, so that a
//! route that is missing turns its actions into console mode, and back when it appears; the end of the trail is
//! written where the database's writer cannot change it later: to the log.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::clients::{Found, SeqnReader};
use crate::model::OrgSlug;
use crate::store::Store;

/// How often is looked: routes change with releases, and four questions an hour are nothing to the rate limit.
const EVERY: Duration = Duration::from_hours(1);

/// Looks at the routes by an organization that is there for it.
pub(super) async fn watch_routes(seqn: Arc<SeqnReader>, canary: OrgSlug, stop: watch::Receiver<bool>) {
    hourly(stop, || look(&seqn, &canary)).await;
}

async fn look(seqn: &SeqnReader, canary: &OrgSlug) {
    for report in seqn.probe_routes(canary).await {
        let (name, says) = (report.name, report.says);
        match report.found {
            Found::There => tracing::debug!(route.name = name, "the route is there"),
            Found::Unknown => tracing::info!(route.name = name, %says, "nothing is known of the route"),
            Found::Missing | Found::NoRight => tracing::warn!(route.name = name, %says, "the route cannot be used"),
        }
    }
}

/// Logs the end of the audit trail: whoever rewrites the whole trail cannot rewrite the log as well.
pub(super) async fn publish_head(store: Store, stop: watch::Receiver<bool>) {
    hourly(stop, || async {
        match store.audit_head().await {
            Ok((row, head)) => tracing::info!(audit.row = row, audit.head = head, "the audit trail ends here"),
            Err(error) => tracing::error!(error = %error, "the end of the audit trail cannot be read"),
        }
    })
    .await;
}

/// Does it now and then every hour, until `stop` is true.
async fn hourly<R: Future<Output = ()>>(mut stop: watch::Receiver<bool>, work: impl Fn() -> R) {
    loop {
        let once = async {
            work().await;
            tokio::time::sleep(EVERY).await;
        };
        tokio::select! {
            () = once => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
