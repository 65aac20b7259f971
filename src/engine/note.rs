//! Messages on an incident's timeline: put there by people, and followed when they are edited or deleted in chat.
//!
//! No network. Invariants: the same message is on a timeline once; what it said stays there, and what became of it is a
//! further entry; a text that holds a secret is never kept.

use serde_json::json;

use crate::guard::{Finding, Guard, Redacted};
use crate::model::{
    Account, Ack, AnswerMode, Entry, EntryKind, Incident, Message, Millis, NotedBy, Past, Posted, Refusal, RefusalCode,
    RequestId, Staff, StaffId, Tone,
};
use crate::store::Tx;

use super::intake::{Arrival, Decided};
use super::{Engine, Fact, Trouble};

/// The most of a message that is kept, in characters: a timeline is read as a whole, and the message has the rest.
const TEXT_MOST: usize = 1_000;
/// What stands for a text that holds a secret.
const SECRET: &str = "(What it says now holds a secret and is not kept.)";

/// A message that somebody pointed at, its text clean.
pub(super) struct Note {
    posted: Posted,
    author: Account,
    at: Millis,
    text: Redacted<String>,
    by: NotedBy,
}

impl Note {
    /// The message, unless it holds a secret.
    pub(super) fn of(guard: &Guard, noted: crate::model::Noted) -> Result<Self, Vec<Finding>> {
        let text = guard.admit(noted.text)?;
        Ok(Self { posted: noted.posted, author: noted.author, at: noted.at, text, by: noted.by })
    }
}

impl Engine {
    /// Puts a message on the timeline of the incident that is worked on there.
    pub(super) async fn put_on_timeline(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        note: &Note,
    ) -> Result<Decided, Trouble> {
        let refusal = match self.policy().may_note(staff) {
            Ok(()) => match tx.incident_here(&arrival.envelope.place).await? {
                Some(incident) => return self.note_once(tx, staff, &incident, note).await,
                None => not_here(),
            },
            Err(no) => no,
        };
        let refused = self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &refusal).await?;
        if let (NotedBy::Reaction, Ack::Say(_, says)) = (note.by, &refused.ack) {
            // A reaction has no answer of its own.
            let key = format!("note:{}:{}", note.posted.channel, note.posted.message);
            self.tell_staff(tx, &staff.id, &key, says, self.parts.clock.now()).await?;
        }
        Ok(refused)
    }

    async fn note_once(
        &self,
        tx: &mut Tx<'_>,
        staff: &Staff,
        incident: &Incident,
        note: &Note,
    ) -> Result<Decided, Trouble> {
        let reference = self.parts.ids.request();
        let there = tx.entries_from(&note.posted).await?.iter().any(|(id, _)| *id == incident.id);
        let (outcome, says) = if there { ("noted_before", "was there already") } else { ("noted", "is there now") };
        if !there {
            let says = self.quoted(&note.author, &cut(&note.text));
            let entry = entry(EntryKind::Noted, note.at, Some(&staff.id), says, &note.posted, Some(&reference));
            tx.add_entries(&incident.id, &self.seal(vec![entry])?).await?;
            tx.stale_card(&incident.id).await?;
        }
        let by = match note.by {
            NotedBy::Shortcut => "shortcut",
            NotedBy::Reaction => "reaction",
        };
        let details = json!({ "incident": incident.id, "message": note.posted, "by": by });
        let (staff, request) = (Some(&staff.id), Some(&reference));
        self.audit(tx, Fact { staff, action: "incident-note", request, outcome, details }).await?;
        let title = format!("On the timeline of {}", incident.name());
        let message =
            Message::titled(Tone::Good, title).text(format!("The message {says}.")).reference(reference.to_string());
        let ack = match note.by {
            NotedBy::Shortcut => Ack::Say(AnswerMode::Fresh, Box::new(self.seal(message)?)),
            NotedBy::Reaction => Ack::Nothing,
        };
        Ok(Decided { ack, request: None })
    }

    /// A message was edited: where it is on a timeline, what it says now is written beside it.
    pub(super) async fn noted_edited(&self, past: &Past) -> Result<(), Trouble> {
        let posted = past.posted();
        if !self.parts.store.is_noted(&posted).await? {
            return Ok(());
        }
        let admitted = self.parts.guard.admit(past.said.words());
        let text = admitted.as_ref().map_or_else(|_| SECRET.to_owned(), |text| cut(text));
        let writer = match self.policy().rules().holders(&past.account).as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        };
        let says = |first: &Entry| format!("The message of entry {} was edited in chat: {text}", first.seq);
        // A link's preview is an edit to the platform: what reads as before is none.
        let before = self.quoted(&past.account, &text);
        let same = |last: &Entry| last.kind == EntryKind::Noted && last.says == before;
        self.follow_noted(&posted, EntryKind::Edited, writer.as_ref(), &says, &same).await
    }

    /// A message was deleted, by whomever.
    pub(super) async fn noted_gone(&self, posted: &Posted) -> Result<(), Trouble> {
        if !self.parts.store.is_noted(posted).await? {
            return Ok(());
        }
        let says = |first: &Entry| format!("The message of entry {} was deleted in chat.", first.seq);
        self.follow_noted(posted, EntryKind::Deleted, None, &says, &|_| false).await
    }

    /// Writes once, on each timeline that has the message, what became of it; nothing where the last entry says so.
    async fn follow_noted(
        &self,
        posted: &Posted,
        kind: EntryKind,
        by: Option<&StaffId>,
        says: &(dyn Fn(&Entry) -> String + Sync),
        same: &(dyn Fn(&Entry) -> bool + Sync),
    ) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        let all = tx.entries_from(posted).await?;
        let mut changed = false;
        for first in all.iter().filter(|(_, entry)| entry.kind == EntryKind::Noted) {
            let (id, first) = first;
            let last = all.iter().rfind(|(of, _)| of == id).map_or(first, |(_, entry)| entry);
            let new = says(first);
            if last.says == new || same(last) {
                continue;
            }
            changed = true;
            let details = json!({ "incident": id, "message": posted, "entry": first.seq });
            tx.add_entries(id, &self.seal(vec![entry(kind, now, by, new, posted, None)])?).await?;
            tx.stale_card(id).await?;
            let fact = Fact { staff: by, action: "incident-note", request: None, outcome: kind.word(), details };
            self.audit(&mut tx, fact).await?;
        }
        if changed {
            self.commit(tx).await?;
            self.wake();
        }
        Ok(())
    }

    /// What somebody wrote, as the timeline quotes it: a member of staff by name.
    fn quoted(&self, author: &Account, text: &str) -> String {
        match self.policy().rules().holders(author).as_slice() {
            [one] => format!("{}: {text}", one.name),
            _ => format!("{author}: {text}"),
        }
    }
}

fn entry(
    kind: EntryKind,
    at: Millis,
    staff: Option<&StaffId>,
    says: String,
    posted: &Posted,
    request: Option<&RequestId>,
) -> Entry {
    let (staff, request, posted) = (staff.cloned(), request.cloned(), Some(posted.clone()));
    Entry { staff, request, posted, ..Entry::new(at, kind, says) }
}

/// A text on one line or several, at most `TEXT_MOST` characters of it.
fn cut(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "(a message without text)".to_owned();
    }
    crate::model::cut(text, TEXT_MOST)
}

fn not_here() -> Refusal {
    Refusal::new(
        RefusalCode::Place,
        "This message was not put on a timeline.",
        "No incident is worked on in this channel or thread.",
        "Use it in the room of the incident.",
    )
}

#[cfg(test)]
mod tests;
