//! Reading back: for each of the three things, confirmed, not confirmed, or could not look.

use crate::catalog::Asked;
use crate::model::{Block, Check, CheckResult, Effect, Evidence, Plan, Step, Tier, Verdict};
use crate::ports::PortError;

use super::super::words::count;
use super::look::{Facts, Who};
use super::plan::all_steps;
use super::{Input, review};

const ISSUED: &str = "Access tokens that were already issued stay valid until they expire by themselves.";
const REVOKED: &str = "session.revoked";

pub(super) fn verify(asked: &Asked<'_>, input: &Input, plan: &Plan, facts: &Facts) -> Verdict {
    let all = plan.tier >= Tier::Second;
    let mut checks = vec![seqn(asked, input, plan, facts, all)];
    if all {
        checks.extend(identity(facts));
    }
    let again = if all { newcomers(input, plan, facts) } else { Vec::new() };
    let evidence: Vec<Evidence> = review::evidence(asked, input, facts);
    let mut verdict = Verdict { checks, evidence, again, ..Verdict::default() };
    verdict.conclusion.push(Block::Text(conclusion(all, verdict.confirmed())));
    verdict.conclusion.push(Block::Text(ISSUED.into()));
    verdict.conclusion.extend(review::blocks(facts, &verdict.evidence, input.window_hours, true));
    verdict
}

fn conclusion(all: bool, confirmed: bool) -> String {
    match (all, confirmed) {
        (true, true) => "The person must sign in again: nothing that keeps them signed in is left.".into(),
        (true, false) => {
            "Whether the person must sign in again is not confirmed. See above for what to look at.".into()
        }
        (false, true) => {
            "The session has ended. The person may be signed in again silently, since Authentik was left alone.".into()
        }
        (false, false) => "Whether the session has ended is not confirmed. See above for what to look at.".into(),
    }
}

fn could_not(error: &PortError) -> CheckResult {
    CheckResult::CouldNotLook(error.of_look())
}

fn seqn(asked: &Asked<'_>, input: &Input, plan: &Plan, facts: &Facts, all: bool) -> Check {
    let what = if all { format!("SEQN sessions in {}", input.org) } else { "The SEQN session".to_owned() };
    let by_hand = plan.steps.iter().any(|s| matches!(s.effect, Effect::ByHand { .. }));
    let result = match &facts.sessions {
        _ if by_hand => by_log(asked, facts),
        Err(error) => could_not(error),
        Ok(_) => {
            let meant = |id: &str| all || plan.steps.iter().any(|s| s.key == format!("seqn-session:{id}"));
            let left: Vec<String> =
                facts.active().iter().filter(|s| meant(s.id.as_str())).map(|s| s.id.to_string()).collect();
            none_left(&left, "active session")
        }
    };
    Check { what, result }
}

/// What was done by hand is read from the audit log, since the sessions cannot be read.
fn by_log(asked: &Asked<'_>, facts: &Facts) -> CheckResult {
    match &facts.log {
        Err(error) => could_not(error),
        Ok(log) if log.iter().any(|e| e.action == REVOKED && e.at >= asked.asked) => CheckResult::Confirmed,
        Ok(_) => {
            CheckResult::NotConfirmed(format!("the audit log shows no `{REVOKED}` of this user since it was asked"))
        }
    }
}

fn none_left(left: &[String], what: &str) -> CheckResult {
    if left.is_empty() {
        CheckResult::Confirmed
    } else {
        CheckResult::NotConfirmed(format!("{} left: {}", count(left.len(), what), left.join(", ")))
    }
}

fn identity(facts: &Facts) -> [Check; 2] {
    let (sessions, tokens) = match &facts.who {
        Err(error) => (could_not(error), could_not(error)),
        Ok(Who::Nobody) => {
            let why = || CheckResult::CouldNotLook("Authentik has no identity with this e-mail".into());
            (why(), why())
        }
        Ok(Who::Several(_)) => {
            let why = || CheckResult::CouldNotLook("several Authentik identities share this e-mail".into());
            (why(), why())
        }
        Ok(Who::One { sessions, tokens, .. }) => (
            sessions.as_ref().map_or_else(could_not, |all| {
                none_left(&all.iter().map(|s| s.uuid.clone()).collect::<Vec<_>>(), "session")
            }),
            tokens.as_ref().map_or_else(could_not, |all| {
                none_left(&all.iter().map(|t| t.id.to_string()).collect::<Vec<_>>(), "refresh token")
            }),
        ),
    };
    [
        Check { what: "Authentik sessions of the identity".into(), result: sessions },
        Check { what: "Refresh tokens of the identity".into(), result: tokens },
    ]
}

/// What appeared meanwhile, within what was agreed; nothing when it would be more than that.
fn newcomers(input: &Input, plan: &Plan, facts: &Facts) -> Vec<Step> {
    let known = |step: &Step| plan.steps.iter().any(|s| s.key == step.key);
    let new: Vec<Step> = all_steps(input, facts).into_iter().filter(|s| !known(s)).collect();
    let total = plan.steps.len().saturating_add(new.len());
    if plan.at_most.is_some_and(|most| total <= usize::try_from(most).unwrap_or(usize::MAX)) { new } else { Vec::new() }
}
