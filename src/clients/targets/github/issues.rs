//! A repository's issues as a status page: an issue for each incident, a comment for each update, closed at its end.
//! Upptime makes a page of them.
//!
//! Invariants: only what is public reaches it; whether the issue is open is set before the comment is made, so that who
//! finds the comment knows that all was done; and before an issue is made, the newest ones are searched for ours.

use async_trait::async_trait;

use crate::guard::Guard;
use crate::model::{Dedup, IncidentNotice, NoticeEvent, Phase, Proof};
use crate::ports::{Fault, PortError};

use super::super::super::answer::not_sent;
use super::super::super::base::BadConfig;
use super::super::super::http::Deadlines;
use super::super::live::{Live, Public};
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

/// The adapter.
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

    /// The issue of that incident.
    async fn find(&self, incident: &IncidentNotice) -> Result<Option<Entry>, PortError> {
        let subject = format!("{} ", incident.incident);
        self.repo.find(self.labels.first().map(String::as_str), |mark| mark.starts_with(&subject)).await
    }

    async fn known(&self, incident: &IncidentNotice, object: Option<&str>) -> Result<Option<u64>, PortError> {
        match object {
            None => Ok(self.find(incident).await?.map(|found| found.number)),
            Some(number) => number.parse().map(Some).map_err(|_| not_sent(NAME, "The issue's number is no number.")),
        }
    }

    async fn update(&self, number: u64, public: Public<'_>) -> Result<Proof, PortError> {
        let incident = public.incident();
        if is_over(incident) || incident.event == NoticeEvent::Reopened {
            self.repo.set_open(number, !is_over(incident)).await?;
        }
        let comment = self.repo.comment(number, &marks(public), &message(incident)).await?;
        Ok(proof(number, &comment, "comment", comment.id))
    }

    async fn create(&self, public: Public<'_>) -> Result<Proof, PortError> {
        let incident = public.incident();
        let issue = self.repo.create(&incident.title, &marks(public), &message(incident), &self.labels).await?;
        if is_over(incident) {
            self.repo.set_open(issue.number, false).await?;
        }
        Ok(proof(issue.number, &issue, "issue", issue.number))
    }
}

fn marks(public: Public<'_>) -> String {
    mark(public.incident().incident.as_str(), public.key())
}

fn proof(issue: u64, made: &Entry, what: &str, id: u64) -> Proof {
    Proof { object: Some(issue.to_string()), receipt: format!("201, {what} {id}"), url: made.url() }
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
        match self.known(public.incident(), object).await? {
            Some(number) => self.update(number, public).await,
            // Nobody was ever told of it, so that nobody has to be told that it was none.
            None if public.incident().phase == Phase::Cancelled => {
                Ok(Proof { object: None, receipt: "Nothing was there to cancel.".into(), url: None })
            }
            None => self.create(public).await,
        }
    }

    async fn told(&self, live: Live<'_>, object: Option<&str>) -> Result<Option<Proof>, PortError> {
        let public = live.public(NAME)?;
        let incident = public.incident();
        let Some(number) = self.known(incident, object).await? else { return Ok(None) };
        let ours = marks(public);
        let issue: Entry = match self.repo.issue(number).await?.json() {
            Ok(issue) => issue,
            Err(PortError { fault: Fault::NotFound, .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if issue.mark() == Some(ours.as_str()) {
            // Made, but perhaps not closed.
            let whole = !is_over(incident) || issue.state == "closed";
            return Ok(whole.then(|| proof(number, &issue, "issue", number)));
        }
        let comment = self.repo.find_comment(number, Some(incident.at), |mark| mark == ours).await?;
        Ok(comment.map(|comment| proof(number, &comment, "comment", comment.id)))
    }
}
