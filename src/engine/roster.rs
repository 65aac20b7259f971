//! Reading the roster: when it is due, and before anything is changed.
//!
//! Whoever cannot be looked up has no right to change anything. Only what is written into our own record (an incident, a
//! case) goes on with the last roster for as long as looking does: an outage of Authentik must not keep the incident about
//! it from being opened. Invariants: what became of rights is in the audit trail, once, before it counts; and no
//! transaction is open while Authentik is asked.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;

use crate::catalog::Family;
use crate::model::{Account, Millis, Refusal, Role};
use crate::policy::{Policy, RightsChange, changes};
use crate::ports::{Fault, PortError, Roster};

use super::people::RosterSource;
use super::{Engine, Fact, Trouble};

/// How long a reading may take: somebody waits for it.
const ROSTER_WITHIN: Duration = Duration::from_secs(5);
/// The audit action of what becomes of rights.
const RIGHTS: &str = "rights";

/// Who may, as it was looked up for one act.
pub(super) struct RightsNow {
    pub(super) policy: Arc<Policy>,
    unknown: Option<PortError>,
}

impl RightsNow {
    /// Why somebody may not: by the rules, or because nobody could look.
    pub(super) fn why_not(&self, no: &Refusal) -> String {
        self.could_not_check().unwrap_or_else(|| format!("{} {}", no.why, no.next))
    }

    /// That it could not be looked up, where that is so.
    pub(super) fn could_not_check(&self) -> Option<String> {
        let error = self.unknown.as_ref()?;
        Some(format!("I could not check who has which right. {} Ask again when it answers.", error.of_look()))
    }
}

impl Engine {
    /// Reads the roster where that is due. Returns 1 when rights have changed.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn roster(&self) -> Result<usize, Trouble> {
        let people = &self.parts.people;
        self.relink_if_moved().await?;
        let Some(source) = &people.source else { return Ok(0) };
        let before = people.policy();
        if people.is_due() {
            // What went wrong is in the log.
            drop(self.read_roster(source).await?);
        }
        if people.has_lapsed() {
            tracing::error!("roster.lapsed: nobody has a right by a group until Authentik can be read again");
            let fact = Fact { staff: None, action: RIGHTS, request: None, outcome: "unknown", details: json!({}) };
            let mut tx = self.parts.store.begin().await?;
            self.audit(&mut tx, fact).await?;
            self.commit(tx).await?;
            people.lapse();
        }
        Ok(usize::from(before.rules().staff != people.policy().rules().staff))
    }

    /// Who may, for an act: looked up at this moment, or with a roster of the last regular reading for what was `begun`.
    pub(super) async fn rights_now(&self, action: &str, begun: bool) -> Result<RightsNow, Trouble> {
        let people = &self.parts.people;
        let Some(source) = &people.source else { return Ok(RightsNow { policy: people.policy(), unknown: None }) };
        if begun && people.is_within(source.every_ms) {
            return Ok(RightsNow { policy: people.policy(), unknown: None });
        }
        let Err(error) = self.read_roster(source).await? else {
            return Ok(RightsNow { policy: people.policy(), unknown: None });
        };
        let family = self.parts.catalog.find(action).map(|found| found.definition().family);
        let ours = matches!(family, Some(Family::Incident | Family::Case));
        let policy = if ours { people.policy() } else { people.without() };
        Ok(RightsNow { policy, unknown: Some(error) })
    }

    /// Reads it, together with everybody who asked for that before it began.
    async fn read_roster(&self, source: &RosterSource) -> Result<Result<(), PortError>, Trouble> {
        let people = &self.parts.people;
        let ask = people.asks.fetch_add(1, Ordering::SeqCst) + 1;
        let mut turn = people.turn.lock().await;
        if turn.covers >= ask {
            return Ok(turn.came.clone());
        }
        let covers = people.asks.load(Ordering::SeqCst);
        let began = self.parts.clock.now();
        let late = || Err(PortError::new("authentik", Fault::NoAnswer));
        let came = tokio::time::timeout(ROSTER_WITHIN, source.read.roster()).await.unwrap_or_else(|_| late());
        let came = match came {
            Ok(roster) => {
                self.take_roster(source, roster, began).await?;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(error = %error, "roster.not_read");
                people.missed(began, error.clone());
                Err(error)
            }
        };
        turn.covers = covers;
        turn.came = came.clone();
        Ok(came)
    }

    /// Writes down what became of rights, then lets it count.
    async fn take_roster(&self, source: &RosterSource, mut roster: Roster, began: Millis) -> Result<(), Trouble> {
        for person in &mut roster.people {
            person.name = self.scrub(std::mem::take(&mut person.name)).into_inner();
            person.username = self.scrub(std::mem::take(&mut person.username)).into_inner();
        }
        let _one = self.parts.people.writing.lock().await;
        let (all, differs) = self.parts.people.weigh(&roster);
        if differs {
            let before = self.parts.store.people_known().await?;
            self.write_rights(&changes(&before, &all.staff)).await?;
            for remark in &all.remarks {
                tracing::warn!(about = %remark.about, says = %remark.says, "roster.remark");
            }
        }
        self.parts.people.take(all, roster, began, source.every_ms);
        Ok(())
    }

    /// Writes down what became of rights.
    pub(super) async fn write_rights(&self, changes: &[RightsChange]) -> Result<(), Trouble> {
        if changes.is_empty() {
            return Ok(());
        }
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        for change in changes {
            tx.know_person(&change.now, now).await?;
            self.audit(&mut tx, fact(change)).await?;
        }
        self.commit(tx).await
    }
}

fn fact(change: &RightsChange) -> Fact<'_> {
    let roles = |roles: &[Role]| roles.iter().map(ToString::to_string).collect::<Vec<_>>();
    let accounts = |accounts: &[Account]| accounts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let outcome = match (change.now.roles.is_empty(), change.lost.is_empty() && change.unlinked.is_empty()) {
        (true, false) => "lost",
        (_, true) => "gained",
        _ => "changed",
    };
    let details = json!({
        "gained": roles(&change.gained),
        "lost": roles(&change.lost),
        "linked": accounts(&change.linked),
        "unlinked": accounts(&change.unlinked),
        "groups": change.now.groups,
    });
    Fact { staff: Some(&change.now.id), action: RIGHTS, request: None, outcome, details }
}
