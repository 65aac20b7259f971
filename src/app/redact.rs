//! `redact`: standard input to standard output, without secrets.
//!
//! It keeps no more than a few lines. Invariant: what is written was passed by the guard; a reader that goes away
//! ends it silently, as with any filter.

use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use ring::rand::{SecureRandom, SystemRandom};

use crate::guard::{FingerprintKey, Guard, Redactor};

/// Bytes that are read at once: as many as a pipe holds.
const READ_BYTES: usize = 64 * 1024;

/// What `--help` says at its end.
const EXAMPLES: &str = "\
Examples:
  journalctl -fu app | seqn-chatops redact
  kubectl logs deploy/api | seqn-chatops redact > api.log
  pbpaste | seqn-chatops redact | pbcopy

A whole line comes out at once, unless it ends in what may be the beginning of a secret: then it waits for the
next line. A line of more than 1 MiB is withheld. Bytes that are no text pass unchanged. Exit code 0, or 2 if
something cannot be read or written.";

/// Nothing can be said about how.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Filters until the input ends.
#[must_use]
pub fn run(_: Args) -> ExitCode {
    match filtered(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody could be told that this failed.
            let _ = writeln!(io::stderr(), "seqn-chatops redact: {error}");
            ExitCode::from(2)
        }
    }
}

fn filtered(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    let mut redactor = Redactor::new(Guard::new(FingerprintKey::new(key)));
    let mut bytes = vec![0; READ_BYTES];
    let mut out = Vec::new();
    loop {
        match input.read(&mut bytes) {
            Ok(0) => break,
            Ok(len) => redactor.push(bytes.get(..len).unwrap_or_default(), &mut out),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if !out.is_empty() {
            output.write_all(&out)?;
            output.flush()?;
            out.clear();
        }
    }
    redactor.finish(&mut out);
    output.write_all(&out)?;
    output.flush()
}
