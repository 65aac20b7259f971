//! The promise: when the next update comes, and who is reminded of it when.
//!
//! It reads no clock and sends nothing. Invariant: of one promise each reminder is given at most once, and a weaker one
//! never after a stronger one.

use crate::catalog::{moment, window_ms};
use crate::model::{Duty, Entry, EntryKind, Incident, MINUTE_MS, Millis, Severity, StaffId};

#[cfg(test)]
mod tests;

/// One hour in milliseconds.
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day in milliseconds.
const DAY_MS: i64 = 24 * HOUR_MS;
/// The farthest that a promise may lie ahead: a week without a word is no promise.
pub const NEXT_MOST_MS: i64 = 7 * DAY_MS;
/// An update that is this late still keeps its promise: clocks differ, and people press a button.
pub const GRACE_MS: i64 = MINUTE_MS;
/// How the entry begins that says that a promise was kept.
pub const KEPT: &str = "Promise kept: ";
/// How the entry begins that says that a promise was missed.
pub const MISSED: &str = "Promise missed: ";
/// How the entry begins that says that a promise was moved.
pub const MOVED: &str = "Promise moved: ";

/// What is promised, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// How often there is an update at sev1.
    pub sev1: i64,
    /// At sev2.
    pub sev2: i64,
    /// At sev3.
    pub sev3: i64,
    /// At sev4.
    pub sev4: i64,
    /// How long before the promised time the comms lead is nudged.
    pub nudge_before: i64,
    /// How long after the promised time its missing is escalated.
    pub escalate_after: i64,
}

impl Default for Cadence {
    fn default() -> Self {
        Self {
            sev1: 30 * MINUTE_MS,
            sev2: HOUR_MS,
            sev3: 4 * HOUR_MS,
            sev4: DAY_MS,
            nudge_before: 5 * MINUTE_MS,
            escalate_after: 10 * MINUTE_MS,
        }
    }
}

/// A reminder of a promise, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReminderKind {
    /// The promised time is near: the comms lead hears of it.
    Nudge,
    /// The promised time is here: the commander hears of it.
    Due,
    /// The promised time is past: everybody with a duty hears of it, and those who are paged.
    Missed,
}

impl ReminderKind {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Nudge, Self::Due, Self::Missed];

    /// The word that rows use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nudge => "nudge",
            Self::Due => "due",
            Self::Missed => "missed",
        }
    }

    /// The one of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The strongest reminder that was given so far, and of which promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminded {
    /// The promised time that it was about.
    pub promised: Millis,
    /// Which it was.
    pub kind: ReminderKind,
}

/// A reminder that is to be given now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// Which.
    pub kind: ReminderKind,
    /// The promised time.
    pub promised: Millis,
    /// To whom, the first of them first; never empty.
    pub to: Vec<StaffId>,
    /// In words.
    pub says: String,
}

impl Cadence {
    /// How often there is an update at that severity.
    #[must_use]
    pub const fn every(&self, severity: Severity) -> i64 {
        match severity {
            Severity::Sev1 => self.sev1,
            Severity::Sev2 => self.sev2,
            Severity::Sev3 => self.sev3,
            Severity::Sev4 => self.sev4,
        }
    }

    /// The reminder that is to be given at `now`, if any.
    #[must_use]
    pub fn due(&self, incident: &Incident, reminded: Option<Reminded>, now: Millis) -> Option<Reminder> {
        let (promised, past) = promise(incident, reminded)?;
        let kind = ReminderKind::ALL.into_iter().rev().find(|kind| self.at(*kind, promised) <= now)?;
        (Some(kind) > past).then(|| Reminder {
            kind,
            promised,
            to: receivers(kind, incident),
            says: words(kind, incident, promised, now),
        })
    }

    /// When `due` has to be asked next; `None`: not before the next promise.
    #[must_use]
    pub fn wake(&self, incident: &Incident, reminded: Option<Reminded>) -> Option<Millis> {
        let (promised, past) = promise(incident, reminded)?;
        let left = ReminderKind::ALL.into_iter().find(|kind| Some(*kind) > past)?;
        Some(self.at(left, promised))
    }

    const fn at(&self, kind: ReminderKind, promised: Millis) -> Millis {
        match kind {
            ReminderKind::Nudge => promised.plus_ms(-self.nudge_before),
            ReminderKind::Due => promised,
            ReminderKind::Missed => promised.plus_ms(self.escalate_after),
        }
    }
}

/// The promise that stands, and the strongest reminder of it so far.
fn promise(incident: &Incident, reminded: Option<Reminded>) -> Option<(Millis, Option<ReminderKind>)> {
    let promised = incident.next_update.filter(|_| !incident.phase.over())?;
    Some((promised, reminded.filter(|last| last.promised == promised).map(|last| last.kind)))
}

fn receivers(kind: ReminderKind, incident: &Incident) -> Vec<StaffId> {
    let duty = |duty| incident.duties.get(&duty).cloned();
    let opener = || Some(incident.opened_by.clone());
    let (comms, commander) = (duty(Duty::Comms), duty(Duty::Commander));
    match kind {
        ReminderKind::Nudge => comms.or(commander).or_else(opener).into_iter().collect(),
        ReminderKind::Due => commander.or(comms).or_else(opener).into_iter().collect(),
        ReminderKind::Missed => {
            let mut all: Vec<StaffId> = Vec::new();
            for staff in [commander, comms, duty(Duty::Scribe), opener()].into_iter().flatten() {
                if !all.contains(&staff) {
                    all.push(staff);
                }
            }
            all
        }
    }
}

fn words(kind: ReminderKind, incident: &Incident, promised: Millis, now: Millis) -> String {
    let name = incident.name();
    match kind {
        ReminderKind::Nudge => {
            let left = spoken(promised.since(now).max(0));
            format!("{name}: the next update is promised for {promised}, in {left}. Write it with `/incident update`.")
        }
        ReminderKind::Due => {
            format!("{name}: the next update was promised for {promised}. It is due now: `/incident update`.")
        }
        ReminderKind::Missed => {
            let late = spoken(now.since(promised));
            format!("{name}: the update promised for {promised} is {late} late. Send one with `/incident update`.")
        }
    }
}

/// When the next update is promised: a time, or a length from `at` on, such as `30m`.
///
/// # Errors
/// A sentence: what is wrong, and what to write instead.
pub fn next_update(text: &str, at: Millis) -> Result<Millis, String> {
    let text = text.trim();
    let length = window_ms(&text.to_lowercase()).map(|ms| at.plus_ms(ms));
    let Some(next) = length.or_else(|| moment(text)) else {
        return Err("Write how long until then, like `30m` or `2h`, or a time like `2026-05-12 09:30` (UTC).".into());
    };
    match next.since(at) {
        ahead if ahead <= 0 => Err(format!("The next update lies ahead. Write a time after {at}, or `30m`.")),
        ahead if ahead > NEXT_MOST_MS => {
            Err(format!("The next update is at most {} ahead. Promise an earlier one.", spoken(NEXT_MOST_MS)))
        }
        _ => Ok(next),
    }
}

/// What is said of a promise at the update that it was about.
#[must_use]
pub fn settled(promised: Millis, at: Millis) -> String {
    let late = at.since(promised);
    if late <= GRACE_MS {
        format!("{KEPT}the update promised for {promised} came in time.")
    } else {
        format!("{MISSED}the update promised for {promised} came {} late.", spoken(late))
    }
}

/// How many promises were kept, missed and moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promises {
    /// The update came in time.
    pub kept: usize,
    /// It came late.
    pub missed: usize,
    /// It was promised for another time before it was due.
    pub moved: usize,
}

/// Counts the promises of a timeline.
#[must_use]
pub fn promises(timeline: &[Entry]) -> Promises {
    let begins = |with: &str| {
        timeline.iter().filter(|entry| entry.kind == EntryKind::Promise && entry.says.starts_with(with)).count()
    };
    Promises { kept: begins(KEPT), missed: begins(MISSED), moved: begins(MOVED) }
}

/// A length for people: `45 s`, `5 min`, `2 h 10 min`, `1 d 3 h`.
#[must_use]
pub fn spoken(ms: i64) -> String {
    let two = |big: i64, unit: &str, small: i64, part: &str| match small {
        0 => format!("{big} {unit}"),
        _ => format!("{big} {unit} {small} {part}"),
    };
    match ms.max(0) {
        ms if ms < MINUTE_MS => format!("{} s", ms / 1_000),
        ms if ms < HOUR_MS => format!("{} min", ms / MINUTE_MS),
        ms if ms < DAY_MS => two(ms / HOUR_MS, "h", ms % HOUR_MS / MINUTE_MS, "min"),
        ms => two(ms / DAY_MS, "d", ms % DAY_MS / HOUR_MS, "h"),
    }
}
