//! The wire to one surface: its base URL, its credential, one exchange at a time.
//!
//! It repeats nothing. Invariant: the base is https, or this machine itself, and the credential goes nowhere else.

use url::Url;

use crate::guard::Guard;
use crate::ports::PortError;

use super::super::answer::Answer;
use super::super::base::{BadConfig, Base};
use super::super::http::{Ask, Credential, Deadlines, Wire};

/// The wire to one surface.
pub(super) struct Link {
    wire: Wire,
    base: Base,
    credential: Option<Credential>,
}

impl Link {
    /// A wire. `what` names the address in sentences.
    pub(super) fn open(
        system: &'static str,
        what: &str,
        base: &Url,
        credential: Option<Credential>,
        guard: &Guard,
        deadlines: Deadlines,
    ) -> Result<Self, BadConfig> {
        let base = Base::new(what, base)?;
        let wire = Wire::new(system, guard.clone(), deadlines, base.is_loopback())?;
        Ok(Self { wire, base, credential })
    }

    /// The URL of a path below the base.
    pub(super) fn at(&self, path: &str) -> Url {
        self.base.at(path)
    }

    /// The base itself.
    pub(super) const fn base(&self) -> &Url {
        self.base.url()
    }

    /// Asks once, with the credential.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer, PortError> {
        let ask = ask.header("accept", "application/json");
        self.wire
            .exchange(match &self.credential {
                Some(credential) => ask.credential(credential),
                None => ask,
            })
            .await
    }
}
