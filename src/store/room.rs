//! Where an incident is worked on: its rooms, and which incident a place belongs to.

use sqlx::SqliteConnection;

use crate::model::{Incident, Place, RequestId};
use crate::ports::room_target;

use super::column::to_json;
use super::incident::{incident, one};
use super::{Store, StoreError, Tx};

/// Where a place is in a room: in the room itself, in a thread of its channel, or (as Discord names what is said in a
/// thread) in the thread's own channel.
macro_rules! rooms {
    () => {
        "(select incident, thread from incident_room where platform = ?1 and channel = ?2 and thread in (?3, '') \
          union all select incident, thread from incident_room where platform = ?1 and thread = ?2)"
    };
}

// The room itself comes before the channel that it is a thread of, and what is open before what is over.
const HERE: &str = concat!(
    "select i.* from incident i join ",
    rooms!(),
    " r on r.incident = i.id order by r.thread = '', i.phase in ('closed', 'cancelled'), i.opened desc limit 1"
);
const IS_ROOM: &str = concat!("select exists ", rooms!());
const ROOM: &str = "insert into incident_room (incident, platform, channel, thread) values (?1, ?2, ?3, ?4) \
     on conflict do nothing";
const ROOMS: &str = "update incident set rooms = ?2, stale = 1 where id = ?1";
const FAR_ROOM: &str = "insert into far_object (target, subject, object) values (?1, ?2, ?3) \
     on conflict (target, subject) do update set object = excluded.object";

pub(crate) const STATEMENTS: &[&str] = &[HERE, IS_ROOM, ROOM, ROOMS, FAR_ROOM];

/// The incident that is worked on there: the newest that is not closed, else the newest.
pub(super) async fn here(conn: &mut SqliteConnection, place: &Place) -> Result<Option<Incident>, StoreError> {
    let query = sqlx::query(HERE).bind(place.platform.name()).bind(&place.channel).bind(thread(place));
    let row = query.fetch_optional(conn).await?;
    row.as_ref().map(incident).transpose()
}

impl Store {
    /// Whether an incident is or was worked on there.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn is_incident_room(&self, place: &Place) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar(IS_ROOM).bind(place.platform.name()).bind(&place.channel).bind(thread(place));
        Ok(query.fetch_one(&mut *self.reader().await?).await?)
    }
}

impl Tx<'_> {
    /// The incident that is worked on there: the newest that is not closed, else the newest.
    ///
    /// # Errors
    /// What `SQLite` says, or a column that cannot be read.
    pub async fn incident_here(&mut self, place: &Place) -> Result<Option<Incident>, StoreError> {
        here(self.conn(), place).await
    }

    /// It is worked on there from now on; on that platform, only there.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub async fn add_room(&mut self, id: &RequestId, room: &Place) -> Result<(), StoreError> {
        let Some(it) = one(self.conn(), id).await? else { return Ok(()) };
        let query = sqlx::query(ROOM).bind(id.as_str()).bind(room.platform.name());
        query.bind(&room.channel).bind(thread(room)).execute(self.conn()).await?;
        let others = it.rooms.into_iter().filter(|one| one.platform != room.platform);
        let rooms: Vec<Place> = others.chain([room.clone()]).collect();
        let query = sqlx::query(ROOMS).bind(id.as_str()).bind(to_json(&rooms, "incident.rooms")?);
        query.execute(self.conn()).await?;
        let query = sqlx::query(FAR_ROOM).bind(room_target(room.platform)).bind(id.as_str());
        query.bind(to_json(room, "far_object.object")?).execute(self.conn()).await?;
        Ok(())
    }
}

fn thread(place: &Place) -> &str {
    place.thread.as_deref().unwrap_or_default()
}
