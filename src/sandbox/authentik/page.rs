//! Authentik's page envelope: numbered pages, where 0 stands for "no such page".
//!
//! It filters nothing. Invariant: `count` counts what is in all pages together.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::not_found;
use crate::sandbox::world::door::{Answer, Ask};

/// Results on a page when the caller does not say.
const PAGE_SIZE_DEFAULT: usize = 20;
/// The most results on a page.
const PAGE_SIZE_MAX: usize = 100;

/// The page that is asked for of `all`, which lie in the order `lies`; only what is on the page is written, unless another
/// order is asked for.
pub(super) fn answer<T>(ask: &Ask, all: Vec<T>, lies: &str, write: impl Fn(T) -> Value) -> Answer {
    match ask.param("ordering") {
        Some(ordering) if ordering != lies => {
            let mut all: Vec<Value> = all.into_iter().map(write).collect();
            sort(&mut all, ordering);
            cut(ask, all, |written| written)
        }
        _ => cut(ask, all, write),
    }
}

fn cut<T>(ask: &Ask, all: Vec<T>, write: impl Fn(T) -> Value) -> Answer {
    let wanted = ask.param("page_size").and_then(|n| n.parse().ok()).filter(|n| *n > 0);
    let size = wanted.unwrap_or(PAGE_SIZE_DEFAULT).min(PAGE_SIZE_MAX);
    let count = all.len();
    let pages = count.div_ceil(size).max(1);
    let current = match ask.param("page") {
        None => 1,
        Some(text) => match text.parse::<usize>() {
            Ok(page) if (1..=pages).contains(&page) => page,
            _ => return not_found("Invalid page."),
        },
    };
    let start = (current - 1) * size;
    let results: Vec<Value> = all.into_iter().skip(start).take(size).map(write).collect();
    let pagination = json!({
        "next": if current < pages { current + 1 } else { 0 },
        "previous": current - 1,
        "count": count,
        "current": current,
        "total_pages": pages,
        "start_index": if results.is_empty() { 0 } else { start + 1 },
        "end_index": start + results.len(),
    });
    Answer::json(200, &json!({ "pagination": pagination, "results": results, "autocomplete": {} }))
}

/// By one field of the results; `-` turns the order around.
fn sort(all: &mut [Value], ordering: &str) {
    let (field, down) = ordering.strip_prefix('-').map_or((ordering, false), |field| (field, true));
    all.sort_by(|a, b| {
        let order = compare(&a[field], &b[field]);
        if down { order.reverse() } else { order }
    });
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_i64().cmp(&b.as_i64()),
        _ => a.as_str().cmp(&b.as_str()),
    }
}
