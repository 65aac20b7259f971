//! The case of one leaked secret as the security channels see it: one message each, edited as the case moves.

use crate::model::{Leak, Millis};
use crate::store::Tx;

use super::super::{Engine, Trouble};
use super::say;

/// How many of its messages a case shows, the newest.
const SHOWN: u32 = 5;

impl Engine {
    /// Owes the case's message, or its edit, to every security place.
    pub(super) async fn owe_case(&self, tx: &mut Tx<'_>, leak: &Leak, now: Millis) -> Result<(), Trouble> {
        let places = tx.exposures_of(&leak.fingerprint, SHOWN).await?;
        let lines: Vec<String> = places
            .iter()
            .map(|row| {
                let author = self.author_of(row);
                say::place_line(row, &author, &self.link(row))
            })
            .collect();
        let message = say::case(leak, &lines);
        self.tell_security(tx, &format!("leak:{}", leak.id), &message, now).await
    }

    fn author_of(&self, row: &crate::store::Exposure) -> String {
        if row.by_app {
            return "an app".into();
        }
        match self.policy().rules().holders(&row.account).as_slice() {
            [one] => one.name.clone(),
            _ => row.account.user.clone(),
        }
    }
}
