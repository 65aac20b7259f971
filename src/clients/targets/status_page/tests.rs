//! The page as it lies in its folder.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::words::tests::{incident, notice};
use super::*;
use crate::clients::loopback::{guard, raw_key};
use crate::guard::Redacted;
use crate::model::{Audience, IncidentKind, Notice, NoticeContent, Phase};

fn page(folder: &Path) -> StatusPage {
    let url = "https://status.seqn.example/".parse().expect("a URL");
    let config = StatusPageConfig { folder: folder.to_owned(), url, title: "SEQN & Co".into() };
    StatusPage::open(&config, &guard(), Millis(0)).expect("a page")
}

fn told(incident: IncidentNotice) -> Redacted<Notice> {
    notice(NoticeContent::Incident(Box::new(incident)))
}

async fn tell(page: &StatusPage, incident: IncidentNotice) -> Result<Proof, PortError> {
    page.tell(Live::of(&told(incident)).expect("no drill"), None).await
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|why| unreachable!("{name}: {why}"))
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => names.extend(files(&path)),
            false => names.push(path.display().to_string()),
        }
    }
    names
}

#[tokio::test]
async fn there_is_a_page_before_the_first_incident() {
    let folder = tempfile::tempdir().expect("a folder");
    page(folder.path());
    let index = read(folder.path(), "index.html");
    assert!(index.contains("All systems operational") && index.contains("SEQN &amp; Co status"));
    assert!(!index.contains("<script") && index.contains("width=device-width"));
    let summary: Value = serde_json::from_str(&read(folder.path(), "api/v2/summary.json")).expect("JSON");
    assert_eq!(summary["status"]["indicator"], "none");
}

#[tokio::test]
async fn an_incident_is_on_every_file_and_twice_is_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = page(folder.path());
    let proof = tell(&page, incident()).await.expect("written");
    assert_eq!(proof.url.as_deref(), Some("https://status.seqn.example/incidents/rq-b7c2d9f4.html"));
    let first = read(folder.path(), "incidents/rq-b7c2d9f4.html");
    tell(&page, incident()).await.expect("written");
    assert_eq!(read(folder.path(), "incidents/rq-b7c2d9f4.html"), first);
    assert_eq!(first.matches("Some people cannot sign in").count(), 1);
    assert!(read(folder.path(), "index.html").contains("Major outage"));
    let summary: Value = serde_json::from_str(&read(folder.path(), "api/v2/summary.json")).expect("JSON");
    assert_eq!(summary["incidents"][0]["status"], "investigating");
    assert_eq!(summary["incidents"][0]["incident_updates"][0]["body"], incident().text);
    assert!(files(folder.path()).iter().all(|name| !name.ends_with(".new")), "no half-written file is left");
}

#[tokio::test]
async fn everything_is_made_anew_from_the_records() {
    let folder = tempfile::tempdir().expect("a folder");
    tell(&page(folder.path()), incident()).await.expect("written");
    let names = ["index.html", "feed.atom", "api/v2/incidents.json", "incidents/rq-b7c2d9f4.html"];
    let before = names.map(|name| read(folder.path(), name));
    for name in names {
        fs::remove_file(folder.path().join(name)).expect("removed");
    }
    fs::write(folder.path().join("state/broken.json"), "{").expect("written");
    page(folder.path());
    assert_eq!(names.map(|name| read(folder.path(), name)), before);
}

#[tokio::test]
async fn what_is_not_public_is_written_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = page(folder.path());
    for (kind, audience) in [
        (IncidentKind::Private, Audience::Public),
        (IncidentKind::Private, Audience::Internal),
        (IncidentKind::Real, Audience::Internal),
        (IncidentKind::Real, Audience::Support),
    ] {
        let error = tell(&page, IncidentNotice { kind, audience, title: "Hush".into(), ..incident() }).await;
        let error = error.expect_err("refused");
        assert!(!error.passing() && !error.ambiguous(), "{error}");
    }
    for name in files(folder.path()) {
        assert!(
            !name.contains("rq-b7c2d9f4") && !fs::read_to_string(&name).expect("a text").contains("Hush"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn no_text_leaves_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = page(folder.path());
    let hostile = "</p></content><script>alert(1)</script> \" ' & ]]> \u{0}\u{b}";
    let incident = IncidentNotice {
        title: hostile.into(),
        text: format!("{hostile}\n\n{hostile}"),
        routes: vec![hostile.into()],
        ..incident()
    };
    tell(&page, incident).await.expect("written");
    for name in ["index.html", "incidents/rq-b7c2d9f4.html", "feed.atom"] {
        let text = read(folder.path(), name);
        assert!(!text.contains("<script") && !text.contains("]]>") && !text.contains('\u{b}'), "{name}");
    }
    assert!(read(folder.path(), "feed.atom").contains("&amp;lt;script&amp;gt;"), "HTML inside of XML is escaped twice");
}

#[tokio::test]
async fn what_ends_moves_to_the_past() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = page(folder.path());
    tell(&page, incident()).await.expect("written");
    let over = IncidentNotice { phase: Phase::Resolved, at: incident().at.plus_ms(1), ..incident() };
    tell(&page, over).await.expect("written");
    let index = read(folder.path(), "index.html");
    assert!(index.contains("All systems operational") && !index.contains("Current incidents"));
    assert!(index.contains("<li><a href=\"incidents/rq-b7c2d9f4.html\">Sign-in fails</a>"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_said_and_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = page(folder.path());
    fs::remove_dir_all(folder.path()).expect("removed");
    fs::write(folder.path(), raw_key()).expect("a file in its place");
    let error = tell(&page, incident()).await.expect_err("no folder");
    assert!(error.passing() && error.to_string().contains("cannot be written"), "{error}");
    let config = StatusPageConfig {
        folder: folder.path().join("below"),
        url: "https://status.seqn.example".parse().expect("a URL"),
        title: "SEQN".into(),
    };
    assert!(StatusPage::open(&config, &guard(), Millis(0)).is_err());
    fs::remove_file(folder.path()).expect("removed");
}
