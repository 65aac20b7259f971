//! Canaries: secrets planted in every input must not be in any file, request or screen afterwards.
//!
//! Searched raw and in base64, hex, percent and UTF-16. Invariant: the search finds a planted leak.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::story::{Player, parse, play};

/// What a canary looks like on the wire, in every encoding that is searched.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let mut forms = vec![bytes.to_vec()];
    for shift in 0..3_usize {
        // The whole groups in the middle are the same whatever stands around them.
        let padded: Vec<u8> = std::iter::repeat_n(b'.', shift).chain(bytes.iter().copied()).collect();
        let text = STANDARD_NO_PAD.encode(padded);
        forms.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    forms.push(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>().into_bytes());
    forms.push(bytes.iter().map(|b| format!("%{b:02X}")).collect::<String>().into_bytes());
    forms.push(secret.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms
}

/// Where a canary was found.
fn leak(secret: &str, places: &[(String, Vec<u8>)]) -> Option<String> {
    let forms = forms(secret);
    let holds = |bytes: &[u8]| forms.iter().any(|form| bytes.windows(form.len()).any(|w| w == form));
    places.iter().find(|(_, bytes)| holds(bytes)).map(|(name, _)| name.clone())
}

fn canary(prefix: &str, body: &str) -> String {
    format!("{prefix}{body}")
}

const STORY: &str = "
kim on slack in support types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=S-1 reason=KEY
kim on slack types @seqn revoke-session org=acme user=jo@acme.example reason=KEY ticket=S-1
kim on slack types KEY=acme
kim on slack in dm types whoami KEY
kim on discord in support types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=S-1 reason=KEY
kim on console types /seqn revoke-session org=acme user=jo@acme.example KEY=1
kim on slack in support types /seqn revoke-session
kim submits org=acme user=jo@acme.example ticket=SUP-1 reason=KEY
kim on discord in support types /seqn revoke-session
kim submits org=acme user=jo@acme.example ticket=SUP-1 reason=KEY
";
const FAILING: &str = "
kim on slack in support types /seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-2 reason=lost
kim types /seqn revoke-session org=acme user=jo@acme.example session=ses_jo_phone ticket=SUP-2 reason=lost
kim presses Confirm
kim types /seqn whoami
kim on discord in support types /seqn whoami
advance 10m
";

fn wal(database: &std::path::Path) -> std::path::PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_canary_is_kept_sent_or_shown() {
    let key = canary(concat!("sk_", "live_"), "9vKq2XwZ7rTn4LhB6mYc1DsF8gJp3QaE");
    let hook = canary(concat!("wh", "sec_"), "Zx81Qm7Lr2Kd9Vt4Wn6Hb3Yc5Jp0Gs8FaE2Ru7To");
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("canary.sqlite");
    let setup = Setup { seed: 7, database: database.clone(), live: false, slack: true, discord: true };
    let mut player = Player::new(Desk::open(setup).await.unwrap()).await.unwrap();
    for secret in [&key, &hook] {
        let lines = parse(&STORY.replace("KEY", secret)).unwrap();
        play(&mut player, &lines).await.unwrap_or_else(|e| panic!("{}", format!("{e:#}").replace(secret, "KEY")));
    }
    for (service, route) in [("seqn", "sessions"), ("seqn", "DELETE"), ("slack", "chat."), ("discord", "messages")] {
        player.desk.faults.arm(service, route, FaultKind::Body(500, format!("{{\"error\": \"{key} and {hook}\"}}")), 1);
    }
    let played = play(&mut player, &parse(FAILING).unwrap()).await;
    played.unwrap_or_else(|e| panic!("{e:#}"));
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, path) in [("database", database.clone()), ("write-ahead log", wal(&database))] {
        places.push((name.into(), std::fs::read(path).unwrap_or_default()));
    }
    let desk = &player.desk;
    places.extend(desk.slack.everything_sent_by_bot().into_iter().map(|b| ("to Slack".into(), b.into_bytes())));
    places.extend(desk.discord.requests().into_iter().map(|(l, b)| (format!("to Discord: {l}"), b.into_bytes())));
    for request in desk.seqn.requests().into_iter().chain(desk.authentik.requests()) {
        places.push((format!("{} {}", request.method, request.path), format!("{request:?}").into_bytes()));
    }
    for stage in desk.stages() {
        let bot = stage.all().into_iter().filter(|s| s.author == "bot");
        places.extend(bot.map(|s| (format!("shown on {}", stage.name()), s.text.into_bytes())));
    }
    assert!(places.len() > 20, "there is something to search");
    for secret in [&key, &hook] {
        assert_eq!(leak(secret, &places), None);
        for form in forms(secret) {
            let planted = [("planted".to_owned(), [b"before ".as_slice(), &form, b" after"].concat())];
            assert_eq!(leak(secret, &planted).as_deref(), Some("planted"), "the search is not blind");
        }
    }
    player.desk.stop().await;
}
