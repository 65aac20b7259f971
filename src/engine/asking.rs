//! Asking others to agree: the messages in the approval places, and their later states.

use crate::model::{Address, Message, Millis, Place, Plan};
use crate::store::{Owe, OweKind, RequestRow, Tx};

use super::agreement::{self, Agreement};
use super::{Engine, Trouble, say};

impl Engine {
    /// Posts the request in every approval place and starts its clock.
    pub(super) async fn ask_for_agreement(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        plan: &Plan,
        agreement: &Agreement,
        now: Millis,
    ) -> Result<(), Trouble> {
        tx.set_timer("agree", &row.id, agreement.until(now)).await?;
        let message = agreement::asking(row, &self.name_of(&row.requester), plan, (agreement, ""), now);
        self.in_approval_places(tx, row, &message, true, now).await
    }

    /// Brings every copy up to date while more is missing: its controls stay, and its clock goes on.
    pub(super) async fn ask_further(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        plan: &Plan,
        told: (&Agreement, &str),
        now: Millis,
    ) -> Result<(), Trouble> {
        let message = agreement::asking(row, &self.name_of(&row.requester), plan, told, row.changed);
        self.in_approval_places(tx, row, &message, false, now).await
    }

    /// Brings every copy of the approval message up to date; its controls go.
    pub(super) async fn update_approvals(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        line: &str,
        now: Millis,
    ) -> Result<(), Trouble> {
        let Some(plan) = tx.plan(&row.id, row.revision).await? else { return Ok(()) };
        if plan.plan.tier < crate::model::Tier::Second {
            return Ok(());
        }
        let message = say::asked(row, &self.name_of(&row.requester), &plan.plan, line);
        self.in_approval_places(tx, row, &message, false, now).await
    }

    async fn in_approval_places(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        message: &Message,
        first: bool,
        now: Millis,
    ) -> Result<(), Trouble> {
        for place in &self.policy().rules().approval_places {
            if !self.parts.chats.0.contains_key(&place.platform) {
                continue;
            }
            let to = Address::Channel { place: place.clone() };
            let kind = if first { OweKind::Post { to } } else { OweKind::Update { to } };
            let owe = Owe {
                target: place.platform,
                key: format!("approval:{}:{}:{}", row.id, row.revision, place.channel),
                kind,
                message: message.clone(),
            };
            tx.owe(&self.seal(owe)?, now).await?;
        }
        Ok(())
    }

    /// Owes a message, or an edit of the one that its key stands for.
    pub(super) async fn owe_update(
        &self,
        tx: &mut Tx<'_>,
        key: &str,
        to: Address,
        message: Message,
        now: Millis,
    ) -> Result<(), Trouble> {
        let target = to.platform();
        if !self.parts.chats.0.contains_key(&target) {
            return Ok(());
        }
        let owe = Owe { target, key: key.to_owned(), kind: OweKind::Update { to }, message };
        tx.owe(&self.seal(owe)?, now).await?;
        Ok(())
    }

    /// The same in each of these places, under a key of its own for each.
    pub(super) async fn owe_in(
        &self,
        tx: &mut Tx<'_>,
        places: &[Place],
        key: &str,
        message: &Message,
        now: Millis,
    ) -> Result<(), Trouble> {
        for place in places {
            let to = Address::Channel { place: place.clone() };
            self.owe_update(tx, &format!("{key}:{}", place.channel), to, message.clone(), now).await?;
        }
        Ok(())
    }

    pub(super) fn name_of(&self, id: &crate::model::StaffId) -> String {
        self.policy().rules().staff(id).map_or_else(|| id.to_string(), |s| s.name.clone())
    }

    /// A private word to the requester.
    pub(super) async fn tell_requester(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        message: Message,
        now: Millis,
    ) -> Result<(), Trouble> {
        let owe = Owe {
            target: row.account.platform,
            key: format!("private:{}:{}", row.id, row.account),
            kind: OweKind::Private { request: row.id.clone(), account: row.account.clone() },
            message,
        };
        tx.owe(&self.seal(owe)?, now).await?;
        Ok(())
    }

    pub(super) async fn tell_requester_ended(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        why: &str,
        now: Millis,
    ) -> Result<(), Trouble> {
        self.tell_requester(tx, row, say::ended(row, why), now).await
    }
}
