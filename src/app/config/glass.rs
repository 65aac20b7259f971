//! Who may run what waits for agreement without it: `[break_glass]`.
//!
//! Invariant: without the section nobody may, and whoever is named is somebody of the staff.

use crate::catalog::window_ms;
use crate::model::{MINUTE_MS, StaffId};
use crate::policy::{GLASS_MOST_MS, GlassRules, Rules};

use super::section::Section;

/// How many people may be named: few, so that it stays an exception.
const PEOPLE_MOST: usize = 5;

/// `[break_glass]`.
pub(super) fn glass(section: &Section<'_>, rules: &Rules) -> GlassRules {
    let mut glass = GlassRules::default();
    if !section.is_there() {
        return glass;
    }
    let named = section.texts("people");
    if named.is_empty() || named.len() > PEOPLE_MOST {
        section.wrong("people", format!("It names {} people.", named.len()), format!("Name 1 to {PEOPLE_MOST}."));
    }
    for (at, name) in named.iter().enumerate() {
        match name.parse::<StaffId>() {
            Ok(id) if rules.staff(&id).is_some() => drop(glass.people.insert(id)),
            _ => section.wrong(
                &format!("people[{}]", at + 1),
                format!("Nobody of the staff has the id {name}."),
                "Write the id of a [[staff]] section.",
            ),
        }
    }
    if let Some(text) = section.text("within") {
        match window_ms(text).filter(|ms| (MINUTE_MS..=GLASS_MOST_MS).contains(ms)) {
            Some(ms) => glass.within_ms = ms,
            None => section.wrong("within", "It is no such time.", "Write 1m to 60m."),
        }
    }
    section.end();
    glass
}
