//! Votes: others review the whole plan, then say yes or no. The requester never does.
//!
//! Invariant: one person has one vote on a revision; what was agreed to runs when `policy` says that nothing is missing.

use serde_json::json;

use crate::model::{Ack, AnswerMode, Millis, Press, Refusal, RefusalCode, Staff, StaffId, State, Verb};
use crate::store::{PlanRow, RequestRow, Tx, Vote};

use super::agreement::{self, Agreement};
use super::intake::{Arrival, Decided};
use super::press::{already, unknown};
use super::{Engine, Fact, Trouble, vote_form};

/// What somebody says about a plan that is not theirs.
enum Answer {
    /// Yes, with the reason where one is needed.
    Yes(String),
    /// No, and why.
    No(String),
}

/// A plan that can be voted on, and who said yes to it before.
struct Votable {
    plan: PlanRow,
    yes: Vec<StaffId>,
    before: Agreement,
}

impl Engine {
    /// Shows the whole plan to somebody who may agree; only then is "Approve" there for that person.
    pub(super) async fn review(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Decided, Trouble> {
        let votable = match self.votable(tx, arrival, staff, row).await? {
            Ok(votable) => votable,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
        };
        tx.put_review(&row.id, row.revision, &staff.id, arrival.now).await?;
        self.note(tx, staff, row, "reviewed").await?;
        let message = self.seal(self.for_review(row, &votable.plan.plan, true))?;
        Ok(Decided { ack: Ack::Say(AnswerMode::Fresh, Box::new(message)), request: Some(row.id.clone()) })
    }

    /// "Approve" or "Deny" under what was reviewed: a no always, and a yes where a reason is needed, opens a form.
    pub(super) async fn press_vote(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
        verb: Verb,
    ) -> Result<Decided, Trouble> {
        let votable = match self.reviewed(tx, arrival, staff, row).await? {
            Ok(votable) => votable,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
        };
        let plan = &votable.plan.plan;
        let form = match verb {
            Verb::Deny => vote_form::no(row),
            _ if self.policy().need(&row.action, plan).reason => vote_form::yes(row, plan),
            _ => return self.vote(tx, arrival, (staff, row), votable, Answer::Yes(String::new())).await,
        };
        let form = self.seal(form)?;
        Ok(Decided { ack: Ack::Form(Box::new(form)), request: Some(row.id.clone()) })
    }

    /// The form of a vote came back.
    pub(super) async fn vote_by_form(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        press: &Press,
        values: &[(String, String)],
    ) -> Result<Decided, Trouble> {
        let row = tx.request(&press.request).await?.filter(|_| matches!(press.verb, Verb::Approve | Verb::Deny));
        let Some(row) = row else {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &unknown()).await;
        };
        if let Err(no) = super::press::current(press, &row) {
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await;
        }
        let votable = match self.reviewed(tx, arrival, staff, &row).await? {
            Ok(votable) => votable,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await,
        };
        let reason = match vote_form::read(press.verb, &votable.plan.plan, values) {
            Ok(reason) => reason,
            Err(errors) => return Ok(Decided { ack: Ack::FieldErrors(errors), request: None }),
        };
        let answer = if press.verb == Verb::Deny { Answer::No(reason) } else { Answer::Yes(reason) };
        self.vote(tx, arrival, (staff, &row), votable, answer).await
    }

    async fn vote(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        (staff, row): (&Staff, &RequestRow),
        votable: Votable,
        answer: Answer,
    ) -> Result<Decided, Trouble> {
        let Votable { plan, mut yes, before } = votable;
        let (agrees, reason) = match answer {
            Answer::Yes(reason) => (true, reason),
            Answer::No(reason) => (false, reason),
        };
        if agrees && !before.helped_by(&staff.id) && !yes.contains(&staff.id) {
            let no = not_needed(&before);
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await;
        }
        // A form has no message of its own that could be replaced.
        let mode = if reason.is_empty() { AnswerMode::Replace } else { AnswerMode::Fresh };
        let vote = Vote { yes: agrees, reason: reason.clone(), ..yes_of(arrival, staff, row, &plan) };
        if !tx.put_vote(&row.id, &self.seal(vote)?).await? {
            let no = voted(&before);
            return self.refuse(tx, Some(&staff.id), Some(&row.id), AnswerMode::Fresh, &no).await;
        }
        let word = if agrees { "approved" } else { "denied" };
        let title = if agrees {
            yes.push(staff.id.clone());
            let Some(after) = self.agreement(row, &plan.plan, &yes) else {
                return Err(Trouble::Bug(format!("the requester of {} is gone", row.id)));
            };
            self.agreed(tx, (staff, row), &plan, &after, arrival.now).await?
        } else {
            self.denied(tx, (staff, row), &reason, arrival.now).await?
        };
        let details = json!({
            "revision": row.revision, "digest": plan.digest, "reason": reason, "agreed": yes,
        });
        let fact = Fact { staff: Some(&staff.id), action: &row.action, request: Some(&row.id), outcome: word, details };
        self.audit(tx, fact).await?;
        let mut message = self.for_review(row, &plan.plan, false);
        message.title = title;
        let message = self.seal(message)?;
        Ok(Decided { ack: Ack::Say(mode, Box::new(message)), request: Some(row.id.clone()) })
    }

    /// A yes was kept: it runs when nothing is missing, else everybody is told what is. What its giver is told.
    async fn agreed(
        &self,
        tx: &mut Tx<'_>,
        (staff, row): (&Staff, &RequestRow),
        plan: &PlanRow,
        after: &Agreement,
        now: Millis,
    ) -> Result<String, Trouble> {
        if after.whole() {
            let line = format!("{} approved it.", staff.name);
            tx.move_request(&row.id, &[State::Asking], State::Approved, now).await?;
            tx.clear_timers(&row.id).await?;
            self.update_approvals(tx, row, &line, now).await?;
            self.tell_requester(tx, row, agreement::agreed(row, &plan.plan, &line), now).await?;
            return Ok("You approved this request. The requester is told.".into());
        }
        let line = format!("{} approved ({}). {}", staff.name, after.count(), after.missing());
        self.ask_further(tx, row, &plan.plan, (after, &line), now).await?;
        let told = agreement::waiting(row, &plan.plan, after, &format!("{} approved.", staff.name), row.changed);
        self.tell_requester(tx, row, told, now).await?;
        Ok(format!("You approved this request ({}). {} The requester is told.", after.count(), after.missing()))
    }

    /// A no was kept: it ends, and its requester reads why.
    async fn denied(
        &self,
        tx: &mut Tx<'_>,
        (staff, row): (&Staff, &RequestRow),
        reason: &str,
        now: Millis,
    ) -> Result<String, Trouble> {
        let line = format!("{} denied it.", staff.name);
        tx.move_request(&row.id, &[State::Asking], State::Denied, now).await?;
        tx.clear_timers(&row.id).await?;
        tx.set_outcome(&row.id, &self.seal(line.clone())?).await?;
        self.update_approvals(tx, row, &line, now).await?;
        self.tell_requester_ended(tx, row, &why_denied(&line, reason), now).await?;
        Ok("You denied this request. The requester is told.".into())
    }

    /// What can be voted on by that person who has reviewed it, or why not.
    async fn reviewed(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Result<Votable, Refusal>, Trouble> {
        match self.votable(tx, arrival, staff, row).await? {
            Ok(_) if !tx.reviewed(&row.id, row.revision, &staff.id).await? => Ok(Err(review_first())),
            votable => Ok(votable),
        }
    }

    /// What can be voted on now by that person, or why not.
    async fn votable(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        row: &RequestRow,
    ) -> Result<Result<Votable, Refusal>, Trouble> {
        let Some(plan) = tx.plan(&row.id, row.revision).await? else {
            return Err(Trouble::Bug(format!("{} has no plan", row.id)));
        };
        let policy = self.policy();
        let Some(requester) = policy.rules().staff(&row.requester) else { return Ok(Err(unknown())) };
        if let Err(no) = policy.may_count(&row.action, requester, staff, &plan.plan) {
            return Ok(Err(no));
        }
        if row.state != State::Asking {
            return Ok(Err(already(row)));
        }
        let yes = yeses(tx.votes(&row.id).await?, row, &plan);
        let Some(before) = self.agreement(row, &plan.plan, &yes) else { return Ok(Err(unknown())) };
        if arrival.now >= before.until(row.changed) {
            self.lapse(tx, row, arrival.now).await?;
            return Ok(Err(lapsed(&before)));
        }
        Ok(Ok(Votable { plan, yes, before }))
    }
}

/// That person's plain yes to that plan, now.
pub(super) fn yes_of(arrival: &Arrival, staff: &Staff, row: &RequestRow, plan: &PlanRow) -> Vote {
    Vote {
        revision: row.revision,
        digest: plan.digest.clone(),
        staff: staff.id.clone(),
        account: arrival.envelope.account.clone(),
        yes: true,
        reason: String::new(),
        at: arrival.now,
    }
}

/// Who said yes to that revision, without the requester's own confirmation.
pub(super) fn yeses(votes: Vec<Vote>, row: &RequestRow, plan: &PlanRow) -> Vec<StaffId> {
    let counts = |v: &Vote| v.yes && v.revision == row.revision && v.digest == plan.digest && v.staff != row.requester;
    votes.into_iter().filter(counts).map(|v| v.staff).collect()
}

/// How a no is told to its requester.
pub(super) fn why_denied(line: &str, reason: &str) -> String {
    let why = if reason.is_empty() { String::new() } else { format!(" Why: {reason}") };
    format!("{line} Nothing was changed.{why}")
}

fn voted(before: &Agreement) -> Refusal {
    Refusal::new(
        RefusalCode::Already,
        "You have agreed to this already.",
        "Each person counts once, whatever the account.",
        before.missing(),
    )
}

fn not_needed(before: &Agreement) -> Refusal {
    Refusal::new(
        RefusalCode::Already,
        "Your yes would not fill what is missing.",
        format!("{} have agreed. {}", before.count(), before.missing()),
        "Nothing to do for you, unless you want to deny it.",
    )
}

fn review_first() -> Refusal {
    Refusal::new(
        RefusalCode::BadInput,
        "Review it first.",
        "A yes or a no counts only from somebody who was shown the whole plan.",
        "Press Review on the request, then decide under what you see.",
    )
}

fn lapsed(before: &Agreement) -> Refusal {
    Refusal::new(
        RefusalCode::Expired,
        "This request has lapsed.",
        format!("Agreement must come within {}, since an old plan says little about now.", before.span()),
        "The requester can ask again.",
    )
}
