//! The content of files that people share, from Discord's content network.
//!
//! It sends no token anywhere. Invariants: nothing is asked of a host that is not Discord's, no redirect is followed,
//! and neither time nor bytes are without a limit.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Url;

use crate::guard::Untrusted;
use crate::model::FileRef;
use crate::ports::{Fault, FileText, PortError};

use super::http::{USER_AGENT, fault, trusted};

/// Where Discord keeps files.
const HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];
/// The largest file that is read, in bytes: text that people share is far below it.
const BYTES_MOST: usize = 1024 * 1024;
/// How long a download may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long the handshake of a connection may take.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// Media types that hold no text, by their beginnings, and what they are counted as.
const NO_TEXT: [(&str, &str); 12] = [
    ("image/svg", ""),
    ("image/", "image"),
    ("audio/", "audio"),
    ("video/", "video"),
    ("font/", "binary"),
    ("application/zip", "archive"),
    ("application/x-7z", "archive"),
    ("application/x-tar", "archive"),
    ("application/x-rar", "archive"),
    ("application/gzip", "archive"),
    ("application/x-gzip", "archive"),
    ("application/pdf", "document"),
];
/// How archives and pictures begin, whatever they are called.
const SIGNS: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"%PDF-", "document"),
];
/// Marks at the beginning of texts in UTF-16, as some shells write them.
const UTF16_LITTLE: &[u8] = b"\xff\xfe";
const UTF16_BIG: &[u8] = b"\xfe\xff";

/// Reads files.
pub(super) struct Files {
    client: Client,
    /// The host of the configured address, where that is this machine.
    here: Option<String>,
}

impl Files {
    /// For files of the Discord at that address. The error is a sentence for the operator.
    pub(super) fn new(base: &str) -> Result<Self, String> {
        Self::within(base, DEADLINE)
    }

    fn within(base: &str, deadline: Duration) -> Result<Self, String> {
        let here = Url::parse(base).ok().filter(|url| url.scheme() == "http").and_then(|url| host_of(&url));
        let mut builder = Client::builder().user_agent(USER_AGENT).redirect(Policy::none());
        builder = builder.connect_timeout(CONNECT_DEADLINE).timeout(deadline);
        if here.is_some() {
            builder = builder.no_proxy();
        }
        let client =
            builder.build().map_err(|_| "The HTTP client for Discord's files could not be built.".to_owned())?;
        Ok(Self { client, here })
    }

    /// A file's text, or why it was not read.
    pub(super) async fn text(&self, file: &FileRef) -> Result<FileText, PortError> {
        if let Some(why) = without_text(&file.media) {
            return Ok(FileText::Skipped(why));
        }
        if file.bytes.is_some_and(|bytes| bytes > BYTES_MOST as u64) {
            return Ok(FileText::Skipped("too large"));
        }
        let Some(url) = Url::parse(file.url.expose()).ok().filter(|url| self.is_ours(url)) else {
            return Ok(FileText::Skipped("another host"));
        };
        // The error's own text is not used: it names the address, which is signed.
        let response = self.client.get(url).send().await.map_err(|error| fault(unread(&error)))?;
        match response.status().as_u16() {
            200 => {}
            300..=399 => return Ok(FileText::Skipped("redirect")),
            401 | 403 | 404 | 410 => return Err(fault(Fault::NotFound)),
            429 => return Err(fault(Fault::RateLimited { after_ms: asked_pause(&response) })),
            status if status >= 500 => return Err(fault(Fault::Failing { status })),
            status => return Err(fault(Fault::Refused { status, code: String::new() })),
        }
        if is_html(&response) && !file.media.starts_with("text/html") {
            return Ok(FileText::Skipped("login page"));
        }
        let Some(bytes) = read(response).await? else { return Ok(FileText::Skipped("too large")) };
        Ok(text_of(&bytes).map_or_else(FileText::Skipped, FileText::Text))
    }

    fn is_ours(&self, url: &Url) -> bool {
        let host = host_of(url).unwrap_or_default();
        let of_discord = url.scheme() == "https" && HOSTS.contains(&host.as_str());
        of_discord || (self.here.as_deref() == Some(&host) && trusted(url, "https", "http"))
    }
}

/// A pause where none is named, in milliseconds.
const PAUSE_DEFAULT_MS: i64 = 5_000;
/// The longest pause that is believed, in seconds.
const PAUSE_MOST_S: i64 = 3_600;

fn asked_pause(response: &Response) -> i64 {
    let asked = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<i64>().ok());
    asked.filter(|seconds| *seconds >= 0).map_or(PAUSE_DEFAULT_MS, |seconds| seconds.min(PAUSE_MOST_S) * 1_000)
}

fn host_of(url: &Url) -> Option<String> {
    url.host_str().map(str::to_ascii_lowercase)
}

fn unread(error: &reqwest::Error) -> Fault {
    if error.is_connect() || error.is_builder() { Fault::Unreachable } else { Fault::NoAnswer }
}

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("text/html")
}

// Why a file of that kind holds no text; one without a kind is looked at.
fn without_text(media: &str) -> Option<&'static str> {
    let media = media.to_ascii_lowercase();
    let known = NO_TEXT.iter().find(|(kind, _)| media.starts_with(kind));
    known.map(|(_, why)| *why).filter(|why| !why.is_empty())
}

// The bytes, or nothing when there are too many.
async fn read(mut response: Response) -> Result<Option<Vec<u8>>, PortError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| fault(Fault::NoAnswer))? {
        if bytes.len() + chunk.len() > BYTES_MOST {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn text_of(bytes: &[u8]) -> Result<Untrusted, &'static str> {
    if let Some((_, why)) = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign)) {
        return Err(why);
    }
    let units = |from: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.get(2..).unwrap_or_default().as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| from(*pair)).collect();
        String::from_utf16_lossy(&units).into()
    };
    if bytes.starts_with(UTF16_LITTLE) {
        return Ok(units(u16::from_le_bytes));
    }
    if bytes.starts_with(UTF16_BIG) {
        return Ok(units(u16::from_be_bytes));
    }
    if bytes.contains(&0) {
        return Err("binary");
    }
    Ok(String::from_utf8_lossy(bytes).into_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Secret;

    fn file(name: &str, media: &str, url: &str) -> FileRef {
        FileRef { id: "1".into(), name: name.into(), media: media.into(), bytes: None, url: Secret::new(url) }
    }

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

    #[tokio::test]
    async fn what_holds_no_text_is_not_even_asked_for() {
        let files = Files::new("https://discord.com").expect("a client");
        let far = "https://example.com/x";
        for (name, media, why) in [
            ("a.png", "image/png", "image"),
            ("a", "application/zip", "archive"),
            ("a.pdf", "application/pdf", "document"),
            ("a.txt", "text/plain; charset=utf-8", "another host"),
            ("a.svg", "image/svg+xml", "another host"),
            ("env", "", "another host"),
        ] {
            let read = files.text(&file(name, media, far)).await.expect("it is no failure");
            assert_eq!(read, FileText::Skipped(why), "{name}");
        }
        let large = FileRef { bytes: Some(BYTES_MOST as u64 + 1), ..file("a.log", "text/plain", far) };
        assert_eq!(files.text(&large).await.expect("it is no failure"), FileText::Skipped("too large"));
    }

    #[tokio::test]
    async fn a_download_that_hangs_ends() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback is there");
        let base = format!("http://{}", silent.local_addr().expect("an address"));
        let files = Files::within(&base, Duration::from_millis(50)).expect("a client");
        let hung =
            files.text(&file("a.txt", "text/plain", &format!("{base}/a.txt"))).await.expect_err("nobody answers");
        assert_eq!(hung.fault, Fault::NoAnswer);
    }

    #[test]
    fn texts_are_read_in_their_own_way() {
        assert_eq!(text_of(b"a\xffb"), Ok("a\u{fffd}b".into()));
        assert_eq!(text_of(b"\xff\xfea\0b\0"), Ok("ab".into()));
        assert_eq!(text_of(b"\xfe\xff\0a\0b"), Ok("ab".into()));
        assert_eq!(text_of(b""), Ok("".into()));
        for (bytes, why) in [(&b"PK\x03\x04xx"[..], "archive"), (b"\x89PNG\r\n\x1a\n", "image"), (b"a\0b", "binary")] {
            assert_eq!(text_of(bytes), Err(why));
        }
    }
}
