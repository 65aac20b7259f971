//! What an action is besides its definition: read, look, plan, verify. Everything but `look` is pure.

use async_trait::async_trait;

use crate::model::{Fields, Millis, Place, Plan, RequestId, Staff, Tier, Verdict};
use crate::ports::{PortError, Reads, Rights};

use super::{Catalog, Definition};

/// An option whose value cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The option's name.
    pub option: String,
    /// What is wrong and what to write instead.
    pub says: String,
}

/// The circumstances of a request, for looking and planning.
pub struct Asked<'a> {
    /// The request.
    pub request: &'a RequestId,
    /// Who asks.
    pub asker: &'a Staff,
    /// Where.
    pub place: &'a Place,
    /// When it was asked.
    pub asked: Millis,
    /// Now.
    pub now: Millis,
    /// The whole catalog.
    pub catalog: &'a Catalog,
    /// Questions about rights.
    pub rights: &'a dyn Rights,
}

/// One runbook action.
#[async_trait]
pub trait Runbook: Send + Sync + 'static {
    /// The options, read.
    type Input: Send + Sync;
    /// What was looked up.
    type Facts: Send + Sync;

    /// Its definition.
    fn definition(&self) -> &'static Definition;
    /// Reads the options; all errors at once.
    ///
    /// # Errors
    /// One `FieldError` for each option that cannot be what it should be.
    fn read(&self, fields: &Fields) -> Result<Self::Input, Vec<FieldError>>;
    /// The tier that this input will need, as far as can be told before looking.
    fn tier(&self, _input: &Self::Input) -> Tier {
        self.definition().tier
    }
    /// Looks up what the plan needs. Reads only.
    ///
    /// # Errors
    /// When nothing can be said without the outside system that failed.
    async fn look(&self, asked: &Asked<'_>, input: &Self::Input, reads: &Reads) -> Result<Self::Facts, PortError>;
    /// The plan for these facts.
    fn plan(&self, asked: &Asked<'_>, input: &Self::Input, facts: &Self::Facts) -> Plan;
    /// What reading back after the plan means. `plan` is what was agreed, `facts` what is there now.
    fn verify(&self, asked: &Asked<'_>, input: &Self::Input, plan: &Plan, facts: &Self::Facts) -> Verdict;
}

/// A runbook without its types: what the catalog holds.
#[async_trait]
pub trait Action: Send + Sync {
    /// Its definition.
    fn definition(&self) -> &'static Definition;
    /// Reads the options without looking anything up, and says the tier they will need.
    ///
    /// # Errors
    /// Every option that cannot be what it should be.
    fn check(&self, fields: &Fields) -> Result<Tier, Vec<FieldError>>;
    /// Looks and plans.
    ///
    /// # Errors
    /// `Stop::Fields` when the options cannot be read, `Stop::Port` when an outside system failed.
    async fn prepare(&self, asked: &Asked<'_>, fields: &Fields, reads: &Reads) -> Result<Plan, Stop>;
    /// Looks again and compares with the plan.
    ///
    /// # Errors
    /// As `prepare`.
    async fn verify(&self, asked: &Asked<'_>, fields: &Fields, plan: &Plan, reads: &Reads) -> Result<Verdict, Stop>;
}

/// Why preparing stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The options.
    Fields(Vec<FieldError>),
    /// An outside system.
    Port(PortError),
}

#[async_trait]
impl<R: Runbook> Action for R {
    fn definition(&self) -> &'static Definition {
        Runbook::definition(self)
    }

    fn check(&self, fields: &Fields) -> Result<Tier, Vec<FieldError>> {
        self.read(fields).map(|input| self.tier(&input))
    }

    async fn prepare(&self, asked: &Asked<'_>, fields: &Fields, reads: &Reads) -> Result<Plan, Stop> {
        let input = self.read(fields).map_err(Stop::Fields)?;
        let facts = self.look(asked, &input, reads).await.map_err(Stop::Port)?;
        Ok(self.plan(asked, &input, &facts))
    }

    async fn verify(&self, asked: &Asked<'_>, fields: &Fields, plan: &Plan, reads: &Reads) -> Result<Verdict, Stop> {
        let input = self.read(fields).map_err(Stop::Fields)?;
        let facts = self.look(asked, &input, reads).await.map_err(Stop::Port)?;
        Ok(Runbook::verify(self, asked, &input, plan, &facts))
    }
}
