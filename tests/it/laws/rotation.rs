//! Rotation: whenever the bot dies and however the call fails, a key that was made either opens for its receivers or is
//! called lost, and no request makes two.
//!
//! Invariant: the judge asks the world which key holds, and opens what is shown with the receivers' own key.

use futures_util::StreamExt;
use futures_util::stream;

use seqn_chatops::engine::Stop;
use seqn_chatops::model::{State, WayState};
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::sealed::{ACME, EVERYBODY, opened};
use seqn_chatops::sandbox::settings::Way;

use super::{Act, Does, Seen, all_hold, count, desk, in_the_call, once, passing_kinds, screens, through};

/// How many desks are played at once: they mostly wait.
const AT_ONCE: usize = 6;
/// More often than anything is tried.
const ALWAYS: u32 = 1_000;
/// How many deaths are played at once: each is mostly work.
const TOGETHER: usize = 2;
/// The most commit checks that rotating and rolling out may have.
const CHECKS_MOST: u64 = 200;
/// Beyond the time after which "the key begins as before" means that nothing happened.
const SETTLED_MS: i64 = 61_000;
/// How often what was put off is waited for: more than any call is tried.
const PUT_OFF_MOST: u32 = 8;

/// One kind of rotation.
#[derive(Clone, Copy)]
struct Kind {
    asks: &'static str,
    /// As `World::holds` knows it.
    what: &'static str,
    effect: &'static str,
    route: &'static str,
    reads: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        asks: "/rotate secret acme portal cause=stale confirmed-by=@kim evidence=log ticket=SUP-1",
        what: "acme/portal",
        effect: "seqn rotate-project-secret acme/portal",
        route: "POST /v1/organizations/acme/projects/portal/rotate-secret",
        reads: "GET /v1/organizations/acme/projects/portal",
    },
    Kind {
        asks: "/rotate webhook-secret acme wh_orders cause=stale confirmed-by=@kim evidence=log ticket=SUP-2",
        what: "wh_orders",
        effect: "seqn rotate-webhook-secret wh_orders",
        route: "POST /v1/organizations/acme/webhooks/wh_orders/rotate-secret",
        reads: "GET /v1/organizations/acme/webhooks",
    },
];

const fn act(who: &'static str, does: Does, until: Seen) -> Act {
    Act { who, stage: "slack", does, until }
}

/// Until it is agreed to.
fn asked(kind: Kind) -> [Act; 4] {
    [
        act("mira", Does::Types(kind.asks), Seen::Button("Ask for approval")),
        act("mira", Does::Presses("Ask for approval"), Seen::InChannel("approvals", "Mira asks for approval.")),
        act("sam", Does::Presses("Review"), Seen::Button("Approve")),
        act("sam", Does::Presses("Approve"), Seen::Text("Why do you agree?")),
    ]
}

const AGREES: Act = act("sam", Does::Submits(&[("org", "acme"), ("reason", "Kim showed it")]), Seen::Button("Done"));
const PRESSED: Act = act("mira", Does::Presses("Done"), Seen::Button("Done"));

/// Whether it was agreed to, so that the requester has something to do.
fn begun(desk: &Desk) -> bool {
    desk.person("mira").on("slack").sees().iter().any(|s| s.buttons.iter().any(|b| b == "Done"))
}

/// Whether the rotation has come to an end of any kind, or to its roll-out.
fn rolls_out_or_ended(desk: &Desk) -> bool {
    let mira = desk.person("mira").on("slack").sees();
    mira.iter().any(|s| s.text.contains("The consumers take it") || s.text.contains("Failed: rotate"))
}

fn ended(desk: &Desk) -> bool {
    ["Done and confirmed", "Done, but not confirmed", "Failed:"]
        .iter()
        .any(|text| count(desk, "slack", Some("support"), text) > 0)
}

async fn patiently(desk: &Desk, until: impl Fn(&Desk) -> bool) -> Result<(), String> {
    for _ in 0..PUT_OFF_MOST {
        desk.settle().await.map_err(|e| e.to_string())?;
        if until(desk) {
            return Ok(());
        }
        desk.dial.advance_ms(SETTLED_MS);
    }
    Err(format!("it comes to no end:\n{}", screens(desk)))
}

fn rotations(desk: &Desk, kind: Kind) -> usize {
    desk.world.effects().iter().filter(|effect| *effect == kind.effect).count()
}

/// Whether what the requester was shown, or what was passed on, is the key that holds now.
fn in_hands(desk: &Desk, kind: Kind) -> bool {
    let shown = desk.person("mira").on("slack").sees();
    let open = |by: &str| shown.iter().flat_map(|s| opened(&s.text, by)).any(|key| desk.world.holds(kind.what, &key));
    let files = std::fs::read_dir(desk.key_folder()).expect("the folder of keys");
    let received = files
        .filter_map(|file| std::fs::read_to_string(file.expect("a file").path()).ok())
        .any(|key| desk.world.holds(kind.what, &key));
    received || (open(EVERYBODY) && open(ACME))
}

/// What must be so at every end: world, record and words agree, and no key is anywhere in clear.
async fn judge(desk: &Desk, kind: Kind) -> Result<(usize, bool), String> {
    let made = rotations(desk, kind);
    let store = desk.bot().map_err(|e| e.to_string())?.engine.store();
    let mut ids = Vec::new();
    for state in [State::Done, State::Unconfirmed, State::Failed] {
        ids.extend(store.requests_in(&[state], 9).await.expect("read"));
    }
    let [id] = ids.as_slice() else { return Err(format!("{} requests have ended", ids.len())) };
    let handed = store.handed(id).await.expect("read");
    let rows = store.audit_of(id).await.expect("read");
    let told = count(desk, "slack", Some("support"), "WAS rotated, and its new value is lost: rotate it again.") == 1;
    let recorded = handed.iter().any(|one| !one.reachable());
    let says = rows.iter().any(|row| format!("{:?}", row.details).contains("Rotated, value lost, rotate again."));
    if made > 1 {
        return Err(format!("it was rotated {made} times"));
    }
    if (handed.len(), told, says) != (made, recorded, recorded) {
        return Err(format!("made {made}, recorded {handed:?}, told {told}, in the trail {says}\n{}", screens(desk)));
    }
    if made == 1 && !recorded && !in_hands(desk, kind) {
        return Err(format!("a key was made, it is not called lost, and nobody can open it\n{}", screens(desk)));
    }
    if handed.iter().any(|one| one.state == WayState::Begun) {
        return Err("a key is on its way for ever".into());
    }
    clean(desk)?;
    let verdict = store.audit_verify().await.expect("read");
    verdict.first_bad.map_or(Ok((made, recorded)), |bad| Err(format!("the trail is broken: {bad:?}")))
}

/// No key of the world is in the database's files, on a screen, or in what was sent to a platform.
fn clean(desk: &Desk) -> Result<(), String> {
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for end in ["", "-wal"] {
        let mut name = desk.database().as_os_str().to_owned();
        name.push(end);
        places.push((format!("the database{end}"), std::fs::read(name).unwrap_or_default()));
    }
    places.push(("a screen".into(), screens(desk).into_bytes()));
    places.push(("Slack's requests".into(), format!("{:?}", desk.slack.requests()).into_bytes()));
    places.push(("Discord's requests".into(), format!("{:?}", desk.discord.requests()).into_bytes()));
    for secret in desk.world.secrets() {
        for (name, bytes) in &places {
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                return Err(format!("a key of the world is in {name}"));
            }
        }
    }
    Ok(())
}

/// Agreed to, with the first step by hand waiting.
async fn agreed(desk: &mut Desk, kind: Kind) -> Result<(), String> {
    desk.start(Stop::never()).await.map_err(|e| format!("{e:#}"))?;
    through(desk, &asked(kind)).await?;
    once(desk, AGREES).await?;
    patiently(desk, begun).await
}

/// Works it off; the bot dies once, at that check from the first "Done" on. Says whether it died, how often it was
/// rotated, and whether the key is lost.
async fn dies_at(kind: Kind, way: Way, at: u64) -> Result<(bool, usize, bool), String> {
    let (_folder, mut desk) = desk().await;
    desk.knobs(|knobs| knobs.way = way);
    agreed(&mut desk, kind).await?;
    desk.crash().await;
    let stop = Stop::never();
    desk.start(stop.clone()).await.map_err(|e| format!("{e:#}"))?;
    desk.settle().await.map_err(|e| e.to_string())?;
    stop.in_checks(at);
    let mut died = false;
    let steps: [&dyn Fn(&Desk) -> bool; 2] = [&rolls_out_or_ended, &ended];
    for until in steps {
        if ended(&desk) {
            break;
        }
        let pressed = once(&desk, PRESSED).await;
        let settled = desk.settle().await;
        if stop.stopped() && !died {
            died = true;
            desk.crash().await;
            desk.start(Stop::never()).await.map_err(|e| format!("{e:#}"))?;
            desk.dial.advance_ms(SETTLED_MS);
            desk.settle().await.map_err(|e| e.to_string())?;
            if !until(&desk) {
                // What was lost is done again; a button that is gone says that it was not lost.
                once(&desk, PRESSED).await.unwrap_or_default();
            }
        } else {
            pressed?;
            settled.map_err(|e| e.to_string())?;
        }
        patiently(&desk, until).await?;
    }
    let (made, lost) = judge(&desk, kind).await?;
    desk.crash().await;
    Ok((died, made, lost))
}

async fn whenever_it_dies(kind: Kind, way: Way) {
    let mut losses = 0;
    let deaths = (1..CHECKS_MOST).map(|at| async move { (at, dies_at(kind, way, at).await) });
    let mut deaths = stream::iter(deaths).buffered(TOGETHER);
    while let Some((at, died)) = deaths.next().await {
        let (died, made, lost) = died.unwrap_or_else(|why| panic!("{} stopped at {at}: {why}", kind.what));
        assert_eq!(made, 1, "{} stopped at {at}: it is rotated once", kind.what);
        losses += usize::from(lost);
        if !died {
            assert!(at > 10, "a rotation has more commits than that");
            assert!(!lost, "without a death nothing is lost");
            // Before the commit of what was sealed; with a command also after it, while the key is passed on.
            let expected = if way == Way::Sealed { 1..=1 } else { 2..=4 };
            assert!(expected.contains(&losses), "{}: {losses} deaths lose the key", kind.what);
            return;
        }
    }
    panic!("it did not end within {CHECKS_MOST} commit checks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_project_key_opens_or_is_called_lost_wherever_the_bot_dies() {
    whenever_it_dies(KINDS[0], Way::Sealed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_signing_secret_opens_or_is_called_lost_wherever_the_bot_dies() {
    whenever_it_dies(KINDS[1], Way::Sealed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_a_command_takes_arrives_or_is_called_lost_wherever_the_bot_dies() {
    whenever_it_dies(KINDS[0], Way::Command).await;
}

/// How often it is rotated, and whether the key is lost then, when the call fails so, once or always.
fn expected(kind: &FaultKind, always: bool) -> (usize, bool) {
    match (kind, always) {
        (FaultKind::DropAfter, _) => (1, true),
        (FaultKind::Status(401..=499), _) => (0, false),
        (_, once) => (usize::from(!once), false),
    }
}

async fn fails(kind: Kind, fault: FaultKind, always: bool, blind: bool) -> Result<(), String> {
    let name =
        format!("{} {fault:?}{}{}", kind.what, if always { " always" } else { "" }, if blind { ", blind" } else { "" });
    let say = |why: String| format!("{name}: {why}");
    let (_folder, mut desk) = desk().await;
    agreed(&mut desk, kind).await.map_err(say)?;
    desk.faults.arm("seqn", kind.route, fault.clone(), if always { ALWAYS } else { 1 });
    if blind {
        // Once before the call, and once when it is read back.
        desk.faults.arm("seqn", kind.reads, FaultKind::Status(503), 2);
    }
    once(&desk, PRESSED).await.map_err(say)?;
    patiently(&desk, rolls_out_or_ended).await.map_err(say)?;
    if !ended(&desk) {
        once(&desk, PRESSED).await.map_err(say)?;
        patiently(&desk, ended).await.map_err(say)?;
    }
    let found = judge(&desk, kind).await.map_err(say)?;
    let want = expected(&fault, always);
    if found != want {
        return Err(say(format!("rotated and lost: {found:?}, not {want:?}\n{}", screens(&desk))));
    }
    desk.crash().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_the_call_ends_in_the_truth() {
    let mut cases = Vec::new();
    for kind in KINDS {
        let refusals = [401, 402, 403, 404, 409].map(FaultKind::Status);
        for fault in passing_kinds().into_iter().chain(refusals) {
            cases.push(fails(kind, fault.clone(), false, false));
            cases.push(fails(kind, fault, true, false));
        }
        cases.push(fails(kind, FaultKind::DropAfter, false, true));
        cases.push(fails(kind, FaultKind::Status(500), false, true));
    }
    all_hold(stream::iter(cases).buffer_unordered(AT_ONCE).collect().await);
}

/// How often SEQN Auth was asked for that rotation.
fn asked_for(desk: &Desk, kind: Kind) -> usize {
    desk.seqn.requests().iter().filter(|r| format!("{} {}", r.method, r.path) == kind.route).count()
}

/// A bot that dies in the middle of every call asks a few times, each after the key was seen unchanged, and gives up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_that_dies_in_every_call_rotates_nothing_and_says_so() {
    const TRIES: usize = 4;
    let kind = KINDS[0];
    let (_folder, mut desk) = desk().await;
    agreed(&mut desk, kind).await.expect("the first step");
    desk.faults.arm("seqn", kind.route, FaultKind::Hang, ALWAYS);
    once(&desk, PRESSED).await.expect("prepared");
    let mut deaths = 0;
    for _ in 0..20 {
        if in_the_call(&desk, || asked_for(&desk, kind)).await {
            deaths += 1;
            desk.crash().await;
            desk.start(Stop::never()).await.expect("the bot starts again");
        }
        desk.dial.advance_ms(SETTLED_MS);
    }
    assert!(ended(&desk), "{}", screens(&desk));
    assert!((1..=TRIES).contains(&deaths), "{deaths} deaths");
    assert_eq!(judge(&desk, kind).await, Ok((0, false)));
    desk.crash().await;
}
