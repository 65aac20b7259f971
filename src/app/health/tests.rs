//! Health and metrics of a bot whose platforms are not connected, over a real socket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::app::wiring::Seams;
use crate::app::{SystemClock, SystemIds, parse};
use crate::engine::Stop;

/// A bot with one platform that nobody connects, served on a port of the system's choice.
async fn served(folder: &std::path::Path) -> (SocketAddr, watch::Sender<bool>) {
    let path = folder.join("bot.db");
    let text = format!(
        "[store]\npath = {path:?}\n[authentik]\nbase = \"http://127.0.0.1:9\"\nissuer = \"http://127.0.0.1:9/o/\"\n\
         [discord]\nguild = \"900000000000000001\"\ntoken = {{ env = \"DISCORD\" }}\n\
         api_base = \"http://127.0.0.1:9\"\n\
         [places]\nactions = [\"discord:920000000000000001\"]\napprovals = [\"discord:920000000000000002\"]\n\
         [[staff]]\nid = \"lee\"\nroles = [\"lead\"]\nconsole = true\n\
         [[staff]]\nid = \"sam\"\nroles = [\"security\"]\nconsole = true\n"
    );
    let config = parse(&text, &|_| Ok("correct horse battery".into())).unwrap_or_else(|e| unreachable!("{e:?}"));
    let seams =
        Seams { clock: Arc::new(SystemClock), ids: Arc::new(SystemIds::new()), stop: Stop::never(), console: None };
    let bot = Arc::new(crate::app::build(&config, seams).await.expect("a bot"));
    let listener = listen("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stopper, stop) = watch::channel(false);
    tokio::spawn(serve(listener, bot, stop));
    (address, stopper)
}

async fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    answer
}

#[tokio::test]
async fn a_bot_that_is_not_connected_is_up_but_not_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _stopper) = served(folder.path()).await;
    assert!(ask(address, "/healthz").await.starts_with("HTTP/1.1 200"));
    let ready = ask(address, "/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(ready.contains(r#""discord":{"state":"connecting"}"#) && ready.contains(r#""slack":{"state":"off"}"#));
    assert!(ready.contains(r#""store":true"#), "{ready}");
    let metrics = ask(address, "/metrics").await;
    for line in [
        "seqn_chatops_store_up 1",
        "seqn_chatops_platform_live{platform=\"discord\"} 0",
        "seqn_chatops_outbox_owed 0",
        "seqn_chatops_requests_open{state=\"running\"} 0",
        "seqn_chatops_audit_rows 0",
    ] {
        assert!(metrics.lines().any(|known| known == line), "{line} is missing in {metrics}");
    }
    assert!(ask(address, "/nothing").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn an_address_in_use_is_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address");
    let error = listen(address).await.expect_err("taken").to_string();
    assert!(error.starts_with("health.listen: "), "{error}");
}
