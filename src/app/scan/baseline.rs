//! Baselines: fingerprints of what is known, one a line.
//!
//! Invariant: a baseline names findings by fingerprint alone, and holds nothing else that was read.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};

use super::{Outcome, Seen};

/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 32;

/// The fingerprints of a file. What follows a `#` is a remark.
pub(super) fn read(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("The baseline {} cannot be read.", path.display()))?;
    let mut known = BTreeSet::new();
    for (number, line) in text.lines().enumerate() {
        let word = line.split('#').next().unwrap_or_default().trim();
        if word.len() == DIGITS && word.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            known.insert(word.to_ascii_lowercase());
        } else if !word.is_empty() {
            bail!("Line {} of the baseline {} is no fingerprint.", number + 1, path.display());
        }
    }
    Ok(known)
}

/// Writes the fingerprints of everything that was found, each once, with the rule as a remark.
pub(super) fn write(path: &Path, outcome: &Outcome) -> anyhow::Result<()> {
    let hits = outcome.seen.iter().flat_map(|seen| &seen.hits);
    let lines: BTreeSet<String> =
        hits.map(|hit| format!("{} # {}\n", hit.finding.fingerprint, hit.finding.rule)).collect();
    let text: String = lines.into_iter().collect();
    std::fs::write(path, text).with_context(|| format!("The baseline {} cannot be written.", path.display()))
}

/// Takes out what a baseline names, and says how many findings that were.
pub(super) fn forget(known: &BTreeSet<String>, seen: &mut [Seen]) -> u64 {
    let mut forgotten = 0;
    for one in seen {
        one.hits.retain(|hit| {
            let is_known = known.contains(&hit.finding.fingerprint.to_string());
            forgotten += u64::from(is_known);
            !is_known
        });
    }
    forgotten
}
