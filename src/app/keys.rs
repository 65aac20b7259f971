//! The installation's key file beside the database: one key seals response handles, the other fingerprints leaks.
//!
//! It is made at the first start and never changed. Invariant: a file that others can read, or that has
//! another size, is refused with a sentence, and its content is never shown.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ring::rand::{SecureRandom, SystemRandom};

use crate::guard::FingerprintKey;
use crate::store::SealKey;

/// Bytes of one key.
const KEY_BYTES: usize = 32;
/// Bytes of the file: one key after the other.
const FILE_BYTES: usize = 2 * KEY_BYTES;
/// Only the owner reads and writes.
const OWNER_ONLY: u32 = 0o600;
/// The permission bits that nobody but the owner may have.
const OTHERS: u32 = 0o077;

/// The keys of one installation.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Seals response handles in the database.
    pub seal: SealKey,
    /// Fingerprints findings.
    pub fingerprint: FingerprintKey,
}

/// Where the keys of that database are: `bot.db` has `bot.db.key`.
#[must_use]
pub fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// Reads the keys of that database, and makes them where there are none.
///
/// # Errors
/// A sentence for the operator: the folder is missing, or the file has another size or is open to others.
pub fn open(database: &Path) -> anyhow::Result<Keys> {
    let path = beside(database);
    match OpenOptions::new().read(true).open(&path) {
        Ok(file) => read(&file, &path),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if database.exists() {
                tracing::warn!(
                    key.path = %path.display(),
                    "the database has no key file: a new one is made, and leaks that were seen before will look new"
                );
            }
            make(&path)?;
            let file = File::open(&path).with_context(|| unreadable(&path))?;
            read(&file, &path)
        }
        Err(error) => Err(error).with_context(|| unreadable(&path)),
    }
}

fn unreadable(path: &Path) -> String {
    format!("The key file {} cannot be read. The bot's own user must own it.", path.display())
}

fn read(file: &File, path: &Path) -> anyhow::Result<Keys> {
    let shown = path.display();
    let meta = file.metadata().with_context(|| unreadable(path))?;
    if meta.mode() & OTHERS != 0 {
        bail!("The key file {shown} can be read by others. Run: chmod 600 {shown}");
    }
    if meta.len() != FILE_BYTES as u64 {
        bail!("The key file {shown} has {} bytes instead of {FILE_BYTES}. Restore it from the backup.", meta.len());
    }
    let (mut seal, mut fingerprint) = ([0; KEY_BYTES], [0; KEY_BYTES]);
    let mut reader = file;
    reader
        .read_exact(&mut seal)
        .and_then(|()| reader.read_exact(&mut fingerprint))
        .with_context(|| unreadable(path))?;
    Ok(Keys { seal: SealKey::new(seal), fingerprint: FingerprintKey::new(fingerprint) })
}

/// Makes the file whole or not at all: another process that starts now sees no half of it.
fn make(path: &Path) -> anyhow::Result<()> {
    let mut bytes = [0; FILE_BYTES];
    SystemRandom::new().fill(&mut bytes).ok().context("The system gives no random bytes.")?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let made = write(&draft, &bytes).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    let cleared = fs::remove_file(&draft);
    bytes.fill(0);
    made.and(cleared).with_context(|| {
        format!("The key file {} cannot be made. Its folder must exist and belong to the bot's user.", path.display())
    })
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_start_makes_it_and_the_next_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("bot.db");
        open(&database).expect("made");
        let first = fs::read(beside(&database)).expect("the file");
        assert_eq!(first.len(), FILE_BYTES);
        assert_eq!(fs::metadata(beside(&database)).expect("the file").mode() & 0o777, OWNER_ONLY);
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
        open(&database).expect("read");
        assert_eq!(fs::read(beside(&database)).expect("the file"), first);
    }

    #[test]
    fn a_wrong_file_is_refused_with_a_sentence() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("bot.db");
        open(&database).expect("made");
        let path = beside(&database);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("opened to the group");
        let error = open(&database).expect_err("refused").to_string();
        assert!(error.contains("by others") && error.contains("chmod 600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(OWNER_ONLY)).expect("closed again");
        fs::write(&path, [1; 63]).expect("cut");
        let error = open(&database).expect_err("refused").to_string();
        assert!(error.contains("63 bytes instead of 64"), "{error}");
        let error = open(&folder.path().join("missing/bot.db")).expect_err("refused").to_string();
        assert!(error.contains("folder must exist"), "{error}");
    }
}
