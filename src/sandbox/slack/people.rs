//! Who is who: `auth.test`, `team.info`, `users.info`, `bots.info`.
//!
//! It reads the cast only and changes nothing.

use serde_json::{Value, json};

use super::state::{person, stage_name};
use super::web::{Answer, Args, Caller};
use super::wire::{DOMAIN, bot_profile};
use crate::sandbox::cast::{SLACK_APP, SLACK_BOT, SLACK_BOT_USER, SLACK_TEAM};

/// `auth.test`.
pub(super) fn auth_test(caller: Caller) -> Value {
    let user = caller.user();
    let name = if caller == Caller::Bot { "seqn".to_owned() } else { stage_name(user) };
    let mut body = json!({
        "url": format!("https://{DOMAIN}.slack.com/"), "team": "SEQN", "user": name, "team_id": SLACK_TEAM,
        "user_id": user, "is_enterprise_install": false,
    });
    if caller == Caller::Bot {
        body["bot_id"] = json!(SLACK_BOT);
    }
    body
}

/// `team.info`.
pub(super) fn team_info() -> Value {
    json!({"team": {"id": SLACK_TEAM, "name": "SEQN", "domain": DOMAIN, "email_domain": "", "icon": {},
                    "url": format!("https://{DOMAIN}.slack.com/")}})
}

/// `users.info`. Somebody of another team is a stranger, as in a shared channel.
pub(super) fn users_info(args: &Args) -> Answer {
    let user = args.need("user", "user_not_found")?;
    if user == SLACK_BOT_USER {
        let profile =
            json!({"real_name": "SEQN", "display_name": "seqn", "bot_id": SLACK_BOT, "api_app_id": SLACK_APP});
        return Ok(
            json!({"user": {"id": user, "team_id": SLACK_TEAM, "name": "seqn", "real_name": "SEQN", "deleted": false,
            "is_bot": true, "is_app_user": false, "is_admin": false, "is_owner": false, "is_restricted": false,
            "is_ultra_restricted": false, "is_stranger": false, "tz": "Etc/UTC", "tz_offset": 0, "profile": profile,
            "updated": 0}}),
        );
    }
    let found = person(&user).ok_or("user_not_found")?;
    let admin = found.name == "mira";
    let foreign = found.slack_team != SLACK_TEAM;
    let profile = json!({"real_name": found.name, "display_name": found.name, "email": format!("{}@seqn.example", found.name),
                         "team": found.slack_team});
    Ok(json!({"user": {"id": user, "team_id": found.slack_team, "name": found.name, "real_name": found.name,
        "deleted": false, "is_bot": false, "is_app_user": false, "is_admin": admin, "is_owner": false,
        "is_restricted": found.slack_guest, "is_ultra_restricted": false, "is_stranger": foreign, "tz": "Etc/UTC",
        "tz_offset": 0, "profile": profile, "updated": 0}}))
}

/// `bots.info`.
pub(super) fn bots_info(args: &Args) -> Answer {
    match args.text("bot") {
        Some(bot) if bot != SLACK_BOT => Err("bot_not_found".into()),
        _ => Ok(json!({"bot": bot_profile()})),
    }
}
