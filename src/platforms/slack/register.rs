//! What is checked at the start and by `check` and `doctor`: whose bot this is, and what it may do.
//!
//! It changes nothing in Slack. Invariant: a finding says what is wrong and what an operator must do.

use serde_json::json;

use crate::catalog::slack::scopes;
use crate::ports::{CheckUp, Fault, PortError};

use super::Slack;
use super::http::Token;

/// Who our bot is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) team: String,
    pub(super) bot_user: String,
    pub(super) bot_id: String,
    /// The workspace's address.
    pub(super) url: String,
}

/// Why the bot's identity is not known.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It may be known later; after a 429, when to ask again.
    Passing(PortError),
    /// Only an operator can mend it; the sentence says how.
    Lasting(String),
}

/// Learns who our bot is, and that it belongs to the configured team.
pub(super) async fn learn(slack: &Slack) -> Result<Identity, Trouble> {
    let answer = match slack.web.get("auth.test", &[]).await {
        Ok(answer) => answer,
        Err(error) if matches!(error.fault, Fault::Unauthorized | Fault::Forbidden) => {
            return Err(Trouble::Lasting(
                "Slack does not accept the bot token. Install the app again and put its new bot token (xoxb) into the \
                 configuration."
                    .into(),
            ));
        }
        Err(error) => return Err(Trouble::Passing(error)),
    };
    let word = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    let identity =
        Identity { team: word("team_id"), bot_user: word("user_id"), bot_id: word("bot_id"), url: word("url") };
    if identity.team != slack.team && word("enterprise_id") != slack.team {
        return Err(Trouble::Lasting(format!(
            "The bot token belongs to the Slack team {}, but the configuration names {}. Correct one of them.",
            identity.team, slack.team
        )));
    }
    if identity.bot_user.is_empty() {
        return Err(Trouble::Lasting(
            "The bot token is not a bot's. Put the app's bot token (xoxb) into the configuration.".into(),
        ));
    }
    Ok(identity)
}

impl Slack {
    /// Checks both tokens, the team, the scopes, and that the bot is in those channels. It opens no socket.
    pub(super) async fn checked(&self, channels: &[String]) -> Vec<CheckUp> {
        let mut found = Vec::new();
        match learn(self).await {
            Ok(identity) => found.push(CheckUp::fine(format!(
                "The bot token is accepted: bot user {} of team {}.",
                identity.bot_user, identity.team
            ))),
            Err(Trouble::Lasting(says)) => found.push(CheckUp::wrong(says)),
            Err(Trouble::Passing(error)) => {
                found.push(CheckUp::wrong(format!("The bot token was not checked. {error}")));
            }
        }
        found.extend(self.check_scopes().await);
        found.push(match self.web.post(Token::App, "apps.connections.open", &json!({})).await {
            Ok(_) => CheckUp::fine("The app token may open Socket Mode connections."),
            Err(error) if error.passing() => CheckUp::wrong(format!("The app token was not checked. {error}")),
            Err(error) => CheckUp::wrong(format!(
                "The app token cannot open Socket Mode connections. {error} Make an app-level token (xapp) with \
                 `connections:write`, and switch Socket Mode on."
            )),
        });
        found.push(self.check_admin().await);
        for channel in channels {
            found.push(self.check_channel(channel).await);
        }
        found
    }

    async fn check_channel(&self, channel: &str) -> CheckUp {
        match self.web.get("conversations.info", &[("channel", channel.to_owned())]).await {
            Ok(answer) if answer["channel"]["is_archived"] == true => CheckUp::wrong(format!(
                "The channel {channel} is archived. Name another one in the configuration, or bring it back."
            )),
            Ok(answer) if answer["channel"]["is_member"] == true => {
                CheckUp::fine(format!("The bot is in the channel {channel}."))
            }
            Ok(_) => CheckUp::wrong(format!(
                "The bot is not in the channel {channel}: it would neither see nor write there. Type `/invite @seqn` \
                 in it."
            )),
            Err(error) if error.passing() => CheckUp::wrong(format!("The channel {channel} was not checked. {error}")),
            Err(error) => CheckUp::wrong(format!(
                "The bot does not see the channel {channel}. {error} Correct the id in the configuration, or invite the \
                 bot."
            )),
        }
    }

    async fn check_scopes(&self) -> Option<CheckUp> {
        let granted = self.hooks.granted_scopes().await?;
        let missing: Vec<String> = scopes()
            .iter()
            .filter(|(scope, _)| !granted.iter().any(|have| have == scope))
            .map(|(scope, why)| format!("{scope} ({why})"))
            .collect();
        Some(if missing.is_empty() {
            CheckUp::fine("The bot has every scope that it needs.")
        } else {
            CheckUp::wrong(format!(
                "The bot lacks scopes: {}. Add them from the manifest and install the app again.",
                missing.join(", ")
            ))
        })
    }
}
