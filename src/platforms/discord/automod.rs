//! `AutoMod`: our rules are there, as we want them, for as long as the bot runs.
//!
//! It touches no rule that others made. Invariant: a rule of ours that was changed, switched off or deleted is put right
//! soon after, and where that cannot be done the bot says why and goes on.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::ports::{Fault, PortError};

use super::Discord;
use super::blocks::{NAMES, change, is_of, says, wanted};
use super::http::{Call, Method, fault};
use super::wire::id_of;

/// How often the rules are looked at although nobody said that they changed.
const EVERY: Duration = Duration::from_mins(10);
/// How soon they are looked at again after a failure.
const AGAIN_AFTER: Duration = Duration::from_mins(1);
/// Looks within a window: another bot that undoes ours must not make us loop.
const LOOKS_MOST: u32 = 20;
/// That window.
const WINDOW: Duration = Duration::from_mins(1);
/// Keyword rules that a server may have (Discord's limit).
const KEYWORD_RULES_MAX: usize = 6;
/// The keyword trigger's type.
const KEYWORD: u64 = 1;
/// The reason in the server's audit log.
const REASON: &str = "Keeps secrets from being posted (seqn-chatops)";

/// How our rules are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Switched off in the configuration.
    Off,
    /// Not looked at yet.
    Unknown,
    /// All of them are there, as they should be.
    Whole,
    /// Not all of them, and nothing keeps the bot from putting that right.
    Due(String),
    /// Not all of them: why, and what to do.
    Lacking(String),
}

/// What is known of the rules, and who asked to look again.
pub(super) struct Keeping {
    known: watch::Sender<Kept>,
    changed: Notify,
}

impl Keeping {
    /// Nothing is known yet.
    pub(super) fn new(on: bool) -> Self {
        Self { known: watch::Sender::new(if on { Kept::Unknown } else { Kept::Off }), changed: Notify::new() }
    }

    /// Somebody made, changed or deleted a rule.
    pub(super) fn look(&self) {
        self.changed.notify_one();
    }

    fn note(&self, kept: Kept) -> bool {
        self.known.send_replace(kept.clone()) != kept
    }
}

impl Discord {
    /// How our rules were when they were last looked at.
    #[must_use]
    pub fn automod(&self) -> Kept {
        self.automod.known.borrow().clone()
    }

    /// Waits until our rules were looked at for the first time since the start.
    pub async fn automod_known(&self) {
        // The sender is ours, so this cannot fail.
        let _ = self.automod.known.subscribe().wait_for(|kept| *kept != Kept::Unknown).await;
    }

    /// Keeps the rules for ever.
    pub(super) async fn keep_rules(&self) {
        let (mut window, mut looks) = (Instant::now(), 0);
        loop {
            let kept = match self.put_right().await {
                Ok(kept) => kept,
                Err(error) => Kept::Lacking(why(&error)),
            };
            let whole = kept == Kept::Whole;
            if let Kept::Lacking(why) = &kept {
                tracing::error!(why = %why, "discord.automod.lacking");
            }
            if self.automod.note(kept) && whole {
                tracing::info!("discord.automod.kept");
            }
            // What changed while we looked is looked at again; the timeout says only that nothing did.
            let _ = timeout(if whole { EVERY } else { AGAIN_AFTER }, self.automod.changed.notified()).await;
            looks += 1;
            if window.elapsed() > WINDOW {
                (window, looks) = (Instant::now(), 0);
            } else if looks >= LOOKS_MOST {
                tracing::warn!("discord.automod.disputed");
                sleep_until(window + WINDOW).await;
            }
        }
    }

    fn rules_path(&self) -> String {
        format!("/guilds/{}/auto-moderation/rules", self.config.guild)
    }

    /// The server's rules, also those of others.
    pub(super) async fn rules(&self) -> Result<Vec<Value>, PortError> {
        match self.get(self.rules_path()).await? {
            Value::Array(rules) => Ok(rules),
            _ => Err(fault(Fault::Garbled)),
        }
    }

    // Looks once, and makes, mends or removes what is ours.
    async fn put_right(&self) -> Result<Kept, PortError> {
        let me = self.own_id().await?;
        let (mut ours, others): (Vec<Value>, Vec<Value>) = self.rules().await?.into_iter().partition(|r| is_of(r, me));
        let mut missing = Vec::new();
        for wanted in wanted() {
            let named = ours.iter().position(|rule| rule["name"] == wanted["name"]);
            // One that was given another name is still ours.
            let renamed = || ours.iter().position(|rule| !NAMES.iter().any(|name| rule["name"] == *name));
            match named.or_else(renamed).map(|at| ours.swap_remove(at)) {
                Some(rule) if says(&rule, &wanted) => {}
                Some(rule) => self.mend(&rule, &wanted).await?,
                None => missing.push(wanted),
            }
        }
        for spare in &ours {
            self.remove_rule(spare).await?;
        }
        let taken =
            others.iter().filter(|rule| rule["trigger_type"] == KEYWORD).count() + wanted().len() - missing.len();
        let room = KEYWORD_RULES_MAX.saturating_sub(taken);
        let left_out = missing.len().saturating_sub(room);
        for wanted in missing.into_iter().take(room) {
            let made = Call::bot(Method::POST, self.rules_path(), format!("POST {}", self.rules_path())).body(wanted);
            self.rest.call(made.because(REASON)).await?;
            tracing::info!("discord.automod.installed");
        }
        Ok(if left_out == 0 { Kept::Whole } else { Kept::Lacking(no_room(left_out)) })
    }

    async fn mend(&self, rule: &Value, wanted: &Value) -> Result<(), PortError> {
        let Some(id) = id_of(&rule["id"]) else { return Err(fault(Fault::Garbled)) };
        let call =
            Call::bot(Method::PATCH, format!("{}/{id}", self.rules_path()), format!("PATCH {}", self.rules_path()));
        self.rest.call(call.body(change(wanted)).because(REASON)).await?;
        tracing::warn!("discord.automod.repaired");
        Ok(())
    }

    async fn remove_rule(&self, rule: &Value) -> Result<(), PortError> {
        let Some(id) = id_of(&rule["id"]) else { return Err(fault(Fault::Garbled)) };
        let call =
            Call::bot(Method::DELETE, format!("{}/{id}", self.rules_path()), format!("DELETE {}", self.rules_path()));
        self.rest.call(call.because(REASON)).await.map(|_| ())
    }

    /// How our rules are at this moment; nothing is changed.
    pub(super) async fn rules_now(&self) -> Kept {
        let (me, rules) = match (self.own_id().await, self.rules().await) {
            (Ok(me), Ok(rules)) => (me, rules),
            (Err(error), _) | (_, Err(error)) => return Kept::Lacking(why(&error)),
        };
        let lacking = wanted().iter().filter(|ours| !rules.iter().any(|r| is_of(r, me) && says(r, ours))).count();
        if lacking == 0 {
            return Kept::Whole;
        }
        Kept::Due(format!(
            "{lacking} of AutoMod's {} rules are missing or changed; the bot puts them right when it runs.",
            NAMES.len()
        ))
    }
}

fn why(error: &PortError) -> String {
    match error.fault {
        Fault::Forbidden => {
            "AutoMod does not block secrets: the bot lacks the permission Manage Server. Grant it to the \
             bot's role, or set `automod = false`."
                .into()
        }
        _ => format!("AutoMod's rules could not be kept. {error}"),
    }
}

fn no_room(left_out: usize) -> String {
    format!(
        "AutoMod has no room for {left_out} of our rules: a server has at most {KEYWORD_RULES_MAX} keyword rules. Remove \
         one of the others."
    )
}
