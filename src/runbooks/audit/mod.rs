//! The audit trail from chat: asked from either side (ticket, case, customer, action, or an entry of an outside log), and its details erased.
//!
//! Invariant: what is shown is masked; what is exported with its proof never goes through chat.

mod entry;
mod erase;
mod line;
mod show;

pub use entry::AuditEntry;
pub use erase::AuditErase;
pub use show::{AuditAction, AuditCase, AuditOrg, AuditTicket, AuditUser};
