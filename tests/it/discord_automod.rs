//! `AutoMod` as the real Discord client keeps it at the emulator: installed, put right, and said where it cannot be.

use std::sync::Arc;

use seqn_chatops::guard::{FingerprintKey, Guard};
use seqn_chatops::model::{Happening, Seen};
use seqn_chatops::platforms::discord::Kept;
use seqn_chatops::ports::Chat;
use seqn_chatops::ports::{Moderate, Removal};
use seqn_chatops::sandbox::discord::DiscordSim;
use seqn_chatops::sandbox::stage::Stage;
use serde_json::{Value, json};

use crate::discord_guard::{holds, said, with};

const MANAGE_GUILD: u64 = 1 << 5;

fn key() -> String {
    format!("sk_{}_{}", "live", "51HqX8fKq2mZ7pLw9RtYv3Nb")
}

#[tokio::test]
async fn automod_blocks_before_posting_and_tells_why() {
    let mut w = with(|_| {}, true).await;
    let sim = Arc::clone(&w.sim);
    w.until(|w| w.discord.automod() == Kept::Whole).await;
    assert_eq!(sim.automod_rules().len(), 2);
    let text = format!("use {} please", key());
    sim.types("kim", "random", &text).await.expect("she may try");
    assert!(w.last("kim").text.starts_with("Not posted"), "{}", w.last("kim").text);
    let (blocked, at) = said(&mut w).await;
    assert!(holds(&blocked, &text) && blocked.seen == Seen::Blocked && at.message.is_empty());
    sim.types("mira", "random", &text).await.expect("an administrator is exempt");
    let (posted, at) = said(&mut w).await;
    assert_eq!(posted.seen, Seen::New);
    assert_eq!(w.discord.remove(&at).await.expect("an answer"), Removal::Removed);
    assert!(matches!(w.next().await.what, Happening::Gone { .. }));
    sim.types("kim", "random", "harmless").await.expect("she may write");
    said(&mut w).await;
    sim.edits("kim", "harmless", &text).await.expect("she may try");
    assert_eq!(said(&mut w).await.0.seen, Seen::Blocked, "an edit is blocked too");
    let guard = Guard::new(FingerprintKey::new([1; 32]));
    for rule in seqn_chatops::guard::rules() {
        let lookalike = (rule.lookalike)();
        sim.types("kim", "random", &lookalike).await.expect("she may write");
        assert_eq!(said(&mut w).await.0.seen, Seen::New, "{}", rule.name);
        assert!(guard.findings(&lookalike).is_empty());
    }
}

#[tokio::test]
async fn rules_that_somebody_changed_are_put_right() {
    let w = with(|sim| sim.admin_makes_rule("no swearing", "darn"), true).await;
    let sim = Arc::clone(&w.sim);
    let right = |rules: &[Value]| {
        let ours = rules.iter().filter(|r| r["name"].as_str().is_some_and(|name| name.starts_with("Secrets: ")));
        let good = |r: &&Value| r["enabled"] == true && r["exempt_roles"] == json!([]) && r["actions"][0]["type"] == 1;
        rules.len() == 3 && ours.filter(good).count() == 2
    };
    w.until(|w| right(&w.sim.automod_rules())).await;
    for (part, change) in [
        ("keys", json!({"enabled": false})),
        ("keys", json!({"name": "mine now", "exempt_roles": ["930000000000000001"]})),
        ("credentials", json!({"actions": [{"type": 2, "metadata": {"channel_id": "920000000000000004"}}]})),
        ("credentials", Value::Null),
    ] {
        sim.admin_changes_rule(part, &change).expect("it is there");
        assert!(!right(&sim.automod_rules()), "{change}");
        w.until(|w| right(&w.sim.automod_rules())).await;
    }
    let foreign = sim.automod_rules().into_iter().find(|rule| rule["name"] == "no swearing").expect("it stays");
    assert_eq!(foreign["trigger_metadata"]["keyword_filter"], json!(["darn"]));
    w.until(|w| w.discord.automod() == Kept::Whole && w.discord.lacks().is_empty()).await;
}

#[tokio::test]
async fn what_automod_cannot_do_is_said() {
    let full = |sim: &Arc<DiscordSim>| {
        for n in 0..5 {
            sim.admin_makes_rule(&format!("rule {n}"), "darn");
        }
    };
    let w = with(full, true).await;
    w.until(|w| w.discord.lacks().iter().any(|why| why.contains("at most 6 keyword rules"))).await;
    assert_eq!(w.sim.automod_rules().len(), 6, "one of ours found room");
    let w = with(|sim| sim.bot_may(MANAGE_GUILD, false), true).await;
    w.until(|w| w.discord.lacks().iter().any(|why| why.contains("Manage Server"))).await;
    let found = w.discord.check_up(&[]).await;
    let wrong: Vec<&str> = found.iter().filter(|f| !f.fine).map(|f| f.says.as_str()).collect();
    assert!(wrong.len() == 2 && wrong.iter().all(|says| says.contains("Manage Server")), "{wrong:?}");
}

#[tokio::test]
async fn the_check_says_who_is_exempt() {
    let w = with(|_| {}, true).await;
    w.until(|w| w.discord.automod() == Kept::Whole).await;
    let found = w.discord.check_up(&[]).await;
    assert!(found.iter().all(|f| f.fine), "{found:?}");
    let text: Vec<String> = found.into_iter().map(|f| f.says).collect();
    let text = text.join("\n");
    for words in ["rules are as they should be", "bots and webhooks", "the server's owner (9100", "the roles admin"] {
        assert!(text.contains(words), "{words:?} is missing in {text}");
    }
    w.sim.admin_changes_rule("keys", &json!({"enabled": false})).expect("it is there");
    w.sim.allow_message_content(false);
    let wrong = w.discord.check_up(&[]).await.into_iter().filter(|f| !f.fine).map(|f| f.says).collect::<String>();
    assert!(wrong.contains("Message Content Intent"), "{wrong}");
}
