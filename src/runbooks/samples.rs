//! What the tests of runbooks ask with: Kim, alone in a terminal, at one moment. It decides nothing.

use crate::catalog::{Asked, Catalog, Runbook};
use crate::model::{Fields, Millis, Place, Plan, Platform, RequestId, Staff, Tier};
use crate::ports::{Rights, Ruling};

/// Nobody may anything, and everybody is on the staff.
struct Alone;

impl Rights for Alone {
    fn ruling(&self, _: &Staff, _: &str, _: &Place) -> Ruling {
        Ruling { may: false, because: String::new(), agreement: String::new() }
    }

    fn agrees(&self, _: &Staff, _: Tier) -> Vec<Staff> {
        Vec::new()
    }

    fn staff(&self, name: &str) -> Option<Staff> {
        let (id, name) = (name.parse().ok()?, name.to_owned());
        let (roles, groups) = Default::default();
        Some(Staff { id, name, roles, email: None, accounts: Vec::new(), groups })
    }
}

/// Options of these values.
pub(super) fn fields(pairs: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    pairs.iter().for_each(|(name, value)| fields.set(name, *value));
    fields
}

/// What the runbook would do with these options, had it seen that.
pub(super) fn planned<R: Runbook>(runbook: &R, fields: &Fields, facts: &R::Facts) -> Plan {
    let input = runbook.read(fields).unwrap_or_else(|errors| unreachable!("sound options: {errors:?}"));
    let (team, channel) = (String::new(), "terminal".to_owned());
    let place = Place { platform: Platform::Console, team, channel, thread: None, direct: false };
    let (request, catalog): (RequestId, _) = ("rq-1".parse().expect("an id"), Catalog::default());
    let asker = Alone.staff("kim").expect("a member of staff");
    let now = Millis(1_793_610_000_000);
    let asked =
        Asked { request: &request, asker: &asker, place: &place, asked: now, now, catalog: &catalog, rights: &Alone };
    runbook.plan(&asked, &input, facts)
}
