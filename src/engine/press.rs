//! Presses: what a control's user may do now. Each is checked against the row, never against the control.

use serde_json::json;

use crate::guard::Redacted;
use crate::incidents::buttons::pressed;
use crate::model::{Ack, AnswerMode, Handed, Press, Refusal, RefusalCode, Staff, State, Tier, Verb};
use crate::store::{RequestRow, StepState, Tx};

use super::intake::{Arrival, Decided};
use super::vote::why_denied;
use super::{Engine, Fact, Trouble, say};

impl Engine {
    pub(super) async fn press(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        control: &Redacted<String>,
        value: Option<&String>,
    ) -> Result<Decided, Trouble> {
        let Ok(press) = control.as_str().parse::<Press>() else {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &unknown()).await;
        };
        if press.verb == Verb::OpenForm {
            return self.reopen(tx, staff, &press.request).await;
        }
        if matches!(press.verb, Verb::Rotate | Verb::Verify | Verb::Replaced) {
            return self.press_case(tx, arrival, staff, &press).await;
        }
        if press.verb == Verb::IncidentOpen {
            return self.press_alert(tx, arrival, staff, &press).await;
        }
        if let Some(asked) = pressed(press.verb) {
            return self.press_incident(tx, arrival, staff, &press, asked).await;
        }
        let Some(row) = tx.request(&press.request).await? else {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &unknown()).await;
        };
        let others = matches!(press.verb, Verb::Review | Verb::Approve | Verb::Deny);
        if !others && row.requester != staff.id {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &not_yours()).await;
        }
        if press.verb == Verb::Show {
            return self.show(tx, &row).await;
        }
        if matches!(press.verb, Verb::Next | Verb::Details) {
            return self.press_answer(tx, arrival, staff, &row, &press).await;
        }
        if let Err(no) = current(&press, &row) {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await;
        }
        let decided = match press.verb {
            Verb::Confirm => self.confirm(tx, arrival, (staff, &row), None).await?,
            Verb::Cancel => self.cancel(tx, arrival, staff, &row).await?,
            Verb::Choose => self.choose(tx, arrival, staff, &row, value).await?,
            Verb::Done => self.done_by_hand(tx, arrival, staff, (&row, press.revision)).await?,
            Verb::Review => self.review(tx, arrival, staff, &row).await?,
            Verb::Approve | Verb::Deny => self.press_vote(tx, arrival, staff, &row, press.verb).await?,
            _ => return Err(Trouble::Bug("a verb without a row".into())),
        };
        Ok(decided)
    }

    /// Lets the answer of this press go where the press came from.
    pub(super) async fn answer_here(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        row: &RequestRow,
    ) -> Result<(), Trouble> {
        if let Some(reply) = &arrival.envelope.reply {
            tx.put_handle(&row.id, &arrival.envelope.account, reply, AnswerMode::Replace, arrival.now)?;
        }
        Ok(())
    }

    /// The private answer that could not be brought, shown to the requester who asks for it here.
    async fn show(&self, tx: &mut Tx<'_>, row: &RequestRow) -> Result<Decided, Trouble> {
        let plan = tx.plan(&row.id, row.revision).await?;
        let handed = tx.handed(&row.id).await?;
        let step = tx.journal(&row.id).await?.into_iter().find(|journal| journal.state == StepState::Doing);
        let message = match (row.state, plan, step) {
            (State::Previewed, Some(plan), _) => self.preview(row, &plan.plan),
            (State::ByHand, _, Some(journal)) => say::by_hand(row, &journal, &handed),
            (State::Denied, ..) => {
                let no = tx.votes(&row.id).await?.into_iter().find(|vote| !vote.yes);
                say::ended(row, &why_denied(&row.outcome, no.as_ref().map_or("", |vote| vote.reason.as_str())))
            }
            (state, ..) if state.ended() => {
                let mut message = say::ended(row, &row.outcome);
                message.blocks.extend(handed.iter().flat_map(Handed::blocks));
                message
            }
            _ => say::already_open(row),
        };
        let ack = Ack::Say(AnswerMode::Fresh, Box::new(self.seal(message)?));
        Ok(Decided { ack, request: Some(row.id.clone()) })
    }

    async fn cancel(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Decided, Trouble> {
        if !tx.move_request(&row.id, &[State::Previewed, State::Asking], State::Cancelled, arrival.now).await? {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &already(row)).await;
        }
        tx.clear_timers(&row.id).await?;
        self.note(tx, staff, row, "cancelled").await?;
        if row.state == State::Asking {
            self.update_approvals(tx, row, "The requester withdrew it.", arrival.now).await?;
        }
        let message = self.seal(say::ended(row, "You cancelled it. Nothing was changed."))?;
        Ok(Decided { ack: Ack::Say(AnswerMode::Replace, Box::new(message)), request: Some(row.id.clone()) })
    }

    async fn choose(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
        value: Option<&String>,
    ) -> Result<Decided, Trouble> {
        let plan = tx.plan(&row.id, row.revision).await?;
        let pick = plan.as_ref().and_then(|p| p.plan.pick.as_ref());
        let offered = pick.and_then(|pick| {
            let chosen = pick.choices.iter().find(|c| Some(&c.value) == value)?;
            Some((pick.option.clone(), chosen.value.clone()))
        });
        let Some((option, chosen)) = offered.filter(|_| row.state == State::Previewed) else {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &unknown()).await;
        };
        let mut fields = row.fields.clone();
        fields.set(&option, chosen);
        let Some(action) = self.parts.catalog.find(&row.action) else {
            return Err(Trouble::Bug(format!("no action {}", row.action)));
        };
        let tier = action.check(&fields).unwrap_or(Tier::OtherRole);
        let at = self.at(&row.place).await?;
        if let Err(no) = self.policy().may_ask(staff, action.definition(), tier, at) {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await;
        }
        tx.set_fields(&row.id, &self.seal(fields)?).await?;
        tx.move_request(&row.id, &[State::Previewed], State::Received, arrival.now).await?;
        tx.clear_timers(&row.id).await?;
        self.answer_here(tx, arrival, row).await?;
        self.note(tx, staff, row, "chosen").await?;
        Ok(Decided { ack: Ack::Working(AnswerMode::Replace), request: Some(row.id.clone()) })
    }

    pub(super) async fn note(
        &self,
        tx: &mut Tx<'_>,
        staff: &Staff,
        row: &RequestRow,
        outcome: &str,
    ) -> Result<(), Trouble> {
        let details = json!({ "revision": row.revision });
        self.audit(tx, Fact { staff: Some(&staff.id), action: &row.action, request: Some(&row.id), outcome, details })
            .await
    }
}

/// Whether the control stood under what is the current preview.
pub(super) fn current(press: &Press, row: &RequestRow) -> Result<(), Refusal> {
    if row.state.ended() {
        return Err(already(row));
    }
    let of_a_step = press.verb == Verb::Done;
    if (press.revision != row.revision && !of_a_step) || row.state == State::Received {
        return Err(Refusal::new(
            RefusalCode::Superseded,
            "This preview is no longer the current one.",
            "Something changed since it was shown, and a newer preview took its place.",
            "Use the newest message about this request.",
        ));
    }
    Ok(())
}

pub(super) fn already(row: &RequestRow) -> Refusal {
    let (code, what) = match row.state {
        State::Lapsed => (RefusalCode::Expired, "This request has lapsed."),
        State::Cancelled => (RefusalCode::Already, "This request was cancelled."),
        State::Denied => (RefusalCode::Already, "This request was denied."),
        State::Refused => (RefusalCode::Already, "This request was refused."),
        State::Done | State::Unconfirmed | State::Failed | State::Answered => {
            (RefusalCode::Already, "This request has already ended.")
        }
        State::Approved | State::Running | State::ByHand | State::Verifying => {
            (RefusalCode::Already, "This request is already being done.")
        }
        State::Form | State::Received | State::Previewed | State::Asking => {
            (RefusalCode::Already, "This was already pressed.")
        }
    };
    let why = if row.outcome.is_empty() { "Nothing is done twice.".to_owned() } else { row.outcome.clone() };
    Refusal::new(code, what, why, "Nothing more to do here; ask anew if it is still needed.")
}

/// A step by hand that was marked as done before, while another one waits.
pub(super) fn step_done_already() -> Refusal {
    Refusal::new(
        RefusalCode::Already,
        "This step is marked as done already.",
        "Nothing is done twice.",
        "Use the newest message about this request for the step that waits now.",
    )
}

pub(super) fn too_old() -> Refusal {
    Refusal::new(
        RefusalCode::Expired,
        "This preview is too old.",
        "The world may have changed since.",
        "Ask again; it takes a moment.",
    )
}

pub(super) fn not_yours() -> Refusal {
    Refusal::new(
        RefusalCode::Role,
        "This control is for the person who asked.",
        "Only the requester confirms, chooses or cancels.",
        "If you may agree to it, use Review in the approvals channel.",
    )
}

pub(super) fn unknown() -> Refusal {
    Refusal::new(
        RefusalCode::Unknown,
        "I do not know this control.",
        "It is not one of mine, or it is not offered now.",
        "Use the controls of the newest message, or type the command again.",
    )
}
