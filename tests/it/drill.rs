//! A whole drill cannot leak: with the network denied, from its opening to its close.
//!
//! Invariants: outside the chat platforms nobody is asked or told anything; everything that is said of it says that it is a
//! drill; and it is in no metric.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

use seqn_chatops::engine::Stop;
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::stage::Audience;

use crate::laws::desk;
use crate::process::{Process, fetch, until};

/// What is said of the drill somewhere in every message about it.
const TITLE: &str = "Sign-in is slow";
/// What stands before it.
const WATERMARK: &str = "DRILL";
/// The reminders of a sev1 and the word that it is late, by the usual cadence: that many minutes one after the other.
const PROMISE: [i64; 3] = [26, 5, 11];
const MINUTE_MS: i64 = 60_000;

/// What people do in it, after the opening; `CONFIRM` presses the button.
const CONFIRM: &str = "";
const ACTS: [&str; 19] = [
    "/incident update \"sign-in fails for some\" phase=identified mitigation=\"we roll back\" incident=INC-1",
    CONFIRM,
    "/incident severity sev2 reason=\"it calms down\" incident=INC-1",
    CONFIRM,
    "/incident assign scribe me incident=INC-1",
    CONFIRM,
    "/incident note \"the deploy was rolled back\" incident=INC-1",
    CONFIRM,
    "/incident snooze 1h reason=\"we wait\" incident=INC-1",
    CONFIRM,
    "/incident show INC-1",
    "/incident timeline INC-1",
    "/incident deliveries INC-1",
    "/incident list",
    "/incident update \"all is well again\" phase=resolved incident=INC-1",
    CONFIRM,
    "/incident close cause=\"a drill\" customer-impact=\"none\" prevention=\"practise again\" owner=lee incident=INC-1",
    CONFIRM,
    "/incident report INC-1",
];

fn opening(kind: &str) -> String {
    format!(
        "/incident open \"{TITLE}\" severity=sev1 impact=\"sign-in takes 30 s\" routes=/auth/login mitigation=\"we look\" \
         commander=@mira comms=@lee kind={kind}"
    )
}

/// Opens it, lets the promise be missed, and plays it to its end.
async fn play(desk: &Desk, stage: &str) {
    let kim = desk.person("kim").on(stage).within("support");
    kim.types(&opening("drill")).await.unwrap();
    desk.settle().await.unwrap();
    kim.presses("Confirm").await.unwrap();
    desk.settle().await.unwrap();
    for minutes in PROMISE {
        desk.dial.advance_ms(minutes * MINUTE_MS);
        desk.settle().await.unwrap();
    }
    for act in ACTS {
        match act {
            CONFIRM => kim.presses("Confirm").await.unwrap(),
            line => kim.types(line).await.unwrap(),
        }
        desk.settle().await.unwrap();
    }
}

/// Everything that the bot has said of it without saying that it is a drill.
fn unmarked(desk: &Desk) -> Vec<String> {
    let all = desk.stages().into_iter().flat_map(|stage| stage.all());
    let of_it =
        all.filter(|shown| shown.author == "bot" && (shown.text.contains(TITLE) || shown.text.contains("INC-1")));
    of_it.map(|shown| shown.text).filter(|text| !text.to_uppercase().contains(WATERMARK)).collect()
}

async fn metrics(desk: &Desk) -> String {
    let page = fetch(&desk.listens().unwrap().to_string(), "/metrics", "none").await;
    let lines = page.lines().filter(|line| line.contains("incidents_open") || line.contains("alerts_open"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_whole_drill_asks_and_tells_nobody_outside_chat() {
    for stage in ["slack", "discord"] {
        let (_folder, mut desk) = desk().await;
        desk.start(Stop::never()).await.unwrap();
        let before = metrics(&desk).await;
        assert!(before.contains("incidents_open{severity=\"sev1\"} 0"), "{before}");
        play(&desk, stage).await;
        let kim = desk.person("kim").on(stage);
        assert!(
            kim.sees().iter().any(|shown| shown.text.contains("The report of the drill INC-1.")),
            "it was played to its end"
        );
        assert_eq!(desk.targets.requests(), [], "no surface and no tracker");
        assert_eq!((desk.seqn.requests().len(), desk.authentik.requests().len()), (0, 0));
        assert_eq!(desk.targets.look("status-page"), None, "nor a file of the built-in page");
        assert_eq!(desk.bot().unwrap().drills.recorded().len(), 0, "no notice was even made for a surface");
        assert_eq!(metrics(&desk).await, before);
        assert_eq!(unmarked(&desk), Vec::<String>::new(), "on {stage}");
        let told = desk.stages().into_iter().flat_map(|stage| stage.all());
        let direct =
            told.filter(|shown| shown.author == "bot" && matches!(shown.audience, Audience::Direct(_))).count();
        assert!(direct > 3, "people were briefed and reminded, each with the watermark: {direct}");
        desk.stop().await;
    }
}

/// Accepts connections and closes them at once; counts them.
async fn tripwire() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (base, touched) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&touched);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            drop(connection);
        }
    });
    (base, touched)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_connects_to_no_surface_during_a_drill_and_does_for_a_real_one() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("drill.sqlite");
    let desk = Desk::open(Setup { seed: 7, database, live: true, slack: true, discord: true }).await.unwrap();
    let (wire, touched) = tripwire().await;
    let mut settings = desk.settings();
    let surfaces = &desk.targets;
    for base in [
        desk.seqn.base_url(),
        desk.authentik.base_url(),
        surfaces.pagerduty.base_url(),
        surfaces.opsgenie.base_url(),
        surfaces.ntfy.base_url(),
        surfaces.statuspage.base_url(),
        surfaces.github.base_url(),
        surfaces.webhook.base_url(),
    ] {
        assert!(settings.contains(&base), "{base} is configured");
        settings = settings.replace(&base, &wire);
    }
    // The routes of SEQN Auth are tried every hour, drill or not.
    settings = settings.replace("canary_org = \"canary\"\n", "");
    let mut bot = Process::start(&desk, &settings, "warn,seqn_chatops::app::run=info", &[]).await;
    let kim = desk.person("kim").on("discord").within("support");
    let sees = |part: &str| kim.sees().iter().any(|shown| shown.text.contains(part));
    let can = |label: &str| kim.sees().iter().any(|shown| shown.buttons.iter().any(|one| one == label));
    for line in [opening("drill").as_str(), ACTS[0], ACTS[14], ACTS[16]] {
        kim.types(line).await.unwrap();
        until("there is a preview", || can("Confirm")).await;
        kim.presses("Confirm").await.unwrap();
        until("it is done", || !can("Confirm")).await;
        bot.settled().await;
    }
    assert!(sees("INC-1"), "it was played");
    assert_eq!(touched.load(Ordering::SeqCst), 0, "not one connection was tried");
    // The wire does trip: the same for a real incident.
    kim.types(&opening("real")).await.unwrap();
    until("there is a preview", || can("Confirm")).await;
    kim.presses("Confirm").await.unwrap();
    until("a surface is told", || touched.load(Ordering::SeqCst) > 0).await;
    bot.stop().await;
}
