//! The scheduled checks: how often each is made, and when it counts as failing and as well again
//! (`seqn-facts.md` section 3.7).
//!
//! It looks at nothing itself. Invariant: a check that failed once and goes well again was never said to fail, and what
//! was said to fail is said to be well again once.

use crate::model::{AlertLine, MINUTE_MS, Millis, Severity, Signal};
use crate::ports::{Finding, Light, Subject};

#[cfg(test)]
mod tests;

/// So often in a row it fails before it counts.
pub const FAILURES: u32 = 2;
/// So often in a row it goes well before that counts.
pub const SUCCESSES: u32 = 2;
const MINUTELY: i64 = MINUTE_MS;
const OFTEN: i64 = 5 * MINUTE_MS;
const DAILY: i64 = 24 * 60 * MINUTE_MS;
/// What is added to the fingerprint of a check that raised a security alarm: that is something else than failing.
const ALARM: &str = ":alarm";

/// How a scheduled check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// When it is made next.
    pub due: Millis,
    /// How often in a row it failed.
    pub failures: u32,
    /// How often in a row it went well.
    pub successes: u32,
    /// The first failure of that row.
    pub since: Option<Millis>,
    /// Whether it counts as failing, and was said to.
    pub down: bool,
}

impl Watched {
    /// A check that was never made.
    #[must_use]
    pub const fn new(due: Millis) -> Self {
        Self { due, failures: 0, successes: 0, since: None, down: false }
    }
}

/// What is proposed for the incident when a check fails.
struct Proposed {
    severity: Severity,
    title: &'static str,
    impact: &'static str,
    routes: &'static str,
}

/// How often it is made.
#[must_use]
pub const fn every_ms(subject: Subject) -> i64 {
    match subject {
        Subject::PublicHealth | Subject::IdentityLive | Subject::IdentityReady => MINUTELY,
        Subject::Tls => DAILY,
        _ => OFTEN,
    }
}

/// Which checks fail together: they are one outage. What must be kept apart is: a certificate that ends in ten days does
/// not hide that sign-in fails today.
#[must_use]
pub const fn group(subject: Subject) -> &'static str {
    match subject {
        Subject::ConsoleBoundary | Subject::AdminBoundary => "boundaries",
        Subject::Tls => "certificates",
        _ => "availability",
    }
}

/// What a look says for the count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    Well,
    Failing,
    /// Neither: a rate limit, or an answer that nobody expected.
    Unclear,
}

fn counts(finding: &Finding) -> Counts {
    match (finding.light, finding.subject) {
        (Light::Red | Light::Alarm, _) | (Light::Amber, Subject::Tls) => Counts::Failing,
        (Light::Amber, _) => Counts::Unclear,
        (Light::Green | Light::Skipped, _) => Counts::Well,
    }
}

/// How often in a row it has to fail. What answers strangers is told at once.
const fn failures(finding: &Finding) -> u32 {
    if matches!(finding.light, Light::Alarm) { 1 } else { FAILURES }
}

/// When it is made next. What is looked at once a day is looked at again soon where it failed.
fn next(subject: Subject, now: &Watched, at: Millis) -> Millis {
    let every = every_ms(subject);
    at.plus_ms(if now.failures > 0 || now.down { every.min(OFTEN) } else { every })
}

/// What a look at `at` makes of it, and what is to be said.
#[must_use]
pub fn after(before: Watched, finding: &Finding, at: Millis) -> (Watched, Vec<Signal>) {
    let mut now = before;
    let mut signals = Vec::new();
    match counts(finding) {
        Counts::Unclear => {}
        Counts::Failing => {
            now.failures = before.failures.saturating_add(1);
            now.successes = 0;
            let since = before.since.unwrap_or(at);
            now.since = Some(since);
            // An alarm is told beside what failed before; whoever keeps the lines knows whether it was told already.
            if now.failures >= failures(finding) && (!before.down || finding.light == Light::Alarm) {
                now.down = true;
                signals.push(Signal::Firing(line(finding, since, now.failures)));
            }
        }
        Counts::Well => {
            now.successes = before.successes.saturating_add(1);
            now.failures = 0;
            if !before.down {
                now.since = None;
            } else if now.successes >= SUCCESSES {
                signals = over(finding.subject, at);
                (now.down, now.since) = (false, None);
            }
        }
    }
    now.due = next(finding.subject, &now, at);
    (now, signals)
}

/// What is said of a check that is well again, or that is no longer made.
#[must_use]
pub fn over(subject: Subject, at: Millis) -> Vec<Signal> {
    let word = subject.word();
    let over = |fingerprint| Signal::Over { fingerprint, began: at, ended: at };
    vec![over(word.to_owned()), over(format!("{word}{ALARM}"))]
}

fn line(finding: &Finding, began: Millis, failures: u32) -> AlertLine {
    let alarm = finding.light == Light::Alarm;
    let Proposed { severity, title, impact, routes } = proposed(finding.subject, finding.light);
    let (title_of, word) = (finding.subject.title(), finding.subject.word());
    let says = match (alarm, failures) {
        (true, _) => format!("SECURITY ALARM: {title_of}. {}", finding.says),
        (false, 1) => format!("{title_of}. {}", finding.says),
        (false, times) => format!("{title_of}, {times} times in a row. {}", finding.says),
    };
    AlertLine {
        fingerprint: if alarm { format!("{word}{ALARM}") } else { word.to_owned() },
        began,
        severity,
        title: title.to_owned(),
        impact: impact.to_owned(),
        routes: routes.to_owned(),
        says,
        private: alarm,
        ended: None,
    }
}

/// The words are fit for the public, but for an alarm's, whose incident is private.
const fn proposed(subject: Subject, light: Light) -> Proposed {
    use Severity::{Sev1, Sev2, Sev3};
    let (severity, title, impact, routes) = match (subject, light) {
        (Subject::ConsoleBoundary, Light::Alarm) => {
            (Sev1, "The hosted console answers strangers", "Customers' data may be readable.", "/auth/console")
        }
        (Subject::AdminBoundary, Light::Alarm) => {
            (Sev1, "The audit log answers strangers", "Customers' data may be readable.", "/v1/audit-logs")
        }
        (_, Light::Alarm) => (Sev1, "An answer holds a secret", "A secret may be readable.", "all"),
        (Subject::PublicHealth, _) => (Sev1, "SEQN Auth does not answer", "Sign-in and the API may fail.", "all"),
        (Subject::LegacyConfig, _) => {
            (Sev2, "The public configuration cannot be loaded", "Some apps may not start.", "/v1/config")
        }
        (Subject::ClientConfig, _) => {
            (Sev2, "Apps cannot load their configuration", "Apps may not start sign-in.", "/v1/client/config")
        }
        (Subject::BackendKey, _) => {
            (Sev2, "Secret keys are not accepted", "Backends may be refused.", "/v1/backend/application")
        }
        (Subject::ConsoleBoundary, _) => {
            (Sev2, "The hosted console fails", "The console may not open.", "/auth/console")
        }
        (Subject::AdminBoundary, _) => (Sev2, "The admin API fails", "Admin calls may fail.", "/v1/audit-logs"),
        (Subject::OidcDiscovery | Subject::IdentityLive | Subject::IdentityReady, _) => {
            (Sev1, "Sign-in fails", "People may not be able to sign in.", "/auth/login, /auth/callback")
        }
        (Subject::Tls, Light::Amber) => (Sev3, "A certificate is about to end", "None yet.", "none"),
        (Subject::Tls, _) => {
            (Sev2, "A certificate cannot be verified", "Browsers and apps may refuse to connect.", "all")
        }
    };
    Proposed { severity, title, impact, routes }
}
