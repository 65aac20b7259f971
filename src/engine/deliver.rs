//! Deliver: what is owed to people, in order for each message, until it is there or given up.
//!
//! Invariants: a create that may have happened is looked up before it is repeated. A private answer cannot be looked
//! up: one that may have arrived is given once more, then goes as a direct message, which can be.

use futures_util::future::join_all;

use crate::model::{Account, Address, AnswerMode, Millis, Platform, Posted, RequestId, SECOND_MS};
use crate::ports::{Chat, Fault, PortError};
use crate::store::{Owe, OweKind, Owed};

use super::{Engine, Trouble, say};

/// How long a message is tried before it is given up: a day, after which nobody waits for it.
pub const GIVE_UP_MS: i64 = 24 * 60 * 60 * SECOND_MS;
/// How long one delivery may take before another may try: longer than any platform call's own deadline.
const LEASE_MS: i64 = 60 * SECOND_MS;
/// How many messages of one platform are on their way at once.
const IN_FLIGHT: u32 = 16;
/// The first pause before a repeat; it doubles up to `PAUSE_MOST_MS`.
const PAUSE_MS: i64 = 500;
/// The longest pause.
const PAUSE_MOST_MS: i64 = 5 * 60 * SECOND_MS;

/// How often a private answer goes through its handle without anybody knowing what came of it.
const DOUBTS_MOST: u8 = 2;

/// What came of one delivery.
enum Came {
    Sent(Option<Posted>),
    /// Through that handle, which answers in that way from now on.
    Answered(i64, AnswerMode),
    /// The message that should be edited is gone: it is created anew.
    Gone,
    Failed(PortError),
}

impl Engine {
    /// Delivers what is due on one platform. Returns how many messages it took.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn deliver(&self, platform: Platform) -> Result<usize, Trouble> {
        let Some(chat) = self.parts.chats.0.get(&platform) else { return Ok(0) };
        let now = self.parts.clock.now();
        // Most looks find nothing, and whoever waits for a first answer waits for the writer.
        if !self.parts.store.has_due(platform, now).await? {
            return Ok(0);
        }
        let mut tx = self.parts.store.begin().await?;
        let due = tx.lease(platform, now, LEASE_MS, IN_FLIGHT).await?;
        if due.is_empty() {
            return Ok(0);
        }
        self.commit(tx).await?;
        let results = join_all(due.iter().map(|owed| self.deliver_one(chat.as_ref(), owed))).await;
        results.into_iter().collect::<Result<Vec<()>, Trouble>>()?;
        Ok(due.len())
    }

    async fn deliver_one(&self, chat: &dyn Chat, owed: &Owed) -> Result<(), Trouble> {
        let message = match self.seal(owed.message.clone()) {
            Ok(message) => message,
            Err(bug) => return self.give_up(owed, &bug.to_string()).await,
        };
        let came = match (&owed.kind, &owed.posted) {
            (OweKind::Private { request, account }, _) => {
                self.privately(chat, owed, request, account, &message).await?
            }
            (OweKind::Update { .. }, Some(at)) => match chat.edit(at, &message).await {
                Ok(()) => Came::Sent(None),
                Err(error) if error.fault == Fault::NotFound => Came::Gone,
                Err(error) => Came::Failed(error),
            },
            (OweKind::Post { to } | OweKind::Update { to }, _) => create(chat, to, owed, &message).await,
        };
        match came {
            Came::Sent(posted) => {
                let mut tx = self.parts.store.begin().await?;
                tx.sent(owed.id, posted.as_ref(), self.parts.clock.now()).await?;
                self.commit(tx).await
            }
            Came::Answered(handle, mode) => {
                let mut tx = self.parts.store.begin().await?;
                tx.sent(owed.id, None, self.parts.clock.now()).await?;
                match tx.use_handle(handle, mode).await {
                    // It ran out meanwhile. What was said is said.
                    Err(error) if !error.is_conflict() => Err(error.into()),
                    _ => self.commit(tx).await,
                }
            }
            Came::Gone => {
                let mut tx = self.parts.store.begin().await?;
                tx.recreate(owed.id).await?;
                self.commit(tx).await
            }
            Came::Failed(error) => {
                if let (OweKind::Private { request, .. }, false) = (&owed.kind, error.passing()) {
                    self.offer_to_show(request).await?;
                }
                self.later(owed, &error).await
            }
        }
    }

    /// A private answer cannot reach its person: a public line offers it, and only that person gets it.
    async fn offer_to_show(&self, request: &RequestId) -> Result<(), Trouble> {
        let Some(row) = self.parts.store.request(request).await? else { return Ok(()) };
        if row.place.direct {
            return Ok(());
        }
        let owe = Owe {
            target: row.place.platform,
            key: format!("show:{}", row.id),
            kind: OweKind::Update { to: Address::Channel { place: row.place.clone() } },
            message: say::offer(&row, &self.name_of(&row.requester)),
        };
        let mut tx = self.parts.store.begin().await?;
        tx.owe(&self.seal(owe)?, self.parts.clock.now()).await?;
        self.commit(tx).await
    }

    /// A private answer: through the newest live handle, else as a direct message.
    async fn privately(
        &self,
        chat: &dyn Chat,
        owed: &Owed,
        request: &RequestId,
        account: &Account,
        message: &crate::guard::Redacted<crate::model::Message>,
    ) -> Result<Came, Trouble> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.store.begin().await?;
        let handle = tx.newest_handle(request, account, now).await?;
        drop(tx);
        let Some(handle) = handle.filter(|_| owed.doubts < DOUBTS_MOST) else {
            return Ok(create(chat, &Address::Direct { account: account.clone() }, owed, message).await);
        };
        match chat.answer(&handle.handle, handle.mode, message).await {
            Ok(()) => Ok(Came::Answered(handle.id, handle.mode)),
            // The platform may not have seen our first response yet: the handle gets a few more tries.
            Err(error) if error.fault == Fault::NotFound && owed.attempts < 3 => {
                Ok(Came::Failed(PortError { fault: Fault::RateLimited { after_ms: 200 }, ..error }))
            }
            Err(error) if error.passing() => Ok(Came::Failed(error)),
            Err(_) => {
                let mut tx = self.parts.store.begin().await?;
                tx.drop_handle(handle.id).await?;
                self.commit(tx).await?;
                Ok(create(chat, &Address::Direct { account: account.clone() }, owed, message).await)
            }
        }
    }

    async fn later(&self, owed: &Owed, error: &PortError) -> Result<(), Trouble> {
        let now = self.parts.clock.now();
        if !error.passing() || now.since(owed.first_owed) >= GIVE_UP_MS {
            return self.give_up(owed, &error.to_string()).await;
        }
        let pause = match error.fault {
            Fault::RateLimited { after_ms } => after_ms,
            _ => (PAUSE_MS << owed.attempts.min(10)).min(PAUSE_MOST_MS),
        };
        let jitter = self.parts.ids.jitter(u64::try_from(pause / 4).unwrap_or(0));
        let due: Millis = now.plus_ms(pause.saturating_add(i64::try_from(jitter).unwrap_or(0)));
        let mut tx = self.parts.store.begin().await?;
        let private = matches!(owed.kind, OweKind::Private { .. });
        if private && matches!(error.fault, Fault::NoAnswer | Fault::Garbled) {
            tx.doubt(owed.id, due).await?;
        } else {
            tx.retry(owed.id, due, &self.scrub(error.to_string())).await?;
        }
        self.commit(tx).await
    }

    async fn give_up(&self, owed: &Owed, why: &str) -> Result<(), Trouble> {
        let why = self.scrub(why);
        tracing::warn!(outbox.key = %owed.key, outbox.attempts = owed.attempts, error = %why, "deliver.gave_up");
        let mut tx = self.parts.store.begin().await?;
        tx.gave_up(owed.id, &why, self.parts.clock.now()).await?;
        self.commit(tx).await
    }
}

async fn create(
    chat: &dyn Chat,
    to: &Address,
    owed: &Owed,
    message: &crate::guard::Redacted<crate::model::Message>,
) -> Came {
    let key = format!("{}:{}", owed.key, owed.id);
    if owed.created {
        match chat.find(to, &key).await {
            Ok(Some(posted)) => return Came::Sent(Some(posted)),
            Ok(None) => {}
            Err(error) => return Came::Failed(error),
        }
    }
    match chat.post(to, message, &key).await {
        Ok(posted) => Came::Sent(Some(posted)),
        Err(error) => Came::Failed(error),
    }
}
