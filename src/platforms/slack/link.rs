//! One socket: frames in, acks out, watched by a hello watchdog and a silence watchdog; and what becomes of each
//! envelope, in a task of its own.
//!
//! It never reconnects; `stream` does. Invariants: the reader waits for nobody, and an ack is sent on the socket
//! that its envelope came by.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message as WsMessage;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::model::{Ack, AnswerMode, Envelope};
use crate::ports::Door;

use super::ack::{After, first_answer, open_later};
use super::read::{FORM_MS, Pointed, Reading, Via};
use super::stream::Pace;
use super::wire::{Frame, Handle};
use super::{Slack, one_more};

/// Acks that wait for the socket's next write; more than are ever answered at once.
const ACKS_WAITING: usize = 128;
/// Envelopes that are answered at the same time, over all sockets. More are left to Slack's redelivery.
pub(super) const SLOTS: usize = 64;
/// Until then an answer fits into the ack; Slack's own limit is 3 s.
const ACK_BY: Duration = Duration::from_millis(2_600);

/// The socket as tokio-tungstenite gives it.
pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a link tells while it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Slack said hello.
    Hello,
    /// Slack will close this socket soon: open another one.
    Renew,
    /// Socket Mode was switched off for the app.
    Disabled,
}

/// Why a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It was told to, and the acks it owed are sent.
    Retired,
    /// It was lost, for that reason.
    Lost(&'static str),
}

/// Where envelopes go: shared by all links.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) slack: Arc<Slack>,
    pub(super) door: Arc<dyn Door>,
    pub(super) slots: Arc<Semaphore>,
}

/// One socket's loop.
pub(super) struct Link {
    socket: Socket,
    desk: Desk,
    news: mpsc::Sender<News>,
    acks: mpsc::Receiver<String>,
    owed: Option<mpsc::Sender<String>>,
    hello_by: Option<Instant>,
    heard: Instant,
}

impl Link {
    /// A link over an open socket.
    pub(super) fn new(socket: Socket, desk: Desk, news: mpsc::Sender<News>) -> Self {
        let (owed, acks) = mpsc::channel(ACKS_WAITING);
        let now = Instant::now();
        let hello_by = Some(now + desk.slack.pace.hello);
        Self { socket, desk, news, acks, owed: Some(owed), hello_by, heard: now }
    }

    /// Runs until the socket is lost, or until `retire` names how long it still reads and its acks are sent.
    pub(super) async fn run(mut self, mut retire: oneshot::Receiver<Duration>) -> End {
        let pace = self.desk.slack.pace;
        let mut ping = interval(pace.ping);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut quiet_at: Option<Instant> = None;
        let end = loop {
            let step = tokio::select! {
                frame = self.socket.next() => match frame {
                    Some(Ok(frame)) => self.take(&frame),
                    Some(Err(_)) => Err(End::Lost("the connection failed")),
                    None => Err(End::Lost("the connection was closed")),
                },
                ack = self.acks.recv() => match ack {
                    Some(text) => self.write(WsMessage::text(text)).await,
                    None => Err(End::Retired),
                },
                _ = ping.tick() => self.ping(pace).await,
                () = sleep_until(self.hello_by.unwrap_or(self.heard)), if self.hello_by.is_some() => {
                    Err(End::Lost("no hello came"))
                }
                linger = &mut retire, if quiet_at.is_none() => {
                    quiet_at = Some(Instant::now() + linger.unwrap_or_default());
                    Ok(())
                }
                () = sleep_until(quiet_at.unwrap_or(self.heard)), if quiet_at.is_some() && self.owed.is_some() => {
                    // From here on the channel ends when the last task has sent its ack.
                    self.owed = None;
                    Ok(())
                }
                () = sleep_until(quiet_at.unwrap_or(self.heard) + pace.drain), if quiet_at.is_some() => {
                    Err(End::Retired)
                }
            };
            if let Err(end) = step {
                break end;
            }
        };
        // A peer that does not read must not keep us.
        let _ = timeout(pace.write, self.farewell(end)).await;
        end
    }

    // Whoever hangs up first while something is unread resets the connection, and with it the last acks: a socket
    // that retires waits for the other side's farewell.
    async fn farewell(&mut self, end: End) {
        if self.socket.close(None).await.is_ok() && end == End::Retired {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }

    fn take(&mut self, frame: &WsMessage) -> Result<(), End> {
        self.heard = Instant::now();
        match frame {
            WsMessage::Text(text) => self.text(text.as_str()),
            WsMessage::Binary(_) => one_more(&self.desk.slack.tally.unknown),
            WsMessage::Close(_) => return Err(End::Lost("Slack closed the connection")),
            WsMessage::Ping(_) | WsMessage::Pong(_) | WsMessage::Frame(_) => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let Ok(frame) = serde_json::from_str::<Frame>(text) else {
            return one_more(&self.desk.slack.tally.unknown);
        };
        match frame.kind.word() {
            "hello" => {
                self.hello_by = None;
                self.tell(News::Hello);
            }
            "disconnect" if frame.reason.word() == "link_disabled" => self.tell(News::Disabled),
            "disconnect" => self.tell(News::Renew),
            _ if frame.envelope_id.word().is_empty() => one_more(&self.desk.slack.tally.unknown),
            _ => self.envelope(frame),
        }
    }

    fn tell(&self, news: News) {
        // Full or gone: the lane has been told already.
        let _ = self.news.try_send(news);
    }

    fn envelope(&self, frame: Frame) {
        // While the last acks are drained nothing new is begun; Slack delivers it again elsewhere.
        let Some(owed) = self.owed.clone() else { return };
        let Ok(slot) = Arc::clone(&self.desk.slots).try_acquire_owned() else {
            one_more(&self.desk.slack.tally.overloaded);
            tracing::warn!(slack.slots = SLOTS, "too many envelopes at once; left to Slack's redelivery");
            return;
        };
        let desk = self.desk.clone();
        tokio::spawn(async move {
            desk.answer(frame, owed).await;
            drop(slot);
        });
    }

    async fn write(&mut self, message: WsMessage) -> Result<(), End> {
        let limit = self.desk.slack.pace.write;
        match timeout(limit, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Lost("nothing could be written")),
            Err(_) => Err(End::Lost("Slack reads nothing")),
        }
    }

    async fn ping(&mut self, pace: Pace) -> Result<(), End> {
        if self.heard.elapsed() > pace.silence {
            return Err(End::Lost("Slack is silent"));
        }
        self.write(WsMessage::Ping(Vec::new().into())).await
    }
}

impl Desk {
    /// One envelope from its arrival to its answer.
    async fn answer(self, frame: Frame, owed: mpsc::Sender<String>) {
        let arrived = Instant::now();
        let id = frame.envelope_id.word().to_owned();
        match self.slack.reader().read(&frame, self.slack.clock.now()) {
            Reading::Nothing => self.acknowledge(&id, None, owed).await,
            Reading::Unknown => {
                one_more(&self.slack.tally.unknown);
                self.acknowledge(&id, None, owed).await;
            }
            Reading::Both(told, asked) => {
                if self.ask(&told).await.is_none() {
                    return one_more(&self.slack.tally.unanswered);
                }
                self.reply(&id, asked, Via::Event, &frame, owed, arrived).await;
            }
            Reading::Pointed(pointed) => self.note(&id, &pointed, owed).await,
            Reading::Envelope(envelope, via) => self.reply(&id, envelope, via, &frame, owed, arrived).await,
        }
    }

    // Without an ack Slack delivers it again: so where the message could not be read now.
    async fn note(&self, id: &str, pointed: &Pointed, owed: mpsc::Sender<String>) {
        if self.door.keeps_notes(&pointed.place).await {
            one_more(&self.slack.tally.received);
            let taken = match self.slack.read_pointed(pointed).await {
                Ok(Some(envelope)) => self.ask(&envelope).await.is_some(),
                Ok(None) => true,
                Err(error) => {
                    tracing::warn!(slack.error = %error, "a message that was pointed at could not be read");
                    false
                }
            };
            if !taken {
                return one_more(&self.slack.tally.unanswered);
            }
        }
        self.acknowledge(id, None, owed).await;
    }

    async fn reply(
        &self,
        id: &str,
        envelope: Box<Envelope>,
        via: Via,
        frame: &Frame,
        owed: mpsc::Sender<String>,
        arrived: Instant,
    ) {
        one_more(&self.slack.tally.received);
        let Some(ack) = self.ask(&envelope).await else {
            // No ack: Slack tells the person, or delivers the event again.
            return one_more(&self.slack.tally.unanswered);
        };
        let in_time = arrived.elapsed() < ACK_BY;
        if !in_time {
            one_more(&self.slack.tally.late);
        }
        // Where Slack does not say, commands and submissions take a payload.
        let takes = frame.accepts_response_payload.unwrap_or(matches!(via, Via::Command | Via::Submission));
        let (payload, after) = first_answer(ack, via, in_time && takes);
        self.acknowledge(id, payload, owed).await;
        self.follow(&envelope, after, arrived).await;
    }

    // The door in a task of its own, so that its panic costs this envelope alone.
    async fn ask(&self, envelope: &Envelope) -> Option<Ack> {
        let (door, envelope) = (Arc::clone(&self.door), envelope.clone());
        let task = tokio::spawn(async move { door.receive(envelope).await });
        let abort = task.abort_handle();
        match timeout(self.slack.pace.door, task).await {
            Ok(Ok(ack)) => Some(ack),
            // The panic's own text may hold what came in: only the fact is logged.
            Ok(Err(_)) => {
                tracing::error!("the door panicked over an envelope from Slack");
                None
            }
            Err(_) => {
                abort.abort();
                tracing::error!("the door did not answer an envelope from Slack in time");
                None
            }
        }
    }

    async fn acknowledge(&self, id: &str, payload: Option<Value>, owed: mpsc::Sender<String>) {
        let mut ack = json!({"envelope_id": id});
        if let Some(payload) = payload {
            ack["payload"] = payload;
        }
        if owed.send(ack.to_string()).await.is_err() {
            one_more(&self.slack.tally.lost);
        }
    }

    async fn follow(&self, envelope: &Envelope, after: After, arrived: Instant) {
        let told = match after {
            After::Nothing => return,
            After::Tell(mode, message) => self.slack.tell(envelope, mode, &message).await,
            After::Open(form) => {
                let by = Duration::from_millis(FORM_MS.unsigned_abs());
                let left = by.saturating_sub(arrived.elapsed());
                let handle = envelope.reply.as_ref().and_then(|r| serde_json::from_str(r.handle.expose()).ok());
                let handle: Handle = handle.unwrap_or_default();
                if !left.is_zero() && self.slack.open(&handle, &form, left).await.is_ok() {
                    return;
                }
                // The form's title came through the guard already; the words around it are ours.
                match self.slack.guard.outgoing(open_later(&form)) {
                    Ok(message) => self.slack.tell(envelope, AnswerMode::Fresh, &message).await,
                    Err(_) => return,
                }
            }
        };
        if let Err(error) = told {
            tracing::warn!(slack.error = %error, "a private answer could not be given in Slack");
        }
    }
}
