//! Request Tracker 5, as far as tickets and their histories go in REST2.
//!
//! The tickets 1 to 8999 are there and open, 9000 to 9099 are resolved; later ones are made. As in the real one, a raw text
//! is taken for Latin-1, a change that is not made is answered with 200 and a sentence, how many there are is not said to
//! who may not see everything, and mail that the system sent counts in a page of attachments and is not shown. Invariant:
//! who has no token is told 401; whoever corresponds writes to the customer, which is kept apart from comments and goes out
//! as a mail under the subject of the correspondence.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::ticket_sql::{Clause, clauses};
use crate::sandbox::world::door::{Answer, Ask, Emulated};

/// Longest subject: what comes after is cut off without a word.
const SUBJECT_MOST: usize = 200;
/// Entries of one page where nothing is asked for, and the most.
const PAGE_ENTRIES: (usize, usize) = (20, 100);
/// The tickets that are there from the beginning: open ones, then resolved ones.
const TICKETS: (u64, u64) = (9_000, 9_100);
/// The statuses that there are, of two lifecycles, with whether a ticket is active in them.
const STATUSES: [(&str, bool); 8] = [
    ("new", true),
    ("open", true),
    ("stalled", true),
    ("resolved", false),
    ("rejected", false),
    ("deleted", false),
    ("with-customer", true),
    ("done", false),
];
/// Who asked for each of the tickets that are there from the beginning.
pub const RT_CUSTOMER: &str = "customer@mail.example";
/// The queue for new tickets.
pub const RT_QUEUE: &str = "Support";

/// One entry of a ticket's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: u64,
    /// `Create`, `Comment`, `Correspond`, `EmailRecord`.
    pub kind: &'static str,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Of which type the text is.
    pub content_type: String,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its number.
    pub id: u64,
    /// Its title.
    pub subject: String,
    /// Its status.
    pub status: String,
    /// Its queue.
    pub queue: String,
    /// Who asked, by address.
    pub requestors: Vec<String>,
    /// Who gets copies, by address.
    pub copies: Vec<String>,
    /// Its history, oldest first.
    pub history: Vec<Entry>,
}

impl Ticket {
    /// Whether its status is an active one.
    #[must_use]
    pub fn is_open(&self) -> bool {
        STATUSES.iter().any(|(name, active)| *active && *name == self.status)
    }

    /// The entries of that kind, oldest first.
    #[must_use]
    pub fn entries(&self, kind: &str) -> Vec<&Entry> {
        self.history.iter().filter(|entry| entry.kind == kind).collect()
    }
}

#[derive(Debug, Default)]
struct State {
    tickets: BTreeMap<u64, Ticket>,
    merged: BTreeMap<u64, u64>,
    entries: u64,
}

/// The service.
#[derive(Debug)]
pub struct RequestTracker {
    token: String,
    state: Mutex<State>,
}

impl RequestTracker {
    pub(super) fn new(token: &str) -> Self {
        Self { token: token.into(), state: Mutex::default() }
    }

    /// One ticket, also one that nobody has touched.
    #[must_use]
    pub fn ticket(&self, id: u64) -> Option<Ticket> {
        self.state().ticket(id).cloned()
    }

    /// How many tickets were made.
    #[must_use]
    pub fn made(&self) -> usize {
        self.state().tickets.keys().filter(|id| **id > TICKETS.1).count()
    }

    /// Somebody gives a ticket a status by hand; whether there are both.
    pub fn set_status(&self, id: u64, status: &str) -> bool {
        let known = STATUSES.iter().any(|(name, _)| *name == status);
        known && self.state().ticket(id).map(|ticket| status.clone_into(&mut ticket.status)).is_some()
    }

    /// Somebody gives a ticket a title by hand; whether there is such a ticket.
    pub fn set_subject(&self, id: u64, subject: &str) -> bool {
        self.state().ticket(id).map(|ticket| subject.clone_into(&mut ticket.subject)).is_some()
    }

    /// Somebody says who asked for a ticket and who gets copies; whether there is such a ticket.
    pub fn set_people(&self, id: u64, requestors: &[&str], copies: &[&str]) -> bool {
        let names = |all: &[&str]| all.iter().map(|&name| name.to_owned()).collect();
        let mut state = self.state();
        let set = |ticket: &mut Ticket| (ticket.requestors, ticket.copies) = (names(requestors), names(copies));
        state.ticket(id).map(set).is_some()
    }

    /// Somebody merges a ticket into another one.
    pub fn merge(&self, id: u64, into: u64) {
        self.state().merged.insert(id, into);
    }

    /// Somebody else adds to a ticket's history, a customer's mail for example; whether there is such a ticket.
    pub fn adds(&self, id: u64, kind: &'static str, subject: &str, text: &str) -> bool {
        let entry =
            Entry { id: 0, kind, subject: subject.into(), text: text.into(), content_type: "text/plain".into() };
        self.state().add(id, entry).is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(&self, ask: &Ask) -> Option<Answer> {
        let parts: Vec<&str> = ask.parts.iter().map(String::as_str).collect();
        let ["REST", "2.0", rest @ ..] = parts.as_slice() else { return None };
        let mut state = self.state();
        match (ask.seen.method.as_str(), rest) {
            ("GET", ["rt"]) => Some(Answer::json(200, &json!({ "Version": "5.0.3", "Plugins": [] }))),
            ("GET", ["tickets"]) => Some(state.search(ask)),
            ("POST", ["ticket"]) => Some(state.create(&ask.object()?)),
            ("GET", ["ticket", id]) => Some(Answer::json(200, &shape(state.ticket(digits(id)?)?))),
            ("PUT", ["ticket", id]) => Some(change(state.ticket(digits(id)?)?, &ask.object()?)),
            ("POST", ["ticket", id, "comment"]) => state.message(digits(id)?, "Comment", ask),
            ("POST", ["ticket", id, "correspond"]) => state.message(digits(id)?, "Correspond", ask),
            ("GET", ["ticket", id, "attachments"]) => Some(state.attachments(digits(id)?, ask)),
            ("GET", ["transaction", id, "attachments"]) => state.parts(digits(id)?, ask),
            ("GET", ["transaction", id]) => state.transaction(digits(id)?),
            _ => None,
        }
    }
}

fn digits(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

impl State {
    fn ticket(&mut self, id: u64) -> Option<&mut Ticket> {
        let id = self.merged.get(&id).copied().unwrap_or(id);
        if (1..TICKETS.1).contains(&id) {
            self.tickets.entry(id).or_insert_with(|| Ticket {
                id,
                subject: format!("Ticket {id}"),
                status: if id < TICKETS.0 { "new" } else { "resolved" }.into(),
                queue: RT_QUEUE.into(),
                requestors: vec![RT_CUSTOMER.into()],
                copies: Vec::new(),
                history: Vec::new(),
            });
        }
        self.tickets.get_mut(&id)
    }

    fn add(&mut self, ticket: u64, entry: Entry) -> Option<u64> {
        let id = self.entries + 1;
        self.ticket(ticket)?.history.push(Entry { id, ..entry });
        self.entries = id;
        Some(id)
    }

    fn create(&mut self, body: &Value) -> Answer {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if text("Queue").is_empty() {
            return said(400, "Could not create ticket. Queue not set");
        }
        if text("Queue") != RT_QUEUE {
            return said(403, &format!("No permission to create tickets in the queue '{}'", text("Queue")));
        }
        let id = self.tickets.keys().max().copied().unwrap_or(0).max(TICKETS.1) + 1;
        let subject: String = text("Subject").chars().take(SUBJECT_MOST).collect();
        let ticket = Ticket {
            id,
            subject: subject.clone(),
            status: "new".into(),
            queue: text("Queue"),
            requestors: Vec::new(),
            copies: Vec::new(),
            history: Vec::new(),
        };
        self.tickets.insert(id, ticket);
        let (content, content_type) = (text("Content"), text("ContentType"));
        self.add(id, Entry { id: 0, kind: "Create", subject, text: content, content_type });
        let made = json!({ "id": id.to_string(), "type": "ticket", "_url": url("ticket", id) });
        Answer::json(201, &made).with("location", format!("/REST/2.0/ticket/{id}"))
    }

    fn message(&mut self, ticket: u64, kind: &'static str, ask: &Ask) -> Option<Answer> {
        let given = ask.seen.header("content-type").unwrap_or_default();
        let entry = if given.starts_with("application/json") {
            let body = ask.object()?;
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            if text("ContentType").is_empty() && !text("Content").is_empty() {
                return Some(said(400, "ContentType is a required field for application/json"));
            }
            let (subject, content_type) = (text("Subject"), text("ContentType"));
            Entry { id: 0, kind, subject, text: text("Content"), content_type }
        } else if given.starts_with("text/") {
            let latin = ask.seen.body.bytes().map(char::from).collect();
            Entry { id: 0, kind, subject: String::new(), text: latin, content_type: given.to_owned() }
        } else {
            return Some(said(415, "Unsupported Media Type"));
        };
        let Some(id) = self.add(ticket, entry) else { return Some(said(400, "Message could not be recorded")) };
        let added = if kind == "Comment" { "Comments added" } else { "Correspondence added" };
        Some(Answer::json(201, &json!([added])).with("location", format!("/REST/2.0/transaction/{id}")))
    }

    /// The tickets that a search in TicketSQL finds, deleted ones never.
    fn search(&mut self, ask: &Ask) -> Answer {
        let Some(clauses) = clauses(ask.param("query").unwrap_or_default()) else {
            return said(400, "Invalid TicketSQL");
        };
        // A ticket that nobody has touched is there too.
        for clause in &clauses {
            if let Clause::Id(id) = clause {
                self.ticket(*id);
            }
        }
        let fits = |ticket: &&Ticket| {
            let each = |clause: &Clause| match clause {
                Clause::Id(id) => ticket.id == *id && !self.merged.contains_key(id),
                Clause::Active => ticket.is_open(),
                Clause::SubjectLike(part) => ticket.subject.to_lowercase().contains(&part.to_lowercase()),
            };
            ticket.status != "deleted" && clauses.iter().all(each)
        };
        let found: Vec<&Ticket> = self.tickets.values().filter(fits).collect();
        let total = Value::from(found.len());
        let items = found.into_iter().map(|ticket| {
            let fields = [("Subject", json!(ticket.subject)), ("Status", json!(ticket.status))];
            Some(listed(ask, "ticket", ticket.id, &fields))
        });
        page(ask, items.collect(), &total)
    }

    fn attachments(&mut self, ticket: u64, ask: &Ask) -> Answer {
        let history = self.ticket(ticket).map(|ticket| ticket.history.clone()).unwrap_or_default();
        let items = history.iter().map(|entry| (entry.kind != "EmailRecord").then(|| attached(ask, entry)));
        page(ask, items.collect(), &Value::Null)
    }

    fn entry(&self, id: u64) -> Option<&Entry> {
        self.tickets.values().flat_map(|ticket| &ticket.history).find(|entry| entry.id == id)
    }

    /// What one entry of a history consists of.
    fn parts(&self, id: u64, ask: &Ask) -> Option<Answer> {
        self.entry(id).map(|entry| page(ask, vec![Some(attached(ask, entry))], &Value::from(1)))
    }

    fn transaction(&self, id: u64) -> Option<Answer> {
        let entry = self.entry(id)?;
        Some(Answer::json(200, &json!({ "id": id, "Type": entry.kind, "ObjectType": "RT::Ticket" })))
    }
}

fn attached(ask: &Ask, entry: &Entry) -> Value {
    let fields = [
        ("Subject", json!(entry.subject)),
        ("TransactionId", json!(entry.id.to_string())),
        ("Content", json!(entry.text)),
    ];
    listed(ask, "attachment", entry.id, &fields)
}

fn change(ticket: &mut Ticket, body: &Value) -> Answer {
    let id = ticket.id;
    let says = match body["Status"].as_str() {
        None => return Answer::json(200, &json!([])),
        Some(status) if status == ticket.status => return Answer::json(200, &json!([])),
        Some(status) if STATUSES.iter().any(|(known, _)| *known == status) => {
            let before = std::mem::replace(&mut ticket.status, status.to_owned());
            format!("Ticket {id}: Status changed from '{before}' to '{status}'")
        }
        Some(status) => format!("Ticket {id}: Status '{status}' isn't a valid status for this ticket."),
    };
    Answer::json(200, &json!([says]))
}

/// One entry of a list, with the fields that were asked for.
fn listed(ask: &Ask, kind: &str, id: u64, fields: &[(&str, Value)]) -> Value {
    let mut entry = json!({ "id": id.to_string(), "type": kind, "_url": url(kind, id) });
    for wanted in ask.param("fields").unwrap_or_default().split(',') {
        if let Some((name, value)) = fields.iter().find(|(name, _)| *name == wanted) {
            entry[*name] = value.clone();
        }
    }
    entry
}

/// A page of what is there, oldest first unless it is asked for otherwise; what is not shown takes its place in it.
fn page(ask: &Ask, mut all: Vec<Option<Value>>, total: &Value) -> Answer {
    if ask.param("orderby").is_some() && ask.param("order") == Some("DESC") {
        all.reverse();
    }
    let number = |name: &str| ask.param(name).and_then(|text| text.parse::<usize>().ok()).filter(|number| *number > 0);
    let (per_page, page) =
        (number("per_page").unwrap_or(PAGE_ENTRIES.0).min(PAGE_ENTRIES.1), number("page").unwrap_or(1));
    let items: Vec<Value> = all.into_iter().skip((page - 1) * per_page).take(per_page).flatten().collect();
    let (count, pages) = (items.len(), total.as_u64().map(|total| total.div_ceil(per_page as u64)));
    Answer::json(
        200,
        &json!({ "count": count, "total": total, "pages": pages, "page": page, "per_page": per_page, "items": items }),
    )
}

fn url(kind: &str, id: u64) -> String {
    format!("https://rt.example/REST/2.0/{kind}/{id}")
}

fn shape(ticket: &Ticket) -> Value {
    let id = ticket.id;
    let people = |all: &[String]| -> Vec<Value> {
        let person = |name: &String| json!({ "id": name, "type": "user", "_url": format!("https://rt.example/REST/2.0/user/{name}") });
        all.iter().map(person).collect()
    };
    json!({
        "id": id,
        "Type": "ticket",
        "Subject": ticket.subject,
        "Status": ticket.status,
        "Queue": { "id": "3", "type": "queue", "_url": url("queue", 3) },
        "EffectiveId": { "id": id.to_string(), "type": "ticket", "_url": url("ticket", id) },
        "Requestor": people(&ticket.requestors),
        "Cc": people(&ticket.copies),
        "AdminCc": [],
        "CustomFields": [],
        "Resolved": "1970-01-01T00:00:00Z",
        "_hyperlinks": [{ "ref": "self", "type": "ticket", "id": id, "_url": url("ticket", id) }],
    })
}

fn said(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "message": message }))
}

impl Emulated for RequestTracker {
    fn answer(&self, ask: &Ask) -> Answer {
        let known = ask.seen.header("authorization").and_then(|text| text.strip_prefix("token "));
        if known != Some(&self.token) {
            return said(401, "Unauthorized");
        }
        self.decide(ask).unwrap_or_else(|| said(404, "Not Found"))
    }

    fn broken(&self, status: u16) -> Answer {
        said(status, "An error occurred")
    }

    fn dress(&self, answer: Answer) -> Answer {
        answer
    }
}
