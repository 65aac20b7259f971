//! Logging: every line passes the guard before it is written, the words of a panic too.
//!
//! It decides nothing about what is logged. Invariant: no byte reaches the sink that the guard has not seen as
//! part of its whole line.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::guard::{Guard, MAX_TEXT_BYTES};

/// What the libraries may say at most under a plain level: further down they log frames and headers. Only a filter that
/// names a part of one (`hyper::proto=trace`) opens it, and its lines pass the guard like all others.
const LIBRARIES: &str = "serenity=error,slack_morphism=error,sqlx=warn,hyper=warn,hyper_util=warn,h2=warn,\
     reqwest=warn,rustls=warn,tungstenite=warn,tokio_tungstenite=warn";
/// More of one line is not kept: the guard withholds longer ones as a whole.
const LINE_MOST_BYTES: usize = MAX_TEXT_BYTES + 1;

/// Where lines go in the end.
pub(super) type Sink = Arc<Mutex<dyn Write + Send>>;

/// Logs to standard error from now on, panics too.
///
/// # Errors
/// When logging was started before.
pub fn start(filter: &str, guard: &Guard) -> anyhow::Result<()> {
    let gate = Gate { guard: guard.clone(), sink: Arc::new(Mutex::new(io::stderr())) };
    std::panic::set_hook(panic_hook(gate.clone()));
    tracing::subscriber::set_global_default(subscriber(filter, gate)?).context("Logging was started twice.")
}

/// What a panic leaves behind: one line, with its words redacted.
type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

fn panic_hook(gate: Gate) -> Hook {
    Box::new(move |panic| {
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        let mut line = gate.make_writer();
        // Nobody could be told that this failed.
        let _ = writeln!(line, "PANIC in thread {thread}: {panic}");
    })
}

fn subscriber(filter: &str, gate: Gate) -> anyhow::Result<impl Subscriber + Send + Sync> {
    let filter = EnvFilter::try_new(format!("{filter},{LIBRARIES}")).context("The log filter cannot be read.")?;
    Ok(tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours would cut a secret into pieces.
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(gate)
        .finish())
}

/// The way to the sink.
#[derive(Clone)]
struct Gate {
    guard: Guard,
    sink: Sink,
}

impl<'a> MakeWriter<'a> for Gate {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { gate: self, written: Vec::new() }
    }
}

/// One line while it is being written. It is judged as a whole when it is complete.
struct Line<'a> {
    gate: &'a Gate,
    written: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = LINE_MOST_BYTES.saturating_sub(self.written.len());
        self.written.extend(bytes.iter().take(room));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.written.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(&self.written);
        let safe = self.gate.guard.redact(&text);
        let mut sink = self.gate.sink.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk or a closed pipe must not end the bot, and there is nowhere else to say it.
        let _ = sink.write_all(safe.as_bytes());
        if !safe.ends_with('\n') {
            let _ = sink.write_all(b"\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{FingerprintKey, Secret};

    /// A key that the rules know, one that only the configuration knows, and what of both must never be seen.
    fn secrets() -> (String, &'static str) {
        (format!("{}{}", concat!("sk_", "live_"), "9f8e7d6c5b4a39281706f5e4d3c2b1a0"), "Tr0ub4dor-and-3-more")
    }

    fn gate() -> (Gate, Arc<Mutex<Vec<u8>>>) {
        let sink = Arc::new(Mutex::new(Vec::new()));
        let guard = Guard::new(FingerprintKey::new([3; 32])).with_own_secrets([Secret::new(secrets().1)]);
        (Gate { guard, sink: Arc::clone(&sink) as Sink }, sink)
    }

    fn seen(sink: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(sink.lock().expect("the sink").clone()).expect("text")
    }

    fn assert_clean(text: &str, says: &str) {
        assert!(text.contains(says), "{text}");
        assert!(!text.contains("39281706f5e4") && !text.contains("dor-and-3"), "{text}");
    }

    #[test]
    fn no_field_no_span_and_no_error_holds_a_secret() {
        let (gate, sink) = gate();
        let (key, token) = secrets();
        tracing::subscriber::with_default(subscriber("trace", gate).expect("a subscriber"), || {
            let span = tracing::info_span!("call", header = %format!("Bearer {key}"), own = token);
            let _inside = span.enter();
            let cause = io::Error::other(format!("refused {key}"));
            let chain = anyhow::Error::from(cause).context(format!("sent {token}"));
            tracing::error!(error = ?chain, line = %format!("{chain:#}"), key, "the call with {token} failed");
        });
        assert_clean(&seen(&sink), "failed");
    }

    #[test]
    fn a_line_written_in_pieces_is_judged_as_one() {
        let (gate, sink) = gate();
        let (key, token) = secrets();
        let mut line = gate.make_writer();
        for piece in format!("pieces of {key} and {token}").as_bytes().chunks(5) {
            line.write_all(piece).expect("written");
            line.flush().expect("flushed");
        }
        assert_eq!(seen(&sink), "");
        drop(line);
        assert_clean(&seen(&sink), "pieces of ");
        let mut long = gate.make_writer();
        long.write_all(&vec![b'x'; 2 * MAX_TEXT_BYTES]).expect("written");
        drop(long);
        assert!(seen(&sink).ends_with("[withheld: too large]\n"));
    }

    #[test]
    fn a_panic_is_one_redacted_line() {
        let (gate, sink) = gate();
        let (key, token) = secrets();
        let before = std::panic::take_hook();
        std::panic::set_hook(panic_hook(gate));
        let fell = std::panic::catch_unwind(|| panic!("fell over {key} and {token}"));
        std::panic::set_hook(before);
        assert!(fell.is_err());
        assert_clean(&seen(&sink), "fell over ");
        assert!(seen(&sink).contains("telemetry.rs"));
    }

    #[test]
    fn libraries_stay_quiet_under_a_plain_level() {
        let (gate, sink) = gate();
        tracing::subscriber::with_default(subscriber("trace", gate).expect("a subscriber"), || {
            tracing::debug!(target: "hyper::proto", "a frame");
            tracing::info!(target: "serenity", "a frame");
            tracing::debug!("ours");
        });
        assert!(!seen(&sink).contains("a frame"), "{}", seen(&sink));
        assert!(seen(&sink).contains("ours"));
    }
}
