//! Names and calls that the house does not want.
//!
//! Invariant: running code does not know that it is tested, waits for nothing without a bound, and does not
//! fall over.

use super::Rule;
use super::source::Source;

/// Words that say nothing about what is in a module, alone or at the end of a name.
const EMPTY_WORDS: &[&str] = &["util", "utils", "helper", "helpers", "manager", "common", "types", "misc"];
/// Beginnings of function names that say nothing.
const EMPTY_BEGINNINGS: &[&str] = &["handle_", "process_"];
/// Function names that say nothing.
const EMPTY_NAMES: &[&str] = &["data", "info"];
/// Macros that leave something undone, or talk to a developer.
const UNDONE: &[&str] = &["todo", "unimplemented", "dbg"];
/// Channels without a bound.
const UNBOUNDED: &[&str] = &["unbounded_channel", "unbounded", "UnboundedSender", "UnboundedReceiver"];

/// The rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "modules have the field's own words",
        offences: empty_modules,
        caught: &[
            ("src/engine/util.rs", "//! x"),
            ("src/helpers/mod.rs", "//! x"),
            ("src/engine/session_manager.rs", "//! x"),
            ("src/engine/mod.rs", "mod common { }"),
        ],
        passed: &[("src/engine/commonwealth.rs", "//! x"), ("src/engine/mod.rs", "mod typing;")],
    },
    Rule {
        name: "functions have the field's own words",
        offences: empty_functions,
        caught: &[
            ("src/engine/say.rs", "fn handle_press() {}"),
            ("src/engine/say.rs", "impl A { fn process_all(&self) {} }"),
            ("src/engine/say.rs", "trait A { fn data(&self) {} }"),
        ],
        passed: &[("src/engine/say.rs", "fn handles() {} fn data_of() {}")],
    },
    Rule {
        name: "nothing is unwrapped outside tests",
        offences: unwraps,
        caught: &[
            ("src/engine/say.rs", "fn f() { g().unwrap(); }"),
            ("src/engine/say.rs", "fn f() { let _ = format!(\"{}\", g().unwrap()); }"),
            ("src/engine/say.rs", "fn f() { g().map(Option::unwrap); }"),
        ],
        passed: &[
            ("src/engine/say.rs", "#[cfg(test)] mod tests { fn f() { g().unwrap(); } }"),
            ("src/engine/say.rs", "fn f() { g().unwrap_or_default(); g().expect(\"why\"); }"),
        ],
    },
    Rule {
        name: "nothing is left undone, and no test is left out",
        offences: undone,
        caught: &[
            ("src/engine/say.rs", "fn f() { todo!() }"),
            ("src/engine/say.rs", "fn f() { let _ = vec![unimplemented!()]; }"),
            ("src/engine/say.rs", "fn f() { std::dbg!(1); }"),
            ("tests/it/x.rs", "#[test] #[ignore] fn f() {}"),
            ("tests/it/x.rs", "#[test] #[ignore = \"slow\"] fn f() {}"),
        ],
        passed: &[("src/engine/say.rs", "/// todo!\nfn todo() {}")],
    },
    Rule {
        name: "running code does not know that it is tested",
        offences: test_switches,
        caught: &[
            ("src/engine/say.rs", "#[cfg(test)] fn f() {}"),
            ("src/engine/say.rs", "#[cfg(not(test))] use std::fmt;"),
            ("src/engine/say.rs", "fn f() { if cfg!(test) {} }"),
            ("src/engine/say.rs", "#[cfg_attr(test, derive(Debug))] struct A;"),
            ("src/engine/say.rs", "#[cfg(any(test, unix))] mod tests {}"),
        ],
        passed: &[("src/engine/say.rs", "#[cfg(test)] mod tests { }"), ("src/engine/say.rs", "#[cfg(unix)] fn f() {}")],
    },
    Rule {
        name: "every channel has a bound",
        offences: unbounded,
        caught: &[
            ("src/engine/say.rs", "fn f() { tokio::sync::mpsc::unbounded_channel(); }"),
            ("src/engine/say.rs", "use futures_util::mpsc::{unbounded};"),
            ("src/engine/say.rs", "use std::sync::mpsc::channel;"),
            ("src/engine/say.rs", "use std::sync::mpsc;"),
        ],
        passed: &[
            ("src/engine/say.rs", "fn f() { tokio::sync::mpsc::channel(4); }"),
            ("src/engine/say.rs", "use std::sync::mpsc::sync_channel;"),
        ],
    },
    Rule {
        name: "a test does not sleep",
        offences: sleeps,
        caught: &[
            ("tests/it/x.rs", "async fn f() { tokio::time::sleep(D).await; }"),
            ("src/engine/say.rs", "#[cfg(test)] mod tests { use std::thread::sleep; }"),
            ("src/engine/say.rs", "#[cfg(test)] mod tests { fn f() { thread::sleep(D) } }"),
        ],
        passed: &[
            ("tests/it/x.rs", "async fn f() { tokio::time::timeout(D, f()).await; }"),
            ("tests/bench/x.rs", "async fn f() { tokio::time::sleep(BEAT).await; }"),
            ("src/engine/say.rs", "async fn f() { tokio::time::sleep(D).await; }"),
        ],
    },
];

fn is_empty_word(name: &str) -> bool {
    name.rsplit('_').next().is_some_and(|last| EMPTY_WORDS.contains(&last))
}

fn empty_modules(source: &Source) -> Vec<(usize, String)> {
    let own = source.module.iter().filter(|name| is_empty_word(name)).map(|name| (1, format!("module `{name}`")));
    let inner = source.facts.modules.iter().filter(|spot| is_empty_word(&spot.what));
    own.chain(inner.map(|spot| (spot.line, format!("module `{}`", spot.what)))).collect()
}

fn empty_functions(source: &Source) -> Vec<(usize, String)> {
    let empty = source.facts.functions.iter().filter(|spot| {
        let name = spot.what.name.as_str();
        EMPTY_NAMES.contains(&name) || EMPTY_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    });
    empty.map(|spot| (spot.line, format!("function `{}`", spot.what.name))).collect()
}

fn unwraps(source: &Source) -> Vec<(usize, String)> {
    let calls = source.facts.bare_calls.iter().filter(|spot| !spot.test && spot.what == "unwrap");
    let named = source.facts.paths.iter().filter(|spot| !spot.test && ends(&spot.what, "unwrap"));
    calls.map(|spot| spot.line).chain(named.map(|spot| spot.line)).map(|line| (line, "unwrap".into())).collect()
}

/// Whether a path of several words ends so.
fn ends(path: &[String], last: &str) -> bool {
    path.len() > 1 && path.last().is_some_and(|word| word == last)
}

fn undone(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        if UNDONE.iter().any(|word| code.contains(&format!("{word}!")) && !code.contains('"')) {
            found.push((number + 1, code.trim().to_owned()));
        }
    }
    let left_out = source.facts.attributes.iter().filter(|spot| spot.what.starts_with("ignore"));
    found.extend(left_out.map(|spot| (spot.line, spot.what.clone())));
    found
}

fn test_switches(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for spot in source.facts.attributes.iter().filter(|spot| !spot.test) {
        let switch = spot.what.starts_with("cfg(") || spot.what.starts_with("cfg_attr(");
        let mut words = spot.what.split(|c: char| !c.is_alphanumeric() && c != '_');
        if switch && words.any(|word| word == "test") {
            found.push((spot.line, spot.what.clone()));
        }
    }
    let asked = source.text.lines().enumerate().filter(|(_, line)| line.contains("cfg!(") && !line.contains('"'));
    found.extend(asked.map(|(number, line)| (number + 1, line.trim().to_owned())));
    found
}

fn unbounded(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for spot in &source.facts.paths {
        let words = &spot.what;
        let of_std = words.len() > 2 && words[..3] == ["std", "sync", "mpsc"];
        let bounded = words.iter().any(|word| word == "sync_channel" || word == "SyncSender" || word == "Receiver");
        let named = words.len() > 1 && words.iter().any(|word| UNBOUNDED.contains(&word.as_str()));
        if named || (of_std && !bounded) {
            found.push((spot.line, words.join("::")));
        }
    }
    found
}

/// A measurement keeps a beat, so that the benchmarks may.
fn sleeps(source: &Source) -> Vec<(usize, String)> {
    if source.path.starts_with("tests/bench/") {
        return Vec::new();
    }
    let named = source.facts.paths.iter().filter(|spot| spot.test && ends(&spot.what, "sleep"));
    named.map(|spot| (spot.line, spot.what.join("::"))).collect()
}
