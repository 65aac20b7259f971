//! Survey: what a scan of a channel's history would find, and the row that begins one.
//!
//! Invariant: a dry run records nothing and removes nothing.

use async_trait::async_trait;

use crate::guard::{Confidence, Guard};
use crate::model::{Millis, Past, Place, RequestId};
use crate::ports::{Clock, Fault, HistoryAct, HistoryRead, Moderate, Moderators, PortError, ScanProgress, Survey};
use crate::store::{Backlog, BacklogState, Store, StoreError};

use std::sync::Arc;

use super::catch_up::backlog;

/// Pages that a dry run reads: a few seconds of either platform's pace.
const PAGES_MOST: usize = 10;

/// The histories of all platforms.
pub struct Histories {
    store: Store,
    guard: Guard,
    moderators: Moderators,
    clock: Arc<dyn Clock>,
}

impl Histories {
    /// Those of these platforms; scans are kept in `store`.
    #[must_use]
    pub const fn new(store: Store, guard: Guard, moderators: Moderators, clock: Arc<dyn Clock>) -> Self {
        Self { store, guard, moderators, clock }
    }

    fn reader(&self, place: &Place) -> Result<&Arc<dyn Moderate>, PortError> {
        self.moderators.0.get(&place.platform).ok_or_else(|| PortError::new(place.platform.name(), Fault::NoRoute))
    }

    fn kind(&self, past: &Past) -> Option<String> {
        let found = past.said.texts.iter().flat_map(|text| self.guard.review_unseen(text));
        let mut sure = found.filter(|finding| finding.confidence != Confidence::Entropy);
        sure.next().map(|finding| finding.rule.kind().to_owned())
    }
}

fn trouble(error: &StoreError) -> PortError {
    tracing::error!(error = %error, "a scan cannot be kept");
    PortError::new("the database", Fault::Unreachable)
}

#[async_trait]
impl HistoryRead for Histories {
    async fn survey(&self, place: &Place, since: Millis, until: Millis) -> Result<Survey, PortError> {
        let reader = self.reader(place)?;
        let (after, until) = (reader.id_at(since), reader.id_at(until.plus_ms(1)));
        let (mut survey, mut page) = (Survey::default(), None::<String>);
        for _ in 0..PAGES_MOST {
            let read = reader.history(place, &after, &until, page.as_deref()).await?;
            for past in &read.messages {
                survey.messages = survey.messages.saturating_add(1);
                let files = u32::try_from(past.said.files.len()).unwrap_or(u32::MAX);
                survey.files = survey.files.saturating_add(files);
                if let Some(kind) = self.kind(past) {
                    *survey.found.entry(kind).or_default() += 1;
                }
            }
            page = read.next;
            if page.is_none() {
                survey.whole = true;
                break;
            }
        }
        Ok(survey)
    }

    async fn progress(&self, request: &RequestId) -> Result<Option<ScanProgress>, PortError> {
        let row = self.store.backlog_of(request).await.map_err(|error| trouble(&error))?;
        Ok(row.map(|row| ScanProgress {
            messages: row.messages,
            found: row.found,
            open: row.state == BacklogState::Open,
            why: row.why,
        }))
    }
}

#[async_trait]
impl HistoryAct for Histories {
    async fn scan(&self, request: &RequestId, place: &Place, since: Millis, until: Millis) -> Result<(), PortError> {
        let reader = self.reader(place)?;
        if self.progress(request).await?.is_some() {
            return Ok(());
        }
        let row = Backlog {
            request: Some(request.clone()),
            ..backlog(place.clone(), reader.id_at(since), reader.id_at(until.plus_ms(1)))
        };
        // A place and three ids: nothing that a person wrote.
        let row = self.guard.outgoing(row).map_err(|_| PortError::new("guard", Fault::Garbled))?;
        let now = self.clock.now();
        let begun = async {
            let mut tx = self.store.begin().await?;
            tx.add_backlog(&row, now).await?;
            tx.commit().await
        };
        begun.await.map_err(|error| trouble(&error))
    }
}
