//! Who has an account, as `users.info` says now. Its e-mail is not read.
//!
//! Invariant: a full member is one of our own team of whom Slack says each thing that it would say of a guest or a bot,
//! and says no.

use async_trait::async_trait;
use serde_json::Value;

use crate::guard::Untrusted;
use crate::model::{Account, Platform, calm};
use crate::ports::{ChatAccount, Members, PortError, Seat};

use super::Slack;
use super::rooms::{garbled, is};

/// What Slack says of an id that is nobody's, or nobody's whom we may see.
const NOBODY: [&str; 2] = ["user_not_found", "user_not_visible"];
/// Slack's own bot, which is no bot by its flags.
const SLACKBOT: &str = "USLACKBOT";
/// Longest name that is kept, in characters.
const NAME_CHARS: usize = 60;

#[async_trait]
impl Members for Slack {
    async fn account(&self, user: &str) -> Result<Option<ChatAccount>, PortError> {
        let answer = match self.web.get("users.info", &[("user", user.to_owned())]).await {
            Ok(answer) => answer,
            Err(error) if is(&error, &NOBODY) => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = &answer["user"];
        let (Some(id), Some(team)) = (found["id"].as_str(), found["team_id"].as_str()) else { return Err(garbled()) };
        if id != user {
            return Err(garbled());
        }
        let named = |value: &Value| {
            let name = self.guard.scrub(Untrusted::from(value.as_str().unwrap_or_default()));
            calm(&name, NAME_CHARS)
        };
        let shown = [&found["profile"]["display_name"], &found["profile"]["real_name"], &found["real_name"]];
        Ok(Some(ChatAccount {
            account: Account { platform: Platform::Slack, team: team.to_owned(), user: id.to_owned() },
            handle: named(&found["name"]),
            name: shown.map(named).into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
            seat: seat(found, team == self.team).ok_or_else(garbled)?,
        }))
    }
}

/// What the account is; `None` where Slack does not say.
fn seat(user: &Value, ours: bool) -> Option<Seat> {
    let yes = |flag: &str| user[flag] == true;
    let any = |flags: &[&str]| flags.iter().any(|flag| yes(flag));
    if any(&["is_bot", "is_workflow_bot", "is_connector_bot"]) || user["id"] == SLACKBOT {
        return Some(Seat::Bot);
    }
    if !ours || yes("is_stranger") {
        return Some(Seat::Stranger);
    }
    if yes("deleted") {
        return Some(Seat::Deactivated);
    }
    if any(&["is_restricted", "is_ultra_restricted", "is_invited_user"]) {
        return Some(Seat::Guest);
    }
    let said = ["deleted", "is_bot", "is_restricted", "is_ultra_restricted"].iter().all(|flag| user[*flag] == false);
    said.then_some(Seat::Full)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_full_member_is_one_of_whom_slack_says_so() {
        let full = json!({"id": "U1", "deleted": false, "is_bot": false, "is_restricted": false,
            "is_ultra_restricted": false});
        let with = |flag: &str, value: Value| {
            let mut user = full.clone();
            user[flag] = value;
            user
        };
        for (user, ours, want) in [
            (full.clone(), true, Some(Seat::Full)),
            (full.clone(), false, Some(Seat::Stranger)),
            (with("is_stranger", json!(true)), true, Some(Seat::Stranger)),
            (with("is_restricted", json!(true)), true, Some(Seat::Guest)),
            (with("is_ultra_restricted", json!(true)), true, Some(Seat::Guest)),
            (with("is_invited_user", json!(true)), true, Some(Seat::Guest)),
            (with("is_bot", json!(true)), true, Some(Seat::Bot)),
            (with("is_workflow_bot", json!(true)), false, Some(Seat::Bot)),
            (with("id", json!(SLACKBOT)), true, Some(Seat::Bot)),
            (with("deleted", json!(true)), true, Some(Seat::Deactivated)),
            (with("is_restricted", Value::Null), true, None),
            (json!({"id": "U1"}), true, None),
            // Slack says less of those who are gone.
            (json!({"id": "U1", "deleted": true}), true, Some(Seat::Deactivated)),
        ] {
            assert_eq!(seat(&user, ours), want, "{user} {ours}");
        }
    }
}
