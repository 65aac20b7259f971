//! `scan`: looks for secrets in files, directories and standard input.
//!
//! It changes nothing and asks nobody. Invariant: no secret is printed, neither from a file nor from its name;
//! what could not be read is said and makes the exit code 2.

mod baseline;
mod key;
mod place;
mod progress;
mod read;
mod report;
mod sarif;
mod walk;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};

use crate::guard::{Finding, Guard};

use super::{check, keys};

pub use report::Format;

/// Found nothing new.
const CLEAN: u8 = 0;
/// Found at least one secret.
const FOUND: u8 = 1;
/// Something could not be read or written, or the arguments are wrong.
const FAILED: u8 = 2;

/// What `--help` says at its end.
const EXAMPLES: &str = "\
Examples:
  seqn-chatops scan                          this directory, without what .gitignore and .ignore name
  seqn-chatops scan src deploy/prod.env      a directory and a file
  git diff --cached | seqn-chatops scan -    what is about to be committed
  seqn-chatops scan --format sarif > scan.sarif
  seqn-chatops scan --key-file .scan.key --write-baseline known.txt
  seqn-chatops scan --key-file .scan.key --baseline known.txt

Exit codes: 0 nothing found, 1 secrets found, 2 something could not be read, or wrong usage.

A fingerprint is the same for the same secret, and says nothing about it without the key. The key is new in
each run, unless --key-file keeps one (it is made where it is missing; keep it as secret as the secrets), or
--config names an installation, whose key is used, so that the fingerprints are those of its leak cases.

Binary, image and archive files are skipped and counted. Links are not followed. A file that is named is read
even where an ignore file names it.";

/// What to scan, and how to say it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files and directories; `-` is standard input. Without any, the current directory.
    paths: Vec<PathBuf>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The configuration of an installation: its key and its own credentials are used.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
    config: Option<PathBuf>,
    /// Where the key of the fingerprints is kept; made where it is missing.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Fingerprints, one a line: what they name is not reported.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the fingerprints of everything that is found, for --baseline.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Also read what ignore files name.
    #[arg(long)]
    no_ignore: bool,
    /// Skip larger files.
    #[arg(long, value_name = "N")]
    max_bytes: Option<u64>,
    /// How many files are read at once. Without it, as many as the machine has cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

/// One secret in one file, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hit {
    place: place::Place,
    /// Bytes of the file that the finding takes.
    bytes: u64,
    snippet: String,
    finding: Finding,
}

/// What was seen of one file.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// The path as it may be shown.
    path: String,
    hits: Vec<Hit>,
    /// Findings that are not kept, since there are too many in this file.
    more: u64,
}

/// What a scan came to.
#[derive(Debug, Default)]
struct Outcome {
    seen: Vec<Seen>,
    errors: Vec<String>,
    files: u64,
    bytes: u64,
    binary: u64,
    too_large: u64,
    /// Findings that a baseline names.
    known: u64,
}

/// Scans, prints, and gives the exit code.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    ExitCode::from(match scanned(args) {
        Ok(code) => code,
        Err(error) => {
            let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
            say(&shown(&key::keyless(), &causes.join(" ")));
            FAILED
        }
    })
}

fn scanned(args: &Args) -> anyhow::Result<u8> {
    let began = Instant::now();
    let guard = guard_of(args)?;
    let known = args.baseline.as_deref().map(baseline::read).transpose()?;
    let mut outcome = walk::walk(args, &guard);
    outcome.seen.sort_by(|one, two| one.path.cmp(&two.path));
    if let Some(path) = &args.write_baseline {
        baseline::write(path, &outcome)?;
    }
    if let Some(known) = known {
        outcome.known = baseline::forget(&known, &mut outcome.seen);
    }
    let printed = report::print(args.format, &outcome, &mut std::io::stdout().lock());
    if let Err(error) = printed {
        // Whoever reads it had enough, as with `| head`. That secrets were found stays true.
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            return Err(error).context("The findings cannot be written.");
        }
    }
    outcome.errors.sort();
    for error in &outcome.errors {
        say(error);
    }
    say(&report::summary(&outcome, began.elapsed()));
    Ok(match (outcome.errors.is_empty(), outcome.seen.iter().any(Seen::holds)) {
        (false, _) => FAILED,
        (true, true) => FOUND,
        (true, false) => CLEAN,
    })
}

impl Seen {
    fn holds(&self) -> bool {
        !self.hits.is_empty() || self.more > 0
    }
}

/// The guard with the key that was asked for.
fn guard_of(args: &Args) -> anyhow::Result<Guard> {
    if (args.baseline.is_some() || args.write_baseline.is_some()) && args.key_file.is_none() && args.config.is_none() {
        bail!("A baseline needs --key-file or --config: without a key that stays, fingerprints are new in each run.");
    }
    match (&args.config, &args.key_file) {
        (Some(path), _) => configured(path),
        (None, Some(path)) => Ok(Guard::new(key::kept(path)?)),
        (None, None) => Ok(Guard::new(key::fresh()?)),
    }
}

/// The guard of an installation. Its key is read, never made.
fn configured(path: &Path) -> anyhow::Result<Guard> {
    let config = check::load(path)?.map_err(|errors| anyhow::anyhow!(check::faults(&errors)))?;
    if !keys::beside(&config.store).exists() {
        bail!(
            "The installation has no key yet: {} is missing. Start the bot once.",
            keys::beside(&config.store).display()
        );
    }
    Ok(Guard::new(keys::open(&config.store)?.fingerprint).with_own_secrets(config.secrets))
}

/// Text for a terminal: redacted, on one line, and without control characters.
fn shown(guard: &Guard, text: &str) -> String {
    let plain = |letter: char| match letter {
        '\n' | '\r' | '\t' => ' ',
        letter if letter.is_control() => char::REPLACEMENT_CHARACTER,
        letter => letter,
    };
    guard.redact(text).chars().map(plain).collect()
}

fn say(line: &str) {
    // Nobody could be told that this failed.
    let _ = writeln!(std::io::stderr(), "seqn-chatops scan: {line}");
}
