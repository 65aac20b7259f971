//! What an adapter may be given: a notice that is no drill, and of it what is fit for the public.
//!
//! Nothing is sent from here. Invariant: there is no `Live` of a drill, and no `Public` of anything but a real
//! incident's public text, so that an adapter cannot send either by mistake.

use crate::guard::Redacted;
use crate::model::{Audience, IncidentKind, IncidentNotice, Notice, NoticeContent};
use crate::ports::PortError;

use super::super::answer::not_sent;

/// A notice that may leave the bot.
#[derive(Clone, Copy)]
pub(super) struct Live<'a>(&'a Redacted<Notice>);

impl<'a> Live<'a> {
    /// That notice; `None` where it belongs to a drill.
    pub(super) fn of(notice: &'a Redacted<Notice>) -> Option<Self> {
        let drill = match &notice.content {
            NoticeContent::Incident(incident) => incident.kind == IncidentKind::Drill,
            NoticeContent::Room { .. }
            | NoticeContent::Note { .. }
            | NoticeContent::NewTicket { .. }
            | NoticeContent::Reply(_)
            | NoticeContent::Head(_) => false,
        };
        (!drill).then_some(Self(notice))
    }

    /// Its key.
    pub(super) fn key(self) -> &'a str {
        &self.0.key
    }

    /// What is told.
    pub(super) fn content(self) -> &'a NoticeContent {
        &self.0.content
    }

    /// How an incident stands, where that is what is told.
    pub(super) fn incident(self, system: &'static str) -> Result<&'a IncidentNotice, PortError> {
        match self.content() {
            NoticeContent::Incident(incident) => Ok(incident),
            NoticeContent::Room { .. }
            | NoticeContent::Note { .. }
            | NoticeContent::NewTicket { .. }
            | NoticeContent::Reply(_)
            | NoticeContent::Head(_) => {
                Err(not_sent(system, "It is told of incidents only, and this is none. Correct where it is sent to."))
            }
        }
    }

    /// How a real incident stands, in words for everybody.
    pub(super) fn public(self, system: &'static str) -> Result<Public<'a>, PortError> {
        let incident = self.incident(system)?;
        if incident.kind != IncidentKind::Real {
            return Err(not_sent(system, "It is read by everybody, and this incident is private. Nothing was sent."));
        }
        if incident.audience != Audience::Public {
            return Err(not_sent(system, "It is read by everybody, and this text is not for them. Nothing was sent."));
        }
        Ok(Public { key: self.key(), incident })
    }
}

/// A real incident in words for everybody.
#[derive(Clone, Copy)]
pub(super) struct Public<'a> {
    key: &'a str,
    incident: &'a IncidentNotice,
}

impl<'a> Public<'a> {
    /// The notice's key.
    pub(super) const fn key(self) -> &'a str {
        self.key
    }

    /// How it stands.
    pub(super) const fn incident(self) -> &'a IncidentNotice {
        self.incident
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::{incident, notice};
    use super::*;

    #[test]
    fn a_drill_is_not_live_and_only_the_public_word_of_a_real_incident_is_public() {
        let of = |kind, audience| {
            let told = IncidentNotice { kind, audience, ..incident() };
            let notice = notice(NoticeContent::Incident(Box::new(told)));
            Live::of(&notice).map(|live| live.public("statuspage").is_ok())
        };
        for kind in IncidentKind::ALL {
            for audience in Audience::ALL {
                let want = match (kind, audience) {
                    (IncidentKind::Drill, _) => None,
                    (IncidentKind::Real, Audience::Public) => Some(true),
                    _ => Some(false),
                };
                assert_eq!(of(*kind, *audience), want, "{kind:?} {audience:?}");
            }
        }
    }

    #[test]
    fn what_is_no_incident_is_refused_for_good() {
        let notice = notice(NoticeContent::NewTicket { title: "Renew the certificate".into(), text: String::new() });
        let live = Live::of(&notice).expect("no drill");
        let error = live.incident("pagerduty").expect_err("refused");
        assert!(!error.passing() && !error.ambiguous(), "{error}");
    }
}
