//! The figures: `cargo bench [-- ack|leak|looks|incidents|store|memory|start|guard …] [--short]` measures them and prints tables.
//!
//! A slow machine fails nothing. Invariant: a measurement that is broken in itself (a lost answer, a bot that does
//! not start) ends with exit code 1.

mod ack;
mod chatter;
mod guard;
mod incidents;
mod leak;
mod looks;
mod machine;
mod memory;
mod rig;
mod start;
mod store;
mod table;

use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};

/// Threads for the emulators: the bot has as many.
const WORKER_THREADS: usize = 2;
/// What can be measured.
const PARTS: [&str; 8] = ["ack", "leak", "looks", "incidents", "store", "memory", "start", "guard"];

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// Enough to see that it works and about where it stands.
    Short,
    /// Enough for the README.
    Full,
}

impl Length {
    /// The number for this length.
    fn of<T>(self, short: T, full: T) -> T {
        match self {
            Self::Short => short,
            Self::Full => full,
        }
    }
}

fn main() -> ExitCode {
    match measured() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("figures: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measured() -> anyhow::Result<()> {
    let (parts, length) = asked(std::env::args().skip(1))?;
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("another TLS provider was installed before"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    machine::print()?;
    for part in parts {
        let measuring = async {
            match part {
                "ack" => ack::measure(length).await,
                "leak" => leak::measure(length).await,
                "looks" => looks::measure(length).await,
                "incidents" => incidents::measure(length).await,
                "store" => store::measure(length).await,
                "memory" => memory::measure(length).await,
                "start" => start::measure(length).await,
                _ => guard::measure(length),
            }
        };
        runtime.block_on(measuring).with_context(|| format!("{part} could not be measured"))?;
    }
    Ok(())
}

/// The parts in the order asked for, and how long. Cargo itself adds `--bench`.
fn asked(arguments: impl Iterator<Item = String>) -> anyhow::Result<(Vec<&'static str>, Length)> {
    let (mut parts, mut length) = (Vec::new(), Length::Full);
    for argument in arguments {
        match argument.as_str() {
            "--bench" => {}
            "--short" => length = Length::Short,
            other => match PARTS.iter().find(|part| **part == other) {
                Some(part) => parts.push(*part),
                None => bail!("there is no part {other}; there are {}", PARTS.join(", ")),
            },
        }
    }
    if parts.is_empty() {
        parts = PARTS.to_vec();
    }
    Ok((parts, length))
}
