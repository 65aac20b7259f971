//! The surfaces that are told of incidents, `[targets.<name>]`, and the support tracker, `[tracker]`.
//!
//! Invariants: what everybody can read is for the public and for nobody else; and a tracker whose notes customers could
//! see is refused.

use std::path::{Path, PathBuf};

use url::Url;

use crate::clients::targets::{
    IssuesConfig, NtfyConfig, OpsgenieConfig, PagerDutyConfig, RepoConfig, RequestTrackerConfig, StatusPageConfig,
    StatuspageConfig, TargetConfig, TicketsConfig, TrackerConfig, WebhookConfig, WebhookSecret,
};
use crate::model::{Audience, Severity};
use crate::ports::WhenDown;

use super::section::Section;

const PAGERDUTY: &str = "https://events.pagerduty.com";
const OPSGENIE: &str = "https://api.opsgenie.com";
const NTFY: &str = "https://ntfy.sh";
const STATUSPAGE: &str = "https://api.statuspage.io";
const GITHUB: &str = "https://api.github.com";
/// The label by which incidents are found again, where the configuration names none.
const LABEL: &str = "incident";
/// The statuses of Request Tracker's own lifecycle that an incident's ticket gets: at its end, and when it is reopened.
const RT_STATUSES: (&str, &str) = ("resolved", "open");
/// Longest name of a surface: it is part of every notice's key.
const NAME_MOST: usize = 32;
/// Names that mean something else: rooms in chat, the tracker, and the file of the audit trail's heads.
const RESERVED: [&str; 8] =
    ["tracker", "slack", "discord", "console", "slack-room", "discord-room", "console-room", "audit-file"];
/// Kinds of surfaces, with whether everybody can read them.
const KINDS: [(&str, bool); 7] = [
    ("pagerduty", false),
    ("opsgenie", false),
    ("ntfy", false),
    ("status-page", true),
    ("statuspage", true),
    ("github-issues", true),
    ("webhook", false),
];

/// A surface as it is configured.
#[derive(Clone)]
pub struct Surface {
    /// Its name: the target of its notices.
    pub name: String,
    /// Its kind, by the name that the configuration has for it.
    pub kind: &'static str,
    /// For whom its texts are, where the configuration says it.
    pub audience: Option<Audience>,
    /// It is told of incidents that are at least as bad, where the configuration says it.
    pub at_least: Option<Severity>,
    /// Whether it pages people, where the configuration says it.
    pub pages: Option<bool>,
    /// How it is reached.
    pub target: TargetConfig,
}

/// The support tracker as it is configured.
#[derive(Clone)]
pub struct Tracker {
    /// How it is reached.
    pub tracker: TrackerConfig,
    /// It is told of incidents that are at least as bad, where the configuration says it.
    pub at_least: Option<Severity>,
    /// What happens to an action while it cannot be asked.
    pub when_down: WhenDown,
}

/// `[targets.<name>]`.
pub(super) fn surfaces(root: &Section<'_>) -> Vec<Surface> {
    root.named("targets").into_iter().filter_map(|(name, section)| surface(name, &section)).collect()
}

fn surface(name: &str, section: &Section<'_>) -> Option<Surface> {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !plain || name.is_empty() || name.len() > NAME_MOST {
        section.wrong("", "A surface's name has small letters, digits and dashes, at most 32.", "Rename the section.");
    } else if RESERVED.contains(&name) {
        section.wrong(
            "",
            "This name means something else: a room in chat, the tracker, or the file of heads.",
            "Rename the section.",
        );
    }
    let on = section.flag("enabled", true);
    let names = KINDS.map(|(kind, _)| kind).join(", ");
    let written = section.needed("kind", &format!("Write one of {names}."));
    let audience = chosen(section, "audience", Audience::named, &words(Audience::ALL, Audience::word));
    let at_least = chosen(section, "at_least", Severity::named, &words(Severity::ALL, Severity::word));
    let pages = section.has("pages").then(|| section.flag("pages", false));
    let found = KINDS.iter().find(|(kind, _)| Some(*kind) == written);
    if let (Some(_), None) = (written, found) {
        section.wrong("kind", "There is no such kind of surface.", format!("Write one of {names}."));
    }
    let (kind, public) = *found?;
    if public && audience.is_some_and(|audience| audience != Audience::Public) {
        section.wrong("audience", "Everybody can read it, so that it is for the public.", "Remove the line.");
    }
    let target = match kind {
        "pagerduty" => pagerduty(section, on).map(TargetConfig::PagerDuty),
        "opsgenie" => opsgenie(section, on).map(TargetConfig::Opsgenie),
        "ntfy" => ntfy(section, on).map(TargetConfig::Ntfy),
        "status-page" => status_page(section).map(TargetConfig::StatusPage),
        "statuspage" => statuspage(section, on).map(TargetConfig::Statuspage),
        "github-issues" => issues(section, on).map(TargetConfig::Issues),
        _ => webhook(section, on, audience.unwrap_or(Audience::Internal)).map(TargetConfig::Webhook),
    };
    section.end();
    Some(Surface { name: name.to_owned(), kind, audience, at_least, pages, target: target? }).filter(|_| on)
}

pub(super) fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> String {
    all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", ")
}

/// A word of a closed list.
pub(super) fn chosen<T>(section: &Section<'_>, key: &str, named: impl Fn(&str) -> Option<T>, known: &str) -> Option<T> {
    let text = section.text(key)?;
    let found = named(text);
    if found.is_none() {
        section.wrong(key, "There is no such word here.", format!("Write one of {known}."));
    }
    found
}

fn pagerduty(section: &Section<'_>, on: bool) -> Option<PagerDutyConfig> {
    let base = section.base("base", Some(PAGERDUTY));
    let link = address(section, "link");
    let routing_key = section.secret("routing_key", true, on);
    Some(PagerDutyConfig { base: base?, routing_key: routing_key?, link })
}

fn opsgenie(section: &Section<'_>, on: bool) -> Option<OpsgenieConfig> {
    let base = section.base("base", Some(OPSGENIE));
    let key = section.secret("key", true, on);
    Some(OpsgenieConfig { base: base?, key: key? })
}

fn ntfy(section: &Section<'_>, on: bool) -> Option<NtfyConfig> {
    let base = section.base("base", Some(NTFY));
    let topic = section.needed("topic", "Write the topic, such as \"seqn-incidents\".");
    let plain =
        |topic: &&str| topic.len() <= 64 && topic.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if topic.is_some_and(|topic| !plain(&topic)) {
        section.wrong("topic", "A topic has letters, digits, - and _ only, at most 64.", "Correct it.");
    }
    let click = address(section, "click");
    // Without a token everybody who knows the topic's name reads and writes it.
    let token = section.secret("token", true, on);
    Some(NtfyConfig { base: base?, topic: topic?.to_owned(), token: token?, click })
}

fn status_page(section: &Section<'_>) -> Option<StatusPageConfig> {
    let folder = section.needed("folder", "Write a folder that the bot may write, such as \"/srv/status\".");
    if folder.is_some_and(|folder| !Path::new(folder).is_absolute()) {
        section.wrong("folder", "It must start with a slash.", "Write the whole path.");
    }
    let url = section.base("url", None);
    let title = section.needed("title", "Write what the page is about, such as \"SEQN Auth\".");
    Some(StatusPageConfig { folder: PathBuf::from(folder?), url: url?, title: title?.to_owned() })
}

fn statuspage(section: &Section<'_>, on: bool) -> Option<StatuspageConfig> {
    let base = section.base("base", Some(STATUSPAGE));
    let page = section.needed("page", "Write the page's id, which stands on the page \"API info\".");
    let key = section.secret("key", true, on);
    let notify = section.flag("notify", false);
    Some(StatuspageConfig { base: base?, page: page?.to_owned(), key: key?, notify })
}

fn issues(section: &Section<'_>, on: bool) -> Option<IssuesConfig> {
    let repo = repo(section, on);
    let mut labels: Vec<String> = section.texts("labels").into_iter().map(str::to_owned).collect();
    if labels.is_empty() {
        labels.push(LABEL.to_owned());
    }
    Some(IssuesConfig { repo: repo?, labels })
}

fn repo(section: &Section<'_>, on: bool) -> Option<RepoConfig> {
    let base = section.base("base", Some(GITHUB));
    let fix = "Write it like \"seqn/status\".";
    let parts = section.needed("repo", fix).map(|text| text.split_once('/').unwrap_or((text, "")));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let parts = parts.filter(|(owner, name)| {
        let good = plain(owner) && plain(name);
        if !good {
            section.wrong("repo", "It is no repository.", fix);
        }
        good
    });
    let token = section.secret("token", true, on);
    let (owner, name) = parts?;
    Some(RepoConfig { base: base?, owner: owner.to_owned(), name: name.to_owned(), token: token? })
}

fn webhook(section: &Section<'_>, on: bool, audience: Audience) -> Option<WebhookConfig> {
    let url = section.base("url", None);
    let keeps_ids = section.flag("keeps_ids", false);
    let secret = section.secret("secret", true, on).and_then(|secret| match WebhookSecret::read(&secret) {
        Ok(secret) => Some(secret),
        Err(bad) => {
            section.wrong("secret", bad.to_string(), "Make one: whsec_ and the output of `openssl rand -base64 32`.");
            None
        }
    });
    Some(WebhookConfig { url: url?, secret: secret?, keeps_ids, audience })
}

/// An address that is shown to people, where it is written.
fn address(section: &Section<'_>, key: &str) -> Option<Url> {
    let text = section.text(key)?;
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.host().is_some());
    if url.is_none() {
        section.wrong(key, "It is no address.", "Write it like \"https://status.seqn.in\".");
    }
    url
}

/// `[tracker]`.
pub(super) fn tracker(section: &Section<'_>) -> Option<Tracker> {
    let on = section.flag("enabled", true) && section.is_there();
    let kinds = "Write \"github\", \"request-tracker\" or \"webhook\".";
    let kind = if section.is_there() { section.needed("kind", kinds) } else { None };
    let at_least = chosen(section, "at_least", Severity::named, &words(Severity::ALL, Severity::word));
    let when_down = |word: &str| match word {
        "go-on" => Some(WhenDown::GoOn),
        "stop" => Some(WhenDown::Stop),
        _ => None,
    };
    let when_down = chosen(section, "when_down", when_down, "go-on, stop").unwrap_or_default();
    let tracker = match kind {
        Some("github") => tickets(section, on).map(TrackerConfig::Github),
        Some("request-tracker") => request_tracker(section, on).map(TrackerConfig::RequestTracker),
        Some("webhook") => webhook(section, on, Audience::Support).map(TrackerConfig::Webhook),
        Some(_) => {
            section.wrong("kind", "There is no such kind of tracker.", kinds);
            return None;
        }
        None => None,
    };
    section.end();
    tracker.filter(|_| on).map(|tracker| Tracker { tracker, at_least, when_down })
}

fn tickets(section: &Section<'_>, on: bool) -> Option<TicketsConfig> {
    let repo = repo(section, on);
    let prefix = section.text("prefix").unwrap_or_default().to_owned();
    let labels = section.texts("labels").into_iter().map(str::to_owned).collect();
    if !section.flag("internal", false) {
        section.wrong(
            "internal",
            "On GitHub a comment is seen by everybody who sees the repository, and notes are internal.",
            "Use a private repository of your staff, and write internal = true to say that it is one.",
        );
    }
    Some(TicketsConfig { repo: repo?, prefix, labels })
}

fn request_tracker(section: &Section<'_>, on: bool) -> Option<RequestTrackerConfig> {
    let base = section.base("base", None);
    let queue = section.needed("queue", "Write the queue of new tickets, such as \"Support\".");
    let prefix = section.text("prefix").unwrap_or_default().to_owned();
    let closed_status = section.text("closed_status").unwrap_or(RT_STATUSES.0).to_owned();
    let open_status = section.text("open_status").unwrap_or(RT_STATUSES.1).to_owned();
    let token = section.secret("token", true, on);
    Some(RequestTrackerConfig {
        base: base?,
        token: token?,
        queue: queue?.to_owned(),
        prefix,
        closed_status,
        open_status,
    })
}
