//! Incidents as issues: one for each, a comment for each update, closed at its end. As a status page, which Upptime
//! reads, and among the tickets of the support tracker.
//!
//! Invariants: as a status page it takes only what is public; whether the issue is open is set before the comment is
//! made, so that who finds the comment knows that all was done; and before an issue is made, the newest ones are
//! searched for ours.

use async_trait::async_trait;

use crate::guard::Guard;
use crate::model::{Dedup, IncidentNotice, NoticeEvent, Phase, Proof};
use crate::ports::{Fault, PortError};

use super::super::super::answer::not_sent;
use super::super::super::base::BadConfig;
use super::super::super::http::Deadlines;
use super::super::live::Live;
use super::super::outlet::Surface;
use super::super::words::{is_over, message};
use super::{Entry, NAME, Repo, RepoConfig, mark};

/// Which issues are incidents.
#[derive(Clone)]
pub struct IssuesConfig {
    /// The repository.
    pub repo: RepoConfig,
    /// The labels of an incident, one at least. By the first ours are looked for.
    pub labels: Vec<String>,
}

/// The status page.
pub(in super::super) struct Issues {
    repo: Repo,
    labels: Vec<String>,
}

impl Issues {
    /// The adapter of that configuration.
    pub(in super::super) fn open(
        config: &IssuesConfig,
        guard: &Guard,
        deadlines: Deadlines,
    ) -> Result<Self, BadConfig> {
        Ok(Self { repo: Repo::open(&config.repo, guard, deadlines)?, labels: config.labels.clone() })
    }
}

#[async_trait]
impl Surface for Issues {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::LookUp
    }

    async fn tell(&self, live: Live<'_>, object: Option<&str>) -> Result<Proof, PortError> {
        let public = live.public(NAME)?;
        let told = Telling { repo: &self.repo, labels: &self.labels, key: live.key(), incident: public.incident() };
        told.tell(numbered(object)?).await
    }

    async fn told(&self, live: Live<'_>, object: Option<&str>) -> Result<Option<Proof>, PortError> {
        let public = live.public(NAME)?;
        let told = Telling { repo: &self.repo, labels: &self.labels, key: live.key(), incident: public.incident() };
        told.told(numbered(object)?).await
    }
}

fn numbered(object: Option<&str>) -> Result<Option<u64>, PortError> {
    let number = object.map(str::parse).transpose();
    number.map_err(|_| not_sent(NAME, "The issue's number is no number."))
}

/// One notice on its way into a repository. The proof's object is the issue's number.
pub(super) struct Telling<'a> {
    pub(super) repo: &'a Repo,
    pub(super) labels: &'a [String],
    pub(super) key: &'a str,
    pub(super) incident: &'a IncidentNotice,
}

impl Telling<'_> {
    /// Tells it, in the issue of that number or in the one that is found or made.
    pub(super) async fn tell(&self, number: Option<u64>) -> Result<Proof, PortError> {
        match self.known(number).await? {
            Some(number) => self.update(number).await,
            // Nobody was ever told of it, so that nobody has to be told that it was none.
            None if self.incident.phase == Phase::Cancelled => {
                Ok(Proof { object: None, receipt: "Nothing was there to cancel.".into(), url: None })
            }
            None => self.create().await,
        }
    }

    /// Looks whether it was told.
    pub(super) async fn told(&self, number: Option<u64>) -> Result<Option<Proof>, PortError> {
        let Some(number) = self.known(number).await? else { return Ok(None) };
        let ours = self.mark();
        let issue: Entry = match self.repo.issue(number).await?.json() {
            Ok(issue) => issue,
            Err(PortError { fault: Fault::NotFound, .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if issue.mark() == Some(ours.as_str()) {
            // Made, but perhaps not closed.
            let whole = !is_over(self.incident) || issue.state == "closed";
            return Ok(whole.then(|| proof(number, &issue, "issue", number)));
        }
        let comment = self.repo.find_comment(&issue, &ours).await?;
        Ok(comment.map(|comment| proof(number, &comment, "comment", comment.id)))
    }

    async fn known(&self, number: Option<u64>) -> Result<Option<u64>, PortError> {
        if number.is_some() {
            return Ok(number);
        }
        let subject = format!("{} ", self.incident.incident);
        let label = self.labels.first().map(String::as_str);
        let found = self.repo.find(label, |mark| mark.starts_with(&subject)).await?;
        Ok(found.map(|found| found.number))
    }

    async fn update(&self, number: u64) -> Result<Proof, PortError> {
        let over = is_over(self.incident);
        if over || self.incident.event == NoticeEvent::Reopened {
            self.repo.set_open(number, !over).await?;
        }
        let comment = self.repo.comment(number, &self.mark(), &message(self.incident)).await?;
        Ok(proof(number, &comment, "comment", comment.id))
    }

    async fn create(&self) -> Result<Proof, PortError> {
        let text = message(self.incident);
        let issue = self.repo.create(&self.incident.title, &self.mark(), &text, self.labels).await?;
        if is_over(self.incident) {
            self.repo.set_open(issue.number, false).await?;
        }
        Ok(proof(issue.number, &issue, "issue", issue.number))
    }

    fn mark(&self) -> String {
        mark(self.incident.incident.as_str(), self.key)
    }
}

fn proof(issue: u64, made: &Entry, what: &str, id: u64) -> Proof {
    Proof { object: Some(issue.to_string()), receipt: format!("201, {what} {id}"), url: made.url() }
}
