//! `commands`: prints the catalog as what a platform or a reader needs.

use serde_json::Value;

use crate::catalog::{self, Catalog};

/// How the catalog is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The table of the README.
    Markdown,
    /// The Slack app manifest, for "From a manifest".
    SlackManifest,
    /// Discord's application commands. The bot registers them itself.
    DiscordJson,
}

/// The catalog in that format; ends with a line break.
#[must_use]
pub fn printed(format: Format) -> String {
    let catalog: Catalog = super::catalog::standard();
    match format {
        Format::Markdown => catalog::table(&catalog),
        Format::SlackManifest => pretty(&catalog::manifest(&catalog)),
        Format::DiscordJson => pretty(&catalog::commands(&catalog)),
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_names_an_action() {
        for (format, word) in [
            (Format::Markdown, "/seqn revoke-session"),
            (Format::SlackManifest, "/seqn"),
            (Format::DiscordJson, "revoke-session"),
        ] {
            assert!(printed(format).contains(word), "{format:?}");
        }
    }
}
