//! Accounts of the staff: two admins link one, and one ends that.

use super::{DONE, Desk, Does, Seen, act};
use crate::laws::Act;

/// An admin asks whose the account of somebody is; another admin, who has an account by an attribute, agrees.
pub const LINKED: &[Act] = &[
    act(
        "mira",
        "slack",
        Does::Types("/staff link account=910000000000000007 person=eve reason=\"asked her at her desk\""),
        Seen::Button("Ask for approval"),
    ),
    act("mira", "slack", Does::Presses("Ask for approval"), Seen::InChannel("approvals", "Mira asks for approval.")),
    act("ops", "slack", Does::Presses("Review"), Seen::Button("Approve")),
    act("ops", "slack", Does::Presses("Approve"), DONE),
];
pub const UNLINKED: &[Act] = &[
    act(
        "mira",
        "slack",
        Does::Types("/staff unlink account=910000000000000007 reason=\"it was lost\""),
        Seen::Button("Confirm"),
    ),
    act("mira", "slack", Does::Presses("Confirm"), Seen::Text("Done and confirmed: end the link")),
];

/// Mira's role comes from Authentik's groups; Ops is there too, with an account, and Eve without one.
pub fn there_are_two_admins(desk: &Desk) {
    desk.knobs(|knobs| knobs.identity = true);
    assert!(desk.world.set_attribute("ops", "seqn_slack", "T0SEQN/U0OPS"), "Ops is there");
    assert!(desk.world.set_member("SEQN-Support", "eve", true), "Eve is there");
}
