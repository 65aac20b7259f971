//! Next steps: what an answer offers, and what becomes of the press on it.
//!
//! A press carries the answer's id and a place in its list; what it means is in the plan's row. Invariant: an offer gives
//! nobody a right: pressed, it is the same command that the person could have typed, asked and checked anew.

use crate::catalog::digest;
use crate::guard::Redacted;
use crate::model::{Ack, AnswerMode, Millis, Next, Plan, Press, Staff, State, Verb};
use crate::store::{RequestRow, Tx};

use super::command::complete;
use super::intake::{Arrival, Clean, Decided};
use super::press::unknown;
use super::{Engine, Trouble, say};

/// The most next steps that one answer offers: more would be a menu, not advice.
const OFFERED_MOST: usize = 3;
/// The revision of an answer's plan: it is never replaced.
const ANSWER: u32 = 1;

impl Engine {
    /// The next steps that the requester may ask for there, with their places in the plan's list.
    pub(super) async fn offered<'a>(&self, row: &RequestRow, plan: &'a Plan) -> Result<Vec<(u32, &'a Next)>, Trouble> {
        let policy = self.policy();
        let Some(staff) = policy.rules().staff(&row.requester) else { return Ok(Vec::new()) };
        let at = self.at(&row.place).await?;
        let may = |next: &Next| {
            let Some(action) = self.parts.catalog.find(&next.action) else { return false };
            let definition = action.definition();
            let tier = action.check(&next.fields).unwrap_or(definition.tier).max(next.tier);
            policy.may_ask(staff, definition, tier, at).is_ok()
        };
        Ok((0..).zip(&plan.next).filter(|(_, next)| may(next)).take(OFFERED_MOST).collect())
    }

    /// Keeps what an answer offers; of the answer itself nothing more than its title.
    pub(super) async fn keep_offers(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        plan: &Plan,
        now: Millis,
    ) -> Result<(), Trouble> {
        let Some(action) = self.parts.catalog.find(&row.action) else { return Ok(()) };
        if plan.next.is_empty() && plan.details.is_empty() {
            return Ok(());
        }
        let kept = Plan {
            next: plan.next.clone(),
            details: plan.details.clone(),
            ..Plan::answer(plan.tone, plan.title.clone(), Vec::new())
        };
        let digest = digest(action.definition(), &kept);
        tx.put_plan(&row.id, ANSWER, &digest, &self.seal(kept)?, now).await?;
        Ok(())
    }

    /// A press on an answer: a next step, or its details.
    pub(super) async fn press_answer(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
        press: &Press,
    ) -> Result<Decided, Trouble> {
        let kept = tx.plan(&row.id, ANSWER).await?.filter(|_| row.state == State::Answered);
        let Some(plan) = kept.map(|kept| kept.plan) else {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &unknown()).await;
        };
        if press.verb == Verb::Details && !plan.details.is_empty() {
            let ack = Ack::Say(AnswerMode::Fresh, Box::new(self.seal(say::details(row, &plan))?));
            return Ok(Decided { ack, request: Some(row.id.clone()) });
        }
        let place = usize::try_from(press.revision).ok().filter(|_| press.verb == Verb::Next);
        let next = place.and_then(|place| plan.next.get(place));
        let action = next.and_then(|next| self.parts.catalog.find(&next.action));
        let (Some(next), Some(action)) = (next, action) else {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &unknown()).await;
        };
        self.note(tx, staff, row, "next_step").await?;
        let definition = action.definition();
        // It is asked where the answer was, whichever way that came to the person.
        let mut envelope = arrival.envelope.clone();
        envelope.place = row.place.clone();
        let arrival = Arrival { envelope, what: Clean::Line(Redacted::from_static("")), now: arrival.now };
        let mut fields = next.fields.clone();
        self.fill(tx, &arrival, definition, &mut fields).await?;
        match complete(definition, &fields).filter(|whole| self.checked(definition, &whole.fields).is_ok()) {
            Some(invocation) => self.invoke(tx, &arrival, staff, invocation).await,
            None => self.open_form(tx, &arrival, staff, definition, fields).await,
        }
    }
}
