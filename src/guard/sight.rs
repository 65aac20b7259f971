//! One anchor seen in a view, and the runs of characters around it.
//!
//! It reads and decides nothing. Invariant: no run crosses a gap in the view unless what follows looks like
//! more of the same key, and none crosses the next anchor.

use std::cell::Cell;
use std::ops::Range;

use super::decode::{Join, View};
use super::judge;
use super::settings::Settings;

/// How much of a body is judged when a piece may be more of it: longer than any key that is one line. Without it, a
/// body of many lines would be read again at each.
const JUDGED_BYTES: usize = 128;

/// Counts what the search has read, so that it can stop before a text takes too long, and knows the settings.
#[derive(Debug)]
pub(super) struct Work<'s> {
    read: Cell<usize>,
    settings: &'s Settings,
}

impl<'s> Work<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        Self { read: Cell::new(0), settings }
    }

    pub(super) fn add(&self, bytes: usize) {
        self.read.set(self.read.get().saturating_add(bytes));
    }

    /// Bytes read so far.
    pub(super) fn done(&self) -> usize {
        self.read.get()
    }
}

/// An anchor literal at a place of a view.
#[derive(Clone, Copy)]
pub(super) struct Sight<'v> {
    view: &'v View<'v>,
    work: &'v Work<'v>,
    /// The first byte of the anchor.
    pub start: usize,
    /// The byte after the anchor.
    pub end: usize,
    /// No run of this anchor goes beyond this place.
    pub limit: usize,
    /// Whether the anchor and the beginning of the body may be shown.
    named: bool,
}

impl<'v> Sight<'v> {
    pub(super) fn new(view: &'v View<'v>, work: &'v Work<'v>, anchor: Range<usize>, limit: usize, named: bool) -> Self {
        Self { view, work, start: anchor.start, end: anchor.end, limit: limit.min(view.text().len()), named }
    }

    /// What the operator has set.
    pub(super) fn settings(&self) -> &'v Settings {
        self.work.settings
    }

    /// The bytes of the view.
    pub(super) fn bytes(&self) -> &'v [u8] {
        self.view.text().as_bytes()
    }

    /// A slice of the view; empty where there is none. What is sliced is counted as read.
    pub(super) fn slice(&self, range: Range<usize>) -> &'v [u8] {
        self.work.add(range.len());
        self.bytes().get(range).unwrap_or_default()
    }

    /// The anchor as it stands in the text.
    pub(super) fn anchor(&self) -> &'v [u8] {
        self.slice(self.start..self.end)
    }

    /// The byte at a place, if there is one.
    pub(super) fn at(&self, place: usize) -> Option<u8> {
        self.bytes().get(place).copied()
    }

    /// The byte before the anchor, unless something was taken out between the two.
    pub(super) fn before(&self) -> Option<u8> {
        let gap = self.joins(self.start).first().is_some_and(|join| join.at == self.start);
        if gap { None } else { self.start.checked_sub(1).and_then(|place| self.at(place)) }
    }

    /// Where a run that begins at `from` ends. `cap` bounds the work.
    pub(super) fn run(&self, from: usize, is_body: fn(u8) -> bool, cap: usize) -> usize {
        let stop = self.limit.min(from.saturating_add(cap));
        let mut end = from;
        let mut joins = self.joins(from).iter().peekable();
        loop {
            let gap = joins.peek().map_or(stop, |join| join.at).min(stop);
            while end < gap && self.at(end).is_some_and(is_body) {
                end += 1;
            }
            if end < gap || gap == stop {
                self.work.add(end - from);
                return end;
            }
            let join = joins.next();
            let next = joins.peek().map_or(stop, |join| join.at).min(stop);
            let piece = self.slice(end..end + self.count(end..next, is_body));
            let head = from..end.min(from + JUDGED_BYTES);
            let more = if join.is_some_and(|join| join.message) {
                judge::continues_message(self.slice(from.max(end.saturating_sub(JUDGED_BYTES))..end), piece, self.named)
            } else if self.named && join.is_some_and(|join| join.line) {
                judge::continues_line(self.slice(head), piece)
            } else {
                judge::continues(self.slice(head), piece)
            };
            if !more {
                return end;
            }
        }
    }

    /// Where a run ends that no line break may cut, though markup may.
    pub(super) fn line_run(&self, from: usize, is_body: fn(u8) -> bool, cap: usize) -> usize {
        let stop = self.limit.min(from.saturating_add(cap));
        let mut near = self.joins(from).iter().take_while(|join| join.at < stop);
        let line = near.find(|join| join.line).map_or(stop, |join| join.at);
        from + self.count(from..line, is_body)
    }

    /// A range, cut where line breaks were taken out of it.
    pub(super) fn lines(&self, range: Range<usize>) -> impl Iterator<Item = &'v [u8]> {
        let joins = self.joins(range.start + 1).iter().filter(|join| join.line).map(|join| join.at);
        let mut cuts = joins.take_while(move |at| *at < range.end);
        let (this, mut from) = (*self, Some(range.start));
        std::iter::from_fn(move || {
            let start = from?;
            from = cuts.next();
            Some(this.slice(start..from.unwrap_or(range.end)))
        })
    }

    /// How many of the first bytes of a range belong to a run.
    pub(super) fn count(&self, range: Range<usize>, is_body: fn(u8) -> bool) -> usize {
        let bytes = self.bytes().get(range).unwrap_or_default();
        let len = bytes.iter().take_while(|byte| is_body(**byte)).count();
        self.work.add(len + 1);
        len
    }

    /// Where a literal is in a range.
    pub(super) fn find(&self, range: Range<usize>, literal: &[u8]) -> Option<usize> {
        let bytes = self.bytes().get(range.clone()).unwrap_or_default();
        let at = memchr::memmem::find(bytes, literal);
        self.work.add(at.unwrap_or(bytes.len()));
        at.map(|at| range.start + at)
    }

    /// Where a run that ends before `to` begins. No line break is inside it.
    pub(super) fn run_back(&self, to: usize, is_body: fn(u8) -> bool, cap: usize) -> usize {
        let joins = self.joins(to.saturating_sub(cap)).iter().take_while(|join| join.at <= to);
        let line = joins.filter(|join| join.line && !join.message).last().map_or(0, |join| join.at);
        let before = self.bytes().get(to.saturating_sub(cap).max(line)..to).unwrap_or_default();
        let len = before.iter().rev().take_while(|byte| is_body(**byte)).count();
        self.work.add(len + 1);
        to - len
    }

    fn joins(&self, from: usize) -> &'v [Join] {
        let joins = self.view.joins();
        joins.get(joins.partition_point(|join| join.at < from)..).unwrap_or_default()
    }
}
