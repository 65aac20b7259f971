//! Tests of the fan-out: who hears of what, and what never happens.

use std::collections::BTreeSet;

use super::super::samples::{self, NINE, incident, settings};
use super::*;
use crate::model::{Phase, Place, Severity};

const PAGERS: [&str; 3] = ["ntfy", "opsgenie", "pagerduty"];
const PUBLIC: [&str; 3] = ["github-issues", "status-page", "statuspage"];
const ROOMS: [&str; 3] = ["console-room", "discord-room", "slack-room"];

fn everybody() -> Told {
    settings().destinations.into_iter().map(|one| one.name).collect()
}

fn texts() -> BTreeMap<Audience, String> {
    Audience::ALL.iter().map(|audience| (*audience, format!("the {} text", audience.word()))).collect()
}

fn told_of(after: &Incident, happened: Happened, told: &Told) -> Vec<Notice> {
    let (settings, texts) = (settings(), texts());
    let reached = reach(&settings, after, happened, told);
    notices(&reached, Telling { after, happened, at: NINE, texts: &texts, line: "one line" })
}

fn names(notices: &[Notice]) -> Vec<&str> {
    let all: BTreeSet<&str> = notices.iter().map(|one| one.target.as_str()).collect();
    all.into_iter().collect()
}

fn content(notice: &Notice) -> &IncidentNotice {
    match &notice.content {
        NoticeContent::Incident(content) => content,
        other => panic!("{other:?}"),
    }
}

fn incidents_of(notices: &[Notice]) -> impl Iterator<Item = (&Notice, &IncidentNotice)> {
    notices.iter().filter(|one| matches!(one.content, NoticeContent::Incident(_))).map(|one| (one, content(one)))
}

fn all_of(parts: &[&[&'static str]]) -> Vec<&'static str> {
    let all: BTreeSet<&str> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    all.into_iter().collect()
}

#[test]
fn an_opening_reaches_those_who_are_told_of_its_severity() {
    let opened = Happened::Said(NoticeEvent::Opened);
    for (severity, who) in [
        (Severity::Sev1, all_of(&[&PAGERS, &PUBLIC, &ROOMS, &["tracker", "webhook"]])),
        (Severity::Sev2, all_of(&[&PAGERS, &PUBLIC, &ROOMS, &["tracker", "webhook"]])),
        (Severity::Sev3, all_of(&[&PUBLIC, &ROOMS, &["tracker", "webhook"]])),
        (Severity::Sev4, all_of(&[&ROOMS, &["webhook"]])),
    ] {
        let owed = told_of(&Incident { severity, ..incident() }, opened, &Told::new());
        assert_eq!(names(&owed), who, "{severity:?}");
        for (notice, content) in incidents_of(&owed) {
            assert_eq!((content.event, content.update), (NoticeEvent::Opened, 1));
            assert_eq!(content.text, format!("the {} text", content.audience.word()), "{}", notice.target);
            assert_eq!(notice.key, format!("rq-7k3q:1:{}", notice.target));
            assert_eq!((notice.subject.as_str(), notice.pages), ("rq-7k3q", PAGERS.contains(&notice.target.as_str())));
        }
    }
}

#[test]
fn a_room_is_asked_for_first_and_only_where_there_is_none() {
    let slack =
        Place { platform: Platform::Slack, team: "T0".into(), channel: "C0".into(), thread: None, direct: false };
    for (rooms, asked) in [(vec![], vec!["slack-room", "discord-room"]), (vec![slack], vec!["discord-room"])] {
        let owed = told_of(&Incident { rooms, ..incident() }, Happened::Said(NoticeEvent::Opened), &Told::new());
        let room = |one: &&Notice| matches!(one.content, NoticeContent::Room { .. });
        assert_eq!(owed.iter().filter(room).map(|one| one.target.as_str()).collect::<Vec<_>>(), asked);
        for name in asked {
            let of: Vec<&Notice> = owed.iter().filter(|one| one.target == name).collect();
            assert_eq!((of.len(), of[0].key.as_str()), (2, format!("rq-7k3q:room:{name}").as_str()));
            assert!(
                matches!(&of[0].content, NoticeContent::Room { private: false, name, .. } if name.starts_with("inc-"))
            );
        }
    }
    let update = told_of(&incident(), Happened::Said(NoticeEvent::Updated), &everybody());
    assert!(update.iter().all(|one| matches!(one.content, NoticeContent::Incident(_))), "the rooms are there");
}

#[test]
fn an_update_reaches_those_who_know_and_those_who_should_by_now() {
    let mut told = everybody();
    told.remove("status-page");
    let mild = Incident { severity: Severity::Sev4, updates: 3, ..incident() };
    let owed = told_of(&mild, Happened::Said(NoticeEvent::Updated), &told);
    assert!(names(&owed).contains(&"pagerduty"), "who was told once hears the rest, however mild it is by now");
    assert!(!names(&owed).contains(&"status-page"));
    let owed = told_of(&Incident { updates: 3, ..incident() }, Happened::Said(NoticeEvent::Updated), &told);
    let page = owed.iter().find(|one| one.target == "status-page").expect("it is bad enough");
    assert_eq!((content(page).event, page.key.as_str()), (NoticeEvent::Opened, "rq-7k3q:3:status-page"));
    let board = owed.iter().find(|one| one.target == "statuspage").expect("it was told");
    assert_eq!(content(board).event, NoticeEvent::Updated);
}

#[test]
fn the_end_is_told_to_those_who_know_of_it() {
    let over = Incident { phase: Phase::Resolved, next_update: None, updates: 4, ..incident() };
    let told = BTreeSet::from(["pagerduty".to_owned(), "slack-room".to_owned()]);
    let owed = told_of(&over, Happened::Said(NoticeEvent::Resolved), &told);
    assert_eq!(names(&owed), ["pagerduty", "slack-room"], "nobody hears of an end who never heard of a beginning");
    assert!(incidents_of(&owed).all(|(_, content)| content.event == NoticeEvent::Resolved && content.event.ends()));
    let closed = Incident { phase: Phase::Closed, updates: 5, ..over };
    let owed = told_of(&closed, Happened::WrittenUp, &everybody());
    assert_eq!(names(&owed), all_of(&[&PUBLIC, &ROOMS, &["tracker", "webhook"]]), "no pager is woken by a report");
    let again = Incident { phase: Phase::Investigating, updates: 6, ..incident() };
    let owed = told_of(&again, Happened::Said(NoticeEvent::Reopened), &told);
    assert_eq!(content(owed.iter().find(|one| one.target == "pagerduty").expect("told")).event, NoticeEvent::Reopened);
    assert_eq!(content(owed.iter().find(|one| one.target == "opsgenie").expect("new")).event, NoticeEvent::Opened);
}

#[test]
fn a_line_reaches_the_team_only() {
    let mut settings = settings();
    settings.destinations.push(Destination {
        name: "community".into(),
        audience: Audience::Public,
        ..Destination::of(DestinationKind::Room(Platform::Discord))
    });
    let mut told = everybody();
    told.insert("community".into());
    let after = Incident { version: 9, ..incident() };
    for (happened, event, who) in [
        (Happened::Taken, NoticeEvent::Acknowledged, all_of(&[&PAGERS, &ROOMS])),
        (Happened::Severity, NoticeEvent::Updated, all_of(&[&PAGERS, &ROOMS, &["tracker", "webhook"]])),
        (Happened::Inside, NoticeEvent::Updated, all_of(&[&ROOMS])),
    ] {
        let texts = texts();
        let reached = reach(&settings, &after, happened, &told);
        let owed = notices(&reached, Telling { after: &after, happened, at: NINE, texts: &texts, line: "one line" });
        assert_eq!(names(&owed), who, "{happened:?}");
        for (notice, content) in incidents_of(&owed) {
            assert_eq!((content.event, content.text.as_str(), content.update), (event, "one line", 0));
            assert_eq!(notice.key, format!("rq-7k3q:1v9:{}", notice.target));
        }
    }
}

#[test]
fn a_public_page_gets_the_publics_text_however_it_is_configured() {
    let page = Destination { audience: Audience::Internal, ..Destination::of(DestinationKind::StatusPage) };
    let settings = Settings { destinations: vec![page], ..settings() };
    let (texts, after) = (texts(), incident());
    let happened = Happened::Said(NoticeEvent::Opened);
    let reached = reach(&settings, &after, happened, &Told::new());
    let owed = notices(&reached, Telling { after: &after, happened, at: NINE, texts: &texts, line: "" });
    assert_eq!((content(&owed[0]).audience, content(&owed[0]).text.as_str()), (Audience::Public, "the public text"));
}

#[test]
fn a_worse_severity_tells_those_who_did_not_know_the_whole() {
    let after = Incident { severity: Severity::Sev1, version: 3, ..incident() };
    let told = BTreeSet::from(["slack-room".to_owned()]);
    let owed = told_of(&after, Happened::Severity, &told);
    let page = owed.iter().find(|one| one.target == "status-page").expect("it is bad enough now");
    let text = (content(page).event, content(page).text.as_str(), content(page).update);
    assert_eq!(text, (NoticeEvent::Opened, "the public text", 1));
    assert_eq!(content(owed.iter().find(|one| one.target == "slack-room").expect("it knew")).text, "one line");
}

/// Every event there is, for every kind and severity, with every set of those who were told that differs in kind.
fn everything() -> impl Iterator<Item = (Incident, Happened, Told, Vec<Notice>)> {
    let events = [
        Happened::Said(NoticeEvent::Opened),
        Happened::Said(NoticeEvent::Updated),
        Happened::Said(NoticeEvent::Resolved),
        Happened::Said(NoticeEvent::Reopened),
        Happened::WrittenUp,
        Happened::Taken,
        Happened::Severity,
        Happened::Inside,
    ];
    let tolds = [Told::new(), everybody(), BTreeSet::from(["pagerduty".to_owned(), "slack-room".to_owned()])];
    let mut all = Vec::new();
    for kind in crate::model::IncidentKind::ALL {
        for severity in Severity::ALL {
            for happened in events {
                for told in &tolds {
                    let phase = match happened {
                        Happened::Said(NoticeEvent::Resolved) => Phase::Resolved,
                        Happened::WrittenUp => Phase::Closed,
                        _ => Phase::Investigating,
                    };
                    let after = Incident { kind: *kind, severity: *severity, phase, ..incident() };
                    let owed = told_of(&after, happened, told);
                    all.push((after, happened, told.clone(), owed));
                }
            }
        }
    }
    all.into_iter()
}

#[test]
fn nothing_leaks_whatever_happens_and_whoever_was_told() {
    let mut private = 0;
    for (after, happened, _, owed) in everything() {
        for notice in &owed {
            let one = settings().destinations.into_iter().find(|one| one.name == notice.target).expect("configured");
            match after.kind {
                IncidentKind::Real => {}
                IncidentKind::Private => {
                    private += 1;
                    assert!(!one.kind.is_public() && one.audience != Audience::Public, "{happened:?} {notice:?}");
                    assert!(one.kind.is_room() || one.pages, "{happened:?} {notice:?}");
                }
                IncidentKind::Drill => assert!(one.kind.is_room(), "{happened:?} {notice:?}"),
            }
            let mark = parts::watermark(after.kind);
            match &notice.content {
                NoticeContent::Incident(content) => {
                    assert!(content.title.starts_with(mark) && content.text.starts_with(mark), "{notice:?}");
                    assert_eq!(content.kind, after.kind);
                }
                NoticeContent::Room { private, topic, .. } => {
                    assert_eq!(*private, after.kind == IncidentKind::Private);
                    assert!(topic.starts_with(mark));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(private > 50, "private incidents are told to somebody: {private}");
}

#[test]
fn keys_are_of_one_notice_and_the_same_at_each_try() {
    for (after, happened, told, owed) in everything() {
        let keys: BTreeSet<&str> = owed.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys.len(), owed.len(), "{happened:?}: {owed:?}");
        assert_eq!(owed, told_of(&after, happened, &told), "the same again");
        assert!(owed.iter().all(|one| one.key.len() <= 255 && one.key.ends_with(one.target.as_str())));
    }
}

#[test]
fn a_pager_hears_nothing_after_the_end() {
    for (after, happened, _, owed) in everything().filter(|(after, ..)| after.phase.over()) {
        for (notice, content) in incidents_of(&owed).filter(|(notice, _)| notice.pages) {
            assert_eq!(content.event, NoticeEvent::Resolved, "{happened:?} {after:?} {notice:?}");
        }
    }
}

#[test]
fn prevention_items_become_tickets_of_real_incidents() {
    let closing = parts::closing(&samples::closing()).expect("the sample is good");
    let after = Incident { updates: 5, ..incident() };
    let tickets = tickets(&settings(), &after, &closing);
    let keys: Vec<&str> = tickets.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["rq-7k3q:prevention-5-1:tracker", "rq-7k3q:prevention-5-2:tracker"]);
    assert_eq!(tickets[1].subject, "rq-7k3q:prevention-5-2", "each is a ticket of its own");
    let NoticeContent::NewTicket { title, text } = &tickets[0].content else { panic!("{tickets:?}") };
    assert_eq!(title, "INC-7: Bound the pool");
    assert!(text.contains("A release held connections open.") && text.contains("Owner: the platform team"));
    for kind in [IncidentKind::Private, IncidentKind::Drill] {
        assert!(super::tickets(&settings(), &Incident { kind, ..incident() }, &closing).is_empty());
    }
}

#[test]
fn reminders_go_to_the_rooms_and_a_missed_promise_to_the_pagers() {
    let cadence = super::super::Cadence::default();
    for (minutes, kind, who) in [
        (25, IncidentKind::Real, all_of(&[&ROOMS])),
        (30, IncidentKind::Real, all_of(&[&ROOMS])),
        (40, IncidentKind::Real, all_of(&[&ROOMS, &PAGERS])),
        (40, IncidentKind::Private, all_of(&[&ROOMS, &PAGERS])),
        (40, IncidentKind::Drill, all_of(&[&ROOMS])),
    ] {
        let after = Incident { kind, ..incident() };
        let due = cadence.due(&after, None, NINE.plus_ms(minutes * 60_000)).expect("it is due");
        let owed = reminder(&settings(), &after, &everybody(), &due, NINE);
        assert_eq!(names(&owed), who, "{minutes} {kind:?}");
        let key = format!("rq-7k3q:promise-{}-{}:slack-room", due.promised.0, due.kind.word());
        assert!(owed.iter().any(|one| one.key == key), "{owed:?}");
        assert!(incidents_of(&owed).all(|(_, content)| content.text.ends_with(&due.says) && content.update == 0));
    }
}

#[test]
fn the_board_says_who_was_told() {
    let line = |target: &str| DeliveryLine {
        key: "k".into(),
        target: target.into(),
        update: 1,
        audience: None,
        state: crate::model::DeliveryState::Failed,
        attempts: 1,
        next_try: None,
        why: String::new(),
        proof: None,
        ended: None,
        maybe_twice: false,
    };
    assert_eq!(told(&[line("a"), line("b"), line("a")]), BTreeSet::from(["a".to_owned(), "b".to_owned()]));
}
