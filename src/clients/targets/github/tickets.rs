//! A repository's issues as support tickets: does one exist, is it open; a note as a comment; a new ticket; and a ticket
//! for an incident, which support staff are told of.
//!
//! On GitHub a comment is seen by everybody who sees the repository, so that the configuration has to say that it is
//! private. Invariant: "there is no such ticket" is said only where the repository itself is seen.

use std::sync::Arc;

use async_trait::async_trait;

use crate::guard::Guard;
use crate::model::{CustomerReply, Dedup, IncidentNotice, NoticeContent, Proof, Ticket};
use crate::ports::{Fault, PortError, Readers, Replied, TicketState, TrackerRead};

use super::super::super::answer::not_sent;
use super::super::super::base::BadConfig;
use super::super::super::http::Deadlines;
use super::super::cut;
use super::super::live::Live;
use super::super::outlet::Surface;
use super::issues::Telling;
use super::{Entry, NAME, Repo, RepoConfig, mark};

/// Longest title that is given to runbooks, in characters.
const TITLE_SHOWN: usize = 120;

/// Which issues are tickets.
#[derive(Clone)]
pub struct TicketsConfig {
    /// The repository. It must be private.
    pub repo: RepoConfig,
    /// What stands before the number in a ticket's key, such as `SUP-`. A bare number is read as well.
    pub prefix: String,
    /// The labels of new tickets.
    pub labels: Vec<String>,
}

struct Desk {
    repo: Repo,
    prefix: String,
    labels: Vec<String>,
}

impl Desk {
    fn number(&self, key: &str) -> Option<u64> {
        let digits = key.strip_prefix(self.prefix.as_str()).unwrap_or(key);
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|number| plain && *number > 0)
    }

    fn key(&self, number: u64) -> String {
        format!("{}{number}", self.prefix)
    }

    fn needed(&self, key: &str) -> Result<u64, PortError> {
        self.number(key).ok_or_else(|| not_sent(NAME, NO_TICKET))
    }

    /// The comment with that mark on a ticket.
    async fn comment(&self, number: u64, mark: &str) -> Result<Option<Entry>, PortError> {
        let issue: Entry = self.repo.issue(number).await?.json()?;
        self.repo.find_comment(&issue, mark).await
    }

    fn telling<'a>(&'a self, key: &'a str, incident: &'a IncidentNotice) -> Telling<'a> {
        Telling { repo: &self.repo, labels: &self.labels, key, incident }
    }

    /// The number of a ticket that we have made.
    fn known(&self, object: Option<&str>) -> Result<Option<u64>, PortError> {
        object.map(|key| self.number(key).ok_or_else(|| not_sent(NAME, NO_TICKET))).transpose()
    }

    /// The same proof with the ticket's key instead of its number.
    fn named(&self, proof: Proof) -> Proof {
        Proof { object: proof.object.map(|number| format!("{}{number}", self.prefix)), ..proof }
    }

    fn proof(&self, ticket: u64, made: &Entry) -> Proof {
        let receipt = format!("201, {}", if made.number == 0 { "comment" } else { "issue" });
        Proof { object: Some(self.key(ticket)), receipt, url: made.url() }
    }
}

/// The reading and the writing half over one repository.
pub(in super::super) fn open(
    config: &TicketsConfig,
    guard: &Guard,
    deadlines: Deadlines,
) -> Result<(GithubTickets, GithubTracker), BadConfig> {
    let repo = Repo::open(&config.repo, guard, deadlines)?;
    let desk = Arc::new(Desk { repo, prefix: config.prefix.clone(), labels: config.labels.clone() });
    Ok((GithubTickets(Arc::clone(&desk)), GithubTracker(desk)))
}

/// The reading half.
pub(in super::super) struct GithubTickets(Arc<Desk>);

/// The writing half.
pub(in super::super) struct GithubTracker(Arc<Desk>);

#[async_trait]
impl TrackerRead for GithubTickets {
    fn asks(&self) -> bool {
        true
    }

    async fn ticket(&self, ticket: &Ticket) -> Result<Option<TicketState>, PortError> {
        // A key of another tracker names no ticket of this one.
        let Some(number) = self.0.number(ticket.as_str()) else { return Ok(None) };
        let answer = self.0.repo.issue(number).await?;
        match answer.status {
            // GitHub answers 404 for what one may not see as well.
            404 if self.0.repo.itself().await?.is_none() => Err(answer.error_as(Fault::Forbidden)),
            // 410: it was deleted.
            404 | 410 => Ok(None),
            _ => {
                let issue: Entry = answer.json()?;
                let title = cut::chars(&issue.title, TITLE_SHOWN);
                let state = TicketState { open: issue.state == "open", title, url: issue.url() };
                Ok(issue.pull_request.is_none().then_some(state))
            }
        }
    }

    async fn readers(&self, ticket: &Ticket) -> Result<Option<Readers>, PortError> {
        if self.0.number(ticket.as_str()).is_none() {
            return Ok(None);
        }
        let Some(seen) = self.0.repo.itself().await? else { return Err(PortError::new(NAME, Fault::Forbidden)) };
        Ok(Some(Readers::Repository { name: seen.full_name, private: seen.private }))
    }

    async fn replied(&self, reply: &CustomerReply) -> Result<Option<Replied>, PortError> {
        let number = self.0.needed(reply.ticket.as_str())?;
        let mark = mark(REPLY, &reply.mark);
        let comment = self.0.comment(number, &mark).await?;
        Ok(comment.map(|comment| Replied {
            as_sent: comment.is(&mark, &reply.text),
            id: format!("comment {}", comment.id),
            url: comment.url(),
        }))
    }

    fn name(&self) -> &'static str {
        "GitHub"
    }
}

#[async_trait]
impl Surface for GithubTracker {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::LookUp
    }

    async fn tell(&self, live: Live<'_>, object: Option<&str>) -> Result<Proof, PortError> {
        let desk = &self.0;
        match live.content() {
            NoticeContent::Note { ticket, text } => {
                let number = desk.needed(ticket.as_str())?;
                let comment = desk.repo.comment(number, &mark("note", live.key()), text).await?;
                Ok(desk.proof(number, &comment))
            }
            NoticeContent::Reply(reply) => {
                let number = desk.needed(reply.ticket.as_str())?;
                let comment = desk.repo.comment(number, &mark(REPLY, &reply.mark), &reply.text).await?;
                Ok(desk.proof(number, &comment))
            }
            NoticeContent::NewTicket { title, text } => {
                let issue = desk.repo.create(title, &mark("ticket", live.key()), text, &desk.labels).await?;
                Ok(desk.proof(issue.number, &issue))
            }
            NoticeContent::Incident(incident) => {
                let proof = desk.telling(live.key(), incident).tell(desk.known(object)?).await?;
                Ok(desk.named(proof))
            }
            NoticeContent::Room { .. } | NoticeContent::Head(_) => Err(not_sent(NAME, NO_ROOM)),
        }
    }

    async fn told(&self, live: Live<'_>, object: Option<&str>) -> Result<Option<Proof>, PortError> {
        let desk = &self.0;
        match live.content() {
            NoticeContent::Note { ticket, .. } => {
                let number = desk.needed(ticket.as_str())?;
                let comment = desk.comment(number, &mark("note", live.key())).await?;
                Ok(comment.map(|comment| desk.proof(number, &comment)))
            }
            NoticeContent::Reply(reply) => {
                let number = desk.needed(reply.ticket.as_str())?;
                let comment = desk.comment(number, &mark(REPLY, &reply.mark)).await?;
                Ok(comment.map(|comment| desk.proof(number, &comment)))
            }
            NoticeContent::NewTicket { .. } => {
                let ours = mark("ticket", live.key());
                let label = desk.labels.first().map(String::as_str);
                let issue = desk.repo.find(label, |mark| mark == ours).await?;
                Ok(issue.map(|issue| desk.proof(issue.number, &issue)))
            }
            NoticeContent::Incident(incident) => {
                let proof = desk.telling(live.key(), incident).told(desk.known(object)?).await?;
                Ok(proof.map(|proof| desk.named(proof)))
            }
            NoticeContent::Room { .. } | NoticeContent::Head(_) => Err(not_sent(NAME, NO_ROOM)),
        }
    }
}

/// What the mark of a reply begins with. What follows tells nobody anything: everybody who sees the comment may read it.
const REPLY: &str = "reply";
const NO_TICKET: &str = "The ticket's key is none of this tracker. Correct the ticket.";
const NO_ROOM: &str = "The tracker has neither rooms nor heads of the audit trail. Correct where it is sent to.";
