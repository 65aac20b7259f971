//! GitHub: what is sent for an incident's life, and for notes and tickets. GitHub's own description is too large to lie
//! here: with `SEQN_RECORDED` naming a file, the requests are written there, and `tests/peers/github.mjs` holds them
//! against it.

use seqn_chatops::model::NoticeContent;
use seqn_chatops::ports::Target as _;
use seqn_chatops::sandbox::settings::secret;
use seqn_chatops::sandbox::world::Recorded;
use serde_json::{Value, json};

use super::{Stand, body, life, line, notice, tell_all};

async fn asked() -> Vec<Recorded> {
    let stand = Stand::new().await;
    tell_all(&stand.open("upptime"), life()).await.unwrap();
    let (tickets, tracker) = stand.tracker();
    assert!(tickets.ticket(&"SUP-7".parse().unwrap()).await.unwrap().unwrap().open);
    assert_eq!(tickets.ticket(&"SUP-9999".parse().unwrap()).await.unwrap(), None);
    let note = NoticeContent::Note { ticket: "SUP-7".parse().unwrap(), text: "Ended one session.".into() };
    let note = notice(1, note);
    tracker.tell(&note, None).await.unwrap();
    assert!(tracker.told(&note, None).await.unwrap().is_some());
    let ticket = NoticeContent::NewTicket { title: "Renew in time".into(), text: "By @lee <soon>".into() };
    let ticket = notice(2, ticket);
    let made = tracker.tell(&ticket, None).await.unwrap();
    assert_eq!(made.object.as_deref(), Some("SUP-9101"));
    assert_eq!(tracker.told(&ticket, None).await.unwrap().unwrap().object, made.object);
    stand.sims.github.requests()
}

#[tokio::test]
async fn every_request_is_as_github_takes_it() {
    let requests = asked().await;
    let token = format!("Bearer {}", secret("GITHUB_TOKEN").unwrap());
    for request in &requests {
        assert_eq!(request.header("authorization"), Some(token.as_str()));
        assert_eq!(request.header("x-github-api-version"), Some("2022-11-28"));
        assert!(request.header("user-agent").is_some(), "GitHub refuses those without");
    }
    let lines: Vec<String> = requests.iter().map(line).collect();
    let (status, support) = ("/repos/seqn/status/issues", "/repos/seqn/support/issues");
    let list = format!("GET {status}?state=all&sort=created&labels=incident&direction=desc&per_page=10&page=1");
    assert_eq!(lines[..2], [list, format!("POST {status}")], "it is looked for before it is made");
    assert_eq!(lines.iter().filter(|line| **line == format!("POST {status}/1/comments")).count(), 7);
    let turned = requests.iter().filter(|request| request.method == "PATCH").map(body);
    let states: Vec<String> = turned.map(|body| body["state"].as_str().unwrap().to_owned()).collect();
    assert_eq!(states, ["closed", "open", "closed", "closed"]);
    assert!(lines.contains(&format!("POST {support}/7/comments")) && lines.contains(&format!("POST {support}")));
    assert!(lines.contains(&"GET /repos/seqn/support".to_owned()), "a 404 is believed of a repository that is seen");
    let ticket = requests.iter().find(|one| line(one) == format!("POST {support}")).map(body).unwrap();
    assert_eq!(ticket["body"], "<!-- seqn-chatops ticket rq-b7c2d9f4:2:here -->\nBy @\u{200b}lee &lt;soon>");
    record(&requests);
}

/// Writes the requests down for who has the description.
fn record(requests: &[Recorded]) {
    let Some(file) = std::env::var_os("SEQN_RECORDED") else { return };
    let shown = |request: &Recorded| {
        let body = if request.body.is_empty() { Value::Null } else { body(request) };
        json!({ "method": request.method, "path": request.path, "query": request.query, "body": body })
    };
    let all: Vec<Value> = requests.iter().map(shown).collect();
    std::fs::write(file, json!(all).to_string()).unwrap();
}
