//! How many durable intakes a second the store sustains, next to what the disk itself and bare `SQLite` do.
//!
//! Invariant: each transaction is the one that a slash command makes before it is acked.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use ring::digest::{SHA256, digest};
use seqn_chatops::guard::{FingerprintKey, Guard, Redacted, Secret};
use seqn_chatops::model::{Account, AnswerMode, Fields, Millis, Place, Platform, Reply, RequestId, Role, Staff, State};
use seqn_chatops::store::{AuditEntry, RequestRow, SealKey, Store, Tx};
use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::Length;
use super::table::{Sorted, Table, us};

/// A page of the file system and of the database.
const PAGE: usize = 4_096;
/// The file that is written to in a circle, as a write-ahead file is: about as long as one between two checkpoints.
const PAGES: u64 = 1_000;
/// The moment that all rows name, in UTC milliseconds.
const NOW: Millis = Millis(1_793_610_000_000);

/// Whether the request of a row is still to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// As intake leaves it: with the right to answer.
    Received,
    /// Done long ago.
    Ended,
}

/// Measures and prints.
pub async fn measure(length: Length) -> anyhow::Result<()> {
    let count = length.of(300, 3_000);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).context("a folder")?;
    let disk = Sorted::new(synced_writes(&folder.path().join("pages"), count)?)?;
    let bare = Sorted::new(bare_commits(&folder.path().join("bare.db"), count).await?)?;
    let store = Store::open(&folder.path().join("bot.db"), &SealKey::new([9; 32])).await?;
    let unkept = Sorted::new(intakes(&store, count, false).await?)?;
    let kept = Sorted::new(intakes(&store, count, true).await?)?;
    store.close().await;
    let title = format!("store: {count} durable commits each, one after another (WAL, synchronous=FULL)");
    let mut table = Table::new(&title, &["", "a second", "p50", "p99", "of the disk's rate"]);
    let rate = |times: &Sorted| 1.0 / times.percentile(50).as_secs_f64();
    for (name, times) in [
        ("write 4 KiB + fdatasync", &disk),
        ("bare SQLite, one row a commit", &bare),
        ("the store's intake: request, handle, audit, inbox", &kept),
        ("  its statements alone, rolled back", &unkept),
    ] {
        let share = format!("{:.0} %", 100.0 * rate(times) / rate(&disk));
        let cells = [format!("{:.0}", rate(times)), us(times.percentile(50)), us(times.percentile(99)), share];
        table.row([vec![name.to_owned()], cells.to_vec()].concat());
    }
    table.print();
    Ok(())
}

/// The disk's own rate.
fn synced_writes(path: &Path, count: usize) -> anyhow::Result<Vec<Duration>> {
    let mut file = std::fs::File::create(path)?;
    let page = [7_u8; PAGE];
    for _ in 0..PAGES {
        file.write_all(&page)?;
    }
    file.sync_all()?;
    let mut times = Vec::with_capacity(count);
    for n in 0..u64::try_from(count)? {
        let began = Instant::now();
        file.seek(SeekFrom::Start(n % PAGES * PAGE as u64))?;
        file.write_all(&page)?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    Ok(times)
}

async fn bare_commits(path: &Path, count: usize) -> anyhow::Result<Vec<Duration>> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut conn = options.disable_statement_logging().connect().await?;
    sqlx::query("create table one (id integer primary key, text text not null) strict").execute(&mut conn).await?;
    let mut times = Vec::with_capacity(count);
    for n in 0..count {
        let began = Instant::now();
        sqlx::query("insert into one (text) values (?1)").bind(format!("row {n}")).execute(&mut conn).await?;
        times.push(began.elapsed());
    }
    conn.close().await?;
    Ok(times)
}

async fn intakes(store: &Store, count: usize, commits: bool) -> anyhow::Result<Vec<Duration>> {
    let guard = guard();
    let mut times = Vec::with_capacity(count);
    for n in 0..u64::try_from(count)? {
        let began = Instant::now();
        let key = format!("slack:env-{n:012x}").parse()?;
        let (mut tx, seen) = store.begin_delivery(&key).await?;
        anyhow::ensure!(seen.is_none(), "the envelope was seen before");
        let id = intake(&mut tx, &guard, n, Row::Received).await?;
        if commits {
            tx.remember(&key, Some(&id), &safe(&guard, "{\"working\":\"fresh\"}".to_owned())?, NOW)?;
            tx.commit().await?;
        } else {
            drop(tx);
        }
        times.push(began.elapsed());
    }
    Ok(times)
}

/// A guard as the bot's, but for its credentials.
pub fn guard() -> Guard {
    Guard::new(FingerprintKey::new([1; 32]))
}

/// What the guard has passed.
pub fn safe<T: Serialize>(guard: &Guard, value: T) -> anyhow::Result<Redacted<T>> {
    guard.outgoing(value).ok().context("a row of the benchmark is taken for a secret")
}

/// What intake writes for one command, before the ack, but for the delivery; gives the request's id.
pub async fn intake(tx: &mut Tx<'_>, guard: &Guard, n: u64, row: Row) -> anyhow::Result<RequestId> {
    let account = Account { platform: Platform::Slack, team: "T0SEQN".into(), user: "U0KIM".into() };
    let kim = "kim".parse()?;
    let staff = Staff {
        id: kim,
        name: "Kim".into(),
        roles: [Role::SUPPORT].into(),
        accounts: vec![account.clone()],
        email: None,
        groups: [].into(),
    };
    tx.know_person(&staff, NOW).await?;
    let (id, salt) = noise(n)?;
    let state = if row == Row::Received { State::Received } else { State::Answered };
    tx.insert_request(&safe(guard, request(&id, &staff, &account, state))?).await?;
    if row == Row::Received {
        // About as long as a response address of Slack's.
        let handle = Secret::new(format!("{{\"url\":\"https://hooks.slack.example/{}\"}}", "commands/".repeat(12)));
        let expires = Millis(NOW.0 + 1_800_000);
        let reply = Reply { handle, expires, form_until: Some(expires), uses: 5 };
        tx.put_handle(&id, &account, &reply, AnswerMode::Fresh, NOW)?;
    }
    let entry = AuditEntry {
        at: NOW,
        staff: Some(staff.id),
        action: "whoami".into(),
        request: Some(id.clone()),
        outcome: "asked".into(),
        details: serde_json::json!({ "version": 1 }),
        salt,
    };
    tx.audit(&safe(guard, entry)?).await?;
    Ok(id)
}

/// An id and a salt that look random and repeat exactly.
fn noise(n: u64) -> anyhow::Result<(RequestId, [u8; 16])> {
    let hash = digest(&SHA256, &n.to_be_bytes());
    let mut salt = [0; 16];
    salt.copy_from_slice(&hash.as_ref()[..16]);
    Ok((format!("rq-{:08x}", u64::from_be_bytes(salt[..8].try_into()?)).parse()?, salt))
}

fn request(id: &RequestId, staff: &Staff, account: &Account, state: State) -> RequestRow {
    RequestRow {
        id: id.clone(),
        action: "whoami".into(),
        version: 1,
        fields: Fields::default(),
        dry_run: false,
        requester: staff.id.clone(),
        account: account.clone(),
        place: Place {
            platform: Platform::Slack,
            team: "T0SEQN".into(),
            channel: "C0SUPPORT".into(),
            thread: None,
            direct: false,
        },
        ticket: None,
        org: None,
        state,
        revision: 0,
        asked: NOW,
        changed: NOW,
        outcome: String::new(),
        open_key: None,
    }
}
