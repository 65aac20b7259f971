//! What lies at the top of the repository, and what the crate's roots promise.

use std::fs;

use super::source::{read_text, root};

/// All that is in view.
const IN_VIEW: [&str; 6] = ["Cargo.toml", "README.md", "deploy", "migrations", "src", "tests"];
/// What cargo puts there.
const BY_CARGO: [&str; 2] = ["Cargo.lock", "target"];

/// What should not be at the top, and what is missing there.
fn strays(names: &[String]) -> Vec<String> {
    let odd = names.iter().filter(|name| {
        let name = name.as_str();
        !name.starts_with('.') && !IN_VIEW.contains(&name) && !BY_CARGO.contains(&name)
    });
    let missing = IN_VIEW.iter().filter(|wanted| !names.iter().any(|name| name == *wanted));
    odd.cloned().chain(missing.map(|name| format!("{name} is missing"))).collect()
}

#[test]
fn only_six_things_are_in_view() {
    let names: Vec<String> =
        fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert!(strays(&names).is_empty(), "{:?}", strays(&names));
    let but_one: Vec<String> = IN_VIEW[1..].iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(strays(&but_one), ["Cargo.toml is missing"]);
    let with_stray: Vec<String> = IN_VIEW.iter().chain(&["docs"]).map(|name| (*name).to_owned()).collect();
    assert_eq!(strays(&with_stray), ["docs"]);
}

#[test]
fn the_compiler_is_told_to_hold_the_rest() {
    let lib = read_text(&root().join("src/lib.rs"));
    for line in ["#![forbid(unsafe_code)]", "#![warn(missing_docs)]", "#![doc = include_str!(\"architecture.md\")]"] {
        assert!(lib.contains(line), "src/lib.rs lacks {line}");
    }
    let manifest = read_text(&root().join("Cargo.toml"));
    for line in ["unsafe_code = \"forbid\"", "missing_docs = \"warn\"", "unwrap_used = \"warn\"", "todo = \"warn\""] {
        assert!(manifest.contains(line), "Cargo.toml lacks {line}");
    }
}
