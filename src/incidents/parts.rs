//! The parts that people fill in: what each holds, which are required, and what is proposed for them.
//!
//! Invariant: everything that is missing or wrong is said at once, and what was read is in its normal form: reading it
//! again gives the same.

use crate::catalog::reading::wrong;
use crate::catalog::{FieldError, Kind, OptionDef, kind, moment, window_ms};
use crate::model::{Incident, IncidentKind, MINUTE_MS, Millis, Parts};

use super::cadence::{self, Cadence};

#[cfg(test)]
mod tests;

/// The parts of an opening and of an update.
pub const STATUS: [&str; 5] = ["impact", "routes", "started", "next", "mitigation"];
/// The parts of a close.
pub const CLOSING: [&str; 4] = ["cause", "customer-impact", "prevention", "owner"];
/// Longest part, in characters: what a form's field takes and people still read.
pub const PART_CHARS_MAX: usize = 1_000;
/// Longest title, in characters: Opsgenie's message takes 130, and a drill's watermark goes before it.
pub const TITLE_CHARS_MAX: usize = 120;
/// Most routes of an incident; with more, it is `all`.
pub const ROUTES_MAX: usize = 20;
/// Most prevention items: each becomes a ticket.
pub const ITEMS_MAX: usize = 10;
/// How far ahead of our clock a start may lie: theirs may be wrong, the future is not.
const CLOCK_SKEW_MS: i64 = 5 * MINUTE_MS;
/// What the routes are where it is all of them.
const ALL_ROUTES: &str = "all";
/// What the routes are where it is none.
const NO_ROUTE: &str = "none";
/// Words before a path.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const ROUTE: OptionDef = crate::catalog::reading::option("routes", Kind::Route, true, "");

/// What an opening or an update says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What customers see.
    pub impact: String,
    /// Which routes; none where it is none of them.
    pub routes: Vec<String>,
    /// When it began.
    pub started: Millis,
    /// When the next update comes; `None` where it is over.
    pub next: Option<Millis>,
    /// What is done about it.
    pub mitigation: String,
}

/// What a close says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Why it happened.
    pub cause: String,
    /// What it meant for customers.
    pub customer_impact: String,
    /// What is done so that it does not come back, one by one.
    pub prevention: Vec<String>,
    /// Who sees to that.
    pub owner: String,
}

/// Reads the parts of an opening or an update that is said at `at`. `over`: nothing more is promised with it.
///
/// # Errors
/// One for each part that is missing, wrong or unknown.
pub fn status(parts: &Parts, at: Millis, over: bool) -> Result<Status, Vec<FieldError>> {
    let mut errors = unknown(parts, &STATUS);
    let mut text = |name: &str| read(parts, name, &mut errors);
    let (impact, mitigation) = (text("impact"), text("mitigation"));
    let (routes, started, next) = (text("routes"), text("started"), if over { None } else { text("next") });
    let mut keep = |name: &str, says: String| errors.push(wrong(name, says));
    let routes = routes.and_then(|text| routes_of(&text).map_err(|says| keep("routes", says)).ok());
    let started = started.and_then(|text| began(&text, at).map_err(|says| keep("started", says)).ok());
    let next = next.and_then(|text| cadence::next_update(&text, at).map_err(|says| keep("next", says)).ok());
    match (impact, routes, started, mitigation) {
        (Some(impact), Some(routes), Some(started), Some(mitigation)) if errors.is_empty() => {
            Ok(Status { impact, routes, started, next, mitigation })
        }
        _ => Err(errors),
    }
}

/// Reads the parts of a close.
///
/// # Errors
/// One for each part that is missing, wrong or unknown.
pub fn closing(parts: &Parts) -> Result<Closing, Vec<FieldError>> {
    let mut errors = unknown(parts, &CLOSING);
    let mut text = |name: &str| read(parts, name, &mut errors);
    let (cause, customer_impact) = (text("cause"), text("customer-impact"));
    let (prevention, owner) = (text("prevention"), text("owner"));
    let prevention = prevention.map(|text| items(&text));
    match prevention.as_ref().map(Vec::len) {
        Some(0) => errors.push(wrong("prevention", format!("It names nothing. {}", asked("prevention")))),
        Some(n) if n > ITEMS_MAX => {
            errors.push(wrong("prevention", format!("At most {ITEMS_MAX} items. Put some together.")));
        }
        _ => {}
    }
    match (cause, customer_impact, prevention, owner) {
        (Some(cause), Some(customer_impact), Some(prevention), Some(owner)) if errors.is_empty() => {
            Ok(Closing { cause, customer_impact, prevention, owner })
        }
        _ => Err(errors),
    }
}

/// A title in its normal form.
///
/// # Errors
/// What is wrong with it.
pub fn title(text: &str) -> Result<String, FieldError> {
    let title = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match title.chars().count() {
        0 => Err(wrong("title", "It is missing. Write in one line what is wrong, fit for the public.")),
        n if n > TITLE_CHARS_MAX => Err(wrong(
            "title",
            format!("It has {n} characters; {TITLE_CHARS_MAX} is the most. Say the rest in impact."),
        )),
        _ => Ok(title),
    }
}

impl Status {
    /// The parts, in their normal form.
    #[must_use]
    pub fn parts(&self) -> Parts {
        let routes = if self.routes.is_empty() { NO_ROUTE.to_owned() } else { self.routes.join(", ") };
        let mut parts = Parts::from([
            ("impact".to_owned(), self.impact.clone()),
            ("routes".to_owned(), routes),
            ("started".to_owned(), self.started.to_rfc3339()),
            ("mitigation".to_owned(), self.mitigation.clone()),
        ]);
        if let Some(next) = self.next {
            parts.insert("next".to_owned(), next.to_rfc3339());
        }
        parts
    }

    /// The routes for people.
    #[must_use]
    pub fn routes_in_words(&self) -> String {
        match self.routes.as_slice() {
            [] => "no route".to_owned(),
            [all] if all == ALL_ROUTES => "all routes".to_owned(),
            routes => routes.join(", "),
        }
    }
}

impl Closing {
    /// The parts, in their normal form.
    #[must_use]
    pub fn parts(&self) -> Parts {
        Parts::from([
            ("cause".to_owned(), self.cause.clone()),
            ("customer-impact".to_owned(), self.customer_impact.clone()),
            ("prevention".to_owned(), self.prevention.join("\n")),
            ("owner".to_owned(), self.owner.clone()),
        ])
    }
}

/// What is proposed for an update that is written now: what was said last, and the next update by the cadence. A form
/// begins with it, and an option that was not typed takes it; the preview shows it all the same.
#[must_use]
pub fn proposal(incident: &Incident, cadence: &Cadence, at: Millis) -> Parts {
    let last = |name: &str| (name.to_owned(), incident.part(name).to_owned());
    let mut parts = Parts::from([last("impact"), last("routes"), last("started"), last("mitigation")]);
    parts.retain(|_, value| !value.is_empty());
    parts.insert("next".to_owned(), at.plus_ms(cadence.every(incident.severity)).to_rfc3339());
    parts
}

/// What the routes of an incident are, as they were said last.
#[must_use]
pub fn routes(incident: &Incident) -> Vec<String> {
    routes_of(incident.part("routes")).unwrap_or_default()
}

/// What goes before everything that is said of a drill, and before what is said of a private incident among us.
#[must_use]
pub const fn watermark(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Real => "",
        IncidentKind::Private => "PRIVATE: ",
        IncidentKind::Drill => "DRILL: ",
    }
}

fn unknown(parts: &Parts, known: &[&str]) -> Vec<FieldError> {
    let strange = parts.keys().filter(|name| !known.contains(&name.as_str()));
    strange.map(|name| wrong(name, format!("There is no such part here. There are {}.", known.join(", ")))).collect()
}

fn read(parts: &Parts, name: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let text = parts.get(name).map(|text| text.trim()).unwrap_or_default();
    match text.chars().count() {
        0 => {
            errors.push(wrong(name, format!("It is missing. {}", asked(name))));
            None
        }
        n if n > PART_CHARS_MAX => {
            errors.push(wrong(name, format!("It has {n} characters; {PART_CHARS_MAX} is the most. Say less.")));
            None
        }
        _ => Some(text.to_owned()),
    }
}

/// What is asked for with a part.
#[must_use]
pub fn asked(name: &str) -> &'static str {
    match name {
        "impact" => "Say what customers see.",
        "routes" => "Name the routes, such as `/v1/me, POST /v1/sessions`, or `all`, or `none`.",
        "started" => "Say when it began: `2026-05-12 09:30` (UTC), `20m` (ago) or `now`.",
        "next" => "Say when the next update comes: `30m`, or `2026-05-12 10:00` (UTC).",
        "mitigation" => "Say what is done about it.",
        "cause" => "Say why it happened.",
        "customer-impact" => "Say what it meant for customers: who, what, how long.",
        "prevention" => "Say what is done so that it does not come back, one item on each line.",
        "owner" => "Say who sees to that.",
        _ => "Say something.",
    }
}

/// A time, `now`, or how long ago.
fn began(text: &str, at: Millis) -> Result<Millis, String> {
    let word = text.to_lowercase();
    let length = word.trim_end_matches("ago").trim_end();
    let started = match word.as_str() {
        "now" => Some(at),
        _ => window_ms(length).map(|ms| at.plus_ms(-ms)).or_else(|| moment(text)),
    };
    match started {
        None => Err(format!("This is no time. {}", asked("started"))),
        Some(started) if started.since(at) > CLOCK_SKEW_MS => {
            Err("It lies ahead; an incident has begun when it is opened. Times are UTC.".into())
        }
        Some(started) => Ok(started),
    }
}

/// Paths with or without a method, separated by commas, spaces or lines; or `all`, or `none`.
fn routes_of(text: &str) -> Result<Vec<String>, String> {
    let says = || format!("This is no list of routes. {}", asked("routes"));
    let mut routes: Vec<String> = Vec::new();
    let mut method: Option<&str> = None;
    for word in text.split([',', ' ', '\n', '\t']).filter(|word| !word.is_empty()) {
        let upper = METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(word));
        match (upper, method.take()) {
            (Some(upper), None) => method = Some(upper),
            (Some(_), Some(_)) => return Err(says()),
            (None, before) => {
                let whole = word.eq_ignore_ascii_case(ALL_ROUTES) || word.eq_ignore_ascii_case(NO_ROUTE);
                let path = match before {
                    None if whole => word.to_lowercase(),
                    _ => kind::check(&ROUTE, word).map_err(|_| says())?,
                };
                let route = before.map_or_else(|| path.clone(), |method| format!("{method} {path}"));
                if !routes.contains(&route) {
                    routes.push(route);
                }
            }
        }
    }
    let whole = |word: &str| routes.iter().any(|route| route == word);
    match routes.len() {
        _ if method.is_some() => Err(says()),
        0 => Err(says()),
        n if n > ROUTES_MAX => Err(format!("At most {ROUTES_MAX} routes. Write `all`, or the beginning they share.")),
        n if n > 1 && (whole(ALL_ROUTES) || whole(NO_ROUTE)) => Err(says()),
        _ if whole(NO_ROUTE) => Ok(Vec::new()),
        _ => Ok(routes),
    }
}

/// The items of a list: one on each line, or separated by semicolons.
fn items(text: &str) -> Vec<String> {
    let lines = text.split(['\n', ';']).map(|line| line.trim().trim_start_matches(['-', '*', '•']).trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
