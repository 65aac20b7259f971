//! The whole catalog: the runbooks' actions and the incidents' commands.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::commands;
use crate::guard::{FingerprintKey, Guard};
use crate::incidents::Settings;
use crate::runbooks;

/// Everything that can be asked, with what the operator has set about incidents.
#[must_use]
pub fn with(settings: &Arc<Settings>) -> Catalog {
    let mut actions = runbooks::actions();
    actions.extend(commands::actions(settings));
    Catalog::new(actions)
}

/// The same with defaults: what is generated from definitions, which no setting changes.
#[must_use]
pub fn standard() -> Catalog {
    // Nothing is fingerprinted by it, so that any key will do.
    with(&Arc::new(Settings::of(Guard::new(FingerprintKey::new([0; 32])))))
}
