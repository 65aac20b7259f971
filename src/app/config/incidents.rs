//! What is promised about incidents, in which words they are told, and what may not be said: `[incidents]`.
//!
//! Template files are read when the bot is put together, not here.

use std::path::PathBuf;

use crate::catalog::window_ms;
use crate::incidents::Cadence;

use super::section::Section;

/// `[incidents]`.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    /// What is promised.
    pub cadence: Cadence,
    /// The folder of the operator's own templates.
    pub templates: Option<PathBuf>,
    /// Whether an incident gets rooms of its own.
    pub rooms: bool,
    /// Customers' names that texts for the public may not hold.
    pub customers: Vec<String>,
    /// Organizations' slugs, which count as customers' names in public.
    pub orgs: Vec<String>,
    /// Internal hosts; with a leading dot all that end so.
    pub hosts: Vec<String>,
    /// Whether slugs and ids may be said in public.
    pub accounts_in_public: bool,
}

/// `[incidents]`.
pub(super) fn incidents(section: &Section<'_>) -> Incidents {
    let texts = |key: &str| section.texts(key).into_iter().map(str::to_owned).collect();
    let read = Incidents {
        cadence: cadence(&section.inner("cadence")),
        templates: section.text("templates").map(PathBuf::from),
        rooms: section.flag("rooms", true),
        customers: texts("customers"),
        orgs: texts("orgs"),
        hosts: texts("hosts"),
        accounts_in_public: section.flag("accounts_in_public", false),
    };
    section.end();
    read
}

/// `[incidents.cadence]`: spans such as `30m` or `4h`.
fn cadence(section: &Section<'_>) -> Cadence {
    let usual = Cadence::default();
    let span = |key: &str, usual: i64| match section.text(key) {
        None => usual,
        Some(text) => match window_ms(text) {
            Some(ms) if ms > 0 => ms,
            _ => {
                section.wrong(key, "It is no span of time.", "Write it like \"30m\", \"4h\" or \"1d\".");
                usual
            }
        },
    };
    let read = Cadence {
        sev1: span("sev1", usual.sev1),
        sev2: span("sev2", usual.sev2),
        sev3: span("sev3", usual.sev3),
        sev4: span("sev4", usual.sev4),
        nudge_before: span("nudge_before", usual.nudge_before),
        escalate_after: span("escalate_after", usual.escalate_after),
    };
    if read.nudge_before >= [read.sev1, read.sev2, read.sev3, read.sev4].into_iter().min().unwrap_or(i64::MAX) {
        section.wrong(
            "nudge_before",
            "It is as long as a whole promise.",
            "Write a span that is shorter than every severity's.",
        );
    }
    section.end();
    read
}
