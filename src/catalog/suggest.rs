//! The pure part of autocomplete: which candidates fit what is typed so far.
//!
//! Where candidates come from, and who may see them, is decided elsewhere. Invariant: at most 25, none
//! longer than Discord takes, none twice, none cut (a cut value would be another value).

use crate::model::Suggestion;

use super::{Catalog, Kind, OptionDef, Source};

/// The most proposals (Discord).
pub const SUGGESTIONS_MAX: usize = 25;
/// Longest proposal, in characters (Discord, label and value alike).
pub const SUGGESTION_CHARS: usize = 100;
/// The most candidates that are looked at: comparing each takes time, and an answer is due in seconds.
const CANDIDATES_MAX: usize = 1_000;
/// The least Jaro-Winkler likeness of a candidate that does not hold what is typed.
const LIKENESS_MIN: f64 = 0.8;

/// The candidates that the definitions alone give for an option: actions or choices. What was named in
/// earlier requests is the store's to say.
#[must_use]
pub fn candidates(catalog: &Catalog, option: &OptionDef) -> Vec<String> {
    match (option.source, option.kind) {
        (Source::Actions, _) => catalog.definitions().map(|d| d.name.to_owned()).collect(),
        (Source::Choices, Kind::Choice(choices)) => choices.iter().map(|(value, _)| (*value).to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// The candidates that fit: those that begin with it, those that hold it, those that are like it.
#[must_use]
pub fn suggestions(candidates: &[String], partial: &str) -> Vec<Suggestion> {
    let partial: String = partial.trim().to_lowercase().chars().take(SUGGESTION_CHARS).collect();
    let mut ranked: Vec<(usize, &String)> = Vec::new();
    for candidate in candidates.iter().take(CANDIDATES_MAX) {
        let fits = !candidate.is_empty() && candidate.chars().count() <= SUGGESTION_CHARS;
        if fits && !ranked.iter().any(|(_, seen)| *seen == candidate) {
            ranked.extend(rank(&candidate.to_lowercase(), &partial).map(|rank| (rank, candidate)));
        }
    }
    // Stable: within a rank the candidates keep their order, newest first or the catalog's.
    ranked.sort_by_key(|(rank, _)| *rank);
    let proposal = |(_, c): (usize, &String)| Suggestion { label: c.clone(), value: c.clone() };
    ranked.into_iter().take(SUGGESTIONS_MAX).map(proposal).collect()
}

fn rank(candidate: &str, partial: &str) -> Option<usize> {
    if candidate.starts_with(partial) {
        Some(0)
    } else if candidate.contains(partial) {
        Some(1)
    } else {
        (strsim::jaro_winkler(candidate, partial) >= LIKENESS_MIN).then_some(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::samples;

    fn values(candidates: &[&str], partial: &str) -> Vec<String> {
        let candidates: Vec<String> = candidates.iter().map(|c| (*c).to_owned()).collect();
        suggestions(&candidates, partial).into_iter().map(|s| s.value).collect()
    }

    #[test]
    fn prefix_then_inside_then_alike() {
        let orgs = ["big-acme", "acme", "globex", "acme-labs", "amce", "acme"];
        assert_eq!(values(&orgs, "ACM"), ["acme", "acme-labs", "big-acme", "amce"]);
        assert_eq!(values(&orgs, ""), ["big-acme", "acme", "globex", "acme-labs", "amce"]);
        assert!(values(&orgs, "zzz").is_empty());
    }

    #[test]
    fn actions_and_choices_are_known_from_the_definitions() {
        let catalog = samples::catalog();
        let of = |option: &OptionDef| candidates(&catalog, option);
        assert_eq!(of(&samples::CAN.options[0]), ["revoke-session", "whoami", "can", "help", "case-open"]);
        assert_eq!(of(&samples::CASE_OPEN.options[1]), ["sign-in", "billing"]);
        assert!(of(&samples::REVOKE.options[0]).is_empty());
    }

    #[test]
    fn keeps_the_limits() {
        let many: Vec<String> = (0..60).map(|i| format!("org-{i}")).collect();
        assert_eq!(suggestions(&many, "org").len(), SUGGESTIONS_MAX);
        let long = ["x".repeat(101), "x".repeat(100)];
        assert_eq!(suggestions(&long, "x").len(), 1);
        assert!(suggestions(&long, &"é".repeat(9_000)).is_empty());
    }
}
