//! Look up: whose key leaked, and whether it was replaced, by what may be shown of it. The key is never used.
//!
//! Invariant: a case is closed only when the project that had the key is known and lists another one now.

use futures_util::future::join_all;
use serde_json::json;

use crate::model::{KeyOwner, Leak, LeakState, MINUTE_MS, Millis, SECOND_MS};
use crate::ports::PortError;

use super::super::{Engine, Trouble};

/// How many cases are looked up at once.
const AT_ONCE: u32 = 4;
/// How often a look-up is tried.
const TRIES: u32 = 6;
/// The first pause before it is tried again; it doubles.
const PAUSE_MS: i64 = 10 * SECOND_MS;
/// The longest pause.
const PAUSE_MOST_MS: i64 = 30 * MINUTE_MS;

/// What a look-up means for its case.
struct Finding {
    owner: Option<KeyOwner>,
    state: LeakState,
    outcome: String,
    /// The word in the audit trail.
    word: &'static str,
}

impl Engine {
    /// Looks up what is due. Returns how many cases it took.
    pub(super) async fn look_up_cases(&self) -> Result<usize, Trouble> {
        let now = self.parts.clock.now();
        let due = self.parts.store.leaks_to_look(now, AT_ONCE).await?;
        let results = join_all(due.iter().map(|(leak, tries)| self.look_one_up(leak, *tries, now))).await;
        results.into_iter().collect::<Result<Vec<()>, Trouble>>()?;
        Ok(due.len())
    }

    async fn look_one_up(&self, leak: &Leak, tries: u32, now: Millis) -> Result<(), Trouble> {
        let (found, again) = match self.parts.reads.seqn.projects_by_key_prefix(&leak.prefix).await {
            Ok(owners) => (Some(conclude(leak, &owners)), None),
            Err(error) if error.passing() && tries + 1 < TRIES => {
                (None, Some(self.after_pause(now, PAUSE_MS, PAUSE_MOST_MS, tries)))
            }
            Err(error) => (Some(could_not(leak, &error)), None),
        };
        let mut tx = self.parts.store.begin().await?;
        tx.look_leak_up(&leak.id, again, tries + 1).await?;
        if let Some(found) = found {
            if let Some(owner) = &found.owner {
                tx.set_leak_owner(&leak.id, &self.seal(owner.clone())?).await?;
            }
            let outcome = self.scrub(found.outcome);
            tx.move_leak(&leak.id, found.state, &outcome, now).await?;
            let details = json!({ "owner": found.owner, "says": outcome });
            self.note_case(&mut tx, None, leak, found.word, details).await?;
            if let Some(moved) = tx.leak(&leak.id).await? {
                self.owe_case(&mut tx, &moved, now).await?;
            }
        }
        self.commit(tx).await
    }
}

/// What the projects that list this prefix now mean for the case.
fn conclude(leak: &Leak, owners: &[KeyOwner]) -> Finding {
    let here = |state, word, outcome: &str| Finding { owner: None, state, outcome: outcome.to_owned(), word };
    match (&leak.owner, owners) {
        (None, [one]) => Finding { owner: Some(one.clone()), ..here(leak.state, "owner_found", &leak.outcome) },
        (None, []) => here(
            leak.state,
            "owner_unknown",
            "No project lists a key that begins so now: it is old, or of another installation.",
        ),
        (None, _) => here(leak.state, "owner_unclear", "Several projects list a key that begins so."),
        (Some(owner), now) if now.contains(owner) => {
            here(leak.state, "not_replaced", "Not replaced yet: the project still lists a key that begins so.")
        }
        (Some(_), _) => here(LeakState::Closed, "closed", "Replaced: the project lists another key now."),
    }
}

fn could_not(leak: &Leak, error: &PortError) -> Finding {
    let outcome = format!("It could not be looked up whose key this is. {error}");
    Finding { owner: None, state: leak.state, outcome, word: "not_looked_up" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leak(owner: Option<&KeyOwner>) -> Leak {
        let fingerprint = "0a".repeat(16).parse().expect("a fingerprint");
        Leak {
            id: Leak::id_of(&fingerprint).expect("an id"),
            fingerprint,
            rule: "project-secret-key".into(),
            kind: "project secret key".into(),
            prefix: "begins".into(),
            state: LeakState::Rotating,
            first_seen: Millis(0),
            last_seen: Millis(0),
            seen: 1,
            owner: owner.cloned(),
            outcome: String::new(),
        }
    }

    #[test]
    fn a_case_closes_only_when_its_project_lists_another_key() {
        let web = KeyOwner { org: "acme".into(), project: "web".into() };
        let app = KeyOwner { org: "acme".into(), project: "app".into() };
        for (owner, listed, word, state) in [
            (None, vec![web.clone()], "owner_found", LeakState::Rotating),
            (None, vec![], "owner_unknown", LeakState::Rotating),
            (None, vec![web.clone(), app.clone()], "owner_unclear", LeakState::Rotating),
            (Some(&web), vec![web.clone()], "not_replaced", LeakState::Rotating),
            (Some(&web), vec![], "closed", LeakState::Closed),
            (Some(&web), vec![app], "closed", LeakState::Closed),
        ] {
            let found = conclude(&leak(owner), &listed);
            assert_eq!((found.word, found.state), (word, state));
        }
    }
}
