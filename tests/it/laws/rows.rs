//! The rows of the laws: for each action that changes something, what people do, and the calls that act.
//!
//! Nothing is played here. Invariant: an action of the catalog that changes something and has no row fails a test.

mod staff;

use std::collections::BTreeSet;

use seqn_chatops::app;
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::fault::FaultKind;

use super::{Act, Does, Seen};

/// More often than anything is tried.
pub const ALWAYS: u32 = 1_000;
const HOUR_MS: i64 = 3_600_000;

/// One call that changes something outside: the service, its route, and the first words of its step's key.
#[derive(Clone, Copy)]
pub struct Call {
    pub service: &'static str,
    pub route: &'static str,
    pub step: &'static str,
}

/// One way to ask for an action, from the first word to the end.
#[derive(Clone, Copy)]
pub struct Row {
    /// The action's name in the catalog.
    pub action: &'static str,
    /// Which way, for a failure's message.
    pub way: &'static str,
    /// What is so before anybody asks.
    pub given: fn(&Desk),
    /// What people did before; nothing goes wrong meanwhile.
    pub before: &'static [Act],
    pub flow: &'static [Act],
    /// The calls of its steps. None where the steps are ours alone (rows, messages) or a person's.
    pub calls: &'static [Call],
    /// Whether the laws of dying look at each commit, also of what all actions have in common: asking, preview, votes.
    pub whole: bool,
}

impl Row {
    /// What takes it back: time that passes at the end of the flow.
    pub fn ends_by_itself(&self) -> Option<Act> {
        self.flow.last().copied().filter(|act| matches!(act.does, Does::Happens(_)))
    }
}

const fn plainly(_: &Desk) {}

const fn act(who: &'static str, stage: &'static str, does: Does, until: Seen) -> Act {
    Act { who, stage, does, until }
}

const fn confirmed(asks: &'static str) -> [Act; 2] {
    [
        act("kim", "slack", Does::Types(asks), Seen::Button("Confirm")),
        act("kim", "slack", Does::Presses("Confirm"), Seen::Text("Done and confirmed")),
    ]
}

/// A lead asks, an admin agrees on the other platform.
const fn agreed(asks: &'static str) -> [Act; 4] {
    [
        act("lee", "discord", Does::Types(asks), Seen::Button("Ask for approval")),
        act(
            "lee",
            "discord",
            Does::Presses("Ask for approval"),
            Seen::InChannel("approvals", "Lee asks for approval."),
        ),
        act("mira", "slack", Does::Presses("Review"), Seen::Button("Approve")),
        act("mira", "slack", Does::Presses("Approve"), Seen::InChannel("approvals", "Done and confirmed")),
    ]
}

/// The same for a bulk act: whoever asks types how many changes it is.
const fn counted(mut acts: [Act; 4], count: &'static str) -> [Act; 4] {
    acts[1].does = Does::Counts(count);
    acts
}

/// An admin asks; somebody of another role agrees, with the organization typed.
const fn signed(asks: &'static str, org: &'static str, until: Seen) -> [Act; 4] {
    [
        act("mira", "slack", Does::Types(asks), Seen::Button("Ask for approval")),
        act(
            "mira",
            "slack",
            Does::Presses("Ask for approval"),
            Seen::InChannel("approvals", "Mira asks for approval."),
        ),
        act("sam", "discord", Does::Presses("Review"), Seen::Button("Approve")),
        act("sam", "discord", Does::Signs(org), until),
    ]
}

const DONE: Seen = Seen::InChannel("approvals", "Done and confirmed");
const MIRA_DONE: Seen = Seen::Elsewhere("mira", "slack", "Done");
const BACK: Seen = Seen::InChannel("support", "Taken back as agreed");

/// A person's step by hand is done.
const fn by_hand(until: Seen) -> Act {
    act("mira", "slack", Does::Presses("Done"), until)
}

const fn happens(what: fn(&Desk), until: Seen) -> Act {
    act("mira", "slack", Does::Happens(what), until)
}

const fn joined<const N: usize, const M: usize, const R: usize>(first: [Act; N], then: [Act; M]) -> [Act; R] {
    let mut all = [first[0]; R];
    let mut at = 0;
    while at < R {
        all[at] = if at < N { first[at] } else { then[at - N] };
        at += 1;
    }
    all
}

pub const LATEST: &[Act] =
    &confirmed("/seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1 reason=lost");
pub const ALL: &[Act] =
    &counted(agreed("/seqn revoke-session org=acme user=jo@acme.example session=all ticket=SUP-7 reason=exposed"), "6");
const ROLE: &[Act] =
    &signed("/seqn set-role acme jo@acme.example role=admin permanent=yes ticket=SUP-91 reason=asked", "acme", DONE);
const ROLE_FOR: &[Act] = &joined::<4, 1, 5>(
    signed("/seqn set-role acme jo@acme.example role=admin for=4h ticket=SUP-92 reason=migration", "acme", DONE),
    [happens(|desk| desk.dial.advance_ms(5 * HOUR_MS), BACK)],
);
const ROLE_BY_HAND: &[Act] = &joined::<4, 2, 6>(
    signed("/seqn set-role acme jo@acme.example role=admin ticket=SUP-94 reason=\"Ada asked\"", "acme", MIRA_DONE),
    [
        happens(|desk| assert!(desk.world.set_role("acme", "jo@acme.example", "admin"), "Jo is there"), Seen::Anything),
        by_hand(DONE),
    ],
);
const MENDED: &[Act] = &agreed(
    "/seqn project-config acme portal redirects=https://portal.acme.example/auth/callback/ apply=yes ticket=SUP-73",
);
const AGAIN: &[Act] = &confirmed("/seqn project-config acme mobile again=yes ticket=SUP-2");
const PLAN: &[Act] = &agreed("/seqn set-subscription globex plan=pro ticket=SUP-81 reason=\"contract signed\"");
const LIMITS: &[Act] = &joined::<4, 1, 5>(
    agreed(
        "/seqn set-subscription acme users=12000 until=\"2026-11-02 12:00\" owner=@kim ticket=SUP-83 reason=migration",
    ),
    [happens(|desk| desk.dial.advance_ms(4 * HOUR_MS), BACK)],
);
const TEST_EVENT: &[Act] = &confirmed("/seqn webhook acme wh_orders test=yes ticket=SUP-3");
/// An admin rotates by hand what somebody of another role has agreed to; `rotates` is what happens in the console.
const fn rotated_by_hand(asks: &'static str, rotates: fn(&Desk)) -> [Act; 8] {
    joined::<4, 4, 8>(
        signed(asks, "acme", MIRA_DONE),
        [
            by_hand(Seen::Turn("put the new value straight into")),
            happens(rotates, Seen::Anything),
            by_hand(Seen::Turn("the canary first, and answer well")),
            by_hand(DONE),
        ],
    )
}

const ROTATED: &[Act] = &rotated_by_hand(
    "/rotate secret acme portal cause=exposed confirmed-by=@sam evidence=\"leak case\" consumers=api ticket=SUP-96",
    |desk| assert!(desk.world.rotate_key("acme", "portal"), "it is rotated"),
);
const RESIGNED: &[Act] = &rotated_by_hand(
    "/rotate webhook-secret acme wh_orders cause=stale confirmed-by=@kim evidence=\"invalid signatures\" ticket=SUP-98",
    |desk| assert!(desk.world.rotate_webhook("acme", "wh_orders"), "it is rotated"),
);
const SIGN_IN_CASE: [Act; 2] = confirmed("/case open acme ticket=SUP-120 class=authentication");
const REPLACED: &[Act] = &joined::<4, 8, 12>(
    signed(
        "/rotate credential oidc-client-secret work=yes confirmed-by=@sam evidence=\"the secrets begin otherwise\"",
        "",
        MIRA_DONE,
    ),
    [
        by_hand(Seen::Turn("Make a fresh local backup")),
        by_hand(Seen::Turn("Choose a quiet hour")),
        by_hand(Seen::Turn("make a new client secret")),
        by_hand(Seen::Turn("set OIDC_CLIENT_SECRET")),
        by_hand(Seen::Turn("Sign in with a clean browser")),
        happens(|desk| drop(desk.world.add_session("acme", "mira@seqn.example")), Seen::Anything),
        by_hand(Seen::Turn("Delete the old secret from the store")),
        by_hand(DONE),
    ],
);
const CASE: [Act; 2] = confirmed("/case open acme ticket=SUP-4 class=authorization");
const NOTED: &[Act] =
    &of_joe("/case note \"nothing of it belongs here\" step=1 as=skipped", "Done and confirmed: note");
const CLOSED: &[Act] = &of_joe("/case close \"it was the browser\"", "Done and confirmed: close the case");
const WORKED_OFF: &[Act] = &joined::<2, 8, 10>(
    CASE,
    joined::<4, 4, 8>(
        joined::<2, 2, 4>(confirmed("/case note \"done\" step=1"), confirmed("/case note \"done\" step=2")),
        joined::<2, 2, 4>(confirmed("/case note \"done\" step=3"), confirmed("/case note \"done\" step=4")),
    ),
);
const REPLIED: [Act; 2] = [
    act(
        "kim",
        "slack",
        Does::Types("/case reply \"It works again.\" org=acme ticket=SUP-6"),
        Seen::Button("Send to the customer"),
    ),
    act("kim", "slack", Does::Presses("Send to the customer"), Seen::Text("Done and confirmed")),
];
const SCANNED: &[Act] = &joined::<3, 1, 4>(
    [
        act(
            "lee",
            "discord",
            Does::Types("/seqn scan-channel since=24h reason=\"the bot was added today\""),
            Seen::Button("Ask for approval"),
        ),
        act(
            "lee",
            "discord",
            Does::Presses("Ask for approval"),
            Seen::InChannel("approvals", "Lee asks for approval."),
        ),
        act("mira", "slack", Does::Presses("Review"), Seen::Button("Approve")),
    ],
    [act(
        "mira",
        "slack",
        Does::Presses("Approve"),
        Seen::InChannel("support", "I have read this channel's history for secrets."),
    )],
);

const FORGOTTEN: &[Act] =
    &signed("/audit erase acme jo@acme.example ticket=SUP-5 reason=\"the user asks\"", "acme", DONE);

const LINKED: &[Act] = &confirmed("/seqn link acme ticket=SUP-5 user=jo@acme.example entries=all");

const WAITING: &[Act] = &[
    act(
        "mira",
        "slack",
        Does::Types("/seqn set-subscription globex plan=pro ticket=SUP-81 reason=\"contract signed\""),
        Seen::Button("Ask for approval"),
    ),
    act("mira", "slack", Does::Presses("Ask for approval"), Seen::InChannel("approvals", "Mira asks for approval.")),
];
const BROKEN: &[Act] = &[
    act(
        "mira",
        "slack",
        Does::Types(
            "/seqn break-glass ticket=SUP-81 reason=\"the customer is locked out and nobody answers my calls\"",
        ),
        Seen::Button("Confirm"),
    ),
    act("mira", "slack", Does::Presses("Confirm"), Seen::Text("Done and confirmed: break the glass")),
];
const BROKEN_BEFORE: &[Act] = &[WAITING[0], WAITING[1], BROKEN[0], BROKEN[1]];
const REVIEWED: &[Act] = &[
    act("lee", "slack", Does::Types("/audit review verdict=justified says=\"it was right\""), Seen::Button("Confirm")),
    act("lee", "slack", Does::Presses("Confirm"), Seen::Text("Done and confirmed: close the review")),
];

const OPENED: [Act; 2] = confirmed(
    "/incident open \"Sign-in is slow\" severity=sev2 impact=\"it takes 30 s\" routes=/auth/login mitigation=\"we look\"",
);
const RESOLVED: &[Act] =
    &joined::<2, 2, 4>(OPENED, confirmed("/incident update \"all is well again\" phase=resolved incident=INC-1"));
const UPDATED: &[Act] = &of_joe(
    "/incident update \"sign-in fails for some\" phase=identified incident=INC-1",
    "Done and confirmed: update INC-1",
);
const WRITTEN_UP: &[Act] = &of_joe(
    "/incident close cause=\"a bad deploy\" customer-impact=\"20 minutes\" prevention=\"canary first\" owner=joe incident=INC-1",
    "Done and confirmed: close INC-1",
);
const CALLED_OFF: &[Act] =
    &of_joe("/incident cancel reason=\"a broken probe\" incident=INC-1", "Done and confirmed: cancel INC-1");
const REOPENED: &[Act] =
    &of_joe("/incident reopen reason=\"it fails again\" incident=INC-1", "Done and confirmed: reopen INC-1");
const ASSIGNED: &[Act] =
    &of_joe("/incident assign commander me incident=INC-1", "Done and confirmed: commander of INC-1");
const SEVERER: &[Act] =
    &of_joe("/incident severity sev1 reason=\"all regions\" incident=INC-1", "Done and confirmed: set INC-1 to sev1");
const SNOOZED: &[Act] = &of_joe(
    "/incident snooze 3h reason=\"waiting for the vendor\" incident=INC-1",
    "Done and confirmed: move the next update of INC-1",
);
const LOGGED: &[Act] = &of_joe(
    "/incident note \"the deploy of the morning was rolled back\" incident=INC-1",
    "Done and confirmed: note in INC-1",
);
const TOLD_AGAIN: &[Act] =
    &of_joe("/incident deliveries INC-1 retry=statuspage", "Done and confirmed: try 1 delivery of INC-1 again");

/// What follows, by somebody else, in what is open.
const fn of_joe(asks: &'static str, done: &'static str) -> [Act; 2] {
    [
        act("joe", "slack", Does::Types(asks), Seen::Button("Confirm")),
        act("joe", "slack", Does::Presses("Confirm"), Seen::Text(done)),
    ]
}

const ENDS_SESSIONS: [Call; 3] = [
    Call { service: "authentik", route: "DELETE /api/v3/core/authenticated_sessions/", step: "authentik-session:" },
    Call { service: "authentik", route: "DELETE /api/v3/oauth2/refresh_tokens/", step: "authentik-refresh-token:" },
    ENDS_ONE,
];
const ENDS_ONE: Call = Call { service: "seqn", route: "DELETE /v1/organizations/", step: "seqn-session:" };

const fn seqn(route: &'static str, step: &'static str) -> Call {
    Call { service: "seqn", route, step }
}

const fn row(action: &'static str, way: &'static str, flow: &'static [Act], calls: &'static [Call]) -> Row {
    Row { action, way, given: plainly, before: &[], flow, calls, whole: false }
}

pub const ROWS: [Row; 34] = [
    Row { whole: true, ..row("revoke-session", "one", LATEST, &[ENDS_ONE]) },
    Row { whole: true, ..row("revoke-session", "all", ALL, &ENDS_SESSIONS) },
    row("set-role", "for good", ROLE, &[seqn("PATCH /v1/organizations/acme/members/", "seqn-role:")]),
    row("set-role", "for a while", ROLE_FOR, &[seqn("PATCH /v1/organizations/acme/members/", "seqn-role:")]),
    Row { given: nobody_is_known, ..row("set-role", "by hand", ROLE_BY_HAND, &[]) },
    row("project-config", "mended", MENDED, &[seqn("PATCH /v1/organizations/acme/projects/", "seqn-project:")]),
    row("project-config", "again", AGAIN, &[seqn("PATCH /v1/organizations/acme/projects/", "seqn-project:")]),
    row("set-subscription", "plan", PLAN, &[seqn("PATCH /v1/organizations/globex/sub", "seqn-subscription:")]),
    Row {
        given: |desk| desk.world.keep_limits(true),
        ..row("set-subscription", "limits", LIMITS, &[seqn("PATCH /v1/organizations/acme/sub", "seqn-subscription:")])
    },
    row("webhook", "test event", TEST_EVENT, &[seqn("POST /v1/organizations/acme/webhooks/", "seqn-webhook-test:")]),
    Row { given: keys_are_rotated_by_hand, ..row("rotate-secret", "by hand", ROTATED, &[]) },
    Row { given: keys_are_rotated_by_hand, ..row("rotate-webhook-secret", "by hand", RESIGNED, &[]) },
    Row { before: &SIGN_IN_CASE, ..row("rotate-credential", "worked off", REPLACED, &[]) },
    row("case-open", "here", &CASE, &[]),
    Row { before: &CASE, ..row("case-note", "a step", NOTED, &[]) },
    Row { before: WORKED_OFF, ..row("case-close", "worked off", CLOSED, &[]) },
    row("case-reply", "to the customer", &REPLIED, &[]),
    row("scan-channel", "a day", SCANNED, &[]),
    Row { before: LATEST, ..row("audit-erase", "a user", FORGOTTEN, &[]) },
    Row { before: LATEST, ..row("link", "all", LINKED, &[]) },
    Row { before: WAITING, ..row("break-glass", "one", BROKEN, &[]) },
    Row { before: BROKEN_BEFORE, ..row("audit-review", "closed", REVIEWED, &[]) },
    Row { given: staff::there_are_two_admins, ..row("staff-link", "by two", staff::LINKED, &[]) },
    Row {
        given: staff::there_are_two_admins,
        before: staff::LINKED,
        ..row("staff-unlink", "by one", staff::UNLINKED, &[])
    },
    row("incident-open", "sev2", &OPENED, &[]),
    Row { before: &OPENED, ..row("incident-update", "identified", UPDATED, &[]) },
    Row { before: RESOLVED, ..row("incident-close", "written up", WRITTEN_UP, &[]) },
    Row { before: &OPENED, ..row("incident-cancel", "none", CALLED_OFF, &[]) },
    Row { before: RESOLVED, ..row("incident-reopen", "again", REOPENED, &[]) },
    Row { before: &OPENED, ..row("incident-assign", "commander", ASSIGNED, &[]) },
    Row { before: &OPENED, ..row("incident-severity", "sev1", SEVERER, &[]) },
    Row { before: &OPENED, ..row("incident-snooze", "3h", SNOOZED, &[]) },
    Row { before: &OPENED, ..row("incident-note", "an entry", LOGGED, &[]) },
    Row { given: a_surface_refuses, before: &OPENED, ..row("incident-deliveries", "again", TOLD_AGAIN, &[]) },
];

/// SEQN Auth's routes for it are off.
fn keys_are_rotated_by_hand(desk: &Desk) {
    desk.knobs(|knobs| knobs.rotation = false);
}

/// Nobody of the staff is known as an admin: who is in which group cannot be looked up.
fn nobody_is_known(desk: &Desk) {
    desk.faults.arm("authentik", "GET /api/v3/core/groups/", FaultKind::Status(403), ALWAYS);
}

/// One surface does not accept the bot's credential when the incident is opened.
fn a_surface_refuses(desk: &Desk) {
    desk.faults.arm("statuspage", "POST", FaultKind::Status(401), 1);
}

#[test]
fn every_action_that_changes_something_has_its_row() {
    let catalog = app::catalog::standard();
    let changing: BTreeSet<&str> = catalog.definitions().filter(|d| d.changes()).map(|d| d.name).collect();
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.action).collect();
    assert_eq!(rows, changing, "each of them is played by the laws");
}
