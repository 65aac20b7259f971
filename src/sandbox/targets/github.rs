//! GitHub's issues and comments of two repositories: the status page's, and the one whose issues are support tickets.
//!
//! In the support repository the issues 1 to 8999 are open tickets and 9000 to 9099 are closed ones; later ones are
//! made. Invariant: who has no token is told 401, and what is not there 404, in GitHub's own words.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::{STATUS_REPO, SUPPORT_REPO};
use crate::sandbox::dial::Dial;
use crate::sandbox::world::door::{Answer, Ask, Emulated};
use crate::sandbox::world::mint::{read_stamp, stamp};

/// Longest text of an issue or a comment, in characters.
const BODY_MOST: usize = 65_536;
/// Longest title, in characters.
const TITLE_MOST: usize = 256;
/// Entries of one page where nothing is asked for, and the most.
const PAGE_ENTRIES: (usize, usize) = (30, 100);
/// The tickets that are there from the beginning: open ones, then closed ones.
const TICKETS: (u64, u64) = (9_000, 9_100);

/// An issue with its comments.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it is open.
    pub open: bool,
    /// Its comments: number, text, and when they were made.
    pub comments: Vec<(u64, String, i64)>,
    created_ms: i64,
}

#[derive(Debug, Default)]
struct State {
    repos: BTreeMap<String, BTreeMap<u64, Issue>>,
    made: u64,
}

/// The service.
#[derive(Debug)]
pub struct Github {
    token: String,
    dial: Dial,
    state: Mutex<State>,
}

impl Github {
    pub(super) fn new(token: &str, dial: Dial) -> Self {
        let repos = [STATUS_REPO, SUPPORT_REPO].map(|name| (name.to_owned(), BTreeMap::new()));
        Self { token: token.into(), dial, state: Mutex::new(State { repos: repos.into(), made: 0 }) }
    }

    /// The issues of a repository that were made or touched, by number.
    #[must_use]
    pub fn issues(&self, repo: &str) -> Vec<Issue> {
        self.state().repos.get(repo).map(|issues| issues.values().cloned().collect()).unwrap_or_default()
    }

    /// One issue, also a ticket that nobody has touched.
    #[must_use]
    pub fn issue(&self, repo: &str, number: u64) -> Option<Issue> {
        let mut state = self.state();
        state.issue(repo, number).cloned()
    }

    /// Somebody opens or closes an issue by hand; whether there is such an issue.
    pub fn set_open(&self, repo: &str, number: u64, open: bool) -> bool {
        let mut state = self.state();
        state.issue(repo, number).map(|issue| issue.open = open).is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(&self, ask: &Ask) -> Option<Answer> {
        let parts: Vec<&str> = ask.parts.iter().map(String::as_str).collect();
        let ["repos", owner, name, rest @ ..] = parts.as_slice() else { return None };
        let repo = format!("{owner}/{name}");
        let mut state = self.state();
        if !state.repos.contains_key(&repo) {
            return None;
        }
        let method = ask.seen.method.as_str();
        let now = self.dial.now_ms();
        Some(match (method, rest) {
            ("GET", []) => Answer::json(200, &json!({ "full_name": repo, "private": repo == SUPPORT_REPO })),
            ("GET", ["issues"]) => page(ask, listed(&state, &repo, ask)),
            ("POST", ["issues"]) => state.create(&repo, &ask.object()?, now),
            ("GET", ["issues", number]) => {
                let issue = state.issue(&repo, number.parse().ok()?)?;
                Answer::json(200, &shape(&repo, issue))
            }
            ("PATCH", ["issues", number]) => change(&repo, state.issue(&repo, number.parse().ok()?)?, &ask.object()?),
            ("GET", ["issues", number, "comments"]) => {
                let since = ask.param("since").and_then(read_stamp).unwrap_or(i64::MIN);
                let issue = state.issue(&repo, number.parse().ok()?)?;
                let comments = issue.comments.iter().filter(|(_, _, at)| *at >= since);
                page(ask, comments.map(|comment| comment_shape(&repo, issue.number, comment)).collect())
            }
            ("POST", ["issues", number, "comments"]) => {
                state.comment(&repo, number.parse().ok()?, &ask.object()?, now)?
            }
            _ => return None,
        })
    }
}

impl State {
    fn issue(&mut self, repo: &str, number: u64) -> Option<&mut Issue> {
        let issues = self.repos.get_mut(repo)?;
        if repo == SUPPORT_REPO && (1..TICKETS.1).contains(&number) {
            issues.entry(number).or_insert_with(|| Issue {
                number,
                title: format!("Ticket {number}"),
                body: String::new(),
                labels: Vec::new(),
                open: number < TICKETS.0,
                comments: Vec::new(),
                created_ms: 0,
            });
        }
        issues.get_mut(&number)
    }

    fn create(&mut self, repo: &str, body: &Value, now: i64) -> Answer {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let long = text("title").chars().count() > TITLE_MOST || text("body").chars().count() > BODY_MOST;
        if text("title").is_empty() || long {
            return refused(422, "Validation Failed");
        }
        let issues = self.repos.entry(repo.into()).or_default();
        let floor = if repo == SUPPORT_REPO { TICKETS.1 } else { 0 };
        let number = issues.keys().max().copied().unwrap_or(0).max(floor) + 1;
        let labels = body["labels"].as_array().into_iter().flatten().filter_map(|label| label.as_str());
        let issue = Issue {
            number,
            title: text("title"),
            body: text("body"),
            labels: labels.map(str::to_owned).collect(),
            open: true,
            comments: Vec::new(),
            created_ms: now,
        };
        let answer = Answer::json(201, &shape(repo, &issue));
        issues.insert(number, issue);
        answer
    }

    fn comment(&mut self, repo: &str, number: u64, body: &Value, now: i64) -> Option<Answer> {
        let text = body["body"].as_str().unwrap_or_default().to_owned();
        if text.is_empty() || text.chars().count() > BODY_MOST {
            return Some(refused(422, "Validation Failed"));
        }
        let id = self.made + 1;
        let issue = self.issue(repo, number)?;
        issue.comments.push((id, text, now));
        let answer = Answer::json(201, &comment_shape(repo, number, issue.comments.last()?));
        self.made = id;
        Some(answer)
    }
}

fn change(repo: &str, issue: &mut Issue, body: &Value) -> Answer {
    match body["state"].as_str() {
        Some("open") => issue.open = true,
        Some("closed") => issue.open = false,
        None => {}
        Some(_) => return refused(422, "Validation Failed"),
    }
    Answer::json(200, &shape(repo, issue))
}

/// The issues of a list, the newest first, as they are asked for.
fn listed(state: &State, repo: &str, ask: &Ask) -> Vec<Value> {
    let wanted = ask.param("state").unwrap_or("open");
    let label = ask.param("labels");
    let fits = |issue: &&Issue| {
        let right = match wanted {
            "all" => true,
            "closed" => !issue.open,
            _ => issue.open,
        };
        right && label.is_none_or(|label| issue.labels.iter().any(|known| known == label))
    };
    let mut issues: Vec<&Issue> = state.repos.get(repo).into_iter().flat_map(BTreeMap::values).filter(fits).collect();
    issues.sort_by_key(|issue| std::cmp::Reverse((issue.created_ms, issue.number)));
    issues.into_iter().map(|issue| shape(repo, issue)).collect()
}

fn page(ask: &Ask, all: Vec<Value>) -> Answer {
    let number = |name: &str| ask.param(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(PAGE_ENTRIES.0).clamp(1, PAGE_ENTRIES.1);
    let skipped = (number("page").unwrap_or(1).max(1) - 1) * size;
    Answer::json(200, &json!(all.into_iter().skip(skipped).take(size).collect::<Vec<Value>>()))
}

fn user() -> Value {
    json!({ "login": "seqn-chatops[bot]", "id": 1, "type": "Bot" })
}

fn shape(repo: &str, issue: &Issue) -> Value {
    let number = issue.number;
    let label =
        |name: &String| Map::from_iter([("name".to_owned(), json!(name)), ("color".to_owned(), json!("ededed"))]);
    json!({
        "id": 1_000_000 + number,
        "number": number,
        "title": issue.title,
        "body": issue.body,
        "state": if issue.open { "open" } else { "closed" },
        "state_reason": if issue.open { Value::Null } else { json!("completed") },
        "labels": issue.labels.iter().map(label).collect::<Vec<_>>(),
        "comments": issue.comments.len(),
        "user": user(),
        "created_at": stamp(issue.created_ms),
        "updated_at": stamp(issue.created_ms),
        "html_url": format!("https://github.example/{repo}/issues/{number}"),
        "url": format!("https://api.github.example/repos/{repo}/issues/{number}"),
    })
}

fn comment_shape(repo: &str, number: u64, (id, body, at): &(u64, String, i64)) -> Value {
    json!({
        "id": id,
        "body": body,
        "user": user(),
        "created_at": stamp(*at),
        "updated_at": stamp(*at),
        "html_url": format!("https://github.example/{repo}/issues/{number}#issuecomment-{id}"),
    })
}

impl Emulated for Github {
    fn answer(&self, ask: &Ask) -> Answer {
        if ask.bearer() != Some(&self.token) {
            return refused(401, "Bad credentials");
        }
        self.decide(ask).unwrap_or_else(|| refused(404, "Not Found"))
    }

    fn broken(&self, status: u16) -> Answer {
        match status {
            403 | 429 => refused(status, "You have exceeded a secondary rate limit. Please wait a few minutes."),
            other => refused(other, "Server Error"),
        }
    }

    fn dress(&self, answer: Answer) -> Answer {
        answer.with("x-github-request-id", "SIM0:1:2:3:4").with("x-github-media-type", "github.v3; format=json")
    }
}

fn refused(status: u16, message: &str) -> Answer {
    let body = json!({ "message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string() });
    Answer::json(status, &body)
}
