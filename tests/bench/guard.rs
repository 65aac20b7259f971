//! How fast the guard judges: a chat message, bulk text line by line, and texts made to be slow.
//!
//! Ratios to `memchr` in the same run say more than times. Invariant: nothing is found in the ordinary text, so
//! that only the way that nearly all text takes is measured.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::ensure;
use seqn_chatops::guard::{Guard, rules};

use super::Length;
use super::chatter::{Dice, bulk, message};
use super::store::guard;
use super::table::{Sorted, Table, met, ms, us};

/// A chat message, in bytes.
const MESSAGE: usize = 200;
/// A byte that is in no text of ours.
const ABSENT: u8 = 0x01;
/// The largest message that any platform lets through, in bytes.
const LONGEST: usize = 40_000;
/// The aims of the guard.
const MEDIAN_AIM: Duration = Duration::from_micros(1);
const P99_AIM: Duration = Duration::from_micros(10);
const LONGEST_AIM: Duration = Duration::from_millis(10);

/// Measures and prints.
pub fn measure(length: Length) -> anyhow::Result<()> {
    let guard = guard();
    let mut table = Table::new("guard, one core", &["", "figure", "aim"]);
    messages(&guard, length.of(5_000, 100_000), &mut table)?;
    lines(&guard, length.of(2, 16) * 1_000_000, &mut table)?;
    anchors(&guard, &mut table)?;
    table.print();
    Ok(())
}

fn messages(guard: &Guard, count: usize, table: &mut Table) -> anyhow::Result<()> {
    let mut dice = Dice::new(5);
    let texts: Vec<String> = (0..1_000).map(|_| message(&mut dice, MESSAGE)).collect();
    let (mut judged, mut looked) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for text in texts.iter().cycle().take(count) {
        let began = Instant::now();
        let found = black_box(guard.findings(black_box(text)));
        judged.push(began.elapsed());
        ensure!(found.is_empty(), "ordinary chat is taken for a secret: {}", text);
        let began = Instant::now();
        black_box(memchr::memchr(ABSENT, black_box(text.as_bytes())));
        looked.push(began.elapsed());
    }
    let (judged, looked) = (Sorted::new(judged)?, Sorted::new(looked)?);
    let (median, p99) = (judged.percentile(50), judged.percentile(99));
    let aim = |most: Duration, time: Duration| format!("< {}: {}", us(most), met(time < most));
    table.row(vec![format!("a verdict on {MESSAGE} bytes of chat, p50"), us(median), aim(MEDIAN_AIM, median)]);
    table.row(vec![format!("a verdict on {MESSAGE} bytes of chat, p99"), us(p99), aim(P99_AIM, p99)]);
    let clock = "the clock's own time is most of it".to_owned();
    table.row(vec![format!("memchr of an absent byte in {MESSAGE} bytes, p50"), us(looked.percentile(50)), clock]);
    Ok(())
}

fn lines(guard: &Guard, bytes: usize, table: &mut Table) -> anyhow::Result<()> {
    let text = bulk(bytes);
    let began = Instant::now();
    let mut found = 0;
    for line in text.lines() {
        found += black_box(guard.findings(black_box(line))).len();
    }
    let judged = began.elapsed();
    ensure!(found == 0, "{found} secrets were seen in ordinary text");
    let began = Instant::now();
    ensure!(memchr::memchr(ABSENT, black_box(text.as_bytes())).is_none(), "the absent byte is there");
    let looked = began.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "a rate is rounded anyway")]
    let rate = |time: Duration| text.len() as f64 / time.as_secs_f64() / 1e6;
    let row = |name: &str, figure: String| vec![name.to_owned(), figure, String::new()];
    table.row(row("chat, code and logs, line by line", format!("{:.0} MB/s", rate(judged))));
    table.row(row("memchr of an absent byte in the same text", format!("{:.0} MB/s", rate(looked))));
    let ratio = judged.as_secs_f64() / looked.as_secs_f64();
    table.row(row("how often memchr is faster", format!("{ratio:.0} times")));
    Ok(())
}

/// Each anchor of each rule, again and again until the longest message is full.
fn anchors(guard: &Guard, table: &mut Table) -> anyhow::Result<()> {
    let mut slowest = (Duration::ZERO, "", String::new());
    let mut count = 0;
    for rule in rules() {
        for anchor in rule.anchors {
            let text = anchor.repeat(LONGEST / anchor.len());
            let began = Instant::now();
            black_box(guard.findings(black_box(&text)));
            let took = began.elapsed();
            count += 1;
            if took > slowest.0 {
                slowest = (took, rule.name.as_str(), (*anchor).to_owned());
            }
        }
    }
    ensure!(count > 0, "the guard has no anchors");
    let name = format!("{LONGEST} bytes of one anchor, the slowest of {count} ({}, `{}`)", slowest.1, slowest.2);
    let aim = format!("< {}: {}", ms(LONGEST_AIM), met(slowest.0 < LONGEST_AIM));
    table.row(vec![name, ms(slowest.0), aim]);
    Ok(())
}
