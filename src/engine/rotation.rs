//! A step that has a key replaced: the way out is tried, the key is made, what was sealed is committed, and only then is
//! the new key handed over.
//!
//! The new key is in memory between the answer and the commit, and nowhere else. Invariants: a step makes one key, unless
//! reading back shows that the one before was never made; where a key was made and nobody can get at it, the record says
//! so: "rotated, value lost, rotate again".

use serde_json::json;

use crate::model::{Effect, Handed, KeyOf, OrgSlug, SECOND_MS, WayState};
use crate::policy::ApprovedPlan;
use crate::ports::{Behalf, Fault, Label, NewKey, PortError, WayOut};
use crate::store::{JournalRow, RequestRow, StepState};

use super::{Engine, Fact, Trouble};

/// How long a call without a clear answer is given before "the key begins as before" means that nothing happened: longer
/// than proxies and servers go on with a request that nobody waits for.
const SETTLED_MS: i64 = 60 * SECOND_MS;
/// How often a new key is passed on before its way is given up: the key is in memory, and each try gives the same key.
const PASSES: u32 = 2;
/// What is said where a key is gone. People and tests look for these words.
const LOST: &str = "Rotated, value lost, rotate again.";

/// What one step of that kind is about.
struct Rotation<'a> {
    row: &'a RequestRow,
    next: &'a JournalRow,
    org: &'a OrgSlug,
    key: &'a KeyOf,
    before: &'a str,
}

impl Engine {
    /// How a key begins now; empty where SEQN Auth does not say.
    pub(super) async fn key_begins(&self, org: &OrgSlug, key: &KeyOf) -> Result<String, PortError> {
        let seqn = &self.parts.reads.seqn;
        match key {
            KeyOf::Project(project) => Ok(seqn.project(org, project).await?.secret_prefix),
            KeyOf::Webhook(id) => {
                let all = seqn.webhooks(org).await?;
                let found = all.into_iter().find(|webhook| webhook.id == *id);
                found.map(|webhook| webhook.secret_prefix).ok_or_else(|| PortError::new("seqn", Fault::NotFound))
            }
        }
    }

    /// Does one such step, or as much of it as can be done now.
    pub(super) async fn rotation(
        &self,
        row: &RequestRow,
        next: &JournalRow,
        approved: &ApprovedPlan,
    ) -> Result<(), Trouble> {
        let Effect::RotateKey { org, key, before } = &next.step.effect else {
            return Err(Trouble::Bug(format!("{} is no rotation", next.step.key)));
        };
        let of = Rotation { row, next, org, key, before };
        if let Some(made) = self.parts.store.handed(&row.id).await?.into_iter().find(|one| one.seq == next.seq) {
            return self.found_on_its_way(&of, &made).await;
        }
        let doubt = next.state == StepState::Doing || next.attempts > 0;
        match self.key_begins(org, key).await {
            Ok(now) if now == *before => {}
            Ok(now) if now.is_empty() => return self.not_provable(&of).await,
            Ok(now) if doubt => return self.lost(&of, &now).await,
            Ok(now) => return self.somebody_was_first(&of, &now).await,
            Err(error) if doubt || error.passing() => {
                let why = format!("How the key begins could not be read. {error}");
                return self.step_again(row, next, &why, None).await;
            }
            Err(error) => return self.step_failed(row, next, &format!("{error} Nothing was rotated.")).await,
        }
        if next.state == StepState::Doing {
            let why = "I was stopped in the middle of it, and the key still begins as before.";
            return self.step_again(row, next, why, Some(SETTLED_MS)).await;
        }
        let way = match self.open_way(org).await {
            Ok(way) => way,
            Err(why) => {
                let why = format!("The way out is not open, so nothing was rotated. {why}");
                return self.step_failed(row, next, &why).await;
            }
        };
        let Some(next) = self.step_begins(row, next).await? else { return Ok(()) };
        let idempotency = format!("{}-{}", row.id, next.seq);
        let behalf = Behalf { staff: &row.requester, key: &idempotency };
        match self.parts.acts.open(approved).seqn.rotate_key(org, key, behalf).await {
            Ok(made) => self.made(&of, approved, &way, made).await,
            Err(error) => self.not_made(&of, &error).await,
        }
    }

    /// The way out, tried just now.
    async fn open_way(&self, org: &OrgSlug) -> Result<WayOut, String> {
        let handover = &self.parts.reads.handover;
        let way = handover.way(org).ok_or("None is configured any more.")?;
        handover.test(org).await.map_err(|no| no.to_string())?;
        Ok(way)
    }

    /// A key was made: what is sealed of it is committed, and then it is passed on.
    async fn made(
        &self,
        of: &Rotation<'_>,
        approved: &ApprovedPlan,
        way: &WayOut,
        made: NewKey,
    ) -> Result<(), Trouble> {
        let handover = &self.parts.acts.open(approved).handover;
        let (sealed, why) = match handover.seal(of.org, &made.value) {
            Ok(sealed) => (sealed.map(|armor| armor.as_str().to_owned()), String::new()),
            // With another way it still goes out; without one it is lost, and why is said.
            Err(no) => (None, no.to_string()),
        };
        if sealed.is_none() && !way.passes {
            return self.lost_because(of, &made.prefix, &why).await;
        }
        let handed = Handed {
            seq: of.next.seq,
            org: of.org.clone(),
            key: of.key.clone(),
            prefix: made.prefix.clone(),
            way: format!("{}: {}", way.name, way.says),
            sealed,
            state: if way.passes { WayState::Begun } else { WayState::Sealed },
            why: String::new(),
            at: self.parts.clock.now(),
        };
        // What is withheld by the guard can be shown to nobody: better said now than found out later.
        let Ok(kept) = self.seal(handed.clone()) else {
            return self.lost_because(of, &made.prefix, "What was to be kept looked like a secret.").await;
        };
        let mut tx = self.parts.store.begin().await?;
        tx.put_handed(&of.row.id, &kept).await?;
        if !way.passes {
            let outcome = format!("rotated{}; {}", begins(&made.prefix), way.says);
            self.step_ends_in(&mut tx, of.row, of.next, &outcome, true).await?;
            return self.commit(tx).await;
        }
        self.commit(tx).await?;
        let label = Label { org: of.org, key: of.key, request: &of.row.id };
        let mut passed = handover.pass(label, &made.value).await;
        for _ in 1..PASSES {
            if passed.is_err() {
                passed = handover.pass(label, &made.value).await;
            }
        }
        drop(made);
        self.passed(of, &handed, passed.map_err(|no| no.to_string())).await
    }

    /// The record of how passing on ended.
    async fn passed(&self, of: &Rotation<'_>, handed: &Handed, passed: Result<(), String>) -> Result<(), Trouble> {
        let begins = begins(&handed.prefix);
        let (state, outcome, well) = match (&passed, &handed.sealed) {
            (Ok(()), _) => (WayState::Arrived, format!("rotated{begins}; {}", handed.way), true),
            (Err(why), Some(_)) => {
                let outcome =
                    format!("rotated{begins}, and sealed; but it was NOT passed on, hand the sealed copy over. {why}");
                (WayState::Failed, outcome, true)
            }
            (Err(why), None) => (WayState::Failed, format!("{LOST} {why}{}", now_begins(&handed.prefix)), false),
        };
        let why = self.scrub(passed.err().unwrap_or_default());
        let mut tx = self.parts.store.begin().await?;
        tx.handed_ended(&of.row.id, of.next.seq, state, &why, self.parts.clock.now()).await?;
        self.step_ends_in(&mut tx, of.row, of.next, &outcome, well).await?;
        self.commit(tx).await
    }

    /// We died while a key was passed on. It is no longer in memory, so that it cannot be passed on again.
    async fn found_on_its_way(&self, of: &Rotation<'_>, made: &Handed) -> Result<(), Trouble> {
        let why = "I was stopped while it was passed on: look whether it arrived before you rotate again.".to_owned();
        self.passed(of, made, Err(why)).await
    }

    /// The call gave no key. What that means is read back.
    async fn not_made(&self, of: &Rotation<'_>, error: &PortError) -> Result<(), Trouble> {
        if !error.passing() {
            let why = format!("{error} Nothing was rotated.");
            return self.step_failed(of.row, of.next, &why).await;
        }
        if !error.ambiguous() {
            let wait = if let Fault::RateLimited { after_ms } = error.fault { Some(after_ms) } else { None };
            return self.step_again(of.row, of.next, &error.to_string(), wait).await;
        }
        match self.key_begins(of.org, of.key).await {
            Ok(now) if !now.is_empty() && now != of.before => self.lost_because(of, &now, &error.to_string()).await,
            Ok(_) | Err(_) => self.step_again(of.row, of.next, &error.to_string(), Some(SETTLED_MS)).await,
        }
    }

    async fn lost(&self, of: &Rotation<'_>, now: &str) -> Result<(), Trouble> {
        let why =
            "It was made by a call whose answer was never recorded, unless somebody rotated it by hand meanwhile.";
        self.lost_because(of, now, why).await
    }

    async fn lost_because(&self, of: &Rotation<'_>, now: &str, why: &str) -> Result<(), Trouble> {
        let outcome = format!("{LOST} {why}{}", now_begins(now));
        tracing::warn!(request = %of.row.id, step.key = %of.next.step.key, "rotation.value_lost");
        let lost = Handed {
            seq: of.next.seq,
            org: of.org.clone(),
            key: of.key.clone(),
            prefix: self.scrub(now).into_inner(),
            way: "nowhere".into(),
            sealed: None,
            state: WayState::Lost,
            why: self.scrub(why).into_inner(),
            at: self.parts.clock.now(),
        };
        let mut tx = self.parts.store.begin().await?;
        tx.put_handed(&of.row.id, &self.seal(lost)?).await?;
        self.step_ends_in(&mut tx, of.row, of.next, &outcome, false).await?;
        let fact = Fact {
            staff: Some(&of.row.requester),
            action: &of.row.action,
            request: Some(&of.row.id),
            outcome: "value_lost",
            details: json!({ "org": of.org, "key": of.key, "begins": self.scrub(now) }),
        };
        self.audit(&mut tx, fact).await?;
        self.commit(tx).await
    }

    async fn somebody_was_first(&self, of: &Rotation<'_>, now: &str) -> Result<(), Trouble> {
        let why = format!(
            "Since it was agreed to, somebody else rotated it: it begins with {now} and no longer with {}. I rotated \
             nothing.",
            of.before
        );
        self.step_failed(of.row, of.next, &why).await
    }

    async fn not_provable(&self, of: &Rotation<'_>) -> Result<(), Trouble> {
        let why = "SEQN Auth no longer says how the key begins, so that a rotation could not be proved. I rotated nothing \
                   that I know of.";
        self.step_failed(of.row, of.next, why).await
    }
}

/// Such as `, it begins with sk_live_abcd1234`.
fn begins(prefix: &str) -> String {
    if prefix.is_empty() { String::new() } else { format!(", it begins with {prefix}") }
}

fn now_begins(prefix: &str) -> String {
    if prefix.is_empty() { String::new() } else { format!(" The key begins with {prefix} now.") }
}
