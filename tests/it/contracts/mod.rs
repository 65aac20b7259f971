//! The clients' requests and the emulators' answers, held against the published specifications.
//!
//! What is judged here is the shape; what the bot does with it is judged by the stories. Invariant: a client and
//! its emulator cannot share a misreading that the specification would show.

mod authentik;
mod discord;
mod discord_rooms;
mod seqn;
pub mod targets;

use seqn_chatops::guard::{FingerprintKey, Guard};
use seqn_chatops::sandbox::world::Recorded;
use serde_json::Value;

use crate::specs::{Operation, accepts};

/// What came back.
struct Heard {
    status: u16,
    body: Value,
}

/// Asks an emulator as a stranger would, without the bot's clients.
async fn ask(base: &str, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Heard {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut request = client.request(method.parse().unwrap(), format!("{base}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    Heard { status, body: serde_json::from_str(&text).unwrap_or_default() }
}

/// Holds an answer against what the operation declares for its status.
fn answers_as_declared(operation: &Operation<'_>, what: &str, heard: &Heard) {
    let declared = operation.answer(heard.status);
    let judge = declared.unwrap_or_else(|| panic!("{what}: {} is not declared: {}", heard.status, heard.body));
    if let Some(judge) = judge {
        accepts(what, &judge, &heard.body);
    }
}

/// Holds that a request which a client made exists: its path, its method, and every parameter of its query.
fn asks_what_exists(document: &Value, prefix: &str, request: &Recorded) -> String {
    let line = format!("{} {}?{}", request.method, request.path, request.query);
    let path = request.path.strip_prefix(prefix).unwrap_or_else(|| panic!("{line} is outside {prefix}"));
    let operation = Operation::find(document, &request.method, path);
    let operation = operation.unwrap_or_else(|| panic!("{line} is not in the specification"));
    for pair in request.query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or_default();
        assert!(operation.takes("query", name), "{line}: {} has no parameter {name}", operation.template);
    }
    operation.id().to_owned()
}

/// A guard with a key that every test knows.
fn guard() -> Guard {
    Guard::new(FingerprintKey::new([7; 32]))
}
