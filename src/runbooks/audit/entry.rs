//! `audit entry`: an entry of SEQN Auth's or Authentik's log, and the tickets and requests that it is linked to.

use async_trait::async_trait;

use crate::catalog::reading::{Reading, option};
use crate::catalog::{Asked, Definition, FieldError, Kind, OptionDef, Runbook};
use crate::model::{Block, Fields, Linked, Plan, Tone, TrailFilter, Verdict};
use crate::ports::{PortError, Reads};

use super::line::linked;
use super::show::READS;

/// The action.
pub struct AuditEntry;

/// The longest id of an entry: Authentik's are uuids, SEQN Auth's are shorter.
const ID_CHARS: u16 = 64;
/// How many links one answer shows.
const SHOWN: u32 = 20;

static OPTIONS: [OptionDef; 1] = [OptionDef {
    positional: true,
    ..option("entry", Kind::Text(ID_CHARS), true, "The id of the entry, as the log and `/audit ticket` show it")
}];

static DEFINITION: Definition = Definition {
    name: "audit-entry",
    summary: "Show which tickets and requests an entry of an outside audit log is linked to",
    help: "From the log's side: the entry of SEQN Auth's or Authentik's log with that id, and every request of mine that \
           it is linked to, with its ticket and who asked.",
    example: "audit entry aud_1042",
    options: &OPTIONS,
    ..READS
};

#[async_trait]
impl Runbook for AuditEntry {
    type Input = String;
    type Facts = Vec<Linked>;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, fields: &Fields) -> Result<String, Vec<FieldError>> {
        let reading = Reading::of(fields);
        let id = reading.text("entry");
        reading.done(Some(id))
    }

    async fn look(&self, _: &Asked<'_>, id: &String, reads: &Reads) -> Result<Vec<Linked>, PortError> {
        reads.trail.linked(&TrailFilter::default(), Some(id), SHOWN).await
    }

    fn plan(&self, _: &Asked<'_>, id: &String, found: &Vec<Linked>) -> Plan {
        if found.is_empty() {
            let next = "`/seqn link` finds entries of the logs, and links them to a ticket.";
            return Plan::answer(Tone::Plain, format!("{id} is linked to nothing."), vec![Block::Text(next.into())]);
        }
        let lines = found.iter().map(linked).collect();
        let blocks = vec![Block::Items { heading: "Its requests and their tickets".into(), items: lines }];
        Plan::answer(Tone::Plain, format!("{id} is in the record."), blocks)
    }

    fn verify(&self, _: &Asked<'_>, _: &String, _: &Plan, _: &Vec<Linked>) -> Verdict {
        Verdict::default()
    }
}
