//! Writing a key into a new file that only the bot's user can read.
//!
//! Invariant: no file that is there is opened or replaced; a file with a key in it is whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use crate::guard::Secret;
use crate::ports::Label;

use super::super::base::BadConfig;
use super::{NO_KEY, filled, known};

/// Only the bot's user reads and writes it.
const PRIVATE: u32 = 0o600;
/// Whether anybody may write into a folder.
const BY_ANYBODY: u32 = 0o002;
/// What the file that tries the folder out is called.
const TRIAL: &str = ".seqn-chatops-trial";

/// A folder, and how the files in it are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    folder: PathBuf,
    name: String,
}

impl FilePlace {
    /// The place of that path, whose last part names organization, item and request; `database` lies elsewhere.
    ///
    /// # Errors
    /// What is wrong with the path, as a sentence.
    pub fn new(path: &str, database: &Path) -> Result<Self, BadConfig> {
        let wrong = |why: &str| Err(BadConfig(format!("The path of the file {why}.")));
        let whole = Path::new(path);
        let (Some(folder), Some(name)) = (whole.parent(), whole.file_name().and_then(|name| name.to_str())) else {
            return wrong("names no file");
        };
        if !whole.is_absolute() || whole.components().any(|part| part == Component::ParentDir) {
            return wrong("must start with a slash, and may not go up with ..");
        }
        if folder.to_str().is_none_or(|folder| folder.contains(['{', '}'])) {
            return wrong(
                "may hold {org}, {item} and {request} in its last part only, so that the folder can be tried",
            );
        }
        if !known(name) || !["{item}", "{request}"].iter().all(|needed| name.contains(needed)) {
            return wrong("must name {item} and {request} in its last part, so that every file is a new one");
        }
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if database.parent().is_some_and(|kept| real(folder).starts_with(real(kept))) {
            return wrong("lies in the folder of the database, whose backups would hold the key");
        }
        Ok(Self { folder: folder.to_owned(), name: name.to_owned() })
    }

    /// The folder.
    pub(super) fn folder(&self) -> String {
        self.folder.display().to_string()
    }

    /// Whether a file can be made there now. The one that tries it is gone afterwards.
    pub(super) async fn test(&self) -> Result<(), String> {
        let (folder, shown) = (self.folder.clone(), self.folder());
        let tried = tokio::task::spawn_blocking(move || trial(&folder)).await;
        tried
            .unwrap_or_else(|_| Err("it could not be tried".into()))
            .map_err(|why| format!("The folder {shown}: {why}."))
    }

    /// Writes the key into a new file.
    pub(super) async fn write(&self, label: Label<'_>, key: &Secret) -> Result<(), String> {
        let path = self.folder.join(filled(&self.name, label));
        let (shown, key) = (path.display().to_string(), key.clone());
        let written = tokio::task::spawn_blocking(move || write(&path, key.expose().as_bytes())).await;
        let failed = |error: io::Error| format!("The file {shown} could not be written ({}).", error.kind());
        written.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into())).map_err(failed)
    }
}

fn trial(folder: &Path) -> Result<(), String> {
    let about = fs::metadata(folder).map_err(|error| format!("it cannot be looked at ({})", error.kind()))?;
    if !about.is_dir() {
        return Err("it is no folder".into());
    }
    if about.permissions().mode() & BY_ANYBODY != 0 {
        return Err("anybody may write into it; take that right away".into());
    }
    let path = folder.join(TRIAL);
    // What a trial that was cut off left behind is ours.
    let _ = fs::remove_file(&path);
    let made = new(&path, NO_KEY).and_then(|()| fs::remove_file(&path));
    made.map_err(|error| format!("nothing can be written into it ({})", error.kind()))
}

/// First under another name, so that nobody ever reads half a key; then under its own, which must be free.
fn write(path: &Path, key: &[u8]) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    new(&part, key)?;
    let placed = fs::hard_link(&part, path);
    fs::remove_file(&part)?;
    placed?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}
