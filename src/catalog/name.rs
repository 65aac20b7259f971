//! How an action is called where it is typed: `revoke-session`, and `case open` for the action `case-open`.
//!
//! An action's name is unique in the whole catalog. In a family other than `seqn` it begins with the family's
//! name and a dash, and people write the two words. Invariant: `find` reads what `spoken` writes.

use super::{Catalog, Definition, Family};

/// The word that follows the command of the action's family: `open` for `case-open`, else the name.
#[must_use]
pub fn word(definition: &Definition) -> &'static str {
    match definition.family {
        Family::Seqn => definition.name,
        family => {
            let rest = definition.name.strip_prefix(family.name()).and_then(|rest| rest.strip_prefix('-'));
            rest.unwrap_or(definition.name)
        }
    }
}

/// The action as it is typed after `/seqn`: `revoke-session`, `case open`.
#[must_use]
pub fn spoken(definition: &Definition) -> String {
    match definition.family {
        Family::Seqn => definition.name.to_owned(),
        family => format!("{} {}", family.name(), word(definition)),
    }
}

/// What the family is about, for command lists.
#[must_use]
pub const fn about(family: Family) -> &'static str {
    match family {
        Family::Seqn => "Runbook actions of SEQN Auth support",
        Family::Rotate => "Rotation of keys and credentials: order, agreement, proof; never the value",
        Family::Case => "Cases: one customer's problem, its ticket and all that was done for it",
        Family::Incident => "Incidents: open, update and close, everywhere at once",
        Family::Audit => "The audit trail: look things up and prove them",
        Family::Staff => "The staff: whose account is whose, who holds what, what is left when somebody goes",
    }
}

/// A word as names are written: lower case, dashes, without a slash in front.
#[must_use]
pub(super) fn canonical(word: &str) -> String {
    word.trim_start_matches('/').chars().flat_map(char::to_lowercase).map(|c| if c == '_' { '-' } else { c }).collect()
}

/// The family of that name, if any action is in it.
#[must_use]
pub(super) fn family(catalog: &Catalog, word: &str) -> Option<Family> {
    let name = canonical(word);
    let family = Family::ALL.into_iter().find(|f| f.name() == name)?;
    catalog.definitions().any(|d| d.family == family).then_some(family)
}

/// The definition that the first words name, and how many words that took: `["case", "open", …]` takes two.
#[must_use]
pub fn find(catalog: &Catalog, words: &[&str]) -> Option<(&'static Definition, usize)> {
    let first = canonical(words.first()?);
    if let (Some(family), Some(second)) = (family(catalog, &first), words.get(1)) {
        let second = canonical(second);
        if let Some(found) = catalog.definitions().find(|d| d.family == family && word(d) == second) {
            return Some((found, 2));
        }
    }
    catalog.find(&first).map(|action| (action.definition(), 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples::{CASE_OPEN, REVOKE, catalog};

    #[test]
    fn what_is_spoken_is_found() {
        let catalog = catalog();
        for definition in catalog.definitions() {
            let spoken = spoken(definition);
            let words: Vec<&str> = spoken.split(' ').collect();
            let found = find(&catalog, &words).map(|(found, taken)| (found.name, taken));
            assert_eq!(found, Some((definition.name, words.len())));
            assert_eq!(find(&catalog, &[definition.name]).map(|(_, taken)| taken), Some(1));
        }
        assert_eq!((word(&CASE_OPEN), word(&REVOKE)), ("open", "revoke-session"));
        assert!(find(&catalog, &[]).is_none());
        assert!(find(&catalog, &["case"]).is_none());
        assert!(family(&catalog, "incident").is_none(), "no action is in it");
    }
}
