//! One gateway connection as a socket: opening it, reading frames, saying goodbye.
//!
//! It knows no sessions. Invariants: every wait has an end, and no frame is logged.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use url::Url;

use super::http::{USER_AGENT, trusted};
use super::wire::Frame;

/// The largest frame that is taken, in bytes: a big server's `GUILD_CREATE` has a few megabytes.
const FRAME_MOST: usize = 16 * 1024 * 1024;
/// How long writing one frame may take.
const WRITE_DEADLINE: Duration = Duration::from_secs(5);
/// How long a goodbye may take.
const CLOSE_DEADLINE: Duration = Duration::from_secs(1);

/// What was read.
pub(super) enum Read {
    /// A frame.
    Frame(Frame),
    /// Something that is no frame of ours; its length in bytes.
    Garbage(usize),
    /// Nothing for us.
    Noise,
    /// The end: the close code, if there was one.
    Over(Option<u16>),
}

/// An open connection.
pub(super) struct Link {
    ws: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// The address with the version and encoding that we speak; `None` where a token must not go.
pub(super) fn address(base: &str) -> Option<Url> {
    let mut url = Url::parse(base).ok().filter(|url| trusted(url, "wss", "ws"))?;
    url.set_query(Some("v=10&encoding=json"));
    Some(url)
}

impl Link {
    /// Opens a connection. `None` where that fails or takes too long.
    pub(super) async fn open(base: &str, within: Duration) -> Option<Self> {
        let mut request = address(base)?.as_str().into_client_request().ok()?;
        request.headers_mut().insert("user-agent", HeaderValue::from_static(USER_AGENT));
        let config = WebSocketConfig::default().max_message_size(Some(FRAME_MOST)).max_frame_size(Some(FRAME_MOST));
        let opening = connect_async_with_config(request, Some(config), true);
        let (ws, _) = timeout(within, opening).await.ok()?.ok()?;
        Some(Self { ws })
    }

    /// Waits for the next thing.
    pub(super) async fn next(&mut self) -> Read {
        match self.ws.next().await {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(frame) => Read::Frame(frame),
                Err(_) => Read::Garbage(text.len()),
            },
            Some(Ok(Message::Binary(bytes))) => Read::Garbage(bytes.len()),
            Some(Ok(Message::Close(frame))) => Read::Over(frame.map(|f| f.code.into())),
            Some(Ok(_)) => Read::Noise,
            Some(Err(_)) | None => Read::Over(None),
        }
    }

    /// Writes a frame; false when the line is dead.
    pub(super) async fn send(&mut self, frame: &Value) -> bool {
        let writing = self.ws.send(Message::text(frame.to_string()));
        matches!(timeout(WRITE_DEADLINE, writing).await, Ok(Ok(())))
    }

    /// Says goodbye with that code and lets go.
    pub(super) async fn close(mut self, code: u16) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
        // Whether it arrives or not, we are gone.
        let _ = timeout(CLOSE_DEADLINE, self.ws.close(Some(frame))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_always_said_and_tokens_stay_safe() {
        let said = |base: &str| address(base).map(|url| url.to_string());
        assert_eq!(said("ws://127.0.0.1:9/resume").as_deref(), Some("ws://127.0.0.1:9/resume?v=10&encoding=json"));
        let again = said("wss://gateway.discord.gg/?v=9&compress=zlib-stream");
        assert_eq!(again.as_deref(), Some("wss://gateway.discord.gg/?v=10&encoding=json"));
        for bad in ["ws://gateway.discord.gg", "https://127.0.0.1", "gateway", "", "ws://127.0.0.1.example/"] {
            assert_eq!(said(bad), None, "{bad}");
        }
    }
}
