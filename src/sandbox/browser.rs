//! Somebody's browser, as far as signing in needs one: it opens a page, follows its link, and comes back.
//!
//! Invariant: the bot's public address leads to where it listens here.

use std::net::SocketAddr;

use anyhow::{Context, anyhow};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::{Position, Url};

use super::authentik::SIGNS_IN;

/// Where browsers reach the bot, as its configuration says.
const PUBLIC_URL: &str = "https://chatops.seqn.example";
/// How the link in chat goes on.
const STATE: &str = "/login?state=";

/// The section that has people sign in at the Authentik of that address; nothing where they need not.
#[must_use]
pub fn section(authentik: &str, on: bool) -> String {
    if !on {
        return String::new();
    }
    format!(
        "\n[identity.login]\nissuer = \"{authentik}/application/o/seqn-chatops/\"\nclient_id = \"seqn-chatops\"\n\
         client_secret = {{ env = \"AUTHENTIK_LOGIN_SECRET\" }}\npublic_url = \"{PUBLIC_URL}\"\n"
    )
}

/// The state of the last link that the text holds.
#[must_use]
pub fn state_in(text: &str) -> Option<String> {
    let (_, rest) = text.rsplit_once(STATE)?;
    let state: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    (!state.is_empty()).then_some(state)
}

/// An answer: its status, its head and its body.
struct Page {
    status: u16,
    head: String,
    body: String,
}

impl Page {
    /// Opens an address of this machine, as that user where one is named.
    async fn open(at: &Url, user: Option<&str>) -> anyhow::Result<Self> {
        let host = at[Position::BeforeHost..Position::AfterPort].to_owned();
        let mut stream = TcpStream::connect(&host).await?;
        let user = user.map_or_else(String::new, |user| format!("{SIGNS_IN}: {user}\r\n"));
        let path = &at[Position::BeforePath..Position::AfterQuery];
        let ask = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{user}connection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no head")?;
        let status =
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("the answer has no status")?;
        Ok(Self { status, head: head.to_owned(), body: body.to_owned() })
    }

    /// Where it sends the browser.
    fn leads(&self) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix("location: "))
    }
}

/// Signs in as that user with the link of that state, at the bot that listens there. The status of the last page.
///
/// # Errors
/// When a page does not answer, or leads to where nobody can follow.
pub async fn signs_in(bot: SocketAddr, state: &str, user: &str) -> anyhow::Result<u16> {
    let first = Page::open(&format!("http://{bot}{STATE}{state}").parse()?, None).await?;
    if first.status != 200 {
        return Ok(first.status);
    }
    let link = first.body.split_once("<a href=\"").and_then(|(_, rest)| rest.split_once('"'));
    let to = link.ok_or_else(|| anyhow!("the page leads nowhere"))?.0.replace("&amp;", "&");
    let there = Page::open(&to.parse()?, Some(user)).await?;
    let back = there.leads().context("nobody is sent back")?;
    let back = back.strip_prefix(PUBLIC_URL).ok_or_else(|| anyhow!("it leads away: {back}"))?;
    Ok(Page::open(&format!("http://{bot}{back}").parse()?, None).await?.status)
}
