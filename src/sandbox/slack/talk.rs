//! What people and apps do in channels besides typing: edits, deletions, files, topics, posts of other apps.
//!
//! An act changes the screens first and tells the bot after. Invariant: a person changes only what is theirs.

use serde_json::{Map, Value, json};

use super::files::{self, Shared};
use super::hands::{refuse, somebody};
use super::state::{Body, Post};
use super::text::{mrkdwn, pieces, rich_text};
use super::{SlackSim, face, wire};
use crate::sandbox::cast::{self, Person};
use crate::sandbox::stage::StageError;

/// The bot id of the other app in the workspace.
const OTHER_BOT: &str = "B0CIBOT";
/// Its app id.
const OTHER_APP: &str = "A0CIAPP";
/// Who stands by when another app does something: acts are remembered by person.
const BYSTANDER: &str = "kim";

impl SlackSim {
    fn newest_own(&self, who: &Person, part: &str) -> Result<Post, StageError> {
        let state = self.core.state();
        let mut own = state.posts().rev().filter(|p| p.user == who.slack_user && !p.gone);
        own.find(|post| face::all_words(post).contains(part))
            .cloned()
            .ok_or_else(|| StageError(format!("{} has written nothing like that", who.name)))
    }

    pub(super) async fn edits_own(&self, who: &Person, part: &str, text: &str) -> Result<(), StageError> {
        let before = self.newest_own(who, part)?;
        let delivery = {
            let mut state = self.core.state();
            let block_id = state.id("b");
            let typed = pieces(text);
            let Some(post) = state.post_mut(before.id) else { return refuse("that message is gone") };
            post.body.text = mrkdwn(&typed);
            post.body.blocks = rich_text(&typed, &block_id);
            post.edits += 1;
            let after = post.clone();
            let event = wire::changed(&mut state, "message_changed", &before, Some(&after));
            wire::event(&mut state, &event)
        };
        self.tell(who, vec![delivery]).await;
        Ok(())
    }

    pub(super) async fn deletes_own(&self, who: &Person, part: &str) -> Result<(), StageError> {
        let before = self.newest_own(who, part)?;
        let delivery = {
            let mut state = self.core.state();
            if let Some(post) = state.post_mut(before.id) {
                post.gone = true;
            }
            let event = wire::changed(&mut state, "message_deleted", &before, None);
            wire::event(&mut state, &event)
        };
        self.tell(who, vec![delivery]).await;
        Ok(())
    }

    pub(super) async fn shares_file(
        &self,
        who: &Person,
        channel: &str,
        name: &str,
        content: &[u8],
    ) -> Result<(), StageError> {
        let place = self.place(who, channel)?;
        let delivery = {
            let mut state = self.core.state();
            let id = state.id("F");
            let file = Shared::new(who.slack_user, &place.channel, name, content);
            let shown = files::wire(&self.core, &id, &file);
            state.files.insert(id, file);
            let extra = json!({"subtype": "file_share", "upload": true, "files": [shown]});
            let post = state.post_with(who.slack_user, &place.channel, Body::default(), object(extra));
            wire::event(&mut state, &wire::said(&post))
        };
        self.tell(who, vec![delivery]).await;
        Ok(())
    }

    pub(super) async fn changes_topic(&self, who: &Person, channel: &str, text: &str) -> Result<(), StageError> {
        let place = self.place(who, channel)?;
        let delivery = {
            let mut state = self.core.state();
            let topic = mrkdwn(&pieces(text));
            state.topics.insert(place.channel.clone(), topic.clone());
            let words = format!("<@{}> set the channel topic: {topic}", who.slack_user);
            let extra = json!({"subtype": "channel_topic", "topic": topic});
            let body = Body { text: words, ..Body::default() };
            let post = state.post_with(who.slack_user, &place.channel, body, object(extra));
            wire::event(&mut state, &wire::said(&post))
        };
        self.tell(who, vec![delivery]).await;
        Ok(())
    }

    pub(super) async fn app_says(&self, channel: &str, text: &str) -> Result<(), StageError> {
        let who = somebody(BYSTANDER)?;
        let delivery = {
            let mut state = self.core.state();
            let known = cast::channel(channel).map(|c| c.slack.to_owned());
            let opened = || state.room_named(channel).map(|room| room.id.clone());
            let Some(channel) = known.or_else(opened) else {
                return refuse(format!("there is no channel called {channel}"));
            };
            let extra = json!({"subtype": "bot_message", "bot_id": OTHER_BOT, "app_id": OTHER_APP, "username": "CI"});
            let body = Body { text: mrkdwn(&pieces(text)), ..Body::default() };
            let post = state.post_with("", &channel, body, object(extra));
            self.core.removals.left(&post.ts);
            wire::event(&mut state, &wire::said(&post))
        };
        self.tell(who, vec![delivery]).await;
        Ok(())
    }

    /// From now on nothing is delivered later that happened while no connection was open: as after a long absence.
    pub fn forgets(&self) {
        self.core.knobs.forgets.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
