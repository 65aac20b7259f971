//! A folder for a test's own files.
//!
//! Invariant: nobody else has it, and it goes with its owner.

use std::path::Path;

use tempfile::TempDir;

/// Where files are kept in memory.
const IN_MEMORY: &str = "/dev/shm";

/// A new folder; in memory where the machine keeps files there. The bot commits to the disk each time, and the laws and
/// stories commit a hundred thousand times: they kill the bot, not the machine.
pub fn folder() -> TempDir {
    let memory = Path::new(IN_MEMORY);
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}
