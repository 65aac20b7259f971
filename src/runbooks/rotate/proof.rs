//! What reading back after a rotation means: by how the key begins, and by what became of the new one. Never by the key.
//!
//! Invariant: a key that was made and that nobody can get at is never called done.

use crate::catalog::Asked;
use crate::model::{Block, Check, CheckResult, Handed, KeyOf, OrgSlug, Plan, Verdict, WayState};

use super::Why;
use super::plan::{BEFORE, CANARY_BEFORE};

/// What is read back: how a key begins now, or why that could not be read.
pub(super) type Begins = Result<String, String>;

/// The verdict on the keys themselves.
pub(super) fn verdict(asked: &Asked<'_>, why: &Why, plan: &Plan, proof: &Proof<'_>) -> Verdict {
    let mut checks = Vec::new();
    if let Some((key, now)) = &proof.canary {
        checks.push(rotated(plan, CANARY_BEFORE, &format!("The key of the canary {}", key.item()), now));
        checks.extend(came_out(proof, key, now));
    }
    checks.push(rotated(plan, BEFORE, "The key", &proof.now));
    checks.extend(came_out(proof, &proof.key, &proof.now));
    let mut verdict = Verdict { checks, ..Verdict::default() };
    if let Ok(now) = proof.now.as_ref().map(String::as_str)
        && !now.is_empty()
    {
        verdict.conclusion.push(Block::Text(format!("The key begins with {now} now.")));
    }
    for one in proof.handed {
        if one.reachable() {
            verdict.conclusion.extend(one.blocks());
        } else {
            lost(asked, why, proof, one, &mut verdict);
        }
    }
    if proof.handed.iter().any(|one| one.sealed.is_some()) {
        let says = format!("`/rotate handover {}` shows what was sealed again.", asked.request);
        verdict.conclusion.push(Block::Note(says));
    }
    verdict
}

/// Everything that is looked at.
pub(super) struct Proof<'a> {
    /// The word of the command.
    pub(super) command: &'static str,
    pub(super) org: &'a OrgSlug,
    /// Whose key.
    pub(super) key: KeyOf,
    /// How it begins now.
    pub(super) now: Begins,
    /// The canary's key, and how it begins now.
    pub(super) canary: Option<(KeyOf, Begins)>,
    /// What became of the keys that were made.
    pub(super) handed: &'a [Handed],
}

/// Whether the key begins otherwise than before.
fn rotated(plan: &Plan, before: &str, what: &str, now: &Begins) -> Check {
    let before = plan.subject.get(before).map_or("", String::as_str);
    let result = match (before, now) {
        (_, Err(why)) => CheckResult::CouldNotLook(why.clone()),
        ("", _) => CheckResult::CouldNotLook("SEQN Auth did not say how the key began".into()),
        (_, Ok(now)) if now.is_empty() => CheckResult::CouldNotLook("SEQN Auth does not say how the key begins".into()),
        (before, Ok(now)) if before == now => CheckResult::NotConfirmed(format!("the key still begins with {now}")),
        _ => CheckResult::Confirmed,
    };
    Check { what: format!("{what} begins otherwise than before"), result }
}

/// Whether what was handed over is the key that holds now, and whether it came to its end.
fn came_out(proof: &Proof<'_>, key: &KeyOf, now: &Begins) -> Vec<Check> {
    let Some(one) = proof.handed.iter().rev().find(|one| one.key == *key) else { return Vec::new() };
    let mut checks = Vec::new();
    let current = match now {
        Err(why) => CheckResult::CouldNotLook(why.clone()),
        Ok(now) if *now == one.prefix => CheckResult::Confirmed,
        Ok(_) if one.prefix.is_empty() => {
            CheckResult::CouldNotLook("SEQN Auth did not say how the new one begins".into())
        }
        Ok(now) => CheckResult::NotConfirmed(format!(
            "the new one began with {}, and {now} holds: somebody has rotated it since",
            one.prefix
        )),
    };
    checks.push(Check { what: format!("The new key of {} is the one that holds", key.item()), result: current });
    let out = match one.state {
        WayState::Sealed | WayState::Arrived => CheckResult::Confirmed,
        WayState::Begun => CheckResult::CouldNotLook("nobody has recorded whether it arrived".into()),
        WayState::Failed | WayState::Lost => CheckResult::NotConfirmed(one.why.clone()),
    };
    checks.push(Check { what: format!("The new key of {} went to {}", key.item(), one.way), result: out });
    checks
}

fn lost(asked: &Asked<'_>, why: &Why, proof: &Proof<'_>, one: &Handed, verdict: &mut Verdict) {
    let item = one.key.item();
    verdict.remark = format!("{item} WAS rotated, and its new value is lost: rotate it again.");
    let says = format!(
        "Rotated, value lost, rotate again: the old key of {item} is dead, and the new one is not kept here. {} Then ask \
         this:",
        one.why
    );
    let again = format!(
        "/rotate {} {} {item} cause={} confirmed-by=@{} evidence=\"{}\" ticket={}",
        proof.command,
        proof.org,
        why.cause.unwrap_or("exposed"),
        why.confirmer(asked).map_or_else(|| "name".to_owned(), |staff| staff.id.to_string()),
        why.evidence.replace('"', "'"),
        why.ticket
    );
    verdict.conclusion.extend([Block::Text(says), Block::Code(again)]);
}
