//! What an admin of Authentik does to the staff: groups, attributes, and whether somebody may sign in.
//!
//! None of it is an effect of the bot. Invariant: it says whether there is such a person or group.

use serde_json::Value;

use super::World;
use super::identity::Identity;
use super::mint;

impl World {
    /// Puts somebody into a group, or takes somebody out of it.
    #[must_use]
    pub fn set_member(&self, group: &str, username: &str, member: bool) -> bool {
        let mut record = self.lock();
        let Some(pk) = record.identities.iter().find(|one| one.username == username).map(|one| one.pk) else {
            return false;
        };
        let Some(group) = record.groups.iter_mut().find(|one| one.name == group) else { return false };
        group.members.retain(|known| *known != pk);
        if member {
            group.members.push(pk);
        }
        true
    }

    /// Writes an attribute of a user: a text, or a list of those that commas part.
    #[must_use]
    pub fn set_attribute(&self, username: &str, name: &str, value: &str) -> bool {
        let parts: Vec<&str> = value.split(',').collect();
        let value = if parts.len() == 1 { Value::from(value) } else { Value::from(parts) };
        self.to_identity(username, |user| drop(user.attributes.insert(name.to_owned(), value)))
    }

    /// Lets a user sign in, or no longer.
    #[must_use]
    pub fn set_active(&self, username: &str, active: bool) -> bool {
        self.to_identity(username, |user| user.active = active)
    }

    /// Makes a user an account of that type, such as `service_account`.
    #[must_use]
    pub fn set_type(&self, username: &str, kind: &'static str) -> bool {
        self.to_identity(username, |user| user.kind = kind)
    }

    /// The uuid of the user of that key.
    #[must_use]
    pub fn user_uuid(pk: i64) -> String {
        mint::uuid(&format!("user:{pk}"))
    }

    fn to_identity(&self, username: &str, change: impl FnOnce(&mut Identity)) -> bool {
        let mut record = self.lock();
        let found = record.identities.iter_mut().find(|one| one.username == username);
        found.map(change).is_some()
    }
}
