//! The runbook actions (F3), one file or folder each. Pure, but for `look`, which only reads.
//!
//! Invariant: an action touches nothing outside except through the reading ports it is given.

mod admin_access;
mod audit;
mod break_glass;
mod can;
mod card;
mod case;
mod console;
mod health;
mod help;
mod leaks;
mod link;
mod project_config;
mod provisioning;
mod rate_limit;
mod revoke_session;
mod rotate;
mod rotation;
#[cfg(test)]
mod samples;
mod scan_channel;
mod set_role;
mod set_subscription;
mod sign_in;
mod staff;
mod staff_link;
mod staff_login;
mod subscription;
mod webhook;
mod whoami;
mod words;

use std::sync::Arc;

use crate::catalog::Action;

/// Every action, in the order in which it is shown.
#[must_use]
pub fn actions() -> Vec<Arc<dyn Action>> {
    vec![
        Arc::new(help::Help),
        Arc::new(whoami::WhoAmI),
        Arc::new(can::Can),
        Arc::new(health::Health),
        Arc::new(sign_in::SignIn),
        Arc::new(admin_access::AdminAccess),
        Arc::new(set_role::SetRole),
        Arc::new(project_config::ProjectConfig),
        Arc::new(provisioning::ProvisioningLook),
        Arc::new(subscription::SubscriptionLook),
        Arc::new(set_subscription::SetSubscription),
        Arc::new(webhook::WebhookLook),
        Arc::new(rate_limit::RateLimit),
        Arc::new(revoke_session::RevokeSession),
        Arc::new(link::Link),
        Arc::new(break_glass::BreakGlass),
        Arc::new(rotate::RotateSecret),
        Arc::new(rotate::RotateWebhookSecret),
        Arc::new(rotate::RotateHandover),
        Arc::new(rotation::Rotation),
        Arc::new(case::CaseOpen),
        Arc::new(case::CaseShow),
        Arc::new(case::CaseList),
        Arc::new(case::CaseNoting),
        Arc::new(case::CaseClose),
        Arc::new(leaks::Leaks),
        Arc::new(scan_channel::ScanChannel),
        Arc::new(audit::AuditTicket),
        Arc::new(audit::AuditCase),
        Arc::new(audit::AuditUser),
        Arc::new(audit::AuditOrg),
        Arc::new(audit::AuditAction),
        Arc::new(audit::AuditEntry),
        Arc::new(break_glass::GlassReviewed),
        Arc::new(audit::AuditErase),
        Arc::new(staff::Offboarding),
        Arc::new(staff_login::StaffLogin),
        Arc::new(staff_link::StaffLink),
        Arc::new(staff_link::StaffUnlink),
    ]
}
