//! A step that looks whether what people did holds: a few times, for a service that starts again, and then whenever they
//! say so.
//!
//! Invariant: such a step is done only when it was seen to be so; nobody's word ends it.

use futures_util::future::join_all;
use serde_json::json;

use crate::model::{Claim, Effect, Email, Millis, OrgSlug, SECOND_MS, State};
use crate::ports::{Light, Subject};
use crate::store::{JournalRow, RequestRow};

use super::{Engine, Fact, Trouble, say};

/// How often it is looked before it is given back to people: together a minute, in which a service starts again.
const LOOKS: u32 = 5;
/// How long it waits between two looks.
const EVERY_MS: i64 = 15 * SECOND_MS;
/// In how many of a person's organizations a new session is looked for.
const ORGS_MOST: usize = 5;

impl Engine {
    /// Looks once.
    pub(super) async fn prove(
        &self,
        row: &RequestRow,
        next: &JournalRow,
        journal: &[JournalRow],
    ) -> Result<(), Trouble> {
        let Effect::Prove { claim, .. } = &next.step.effect else {
            return Err(Trouble::Bug(format!("{} proves nothing", next.step.key)));
        };
        let since = journal.iter().filter(|before| before.seq < next.seq).filter_map(|before| before.ended).max();
        match self.proved(claim, since.unwrap_or(row.asked)).await {
            Ok(seen) => {
                let mut tx = self.parts.store.begin().await?;
                self.step_ends_in(&mut tx, row, next, &seen, true).await?;
                self.commit(tx).await
            }
            Err(why) if next.attempts < LOOKS => {
                let mut tx = self.parts.store.begin().await?;
                let due = self.parts.clock.now().plus_ms(EVERY_MS);
                tx.step_later(&row.id, next.seq, due, &self.scrub(why)).await?;
                self.commit(tx).await
            }
            Err(why) => self.give_back(row, next, &why).await,
        }
    }

    /// What was seen, or what was not.
    async fn proved(&self, claim: &Claim, since: Millis) -> Result<String, String> {
        match claim {
            Claim::Well { surfaces } => {
                let known =
                    Subject::ALL.into_iter().filter(|subject| surfaces.iter().any(|one| one == subject.title()));
                let found = join_all(known.map(|subject| self.parts.reads.probe.probe(subject))).await;
                let ill = found.iter().filter(|one| !matches!(one.light, Light::Green | Light::Skipped));
                let ill: Vec<String> = ill.map(|one| format!("{}: {}", one.subject.title(), one.says)).collect();
                if ill.is_empty() { Ok(format!("seen well: {}", surfaces.join(", "))) } else { Err(ill.join(" ")) }
            }
            Claim::Provisioned { org, project } => {
                let found = self.parts.reads.seqn.project(org, project).await.map_err(|error| error.to_string())?;
                let state = found.provisioning.ok_or("SEQN Auth says nothing about its provisioning.")?;
                if state.status == "ready" && state.updated.is_some_and(|at| at >= since) {
                    return Ok(format!("seen: {project} of {org} was provisioned anew and is ready"));
                }
                let when = state.updated.map_or_else(String::new, |at| format!(" since {at}"));
                Err(format!("The provisioning of {project} in {org} is {}{when}. {}", state.status, state.error))
            }
            Claim::SignedIn { email } => {
                let Ok(email) = email.parse::<Email>() else { return Err("The address cannot be read.".into()) };
                self.signed_in(&email, since).await
            }
        }
    }

    async fn signed_in(&self, email: &Email, since: Millis) -> Result<String, String> {
        let seqn = &self.parts.reads.seqn;
        let people = seqn.people(email).await.map_err(|error| error.to_string())?;
        let orgs =
            people.iter().flat_map(|person| &person.memberships).filter_map(|(org, _)| org.parse::<OrgSlug>().ok());
        for org in orgs.take(ORGS_MOST) {
            let sessions = seqn.sessions(&org, email).await.map_err(|error| error.to_string())?;
            if sessions.iter().any(|session| session.created.is_some_and(|at| at >= since)) {
                return Ok(format!("seen: {} has signed in since {since}", email.masked()));
            }
        }
        Err(format!("SEQN Auth lists no session of {} that began since {since}.", email.masked()))
    }

    /// It is not so: people put it right, or back, and say when to look again.
    async fn give_back(&self, row: &RequestRow, next: &JournalRow, why: &str) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let why = self.scrub(why);
        let mut tx = self.parts.store.begin().await?;
        tx.step_doing(&row.id, next.seq, now).await?;
        if !tx.move_request(&row.id, &[State::Running], State::ByHand, now).await? {
            return Ok(());
        }
        tx.set_timer("by_hand", &row.id, now.plus_ms(super::remind::BY_HAND_WITHIN_MS)).await?;
        self.tell_requester(&mut tx, row, say::not_so_yet(row, next, &why), now).await?;
        let fact = Fact {
            staff: Some(&row.requester),
            action: &row.action,
            request: Some(&row.id),
            outcome: "not_so_yet",
            details: json!({ "step": next.step.key, "why": why }),
        };
        self.audit(&mut tx, fact).await?;
        self.commit(tx).await
    }
}
