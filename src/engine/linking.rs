//! Accounts that admins link and unlink: what became of rights by it is written down, and counts from then on at once.
//!
//! Invariants: what the database says of links is what counts, whoever died between the two; and whoever gets an account
//! hears of it.

use std::collections::BTreeSet;

use crate::model::{Account, Effect, Message, Millis, Plan, Tone};
use crate::policy::{ApprovedPlan, RightsChange, changes};
use crate::store::{JournalRow, RequestRow, Tx};

use super::{Engine, Trouble};

impl Engine {
    /// A step that links or unlinks an account; who has which account is known anew before anything else goes on.
    pub(super) async fn link_step(
        &self,
        row: &RequestRow,
        next: &JournalRow,
        approved: &ApprovedPlan,
    ) -> Result<(), Trouble> {
        // Whatever comes of the step: if it is cut off, the next tick looks.
        self.parts.people.move_links();
        self.step(row, next, approved).await?;
        self.relink_if_moved().await
    }

    /// Reads the links where they may have changed.
    pub(super) async fn relink_if_moved(&self) -> Result<(), Trouble> {
        let people = &self.parts.people;
        if !people.take_moved_links() {
            return Ok(());
        }
        let done = self.relink().await;
        if done.is_err() {
            people.move_links();
        }
        done
    }

    async fn relink(&self) -> Result<(), Trouble> {
        let people = &self.parts.people;
        let _one = people.writing.lock().await;
        let links = self.parts.store.account_links().await?;
        // Without a roster, those of it would seem to be gone; the next reading writes down what became of them.
        if let Some(all) = people.with_links(&links) {
            let ever: BTreeSet<Account> = self.parts.store.accounts_ever_linked().await?.into_iter().collect();
            let of_links =
                |change: &RightsChange| change.linked.iter().chain(&change.unlinked).any(|one| ever.contains(one));
            let before = self.parts.store.people_known().await?;
            let changes: Vec<RightsChange> = changes(&before, &all.staff).into_iter().filter(of_links).collect();
            self.write_rights(&changes).await?;
        }
        people.relink(links);
        Ok(())
    }

    /// Owes the word to whoever got an account by that plan: on each platform, first on an account that was theirs before.
    pub(super) async fn tell_linked(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        plan: &Plan,
        now: Millis,
    ) -> Result<(), Trouble> {
        for step in &plan.steps {
            let Effect::LinkAccount { account, .. } = &step.effect else { continue };
            let policy = self.policy();
            // It is told only of what is so.
            let Some(claim) = policy.claims(account).into_iter().next() else { continue };
            let who = self.name_of(&row.requester);
            let message = Message::titled(Tone::Caution, format!("{who} has linked an account to you."))
                .text(format!(
                    "`{account}` acts for you from now on. If it is not yours, tell an admin at once: `/staff unlink {account}` \
                     ends it."
                ))
                .reference(row.id.to_string());
            self.tell_staff(tx, &claim.staff, &format!("linked:{}", row.id), &message, now).await?;
        }
        Ok(())
    }
}
