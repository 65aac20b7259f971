//! Where files that people share on Discord may be read: at its content network, without any token.

use url::Url;

use crate::model::FileRef;
use crate::platforms::download::Downloads;
use crate::ports::{FileText, PortError};

use super::http::trusted;

/// Where Discord keeps files.
const HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];

/// Reads files.
pub(super) struct Files {
    downloads: Downloads,
    /// The host of the configured address, where that is this machine.
    here: Option<String>,
}

impl Files {
    /// For files of the Discord at that address. The error is a sentence for the operator.
    pub(super) fn new(base: &str) -> Result<Self, String> {
        let here = Url::parse(base).ok().filter(|url| url.scheme() == "http").and_then(|url| host_of(&url));
        Ok(Self { downloads: Downloads::new("discord", here.is_some())?, here })
    }

    /// A file's text, or why it was not read.
    pub(super) async fn text(&self, file: &FileRef) -> Result<FileText, PortError> {
        self.downloads.text(file, |url| self.is_ours(url), None).await
    }

    fn is_ours(&self, url: &Url) -> bool {
        let host = host_of(url).unwrap_or_default();
        let of_discord = url.scheme() == "https" && HOSTS.contains(&host.as_str());
        of_discord || (self.here.as_deref() == Some(&host) && trusted(url, "https", "http"))
    }
}

fn host_of(url: &Url) -> Option<String> {
    url.host_str().map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_discords_hosts_are_asked_and_over_https() {
        let files = Files::new("https://discord.com").expect("a client");
        let here = Files::new("http://127.0.0.1:9").expect("a client");
        for (url, real, sandbox) in [
            ("https://cdn.discordapp.com/attachments/1/2/a.txt", true, true),
            ("https://media.discordapp.net/attachments/1/2/a.txt", true, true),
            ("http://cdn.discordapp.com/a", false, false),
            ("https://cdn.discordapp.com.example/a", false, false),
            ("https://example.com/cdn.discordapp.com", false, false),
            ("http://127.0.0.1:99/a", false, true),
            ("http://127.0.0.2:99/a", false, false),
        ] {
            let url: Url = url.parse().expect("a URL");
            assert_eq!((files.is_ours(&url), here.is_ours(&url)), (real, sandbox), "{url}");
        }
    }
}
