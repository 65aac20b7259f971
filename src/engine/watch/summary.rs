//! The weekly summary: how many cases there are, by kind and state. No values.

use crate::model::{Block, LeakCount, LeakState, MINUTE_MS, Message, Tone};

use super::super::{Engine, Trouble};

/// How often the security channels hear it.
const EVERY_MS: i64 = 7 * 24 * 60 * MINUTE_MS;

impl Engine {
    /// Sums the cases up once a week. Returns how many summaries were owed.
    pub(super) async fn sum_up(&self) -> Result<usize, Trouble> {
        let now = self.parts.clock.now();
        let last = self.parts.store.summed_up().await?;
        if last.is_some_and(|last| now.since(last) < EVERY_MS) {
            return Ok(0);
        }
        let counts = self.parts.store.leak_counts(now.plus_ms(-EVERY_MS)).await?;
        let told = last.is_some() && counts.iter().any(|count| count.recent > 0 || count.state != LeakState::Closed);
        let mut tx = self.parts.store.begin().await?;
        tx.sum_up(now).await?;
        if told {
            self.tell_security(&mut tx, &format!("leak-summary:{}", now.0), &summary(&counts), now).await?;
        }
        self.commit(tx).await?;
        Ok(usize::from(told))
    }
}

fn summary(counts: &[LeakCount]) -> Message {
    let cases = |state: LeakState| counts.iter().filter(|c| c.state == state).map(|c| c.cases).sum::<u32>();
    let recent: u32 = counts.iter().map(|count| count.recent).sum();
    let open = cases(LeakState::Open) + cases(LeakState::Rotating);
    let tone = if open > 0 { Tone::Caution } else { Tone::Good };
    let line = |c: &LeakCount| {
        format!("{}, {}: {} ({} seen or moved in the last 7 days)", c.kind, c.state.word(), c.cases, c.recent)
    };
    Message::titled(tone, format!("Leaks this week: {recent} seen or moved, {open} not yet closed."))
        .with(Block::Items { heading: "By kind and state".into(), items: counts.iter().map(line).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_kind_and_state() {
        let count = |state, cases, recent| LeakCount { kind: "webhook signing secret".into(), state, cases, recent };
        let message = summary(&[count(LeakState::Closed, 4, 1), count(LeakState::Open, 2, 2)]);
        assert_eq!(message.title, "Leaks this week: 3 seen or moved, 2 not yet closed.");
        assert_eq!(message.tone, Tone::Caution);
        assert_eq!(summary(&[count(LeakState::Closed, 4, 0)]).tone, Tone::Good);
    }
}
