//! What SEQN Auth's own audit log says around an action: linked to the request by itself, so that nobody has to ask.
//!
//! Actions that review the log themselves keep what they have seen. Invariant: an action has ended however this goes; a
//! log that cannot be read is said, and never makes the outcome worse.

use std::time::Duration;

use crate::model::{Effect, Evidence, MINUTE_MS, Plan, Verdict};
use crate::ports::AuditQuery;
use crate::store::{JournalRow, RequestRow};

use super::Engine;

/// How long before the first step the log is linked from.
const BEFORE_MS: i64 = 10 * MINUTE_MS;
/// The most entries that are linked.
const LINKED_MOST: u32 = 40;
/// How long the log may take: the answer to the requester waits for it.
const WITHIN: Duration = Duration::from_secs(5);

impl Engine {
    /// The entries of the organization's log from shortly before the first step until now, oldest first.
    pub(super) async fn around(
        &self,
        row: &RequestRow,
        plan: &Plan,
        journal: &[JournalRow],
        verdict: &Verdict,
    ) -> Vec<Evidence> {
        let seen = !verdict.evidence.is_empty() || !plan.evidence.is_empty();
        let Some(org) = row.org.as_deref().filter(|_| !seen && journal.iter().any(|one| outside(&one.step.effect)))
        else {
            return verdict.evidence.clone();
        };
        let began = journal.iter().filter_map(|one| one.began).min().unwrap_or(row.asked);
        let query = AuditQuery {
            org: org.to_owned(),
            since: began.plus_ms(-BEFORE_MS),
            most: LINKED_MOST,
            ..AuditQuery::default()
        };
        let log = match tokio::time::timeout(WITHIN, self.parts.reads.seqn.audit_log(&query)).await {
            Ok(Ok(log)) => log,
            Ok(Err(error)) => {
                tracing::warn!(request = %row.id, error = %error, "evidence.not_read");
                return Vec::new();
            }
            Err(_) => {
                tracing::warn!(request = %row.id, "evidence.too_slow");
                return Vec::new();
            }
        };
        let mut found: Vec<Evidence> = log.iter().map(|entry| entry.evidence(entry.at >= began)).collect();
        found.reverse();
        found
    }
}

/// Whether it changes something that SEQN Auth may log.
const fn outside(effect: &Effect) -> bool {
    match effect {
        Effect::EndSession { .. }
        | Effect::EndIdentitySession { .. }
        | Effect::EndRefreshToken { .. }
        | Effect::SetRole { .. }
        | Effect::WriteProject { .. }
        | Effect::WriteSubscription { .. }
        | Effect::SendTestEvent { .. }
        | Effect::RotateKey { .. }
        | Effect::Prove { .. }
        | Effect::ByHand { .. } => true,
        Effect::ScanHistory { .. }
        | Effect::Case { .. }
        | Effect::Incident { .. }
        | Effect::RetryDeliveries { .. }
        | Effect::EraseDetails(_)
        | Effect::BreakGlass { .. }
        | Effect::ReviewGlass { .. }
        | Effect::LinkEntries { .. }
        | Effect::Reply { .. }
        | Effect::LinkAccount { .. }
        | Effect::UnlinkAccount { .. } => false,
    }
}
