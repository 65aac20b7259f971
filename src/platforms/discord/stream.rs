//! The gateway: one session over as many connections as it takes.
//!
//! It reads no events. Invariants: a session is resumed for as long as Discord lets us, an IDENTIFY is spent only when
//! the day's budget allows it, a cause that repeats is met with longer pauses, and what cannot get better ends in `Down`.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::guard::Secret;
use crate::ports::{Fault, Liveness, PortError};

use super::link::{Link, Read, address};
use super::listen::Event;
use super::wire::{Frame, id_of};

/// The close code that keeps our session alive.
const CLOSE_RESUMABLE: u16 = 4_000;
/// The close code that ends it.
const CLOSE_FOR_GOOD: u16 = 1_000;
/// IDENTIFYs that are left to others (a restart, an operator's test) before we stop: exceeding the day's 1,000 resets
/// the token.
pub(super) const IDENTIFY_RESERVE: u64 = 20;
/// The longest wait before the budget is read again.
const BUDGET_WAIT_MOST: Duration = Duration::from_mins(10);
/// The shortest and longest heartbeat that we believe; Discord's is about 41 s.
const HEARTBEAT: [Duration; 2] = [Duration::from_millis(10), Duration::from_mins(2)];
/// Failures after which the resume address is left for the ordinary one.
const ASTRAY_AFTER: u32 = 4;
/// The exponent at which pauses stop doubling, so that the shift stays in range.
const DOUBLINGS_MOST: u32 = 16;

/// The waits of the gateway.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// Opening a connection.
    pub(super) connect: Duration,
    /// From the open connection to HELLO.
    pub(super) hello: Duration,
    /// From IDENTIFY or RESUME to READY or RESUMED.
    pub(super) ready: Duration,
    /// The first pause after a failure; doubles.
    pub(super) pause_first: Duration,
    /// The longest pause.
    pub(super) pause_most: Duration,
    /// Between op 9 and the next try: Discord asks for 1 to 5 s.
    pub(super) invalid: [Duration; 2],
    /// Between two IDENTIFYs: Discord allows one in 5 s.
    pub(super) identify_gap: Duration,
    /// A connection that lived that long makes earlier failures forgotten.
    pub(super) steady: Duration,
}

impl Pace {
    /// What Discord asks for.
    pub(super) const NORMAL: Self = Self {
        connect: Duration::from_secs(10),
        hello: Duration::from_secs(10),
        ready: Duration::from_mins(1),
        pause_first: Duration::from_millis(500),
        pause_most: Duration::from_mins(1),
        invalid: [Duration::from_secs(1), Duration::from_secs(5)],
        identify_gap: Duration::from_secs(5),
        steady: Duration::from_mins(1),
    };
}

/// Where a session starts, and whether it may.
pub(super) struct Budget {
    pub(super) url: String,
    pub(super) remaining: u64,
    pub(super) reset_after: Duration,
}

/// Says where sessions start.
#[async_trait]
pub(super) trait Starts: Send + Sync {
    /// Reads the budget now.
    async fn budget(&self) -> Result<Budget, PortError>;
}

struct Session {
    id: String,
    seq: u64,
    url: String,
}

/// Why a connection ended, and what follows.
enum End {
    Stop,
    /// Resume as soon as the pause allows.
    Resume,
    /// The session is lost.
    Fresh,
    /// Op 9: wait as Discord asks.
    Invalid,
    /// Discord does not grant an intent that we can do without.
    Less,
    /// The budget is used up.
    Wait(Duration),
    Fatal(String),
}

/// The gateway client.
pub(super) struct Gateway<'a> {
    pub(super) token: Secret,
    pub(super) intents: u64,
    /// Those of them without which it goes on where Discord does not grant them.
    pub(super) spared: u64,
    pub(super) pace: Pace,
    pub(super) starts: &'a dyn Starts,
    pub(super) live: &'a watch::Sender<Liveness>,
    pub(super) sink: &'a (dyn Fn(Event) + Send + Sync),
}

/// What outlives a connection.
#[derive(Default)]
struct Memory {
    session: Option<Session>,
    identified: Option<Instant>,
    lived_since: Option<Instant>,
    failures: u32,
    /// The last try was refused for its intents; the next one asks for fewer.
    less: bool,
}

impl Gateway<'_> {
    /// Keeps a session until `stop` is true. Where nothing can get better, it says so and only waits for the stop.
    pub(super) async fn run(&self, mut stop: watch::Receiver<bool>) {
        let mut memory = Memory::default();
        loop {
            let end = self.connection(&mut memory, &mut stop).await;
            let steady = memory.lived_since.take().is_some_and(|since| since.elapsed() >= self.pace.steady);
            memory.failures = if steady { 0 } else { memory.failures.saturating_add(1) };
            let pause = match end {
                End::Stop => return,
                End::Fatal(why) => {
                    tracing::error!(why = %why, "discord.gateway.down");
                    self.live.send_replace(Liveness::Down(why));
                    stopped(&mut stop).await;
                    return;
                }
                End::Resume => self.pause(memory.failures),
                End::Fresh => {
                    memory.session = None;
                    self.pause(memory.failures)
                }
                End::Invalid => between(self.pace.invalid[0], self.pace.invalid[1]),
                End::Less => {
                    tracing::error!(advice = advice(4014), "discord.gateway.intent_refused");
                    (memory.session, memory.less) = (None, true);
                    self.pace.pause_first
                }
                End::Wait(pause) => pause,
            };
            self.live.send_replace(Liveness::Connecting);
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = sleep(pause) => {}
            }
        }
    }

    // Doubles with each failure, and half of it is chance, so that many bots do not return at once.
    fn pause(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(DOUBLINGS_MOST);
        let full = self.pace.pause_first.saturating_mul(1 << doublings).min(self.pace.pause_most);
        between(full / 2, full)
    }

    async fn connection(&self, memory: &mut Memory, stop: &mut watch::Receiver<bool>) -> End {
        let opened = tokio::select! {
            biased;
            () = stopped(stop) => return End::Stop,
            opened = self.opened(memory) => opened,
        };
        match opened {
            Ok((link, interval)) => self.talk(link, interval, memory, stop).await,
            Err(end) => end,
        }
    }

    // A connection that said HELLO and was told who we are.
    async fn opened(&self, memory: &mut Memory) -> Result<(Link, Duration), End> {
        let url = self.way(memory).await?;
        let mut link = Link::open(&url, self.pace.connect).await.ok_or(End::Resume)?;
        let Ok(Some(interval)) = timeout(self.pace.hello, hello(&mut link)).await else {
            link.close(CLOSE_RESUMABLE).await;
            return Err(End::Resume);
        };
        (self.sink)(Event::Opened);
        if memory.session.is_none() {
            memory.identified = Some(Instant::now());
        }
        if link.send(&self.opening(memory)).await { Ok((link, interval)) } else { Err(End::Resume) }
    }

    // The address to go to. Without a session that is an IDENTIFY, which must be in the budget.
    async fn way(&self, memory: &mut Memory) -> Result<String, End> {
        if let Some(session) = &memory.session
            && address(&session.url).is_some()
            && memory.failures % (2 * ASTRAY_AFTER) < ASTRAY_AFTER
        {
            return Ok(session.url.clone());
        }
        let budget = self.starts.budget().await.map_err(|error| match error.fault {
            Fault::Unauthorized => End::Fatal(advice(4004).unwrap_or_default().into()),
            _ => End::Resume,
        })?;
        if memory.session.is_some() {
            return Ok(budget.url);
        }
        if budget.remaining <= IDENTIFY_RESERVE {
            tracing::error!(left = budget.remaining, "discord.gateway.budget_used_up");
            return Err(End::Wait(budget.reset_after.clamp(self.pace.pause_first, BUDGET_WAIT_MOST)));
        }
        if let Some(at) = memory.identified {
            sleep_until(at + self.pace.identify_gap).await;
        }
        Ok(budget.url)
    }

    fn opening(&self, memory: &Memory) -> Value {
        let token = self.token.expose();
        let intents = if memory.less { self.intents & !self.spared } else { self.intents };
        match &memory.session {
            Some(session) => json!({"op": 6, "d": {"token": token, "session_id": session.id, "seq": session.seq}}),
            None => json!({"op": 2, "d": {
                "token": token, "intents": intents,
                "properties": {"os": std::env::consts::OS, "browser": "seqn-chatops", "device": "seqn-chatops"},
            }}),
        }
    }

    async fn talk(
        &self,
        mut link: Link,
        interval: Duration,
        memory: &mut Memory,
        stop: &mut watch::Receiver<bool>,
    ) -> End {
        let ready_by = Instant::now() + self.pace.ready;
        let mut beat = Instant::now() + between(Duration::ZERO, interval);
        let mut answered = true;
        loop {
            let read = tokio::select! {
                biased;
                () = stopped(stop) => {
                    link.close(CLOSE_FOR_GOOD).await;
                    return End::Stop;
                }
                () = sleep_until(beat) => {
                    let late = memory.lived_since.is_none() && Instant::now() > ready_by;
                    if !answered || late || !link.send(&heartbeat(memory)).await {
                        tracing::warn!(late, "discord.gateway.silent");
                        link.close(CLOSE_RESUMABLE).await;
                        return if late { End::Fresh } else { End::Resume };
                    }
                    (answered, beat) = (false, Instant::now() + interval);
                    continue;
                }
                read = link.next() => read,
            };
            let end = match read {
                Read::Over(Some(4014)) if !memory.less && self.intents & self.spared != 0 => return End::Less,
                Read::Over(code) => return after_close(code),
                Read::Noise => continue,
                Read::Garbage(bytes) => {
                    (self.sink)(Event::Unreadable);
                    tracing::warn!(bytes, "discord.gateway.unreadable_frame");
                    continue;
                }
                Read::Frame(frame) => match frame.op {
                    Some(0) => self.dispatched(frame, memory),
                    Some(1) => (!link.send(&heartbeat(memory)).await).then_some(End::Resume),
                    Some(7) => Some(End::Resume),
                    Some(9) => {
                        let resumable = frame.d == true;
                        memory.session = memory.session.take().filter(|_| resumable);
                        Some(End::Invalid)
                    }
                    Some(11) => {
                        answered = true;
                        None
                    }
                    _ => None,
                },
            };
            if let Some(end) = end {
                link.close(CLOSE_RESUMABLE).await;
                return end;
            }
        }
    }

    fn dispatched(&self, frame: Frame, memory: &mut Memory) -> Option<End> {
        if let (Some(seq), Some(session)) = (frame.s, memory.session.as_mut()) {
            session.seq = session.seq.max(seq);
        }
        match frame.t.as_deref() {
            Some("READY") => {
                let (Some(id), Some(me)) = (frame.d["session_id"].as_str(), id_of(&frame.d["user"]["id"])) else {
                    return Some(End::Fresh);
                };
                let url = frame.d["resume_gateway_url"].as_str().unwrap_or_default().to_owned();
                memory.session = Some(Session { id: id.to_owned(), seq: frame.s.unwrap_or(0), url });
                (self.sink)(Event::Ready(me, !memory.less));
                // A later session asks for everything again: by then it may be granted.
                memory.less = false;
                self.lives(memory);
                tracing::info!("discord.gateway.ready");
            }
            Some("RESUMED") => {
                self.lives(memory);
                tracing::info!("discord.gateway.resumed");
            }
            Some("INTERACTION_CREATE") => (self.sink)(Event::Interaction(frame.d)),
            Some(name) => (self.sink)(Event::Other(name.to_owned(), frame.d)),
            None => {}
        }
        None
    }

    fn lives(&self, memory: &mut Memory) {
        memory.lived_since = Some(Instant::now());
        self.live.send_replace(Liveness::Live);
    }
}

/// Waits until it is time to stop; also when nobody is left who could say so.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn heartbeat(memory: &Memory) -> Value {
    json!({"op": 1, "d": memory.session.as_ref().map(|s| s.seq)})
}

// The interval that HELLO says; `None` when the connection ends before it.
async fn hello(link: &mut Link) -> Option<Duration> {
    loop {
        match link.next().await {
            Read::Frame(frame) if frame.op == Some(10) => {
                let interval = Duration::from_millis(frame.d["heartbeat_interval"].as_u64()?);
                return Some(interval.clamp(HEARTBEAT[0], HEARTBEAT[1]));
            }
            Read::Over(_) => return None,
            _ => {}
        }
    }
}

fn after_close(code: Option<u16>) -> End {
    tracing::warn!(code = ?code, "discord.gateway.closed");
    match code {
        Some(fatal) if advice(fatal).is_some() => End::Fatal(advice(fatal).unwrap_or_default().into()),
        Some(4003 | 4007 | 4009) => End::Fresh,
        _ => End::Resume,
    }
}

/// What an operator must do after a close that does not get better by itself.
const fn advice(code: u16) -> Option<&'static str> {
    Some(match code {
        4004 => {
            "Discord does not accept the bot's token (4004). Reset it in the developer portal and configure the new one."
        }
        4010 | 4011 => {
            "Discord wants this bot to be sharded (4010, 4011). It is in too many servers; remove it from the others."
        }
        4012 => "Discord no longer speaks this version of its gateway (4012). Update the bot.",
        4013 => "Discord does not know an intent that the bot asks for (4013). Update the bot.",
        4014 => {
            "Discord does not allow the message content intent (4014). Switch it on in the developer portal under Bot, \
             or switch it off in the configuration."
        }
        _ => return None,
    })
}

/// A moment between the two, by chance.
fn between(least: Duration, most: Duration) -> Duration {
    let span = u64::try_from(most.saturating_sub(least).as_micros()).unwrap_or(u64::MAX);
    let chance = RandomState::new().hash_one(span);
    least + Duration::from_micros(if span == 0 { 0 } else { chance % span })
}
