//! Keys that are replaced, and what became of a new one. Never the new one itself.
//!
//! Invariant: no field has room for a raw key; what is kept of one is how it begins, and what only its receivers open.

use serde::{Deserialize, Serialize};

use super::ids::OrgSlug;
use super::message::Block;
use super::time::Millis;

/// How much of a sealed key stands in one block, in characters: a field of Discord's holds 1,024 with its fence, and a
/// sealed key that is cut is no key.
const PIECE_MOST: usize = 1_000;

/// Whose key it is, within an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of", content = "id")]
pub enum KeyOf {
    /// A project's secret key.
    Project(OrgSlug),
    /// A webhook endpoint's signing secret, by the endpoint's id.
    Webhook(String),
}

impl KeyOf {
    /// The project's slug or the endpoint's id.
    #[must_use]
    pub fn item(&self) -> &str {
        match self {
            Self::Project(slug) => slug.as_str(),
            Self::Webhook(id) => id,
        }
    }

    /// Such as `the secret key of portal`.
    #[must_use]
    pub fn named(&self) -> String {
        match self {
            Self::Project(slug) => format!("the secret key of {slug}"),
            Self::Webhook(id) => format!("the signing secret of {id}"),
        }
    }
}

words!(
    /// How far a new key came on its way out.
    WayState {
        /// It is sealed, and the sealed text is all that is handed over.
        Sealed = "sealed",
        /// It was about to be passed on; nobody has recorded an end.
        Begun = "begun",
        /// It was passed on.
        Arrived = "arrived",
        /// It could not be passed on.
        Failed = "failed",
        /// It was made, and its value never came to us or could not be sealed.
        Lost = "lost",
    }
);

/// What became of one new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The step of the request that made it.
    pub seq: u32,
    /// Of this organization.
    pub org: OrgSlug,
    /// Whose key it is.
    pub key: KeyOf,
    /// How it begins, as SEQN Auth said; empty where it did not.
    pub prefix: String,
    /// Its way out, in words.
    pub way: String,
    /// The key, sealed with age and in ASCII armor; `None` where nothing is sealed.
    pub sealed: Option<String>,
    /// How far it came.
    pub state: WayState,
    /// Why it could not be passed on; may be empty.
    pub why: String,
    /// When it was made.
    pub at: Millis,
}

impl Handed {
    /// Whether somebody can still get at it.
    #[must_use]
    pub const fn reachable(&self) -> bool {
        self.sealed.is_some() || matches!(self.state, WayState::Arrived)
    }

    /// The sealed key for a message, and how its receivers open it; nothing where nothing was sealed.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let Some(sealed) = &self.sealed else { return Vec::new() };
        let begins =
            if self.prefix.is_empty() { String::new() } else { format!(", which begins with {}", self.prefix) };
        let says = format!(
            "This is {}{begins}. It is for {}. Only they can open it: `age --decrypt -i KEYFILE`, straight into the secret \
             store.",
            self.key.named(),
            self.way
        );
        let pieces = pieces(sealed);
        let mut blocks = vec![Block::Text(says)];
        if self.state == WayState::Failed {
            blocks.push(Block::Text(format!("It was NOT passed on: hand this copy over. {}", self.why)));
        }
        if pieces.len() > 1 {
            blocks.push(Block::Text(format!("Its {} parts belong together, one after the other.", pieces.len())));
        }
        blocks.extend(pieces.into_iter().map(Block::Code));
        blocks
    }
}

/// The text in pieces of whole lines. Lines of ASCII armor have 64 characters.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for line in text.lines() {
        let last = pieces.last_mut().expect("there is one from the beginning");
        if last.is_empty() {
            last.push_str(line);
        } else if last.len() + line.len() < PIECE_MOST {
            last.push('\n');
            last.push_str(line);
        } else {
            pieces.push(line.to_owned());
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_is_whole_in_the_pieces_that_fit() {
        let armor = format!("begin\n{}end\n", format!("{}\n", "x".repeat(64)).repeat(40));
        let pieces = pieces(&armor);
        assert!(pieces.len() == 3 && pieces.iter().all(|piece| piece.len() <= PIECE_MOST));
        assert_eq!(format!("{}\n", pieces.join("\n")), armor);
    }

    #[test]
    fn every_state_has_its_own_word() {
        for state in WayState::ALL {
            assert_eq!(WayState::named(state.word()), Some(*state));
        }
        assert_eq!(WayState::named("gone"), None);
    }
}
