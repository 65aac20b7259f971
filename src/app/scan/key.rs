//! The key of the fingerprints where no installation gives one: new in each run, or kept in a file.
//!
//! It derives no key from anything that is known. Invariant: a file that others can read is refused.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, bail};
use ring::rand::{SecureRandom, SystemRandom};

use crate::guard::{FingerprintKey, Guard};
use crate::model::hex;

/// Bytes of a key; the file has two hexadecimal digits for each, so that a CI system can keep it as a variable.
const KEY_BYTES: usize = 32;
/// Only the owner reads and writes.
const OWNER_ONLY: u32 = 0o600;
/// The permission bits that nobody but the owner may have.
const OTHERS: u32 = 0o077;
/// More than a key with white space around it.
const FILE_BYTES: u64 = 256;

/// A guard for what the program itself says. Nothing is fingerprinted with it, so that any key will do.
pub(super) fn keyless() -> Guard {
    Guard::new(FingerprintKey::new([0; KEY_BYTES]))
}

/// A key for this run alone.
pub(super) fn fresh() -> anyhow::Result<FingerprintKey> {
    random().map(FingerprintKey::new)
}

/// The key in that file, which is made where there is none.
pub(super) fn kept(path: &Path) -> anyhow::Result<FingerprintKey> {
    match OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(path) {
        Ok(mut file) => {
            let bytes = random()?;
            file.write_all(format!("{}\n", hex(&bytes)).as_bytes()).with_context(|| unusable(path))?;
            Ok(FingerprintKey::new(bytes))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(error).with_context(|| unusable(path)),
    }
}

fn read(path: &Path) -> anyhow::Result<FingerprintKey> {
    let file = OpenOptions::new().read(true).open(path).with_context(|| unusable(path))?;
    if file.metadata().with_context(|| unusable(path))?.mode() & OTHERS != 0 {
        bail!("The key file {0} can be read by others. Run: chmod 600 {0}", path.display());
    }
    let mut text = String::new();
    file.take(FILE_BYTES).read_to_string(&mut text).with_context(|| unusable(path))?;
    let digits: Vec<u8> = text.trim().chars().filter_map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let mut key = [0; KEY_BYTES];
    if digits.len() != 2 * KEY_BYTES || text.trim().len() != digits.len() {
        bail!("The key file {} does not hold {} hexadecimal digits.", path.display(), 2 * KEY_BYTES);
    }
    for (byte, two) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = two.iter().fold(0, |sum, digit| sum << 4 | digit);
    }
    Ok(FingerprintKey::new(key))
}

fn random() -> anyhow::Result<[u8; KEY_BYTES]> {
    let mut bytes = [0; KEY_BYTES];
    SystemRandom::new().fill(&mut bytes).ok().context("The system gives no random bytes.")?;
    Ok(bytes)
}

fn unusable(path: &Path) -> String {
    format!("The key file {} cannot be used.", path.display())
}
