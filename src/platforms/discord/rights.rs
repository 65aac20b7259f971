//! What a member may do in a channel, computed from roles and overwrites as Discord's documentation says. Pure.
//!
//! It asks nobody. Invariant: what cannot be read counts as no right.

use serde_json::Value;

use super::wire::id_of;

/// May do everything, overwrites or not.
pub(super) const ADMINISTRATOR: u64 = 1 << 3;
/// May change the server; such members are exempt from `AutoMod`.
pub(super) const MANAGE_GUILD: u64 = 1 << 5;
/// Sees the channel.
pub(super) const VIEW_CHANNEL: u64 = 1 << 10;
/// May remove other people's messages.
pub(super) const MANAGE_MESSAGES: u64 = 1 << 13;
/// May read what was posted before.
pub(super) const READ_HISTORY: u64 = 1 << 16;
/// May enter a voice channel, whose text is read in no other way.
const CONNECT: u64 = 1 << 20;
/// Channel types that are entered: voice and stage.
const ENTERED: [u64; 2] = [2, 13];
/// An overwrite's type for a member; 0 is a role.
const OF_MEMBER: u64 = 1;

/// A set of permissions as Discord writes it: a number in a text.
pub(super) fn permissions(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

/// The ids of a member's roles.
pub(super) fn roles_of(member: &Value) -> Vec<u64> {
    member["roles"].as_array().into_iter().flatten().filter_map(id_of).collect()
}

/// What somebody with these roles may do in the server, before any channel's overwrites.
pub(super) fn in_guild(guild: u64, roles: &Value, held: &[u64]) -> u64 {
    let all = roles.as_array().into_iter().flatten();
    let mine = all.filter(|role| id_of(&role["id"]).is_some_and(|id| id == guild || held.contains(&id)));
    let sum = mine.fold(0, |sum, role| sum | permissions(&role["permissions"]));
    if sum & ADMINISTRATOR != 0 { u64::MAX } else { sum }
}

/// The same in one channel: its overwrites for everybody, then for roles, then for the member.
pub(super) fn in_channel(base: u64, guild: u64, member: u64, held: &[u64], channel: &Value) -> u64 {
    if base & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let overwrites: Vec<&Value> = channel["permission_overwrites"].as_array().into_iter().flatten().collect();
    let sum = |part: &str, fits: &dyn Fn(u64, u64) -> bool| {
        let fitting =
            overwrites.iter().filter(|o| id_of(&o["id"]).is_some_and(|id| fits(id, o["type"].as_u64().unwrap_or(0))));
        fitting.fold(0, |sum, overwrite| sum | permissions(&overwrite[part]))
    };
    let everybody = |id: u64, kind: u64| kind != OF_MEMBER && id == guild;
    let of_role = |id: u64, kind: u64| kind != OF_MEMBER && id != guild && held.contains(&id);
    let of_member = |id: u64, kind: u64| kind == OF_MEMBER && id == member;
    let step = |may: u64, fits: &dyn Fn(u64, u64) -> bool| (may & !sum("deny", fits)) | sum("allow", fits);
    step(step(step(base, &everybody), &of_role), &of_member)
}

/// Whether the history of that channel can be read with these rights.
pub(super) fn can_read(may: u64, channel: &Value) -> bool {
    let entered = channel["type"].as_u64().is_some_and(|kind| ENTERED.contains(&kind));
    let needed = VIEW_CHANNEL | READ_HISTORY | if entered { CONNECT } else { 0 };
    may & needed == needed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GUILD: u64 = 7;
    const ME: u64 = 2;

    fn channel(overwrites: &Value) -> Value {
        json!({"type": 0, "permission_overwrites": overwrites})
    }

    #[test]
    fn roles_add_up_and_an_administrator_has_all() {
        let roles = json!([{"id": "7", "permissions": "1024"}, {"id": "8", "permissions": "8192"},
            {"id": "9", "permissions": "8"}]);
        assert_eq!(in_guild(GUILD, &roles, &[]), VIEW_CHANNEL);
        assert_eq!(in_guild(GUILD, &roles, &[8]), VIEW_CHANNEL | MANAGE_MESSAGES);
        assert_eq!(in_guild(GUILD, &roles, &[9]), u64::MAX);
        assert_eq!(in_guild(GUILD, &Value::Null, &[8]), 0);
    }

    #[test]
    fn overwrites_go_from_everybody_over_roles_to_the_member() {
        let base = VIEW_CHANNEL | READ_HISTORY;
        let may = |overwrites: &Value| in_channel(base, GUILD, ME, &[8], &channel(overwrites));
        let hidden = json!({"id": "7", "type": 0, "deny": "1024", "allow": "0"});
        let shown_to_role = json!({"id": "8", "type": 0, "deny": "0", "allow": "1024"});
        let hidden_from_me = json!({"id": "2", "type": 1, "deny": "1024", "allow": "0"});
        let of_another_role = json!({"id": "9", "type": 0, "deny": "0", "allow": "1024"});
        assert!(can_read(may(&json!([])), &channel(&json!([]))));
        for (overwrites, seen) in [
            (json!([hidden]), false),
            (json!([of_another_role, hidden]), false),
            (json!([shown_to_role, hidden]), true),
            (json!([shown_to_role, hidden, hidden_from_me]), false),
        ] {
            assert_eq!(can_read(may(&overwrites), &channel(&overwrites)), seen, "{overwrites}");
        }
        assert_eq!(in_channel(u64::MAX, GUILD, ME, &[], &channel(&json!([hidden]))), u64::MAX);
    }

    #[test]
    fn the_text_of_a_voice_channel_is_read_by_those_who_may_enter() {
        let voice = json!({"type": 2});
        assert!(!can_read(VIEW_CHANNEL | READ_HISTORY, &voice));
        assert!(can_read(VIEW_CHANNEL | READ_HISTORY | CONNECT, &voice));
    }
}
