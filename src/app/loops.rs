//! The tasks that keep a bot running: one per platform, one per kind of work of the engine.
//!
//! They decide nothing. Invariants: neither an error nor a panic in one task ends it or another; each pause
//! has a limit; no wake-up is lost between looking and waiting.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::engine::{Engine, Trouble};
use crate::model::Platform;
use crate::ports::Clock;

/// The longest wait for something to do. What is due wakes the loops by itself; this is for a clock that jumps.
const IDLE: Duration = Duration::from_secs(5);
/// The shortest wait: what is due but owed to a platform that is off must not keep a processor busy.
const BREATH: Duration = Duration::from_millis(100);
/// The work behind an envelope begins that much later than its first answer: both need the processor and the
/// database's writer, somebody waits for the answer, and Discord takes nothing more before it has had it.
const ANSWER_FIRST: Duration = Duration::from_millis(5);
/// The first pause after a failure; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause after a failure: as long as people would wait before they look for the cause.
const PAUSE_MOST: Duration = Duration::from_secs(60);

/// What the loops share.
#[derive(Clone)]
pub(super) struct Shared {
    engine: Arc<Engine>,
    clock: Arc<dyn Clock>,
    /// Counts wake-ups, so that each loop sees whether there was one since it last looked.
    bell: watch::Sender<u64>,
}

impl Shared {
    pub(super) fn new(engine: &Arc<Engine>, clock: &Arc<dyn Clock>) -> Self {
        let bell = watch::Sender::new(0);
        Self { engine: Arc::clone(engine), clock: Arc::clone(clock), bell }
    }

    fn ring(&self) {
        self.bell.send_modify(|rung| *rung = rung.wrapping_add(1));
    }

    /// How long nothing will be due.
    async fn quiet(&self) -> Duration {
        let next = match self.engine.store().next_due().await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(error = %error, "what is due next cannot be read");
                return IDLE;
            }
        };
        next.map_or(IDLE, |at| {
            let ms = u64::try_from(at.since(self.clock.now())).unwrap_or(0);
            Duration::from_millis(ms).clamp(BREATH, IDLE)
        })
    }
}

/// One kind of work.
#[derive(Clone, Debug)]
enum Work {
    Roster,
    Watch,
    CatchUp,
    Remind,
    Prepare,
    Execute,
    Incidents,
    Checks,
    Alerts,
    Deliver(Platform),
    /// One surface each, so that none waits for another.
    Notify(String),
}

impl Work {
    const fn name(&self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Watch => "watch",
            Self::CatchUp => "catch_up",
            Self::Remind => "remind",
            Self::Prepare => "prepare",
            Self::Execute => "execute",
            Self::Incidents => "incidents",
            Self::Checks => "checks",
            Self::Alerts => "alerts",
            Self::Deliver(Platform::Slack) => "deliver.slack",
            Self::Deliver(Platform::Discord) => "deliver.discord",
            Self::Deliver(Platform::Console) => "deliver.console",
            Self::Notify(_) => "notify",
        }
    }

    fn once<'a>(&'a self, engine: &'a Engine) -> Pin<Box<dyn Future<Output = Result<usize, Trouble>> + Send + 'a>> {
        match self {
            Self::Roster => Box::pin(engine.roster()),
            Self::Watch => Box::pin(engine.watch()),
            Self::CatchUp => Box::pin(engine.catch_up()),
            Self::Remind => Box::pin(engine.remind()),
            Self::Prepare => Box::pin(engine.prepare()),
            Self::Execute => Box::pin(engine.execute()),
            Self::Incidents => Box::pin(engine.incidents()),
            Self::Checks => Box::pin(engine.check_health()),
            Self::Alerts => Box::pin(engine.alerts()),
            Self::Deliver(platform) => Box::pin(engine.deliver(*platform)),
            Self::Notify(target) => Box::pin(engine.notify(target)),
        }
    }
}

/// Starts a loop per kind of work, and the one that passes wake-ups on.
pub(super) fn start(shared: &Shared, platforms: &[Platform], stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(pass_on(shared.clone(), stop.clone()));
    tasks.spawn(copy_back(shared.clone(), stop.clone()));
    let deliver = platforms.iter().map(|platform| Work::Deliver(*platform));
    let notify = shared.engine.targets().into_iter().map(Work::Notify);
    let always = [Work::Roster, Work::Watch, Work::CatchUp, Work::Remind, Work::Prepare, Work::Execute];
    let about_incidents = [Work::Incidents, Work::Checks, Work::Alerts];
    for work in always.into_iter().chain(about_incidents).chain(deliver).chain(notify) {
        tasks.spawn(keep_at(work, shared.clone(), stop.clone()));
    }
    tasks
}

/// Turns each wake-up of the engine into one for every loop.
async fn pass_on(shared: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = shared.engine.woken() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        tokio::time::sleep(ANSWER_FIRST).await;
        shared.ring();
    }
}

/// Copies the write-ahead file back whenever it has grown, so that no commit has to.
async fn copy_back(shared: Shared, mut stop: watch::Receiver<bool>) {
    let store = shared.engine.store();
    loop {
        tokio::select! {
            () = store.grown() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = store.copy_back().await {
            tracing::warn!(error = %error, "the write-ahead file could not be copied back; a commit will do it");
        }
    }
}

/// Does one kind of work for as long as there is any, then waits. A tick that has begun is never cut off here.
async fn keep_at(work: Work, shared: Shared, mut stop: watch::Receiver<bool>) {
    let mut bell = shared.bell.subscribe();
    let mut failures = 0;
    while !*stop.borrow() {
        bell.mark_unchanged();
        let came = AssertUnwindSafe(work.once(&shared.engine)).catch_unwind().await;
        let wait = match came {
            Ok(Ok(0)) => {
                failures = 0;
                shared.quiet().await
            }
            Ok(Ok(_)) => {
                failures = 0;
                shared.ring();
                continue;
            }
            Ok(Err(Trouble::Stopping)) => return,
            Ok(Err(trouble)) => {
                tracing::error!(work = work.name(), error = %trouble, "the work failed and is tried again");
                pause(&mut failures)
            }
            // The hook has logged its words.
            Err(_) => {
                tracing::error!(work = work.name(), "the work panicked and is tried again");
                pause(&mut failures)
            }
        };
        let failed = failures > 0;
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = bell.changed(), if !failed => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Keeps a platform connected: one that panics or gives up is started again after a pause.
pub(super) async fn connected<F, R>(name: &'static str, mut stop: watch::Receiver<bool>, run: F)
where
    F: Fn() -> R + Send,
    R: Future<Output = ()> + Send,
{
    let mut failures = 0;
    while !*stop.borrow() {
        let began = tokio::time::Instant::now();
        let ended = AssertUnwindSafe(run()).catch_unwind().await;
        if *stop.borrow() {
            return;
        }
        if began.elapsed() > PAUSE_MOST {
            failures = 0;
        }
        match ended {
            Ok(()) => tracing::error!(platform = name, "the platform ended by itself and is started again"),
            // The hook has logged its words.
            Err(_) => tracing::error!(platform = name, "the platform panicked and is started again"),
        }
        tokio::select! {
            () = tokio::time::sleep(pause(&mut failures)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// The next pause; it doubles with each failure in a row.
fn pause(failures: &mut u32) -> Duration {
    let pause = PAUSE.saturating_mul(2_u32.saturating_pow(*failures)).min(PAUSE_MOST);
    *failures = failures.saturating_add(1);
    pause
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let mut failures = 0;
        let pauses: Vec<Duration> = (0..10).map(|_| pause(&mut failures)).collect();
        assert_eq!(pauses[..3], [PAUSE, PAUSE * 2, PAUSE * 4]);
        assert_eq!(pauses[9], PAUSE_MOST);
        failures = u32::MAX;
        assert_eq!(pause(&mut failures), PAUSE_MOST);
    }

    #[tokio::test]
    async fn a_panic_is_outlived() {
        let runs = AtomicU32::new(0);
        let (stopper, stop) = watch::channel(false);
        let run = || async {
            if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                panic!("the first time");
            }
            stopper.send_replace(true);
        };
        connected("slack", stop, run).await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }
}
