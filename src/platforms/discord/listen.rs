//! From the gateway's events to the door, in their order; mentions are answered directly.
//!
//! It reads no wire itself and forms no judgement. Invariant: what could not be handed to the door is a gap that the
//! door is told of, so that it is read in the history; nothing is lost silently.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::model::{Envelope, Happening, Platform};
use crate::ports::{Door, Fault};

use super::http::{Call, Method};
use super::note::Pointed;
use super::read::Reading;
use super::said::Heard;
use super::tally::one_more;
use super::{DOOR_MOST, Discord, ack};

/// How the names of the events begin that say that a rule of `AutoMod` was made, changed or deleted.
const RULE_EVENTS: &str = "AUTO_MODERATION_RULE_";

/// What the gateway hands on.
pub(super) enum Event {
    /// A session began anew: what was sent before it is lost. The bot's user id, and whether every intent was granted.
    Ready(u64, bool),
    /// `INTERACTION_CREATE`.
    Interaction(Value),
    /// Any other event, by its name.
    Other(String, Value),
    /// A connection was opened.
    Opened,
    /// A frame came that is none.
    Unreadable,
}

/// What waits for the door.
pub(super) enum Waiting {
    /// One thing that was said, or asked by a mention.
    Envelope(Box<Envelope>),
    /// An edit of which we know only that it happened.
    Partial { channel: u64, message: u64, event: Value },
    /// A message was pointed at.
    Pointed(Box<Pointed>),
    /// A session began anew.
    Gap,
}

impl Discord {
    // Called by the gateway for each event; must not wait.
    pub(super) fn take(self: &Arc<Self>, event: Event, door: &Arc<dyn Door>, queue: &mpsc::Sender<Waiting>) {
        let now = self.clock.now();
        match event {
            Event::Ready(me, whole) => {
                self.me.store(me, Ordering::Relaxed);
                self.blind.store(self.config.content && !whole, Ordering::Relaxed);
                self.put_in_line(queue, Waiting::Gap);
            }
            Event::Opened => one_more(&self.tally.opened),
            Event::Unreadable => one_more(&self.tally.unknown),
            Event::Other(name, _) if name.starts_with(RULE_EVENTS) => self.automod.look(),
            Event::Other(name, event) => match self.reader().heard(&name, event, now) {
                Heard::Whole(envelopes) => {
                    for envelope in envelopes {
                        self.put_in_line(queue, Waiting::Envelope(Box::new(envelope)));
                    }
                }
                Heard::Pointed(pointed) => self.put_in_line(queue, Waiting::Pointed(pointed)),
                Heard::Partial { channel, message, event } => {
                    self.put_in_line(queue, Waiting::Partial { channel, message, event });
                }
            },
            Event::Interaction(event) => {
                let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() else {
                    one_more(&self.tally.overloaded);
                    tracing::error!("discord.interaction.dropped");
                    return;
                };
                let (this, door) = (Arc::clone(self), Arc::clone(door));
                tokio::spawn(async move {
                    match this.reader().interaction(event, now) {
                        Reading::Known(envelope, asked) => this.interaction(door, *envelope, asked).await,
                        Reading::Strange(asked) => {
                            one_more(&this.tally.unknown);
                            this.respond(&asked, ack::strange(&asked)).await;
                        }
                        Reading::Nothing => {
                            one_more(&this.tally.unknown);
                            tracing::warn!("discord.interaction.unreadable");
                        }
                    }
                    drop(seat);
                });
            }
        }
    }

    fn put_in_line(&self, queue: &mpsc::Sender<Waiting>, waiting: Waiting) {
        // Counted first: the listener may be done with it before this goes on.
        self.owed.send_modify(|owed| *owed += 1);
        if queue.try_send(waiting).is_err() {
            self.owed.send_modify(|owed| *owed = owed.saturating_sub(1));
            one_more(&self.tally.overloaded);
            tracing::error!("discord.message.dropped");
            self.missed.store(true, Ordering::Relaxed);
        }
    }

    /// Waits until all that came has been handed to the door, and every interaction and mention been answered.
    pub async fn quiet(&self) {
        let mut owed = self.owed.subscribe();
        // The sender is ours, so this cannot fail.
        let _ = owed.wait_for(|owed| *owed == 0).await;
        // It is never closed, so this cannot fail; the permits go back at once.
        let _ = self.seats.acquire_many(super::SEATS_ALL).await;
    }

    // Hands messages to the door in their order; commands among them do not hold up what follows.
    pub(super) fn listen(self: &Arc<Self>, door: Arc<dyn Door>, mut queue: mpsc::Receiver<Waiting>) -> JoinHandle<()> {
        let this = Arc::clone(self);
        this.owed.send_replace(0);
        tokio::spawn(async move {
            while let Some(waiting) = queue.recv().await {
                match waiting {
                    Waiting::Envelope(envelope) => this.hear(&door, *envelope).await,
                    Waiting::Partial { channel, message, event } => this.reread(&door, channel, message, event).await,
                    Waiting::Pointed(pointed) => this.noted(&door, *pointed).await,
                    Waiting::Gap => this.tell_gap(&door).await,
                }
                if queue.is_empty() && this.missed.swap(false, Ordering::Relaxed) {
                    this.tell_gap(&door).await;
                }
                this.owed.send_modify(|owed| *owed = owed.saturating_sub(1));
            }
        })
    }

    // What is read for it does not hold up what follows.
    async fn noted(self: &Arc<Self>, door: &Arc<dyn Door>, pointed: Pointed) {
        let Ok(seat) = Arc::clone(&self.seats).acquire_owned().await else { return };
        let (this, door) = (Arc::clone(self), Arc::clone(door));
        tokio::spawn(async move {
            this.note(&door, pointed).await;
            drop(seat);
        });
    }

    async fn tell_gap(&self, door: &Arc<dyn Door>) {
        if timeout(DOOR_MOST, door.gap(Platform::Discord)).await.is_err() {
            tracing::error!("discord.gap.not_taken");
            self.missed.store(true, Ordering::Relaxed);
        }
    }

    async fn hear(self: &Arc<Self>, door: &Arc<dyn Door>, envelope: Envelope) {
        one_more(&self.tally.received);
        if matches!(envelope.what, Happening::Said(_) | Happening::Gone { .. }) {
            // What was only said gets no answer.
            if timeout(DOOR_MOST, door.receive(envelope)).await.is_err() {
                tracing::error!("discord.message.not_taken");
                self.missed.store(true, Ordering::Relaxed);
            }
            return;
        }
        let Ok(seat) = Arc::clone(&self.seats).acquire_owned().await else { return };
        let (this, door) = (Arc::clone(self), Arc::clone(door));
        tokio::spawn(async move {
            this.mentioned(door, envelope).await;
            drop(seat);
        });
    }

    // An edit without its author or its text: the message is asked for. Where that fails, what was said is looked at.
    async fn reread(self: &Arc<Self>, door: &Arc<dyn Door>, channel: u64, message: u64, event: Value) {
        let path = format!("/channels/{channel}/messages/{message}");
        let call = Call::bot(Method::GET, path, format!("GET /channels/{channel}/messages"));
        let whole = match self.rest.call(call).await {
            Ok(mut whole) => {
                whole["guild_id"] = event["guild_id"].clone();
                whole
            }
            Err(error) if error.fault == Fault::NotFound => return,
            Err(error) => {
                tracing::warn!(error = %error, "discord.edit.not_read");
                event
            }
        };
        if let Some(envelope) = self.reader().edited(whole, self.clock.now()) {
            self.hear(door, envelope).await;
        }
    }

    // A mention has no private answer of its own: what the door says goes by direct message.
    async fn mentioned(&self, door: Arc<dyn Door>, envelope: Envelope) {
        let (account, place) = (envelope.account.clone(), envelope.place.clone());
        let said = match timeout(DOOR_MOST, tokio::spawn(async move { door.receive(envelope).await })).await {
            Ok(Ok(ack)) => ack::told(&ack, None, &self.guard),
            _ => {
                one_more(&self.tally.unanswered);
                Some(ack::broken())
            }
        };
        let Some(message) = said else { return };
        let channel = place.thread.as_deref().unwrap_or(&place.channel);
        if let Err(error) = self.tell(&account, channel, &message).await {
            tracing::error!(error = %error, "discord.mention.not_answered");
        }
    }
}
