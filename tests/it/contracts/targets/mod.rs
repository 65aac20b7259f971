//! The surfaces: every request that an adapter really sends, as its emulator has it, against the vendor's description.
//!
//! What the descriptions leave to prose is asserted by hand. Invariant: for each operation one body passes and at least
//! two broken ones are refused, else the judge is blind.

mod github;
mod opsgenie;
mod others;
mod pagerduty;
mod statuspage;

use std::path::PathBuf;
use std::sync::Arc;

use seqn_chatops::clients::Deadlines;
use seqn_chatops::clients::targets::{
    IssuesConfig, NtfyConfig, OpsgenieConfig, Outlet, PagerDutyConfig, Recorder, RepoConfig, RequestTrackerConfig,
    StatusPageConfig, StatuspageConfig, TargetConfig, TicketsConfig, TrackerConfig, WebhookConfig, WebhookSecret, open,
    open_tracker,
};
use seqn_chatops::guard::{Guard, Redacted, Secret};
use seqn_chatops::model::{
    Audience, IncidentKind, IncidentNotice, Millis, Notice, NoticeContent, NoticeEvent, Phase, Proof, Severity,
};
use seqn_chatops::ports::{Clock, PortError, Target, TrackerRead};
use seqn_chatops::sandbox::dial::Dial;
use seqn_chatops::sandbox::fault::Faults;
use seqn_chatops::sandbox::seams::DialClock;
use seqn_chatops::sandbox::settings::secret;
use seqn_chatops::sandbox::targets::{
    NTFY_TOPIC, RT_QUEUE, STATUS_REPO, STATUSPAGE_PAGE, SUPPORT_REPO, TargetKeys, TargetSims,
};
use seqn_chatops::sandbox::world::Recorded;
use serde_json::Value;
use tempfile::TempDir;

/// The emulators, and what the adapters share.
pub struct Stand {
    /// The emulators.
    pub sims: TargetSims,
    /// Time.
    pub dial: Dial,
    /// What goes wrong.
    pub faults: Faults,
    /// What drills would have told.
    pub recorder: Arc<Recorder>,
    /// How long the adapters wait.
    pub deadlines: Deadlines,
    _folder: TempDir,
}

fn named(name: &str) -> Secret {
    Secret::new(secret(name).expect("the sandbox has it"))
}

impl Stand {
    /// A stand with everything at its beginning.
    pub async fn new() -> Self {
        Self::at(Dial::still()).await
    }

    /// The same with that clock.
    pub async fn at(dial: Dial) -> Self {
        let faults = Faults::default();
        let folder = crate::folder::folder();
        let keys = TargetKeys::named(secret).unwrap();
        let sims = TargetSims::start(&dial, &faults, &keys, folder.path().join("status")).await.unwrap();
        let recorder = Arc::default();
        Self { sims, dial, faults, recorder, deadlines: Deadlines::default(), _folder: folder }
    }

    fn guard(&self) -> Guard {
        let names = ["PAGERDUTY_ROUTING_KEY", "OPSGENIE_KEY", "NTFY_TOKEN", "STATUSPAGE_KEY", "GITHUB_TOKEN"];
        super::guard().with_own_secrets(names.into_iter().chain(["REQUEST_TRACKER_TOKEN"]).map(named))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(DialClock(self.dial.clone()))
    }

    /// How every kind of surface is reached here, by the name that the sandbox gives it.
    pub fn configs(&self) -> Vec<(&'static str, TargetConfig)> {
        let sims = &self.sims;
        let url = |text: String| text.parse().unwrap();
        let pagerduty = PagerDutyConfig {
            base: url(sims.pagerduty.base_url()),
            routing_key: named("PAGERDUTY_ROUTING_KEY"),
            link: Some(url("https://status.seqn.example".into())),
        };
        let opsgenie = OpsgenieConfig { base: url(sims.opsgenie.base_url()), key: named("OPSGENIE_KEY") };
        let ntfy = NtfyConfig {
            base: url(sims.ntfy.base_url()),
            topic: NTFY_TOPIC.into(),
            token: named("NTFY_TOKEN"),
            click: Some(url("https://status.seqn.example".into())),
        };
        let page = StatusPageConfig {
            folder: PathBuf::from(&sims.status_folder),
            url: url("https://status.seqn.example".into()),
            title: "SEQN Auth".into(),
        };
        let statuspage = StatuspageConfig {
            base: url(sims.statuspage.base_url()),
            page: STATUSPAGE_PAGE.into(),
            key: named("STATUSPAGE_KEY"),
            notify: false,
        };
        let upptime = IssuesConfig { repo: self.repo(STATUS_REPO), labels: vec!["incident".into()] };
        vec![
            ("pagerduty", TargetConfig::PagerDuty(pagerduty)),
            ("opsgenie", TargetConfig::Opsgenie(opsgenie)),
            ("ntfy", TargetConfig::Ntfy(ntfy)),
            ("status-page", TargetConfig::StatusPage(page)),
            ("statuspage", TargetConfig::Statuspage(statuspage)),
            ("upptime", TargetConfig::Issues(upptime)),
            ("webhook", TargetConfig::Webhook(self.webhook())),
        ]
    }

    fn repo(&self, name: &str) -> RepoConfig {
        let (owner, name) = name.split_once('/').unwrap();
        let base = self.sims.github.base_url().parse().unwrap();
        RepoConfig { base, owner: owner.into(), name: name.into(), token: named("GITHUB_TOKEN") }
    }

    /// A receiver that forgets ids.
    pub fn webhook(&self) -> WebhookConfig {
        WebhookConfig {
            url: format!("{}/hooks", self.sims.webhook.base_url()).parse().unwrap(),
            secret: WebhookSecret::read(&named("WEBHOOK_SECRET")).unwrap(),
            keeps_ids: false,
            audience: Audience::Internal,
        }
    }

    /// The surface of that name.
    pub fn open(&self, name: &str) -> Outlet {
        let (_, config) = self.configs().into_iter().find(|(known, _)| *known == name).expect("a surface");
        self.opened(&config)
    }

    /// The surface of that configuration.
    pub fn opened(&self, config: &TargetConfig) -> Outlet {
        open(config, &self.guard(), &self.clock(), self.deadlines, Arc::clone(&self.recorder)).unwrap()
    }

    /// The tracker on GitHub.
    pub fn tracker(&self) -> (Arc<dyn TrackerRead>, Outlet) {
        let config =
            TicketsConfig { repo: self.repo(SUPPORT_REPO), prefix: "SUP-".into(), labels: vec!["chatops".into()] };
        self.tracker_of(&TrackerConfig::Github(config))
    }

    /// How Request Tracker is reached.
    pub fn request_tracker(&self) -> RequestTrackerConfig {
        RequestTrackerConfig {
            base: self.sims.request_tracker.base_url().parse().unwrap(),
            token: named("REQUEST_TRACKER_TOKEN"),
            queue: RT_QUEUE.into(),
            prefix: "SUP-".into(),
            closed_status: "resolved".into(),
            open_status: "open".into(),
        }
    }

    /// The tracker of that configuration.
    pub fn tracker_of(&self, config: &TrackerConfig) -> (Arc<dyn TrackerRead>, Outlet) {
        open_tracker(config, &self.guard(), &self.clock(), self.deadlines, Arc::clone(&self.recorder)).unwrap()
    }
}

/// A public word about a real incident, `n` minutes after it began to be told.
pub fn incident(n: u32, event: NoticeEvent, phase: Phase) -> IncidentNotice {
    let at = Millis(1_793_610_000_000).plus_ms(i64::from(n) * 60_000);
    IncidentNotice {
        incident: "rq-b7c2d9f4".parse().unwrap(),
        number: 7,
        kind: IncidentKind::Real,
        event,
        audience: Audience::Public,
        severity: Severity::Sev1,
        phase,
        title: "Sign-in fails".into(),
        text: format!("Word {n}: some people cannot sign in."),
        routes: vec!["/v1/me".into()],
        started: Millis(1_793_609_000_000),
        at,
        next_update: Some(at.plus_ms(1_800_000)),
        update: n,
    }
}

/// That content as a notice of its own.
pub fn notice(n: u32, content: NoticeContent) -> Redacted<Notice> {
    let notice = Notice {
        key: format!("rq-b7c2d9f4:{n}:here"),
        target: "here".into(),
        subject: "rq-b7c2d9f4".into(),
        pages: true,
        content,
    };
    super::guard().outgoing(notice).expect("it holds no secret")
}

/// That incident as a notice of its own.
pub fn of(incident: IncidentNotice) -> Redacted<Notice> {
    notice(incident.update, NoticeContent::Incident(Box::new(incident)))
}

/// An incident's whole life, as it is told.
pub fn life() -> Vec<IncidentNotice> {
    vec![
        incident(1, NoticeEvent::Opened, Phase::Investigating),
        incident(2, NoticeEvent::Acknowledged, Phase::Investigating),
        incident(3, NoticeEvent::Updated, Phase::Identified),
        incident(4, NoticeEvent::Updated, Phase::Monitoring),
        incident(5, NoticeEvent::Resolved, Phase::Resolved),
        incident(6, NoticeEvent::Reopened, Phase::Investigating),
        incident(7, NoticeEvent::Resolved, Phase::Resolved),
        incident(8, NoticeEvent::Closed, Phase::Closed),
    ]
}

/// Tells one after another, each with the far object that the ones before have made.
pub async fn tell_all(target: &Outlet, all: Vec<IncidentNotice>) -> Result<Vec<Proof>, PortError> {
    let (mut proofs, mut object): (Vec<Proof>, Option<String>) = (Vec::new(), None);
    for incident in all {
        let proof = target.tell(&of(incident), object.as_deref()).await?;
        object = proof.object.clone().or(object);
        proofs.push(proof);
    }
    Ok(proofs)
}

/// The body of a request.
pub fn body(request: &Recorded) -> Value {
    serde_json::from_str(&request.body).unwrap_or_else(|why| panic!("{why}: {}", request.body))
}

/// `POST /path?query`.
pub fn line(request: &Recorded) -> String {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    format!("{} {}{query}", request.method, request.path)
}
