//! What the page knows of one incident, as it is kept in its file.
//!
//! No file is touched here. Invariant: told the same notice again, a record stays as it is; told an older one, it adds
//! its text and stays at the newer state.

use serde::{Deserialize, Serialize};

use crate::model::{IncidentNotice, Millis, Phase, Severity};

/// The form of the file; another one is not read.
const FORM: u32 = 1;
/// Most updates of one incident that are kept; of more, the oldest are forgotten.
const UPDATES_MOST: usize = 500;

/// One incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    form: u32,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: Severity,
    pub(super) phase: Phase,
    pub(super) routes: Vec<String>,
    pub(super) started: Millis,
    pub(super) created: Millis,
    pub(super) updated: Millis,
    pub(super) monitored: Option<Millis>,
    pub(super) resolved: Option<Millis>,
    pub(super) next_update: Option<Millis>,
    /// In the order in which they were said.
    pub(super) updates: Vec<Update>,
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Update {
    pub(super) key: String,
    pub(super) at: Millis,
    pub(super) phase: Phase,
    pub(super) text: String,
}

impl Record {
    /// The record after it was told that.
    pub(super) fn told(before: Option<Self>, key: &str, incident: &IncidentNotice) -> Self {
        let (at, phase) = (incident.at, incident.phase);
        let first = before.is_none();
        let mut record = before.unwrap_or_else(|| Self::new(incident));
        if let Some(text) = said(incident, first || record.phase != phase) {
            let update = Update { key: key.to_owned(), at, phase, text };
            match record.updates.iter_mut().find(|known| known.key == key) {
                Some(known) => *known = update,
                None => record.updates.push(update),
            }
            record.updates.sort_by_key(|update| update.at);
            let forgotten = record.updates.len().saturating_sub(UPDATES_MOST);
            record.updates.drain(..forgotten);
        }
        if at >= record.updated {
            record.title.clone_from(&incident.title);
            record.routes.clone_from(&incident.routes);
            (record.severity, record.phase, record.started) = (incident.severity, phase, incident.started);
            record.updated = at;
            record.next_update = incident.next_update.filter(|_| !phase.over());
            record.resolved = phase.over().then(|| record.resolved.unwrap_or(at));
            record.monitored = record.monitored.or((phase == Phase::Monitoring).then_some(at));
        }
        record
    }

    fn new(incident: &IncidentNotice) -> Self {
        Self {
            form: FORM,
            id: incident.incident.to_string(),
            title: String::new(),
            severity: incident.severity,
            phase: incident.phase,
            routes: Vec::new(),
            started: incident.started,
            created: incident.at,
            updated: incident.at,
            monitored: None,
            resolved: None,
            next_update: None,
            updates: Vec::new(),
        }
    }

    /// Whether it goes on.
    pub(super) const fn is_open(&self) -> bool {
        !self.phase.over()
    }

    /// The file's content.
    pub(super) fn written(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts, numbers and lists of them are JSON") + "\n"
    }

    /// Reads a file's content.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|record| record.form == FORM && super::is_name(&record.id))
    }
}

/// What is shown as said; `None` where nothing is new.
fn said(incident: &IncidentNotice, new_phase: bool) -> Option<String> {
    let text = incident.text.trim();
    if !text.is_empty() {
        return Some(text.to_owned());
    }
    let in_short = match incident.phase {
        Phase::Open | Phase::Investigating => "We are looking into it.",
        Phase::Identified => "The cause is known.",
        Phase::Monitoring => "It is mitigated, and we are watching it.",
        Phase::Resolved | Phase::Closed => "It is resolved.",
        Phase::Cancelled => "It turned out to be no incident.",
    };
    new_phase.then(|| in_short.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::super::words::tests::incident;
    use super::*;

    #[test]
    fn the_same_twice_is_one_and_an_older_one_changes_no_state() {
        let opened = Record::told(None, "k:1", &incident());
        assert_eq!(Record::told(Some(opened.clone()), "k:1", &incident()), opened);
        let over = IncidentNotice {
            at: incident().at.plus_ms(60_000),
            phase: Phase::Resolved,
            text: "It is over.".into(),
            ..incident()
        };
        let resolved = Record::told(Some(opened.clone()), "k:3", &over);
        assert_eq!((resolved.resolved, resolved.next_update), (Some(over.at), None));
        let late = IncidentNotice { at: incident().at.plus_ms(30_000), text: "Late.".into(), ..incident() };
        let after = Record::told(Some(resolved), "k:2", &late);
        let texts: Vec<&str> = after.updates.iter().map(|update| update.text.as_str()).collect();
        assert_eq!((after.phase, after.updates.len(), texts[1]), (Phase::Resolved, 3, "Late."));
        assert_eq!(Record::read(after.written().as_bytes()), Some(after));
    }

    #[test]
    fn a_new_phase_without_a_text_is_said_and_nothing_new_is_not() {
        let opened = Record::told(None, "k:1", &incident());
        let silent = IncidentNotice { text: String::new(), at: incident().at.plus_ms(1), ..incident() };
        assert_eq!(Record::told(Some(opened.clone()), "k:2", &silent).updates.len(), 1);
        let known = IncidentNotice { phase: Phase::Identified, ..silent };
        assert_eq!(Record::told(Some(opened), "k:2", &known).updates[1].text, "The cause is known.");
    }

    #[test]
    fn what_has_another_form_or_name_is_not_read() {
        let good = Record::told(None, "k:1", &incident()).written();
        assert!(Record::read(good.as_bytes()).is_some());
        assert_eq!(Record::read(good.replace("\"form\": 1", "\"form\": 2").as_bytes()), None);
        assert_eq!(Record::read(good.replace("rq-b7c2d9f4", "../index").as_bytes()), None);
        assert_eq!(Record::read(b"{"), None);
    }
}
