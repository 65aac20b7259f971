//! Incidents as the engine keeps them going: their cards, their promises, and their buttons.
//!
//! Invariants: a card is owed in the commit that says it is fresh; of a promise each reminder is given once, in the
//! commit that remembers it.

use serde_json::json;

use crate::catalog::Definition;
use crate::incidents::buttons::{AskedBy, buttons, fill};
use crate::incidents::cadence::{Reminded, Reminder, ReminderKind};
use crate::incidents::parts::watermark;
use crate::incidents::people::{Names, briefing};
use crate::incidents::{card, fanout};
use crate::model::{
    Address, AnswerMode, Block, DeliveryState, Effect, Entry, EntryKind, Fields, Incident, Invocation, Message, Millis,
    Phase, Plan, Platform, Press, Staff, StaffId, Tone,
};
use crate::ports::{IncidentRead, PortError};
use crate::store::{Owe, OweKind, Promised, RequestRow, Tx};

use super::intake::{Arrival, Decided};
use super::press::unknown;
use super::ticket::Told;
use super::{Engine, Fact, Trouble};

/// The deeds with which somebody gets a duty.
const BRIEFED: [EntryKind; 2] = [EntryKind::Opened, EntryKind::Duty];
/// How many cards one tick writes.
const CARDS: u32 = 50;
/// How many promises one tick looks at.
const PROMISES: u32 = 50;

impl Engine {
    /// Writes cards that are stale, and keeps an eye on promises. Returns how much there was.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn incidents(&self) -> Result<usize, Trouble> {
        let stale = self.parts.store.stale_cards(CARDS).await?;
        for incident in &stale {
            self.write_card(incident).await?;
        }
        let due = self.parts.store.promises_due(self.parts.clock.now(), PROMISES).await?;
        for one in &due {
            self.look_at_promise(one).await?;
        }
        Ok(stale.len() + due.len())
    }

    /// Owes the card in each of its rooms. What is read after the transaction began cannot change before it ends.
    async fn write_card(&self, incident: &Incident) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        tx.fresh_card(&incident.id).await?;
        let Some(incident) = self.parts.store.incident(&incident.id).await.map_err(unreadable)? else { return Ok(()) };
        let lines = self.parts.store.board(&incident.id).await.map_err(unreadable)?;
        let failed = lines.iter().any(|line| line.state == DeliveryState::Failed);
        let mut message = card::card(&incident, &lines, &self.names(&incident)).reference(incident.id.to_string());
        message.controls = buttons(&incident, failed);
        for room in &incident.rooms {
            let to = Address::Channel { place: room.clone() };
            self.owe_update(&mut tx, &format!("incident:{}:card", incident.id), to, message.clone(), now).await?;
        }
        self.commit(tx).await
    }

    /// How its people are called.
    fn names(&self, incident: &Incident) -> Names {
        let ids = incident.duties.values().chain([&incident.opened_by, &incident.changed_by]);
        ids.map(|id| (id.clone(), self.name_of(id))).collect()
    }

    /// Whoever got a duty is told what it asks; each person once for each duty of an incident.
    pub(super) async fn brief(&self, tx: &mut Tx<'_>, plan: &Plan, now: Millis) -> Result<(), Trouble> {
        let deeds = plan.steps.iter().filter_map(|step| match &step.effect {
            Effect::Incident { deed, .. } => Some(deed),
            _ => None,
        });
        for deed in deeds.filter(|deed| deed.entries.iter().any(|one| BRIEFED.contains(&one.kind))) {
            let Some(it) = self.parts.store.incident(&deed.incident).await.map_err(unreadable)? else { continue };
            for (duty, staff) in &it.duties {
                let key = format!("brief:{}:{}", it.id, duty.word());
                let mut message = briefing(&it, *duty).reference(it.id.to_string());
                message.controls = buttons(&it, false);
                self.tell_staff(tx, staff, &key, &message, now).await?;
            }
        }
        Ok(())
    }

    async fn look_at_promise(&self, promised: &Promised) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let it = &promised.incident;
        let cadence = &self.parts.incidents.cadence;
        let before = it
            .next_update
            .zip(ReminderKind::named(&promised.reminded))
            .map(|(promised, kind)| Reminded { promised, kind });
        let due = cadence.due(it, before, now);
        let after = due.as_ref().map(|one| Reminded { promised: one.promised, kind: one.kind }).or(before);
        let board = self.parts.store.board(&it.id).await.map_err(unreadable)?;
        let mut tx = self.parts.store.begin().await?;
        let word = after.map_or("", |one| one.kind.word());
        if !tx.looked_at_promise(it, word, cadence.wake(it, after)).await? {
            return Ok(());
        }
        if let Some(reminder) = &due {
            let told = fanout::told(&board);
            for notice in fanout::reminder(&self.parts.incidents, it, &told, reminder, now) {
                tx.owe_notice(&self.seal(notice)?, None, now).await?;
            }
            self.remind_people(&mut tx, it, reminder, now).await?;
        }
        self.commit(tx).await
    }

    /// The people of a reminder, each on every platform that is on; and the record.
    async fn remind_people(
        &self,
        tx: &mut Tx<'_>,
        it: &Incident,
        reminder: &Reminder,
        now: Millis,
    ) -> Result<(), Trouble> {
        let promise = Block::Moment { label: "Promised for".to_owned(), at: reminder.promised };
        let mut message = Message::titled(Tone::Caution, format!("{}{}", watermark(it.kind), reminder.says));
        message = message.with(promise).reference(it.id.to_string());
        message.controls = buttons(it, false);
        for staff in &reminder.to {
            self.tell_staff(
                tx,
                staff,
                &format!("promise:{}:{}:{}", it.id, reminder.promised.0, reminder.kind.word()),
                &message,
                now,
            )
            .await?;
        }
        let to: Vec<&str> = reminder.to.iter().map(StaffId::as_str).collect();
        let says = format!("Reminded {} ({}): {}", to.join(", "), reminder.kind.word(), reminder.says);
        let entry = Entry::new(now, EntryKind::Promise, says);
        tx.add_entries(&it.id, &[entry]).await?;
        let details = json!({ "incident": it.name(), "kind": reminder.kind.word(), "to": to });
        let fact = Fact { staff: None, action: "incident", request: Some(&it.id), outcome: "reminded", details };
        self.audit(tx, fact).await
    }

    /// What was done in a room of an open incident is in its timeline, and in its report.
    pub(super) async fn ran_for_incident(
        &self,
        tx: &mut Tx<'_>,
        row: &RequestRow,
        plan: &Plan,
        told: &Told<'_>,
    ) -> Result<(), Trouble> {
        let told_there =
            |effect: &Effect| matches!(effect, Effect::Incident { .. } | Effect::LinkEntries { incident: Some(_), .. });
        if plan.steps.iter().any(|step| told_there(&step.effect)) {
            return Ok(());
        }
        let here = tx.incident_here(&row.place).await?;
        let written_up = |incident: &Incident| matches!(incident.phase, Phase::Closed | Phase::Cancelled);
        let Some(incident) = here.filter(|incident| !written_up(incident)) else { return Ok(()) };
        let mut says = format!("{}: {}", row.action, told.line);
        if !told.approvers.is_empty() {
            says.push_str(&format!(" Approved by {}.", told.approvers.join(", ")));
        }
        if let Some(around) = told.around() {
            says.push_str(&format!(" {around}"));
        }
        let new = Entry::new(self.parts.clock.now(), EntryKind::Action, self.scrub(says).into_inner());
        let entry = Entry { staff: Some(row.requester.clone()), request: Some(row.id.clone()), ..new };
        tx.add_entries(&incident.id, &[entry]).await?;
        tx.stale_card(&incident.id).await?;
        Ok(())
    }

    /// A direct message to a member of staff, on every platform that is on; once for each key.
    pub(super) async fn tell_staff(
        &self,
        tx: &mut Tx<'_>,
        staff: &StaffId,
        key: &str,
        message: &Message,
        now: Millis,
    ) -> Result<(), Trouble> {
        let policy = self.policy();
        let Some(staff) = policy.rules().staff(staff) else { return Ok(()) };
        let on = |platform: &Platform| *platform != Platform::Console && self.parts.chats.0.contains_key(platform);
        for account in staff.accounts.iter().filter(|account| on(&account.platform)) {
            let key = format!("{key}:{}", staff.id);
            if tx.has_message(account.platform, &key).await? {
                continue;
            }
            let owe = Owe {
                target: account.platform,
                key,
                kind: OweKind::Post { to: Address::Direct { account: account.clone() } },
                message: message.clone(),
            };
            tx.owe(&self.seal(owe)?, now).await?;
        }
        Ok(())
    }

    /// What was not typed and the incident that is meant knows. Whether that was anything.
    pub(super) async fn fill_from_incident(
        &self,
        arrival: &Arrival,
        definition: &Definition,
        fields: &mut Fields,
    ) -> Result<bool, Trouble> {
        let store = &self.parts.store;
        let found = match fields.get("incident") {
            Some(text) => match Incident::number_of(text) {
                Some(number) => store.incident_numbered(number).await,
                None => return Ok(false),
            },
            None => store.incident_here(&arrival.envelope.place).await,
        };
        let Some(incident) = found.map_err(unreadable)? else { return Ok(false) };
        let before = fields.0.len();
        fill(definition, &incident, &self.parts.incidents.cadence, arrival.now, fields);
        Ok(fields.0.len() > before)
    }

    /// A button under a card or a reminder: its form, or its command at once.
    pub(super) async fn press_incident(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        press: &Press,
        asked: AskedBy,
    ) -> Result<Decided, Trouble> {
        let found = self.parts.store.incident(&press.request).await.map_err(unreadable)?;
        let (Some(incident), Some(action)) = (found, self.parts.catalog.find(asked.action)) else {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &unknown()).await;
        };
        let definition = action.definition();
        let mut fields = asked.fields;
        fields.set("incident", incident.name());
        if asked.form {
            fill(definition, &incident, &self.parts.incidents.cadence, arrival.now, &mut fields);
            return self.open_form(tx, arrival, staff, definition, fields).await;
        }
        let invocation = Invocation { action: asked.action.into(), fields, dry_run: false };
        self.invoke(tx, arrival, staff, invocation).await
    }
}

/// The store has logged why.
fn unreadable(error: PortError) -> Trouble {
    Trouble::Bug(error.to_string())
}
