//! Health and metrics of a bot whose platforms are not connected, over a real socket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::app::wiring::Seams;
use crate::app::{SystemClock, SystemIds, parse};
use crate::clients::Internet;
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
    let seams = Seams {
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds::new()),
        outside: Arc::new(Internet),
        stop: Stop::never(),
        console: None,
        keys: None,
    };
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
        "seqn_chatops_inbox_received_total{platform=\"discord\"} 0",
        "seqn_chatops_sockets_opened_total{platform=\"discord\"} 0",
        "seqn_chatops_outbox_owed 0",
        "seqn_chatops_requests_open{state=\"running\"} 0",
        "seqn_chatops_watched_messages_total 0",
        "seqn_chatops_leak_cases{state=\"open\"} 0",
        "seqn_chatops_incidents_open{severity=\"sev1\"} 0",
        "seqn_chatops_alerts_open 0",
        "seqn_chatops_audit_rows 0",
    ] {
        assert!(metrics.lines().any(|known| known == line), "{line} is missing in {metrics}");
    }
    let body = metrics.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    assert_eq!(flaws(body), Vec::<String>::new(), "{body}");
    assert!(ask(address, "/nothing").await.starts_with("HTTP/1.1 404"));
    assert!(ask(address, "/alertmanager").await.starts_with("HTTP/1.1 404"), "it is off unless it is configured");
}

#[tokio::test]
async fn an_address_in_use_is_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address");
    let error = listen(address).await.expect_err("taken").to_string();
    assert!(error.starts_with("health.listen: "), "{error}");
}

/// What Prometheus' text format would not allow: each family is named, described and typed once, before its samples,
/// and its samples stand together.
fn flaws(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut helped, mut typed, mut now) = (Vec::new(), Vec::new(), "");
    let word = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(plain)
    };
    for line in text.lines() {
        let parts: Vec<&str> = line.splitn(4, ' ').collect();
        match parts[..] {
            ["#", "HELP", name, help] if word(name) && !helped.contains(&name) && !help.is_empty() => helped.push(name),
            ["#", "TYPE", name, kind @ ("counter" | "gauge")] if helped.last() == Some(&name) => {
                if (kind == "counter") != name.ends_with("_total") {
                    found.push(format!("{name} is a {kind}"));
                }
                typed.push(name);
                now = name;
            }
            _ => match line.rsplit_once(' ') {
                Some((series, value)) if value.parse::<f64>().is_ok() && !line.starts_with('#') => {
                    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                    let pairs = labels.strip_suffix('}').map(|all| all.split(',').filter(|pair| !pair.is_empty()));
                    let sound = |pair: &str| {
                        let (label, value) = pair.split_once("=\"").unwrap_or(("", ""));
                        word(label) && !label.contains(':') && value.ends_with('"') && !value.contains('\\')
                    };
                    if name != now || !pairs.is_some_and(|mut pairs| pairs.all(sound)) {
                        found.push(line.to_owned());
                    }
                }
                _ => found.push(line.to_owned()),
            },
        }
    }
    if !text.ends_with('\n') || typed != helped {
        found.push("a family is only half described, or the last line does not end".to_owned());
    }
    found
}

#[test]
fn what_prometheus_would_refuse_is_seen() {
    let good = "# HELP a_b What.\n# TYPE a_b gauge\na_b{x=\"y\",z=\"w\"} 1\na_b 2\n# HELP c_total What.\n# TYPE c_total counter\nc_total 3\n";
    assert_eq!(flaws(good), Vec::<String>::new());
    for (from, to) in [
        ("# HELP a_b What.\n", ""),
        ("# TYPE a_b gauge\n", ""),
        ("a_b gauge", "a_b counter"),
        ("c_total 3", "c_total three"),
        ("c_total 3\n", "c_total 3\na_b 4\n"),
        ("x=\"y\"", "x=y"),
        ("a_b 2", "a-b 2"),
        ("c_total 3\n", "c_total 3"),
    ] {
        assert!(!flaws(&good.replace(from, to)).is_empty(), "{from:?} -> {to:?} is let pass");
    }
}
