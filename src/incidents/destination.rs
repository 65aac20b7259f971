//! Where incidents are told: one surface, for whom it is, and from which severity on.
//!
//! It knows no surface's API. Invariant: a surface that the public can read gets the public's text, and is never told of a
//! private incident or of a drill, whatever else is configured.

use crate::model::{Audience, IncidentKind, Platform, Severity};

/// What kind of surface a destination is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DestinationKind {
    /// The incident's room on a chat platform.
    Room(Platform),
    /// PagerDuty, Events v2.
    PagerDuty,
    /// Opsgenie, or Jira Service Management behind the same adapter.
    Opsgenie,
    /// Push by ntfy.
    Ntfy,
    /// The built-in status page.
    StatusPage,
    /// Atlassian Statuspage.
    HostedStatuspage,
    /// Issues of a GitHub repository; Upptime reads them.
    GithubIssues,
    /// The support tracker.
    Tracker,
    /// A webhook of somebody else.
    Webhook,
}

impl DestinationKind {
    /// Every kind with the name that a destination of it has where the configuration gives it no other.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Room(Platform::Slack), "slack-room"),
        (Self::Room(Platform::Discord), "discord-room"),
        (Self::Room(Platform::Console), "console-room"),
        (Self::PagerDuty, "pagerduty"),
        (Self::Opsgenie, "opsgenie"),
        (Self::Ntfy, "ntfy"),
        (Self::StatusPage, "status-page"),
        (Self::HostedStatuspage, "statuspage"),
        (Self::GithubIssues, "github-issues"),
        (Self::Tracker, "tracker"),
        (Self::Webhook, "webhook"),
    ];

    /// Its usual name.
    #[must_use]
    pub fn usual_name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of that usual name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, usual)| *usual == name).map(|(kind, _)| *kind)
    }

    /// Whether everybody can read it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::StatusPage | Self::HostedStatuspage | Self::GithubIssues)
    }

    /// Whether it is a room in chat.
    #[must_use]
    pub const fn is_room(self) -> bool {
        matches!(self, Self::Room(_))
    }

    const fn usual_audience(self) -> Audience {
        match self {
            Self::StatusPage | Self::HostedStatuspage | Self::GithubIssues => Audience::Public,
            Self::Tracker => Audience::Support,
            _ => Audience::Internal,
        }
    }

    const fn usual_severity(self) -> Severity {
        match self {
            Self::PagerDuty | Self::Opsgenie | Self::Ntfy => Severity::Sev2,
            Self::Room(_) | Self::Webhook => Severity::Sev4,
            _ => Severity::Sev3,
        }
    }
}

/// One place where incidents are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The name that the configuration gives it: the `target` of its notices.
    pub name: String,
    /// What it is.
    pub kind: DestinationKind,
    /// Whose text it gets, unless everybody can read it: `reader` says.
    pub audience: Audience,
    /// Whether it pages people.
    pub pages: bool,
    /// It is told of incidents that are at least as bad.
    pub at_least: Severity,
}

impl Destination {
    /// A destination of that kind as it usually is.
    #[must_use]
    pub fn of(kind: DestinationKind) -> Self {
        Self {
            name: kind.usual_name().to_owned(),
            kind,
            audience: kind.usual_audience(),
            pages: matches!(kind, DestinationKind::PagerDuty | DestinationKind::Opsgenie | DestinationKind::Ntfy),
            at_least: kind.usual_severity(),
        }
    }

    /// Whether it is told of incidents that are as bad as that.
    #[must_use]
    pub fn takes(&self, severity: Severity) -> bool {
        severity <= self.at_least
    }

    /// Who reads what it is told.
    #[must_use]
    pub fn reader(&self) -> Audience {
        if self.kind.is_public() { Audience::Public } else { self.audience }
    }

    /// Why it is never told of incidents of that kind; `None` where it may be told.
    #[must_use]
    pub fn barred(&self, kind: IncidentKind) -> Option<&'static str> {
        let open_to_all = self.reader() == Audience::Public;
        match kind {
            IncidentKind::Real => None,
            IncidentKind::Private if open_to_all => Some("the incident is private, and this can be read in public"),
            IncidentKind::Private if self.kind.is_room() || self.pages => None,
            IncidentKind::Private => Some("the incident is private: only its rooms and those who are paged hear of it"),
            IncidentKind::Drill if self.kind.is_room() && !open_to_all => None,
            IncidentKind::Drill => Some("this is a drill: only its rooms hear of it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_name() {
        for (kind, name) in DestinationKind::ALL {
            assert_eq!((kind.usual_name(), DestinationKind::named(name)), (name, Some(kind)));
        }
        assert_eq!(DestinationKind::named("fax"), None);
    }

    #[test]
    fn worse_incidents_are_told_and_lesser_ones_are_not() {
        let pager = Destination::of(DestinationKind::PagerDuty);
        assert!(pager.takes(Severity::Sev1) && pager.takes(Severity::Sev2) && !pager.takes(Severity::Sev3));
    }

    #[test]
    fn what_can_be_read_in_public_hears_of_real_incidents_only() {
        for (kind, _) in DestinationKind::ALL {
            for audience in Audience::ALL {
                for pages in [false, true] {
                    let one = Destination { audience: *audience, pages, ..Destination::of(kind) };
                    let public = kind.is_public() || *audience == Audience::Public;
                    assert_eq!(one.reader(), if public { Audience::Public } else { *audience }, "{one:?}");
                    assert_eq!(one.barred(IncidentKind::Real), None, "{one:?}");
                    let private = one.barred(IncidentKind::Private).is_none();
                    assert_eq!(private, !public && (kind.is_room() || pages), "{one:?}");
                    let drill = one.barred(IncidentKind::Drill).is_none();
                    assert_eq!(drill, !public && kind.is_room(), "{one:?}");
                }
            }
        }
    }
}
