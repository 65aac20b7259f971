//! What people do in a history: mostly what they mean to do.

use seqn_chatops::model::{Account, Ack, Place, Platform, RequestId, Staff, State, Verb};
use seqn_chatops::store::RequestRow;

use super::play::{Does, Play, Stands};
use super::staff::{place, stranger};
use crate::histories::model;

/// Of so many envelopes one meets a bot that dies soon.
const DIES_OF: usize = 12;
/// So many votes follow one another at most.
const VOTES_MOST: usize = 4;
const REASON: &str = "account takeover is going on, and both approvers are on a plane";

impl Play<'_> {
    /// One more thing happens.
    pub async fn happens(&mut self) -> Result<(), String> {
        let waiting: Vec<RequestRow> =
            self.stood.values().filter(|known| !known.row.state.ended()).map(|known| known.row.clone()).collect();
        let of = |state: State| waiting.iter().filter(|row| row.state == state).cloned().collect::<Vec<_>>();
        let (previewed, asking) = (of(State::Previewed), of(State::Asking));
        let running = waiting.iter().any(|row| row.state == State::Running);
        match self.dice.range(0, 100) {
            _ if waiting.is_empty() => self.somebody_asks().await,
            0..=15 if running => self.somebody_is_late().await,
            16..=60 if running => self.while_it_runs().await,
            0..=5 => self.somebody_asks().await,
            6..=30 if !previewed.is_empty() => {
                let row = previewed[self.dice.range(0, previewed.len())].clone();
                self.requester_answers(&row).await
            }
            6..=56 if !asking.is_empty() => {
                let row = asking[self.dice.range(0, asking.len())].clone();
                self.somebody_votes(&row).await
            }
            6..=56 if !previewed.is_empty() => {
                let row = previewed[self.dice.range(0, previewed.len())].clone();
                self.requester_answers(&row).await
            }
            57..=61 => self.replays().await,
            62 | 63 => self.goes_on().await,
            64..=65 => self.somebody_forges().await,
            66..=69 => self.somebody_is_late().await,
            70..=73 => self.time_goes().await,
            _ if self.dice.range(0, 3) == 0 => match asking.first().cloned() {
                Some(row) => self.glass(&row).await,
                None => self.somebody_asks().await,
            },
            _ => self.gets_in_the_way().await,
        }
    }

    fn dies(&mut self) -> bool {
        !self.lives.world.get().roster_down && self.dice.range(0, DIES_OF) == 0
    }

    /// One of a person's accounts: on either platform.
    fn account_of(&mut self, number: usize) -> Account {
        let accounts = self.lives.world.get().people[number].accounts.clone();
        accounts[self.dice.range(0, accounts.len())].clone()
    }

    fn anybody(&mut self) -> Account {
        let people = self.lives.world.get().people.len();
        match self.dice.range(0, people + 1) {
            number if number < people => self.account_of(number),
            _ => stranger(self.seed),
        }
    }

    fn requester(&mut self, row: &RequestRow) -> Account {
        let number = self.lives.world.get().people.iter().position(|person| person.id() == row.requester);
        self.account_of(number.expect("somebody of the cast"))
    }

    async fn somebody_asks(&mut self) -> Result<(), String> {
        let account = if self.dice.range(0, 4) > 0 { self.account_of(0) } else { self.anybody() };
        let names: Vec<String> = self.lives.world.get().orgs.keys().cloned().collect();
        let org = names[self.dice.range(0, names.len())].clone();
        let action = *self.dice.one(&[&"mend", &"end", &"end"]);
        let dry = if self.dice.range(0, 16) == 0 { " --dry-run" } else { "" };
        let channel = if self.dice.range(0, 24) == 0 { "elsewhere" } else { "actions" };
        let at = place(account.platform, channel);
        let dies = self.dies();
        self.delivers(&account, at, Does::Types(format!("{action} org={org}{dry}")), dies).await?;
        if self.dice.range(0, 3) > 0 { self.goes_on().await } else { Ok(()) }
    }

    /// What was asked last goes its way without much delay.
    async fn goes_on(&mut self) -> Result<(), String> {
        let last = |stood: &Stands, state: State| {
            let rows = stood.values().map(|known| &known.row).filter(|row| row.state == state);
            rows.max_by_key(|row| row.asked).cloned()
        };
        if let Some(row) = last(&self.stood, State::Previewed) {
            self.requester_answers(&row).await?;
        }
        for _ in 0..self.dice.range(0, VOTES_MOST + 1) {
            let Some(row) = last(&self.stood, State::Asking) else { break };
            self.somebody_votes(&row).await?;
        }
        Ok(())
    }

    /// A revision, mostly the current one.
    fn revision(&mut self, row: &RequestRow) -> u32 {
        match self.dice.range(0, 12) {
            0 => row.revision.saturating_sub(1),
            1 => row.revision + 1,
            _ => row.revision,
        }
    }

    async fn requester_answers(&mut self, row: &RequestRow) -> Result<(), String> {
        let account = if self.dice.range(0, 8) == 0 { self.anybody() } else { self.requester(row) };
        let verb = if self.dice.range(0, 9) == 0 { Verb::Cancel } else { Verb::Confirm };
        let does = Does::Presses(verb, row.id.clone(), self.revision(row));
        let dies = self.dies();
        self.delivers(&account, in_approvals(&account), does, dies).await.map(drop)
    }

    /// Somebody reviews, and then votes; mostly one who may.
    async fn somebody_votes(&mut self, row: &RequestRow) -> Result<(), String> {
        let account = match self.dice.range(0, 10) {
            0 => {
                self.seen.other_account += 1;
                self.requester(row)
            }
            1..=2 => self.anybody(),
            _ => match self.useful(row).await {
                Some(account) => account,
                None => self.anybody(),
            },
        };
        let (id, revision, at) = (row.id.clone(), self.revision(row), in_approvals(&account));
        if self.dice.range(0, 10) > 0 {
            let dies = self.dies();
            self.delivers(&account, at.clone(), Does::Presses(Verb::Review, id.clone(), revision), dies).await?;
        }
        let verb = if self.dice.range(0, 8) == 0 { Verb::Deny } else { Verb::Approve };
        let dies = self.dies();
        let ack = self.delivers(&account, at.clone(), Does::Presses(verb, id.clone(), revision), dies).await?;
        let blindly = self.dice.range(0, 16) == 0;
        if matches!(ack, Ack::Form(_)) || blindly {
            let org = if self.dice.range(0, 8) == 0 { "another" } else { row.org.as_deref().unwrap_or_default() };
            let reason =
                *self.dice.one(&[&"I have looked", &"I have looked", &"I have looked", &"I have looked", &"  "]);
            let values = vec![("org", org.to_owned()), ("reason", reason.to_owned())];
            let dies = self.dies();
            self.delivers(&account, at, Does::Submits(verb, id, revision, values), dies).await?;
        }
        Ok(())
    }

    /// An account of somebody whose yes is still missing.
    async fn useful(&mut self, row: &RequestRow) -> Option<Account> {
        let plan = self.plan(row).await?;
        let history = self.history(row, &plan, self.known_staff(), false);
        let counted: Vec<_> = model::counting(&history).iter().map(|staff| staff.id.clone()).collect();
        let open = |staff: &&&Staff| !counted.contains(&staff.id) && model::named(&history, &staff.id);
        let able: Vec<Staff> = model::everybody(&history).iter().filter(open).map(|staff| (*staff).clone()).collect();
        let accounts: Vec<Account> = able.into_iter().flat_map(|staff| staff.accounts).collect();
        if accounts.is_empty() { None } else { Some(accounts[self.dice.range(0, accounts.len())].clone()) }
    }

    /// Somebody presses what stands under any request, whatever has become of it.
    async fn somebody_is_late(&mut self) -> Result<(), String> {
        let rows: Vec<RequestRow> = self.stood.values().map(|known| known.row.clone()).collect();
        let running = rows.iter().find(|row| row.state == State::Running);
        let row = running.unwrap_or(&rows[self.dice.range(0, rows.len())]);
        let account = if self.dice.range(0, 3) > 0 { self.requester(row) } else { self.anybody() };
        let verbs = [Verb::Confirm, Verb::Cancel, Verb::Cancel, Verb::Review, Verb::Approve, Verb::Deny];
        let (verb, id, revision) = (verbs[self.dice.range(0, verbs.len())], row.id.clone(), self.revision(row));
        let values = || vec![("org", row.org.clone().unwrap_or_default()), ("reason", "I have looked".to_owned())];
        let does = match self.dice.range(0, 3) {
            0 => Does::Submits(verb, id, revision, values()),
            _ => Does::Presses(verb, id, revision),
        };
        self.delivers(&account, in_approvals(&account), does, false).await.map(drop)
    }

    async fn somebody_forges(&mut self) -> Result<(), String> {
        let account = self.anybody();
        let ids: Vec<RequestId> = self.stood.keys().cloned().collect();
        let id = ids.get(self.dice.range(0, ids.len().max(1))).map_or("rq-0".to_owned(), ToString::to_string);
        let controls = [
            String::new(),
            "approve".into(),
            "approve:rq-nobody-knows:1".into(),
            format!("approve:{id}:99"),
            format!("confirm:{id}:-1"),
            format!("eat:{id}:1"),
            format!("done:{id}:1"),
            format!("choose:{id}:1"),
            format!("form:{id}:1"),
            format!("approve:{id}:1; drop"),
        ];
        let does = Does::Forges(controls[self.dice.range(0, controls.len())].clone());
        self.seen.forged += 1;
        self.delivers(&account, in_approvals(&account), does, false).await.map(drop)
    }

    /// The requester breaks the glass, and confirms that.
    async fn glass(&mut self, row: &RequestRow) -> Result<(), String> {
        let account = self.requester(row);
        let line = format!("break-glass request={} ticket=SUP-{} reason=\"{REASON}\"", row.id, self.seed);
        let dies = self.dies();
        self.delivers(&account, place(account.platform, "actions"), Does::Types(line), dies).await?;
        let asked = |stood: &Stands| {
            let mut open = stood.values().map(|known| &known.row);
            open.rfind(|one| one.action == "break-glass" && one.state == State::Previewed).cloned()
        };
        let Some(glass) = asked(&self.stood) else { return Ok(()) };
        let account = self.requester(&glass);
        let dies = self.dies();
        let does = Does::Presses(Verb::Confirm, glass.id.clone(), glass.revision);
        self.delivers(&account, in_approvals(&account), does, dies).await.map(drop)
    }
}

fn in_approvals(account: &Account) -> Place {
    place(if account.platform == Platform::Slack { Platform::Slack } else { Platform::Discord }, "approvals")
}
