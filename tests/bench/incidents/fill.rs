//! Many incidents with many updates, as the engine would have left them: through the store, a deed at a time.
//!
//! Nothing is sent. Invariant: each deed is one that the commands would have made, and each of its notices is sent and
//! in the timeline.

use anyhow::{Context, anyhow};
use seqn_chatops::app::{SecretSource, incidents, parse};
use seqn_chatops::incidents::deed::{Desk as Deeds, Draft, No, Opening, Standing};
use seqn_chatops::incidents::fanout::Told;
use seqn_chatops::incidents::{By, Settings};
use seqn_chatops::model::{
    Entry, EntryKind, IncidentKind, Millis, Notice, Parts, Place, Platform, Proof, RequestId, Severity, StaffId,
};
use seqn_chatops::ports::{IncidentAct, IncidentRead};
use seqn_chatops::sandbox::cast::{DISCORD_GUILD, SLACK_TEAM, channel};
use seqn_chatops::sandbox::desk::Desk;
use seqn_chatops::sandbox::settings::secret;
use seqn_chatops::store::Store;

use super::super::store::{Row, guard, intake, safe};

/// More than there are incidents.
const ALL: u32 = 10_000;
/// How long a lease is, and how long a surface that is down is left alone.
const LEASE_MS: i64 = 60_000;
const AWAY_MS: i64 = 3_600_000;

/// Whoever fills it.
pub struct Filler {
    store: Store,
    settings: Settings,
    told: Told,
    targets: Vec<String>,
    kim: StaffId,
    now: Millis,
    asked: u64,
}

impl Filler {
    /// For the bot of that desk.
    pub fn of(desk: &Desk) -> anyhow::Result<Self> {
        let read = |source: &SecretSource| match source {
            SecretSource::Env(name) => secret(name).ok_or_else(|| format!("the sandbox has no {name}")),
            _ => Err("the sandbox reads secrets by name only".into()),
        };
        let config = parse(&desk.settings(), &read).map_err(|errors| anyhow!("{} are wrong", errors.len()))?;
        let bot = desk.bot()?;
        let settings = incidents::settings(&config, &bot.guard).map_err(|errors| anyhow!(errors.join(" ")))?;
        Ok(Self {
            store: bot.engine.store().clone(),
            told: settings.destinations.iter().map(|one| one.name.clone()).collect(),
            settings,
            targets: bot.engine.targets(),
            kim: "kim".parse()?,
            now: Millis(desk.dial.now_ms()),
            asked: 0,
        })
    }

    /// A command that was asked and answered.
    async fn request(&mut self) -> anyhow::Result<RequestId> {
        self.asked += 1;
        let mut tx = self.store.begin().await?;
        let id = intake(&mut tx, &guard(), self.asked, Row::Ended).await?;
        tx.commit().await?;
        Ok(id)
    }

    fn drafted(&self, request: &RequestId, draft: impl Fn(&Deeds<'_>) -> Result<Draft, No>) -> anyhow::Result<Draft> {
        let by = By { request, staff: &self.kim, at: self.now };
        let deeds = Deeds { settings: &self.settings, by, overrides: &[] };
        draft(&deeds).map_err(|no| anyhow!("it is no deed: {no:?}"))
    }

    /// Opens one; what it owes is sent.
    pub async fn opens(&mut self, number: usize) -> anyhow::Result<RequestId> {
        let request = self.request().await?;
        let opening = Opening {
            kind: IncidentKind::Real,
            title: format!("Sign-in is slow in region {number}"),
            severity: Severity::Sev2,
            parts: parts(0),
            duties: [].into(),
            rooms: rooms(number)?,
        };
        let draft = self.drafted(&request, |deeds| deeds.open(&opening))?;
        self.store.incident_deed(&request, &draft.deed, &self.kim, self.now).await?;
        Ok(request)
    }

    /// An update of it that can be done.
    pub async fn update(&mut self, id: &RequestId, number: usize) -> anyhow::Result<(RequestId, Draft)> {
        let request = self.request().await?;
        let it = self.store.incident(id).await?.context("the incident is gone")?;
        let standing = Standing { incident: &it, told: &self.told };
        let draft = self.drafted(&request, |deeds| deeds.update(standing, &parts(number), None))?;
        Ok((request, draft))
    }

    /// Does it.
    pub async fn does(&self, request: &RequestId, draft: &Draft) -> anyhow::Result<()> {
        Ok(self.store.incident_deed(request, &draft.deed, &self.kim, self.now).await?)
    }

    /// Everything that is owed to surfaces is sent, as the record has it then; and the cards are fresh.
    pub async fn sent(&self, ids: &[RequestId]) -> anyhow::Result<()> {
        let guard = guard();
        for target in &self.targets {
            let mut tx = self.store.begin().await?;
            let owed = tx.lease_notices(target, self.now, LEASE_MS, ALL).await?;
            for one in &owed {
                let receipt = "202 accepted, event 0f3a".to_owned();
                let proof = Proof { object: None, receipt, url: Some("https://status.seqn.example/7".into()) };
                tx.notice_sent(one.id, &safe(&guard, proof)?, false, self.now).await?;
                let entry = Entry {
                    seq: 0,
                    at: self.now,
                    staff: None,
                    kind: EntryKind::Delivery,
                    says: format!("{target} was told (202 accepted, event 0f3a)."),
                    request: one.request.clone(),
                    posted: None,
                    corrects: None,
                };
                tx.add_entries(&one.notice.subject.parse()?, &[entry]).await?;
            }
            tx.commit().await?;
        }
        let mut tx = self.store.begin().await?;
        for id in ids {
            tx.fresh_card(id).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Leaves so many notices of so many subjects behind at a surface that is down, the oldest of each tried already.
    pub async fn leaves_behind(&self, notice: &Notice, subjects: usize, each: usize) -> anyhow::Result<()> {
        let guard = guard();
        let mut tx = self.store.begin().await?;
        for number in 0..each {
            for subject in 0..subjects {
                let key = format!("behind:{subject}:{number}");
                let notice = Notice { key, subject: format!("behind-{subject}"), ..notice.clone() };
                tx.owe_notice(&safe(&guard, notice)?, None, self.now).await?;
            }
        }
        let why = safe(&guard, "statuspage is failing (503).".to_owned())?;
        let heads = tx.lease_notices(&notice.target, self.now, LEASE_MS, ALL).await?;
        for one in heads {
            tx.put_notice_off(one.id, self.now.plus_ms(AWAY_MS), &why, false).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn parts(number: usize) -> Parts {
    let filled = [
        ("impact", format!("sign-in takes 30 seconds, as of look {number}")),
        ("routes", "/auth/login, POST /v1/sessions".to_owned()),
        ("started", "20m".to_owned()),
        ("next", "30m".to_owned()),
        ("mitigation", "we roll back the last release".to_owned()),
    ];
    filled.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A thread of its own on each platform.
fn rooms(number: usize) -> anyhow::Result<Vec<Place>> {
    let incidents = channel("incidents").context("the sandbox has no such channel")?;
    let place = |platform, team: String, channel: String, thread: String| Place {
        platform,
        team,
        channel,
        thread: Some(thread),
        direct: false,
    };
    let ts = format!("{}.000100", 1_700_000_000 + number);
    Ok(vec![
        place(Platform::Slack, SLACK_TEAM.into(), incidents.slack.into(), ts),
        place(
            Platform::Discord,
            DISCORD_GUILD.to_string(),
            incidents.discord.to_string(),
            (930_000_000_000_000_000_u64 + u64::try_from(number)?).to_string(),
        ),
    ])
}
