//! Published heads against the chain: whether each is in it, row by row as the chain is walked.
//!
//! It reads nothing. Invariant: a trail that was cut off or rewritten after a head was published does not hold.

use crate::model::{TrailHead, hex};

use super::audit::Hash;

/// Heads that were published, by row.
#[derive(Default)]
pub(super) struct Published {
    heads: Vec<TrailHead>,
    next: usize,
    /// The row of the last head that is in the chain.
    last: i64,
    /// How many are in the chain.
    pub(super) held: u64,
}

impl Published {
    pub(super) fn of(heads: &[TrailHead]) -> Self {
        let mut heads = heads.to_vec();
        heads.sort_by_key(|head| head.seq);
        Self { heads, ..Self::default() }
    }

    /// Compares a row that holds with the heads that name it. Rows come one after the other; before the first one the
    /// number is 0, and so is the hash.
    pub(super) fn compare(&mut self, seq: i64, hash: &Hash) -> Result<(), (i64, String)> {
        while let Some(head) = self.heads.get(self.next).filter(|head| head.seq == seq) {
            if head.hash != hex(hash) {
                let from = self.last + 1;
                let span = if from < head.seq { format!("row {from} or later") } else { "this row".to_owned() };
                return Err((
                    head.seq,
                    format!("it is not the row whose hash was published{}: {span} was rewritten", when(head)),
                ));
            }
            (self.next, self.held, self.last) = (self.next + 1, self.held + 1, head.seq);
        }
        Ok(())
    }

    /// What is wrong when the chain ends with that row.
    pub(super) fn left(&self, end: i64) -> Option<(i64, String)> {
        let head = self.heads.get(self.next)?;
        let why = format!(
            "the head is not in the trail: row {} was published{}, and the trail ends at row {end}",
            head.seq,
            when(head)
        );
        Some((end + 1, why))
    }
}

fn when(head: &TrailHead) -> String {
    head.at.map(|at| format!(" on {at}")).unwrap_or_default()
}
