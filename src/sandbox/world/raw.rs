//! A bare TCP caller for the emulators' own tests: what is on the wire is what the test sees.
//!
//! It knows no retries and no redirects. Invariant: an empty answer means that the far side closed.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One answer, read to its end.
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Heard {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// All bytes that come back until the far side closes.
pub(crate) async fn bytes(base: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end, too.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8(answer).unwrap()
}

/// Sends one request. `headers` are whole lines without line ends.
pub(crate) async fn call(base: &str, line: &str, headers: &[String], body: &str) -> Heard {
    let mut request = format!("{line} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n");
    for header in headers {
        request.push_str(&format!("{header}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let answer = bytes(base, &request).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Heard { status, head: head.to_lowercase(), body: body.into() }
}
