//! Confirming: the requester's own yes to a preview. A bulk act asks for its count, typed.
//!
//! Invariant: what several things are changed by is confirmed only by somebody who typed how many they are.

use crate::model::{Ack, AnswerMode, FieldKind, Form, Plan, Press, Refusal, RefusalCode, Staff, State, Verb};
use crate::policy::PREVIEW_WITHIN_MS;
use crate::store::{RequestRow, Tx};

use super::intake::{Arrival, Decided};
use super::press::{already, current, not_yours, too_old, unknown};
use super::vote::yes_of;
use super::vote_form::{field, form};
use super::{Engine, Trouble, agreement};

/// The field in which the count is typed.
const COUNT: &str = "count";
/// The longest count, in characters.
const COUNT_CHARS: u16 = 10;

impl Engine {
    /// The requester says yes to the preview. `typed`: what came back in the form that a bulk act opens.
    pub(super) async fn confirm(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        (staff, row): (&Staff, &RequestRow),
        typed: Option<&[(String, String)]>,
    ) -> Result<Decided, Trouble> {
        if row.state != State::Previewed {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &already(row)).await;
        }
        let Some(plan) = tx.plan(&row.id, row.revision).await? else {
            return Err(Trouble::Bug(format!("{} has no plan", row.id)));
        };
        if plan.plan.pick.is_some() || row.dry_run {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &unknown()).await;
        }
        if arrival.now.since(plan.at) >= PREVIEW_WITHIN_MS {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &too_old()).await;
        }
        let second = agreement::needs_others(&plan.plan);
        let agreement = self.agreement(row, &plan.plan, &[]).filter(|agreement| agreement.possible());
        if second && agreement.is_none() {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &nobody()).await;
        }
        match (bulk(&plan.plan), typed) {
            (Some(count), Some(values)) if !is_typed(count, values) => {
                let says = "It is not that many. The preview says how many changes these are: type that number.";
                return Ok(Decided { ack: Ack::FieldErrors(vec![(COUNT.into(), says.into())]), request: None });
            }
            (Some(_), None) => {
                let form = self.seal(count_form(row))?;
                return Ok(Decided { ack: Ack::Form(Box::new(form)), request: Some(row.id.clone()) });
            }
            _ => {}
        }
        // A form has no message of its own that could be replaced.
        let mode = if typed.is_some() { AnswerMode::Fresh } else { AnswerMode::Replace };
        tx.put_vote(&row.id, &self.seal(yes_of(arrival, staff, row, &plan))?).await?;
        if let Some(reply) = &arrival.envelope.reply {
            tx.put_handle(&row.id, &arrival.envelope.account, reply, mode, arrival.now)?;
        }
        tx.clear_timers(&row.id).await?;
        let to = if second { State::Asking } else { State::Approved };
        if !tx.move_request(&row.id, &[State::Previewed], to, arrival.now).await? {
            return Err(Trouble::Bug(format!("{} moved under a transaction", row.id)));
        }
        self.note(tx, staff, row, "confirmed").await?;
        if let Some(agreement) = agreement.filter(|_| second) {
            self.ask_for_agreement(tx, row, &plan.plan, &agreement, arrival.now).await?;
            let message = self.seal(agreement::waiting(row, &plan.plan, &agreement, "", arrival.now))?;
            let ack = Ack::Say(mode, Box::new(message));
            return Ok(Decided { ack, request: Some(row.id.clone()) });
        }
        Ok(Decided { ack: Ack::Working(mode), request: Some(row.id.clone()) })
    }

    /// The form of a confirmation came back.
    pub(super) async fn confirm_by_form(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        press: &Press,
        values: &[(String, String)],
    ) -> Result<Decided, Trouble> {
        let Some(row) = tx.request(&press.request).await? else {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &unknown()).await;
        };
        let no = if row.requester == staff.id { current(press, &row).err() } else { Some(not_yours()) };
        match no {
            Some(no) => self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
            None => self.confirm(tx, arrival, (staff, &row), Some(values)).await,
        }
    }
}

/// How many changes a bulk act is: one that takes whatever fits, and more than one.
pub(super) fn bulk(plan: &Plan) -> Option<usize> {
    let changes = plan.steps.len();
    (plan.at_most.is_some() && changes > 1).then_some(changes)
}

fn is_typed(count: usize, values: &[(String, String)]) -> bool {
    values.iter().any(|(name, value)| name == COUNT && value.trim() == count.to_string())
}

fn count_form(row: &RequestRow) -> Form {
    let help = "The number that the preview says, so that nobody does more than they mean.";
    let count = field(COUNT, "How many changes are these?", help, FieldKind::Line { max: COUNT_CHARS });
    form(row, Verb::Confirm, "Confirm", vec![count])
}

fn nobody() -> Refusal {
    Refusal::new(
        RefusalCode::Role,
        "It cannot be asked for now.",
        "Since the preview was shown, the staff has changed: those who must agree could not be brought together.",
        "Ask again to see who must agree and who could.",
    )
}
