//! Catch up: after a gap, and when somebody asks, history is read page by page and judged as if it were said now.
//!
//! Invariants: a page's findings and where the next page begins are one commit; the live watermark moves only
//! after the gap behind it is a row.

use futures_util::future::join_all;

use crate::model::{Address, Past, Place, Platform, SECOND_MS};
use crate::ports::{Fault, Page, PortError};
use crate::store::{Backlog, BacklogState, Watermark};

use super::super::{Engine, Trouble};
use super::say;
use super::see::Judged;

/// How much before the last message is read again: what the guard remembers of each author.
const OVERLAP_MS: i64 = 60 * SECOND_MS;
/// How often watermarks are written: an ordinary message must not cost a write to the disk.
const FLUSH_EVERY_MS: i64 = SECOND_MS;
/// How many channels are read at once; each platform paces its own calls.
const AT_ONCE: u32 = 2;
/// How long one page may take before another may try.
const LEASE_MS: i64 = 120 * SECOND_MS;
/// The first pause after a failure; it doubles.
const PAUSE_MS: i64 = SECOND_MS;
/// The longest pause.
const PAUSE_MOST_MS: i64 = 10 * 60 * SECOND_MS;
/// How often one page is tried.
const TRIES: u32 = 20;
/// The pause before a platform's channels are asked for again.
const GAP_AGAIN_MS: i64 = 10 * SECOND_MS;

impl Engine {
    /// Reads missed history, and writes watermarks. Returns how many pages and gaps it took.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn catch_up(&self) -> Result<usize, Trouble> {
        let mut done = 0;
        for platform in self.eyes.take_gaps(self.parts.clock.now()) {
            done += usize::from(self.note_gap(platform).await?);
        }
        done += self.read_backlogs().await?;
        self.write_marks().await?;
        Ok(done)
    }

    /// What was seen by the watch so far.
    #[must_use]
    pub fn watched(&self) -> super::Watched {
        self.eyes.watched()
    }

    async fn write_marks(&self) -> Result<(), Trouble> {
        let marks = self.eyes.take_marks(self.parts.clock.now(), FLUSH_EVERY_MS);
        if marks.is_empty() {
            return Ok(());
        }
        let mut tx = self.parts.store.begin().await?;
        for mark in &marks {
            tx.mark(mark).await?;
        }
        self.commit(tx).await
    }

    /// Turns a gap of a platform into backlogs, one per channel that was watched before; true when it could be done.
    async fn note_gap(&self, platform: Platform) -> Result<bool, Trouble> {
        let Some(moderator) = self.parts.moderators.0.get(&platform).cloned() else { return Ok(false) };
        let now = self.parts.clock.now();
        let channels = match moderator.channels().await {
            Ok(channels) => channels,
            Err(error) => {
                tracing::warn!(error = %error, platform = platform.name(), "watch.channels_unknown");
                self.eyes.missed(platform, now.plus_ms(GAP_AGAIN_MS));
                return Ok(false);
            }
        };
        let until = moderator.id_at(now.plus_ms(OVERLAP_MS));
        let mut known = Vec::with_capacity(channels.len());
        for place in channels {
            let mark = self.parts.store.watermark(platform, &place.channel).await?;
            known.push((place, mark));
        }
        let mut tx = self.parts.store.begin().await?;
        for (place, mark) in known {
            if let Some(mark) = mark {
                let after = moderator.id_at(mark.at.plus_ms(-OVERLAP_MS));
                tx.add_backlog(&self.seal(backlog(place.clone(), after, until.clone()))?, now).await?;
            }
            tx.mark(&Watermark { place, message: String::new(), at: now }).await?;
        }
        self.commit(tx).await?;
        Ok(true)
    }

    async fn read_backlogs(&self) -> Result<usize, Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        let due = tx.lease_backlogs(now, LEASE_MS, AT_ONCE).await?;
        if due.is_empty() {
            return Ok(0);
        }
        self.commit(tx).await?;
        let count = due.len();
        let results = join_all(due.into_iter().map(|row| self.read_on(row))).await;
        results.into_iter().collect::<Result<Vec<()>, Trouble>>()?;
        Ok(count)
    }

    async fn read_on(&self, mut row: Backlog) -> Result<(), Trouble> {
        let Some(moderator) = self.parts.moderators.0.get(&row.place.platform).cloned() else {
            row.why = "I cannot read this platform's history.".into();
            return self.backlog_ended(row, BacklogState::Failed, Vec::new()).await;
        };
        match moderator.history(&row.place, &row.after, &row.until, row.page.as_deref()).await {
            Ok(page) => self.judge_page(row, page).await,
            Err(error) => self.page_failed(row, &error).await,
        }
    }

    async fn judge_page(&self, mut row: Backlog, page: Page) -> Result<(), Trouble> {
        let mut messages = page.messages;
        // What an author split is seen only in the order in which it was said.
        messages.sort_by(|a, b| (a.at, &a.said.message).cmp(&(b.at, &b.said.message)));
        let mut judged = Vec::with_capacity(messages.len());
        for past in messages {
            let verdict = self.judged(&past).await?;
            row.messages = row.messages.saturating_add(1);
            row.files = row.files.saturating_add(u32::try_from(past.said.files.len()).unwrap_or(u32::MAX));
            if !verdict.is_empty() || !past.said.files.is_empty() {
                row.found = row.found.saturating_add(u32::from(!verdict.is_empty()));
                judged.push((past, verdict));
            }
        }
        (row.page, row.attempts) = (page.next, 0);
        let state = if row.page.is_some() { BacklogState::Open } else { BacklogState::Done };
        self.backlog_ended(row, state, judged).await
    }

    /// Writes how far a backlog was read, with what was found.
    async fn backlog_ended(
        &self,
        mut row: Backlog,
        state: BacklogState,
        judged: Vec<(Past, Judged)>,
    ) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        row.state = state;
        let mut tx = self.parts.store.begin().await?;
        for (past, verdict) in &judged {
            self.record(&mut tx, past, verdict).await?;
        }
        if let Some(request) = &row.request {
            let (key, to) = (format!("scan:{request}"), Address::Channel { place: row.place.clone() });
            self.owe_update(&mut tx, &key, to, say::scan(&row, request), now).await?;
        }
        tx.move_backlog(&self.seal(row)?, now, now).await?;
        self.commit(tx).await?;
        self.wake();
        Ok(())
    }

    async fn page_failed(&self, mut row: Backlog, error: &PortError) -> Result<(), Trouble> {
        row.why = self.scrub(error.to_string()).into_inner();
        if !error.passing() || row.attempts >= TRIES {
            tracing::warn!(error = %error, channel = %row.place.channel, "watch.history_unreadable");
            return self.backlog_ended(row, BacklogState::Failed, Vec::new()).await;
        }
        let now = self.parts.clock.now();
        let due = match error.fault {
            Fault::RateLimited { after_ms } => now.plus_ms(after_ms),
            _ => self.after_pause(now, PAUSE_MS, PAUSE_MOST_MS, row.attempts),
        };
        let mut tx = self.parts.store.begin().await?;
        tx.move_backlog(&self.seal(row)?, due, now).await?;
        self.commit(tx).await
    }
}

/// History that is to be read, from its beginning.
pub(super) fn backlog(place: Place, after: String, until: String) -> Backlog {
    Backlog {
        id: 0,
        place,
        request: None,
        after,
        until,
        page: None,
        messages: 0,
        found: 0,
        files: 0,
        state: BacklogState::Open,
        why: String::new(),
        attempts: 0,
    }
}
