//! What `check --online` asks Discord: the token, the application, its intents, the server, and the bot's permissions.
//!
//! It changes and posts nothing. Invariants: everything that is wrong is said at once, each with what to do about it,
//! and a permission is counted as Discord counts it: roles first, then what the channel allows and denies.

use serde_json::Value;

use crate::ports::{CheckUp, Fault, PortError};

use super::guarding::GUARDING;
use super::rooms::ROOMS;
use super::stream::{IDENTIFY_RESERVE, Starts};
use super::wire::id_of;
use super::{Discord, rights};

/// What the bot needs in a channel, with what each is for (bits: Discord, "Permissions").
const NEEDED: [(u64, &str, &str); 5] = [
    (1 << 10, "View Channel", "seeing what is asked there"),
    (1 << 11, "Send Messages", "public lines and requests for approval"),
    (1 << 38, "Send Messages in Threads", "the same in threads"),
    (1 << 14, "Embed Links", "its messages are embeds"),
    (1 << 16, "Read Message History", "finding what it posted before"),
];
/// Flags of an application that may have the text of messages, above and below 100 servers.
const CONTENT: u64 = 1 << 18 | 1 << 19;

/// The server as far as permissions go.
struct Server {
    id: u64,
    me: u64,
    /// The bot's roles, and what they permit in the server.
    held: Vec<u64>,
    may: u64,
}

impl Discord {
    /// Everything that can be found out without changing anything.
    pub(super) async fn checked(&self, channels: &[String]) -> Vec<CheckUp> {
        let app = match self.get("/applications/@me".into()).await {
            Ok(app) => app,
            Err(error) => return vec![untold(&error)],
        };
        let Some(id) = id_of(&app["id"]) else {
            return vec![CheckUp::wrong("Discord did not name the bot's application. Check `api_base`.")];
        };
        let me = id_of(&app["bot"]["id"]).unwrap_or(id);
        let mut found = vec![CheckUp::fine(format!("The token is accepted: application {id}."))];
        found.extend(self.check_intent(&app));
        found.push(self.check_budget().await);
        match self.server(me).await {
            Ok(server) => {
                found.push(CheckUp::fine(format!("The bot is in the server {}.", server.id)));
                for channel in channels {
                    found.push(self.check_channel(&server, channel, id).await);
                }
                found.extend(self.check_guarding(server.may).await);
                found.push(self.check_rooms(server.may));
            }
            Err(error) if error.passing() => {
                found.push(CheckUp::wrong(format!("The server was not checked. {error}")));
            }
            Err(_) => found.push(CheckUp::wrong(format!(
                "The bot is not in the server {}. Correct `guild`, or add the bot with {}",
                self.config.guild,
                invitation(id)
            ))),
        }
        found
    }

    /// Only where the configuration asks for the text of messages.
    fn check_intent(&self, app: &Value) -> Option<CheckUp> {
        if !self.config.content {
            return None;
        }
        Some(if app["flags"].as_u64().unwrap_or(0) & CONTENT == 0 {
            CheckUp::wrong(
                "Discord does not allow the bot to read messages. Switch on \"Message Content Intent\" in the \
                 developer portal under Bot, or set content = false.",
            )
        } else {
            CheckUp::fine("The bot may read messages (message content intent).")
        })
    }

    async fn check_budget(&self) -> CheckUp {
        match self.budget().await {
            Ok(budget) if budget.remaining <= IDENTIFY_RESERVE => CheckUp::wrong(format!(
                "The bot may begin only {} more sessions today, and keeps {IDENTIFY_RESERVE} in reserve. Find out what \
                 starts it so often; the count begins anew in {} minutes.",
                budget.remaining,
                budget.reset_after.as_secs() / 60
            )),
            Ok(budget) => CheckUp::fine(format!("The bot may begin {} more sessions today.", budget.remaining)),
            Err(error) => CheckUp::wrong(format!("Discord does not say where its gateway is. {error}")),
        }
    }

    async fn server(&self, me: u64) -> Result<Server, PortError> {
        let id = self.config.guild;
        let guild = self.get(format!("/guilds/{id}")).await?;
        let member = self.get(format!("/guilds/{id}/members/{me}")).await?;
        let held = rights::roles_of(&member);
        let may = rights::in_guild(id, &guild["roles"], &held);
        Ok(Server { id, me, held, may })
    }

    async fn check_channel(&self, server: &Server, channel: &str, app: u64) -> CheckUp {
        let found = match self.get(format!("/channels/{channel}")).await {
            Ok(found) => found,
            Err(error) if error.passing() => {
                return CheckUp::wrong(format!("The channel {channel} was not checked. {error}"));
            }
            Err(_) => {
                return CheckUp::wrong(format!(
                    "The bot does not see the channel {channel}. Correct its id, or give the bot's role \"View Channel\" \
                     there."
                ));
            }
        };
        if id_of(&found["guild_id"]) != Some(server.id) {
            return CheckUp::wrong(format!("The channel {channel} is not in the server {}. Correct one.", server.id));
        }
        let held = rights::in_channel(server.may, server.id, server.me, &server.held, &found);
        let missing: Vec<String> =
            NEEDED.iter().filter(|(bit, ..)| held & bit == 0).map(|(_, name, why)| format!("{name} ({why})")).collect();
        if missing.is_empty() {
            return CheckUp::fine(format!("The bot may do in the channel {channel} what it must."));
        }
        CheckUp::wrong(format!(
            "In the channel {channel} the bot lacks: {}. Give them to its role there, or add the bot again with {}",
            missing.join(", "),
            invitation(app)
        ))
    }
}

fn untold(error: &PortError) -> CheckUp {
    CheckUp::wrong(match error.fault {
        Fault::Unauthorized => {
            "Discord does not accept the token. Reset it in the developer portal under Bot, and put \
                                the new one into the configuration."
                .to_owned()
        }
        _ => format!("The token was not checked. {error}"),
    })
}

/// The address that adds the bot to a server with all that it needs.
fn invitation(app: u64) -> String {
    let permissions = NEEDED.iter().chain(&GUARDING).chain(&ROOMS).fold(0, |all, (bit, ..)| all | bit);
    format!(
        "https://discord.com/oauth2/authorize?client_id={app}&scope=bot+applications.commands&permissions={permissions}"
    )
}

#[cfg(test)]
mod tests {
    use super::super::rights::ADMINISTRATOR;
    use super::*;

    #[test]
    fn the_invitation_asks_for_what_is_needed() {
        let asked = invitation(7);
        let permissions: u64 = asked.rsplit('=').next().and_then(|n| n.parse().ok()).expect("a number");
        assert!(
            NEEDED.iter().chain(&GUARDING).chain(&ROOMS).all(|(bit, ..)| permissions & bit != 0)
                && asked.contains("client_id=7&"),
            "{asked}"
        );
        assert_eq!(permissions & ADMINISTRATOR, 0);
    }
}
