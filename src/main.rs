//! The program: reads its arguments, and starts what they ask for.
//!
//! It holds no logic of its own. Exit codes: 0 fine, 1 not fine or failed, 2 wrong usage;
//! `scan` and `redact` say their own.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::{Parser, Subcommand};

use seqn_chatops::app::check::{self, Report};
use seqn_chatops::app::commands::{self, Format};
use seqn_chatops::app::{audit, redact, run, scan, telemetry};
use seqn_chatops::guard::{FingerprintKey, Guard};
use seqn_chatops::sandbox;

/// Threads of the runtime: the machine is small, and the bot waits for others most of the time.
const WORKER_THREADS: usize = 2;
/// The seed of the sandbox's ids where none is given: the same for everybody, so that transcripts can be compared.
const SANDBOX_SEED: u64 = 7;

/// The ChatOps bot of SEQN Auth support: runbook actions, approvals and proof, in Slack and Discord at once.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the bot.
    Run {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Try the bot against emulators on this machine; no account is needed.
    Sandbox {
        /// A story to play instead of a terminal.
        #[arg(long)]
        script: Option<PathBuf>,
        /// Where the database lies; without it, it is removed at the end.
        #[arg(long)]
        database: Option<PathBuf>,
        /// The seed of the bot's ids.
        #[arg(long, default_value_t = SANDBOX_SEED)]
        seed: u64,
        /// What the bot logs meanwhile, to standard error.
        #[arg(long, default_value = "warn")]
        log: String,
    },
    /// Say everything that is wrong with a configuration, or what it amounts to.
    Check {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// Also ask SEQN Auth, Authentik, Slack and Discord whether they accept the bot.
        #[arg(long)]
        online: bool,
    },
    /// Print what can be asked.
    Commands {
        /// As what.
        #[arg(long, value_enum)]
        format: Format,
    },
    /// The audit trail.
    Audit {
        #[command(subcommand)]
        command: audit::Command,
    },
    /// Look for secrets in files, directories or standard input.
    Scan(scan::Args),
    /// Pass standard input on without the secrets in it.
    Redact(redact::Args),
}

fn main() -> ExitCode {
    let command = match Arguments::parse().command {
        Command::Scan(args) => return scan::run(&args),
        Command::Redact(args) => return redact::run(args),
        command => command,
    };
    match started(command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody could be told that this failed.
            let _ = writeln!(std::io::stderr(), "seqn-chatops: {}", keyless().redact(&told(&error)));
            ExitCode::FAILURE
        }
    }
}

/// Makes the runtime, and runs the command. Says whether it went well.
fn started(command: Command) -> anyhow::Result<bool> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("Another TLS provider was installed before."))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .enable_all()
        .build()
        .context("The runtime cannot be started.")?;
    runtime.block_on(asked(command))
}

async fn asked(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Run { config } => match check::load(&config)? {
            Ok(config) => run::run(config).await.map(|()| true),
            Err(errors) => Err(anyhow!(check::faults(&errors))),
        },
        Command::Sandbox { script, database, seed, log } => {
            telemetry::start(&log, &keyless())?;
            sandbox::run(sandbox::Args { script, database, seed }).await
        }
        Command::Check { config, online } => shown(check::check(&config, online).await?),
        Command::Commands { format } => shown(Report { fine: true, text: commands::printed(format) }),
        Command::Audit { command } => shown(audit::run(command).await?),
        Command::Scan(_) | Command::Redact(_) => Err(anyhow!("These commands need no runtime.")),
    }
}

/// An error with its causes. Some are whole sentences, some are not.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| match told.chars().last() {
        None => cause,
        Some('.') => told + " " + &cause,
        Some(_) => told + ": " + &cause,
    })
}

/// A guard that knows the rules alone. Nothing is fingerprinted with it, so that any key will do.
fn keyless() -> Guard {
    Guard::new(FingerprintKey::new([0; 32]))
}

fn shown(report: Report) -> anyhow::Result<bool> {
    match std::io::stdout().write_all(report.text.as_bytes()) {
        // Whoever reads it had enough, as with `| head`.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(report.fine),
        written => written.context("The answer cannot be written.").map(|()| report.fine),
    }
}
