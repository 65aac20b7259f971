//! Tests of deeds: what a command gets for what it gives.

use super::super::lint::{LintKind, overrides};
use super::super::samples::{self, Dice, NINE, incident, request, settings, staff};
use super::super::{Destination, DestinationKind, Templates};
use super::*;
use crate::model::{EntryKind, NoticeContent, RequestId};

struct Office {
    settings: Settings,
    request: RequestId,
    kim: StaffId,
    overrides: Vec<Override>,
}

impl Office {
    fn new() -> Self {
        Self { settings: settings(), request: request("rq-9"), kim: staff("kim"), overrides: Vec::new() }
    }

    fn at(&self, minutes: i64) -> Desk<'_> {
        let by = By { request: &self.request, staff: &self.kim, at: NINE.plus_ms(minutes * 60_000) };
        Desk { settings: &self.settings, by, overrides: &self.overrides }
    }

    fn everybody(&self) -> Told {
        self.settings.destinations.iter().map(|one| one.name.clone()).collect()
    }
}

fn opening(kind: IncidentKind, title: &str) -> Opening {
    let parts = samples::status();
    let severity = Severity::Sev2;
    Opening { kind, title: title.into(), severity, parts, duties: BTreeMap::new(), rooms: vec![] }
}

fn with(name: &str, value: &str) -> Parts {
    let mut parts = samples::status();
    parts.insert(name.to_owned(), value.to_owned());
    parts
}

fn held(result: Result<Draft, No>) -> Vec<(Audience, String, LintKind)> {
    match result {
        Err(No::Held(findings)) => findings.into_iter().map(|one| (one.audience, one.part, one.kind)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_opening_is_kept_said_and_owed() {
    let office = Office::new();
    let draft = office.at(0).open(&opening(IncidentKind::Real, "Sign-in is slow")).expect("nothing is wrong");
    let deed = &draft.deed;
    assert_eq!((deed.incident.as_str(), deed.version, deed.after.version, deed.after.number), ("rq-9", 0, 1, 0));
    assert_eq!(
        draft.texts.keys().copied().collect::<Vec<_>>(),
        [Audience::Internal, Audience::Support, Audience::Public]
    );
    assert!(deed.entries[0].says.starts_with("Opened: Sign-in is slow (sev2, real).\nImpact: Some sign-ins fail"));
    assert!(deed.notices.len() > 10 && draft.remarks.is_empty(), "{:?}", draft.remarks);
    assert!(draft.reach.iter().all(|(_, reach)| *reach == Reach::Told(NoticeEvent::Opened)));
    assert_eq!(
        office.at(0).open(&opening(IncidentKind::Real, "Sign-in is slow")).as_ref(),
        Ok(&draft),
        "the same again"
    );
}

#[test]
fn everything_that_is_wrong_with_an_opening_is_said_at_once() {
    let office = Office::new();
    let room = Place {
        platform: crate::model::Platform::Slack,
        team: "T".into(),
        channel: "C".into(),
        thread: None,
        direct: false,
    };
    let bad = Opening { parts: Parts::new(), rooms: vec![room.clone(), room], ..opening(IncidentKind::Real, " ") };
    let no = office.at(0).open(&bad).expect_err("nothing is right");
    let options: Vec<String> = no.fields().into_iter().map(|error| error.option).collect();
    assert_eq!(options, ["title", "impact", "mitigation", "routes", "started", "next", "room"]);
}

#[test]
fn what_may_not_be_said_holds_a_deed_back_for_whom_it_is_told_to() {
    use Audience::{Internal, Public, Support};
    let office = Office::new();
    let (told, now) = (office.everybody(), incident());
    let standing = Standing { incident: &now, told: &told };
    let email = with("mitigation", "jo@mail.example restarts it");
    assert_eq!(
        held(office.at(5).update(standing, &email, None)),
        [(Support, "mitigation".into(), LintKind::Email), (Public, "mitigation".into(), LintKind::Email)]
    );
    let none = Told::new();
    let quiet = Incident { severity: Severity::Sev4, ..incident() };
    let inside = Standing { incident: &quiet, told: &none };
    assert!(office.at(5).update(inside, &email, None).is_ok(), "only the team reads it");
    let token = with("impact", "with access_token=12345678x");
    assert_eq!(held(office.at(5).update(inside, &token, None)), [(Internal, "impact".into(), LintKind::Token)]);
    let no = office.at(5).update(standing, &email, None).expect_err("it is held");
    assert!(no.fields().iter().all(|error| error.option == "mitigation" && error.says.contains("override=email")));
}

#[test]
fn a_real_incidents_title_is_fit_for_the_public_from_the_start() {
    let office = Office::new();
    let mild = |kind| Opening { severity: Severity::Sev4, ..opening(kind, "jo@mail.example cannot sign in") };
    assert_eq!(
        held(office.at(0).open(&mild(IncidentKind::Real))),
        [(Audience::Public, "title".into(), LintKind::Email)]
    );
    assert!(office.at(0).open(&mild(IncidentKind::Private)).is_ok(), "a private one stays among us");
}

#[test]
fn a_part_that_the_public_does_not_read_does_not_hold_the_public_text() {
    let mut office = Office::new();
    let public = "{{ impact }} More by {{ next }}.";
    let own = ["update.public.txt", "update.support.txt"].map(|file| (file.to_owned(), public.to_owned()));
    office.settings.templates = Templates::load(&own.into()).expect("they are good");
    let (told, now) = (office.everybody(), incident());
    let standing = Standing { incident: &now, told: &told };
    assert!(office.at(5).update(standing, &with("mitigation", "restart on db-1.internal"), None).is_ok());
    let own = ["update.public.txt"].map(|file| (file.to_owned(), "{{ impact }} Ask help@mail.example.".to_owned()));
    office.settings.templates = Templates::load(&own.into()).expect("it is good");
    let draft = office.at(5).update(standing, &samples::status(), None);
    assert_eq!(
        held(draft),
        [(Audience::Public, "text".into(), LintKind::Email)],
        "a template's own words are looked at"
    );
}

#[test]
fn an_override_lets_it_pass_and_is_in_the_timeline() {
    let mut office = Office::new();
    office.overrides = overrides("email", "the customer asked to be named").expect("it is good");
    let (told, now) = (office.everybody(), incident());
    let standing = Standing { incident: &now, told: &told };
    let draft =
        office.at(5).update(standing, &with("impact", "jo@mail.example cannot sign in"), None).expect("overridden");
    let last = &draft.deed.entries.last().expect("there are entries").says;
    assert_eq!(
        *last,
        "Said all the same: email in `impact` for the public text, email in `impact` for the support text. Reason: the \
         customer asked to be named"
    );
    let secret = format!("sk_{}_{}", "live", "9fQ2xLw8Rt5Yb3Nc7Vd1Kz");
    office.overrides = LintKind::ALL.map(|kind| Override { kind, reason: "it must be said".into() }).to_vec();
    for audience in held(office.at(5).update(standing, &with("impact", &secret), None)) {
        assert_eq!(audience.2, LintKind::Secret);
    }
    assert!(!format!("{:?}", office.at(5).update(standing, &with("impact", &secret), None)).contains("9fQ2"));
}

#[test]
fn a_worse_severity_is_never_held_back_by_what_was_said_before() {
    let office = Office::new();
    let told = Told::from(["slack-room".to_owned()]);
    let parts = with("mitigation", "mira@mail.example restarts it");
    let mild = Incident { severity: Severity::Sev4, parts, ..incident() };
    let standing = Standing { incident: &mild, told: &told };
    let draft = office.at(5).severity(standing, Severity::Sev1, "All of Europe.").expect("it is worse");
    let reach = |name: &str| draft.reach.iter().find(|(one, _)| one == name).map(|(_, reach)| reach.clone());
    assert!(matches!(reach("status-page"), Some(Reach::Left(_))), "{:?}", draft.reach);
    assert_eq!(reach("pagerduty"), Some(Reach::Told(NoticeEvent::Opened)));
    assert_eq!(reach("slack-room"), Some(Reach::Line(NoticeEvent::Updated)));
    assert!(draft.remarks[0].starts_with("tracker is told") || draft.remarks[0].starts_with("status-page is told"));
    assert!(draft.deed.notices.iter().all(|one| one.target != "status-page" && one.target != "tracker"));
    let token = office.at(5).severity(standing, Severity::Sev1, "seen with access_token=12345678x");
    assert_eq!(held(token)[0].1, "reason", "but what is said now is looked at");
}

#[test]
fn a_first_commander_is_an_acknowledgement_and_a_handover_is_not() {
    let office = Office::new();
    let (told, now, lee, mira) = (office.everybody(), incident(), staff("lee"), staff("mira"));
    let events = |draft: &Draft| {
        let mut all: Vec<NoticeEvent> = draft
            .deed
            .notices
            .iter()
            .filter_map(|one| match &one.content {
                NoticeContent::Incident(content) => Some(content.event),
                _ => None,
            })
            .collect();
        all.dedup();
        all
    };
    let first =
        office.at(1).assign(Standing { incident: &now, told: &told }, Duty::Commander, Some(&lee)).expect("it may");
    assert_eq!(events(&first), [NoticeEvent::Acknowledged]);
    assert!(first.deed.notices.iter().any(|one| one.target == "pagerduty"));
    let led = *first.deed.after;
    let second =
        office.at(2).assign(Standing { incident: &led, told: &told }, Duty::Commander, Some(&mira)).expect("it may");
    assert_eq!(events(&second), [NoticeEvent::Updated]);
    assert!(second.deed.notices.iter().all(|one| one.target.ends_with("-room")));
}

#[test]
fn a_close_asks_for_its_parts_and_makes_tickets() {
    let office = Office::new();
    let resolved = Incident {
        phase: Phase::Resolved,
        resolved: Some(NINE.plus_ms(40 * 60_000)),
        next_update: None,
        version: 6,
        updates: 4,
        ..incident()
    };
    let told = Told::from(["slack-room".to_owned(), "status-page".to_owned()]);
    let standing = Standing { incident: &resolved, told: &told };
    let Err(No::Fields(errors)) = office.at(60).close(standing, &Parts::new()) else { panic!("all parts are missing") };
    assert_eq!(errors.len(), 4);
    let draft = office.at(60).close(standing, &samples::closing()).expect("nothing is wrong");
    assert_eq!((draft.deed.version, draft.deed.after.updates, draft.deed.after.phase), (6, 5, Phase::Closed));
    let targets: Vec<&str> = draft.deed.notices.iter().map(|one| one.target.as_str()).collect();
    assert_eq!(targets, ["slack-room", "status-page", "tracker", "tracker"]);
    let public = &draft.texts[&Audience::Public].text;
    assert!(
        public.starts_with("This is over. It lasted from 2026-11-02 08:40 UTC to 2026-11-02 09:40 UTC (1 h)."),
        "{public}"
    );
    assert!(!public.contains("platform team"), "who sees to it is our own matter");
    let mut named = samples::closing();
    named.insert("owner".into(), "mira@mail.example".into());
    let audience = held(office.at(60).close(standing, &named));
    assert_eq!(audience, [(Audience::Support, "owner".into(), LintKind::Email)], "the tickets say it to support");
    let open = incident();
    let no = office.at(60).close(Standing { incident: &open, told: &told }, &samples::closing());
    assert!(matches!(no, Err(No::Refused(_))), "{no:?}");
}

#[test]
fn a_cancellation_withdraws_what_was_said_in_public_without_its_reason() {
    let office = Office::new();
    let (told, now) = (office.everybody(), incident());
    let standing = Standing { incident: &now, told: &told };
    assert!(matches!(office.at(5).cancel(standing, " "), Err(No::Fields(_))));
    let draft = office.at(5).cancel(standing, "A probe on gate-3 had lost its way.").expect("it may");
    assert!(draft.texts[&Audience::Public].text.contains("withdrawn"));
    assert!(!draft.texts[&Audience::Public].text.contains("gate-3"));
    assert_eq!(draft.deed.entries[0].says, "Cancelled: A probe on gate-3 had lost its way.");
    let ended = |event: NoticeEvent| event == NoticeEvent::Resolved;
    assert!(
        draft.reach.iter().all(|(_, reach)| matches!(reach, Reach::Told(event) if ended(*event))),
        "{:?}",
        draft.reach
    );
}

#[test]
fn a_drill_is_said_to_all_in_the_preview_and_leaves_its_rooms_never() {
    let office = Office::new();
    let draft = office.at(0).open(&opening(IncidentKind::Drill, "Sign-in is slow")).expect("nothing is wrong");
    assert_eq!(draft.texts.len(), 3, "the preview shows what would have been said");
    assert!(draft.deed.notices.iter().all(|one| one.target.ends_with("-room")), "{:?}", draft.deed.notices);
}

#[test]
fn remarks_say_what_is_unusual() {
    let mut office = Office::new();
    let (told, now) = (office.everybody(), incident());
    let standing = Standing { incident: &now, told: &told };
    let late = office.at(0).update(standing, &with("next", "3h"), None).expect("it may");
    assert_eq!(late.remarks, ["sev2 promises an update every 1 h; this says 3 h."]);
    let own = [("update.public.txt".to_owned(), "{% for a in impact %}{{ impact }}{% endfor %}".to_owned())];
    office.settings.templates = Templates::load(&own.into()).expect("it is good");
    let long = office.at(0).update(standing, &with("impact", &"x".repeat(900)), None).expect("it may");
    assert_eq!(long.remarks, ["The public text is too long and is cut at its end."]);
}

#[test]
fn notes_and_corrections_tell_nobody() {
    let office = Office::new();
    let now = incident();
    let noted = office.at(1).note(&now, " The vendor called back. ", None).expect("it may");
    assert_eq!((noted.deed.notices.len(), noted.deed.entries[0].says.as_str()), (0, "The vendor called back."));
    let entry = Entry { seq: 3, ..noted.deed.entries[0].clone() };
    let corrected = office.at(2).correct(&now, &entry, "We called them.").expect("it may");
    assert_eq!((corrected.deed.notices.len(), corrected.deed.entries[0].corrects), (0, Some(3)));
    assert!(office.at(1).note(&now, "", None).is_err());
    assert!(office.at(1).note(&now, &"x".repeat(NOTE_CHARS_MAX + 1), None).is_err());
}

#[test]
fn a_promise_is_moved_with_a_reason_and_its_rooms_hear_of_it() {
    let office = Office::new();
    let (told, now) = (office.everybody(), incident());
    let standing = Standing { incident: &now, told: &told };
    let Err(No::Fields(errors)) = office.at(1).snooze(standing, "later", "") else { panic!("both are wrong") };
    assert_eq!(errors.iter().map(|error| error.option.as_str()).collect::<Vec<_>>(), ["next", "reason"]);
    let draft = office.at(1).snooze(standing, "45m", "We wait for the vendor.").expect("it may");
    assert_eq!(draft.deed.after.next_update, Some(NINE.plus_ms(46 * 60_000)));
    assert!(draft.deed.notices.iter().all(|one| one.target.ends_with("-room")) && draft.deed.notices.len() == 3);
}

/// A whole life by chance, with boards as a store would keep them: every key is of one notice, and each deed is planned
/// for the version that stands.
#[test]
fn no_two_notices_of_a_life_have_one_key() {
    for seed in 0..60 {
        let mut office = Office::new();
        let mut dice = Dice::of(seed);
        let kind = *dice.one(IncidentKind::ALL);
        office.settings.destinations.retain(|_| dice.below(5) > 0);
        let Ok(opened) = office.at(0).open(&opening(kind, "Sign-in is slow")) else { panic!("seed {seed}") };
        let (mut told, mut keys) = (Told::new(), BTreeSet::new());
        let mut now = keep(&opened, None, &mut told, &mut keys);
        for minutes in 1..40_i64 {
            office.request = request(&format!("rq-{minutes}"));
            let standing = Standing { incident: &now, told: &told };
            let desk = office.at(minutes * 9);
            let (reason, phase) = ("It must be so.", *dice.one(Phase::ALL));
            let draft = match dice.below(9) {
                0..3 => desk.update(standing, &samples::status(), Some(phase)),
                3 => desk.close(standing, &samples::closing()),
                4 => desk.reopen(standing, &samples::status(), reason),
                5 => desk.severity(standing, *dice.one(Severity::ALL), reason),
                6 => desk.assign(standing, *dice.one(Duty::ALL), Some(&staff(["kim", "lee"][dice.below(2)]))),
                7 => desk.snooze(standing, "30m", reason),
                _ => desk.note(&now, reason, None),
            };
            if let Ok(draft) = draft {
                now = keep(&draft, Some(&now), &mut told, &mut keys);
            }
        }
    }
}

fn keep(draft: &Draft, before: Option<&Incident>, told: &mut Told, keys: &mut BTreeSet<String>) -> Incident {
    assert_eq!(draft.deed.version, before.map_or(0, |before| before.version));
    for notice in &draft.deed.notices {
        assert!(keys.insert(notice.key.clone()), "{} is there twice", notice.key);
        told.insert(notice.target.clone());
    }
    assert!(draft.deed.entries.iter().all(|entry| entry.kind != EntryKind::Delivery));
    (*draft.deed.after).clone()
}

#[test]
fn an_open_incident_with_one_destination_is_enough() {
    let mut office = Office::new();
    office.settings.destinations = vec![Destination::of(DestinationKind::Ntfy)];
    let draft = office.at(0).open(&opening(IncidentKind::Real, "Sign-in is slow")).expect("nothing is wrong");
    assert_eq!(draft.deed.notices.len(), 1);
    office.settings.destinations.clear();
    let alone = office.at(0).open(&opening(IncidentKind::Real, "Sign-in is slow")).expect("it needs nobody");
    assert!(alone.deed.notices.is_empty() && alone.deed.entries[0].says.contains("Impact:"));
}
