//! Request Tracker 5, by its REST2: the requests, how their answers are read, and the marks by which ours are found.
//!
//! What is told is `tickets`' to say. Text goes as JSON, for RT takes a raw text for Latin-1 and keeps no subject of it.
//! Invariants: every text of ours is a comment, which is internal, but for a reply, which a person has confirmed and which
//! alone is correspondence; what stands in a path is a number; and which status is open is RT's to say, for each queue may
//! have its own.

mod tickets;

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

pub(super) use self::tickets::open as open_request_tracker;

use crate::guard::{Guard, Redacted, Secret};
use crate::ports::{Fault, PortError};

use super::super::answer::{Answer, not_sent};
use super::super::base::BadConfig;
use super::super::http::{Ask, Credential, Deadlines};
use super::cut;
use super::link::Link;

const NAME: &str = "request-tracker";
const API: &str = "/REST/2.0";
/// Longest subject of a ticket, in characters, and longest mark: RT cuts after as much.
const SUBJECT_MOST: usize = 200;
/// Longest text, in characters, as on other trackers.
const TEXT_MOST: usize = 60_000;
/// Entries on one page of a list, which is the most that RT gives. Their subjects are all that is read of them.
const PAGE_ENTRIES: usize = 100;
/// Most pages that are searched for a mark of ours: it is among the newest.
const PAGES_MOST: usize = 6;
/// Tickets that are read of those whose subject has our tag: more than one are there only where somebody copied it.
const TAGGED_MOST: usize = 20;
/// The largest number that a ticket can have: RT's databases count with 32 bits.
const NUMBER_MOST: u64 = 2_147_483_647;
/// What stands before a notice's key in the subject of a comment of ours.
const MARK: &str = "seqn-chatops ";
/// What is for us, as RT calls its transaction and its path.
const COMMENT: Kind = Kind { name: "Comment", path: "comment" };
/// What the customer gets.
const CORRESPOND: Kind = Kind { name: "Correspond", path: "correspond" };

/// How Request Tracker is reached.
#[derive(Clone)]
pub struct RequestTrackerConfig {
    /// Where it is, without `/REST/2.0`.
    pub base: Url,
    /// An authentication token of the bot's own user.
    pub token: Secret,
    /// The queue of new tickets.
    pub queue: String,
    /// What stands before the number in a ticket's key, such as `SUP-`. A bare number is read as well.
    pub prefix: String,
    /// The status that a ticket of an incident gets at its end.
    pub closed_status: String,
    /// The status that it gets when the incident is reopened.
    pub open_status: String,
}

/// Its tickets.
struct Rt {
    link: Link,
    queue: String,
    closed_status: String,
    open_status: String,
}

/// Which entry of a ticket's history a text becomes.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    path: &'static str,
}

/// Somebody on a ticket, by name or address.
#[derive(Deserialize)]
struct Person {
    id: String,
}

/// RT writes an id as a number here and as a text there.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => number(text),
        }
    }
}

/// A ticket or an attachment; what we read of it.
#[derive(Deserialize)]
struct Entry {
    id: Id,
    #[serde(rename = "Subject", default)]
    subject: Option<String>,
    #[serde(rename = "TransactionId", default)]
    transaction: Option<Id>,
    #[serde(rename = "Content", default)]
    content: Option<String>,
    #[serde(rename = "Requestor", default)]
    requestors: Vec<Person>,
    #[serde(rename = "Cc", default)]
    copies: Vec<Person>,
}

impl Entry {
    fn subject(&self) -> &str {
        self.subject.as_deref().unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Listed {
    items: Vec<Entry>,
}

/// One entry of a ticket's history.
#[derive(Deserialize)]
struct Transaction {
    #[serde(rename = "Type")]
    kind: String,
}

/// The number that is written so: digits alone, and not more than there can be.
fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| plain && (1..=NUMBER_MOST).contains(number))
}

/// A key as it may stand in a subject and in a search: whole, and with nothing that RT would read otherwise.
fn plain(key: &str) -> Result<&str, PortError> {
    let good = key.len() + MARK.len() <= SUBJECT_MOST
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    if good { Ok(key) } else { Err(not_sent(NAME, "The notice's key cannot be looked for there. Nothing was sent.")) }
}

/// What the subject of a ticket of ours ends with.
fn tag(key: &str) -> Result<String, PortError> {
    plain(key).map(|key| format!("[{key}]"))
}

/// What a note of ours has as its subject.
fn noted(key: &str) -> Result<String, PortError> {
    plain(key).map(|key| format!("{MARK}{key}"))
}

/// A ticket's subject: one line with its tag at the end.
fn subject(title: &str, tag: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{} {tag}", cut::chars(&title, SUBJECT_MOST.saturating_sub(tag.len() + 1)))
}

/// The number at the end of where something new is.
fn new_at(answer: &Answer) -> Option<u64> {
    answer.location.as_deref()?.rsplit('/').next().and_then(number)
}

impl Rt {
    fn open(config: &RequestTrackerConfig, guard: &Guard, deadlines: Deadlines) -> Result<Self, BadConfig> {
        let token = Credential::scheme("token", &config.token)?;
        Ok(Self {
            link: Link::open(NAME, "The base URL of Request Tracker", &config.base, Some(token), guard, deadlines)?,
            queue: config.queue.clone(),
            closed_status: config.closed_status.clone(),
            open_status: config.open_status.clone(),
        })
    }

    fn at(&self, below: &str) -> Url {
        self.link.at(&format!("{API}{below}"))
    }

    /// Where a person sees a ticket, at that entry of its history.
    fn page(&self, ticket: u64, transaction: Option<u64>) -> String {
        let mut url = self.link.at("/Ticket/Display.html");
        url.query_pairs_mut().append_pair("id", &ticket.to_string());
        url.set_fragment(transaction.map(|id| format!("txn-{id}")).as_deref());
        url.into()
    }

    /// That ticket. `None`: there is none, which is said only where RT itself answers.
    async fn ticket(&self, ticket: u64) -> Result<Option<Entry>, PortError> {
        let answer = self.link.ask(Ask::get(self.at(&format!("/ticket/{ticket}")))).await?;
        if answer.status != 404 {
            return answer.json().map(Some);
        }
        let root = self.link.ask(Ask::get(self.at("/rt"))).await?;
        match root.status {
            404 => Err(answer.error_as(Fault::NoRoute)),
            _ => root.json::<Value>().map(|_| None),
        }
    }

    /// Whether the status of that ticket is one of those that are not at an end.
    async fn is_open(&self, ticket: u64) -> Result<bool, PortError> {
        let active = format!("id = {ticket} AND Status = '__Active__'");
        let listed = self.search(&active, 1).await?;
        Ok(listed.iter().any(|entry| entry.id.number() == Some(ticket)))
    }

    /// The oldest ticket whose subject ends with that tag: who copies a tag comes later.
    async fn find(&self, tag: &str) -> Result<Option<u64>, PortError> {
        let listed = self.search(&format!("Subject LIKE '{tag}'"), TAGGED_MOST).await?;
        Ok(listed.iter().find(|entry| entry.subject().ends_with(tag)).and_then(|entry| entry.id.number()))
    }

    async fn search(&self, query: &str, most: usize) -> Result<Vec<Entry>, PortError> {
        let ask = Ask::get(self.at("/tickets")).query("query", query).query("fields", "Subject");
        let ask = ask.query("orderby", "id").query("order", "ASC").query("per_page", &most.to_string());
        Ok(self.link.ask(ask).await?.json::<Listed>()?.items)
    }

    /// A new ticket, without a text: the one that a new ticket comes with is for whoever asks.
    async fn create(&self, title: &str, tag: &str) -> Result<u64, PortError> {
        let fields = json!({ "Queue": self.queue, "Subject": subject(title, tag) });
        let answer = self.link.ask(Ask::create(self.at("/ticket"), fields)).await?.success()?;
        let garbled = answer.error_as(Fault::Garbled);
        if answer.status != 201 {
            return Err(garbled);
        }
        answer.json::<Entry>()?.id.number().ok_or(garbled)
    }

    /// A new text of that kind: which entry of the ticket's history it is, where RT says it.
    async fn write(&self, ticket: u64, kind: Kind, subject: &str, text: &str) -> Result<Option<u64>, PortError> {
        let fields = json!({
            "Subject": subject,
            "Content": cut::chars(text.trim(), TEXT_MOST),
            "ContentType": "text/plain",
        });
        let ask = Ask::create(self.at(&format!("/ticket/{ticket}/{}", kind.path)), fields);
        let answer = self.link.ask(ask).await?.success()?;
        if answer.status != 201 {
            return Err(answer.error_as(Fault::Garbled));
        }
        let made = new_at(&answer);
        answer.json::<Value>().map(|_| made)
    }

    /// The text of that kind with exactly that subject: which entry of the ticket's history it is. What has our mark and is
    /// of another kind, such as a customer's mail under the mark of a comment, is not ours.
    async fn find_text(&self, ticket: u64, kind: Kind, subject: &str) -> Result<Option<u64>, PortError> {
        for page in 1..=PAGES_MOST {
            let ask = Ask::get(self.at(&format!("/ticket/{ticket}/attachments")))
                .query("fields", "Subject,TransactionId")
                .query("orderby", "id")
                .query("order", "DESC")
                .query("per_page", &PAGE_ENTRIES.to_string())
                .query("page", &page.to_string());
            let entries = self.link.ask(ask).await?.json::<Listed>()?.items;
            // A page with fewer entries is not the last one: what the bot may not see is counted and left out.
            if entries.is_empty() {
                break;
            }
            let marked = entries.iter().filter(|entry| entry.subject() == subject);
            for id in marked.filter_map(|entry| entry.transaction.as_ref()?.number()) {
                let answer = self.link.ask(Ask::get(self.at(&format!("/transaction/{id}")))).await?;
                if answer.json::<Transaction>()?.kind == kind.name {
                    return Ok(Some(id));
                }
            }
        }
        Ok(None)
    }

    /// Whether that entry of a history has, word for word, that text.
    async fn has_text(&self, transaction: u64, text: &str) -> Result<bool, PortError> {
        let ask = Ask::get(self.at(&format!("/transaction/{transaction}/attachments"))).query("fields", "Content");
        let parts = self.link.ask(ask).await?.json::<Listed>()?.items;
        let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        Ok(parts.iter().any(|part| plain(part.content.as_deref().unwrap_or_default()) == plain(text)))
    }

    /// Opens or closes a ticket that is not so already. RT answers 200 also where it changes nothing, so that it is read back.
    async fn set_open(&self, ticket: u64, open: bool) -> Result<(), PortError> {
        if self.is_open(ticket).await? == open {
            return Ok(());
        }
        let status = if open { &self.open_status } else { &self.closed_status };
        let ask = Ask::put(self.at(&format!("/ticket/{ticket}")), json!({ "Status": status }));
        self.link.ask(ask).await?.json::<Value>()?;
        if self.is_open(ticket).await? == open {
            return Ok(());
        }
        let fault = Fault::Refused { status: 200, code: "status".into() };
        Err(PortError { text: Redacted::from_static(NOT_CHANGED), ..PortError::new(NAME, fault) })
    }
}

const NOT_CHANGED: &str = "The ticket's status did not change. Correct the statuses of the tracker in the configuration, or \
                           give the bot's user the right to change them.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_a_number() {
        assert_eq!((number("7"), number("0007"), number("2147483647")), (Some(7), Some(7), Some(2_147_483_647)));
        for none in
            ["", "0", "-7", "+7", "7x", "7/comment", "..", " 7", "7 ", "٧", "2147483648", "99999999999999999999"]
        {
            assert_eq!(number(none), None, "{none}");
        }
    }

    #[test]
    fn a_subject_is_one_line_with_its_whole_tag() {
        let tag = tag("rq-1:2:tracker").expect("a key");
        assert_eq!(subject("Sign-in\nfails", &tag), "Sign-in fails [rq-1:2:tracker]");
        let long = subject(&"ö".repeat(500), &tag);
        assert!(long.chars().count() == SUBJECT_MOST && long.ends_with("… [rq-1:2:tracker]"), "{long}");
    }

    #[test]
    fn what_a_search_would_read_otherwise_is_no_key() {
        for bad in ["rq-1' OR id > '0", "rq-1]", "rq%1", "rq 1", &"x".repeat(SUBJECT_MOST)] {
            assert!(tag(bad).is_err_and(|error| !error.passing()), "{bad}");
        }
    }
}
