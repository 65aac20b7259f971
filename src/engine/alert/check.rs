//! The scheduled checks: those that are due are made, and what they say is kept and told in one commit.
//!
//! Invariant: how a check stands and what was said of it are written together, so that a restart neither forgets a
//! failure nor says it twice.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::incidents::checks::{Watched, after, group, over};
use crate::model::{AlertReport, AlertSource, Millis, Signal};
use crate::ports::Subject;

use super::super::{Engine, Trouble};

impl Engine {
    /// Makes the checks that are due. Returns how many.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn check_health(&self) -> Result<usize, Trouble> {
        let known: BTreeMap<Subject, Watched> = self.parts.store.watched_checks().await?.into_iter().collect();
        if !self.parts.incidents.alerts.checks {
            return self.check_no_more(known.into_keys().collect()).await;
        }
        let now = self.parts.clock.now();
        let of = |subject: Subject| known.get(&subject).copied().unwrap_or_else(|| Watched::new(now));
        let due: Vec<(Subject, Watched)> =
            Subject::ALL.into_iter().map(|subject| (subject, of(subject))).filter(|(_, one)| one.due <= now).collect();
        if due.is_empty() {
            return Ok(0);
        }
        let findings = join_all(due.iter().map(|(subject, _)| self.parts.reads.probe.probe(*subject))).await;
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        let mut groups: BTreeMap<&str, Vec<Signal>> = BTreeMap::new();
        for ((subject, before), finding) in due.iter().zip(&findings) {
            let (watched, signals) = after(*before, finding, now);
            tx.put_check(*subject, &watched).await?;
            groups.entry(group(*subject)).or_default().extend(signals);
        }
        for (group, signals) in groups.into_iter().filter(|(_, signals)| !signals.is_empty()) {
            self.hear(&mut tx, &of_checks(group, signals), now).await?;
        }
        self.commit(tx).await?;
        Ok(due.len())
    }

    /// The checks were switched off: what they said does not stand for ever.
    async fn check_no_more(&self, known: Vec<Subject>) -> Result<usize, Trouble> {
        if known.is_empty() {
            return Ok(0);
        }
        let now: Millis = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        for subject in &known {
            self.hear(&mut tx, &of_checks(group(*subject), over(*subject, now)), now).await?;
        }
        tx.forget_checks().await?;
        self.commit(tx).await?;
        Ok(known.len())
    }
}

fn of_checks(group: &str, signals: Vec<Signal>) -> AlertReport {
    AlertReport { source: AlertSource::Checks, group: group.to_owned(), signals }
}
