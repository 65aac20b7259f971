//! The rooms of incidents as surfaces that are told, on every platform that is on. Nothing is opened yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::People;
use crate::engine::room::RoomTarget;
use crate::guard::Guard;
use crate::model::Platform;
use crate::platforms::discord::Discord;
use crate::platforms::slack::Slack;
use crate::policy::Policy;
use crate::ports::{Chats, Moderators, Rooms, Target, room_target};
use crate::store::Store;

/// Where rooms can be opened.
pub type Openers = BTreeMap<Platform, Arc<dyn Rooms>>;

/// The platforms that open rooms.
#[must_use]
pub fn openers(slack: Option<&Arc<Slack>>, discord: Option<&Arc<Discord>>) -> Openers {
    let slack = slack.map(|one| (Platform::Slack, Arc::clone(one) as Arc<dyn Rooms>));
    let discord = discord.map(|one| (Platform::Discord, Arc::clone(one) as Arc<dyn Rooms>));
    slack.into_iter().chain(discord).collect()
}

/// The rooms of each platform, by the names of their surfaces.
#[must_use]
pub fn targets(
    policy: &Policy,
    people: &Arc<People>,
    guard: &Guard,
    chats: &Chats,
    moderators: &Moderators,
    openers: &Openers,
    store: &Store,
) -> BTreeMap<String, Arc<dyn Target>> {
    let room = |(platform, chat): (&Platform, &Arc<_>)| {
        let target = RoomTarget {
            platform: *platform,
            chat: Arc::clone(chat),
            rooms: openers.get(platform).cloned(),
            home: policy.rules().incidents_on(*platform).cloned(),
            guard: guard.clone(),
            links: moderators.0.get(platform).cloned(),
            incidents: Arc::new(store.clone()),
            people: Arc::clone(people) as _,
        };
        (room_target(*platform).to_owned(), Arc::new(target) as Arc<dyn Target>)
    };
    chats.0.iter().map(room).collect()
}
