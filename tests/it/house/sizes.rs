//! How long files and functions may be, and how a file opens.
//!
//! Invariant: a file that grows past the limit is split, not excused; there is no list of exceptions.

use super::Rule;
use super::source::{self, Source};

/// The most lines of a file: what can be read in one sitting.
const FILE_LINES_MAX: usize = 400;
/// The most lines of a function: what fits on a screen.
const FUNCTION_LINES_MAX: usize = 70;
/// 71 lines in braces.
const LONG_FUNCTION: &str = "fn f() {\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n}";
/// One line fewer.
const FITTING_FUNCTION: &str = "fn f() {\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n}";

/// The rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "a function has at most 70 lines",
        offences: long_functions,
        caught: &[("src/engine/say.rs", LONG_FUNCTION)],
        passed: &[("src/engine/say.rs", FITTING_FUNCTION)],
    },
    Rule {
        name: "a file says first what it is",
        offences: unopened,
        caught: &[
            ("src/engine/say.rs", "use std::fmt;"),
            ("src/engine/say.rs", "// A plain comment.\nuse std::fmt;"),
            ("src/lib.rs", "#![forbid(unsafe_code)]"),
        ],
        passed: &[
            ("src/engine/say.rs", "//! Words.\nuse std::fmt;"),
            ("src/lib.rs", "#![forbid(unsafe_code)]\n#![doc = include_str!(\"architecture.md\")]"),
        ],
    },
];

fn long_functions(source: &Source) -> Vec<(usize, String)> {
    let long = source.facts.functions.iter().filter(|spot| spot.what.lines > FUNCTION_LINES_MAX);
    long.map(|spot| (spot.line, format!("`{}` has {} lines", spot.what.name, spot.what.lines))).collect()
}

fn unopened(source: &Source) -> Vec<(usize, String)> {
    let opened = if source.path == "src/lib.rs" {
        source.text.contains("#![doc = include_str!(\"architecture.md\")]")
    } else {
        source.text.starts_with("//! ")
    };
    if opened { Vec::new() } else { vec![(1, "it does not open with `//!`".into())] }
}

fn too_long(path: &str, lines: usize) -> Option<String> {
    (lines > FILE_LINES_MAX).then(|| format!("{path} has {lines} lines"))
}

#[test]
fn a_file_has_at_most_400_lines_and_the_median_is_printed() {
    let mut sizes: Vec<(usize, String)> =
        source::all().into_iter().map(|source| (source.text.lines().count(), source.path)).collect();
    sizes.sort();
    let (median, largest) = (sizes[sizes.len() / 2].0, sizes[sizes.len() - 1].0);
    let total: usize = sizes.iter().map(|(lines, _)| lines).sum();
    eprintln!("{} Rust files, {total} lines, median {median}, largest {largest}", sizes.len());
    let long: Vec<String> = sizes.iter().filter_map(|(lines, path)| too_long(path, *lines)).collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
    assert!(too_long("made up", FILE_LINES_MAX).is_none() && too_long("made up", FILE_LINES_MAX + 1).is_some());
}
