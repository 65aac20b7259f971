//! Alerts: what is wrong as a source outside chat says it, before a person has made an incident of it.
//!
//! Invariant: what belongs together is one alert with a line for each thing that is wrong, and a line is the same one by
//! its fingerprint and when it began, however often it is reported.

use serde::{Deserialize, Serialize};

use super::ids::RequestId;
use super::incident::Severity;
use super::time::Millis;

words!(
    /// Who says that something is wrong.
    AlertSource {
        /// The bot's own scheduled checks.
        Checks = "checks",
        /// An Alertmanager that reports to the bot.
        Alertmanager = "alertmanager",
    }
);

impl AlertSource {
    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Checks => "the scheduled checks",
            Self::Alertmanager => "Alertmanager",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLine {
    /// Which thing it is, the same at each report.
    pub fingerprint: String,
    /// When it began.
    pub began: Millis,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// What customers may see of it; empty where nobody can say.
    pub impact: String,
    /// The routes that are affected; empty where nobody can say.
    pub routes: String,
    /// What was seen: the evidence.
    pub says: String,
    /// Whether it must not be told in public.
    pub private: bool,
    /// When it was no longer so.
    pub ended: Option<Millis>,
}

/// What a source says of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// It is wrong.
    Firing(AlertLine),
    /// It is no longer wrong.
    Over {
        /// Which thing.
        fingerprint: String,
        /// When that had begun; an earlier end says nothing of what began later.
        began: Millis,
        /// When it ended.
        ended: Millis,
    },
}

/// What a source reports at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertReport {
    /// Who.
    pub source: AlertSource,
    /// Which alerts of that source belong together: what is wrong at once in one group is one alert.
    pub group: String,
    /// What it says of each thing.
    pub signals: Vec<Signal>,
}

/// One outage as one source sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: RequestId,
    /// Who says so.
    pub source: AlertSource,
    /// The worst that was told of it.
    pub severity: Severity,
    /// When the bot heard of it.
    pub raised: Millis,
    /// The surfaces that were paged.
    pub paged: Vec<String>,
    /// The incident that was opened from it.
    pub incident: Option<RequestId>,
    /// When nothing of it was wrong any more.
    pub ended: Option<Millis>,
    /// What is wrong and what was, in the order in which it began.
    pub lines: Vec<AlertLine>,
}

impl Alert {
    /// What is still wrong; where nothing is, what was.
    #[must_use]
    pub fn standing(&self) -> Vec<&AlertLine> {
        let open: Vec<&AlertLine> = self.lines.iter().filter(|line| line.ended.is_none()).collect();
        if open.is_empty() { self.lines.iter().collect() } else { open }
    }

    /// The line that says most: the worst one, of those the first.
    #[must_use]
    pub fn worst(&self) -> Option<&AlertLine> {
        self.standing().into_iter().min_by_key(|line| line.severity)
    }

    /// Since when something of it has been wrong.
    #[must_use]
    pub fn since(&self) -> Millis {
        self.lines.iter().map(|line| line.began).min().unwrap_or(self.raised)
    }
}
