//! Settle: how a message ends, and who hears of it, in one commit.
//!
//! Invariant: a message ends once, whoever brings the news first.

use serde_json::json;

use crate::model::{Address, Millis, Posted};
use crate::store::{Exposure, ExposureState, Sighted, Tx};

use super::super::{Engine, Fact, Trouble};
use super::{say, see};

impl Engine {
    /// A message was removed, by whomever. While somebody is at work on it, they find out themselves.
    pub(super) async fn gone(&self, posted: &Posted) -> Result<(), Trouble> {
        self.settle_known(posted, ExposureState::Gone).await
    }

    /// A message stands there and holds nothing any more.
    pub(super) async fn cleaned(&self, posted: &Posted) -> Result<(), Trouble> {
        self.settle_known(posted, ExposureState::Clean).await
    }

    async fn settle_known(&self, posted: &Posted, to: ExposureState) -> Result<(), Trouble> {
        let waits = |row: &Exposure| {
            matches!(row.state, ExposureState::Told | ExposureState::Asked | ExposureState::Todo)
                && row.leased_until <= self.parts.clock.now()
        };
        match self.parts.store.exposure_of(posted).await? {
            Some(row) if waits(&row) => {}
            _ => return Ok(()),
        }
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        let Some(mut row) = tx.exposure_of(posted).await?.filter(waits) else { return Ok(()) };
        row.why.clear();
        self.settle_in(&mut tx, row, to, &[], now).await?;
        self.commit(tx).await?;
        self.wake();
        Ok(())
    }

    /// Ends a message. `also`: what else was found in it meanwhile.
    pub(super) async fn settle(&self, row: Exposure, to: ExposureState, also: &[Sighted]) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        self.settle_in(&mut tx, row, to, also, now).await?;
        self.commit(tx).await
    }

    pub(super) async fn settle_in(
        &self,
        tx: &mut Tx<'_>,
        mut row: Exposure,
        to: ExposureState,
        also: &[Sighted],
        now: Millis,
    ) -> Result<(), Trouble> {
        let asked = row.state == ExposureState::Asked;
        self.sight_all(tx, &row, also, 0, now).await?;
        (row.state, row.attempts) = (to, 0);
        if !tx.move_exposure(&self.seal(row.clone())?, now, now).await? {
            return Ok(());
        }
        if asked {
            return self.note_exposure(tx, &row, to.word()).await;
        }
        self.tell_all(tx, &row, to.word(), now).await
    }

    /// Records how an exposure stands in every case that it belongs to, and owes everybody the news.
    pub(super) async fn tell_all(
        &self,
        tx: &mut Tx<'_>,
        row: &Exposure,
        outcome: &str,
        now: Millis,
    ) -> Result<(), Trouble> {
        self.note_exposure(tx, row, outcome).await?;
        let leaks = tx.leaks_in(row.id).await?;
        let link = self.link(row);
        if !row.place.direct && row.state != ExposureState::Blocked {
            let to = Address::Channel { place: row.place.clone() };
            self.owe_update(tx, &format!("leak-warning:{}", row.id), to, say::warning(row, &leaks), now).await?;
        }
        if !row.by_app {
            let to = Address::Direct { account: row.account.clone() };
            let message = say::to_author(row, &leaks, &link);
            self.owe_update(tx, &format!("leak-author:{}", row.id), to, message, now).await?;
        }
        for leak in &leaks {
            self.owe_case(tx, leak, now).await?;
        }
        Ok(())
    }

    /// One audit row per case of that exposure; one without a case where there is none.
    pub(super) async fn note_exposure(&self, tx: &mut Tx<'_>, row: &Exposure, outcome: &str) -> Result<(), Trouble> {
        let mut details = see::whereabouts(row);
        details["why"] = json!(row.why);
        let leaks = tx.leaks_in(row.id).await?;
        if leaks.is_empty() {
            let fact = Fact { staff: None, action: "leak", request: None, outcome, details };
            return self.audit(tx, fact).await;
        }
        for leak in &leaks {
            let details = details.clone();
            self.audit(tx, Fact { staff: None, action: "leak", request: Some(&leak.id), outcome, details }).await?;
        }
        Ok(())
    }

    /// Where the message can be seen; empty where nobody can say.
    pub(super) fn link(&self, row: &Exposure) -> String {
        self.link_to(&row.place, &row.message)
    }
}
