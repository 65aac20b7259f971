//! Histories through the engine and SQLite: random people on two platforms, orders, faults, deaths and forgeries.
//!
//! Everything goes in by the engine's door as platforms deliver it, the outside is made up and notes what it is asked, and
//! the model of `histories` judges beside. `SEQN_ENGINE_HISTORIES=n` plays n of them; `.ci/run` 2,000;
//! `SEQN_HISTORY_SEED=s` plays that one and tells it.
//!
//! What is held: an act is done for its requester alone, once, from the plan that different people have agreed to, who have
//! the right at that moment, and after it was recorded; what was agreed to runs; what means nothing and what is delivered
//! again changes nothing; what has ended stays so; everything ends, and the trail tells it whole.

mod actions;
mod bot;
mod deeds;
mod fates;
mod judge;
mod meaning;
mod play;
mod ports;
mod staff;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::Instant;

use seqn_chatops::model::State;

use crate::guard_sets::Dice;
use crate::histories::MINUTE;
use bot::{House, Lives};
use play::{Play, Stands};
use world::World;

/// How many are played where nothing else is said.
const HISTORIES: u64 = 60;
/// How many are played on one database.
const IN_ONE_HOUSE: u64 = 25;
/// What happens less than once in so many histories is rare.
const RARE: u64 = 100;
/// How many failures are told in full.
const FAILURES_TOLD: usize = 3;
/// How many databases are played on at once.
const AT_ONCE: u64 = 2;
/// The fewest and the most things that happen in one history.
const EVENTS: (usize, usize) = (4, 10);
/// How far time goes at the end, again and again, for what was put off; and then for what waits for people.
const PUT_OFF_MS: i64 = 61_000;
/// How often that is.
const PUT_OFF_MOST: usize = 6;
const WAITS_MS: i64 = 5 * 60 * MINUTE;

/// How often what must not be rare has happened.
#[derive(Default)]
struct Seen {
    ran: u64,
    with_another: u64,
    by_several: u64,
    glass: u64,
    held: u64,
    refused: u64,
    denied: u64,
    cancelled: u64,
    lapsed: u64,
    superseded: u64,
    lost_right: u64,
    other_account: u64,
    replays: u64,
    forged: u64,
    unknown: u64,
    deaths: u64,
    in_a_call: u64,
}

impl Seen {
    fn counts(&mut self) -> [(&'static str, &mut u64); 17] {
        [
            ("ran", &mut self.ran),
            ("ran with another's yes", &mut self.with_another),
            ("ran with several others'", &mut self.by_several),
            ("ran with a broken glass", &mut self.glass),
            ("were held", &mut self.held),
            ("were refused when they should run", &mut self.refused),
            ("were denied", &mut self.denied),
            ("were cancelled", &mut self.cancelled),
            ("lapsed", &mut self.lapsed),
            ("were previewed again", &mut self.superseded),
            ("lost a right between click and run", &mut self.lost_right),
            ("were voted on by their requester's other account", &mut self.other_account),
            ("replays", &mut self.replays),
            ("forgeries", &mut self.forged),
            ("acts without a clear outcome", &mut self.unknown),
            ("deaths between commits", &mut self.deaths),
            ("deaths in a call", &mut self.in_a_call),
        ]
    }

    fn add(&mut self, mut other: Self) {
        for ((_, count), (_, more)) in self.counts().into_iter().zip(other.counts()) {
            *count += *more;
        }
    }
}

/// Plays one history to its end.
async fn plays(house: &mut House, seed: u64, seen: &mut Seen) -> Result<(), String> {
    let mut dice = Dice::new(seed + 1);
    let world = World::default();
    let people = staff::people(&mut dice, seed);
    let rules = staff::rules(&mut dice, &people);
    {
        let mut outside = world.get();
        outside.name = seed.to_string();
        (outside.now, outside.latest) = (house.now, house.now);
        outside.people = people;
    }
    let mut play = Play {
        seed,
        lives: Lives::begin(house, world, rules),
        dice,
        told: Vec::new(),
        claims: Vec::new(),
        reviewed: BTreeSet::new(),
        denied: BTreeSet::new(),
        stood: Stands::new(),
        references: BTreeSet::new(),
        judged: 0,
        delivered: Vec::new(),
        seen,
        lived: BTreeMap::new(),
    };
    play.customers();
    let came = through(&mut play).await;
    let told = play.told.join("\n");
    let (people, orgs) = {
        let outside = play.lives.world.get();
        (format!("{:#?}", outside.people), format!("{:?}", outside.orgs))
    };
    let now = play.now();
    let deaths = play.lives.deaths;
    play.seen.deaths += deaths.0;
    play.seen.in_a_call += deaths.1;
    let rules = format!("{:?} {:?}", play.lives.rules.approvals, play.lives.rules.glass);
    house.now = now;
    if number("SEQN_HISTORY_SEED").is_some() {
        says(&told);
    }
    came.map_err(|says| format!("SEQN_HISTORY_SEED={seed}: {says}\n{told}\nat the end: {people}\n{orgs}\n{rules}"))
}

async fn through(play: &mut Play<'_>) -> Result<(), String> {
    play.works(None).await?;
    for _ in 0..play.dice.range(EVENTS.0, EVENTS.1) {
        play.happens().await?;
    }
    play.tells("everything is well again, and time goes on".into());
    {
        let mut outside = play.lives.world.get();
        (outside.blind, outside.roster_down) = (false, false);
        outside.wrong.clear();
    }
    let behind = {
        let outside = play.lives.world.get();
        outside.latest - outside.now
    };
    play.lives.world.moves(behind);
    let works = [State::Received, State::Approved, State::Running, State::Verifying];
    let hangs = |play: &Play<'_>| play.stood.values().find(|known| works.contains(&known.row.state)).cloned();
    for _ in 0..PUT_OFF_MOST {
        play.lives.world.moves(PUT_OFF_MS);
        play.works(None).await?;
        if hangs(play).is_none() {
            break;
        }
    }
    if let Some(known) = hangs(play) {
        return Err(format!("it hangs: {known:?}"));
    }
    // The longest that anything waits for a person, and the lease of what was being sent when the bot died.
    play.lives.world.moves(WAITS_MS);
    play.works(None).await?;
    play.lives.settles().await?;
    play.closes().await
}

/// Plays every so many-th seed, on one database after the other.
async fn some(seeds: Vec<u64>) -> (Seen, Vec<String>) {
    let (mut seen, mut failed) = (Seen::default(), Vec::new());
    for some in seeds.chunks(usize::try_from(IN_ONE_HOUSE).unwrap()) {
        let mut house = House::open().await;
        for seed in some {
            if let Err(says) = plays(&mut house, *seed, &mut seen).await {
                failed.push(says);
                // What it left behind is nobody's.
                house = House::open().await;
            }
        }
        let verdict = house.store.audit_verify().await.expect("read");
        if verdict.first_bad.is_some() || !verdict.guarded {
            failed.push(format!("the trail of the histories {some:?} does not hold: {verdict:?}"));
        }
    }
    (seen, failed)
}

/// Says it whether the test fails or not.
fn says(line: &str) {
    std::io::stderr().write_all(line.as_bytes()).expect("written");
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn what_runs_was_agreed_to_in_every_history_through_the_engine() {
    let histories = number("SEQN_ENGINE_HISTORIES").unwrap_or(HISTORIES);
    let seeds: Vec<u64> = number("SEQN_HISTORY_SEED").map_or_else(|| (0..histories).collect(), |seed| vec![seed]);
    let began = Instant::now();
    let play = |turn: u64| {
        let seeds: Vec<u64> = seeds.iter().copied().filter(|seed| seed % AT_ONCE == turn).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(some(seeds))
    };
    let (mut seen, mut failed) = (Seen::default(), Vec::new());
    std::thread::scope(|scope| {
        let turns: Vec<_> = (0..AT_ONCE).map(|turn| scope.spawn(move || play(turn))).collect();
        for turn in turns {
            let (more, wrong) = turn.join().expect("it plays to its end");
            seen.add(more);
            failed.extend(wrong);
        }
    });
    let told: Vec<String> = seen.counts().map(|(what, times)| format!("{times} {what}")).into();
    let took = began.elapsed().as_secs_f64();
    let line = format!("{} histories through the engine in {took:.1} s: {}\n", seeds.len(), told.join(", "));
    says(&line);
    let some: Vec<&str> = failed.iter().take(FAILURES_TOLD).map(String::as_str).collect();
    assert!(failed.is_empty(), "{} histories fail:\n{}", failed.len(), some.join("\n\n"));
    if seeds.len() < usize::try_from(HISTORIES).unwrap() {
        return;
    }
    for (what, times) in seen.counts() {
        assert!(*times > histories / RARE, "of {histories} histories only {times} {what}: they say little");
    }
}
