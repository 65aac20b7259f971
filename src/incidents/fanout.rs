//! Where an event of an incident is told: for each destination whether, why not, with whose text, and as which notice.
//!
//! It sends nothing. Invariant: nothing that can be read in public is told of a private incident or a drill; a pager is
//! never told anything but the end after the end; and a notice's key is of no other notice and the same at each try.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Audience, DeliveryLine, Incident, IncidentKind, IncidentNotice, Millis, Notice, NoticeContent, NoticeEvent,
    Platform, cut,
};

use super::cadence::{Reminder, ReminderKind};
use super::parts::{self, Closing, TITLE_CHARS_MAX};
use super::room;
use super::{Destination, DestinationKind, Settings};

#[cfg(test)]
mod tests;

/// The destinations that were told of an incident before, by name.
pub type Told = BTreeSet<String>;

/// The destinations that a delivery board knows.
#[must_use]
pub fn told(board: &[DeliveryLine]) -> Told {
    board.iter().map(|line| line.target.clone()).collect()
}

/// What happened, for those who hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Something was said to everybody: an opening, an update, a reopening, a resolution, a cancellation.
    Said(NoticeEvent),
    /// It was written up.
    WrittenUp,
    /// It got its first commander.
    Taken,
    /// Its severity changed.
    Severity,
    /// Something that only those in its rooms hear of.
    Inside,
}

/// What becomes of one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is told, as that event, with that audience's text.
    Told(NoticeEvent),
    /// It is told in one line what changed.
    Line(NoticeEvent),
    /// It is left out, and why.
    Left(String),
}

/// What becomes of each destination, in their order.
#[must_use]
pub fn reach<'a>(
    settings: &'a Settings,
    after: &Incident,
    happened: Happened,
    told: &Told,
) -> Vec<(&'a Destination, Reach)> {
    settings.destinations.iter().map(|one| (one, one_reach(one, after, happened, told.contains(&one.name)))).collect()
}

fn one_reach(one: &Destination, after: &Incident, happened: Happened, told: bool) -> Reach {
    if let Some(why) = one.barred(after.kind) {
        return Reach::Left(why.to_owned());
    }
    let left = |why: &str| Reach::Left(why.to_owned());
    let begins = one.takes(after.severity) && !after.phase.over();
    match happened {
        Happened::Said(event) if told => Reach::Told(event),
        Happened::Said(_) | Happened::Severity if !told && begins => Reach::Told(NoticeEvent::Opened),
        Happened::WrittenUp if told && one.pages => left("whoever was paged heard the end already"),
        Happened::WrittenUp if told => Reach::Told(NoticeEvent::Closed),
        Happened::Inside | Happened::Taken | Happened::Severity if told && one.reader() == Audience::Public => {
            left("the public hears of this with the next update")
        }
        Happened::Inside if told && one.kind.is_room() => Reach::Line(NoticeEvent::Updated),
        Happened::Inside => left("only its rooms hear of this"),
        Happened::Taken if told && (one.pages || one.kind.is_room()) => Reach::Line(NoticeEvent::Acknowledged),
        Happened::Taken => left("only its rooms and those who are paged hear of this"),
        Happened::Severity if told => Reach::Line(NoticeEvent::Updated),
        _ if !one.takes(after.severity) => Reach::Left(format!("it is told from {} on", one.at_least.word())),
        _ => left("it was never told of this incident"),
    }
}

/// What is told.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// The incident, as it is afterwards.
    pub after: &'a Incident,
    /// What happened.
    pub happened: Happened,
    /// When.
    pub at: Millis,
    /// The texts, by audience.
    pub texts: &'a BTreeMap<Audience, String>,
    /// What changed, in one line for the team.
    pub line: &'a str,
}

/// The notices of that, in the order in which they are owed.
#[must_use]
pub fn notices(reached: &[(&Destination, Reach)], telling: Telling<'_>) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (one, reach) in reached {
        let (event, text) = match reach {
            Reach::Told(event) => (*event, telling.texts.get(&one.reader()).map_or("", String::as_str)),
            Reach::Line(event) => (*event, telling.line),
            Reach::Left(_) => continue,
        };
        if event == NoticeEvent::Opened {
            notices.extend(room_for(one, telling.after));
        }
        let update = match (telling.happened, reach) {
            (Happened::Said(_) | Happened::WrittenUp, _) | (_, Reach::Told(_)) => telling.after.updates,
            _ => 0,
        };
        let content = IncidentNotice { event, update, audience: one.reader(), ..notice(telling, text) };
        notices.push(owed(telling, one, NoticeContent::Incident(Box::new(content))));
    }
    notices
}

/// A reminder, for the rooms; where the promise is missed, for those who are paged as well.
#[must_use]
pub fn reminder(settings: &Settings, incident: &Incident, told: &Told, reminder: &Reminder, at: Millis) -> Vec<Notice> {
    let hears = |one: &&Destination| {
        let paged = one.pages && reminder.kind == ReminderKind::Missed;
        let meant = one.reader() != Audience::Public && one.barred(incident.kind).is_none();
        meant && told.contains(&one.name) && (one.kind.is_room() || paged)
    };
    let texts = BTreeMap::new();
    let telling = Telling { after: incident, happened: Happened::Inside, at, texts: &texts, line: &reminder.says };
    let notices = settings.destinations.iter().filter(hears).map(|one| Notice {
        key: format!("{}:promise-{}-{}:{}", incident.id, reminder.promised.0, reminder.kind.word(), one.name),
        target: one.name.clone(),
        subject: incident.id.to_string(),
        pages: one.pages,
        content: NoticeContent::Incident(Box::new(IncidentNotice {
            audience: one.reader(),
            ..notice(telling, &reminder.says)
        })),
    });
    notices.collect()
}

/// The prevention items as tickets, one for each and each tracker. Only of real incidents.
#[must_use]
pub fn tickets(settings: &Settings, after: &Incident, closing: &Closing) -> Vec<Notice> {
    if after.kind != IncidentKind::Real {
        return Vec::new();
    }
    let trackers = settings.destinations.iter().filter(|one| one.kind == DestinationKind::Tracker);
    let mut notices = Vec::new();
    for one in trackers {
        for (at, item) in closing.prevention.iter().enumerate() {
            let name = format!("prevention-{}-{}", after.updates, at + 1);
            notices.push(Notice {
                key: format!("{}:{name}:{}", after.id, one.name),
                target: one.name.clone(),
                subject: format!("{}:{name}", after.id),
                pages: false,
                content: NoticeContent::NewTicket {
                    title: cut(&format!("{}: {item}", after.name()), TITLE_CHARS_MAX),
                    text: format!(
                        "So that {} ({}) does not come back: {item}\nRoot cause: {}\nOwner: {}",
                        after.name(),
                        after.title,
                        closing.cause,
                        closing.owner
                    ),
                },
            });
        }
    }
    notices
}

/// The room that a destination needs, if it is one that is not there yet.
fn room_for(one: &Destination, after: &Incident) -> Option<Notice> {
    let DestinationKind::Room(platform) = one.kind else { return None };
    if platform == Platform::Console || after.rooms.iter().any(|room| room.platform == platform) {
        return None;
    }
    Some(Notice {
        key: format!("{}:room:{}", after.id, one.name),
        target: one.name.clone(),
        subject: after.id.to_string(),
        pages: false,
        content: NoticeContent::Room {
            name: room::name(after),
            topic: room::topic(after),
            private: after.kind == IncidentKind::Private,
        },
    })
}

fn notice(telling: Telling<'_>, text: &str) -> IncidentNotice {
    let after = telling.after;
    let mark = parts::watermark(after.kind);
    IncidentNotice {
        incident: after.id.clone(),
        number: after.number,
        kind: after.kind,
        event: NoticeEvent::Updated,
        audience: Audience::Internal,
        severity: after.severity,
        phase: after.phase,
        title: format!("{mark}{}", after.title),
        text: format!("{mark}{text}"),
        routes: parts::routes(after),
        started: after.started,
        at: telling.at,
        next_update: after.next_update,
        update: 0,
    }
}

fn owed(telling: Telling<'_>, one: &Destination, content: NoticeContent) -> Notice {
    let after = telling.after;
    let which = match telling.happened {
        Happened::Said(_) | Happened::WrittenUp => after.updates.to_string(),
        // It is no update of its own: the version tells it from the update before.
        _ => format!("{}v{}", after.updates, after.version),
    };
    Notice {
        key: format!("{}:{which}:{}", after.id, one.name),
        target: one.name.clone(),
        subject: after.id.to_string(),
        pages: one.pages,
        content,
    }
}
