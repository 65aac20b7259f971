//! Keeps sockets open: opens, renews before the old one closes, backs off, and says how it stands.
//!
//! It reads no envelope; `link` does. Invariants: every wait has a deadline and ends at `stop`; a lane that cannot
//! come back by itself says what an operator must do, and is still tried, slowly.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::connect_async_with_config;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::model::Platform;
use crate::ports::{Door, Fault, Liveness, PortError};

use super::http::Token;
use super::link::{Desk, End, Link, News, SLOTS, Socket};
use super::register::{Trouble, learn};
use super::{Slack, one_more};

/// Largest frame that is read, in bytes; Slack's largest events (files with previews) stay well below.
const FRAME_MOST: usize = 4 * 1024 * 1024;
/// News that a lane has not read yet; there are three kinds.
const NEWS_WAITING: usize = 8;

/// How long each wait is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// For `apps.connections.open`.
    pub(super) open: Duration,
    /// For TCP, TLS and the WebSocket handshake.
    pub(super) handshake: Duration,
    /// For Slack's hello after the handshake.
    pub(super) hello: Duration,
    /// Between our pings.
    pub(super) ping: Duration,
    /// Without any frame, pong included, the socket is dead.
    pub(super) silence: Duration,
    /// For one write.
    pub(super) write: Duration,
    /// For the door; far above its own promise, so that only a fault reaches it.
    pub(super) door: Duration,
    /// A replaced socket is still read for that long.
    pub(super) linger: Duration,
    /// For the acks that are still owed when a socket retires.
    pub(super) drain: Duration,
    /// The first wait after a failure; doubled at each further one.
    pub(super) first: Duration,
    /// The longest such wait.
    pub(super) most: Duration,
    /// The wait where only an operator can help.
    pub(super) slow: Duration,
    /// A socket that lived for that long ends a row of failures.
    pub(super) steady: Duration,
}

impl Pace {
    /// What runs.
    pub(super) const NORMAL: Self = Self {
        open: Duration::from_secs(10),
        handshake: Duration::from_secs(10),
        hello: Duration::from_secs(10),
        ping: Duration::from_secs(10),
        silence: Duration::from_secs(30),
        write: Duration::from_secs(5),
        door: Duration::from_secs(15),
        linger: Duration::from_secs(1),
        drain: Duration::from_secs(5),
        first: Duration::from_secs(1),
        most: Duration::from_mins(1),
        slow: Duration::from_mins(5),
        steady: Duration::from_secs(30),
    };
}

/// How each lane stands.
pub(super) struct Lanes(Mutex<Vec<Liveness>>);

impl Lanes {
    /// That many, none of them connected.
    pub(super) fn new(count: u8) -> Self {
        Self(Mutex::new(vec![Liveness::Connecting; usize::from(count)]))
    }

    /// The best of them; of two that are not live, the one that needs an operator.
    pub(super) fn liveness(&self) -> Liveness {
        let lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |wanted: fn(&Liveness) -> bool| lanes.iter().find(|lane| wanted(lane)).cloned();
        find(|lane| *lane == Liveness::Live)
            .or_else(|| find(|lane| matches!(lane, Liveness::Down(_))))
            .unwrap_or(Liveness::Connecting)
    }

    fn set(&self, index: usize, to: Liveness) {
        if let Some(lane) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index) {
            *lane = to;
        }
    }

    fn set_all(&self, to: &Liveness) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(to.clone());
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Why no socket was opened.
#[derive(Debug)]
enum Failure {
    /// Try again by the usual backoff; the word is for the log.
    Passing(&'static str),
    /// Slack said when to try again.
    Wait(Duration),
    /// Only an operator can help.
    Lasting(String),
}

/// An open socket with its loop.
struct Open {
    news: mpsc::Receiver<News>,
    retire: Option<oneshot::Sender<Duration>>,
    task: JoinHandle<End>,
}

impl Open {
    fn retire(&mut self, linger: Duration) {
        if let Some(retire) = self.retire.take() {
            let _ = retire.send(linger);
        }
    }
}

/// Runs all lanes until `stop`, then waits for the acks and answers that are owed.
pub(super) async fn run(slack: &Arc<Slack>, door: Arc<dyn Door>, mut stop: watch::Receiver<bool>) {
    // Two providers in one build would make rustls panic; the first one installed wins, and all are ring.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if !learn_first(slack, &mut stop).await {
        return;
    }
    let desk = Desk { slack: Arc::clone(slack), door, slots: Arc::clone(&slack.slots) };
    let lanes: Vec<JoinHandle<()>> = (0..slack.lanes.count())
        .map(|index| tokio::spawn(Lane { index, desk: desk.clone(), stop: stop.clone(), failures: 0 }.run()))
        .collect();
    for lane in lanes {
        if lane.await.is_err() {
            tracing::error!("a lane to Slack panicked");
        }
    }
    // What follows an ack (forms, private answers) holds its slot until it is done.
    let all = u32::try_from(SLOTS).unwrap_or(u32::MAX);
    let _ = timeout(slack.pace.drain, desk.slots.acquire_many(all)).await;
    slack.lanes.set_all(&Liveness::Connecting);
}

async fn learn_first(slack: &Slack, stop: &mut watch::Receiver<bool>) -> bool {
    for failures in 0.. {
        let learned = tokio::select! {
            learned = learn(slack) => learned,
            () = stopped(stop) => return false,
        };
        let wait = match learned {
            Ok(identity) => {
                let _ = slack.identity.set(identity);
                slack.lanes.set_all(&Liveness::Connecting);
                return true;
            }
            Err(Trouble::Lasting(says)) => {
                tracing::error!(slack.reason = %says, "Slack cannot be used");
                slack.lanes.set_all(&Liveness::Down(says));
                slack.pace.slow
            }
            Err(Trouble::Passing(error)) => {
                tracing::warn!(slack.error = %error, "Slack does not say who the bot is yet");
                asked_pause(&error).unwrap_or_else(|| backoff(slack.pace, failures))
            }
        };
        if pause(stop, wait).await {
            return false;
        }
    }
    false
}

/// One of the sockets, again and again.
struct Lane {
    index: usize,
    desk: Desk,
    stop: watch::Receiver<bool>,
    failures: u32,
}

impl Lane {
    async fn run(mut self) {
        let mut old: Option<Open> = None;
        let mut retiring: Option<JoinHandle<End>> = None;
        loop {
            let opened = {
                let mut stop = self.stop.clone();
                tokio::select! {
                    opened = self.open() => Some(opened),
                    () = stopped(&mut stop) => None,
                }
            };
            let Some(opened) = opened else { break };
            let wait = match opened {
                Ok(mut open) => {
                    if self.desk.slack.lanes.liveness() != Liveness::Live {
                        // Nobody listened: what was said meanwhile is in the history.
                        self.desk.door.gap(Platform::Slack).await;
                    }
                    self.set(Liveness::Live);
                    // Only now: the old socket carried everything until here, and its acks still leave by it.
                    if let Some(mut old) = old.take() {
                        old.retire(self.desk.slack.pace.linger);
                        retiring = Some(old.task);
                    }
                    let wait = self.attend(&mut open).await;
                    old = Some(open);
                    match wait {
                        Some(wait) => wait,
                        None => break,
                    }
                }
                Err(failure) => self.failed(failure, old.as_ref()),
            };
            if pause(&mut self.stop, wait).await {
                break;
            }
        }
        if let Some(old) = &mut old {
            old.retire(Duration::ZERO);
        }
        let pace = self.desk.slack.pace;
        // A task that has ended may have been waited for already.
        for task in old.map(|old| old.task).into_iter().chain(retiring).filter(|task| !task.is_finished()) {
            let _ = timeout(pace.drain + pace.write, task).await;
        }
        self.set(Liveness::Connecting);
    }

    fn set(&self, to: Liveness) {
        self.desk.slack.lanes.set(self.index, to);
    }

    /// Watches an open socket; gives the wait before the next one, or `None` to stop.
    async fn attend(&mut self, open: &mut Open) -> Option<Duration> {
        let since = Instant::now();
        loop {
            let news = tokio::select! {
                news = open.news.recv() => news,
                () = stopped(&mut self.stop) => return None,
            };
            if since.elapsed() >= self.desk.slack.pace.steady {
                self.failures = 0;
            }
            match news {
                Some(News::Renew) => return Some(self.renewed()),
                Some(News::Disabled) => return Some(self.disabled()),
                Some(News::Hello) => {}
                // The link has gone: its end follows.
                None => return Some(self.ended((&mut open.task).await.unwrap_or(End::Lost("its loop panicked")))),
            }
        }
    }

    // A socket that is renewed at once, again and again, is a failing one (`too_many_websockets`).
    fn renewed(&mut self) -> Duration {
        self.failures += 1;
        if self.failures > 1 { backoff(self.desk.slack.pace, self.failures - 1) } else { Duration::ZERO }
    }

    fn ended(&mut self, end: End) -> Duration {
        if let End::Lost(why) = end {
            tracing::warn!(slack.lane = self.index, slack.reason = why, "a socket to Slack was lost");
        }
        self.set(Liveness::Connecting);
        self.failures += 1;
        backoff(self.desk.slack.pace, self.failures - 1)
    }

    fn disabled(&mut self) -> Duration {
        tracing::error!(slack.lane = self.index, "Socket Mode is switched off for the app");
        self.set(Liveness::Down(
            "Slack says that Socket Mode is switched off for the app. Switch it on in the app's settings.".into(),
        ));
        self.desk.slack.pace.slow
    }

    fn failed(&mut self, failure: Failure, old: Option<&Open>) -> Duration {
        let pace = self.desk.slack.pace;
        match failure {
            Failure::Lasting(says) => {
                tracing::error!(slack.lane = self.index, slack.reason = %says, "no socket to Slack");
                self.set(Liveness::Down(says));
                pace.slow
            }
            Failure::Passing(why) => {
                tracing::warn!(slack.lane = self.index, slack.reason = why, "no socket to Slack yet");
                if old.is_none_or(|old| old.task.is_finished()) {
                    self.set(Liveness::Connecting);
                }
                self.failures += 1;
                backoff(pace, self.failures - 1)
            }
            Failure::Wait(wait) => wait,
        }
    }

    /// Opens a socket and waits for its hello.
    async fn open(&self) -> Result<Open, Failure> {
        let pace = self.desk.slack.pace;
        let socket = connect(&self.desk.slack).await?;
        one_more(&self.desk.slack.tally.opened);
        let (tell, mut news) = mpsc::channel(NEWS_WAITING);
        let (retire, retired) = oneshot::channel();
        let task = tokio::spawn(Link::new(socket, self.desk.clone(), tell).run(retired));
        // The link itself gives up without a hello; the margin only keeps this wait bounded as well.
        match timeout(pace.hello + pace.write, news.recv()).await {
            Ok(Some(News::Hello)) => Ok(Open { news, retire: Some(retire), task }),
            Ok(Some(News::Disabled)) => Err(Failure::Lasting(
                "Slack says that Socket Mode is switched off for the app. Switch it on in the app's settings.".into(),
            )),
            Ok(Some(News::Renew)) => Err(Failure::Passing("Slack wants no further socket")),
            _ => Err(Failure::Passing("no hello came")),
        }
    }
}

async fn connect(slack: &Slack) -> Result<Socket, Failure> {
    let empty = json!({});
    let answer = match timeout(slack.pace.open, slack.web.post(Token::App, "apps.connections.open", &empty)).await {
        Ok(answer) => answer.map_err(open_failure)?,
        Err(_) => return Err(Failure::Passing("apps.connections.open did not answer")),
    };
    // The URL carries a ticket: it is used once and never logged.
    let url = answer["url"].as_str().unwrap_or_default();
    if !slack.base.socket(url) {
        return Err(Failure::Passing("the socket's address is not at Slack"));
    }
    let config = WebSocketConfig::default().max_message_size(Some(FRAME_MOST)).max_frame_size(Some(FRAME_MOST));
    match timeout(slack.pace.handshake, connect_async_with_config(url, Some(config), true)).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(_)) => Err(Failure::Passing("the handshake failed")),
        Err(_) => Err(Failure::Passing("the handshake did not end")),
    }
}

fn open_failure(error: PortError) -> Failure {
    match error.fault {
        Fault::Unauthorized | Fault::Forbidden => Failure::Lasting(
            "Slack does not accept the app token. Make an app-level token (xapp) with `connections:write` and put it \
             into the configuration."
                .into(),
        ),
        Fault::Refused { code, .. } => Failure::Lasting(format!(
            "Slack opens no Socket Mode connection ({code}). Check that Socket Mode is switched on for the app."
        )),
        Fault::RateLimited { .. } => Failure::Wait(asked_pause(&error).unwrap_or_default()),
        _ => Failure::Passing("apps.connections.open failed"),
    }
}

fn asked_pause(error: &PortError) -> Option<Duration> {
    match error.fault {
        Fault::RateLimited { after_ms } => Some(Duration::from_millis(u64::try_from(after_ms).unwrap_or_default())),
        _ => None,
    }
}

/// Doubling, capped, and between half and all of it, so that lanes do not come back in step.
fn backoff(pace: Pace, failures: u32) -> Duration {
    let whole = pace.first.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX)).min(pace.most);
    let mut random = [0_u8; 4];
    // Without randomness the wait is merely in step with others.
    let _ = SystemRandom::new().fill(&mut random);
    whole / 2 + (whole / 2).mul_f64(f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX))
}

/// Waits; true when it was stopped meanwhile.
async fn pause(stop: &mut watch::Receiver<bool>, wait: Duration) -> bool {
    tokio::select! {
        () = sleep(wait) => *stop.borrow(),
        () = stopped(stop) => true,
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone will never say more: that is a stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}
