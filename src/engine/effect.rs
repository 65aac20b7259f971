//! One effect: doing it, and reading back whether it holds. No rows here.

use crate::model::{DeliveryLine, DeliveryState, Effect, GlassReview, StaffId};
use crate::policy::ApprovedPlan;
use crate::ports::{Behalf, Breaking, Delivery, Fault, Identity, Linking, NewLink, PortError, Project, SessionStatus};

use super::Engine;

/// Among how many of an endpoint's newest deliveries the test event is looked for.
const DELIVERIES: u32 = 20;

/// What is known of an effect by reading back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
    /// It could not be read.
    Unknown,
}

impl Engine {
    /// Does one effect. `key` is the same at every repeat.
    pub(super) async fn perform(
        &self,
        approved: &ApprovedPlan,
        effect: &Effect,
        by: &StaffId,
        key: &str,
    ) -> Result<(), PortError> {
        let acts = self.parts.acts.open(approved);
        let of = Behalf { staff: by, key };
        match effect {
            Effect::EndSession { org, session, .. } => acts.seqn.end_session(org, session, of).await,
            Effect::SetRole { org, member, role, .. } => acts.seqn.set_role(org, member, role, of).await,
            Effect::WriteProject { org, project, change, .. } => {
                acts.seqn.write_project(org, project, change, of).await
            }
            Effect::WriteSubscription { org, change } => acts.seqn.write_subscription(org, change, of).await,
            Effect::SendTestEvent { org, webhook, .. } => acts.seqn.send_test_event(org, webhook, of).await,
            Effect::EndIdentitySession { uuid, .. } => acts.identity.end_session(uuid).await,
            Effect::EndRefreshToken { token, .. } => acts.identity.end_refresh_token(*token).await,
            Effect::ScanHistory { request, place, since, until } => {
                acts.history.scan(request, place, *since, *until).await
            }
            Effect::Case { request, at, deed } => acts.cases.case_deed(request, deed, by, *at).await,
            Effect::Incident { request, at, deed } => acts.incidents.incident_deed(request, deed, by, *at).await,
            Effect::EraseDetails(what) => acts.trail.erase(what, by, self.parts.clock.now()).await,
            Effect::BreakGlass { request, of, digest, reason, until } => {
                let what = Breaking { of, digest, reason, until: *until };
                acts.glass.break_glass(request, &what, by, self.parts.clock.now()).await
            }
            Effect::ReviewGlass { request, justified, says } => {
                let (by, at) = (by.clone(), self.parts.clock.now());
                let review = GlassReview { by, at, justified: *justified, says: says.clone() };
                acts.glass.review_glass(request, &review).await
            }
            Effect::LinkEntries { request, incident, says, entries } => {
                let incident = incident.as_ref().map(|id| (id, says.as_str()));
                acts.trail.link(request, &Linking { entries, incident }, by, self.parts.clock.now()).await
            }
            Effect::Reply { request, reply } => acts.replies.owe_reply(request, reply, self.parts.clock.now()).await,
            Effect::LinkAccount { request, account, to } => {
                let what = NewLink { account, to, by, agreed: approved.approvers() };
                acts.links.link_account(request, &what, self.parts.clock.now()).await
            }
            Effect::UnlinkAccount { link, request, .. } => {
                acts.links.unlink_account(link, request, by, self.parts.clock.now()).await
            }
            Effect::RetryDeliveries { incident, key, at } => {
                acts.incidents.retry_deliveries(incident, key.as_deref(), *at).await
            }
            // A person's, or `engine::rotation`'s (a key that is made here would be dropped), or only looked at.
            Effect::ByHand { .. } | Effect::RotateKey { .. } | Effect::Prove { .. } => {
                Err(PortError::new("seqn", Fault::NoRoute))
            }
        }
    }

    /// Reads back whether an effect holds.
    pub(super) async fn read_back(&self, effect: &Effect) -> Holds {
        let reads = &self.parts.reads;
        match effect {
            Effect::EndSession { org, email, session } => {
                let Ok(user) = email.parse() else { return Holds::Unknown };
                match reads.seqn.sessions(org, &user).await {
                    Ok(all) => of(!all.iter().any(|s| s.id == *session && s.status == SessionStatus::Active)),
                    Err(_) => Holds::Unknown,
                }
            }
            Effect::SetRole { org, email, role, .. } => {
                let Ok(user) = email.parse() else { return Holds::Unknown };
                known(reads.seqn.member(org, &user).await, |member| member.is_some_and(|m| m.role == *role))
            }
            Effect::WriteProject { org, project, change, since, .. } => {
                let written = |now: Project| {
                    let anew = now.provisioning.as_ref().is_some_and(|state| state.updated > *since);
                    now.has(change) && (anew || change.name.is_none())
                };
                known(reads.seqn.project(org, project).await, written)
            }
            Effect::WriteSubscription { org, change } => {
                known(reads.seqn.subscription(org).await, |now| now.has(change))
            }
            Effect::SendTestEvent { org, webhook, before } => {
                let sent = |all: Vec<Delivery>| all.iter().any(|one| one.is_test() && !before.contains(&one.id));
                known(reads.seqn.deliveries(org, webhook, DELIVERIES).await, sent)
            }
            Effect::EndIdentitySession { .. } | Effect::EndRefreshToken { .. } => self.read_back_identity(effect).await,
            Effect::ScanHistory { request, .. } => match reads.history.progress(request).await {
                Ok(begun) => of(begun.is_some()),
                Err(_) => Holds::Unknown,
            },
            Effect::Case { request, deed, .. } => known(reads.cases.case_deed_done(request, deed).await, |done| done),
            Effect::Incident { request, .. } => known(reads.incidents.incident_deed_done(request).await, |done| done),
            Effect::EraseDetails(what) => known(reads.trail.to_erase(what).await, |rows| rows == 0),
            Effect::BreakGlass { request, .. } => known(reads.glass.glass(request).await, |glass| glass.is_some()),
            Effect::ReviewGlass { request, .. } => {
                known(reads.glass.glass(request).await, |glass| glass.is_some_and(|glass| glass.review.is_some()))
            }
            Effect::LinkEntries { request, entries, .. } => {
                known(reads.trail.linked_to(request).await, |there| entries.iter().all(|one| there.contains(one)))
            }
            Effect::Reply { request, reply } => known(self.reply_is_owed(request, reply).await, |owed| owed),
            Effect::LinkAccount { request, .. } => {
                known(reads.links.link_made(request).await, |made| made == Some(true))
            }
            Effect::UnlinkAccount { link, .. } => known(reads.links.link_made(link).await, |made| made != Some(true)),
            Effect::RetryDeliveries { incident, key, .. } => {
                let failed = |line: &DeliveryLine| {
                    line.state == DeliveryState::Failed && key.as_ref().is_none_or(|key| *key == line.key)
                };
                known(reads.incidents.board(incident).await, |all| !all.iter().any(failed))
            }
            Effect::RotateKey { org, key, before } => {
                known(self.key_begins(org, key).await, |now| !now.is_empty() && now != *before)
            }
            Effect::ByHand { .. } | Effect::Prove { .. } => Holds::Unknown,
        }
    }
}

impl Engine {
    /// The same of what Authentik keeps of somebody's being signed in.
    async fn read_back_identity(&self, effect: &Effect) -> Holds {
        let of = |id: i64, username: &str| Identity {
            id,
            username: username.to_owned(),
            email: String::new(),
            active: true,
        };
        let read = &self.parts.reads.identity;
        match effect {
            Effect::EndIdentitySession { identity, username, uuid } => {
                known(read.sessions(&of(*identity, username)).await, |all| !all.iter().any(|s| s.uuid == *uuid))
            }
            Effect::EndRefreshToken { identity, token } => {
                known(read.refresh_tokens(&of(*identity, "")).await, |all| !all.iter().any(|t| t.id == *token))
            }
            _ => Holds::Unknown,
        }
    }
}

/// What an answer says of it; no answer says nothing.
fn known<T>(answer: Result<T, PortError>, holds: impl FnOnce(T) -> bool) -> Holds {
    answer.map_or(Holds::Unknown, |found| of(holds(found)))
}

const fn of(gone: bool) -> Holds {
    if gone { Holds::Yes } else { Holds::No }
}
