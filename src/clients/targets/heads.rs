//! The file outside the database that the audit trail's heads are appended to, a line each.
//!
//! It never reads what it does not look for, and never shortens the file. Invariant: a head is there once, on a line of
//! its own, also when a line before it was cut off.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use crate::model::{Dedup, NoticeContent, Proof};
use crate::ports::{Fault, PortError};

use super::super::answer::not_sent;
use super::live::Live;
use super::outlet::Surface;

const NAME: &str = "the file of the audit trail's heads";
/// Its owner writes, its group may read; nothing in it is secret.
const MODE: u32 = 0o640;

/// The adapter.
pub(super) struct HeadFile(PathBuf);

impl HeadFile {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Does it where blocking is allowed. What fails now may work later: a file system can be away.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, PortError> {
        let path = self.0.clone();
        match spawn_blocking(move || work(&path)).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => {
                tracing::warn!(file = %self.0.display(), error = %error, "audit.head_not_written");
                Err(PortError::new(NAME, Fault::Unreachable))
            }
            Err(_) => Err(PortError::new(NAME, Fault::NoAnswer)),
        }
    }
}

fn line_of(live: Live<'_>) -> Result<String, PortError> {
    match live.content() {
        NoticeContent::Head(head) => Ok(head.to_string()),
        _ => Err(not_sent(NAME, "It is told of the audit trail only. Correct where it is sent to.")),
    }
}

/// Appends the line, and has it on the disk.
fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(MODE).open(path)?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let before = if last == *b"\n" { "" } else { "\n" };
    file.write_all(format!("{before}{line}\n").as_bytes())?;
    file.sync_all()
}

fn holds(path: &Path, line: &str) -> io::Result<bool> {
    let file = match OpenOptions::new().read(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    for read in BufReader::new(file).lines() {
        if read? == line {
            return Ok(true);
        }
    }
    Ok(false)
}

fn proof() -> Proof {
    Proof { object: None, receipt: "appended".into(), url: None }
}

#[async_trait]
impl Surface for HeadFile {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::LookUp
    }

    async fn tell(&self, live: Live<'_>, _object: Option<&str>) -> Result<Proof, PortError> {
        let line = line_of(live)?;
        self.work(move |path| append(path, &line)).await.map(|()| proof())
    }

    async fn told(&self, live: Live<'_>, _object: Option<&str>) -> Result<Option<Proof>, PortError> {
        let line = line_of(live)?;
        self.work(move |path| holds(path, &line)).await.map(|found| found.then(proof))
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::notice;
    use super::*;
    use crate::model::{Millis, TrailHead};

    fn head(seq: i64) -> NoticeContent {
        NoticeContent::Head(TrailHead { at: Some(Millis(1_000)), seq, hash: "0a".repeat(32) })
    }

    #[tokio::test]
    async fn lines_are_appended_and_found_also_after_one_that_was_cut_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("heads.log");
        let file = HeadFile::new(path.clone());
        let (first, second) = (notice(head(1)), notice(head(2)));
        let live = |notice| Live::of(notice).expect("no drill");
        assert_eq!(file.told(live(&first), None).await, Ok(None));
        file.tell(live(&first), None).await.expect("written");
        assert!(file.told(live(&first), None).await.expect("looked").is_some());
        assert_eq!(file.told(live(&second), None).await, Ok(None));
        let torn = std::fs::read_to_string(&path).expect("there") + "2026-11-29T2";
        std::fs::write(&path, torn).expect("written");
        file.tell(live(&second), None).await.expect("written");
        let lines: Vec<String> = std::fs::read_to_string(&path).expect("there").lines().map(str::to_owned).collect();
        let hash = "0a".repeat(32);
        let of = |seq: i64| format!("1970-01-01T00:00:01Z {seq} {hash}");
        assert_eq!(lines, [of(1), "2026-11-29T2".to_owned(), of(2)]);
    }

    #[tokio::test]
    async fn a_file_system_that_is_away_is_waited_for_and_nothing_else_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = HeadFile::new(folder.path().join("away/heads.log"));
        let told = notice(head(1));
        let error = file.tell(Live::of(&told).expect("no drill"), None).await.expect_err("away");
        assert!(error.passing() && !error.ambiguous(), "{error}");
        let other = notice(NoticeContent::NewTicket { title: "Renew".into(), text: String::new() });
        assert!(!file.tell(Live::of(&other).expect("no drill"), None).await.expect_err("refused").passing());
    }
}
