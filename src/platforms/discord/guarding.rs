//! What the guard needs of Discord, and whether it has it: rights in the server, `AutoMod`, and who is exempt from it.
//!
//! It opens no session, changes nothing and posts nothing. Invariant: what could not be read is said, not left out.

use std::sync::atomic::Ordering;

use serde_json::Value;

use crate::ports::CheckUp;

use super::Discord;
use super::automod::Kept;
use super::blocks::is_of;
use super::rights::{self, ADMINISTRATOR, MANAGE_GUILD, MANAGE_MESSAGES};
use super::wire::id_of;

/// What the guard needs in the server, and what for.
pub(super) const GUARDING: [(u64, &str, &str); 2] = [
    (MANAGE_MESSAGES, "Manage Messages", "removing messages that hold secrets"),
    (MANAGE_GUILD, "Manage Server", "keeping the AutoMod rules"),
];
/// Members of one answer; Discord gives at most 1,000.
const MEMBERS_MOST: usize = 1_000;
/// Roles and rules that are named in one sentence.
const NAMED_MOST: usize = 20;

impl Discord {
    /// What of the guard does not work at this moment, as sentences; empty when all of it does.
    #[must_use]
    pub fn lacks(&self) -> Vec<String> {
        let blind = self.blind.load(Ordering::Relaxed).then(|| {
            "Discord does not let the bot read messages: switch on Message Content Intent in the developer portal under \
             Bot, or set `content = false`. Until then secrets are seen only where the bot is mentioned."
                .to_owned()
        });
        let automod = match self.automod() {
            Kept::Lacking(why) | Kept::Due(why) => Some(why),
            Kept::Off | Kept::Unknown | Kept::Whole => None,
        };
        blind.into_iter().chain(automod).collect()
    }

    /// The rules, the rights that they and the removing need, and who is exempt.
    pub(super) async fn check_guarding(&self, may: u64) -> Vec<CheckUp> {
        let mut found = vec![self.check_rights(may)];
        if self.config.automod {
            found.push(match self.rules_now().await {
                Kept::Lacking(why) => CheckUp::wrong(why),
                Kept::Due(says) => CheckUp::fine(says),
                Kept::Off | Kept::Unknown | Kept::Whole => CheckUp::fine("AutoMod's rules are as they should be."),
            });
        } else {
            found.push(CheckUp::fine(
                "AutoMod is switched off in the configuration: nothing is blocked before it is posted.",
            ));
        }
        found.extend(self.exempt().await.into_iter().map(CheckUp::fine));
        found
    }

    fn check_rights(&self, may: u64) -> CheckUp {
        let needed = GUARDING.iter().filter(|(right, ..)| self.config.automod || *right != MANAGE_GUILD);
        let missing: Vec<String> =
            needed.filter(|(right, ..)| may & right == 0).map(|(_, name, why)| format!("{name} ({why})")).collect();
        if missing.is_empty() {
            return CheckUp::fine("The bot's role has every permission that the guard needs.");
        }
        CheckUp::wrong(format!(
            "The bot's role lacks: {}. Grant them in the server's settings under Roles.",
            missing.join(", ")
        ))
    }

    /// Who can post what `AutoMod` blocks for others, as sentences: what they post is seen after it is posted.
    pub async fn exempt(&self) -> Vec<String> {
        let mut found =
            vec!["Exempt from AutoMod: bots and webhooks. What they post is removed after it is posted.".to_owned()];
        let guild = self.config.guild;
        let (server, roles) =
            (self.get(format!("/guilds/{guild}")).await, self.get(format!("/guilds/{guild}/roles")).await);
        match server.as_ref().map(|server| id_of(&server["owner_id"])) {
            Ok(Some(owner)) => found.push(format!("Exempt from AutoMod: the server's owner ({owner}).")),
            _ => found.push("Exempt from AutoMod: the server's owner, who could not be read.".into()),
        }
        match &roles {
            Ok(roles) => found.push(self.exempt_roles(roles).await),
            Err(error) => found.push(format!(
                "Exempt from AutoMod: who holds Administrator or Manage Server. The roles could not be read. {error}"
            )),
        }
        if let (Ok(me), Ok(rules)) = (self.own_id().await, self.rules().await) {
            let ours = rules.iter().filter(|rule| is_of(rule, me));
            let holes = ours.filter(|rule| {
                ["exempt_roles", "exempt_channels"]
                    .iter()
                    .any(|key| rule[*key].as_array().is_some_and(|list| !list.is_empty()))
            });
            let holed = holes.count();
            if holed > 0 {
                found.push(format!("{holed} of our AutoMod rules were given exempt roles or channels; the bot takes them away when it runs."));
            }
        }
        found
    }

    async fn exempt_roles(&self, roles: &Value) -> String {
        let is_above = |role: &&Value| rights::permissions(&role["permissions"]) & (ADMINISTRATOR | MANAGE_GUILD) != 0;
        let above: Vec<&Value> = roles.as_array().into_iter().flatten().filter(is_above).collect();
        let ids: Vec<u64> = above.iter().filter_map(|role| id_of(&role["id"])).collect();
        let names: Vec<&str> = above.iter().filter_map(|role| role["name"].as_str()).take(NAMED_MOST).collect();
        if names.is_empty() {
            return "Exempt from AutoMod by a role: nobody.".into();
        }
        let path = format!("/guilds/{}/members?limit={MEMBERS_MOST}", self.config.guild);
        let count = match self.get(path).await {
            Ok(Value::Array(members)) => {
                let is_person = |m: &&Value| m["user"]["bot"] != true;
                let holds = |m: &&Value| rights::roles_of(m).iter().any(|role| ids.contains(role));
                let more = if members.len() >= MEMBERS_MOST { "at least " } else { "" };
                format!("{more}{} people", members.iter().filter(is_person).filter(holds).count())
            }
            // The list of members takes an intent that the bot does not need otherwise.
            _ => "how many people is not known".into(),
        };
        format!(
            "Exempt from AutoMod: the roles {} ({count}), since they hold Administrator or Manage Server.",
            names.join(", ")
        )
    }
}
