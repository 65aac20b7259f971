//! What a button carries: a verb, the request, and the revision of what its presser saw. Nothing else,
//! since everything in it is a guess in an attacker's hands.

use std::fmt;
use std::str::FromStr;

use super::ids::{BadId, RequestId};
use serde::{Deserialize, Serialize};

/// What a control asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The requester confirms the preview (tier 1), or asks for agreement (tiers 2 and 3).
    Confirm,
    /// The requester withdraws.
    Cancel,
    /// The requester picks from the preview's menu.
    Choose,
    /// Shows the full plan to somebody who may agree.
    Review,
    /// Agrees to the plan that was reviewed.
    Approve,
    /// Says no.
    Deny,
    /// The step by hand has been done.
    Done,
    /// Opens the form that could not be opened at once.
    OpenForm,
    /// Shows a private answer that could not be delivered privately.
    Show,
    /// Asks for a next step that an answer offers; the revision is its place in the list.
    Next,
    /// Shows what an answer keeps for whoever asks.
    Details,
    /// Somebody begins to replace a leaked secret; the request is the case.
    Rotate,
    /// The leaked secret was replaced: look whether that shows.
    Verify,
    /// The leaked secret was replaced where nobody can look: a person says so, with a reason.
    Replaced,
    /// What was found is no secret; the request is the exposure.
    Harmless,
    /// Opens the form of an update; the request is the incident. So it is with the next three.
    IncidentUpdate,
    /// Opens the form of the close.
    IncidentClose,
    /// The presser becomes the commander.
    IncidentTake,
    /// What was given up is told again.
    IncidentRetry,
    /// Opens the form of an incident that is proposed; the request is the alert.
    IncidentOpen,
}

impl Verb {
    const ALL: [(Self, &'static str); 20] = [
        (Self::Confirm, "confirm"),
        (Self::Cancel, "cancel"),
        (Self::Choose, "choose"),
        (Self::Review, "review"),
        (Self::Approve, "approve"),
        (Self::Deny, "deny"),
        (Self::Done, "done"),
        (Self::OpenForm, "form"),
        (Self::Show, "show"),
        (Self::Next, "next"),
        (Self::Details, "details"),
        (Self::Rotate, "rotate"),
        (Self::Verify, "verify"),
        (Self::Replaced, "replaced"),
        (Self::Harmless, "harmless"),
        (Self::IncidentUpdate, "inc-update"),
        (Self::IncidentClose, "inc-close"),
        (Self::IncidentTake, "inc-take"),
        (Self::IncidentRetry, "inc-retry"),
        (Self::IncidentOpen, "inc-open"),
    ];

    /// The word that is on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(verb, _)| *verb == self).map_or("", |(_, word)| word)
    }
}

/// One control's meaning. Its text form is `verb:request:revision`, at most 100 characters (Discord's custom_id).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Press {
    /// What is asked.
    pub verb: Verb,
    /// Of which request.
    pub request: RequestId,
    /// The revision of the preview that the control stood under; of a next step, its place in the answer's list; of `Done`
    /// the number of the step, so that pressing twice never ends the next step too.
    pub revision: u32,
}

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.verb.word(), self.request, self.revision)
    }
}

impl FromStr for Press {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let wrong = || BadId("This control is not one of ours.".into());
        let mut parts = text.splitn(3, ':');
        let (verb, request, revision) =
            (parts.next().ok_or_else(wrong)?, parts.next().ok_or_else(wrong)?, parts.next().ok_or_else(wrong)?);
        let verb = Verb::ALL.iter().find(|(_, word)| *word == verb).map(|(v, _)| *v).ok_or_else(wrong)?;
        Ok(Self { verb, request: request.parse()?, revision: revision.parse().map_err(|_| wrong())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_there_and_back() {
        for (verb, _) in Verb::ALL {
            let press = Press { verb, request: "rq-7k3qf2xh".parse().expect("an id"), revision: 3 };
            assert_eq!(press.to_string().parse::<Press>(), Ok(press));
        }
        for forged in ["", "approve", "approve:x", "approve:x:y", "eat:x:1", "approve::1", "approve:x:-1"] {
            assert!(forged.parse::<Press>().is_err(), "{forged}");
        }
    }
}
