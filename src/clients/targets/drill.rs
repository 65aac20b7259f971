//! What a drill is told to: a record, and nothing else.
//!
//! It holds no wire and no file. Invariant: nothing that is told to it leaves the bot.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::guard::Redacted;
use crate::model::{Dedup, Notice, Proof};
use crate::ports::{PortError, Target};

/// Notices that are remembered; the oldest are forgotten first. A long drill has some hundred.
const RECORDED_MOST: usize = 1_000;

/// Records instead of sending. One is shared by all surfaces.
#[derive(Default)]
pub struct Recorder {
    recorded: Mutex<VecDeque<Notice>>,
}

impl Recorder {
    /// What was recorded so far, each notice once, in order.
    #[must_use]
    pub fn recorded(&self) -> Vec<Notice> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Records that notice.
    pub(super) fn record(&self, notice: &Notice) -> Proof {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        if !recorded.iter().any(|known| known.key == notice.key) {
            if recorded.len() >= RECORDED_MOST {
                recorded.pop_front();
            }
            recorded.push_back(notice.clone());
        }
        Proof { object: None, receipt: "Drill: recorded, not sent.".into(), url: None }
    }

    fn was_recorded(&self, key: &str) -> bool {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known.key == key)
    }
}

#[async_trait]
impl Target for Recorder {
    fn dedup(&self) -> Dedup {
        Dedup::ServerKey
    }

    async fn tell(&self, notice: &Redacted<Notice>, _object: Option<&str>) -> Result<Proof, PortError> {
        Ok(self.record(notice))
    }

    async fn told(&self, notice: &Redacted<Notice>, _object: Option<&str>) -> Result<Option<Proof>, PortError> {
        Ok(self.was_recorded(&notice.key).then(|| self.record(notice)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::{incident, notice};
    use super::*;
    use crate::model::NoticeContent;

    #[tokio::test]
    async fn each_notice_is_recorded_once() {
        let (recorder, notice) = (Recorder::default(), notice(NoticeContent::Incident(Box::new(incident()))));
        assert_eq!(recorder.told(&notice, None).await, Ok(None));
        for _ in 0..2 {
            let proof = recorder.tell(&notice, None).await.expect("recorded");
            assert!(proof.receipt.starts_with("Drill"));
        }
        assert_eq!(recorder.recorded(), [notice.clone().into_inner()]);
        assert!(recorder.told(&notice, None).await.expect("looked").is_some());
    }
}
