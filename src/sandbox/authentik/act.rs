//! The changing half of API v3: sessions and tokens are ended. Nothing else can be changed here.
//!
//! Invariant: what may not be viewed cannot be ended, and says "not found".

use serde_json::json;

use super::{Knobs, Version, invalid, not_found, refusal};
use crate::sandbox::world::World;
use crate::sandbox::world::door::{Answer, Ask};

pub(super) fn answer(world: &World, ask: &Ask, parts: &[&str], knobs: Knobs) -> Answer {
    if !ask.is("DELETE") {
        return refusal(405, &format!("Method \"{}\" not allowed.", ask.seen.method));
    }
    let mut change = world.change();
    let (ended, kind) = match parts {
        ["core", "authenticated_sessions", "bulk_delete"] if knobs.version >= Version::BULK_DELETE => {
            drop(change);
            return bulk_delete(world, ask, knobs);
        }
        ["core", "authenticated_sessions", id] => {
            (!knobs.blind && change.end_identity_session(id), "AuthenticatedSession")
        }
        ["oauth2", "refresh_tokens", id] => {
            (!knobs.blind && id.parse().is_ok_and(|pk| change.end_refresh_token(pk)), "RefreshToken")
        }
        ["oauth2", "access_tokens", id] => {
            (!knobs.blind && id.parse().is_ok_and(|pk| change.end_access_token(pk)), "AccessToken")
        }
        _ => return not_found("Not found."),
    };
    if ended { Answer::bare(204) } else { not_found(&format!("No {kind} matches the given query.")) }
}

fn bulk_delete(world: &World, ask: &Ask, knobs: Knobs) -> Answer {
    let Ok(pks) = ask.params("user_pks").map(str::parse).collect::<Result<Vec<i64>, _>>() else {
        return invalid("user_pks", "A valid integer is required.");
    };
    if pks.is_empty() {
        return invalid("user_pks", "This field is required.");
    }
    let mut change = world.change();
    let sessions = change.record.identity_sessions.iter().filter(|s| !s.ended && !knobs.blind && pks.contains(&s.user));
    let uuids: Vec<String> = sessions.map(|s| s.uuid.clone()).collect();
    for uuid in &uuids {
        change.end_identity_session(uuid);
    }
    Answer::json(200, &json!({ "deleted": uuids.len() }))
}
