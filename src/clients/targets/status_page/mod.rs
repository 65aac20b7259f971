//! The built-in status page: static files in a folder, for any web server to serve.
//!
//! It serves nothing itself; the folder belongs on another machine than what it tells about. Invariants: only what is
//! public is ever written, for it takes nothing but a `Public`; each file is replaced as a whole; and everything is
//! made anew from the one record that each incident has, so that the same notice twice is one.

mod api;
mod feed;
mod html;
mod record;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use url::Url;

use crate::guard::{Guard, Untrusted};
use crate::model::{Dedup, IncidentNotice, Millis, Proof};
use crate::ports::{Fault, PortError};

use self::record::Record;
use super::super::answer::not_sent;
use super::super::base::{BadConfig, Base};
use super::live::Live;
use super::outlet::Surface;

const NAME: &str = "status-page";
/// Where the records lie, below the folder.
const RECORDS: &str = "state";
/// Most records that are read: beyond it the oldest pages stay as they are.
const RECORDS_MOST: usize = 2_000;

/// Where the page is made.
#[derive(Clone)]
pub struct StatusPageConfig {
    /// The folder.
    pub folder: PathBuf,
    /// Where people find it.
    pub url: Url,
    /// What it is about.
    pub title: String,
}

/// What the page calls itself.
#[derive(Clone)]
struct Site {
    folder: PathBuf,
    url: String,
    title: String,
}

/// The adapter.
pub(super) struct StatusPage {
    site: Site,
    guard: Guard,
    /// One page is made at a time.
    turn: Arc<Mutex<()>>,
}

impl StatusPage {
    /// The adapter of that configuration. It makes the page at once, so that there is one before the first incident,
    /// and a folder that cannot be written is known at the start.
    pub(super) fn open(config: &StatusPageConfig, guard: &Guard, now: Millis) -> Result<Self, BadConfig> {
        let url = Base::new("The URL of the status page", &config.url)?;
        let url = url.url().as_str().trim_end_matches('/').to_owned();
        let site = Site { folder: config.folder.clone(), url, title: config.title.clone() };
        site.publish(now, None).map_err(|error| {
            let (folder, why) = (config.folder.display(), error.kind());
            BadConfig(format!("The folder of the status page, {folder}, cannot be written: {why}."))
        })?;
        Ok(Self { site, guard: guard.clone(), turn: Arc::default() })
    }

    fn failed(&self, error: &io::Error) -> PortError {
        let text = format!("The folder of the status page cannot be written: {}.", error.kind());
        PortError { text: self.guard.scrub(Untrusted::new(text)), ..PortError::new(NAME, Fault::Unreachable) }
    }
}

/// A notice of which everything that is written is public.
struct News {
    key: String,
    incident: IncidentNotice,
}

impl Site {
    /// Takes the news into its record, and makes everything anew.
    fn publish(&self, now: Millis, news: Option<&News>) -> io::Result<()> {
        let mut records = self.records()?;
        if let Some(News { key, incident }) = news {
            let id = incident.incident.as_str();
            let before = records.iter().position(|record| record.id == id).map(|at| records.remove(at));
            let record = Record::told(before, key, incident);
            self.write(Path::new(RECORDS), &format!("{id}.json"), &record.written(), true)?;
            records.push(record);
        }
        records.sort_by(|one, two| (two.started, &two.id).cmp(&(one.started, &one.id)));
        let updated = records.iter().map(|record| record.updated).max().unwrap_or(now);
        for record in &records {
            self.write(Path::new("incidents"), &format!("{}.html", record.id), &html::incident(self, record), false)?;
        }
        let api = Path::new("api/v2");
        self.write(api, "incidents.json", &api::incidents(self, &records, updated), false)?;
        self.write(api, "summary.json", &api::summary(self, &records, updated), false)?;
        self.write(Path::new(""), "feed.atom", &feed::atom(self, &records, updated), false)?;
        self.write(Path::new(""), "index.html", &html::index(self, &records, updated), false)
    }

    /// The records of all incidents. One that cannot be read is left out, for one broken file must not silence the page.
    fn records(&self) -> io::Result<Vec<Record>> {
        let folder = self.folder.join(RECORDS);
        fs::create_dir_all(&folder)?;
        let mut names: Vec<PathBuf> = fs::read_dir(&folder)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .collect();
        names.sort();
        let late = names.len().saturating_sub(RECORDS_MOST);
        let mut records = Vec::new();
        for path in names.into_iter().skip(late) {
            match Record::read(&fs::read(&path)?) {
                Some(record) => records.push(record),
                None => tracing::warn!(path = %path.display(), "a record of the status page cannot be read"),
            }
        }
        Ok(records)
    }

    /// Replaces a file as a whole. What is the same already is left alone. `kept`: it must outlive a loss of power.
    fn write(&self, below: &Path, name: &str, content: &str, kept: bool) -> io::Result<()> {
        let folder = self.folder.join(below);
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|there| there == content.as_bytes()) {
            return Ok(());
        }
        fs::create_dir_all(&folder)?;
        let temporary = folder.join(format!(".{name}.new"));
        let mut file = File::create(&temporary)?;
        file.write_all(content.as_bytes())?;
        if kept {
            file.sync_all()?;
        }
        fs::rename(&temporary, &path)
    }

    /// Where people find an incident.
    fn page_of(&self, record: &Record) -> String {
        format!("{}/incidents/{}.html", self.url, record.id)
    }
}

/// A name of a file that is no path.
fn is_name(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[async_trait]
impl Surface for StatusPage {
    fn system(&self) -> &'static str {
        NAME
    }

    fn dedup(&self) -> Dedup {
        Dedup::ServerKey
    }

    async fn tell(&self, live: Live<'_>, _object: Option<&str>) -> Result<Proof, PortError> {
        let public = live.public(NAME)?;
        let id = public.incident().incident.to_string();
        if !is_name(&id) {
            return Err(not_sent(NAME, "The incident's id cannot be the name of a file."));
        }
        let news = News { key: public.key().to_owned(), incident: public.incident().clone() };
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let site = self.site.clone();
        let made = spawn_blocking(move || {
            // It is somebody else's turn when the files are there, even if nobody waits for them any more.
            let _turn = turn;
            site.publish(news.incident.at, Some(&news))
        });
        match made.await {
            Ok(Ok(())) => {
                let url = format!("{}/incidents/{id}.html", self.site.url);
                Ok(Proof { object: Some(id), receipt: "Written.".into(), url: Some(url) })
            }
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => Err(PortError::new(NAME, Fault::NoAnswer)),
        }
    }
}

#[cfg(test)]
mod tests;
