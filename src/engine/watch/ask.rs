//! Ask: what may be no secret is not removed; its author is asked, and the answer is remembered.
//!
//! Invariant: nobody but the author and those who look after leaks may say that something is no secret.

use serde_json::json;

use crate::model::{Ack, Address, AnswerMode, Message, Millis, Press, Refusal, RefusalCode, RequestId, Tone};
use crate::store::{Exposure, ExposureState, Sighted, Tx};

use super::super::intake::{Arrival, Decided};
use super::super::{Engine, Fact, Trouble};
use super::{say, see};

/// What the reference of an exposure begins with.
const REFERENCE: &str = "EX-";

/// The reference of an exposure that has no case.
pub(super) fn reference(exposure: i64) -> Result<RequestId, Trouble> {
    format!("{REFERENCE}{exposure}").parse().map_err(|bad| Trouble::Bug(format!("{bad}")))
}

impl Engine {
    pub(super) async fn ask_author(&self, mut row: Exposure, sighted: &[Sighted]) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        (row.state, row.attempts) = (ExposureState::Asked, 0);
        let message = say::is_it_secret(sighted, &self.link(&row), &reference(row.id)?);
        let mut tx = self.parts.store.begin().await?;
        if !tx.move_exposure(&self.seal(row.clone())?, Millis(i64::MAX), now).await? {
            return Ok(());
        }
        self.note_exposure(&mut tx, &row, "asked").await?;
        if !row.by_app {
            let to = Address::Direct { account: row.account.clone() };
            self.owe_update(&mut tx, &format!("leak-author:{}", row.id), to, message, now).await?;
        }
        self.commit(tx).await
    }

    /// Somebody says that what was found is no secret.
    pub(in crate::engine) async fn judge(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        press: &Press,
    ) -> Result<Decided, Trouble> {
        let envelope = &arrival.envelope;
        let policy = self.policy();
        let staff = policy.identify(&envelope.account, envelope.outsider, &envelope.place).ok();
        let staff_id = staff.map(|staff| staff.id.clone());
        let number = press.request.as_str().strip_prefix(REFERENCE).and_then(|number| number.parse().ok());
        let row = match number {
            Some(number) => tx.exposure(number).await?,
            None => None,
        };
        let oversees = staff.is_some_and(|staff| policy.may_oversee(staff).is_ok());
        let Some(mut row) = row.filter(|row| oversees || row.account == envelope.account) else {
            return self.refuse(tx, staff_id.as_ref(), None, AnswerMode::Fresh, &not_yours()).await;
        };
        if row.state != ExposureState::Asked {
            return self.refuse(tx, staff_id.as_ref(), None, AnswerMode::Fresh, &over()).await;
        }
        for one in self.parts.store.sighted_in(row.id).await?.iter().filter(|one| one.doubtful) {
            tx.judge_harmless(&one.fingerprint, &envelope.account, staff_id.as_ref(), arrival.now).await?;
        }
        row.state = ExposureState::Harmless;
        tx.move_exposure(&self.seal(row.clone())?, arrival.now, arrival.now).await?;
        let mut details = see::whereabouts(&row);
        details["by"] = json!(envelope.account.to_string());
        self.audit(tx, Fact { staff: staff_id.as_ref(), action: "leak", request: None, outcome: "harmless", details })
            .await?;
        let message = Message::titled(Tone::Good, "Noted: this is no secret.")
            .text("I will not ask about the same text again.")
            .reference(reference(row.id)?.to_string());
        let ack = Ack::Say(AnswerMode::Fresh, Box::new(self.seal(message)?));
        Ok(Decided { ack, request: None })
    }
}

fn not_yours() -> Refusal {
    Refusal::new(
        RefusalCode::Role,
        "You may not decide whether this is a secret.",
        "Its author may, and people with the role security, lead or admin.",
        "Ask one of them.",
    )
}

fn over() -> Refusal {
    Refusal::new(
        RefusalCode::Already,
        "This question is no longer open.",
        "It was answered, or the message is gone.",
        "Nothing more to do here.",
    )
}
