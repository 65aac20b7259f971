//! The outside of one history: a still clock, customers' sessions, the roster, chat. It notes everything that is asked.
//!
//! Invariant: what it answers to a look is what is so; only acts, looks and the roster may be made to fail.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use tokio::sync::Notify;

use seqn_chatops::guard::{Redacted, Secret};
use seqn_chatops::model::{
    Account, Address, AnswerMode, Form, Message, Millis, Platform, Posted, RequestId, StaffId, Tier,
};
use seqn_chatops::ports::{
    Behalf, Chat, Clock, Fault, Ids, Liveness, PortError, Roster, RosterPerson, RosterRead, SeqnSession, SessionStatus,
};
use seqn_chatops::store::{StepState, Store};

/// How much later an act that came late is done.
const LATE_MS: i64 = 20_000;
/// The group that gives a role is called after it.
pub const GROUP: &str = "g-";

/// What goes wrong with the next act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Refused,
    RateLimited,
    Unreachable,
    NoAnswer {
        done: bool,
    },
    Late,
    /// The bot dies in the call.
    Hangs {
        done: bool,
    },
}

/// One customer.
#[derive(Clone, Debug)]
pub struct Org {
    /// Each session, and whether it lives.
    pub sessions: BTreeMap<String, bool>,
    /// What ends later, and when.
    late: BTreeMap<String, i64>,
    /// What agreement a change there needs.
    pub tier: Tier,
    /// Who alone may agree; empty: whoever the policy names.
    pub named: Vec<StaffId>,
}

impl Org {
    pub fn new(tier: Tier, named: Vec<StaffId>, sessions: usize) -> Self {
        let sessions = (1..=sessions).map(|number| (format!("ses-{number}"), true)).collect();
        Self { sessions, late: BTreeMap::new(), tier, named }
    }

    pub fn living(&self) -> BTreeSet<String> {
        self.sessions.iter().filter(|(_, lives)| **lives).map(|(id, _)| id.clone()).collect()
    }
}

/// One person, as Authentik knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub uuid: String,
    pub roles: BTreeSet<&'static str>,
    pub accounts: Vec<Account>,
    pub active: bool,
}

impl Person {
    pub fn id(&self) -> StaffId {
        format!("ak-{}", self.uuid).parse().unwrap()
    }
}

/// One act that reached SEQN Auth.
#[derive(Clone, Debug)]
pub struct Sent {
    pub request: RequestId,
    pub seq: u32,
    pub org: String,
    pub session: String,
    pub by: StaffId,
    pub now: i64,
    /// Whether the trail and the journal said so before.
    pub recorded: bool,
    /// Whether the bot may not know what came of it.
    pub doubtful: bool,
    /// What a look said after it: whether the session still lives.
    pub looked: Option<bool>,
    /// Whether it may be done now: nothing was sent before, or nobody knows what came of it and a look said that it is
    /// not so.
    pub allowed: bool,
}

#[derive(Default)]
pub struct Outside {
    pub name: String,
    pub now: i64,
    /// The latest that it ever was.
    pub latest: i64,
    pub issued: Vec<RequestId>,
    counter: u64,
    pub orgs: BTreeMap<String, Org>,
    pub people: Vec<Person>,
    /// The roster that was given last, and when.
    pub given: Option<(i64, Vec<Person>)>,
    pub blind: bool,
    pub roster_down: bool,
    pub wrong: VecDeque<Wrong>,
    pub sent: Vec<Sent>,
    pub store: Option<Store>,
}

#[derive(Clone, Default)]
pub struct World {
    outside: Arc<Mutex<Outside>>,
    /// Told when the bot is to die in a call.
    pub hung: Arc<Notify>,
}

impl World {
    pub fn get(&self) -> MutexGuard<'_, Outside> {
        self.outside.lock().expect("nobody panics with it")
    }

    pub fn moves(&self, ms: i64) {
        let mut world = self.get();
        world.now += ms;
        let now = world.now;
        world.latest = world.latest.max(now);
        for org in world.orgs.values_mut() {
            let (due, wait) = org.late.clone().into_iter().partition(|(_, at)| *at <= now);
            org.late = wait;
            let due: BTreeMap<String, i64> = due;
            org.sessions.extend(due.into_keys().map(|session| (session, false)));
        }
    }

    pub fn sessions(&self, of: &str) -> Result<Vec<SeqnSession>, PortError> {
        let mut world = self.get();
        if world.blind {
            return Err(PortError::new("seqn", Fault::NoAnswer));
        }
        let living = world.orgs.get(of).map(Org::living).unwrap_or_default();
        for sent in world.sent.iter_mut().filter(|sent| sent.org == of) {
            sent.looked = Some(living.contains(&sent.session));
        }
        let session = |id: String| SeqnSession {
            id: id.parse().unwrap(),
            user: "u-1".into(),
            email: "jo@acme.example".into(),
            status: SessionStatus::Active,
            created: None,
            last_active: None,
            address: String::new(),
            agent: String::new(),
        };
        Ok(living.into_iter().map(session).collect())
    }

    pub async fn ends(&self, org: &str, session: &str, of: Behalf<'_>) -> Result<(), PortError> {
        let (request, seq) = of.key.rsplit_once('-').unwrap();
        let (request, seq): (RequestId, u32) = (request.parse().unwrap(), seq.parse().unwrap());
        let store = self.get().store.clone().unwrap();
        let trail = store.audit_of(&request).await.unwrap();
        let journal = store.journal(&request).await.unwrap();
        let recorded = trail.iter().any(|row| row.outcome == "started")
            && journal.iter().any(|row| row.seq == seq && row.state == StepState::Doing);
        let (came, hangs) = {
            let mut world = self.get();
            let (now, wrong) = (world.now, world.wrong.pop_front());
            let customer = world.orgs.get_mut(org).unwrap();
            let lived = customer.sessions.get(session).copied().unwrap_or(false);
            let fault = match wrong {
                None if lived => None,
                None => Some(Fault::NotFound),
                Some(Wrong::Refused) => Some(Fault::Refused { status: 422, code: "no".into() }),
                Some(Wrong::RateLimited) => Some(Fault::RateLimited { after_ms: 5_000 }),
                Some(Wrong::Unreachable) => Some(Fault::Unreachable),
                Some(Wrong::NoAnswer { .. } | Wrong::Late | Wrong::Hangs { .. }) => Some(Fault::NoAnswer),
            };
            match wrong {
                None | Some(Wrong::NoAnswer { done: true } | Wrong::Hangs { done: true }) => {
                    customer.sessions.insert(session.to_owned(), false);
                }
                Some(Wrong::Late) => drop(customer.late.insert(session.to_owned(), now + LATE_MS)),
                Some(_) => {}
            }
            let (org, session) = (org.to_owned(), session.to_owned());
            let doubtful = !matches!(fault, None | Some(Fault::NotFound | Fault::Refused { .. }));
            let by = of.staff.clone();
            let last = world.sent.iter().rfind(|one| (&one.request, one.seq) == (&request, seq));
            let allowed = last.is_none_or(|last| last.doubtful && last.looked == Some(true));
            let looked = None;
            world.sent.push(Sent { request, seq, org, session, by, now, recorded, doubtful, looked, allowed });
            (
                fault.map_or(Ok(()), |fault| Err(PortError::new("seqn", fault))),
                matches!(wrong, Some(Wrong::Hangs { .. })),
            )
        };
        if hangs {
            self.hung.notify_one();
            std::future::pending::<()>().await;
        }
        came
    }
}

impl Clock for World {
    fn now(&self) -> Millis {
        Millis(self.get().now)
    }
}

impl Ids for World {
    fn request(&self) -> RequestId {
        let mut world = self.get();
        let id: RequestId = format!("rq-{}-{}", world.name, world.issued.len() + 1).parse().unwrap();
        world.issued.push(id.clone());
        id
    }
    fn salt(&self) -> [u8; 16] {
        let mut world = self.get();
        world.counter += 1;
        u128::from(world.counter).to_be_bytes()
    }
    fn jitter(&self, _: u64) -> u64 {
        0
    }
}

#[async_trait]
impl RosterRead for World {
    async fn roster(&self) -> Result<Roster, PortError> {
        let mut world = self.get();
        if world.roster_down {
            return Err(PortError::new("authentik", Fault::Unreachable));
        }
        world.given = Some((world.now, world.people.clone()));
        let on = |person: &Person, platform: Platform| -> Vec<String> {
            let theirs = person.accounts.iter().filter(|account| account.platform == platform);
            let slack = platform == Platform::Slack;
            theirs.map(|one| if slack { format!("{}/{}", one.team, one.user) } else { one.user.clone() }).collect()
        };
        let person = |person: &Person| RosterPerson {
            id: person.uuid.parse().unwrap(),
            username: person.uuid.clone(),
            name: format!("P{}", &person.uuid[32..]),
            active: person.active,
            human: true,
            groups: person.roles.iter().map(|role| format!("{GROUP}{role}")).collect(),
            slack: on(person, Platform::Slack),
            discord: on(person, Platform::Discord),
        };
        Ok(Roster { people: world.people.iter().map(person).collect(), missing: BTreeSet::new() })
    }
}

/// A chat platform that takes everything.
pub struct Mouth(pub Platform);

#[async_trait]
impl Chat for Mouth {
    fn platform(&self) -> Platform {
        self.0
    }
    fn liveness(&self) -> Liveness {
        Liveness::Live
    }
    async fn post(&self, _: &Address, _: &Redacted<Message>, key: &str) -> Result<Posted, PortError> {
        Ok(Posted { platform: self.0, channel: "c".into(), message: key.to_owned() })
    }
    async fn find(&self, _: &Address, _: &str) -> Result<Option<Posted>, PortError> {
        Ok(None)
    }
    async fn edit(&self, _: &Posted, _: &Redacted<Message>) -> Result<(), PortError> {
        Ok(())
    }
    async fn answer(&self, _: &Secret, _: AnswerMode, _: &Redacted<Message>) -> Result<(), PortError> {
        Ok(())
    }
    async fn open_form(&self, _: &Secret, _: &Redacted<Form>) -> Result<(), PortError> {
        Ok(())
    }
}
