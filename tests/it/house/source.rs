//! A source file as the rules of the house see it: its place in the tree, its text, and what it says.
//!
//! It reads files and parses them; it judges nothing. Invariant: every path that a file names is here, with
//! `crate`, `self` and `super` resolved, whether it stands in a `use`, in an expression or in a macro's tokens.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::facts::{Facts, read};

/// One Rust file.
pub struct Source {
    /// From the top of the repository, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Its module path; the binary is `main`, the library's root is empty.
    pub module: Vec<String>,
    /// What it says.
    pub facts: Facts,
}

impl Source {
    /// A file with that text at that path. `tests` are the module paths that are compiled for tests only.
    pub fn new(path: &str, text: &str, tests: &BTreeSet<Vec<String>>) -> Self {
        let parsed = syn::parse_file(text).unwrap_or_else(|wrong| panic!("{path} is no Rust: {wrong}"));
        let module = module_of(path);
        let in_test = path.starts_with("tests/") || (1..=module.len()).any(|n| tests.contains(&module[..n]));
        let facts = read(&parsed, &module, in_test);
        Self { path: path.into(), text: text.into(), module, facts }
    }

    /// A made-up file, to see whether a rule has eyes.
    pub fn made_up(path: &str, text: &str) -> Self {
        Self::new(path, text, &BTreeSet::new())
    }

    /// The floor's module that it is in, such as `guard`; empty for the library's root and outside `src`.
    pub fn top(&self) -> &str {
        if self.path.starts_with("src/") { self.module.first().map_or("", String::as_str) } else { "" }
    }
}

/// The top of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of `src` and `tests`.
pub fn all() -> Vec<Source> {
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        walk(&root().join(folder), &mut files);
    }
    files.sort();
    let texts: Vec<(String, String)> = files.iter().map(|file| (relative(file), read_text(file))).collect();
    let mut tests = BTreeSet::new();
    for (path, text) in &texts {
        let source = Source::new(path, text, &BTreeSet::new());
        tests.extend(source.facts.test_modules.iter().cloned());
    }
    texts.iter().map(|(path, text)| Source::new(path, text, &tests)).collect()
}

/// A file's text.
pub fn read_text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|wrong| panic!("{}: {wrong}", file.display()))
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|wrong| panic!("{}: {wrong}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
            walk(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

fn relative(file: &Path) -> String {
    let path = file.strip_prefix(root()).unwrap();
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// `src/a/b.rs` is `a::b`, `src/a/mod.rs` is `a`, `src/lib.rs` is the root.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inner.split('/').map(String::from).collect();
    if module.last().is_some_and(|last| last == "mod") || inner == "lib" {
        module.pop();
    }
    module
}

#[test]
fn a_file_knows_its_module() {
    assert_eq!(module_of("src/lib.rs"), [""; 0]);
    assert_eq!(module_of("src/main.rs"), ["main"]);
    assert_eq!(module_of("src/guard/mod.rs"), ["guard"]);
    assert_eq!(module_of("src/guard/rules.rs"), ["guard", "rules"]);
}
