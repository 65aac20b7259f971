//! Next steps that an answer offers: a press carries an id and a place in a list, and gives nobody a right.
//!
//! Forged presses come in by the engine's own door. Invariant: whatever a press says, what runs is a command that its
//! presser could have typed.

use seqn_chatops::model::{Account, Ack, Envelope, Happening, Place, Platform};
use seqn_chatops::ports::Door;
use seqn_chatops::sandbox::cast;
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::story::{Player, parse, play};

async fn player() -> (tempfile::TempDir, Player) {
    let folder = crate::folder::folder();
    let database = folder.path().join("next.sqlite");
    let setup = Setup { seed: 7, database, live: false, slack: true, discord: true };
    let player = Player::new(Desk::open(setup).await.unwrap()).await.unwrap();
    (folder, player)
}

async fn plays(player: &mut Player, story: &str) {
    play(player, &parse(story).unwrap()).await.unwrap_or_else(|why| panic!("{why:#}\n{}", player.transcript));
}

/// The reference of the newest answer that this person sees on Slack.
fn reference(player: &Player, who: &str) -> String {
    let seen = player.desk.person(who).sees();
    let text = &seen.last().unwrap().text;
    text.rsplit("Ref ").next().unwrap().split_whitespace().next().unwrap().to_owned()
}

/// The title of what is said to whoever presses that in `support` on Slack.
async fn pressed(player: &Player, who: &str, control: &str, number: usize) -> String {
    let (person, channel) = (cast::by_name(who).unwrap(), cast::channel("support").unwrap());
    let team = cast::SLACK_TEAM.to_owned();
    let envelope = Envelope {
        key: format!("slack:forged:{number}").parse().unwrap(),
        account: Account { platform: Platform::Slack, team: team.clone(), user: person.slack_user.into() },
        outsider: false,
        place: Place { platform: Platform::Slack, team, channel: channel.slack.into(), thread: None, direct: false },
        arrived: player.desk.bot().unwrap().clock.now(),
        reply: None,
        what: Happening::Pressed { control: control.into(), value: None },
    };
    match player.desk.bot().unwrap().engine.receive(envelope).await {
        Ack::Say(_, message) => message.title.clone(),
        Ack::Form(form) => format!("form: {}", form.title),
        Ack::Working(_) => "working".into(),
        other => format!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_press_is_refused() {
    let (_folder, mut player) = player().await;
    plays(&mut player, "kim on slack in support types /seqn admin-access acme jo@acme.example").await;
    let of_kim = reference(&player, "kim");
    // The answer names set-role, which kim may not ask for: nothing was on her screen, and the press changes nothing.
    assert!(!player.transcript.contains("Make the person admin"));
    assert_eq!(pressed(&player, "kim", &format!("next:{of_kim}:0"), 1).await, "You may not ask for `set-role` here.");
    assert_eq!(
        pressed(&player, "mira", &format!("next:{of_kim}:0"), 2).await,
        "This control is for the person who asked."
    );
    for (number, control) in
        [format!("next:{of_kim}:7"), format!("next:{of_kim}:4294967295"), format!("details:{of_kim}:0")]
            .into_iter()
            .enumerate()
    {
        assert_eq!(pressed(&player, "kim", &control, 10 + number).await, "I do not know this control.", "{control}");
    }
    assert_eq!(pressed(&player, "kim", "next:rq-nothing:0", 20).await, "I do not know this control.");
    // A request that is no answer offers nothing.
    plays(&mut player, "kim types /seqn revoke-session acme jo@acme.example session=latest ticket=SUP-1 reason=lost")
        .await;
    let previewed = reference(&player, "kim");
    assert_eq!(pressed(&player, "kim", &format!("next:{previewed}:0"), 21).await, "I do not know this control.");
    assert!(player.desk.world.effects().is_empty());
    player.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_next_step_is_asked_like_a_typed_command() {
    let (_folder, mut player) = player().await;
    let story = "mira on slack in support types /seqn admin-access acme jo@acme.example\n\
                 expect mira button \"Make the person admin\"\n\
                 mira presses Make the person admin\n\
                 expect mira form ticket\n\
                 mira submits ticket=SUP-5 reason=\"Ada asked for it\"\n\
                 expect mira sees \"Make jo@acme.example admin of acme?\"\n\
                 expect mira sees \"Ticket SUP-5. Tier 3\"\n\
                 mira presses Cancel\n\
                 mira types /seqn project-config acme mobile\n\
                 mira presses Look at the provisioning\n\
                 expect mira sees \"The provisioning of mobile in acme is in trouble.\"\n\
                 expect audit admin-access next_step x1\n\
                 expect audit set-role asked x1\n\
                 expect audit provisioning asked x1\n\
                 expect audit provisioning answered x1\n\
                 expect audit chain whole";
    plays(&mut player, story).await;
    // The same press once more is the same command once more: nothing is done by it.
    let shown = player.desk.person("mira").sees().len();
    plays(&mut player, "redeliver mira on slack").await;
    assert_eq!(player.desk.person("mira").sees().len(), shown, "a redelivered press has had its answer");
    player.desk.stop().await;
}
