//! Who has an account, as the server's own list of members says now.
//!
//! Invariant: whoever is not a member of our server is nobody here, whatever Discord knows of the account.

use async_trait::async_trait;
use serde_json::Value;

use crate::guard::Untrusted;
use crate::model::{Account, Platform, calm};
use crate::ports::{ChatAccount, Fault, Members, PortError, Seat};

use super::Discord;
use super::http::fault;
use super::wire::id_of;

/// The member's flag of somebody who may only join one voice channel.
const IS_GUEST: u64 = 1 << 4;
/// Longest name that is kept, in characters.
const NAME_CHARS: usize = 60;

#[async_trait]
impl Members for Discord {
    async fn account(&self, user: &str) -> Result<Option<ChatAccount>, PortError> {
        let Some(account) = Account::discord(user) else { return Ok(None) };
        let member = match self.get(self.guild_path(&format!("/members/{user}"))).await {
            Ok(member) => member,
            Err(error) if error.fault == Fault::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if id_of(&member["user"]["id"]).map(|id| id.to_string()).as_deref() != Some(user) {
            return Err(fault(Fault::Garbled));
        }
        let named = |value: &Value| {
            let name = self.guard.scrub(Untrusted::from(value.as_str().unwrap_or_default()));
            calm(&name, NAME_CHARS)
        };
        let shown = [&member["nick"], &member["user"]["global_name"], &member["user"]["username"]];
        Ok(Some(ChatAccount {
            account: Account { platform: Platform::Discord, ..account },
            handle: named(&member["user"]["username"]),
            name: shown.map(named).into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
            seat: seat(&member),
        }))
    }
}

fn seat(member: &Value) -> Seat {
    let user = &member["user"];
    if user["bot"] == true || user["system"] == true {
        return Seat::Bot;
    }
    let guest = member["flags"].as_u64().unwrap_or_default() & IS_GUEST != 0;
    // Whoever has not accepted the server's rules yet is no full member.
    if guest || member["pending"] == true { Seat::Guest } else { Seat::Full }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bots_and_guests_of_the_server_are_no_full_members() {
        for (member, want) in [
            (json!({"user": {"id": "3"}, "pending": false, "flags": 0}), Seat::Full),
            (json!({"user": {"id": "3", "bot": true}}), Seat::Bot),
            (json!({"user": {"id": "3", "system": true}}), Seat::Bot),
            (json!({"user": {"id": "3"}, "pending": true}), Seat::Guest),
            (json!({"user": {"id": "3"}, "flags": 1 << 4 | 1}), Seat::Guest),
        ] {
            assert_eq!(seat(&member), want, "{member}");
        }
    }
}
