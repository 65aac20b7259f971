//! History: gaps, watermarks, backlogs that survive a crash.

use crate::engine::Stop;
use crate::model::{Platform, SECOND_MS};
use crate::ports::{Clock, Door, Fault, PortError};

use super::desk::{Desk, key};

async fn mark(desk: &Desk) -> Option<(String, i64)> {
    let mark = desk.engine.store().watermark(Platform::Slack, "C1").await.expect("read");
    mark.map(|mark| (mark.message, mark.at.0))
}

#[tokio::test]
async fn ordinary_messages_cost_one_write_a_second() {
    let desk = Desk::open().await;
    desk.says("kim", "m0", "hello").await;
    desk.settles().await;
    let first = mark(&desk).await.expect("written");
    for n in 1..50 {
        desk.says("kim", &format!("m{n}"), "hello again").await;
        desk.settles().await;
    }
    assert_eq!(mark(&desk).await, Some(first), "within a second nothing is written");
    desk.later(SECOND_MS).await;
    assert_eq!(mark(&desk).await.map(|(message, _)| message), Some("m49".into()));
    assert_eq!(desk.engine.watched().messages, 50);
    assert_eq!(desk.audited("opened").await, 0);
}

/// A message of that moment stands in the history; nobody was told.
fn stood(desk: &Desk, text: &str) -> String {
    let id = format!("{:09}", desk.world.now().0);
    desk.stands("kim", &id, &[text], &[]);
    id
}

#[tokio::test]
async fn what_was_said_while_nobody_listened_is_read_again() {
    let desk = Desk::open().await;
    let old = stood(&desk, &key('O'));
    desk.world.get().now += 3_600 * SECOND_MS;
    desk.engine.gap(Platform::Slack).await;
    desk.settles().await;
    assert!(desk.world.get().removed.is_empty(), "what was said before the first start is nobody's gap: {old}");
    desk.world.get().now += 3_600 * SECOND_MS;
    let mut keys = Vec::new();
    for n in 0..7 {
        desk.world.get().now += SECOND_MS;
        keys.push(stood(&desk, &if n % 3 == 0 { key('A') } else { "hello".into() }));
    }
    desk.world.get().fails.push_back(PortError::new("slack", Fault::NoAnswer));
    desk.engine.gap(Platform::Slack).await;
    desk.settles().await;
    desk.later(10 * SECOND_MS).await;
    let removed = desk.world.get().removed.clone();
    assert_eq!(removed, [keys[0].clone(), keys[3].clone(), keys[6].clone()]);
    assert_eq!(desk.engine.store().leaks(None, 9).await.expect("read").remove(0).seen, 3);
    let pages = desk.world.get().pages;
    assert!(pages >= 4, "{pages} pages");
    desk.engine.gap(Platform::Slack).await;
    desk.settles().await;
    assert_eq!(desk.world.get().removed.len(), 3, "what was read again adds nothing");
}

#[tokio::test]
async fn what_a_full_disk_did_not_take_is_read_again() {
    let desk = Desk::open().await;
    desk.engine.gap(Platform::Slack).await;
    desk.settles().await;
    desk.engine.store().room(Some(1)).await;
    let seeds: Vec<char> = ('A'..='Z').chain('a'..='z').collect();
    for seed in &seeds {
        desk.world.get().now += SECOND_MS;
        let id = format!("{:09}", desk.world.now().0);
        desk.says("kim", &id, &key(*seed)).await;
    }
    let kept = desk.engine.store().leaks(None, 99).await.expect("read").len();
    assert!(kept < seeds.len(), "there was no room for {kept}");
    desk.engine.store().room(None).await;
    desk.settles().await;
    desk.later(130 * SECOND_MS).await;
    assert_eq!(desk.world.get().removed.len(), seeds.len(), "none of them stays");
    assert_eq!(desk.audited("opened").await, seeds.len());
}

#[tokio::test]
async fn a_backlog_goes_on_where_the_process_died() {
    for at in 1..60 {
        let desk = Desk::open().await;
        desk.engine.gap(Platform::Slack).await;
        desk.settles().await;
        for n in 0..9 {
            desk.world.get().now += SECOND_MS;
            stood(&desk, &if n == 8 { key('A') } else { format!("line {n}") });
        }
        desk.world.get().pages = 0;
        let (world, folder) = (desk.world.clone(), desk.folder);
        desk.engine.store().clone().close().await;
        let desk = Desk::with(world, folder, Stop::after(at)).await;
        desk.engine.gap(Platform::Slack).await;
        let died = desk.try_settle().await.is_err();
        let desk = desk.restarts().await;
        desk.engine.gap(Platform::Slack).await;
        desk.later(130 * SECOND_MS).await;
        assert_eq!(desk.world.get().removed.len(), 1, "stopped at {at}");
        assert_eq!(desk.audited("opened").await, 1, "stopped at {at}");
        desk.engine.store().clone().close().await;
        if !died {
            return;
        }
    }
    panic!("it does not end");
}
