//! Over every action that looks: whatever SEQN Auth or Authentik answers instead, each look ends in a true sentence.
//!
//! The table is actions by systems by faults. Invariant: where a system failed, its answer is named, nothing is called
//! well that was not seen, and nothing is said to have worked that was only looked at.

use std::fmt::Write as _;

use futures_util::StreamExt;
use futures_util::stream;

use seqn_chatops::app;
use seqn_chatops::catalog::Family;
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::story::{Player, parse, play};

/// How many desks are played at once: they mostly wait.
const AT_ONCE: usize = 4;
/// More often than any look asks.
const ALWAYS: u32 = 1_000;
/// What mira, an admin, types for each action that looks at either system. `N` is another number each time.
const LOOKS: [(&str, &str); 15] = [
    ("health", "health"),
    ("sign-in", "sign-in acme nora@acme.example"),
    ("admin-access", "admin-access acme ada@acme.example surface=proxy"),
    ("set-role", "set-role acme jo@acme.example role=admin ticket=SUP-N reason=asked"),
    ("project-config", "project-config acme portal"),
    ("provisioning", "provisioning acme portal"),
    ("subscription", "subscription acme"),
    ("set-subscription", "set-subscription globex plan=pro ticket=SUP-N reason=signed"),
    ("webhook", "webhook acme wh_orders"),
    ("rate-limit", "rate-limit /v1/config prefix=abcd1234"),
    ("revoke-session", "revoke-session acme jo@acme.example session=all ticket=SUP-N reason=lost"),
    ("link", "link acme ticket=SUP-N user=jo@acme.example entries=all"),
    (
        "rotate-secret",
        "rotate secret acme portal cause=exposed confirmed-by=@sam evidence=\"case of 09:12\" ticket=SUP-N",
    ),
    (
        "rotate-webhook-secret",
        "rotate webhook-secret acme wh_orders cause=exposed confirmed-by=@sam evidence=\"case of 09:12\" ticket=SUP-N",
    ),
    ("rotate-credential", "rotate credential oidc-client-secret"),
];
/// The actions of these families that look at neither system, or at nothing.
const ELSEWHERE: [&str; 7] = ["help", "whoami", "can", "leaks", "scan-channel", "rotate-handover", "break-glass"];
const ABOUT_CUSTOMERS: [Family; 2] = [Family::Seqn, Family::Rotate];
/// It asks `/healthz` alone, of which only the status is documented: whatever comes with 200, it is up.
const HEALTH_ALONE: (&str, &str) = ("rotate-credential", "seqn");
/// What a look never says: it does nothing that could have worked, and our own mistakes are none of the far side's.
const NEVER: [&str; 4] =
    ["It may have worked", "Nothing was sent", "Something went wrong on my side", "I could not read that"];

/// What the system does instead, and the words of which one must be said of it.
fn faults() -> Vec<(FaultKind, &'static [&'static str])> {
    vec![
        (FaultKind::Status(401), &["did not accept the bot's credential (401)", "answered 401"]),
        (FaultKind::Status(402), &["refused it", "answered 402"]),
        (FaultKind::Status(403), &["has no right to this", "answered 403"]),
        (FaultKind::Status(404), &["does not offer this here", "does not know it (404)", "answered 404"]),
        (FaultKind::Status(409), &["refused it", "answered 409"]),
        (FaultKind::RetryAfter(7), &["asks us to slow down (429). It may be asked again in 7 s.", "answered 429"]),
        (FaultKind::Status(500), &["is failing (500)", "answered 500"]),
        (FaultKind::Status(503), &["is failing (503)", "answered 503"]),
        (FaultKind::DropAfter, &["gave no answer"]),
        (FaultKind::Garbage, &["gave an answer that could not be read"]),
        (FaultKind::Body(200, String::new()), &["gave an answer that could not be read"]),
        (FaultKind::Body(200, "[1, 2]".into()), &["gave an answer that could not be read"]),
        (FaultKind::Body(502, "<h1>Bad gateway</h1>".into()), &["is failing (502)", "answered 502"]),
    ]
}

fn asked(desk: &Desk, system: &str) -> usize {
    if system == "seqn" { desk.seqn.requests().len() } else { desk.authentik.requests().len() }
}

/// Looks with that fault; what was said, and whether the system was asked at all.
async fn look(player: &mut Player, typed: &str, system: &str, kind: &FaultKind, number: usize) -> (String, bool) {
    let before = (player.transcript.len(), asked(&player.desk, system));
    player.desk.faults.arm(system, "", kind.clone(), ALWAYS);
    let line = format!("mira on slack in support types /seqn {}", typed.replace("SUP-N", &format!("SUP-{number}")));
    play(player, &parse(&line).unwrap()).await.unwrap();
    player.desk.faults.clear();
    let said = player.transcript[before.0..].to_owned();
    if said.contains("Cancel") {
        play(player, &parse("mira presses Cancel").unwrap()).await.unwrap();
    }
    (said, asked(&player.desk, system) > before.1)
}

/// What is untrue in what was said.
fn untrue(said: &str, one_of: &[&str]) -> Vec<String> {
    let mut found: Vec<String> =
        NEVER.iter().filter(|p| said.contains(**p)).map(|p| format!("it says {p:?}")).collect();
    if !one_of.iter().any(|part| said.contains(part)) {
        found.push(format!("it says none of {one_of:?}"));
    }
    if said.contains('✅') {
        found.push("it says that all is well".into());
    }
    found
}

async fn row(action: &str, typed: &str) -> Result<usize, String> {
    let folder = crate::folder::folder();
    let database = folder.path().join("looks.sqlite");
    let setup = Setup { seed: 7, database, live: false, slack: true, discord: true };
    let mut player = Player::new(Desk::open(setup).await.unwrap()).await.unwrap();
    let (mut wrong, mut looked) = (String::new(), 0);
    for system in ["seqn", "authentik"] {
        for (number, (kind, one_of)) in (1..).zip(faults()) {
            let (said, hit) = look(&mut player, typed, system, &kind, number).await;
            let well_answered = matches!(kind, FaultKind::Garbage | FaultKind::Body(200, _));
            if !hit || (well_answered && HEALTH_ALONE == (action, system)) {
                continue;
            }
            looked += 1;
            for why in untrue(&said, one_of) {
                let _ = writeln!(wrong, "{action}, {system} {kind:?}: {why} in\n{said}");
            }
        }
    }
    assert_eq!(player.desk.world.effects(), Vec::<String>::new(), "{action} only looks");
    player.desk.stop().await;
    if looked == 0 {
        let _ = writeln!(wrong, "{action} asks neither system");
    }
    if wrong.is_empty() { Ok(looked) } else { Err(wrong) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_answered_instead_each_look_says_it() {
    let rows = stream::iter(LOOKS).map(|(action, typed)| row(action, typed)).buffer_unordered(AT_ONCE);
    let results: Vec<_> = rows.collect().await;
    let wrong: Vec<String> = results.iter().filter_map(|row| row.as_ref().err().cloned()).collect();
    assert!(wrong.is_empty(), "{} actions are untrue\n{}", wrong.len(), wrong.join("\n"));
    let looked: usize = results.into_iter().flatten().sum();
    println!("{looked} looks under a fault, each with its sentence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_never_answers_is_said_not_to_have() {
    let folder = crate::folder::folder();
    let database = folder.path().join("hang.sqlite");
    let setup = Setup { seed: 7, database, live: false, slack: true, discord: true };
    let mut player = Player::new(Desk::open(setup).await.unwrap()).await.unwrap();
    player.desk.faults.arm("authentik", "", FaultKind::Hang, ALWAYS);
    let (said, hit) = look(&mut player, LOOKS[1].1, "seqn", &FaultKind::Hang, 1).await;
    assert!(hit);
    for part in ["SEQN Auth gave no answer.", "Authentik gave no answer."] {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
    assert_eq!(untrue(&said, &["gave no answer"]), Vec::<String>::new(), "{said}");
    player.desk.stop().await;
}

#[test]
fn every_action_is_in_the_table_or_looks_elsewhere() {
    let known: Vec<&str> = LOOKS.iter().map(|(action, _)| *action).chain(ELSEWHERE).collect();
    let catalog = app::catalog::standard();
    let theirs = catalog.definitions().filter(|d| ABOUT_CUSTOMERS.contains(&d.family)).map(|d| d.name);
    let missing: Vec<&str> = theirs.filter(|name| !known.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} are in no list");
}
