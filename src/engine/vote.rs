//! Votes: a second person reviews the whole plan, then says yes or no. The requester never does.

use serde_json::json;

use crate::model::{Ack, AnswerMode, Refusal, RefusalCode, Staff, State};
use crate::policy::AGREE_WITHIN_MS;
use crate::store::{PlanRow, RequestRow, Tx, Vote};

use super::intake::{Arrival, Decided};
use super::press::already;
use super::{Engine, Fact, Trouble};

impl Engine {
    /// Shows the whole plan to somebody who may agree; only then is "Approve" there for that person.
    pub(super) async fn review(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Decided, Trouble> {
        let plan = match self.votable(tx, arrival, staff, row).await? {
            Ok(plan) => plan,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
        };
        tx.put_review(&row.id, row.revision, &staff.id, arrival.now).await?;
        self.note(tx, staff, row, "reviewed").await?;
        let message = self.seal(self.for_review(row, &plan.plan, true))?;
        Ok(Decided { ack: Ack::Say(AnswerMode::Fresh, Box::new(message)), request: Some(row.id.clone()) })
    }

    pub(super) async fn vote(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
        yes: bool,
    ) -> Result<Decided, Trouble> {
        let plan = match self.votable(tx, arrival, staff, row).await? {
            Ok(plan) => plan,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
        };
        if !tx.reviewed(&row.id, row.revision, &staff.id).await? {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &review_first()).await;
        }
        let vote = Vote {
            revision: row.revision,
            digest: plan.digest.clone(),
            staff: staff.id.clone(),
            account: arrival.envelope.account.clone(),
            yes,
            reason: String::new(),
            at: arrival.now,
        };
        if !tx.put_vote(&row.id, &self.seal(vote)?).await? {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &already(row)).await;
        }
        let to = if yes { State::Approved } else { State::Denied };
        tx.move_request(&row.id, &[State::Asking], to, arrival.now).await?;
        tx.clear_timers(&row.id).await?;
        let word = if yes { "approved" } else { "denied" };
        let details = json!({ "revision": row.revision, "digest": plan.digest });
        self.audit(
            tx,
            Fact { staff: Some(&staff.id), action: &row.action, request: Some(&row.id), outcome: word, details },
        )
        .await?;
        let line = format!("{} {word} it.", staff.name);
        self.update_approvals(tx, row, &line, arrival.now).await?;
        if !yes {
            self.tell_requester_ended(tx, row, &format!("{line} Nothing was changed."), arrival.now).await?;
        }
        let mut message = self.for_review(row, &plan.plan, false);
        message.title = format!("You {word} this request. The requester is told.");
        let message = self.seal(message)?;
        Ok(Decided { ack: Ack::Say(AnswerMode::Replace, Box::new(message)), request: Some(row.id.clone()) })
    }

    /// The plan that can be voted on now by that person, or why not.
    async fn votable(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Result<PlanRow, Refusal>, Trouble> {
        let Some(plan) = tx.plan(&row.id, row.revision).await? else {
            return Err(Trouble::Bug(format!("{} has no plan", row.id)));
        };
        let Some(requester) = self.parts.policy.rules().staff(&row.requester) else {
            return Ok(Err(super::press::unknown()));
        };
        if let Err(no) = self.parts.policy.may_agree_to(requester, staff, &plan.plan) {
            return Ok(Err(no));
        }
        if row.state != State::Asking {
            return Ok(Err(already(row)));
        }
        if arrival.now.since(row.changed) >= AGREE_WITHIN_MS {
            self.lapse(tx, row, arrival.now).await?;
            return Ok(Err(lapsed()));
        }
        Ok(Ok(plan))
    }
}

fn review_first() -> Refusal {
    Refusal::new(
        RefusalCode::BadInput,
        "Review it first.",
        "A yes counts only from somebody who was shown the whole plan.",
        "Press Review on the request, then Approve under what you see.",
    )
}

fn lapsed() -> Refusal {
    Refusal::new(
        RefusalCode::Expired,
        "This request has lapsed.",
        "Agreement must come within 15 minutes, since an old plan says little about now.",
        "The requester can ask again.",
    )
}
