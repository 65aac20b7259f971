//! The sandbox: emulators of the outside world, a story runner, and a terminal to act in it.
//!
//! The emulators know wire formats and `model` only, never `clients` or `platforms`: a misreading in a
//! client must not be repeated by its fake. The desk, the stories and the terminal run the real bot.

pub mod alertmanager;
pub mod authentik;
mod browser;
pub mod cast;
mod deeds;
pub mod desk;
pub mod dial;
pub mod discord;
pub mod fault;
pub mod hands;
mod keys;
pub mod receivers;
pub mod sealed;
pub mod seams;
pub mod seqn;
pub mod settings;
pub mod slack;
pub mod stage;
pub mod stopwatch;
pub mod story;
pub mod targets;
mod terminal;
mod terminal_stage;
pub mod world;

use std::path::PathBuf;

use anyhow::Context;

/// What `seqn-chatops sandbox` was asked for.
pub struct Args {
    /// A story to play; without one a person plays.
    pub script: Option<PathBuf>,
    /// Where the database lies; without one it is made in a temporary folder and removed.
    pub database: Option<PathBuf>,
    /// The seed of the bot's ids.
    pub seed: u64,
}

/// Runs the sandbox. Says whether it went well: a story's expectations held.
///
/// # Errors
/// When it cannot be started, or the story cannot be read.
pub async fn run(args: Args) -> anyhow::Result<bool> {
    let folder = std::env::temp_dir().join(format!("seqn-chatops-sandbox-{}", std::process::id()));
    let database = match &args.database {
        Some(path) => path.clone(),
        None => {
            std::fs::create_dir_all(&folder).context("no temporary folder can be made")?;
            folder.join("sandbox.sqlite")
        }
    };
    let live = args.script.is_none();
    let setup = desk::Setup { seed: args.seed, database, live, slack: true, discord: true };
    let went = match &args.script {
        None => {
            let desk = desk::Desk::open(setup).await?;
            desk.knobs(|knobs| knobs.checks = true);
            terminal::run(desk).await.map(|()| true)
        }
        Some(path) => scripted(setup, path).await,
    };
    if args.database.is_none() {
        let _ = std::fs::remove_dir_all(&folder);
    }
    went
}

/// Plays a story on each platform that it names; the first that fails ends it.
async fn scripted(setup: desk::Setup, path: &std::path::Path) -> anyhow::Result<bool> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    for (platform, text) in story::plays(&text) {
        let lines = story::parse(&text)?;
        // One database holds one world: each platform's play has its own.
        let database = match platform.as_str() {
            "" => setup.database.clone(),
            name => setup.database.with_extension(format!("{name}.sqlite")),
        };
        let setup = desk::Setup { database, ..setup };
        let mut player = story::Player::new(desk::Desk::open(setup).await?).await?;
        let played = story::play(&mut player, &lines).await;
        if !platform.is_empty() {
            println!("== on {platform}");
        }
        print!("{}", player.transcript);
        player.desk.stop().await;
        if let Err(error) = played {
            println!("story: failed at {error:#}");
            return Ok(false);
        }
        println!("story: {} lines played, everything as expected", lines.len());
    }
    Ok(true)
}
