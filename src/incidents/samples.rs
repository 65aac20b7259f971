//! An incident, settings and a seeded generator, for the tests of this folder.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::guard::{FingerprintKey, Guard};
use crate::model::{
    Audience, DeliveryLine, DeliveryState, Incident, IncidentKind, Millis, Parts, Phase, RequestId, Severity, StaffId,
};

use super::{Destination, DestinationKind, Settings};

/// 2026-11-02 09:00 UTC.
pub(super) const NINE: Millis = Millis(1_793_610_000_000);

pub(super) fn guard() -> Guard {
    Guard::new(FingerprintKey::new([7; 32]))
}

/// Every kind of destination once.
pub(super) fn settings() -> Settings {
    static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
        let destinations = DestinationKind::ALL.iter().map(|(kind, _)| Destination::of(*kind)).collect();
        Settings { destinations, ..Settings::of(guard()) }
    });
    SETTINGS.clone()
}

pub(super) fn staff(id: &str) -> StaffId {
    id.parse().expect("a staff id")
}

pub(super) fn request(id: &str) -> RequestId {
    id.parse().expect("a request id")
}

pub(super) fn parts(filled: &[(&str, &str)]) -> Parts {
    filled.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The parts of an opening or update.
pub(super) fn status() -> Parts {
    parts(&[
        ("impact", "Some sign-ins fail with 503."),
        ("routes", "/v1/me, POST /v1/sessions"),
        ("started", "20m"),
        ("next", "30m"),
        ("mitigation", "We roll back the last release."),
    ])
}

/// The parts of a close.
pub(super) fn closing() -> Parts {
    parts(&[
        ("cause", "A release held connections open."),
        ("customer-impact", "One in ten sign-ins failed for 40 minutes."),
        ("prevention", "Bound the pool\nAlert on waiting sign-ins"),
        ("owner", "the platform team"),
    ])
}

/// An open incident of that morning.
pub(super) fn incident() -> Incident {
    Incident {
        id: request("rq-7k3q"),
        number: 7,
        kind: IncidentKind::Real,
        title: "Sign-in is slow".into(),
        phase: Phase::Open,
        severity: Severity::Sev2,
        version: 1,
        updates: 1,
        parts: parts(&[
            ("impact", "Some sign-ins fail with 503."),
            ("routes", "/v1/me, POST /v1/sessions"),
            ("started", "2026-11-02T08:40:00Z"),
            ("next", "2026-11-02T09:30:00Z"),
            ("mitigation", "We roll back the last release."),
        ]),
        started: NINE.plus_ms(-20 * 60_000),
        next_update: Some(NINE.plus_ms(30 * 60_000)),
        duties: BTreeMap::new(),
        rooms: Vec::new(),
        opened_by: staff("kim"),
        opened: NINE,
        changed_by: staff("kim"),
        changed: NINE,
        mitigated: None,
        resolved: None,
        closed: None,
    }
}

/// A delivery of that surface.
pub(super) fn delivery(target: &str, update: u32, audience: Audience, state: DeliveryState) -> DeliveryLine {
    DeliveryLine {
        key: format!("rq-7k3q:{update}:{target}"),
        target: target.to_owned(),
        update,
        audience: Some(audience),
        state,
        attempts: 1,
        next_try: None,
        why: String::new(),
        proof: None,
        ended: None,
        maybe_twice: false,
    }
}

/// Numbers that look like chance and are the same in each run (xorshift64*).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `most`.
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or_default() % most.max(1)
    }

    /// One of them.
    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}
