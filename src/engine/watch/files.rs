//! Files: their content is read outside of intake, in pieces, and judged as any text.
//!
//! Invariant: a file that is not read is counted with the reason; its message is never called clean for it.

use std::sync::Arc;

use crate::guard::{Finding, Secret, Untrusted};
use crate::model::{FileRef, Millis, SECOND_MS};
use crate::ports::{Fault, FileText, Moderate, PortError, Removal};
use crate::store::{Exposure, ExposureState, Sighted};

use super::super::{Engine, Trouble};
use super::see::Judged;

/// The most files of one message that are read: Slack and Discord allow ten each.
const FILES_MOST: usize = 10;
/// How much of a file is judged at once, in bytes: half of what the guard reads.
const PIECE_BYTES: usize = 128 * 1024;
/// How much of a piece is judged again with the next, in bytes: longer than any key.
const AGAIN_BYTES: usize = 8 * 1024;
/// How often a file is asked for before it counts as unreadable.
const TRIES: u32 = 5;
/// The first pause before a file is asked for again; it doubles.
const PAUSE_MS: i64 = 2 * SECOND_MS;
/// The longest pause.
const PAUSE_MOST_MS: i64 = 60 * SECOND_MS;

/// What is in some files.
#[derive(Default)]
pub(super) struct Contents {
    findings: Vec<Finding>,
    /// The files that hold something.
    holding: Vec<String>,
}

impl Engine {
    /// Reads the files of a message that holds nothing else.
    pub(super) async fn read_files(&self, row: Exposure) -> Result<(), Trouble> {
        let Some(moderator) = self.parts.moderators.0.get(&row.place.platform).cloned() else {
            return self.files_done(row, Judged::default(), Vec::new()).await;
        };
        let files = match moderator.read(&row.place, &row.message).await {
            Ok(Some(said)) => said.files,
            Ok(None) => Vec::new(),
            Err(error) if error.passing() && row.attempts < TRIES => return self.files_later(row, &error).await,
            Err(_) => row.unread.iter().map(|id| by_id(id)).collect(),
        };
        match self.contents(&moderator, &files, row.attempts < TRIES).await {
            Ok(contents) => {
                let judged = self.sift(contents.findings).await?;
                self.files_done(row, judged, contents.holding).await
            }
            Err(error) => self.files_later(row, &error).await,
        }
    }

    /// What is in those files. A failure that may pass is an error while `again` is true, and is counted after that.
    pub(super) async fn contents(
        &self,
        moderator: &Arc<dyn Moderate>,
        files: &[FileRef],
        again: bool,
    ) -> Result<Contents, PortError> {
        let mut contents = Contents::default();
        for file in files.iter().take(FILES_MOST) {
            match moderator.file(file).await {
                Ok(FileText::Text(text)) => {
                    self.eyes.file_read();
                    let found = self.findings_of(&text);
                    if !found.is_empty() {
                        contents.holding.push(file.id.clone());
                        contents.findings.extend(found);
                    }
                }
                Ok(FileText::Skipped(why)) => self.eyes.file_skipped(why),
                Err(error) if error.fault == Fault::NotFound => self.eyes.file_skipped("gone"),
                Err(error) if error.passing() && again => return Err(error),
                Err(_) => self.eyes.file_skipped("unreadable"),
            }
        }
        (files.len()..).zip(files.iter().skip(FILES_MOST)).for_each(|_| self.eyes.file_skipped("too many"));
        Ok(contents)
    }

    fn findings_of(&self, text: &Untrusted) -> Vec<Finding> {
        let pieces = text.pieces(PIECE_BYTES, AGAIN_BYTES);
        pieces.iter().flat_map(|piece| self.parts.guard.review_unseen(piece)).collect()
    }

    /// After a message was removed: its files may live on. Gives what they hold; those are removed too.
    pub(super) async fn clear_files(&self, moderator: &Arc<dyn Moderate>, row: &mut Exposure) -> Vec<Sighted> {
        let files: Vec<FileRef> = row.unread.drain(..).map(|id| by_id(&id)).collect();
        let contents = self.contents(moderator, &files, false).await.unwrap_or_default();
        row.files.extend(contents.holding);
        let mut kept = Vec::new();
        for file in std::mem::take(&mut row.files) {
            match moderator.remove_file(&file).await {
                Ok(Removal::Removed | Removal::Gone) => {}
                Ok(Removal::Refused(why)) => {
                    row.why = self.scrub(format!("Its file {file} is still there. {why}")).into_inner();
                    kept.push(file);
                }
                Err(error) => {
                    row.why = self.scrub(format!("Its file {file} may still be there. {error}")).into_inner();
                    kept.push(file);
                }
            }
        }
        row.files = kept;
        self.sift(contents.findings).await.map(|judged| judged.sighted).unwrap_or_default()
    }

    async fn files_done(&self, mut row: Exposure, judged: Judged, holding: Vec<String>) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        row.unread.clear();
        row.files = holding;
        row.attempts = 0;
        row.state = if judged.is_empty() { ExposureState::Read } else { ExposureState::Todo };
        let mut tx = self.parts.store.begin().await?;
        self.sight_all(&mut tx, &row, &judged.sighted, judged.more, now).await?;
        tx.move_exposure(&self.seal(row)?, now, now).await?;
        self.commit(tx).await
    }

    async fn files_later(&self, row: Exposure, error: &PortError) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let due = match error.fault {
            Fault::RateLimited { after_ms } => now.plus_ms(after_ms),
            _ => self.after_pause(now, PAUSE_MS, PAUSE_MOST_MS, row.attempts),
        };
        self.put_off(row, due, now).await
    }

    pub(super) async fn put_off(&self, row: Exposure, due: Millis, now: Millis) -> Result<(), Trouble> {
        let mut tx = self.parts.store.begin().await?;
        tx.move_exposure(&self.seal(row)?, due, now).await?;
        self.commit(tx).await
    }
}

fn by_id(id: &str) -> FileRef {
    FileRef {
        id: id.to_owned(),
        name: Untrusted::default(),
        media: String::new(),
        bytes: None,
        url: Secret::new(String::new()),
    }
}
