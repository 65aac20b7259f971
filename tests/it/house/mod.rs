//! The rules of the house: who may know whom, what may be said, how long things may be.
//!
//! A rule is a function from a file to its offences, with made-up files that it must catch and must let pass:
//! a check that cannot fail is no check. Invariant: every rule holds for every file of the repository.

mod crates;
mod facts;
mod floors;
mod keys;
mod layout;
mod sizes;
mod source;
mod words;

use source::Source;

/// One rule.
struct Rule {
    /// What it says.
    name: &'static str,
    /// Where a file breaks it: line and words.
    offences: fn(&Source) -> Vec<(usize, String)>,
    /// Made-up files (path, text) that break it.
    caught: &'static [(&'static str, &'static str)],
    /// Made-up files that look like those and keep it.
    passed: &'static [(&'static str, &'static str)],
}

fn rules() -> impl Iterator<Item = &'static Rule> {
    [floors::RULES, crates::RULES, sizes::RULES, words::RULES].into_iter().flatten()
}

#[test]
fn every_file_keeps_every_rule() {
    let sources = source::all();
    assert!(sources.len() > 100, "only {} files were found", sources.len());
    let mut offences = Vec::new();
    for rule in rules() {
        for source in &sources {
            let found = (rule.offences)(source).into_iter();
            offences.extend(found.map(|(line, what)| format!("{}:{line}: {what} ({})", source.path, rule.name)));
        }
    }
    offences.dedup();
    assert!(offences.is_empty(), "{} offences:\n{}", offences.len(), offences.join("\n"));
}

#[test]
fn every_rule_catches_its_offenders_and_lets_their_lookalikes_pass() {
    for rule in rules() {
        assert!(!rule.caught.is_empty(), "{}: nothing shows that it can fail", rule.name);
        for (path, text) in rule.caught {
            let found = (rule.offences)(&Source::made_up(path, text));
            assert!(!found.is_empty(), "{}: blind to {text:?} in {path}", rule.name);
        }
        for (path, text) in rule.passed {
            let found = (rule.offences)(&Source::made_up(path, text));
            assert!(found.is_empty(), "{}: {found:?} in {text:?} in {path}", rule.name);
        }
    }
}

#[test]
fn what_is_compiled_for_tests_only_is_known() {
    let text = "#[cfg(test)]\nmod tests { use super::*; }\nmod running { fn f() { g().await } }";
    let source = Source::made_up("src/engine/mod.rs", text);
    assert_eq!(source.facts.test_modules, [["engine".to_owned(), "tests".to_owned()]]);
    assert!(source.facts.paths.iter().any(|spot| spot.test && spot.what == ["crate", "engine", "*"]));
    assert!(source.facts.waits.iter().all(|spot| !spot.test));
}
