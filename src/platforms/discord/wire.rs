//! What Discord sends, as far as we read it: every field may be missing, and ids may be texts or numbers.
//!
//! It judges nothing. Invariant: no type here that can hold what people write can be printed.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A gateway frame.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame {
    pub(super) op: Option<u64>,
    pub(super) d: Value,
    pub(super) s: Option<u64>,
    pub(super) t: Option<String>,
}

/// An interaction of any kind.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Interaction {
    #[serde(deserialize_with = "snowflake")]
    pub(super) id: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) application_id: Option<u64>,
    #[serde(rename = "type")]
    pub(super) kind: Option<u64>,
    pub(super) token: Option<String>,
    #[serde(rename = "data")]
    pub(super) content: Option<Content>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) guild_id: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) channel_id: Option<u64>,
    pub(super) channel: Option<Channel>,
    pub(super) member: Option<Member>,
    pub(super) user: Option<User>,
    pub(super) context: Option<u64>,
    pub(super) message: Option<Value>,
}

/// What an interaction is about.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<u64>,
    pub(super) options: Option<Vec<Opt>>,
    pub(super) custom_id: Option<String>,
    pub(super) values: Option<Vec<Value>>,
    pub(super) components: Option<Vec<Value>>,
    pub(super) target_id: Option<String>,
    pub(super) resolved: Option<Value>,
}

/// One option of a command, or a sub-command.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Opt {
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<u64>,
    pub(super) value: Option<Value>,
    pub(super) options: Option<Vec<Opt>>,
    pub(super) focused: Option<bool>,
}

/// A channel, as interactions carry it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Channel {
    #[serde(rename = "type")]
    pub(super) kind: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) parent_id: Option<u64>,
}

/// A member of a server.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    pub(super) user: Option<User>,
}

/// A user, a bot or a webhook.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    #[serde(deserialize_with = "snowflake")]
    pub(super) id: Option<u64>,
    pub(super) bot: Option<bool>,
}

/// A message.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Spoken {
    #[serde(deserialize_with = "snowflake")]
    pub(super) id: Option<u64>,
    #[serde(rename = "type")]
    pub(super) kind: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) channel_id: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) guild_id: Option<u64>,
    pub(super) author: Option<User>,
    pub(super) webhook_id: Option<Value>,
    pub(super) content: Option<String>,
    pub(super) edited_timestamp: Option<String>,
    pub(super) attachments: Option<Vec<Attachment>>,
    pub(super) message_snapshots: Option<Vec<Snapshot>>,
}

/// A forwarded message: a copy that stays when the original is deleted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Snapshot {
    pub(super) message: Option<Forwarded>,
}

/// What of a forwarded message is no text.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Forwarded {
    pub(super) attachments: Option<Vec<Attachment>>,
}

/// A file of a message.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Attachment {
    #[serde(deserialize_with = "snowflake")]
    pub(super) id: Option<u64>,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) url: Option<String>,
}

/// A message that was deleted, or many of them.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Deleted {
    #[serde(deserialize_with = "snowflake")]
    pub(super) id: Option<u64>,
    pub(super) ids: Option<Vec<Value>>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) channel_id: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) guild_id: Option<u64>,
}

/// A channel or a thread, as the server's events carry it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Room {
    #[serde(deserialize_with = "snowflake")]
    pub(super) id: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) guild_id: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) owner_id: Option<u64>,
    pub(super) name: Option<String>,
    pub(super) topic: Option<String>,
}

/// The server as it is sent when a session begins.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Server {
    #[serde(deserialize_with = "snowflake")]
    pub(super) id: Option<u64>,
    pub(super) channels: Option<Vec<Room>>,
    pub(super) threads: Option<Vec<Room>>,
}

/// `AutoMod` having acted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Acted {
    #[serde(deserialize_with = "snowflake")]
    pub(super) guild_id: Option<u64>,
    pub(super) action: Option<Action>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) rule_id: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) user_id: Option<u64>,
    #[serde(deserialize_with = "snowflake")]
    pub(super) channel_id: Option<u64>,
    pub(super) content: Option<String>,
    pub(super) matched_content: Option<String>,
}

/// What `AutoMod` did.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Action {
    #[serde(rename = "type")]
    pub(super) kind: Option<u64>,
}

/// An id, written as a text or as a number; anything else is none.
fn snowflake<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(id_of(&Value::deserialize(from)?))
}

/// An id out of loose JSON.
pub(super) fn id_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|id| *id != 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_texts_or_numbers_and_everything_may_be_missing() {
        assert_eq!(id_of(&json!("18446744073709551615")), Some(u64::MAX));
        assert_eq!(id_of(&json!(7)), Some(7));
        for odd in [json!("0"), json!("x"), json!(-1), json!(null), json!({}), json!("1 2")] {
            assert_eq!(id_of(&odd), None, "{odd}");
        }
        let empty: Interaction = serde_json::from_value(json!({})).expect("nothing is required");
        assert!(empty.id.is_none() && empty.content.is_none());
        let nulls = json!({"id": null, "type": null, "data": null, "member": null, "extra": {"a": [1]}});
        assert!(serde_json::from_value::<Interaction>(nulls).is_ok());
    }
}
