//! GitHub Issues of one repository: the requests, how their failures are read, and the marks by which ours are found.
//!
//! What an issue stands for is its users' to say: an incident (`issues`) or a ticket (`tickets`). Invariants: a text of
//! ours begins with an invisible mark that holds the notice's key; it mentions nobody; and a limit of GitHub is waited
//! for as long as GitHub says.

mod issues;
mod tickets;

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

pub(super) use self::issues::Issues;
pub use self::issues::IssuesConfig;
pub use self::tickets::TicketsConfig;
pub(super) use self::tickets::open as open_tickets;

use crate::guard::{Guard, Secret};
use crate::ports::{Fault, PortError};

use super::super::answer::Answer;
use super::super::base::{BadConfig, segment};
use super::super::http::{Ask, Credential, Deadlines};
use super::cut;
use super::link::Link;

const NAME: &str = "github";
const VERSION: &str = "2022-11-28";
/// Longest title of an issue, in characters.
const TITLE_MOST: usize = 256;
/// Longest text, in characters; GitHub takes 65,536.
const TEXT_MOST: usize = 60_000;
/// Entries on one page of a list: with the longest texts that there may be, ten are less than we read of an answer.
const PAGE_ENTRIES: usize = 10;
/// Most pages that are searched for a mark of ours: it is among the newest.
const PAGES_MOST: usize = 6;
/// Pause after a secondary limit that does not say how long, in milliseconds: what GitHub asks for.
const PAUSE_MS: i64 = 60_000;
/// Where an address of GitHub leads to the same page, and its issue is not told that it was named.
const ELSEWHERE: &str = "://redirect.github.com/";
/// How a repository is reached.
#[derive(Clone)]
pub struct RepoConfig {
    /// The API.
    pub base: Url,
    /// Whose it is.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// A token that may read and write issues of it.
    pub token: Secret,
}

/// A repository's issues.
struct Repo {
    link: Link,
    path: String,
}

/// An issue or a comment; what we read of it.
#[derive(Clone, Deserialize)]
struct Entry {
    #[serde(default)]
    id: u64,
    #[serde(default)]
    number: u64,
    #[serde(default)]
    state: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    comments: usize,
    #[serde(default)]
    html_url: String,
    /// Pull requests are listed among the issues.
    #[serde(default)]
    pull_request: Option<Value>,
}

impl Entry {
    fn url(&self) -> Option<String> {
        self.html_url.starts_with("https://").then(|| self.html_url.clone())
    }

    /// Whether it is, word for word, what we wrote.
    fn is(&self, mark: &str, text: &str) -> bool {
        let lines = |text: &str| text.replace("\r\n", "\n");
        self.body.as_deref().is_some_and(|body| lines(body) == lines(&marked(mark, text)))
    }

    /// The mark of ours that it begins with.
    fn mark(&self) -> Option<&str> {
        let first = self.body.as_deref()?.lines().next()?;
        first.strip_prefix(MARK)?.strip_suffix(MARK_END)
    }
}

/// A repository; what we read of it.
#[derive(Deserialize)]
struct Seen {
    #[serde(default)]
    full_name: String,
    #[serde(default)]
    private: Option<bool>,
}

const MARK: &str = "<!-- seqn-chatops ";
const MARK_END: &str = " -->";

/// What an entry of ours is marked with.
fn mark(subject: &str, key: &str) -> String {
    format!("{subject} {key}")
}

impl Repo {
    fn open(config: &RepoConfig, guard: &Guard, deadlines: Deadlines) -> Result<Self, BadConfig> {
        let token = Credential::scheme("Bearer", &config.token)?;
        let link = Link::open(NAME, "The base URL of GitHub", &config.base, Some(token), guard, deadlines)?;
        let path = segment(&config.owner).zip(segment(&config.name));
        let (owner, name) = path.ok_or_else(|| BadConfig("A repository is written like owner/name.".into()))?;
        Ok(Self { link, path: format!("/repos/{owner}/{name}") })
    }

    fn at(&self, below: &str) -> Url {
        self.link.at(&format!("{}{below}", self.path))
    }

    async fn ask(&self, ask: Ask) -> Result<Answer, PortError> {
        let answer = self.link.ask(ask.header("x-github-api-version", VERSION)).await?;
        match limit(&answer) {
            Some(after_ms) => Err(answer.error_as(Fault::RateLimited { after_ms })),
            None => Ok(answer),
        }
    }

    /// A new issue.
    async fn create(&self, title: &str, mark: &str, text: &str, labels: &[String]) -> Result<Entry, PortError> {
        let title = cut::chars(&quiet(title), TITLE_MOST);
        let fields = json!({ "title": title, "body": marked(mark, text), "labels": labels });
        self.ask(Ask::create(self.at("/issues"), fields)).await?.json()
    }

    /// A new comment.
    async fn comment(&self, number: u64, mark: &str, text: &str) -> Result<Entry, PortError> {
        let url = self.at(&format!("/issues/{number}/comments"));
        self.ask(Ask::create(url, json!({ "body": marked(mark, text) }))).await?.json()
    }

    /// Opens or closes an issue.
    async fn set_open(&self, number: u64, open: bool) -> Result<Entry, PortError> {
        let fields = match open {
            true => json!({ "state": "open" }),
            false => json!({ "state": "closed", "state_reason": "completed" }),
        };
        self.ask(Ask::patch(self.at(&format!("/issues/{number}")), fields)).await?.json()
    }

    /// One issue, whatever the answer's status.
    async fn issue(&self, number: u64) -> Result<Answer, PortError> {
        self.ask(Ask::get(self.at(&format!("/issues/{number}")))).await
    }

    /// The repository itself; `None` where it is not seen with our token.
    async fn itself(&self) -> Result<Option<Seen>, PortError> {
        let answer = self.ask(Ask::get(self.at(""))).await?;
        if answer.status == 404 { Ok(None) } else { answer.json().map(Some) }
    }

    /// The newest issue with that label, open or closed, whose mark is wanted.
    async fn find(&self, label: Option<&str>, wanted: impl Fn(&str) -> bool) -> Result<Option<Entry>, PortError> {
        for page in 1..=PAGES_MOST {
            let ask = Ask::get(self.at("/issues")).query("state", "all").query("sort", "created");
            let ask = match label {
                Some(label) => ask.query("labels", label),
                None => ask,
            };
            let entries = self.page(ask.query("direction", "desc"), page).await?;
            let whole = entries.len() >= PAGE_ENTRIES;
            if let Some(found) = entries.into_iter().find(|entry| entry.mark().is_some_and(&wanted)) {
                return Ok(Some(found));
            }
            if !whole {
                break;
            }
        }
        Ok(None)
    }

    /// The newest comment of that issue whose mark is that. Comments are listed from the oldest on.
    async fn find_comment(&self, issue: &Entry, mark: &str) -> Result<Option<Entry>, PortError> {
        let url = self.at(&format!("/issues/{}/comments", issue.number));
        let last = issue.comments.div_ceil(PAGE_ENTRIES);
        for page in (1..=last).rev().take(PAGES_MOST) {
            let entries = self.page(Ask::get(url.clone()), page).await?;
            if let Some(found) = entries.into_iter().rev().find(|entry| entry.mark() == Some(mark)) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn page(&self, ask: Ask, page: usize) -> Result<Vec<Entry>, PortError> {
        self.ask(page_of(ask, page)).await?.json()
    }
}

fn page_of(ask: Ask, page: usize) -> Ask {
    ask.query("per_page", &PAGE_ENTRIES.to_string()).query("page", &page.to_string())
}

/// How long GitHub wants to be left alone; `None` where it says no such thing. Its limits come as 403 and as 429.
fn limit(answer: &Answer) -> Option<i64> {
    if !matches!(answer.status, 403 | 429) {
        return None;
    }
    let said = answer.waits.asked_ms().or_else(|| answer.waits.spent_ms());
    let secondary = || answer.error().text.to_ascii_lowercase().contains("secondary rate limit");
    said.or_else(|| (answer.status == 429 || secondary()).then_some(PAUSE_MS))
}

/// A text as GitHub shows it as it is written: no tags, nobody is mentioned, and no other issue is told that it was
/// (`#12`, `GH-12`, an issue's address).
fn quiet(text: &str) -> String {
    let text = text.replace("://github.com/", ELSEWHERE).replace("://www.github.com/", ELSEWHERE);
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let number = letters.peek().is_some_and(char::is_ascii_digit);
        match letter {
            '<' => out.push_str("&lt;"),
            // An address has a letter before it; a mention has not.
            '@' if !before.is_some_and(char::is_alphanumeric) => out.push_str("@\u{200b}"),
            '#' if number => out.push_str("#\u{200b}"),
            '-' if number && ends_so(&out, "gh") => out.push_str("-\u{200b}"),
            other => out.push(other),
        }
        before = Some(letter);
    }
    out
}

/// Whether a text ends with that word, written large or small.
fn ends_so(text: &str, word: &str) -> bool {
    text.rsplit(|c: char| !c.is_alphanumeric()).next().is_some_and(|last| last.eq_ignore_ascii_case(word))
}

fn marked(mark: &str, text: &str) -> String {
    format!("{MARK}{mark}{MARK_END}\n{}", cut::chars(&quiet(text.trim()), TEXT_MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_mentioned_and_no_tag_is_written() {
        assert_eq!(quiet("@here, ask (@ops)"), "@\u{200b}here, ask (@\u{200b}ops)");
        assert_eq!(quiet("jo@acme.example <b>"), "jo@acme.example &lt;b>");
    }

    #[test]
    fn no_other_issue_is_told_that_it_was_named() {
        assert_eq!(quiet("fixes #12, closes seqn/support#7"), "fixes #\u{200b}12, closes seqn/support#\u{200b}7");
        assert_eq!(quiet("Resolves GH-3 and gh-4, not high-5"), "Resolves GH-\u{200b}3 and gh-\u{200b}4, not high-5");
        let address = "https://github.com/seqn/support/issues/7";
        assert_eq!(quiet(address), "https://redirect.github.com/seqn/support/issues/7");
        assert_eq!(quiet("# 1 of 2, #a"), "# 1 of 2, #a");
    }

    #[test]
    fn a_mark_is_read_from_the_first_line_only() {
        let entry = |body: &str| -> Entry { serde_json::from_value(json!({ "body": body })).expect("an entry") };
        let ours = mark("rq-1", "rq-1:2:upptime");
        assert_eq!(entry(&marked(&ours, "All is well")).mark(), Some("rq-1 rq-1:2:upptime"));
        assert_eq!(entry(&format!("I quote\n{}", marked(&ours, "x"))).mark(), None);
        assert_eq!(entry("").mark(), None);
        assert_eq!(entry(&marked(&ours, &marked("rq-9 k", "forged"))).mark(), Some("rq-1 rq-1:2:upptime"));
    }
}
