//! What gets in the way in a history: time, other rights, changed customers, faults of the outside, and deaths.

use seqn_chatops::model::Tier;

use super::meaning::Means;
use super::play::{Play, Stands};
use super::staff::roles;
use super::world::{Org, Person, Wrong};
use crate::histories::{MINUTE, model};

/// Of so many votes and confirmations one is followed by a changed customer before it runs, two by a fault, and two by a
/// lost right.
const CHANGES_OF: usize = 14;

impl Play<'_> {
    /// The customers of a history.
    pub fn customers(&mut self) {
        let mut world = self.lives.world.get();
        let people: Vec<_> = world.people.iter().map(Person::id).collect();
        for name in ["acme", "globex"].iter().take(self.dice.range(1, 3)) {
            let tier = [Tier::Confirm, Tier::Second, Tier::Second, Tier::OtherRole][self.dice.range(0, 4)];
            let named = if self.dice.range(0, 8) == 0 { people[..2].to_vec() } else { Vec::new() };
            world.orgs.insert(format!("{name}-{}", self.seed), Org::new(tier, named, self.dice.range(1, 4)));
        }
    }

    /// Something happens that nobody of the staff does.
    pub async fn gets_in_the_way(&mut self) -> Result<(), String> {
        match self.dice.range(0, 20) {
            0..=1 => self.rights_change(),
            2..=4 => self.customer_changes(),
            5..=16 => self.outside_fails(),
            17..=18 => {
                self.tells("the bot is killed at rest".into());
                self.lives.dies().await?;
            }
            _ => {
                let rules = &mut self.lives.rules.approvals;
                rules.iter_mut().for_each(|rule| rule.need.count += 1);
                self.tells("the rules ask for one more, after a restart".into());
                self.lives.dies().await?;
            }
        }
        self.works(None).await
    }

    /// Something goes wrong while a step waits for its next try, and time goes on to it.
    pub async fn while_it_runs(&mut self) -> Result<(), String> {
        let (wait, says) = {
            let mut world = self.lives.world.get();
            match self.dice.range(0, 6) {
                0 => {
                    world.roster_down = true;
                    (31_000, "the roster cannot be read")
                }
                1 => {
                    world.blind = !world.blind;
                    (6_000, "looks fail, or no longer")
                }
                2 => (6_000, "nothing goes wrong"),
                _ => {
                    world.wrong.push_front(Wrong::NoAnswer { done: false });
                    (6_000, "the next act gets no answer")
                }
            }
        };
        self.tells(format!("while it runs, {says}, and {wait} ms go by"));
        self.lives.world.moves(wait);
        self.works(None).await
    }

    pub async fn time_goes(&mut self) -> Result<(), String> {
        let jumps = [MINUTE / 2, MINUTE + 1_000, 5 * MINUTE, 16 * MINUTE, 300 * MINUTE, -MINUTE / 2, -90 * MINUTE];
        let jump = jumps[self.dice.range(0, jumps.len())];
        self.tells(format!("the clock jumps {jump} ms"));
        self.lives.world.moves(jump);
        self.works(None).await
    }

    /// Somebody gets other roles, leaves, or comes back.
    fn rights_change(&mut self) {
        let mut world = self.lives.world.get();
        let number = self.dice.range(0, world.people.len());
        let person = &mut world.people[number];
        match self.dice.range(0, 3) {
            0 => person.active = !person.active,
            _ => person.roles = roles(&mut self.dice, number),
        }
        let says = format!("p{number} is now {:?}, active: {}", person.roles, person.active);
        drop(world);
        self.tells(says);
    }

    fn customer_changes(&mut self) {
        let mut world = self.lives.world.get();
        let names: Vec<String> = world.orgs.keys().cloned().collect();
        let name = &names[self.dice.range(0, names.len())];
        let org = world.orgs.get_mut(name).expect("there");
        match self.dice.range(0, 3) {
            0 => org.tier = [Tier::Confirm, Tier::Second, Tier::OtherRole][self.dice.range(0, 3)],
            1 => drop(org.sessions.insert(format!("ses-{}", org.sessions.len() + 1), true)),
            _ => org.sessions.values_mut().take(1).for_each(|lives| *lives = false),
        }
        let says = format!("{name} is now {org:?}");
        drop(world);
        self.tells(says);
    }

    fn outside_fails(&mut self) {
        let wrong = [
            Wrong::Refused,
            Wrong::RateLimited,
            Wrong::Unreachable,
            Wrong::NoAnswer { done: true },
            Wrong::NoAnswer { done: false },
            Wrong::Late,
            Wrong::Hangs { done: true },
            Wrong::Hangs { done: false },
            Wrong::Hangs { done: true },
        ];
        let mut world = self.lives.world.get();
        let says = match self.dice.range(0, 10) {
            0 => {
                world.blind = !world.blind;
                format!("SEQN Auth does not answer looks: {}", world.blind)
            }
            1 => {
                world.roster_down = !world.roster_down;
                format!("the roster cannot be read: {}", world.roster_down)
            }
            _ => {
                let wrong = wrong[self.dice.range(0, wrong.len())];
                world.wrong.push_back(wrong);
                format!("the next acts will be {:?}", world.wrong)
            }
        };
        drop(world);
        self.tells(says);
    }

    /// What changes between a click and the run, now and then.
    pub async fn between(&mut self, means: &Means, after: &Stands) {
        let (Means::Confirms(claim) | Means::Agrees(claim)) = means else { return };
        match self.dice.range(0, CHANGES_OF) {
            0 => return self.customer_changes(),
            1 | 2 => return self.outside_fails(),
            3 | 4 => {}
            _ => return,
        }
        let Some(row) = after.get(&claim.request).map(|known| known.row.clone()) else { return };
        let Some(plan) = self.plan(&row).await else { return };
        let content = |play: &Self| model::content(&play.history(&row, &plan, play.true_staff(), false));
        let before = content(self);
        let mut people = [row.requester.clone(), claim.staff.clone()];
        people.rotate_left(self.dice.range(0, 2));
        let number = self.lives.world.get().people.iter().position(|person| person.id() == people[0]);
        let number = number.expect("somebody of the cast");
        if self.dice.range(0, 2) == 0 {
            self.lives.world.get().people[number].active = false;
        } else {
            self.lives.world.get().people[number].roles = ["observer"].into();
        }
        self.tells(format!("before it runs, p{number} loses the right"));
        self.seen.lost_right += u64::from(before && !content(self));
    }
}
