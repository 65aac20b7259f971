//! See: one message through the guard, and what is recorded of it before its platform gets an answer.
//!
//! No network. Invariant: exposure, sightings, cases and audit rows are one commit, and a redelivery adds nothing.

use serde_json::json;

use crate::guard::{Confidence, Finding, Untrusted};
use crate::model::{Envelope, Happening, Leak, LeakState, Millis, Past, Posted, Seen};
use crate::ports::TOPIC;
use crate::store::{Exposure, ExposureState, Sighted, Tx, Watermark};

use super::super::{Engine, Fact, Trouble};

/// The most secrets of one message that are kept one by one; what is beyond is counted, and goes with the message.
const SIGHTED_MOST: usize = 20;
/// The rules whose key names a project of SEQN Auth, which can be looked up by its prefix.
const PROJECT_KEYS: [&str; 2] = ["project-secret-key", "restricted-key"];

/// What the guard said of one message.
#[derive(Default)]
pub(super) struct Judged {
    /// What it holds.
    pub(super) sighted: Vec<Sighted>,
    /// What it holds together with an earlier message.
    pub(super) split: Vec<(String, Sighted)>,
    /// How many more it holds.
    pub(super) more: usize,
}

impl Judged {
    pub(super) fn is_empty(&self) -> bool {
        self.sighted.is_empty()
    }
}

/// Whether a project can be found by that secret's prefix.
pub(super) fn names_a_project(rule: &str, prefix: &str) -> bool {
    PROJECT_KEYS.contains(&rule) && !prefix.is_empty()
}

impl Engine {
    /// Takes in what was said, edited or removed. What goes wrong leaves the watermark where it is, so that the
    /// history is read again.
    pub(in crate::engine) async fn overhear(&self, envelope: Envelope) {
        let platform = envelope.platform();
        let result = match envelope.what {
            Happening::Said(mut said) => {
                if said.seen == Seen::Topic {
                    TOPIC.clone_into(&mut said.message);
                } else if said.message.is_empty() {
                    // What a platform blocked was never posted; the event's own key stands for it.
                    envelope.key.as_str().clone_into(&mut said.message);
                }
                let (account, place, at) = (envelope.account, envelope.place, envelope.arrived);
                let past = Past { account, place, at, said };
                let edited = past.said.seen == Seen::Edited;
                match self.see(&past).await {
                    Ok(()) if edited => self.noted_edited(&past).await,
                    seen => seen,
                }
            }
            Happening::Gone { message } => {
                let posted = Posted { platform, channel: envelope.place.channel, message };
                match self.gone(&posted).await {
                    Ok(()) => self.noted_gone(&posted).await,
                    gone => gone,
                }
            }
            _ => Ok(()),
        };
        if let Err(trouble) = result {
            tracing::error!(error = %trouble, platform = platform.name(), "watch.failed");
            self.eyes.missed(platform, self.parts.clock.now());
        }
    }

    async fn see(&self, past: &Past) -> Result<(), Trouble> {
        let judged = self.judged(past).await?;
        let found = !judged.is_empty();
        if found || !past.said.files.is_empty() {
            let mut tx = self.parts.store.begin().await?;
            self.record(&mut tx, past, &judged).await?;
            self.commit(tx).await?;
            self.wake();
        } else if matches!(past.said.seen, Seen::Edited | Seen::Topic) {
            self.cleaned(&past.posted()).await?;
        }
        let live = matches!(past.said.seen, Seen::New | Seen::Edited) && !past.place.direct;
        let mark =
            live.then(|| Watermark { place: past.place.clone(), message: past.said.message.clone(), at: past.at });
        self.eyes.passed(found, mark);
        Ok(())
    }

    /// What the guard says of a message: of each text, of all texts together, and of it after the one before.
    pub(super) async fn judged(&self, past: &Past) -> Result<Judged, Trouble> {
        let guard = &self.parts.guard;
        let texts = &past.said.texts;
        let mut findings: Vec<Finding> = texts.iter().flat_map(|text| guard.review_unseen(text)).collect();
        if findings.is_empty() && texts.len() > 1 {
            findings = guard.review_unseen(&Untrusted::joined(texts, "\n"));
        }
        let mut judged = self.sift(findings).await?;
        let doubtful = judged.sighted.iter().all(|one| one.doubtful);
        if doubtful && matches!(past.said.seen, Seen::New | Seen::Edited | Seen::Listed) {
            let splits = self.eyes.split(guard, past);
            if !splits.is_empty() {
                // What looked generated is a part of it.
                judged.sighted.clear();
            }
            for split in splits {
                let one = self.sift(vec![split.finding]).await?;
                for earlier in split.messages.into_iter().filter(|message| *message != past.said.message) {
                    judged.split.extend(one.sighted.iter().cloned().map(|sighted| (earlier.clone(), sighted)));
                }
                judged.sighted.extend(one.sighted);
            }
        }
        Ok(judged)
    }

    /// Findings as they are kept: each secret once, without those that somebody said are none.
    pub(super) async fn sift(&self, findings: Vec<Finding>) -> Result<Judged, Trouble> {
        let mut judged = Judged::default();
        for finding in findings {
            if judged.sighted.iter().any(|known| known.fingerprint == finding.fingerprint) {
                continue;
            }
            if judged.sighted.len() >= SIGHTED_MOST {
                judged.more += 1;
                continue;
            }
            let one = sighted(&finding);
            if one.doubtful && self.parts.store.judged_harmless(&one.fingerprint).await? {
                continue;
            }
            judged.sighted.push(one);
        }
        Ok(judged)
    }

    /// Records what was seen in a message; true when it was new.
    pub(super) async fn record(&self, tx: &mut Tx<'_>, past: &Past, judged: &Judged) -> Result<bool, Trouble> {
        let mut new = self.record_one(tx, past, &past.said.message, &judged.sighted, judged.more).await?;
        for (earlier, sighted) in &judged.split {
            new |= self.record_one(tx, past, earlier, std::slice::from_ref(sighted), 0).await?;
        }
        Ok(new)
    }

    async fn record_one(
        &self,
        tx: &mut Tx<'_>,
        past: &Past,
        message: &str,
        sighted: &[Sighted],
        more: usize,
    ) -> Result<bool, Trouble> {
        let now = self.parts.clock.now();
        let own = message == past.said.message;
        let unread = if own { past.said.files.iter().map(|file| file.id.clone()).collect() } else { Vec::new() };
        let state = if sighted.is_empty() { ExposureState::Unread } else { ExposureState::Todo };
        let row = exposure(past, message, unread, state, now);
        let (row, fresh) = tx.expose(&self.seal(row)?).await?;
        let new = self.sight_all(tx, &row, sighted, more, now).await?;
        let back = row.state == ExposureState::Clean && !sighted.is_empty();
        if !fresh && (new || back) {
            tx.reopen_exposure(row.id, now).await?;
        }
        Ok(fresh || new)
    }

    /// Keeps each secret of an exposure with its case and its audit row; true when one of them was new there.
    pub(super) async fn sight_all(
        &self,
        tx: &mut Tx<'_>,
        row: &Exposure,
        sighted: &[Sighted],
        more: usize,
        now: Millis,
    ) -> Result<bool, Trouble> {
        let mut any = false;
        for one in sighted {
            if !tx.sight(row.id, &self.seal(one.clone())?, now).await? {
                continue;
            }
            any = true;
            let mut details = whereabouts(row);
            details["rule"] = json!(one.rule);
            details["more"] = json!(more);
            if one.doubtful {
                self.audit(tx, Fact { staff: None, action: "leak", request: None, outcome: "doubtful", details })
                    .await?;
                continue;
            }
            let look = names_a_project(&one.rule, &one.prefix).then_some(now);
            let leak = tx.see_leak(&self.seal(case(one, now)?)?, look).await?;
            let outcome = if leak.seen == 1 { "opened" } else { "seen_again" };
            self.audit(tx, Fact { staff: None, action: "leak", request: Some(&leak.id), outcome, details }).await?;
        }
        Ok(any)
    }
}

/// Where an exposure is, for the audit trail.
pub(super) fn whereabouts(row: &Exposure) -> serde_json::Value {
    json!({
        "platform": row.place.platform,
        "channel": row.place.channel,
        "message": row.message,
        "account": row.account.to_string(),
    })
}

fn sighted(finding: &Finding) -> Sighted {
    Sighted {
        fingerprint: finding.fingerprint,
        rule: finding.rule.as_str().to_owned(),
        kind: finding.rule.kind().to_owned(),
        prefix: finding.prefix.as_str().to_owned(),
        doubtful: finding.confidence == Confidence::Entropy,
    }
}

fn case(one: &Sighted, now: Millis) -> Result<Leak, Trouble> {
    Ok(Leak {
        id: Leak::id_of(&one.fingerprint).map_err(|bad| Trouble::Bug(bad.to_string()))?,
        fingerprint: one.fingerprint,
        rule: one.rule.clone(),
        kind: one.kind.clone(),
        prefix: one.prefix.clone(),
        state: LeakState::Open,
        first_seen: now,
        last_seen: now,
        seen: 1,
        owner: None,
        outcome: String::new(),
    })
}

fn exposure(past: &Past, message: &str, unread: Vec<String>, state: ExposureState, now: Millis) -> Exposure {
    Exposure {
        id: 0,
        message: message.to_owned(),
        place: past.place.clone(),
        account: past.account.clone(),
        by_app: past.said.by_app,
        seen: past.said.seen,
        unread,
        files: Vec::new(),
        state,
        told: false,
        attempts: 0,
        reminders: 0,
        leased_until: Millis(0),
        first_seen: now,
        why: String::new(),
    }
}
