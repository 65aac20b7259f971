//! Rooms: a channel for each incident beside the incidents channel, or a thread in it where the bot may open no channels.
//!
//! What is private is a thread that only those see who are brought in: a hidden channel would take the right to change
//! everybody's permissions. Invariant: a room is seen by those who see the incidents channel, and by nobody else.

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::model::{Account, Place};
use crate::ports::{CheckUp, Fault, PortError, Rooms};

use super::Discord;
use super::http::{Call, Method, fault};
use super::rights;
use super::wire::id_of;

/// Opening channels.
pub(super) const MANAGE_CHANNELS: u64 = 1 << 4;
/// Opening threads that those see who see the channel.
const PUBLIC_THREADS: u64 = 1 << 35;
/// Opening threads that only their members see.
const PRIVATE_THREADS: u64 = 1 << 36;
/// What rooms need in the server, and what for. Without them incidents are worked on in the incidents channel.
pub(super) const ROOMS: [(u64, &str, &str); 3] = [
    (MANAGE_CHANNELS, "Manage Channels", "a channel for each incident"),
    (PUBLIC_THREADS, "Create Public Threads", "a thread instead, where it may open no channels"),
    (PRIVATE_THREADS, "Create Private Threads", "private incidents"),
];
/// What of the incidents channel's overwrites a room takes over: seeing, speaking, reading back, threads, embeds. More
/// could be rights that the bot itself has not, and Discord would refuse them all.
const TAKEN_OVER: u64 = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 38;
/// The type of a text channel.
const TEXT: u64 = 0;
/// The types of threads: public, private.
const PUBLIC: u64 = 11;
const PRIVATE: u64 = 12;
/// Minutes without a word after which a thread is put away; a week is the most. Whoever speaks brings it back.
const PUT_AWAY_AFTER: u32 = 10_080;
/// Discord's refusal of a body, such as a category that is full.
const BAD_BODY: &str = "50035";
/// Who asks in Discord's own audit log.
const REASON: &str = "SEQN: room of an incident";

#[async_trait]
impl Rooms for Discord {
    async fn open_room(&self, name: &str, topic: &str, private: bool) -> Result<Place, PortError> {
        let channels = self.get(self.guild_path("/channels")).await?;
        // Discord opens a second channel of the same name without a word.
        if let Some(room) = self.named(&channels, name).await? {
            return Ok(room);
        }
        if !private {
            match self.open_channel(&channels, name, topic).await {
                // No right, or a server that is full: neither keeps a thread away.
                Err(error) if !error.passing() && self.config.incidents.is_some() => {
                    tracing::warn!(error = %error, "discord.room.no_channel");
                }
                outcome => return outcome,
            }
        }
        self.open_thread(name, private).await
    }

    async fn find_room(&self, name: &str) -> Result<Option<Place>, PortError> {
        let channels = self.get(self.guild_path("/channels")).await?;
        self.named(&channels, name).await
    }

    async fn ask_in(&self, room: &Place, account: &Account) -> Result<(), PortError> {
        // A channel is seen by those who see the incidents channel; a thread has members.
        let Some(thread) = &room.thread else { return Ok(()) };
        let path = format!("/channels/{thread}/thread-members/{}", account.user);
        let route = format!("PUT /channels/{thread}/thread-members");
        self.rest.call(Call::bot(Method::PUT, path, route)).await.map(drop)
    }
}

impl Discord {
    /// The channel of that name, or the thread of that name that we have opened in the incidents channel. It was opened
    /// within the last day, so that it is not put away yet.
    async fn named(&self, channels: &Value, name: &str) -> Result<Option<Place>, PortError> {
        let all = channels.as_array().ok_or_else(|| fault(Fault::Garbled))?;
        let channel = all.iter().find(|c| c["name"] == name && c["type"] == TEXT).and_then(|c| id_of(&c["id"]));
        if let Some(channel) = channel {
            return Ok(Some(self.place_of(channel)));
        }
        let Some(home) = self.config.incidents else { return Ok(None) };
        let me = self.own_id().await?;
        let active = self.get(self.guild_path("/threads/active")).await?;
        let ours = |thread: &&Value| {
            thread["name"] == name
                && id_of(&thread["parent_id"]) == Some(home)
                && id_of(&thread["owner_id"]) == Some(me)
        };
        let threads = active["threads"].as_array().ok_or_else(|| fault(Fault::Garbled))?;
        Ok(threads.iter().find(ours).and_then(|t| id_of(&t["id"])).map(|thread| self.thread_in(home, thread)))
    }

    async fn open_channel(&self, channels: &Value, name: &str, topic: &str) -> Result<Place, PortError> {
        let home = channels.as_array().into_iter().flatten();
        let home = home.clone().find(|c| self.config.incidents.is_some() && id_of(&c["id"]) == self.config.incidents);
        let mut body = json!({"name": name, "type": TEXT, "topic": topic});
        if let Some(home) = home {
            body["permission_overwrites"] = taken_over(&home["permission_overwrites"]);
            body["parent_id"] = home["parent_id"].clone();
        }
        let mut made = self.create(self.guild_path("/channels"), &body).await;
        let refused = |error: &PortError| matches!(&error.fault, Fault::Refused { code, .. } if code == BAD_BODY);
        if made.as_ref().is_err_and(refused) && !body["parent_id"].is_null() {
            // A category holds fifty channels.
            body["parent_id"] = Value::Null;
            made = self.create(self.guild_path("/channels"), &body).await;
        }
        Ok(self.place_of(id_of(&made?["id"]).ok_or_else(|| fault(Fault::Garbled))?))
    }

    async fn open_thread(&self, name: &str, private: bool) -> Result<Place, PortError> {
        let Some(home) = self.config.incidents else { return Err(fault(Fault::NoRoute)) };
        let kind = if private { PRIVATE } else { PUBLIC };
        let mut body = json!({"name": name, "type": kind, "auto_archive_duration": PUT_AWAY_AFTER});
        if private {
            // Only those who look after the server may bring in others.
            body["invitable"] = json!(false);
        }
        let made = self.create(format!("/channels/{home}/threads"), &body).await?;
        Ok(self.thread_in(home, id_of(&made["id"]).ok_or_else(|| fault(Fault::Garbled))?))
    }

    async fn create(&self, path: String, body: &Value) -> Result<Value, PortError> {
        let route = format!("POST {path}");
        self.rest.call(Call::bot(Method::POST, path, route).body(body.clone()).because(REASON)).await
    }

    fn thread_in(&self, home: u64, thread: u64) -> Place {
        Place { thread: Some(thread.to_string()), ..self.place_of(home) }
    }

    /// What rooms can be opened with these rights, as a sentence: without any there is still the incidents channel.
    pub(super) fn check_rooms(&self, may: u64) -> CheckUp {
        let has = |right: u64| may & right != 0;
        let home = self.config.incidents.is_some();
        let rooms = match (has(MANAGE_CHANNELS), home && has(PUBLIC_THREADS)) {
            (true, _) => "Each incident gets a channel of its own.",
            (false, true) => "Each incident gets a thread in the incidents channel.",
            (false, false) if home => {
                "Incidents are worked on in the incidents channel: to open rooms the bot needs Manage Channels."
            }
            (false, false) => {
                "Incidents have no room: give the bot Manage Channels, or name a channel under `incidents` in [places]."
            }
        };
        let private = if home && has(PRIVATE_THREADS) {
            ""
        } else {
            " A private incident can have none: it takes Create Private Threads and a channel under `incidents`."
        };
        CheckUp::fine(format!("{rooms}{private}"))
    }
}

/// Overwrites as a new channel may have them.
fn taken_over(overwrites: &Value) -> Value {
    let one = |overwrite: &Value| {
        let of = |part: &str| (rights::permissions(&overwrite[part]) & TAKEN_OVER).to_string();
        json!({"id": overwrite["id"], "type": overwrite["type"], "allow": of("allow"), "deny": of("deny")})
    };
    overwrites.as_array().into_iter().flatten().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_takes_over_who_sees_and_speaks_and_nothing_else() {
        let hidden = json!([{"id": "7", "type": 0, "allow": "0", "deny": "1040"},
            {"id": "8", "type": 0, "allow": (1_u64 << 10 | 1 << 3 | 1 << 38).to_string(), "deny": "0"}]);
        let want = json!([{"id": "7", "type": 0, "allow": "0", "deny": "1024"},
            {"id": "8", "type": 0, "allow": (1_u64 << 10 | 1 << 38).to_string(), "deny": "0"}]);
        assert_eq!(taken_over(&hidden), want);
        assert_eq!(taken_over(&Value::Null), json!([]));
    }
}
