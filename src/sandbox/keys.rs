//! The folder in which a desk receives keys that are not sealed, a secret store's stand-in; and the knobs that say which
//! way keys go.
//!
//! Invariant: each desk of each process has its own, which only its owner reads, and which ends with the desk.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;

use super::desk::Desk;
use super::settings::Knobs;

/// How the folders are called; a number follows.
pub(super) const KEYS: &str = "seqn-chatops-keys-";
/// Rights of the folder: its owner's alone.
const PRIVATE: u32 = 0o700;
/// Numbers of a process's desks fit into so many bits.
const DESK_BITS: u32 = 20;
/// How many desks this process has opened.
static DESKS: AtomicU32 = AtomicU32::new(0);

/// One desk's folder.
pub(super) struct KeyFolder(PathBuf);

impl KeyFolder {
    pub(super) fn make() -> anyhow::Result<Self> {
        let number = (u64::from(std::process::id()) << DESK_BITS) + u64::from(DESKS.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(format!("{KEYS}{number}"));
        std::fs::DirBuilder::new().mode(PRIVATE).create(&path).context("no folder for keys can be made")?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Desk {
    /// Changes the configuration that the bot reads at its next start.
    pub fn knobs(&self, turn: impl FnOnce(&mut Knobs)) {
        turn(&mut self.knobs.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The folder in which keys are received that are not sealed.
    #[must_use]
    pub fn key_folder(&self) -> &Path {
        self.keys.path()
    }
}

impl Drop for KeyFolder {
    fn drop(&mut self) {
        // Nothing depends on its being gone.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
