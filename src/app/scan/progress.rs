//! Progress on standard error, where that is a terminal and the scan is long.
//!
//! Invariant: nothing is written where nobody watches, and the line is gone at the end.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A scan that is over by then shows none.
const PATIENCE: Duration = Duration::from_secs(1);
/// As often as a person can read it.
const PERIOD: Duration = Duration::from_millis(200);

/// The line that is written over itself.
pub(super) struct Progress {
    /// When the next line is due; `None` where nobody watches.
    due: Option<Mutex<Line>>,
}

struct Line {
    due: Instant,
    written: bool,
}

impl Progress {
    /// From now on.
    pub(super) fn begin() -> Self {
        let watched = std::io::stderr().is_terminal();
        Self { due: watched.then(|| Mutex::new(Line { due: Instant::now() + PATIENCE, written: false })) }
    }

    /// Says how far it is, if it is time to.
    pub(super) fn tell(&self, files: u64, bytes: u64, found: usize) {
        let Some(Ok(mut line)) = self.due.as_ref().map(Mutex::try_lock) else { return };
        let now = Instant::now();
        if now >= line.due {
            (line.due, line.written) = (now + PERIOD, true);
            let _ = write!(
                std::io::stderr(),
                "\r\x1b[K{files} files, {} MB, secrets in {found} of them",
                bytes / 1_000_000
            );
        }
    }

    /// Clears the line.
    pub(super) fn end(&self) {
        let Some(Ok(line)) = self.due.as_ref().map(Mutex::lock) else { return };
        if line.written {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
