//! What the operator has set about incidents, put together: promises, templates from files, lists, destinations.

use std::collections::BTreeMap;

use crate::guard::Guard;
use crate::incidents::{Alerts, Destination, DestinationKind, Settings, Templates};
use crate::model::{Audience, Platform};

use super::config::Config;

/// The most template files that are read from a folder: there are twelve names.
const FILES_MOST: usize = 64;

/// The settings.
///
/// # Errors
/// Everything that is wrong with the template files, as sentences.
pub fn settings(config: &Config, guard: &Guard) -> Result<Settings, Vec<String>> {
    let mut settings = Settings::of(guard.clone());
    let set = &config.incidents;
    settings.cadence = set.cadence;
    settings.lint.customers.clone_from(&set.customers);
    settings.lint.orgs.clone_from(&set.orgs);
    settings.lint.hosts.clone_from(&set.hosts);
    if set.accounts_in_public {
        settings.lint.accounts_for.insert(Audience::Public);
    }
    settings.templates = templates(config)?;
    settings.destinations = destinations(config);
    settings.alerts = Alerts { checks: config.alerts.checks, page: config.alerts.page };
    Ok(settings)
}

fn templates(config: &Config) -> Result<Templates, Vec<String>> {
    let Some(folder) = &config.incidents.templates else { return Ok(Templates::default()) };
    let shown = folder.display();
    let cannot =
        |why: &std::io::Error| vec![format!("The folder of templates {shown} cannot be read: {}.", why.kind())];
    let mut own = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(|why| cannot(&why))?.take(FILES_MOST) {
        let path = entry.map_err(|why| cannot(&why))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|end| end == "txt") {
            let text = std::fs::read_to_string(&path)
                .map_err(|why| vec![format!("The template {} cannot be read: {}.", path.display(), why.kind())])?;
            own.insert(name, text);
        }
    }
    Templates::load(&own).map_err(|errors| errors.iter().map(|error| format!("{shown}/{error}")).collect())
}

/// Rooms first, so that people who work on it read it first; then the surfaces in the order of the configuration.
fn destinations(config: &Config) -> Vec<Destination> {
    let rooms =
        [Platform::Slack, Platform::Discord].into_iter().filter(|platform| config.platforms().contains(platform));
    let rooms =
        rooms.filter(|_| config.incidents.rooms).map(|platform| Destination::of(DestinationKind::Room(platform)));
    let surfaces = config.surfaces.iter().filter_map(|surface| {
        let usual = Destination::of(DestinationKind::named(surface.kind)?);
        Some(Destination {
            name: surface.name.clone(),
            audience: surface.audience.unwrap_or(usual.audience),
            pages: surface.pages.unwrap_or(usual.pages),
            at_least: surface.at_least.unwrap_or(usual.at_least),
            ..usual
        })
    });
    let tracker = config.tracker.iter().map(|tracker| {
        let usual = Destination::of(DestinationKind::Tracker);
        Destination { at_least: tracker.at_least.unwrap_or(usual.at_least), ..usual }
    });
    rooms.chain(surfaces).chain(tracker).collect()
}
