//! What becomes of what fails before a person has said so: `[alerts]`.
//!
//! Invariant: what would be proposed has a channel to be proposed in, and what reports from outside proves who it is.

use crate::guard::Secret;
use crate::model::Severity;

use super::section::Section;
use super::targets::{chosen, words};

/// `[alerts]`.
#[derive(Clone, Default)]
pub struct Alerts {
    /// Whether the scheduled checks are made.
    pub checks: bool,
    /// Alerts that are at least as bad are told to those who are paged as well.
    pub page: Option<Severity>,
    /// What an Alertmanager that reports here has to know; `None`: nothing is taken.
    pub alertmanager: Option<Secret>,
}

/// `[alerts]`. `home`: there is an incidents channel; `listens`: the bot listens for requests.
pub(super) fn alerts(section: &Section<'_>, home: bool, listens: bool) -> Alerts {
    // Nobody would see what is proposed where no incidents channel is named.
    let checks = section.flag("checks", home);
    let page = chosen(section, "page", Severity::named, &words(Severity::ALL, Severity::word));
    let source = section.inner("alertmanager");
    let on = source.flag("enabled", true) && source.is_there();
    let alertmanager = source.secret("token", true, on);
    let place = "Name the channel where incidents are proposed: [places] incidents = [\"slack:C0INCIDENTS\"].";
    if checks && !home {
        section.wrong("checks", "There is no incidents channel to propose incidents in.", place);
    }
    if on && !home {
        source.wrong("", "There is no incidents channel to propose incidents in.", place);
    }
    if on && !listens {
        source.wrong("", "The bot does not listen anywhere.", "Say where: [health] listen = \"127.0.0.1:9464\".");
    }
    source.end();
    section.end();
    Alerts { checks, page, alertmanager }
}
