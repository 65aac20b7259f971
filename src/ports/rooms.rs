//! Rooms: the channels (or threads) of a chat platform that the bot opens for one incident each.
//!
//! Invariant: a name is opened once; whoever asks for it again gets the room that is there.

use async_trait::async_trait;

use crate::model::{Account, Place};

use super::error::PortError;

/// One platform's rooms. Every call has a deadline of its own.
#[async_trait]
pub trait Rooms: Send + Sync {
    /// The room of that name, opened where the bot has not opened it yet. `private`: only those who are asked in see it.
    /// `Forbidden`: the bot has no right to open one; it is worked on in an existing channel then.
    async fn open_room(&self, name: &str, topic: &str, private: bool) -> Result<Place, PortError>;
    /// The room of that name, if the bot has opened one.
    async fn find_room(&self, name: &str) -> Result<Option<Place>, PortError>;
    /// Brings that person into a room that the bot has opened; whoever is there stays.
    async fn ask_in(&self, room: &Place, account: &Account) -> Result<(), PortError>;
}
