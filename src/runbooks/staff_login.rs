//! `staff login`: somebody whose account nobody knows signs in at Authentik, to show whose it is.
//!
//! Whoever is unknown never comes as far as here: intake answers them (`engine::login`). This is what the others are told.
//! Invariant: it gives nobody a right.

use async_trait::async_trait;

use crate::catalog::{Asked, Definition, Family, FieldError, Places, Runbook, TicketRule, Visibility};
use crate::model::{Block, Fields, Plan, Risk, Role, Tier, Tone, Verdict};
use crate::ports::{PortError, Reads};

/// The action.
pub struct StaffLogin;

static DEFINITION: Definition = Definition {
    name: "staff-login",
    version: 1,
    family: Family::Staff,
    summary: "Sign in at Authentik from an account that I do not know yet, so that admins can link it to you",
    help: "When: I do not know your chat account. You get a link for yourself, once; after you have signed in, the admins \
           are told, and two of them link the account to you. Never pass the link on, and never use one that somebody sent \
           you.",
    example: "staff login",
    options: &[],
    ticket: TicketRule::None,
    role: Role::OBSERVER,
    tier: Tier::Look,
    tier_at_most: Tier::Look,
    risk: Risk::Reads,
    places: Places::Anywhere,
    visibility: Visibility::Private,
    undo: "Nothing changes.",
};

#[async_trait]
impl Runbook for StaffLogin {
    type Input = ();
    type Facts = bool;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn read(&self, _: &Fields) -> Result<(), Vec<FieldError>> {
        Ok(())
    }

    async fn look(&self, _: &Asked<'_>, (): &(), reads: &Reads) -> Result<bool, PortError> {
        Ok(reads.staff.signs_in())
    }

    fn plan(&self, asked: &Asked<'_>, (): &(), signs_in: &bool) -> Plan {
        let next = if *signs_in {
            "To have another account linked to you, ask for this from that account."
        } else {
            "Nobody signs in here: an admin links an account with `/staff link`, or writes it into your attributes at \
             Authentik."
        };
        Plan::answer(
            Tone::Good,
            format!("I know you already: you are {}.", asked.asker.name),
            vec![Block::Text(next.into())],
        )
    }

    fn verify(&self, _: &Asked<'_>, (): &(), _: &Plan, _: &bool) -> Verdict {
        Verdict::default()
    }
}
