//! The content of files that people share, for every platform.
//!
//! It knows no platform: the caller says which addresses may be asked, and with which token. Invariants: no redirect
//! is followed, and neither time nor bytes are without a limit.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Url;

use crate::guard::{Secret, Untrusted};
use crate::model::FileRef;
use crate::ports::{Fault, FileText, PortError};

/// What we call ourselves.
const USER_AGENT: &str = concat!("seqn-chatops/", env!("CARGO_PKG_VERSION"));

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
pub(super) struct Downloads {
    client: Client,
    system: &'static str,
}

impl Downloads {
    /// For files of that system; `here`: it is on this machine. The error is a sentence for the operator.
    pub(super) fn new(system: &'static str, here: bool) -> Result<Self, String> {
        Self::within(system, here, DEADLINE)
    }

    fn within(system: &'static str, here: bool, deadline: Duration) -> Result<Self, String> {
        let mut builder = Client::builder().user_agent(USER_AGENT).redirect(Policy::none());
        builder = builder.connect_timeout(CONNECT_DEADLINE).timeout(deadline);
        if here {
            builder = builder.no_proxy();
        }
        let client =
            builder.build().map_err(|_| format!("The HTTP client for {system}'s files could not be built."))?;
        Ok(Self { client, system })
    }

    /// A file's text, or why it was not read. `may` says whether an address may be asked, with that token.
    pub(super) async fn text(
        &self,
        file: &FileRef,
        may: impl Fn(&Url) -> bool + Send,
        token: Option<&Secret>,
    ) -> Result<FileText, PortError> {
        if let Some(why) = without_text(&file.media) {
            return Ok(FileText::Skipped(why));
        }
        if file.bytes.is_some_and(|bytes| bytes > BYTES_MOST as u64) {
            return Ok(FileText::Skipped("too large"));
        }
        let Some(url) = Url::parse(file.url.expose()).ok().filter(|url| may(url)) else {
            return Ok(FileText::Skipped("another host"));
        };
        let mut request = self.client.get(url);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose());
        }
        // The error's own text is not used: it names the address, which may be signed.
        let response = request.send().await.map_err(|error| self.fault(unread(&error)))?;
        match response.status().as_u16() {
            200 => {}
            300..=399 => return Ok(FileText::Skipped("redirect")),
            401 | 403 | 404 | 410 => return Err(self.fault(Fault::NotFound)),
            429 => return Err(self.fault(Fault::RateLimited { after_ms: asked_pause(&response) })),
            status if status >= 500 => return Err(self.fault(Fault::Failing { status })),
            status => return Err(self.fault(Fault::Refused { status, code: String::new() })),
        }
        if is_html(&response) && !file.media.starts_with("text/html") {
            return Ok(FileText::Skipped("login page"));
        }
        let Some(bytes) = self.read(response).await? else { return Ok(FileText::Skipped("too large")) };
        Ok(text_of(&bytes).map_or_else(FileText::Skipped, FileText::Text))
    }

    fn fault(&self, fault: Fault) -> PortError {
        PortError::new(self.system, fault)
    }

    // The bytes, or nothing when there are too many.
    async fn read(&self, mut response: Response) -> Result<Option<Vec<u8>>, PortError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| self.fault(Fault::NoAnswer))? {
            if bytes.len() + chunk.len() > BYTES_MOST {
                return Ok(None);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes))
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

    fn file(name: &str, media: &str, url: &str) -> FileRef {
        FileRef { id: "1".into(), name: name.into(), media: media.into(), bytes: None, url: Secret::new(url) }
    }

    #[tokio::test]
    async fn what_holds_no_text_is_not_even_asked_for() {
        let files = Downloads::new("a test", false).expect("a client");
        let far = "https://example.com/x";
        for (name, media, why) in [
            ("a.png", "image/png", "image"),
            ("a", "application/zip", "archive"),
            ("a.pdf", "application/pdf", "document"),
            ("a.txt", "text/plain; charset=utf-8", "another host"),
            ("a.svg", "image/svg+xml", "another host"),
            ("env", "", "another host"),
        ] {
            let read = files.text(&file(name, media, far), |_| false, None).await.expect("it is no failure");
            assert_eq!(read, FileText::Skipped(why), "{name}");
        }
        let large = FileRef { bytes: Some(BYTES_MOST as u64 + 1), ..file("a.log", "text/plain", far) };
        let read = files.text(&large, |_| true, None).await.expect("it is no failure");
        assert_eq!(read, FileText::Skipped("too large"));
    }

    #[tokio::test]
    async fn a_download_that_hangs_ends() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback is there");
        let base = format!("http://{}", silent.local_addr().expect("an address"));
        let files = Downloads::within("a test", true, Duration::from_millis(50)).expect("a client");
        let asked = file("a.txt", "text/plain", &format!("{base}/a.txt"));
        let hung = files.text(&asked, |_| true, None).await.expect_err("nobody answers");
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
