//! The room of an incident as a surface that is told: it is opened, and what is new is said in it.
//!
//! It knows no platform, and writes no card. Invariants: where no room may be opened, a real incident is worked on in
//! the incidents channel, and the receipt says so; what is private is never said there.

use std::sync::Arc;

use async_trait::async_trait;

use crate::guard::{Guard, Redacted};
use crate::incidents::announce::announcement;
use crate::model::{
    Account, Address, Dedup, Incident, IncidentKind, IncidentNotice, Notice, NoticeContent, NoticeEvent, Place,
    Platform, Posted, Proof,
};
use crate::ports::{Chat, Fault, IncidentRead, Moderate, PortError, Rights, Rooms, Target};

/// Who refuses where no far side was asked.
const SYSTEM: &str = "The bot";
/// Conflict: as things stand it cannot be told.
const STATUS: u16 = 409;

/// Rooms on one platform.
pub struct RoomTarget {
    /// The platform.
    pub platform: Platform,
    /// Where messages are posted.
    pub chat: Arc<dyn Chat>,
    /// Where rooms are opened; `None`: nowhere.
    pub rooms: Option<Arc<dyn Rooms>>,
    /// The incidents channel: there it is worked on where no room can be opened.
    pub home: Option<Place>,
    /// The guard that passes our own words.
    pub guard: Guard,
    /// Where a message can be seen; `None`: nowhere that has an address.
    pub links: Option<Arc<dyn Moderate>>,
    /// Whose incident it is.
    pub incidents: Arc<dyn IncidentRead>,
    /// Who is who.
    pub people: Arc<dyn Rights>,
}

#[async_trait]
impl Target for RoomTarget {
    fn dedup(&self) -> Dedup {
        Dedup::LookUp
    }

    async fn tell(&self, notice: &Redacted<Notice>, object: Option<&str>) -> Result<Proof, PortError> {
        match &notice.content {
            NoticeContent::Room { name, topic, private } => self.open(notice, name, topic, *private).await,
            NoticeContent::Incident(told) => self.say(&notice.key, told, object).await,
            NoticeContent::Note { .. }
            | NoticeContent::Reply(_)
            | NoticeContent::NewTicket { .. }
            | NoticeContent::Head(_) => Err(self.refused(NOT_HERE)),
        }
    }

    async fn told(&self, notice: &Redacted<Notice>, object: Option<&str>) -> Result<Option<Proof>, PortError> {
        match &notice.content {
            NoticeContent::Room { name, .. } => {
                let Some(rooms) = &self.rooms else { return Ok(None) };
                let Some(room) = rooms.find_room(name).await? else { return Ok(None) };
                self.opened(notice, rooms.as_ref(), room).await.map(Some)
            }
            NoticeContent::Incident(told) => {
                let place = self.place_of(told, object)?;
                let to = Address::Channel { place: place.clone() };
                let found = self.chat.find(&to, &notice.key).await?;
                Ok(found.map(|posted| self.said(&place, &posted, "")))
            }
            NoticeContent::Note { .. }
            | NoticeContent::Reply(_)
            | NoticeContent::NewTicket { .. }
            | NoticeContent::Head(_) => Err(self.refused(NOT_HERE)),
        }
    }
}

const NOT_HERE: &str = "a room is told of incidents only";
const NO_ROOM: &str = "there is no room for it, and no incidents channel is configured";
const NO_PRIVATE_ROOM: &str = "the incident is private, and no private room could be opened for it";

impl RoomTarget {
    async fn open(
        &self,
        notice: &Redacted<Notice>,
        name: &str,
        topic: &str,
        private: bool,
    ) -> Result<Proof, PortError> {
        let error = match &self.rooms {
            Some(rooms) => match rooms.open_room(name, topic, private).await {
                Ok(room) => return self.opened(notice, rooms.as_ref(), room).await,
                Err(error) if error.passing() => return Err(error),
                Err(error) => error,
            },
            None => PortError::new(self.platform.name(), Fault::NoRoute),
        };
        if private {
            return Err(self.refused(&format!("{NO_PRIVATE_ROOM}. {error}")));
        }
        let Some(home) = &self.home else { return Err(self.refused(&format!("{NO_ROOM}. {error}"))) };
        let receipt = format!("no room could be opened, so it is worked on in the incidents channel: {error}");
        self.proof(home, receipt)
    }

    async fn opened(&self, notice: &Redacted<Notice>, rooms: &dyn Rooms, room: Place) -> Result<Proof, PortError> {
        let id = notice.subject.parse().map_err(|_| self.refused("its subject is no incident"))?;
        let missing = match self.incidents.incident(&id).await? {
            Some(incident) => self.ask_in(rooms, &room, &incident).await,
            None => Vec::new(),
        };
        self.proof(&room, receipt("the room is open", &missing))
    }

    async fn say(&self, key: &str, told: &IncidentNotice, object: Option<&str>) -> Result<Proof, PortError> {
        let place = self.place_of(told, object)?;
        let message = self.guard.outgoing(announcement(told)).map_err(|_| self.refused("its text holds a secret"))?;
        let posted = self.chat.post(&Address::Channel { place: place.clone() }, &message, key).await?;
        let missing = self.newcomers(told, &place).await;
        Ok(self.said(&place, &posted, &receipt("", &missing)))
    }

    /// Whoever has got a duty comes into the room. It is told all the same where that fails.
    async fn newcomers(&self, told: &IncidentNotice, place: &Place) -> Vec<String> {
        let changed = told.update == 0 || told.event == NoticeEvent::Acknowledged;
        let (Some(rooms), true) = (&self.rooms, changed && self.home.as_ref() != Some(place)) else {
            return Vec::new();
        };
        match self.incidents.incident(&told.incident).await {
            Ok(Some(incident)) => self.ask_in(rooms.as_ref(), place, &incident).await,
            Ok(None) => Vec::new(),
            Err(error) => vec![error.to_string()],
        }
    }

    /// Brings in whoever opened it and whoever has a duty. Returns who could not be, and why.
    async fn ask_in(&self, rooms: &dyn Rooms, room: &Place, incident: &Incident) -> Vec<String> {
        let mut crew = vec![&incident.opened_by];
        crew.extend(incident.duties.values());
        crew.sort();
        crew.dedup();
        let mut missing = Vec::new();
        for id in crew {
            let Some(staff) = self.people.staff(id.as_str()) else { continue };
            let here: Vec<&Account> = staff.accounts.iter().filter(|a| a.platform == self.platform).collect();
            for account in here {
                if let Err(error) = rooms.ask_in(room, account).await {
                    missing.push(format!("{id} is not in it: {error}"));
                }
            }
        }
        missing
    }

    /// Where it is said: its room; without one the incidents channel, unless it is private.
    fn place_of(&self, told: &IncidentNotice, object: Option<&str>) -> Result<Place, PortError> {
        if let Some(object) = object {
            return serde_json::from_str(object).map_err(|_| self.refused("its room cannot be read"));
        }
        if told.kind == IncidentKind::Private {
            return Err(self.refused(NO_PRIVATE_ROOM));
        }
        self.home.clone().ok_or_else(|| self.refused(NO_ROOM))
    }

    fn said(&self, place: &Place, posted: &Posted, more: &str) -> Proof {
        let receipt = format!("message {}{more}", posted.message);
        Proof { object: None, receipt, url: self.link(place, &posted.message) }
    }

    fn proof(&self, place: &Place, receipt: String) -> Result<Proof, PortError> {
        let object = serde_json::to_string(place).map_err(|_| self.refused("its room cannot be written down"))?;
        Ok(Proof { object: Some(object), receipt, url: self.link(place, "") })
    }

    fn link(&self, place: &Place, message: &str) -> Option<String> {
        self.links.as_ref().map(|links| links.link(place, message))
    }

    /// Our own refusal: it will not be taken later either.
    fn refused(&self, why: &str) -> PortError {
        let fault = Fault::Refused { status: STATUS, code: "not_told".into() };
        PortError { text: self.guard.reread(why.to_owned()), ..PortError::new(SYSTEM, fault) }
    }
}

fn receipt(what: &str, missing: &[String]) -> String {
    missing.iter().fold(what.to_owned(), |all, one| format!("{all}; {one}"))
}

#[cfg(test)]
pub(in crate::engine) mod tests;
