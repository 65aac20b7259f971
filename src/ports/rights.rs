//! Rights as runbooks may ask about them (`whoami`, `can`): explanations, never decisions to act on.

use crate::model::{Account, Place, Staff, Tier};

/// The ruling on one action for one person in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// Whether it may be asked.
    pub may: bool,
    /// The rule that decided, as a sentence.
    pub because: String,
    /// Who must agree, as a sentence; empty when nobody.
    pub agreement: String,
}

/// Answers questions about rights.
pub trait Rights: Send + Sync {
    /// May that person ask for that action there, and who would have to agree?
    fn ruling(&self, staff: &Staff, action: &str, place: &Place) -> Ruling;
    /// Who could agree at that tier if that person asked.
    fn agrees(&self, requester: &Staff, tier: Tier) -> Vec<Staff>;
    /// How long a glass counts that this person breaks; `None`: they may not.
    fn breaks_glass(&self, _staff: &Staff) -> Option<i64> {
        None
    }
    /// What nobody could do any more without that person, as sentences.
    fn lost_with(&self, _staff: &Staff) -> Vec<String> {
        Vec::new()
    }
    /// Everybody whose roles amount to an admin's.
    fn admins(&self) -> Vec<Staff> {
        Vec::new()
    }
    /// Why that account is whose it is, as a few words: `linked by Mira, agreed by Ops on …`.
    fn origin(&self, _account: &Account) -> String {
        String::new()
    }
    /// The member of staff of that id, name, account or e-mail.
    fn staff(&self, name: &str) -> Option<Staff>;
}
