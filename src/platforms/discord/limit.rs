//! Which calls must wait: pauses that Discord asked for, and the count of refused requests. Pure.
//!
//! It does not sleep. Invariants: it holds a limited number of pauses, and it says stop well before Discord's ban.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// Routes whose pauses are remembered; ended ones are dropped first, and then all but the global pause holds less.
const ROUTES_MOST: usize = 1_024;
/// The window in which Discord counts refused requests.
const REFUSED_WINDOW: Duration = Duration::from_mins(10);
/// Refused requests (401, 403, 429) in a window after which we stop; Discord bans the address at 10,000.
const REFUSED_MOST: u32 = 2_000;

/// Pauses and the count of refused requests.
#[derive(Default)]
pub(super) struct Pacer {
    global: Option<Instant>,
    routes: HashMap<String, Instant>,
    window: Option<(Instant, u32)>,
}

impl Pacer {
    /// How long a call on that route must wait; `everywhere` says whether the global pause holds for it.
    pub(super) fn wait(&self, route: &str, everywhere: bool, now: Instant) -> Duration {
        let left = |until: &Instant| until.saturating_duration_since(now);
        let global = self.global.as_ref().filter(|_| everywhere).map_or(Duration::ZERO, left);
        let own = self.routes.get(route).map_or(Duration::ZERO, left);
        global.max(own).max(self.stopped(now).unwrap_or(Duration::ZERO))
    }

    /// Discord asked for a pause.
    pub(super) fn pause(&mut self, route: &str, global: bool, lasting: Duration, now: Instant) {
        let until = now + lasting;
        if global {
            self.global = Some(self.global.map_or(until, |old| old.max(until)));
            return;
        }
        if self.routes.len() >= ROUTES_MOST {
            self.routes.retain(|_, end| *end > now);
        }
        if self.routes.len() < ROUTES_MOST {
            let end = self.routes.entry(route.to_owned()).or_insert(until);
            *end = (*end).max(until);
        }
    }

    /// Counts one refused request (401, 403 or 429).
    pub(super) fn refused(&mut self, now: Instant) {
        let count = match self.window {
            Some((begun, count)) if now < begun + REFUSED_WINDOW => (begun, count.saturating_add(1)),
            _ => (now, 1),
        };
        self.window = Some(count);
    }

    // How long nothing may be sent at all, where too many requests were refused.
    fn stopped(&self, now: Instant) -> Option<Duration> {
        let (begun, count) = self.window?;
        (count >= REFUSED_MOST).then(|| (begun + REFUSED_WINDOW).saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_route_waits_alone_and_a_global_pause_holds_all_but_interactions() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        pacer.pause("a", false, 2 * SECOND, now);
        pacer.pause("a", false, SECOND, now);
        assert_eq!(pacer.wait("a", true, now), 2 * SECOND);
        assert_eq!(pacer.wait("b", true, now), Duration::ZERO);
        pacer.pause("b", true, 3 * SECOND, now);
        assert_eq!(pacer.wait("a", true, now), 3 * SECOND);
        assert_eq!(pacer.wait("callback", false, now), Duration::ZERO);
        assert_eq!(pacer.wait("a", true, now + 4 * SECOND), Duration::ZERO);
    }

    #[test]
    fn pauses_are_limited_in_number() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        for n in 0..2 * ROUTES_MOST {
            pacer.pause(&n.to_string(), false, SECOND, now);
        }
        assert_eq!(pacer.routes.len(), ROUTES_MOST);
        pacer.pause("late", false, SECOND, now + 2 * SECOND);
        assert_eq!(pacer.routes.len(), 1);
    }

    #[test]
    fn stops_before_the_ban_and_starts_again() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        for _ in 0..REFUSED_MOST {
            assert_eq!(pacer.wait("x", false, now), Duration::ZERO);
            pacer.refused(now);
        }
        assert_eq!(pacer.wait("x", false, now), REFUSED_WINDOW);
        assert_eq!(pacer.wait("x", false, now + REFUSED_WINDOW), Duration::ZERO);
        pacer.refused(now + REFUSED_WINDOW);
        assert_eq!(pacer.wait("x", false, now + REFUSED_WINDOW), Duration::ZERO);
    }
}
