//! Withheld: words of our own that held a secret are not sent. The security channels hear of it.
//!
//! Invariant: the report says the kind and nothing of the text.

use serde_json::json;

use crate::model::{Message, Millis, Tone};
use crate::store::Tx;

use super::super::{Engine, Fact, Trouble};

impl Engine {
    pub(super) async fn report_withheld(&self) -> Result<usize, Trouble> {
        let reports = self.eyes.take_withheld();
        for kinds in &reports {
            let now = self.parts.clock.now();
            let reference = self.parts.ids.request();
            let details = json!({ "kinds": kinds });
            let mut tx = self.parts.store.begin().await?;
            let fact = Fact { staff: None, action: "leak", request: Some(&reference), outcome: "withheld", details };
            self.audit(&mut tx, fact).await?;
            let message = Message::titled(Tone::Bad, "I was about to send a raw secret myself. It was withheld.")
                .text(format!("Kind: {}. Nothing of it was sent or stored.", kinds.join(", ")))
                .text("This is a mistake of mine: give an operator the reference, and see what was asked just before.")
                .reference(reference.to_string());
            self.tell_security(&mut tx, &format!("withheld:{reference}"), &message, now).await?;
            self.commit(tx).await?;
        }
        Ok(reports.len())
    }

    /// Owes the same message to every security place, under a key of its own for each.
    pub(super) async fn tell_security(
        &self,
        tx: &mut Tx<'_>,
        key: &str,
        message: &Message,
        now: Millis,
    ) -> Result<(), Trouble> {
        self.owe_in(tx, &self.policy().rules().security_places, key, message, now).await
    }
}
