//! A lock that only an approved plan opens: how the acting halves of ports are kept.

use super::ApprovedPlan;

/// Something that must not be used without an approved plan.
pub struct Locked<T>(T);

impl<T> Locked<T> {
    /// Locks it away.
    pub const fn new(inside: T) -> Self {
        Self(inside)
    }

    /// Hands it out to whoever has an approved plan.
    pub const fn open(&self, _because: &ApprovedPlan) -> &T {
        &self.0
    }
}
