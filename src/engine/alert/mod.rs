//! Alerts: what a source outside chat says is wrong becomes a proposal, a page where that is configured, and what happens
//! to it afterwards is said in the same message.
//!
//! It decides nothing about what is an outage; the sources do. Invariants: what is reported is kept, proposed and owed in
//! one commit, once however often it is reported; and no incident is opened but by a person.

mod check;

use std::collections::BTreeMap;

use serde_json::json;

use crate::guard::Redacted;
use crate::incidents::proposal;
use crate::model::{
    Address, Alert, AlertLine, AlertReport, AnswerMode, Entry, EntryKind, Incident, Message, Millis, Press, RequestId,
    Severity, Signal, Staff,
};
use crate::ports::IncidentRead;
use crate::store::Tx;

use super::intake::{Arrival, Decided};
use super::press::unknown;
use super::{Engine, Fact, Trouble};

/// How many messages one tick writes anew.
const STALE: u32 = 50;

/// What is new about one alert.
#[derive(Default)]
struct News {
    raised: bool,
    fired: Vec<AlertLine>,
    ended: Vec<AlertLine>,
}

impl Engine {
    /// Takes a report. When this returns, it is committed.
    ///
    /// # Errors
    /// The store failed, or we are shutting down: it is to be reported again.
    pub async fn report(&self, report: &AlertReport) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        self.hear(&mut tx, report, now).await?;
        self.commit(tx).await?;
        self.wake();
        Ok(())
    }

    /// Writes proposals anew that an incident was opened from. Returns how many.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn alerts(&self) -> Result<usize, Trouble> {
        let stale = self.parts.store.stale_alerts(STALE).await?;
        for id in &stale {
            let now = self.parts.clock.now();
            let mut tx = self.parts.store.begin().await?;
            let Some(alert) = tx.alert(id).await? else { continue };
            let incident = self.incident_of(&alert).await?;
            if let Some(incident) = &incident {
                let why = format!("It goes on as {}.", incident.name());
                self.end_pages(&mut tx, &alert, &why, now).await?;
                self.note_in_timeline(&mut tx, &incident.id, &[proposal::opened_from(&alert)], now).await?;
                let details = json!({ "alert": alert.id, "incident": incident.name() });
                let fact =
                    Fact { staff: None, action: "alert", request: Some(&incident.id), outcome: "opened_from", details };
                self.audit(&mut tx, fact).await?;
            }
            tx.told_alert(&alert).await?;
            self.propose(&mut tx, &alert, incident.as_ref(), now).await?;
            self.commit(tx).await?;
        }
        Ok(stale.len())
    }

    /// The button under a proposal: the form of an incident, filled with what is known.
    pub(super) async fn press_alert(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        press: &Press,
    ) -> Result<Decided, Trouble> {
        let alert = tx.alert(&press.request).await?.filter(|alert| alert.ended.is_none() && alert.incident.is_none());
        let (Some(alert), Some(action)) = (alert, self.parts.catalog.find(proposal::ACTION)) else {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &unknown()).await;
        };
        let decided = self.open_form(tx, arrival, staff, action.definition(), proposal::form(&alert)).await?;
        if let Some(form) = &decided.request {
            tx.asked_from_alert(form, &alert.id).await?;
        }
        Ok(decided)
    }

    /// Keeps what is new of a report, and owes what is to be said of it.
    async fn hear(&self, tx: &mut Tx<'_>, report: &AlertReport, now: Millis) -> Result<(), Trouble> {
        let mut news: BTreeMap<RequestId, News> = BTreeMap::new();
        let mut fired: Vec<AlertLine> = Vec::new();
        for signal in &report.signals {
            match signal {
                Signal::Over { fingerprint, began, ended } => {
                    if let Some((alert, line)) = tx.end_line(fingerprint, *began, *ended).await? {
                        news.entry(alert).or_default().ended.push(line);
                    }
                }
                Signal::Firing(line) => {
                    let twice = fired.iter().any(|one| one.fingerprint == line.fingerprint);
                    if twice || tx.knows_line(&line.fingerprint, line.began).await? {
                        continue;
                    }
                    self.ended_unseen(tx, line, now).await?;
                    fired.push(line.clone());
                }
            }
        }
        if let Some(worst) = fired.iter().map(|line| line.severity).min() {
            let id = match tx.open_alert(report.source, &report.group).await? {
                Some(id) => id,
                None => {
                    let id = self.parts.ids.request();
                    tx.raise_alert(&id, report.source, &report.group, worst, now).await?;
                    news.entry(id.clone()).or_default().raised = true;
                    id
                }
            };
            for line in &fired {
                tx.add_line(&id, &self.sealed(line)?).await?;
            }
            news.entry(id).or_default().fired = fired;
        }
        for (id, news) in &news {
            self.told(tx, id, news, now).await?;
        }
        Ok(())
    }

    /// What begins anew has ended before, also where nobody reported the end: else the new outage would hide behind the
    /// old one's proposal.
    async fn ended_unseen(&self, tx: &mut Tx<'_>, anew: &AlertLine, now: Millis) -> Result<(), Trouble> {
        let before = anew.began.plus_ms(-1);
        let Some((alert, line)) = tx.end_line(&anew.fingerprint, before, anew.began).await? else { return Ok(()) };
        let news = News { ended: vec![line], ..News::default() };
        self.told(tx, &alert, &news, now).await
    }

    /// Texts of others that hold a secret only when they are put together are not kept.
    fn sealed(&self, line: &AlertLine) -> Result<Redacted<AlertLine>, Trouble> {
        let withheld = || AlertLine {
            title: "An alert whose words hold a secret".into(),
            impact: String::new(),
            routes: String::new(),
            says: "Its words hold a secret and were withheld. Look at its source.".into(),
            ..line.clone()
        };
        self.parts.guard.outgoing(line.clone()).or_else(|_| self.seal(withheld()))
    }

    /// Says what is new of one alert to everybody who hears of it.
    async fn told(&self, tx: &mut Tx<'_>, id: &RequestId, news: &News, now: Millis) -> Result<(), Trouble> {
        let Some(mut alert) = tx.alert(id).await? else { return Ok(()) };
        let over = alert.lines.iter().all(|line| line.ended.is_some());
        let before = alert.severity;
        if over {
            alert.ended = Some(now);
        } else if let Some(worst) = alert.worst() {
            alert.severity = worst.severity.min(before);
        }
        let incident = self.incident_of(&alert).await?;
        let page = self.parts.incidents.alerts.page.is_some_and(|least| alert.severity <= least);
        if page && !over && incident.is_none() && alert.paged.is_empty() {
            for notice in proposal::pages(&self.parts.incidents, &alert, now) {
                alert.paged.push(notice.target.clone());
                tx.owe_notice(&self.seal(notice)?, None, now).await?;
            }
        }
        tx.told_alert(&alert).await?;
        self.propose(tx, &alert, incident.as_ref(), now).await?;
        if alert.severity < before {
            self.say_worse(tx, &alert, before, now).await?;
        }
        match &incident {
            Some(incident) => {
                self.note_in_timeline(tx, &incident.id, &proposal::moved(&news.fired, &news.ended, over), now).await?;
            }
            None if over => self.end_pages(tx, &alert, "It no longer fails.", now).await?,
            None => {}
        }
        let outcome = match (news.raised, over) {
            (_, true) => "over",
            (true, _) if alert.paged.is_empty() => "proposed",
            (true, _) => "paged",
            (false, _) => "changed",
        };
        let details = json!({
            "source": alert.source.word(), "severity": alert.severity.word(), "fired": news.fired.len(),
            "ended": news.ended.len(), "paged": alert.paged,
        });
        self.audit(tx, Fact { staff: None, action: "alert", request: Some(&alert.id), outcome, details }).await
    }

    /// The proposal in each incidents channel: posted once, edited from then on.
    async fn propose(
        &self,
        tx: &mut Tx<'_>,
        alert: &Alert,
        incident: Option<&Incident>,
        now: Millis,
    ) -> Result<(), Trouble> {
        let message = proposal::proposal(alert, incident);
        self.in_incident_places(tx, &format!("alert:{}", alert.id), &message, now).await
    }

    async fn say_worse(&self, tx: &mut Tx<'_>, alert: &Alert, before: Severity, now: Millis) -> Result<(), Trouble> {
        let key = format!("alert:{}:{}", alert.id, alert.severity.word());
        self.in_incident_places(tx, &key, &proposal::worse(alert, before), now).await
    }

    async fn in_incident_places(
        &self,
        tx: &mut Tx<'_>,
        key: &str,
        message: &Message,
        now: Millis,
    ) -> Result<(), Trouble> {
        for place in &self.policy().rules().incident_places {
            let to = Address::Channel { place: place.clone() };
            self.owe_update(tx, key, to, message.clone(), now).await?;
        }
        Ok(())
    }

    async fn end_pages(&self, tx: &mut Tx<'_>, alert: &Alert, why: &str, now: Millis) -> Result<(), Trouble> {
        for notice in proposal::pages_end(alert, why, now) {
            tx.owe_notice(&self.seal(notice)?, None, now).await?;
        }
        Ok(())
    }

    async fn note_in_timeline(
        &self,
        tx: &mut Tx<'_>,
        incident: &RequestId,
        says: &[String],
        now: Millis,
    ) -> Result<(), Trouble> {
        let entry = |says: &String| Entry::new(now, EntryKind::Noted, self.scrub(says.as_str()).into_inner());
        tx.add_entries(incident, &says.iter().map(entry).collect::<Vec<_>>()).await?;
        Ok(())
    }

    async fn incident_of(&self, alert: &Alert) -> Result<Option<Incident>, Trouble> {
        match &alert.incident {
            None => Ok(None),
            Some(id) => self.parts.store.incident(id).await.map_err(|error| Trouble::Bug(error.to_string())),
        }
    }
}
