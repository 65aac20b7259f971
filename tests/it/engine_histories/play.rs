//! One history while it is played: what was told, what the model keeps, and how an envelope goes in.
//!
//! Invariant: what an envelope means is said by the model before the bot has it.

use std::collections::{BTreeMap, BTreeSet};

use seqn_chatops::guard::Untrusted;
use seqn_chatops::model::{
    Account, Ack, CommandInput, DeliveryKey, Envelope, Happening, Millis, Place, Plan, Press, RequestId, Staff,
    StaffId, Verb,
};
use seqn_chatops::ports::Door;
use seqn_chatops::store::{JournalRow, RequestRow, Vote};

use super::bot::Lives;
use super::meaning::Means;
use super::staff::staff_of;
use super::{Seen, actions};
use crate::guard_sets::Dice;
use crate::histories::{History, yes};

/// How long a roster counts.
const ROSTER_WITHIN_MS: i64 = 600_000;
/// The most commits until a bot dies that is to die.
const COMMITS_MOST: usize = 12;

/// A yes that the model counts.
#[derive(Clone, Debug)]
pub struct Claim {
    pub request: RequestId,
    pub revision: u32,
    pub staff: StaffId,
    pub at: i64,
    pub reason: String,
}

/// One thing that somebody does.
#[derive(Clone, Debug)]
pub enum Does {
    Types(String),
    Presses(Verb, RequestId, u32),
    Submits(Verb, RequestId, u32, Vec<(&'static str, String)>),
    Forges(String),
}

/// A request as it stands with everything that hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub row: RequestRow,
    pub votes: Vec<Vote>,
    pub journal: Vec<JournalRow>,
}

pub type Stands = BTreeMap<RequestId, Known>;

/// One history.
pub struct Play<'a> {
    pub seed: u64,
    pub lives: Lives<'a>,
    pub dice: Dice,
    pub told: Vec<String>,
    pub claims: Vec<Claim>,
    pub reviewed: BTreeSet<(RequestId, u32, StaffId)>,
    pub denied: BTreeSet<RequestId>,
    /// How everything stood when the bot rested last.
    pub stood: Stands,
    /// Ids that are no request's: references of refusals.
    pub references: BTreeSet<RequestId>,
    /// How many of the acts were judged.
    pub judged: usize,
    pub delivered: Vec<(Envelope, Ack)>,
    pub seen: &'a mut Seen,
    /// The sessions that lived when the bot began to work, for each organization.
    pub lived: BTreeMap<String, (u8, BTreeSet<String>)>,
}

impl Play<'_> {
    pub fn tells(&mut self, what: String) {
        self.told.push(what);
    }

    pub fn now(&self) -> i64 {
        self.lives.world.get().now
    }

    /// The staff as the bot may know it now.
    pub fn known_staff(&self) -> Vec<Staff> {
        let world = self.lives.world.get();
        let young = |at: i64| (0..ROSTER_WITHIN_MS).contains(&(world.now - at));
        world.given.as_ref().filter(|(at, _)| young(*at)).map(|(_, people)| staff_of(people)).unwrap_or_default()
    }

    /// The staff as it is.
    pub fn true_staff(&self) -> Vec<Staff> {
        staff_of(&self.lives.world.get().people)
    }

    /// How everything stands now.
    pub async fn looks(&self) -> Stands {
        let store = &self.lives.house.store;
        let issued = self.lives.world.get().issued.clone();
        let mut stands = Stands::new();
        for id in issued.into_iter().filter(|id| !self.references.contains(id)) {
            let Some(row) = store.request(&id).await.expect("read") else { continue };
            let votes = store.votes(&id).await.expect("read");
            let journal = store.journal(&id).await.expect("read");
            stands.insert(id, Known { row, votes, journal });
        }
        stands
    }

    pub async fn plan(&self, row: &RequestRow) -> Option<Plan> {
        if row.revision == 0 {
            return None;
        }
        self.lives.house.store.plan(&row.id, row.revision).await.expect("read").map(|kept| kept.plan)
    }

    /// What the model knows of that request, with those people.
    pub fn history(&self, row: &RequestRow, plan: &Plan, staff: Vec<Staff>, begun: bool) -> History {
        let rules = seqn_chatops::policy::Rules { staff, ..self.lives.rules.clone() };
        let of = |claim: &&Claim| claim.request == row.id;
        let agreed = self.claims.iter().filter(of);
        let agreed = agreed.map(|one| yes(&one.staff, one.revision.into(), one.at, &one.reason)).collect();
        History {
            rules,
            definition: if row.action == "end" { &actions::END } else { &actions::MEND },
            plan: plan.clone(),
            digest: row.revision.into(),
            requester: row.requester.clone(),
            place: row.place.clone(),
            agreed,
            begun,
            now: self.now(),
            told: Vec::new(),
        }
    }

    fn envelope(&self, account: &Account, at: Place, does: &Does) -> Envelope {
        let key: DeliveryKey = format!("k:{}:{}", self.seed, self.delivered.len() + self.told.len()).parse().unwrap();
        let press = |verb: Verb, request: &RequestId, revision: u32| {
            Untrusted::from(Press { verb, request: request.clone(), revision }.to_string())
        };
        let what = match does {
            Does::Types(line) => Happening::Command(CommandInput::Line(line.as_str().into())),
            Does::Presses(verb, request, revision) => {
                Happening::Pressed { control: press(*verb, request, *revision), value: None }
            }
            Does::Submits(verb, request, revision, values) => Happening::Submitted {
                token: press(*verb, request, *revision),
                values: values.iter().map(|(key, value)| ((*key).to_owned(), value.as_str().into())).collect(),
            },
            Does::Forges(control) => Happening::Pressed { control: control.as_str().into(), value: None },
        };
        let (account, arrived) = (account.clone(), Millis(self.now()));
        Envelope { key, account, outsider: false, place: at, arrived, reply: None, what }
    }

    /// The customers as they are, before the bot works.
    pub fn marks(&mut self) {
        let world = self.lives.world.get();
        self.lived = world.orgs.iter().map(|(name, org)| (name.clone(), (org.tier.into(), org.living()))).collect();
    }

    /// Delivers one envelope, and holds what becomes of it against what it means. `dies`: the bot dies soon.
    pub async fn delivers(&mut self, account: &Account, at: Place, does: Does, dies: bool) -> Result<Ack, String> {
        self.tells(format!("{}:{} in {}: {does:?}", account.platform, account.user, at.channel));
        let envelope = self.envelope(account, at, &does);
        let mut means = self.means(account, &does).await;
        self.tells(format!("  which means {means:?}"));
        let before = self.stood.clone();
        let rows = self.lives.house.store.audit_head().await.expect("read").0;
        if dies {
            self.tells("  and the bot dies soon".into());
            self.lives.bot.stop.in_checks(self.dice.range(1, COMMITS_MOST) as u64);
        }
        let mut ack = self.lives.bot.engine.receive(envelope.clone()).await;
        if self.lives.bot.stop.stopped() {
            // The platform saw no answer, and delivers it once more.
            self.tells("  and it died at the door".into());
            self.lives.deaths.0 += 1;
            self.lives.dies().await?;
            if self.lives.house.store.begin_delivery(&envelope.key).await.expect("read").1.is_none() {
                // It was not taken, and who may is looked up anew.
                means = self.means(account, &does).await;
                self.tells(format!("  which means {means:?}"));
            }
            ack = self.lives.bot.engine.receive(envelope.clone()).await;
        }
        self.keeps(&means);
        let after = self.looks().await;
        self.holds(&means, &before, &after)?;
        if matches!(means, Means::Nothing) && matches!(ack, Ack::Say(..)) {
            let grown = self.lives.house.store.audit_head().await.expect("read").0;
            if grown == rows {
                return Err("a refusal is not in the trail".into());
            }
        }
        if matches!(ack, Ack::Nothing) {
            return Err("it was answered with nothing".into());
        }
        self.delivered.push((envelope, ack.clone()));
        self.between(&means, &after).await;
        self.works(Some(&means)).await?;
        self.lives.bot.stop.in_checks(u64::MAX);
        Ok(ack)
    }

    /// Delivers something that was delivered before.
    pub async fn replays(&mut self) -> Result<(), String> {
        if self.delivered.is_empty() {
            return Ok(());
        }
        let (envelope, ack) = self.delivered[self.dice.range(0, self.delivered.len())].clone();
        self.tells(format!("{} is delivered again", envelope.key));
        self.seen.replays += 1;
        let (before, head) = (self.stood.clone(), self.lives.house.store.audit_head().await.expect("read"));
        let sent = self.lives.world.get().sent.len();
        let again = self.lives.bot.engine.receive(envelope).await;
        if again != ack {
            return Err(format!("a redelivery is answered otherwise: {again:?} after {ack:?}"));
        }
        self.works(None).await?;
        let now = (self.stood.clone(), self.lives.house.store.audit_head().await.expect("read"));
        if now != (before, head) || self.lives.world.get().sent.len() != sent {
            return Err("a redelivery changed something".into());
        }
        Ok(())
    }

    /// What is due is done, and everything is judged.
    pub async fn works(&mut self, means: Option<&Means>) -> Result<(), String> {
        self.marks();
        self.lives.rests().await?;
        self.judges(means).await
    }
}
