//! Pages by cursor: a cursor names the sort key of the last thing shown, so that what comes or goes
//! between two pages neither repeats nor hides another thing.
//!
//! It knows nothing of what is in the list. Invariant: the last page has no next cursor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::sandbox::world::Refused;

/// What a list is sorted by, ascending; newest first is a negated time.
pub(super) type SortKey = (i64, String);

/// One page and the cursor of the next.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// The page after `cursor`, with at most `size` items.
pub(super) fn cut<T>(
    mut all: Vec<T>,
    key: impl Fn(&T) -> SortKey,
    cursor: Option<&str>,
    size: usize,
) -> Result<Page<T>, Refused> {
    all.sort_by_cached_key(&key);
    if let Some(cursor) = cursor {
        let after =
            read(cursor).ok_or_else(|| Refused::new(400, "invalid_cursor", "The cursor is not one of ours."))?;
        all.retain(|item| key(item) > after);
    }
    let more = all.len() > size;
    all.truncate(size);
    let next = all.last().filter(|_| more).map(|last| write(&key(last)));
    Ok(Page { items: all, next })
}

fn write(key: &SortKey) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{}", key.0, key.1))
}

fn read(cursor: &str) -> Option<SortKey> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (time, id) = text.split_once(':')?;
    Some((time.parse().ok()?, id.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vanishes_between_pages_hides_nothing() {
        let key = |n: &i64| (*n, format!("id{n}"));
        let first = cut(vec![4, 2, 1, 3], key, None, 2).unwrap();
        assert_eq!(first.items, [1, 2]);
        let second = cut(vec![1, 3, 4], key, first.next.as_deref(), 2).unwrap();
        assert_eq!((second.items, second.next), (vec![3, 4], None));
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        assert_eq!(cut(vec![1], |n: &i64| (*n, String::new()), Some("%%"), 2).unwrap_err().code, "invalid_cursor");
    }
}
