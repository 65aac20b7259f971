//! The commands that change an incident, as data.

use crate::catalog::reading::option;
use crate::catalog::{Definition, Family, Kind, OptionDef, Places, Source, TicketRule, Visibility};
use crate::model::{Risk, Role, Tier};

use super::change::Act;
use super::which::INCIDENT;

/// The severities, as they are chosen.
pub(super) const SEVERITIES: [(&str, &str); 4] = [
    ("sev1", "sev1: everybody is affected, or something is lost"),
    ("sev2", "sev2: many are affected"),
    ("sev3", "sev3: some are affected, or there is a way round"),
    ("sev4", "sev4: hardly anybody is affected"),
];
const PHASES: [(&str, &str); 4] = [
    ("investigating", "Investigating: somebody looks for the cause"),
    ("identified", "Identified: the cause is known"),
    ("monitoring", "Monitoring: it is mitigated and watched"),
    ("resolved", "Resolved: it is over"),
];
pub(super) const DUTIES: [(&str, &str); 3] =
    [("commander", "Commander: decides"), ("comms", "Comms: tells the others"), ("scribe", "Scribe: writes down")];

/// Free text of a part, as long as `parts::PART_CHARS_MAX`.
const fn part(name: &'static str, required: bool, help: &'static str) -> OptionDef {
    option(name, Kind::Text(1_000), required, help)
}

pub(super) const IMPACT: OptionDef = part("impact", false, "What customers see");
pub(super) const ROUTES: OptionDef =
    option("routes", Kind::Text(400), false, "The affected routes, such as /v1/me; or all, or none");
pub(super) const STARTED: OptionDef =
    option("started", Kind::Text(40), false, "When it began: now, 20m (ago), or a time in UTC");
pub(super) const NEXT: OptionDef =
    option("next", Kind::Text(40), false, "When the next update comes: 30m, or a time in UTC");
pub(super) const MITIGATION: OptionDef = part("mitigation", false, "What is done about it");
pub(super) const ALLOW: OptionDef =
    option("override", Kind::Text(100), false, "What may be said all the same: email, ip, hostname …; with a reason");
pub(super) const REASON: OptionDef = option("reason", Kind::Text(300), false, "Why");
const MUST_REASON: OptionDef = OptionDef { required: true, ..REASON };

static UPDATE: [OptionDef; 9] = [
    OptionDef { positional: true, required: true, ..IMPACT },
    option("phase", Kind::Choice(&PHASES), false, "How far it is now; without it as before"),
    MITIGATION,
    NEXT,
    ROUTES,
    STARTED,
    INCIDENT,
    ALLOW,
    REASON,
];
static CLOSE: [OptionDef; 7] = [
    part("cause", true, "Why it happened"),
    part("customer-impact", true, "What it meant for customers: who, what, how long"),
    part("prevention", true, "What is done so that it does not come back; each line becomes a ticket"),
    option("owner", Kind::Text(100), true, "Who sees to that"),
    INCIDENT,
    ALLOW,
    REASON,
];
static CANCEL: [OptionDef; 3] = [MUST_REASON, INCIDENT, ALLOW];
static REOPEN: [OptionDef; 8] = [MUST_REASON, IMPACT, MITIGATION, NEXT, ROUTES, STARTED, INCIDENT, ALLOW];
static ASSIGN: [OptionDef; 3] = [
    OptionDef { positional: true, ..option("duty", Kind::Choice(&DUTIES), true, "What the person does") },
    OptionDef { positional: true, ..option("who", Kind::Person, true, "Who: @name, me, or nobody to take it away") },
    INCIDENT,
];
static SEVERITY: [OptionDef; 4] = [
    OptionDef {
        positional: true,
        source: Source::Choices,
        ..option("severity", Kind::Choice(&SEVERITIES), true, "How bad it is")
    },
    REASON,
    INCIDENT,
    ALLOW,
];
static SNOOZE: [OptionDef; 3] = [OptionDef { required: true, positional: true, ..NEXT }, MUST_REASON, INCIDENT];
static NOTE: [OptionDef; 4] = [
    OptionDef { positional: true, ..option("note", Kind::Text(1_000), true, "What happened, or what was found") },
    option("corrects", Kind::Text(6), false, "The number of the entry that this corrects"),
    INCIDENT,
    ALLOW,
];

/// What all of them have in common.
const fn changing(
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    example: &'static str,
    options: &'static [OptionDef],
    undo: &'static str,
) -> Definition {
    Definition {
        name,
        version: 1,
        family: Family::Incident,
        summary,
        help,
        example,
        options,
        ticket: TicketRule::None,
        role: Role::SUPPORT,
        tier: Tier::Confirm,
        tier_at_most: Tier::Confirm,
        risk: Risk::Undoable,
        places: Places::Actions,
        visibility: Visibility::PrivateWithOutcome,
        undo,
    }
}

/// Every command that changes an incident, but for the one that opens it.
pub(super) static CHANGES: [(Act, Definition); 8] = [
    (
        Act::Update,
        changing(
            "incident-update",
            "Tell everybody how an incident stands, and when the next update comes",
            "What is not given is as it was said last; the next update is promised for the usual time of its severity. \
             The texts for the team, for support and for the public are previewed together. phase=resolved ends it.",
            "incident update \"sign-in fails for some\" phase=identified incident=INC-1",
            &UPDATE,
            "Send another update: what was said stays said.",
        ),
    ),
    (
        Act::Close,
        changing(
            "incident-close",
            "Write up a resolved incident: cause, customer impact, prevention, owner",
            "It must be resolved. Each line of prevention becomes a ticket. It warns while an update for the public has \
             not arrived.",
            "incident close cause=\"a bad deploy\" customer-impact=\"20 minutes\" prevention=\"canary first\" owner=lee incident=INC-1",
            &CLOSE,
            "Reopen it.",
        ),
    ),
    (
        Act::Cancel,
        changing(
            "incident-cancel",
            "Say that an incident was none",
            "Whoever was told of it is told that it was none.",
            "incident cancel reason=\"a broken probe\" incident=INC-1",
            &CANCEL,
            "Open another one.",
        ),
    ),
    (
        Act::Reopen,
        changing(
            "incident-reopen",
            "Say that a resolved or closed incident goes on",
            "It is investigated again, and whoever is paged for its severity is paged again.",
            "incident reopen reason=\"it fails again\" incident=INC-1",
            &REOPEN,
            "Resolve it again.",
        ),
    ),
    (
        Act::Assign,
        changing(
            "incident-assign",
            "Give somebody a duty in an incident, hand it over, or take it away",
            "Commander decides, comms tells the others, scribe writes down. The first commander acknowledges the page.",
            "incident assign commander me incident=INC-1",
            &ASSIGN,
            "Assign it back.",
        ),
    ),
    (
        Act::Severity,
        changing(
            "incident-severity",
            "Say that an incident is worse, or not as bad",
            "Surfaces that are told from this severity on hear of it now. The cadence of updates follows.",
            "incident severity sev1 reason=\"all regions\" incident=INC-1",
            &SEVERITY,
            "Set it back.",
        ),
    ),
    (
        Act::Snooze,
        changing(
            "incident-snooze",
            "Promise the next update for another time",
            "The promise that stands is moved, and the timeline says why.",
            "incident snooze 1h reason=\"waiting for the vendor\" incident=INC-1",
            &SNOOZE,
            "Snooze again, or send the update.",
        ),
    ),
    (
        Act::Note,
        changing(
            "incident-note",
            "Note something in an incident's timeline, or correct an entry",
            "Nothing in a timeline is changed or removed: corrects=4 adds an entry that corrects the fourth.",
            "incident note \"the deploy of 09:12 was rolled back\" incident=INC-1",
            &NOTE,
            "Note a correction.",
        ),
    ),
];
