//! Broken glass: everybody who was skipped is told, and its review is asked for until somebody closes it.
//!
//! Invariant: what tells of it is owed in the commit that ends the request which broke it.

use serde_json::json;

use crate::model::{Block, Effect, Glass, MINUTE_MS, Message, Millis, Place, Plan, RequestId, Tone};
use crate::store::{RequestRow, Tx};

use super::{Engine, Fact, Trouble};

/// How often an open review is asked for.
const REVIEW_EVERY_MS: i64 = 4 * 60 * MINUTE_MS;
/// The most reviews that are asked for at once.
const REVIEWS: u32 = 20;

impl Engine {
    /// Owes the word to everybody who was skipped, where that plan broke a glass.
    pub(super) async fn tell_skipped(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        plan: &Plan,
        now: Millis,
    ) -> Result<(), Trouble> {
        for step in &plan.steps {
            let Effect::BreakGlass { of, reason, .. } = &step.effect else { continue };
            // It is told only of what is so: the act may have been refused.
            if self.parts.store.glass_of(of).await?.is_none() {
                continue;
            }
            let Some(skipped) = tx.request(of).await? else { continue };
            let who = self.name_of(&row.requester);
            let line = format!("{who} broke the glass: it runs without agreement. Reason: {reason}");
            self.update_approvals(tx, &skipped, &line, now).await?;
            let message = told(&row.id, &skipped, &who, reason);
            self.owe_in(tx, &self.glass_places(), &format!("glass:{}", row.id), &message, now).await?;
            let Some(waiting) = tx.plan(of, skipped.revision).await? else { continue };
            let policy = self.policy();
            let Some(requester) = policy.rules().staff(&row.requester) else { continue };
            for approver in &policy.standing(&skipped.action, requester, &waiting.plan, &[]).helps {
                self.tell_staff(tx, approver, &format!("glass:{}", row.id), &message, now).await?;
            }
        }
        Ok(())
    }

    /// Asks for reviews that are open and were not asked for in a while. Returns how many that were.
    pub(super) async fn ask_for_reviews(&self, now: Millis) -> Result<usize, Trouble> {
        let due = self.parts.store.unreviewed_since(now.plus_ms(-REVIEW_EVERY_MS), REVIEWS).await?;
        for glass in &due {
            let mut tx = self.parts.store.begin().await?;
            if !tx.review_reminded(&glass.request, now).await? {
                continue;
            }
            let message = reminder(glass, &self.name_of(&glass.staff));
            let key = format!("glass-review:{}:{}", glass.request, now.0);
            self.owe_in(&mut tx, &self.glass_places(), &key, &message, now).await?;
            let details = json!({ "of": glass.of });
            let fact = Fact {
                staff: None,
                action: "break-glass",
                request: Some(&glass.request),
                outcome: "review_asked_for",
                details,
            };
            self.audit(&mut tx, fact).await?;
            self.commit(tx).await?;
        }
        Ok(due.len())
    }

    /// Where broken glass is told: where agreement is asked for, and where leaks are told.
    fn glass_places(&self) -> Vec<Place> {
        let policy = self.policy();
        let rules = policy.rules();
        let mut places = rules.approval_places.clone();
        places.extend(rules.security_places.iter().filter(|place| !rules.approval_places.contains(place)).cloned());
        places
    }
}

fn told(reference: &RequestId, skipped: &RequestRow, who: &str, reason: &str) -> Message {
    let ticket = skipped.ticket.as_deref().unwrap_or("no ticket");
    Message::titled(Tone::Bad, format!("{who} broke the glass."))
        .text(format!(
            "`{}` ({}) runs without the agreement that it needs. Ticket {ticket}.",
            skipped.action, skipped.id
        ))
        .with(Block::Text(format!("Reason: {reason}")))
        .with(Block::Note(format!("Somebody else reviews it: `/audit review {reference}`.")))
        .reference(reference.to_string())
}

fn reminder(glass: &Glass, who: &str) -> Message {
    Message::titled(Tone::Caution, "A broken glass was not reviewed yet.")
        .text(format!("{who} ran {} without agreement at {}. Reason: {}", glass.of, glass.at, glass.reason))
        .with(Block::Note(format!("Somebody else closes it: `/audit review {}`.", glass.request)))
        .reference(glass.request.to_string())
}
