//! Tickets: the tracker is asked before anything is changed, and told afterwards in an internal note.
//!
//! Invariant: a note is owed in the same commit as what it tells of, so that a tracker that is down loses none.

use crate::model::{
    CaseDeed, Effect, Evidence, Fields, Notice, NoticeContent, Place, Plan, Refusal, RefusalCode, TRACKER, Ticket,
};
use crate::ports::{CaseRead, WhenDown};
use crate::store::{RequestRow, TicketUse, Tx};

use super::{Engine, Trouble};

/// The most entries of outside logs that one note names; the record holds them all.
const EVIDENCE_MOST: usize = 20;

impl Engine {
    /// Why nothing may be changed for that request's ticket; `None`: its ticket is open, or nobody can be asked.
    pub(super) async fn ticket_stops(&self, row: &RequestRow) -> Option<String> {
        let tracker = self.parts.reads.tracker.as_ref().filter(|tracker| tracker.asks())?;
        let ticket: Ticket = row.ticket.as_deref()?.parse().ok()?;
        match tracker.ticket(&ticket).await {
            Ok(Some(state)) if state.open => None,
            Ok(Some(_)) => Some(format!(
                "The ticket {ticket} is closed. Reopen it in the tracker, or name the ticket that this is for."
            )),
            Ok(None) => Some(format!("The tracker has no ticket {ticket}. Check its key, or open one first.")),
            Err(error) => match self.parts.when_tracker_down {
                WhenDown::GoOn => {
                    tracing::warn!(request = %row.id, error = %error, "ticket.not_asked");
                    None
                }
                WhenDown::Stop => {
                    Some(format!("I could not ask the tracker whether {ticket} is open. {error} Ask again later."))
                }
            },
        }
    }

    /// The refusal of a ticket for which something was done in another organization; one ticket is one customer's.
    pub(super) async fn ticket_of_others(&self, tx: &mut Tx<'_>, fields: &Fields) -> Result<Option<Refusal>, Trouble> {
        let Some((ticket, org)) = fields.get("ticket").zip(fields.get("org")) else { return Ok(None) };
        let used = tx.ticket_of_others(ticket, org).await?;
        Ok(used.map(|used| {
            let TicketUse { request, action, org: theirs, staff, at } = used;
            Refusal::new(
                RefusalCode::BadInput,
                format!("{ticket} is a ticket of {theirs}, not of {org}."),
                format!("{} used it there for `{action}` at {at} ({request}).", self.name_of(&staff)),
                format!("Check the ticket's number, or open a ticket for {org}."),
            )
        }))
    }

    /// Owes the internal note about how a request ended.
    pub(super) async fn note_on_ticket(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        plan: &Plan,
        told: &Told<'_>,
    ) -> Result<(), Trouble> {
        if !self.parts.targets.0.contains_key(TRACKER) {
            return Ok(());
        }
        let Some(ticket) = self.ticket_of(row, plan).await else { return Ok(()) };
        let mut text = vec![told.line.to_owned()];
        text.extend(noted(plan));
        let mut who = format!("Asked by {}", self.name_of(&row.requester));
        if !told.approvers.is_empty() {
            who.push_str(&format!(", approved by {}", told.approvers.join(", ")));
        }
        text.push(format!("{who}."));
        text.extend(told.around());
        // A direct message is left out: nobody else can open it.
        let asked_in = self.link_to(&row.place, row.place.thread.as_deref().unwrap_or_default());
        text.extend((!row.place.direct && !asked_in.is_empty()).then(|| format!("Asked in {asked_in}")));
        text.push(format!("Reference: {}", row.id));
        let notice = Notice {
            key: format!("{}:{}", row.id, told.key),
            target: TRACKER.to_owned(),
            subject: ticket.to_string(),
            pages: false,
            content: NoticeContent::Note { ticket, text: text.join("\n") },
        };
        tx.owe_notice(&self.seal(notice)?, Some(&row.id), self.parts.clock.now()).await?;
        Ok(())
    }

    /// Where that message, or without one the channel, can be seen; empty where nobody can say.
    pub(super) fn link_to(&self, place: &Place, message: &str) -> String {
        let moderator = self.parts.moderators.0.get(&place.platform);
        moderator.map(|moderator| moderator.link(place, message)).unwrap_or_default()
    }

    /// The ticket of a request: its own, or that of the case that it does something to.
    async fn ticket_of(&self, row: &RequestRow, plan: &Plan) -> Option<Ticket> {
        if let Some(ticket) = row.ticket.as_deref() {
            return ticket.parse().ok();
        }
        let case = plan.steps.iter().find_map(|step| match &step.effect {
            Effect::Case { deed: CaseDeed::Note { case, .. } | CaseDeed::Close { case, .. }, .. } => Some(case),
            _ => None,
        })?;
        let file = self.parts.store.case(case).await.ok()??;
        file.known("ticket").parse().ok()
    }
}

/// What a note tells.
pub(super) struct Told<'a> {
    /// Which note of its request it is.
    pub(super) key: &'a str,
    /// How it ended, in one line.
    pub(super) line: &'a str,
    pub(super) approvers: &'a [String],
    pub(super) evidence: &'a [Evidence],
}

impl Told<'_> {
    /// The entries of outside logs around it, in a sentence.
    pub(super) fn around(&self) -> Option<String> {
        let mut ids: Vec<String> = Vec::new();
        for one in self.evidence.iter().map(|one| format!("{} {}", one.source, one.id)) {
            if !ids.contains(&one) && ids.len() < EVIDENCE_MOST {
                ids.push(one);
            }
        }
        (!ids.is_empty()).then(|| format!("Audit-log entries around it: {}.", ids.join(", ")))
    }
}

/// What was noted in a case goes to its ticket word for word.
fn noted(plan: &Plan) -> Option<String> {
    plan.steps.iter().find_map(|step| match &step.effect {
        Effect::Case { deed: CaseDeed::Note { says, .. }, .. } => Some(says.clone()),
        Effect::Case { deed: CaseDeed::Close { outcome, .. }, .. } => Some(outcome.clone()),
        _ => None,
    })
}
