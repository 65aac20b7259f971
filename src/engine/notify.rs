//! Notify: what is owed to outside surfaces and rooms, in order for each subject, until it is taken or given up.
//!
//! Invariants: a notice is repeated only as its surface allows (`Dedup`): looked up first, simply sent again, or once
//! more and said to be a possible duplicate. A surface that is down delays only itself.

use futures_util::future::join_all;
use serde_json::json;

use crate::model::{Dedup, Entry, EntryKind, MINUTE_MS, NoticeContent, Place, Proof, RequestId, SECOND_MS};
use crate::ports::{Fault, PortError, Target};
use crate::store::{OwedNotice, Tx};

use super::{Engine, Fact, Trouble};

/// How long a notice is tried before it is given up: a day, after which a person must look anyway.
const GIVE_UP_MS: i64 = 24 * 60 * MINUTE_MS;
/// How long one try may take before another may begin: longer than any client's own deadline.
const LEASE_MS: i64 = 2 * MINUTE_MS;
/// How many subjects one surface is told about at once.
const IN_FLIGHT: u32 = 8;
/// The first pause before a repeat; it doubles up to `PAUSE_MOST_MS`.
const PAUSE_MS: i64 = SECOND_MS;
/// The longest pause: a surface that is back after an hour is caught up with within that.
const PAUSE_MOST_MS: i64 = 2 * MINUTE_MS;
/// How often a surface that keeps and shows everything is told without anybody knowing what came of it.
const DOUBTS_MOST: u32 = 1;

impl Engine {
    /// The surfaces by name.
    #[must_use]
    pub fn targets(&self) -> Vec<String> {
        self.parts.targets.0.keys().cloned().collect()
    }

    /// Tells one surface what is due. Returns how many notices it took.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn notify(&self, name: &str) -> Result<usize, Trouble> {
        let Some(target) = self.parts.targets.0.get(name) else { return Ok(0) };
        let now = self.parts.clock.now();
        if !self.parts.store.has_due_notice(name, now).await? {
            return Ok(0);
        }
        let mut tx = self.parts.store.begin().await?;
        let due = tx.lease_notices(name, now, LEASE_MS, IN_FLIGHT).await?;
        if due.is_empty() {
            return Ok(0);
        }
        self.commit(tx).await?;
        let results = join_all(due.iter().map(|owed| self.notify_one(target.as_ref(), owed))).await;
        results.into_iter().collect::<Result<Vec<()>, Trouble>>()?;
        Ok(due.len())
    }

    async fn notify_one(&self, target: &dyn Target, owed: &OwedNotice) -> Result<(), Trouble> {
        let notice = match self.seal(owed.notice.clone()) {
            Ok(notice) => notice,
            Err(bug) => return self.notice_failed(owed, &bug.to_string()).await,
        };
        let object = owed.object.as_deref();
        if owed.doubts > 0 {
            match target.dedup() {
                Dedup::LookUp => match target.told(&notice, object).await {
                    Ok(Some(proof)) => return self.notice_sent(owed, proof, false).await,
                    Ok(None) => {}
                    Err(error) => return self.notice_later(target, owed, &error).await,
                },
                Dedup::Nothing if owed.doubts > DOUBTS_MOST => {
                    let why = "It was sent more than once, and nobody knows what came of it; it may be there twice.";
                    return self.notice_failed(owed, why).await;
                }
                Dedup::ServerKey | Dedup::Collapse | Dedup::Nothing => {}
            }
        }
        match target.tell(&notice, object).await {
            Ok(proof) => {
                let twice = owed.doubts > 0 && target.dedup() == Dedup::Nothing;
                self.notice_sent(owed, proof, twice).await
            }
            Err(error) => self.notice_later(target, owed, &error).await,
        }
    }

    async fn notice_sent(&self, owed: &OwedNotice, proof: Proof, maybe_twice: bool) -> Result<(), Trouble> {
        let proof = self.parts.guard.outgoing(proof).unwrap_or_else(|_| {
            let receipt = "it was taken; its answer held a secret and was not kept".to_owned();
            self.parts.guard.outgoing(Proof { receipt, ..Proof::default() }).expect("our own words hold no secret")
        });
        let mut tx = self.parts.store.begin().await?;
        tx.notice_sent(owed.id, &proof, maybe_twice, self.parts.clock.now()).await?;
        if let (NoticeContent::Room { .. }, Some(object)) = (&owed.notice.content, &proof.object) {
            let of = |what: &str| Trouble::Bug(format!("{what} of the notice {} cannot be read", owed.notice.key));
            let room: Place = serde_json::from_str(object).map_err(|_| of("the room"))?;
            let incident: RequestId = owed.notice.subject.parse().map_err(|_| of("the incident"))?;
            tx.add_room(&incident, &room).await?;
        }
        let outcome = if maybe_twice { "sent_maybe_twice" } else { "sent" };
        let twice = if maybe_twice { " It may be there twice." } else { "" };
        let target = &owed.notice.target;
        let says = match &owed.notice.content {
            NoticeContent::Room { .. } => format!("{target}: {}.", proof.receipt.trim_end_matches('.')),
            _ => format!("{target} was told ({}).{twice}", proof.receipt),
        };
        self.in_timeline(&mut tx, owed, &says).await?;
        self.reply_ended(&mut tx, owed, None).await?;
        let details = json!({ "target": owed.notice.target, "key": owed.notice.key, "receipt": proof.receipt });
        let fact = Fact { staff: None, action: "notify", request: owed.request.as_ref(), outcome, details };
        self.audit(&mut tx, fact).await?;
        self.commit(tx).await
    }

    /// It is tried again later, as its surface allows, or given up.
    async fn notice_later(&self, target: &dyn Target, owed: &OwedNotice, error: &PortError) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        let doubt = error.ambiguous();
        if !error.passing() || now.since(owed.first_owed) >= GIVE_UP_MS {
            return self.notice_failed(owed, &error.to_string()).await;
        }
        if doubt && target.dedup() == Dedup::Nothing && owed.doubts >= DOUBTS_MOST {
            return self.notice_failed(owed, &format!("{error} It may be there twice.")).await;
        }
        let pause = match error.fault {
            Fault::RateLimited { after_ms } => after_ms,
            _ => (PAUSE_MS << owed.attempts.min(10)).min(PAUSE_MOST_MS),
        };
        let jitter = self.parts.ids.jitter(u64::try_from(pause / 4).unwrap_or(0));
        let due = now.plus_ms(pause.saturating_add(i64::try_from(jitter).unwrap_or(0)));
        let mut tx = self.parts.store.begin().await?;
        tx.put_notice_off(owed.id, due, &self.scrub(error.to_string()), doubt).await?;
        if let (NoticeContent::Incident(told), 0) = (&owed.notice.content, owed.attempts) {
            tx.stale_card(&told.incident).await?;
        }
        self.commit(tx).await
    }

    /// What became of a notice about an incident, or of its room, is in its timeline, and on its cards.
    async fn in_timeline(&self, tx: &mut Tx<'_>, owed: &OwedNotice, says: &str) -> Result<(), Trouble> {
        let incident = match &owed.notice.content {
            // A page about an alert, which is no incident yet.
            NoticeContent::Incident(told) if told.number == 0 => return Ok(()),
            NoticeContent::Incident(told) => told.incident.clone(),
            NoticeContent::Room { .. } => match owed.notice.subject.parse() {
                Ok(incident) => incident,
                Err(_) => return Ok(()),
            },
            NoticeContent::Note { .. }
            | NoticeContent::Reply(_)
            | NoticeContent::NewTicket { .. }
            | NoticeContent::Head(_) => return Ok(()),
        };
        let new = Entry::new(self.parts.clock.now(), EntryKind::Delivery, self.scrub(says).into_inner());
        let entry = Entry { request: owed.request.clone(), ..new };
        tx.add_entries(&incident, &[entry]).await?;
        tx.stale_card(&incident).await?;
        Ok(())
    }

    async fn notice_failed(&self, owed: &OwedNotice, why: &str) -> Result<(), Trouble> {
        let why = self.scrub(why);
        tracing::warn!(notice.key = %owed.notice.key, notice.attempts = owed.attempts, error = %why, "notify.gave_up");
        let mut tx = self.parts.store.begin().await?;
        tx.notice_gave_up(owed.id, &why, self.parts.clock.now()).await?;
        self.in_timeline(&mut tx, owed, &format!("{} was NOT told, and it was given up: {why}", owed.notice.target))
            .await?;
        self.reply_ended(&mut tx, owed, Some(why.as_str())).await?;
        let details = json!({ "target": owed.notice.target, "key": owed.notice.key, "why": why });
        let fact = Fact { staff: None, action: "notify", request: owed.request.as_ref(), outcome: "gave_up", details };
        self.audit(&mut tx, fact).await?;
        self.commit(tx).await
    }
}
