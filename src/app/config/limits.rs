//! How much may be changed within an hour: `[limits]`.

use crate::app::catalog;
use crate::policy::{LIMIT_MOST, Limits, limited};

use super::section::Section;

/// `[limits]`; without it what is safe.
pub(super) fn limits(section: &Section<'_>) -> Limits {
    let mut limits = Limits::default();
    if !section.is_there() {
        return limits;
    }
    limits.person = number(section, "per_person").unwrap_or(limits.person);
    limits.org = number(section, "per_org").unwrap_or(limits.org);
    let actions = section.inner("actions");
    for definition in catalog::standard().definitions().filter(|definition| limited(definition)) {
        if let Some(most) = number(&actions, definition.name) {
            limits.actions.insert(definition.name.to_owned(), most);
        }
    }
    actions.end();
    section.end();
    limits
}

fn number(section: &Section<'_>, key: &str) -> Option<u32> {
    let written = section.number(key)?;
    let read = u32::try_from(written).ok().filter(|number| (1..=LIMIT_MOST).contains(number));
    if read.is_none() {
        let fix = format!("Write a number from 1 to {LIMIT_MOST}; it is per hour.");
        section.wrong(key, "So many changes cannot be a limit.", fix);
    }
    read
}
