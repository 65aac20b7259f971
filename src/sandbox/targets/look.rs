//! What stories may ask about the surfaces, in one line of words.
//!
//! | query | answer |
//! |---|---|
//! | `pagerduty`, `opsgenie`, `statuspage`, `status-page`, `upptime` | the states of its alerts or incidents, oldest first |
//! | `pagerduty pages\|dropped\|summary\|severity` | how often people were paged, events for no alert, the newest alert |
//! | `opsgenie notes\|count\|message\|priority` | of the newest alert |
//! | `ntfy` | how many messages a phone shows |
//! | `ntfy messages\|title\|text\|priority` | how many were sent; the newest |
//! | `statuspage name\|updates\|notified` | the newest incident; how often subscribers were told |
//! | `status-page updates` | of the newest incident |
//! | `upptime title\|comments` | of the newest issue |
//! | `tracker <key>` | `open` or `closed` |
//! | `tracker <key> notes\|note` | how many, and the newest without its mark |
//! | `tracker <key> replies\|reply` | the same of those that are for the customer |
//! | `tracker made` | how many tickets the bot has made |
//! | `rt <key>`, `rt <key> status\|title` | `open` or `closed`; its status; its title |
//! | `rt <key> notes\|note` | how many comments, the newest |
//! | `rt <key> replies\|reply\|subject` | how often the customer was written to; the newest text and its subject |
//! | `rt made` | how many tickets the bot has made |
//! | `heads`, `heads last` | how many heads of the audit trail the file has; the row that the last one names |
//! | `webhook`, `webhook deliveries\|types` | how many ids, how many deliveries, the events' types |
//!
//! It changes nothing. Invariant: `None` means that there is no such thing or no such question.

use std::collections::BTreeSet;

use serde_json::Value;

use super::github::Issue;
use super::{STATUS_REPO, SUPPORT_REPO, TargetSims};

/// What stands before a ticket's number.
const TICKET_PREFIX: &str = "SUP-";
/// How a comment begins that is for the customer.
const REPLY: &str = "<!-- seqn-chatops reply ";
/// The first number of tickets that the bot has made.
const MADE_FROM: u64 = 9_100;

impl TargetSims {
    /// What a story asks about a surface; `None` when there is no such thing.
    #[must_use]
    pub fn look(&self, query: &str) -> Option<String> {
        let words: Vec<&str> = query.split_whitespace().collect();
        match words.as_slice() {
            ["pagerduty", rest @ ..] => self.pager(rest),
            ["opsgenie", rest @ ..] => self.alerts(rest),
            ["ntfy", rest @ ..] => self.push(rest),
            ["statuspage", rest @ ..] => {
                let service = &self.statuspage.service;
                match rest {
                    ["notified"] => Some(service.notified().to_string()),
                    rest => of_page(&service.incidents(), rest),
                }
            }
            ["status-page", rest @ ..] => of_page(&self.built_in()?, rest),
            ["upptime", rest @ ..] => self.issues(rest),
            ["tracker", "made"] => {
                let issues = self.github.service.issues(SUPPORT_REPO);
                Some(issues.iter().filter(|issue| issue.number > MADE_FROM).count().to_string())
            }
            ["tracker", key, rest @ ..] => self.ticket(key, rest),
            ["rt", "made"] => Some(self.request_tracker.service.made().to_string()),
            ["rt", key, rest @ ..] => self.rt_ticket(key, rest),
            ["heads", rest @ ..] => self.heads(rest),
            ["webhook", rest @ ..] => self.deliveries(rest),
            _ => None,
        }
    }

    fn pager(&self, rest: &[&str]) -> Option<String> {
        let service = &self.pagerduty.service;
        let alerts = service.alerts();
        match rest {
            [] => states(alerts.iter().map(|alert| alert.state)),
            ["pages"] => Some(service.pages().to_string()),
            ["dropped"] => Some(service.dropped().to_string()),
            ["summary"] => alerts.last().map(|alert| alert.summary.clone()),
            ["severity"] => alerts.last().map(|alert| alert.severity.clone()),
            _ => None,
        }
    }

    fn alerts(&self, rest: &[&str]) -> Option<String> {
        let alerts = self.opsgenie.service.alerts();
        let last = alerts.last();
        match rest {
            [] => states(alerts.iter().map(|alert| alert.state)),
            ["notes"] => last.map(|alert| alert.notes.len().to_string()),
            ["count"] => last.map(|alert| alert.count.to_string()),
            ["message"] => last.map(|alert| alert.message.clone()),
            ["priority"] => last.map(|alert| alert.priority.clone()),
            _ => None,
        }
    }

    fn push(&self, rest: &[&str]) -> Option<String> {
        let service = &self.ntfy.service;
        let messages = service.messages();
        let last = messages.last();
        match rest {
            [] => Some(service.shown().len().to_string()),
            ["messages"] => Some(messages.len().to_string()),
            ["title"] => last.map(|message| message.title.clone()),
            ["text"] => last.map(|message| message.text.clone()),
            ["priority"] => last.map(|message| message.priority.to_string()),
            _ => None,
        }
    }

    /// The incidents of the built-in status page, oldest first, as its file has them.
    fn built_in(&self) -> Option<Vec<Value>> {
        let text = std::fs::read_to_string(self.status_folder.join("api/v2/incidents.json")).ok()?;
        let value: Value = serde_json::from_str(&text).ok()?;
        let mut incidents = value["incidents"].as_array()?.clone();
        incidents.reverse();
        Some(incidents)
    }

    fn issues(&self, rest: &[&str]) -> Option<String> {
        let issues = self.github.service.issues(STATUS_REPO);
        match rest {
            [] => states(issues.iter().map(open_or_closed)),
            ["title"] => issues.last().map(|issue| issue.title.clone()),
            ["comments"] => issues.last().map(|issue| issue.comments.len().to_string()),
            _ => None,
        }
    }

    fn ticket(&self, key: &str, rest: &[&str]) -> Option<String> {
        let number = key.strip_prefix(TICKET_PREFIX).unwrap_or(key).parse().ok()?;
        let issue = self.github.service.issue(SUPPORT_REPO, number)?;
        let (replies, notes): (Vec<&str>, Vec<&str>) =
            issue.comments.iter().map(|(_, text, _)| text.as_str()).partition(|text| text.starts_with(REPLY));
        match rest {
            [] => Some(open_or_closed(&issue).to_owned()),
            ["notes"] => Some(notes.len().to_string()),
            ["note"] => notes.last().map(|text| without_mark(text)),
            ["replies"] => Some(replies.len().to_string()),
            ["reply"] => replies.last().map(|text| without_mark(text)),
            _ => None,
        }
    }

    fn rt_ticket(&self, key: &str, rest: &[&str]) -> Option<String> {
        let id = key.strip_prefix(TICKET_PREFIX).unwrap_or(key).parse().ok()?;
        let ticket = self.request_tracker.service.ticket(id)?;
        match rest {
            [] => Some(if ticket.is_open() { "open" } else { "closed" }.to_owned()),
            ["status"] => Some(ticket.status),
            ["title"] => Some(ticket.subject),
            ["notes"] => Some(ticket.entries("Comment").len().to_string()),
            ["note"] => ticket.entries("Comment").last().map(|entry| entry.text.replace('\n', " ")),
            ["replies"] => Some(ticket.entries("Correspond").len().to_string()),
            ["reply"] => ticket.entries("Correspond").last().map(|entry| entry.text.replace('\n', " ")),
            ["subject"] => ticket.entries("Correspond").last().map(|entry| entry.subject.clone()),
            _ => None,
        }
    }

    fn heads(&self, rest: &[&str]) -> Option<String> {
        let text = std::fs::read_to_string(self.head_file()).ok()?;
        match rest {
            [] => Some(text.lines().count().to_string()),
            ["last"] => text.lines().last()?.split(' ').nth(1).map(str::to_owned),
            _ => None,
        }
    }

    fn deliveries(&self, rest: &[&str]) -> Option<String> {
        let received = self.webhook.service.received();
        match rest {
            [] => Some(received.iter().map(|one| &one.id).collect::<BTreeSet<_>>().len().to_string()),
            ["deliveries"] => Some(received.len().to_string()),
            ["types"] => states(received.iter().filter_map(|one| one.event["type"].as_str())),
            _ => None,
        }
    }
}

fn of_page(incidents: &[Value], rest: &[&str]) -> Option<String> {
    let last = incidents.last();
    match rest {
        [] => states(incidents.iter().filter_map(|incident| incident["status"].as_str())),
        ["name"] => last.and_then(|incident| incident["name"].as_str().map(str::to_owned)),
        ["updates"] => {
            last.and_then(|incident| incident["incident_updates"].as_array()).map(|all| all.len().to_string())
        }
        _ => None,
    }
}

fn states<'a>(all: impl Iterator<Item = &'a str>) -> Option<String> {
    let words: Vec<&str> = all.collect();
    (!words.is_empty()).then(|| words.join(" "))
}

const fn open_or_closed(issue: &Issue) -> &'static str {
    if issue.open { "open" } else { "closed" }
}

/// A text without the line that people do not see.
fn without_mark(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("<!--"));
    lines.collect::<Vec<_>>().join(" ")
}
