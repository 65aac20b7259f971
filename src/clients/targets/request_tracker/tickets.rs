//! Request Tracker's tickets as support tickets: does one exist, is it open; a note as a comment; a new ticket; and a
//! ticket for an incident, which support staff are told of.
//!
//! Invariants: whether a ticket is open is set before the comment is made, so that who finds the comment knows that all was
//! done; and before a ticket is made, the ones with our tag are searched for ours.

use std::sync::Arc;

use async_trait::async_trait;

use crate::guard::Guard;
use crate::model::{CustomerReply, Dedup, IncidentNotice, NoticeContent, NoticeEvent, Phase, Proof, Ticket};
use crate::ports::{PortError, Readers, Replied, TicketState, TrackerRead};

use super::super::super::answer::not_sent;
use super::super::super::base::BadConfig;
use super::super::super::http::Deadlines;
use super::super::cut;
use super::super::live::Live;
use super::super::outlet::Surface;
use super::super::words::{is_over, message};
use super::{COMMENT, CORRESPOND, NAME, Person, RequestTrackerConfig, Rt, noted, number, tag};

/// Longest title that is given to runbooks, in characters.
const TITLE_SHOWN: usize = 120;

struct Desk {
    rt: Rt,
    prefix: String,
}

impl Desk {
    fn number(&self, key: &str) -> Option<u64> {
        number(key.strip_prefix(self.prefix.as_str()).unwrap_or(key))
    }

    fn needed(&self, key: &str) -> Result<u64, PortError> {
        self.number(key).ok_or_else(|| not_sent(NAME, NO_TICKET))
    }

    fn proof(&self, ticket: u64, transaction: Option<u64>) -> Proof {
        let receipt = transaction.map_or_else(|| "201".to_owned(), |id| format!("201, transaction {id}"));
        let object = Some(format!("{}{ticket}", self.prefix));
        Proof { object, receipt, url: Some(self.rt.page(ticket, transaction)) }
    }

    async fn note(&self, ticket: u64, key: &str, text: &str) -> Result<Proof, PortError> {
        let made = self.rt.write(ticket, COMMENT, &noted(key)?, text).await?;
        Ok(self.proof(ticket, made))
    }

    async fn noted(&self, ticket: u64, key: &str) -> Result<Option<Proof>, PortError> {
        let found = self.rt.find_text(ticket, COMMENT, &noted(key)?).await?;
        Ok(found.map(|transaction| self.proof(ticket, Some(transaction))))
    }

    /// Writes to the customer: the mail has a subject, by which it is found again.
    async fn reply(&self, reply: &CustomerReply) -> Result<Proof, PortError> {
        let ticket = self.needed(reply.ticket.as_str())?;
        let made = self.rt.write(ticket, CORRESPOND, &reply.heading(), &reply.text).await?;
        Ok(self.proof(ticket, made))
    }

    async fn replied(&self, reply: &CustomerReply) -> Result<Option<(u64, u64)>, PortError> {
        let ticket = self.needed(reply.ticket.as_str())?;
        let found = self.rt.find_text(ticket, CORRESPOND, &reply.heading()).await?;
        Ok(found.map(|transaction| (ticket, transaction)))
    }

    async fn found_or_made(&self, title: &str, tag: &str) -> Result<u64, PortError> {
        match self.rt.find(tag).await? {
            Some(ticket) => Ok(ticket),
            None => self.rt.create(title, tag).await,
        }
    }

    /// The ticket of an incident, where it has one.
    async fn known(&self, incident: &IncidentNotice, object: Option<&str>) -> Result<Option<u64>, PortError> {
        match object {
            Some(key) => self.needed(key).map(Some),
            None => self.rt.find(&tag(incident.incident.as_str())?).await,
        }
    }

    async fn tell(&self, incident: &IncidentNotice, key: &str, object: Option<&str>) -> Result<Proof, PortError> {
        let over = is_over(incident);
        let ticket = match self.known(incident, object).await? {
            Some(ticket) => ticket,
            // Nobody was ever told of it, so that nobody has to be told that it was none.
            None if incident.phase == Phase::Cancelled => {
                return Ok(Proof { object: None, receipt: "Nothing was there to cancel.".into(), url: None });
            }
            None => self.rt.create(&incident.title, &tag(incident.incident.as_str())?).await?,
        };
        if over || incident.event == NoticeEvent::Reopened {
            self.rt.set_open(ticket, !over).await?;
        }
        self.note(ticket, key, &message(incident)).await
    }
}

/// The reading and the writing half over one Request Tracker.
pub(in super::super) fn open(
    config: &RequestTrackerConfig,
    guard: &Guard,
    deadlines: Deadlines,
) -> Result<(RtTickets, RtTracker), BadConfig> {
    let rt = Rt::open(config, guard, deadlines)?;
    let desk = Arc::new(Desk { rt, prefix: config.prefix.clone() });
    Ok((RtTickets(Arc::clone(&desk)), RtTracker(desk)))
}

/// The reading half.
pub(in super::super) struct RtTickets(Arc<Desk>);

/// The writing half.
pub(in super::super) struct RtTracker(Arc<Desk>);

#[async_trait]
impl TrackerRead for RtTickets {
    fn asks(&self) -> bool {
        true
    }

    async fn ticket(&self, ticket: &Ticket) -> Result<Option<TicketState>, PortError> {
        let desk = &self.0;
        // A key of another tracker names no ticket of this one.
        let Some(asked) = desk.number(ticket.as_str()) else { return Ok(None) };
        let Some(entry) = desk.rt.ticket(asked).await? else { return Ok(None) };
        // A ticket that was merged into another one is that one.
        let ticket = entry.id.number().unwrap_or(asked);
        let open = desk.rt.is_open(ticket).await?;
        let title = cut::chars(entry.subject(), TITLE_SHOWN);
        Ok(Some(TicketState { open, title, url: Some(desk.rt.page(ticket, None)) }))
    }

    async fn readers(&self, ticket: &Ticket) -> Result<Option<Readers>, PortError> {
        let Some(number) = self.0.number(ticket.as_str()) else { return Ok(None) };
        let entry = self.0.rt.ticket(number).await?;
        let names = |people: Vec<Person>| people.into_iter().map(|person| person.id).collect();
        Ok(entry
            .map(|entry| Readers::Correspondents { requestors: names(entry.requestors), copies: names(entry.copies) }))
    }

    async fn replied(&self, reply: &CustomerReply) -> Result<Option<Replied>, PortError> {
        let desk = &self.0;
        let Some((ticket, transaction)) = desk.replied(reply).await? else { return Ok(None) };
        let as_sent = desk.rt.has_text(transaction, &reply.text).await?;
        let url = Some(desk.rt.page(ticket, Some(transaction)));
        Ok(Some(Replied { as_sent, id: format!("transaction {transaction}"), url }))
    }

    fn name(&self) -> &'static str {
        "Request Tracker"
    }
}

#[async_trait]
impl Surface for RtTracker {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::LookUp
    }

    async fn tell(&self, live: Live<'_>, object: Option<&str>) -> Result<Proof, PortError> {
        let (desk, key) = (&self.0, live.key());
        match live.content() {
            NoticeContent::Note { ticket, text } => desk.note(desk.needed(ticket.as_str())?, key, text).await,
            NoticeContent::NewTicket { title, text } => {
                let ticket = desk.found_or_made(title, &tag(key)?).await?;
                desk.note(ticket, key, text).await
            }
            NoticeContent::Incident(incident) => desk.tell(incident, key, object).await,
            NoticeContent::Reply(reply) => desk.reply(reply).await,
            NoticeContent::Room { .. } | NoticeContent::Head(_) => Err(not_sent(NAME, NO_ROOM)),
        }
    }

    async fn told(&self, live: Live<'_>, object: Option<&str>) -> Result<Option<Proof>, PortError> {
        let (desk, key) = (&self.0, live.key());
        let ticket = match live.content() {
            NoticeContent::Note { ticket, .. } => Some(desk.needed(ticket.as_str())?),
            NoticeContent::Reply(reply) => {
                let found = desk.replied(reply).await?;
                return Ok(found.map(|(ticket, transaction)| desk.proof(ticket, Some(transaction))));
            }
            NoticeContent::NewTicket { .. } => desk.rt.find(&tag(key)?).await?,
            NoticeContent::Incident(incident) => desk.known(incident, object).await?,
            NoticeContent::Room { .. } | NoticeContent::Head(_) => return Err(not_sent(NAME, NO_ROOM)),
        };
        match ticket {
            Some(ticket) => desk.noted(ticket, key).await,
            None => Ok(None),
        }
    }
}

const NO_TICKET: &str = "The ticket's key is none of this tracker. Correct the ticket.";
const NO_ROOM: &str = "The tracker has no rooms. Correct where it is sent to.";
