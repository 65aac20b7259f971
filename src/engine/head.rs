//! The audit trail's head, published outside the database on a schedule: to chat channels, to ntfy, to a file.
//!
//! Whoever rewrites the whole trail cannot rewrite what was published as well. Invariant: what is published is owed in
//! the commit that says so in the trail, so that a restart neither forgets nor repeats it.

use serde_json::json;

use crate::model::{Block, Message, Millis, Notice, NoticeContent, Place, Tone, TrailHead};

use super::{Engine, Fact, Trouble};

/// The surface that is the file outside.
pub const HEAD_FILE: &str = "audit-file";
/// What its notices are about: they reach each surface in order.
const SUBJECT: &str = "audit-head";
/// The word for it in the trail.
const ACTION: &str = "audit-head";

/// Where the head is published, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// How often; nothing is published where it is 0.
    pub every_ms: i64,
    /// The channels.
    pub places: Vec<Place>,
    /// The surfaces, by name.
    pub targets: Vec<String>,
}

impl Engine {
    /// Owes the head to everybody who keeps it, when it is due. Returns how many times it was.
    pub(super) async fn publish_head(&self, now: Millis) -> Result<usize, Trouble> {
        let heads = &self.parts.heads;
        if heads.every_ms == 0 {
            return Ok(0);
        }
        let due = self.parts.store.unpublished_since().await?.is_some_and(|last| now.since(last) >= heads.every_ms);
        if !due {
            return Ok(0);
        }
        let mut tx = self.parts.store.begin().await?;
        let head = tx.publish_head(now).await?;
        self.owe_in(&mut tx, &heads.places, &format!("{SUBJECT}:{}", now.0), &message(&head), now).await?;
        let places = heads.places.iter().filter(|place| self.parts.chats.0.contains_key(&place.platform));
        let mut told: Vec<String> = places.map(|place| format!("{}:{}", place.platform, place.channel)).collect();
        for target in &heads.targets {
            let notice = Notice {
                key: format!("{SUBJECT}:{}:{target}", now.0),
                target: target.clone(),
                subject: SUBJECT.to_owned(),
                pages: false,
                content: NoticeContent::Head(head.clone()),
            };
            tx.owe_notice(&self.seal(notice)?, None, now).await?;
            told.push(target.clone());
        }
        let details = json!({ "seq": head.seq, "hash": head.hash, "to": told });
        self.audit(&mut tx, Fact { staff: None, action: ACTION, request: None, outcome: "published", details }).await?;
        self.commit(tx).await?;
        self.wake();
        Ok(1)
    }
}

fn message(head: &TrailHead) -> Message {
    Message::titled(Tone::Plain, format!("The audit trail ends at row {}.", head.seq))
        .with(Block::Code(head.to_string()))
        .with(Block::Note("Keep this message: `seqn-chatops audit verify --head` proves the trail against it.".into()))
}
