//! What goes wrong with an outside system, by what we know afterwards; drives retries and sentences.

use std::fmt;

use crate::guard::Redacted;

/// The kind of failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 404: the thing is not there.
    NotFound,
    /// The route itself is not there, or it is switched off in the configuration.
    NoRoute,
    /// 401: our credential is not accepted.
    Unauthorized,
    /// 403: our credential has no right to this, or (Authentik) it is invalid.
    Forbidden,
    /// 429: ask again after that many milliseconds.
    RateLimited {
        /// From `Retry-After`, else our own default.
        after_ms: i64,
    },
    /// 402, 409, 422 and other 4xx: it was understood and refused; `code` is the far side's word.
    Refused {
        /// HTTP status.
        status: u16,
        /// The far side's error code; empty where there is none.
        code: String,
    },
    /// 5xx: it may or may not have been done.
    Failing {
        /// HTTP status.
        status: u16,
    },
    /// The request was not sent: connection refused, no name, deadline before sending.
    Unreachable,
    /// It was sent and no answer came: it may have been done.
    NoAnswer,
    /// The answer could not be read.
    Garbled,
}

/// A failed call to an outside system. `text` has been through the guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortError {
    /// Which system: `seqn`, `authentik`, `slack` …
    pub system: &'static str,
    /// The kind.
    pub fault: Fault,
    /// What the far side said, redacted and cut; may be empty.
    pub text: Redacted<String>,
    /// The far side's request id, where it gave one.
    pub request_id: Option<String>,
}

impl PortError {
    /// A failure with no words of the far side.
    #[must_use]
    pub fn new(system: &'static str, fault: Fault) -> Self {
        Self { system, fault, text: Redacted::from_static(""), request_id: None }
    }

    /// True when the effect may have happened although the call failed.
    #[must_use]
    pub const fn ambiguous(&self) -> bool {
        matches!(self.fault, Fault::Failing { .. } | Fault::NoAnswer | Fault::Garbled)
    }

    /// True when the same call may succeed later.
    #[must_use]
    pub const fn passing(&self) -> bool {
        matches!(
            self.fault,
            Fault::RateLimited { .. } | Fault::Failing { .. } | Fault::Unreachable | Fault::NoAnswer | Fault::Garbled
        )
    }

    /// The system as people call it.
    #[must_use]
    pub fn system_name(&self) -> &'static str {
        match self.system {
            "seqn" => "SEQN Auth",
            "authentik" => "Authentik",
            "slack" => "Slack",
            "discord" => "Discord",
            "pagerduty" => "PagerDuty",
            "opsgenie" => "Opsgenie",
            "status-page" => "The status page",
            "statuspage" => "Statuspage",
            "github" => "GitHub",
            "request-tracker" => "Request Tracker",
            "webhook" => "The webhook's receiver",
            "tracker" => "The tracker",
            other => other,
        }
    }
}

impl PortError {
    /// The sentence where nothing was to be done, but only looked at: nothing can have worked.
    #[must_use]
    pub fn of_look(&self) -> String {
        let name = self.system_name();
        let says = match self.fault {
            Fault::NoAnswer => format!("{name} gave no answer."),
            Fault::Unreachable => format!("{name} could not be reached."),
            _ => return self.to_string(),
        };
        let text = if self.text.is_empty() { String::new() } else { format!(" It said: {}", self.text.as_str()) };
        says + &text
    }
}

/// One true sentence for people.
impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.system_name();
        match &self.fault {
            Fault::NotFound => write!(f, "{name} does not know it (404)."),
            Fault::NoRoute => write!(f, "{name} does not offer this here: the route is missing or switched off."),
            Fault::Unauthorized => {
                write!(f, "{name} did not accept the bot's credential (401). An operator must renew it.")
            }
            Fault::Forbidden => {
                write!(f, "The bot's credential has no right to this in {name} (403), or it has expired.")
            }
            Fault::RateLimited { after_ms } => {
                write!(f, "{name} asks us to slow down (429). It may be asked again in {} s.", (after_ms + 999) / 1_000)
            }
            Fault::Refused { status, code } if code.is_empty() => write!(f, "{name} refused it ({status})."),
            Fault::Refused { status, code } => write!(f, "{name} refused it: {code} ({status})."),
            Fault::Failing { status } => write!(f, "{name} is failing ({status})."),
            Fault::Unreachable => write!(f, "{name} could not be reached. Nothing was sent."),
            Fault::NoAnswer => write!(f, "{name} did not answer in time. It may have worked."),
            Fault::Garbled => write!(f, "{name} gave an answer that could not be read."),
        }?;
        if !self.text.is_empty() {
            write!(f, " It said: {}", self.text.as_str())?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (its request id: {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PortError {}
