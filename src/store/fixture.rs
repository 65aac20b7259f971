//! What the store's tests share: a store in a folder of its own, and one of everything.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;
use tempfile::TempDir;

use crate::guard::{FingerprintKey, Guard, Redacted};
use crate::model::{
    Account, Address, Effect, Fields, Message, Millis, Place, Plan, Platform, Repeat, RequestId, StaffId, State, Step,
    Tone,
};

use super::{AuditEntry, Owe, OweKind, RequestRow, SealKey, Store};

impl Store {
    /// A disk that has room for so many pages of the database, as far as it is not larger already; `None`: room again.
    pub(crate) async fn room(&self, pages: Option<u32>) {
        let most = pages.unwrap_or(u32::MAX / 4);
        let mut writer = self.writer().await.expect("the writer");
        let limit = format!("pragma max_page_count = {most}");
        sqlx::query(sqlx::AssertSqlSafe(limit)).execute(&mut writer.conn).await.expect("a limit");
    }
}

pub(super) struct Desk {
    pub(super) store: Store,
    pub(super) folder: TempDir,
}

impl Desk {
    pub(super) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("bot.db"), &key()).await.expect("a store");
        Self { store, folder }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("bot.db")
    }

    /// Keeps a request of that id that was just received.
    pub(super) async fn asks(&self, id: &str) -> RequestId {
        let mut tx = self.store.begin().await.expect("a transaction");
        tx.insert_request(&safe(request(id))).await.expect("kept");
        tx.commit().await.expect("committed");
        id.parse().expect("an id")
    }
}

pub(super) fn key() -> SealKey {
    SealKey::new([9; 32])
}

pub(super) fn safe<T: Serialize>(value: T) -> Redacted<T> {
    Guard::new(FingerprintKey::new([1; 32])).outgoing(value).expect("no secret")
}

pub(super) fn text(text: &str) -> Redacted<String> {
    safe(text.to_owned())
}

pub(super) fn kim() -> StaffId {
    "kim".parse().expect("an id")
}

pub(super) fn account() -> Account {
    Account { platform: Platform::Slack, team: "T1".into(), user: "U1".into() }
}

pub(super) fn place() -> Place {
    Place { platform: Platform::Slack, team: "T1".into(), channel: "C1".into(), thread: None, direct: false }
}

pub(super) fn request(id: &str) -> RequestRow {
    let mut fields = Fields::default();
    fields.set("org", "acme");
    RequestRow {
        id: id.parse().expect("an id"),
        action: "revoke-session".into(),
        version: 1,
        fields,
        dry_run: false,
        requester: kim(),
        account: account(),
        place: place(),
        ticket: Some("SUP-1".into()),
        org: Some("acme".into()),
        state: State::Received,
        revision: 0,
        asked: Millis(1_000),
        changed: Millis(1_000),
        outcome: String::new(),
        open_key: None,
    }
}

pub(super) fn step(key: &str) -> Step {
    Step {
        key: key.into(),
        says: format!("does {key}"),
        effect: Effect::EndSession {
            org: "acme".parse().expect("a slug"),
            email: "jo@acme.example".into(),
            session: key.parse().expect("an id"),
        },
        repeat: Repeat::AskFirst,
    }
}

pub(super) fn plan() -> Plan {
    Plan { steps: vec![step("s1"), step("s2")], ..Plan::answer(Tone::Caution, "End 2 sessions", Vec::new()) }
}

pub(super) fn entry(outcome: &str) -> Redacted<AuditEntry> {
    safe(AuditEntry {
        at: Millis(1_000),
        staff: Some(kim()),
        action: "revoke-session".into(),
        request: Some("rq-1".parse().expect("an id")),
        outcome: outcome.into(),
        details: json!({"email": "jo@acme.example"}),
        salt: [3; 16],
    })
}

pub(super) fn message(title: &str) -> Message {
    Message::titled(Tone::Plain, title)
}

pub(super) fn post(key: &str, title: &str) -> Redacted<Owe> {
    owe(key, OweKind::Post { to: Address::Channel { place: place() } }, title)
}

pub(super) fn update(key: &str, title: &str) -> Redacted<Owe> {
    owe(key, OweKind::Update { to: Address::Channel { place: place() } }, title)
}

pub(super) fn owe(key: &str, kind: OweKind, title: &str) -> Redacted<Owe> {
    safe(Owe { target: Platform::Slack, key: key.into(), kind, message: message(title) })
}
